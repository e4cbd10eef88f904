package detect

import (
	"strings"

	"vouch/engine"
)

// rowFacts is what classification knows of one row of a table.
type rowFacts struct {
	i       int // index in view.Rows
	n       int // row number
	text    string
	ref     string
	like    float64
	merged  bool // the question cell is merged across an answer cell
	listed  bool // an answer cell has a drop-down
	open    bool // an answer cell is unlocked on a protected sheet
	answer  int  // style of the first answer cell, -1 if there is no cell
	style   Style
	styleID int
	lone    bool // nothing but the question column (and an id) has text
}

// norms are the usual look of the questions of one sheet's tables, taken from the rows that
// are questions beyond doubt.
type norms struct {
	rows    int
	refs    float64 // share with an id
	lists   float64
	open    float64
	shapes  map[string]int
	styles  map[int]int
	answers map[int]int
	bold    float64
	asked   float64 // share that asks outright, or in a whole sentence
	fills   map[string]int
	styled  bool // section titles look different from questions
}

// facts collects what there is to know of row index i.
func (t *table) facts(i int) rowFacts {
	v, n := t.v, t.v.Rows[i].N
	q := t.colOf(engine.RoleQuestion)
	f := rowFacts{i: i, n: n, answer: -1}
	if !v.covered(n, q) {
		f.text = v.text(n, q)
	}
	f.like = questionLikeness(f.text)
	f.style, f.styleID = v.style(n, q), v.styleID(n, q)
	if ref := t.colOf(engine.RoleRef); ref > 0 {
		f.ref = v.text(n, ref)
		if m, ok := v.merge(n, ref); ok {
			f.ref = ""
			if m.FirstCol == ref && m.LastCol == ref { // merged down over the parts of one question
				f.ref = v.text(m.FirstRow, ref)
			}
		}
	}
	for k, c := range t.primary() {
		if k == 0 {
			f.answer = v.styleID(n, c.col)
		}
		f.listed = f.listed || v.options(n, c.col) != nil
		f.open = f.open || v.open(n, c.col)
		if m, ok := v.merge(n, c.col); ok && m.Contains(n, q) {
			f.merged = true
		}
	}
	f.lone = true
	for j, c := range v.Rows[i].Cells {
		if c.Col != q && c.Col != t.colOf(engine.RoleRef) && v.clean[i][j] != "" {
			f.lone = false
		}
	}
	return f
}

// minSureRows is how many rows must ask beyond doubt for the norms to rest on
// them alone.
const minSureRows = 2

// learn takes the norms of the tables from the rows that surely ask. Where
// hardly any does, because the file states requirements, every sentence and
// every phrase with an id will do.
func learn(ts []*table) norms {
	sure := func(f rowFacts) bool {
		return f.like >= likeOpens || f.like >= likePhrase && f.listed || f.like >= likeClause && isID(f.ref)
	}
	if nm := learnFrom(ts, sure); nm.rows >= minSureRows {
		return nm
	}
	return learnFrom(ts, func(f rowFacts) bool { return sure(f) || f.like >= likeClause || f.like >= likePhrase && isID(f.ref) })
}

func learnFrom(ts []*table, sure func(rowFacts) bool) norms {
	nm := norms{shapes: map[string]int{}, styles: map[int]int{}, answers: map[int]int{}, fills: map[string]int{}}
	for _, t := range ts {
		t.each(func(i int) {
			f := t.facts(i)
			if f.text == "" || f.merged || !sure(f) || t.limited || t.include[f.n] || t.exclude[f.n] {
				return
			}
			nm.rows++
			if f.ref != "" {
				nm.refs++
				nm.shapes[idShape(f.ref)]++
			}
			if f.listed {
				nm.lists++
			}
			if f.open {
				nm.open++
			}
			if f.style.Bold {
				nm.bold++
			}
			if f.like >= likeClause {
				nm.asked++
			}
			nm.styles[f.styleID]++
			nm.answers[f.answer]++
			nm.fills[f.style.Fill]++
		})
	}
	for _, t := range ts {
		nm.styled = nm.styled || t.titlesStyled(&nm)
	}
	if n := float64(nm.rows); n > 0 {
		nm.refs, nm.lists, nm.open, nm.bold, nm.asked = nm.refs/n, nm.lists/n, nm.open/n, nm.bold/n, nm.asked/n
	}
	return nm
}

// titlesStyled reports whether a label that looks unlike any sure question
// stands right before one that is: then a label that looks like a question is
// one.
func (t *table) titlesStyled(nm *norms) bool {
	title, found := false, false
	t.each(func(i int) {
		if t.v.empty(i) {
			return
		}
		f := t.facts(i)
		sure := f.like >= likeOpens && f.text != ""
		found = found || title && sure
		title = f.text != "" && f.like < likeClause && nm.styles[f.styleID] == 0 && nm.answers[f.answer] == 0
	})
	return found
}

// Weights of the evidence that a row is a question; they add up, and a row is
// one from minQuestionWeight on. Chosen so that wording alone suffices for
// what is asked outright, and a label ("Company name") needs two other signs.
const (
	weightWording     = 2.0  // times the likeness
	weightRef         = 1.5  // has an id where the others have one; as much against where it lacks one
	weightNoRefAsked  = -1.0 // lacks an id, but ends with a question mark: a part of the question above
	weightOddRef      = -0.4 // has an id of a pattern no sure question has
	weightList        = 2.0  // its answer cell has a drop-down as the others
	weightListLabel   = 0.3  // the same, but a mere label among questions: a drop-down over a whole column covers titles too
	weightNoList      = -0.8
	weightMerged      = -3.0 // the question runs across its own answer cell
	weightLocked      = -2.0 // its answer cell is locked where the others are not
	weightOpen        = 1.0
	weightBold        = -0.8 // bold where the others are not
	weightFill        = -0.8 // another fill than any sure question
	weightSameLook    = 0.35 // question or answer cell looks as in sure questions
	weightStyledLook  = 0.45 // the same where section titles look different
	weightNoAnswer    = -1.0 // its answer cell has no look at all where every sure question's has
	weightLoneLabel   = -0.3 // a short text and nothing else in the row
	minQuestionWeight = 0.75
	minLabelWeight    = 0.15 // where no row asks beyond doubt: a list of topics
)

// weigh adds up the evidence that a row is a question.
func (nm *norms) weigh(f rowFacts) float64 {
	w := weightWording * f.like
	switch {
	case nm.refs >= 0.8 && f.ref == "" && f.like == likeAsked:
		w += weightNoRefAsked
	case nm.refs >= 0.8 && f.ref == "":
		w -= weightRef
	case nm.refs >= 0.5 && f.ref != "" && nm.shapes[idShape(f.ref)] > 0:
		w += weightRef
	case nm.refs >= 0.5 && f.ref != "":
		w += weightOddRef
	}
	if nm.lists >= 0.5 {
		switch {
		case f.listed && f.like <= likeLabel && nm.shapes[idShape(f.ref)] == 0 && (nm.asked >= 0.8 || nm.refs >= 0.8):
			w += weightListLabel
		case f.listed:
			w += weightList
		case nm.lists >= 0.8:
			w += weightNoList
		}
	}
	if f.merged {
		w += weightMerged
	}
	if nm.open >= 0.8 {
		if f.open {
			w += weightOpen
		} else {
			w += weightLocked
		}
	}
	if nm.rows > 0 {
		w += nm.look(f)
	}
	if nm.rows > 0 && f.lone && len(strings.Fields(f.text)) < 6 && f.ref == "" {
		w += weightLoneLabel
	}
	return w
}

// threshold is the weight from which a row is a question.
func (nm *norms) threshold() float64 {
	if nm.rows == 0 {
		return minLabelWeight
	}
	return minQuestionWeight
}

// look weighs how the row looks beside the sure questions. Where nothing on
// the sheet has a look of its own, looks say nothing.
func (nm *norms) look(f rowFacts) float64 {
	w := 0.0
	if f.style.Bold && nm.bold < 0.2 {
		w += weightBold
	}
	if nm.fills[f.style.Fill] == 0 && f.style.Fill != "" {
		w += weightFill
	}
	if f.answer <= 0 && nm.answers[-1]+nm.answers[0] == 0 {
		w += weightNoAnswer
	}
	if nm.styled {
		if nm.styles[f.styleID] > 0 {
			w += weightStyledLook
		}
		if nm.answers[f.answer] > 0 {
			w += weightStyledLook
		}
		return w
	}
	if len(nm.styles) == 1 && nm.styles[0] > 0 {
		return w
	}
	if f.styleID > 0 && nm.styles[f.styleID] > 0 {
		w += weightSameLook
	}
	if f.answer > 0 && nm.answers[f.answer] > 0 {
		w += weightSameLook
	}
	return w
}

// verdictOn is what classification says of one row.
type verdictOn struct {
	facts    rowFacts
	question bool
	reason   engine.SkipReason
	detail   string
}

// classify decides for every non-empty row of a table whether it asks.
func (t *table) classify(nm norms) []verdictOn {
	var out []verdictOn
	t.each(func(i int) {
		if t.v.empty(i) {
			return
		}
		f := t.facts(i)
		d := verdictOn{facts: f}
		switch {
		case t.exclude[f.n]:
			d.reason = engine.SkipLayout
		case f.text == "" && !t.include[f.n]:
			d.reason = t.reasonWithoutText(i)
			if c, _ := t.v.cell(f.n, t.colOf(engine.RoleQuestion)); c != nil && c.Formula {
				d.detail = "the question is a formula without a stored result; open and save the file in Excel once"
			}
		case t.include[f.n]:
			d.question = true
		case t.limited && (f.ref == "" || nm.shapes[idShape(f.ref)] == 0):
			d.reason = t.reasonWithoutText(i)
		case t.limited:
			d.question = !f.merged
			d.reason = engine.SkipNoQuestion
		default:
			d.question = nm.weigh(f) >= nm.threshold()
			if !d.question {
				d.reason = engine.SkipSection
			}
		}
		if d.question && t.v.Rows[i].Hidden {
			d.question, d.reason = false, engine.SkipHiddenRow
		}
		out = append(out, d)
	})
	if t.styleless() {
		t.labelsToFields(out, nm)
	}
	t.trailingNotes(out)
	return out
}

// reasonWithoutText tells a section title from other rows without a question.
func (t *table) reasonWithoutText(i int) engine.SkipReason {
	v, n := t.v, t.v.Rows[i].N
	texts, last := 0, ""
	for j, c := range v.Rows[i].Cells {
		if v.clean[i][j] != "" && !v.covered(n, c.Col) {
			texts++
			last = v.clean[i][j]
		}
	}
	if texts == 1 && len(strings.Fields(last)) <= maxLabelWords && !isID(last) {
		return engine.SkipSection
	}
	return engine.SkipNoQuestion
}

// styleless reports whether the sheet has no looks at all, as a CSV file.
func (t *table) styleless() bool { return len(t.v.styles) <= 1 }

// labelsToFields turns runs of three and more labels without any look into
// questions: a form with one field a row. A label by itself is a section.
func (t *table) labelsToFields(rows []verdictOn, nm norms) {
	for i := 0; i < len(rows); {
		j := i
		for j < len(rows) && !rows[j].question && rows[j].reason == engine.SkipSection && rows[j].facts.text != "" && (nm.refs < 0.5 || rows[j].facts.ref != "") {
			j++
		}
		if j-i >= 3 {
			for k := i; k < j; k++ {
				rows[k].question, rows[k].reason = true, ""
			}
		}
		i = max(j, i+1)
	}
}

// trailingNotes takes what stands after the last question of a table for
// notes: a section title without questions is none.
func (t *table) trailingNotes(rows []verdictOn) {
	for i := len(rows) - 1; i >= 0 && !rows[i].question; i-- {
		if rows[i].reason == engine.SkipSection || rows[i].reason == engine.SkipNoQuestion {
			rows[i].reason = engine.SkipOutside
		}
	}
}
