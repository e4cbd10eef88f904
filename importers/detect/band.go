package detect

import (
	"slices"
	"strings"

	"vouch/engine"
)

// band is one to three rows of column headings.
type band struct {
	first, last int // row numbers
	headings    map[int]heading
	restated    bool // repeats headings of an earlier band; may hold a section title too
}

// heading is what the band says of one column.
type heading struct {
	text   string // of the lowest row that says something about the column
	parent string // of the rows above it, joined
	match  match  // of text, with parent taken into account
	option string // set when the column is to be marked for this option
}

// maxBandRows is how many rows column headings span at most.
const maxBandRows = 3

// maxLabelWords bounds group titles and other cells that may stand in a
// heading row without being a heading themselves.
const maxLabelWords = 12

// findBands returns the heading bands of a sheet, in order.
func findBands(v *view) []*band {
	var out []*band
	for i := range v.Rows {
		if len(out) > 0 && v.Rows[i].N <= out[len(out)-1].last {
			continue
		}
		if v.Rows[i].Hidden || !headingRow(v, i) {
			continue
		}
		floor := 0
		if len(out) > 0 {
			floor = out[len(out)-1].last
		}
		out = append(out, growBand(v, i, floor))
	}
	return addRestated(v, out)
}

// headingRow reports whether row index i by itself reads like column headings:
// at least two different recognised headings, one of them for questions or
// answers, and nothing in the row that reads like a question.
func headingRow(v *view, i int) bool {
	if !mayBeHeadings(v, i) {
		return false
	}
	cells, known := 0, 0
	roles := map[engine.ColumnRole]bool{}
	core := false
	for j := range v.Rows[i].Cells {
		t := v.clean[i][j]
		if t == "" || v.covered(v.Rows[i].N, v.Rows[i].Cells[j].Col) {
			continue
		}
		cells++
		m := v.match(t)
		if m.weight < 2 {
			if tooLongForHeading(t) {
				return false
			}
			continue
		}
		if m.weight < 3 && questionLikeness(t) >= likeOpens && len(strings.Fields(t)) >= 6 {
			return false
		}
		known++
		roles[m.role] = true
		core = core || (m.role == engine.RoleQuestion || m.role == engine.RoleAnswer) && m.weight >= 3
	}
	if cells == 1 && core && len(v.Rows[i].Cells) > 0 {
		return loneHeading(v, i)
	}
	if cells < 2 || !core && len(verdictRun(v, i)) < 2 {
		return false
	}
	if len(verdictRun(v, i)) >= 2 && (roles[engine.RoleQuestion] || roles[engine.RoleRef] && roles[engine.RoleExplanation]) {
		return true
	}
	both := roles[engine.RoleQuestion] && roles[engine.RoleAnswer]
	return core && len(roles) >= 2 && (both || known*5 >= cells*2)
}

// mayBeHeadings rules out most rows of a long table at little cost: rows of one
// sentence, of numbers, of nothing.
func mayBeHeadings(v *view, i int) bool {
	words := false
	for _, t := range v.clean[i] {
		if len(t) > maxHeadingRunes && strings.Count(t, " ") >= 2*maxLabelWords {
			return false
		}
		words = words || t != "" && strings.ContainsFunc(t, isLetter)
	}
	return words
}

// loneHeading reports whether the only cell of row index i is the heading of a
// column of questions: it says so and nothing else, and two of the next rows
// ask something under it.
func loneHeading(v *view, i int) bool {
	for j, c := range v.Rows[i].Cells {
		if m := v.match(v.clean[i][j]); m.role != engine.RoleQuestion || !m.exact || m.weight < 4 {
			continue
		}
		asked := 0
		for k := i + 1; k < len(v.Rows) && k <= i+4; k++ {
			if questionLikeness(v.text(v.Rows[k].N, c.Col)) >= likeOpens {
				asked++
			}
		}
		return asked >= 2
	}
	return false
}

// tooLongForHeading reports whether a cell that is no known heading rules out
// that its row is a heading row.
func tooLongForHeading(t string) bool {
	n := len(strings.Fields(t))
	return n > 2*maxLabelWords || n >= 6 && questionLikeness(t) >= likeOpens
}

// verdictRun returns the columns of the longest run of cells in row index i
// that each state a different verdict, or count a scale ("0", "1", "2" …):
// the columns to be marked.
func verdictRun(v *view, i int) []int {
	var best, run []int
	seen := map[string]bool{}
	flush := func() {
		if len(run) > len(best) && len(run) >= 2 {
			best = slices.Clone(run)
		}
		run, seen = nil, map[string]bool{}
	}
	for j, c := range v.Rows[i].Cells {
		t := v.clean[i][j]
		if t == "" {
			continue
		}
		_, ok := engine.ParseVerdict(t)
		key := engine.FoldWords(t)
		if !ok || seen[key] || len(run) > 0 && c.Col > run[len(run)-1]+4 {
			flush()
		}
		if ok {
			run = append(run, c.Col)
			seen[key] = true
		}
	}
	flush()
	return best
}

// growBand extends a heading row to the rows that belong to it: option words
// and sub-headings below, group titles above.
func growBand(v *view, i, floor int) *band {
	b := &band{first: v.Rows[i].N, last: v.Rows[i].N}
	for k := i + 1; k < len(v.Rows) && v.Rows[k].N-b.first < maxBandRows && belongsBelow(v, b, k); k++ {
		b.last = v.Rows[k].N
	}
	for k := i - 1; k >= 0 && v.Rows[k].N > floor && v.Rows[k].N >= v.Rows[k+1].N-1 && b.last-v.Rows[k].N < maxBandRows && groupTitles(v, b, k); k-- {
		b.first = v.Rows[k].N
	}
	b.readHeadings(v)
	return b
}

// belongsBelow reports whether row index k continues the band above it.
func belongsBelow(v *view, b *band, k int) bool {
	n := v.Rows[k].N
	if n != b.last+1 {
		return false
	}
	merged, own, marks := false, 0, len(verdictRun(v, k)) >= 2
	for _, m := range v.merges[n] {
		merged = merged || m.FirstRow >= b.first && m.FirstRow <= b.last && m.FirstRow < n
	}
	for j := range v.Rows[k].Cells {
		t := v.clean[k][j]
		col := v.Rows[k].Cells[j].Col
		if t == "" || v.covered(n, col) {
			continue
		}
		own++
		m := v.match(v.shown(b.last, col))
		if len(strings.Fields(t)) > 2*maxLabelWords || questionLikeness(t) >= likeOpens {
			return false
		}
		if (m.role == engine.RoleQuestion || m.role == engine.RoleRef) && m.weight >= 2 && v.match(t).weight < 2 {
			return false // the question or id column already holds something: data begins
		}
	}
	if own == 0 {
		return merged
	}
	return merged && own >= 1 || marks
}

// groupTitles reports whether row index k holds titles over groups of the
// band's columns: headings merged down into the band, two and more titles
// merged sideways, or one that leaves the questions out. A title over the
// questions alone is the title of the sheet.
func groupTitles(v *view, b *band, k int) bool {
	n := v.Rows[k].N
	groups, aside := 0, 0
	for j := range v.Rows[k].Cells {
		t := v.clean[k][j]
		col := v.Rows[k].Cells[j].Col
		if t == "" || v.covered(n, col) {
			continue
		}
		if len(strings.Fields(t)) > maxLabelWords || isID(t) || questionLikeness(t) >= likeOpens {
			return false
		}
		m, ok := v.merge(n, col)
		switch {
		case ok && m.LastRow > n && m.LastRow <= b.last: // a heading merged down into the band
			aside++
		case ok && m.LastCol > m.FirstCol:
			groups++
			if !b.asksIn(v, m.FirstCol, m.LastCol) {
				aside++
			}
		}
	}
	return aside > 0 || groups > 1
}

// asksIn reports whether a heading in the columns is one for questions or ids.
func (b *band) asksIn(v *view, first, last int) bool {
	i, ok := v.rowAt[b.first]
	if !ok {
		return false
	}
	for j, c := range v.Rows[i].Cells {
		if c.Col >= first && c.Col <= last {
			if m := v.match(v.clean[i][j]); m.role == engine.RoleQuestion || m.role == engine.RoleRef {
				return true
			}
		}
	}
	return false
}

// extent returns the first and last column that show something in the band.
func (b *band) extent(v *view) (lo, hi int) {
	for n := b.first; n <= b.last; n++ {
		i, ok := v.rowAt[n]
		if !ok {
			continue
		}
		for j, c := range v.Rows[i].Cells {
			if v.clean[i][j] == "" {
				continue
			}
			last := c.Col
			if m, ok := v.merge(n, c.Col); ok {
				last = m.LastCol
			}
			if lo == 0 || c.Col < lo {
				lo = c.Col
			}
			hi = max(hi, last)
		}
	}
	return lo, hi
}

// readHeadings fills b.headings from the cells of the band.
func (b *band) readHeadings(v *view) {
	b.headings = map[int]heading{}
	lo, hi := b.extent(v)
	for col := lo; col <= hi && col > 0; col++ {
		var stack []string
		covered := false
		for n := b.first; n <= b.last; n++ {
			t := v.shown(n, col)
			if t == "" || len(stack) > 0 && stack[len(stack)-1] == t {
				continue
			}
			m, ok := v.merge(n, col)
			covered = ok && m.FirstCol != col && m.LastRow >= b.last // a heading merged over several columns down to the data
			stack = append(stack, t)
		}
		if len(stack) == 0 || covered {
			continue
		}
		h := heading{text: stack[len(stack)-1], parent: strings.Join(stack[:len(stack)-1], " ")}
		h.match = v.match(h.text)
		if p := v.match(h.parent); p.weight >= 3 && (p.role == engine.RoleAnalyst || p.role == engine.RoleReference) || h.match.weight < 2 && p.weight >= 2 {
			p.weight--
			h.match = p
		}
		b.headings[col] = h
	}
	b.readMarks()
}

// readMarks turns runs of headings that state verdicts into columns to mark.
func (b *band) readMarks() {
	cols := b.columns()
	for i := 0; i < len(cols); {
		j, seen := i, map[string]bool{}
		for j < len(cols) && (j == i || cols[j] <= cols[j-1]+3) && b.headings[cols[j]].parent == b.headings[cols[i]].parent {
			t := b.headings[cols[j]].text
			if _, ok := engine.ParseVerdict(t); !ok || seen[engine.FoldWords(t)] {
				break
			}
			seen[engine.FoldWords(t)] = true
			j++
		}
		if j-i >= 2 {
			for _, c := range cols[i:j] {
				h := b.headings[c]
				h.option = h.text
				h.match = match{role: engine.RoleMark, weight: 4}
				b.headings[c] = h
			}
		}
		i = max(j, i+1)
	}
}

// columns returns the columns with headings, ascending.
func (b *band) columns() []int {
	cols := make([]int, 0, len(b.headings))
	for c := range b.headings {
		cols = append(cols, c)
	}
	slices.Sort(cols)
	return cols
}

// addRestated adds the rows that repeat headings of a band, alone or beside a
// section title, as bands of their own: a new block of the same table.
func addRestated(v *view, bands []*band) []*band {
	if len(bands) == 0 {
		return nil
	}
	known := map[int]map[string]bool{} // column -> folded headings
	for _, b := range bands {
		for c, h := range b.headings {
			if h.match.weight >= 2 || h.option != "" {
				if known[c] == nil {
					known[c] = map[string]bool{}
				}
				known[c][engine.FoldWords(h.text)] = true
			}
		}
	}
	inBand := func(n int) bool {
		return slices.ContainsFunc(bands, func(b *band) bool { return n >= b.first && n <= b.last })
	}
	out := slices.Clone(bands)
	for i := range v.Rows {
		n := v.Rows[i].N
		if v.Rows[i].Hidden || inBand(n) || !restates(v, i, known) {
			continue
		}
		b := &band{first: n, last: n, restated: true}
		b.readHeadings(v)
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b *band) int { return a.first - b.first })
	return joinRestated(out)
}

// joinRestated joins restated rows that follow each other directly: headings
// of several rows, restated.
func joinRestated(bands []*band) []*band {
	out := bands[:1]
	for _, b := range bands[1:] {
		last := out[len(out)-1]
		if b.restated && last.restated && b.first == last.last+1 && b.last-last.first < maxBandRows {
			for c, h := range b.headings {
				last.headings[c] = h
			}
			last.last = b.last
			continue
		}
		out = append(out, b)
	}
	return out
}

// restates reports whether row index i repeats known headings in their
// columns, and says little else.
func restates(v *view, i int, known map[int]map[string]bool) bool {
	same, strong, others := 0, 0, 0
	for j, c := range v.Rows[i].Cells {
		t := v.clean[i][j]
		if t == "" {
			continue
		}
		if known[c.Col][engine.FoldWords(t)] {
			same++
			if m := v.match(t); m.exact && m.weight >= 3 {
				strong++
			}
			continue
		}
		if len(strings.Fields(t)) > maxLabelWords || questionLikeness(t) >= likeOpens {
			return false
		}
		others++
	}
	return same >= 2 && same >= others || same >= 1 && strong >= 1 && others <= 1
}
