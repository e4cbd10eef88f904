package csv

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"vouch/engine"
	"vouch/importers/detect"
)

// DefaultMark is written into the chosen cell of a mark part that has no mark
// of its own.
const DefaultMark = "x"

// CellError says why a value cannot be written into a cell. It never holds
// the value.
type CellError struct {
	Cell string // A1 reference
	Is   string // what is wrong
	Do   string // what to do
}

// Error returns the sentence: cell, what is wrong, what to do.
func (e *CellError) Error() string { return fmt.Sprintf("cell %s: %s; %s", e.Cell, e.Is, e.Do) }

// place is a cell by numbers from 1.
type place struct{ row, col int }

func (p place) String() string { return detect.CellName(p.row, p.col) }

// target is one cell to fill.
type target struct {
	place
	text     string // what the cell shall say, line breaks as "\n"
	own      bool   // the file's own word (an option, a mark): written as spelled
	cleaned  bool   // control characters were dropped
	defused  bool   // an apostrophe was put before it
	siblings []place

	// placeholder says that what the cell holds only keeps the place of an
	// answer ([engine.Part.Placeholder]).
	placeholder bool

	marks []string // what counts as a mark in the siblings
}

// targetOf returns the cell that v fills and with what.
func targetOf(v engine.PartValue) (target, error) {
	cells, err := cellsOf(v.Part.Locator)
	if err != nil {
		return target{}, err
	}
	if v.Part.Kind == engine.PartMark {
		return markTarget(v, cells)
	}
	if len(cells) != 1 {
		return target{}, &CellError{Cell: v.Part.Locator.String(), Is: "a value goes into one cell, not several", Do: "read the questionnaire again"}
	}
	t := target{place: cells[0], placeholder: v.Part.Placeholder}
	option, found := matchOption(v.Part.Options, v.Value)
	switch {
	case found:
		t.text, t.own = option, true
	case mustBeOption(v.Part) && v.Value != "":
		return target{}, &CellError{Cell: t.String(), Is: "the value is none of the cell's options", Do: "choose one of them"}
	default:
		t.text = v.Value
	}
	return t, t.prepare()
}

func cellsOf(l engine.Locator) ([]place, error) {
	cells := make([]place, 0, len(l.Cells))
	for _, c := range l.Cells {
		row, col, ok := detect.ParseCell(c)
		if !ok {
			return nil, &CellError{Cell: c, Is: "it is no cell reference", Do: "read the questionnaire again"}
		}
		cells = append(cells, place{row, col})
	}
	return cells, nil
}

func mustBeOption(p engine.Part) bool {
	if len(p.Options) == 0 {
		return false
	}
	return p.Kind == engine.PartChoice || p.Kind == engine.PartOwnership
}

// markTarget returns the cell of the option that v chooses.
func markTarget(v engine.PartValue, cells []place) (target, error) {
	where := v.Part.Locator.String()
	if len(cells) == 0 || len(cells) != len(v.Part.Options) {
		return target{}, &CellError{Cell: where, Is: "the cells to mark are not as many as the options", Do: "read the questionnaire again"}
	}
	option, found := matchOption(v.Part.Options, v.Value)
	if !found {
		return target{}, &CellError{Cell: where, Is: "the value is none of the options to mark", Do: "choose one of them"}
	}
	i := slices.Index(v.Part.Options, option)
	mark := v.Part.Mark
	if mark == "" {
		mark = DefaultMark
	}
	t := target{place: cells[i], text: mark, own: true, marks: append([]string{mark}, usualMarks...)}
	t.siblings = slices.Delete(slices.Clone(cells), i, i+1)
	return t, t.prepare()
}

// usualMarks are what people put into a cell to choose it.
var usualMarks = []string{"x", "X", "✓", "✔", "☑", "☒", "1", "●", "•", "*"}

// matchOption returns the option that value means, as spelled among options:
// the same string, else the only one that folds to the same words.
func matchOption(options []string, value string) (string, bool) {
	if slices.Contains(options, value) {
		return value, true
	}
	folded, match, n := engine.FoldWords(value), "", 0
	for _, o := range options {
		if folded != "" && engine.FoldWords(o) == folded {
			match = o
			n++
		}
	}
	return match, n == 1
}

// prepare brings the text into the form in which it is written.
func (t *target) prepare() error {
	if !utf8.ValidString(t.text) {
		return &CellError{Cell: t.String(), Is: "the value is no valid text", Do: "enter it again"}
	}
	clean := strings.Map(dropControl, plainBreaks(t.text))
	t.cleaned = clean != plainBreaks(t.text)
	if clean == "" && t.text != "" {
		return &CellError{Cell: t.String(), Is: "the value holds nothing but control characters", Do: "enter it again"}
	}
	t.text = clean
	if !t.own && engine.IsFormula(clean) {
		t.text = "'" + clean
		t.defused = true
	}
	if n := utf16Len(t.text); n > DefaultFieldChars {
		return &CellError{Cell: t.String(), Is: fmt.Sprintf("the value has %d characters, and a cell holds %d", n, DefaultFieldChars), Do: "shorten it"}
	}
	return nil
}

// dropControl drops what no spreadsheet takes: control characters but tab and
// line break, byte order marks, and code points that are no characters.
func dropControl(r rune) rune {
	switch {
	case r == '\t' || r == '\n':
		return r
	case r < 0x20 || r == 0x7F || r == 0xFEFF || r&0xFFFE == 0xFFFE:
		return -1
	}
	return r
}

// needsQuotes reports whether s reads back as written only in quotes, under
// whichever of the usual delimiters.
func needsQuotes(s string, delim byte) bool {
	if s == "" {
		return false
	}
	return strings.ContainsAny(s, "\",;\t|\r\n") || delim != 0 && strings.IndexByte(s, delim) >= 0 || strings.TrimSpace(s) != s
}
