package engine

import (
	"regexp"
	"strings"
	"unicode"
)

// FoldWords reduces s to what two spellings of one text have in common: its
// letters and digits in lower case, words parted by one space. "N/A" and
// "n.a." fold to "n a". The result is for comparing, never for showing.
func FoldWords(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
			continue
		}
		if r == '\'' || r == '’' { // an apostrophe joins: don't, l'accès
			continue
		}
		gap = true
	}
	return b.String()
}

// CleanText returns s as a person would retype it: every run of white space
// (also no-break spaces and line breaks) is one blank, ends are trimmed,
// control characters are gone.
func CleanText(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff':
			gap = true
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			continue
		default:
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CleanRef returns a customer's question id without the blanks and line
// breaks that slip into such cells: "AIS- 02.2" is "AIS-02.2", and a trailing
// colon or full stop goes too. An id of several words keeps single blanks.
func CleanRef(s string) string {
	words := strings.Fields(CleanText(s))
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !joinsRef(words[i-1], w) {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return strings.TrimRight(b.String(), ".:;)")
}

// joinsRef reports whether a blank between a and b splits one id: it does
// where a separator stands at either side of the blank.
func joinsRef(a, b string) bool {
	const sep = "-–._/:"
	return strings.ContainsAny(a[len(a)-1:], sep) || strings.ContainsAny(b[:1], sep)
}

// IsFormula reports whether a spreadsheet program could take a text in a CSV
// field for a formula: it begins with = + - @, a tab or a line break and is no
// negative number such as -12.5. The rule is OWASP's on CSV injection.
func IsFormula(s string) bool {
	return s != "" && strings.ContainsAny(s[:1], "=+-@\t\r\n") && !negativeNumber.MatchString(s)
}

var negativeNumber = regexp.MustCompile(`^-[0-9]+([.,'][0-9]+)*\s?%?$`)

// NeutralizeFormula returns s as it can be put into a CSV field: with an
// apostrophe in front where [IsFormula] holds.
func NeutralizeFormula(s string) string {
	if IsFormula(s) {
		return "'" + s
	}
	return s
}
