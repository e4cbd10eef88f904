package register

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/tree"
)

// ReadTables returns what the tables of a file, CSV or workbook, say of a
// register. Each has a heading row among its first 20 that tells which list it
// is: reports, tests, subservices, findings, controls or evidence. Headings
// are the names of the fields; of controls also those that lists of controls
// have. The error is an [*engine.RefusedError] if none of the tables is such a
// list.
func ReadTables(tables []list.Table, file string) (*Part, []Problem, error) {
	file = filepath.Base(file)
	p := &Part{root: source{file: file}}
	d := &decoder{source: p.root}
	read := 0
	for _, t := range tables {
		if slices.ContainsFunc(t.Rows, func(row []string) bool { return !isBlank(row) }) {
			d.source.at = placeOf(t)
			read += d.table(p, t)
		}
	}
	if read == 0 {
		return nil, nil, &engine.RefusedError{File: file, Is: fmt.Sprintf("none of the first %d rows has the headings of a list of the register", list.HeadingRows), Do: "name the columns: " + headingsWanted()}
	}
	return p, d.problems, nil
}

// HasOwnTables reports whether one of the tables is a list that only a register
// has: tests, subservices, findings or evidence. The headings of reports and
// controls can be those of other lists.
func HasOwnTables(tables []list.Table) bool {
	return slices.ContainsFunc(tables, func(t list.Table) bool {
		return slices.ContainsFunc(t.Rows[:min(len(t.Rows), list.HeadingRows)], func(row []string) bool {
			return slices.ContainsFunc(kindsOfTable, func(k kindOfTable) bool { return k.name != "reports" && k.name != "controls" && k.heads(row) })
		})
	})
}

func headingsWanted() string {
	var out []string
	for _, k := range kindsOfTable {
		need := strings.Join(k.need, ", ")
		if k.name == "controls" {
			need += " and title or text"
		}
		out = append(out, k.what+" "+need)
	}
	return strings.Join(out, "; ")
}

func isBlank(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return engine.CleanText(s) != "" })
}

// placeOf returns what names the rows of a table.
func placeOf(t list.Table) func(int) string {
	if t.Place != nil {
		return t.Place
	}
	return func(row int) string { return fmt.Sprintf("row %d", row) }
}

// table reads one table and returns how many lists it was.
func (d *decoder) table(p *Part, t list.Table) int {
	for i, row := range t.Rows[:min(len(t.Rows), list.HeadingRows)] {
		for _, k := range kindsOfTable {
			if k.heads(row) {
				columns := d.headings(k, row, i+1)
				d.rows(p, k, columns, t.Rows, i)
				return 1
			}
		}
	}
	first := slices.IndexFunc(t.Rows, func(row []string) bool { return !isBlank(row) })
	d.report(first+1, 0, "", "the table has not the headings of a list of the register; accepted: %s; or take the table out", headingsWanted())
	return 0
}

// heading is a cell of the heading row.
type heading struct {
	column
	filled bool // there is a heading
	known  bool // and it names the column
}

// headings returns what each cell of the heading row names. A heading that
// names nothing, or a column that is there already, is a problem.
func (d *decoder) headings(k kindOfTable, row []string, line int) []heading {
	out := make([]heading, len(row))
	seen := map[string]bool{}
	for i, cell := range row {
		text := engine.CleanText(list.Undo(cell))
		if text == "" {
			continue
		}
		out[i].filled = true
		c, ok := k.column(text)
		switch {
		case !ok:
			d.unknown(tree.Member{Name: text, Line: line, Column: i + 1}, joinPath(k.name, text), k.names())
		case seen[c.name] && c.shape != asIDs:
			d.report(line, i+1, k.name+"."+c.name, "another column has this heading; write one column for each field")
		default:
			out[i].column, out[i].known = c, true
		}
		seen[c.name] = true
	}
	return out
}

// rows reads the rows below the headings.
func (d *decoder) rows(p *Part, k kindOfTable, columns []heading, rows [][]string, top int) {
	n := 0
	for i := top + 1; i < len(rows); i++ {
		row := rows[i]
		if isBlank(row) || slices.Equal(row, rows[top]) || k.isSection(row, columns) {
			continue
		}
		node := d.row(k, columns, row, i+1)
		path := joinIndex(k.name, n)
		n++
		switch k.name {
		case "reports":
			d.reportIn(p)(node, path)
		case "controls":
			d.controlIn(p)(node, path)
		case "evidence":
			d.evidenceIn(p, "")(node, path)
		default:
			d.looseIn(p, k.name, node, path)
		}
	}
}

// isSection reports whether a row titles the controls below it: one filled
// cell that is no id.
func (k kindOfTable) isSection(row []string, columns []heading) bool {
	if k.name != "controls" {
		return false
	}
	filled := -1
	for i, cell := range row {
		if engine.CleanText(cell) == "" {
			continue
		}
		if filled >= 0 {
			return false
		}
		filled = i
	}
	isID := filled < len(columns) && columns[filled].name == "id"
	return !isID || !strings.ContainsAny(row[filled], "0123456789")
}

// row returns a row as the object that JSON would have for it.
func (d *decoder) row(k kindOfTable, columns []heading, row []string, line int) tree.Node {
	n := tree.Node{Kind: tree.Object, Line: line}
	for i, cell := range row {
		text := list.CleanProse(list.Undo(cell))
		switch {
		case text == "":
			continue
		case i >= len(columns) || !columns[i].known:
			if i >= len(columns) || !columns[i].filled {
				d.report(line, i+1, k.name, "the cell stands below no heading that is read; accepted: a cell below %s", strings.Join(k.names(), ", "))
			}
			continue
		}
		value := cellNode(columns[i].shape, text, line, i+1)
		name, inner, nested := strings.Cut(columns[i].name, ".")
		if nested {
			value = tree.Node{Kind: tree.Object, Line: line, Column: i + 1, Members: []tree.Member{{Name: inner, Value: value, Line: line, Column: i + 1}}}
		}
		n.Members = put(n.Members, tree.Member{Name: name, Value: value, Line: line, Column: i + 1})
	}
	return n
}

// put adds a member; lists and objects of the same name become one.
func put(members []tree.Member, m tree.Member) []tree.Member {
	for i := range members {
		if have := &members[i].Value; members[i].Name == m.Name {
			have.Members = append(have.Members, m.Value.Members...)
			for _, x := range m.Value.Items {
				if !slices.ContainsFunc(have.Items, func(y tree.Node) bool { return y.Text == x.Text }) {
					have.Items = append(have.Items, x)
				}
			}
			return members
		}
	}
	return append(members, m)
}

// cellNode returns the value of a cell.
func cellNode(s shape, text string, line, column int) tree.Node {
	var pieces []string
	switch s {
	case asText:
		return tree.Node{Kind: tree.Text, Text: text, Line: line, Column: column}
	case asLines:
		pieces = strings.Split(text, "\n")
	case asIDs:
		pieces = list.Criteria(text)
	case asWords:
		pieces = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n", r) })
	}
	n := tree.Node{Kind: tree.List, Line: line, Column: column}
	for _, p := range pieces {
		if p = strings.TrimSpace(p); p != "" {
			n.Items = append(n.Items, tree.Node{Kind: tree.Text, Text: p, Line: line, Column: column})
		}
	}
	return n
}

// looseIn reads a row that says something of a report.
func (d *decoder) looseIn(p *Part, kind string, n tree.Node, path string) {
	l := loose{source: d.of(n)}
	report := map[string]func(tree.Node, string){
		"report": func(n tree.Node, path string) { d.decode(n, reflect.ValueOf(&l.report).Elem(), path) },
	}
	switch kind {
	case "tests":
		l.test = &assurance.Test{}
		d.object(n, reflect.ValueOf(l.test).Elem(), path, report)
		spellTest(l.test)
	case "subservices":
		l.subservice = &assurance.Subservice{}
		report["instead"] = func(n tree.Node, path string) {
			d.decode(n, reflect.ValueOf(&l.subservice.Report).Elem(), path)
		}
		d.object(n, reflect.ValueOf(l.subservice).Elem(), path, report)
	case "findings":
		l.finding = &assurance.Weakness{}
		d.object(n, reflect.ValueOf(l.finding).Elem(), path, report)
		l.finding.Severity = spell("severity", l.finding.Severity)
	}
	p.loose = append(p.loose, l)
}
