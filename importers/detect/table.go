package detect

import (
	"slices"

	"vouch/engine"
)

// table is a block of rows with the same columns: the rows between two heading
// bands, or a part of them where tables stand side by side.
type table struct {
	v       *view
	band    *band // nil for a block without headings
	heading engine.RowRange
	rows    engine.RowRange
	cols    []column
	section string // the section title that stands in the heading band
	exclude map[int]bool
	include map[int]bool
	limited bool // a block above the first headings: only what looks like the block below is taken
}

// column is one column of a table.
type column struct {
	col     int
	role    engine.ColumnRole
	heading string
	option  string // of a mark column
	aspect  string // of a further answer column: what it is about
	hidden  bool
	append  bool
	lang    string
}

// colOf returns the column with the role, 0 if there is none.
func (t *table) colOf(r engine.ColumnRole) int {
	for _, c := range t.cols {
		if c.role == r && !c.hidden {
			return c.col
		}
	}
	return 0
}

// filled returns the visible columns a vendor fills.
func (t *table) filled() []column {
	var out []column
	for _, c := range t.cols {
		if c.role.IsFilled() && !c.hidden {
			out = append(out, c)
		}
	}
	return out
}

// answerable reports whether the table has a column for the answer itself;
// dates and responsibilities alone ask for none.
func (t *table) answerable() bool {
	return slices.ContainsFunc(t.filled(), func(c column) bool {
		return c.role == engine.RoleAnswer || c.role == engine.RoleMark || c.role == engine.RoleMaturity || c.role == engine.RoleEvidence
	})
}

// primary returns the columns that carry the answer itself: the answer column,
// or the columns to be marked.
func (t *table) primary() []column {
	var out []column
	for _, c := range t.filled() {
		if (c.role == engine.RoleAnswer || c.role == engine.RoleMark) && c.aspect == "" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = t.filled()
	}
	return out
}

// each calls f with the row index of every row of the block that has cells.
func (t *table) each(f func(i int)) {
	start, _ := slices.BinarySearchFunc(t.v.Rows, t.rows.First, func(r Row, n int) int { return r.N - n })
	for i := start; i < len(t.v.Rows) && t.v.Rows[i].N <= t.rows.Last; i++ {
		f(i)
	}
}

// buildTables returns the tables of a sheet. A table always has a question
// column; whether it has anything to fill is for the caller to see.
func buildTables(v *view) []*table {
	bands := v.bands()
	if len(bands) == 0 {
		if t := structuralTable(v); t != nil {
			return []*table{t}
		}
		return nil
	}
	var out []*table
	for _, f := range families(v, bands) {
		f.resolve(v)
		for _, b := range f.blocks {
			if b.colOf(engine.RoleQuestion) > 0 {
				out = append(out, b)
			}
		}
	}
	if t := leadingBlock(v, bands, out); t != nil {
		out = append([]*table{t}, out...)
	}
	return out
}

// assignRoles gives every column with a heading its role; q is the question
// column.
func (t *table) assignRoles(q int) {
	for _, c := range t.band.columns() {
		h := t.band.headings[c]
		role := h.match.role
		switch {
		case c == q:
			role = engine.RoleQuestion
		case h.option != "":
			role = engine.RoleMark
		case h.match.weight < 2 && h.match.role != engine.RoleExplanation || role == "":
			role = engine.RoleReference
		case role == engine.RoleQuestion: // a weaker question heading: control texts
			role = engine.RoleReference
		case role == engine.RoleExplanation && h.match.weight < 2 && c < q:
			role = engine.RoleReference
		}
		t.cols = append(t.cols, column{col: c, role: role, heading: h.text, option: h.option, hidden: t.v.hiddenCol(c), lang: h.match.lang})
	}
	if t.colOf(engine.RoleQuestion) == 0 {
		t.cols = append(t.cols, column{col: q, role: engine.RoleQuestion, hidden: t.v.hiddenCol(q)})
		t.sortCols()
	}
}

func (t *table) sortCols() {
	slices.SortFunc(t.cols, func(a, b column) int { return a.col - b.col })
}

// setRef makes ref the id column of the block, and other id columns reference.
func (t *table) setRef(ref int) {
	found := false
	for i := range t.cols {
		if t.cols[i].col == ref {
			t.cols[i].role, found = engine.RoleRef, true
		} else if t.cols[i].role == engine.RoleRef {
			t.cols[i].role = engine.RoleReference
		}
	}
	if ref > 0 && !found {
		t.cols = append(t.cols, column{col: ref, role: engine.RoleRef, hidden: t.v.hiddenCol(ref)})
		t.sortCols()
	}
}

// readSectionTitle takes a section title that stands in the heading row where
// ids and questions have no headings of their own.
func (t *table) readSectionTitle() {
	for _, c := range []int{t.colOf(engine.RoleRef), t.colOf(engine.RoleQuestion)} {
		h, ok := t.band.headings[c]
		if ok && c > 0 && h.match.weight < 2 && t.section == "" {
			t.section = h.text
		}
	}
}

// leadingBlock finds the questions above the first headings: rows with ids of
// the very pattern used below, in the same columns.
func leadingBlock(v *view, bands []*band, tables []*table) *table {
	if len(tables) == 0 {
		return nil
	}
	below := tables[0]
	ref, q := below.colOf(engine.RoleRef), below.colOf(engine.RoleQuestion)
	if ref == 0 || below.band == nil || len(below.primary()) == 0 {
		return nil
	}
	shapes := map[string]bool{}
	for _, t := range tables {
		t.each(func(i int) {
			if id := v.text(v.Rows[i].N, ref); isID(id) && v.text(v.Rows[i].N, q) != "" {
				shapes[idShape(id)] = true
			}
		})
	}
	first := 0
	for _, r := range v.Rows {
		if r.N >= bands[0].first {
			break
		}
		if id := v.text(r.N, ref); isID(id) && shapes[idShape(id)] && v.text(r.N, q) != "" {
			first = r.N
			break
		}
	}
	if first == 0 {
		return nil
	}
	t := &table{v: v, rows: engine.RowRange{First: first, Last: bands[0].first - 1}, limited: true}
	for _, c := range below.cols {
		if c.role == engine.RoleRef || c.role == engine.RoleQuestion || c.role == engine.RoleAnswer && c.aspect == "" || c.role == engine.RoleMark {
			t.cols = append(t.cols, c)
		} else if c.role.IsFilled() && looksLike(t, below, c.col) {
			t.cols = append(t.cols, c)
		}
	}
	if i, ok := v.rowAt[first-1]; ok && !v.empty(i) { // a section title above the first row
		t.section = v.excerpt(i)
	}
	return t
}

// looksLike reports whether a column's cells in block a have a style that its
// cells in block b have.
func looksLike(a, b *table, col int) bool {
	styles := map[int]bool{}
	b.each(func(i int) { styles[b.v.styleID(b.v.Rows[i].N, col)] = true })
	same := false
	a.each(func(i int) {
		if s := a.v.styleID(a.v.Rows[i].N, col); s > 0 && styles[s] {
			same = true
		}
	})
	return same
}

// structuralTable finds the one table of a sheet without headings that has
// drop-downs or unlocked cells beside a column that clearly asks.
func structuralTable(v *view) *table {
	t := bareTable(v)
	if t == nil {
		return nil
	}
	t.addStructuralBare()
	if len(t.filled()) == 0 {
		return nil
	}
	return t
}

// bareTable finds a column that clearly asks on a sheet without headings, and
// the ids beside it.
func bareTable(v *view) *table {
	if len(v.Rows) == 0 {
		return nil
	}
	t := &table{v: v, band: &band{headings: map[int]heading{}}, rows: engine.RowRange{First: v.Rows[0].N, Last: v.Rows[len(v.Rows)-1].N}}
	f := &family{blocks: []*table{t}, bands: []*band{t.band}}
	hi := min(v.lastColumn(), maxStructuralCols)
	q, best := 0, 0.0
	for col := 1; col <= hi; col++ {
		if s := f.askingShare(v, col); !v.hiddenCol(col) && s > best {
			q, best = col, s
		}
	}
	if q == 0 || best < minAskingShare {
		return nil
	}
	asked := 0
	t.each(func(i int) {
		if questionLikeness(v.text(v.Rows[i].N, q)) >= likeOpens {
			asked++
		}
	})
	if asked < minAskedRows {
		return nil
	}
	t.cols = []column{{col: q, role: engine.RoleQuestion}}
	for c := 1; c <= hi; c++ {
		t.band.headings[c] = heading{}
	}
	t.setRef(f.refColumn(v, q))
	t.band = nil
	return t
}

// A sheet without any headings is read only if at least minAskedRows rows ask
// something and minAskingShare of its rows do so in one column; only its
// first maxStructuralCols columns are looked at.
const (
	minAskedRows      = 3
	minAskingShare    = 0.45
	maxStructuralCols = 64
)
