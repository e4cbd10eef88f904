package detect

import (
	"slices"

	"vouch/engine"
)

// settleAnswers makes the columns to fill consistent: one answer, what stands
// beside it, and columns found by structure where headings say nothing.
func (t *table) settleAnswers() {
	t.demoteProse()
	t.addStructural()
	t.splitAnswers()
	t.promoteExplanation()
}

// cellShares are the shares of question rows in which a column has …
type cellShares struct {
	texts  float64 // text that is the customer's own
	lists  float64 // a drop-down
	open   float64 // a cell that may be edited on a protected sheet
	tinted float64 // an empty cell with a fill that the question has not
}

// wantsAnswer reports whether a column wants an answer by its structure alone.
func (s cellShares) wantsAnswer() bool {
	return s.lists >= 0.5 || s.open >= 0.5 && s.texts <= 0.1
}

// shares looks at the cells of a column in the question rows.
func (t *table) shares(col int) cellShares {
	q := t.colOf(engine.RoleQuestion)
	var s cellShares
	n := 0.0
	t.each(func(i int) {
		row := t.v.Rows[i].N
		if t.v.text(row, q) == "" {
			return
		}
		n++
		c, text := t.v.cell(row, col)
		if text != "" && !isPlaceholder(text) && (c == nil || !c.Formula) {
			s.texts++
		}
		if t.v.options(row, col) != nil {
			s.lists++
		}
		if t.v.open(row, col) {
			s.open++
		}
		if fill := t.v.style(row, col).Fill; text == "" && fill != "" && fill != t.v.style(row, q).Fill {
			s.tinted++
		}
	})
	if n > 0 {
		s.texts, s.lists, s.open, s.tinted = s.texts/n, s.lists/n, s.open/n, s.tinted/n
	}
	return s
}

// demoteProse takes a comment or evidence column that the customer has already
// filled, while the answers are empty, for what it is: guidance.
func (t *table) demoteProse() {
	answered := 0.0
	for _, c := range t.cols {
		if c.role == engine.RoleAnswer || c.role == engine.RoleMark {
			answered += t.shares(c.col).texts
		}
	}
	for i, c := range t.cols {
		if c.role != engine.RoleExplanation && c.role != engine.RoleEvidence && c.role != engine.RoleCustomer {
			continue
		}
		if s := t.shares(c.col); s.texts >= 0.6 && answered < 0.1 && s.lists < 0.5 && s.open < 0.5 {
			t.cols[i].role = engine.RoleGuidance
		}
	}
}

// mostlyTinted is the share of empty, tinted cells from which a column is the
// one to fill ("complete the yellow cells").
const mostlyTinted = 0.8

// addTinted makes the first column of empty tinted cells right of the question
// the answer column. It is for files in which nothing else asks for an answer:
// elsewhere tints mark all kinds of things.
func (t *table) addTinted() {
	q := t.colOf(engine.RoleQuestion)
	for col := q + 1; col <= t.v.lastColumn()+3; col++ {
		at := slices.IndexFunc(t.cols, func(c column) bool { return c.col == col })
		if t.v.hiddenCol(col) || at >= 0 && t.cols[at].role != engine.RoleReference {
			continue
		}
		if t.shares(col).tinted < mostlyTinted {
			continue
		}
		if at >= 0 {
			t.cols[at].role = engine.RoleAnswer
		} else {
			t.cols = append(t.cols, column{col: col, role: engine.RoleAnswer})
			t.sortCols()
		}
		return
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
		s := t.shares(col)
		if !s.wantsAnswer() {
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
			if s.lists < 0.5 {
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
		score := t.shares(c.col).lists
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
		switch {
		case t.shares(c.col).lists >= 0.5:
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

// addStructuralBare adds the answer columns of a table without headings.
func (t *table) addStructuralBare() {
	q := t.colOf(engine.RoleQuestion)
	for col := q + 1; col <= t.v.lastColumn()+3; col++ {
		if t.v.hiddenCol(col) || !t.shares(col).wantsAnswer() {
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
