package detect

import (
	"slices"
	"strings"

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

// family is a run of bands on one sheet that restate each other; its blocks
// share their question and id columns.
type family struct {
	bands  []*band
	blocks []*table
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

// families groups bands that restate each other and lays out their blocks.
func families(v *view, bands []*band) []*family {
	lastRow := 0
	if len(v.Rows) > 0 {
		lastRow = v.Rows[len(v.Rows)-1].N
	}
	var out []*family
	for i, b := range bands {
		end := lastRow
		if i+1 < len(bands) {
			end = bands[i+1].first - 1
		}
		for _, part := range splitSideways(b) {
			t := &table{v: v, band: part, heading: engine.RowRange{First: b.first, Last: b.last}, rows: engine.RowRange{First: b.last + 1, Last: max(end, b.last+1)}}
			f := familyOf(out, part)
			if f == nil {
				f = &family{}
				out = append(out, f)
			}
			f.bands = append(f.bands, part)
			f.blocks = append(f.blocks, t)
		}
	}
	return out
}

func familyOf(fs []*family, b *band) *family {
	for k := len(fs) - 1; k >= 0; k-- {
		for _, o := range fs[k].bands {
			for c, h := range b.headings {
				if oh, ok := o.headings[c]; ok && h.match.weight >= 2 && engine.FoldWords(h.text) == engine.FoldWords(oh.text) {
					return fs[k]
				}
			}
		}
	}
	return nil
}

// splitSideways parts a band into the tables that stand side by side under it:
// a new one begins where a question heading comes again after an answer
// column, together with the id column before it. Each part must have a
// question and something to fill, or the band stays whole.
func splitSideways(b *band) []*band {
	cols := b.columns()
	var cuts []int
	question, answer := false, false
	for i, c := range cols {
		m := b.headings[c].match
		isQ := m.role == engine.RoleQuestion && m.weight >= 3
		if isQ && question && answer {
			at := i
			for at > 0 && cols[at-1] > cutAt(cols, cuts) && slices.Contains([]engine.ColumnRole{engine.RoleRef, engine.RoleSection}, b.headings[cols[at-1]].match.role) {
				at--
			}
			cuts = append(cuts, at)
			answer = false
		}
		question = question || isQ
		answer = answer || m.role == engine.RoleAnswer || m.role == engine.RoleMark
	}
	if len(cuts) == 0 || !answer {
		return []*band{b}
	}
	var out []*band
	prev := 0
	for _, cut := range append(cuts, len(cols)) {
		part := &band{first: b.first, last: b.last, restated: b.restated, headings: map[int]heading{}}
		for _, c := range cols[prev:cut] {
			part.headings[c] = b.headings[c]
		}
		out = append(out, part)
		prev = cut
	}
	return out
}

func cutAt(cols, cuts []int) int {
	if len(cuts) == 0 {
		return 0
	}
	return cols[cuts[len(cuts)-1]]
}

// resolve decides the role of every column of every block of the family.
func (f *family) resolve(v *view) {
	q := f.questionColumn(v)
	if q == 0 {
		return
	}
	for _, b := range f.blocks {
		b.assignRoles(q)
	}
	ref := f.refColumn(v, q)
	for _, b := range f.blocks {
		b.setRef(ref)
		b.settleAnswers()
		b.readSectionTitle()
	}
}

// minQuestionScore is what a column must reach to count as the question
// column. A heading "Question" alone gives 2, questions under no heading 1.5
// and more, a column of short labels under no heading less than 0.7.
const minQuestionScore = 0.9

// questionColumn returns the column that asks, by heading and content over
// all blocks of the family, 0 if none does.
func (f *family) questionColumn(v *view) int {
	lo, hi := f.reach()
	best, bestScore := 0, 0.0
	for col := lo; col <= hi; col++ {
		if v.hiddenCol(col) {
			continue
		}
		h, barred := 0, false
		for _, b := range f.bands {
			m := b.headings[col].match
			s := m.score(engine.RoleQuestion)
			if m.role != engine.RoleQuestion && s > 0 {
				s--
			}
			h = max(h, s)
			switch m.role {
			case engine.RoleAnalyst, engine.RoleMark, engine.RoleOwnership, engine.RoleCustomer, engine.RoleEvidence, engine.RoleMaturity, engine.RoleDate:
				barred = barred || m.weight >= 2
			case engine.RoleAnswer, engine.RoleGuidance, engine.RoleExplanation, engine.RoleReference, engine.RoleIgnore:
				barred = barred || m.weight >= 3 && s < 3
			}
		}
		if barred || f.idShare(v, col) > mostlyIDs {
			continue
		}
		score := 0.5*float64(h) + 2*f.askingShare(v, col)
		if score > bestScore+1e-9 {
			best, bestScore = col, score
		}
	}
	if bestScore < minQuestionScore {
		return 0
	}
	return best
}

// mostlyIDs is the share of ids among its texts from which a column is one of
// ids, whatever its heading says: section titles stand in such headings.
const mostlyIDs = 0.6

// idShare returns the share of ids among the texts of a column.
func (f *family) idShare(v *view, col int) float64 {
	ids, n := 0, 0
	for _, b := range f.blocks {
		b.each(func(i int) {
			if t := v.text(v.Rows[i].N, col); t != "" && !v.Rows[i].Hidden {
				n++
				if isID(t) {
					ids++
				}
			}
		})
	}
	if n == 0 {
		return 0
	}
	return float64(ids) / float64(n)
}

// reach returns the columns in which the family's blocks show anything.
func (f *family) reach() (lo, hi int) {
	for _, b := range f.blocks {
		for c := range b.band.headings {
			if lo == 0 || c < lo {
				lo = c
			}
			hi = max(hi, c)
		}
	}
	// Columns without a heading: as far left as the sheet goes, never past the
	// last heading of this family.
	only := len(f.blocks) > 0 && f.blocks[0].v != nil
	for _, b := range f.blocks {
		if len(splitSideways(b.band)) > 1 {
			only = false
		}
	}
	if only && lo > 1 && lo <= 6 && !f.sideBySide() {
		lo = 1
	}
	return lo, hi
}

// sideBySide reports whether another table stands in the same rows.
func (f *family) sideBySide() bool {
	seen := map[int]bool{}
	for _, b := range f.blocks {
		if seen[b.rows.First] {
			return true
		}
		seen[b.rows.First] = true
	}
	return false
}

// askingShare returns how much a column reads like questions: mean likeness of
// its texts, times the share of the rows it has text in, times how different
// the texts are from one another; 0 to 1.
func (f *family) askingShare(v *view, col int) float64 {
	sum, n, rows := 0.0, 0, 0
	seen := map[string]bool{}
	for _, b := range f.blocks {
		b.each(func(i int) {
			if v.empty(i) || v.Rows[i].Hidden {
				return
			}
			rows++
			t := v.text(v.Rows[i].N, col)
			if t == "" || isID(t) {
				return
			}
			n++
			sum += questionLikeness(t)
			seen[t] = true
		})
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n) * float64(n) / float64(rows) * float64(len(seen)) / float64(n)
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

// refColumn returns the column of the question ids: the one whose cells in the
// question rows read like ids and differ; headings decide between equals.
func (f *family) refColumn(v *view, q int) int {
	lo, hi := f.reach()
	best, bestScore := 0, 0.0
	for col := lo; col <= hi; col++ {
		if col == q || v.hiddenCol(col) {
			continue
		}
		weight := 0
		foreign := false
		for _, b := range f.blocks {
			m := b.band.headings[col].match
			weight = max(weight, m.score(engine.RoleRef))
			foreign = foreign || m.role.IsFilled() && m.weight >= 2 || m.role == engine.RoleAnalyst
		}
		if foreign && (col > q || f.idShare(v, col) <= mostlyIDs) || col > q && weight < 3 {
			continue
		}
		ids, rows := 0, 0
		seen := map[string]bool{}
		for _, b := range f.blocks {
			b.each(func(i int) {
				if v.text(v.Rows[i].N, q) == "" {
					return
				}
				rows++
				if id := v.text(v.Rows[i].N, col); id != "" && (isID(id) || weight >= 2 && len(strings.Fields(id)) <= 3) {
					ids++
					seen[engine.CleanRef(id)] = true
				}
			})
		}
		if rows == 0 || ids == 0 || weight == 0 && ids*10 < rows*6 {
			continue
		}
		score := float64(len(seen))/float64(rows) + 0.1*float64(weight) - 0.01*float64(abs(q-col))
		if score > bestScore {
			best, bestScore = col, score
		}
	}
	if bestScore < 0.3 {
		return 0
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
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

// settleAnswers makes the columns to fill consistent: one answer, what stands
// beside it, and columns found by structure where headings say nothing.
func (t *table) settleAnswers() {
	t.demoteProse()
	t.addStructural()
	t.splitAnswers()
	t.promoteExplanation()
}

// fillShare returns the share of question rows in which a column has text that
// is the customer's own, and the share in which it has a drop-down.
func (t *table) fillShare(col int) (texts, lists, open float64) {
	q := t.colOf(engine.RoleQuestion)
	n := 0
	t.each(func(i int) {
		row := t.v.Rows[i].N
		if t.v.text(row, q) == "" {
			return
		}
		n++
		c, s := t.v.cell(row, col)
		if s != "" && !isPlaceholder(s) && (c == nil || !c.Formula) {
			texts++
		}
		if t.v.options(row, col) != nil {
			lists++
		}
		if t.v.open(row, col) {
			open++
		}
	})
	if n == 0 {
		return 0, 0, 0
	}
	return texts / float64(n), lists / float64(n), open / float64(n)
}

// demoteProse takes a comment or evidence column that the customer has already
// filled, while the answers are empty, for what it is: guidance.
func (t *table) demoteProse() {
	answered := 0.0
	for _, c := range t.cols {
		if c.role == engine.RoleAnswer || c.role == engine.RoleMark {
			texts, _, _ := t.fillShare(c.col)
			answered += texts
		}
	}
	for i, c := range t.cols {
		if c.role != engine.RoleExplanation && c.role != engine.RoleEvidence && c.role != engine.RoleCustomer {
			continue
		}
		if texts, lists, open := t.fillShare(c.col); texts >= 0.6 && answered < 0.1 && lists < 0.5 && open < 0.5 {
			t.cols[i].role = engine.RoleGuidance
		}
	}
}

// addStructural adds columns that want an answer by their structure. Where no
// heading names an answer column, the first column with drop-downs, or with
// unlocked cells on a protected sheet, right of the question is it; further
// ones beside it with drop-downs are answers with an aspect of their own.
func (t *table) addStructural() {
	q := t.colOf(engine.RoleQuestion)
	has := t.colOf(engine.RoleAnswer) > 0 || t.colOf(engine.RoleMark) > 0
	_, hi := t.band.extent(t.v)
	for col := q + 1; col <= hi+2; col++ {
		at := slices.IndexFunc(t.cols, func(c column) bool { return c.col == col })
		if at >= 0 && t.cols[at].role != engine.RoleReference || t.v.hiddenCol(col) {
			continue
		}
		if at >= 0 && matchHeading(t.cols[at].heading).role == engine.RoleReference {
			continue
		}
		texts, lists, open := t.fillShare(col)
		if lists < 0.5 && (open < 0.5 || texts > 0.1) {
			continue
		}
		c := column{col: col, role: engine.RoleAnswer, hidden: false}
		if at >= 0 {
			c.heading = t.cols[at].heading
		}
		if has {
			if !t.besideFilled(col) || at < 0 {
				continue
			}
			c.aspect = engine.FoldWords(c.heading)
			if lists < 0.5 {
				c.role, c.aspect = engine.RoleExplanation, ""
			}
		}
		has = true
		if at >= 0 {
			t.cols[at] = c
		} else {
			t.cols = append(t.cols, c)
			t.sortCols()
		}
	}
}

// besideFilled reports whether a column touches one that is filled.
func (t *table) besideFilled(col int) bool {
	return slices.ContainsFunc(t.cols, func(c column) bool { return c.role.IsFilled() && abs(c.col-col) == 1 })
}

// splitAnswers keeps one answer column. A second one without drop-downs holds
// the words beside the first; one with drop-downs has an aspect of its own.
func (t *table) splitAnswers() {
	marks := t.colOf(engine.RoleMark) > 0
	first := -1
	best := -1.0
	for i, c := range t.cols {
		if c.role != engine.RoleAnswer || c.aspect != "" || c.hidden {
			continue
		}
		_, lists, _ := t.fillShare(c.col)
		score := lists
		if len(optionsInHeading(c.heading)) > 0 {
			score = max(score, 0.9)
		}
		if score > best+1e-9 {
			first, best = i, score
		}
	}
	explained := t.colOf(engine.RoleExplanation) > 0
	for i, c := range t.cols {
		if c.role != engine.RoleAnswer || c.aspect != "" || i == first && !marks {
			continue
		}
		_, lists, _ := t.fillShare(c.col)
		switch {
		case lists >= 0.5:
			t.cols[i].aspect = engine.FoldWords(c.heading)
		case !explained:
			t.cols[i].role = engine.RoleExplanation
			explained = true
		default:
			t.cols[i].aspect = engine.FoldWords(c.heading)
		}
	}
}

// promoteExplanation makes a lone comments column the answer column.
func (t *table) promoteExplanation() {
	if t.colOf(engine.RoleAnswer) > 0 || t.colOf(engine.RoleMark) > 0 {
		return
	}
	for i, c := range t.cols {
		if c.role == engine.RoleExplanation && !c.hidden && c.col > t.colOf(engine.RoleQuestion) {
			t.cols[i].role = engine.RoleAnswer
			return
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

// addStructuralBare adds the answer columns of a table without headings.
func (t *table) addStructuralBare() {
	q := t.colOf(engine.RoleQuestion)
	for col := q + 1; col <= t.v.lastColumn()+3; col++ {
		texts, lists, open := t.fillShare(col)
		if t.v.hiddenCol(col) || lists < 0.5 && (open < 0.5 || texts > 0.1) {
			continue
		}
		role := engine.RoleAnswer
		if t.colOf(engine.RoleAnswer) > 0 {
			role = engine.RoleExplanation
		}
		if role == engine.RoleExplanation && t.colOf(engine.RoleExplanation) > 0 {
			continue
		}
		t.cols = append(t.cols, column{col: col, role: role})
	}
	t.sortCols()
}
