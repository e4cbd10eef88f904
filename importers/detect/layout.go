package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"vouch/engine"
)

// layout describes what was found, for a person to read and correct.
func (d *detection) layout() engine.Layout {
	l := engine.Layout{Format: d.wb.Format, Shape: d.shape()}
	for k, v := range d.views {
		s := engine.SheetLayout{Name: v.Name}
		for _, t := range d.tables[k] {
			if t.answerable() {
				s.Tables = append(s.Tables, t.layout())
			}
		}
		switch {
		case v.Hidden && len(s.Tables) == 0:
			s.Note = engine.SkipHiddenSheet.Text()
		case len(s.Tables) == 0 && len(d.tables[k]) > 0:
			s.Note = "questions, but no cells to answer in"
		case len(s.Tables) == 0:
			s.Note = "no questions found"
		}
		l.Sheets = append(l.Sheets, s)
	}
	return l
}

func (t *table) layout() engine.TableLayout {
	out := engine.TableLayout{Heading: t.heading, Rows: t.rows, Section: t.section}
	for _, c := range t.cols {
		cl := engine.ColumnLayout{Column: ColumnName(c.col), Role: c.role, Heading: c.heading, Aspect: c.aspect, Append: c.append}
		if c.hidden {
			cl.Role = engine.RoleIgnore
		}
		if c.role == engine.RoleMark && !c.hidden {
			cl.Options = []string{c.option}
		}
		out.Columns = append(out.Columns, cl)
	}
	for n := range t.exclude {
		out.Exclude = append(out.Exclude, n)
	}
	for n := range t.include {
		out.Include = append(out.Include, n)
	}
	slices.Sort(out.Exclude)
	slices.Sort(out.Include)
	return out
}

// shape is a fingerprint of the file's sheets and headings. It does not depend
// on what is filled in, nor on how many questions there are, so that the next
// customer's copy of a questionnaire has the same shape.
func (d *detection) shape() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", d.wb.Format)
	for _, v := range d.views {
		if d.wb.Format != "csv" { // the one sheet of a CSV file is named as the file
			fmt.Fprintf(h, "sheet %q\n", v.Name)
		}
		seen := map[string]bool{}
		for _, b := range v.bands() {
			var line strings.Builder
			for _, c := range b.columns() {
				if b.headings[c].match.weight > 0 {
					fmt.Fprintf(&line, " %d:%s", c, engine.FoldWords(b.headings[c].text))
				}
			}
			if !seen[line.String()] {
				seen[line.String()] = true
				fmt.Fprintf(h, "headings%s\n", line.String())
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// tablesFromLayout makes the tables a layout prescribes for a sheet.
func tablesFromLayout(v *view, l *engine.Layout) ([]*table, error) {
	i := slices.IndexFunc(l.Sheets, func(s engine.SheetLayout) bool { return s.Name == v.Name })
	if i < 0 && l.Format == "csv" && len(l.Sheets) == 1 {
		i = 0
	}
	if i < 0 {
		return nil, nil
	}
	var out []*table
	for _, tl := range l.Sheets[i].Tables {
		t := &table{v: v, heading: tl.Heading, rows: tl.Rows, section: tl.Section, exclude: rowSet(tl.Exclude), include: rowSet(tl.Include)}
		for _, c := range tl.Columns {
			col := column{col: ColumnNumber(c.Column), role: c.Role, heading: c.Heading, aspect: c.Aspect, append: c.Append}
			if col.col > 16384 {
				return nil, fmt.Errorf("layout: sheet %q: column %s: the last column of a sheet is XFD", v.Name, c.Column)
			}
			if c.Role == engine.RoleMark && len(c.Options) == 1 {
				col.option = c.Options[0]
			}
			t.cols = append(t.cols, col)
		}
		t.sortCols()
		t.nameExtraAnswers()
		if h := v.readBand(tl.Heading); h != nil {
			t.band = h
		}
		out = append(out, t)
	}
	return out, nil
}

// nameExtraAnswers gives answer columns an aspect where a person added some and
// named none: the first one is the answer.
func (t *table) nameExtraAnswers() {
	seen := t.colOf(engine.RoleMark) > 0
	for i, c := range t.cols {
		if c.role == engine.RoleAnswer && c.aspect == "" {
			if seen {
				t.cols[i].aspect = engine.FoldWords(c.heading)
			}
			seen = true
		}
	}
}

// readBand reads the headings of the given rows, nil if there are none.
func (v *view) readBand(r engine.RowRange) *band {
	if r.First < 1 || r.Last < r.First || r.Last-r.First >= 2*maxBandRows {
		return nil
	}
	b := &band{first: r.First, last: r.Last}
	b.readHeadings(v)
	return b
}

func rowSet(rows []int) map[int]bool {
	m := make(map[int]bool, len(rows))
	for _, n := range rows {
		m[n] = true
	}
	return m
}
