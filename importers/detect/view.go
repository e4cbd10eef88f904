package detect

import (
	"errors"
	"slices"
	"sort"

	"vouch/engine"
)

// errMerges refuses a sheet whose merged areas overlap so much that they
// cannot come from a spreadsheet program.
var errMerges = errors.New("its merged cells overlap")

// maxMergeRows bounds the (merge, row) pairs of one sheet. Merged areas that
// do not overlap stay far below it at the limits the formats set.
const maxMergeRows = 4_000_000

// view is a sheet with the look-ups detection needs.
type view struct {
	*Sheet
	styles []Style
	rowAt  map[int]int     // row number -> index in Rows
	merges map[int][]Range // row number -> merged areas that cover cells of it
	lists  map[int][]span  // column -> drop-downs that apply to it, built on demand
	clean  [][]string      // Rows[i].Cells[j] -> cleaned text

	matches map[string]match // of cell texts, see [view.match]
	found   []*band          // the result of [findBands] once it has run
	sought  bool
}

// span is a run of rows in one column with the same drop-down.
type span struct {
	first, last int
	options     []string
}

func newView(s *Sheet, styles []Style) (*view, error) {
	v := &view{Sheet: s, styles: styles, rowAt: make(map[int]int, len(s.Rows)), merges: map[int][]Range{}, lists: map[int][]span{}, matches: map[string]match{}}
	v.clean = make([][]string, len(s.Rows))
	for i := range s.Rows {
		r := &s.Rows[i]
		v.rowAt[r.N] = i
		v.clean[i] = make([]string, len(r.Cells))
		for j := range r.Cells {
			v.clean[i][j] = engine.CleanText(r.Cells[j].Text)
		}
	}
	pairs := 0
	for _, m := range s.Merges {
		if m.FirstRow == m.LastRow && m.FirstCol == m.LastCol {
			continue // some programs write merges of one cell
		}
		at := sort.Search(len(s.Rows), func(i int) bool { return s.Rows[i].N >= m.FirstRow })
		for ; at < len(s.Rows) && s.Rows[at].N <= m.LastRow; at++ {
			v.merges[s.Rows[at].N] = append(v.merges[s.Rows[at].N], m)
			if pairs++; pairs > maxMergeRows {
				return nil, errMerges
			}
		}
	}
	return v, nil
}

// bands returns the heading bands of the sheet.
func (v *view) bands() []*band {
	if !v.sought {
		v.found, v.sought = findBands(v), true
	}
	return v.found
}

// match is [matchHeading], remembered: the same few texts are looked at again
// and again.
func (v *view) match(text string) match {
	m, ok := v.matches[text]
	if !ok {
		m = matchHeading(text)
		v.matches[text] = m
	}
	return m
}

// cell returns the cell at row n, column col, or nil, and its cleaned text.
func (v *view) cell(n, col int) (*Cell, string) {
	i, ok := v.rowAt[n]
	if !ok {
		return nil, ""
	}
	cells := v.Rows[i].Cells
	j, ok := slices.BinarySearchFunc(cells, col, func(c Cell, col int) int { return c.Col - col })
	if !ok {
		return nil, ""
	}
	return &cells[j], v.clean[i][j]
}

// text returns the cleaned text of a cell, "" where there is none.
func (v *view) text(n, col int) string {
	_, t := v.cell(n, col)
	return t
}

// shown returns what a person sees at a cell: its own text, or that of the
// merged area it lies in.
func (v *view) shown(n, col int) string {
	if m, ok := v.merge(n, col); ok {
		return v.text(m.FirstRow, m.FirstCol)
	}
	return v.text(n, col)
}

// merge returns the merged area a cell lies in.
func (v *view) merge(n, col int) (Range, bool) {
	for _, m := range v.merges[n] {
		if m.Contains(n, col) {
			return m, true
		}
	}
	return Range{}, false
}

// covered reports whether a cell lies in a merged area but is not its first.
func (v *view) covered(n, col int) bool {
	m, ok := v.merge(n, col)
	return ok && (m.FirstRow != n || m.FirstCol != col)
}

// style returns the style of a cell; the default where there is no cell.
func (v *view) style(n, col int) Style {
	c, _ := v.cell(n, col)
	if c == nil || c.Style < 0 || c.Style >= len(v.styles) {
		return v.styles[0]
	}
	return v.styles[c.Style]
}

// styleID returns the style number of a cell, -1 where there is no cell.
func (v *view) styleID(n, col int) int {
	c, _ := v.cell(n, col)
	if c == nil {
		return -1
	}
	return c.Style
}

// options returns the options of a cell's drop-down: nil where there is none,
// empty but not nil where there is one that nobody can read.
func (v *view) options(n, col int) []string {
	spans, ok := v.lists[col]
	if !ok {
		for _, l := range v.Lists {
			for _, r := range l.Ranges {
				if col >= r.FirstCol && col <= r.LastCol {
					spans = append(spans, span{r.FirstRow, r.LastRow, append([]string{}, l.Options...)})
				}
			}
		}
		v.lists[col] = spans
	}
	for _, s := range spans {
		if n >= s.first && n <= s.last {
			return s.options
		}
	}
	return nil
}

// open reports whether the sheet is protected and the cell is one of those
// that may be edited all the same.
func (v *view) open(n, col int) bool { return v.Protected && !v.style(n, col).Locked }

// lastColumn returns the last column that shows anything.
func (v *view) lastColumn() int {
	last := 0
	for i := range v.Rows {
		for j, c := range v.Rows[i].Cells {
			if v.clean[i][j] != "" {
				last = max(last, c.Col)
			}
		}
	}
	return last
}

// hiddenCol reports whether a column is hidden.
func (v *view) hiddenCol(col int) bool {
	for _, r := range v.HiddenCols {
		if col >= r.First && col <= r.Last {
			return true
		}
	}
	return false
}

// empty reports whether row index i shows nothing.
func (v *view) empty(i int) bool {
	for _, t := range v.clean[i] {
		if t != "" {
			return false
		}
	}
	return true
}

// excerpt returns the start of what row index i says, for the report.
func (v *view) excerpt(i int) string {
	var b []rune
	for _, t := range v.clean[i] {
		if t == "" {
			continue
		}
		if len(b) > 0 {
			b = append(b, ' ', '·', ' ')
		}
		b = append(b, []rune(t)...)
		if len(b) > maxExcerpt {
			return string(b[:maxExcerpt-1]) + "…"
		}
	}
	return string(b)
}

// maxExcerpt is how many characters of a skipped row are reported.
const maxExcerpt = 80
