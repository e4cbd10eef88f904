package list

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

// Table is a list as rows of texts, whatever it was read from.
type Table struct {
	Rows [][]string

	// Place returns where a row stands, for people: "line 12", "Sheet1!12".
	// Rows count from 1. nil means "row 12".
	Place func(row int) string
}

func (t Table) place(i int) string {
	if t.Place == nil {
		return fmt.Sprintf("row %d", i+1)
	}
	return t.Place(i + 1)
}

// Problem is something in a list that was not taken as it stands.
type Problem struct {
	Place string `json:"place"`         // for people: "line 12", "entries[3].question"
	Row   int    `json:"row,omitempty"` // from 1; 0 in JSON and YAML
	Text  string `json:"text"`          // why, one sentence without any of the content
	Taken bool   `json:"taken"`         // the entry or control was taken all the same
}

// String returns the problem with its place.
func (p Problem) String() string { return p.Place + ": " + p.Text }

// fields are the texts of one row or object, by role.
type fields struct {
	texts    map[Role]string
	tags     []string // set when they came as a list
	products []string // likewise
	listed   []string // criteria, likewise
	place    string
	row      int
	section  string // of the rows or objects around it
}

// line returns the text of role r with white space as one blank.
func (f fields) line(r Role) string { return engine.CleanText(f.texts[r]) }

// prose returns the text of role r with its line breaks.
func (f fields) prose(r Role) string { return CleanProse(f.texts[r]) }

// problem returns a problem at the place of f.
func (f fields) problem(text string) Problem { return Problem{Place: f.place, Row: f.row, Text: text} }

// CleanProse trims s, makes its line breaks "\n" and drops other control
// characters.
func CleanProse(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufeff' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// read returns the filled rows below the headings as fields.
func (h Header) read(t Table, titles Role) []fields {
	var out []fields
	section := ""
	for i := h.Row + 1; i < len(t.Rows); i++ {
		row := t.Rows[i]
		filled := filledCells(row)
		if len(filled) == 0 || sameCells(row, t.Rows[h.Row]) {
			continue
		}
		if len(filled) == 1 && h.isSection(filled[0], row[filled[0]], titles) {
			section = engine.CleanText(Undo(row[filled[0]]))
			continue
		}
		f := fields{texts: map[Role]string{}, place: t.place(i), row: i + 1, section: section}
		for _, c := range h.Columns {
			if c.Index >= len(row) {
				continue
			}
			s := Undo(row[c.Index])
			if c.Role == RoleCriteria && f.texts[c.Role] != "" {
				s = f.texts[c.Role] + "\n" + s
			}
			f.texts[c.Role] = s
		}
		out = append(out, f)
	}
	return out
}

// isSection reports whether a row whose only filled cell is this one is a
// section title. A lone answer is none, nor is a lone id (one word with a
// digit); among the questions only a short text that is no sentence is.
func (h Header) isSection(column int, text string, titles Role) bool {
	text = engine.CleanText(text)
	words := len(strings.Fields(text))
	at, hasTitles := h.Column(titles)
	for _, c := range h.Columns {
		switch {
		case c.Index != column:
		case c.Role == RoleRef:
			return words > 1 || !strings.ContainsAny(text, "0123456789")
		case c.Role == RoleSection || c.Role == RoleDomain:
			return true
		case c.Role == titles:
			return words < 8 && !endsSentence(text)
		default:
			return !hasTitles || column < at
		}
	}
	return true
}

func endsSentence(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".?!:？。", last)
}

func filledCells(row []string) []int {
	var out []int
	for i, s := range row {
		if engine.CleanText(s) != "" {
			out = append(out, i)
		}
	}
	return out
}

// sameCells reports whether a row restates the headings.
func sameCells(row, headings []string) bool {
	for i := range max(len(row), len(headings)) {
		a, b := "", ""
		if i < len(row) {
			a = row[i]
		}
		if i < len(headings) {
			b = headings[i]
		}
		if engine.CleanText(a) != engine.CleanText(b) {
			return false
		}
	}
	return true
}
