package assurance

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// passage is a text taken apart once, for all rules: its sentences, and in
// each the reports and the dates it names.
type passage struct {
	text      string
	sentences []sentence
}

// sentence is a part of a text that makes one statement. A line of a list is
// one, and so is what a semicolon divides.
type sentence struct {
	start, end int    // in the text, bytes
	text       string // as written
	lower      string // the same bytes in lower case: spans fit both
	mentions   []mention
	dates      []span
}

// maxTextBytes is how much of a text is looked at. An Excel cell holds 32,767
// characters; four bytes is the most that one takes.
const maxTextBytes = 4 * 32_767

// parse takes a text apart.
func parse(text string) passage {
	if len(text) > maxTextBytes {
		text = text[:maxTextBytes]
	}
	p := passage{text: text}
	for _, b := range sentenceBounds(text) {
		s := sentence{start: b[0], end: b[1], text: text[b[0]:b[1]]}
		s.lower = lowerASCII(s.text)
		s.mentions = findMentions(&s)
		s.dates = findDates(s.lower)
		p.sentences = append(p.sentences, s)
	}
	return p
}

// lowerASCII lowers the letters A to Z and leaves every byte where it is.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// abbreviations end in a full stop that ends no sentence.
var abbreviations = map[string]bool{
	"e.g": true, "i.e": true, "etc": true, "no": true, "nos": true, "vs": true, "inc": true, "ltd": true, "co": true,
	"corp": true, "dr": true, "mr": true, "ms": true, "mrs": true, "st": true, "approx": true, "cf": true, "incl": true,
	"jan": true, "feb": true, "mar": true, "apr": true, "jun": true, "jul": true, "aug": true, "sep": true, "sept": true,
	"oct": true, "nov": true, "dec": true, "ref": true, "cert": true, "sec": true, "art": true,
}

// sentenceBounds returns where the sentences of a text begin and end.
func sentenceBounds(text string) (out [][2]int) {
	begin := 0
	cut := func(end int) {
		b, e := begin, end
		for b < e && isSpace(text[b]) {
			b++
		}
		for e > b && isSpace(text[e-1]) {
			e--
		}
		if b < e {
			out = append(out, [2]int{b, e})
		}
		begin = end
	}
	for i := range len(text) {
		switch text[i] {
		case '\n', ';':
			cut(i + 1)
		case '!', '?':
			cut(i + 1)
		case '.':
			if endsSentence(text, begin, i) {
				cut(i + 1)
			}
		}
	}
	cut(len(text))
	return out
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// endsSentence reports whether the full stop at i ends a sentence: what
// follows is a space and no small letter, and what precedes is no
// abbreviation ("No. 5", "e.g. a").
func endsSentence(text string, begin, i int) bool {
	if i+1 < len(text) && !isSpace(text[i+1]) && text[i+1] != '"' && text[i+1] != ')' {
		return false
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text[i+1:], " \t\r\n\")"))
	if unicode.IsLower(next) {
		return false
	}
	word := text[begin:i]
	if j := strings.LastIndexAny(word, " \n\t("); j >= 0 {
		word = word[j+1:]
	} else if strings.EqualFold(word, "no") {
		return !startsNumber(text[i+1:]) // a sentence that is "No." says no
	}
	w := strings.ToLower(word)
	if w == "no" || w == "nos" {
		return !startsNumber(text[i+1:])
	}
	if w == "inc" || w == "ltd" || w == "co" || w == "corp" || w == "etc" {
		return unicode.IsUpper(next)
	}
	return !abbreviations[w]
}

// startsNumber reports whether a text begins with a word that holds a figure:
// what follows "No." when it means number.
func startsNumber(text string) bool {
	words := strings.Fields(text)
	return len(words) > 0 && strings.ContainsAny(words[0], "0123456789")
}

// hardBreak ends a clause for certain.
var hardBreak = regexp.MustCompile(`^(?:no|yes)[,.:]\s|;|:\s|[()–—]|\s-\s|,? \b(?:but|however|although|though|whereas|while)\b`)

// clause returns the bounds of the clause of the sentence that holds place.
func (s *sentence) clause(place int) (from, to int) {
	from, to = 0, len(s.lower)
	for _, b := range hardBreak.FindAllStringIndex(s.lower, -1) {
		if b[1] <= place {
			from = b[1]
		} else if b[0] > place {
			to = b[0]
			break
		}
	}
	return from, to
}

// clauseText returns the clause that holds place, in lower case.
func (s *sentence) clauseText(place int) string {
	from, to := s.clause(place)
	return s.lower[from:to]
}
