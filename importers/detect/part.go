package detect

import (
	"slices"
	"strings"

	"vouch/engine"
)

// defaultMark is written into a cell to be marked when the file shows no mark
// of its own.
const defaultMark = "x"

// aspects are what the columns beside the answer are about.
var aspects = map[engine.ColumnRole]string{
	engine.RoleEvidence: "evidence", engine.RoleMaturity: "maturity", engine.RoleCustomer: "customer",
}

// buildParts returns the parts of a question row. blocked says why there is
// nothing to answer in the row, if so.
func (t *table) buildParts(n int) (parts []engine.Part, blocked engine.SkipReason) {
	used := map[string]bool{}
	shared := false
	for _, g := range t.groups() {
		p, reason := t.part(n, g)
		if reason != "" {
			if g[0].aspect == "" && (g[0].role == engine.RoleAnswer || g[0].role == engine.RoleMark) {
				if reason == engine.SkipFormula {
					return nil, reason // the answer is computed: the whole row only shows it
				}
				shared = true
			}
			continue
		}
		if used[p.Locator.String()] {
			continue
		}
		used[p.Locator.String()] = true
		parts = append(parts, p)
	}
	if shared && !slices.ContainsFunc(parts, func(p engine.Part) bool { return p.IsAnswer() }) {
		return nil, engine.SkipSharedCell
	}
	if len(parts) == 0 {
		return nil, engine.SkipNoAnswer
	}
	return parts, ""
}

// groups returns the visible columns to fill, columns to be marked together.
func (t *table) groups() [][]column {
	var out [][]column
	var parent string
	for _, c := range t.filled() {
		if c.role == engine.RoleMark {
			if k := len(out) - 1; k >= 0 && out[k][0].role == engine.RoleMark && t.markParent(c.col) == parent && !hasOption(out[k], c.option) {
				out[k] = append(out[k], c)
				continue
			}
			parent = t.markParent(c.col)
		}
		out = append(out, []column{c})
	}
	return out
}

func hasOption(g []column, option string) bool {
	return slices.ContainsFunc(g, func(c column) bool { return c.option == option })
}

func (t *table) markParent(col int) string {
	if t.band == nil {
		return ""
	}
	return t.band.headings[col].parent
}

// part makes the part of one column, or of one group of mark columns, in row n.
func (t *table) part(n int, g []column) (engine.Part, engine.SkipReason) {
	p := engine.Part{Label: g[0].heading, Locator: engine.Locator{Sheet: t.v.Name}}
	for _, c := range g {
		row, col, reason := t.writable(n, c.col)
		if reason != "" {
			return p, reason
		}
		p.Locator.Cells = append(p.Locator.Cells, CellName(row, col))
	}
	if g[0].role == engine.RoleMark {
		if len(g) > 1 && !slices.ContainsFunc(p.Locator.Cells, func(c string) bool { return c != p.Locator.Cells[0] }) {
			// The customer merged the cells to be marked into one: it takes words.
			p.Locator.Cells = p.Locator.Cells[:1]
			p.Kind, p.Value = engine.PartText, t.v.shown(n, g[0].col)
			return p, ""
		}
		t.fillMark(&p, n, g)
		return p, ""
	}
	c := g[0]
	p.Kind, p.Aspect, p.Options = t.kind(n, c)
	if cell, s := t.v.cell(n, c.col); isPlaceholder(s) {
		p.Placeholder = true
	} else if cell != nil {
		p.Value = strings.TrimSpace(cell.Text)
	}
	if c.append {
		p.Locator.Like = CellName(n, t.colOf(engine.RoleQuestion))
	}
	return p, ""
}

// writable resolves the cell of a column in row n to the one that takes the
// value: the first of its merged area, unless that belongs to another row or
// column, and never a formula.
func (t *table) writable(n, col int) (int, int, engine.SkipReason) {
	row := n
	if m, ok := t.v.merge(n, col); ok {
		if m.FirstRow != n || m.FirstCol != col && m.Contains(n, t.colOf(engine.RoleQuestion)) {
			return 0, 0, engine.SkipSharedCell
		}
		row, col = m.FirstRow, m.FirstCol
	}
	if c, _ := t.v.cell(row, col); c != nil && c.Formula {
		return 0, 0, engine.SkipFormula
	}
	return row, col, ""
}

// kind says what a cell wants: a choice where it has a drop-down or its
// heading lists the options, otherwise what its column's role says.
func (t *table) kind(n int, c column) (engine.PartKind, string, []string) {
	options := t.v.options(n, c.col)
	aspect := c.aspect
	if a, ok := aspects[c.role]; ok {
		aspect = a
	}
	switch c.role {
	case engine.RoleOwnership:
		return engine.PartOwnership, "", options
	case engine.RoleDate:
		return engine.PartDate, "", nil
	case engine.RoleNumber:
		return engine.PartNumber, "", options
	case engine.RoleExplanation:
		if options != nil {
			return engine.PartChoice, engine.FoldWords(c.heading), options
		}
		return engine.PartExplanation, "", nil
	case engine.RoleMaturity:
		if options != nil {
			return engine.PartChoice, aspect, options
		}
		return engine.PartNumber, aspect, nil
	case engine.RoleAnswer:
		if options == nil && t.columnIsFree(c.col) {
			options = optionsInHeading(c.heading)
		}
	}
	if options != nil {
		return engine.PartChoice, aspect, options
	}
	return engine.PartText, aspect, nil
}

// columnIsFree reports whether no cell of the column has a drop-down: only
// then do the options in a heading hold for its cells.
func (t *table) columnIsFree(col int) bool {
	return !slices.ContainsFunc(t.v.Lists, func(l List) bool {
		return slices.ContainsFunc(l.Ranges, func(r Range) bool {
			return col >= r.FirstCol && col <= r.LastCol && r.LastRow >= t.rows.First && r.FirstRow <= t.rows.Last
		})
	})
}

// fillMark completes a part whose cells are to be marked.
func (t *table) fillMark(p *engine.Part, n int, g []column) {
	p.Kind, p.Mark, p.Label = engine.PartMark, t.usedMark(g), t.markParent(g[0].col)
	for _, c := range g {
		p.Options = append(p.Options, c.option)
		if s := t.v.text(n, c.col); s != "" && (isMark(s) || engine.FoldWords(s) == engine.FoldWords(c.option)) {
			p.Value = c.option
		}
	}
}

// usedMark returns the mark that this table's marked cells hold most often.
func (t *table) usedMark(g []column) string {
	count := map[string]int{}
	t.each(func(i int) {
		for _, c := range g {
			if s := t.v.text(t.v.Rows[i].N, c.col); isMark(s) {
				count[s]++
			}
		}
	})
	best := defaultMark
	for m, k := range count {
		if k > count[best] || k == count[best] && m < best {
			best = m
		}
	}
	return best
}
