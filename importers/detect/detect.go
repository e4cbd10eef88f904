package detect

import (
	"slices"
	"strings"

	"vouch/engine"
)

// Detect returns the questionnaire in a workbook. With a layout, its tables,
// column roles and row lists are taken as they stand and only the rows are
// weighed; sheets the layout does not name are left alone. The error says what
// makes the file unreadable; a file without any question is not an error.
func Detect(wb *Workbook, layout *engine.Layout) (*engine.Questionnaire, error) {
	d := &detection{wb: wb, q: &engine.Questionnaire{Name: wb.Name, Format: wb.Format}}
	if len(wb.Styles) == 0 {
		wb.Styles = []Style{{Locked: true}}
	}
	for _, s := range wb.Sheets {
		v, err := newView(s, wb.Styles)
		if err != nil {
			return nil, err
		}
		d.views = append(d.views, v)
		tables, err := tablesOf(v, layout)
		if err != nil {
			return nil, err
		}
		d.tables = append(d.tables, tables)
	}
	if layout == nil {
		d.appendColumns()
	}
	for i := range d.views {
		d.readSheet(i, layout)
	}
	d.dropRepeated()
	d.q.Layout = d.layout()
	d.q.Language = d.language()
	return d.q, nil
}

// detection is one run of [Detect].
type detection struct {
	wb       *Workbook
	views    []*view
	tables   [][]*table // by sheet
	q        *engine.Questionnaire
	computed []computedRow // rows whose answers are formulas
}

// computedRow is a question row that only shows an answer given elsewhere.
type computedRow struct {
	ref, text string
	skipped   int // index in q.Skipped
}

// tablesOf returns the tables of a sheet: those of the layout if there is one,
// else those found.
func tablesOf(v *view, layout *engine.Layout) ([]*table, error) {
	if v.Hidden && layout == nil {
		return nil, nil
	}
	if layout == nil {
		return buildTables(v), nil
	}
	return tablesFromLayout(v, layout)
}

// readSheet turns the rows of a sheet into questions and skipped rows.
func (d *detection) readSheet(k int, layout *engine.Layout) {
	v := d.views[k]
	tables := slices.DeleteFunc(slices.Clone(d.tables[k]), func(t *table) bool { return !t.answerable() })
	taken := map[int]bool{}
	skip := map[int]engine.Skipped{}
	nm := learn(tables)
	for i, t := range tables {
		if i > 0 && t.section == "" && layout == nil {
			t.section = titleAbove(t, taken, skip)
		}
		section := t.section
		carried := ""
		for _, r := range t.classify(nm) {
			n := r.facts.n
			if !r.question {
				t.decided(r.facts, false)
				if r.reason == engine.SkipSection && (!t.limited || r.facts.text == "") {
					section = sectionTitle(v, r.facts.i)
				}
				if _, ok := skip[n]; !ok {
					skip[n] = engine.Skipped{Reason: r.reason, Detail: r.detail}
				}
				continue
			}
			if c := t.colOf(engine.RoleSection); c > 0 {
				if s := v.shown(n, c); s != "" {
					carried = s
				}
			}
			parts, blocked := t.buildParts(n)
			if blocked != "" {
				skip[n] = engine.Skipped{Reason: blocked, Detail: computedKey(r.facts)}
				continue
			}
			taken[n] = true
			t.decided(r.facts, true)
			d.q.Questions = append(d.q.Questions, t.question(r.facts, joinSection(section, carried), parts))
		}
	}
	d.reportRows(k, taken, skip, layout)
}

// titleAbove returns the section title in the row right above a table's
// headings, where another table ends: it belongs to what comes.
func titleAbove(t *table, taken map[int]bool, skip map[int]engine.Skipped) string {
	n := t.heading.First - 1
	i, ok := t.v.rowAt[n]
	if !ok || taken[n] || t.v.empty(i) {
		return ""
	}
	title := sectionTitle(t.v, i)
	if len(strings.Fields(title)) > maxLabelWords {
		return ""
	}
	skip[n] = engine.Skipped{Reason: engine.SkipSection}
	return title
}

// decided writes down, for the layout, what became of the rows of a block above
// the first headings: it is not for their looks that they are questions.
func (t *table) decided(f rowFacts, question bool) {
	if !t.limited || f.text == "" {
		return
	}
	rows := &t.exclude
	if question {
		rows = &t.include
	}
	if *rows == nil {
		*rows = map[int]bool{}
	}
	(*rows)[f.n] = true
}

// computedKey marks a skipped row with what it asks until [detection.dropRepeated] resolves
// it; it never leaves the package.
func computedKey(f rowFacts) string {
	return engine.CleanRef(f.ref) + "\x00" + engine.FoldWords(f.text)
}

// sectionTitle returns the title a section row shows.
func sectionTitle(v *view, i int) string {
	var parts []string
	for j := range v.Rows[i].Cells {
		if t := v.clean[i][j]; t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, " ")
}

// joinSection joins a section title with the value of a section column.
func joinSection(title, column string) string {
	switch {
	case title == "":
		return column
	case column == "" || engine.FoldWords(title) == engine.FoldWords(column):
		return title
	}
	return title + " / " + column
}

// question makes the question of a row.
func (t *table) question(f rowFacts, section string, parts []engine.Part) engine.Question {
	q := engine.Question{
		Ref: engine.CleanRef(f.ref), Section: section, Text: f.text, Row: f.n, Parts: parts,
		Locator: engine.Locator{Sheet: t.v.Name, Cells: []string{CellName(f.n, t.colOf(engine.RoleQuestion))}},
	}
	var help []string
	for _, c := range t.cols {
		if c.role == engine.RoleGuidance {
			if s := t.v.text(f.n, c.col); s != "" {
				help = append(help, s)
			}
		}
	}
	q.Guidance = strings.Join(help, " ")
	return q
}

// reportRows adds every non-empty row that is no question to the report.
func (d *detection) reportRows(k int, taken map[int]bool, skip map[int]engine.Skipped, layout *engine.Layout) {
	v := d.views[k]
	for i := range v.Rows {
		n := v.Rows[i].N
		if taken[n] || v.empty(i) {
			continue
		}
		s, ok := skip[n]
		if !ok {
			s.Reason = d.reasonFor(k, n, layout)
		}
		s.Sheet, s.Row, s.Text = v.Name, n, v.excerpt(i)
		if ref, text, found := strings.Cut(s.Detail, "\x00"); found {
			s.Detail = ""
			if s.Reason == engine.SkipFormula {
				d.computed = append(d.computed, computedRow{ref, text, len(d.q.Skipped)})
			}
		}
		d.q.Skipped = append(d.q.Skipped, s)
	}
}

// reasonFor says why a row outside all answered tables is not a question.
func (d *detection) reasonFor(k, n int, layout *engine.Layout) engine.SkipReason {
	v := d.views[k]
	if v.Hidden {
		return engine.SkipHiddenSheet
	}
	for _, t := range d.tables[k] {
		switch {
		case t.heading.Contains(n):
			return engine.SkipHeading
		case t.rows.Contains(n) && !t.answerable():
			return t.emptyReason()
		}
	}
	if layout != nil && !slices.ContainsFunc(layout.Sheets, func(s engine.SheetLayout) bool { return s.Name == v.Name }) {
		return engine.SkipLayout
	}
	for _, b := range v.bands() {
		if n >= b.first && n <= b.last {
			return engine.SkipHeading
		}
	}
	if i := v.rowAt[n]; v.Rows[i].Hidden {
		return engine.SkipHiddenRow
	}
	return engine.SkipOutside
}

// emptyReason says why a table has nothing to fill.
func (t *table) emptyReason() engine.SkipReason {
	for _, c := range t.cols {
		if c.hidden && c.role.IsFilled() {
			return engine.SkipHiddenCol
		}
	}
	for _, c := range t.cols {
		if c.role == engine.RoleAnalyst {
			return engine.SkipAnalyst
		}
	}
	return engine.SkipReference
}

// dropRepeated resolves the rows whose answers are formulas: where the file
// asks the same elsewhere, the row repeats that question.
func (d *detection) dropRepeated() {
	byRef, byText := map[string]*engine.Question{}, map[string]*engine.Question{}
	for i := range d.q.Questions {
		q := &d.q.Questions[i]
		if q.Ref != "" {
			byRef[q.Ref] = q
		}
		byText[engine.FoldWords(q.Text)] = q
	}
	for _, c := range d.computed {
		q := byText[c.text]
		if q == nil && c.ref != "" {
			q = byRef[c.ref]
		}
		if q != nil {
			d.q.Skipped[c.skipped].Reason = engine.SkipRepeated
			d.q.Skipped[c.skipped].Detail = "answered at " + q.Locator.String()
		}
	}
}

// language returns the language most headings are in, "" if there are none.
func (d *detection) language() string {
	count := map[string]int{}
	for _, ts := range d.tables {
		for _, t := range ts {
			for _, c := range t.cols {
				if c.lang != "" && c.role != engine.RoleReference {
					count[c.lang]++
				}
			}
		}
	}
	best := ""
	for l, n := range count {
		if n > count[best] || n == count[best] && (best == "" || l == "en" || l < best && best != "en") {
			best = l
		}
	}
	return best
}
