package detect

import (
	"strconv"
	"strings"
)

// Workbook is a file as the detector sees it: sheets of cells, whatever the
// format. A CSV file is a workbook of one sheet with plain cells.
type Workbook struct {
	Name   string // the file's base name
	Format string // "xlsx", "csv"
	Sheets []*Sheet
	Styles []Style // indexed by Cell.Style; style 0 is the default one and always there
}

// Sheet is one sheet. Rows ascend by number, and cells by column; cells that
// have neither text nor a style of their own may be absent.
type Sheet struct {
	Name       string
	Hidden     bool
	Protected  bool // cells with a locked style cannot be edited by the customer's vendor
	Rows       []Row
	HiddenCols []ColRange
	Merges     []Range
	Lists      []List
}

// Row is one row, from 1.
type Row struct {
	N      int
	Hidden bool
	Cells  []Cell
}

// Cell is one cell. Text is what a person sees in it (for a formula, the
// cached result).
type Cell struct {
	Col     int // from 1
	Text    string
	Formula bool
	Style   int
}

// Style is what a cell's look says about its meaning.
type Style struct {
	Fill   string // "" for none, else any string that is equal for equal fills
	Bold   bool
	Locked bool // matters on protected sheets only; the default in Excel is locked
	Date   bool // shows a date
}

// ColRange is a range of columns, from 1, both ends included.
type ColRange struct{ First, Last int }

// Range is a rectangle of cells, from 1, both ends included.
type Range struct{ FirstRow, FirstCol, LastRow, LastCol int }

// Contains reports whether the cell lies in r.
func (r Range) Contains(row, col int) bool {
	return row >= r.FirstRow && row <= r.LastRow && col >= r.FirstCol && col <= r.LastCol
}

// List is a drop-down: its options, resolved to texts, and where it applies.
type List struct {
	Ranges  []Range
	Options []string
}

// ColumnName returns the letters of column n, from 1: 1 is A, 16384 is XFD.
// It returns "" for n < 1.
func ColumnName(n int) string {
	var b [8]byte
	i := len(b)
	for n > 0 {
		n--
		i--
		b[i] = byte('A' + n%26)
		n /= 26
	}
	return string(b[i:])
}

// ColumnNumber is the inverse of [ColumnName]; 0 for anything that is not one
// to three letters A to Z.
func ColumnNumber(s string) int {
	if s == "" || len(s) > 3 {
		return 0
	}
	n := 0
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return 0
		}
		n = n*26 + int(s[i]-'A') + 1
	}
	return n
}

// CellName returns the A1 reference of a cell, both numbers from 1.
func CellName(row, col int) string { return ColumnName(col) + strconv.Itoa(row) }

// ParseCell is the inverse of [CellName]; dollar signs are ignored. ok is
// false for anything that is no reference to one cell of an Excel sheet
// (1,048,576 rows, 16,384 columns).
func ParseCell(s string) (row, col int, ok bool) {
	s = strings.ReplaceAll(s, "$", "")
	i := 0
	for i < len(s) && s[i] >= 'A' && s[i] <= 'Z' {
		i++
	}
	col = ColumnNumber(s[:i])
	digits := s[i:]
	if col == 0 || col > 16384 || digits == "" || len(digits) > 7 || digits[0] == '0' {
		return 0, 0, false
	}
	for j := range len(digits) {
		if digits[j] < '0' || digits[j] > '9' {
			return 0, 0, false
		}
		row = row*10 + int(digits[j]-'0')
	}
	return row, col, row <= 1_048_576
}

// ParseRange reads "A1:C3" or "B2"; dollar signs are ignored and the corners
// may come in any order.
func ParseRange(s string) (Range, bool) {
	a, b, two := strings.Cut(s, ":")
	if !two {
		b = a
	}
	r1, c1, ok1 := ParseCell(a)
	r2, c2, ok2 := ParseCell(b)
	if !ok1 || !ok2 {
		return Range{}, false
	}
	return Range{min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)}, true
}
