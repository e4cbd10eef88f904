package detect

import (
	"slices"
	"strings"

	"vouch/engine"
)

// family is a run of bands on one sheet that restate each other; its blocks
// share their question and id columns.
type family struct {
	bands  []*band
	blocks []*table
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

// minQuestionScore is what a column must reach to count as the question
// column. A heading "Question" alone gives 2, questions under no heading 1.5
// and more, a column of short labels under no heading less than 0.7.
const minQuestionScore = 0.9

// mostlyIDs is the share of ids among its texts from which a column is one of
// ids, whatever its heading says: section titles stand in such headings.
const mostlyIDs = 0.6

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
