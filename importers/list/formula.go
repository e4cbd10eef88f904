package list

import "regexp"

var (
	defused        = regexp.MustCompile(`^'+[=+\-@\t\r\n]`)
	dangerous      = regexp.MustCompile(`^'*[=+\-@\t\r\n]`)
	negativeNumber = regexp.MustCompile(`^-[0-9]+(?:[.,][0-9]+)?$`)
)

// Defuse puts an apostrophe before a text that a spreadsheet could take for a
// formula, and before one that looks as if that had been done.
func Defuse(s string) string {
	if dangerous.MatchString(s) && !negativeNumber.MatchString(s) {
		return "'" + s
	}
	return s
}

// Undo is the inverse of [Defuse].
func Undo(s string) string {
	if defused.MatchString(s) {
		return s[1:]
	}
	return s
}
