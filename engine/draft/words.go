package draft

import (
	_ "embed"
	"strings"
	"unicode"

	"vouch/engine"
)

//go:embed options.tsv
var optionTable string

// phrases maps the phrases of options.tsv, folded, to their classes; longest
// is the number of words in the longest.
var phrases, longest = readPhrases(optionTable)

// readPhrases reads the lines of options.tsv.
func readPhrases(table string) (out map[string]string, longest int) {
	out = map[string]string{}
	eachPhrase(table, func(class, _, phrase string) {
		phrase = foldLabel(phrase)
		out[phrase] = class
		longest = max(longest, strings.Count(phrase, " ")+1)
	})
	return out, longest
}

// eachPhrase calls f for every phrase of a table, as it is written there.
func eachPhrase(table string, f func(class, language, phrase string)) {
	for line := range strings.Lines(table) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		for _, p := range strings.Split(fields[2], "|") {
			f(fields[0], fields[1], p)
		}
	}
}

// plainLetters takes the accents off the letters of the seven languages.
var plainLetters = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ñ", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o",
	"ù", "u", "ú", "u", "û", "u", "ü", "u", "œ", "oe", "ß", "ss")

// foldLabel is [engine.FoldWords] without accents: people leave them out of
// drop-downs, and some programs write them apart from their letters.
func foldLabel(s string) string {
	s = plainLetters.Replace(engine.FoldWords(s))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// phraseAt returns the class of the longest phrase with which words begin, and
// how many words it has, 0 if they begin with none.
func phraseAt(words []string) (class string, n int) {
	for n := min(longest, len(words)); n > 0; n-- {
		if c, ok := phrases[strings.Join(words[:n], " ")]; ok {
			return c, n
		}
	}
	return "", 0
}

// asksCount reports whether a question wants to know how many there are of
// something.
func asksCount(question string) bool {
	words := strings.Fields(foldLabel(question))
	for i := range words {
		if class, _ := phraseAt(words[i:]); class == "count" {
			return true
		}
	}
	return false
}

// isBare reports whether a label is nothing but a step of a scale: "3", "50%",
// "2/5", "Level 3". What it means depends on a legend.
func isBare(label string) bool {
	if strings.ContainsAny(label, "<>≤≥") { // "< 99%" is a fact
		return false
	}
	words := strings.Fields(foldLabel(label))
	if class, n := phraseAt(words); class == "level" {
		words = words[n:]
	}
	for _, w := range words {
		if strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return len(words) > 0
}
