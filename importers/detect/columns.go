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
