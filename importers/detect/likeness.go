package detect

import (
	_ "embed"
	"regexp"
	"strings"

	"vouch/engine"
)

//go:embed openers.txt
var openersText string

// openers are the words with which questions and requests begin.
var openers = wordList(openersText)

// wordList reads a list of phrases: lines of a language and phrases parted by
// |, folded.
func wordList(text string) map[string]bool {
	m := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		_, words, _ := strings.Cut(line, " ")
		for _, w := range strings.Split(words, "|") {
			if f := engine.FoldWords(w); f != "" {
				m[f] = true
			}
		}
	}
	return m
}

// Likeness constants: how much a text reads like something asked, 0 to 1.
const (
	likeAsked   = 1.0  // ends with a question mark
	likeOpens   = 0.85 // opens like a question or a request
	likeClause  = 0.55 // a sentence: eight words, or three with a full stop or a verb that requirements have
	likePhrase  = 0.3  // three to seven words
	likeLabel   = 0.1  // a word or two
	likeNothing = 0.0
)

// questionLikeness says how much a cleaned text reads like a question or a
// request, whatever the language.
func questionLikeness(text string) float64 {
	words := strings.Fields(text)
	n := len(words)
	if n == 0 {
		return likeNothing
	}
	if strings.ContainsAny(text, "??¿") {
		return likeAsked
	}
	if n >= 3 && opens(words) {
		return likeOpens
	}
	switch {
	case n >= 8 || n >= 3 && states(words):
		return likeClause
	case n >= 3:
		return likePhrase
	case strings.ContainsFunc(text, isLetter):
		return likeLabel
	}
	return likeNothing
}

// states reports whether words make a statement: they end with a full stop, or
// have a verb with which requirements are worded.
func states(words []string) bool {
	if strings.HasSuffix(words[len(words)-1], ".") {
		return true
	}
	for _, w := range words[1:] {
		if statementVerbs[engine.FoldWords(w)] {
			return true
		}
	}
	return false
}

// statementVerbs are verbs with which requirements are worded, in the seven
// languages of the headings.
var statementVerbs = wordList(`verbs must|shall|should|will|is|are|has|have|muss|müssen|soll|sollen|sollte|wird|werden|ist|sind|doit|doivent|est|sont|debe|deben|está|están|son|deve|devem|devono|são|è|sono|moet|moeten|wordt|worden`)

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 127 }

// opens reports whether words begin like a question, past a leading number,
// bullet or bracketed condition: "(SaaS only) Do you …", "1.2 Please …".
func opens(words []string) bool {
	text := strings.Join(words, " ")
	if strings.HasPrefix(text, "(") {
		if i := strings.IndexByte(text, ')'); i > 0 && i < 40 {
			text = text[i+1:]
		}
	}
	f := strings.Fields(engine.FoldWords(text))
	for len(f) > 0 && (f[0][0] >= '0' && f[0][0] <= '9' || len(f[0]) == 1 && f[0] != "o" && f[0] != "è" && f[0] != "é" && f[0] != "a") {
		f = f[1:]
	}
	for n := 1; n <= 3 && n <= len(f); n++ {
		if openers[strings.Join(f[:n], " ")] {
			return true
		}
	}
	return false
}

// idPattern is what a customer's question id looks like once blanks are out:
// "A&A-01.1", "GNRL-01", "1.2.3", "Q12", "3a", "SO-4c", "IV.2", "12)".
var idPattern = regexp.MustCompile(`^[\p{L}&]{0,12}([-–._/:#]?[\p{L}&]{0,8}){0,3}[-–._/:#]?\d{1,5}([-–._/:]?(\d{1,5}|[A-Za-z]{1,3}))*[.)]?$|^[A-Za-z][.)]?$|^[IVXLC]{1,6}([.\-]\d+)*[.)]?$`)

// isID reports whether a cleaned cell text reads like a question id.
func isID(text string) bool {
	t := engine.CleanRef(text)
	return t != "" && len(t) <= 24 && !strings.Contains(t, " ") && idPattern.MatchString(t)
}

// idShape reduces an id to its pattern: runs of letters to A, of digits to 9.
// Questions of one table share few shapes; section numbers have others.
func idShape(text string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range engine.CleanRef(text) {
		switch {
		case r >= '0' && r <= '9':
			r = '9'
		case isLetter(r) || r == '&':
			r = 'A'
		}
		if r != last || (r != 'A' && r != '9') {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// marks are what people put into a cell to tick it.
var markTexts = map[string]bool{"x": true, "X": true, "✓": true, "✔": true, "☑": true, "☒": true, "●": true, "•": true, "■": true, "1": true, "*": true, "√": true, "ü": true, "þ": true}

// isMark reports whether a cleaned cell text ticks the cell.
func isMark(text string) bool { return markTexts[text] }

//go:embed placeholders.txt
var placeholdersText string

// placeholders are the texts that only hold the place of an answer.
var placeholders = wordList(placeholdersText)

// isPlaceholder reports whether a cleaned text only holds the place of an
// answer: "Please select", "<enter response here>".
func isPlaceholder(text string) bool {
	return text != "" && placeholders[engine.FoldWords(text)]
}
