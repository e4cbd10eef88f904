package xlsx

import (
	"slices"
	"strings"

	"vouch/importers/detect"
)

// maxOptions is how many options a drop-down may have to count as a choice. A
// longer list is a reference to data (all countries, all hosts), which vouch
// does not choose from.
const maxOptions = 500

// maxNameDepth is how many defined names may stand behind one another.
const maxNameDepth = 4

// listResolver turns the formulas of drop-downs into their options. A list it
// cannot resolve (INDIRECT, OFFSET, another workbook) stays a list without
// options: the cell is a choice that nobody but a person can make.
type listResolver struct {
	p     *pack
	wb    *detect.Workbook
	cache map[string][]string // sheet and formula -> options
}

func (l *listResolver) lists(s *detect.Sheet, st *sheetStructure) []detect.List {
	out := make([]detect.List, 0, len(st.validations))
	for _, v := range st.validations {
		key := s.Name + "\x00" + v.formula
		opts, ok := l.cache[key]
		if !ok {
			opts = l.resolve(s, v.formula, 0)
			l.cache[key] = opts
		}
		out = append(out, detect.List{Ranges: v.ranges, Options: opts})
	}
	return out
}

// resolve returns the options of a list formula as seen from sheet s, never
// nil.
func (l *listResolver) resolve(s *detect.Sheet, formula string, depth int) []string {
	f := strings.TrimPrefix(strings.TrimSpace(formula), "=")
	if strings.HasPrefix(f, `"`) {
		return literalOptions(f)
	}
	if sheet, ref, ok := splitReference(f); ok {
		if sheet != "" {
			s = l.sheet(sheet)
		}
		if r, ok := parseArea(ref); ok && s != nil {
			return rangeOptions(s, r)
		}
	}
	if depth < maxNameDepth {
		if refers, at, ok := l.name(s, f); ok {
			return l.resolve(at, refers, depth+1)
		}
	}
	return []string{}
}

// literalOptions parts "Yes,No,NA" at its commas.
func literalOptions(f string) []string {
	f = strings.TrimSuffix(strings.TrimPrefix(f, `"`), `"`)
	out := []string{}
	for _, o := range strings.Split(strings.ReplaceAll(f, `""`, `"`), ",") {
		if o = strings.TrimSpace(o); o != "" && len(out) < maxOptions {
			out = append(out, o)
		}
	}
	return out
}

// splitReference parts Sheet!$A$1:$A$4 and 'My sheet'!A1 into sheet and cells.
func splitReference(f string) (sheet, ref string, ok bool) {
	i := strings.LastIndexByte(f, '!')
	if i < 0 {
		return "", f, true
	}
	sheet, ref = f[:i], f[i+1:]
	if strings.HasPrefix(sheet, "'") && strings.HasSuffix(sheet, "'") && len(sheet) >= 2 {
		sheet = strings.ReplaceAll(sheet[1:len(sheet)-1], "''", "'")
	}
	return sheet, ref, !strings.Contains(sheet, "[") // another workbook
}

func (l *listResolver) sheet(name string) *detect.Sheet {
	i := slices.IndexFunc(l.wb.Sheets, func(s *detect.Sheet) bool { return strings.EqualFold(s.Name, name) })
	if i < 0 {
		return nil
	}
	return l.wb.Sheets[i]
}

// name returns what a defined name refers to: the sheet's own name before the
// workbook's.
func (l *listResolver) name(s *detect.Sheet, name string) (refers string, at *detect.Sheet, ok bool) {
	at = s
	for _, n := range l.p.names {
		if !strings.EqualFold(n.name, name) {
			continue
		}
		if n.scope >= 0 && n.scope < len(l.p.sheets) {
			if s != nil && l.p.sheets[n.scope].name == s.Name {
				return n.refers, s, true
			}
			continue
		}
		refers, ok = n.refers, true
	}
	return refers, at, ok
}

// rangeOptions returns the texts in a range, row by row, blanks left out.
func rangeOptions(s *detect.Sheet, r detect.Range) []string {
	out := []string{}
	for i := range s.Rows {
		if s.Rows[i].N < r.FirstRow || s.Rows[i].N > r.LastRow {
			continue
		}
		for _, c := range s.Rows[i].Cells {
			if c.Col < r.FirstCol || c.Col > r.LastCol {
				continue
			}
			if o := strings.TrimSpace(c.Text); o != "" {
				if len(out) == maxOptions {
					return []string{}
				}
				out = append(out, o)
			}
		}
	}
	return out
}
