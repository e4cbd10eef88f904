package register

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"vouch/engine/assurance"
	"vouch/importers/list"
)

// WriteJSON writes a register as [ReadJSON] reads it.
func WriteJSON(w io.Writer, r *assurance.Register) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(withLists(r)); err != nil {
		return fmt.Errorf("write register: %w", err)
	}
	return nil
}

// withLists returns r with empty lists in place of none, which JSON would
// write as null.
func withLists(r *assurance.Register) *assurance.Register {
	out := *r
	if out.Reports == nil {
		out.Reports = []assurance.Report{}
	}
	if out.Controls == nil {
		out.Controls = []assurance.Control{}
	}
	if out.Evidence == nil {
		out.Evidence = []assurance.Evidence{}
	}
	return &out
}

// WriteYAML writes a register as [ReadYAML] reads it, for people to go on
// with: fields in the order of the types, without those that are empty.
func WriteYAML(w io.Writer, r *assurance.Register) error {
	y := yamlWriter{bufio.NewWriter(w)}
	y.object(reflect.ValueOf(*r), "", false)
	if err := y.w.Flush(); err != nil {
		return fmt.Errorf("write register: %w", err)
	}
	return nil
}

// yamlWriter writes values; w keeps its first error for Flush.
type yamlWriter struct{ w *bufio.Writer }

// object writes the fields of v that say something, the first one on the line
// that has been begun if inline.
func (y yamlWriter) object(v reflect.Value, indent string, inline bool) {
	for i, name := range fieldNames(v.Type()) {
		f := v.Field(i)
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		if !inline {
			_, _ = y.w.WriteString(indent)
		}
		inline = false
		_, _ = y.w.WriteString(name + ":")
		y.value(f, indent+"  ")
	}
	if inline {
		_, _ = y.w.WriteString("{}\n")
	}
}

// value writes what stands behind a name.
func (y yamlWriter) value(v reflect.Value, indent string) {
	switch {
	case v.Type() == dayType:
		_, _ = fmt.Fprintf(y.w, " %s\n", v.Interface())
	case v.Kind() == reflect.Struct:
		_, _ = y.w.WriteString("\n")
		y.object(v, indent, false)
	case v.Kind() == reflect.Slice:
		_, _ = y.w.WriteString("\n")
		for i := range v.Len() {
			_, _ = y.w.WriteString(indent + "- ")
			if v.Index(i).Kind() == reflect.Struct {
				y.object(v.Index(i), indent+"  ", true)
				continue
			}
			_, _ = y.w.WriteString(yamlText(v.Index(i).String()) + "\n")
		}
	case v.Kind() == reflect.String:
		_, _ = y.w.WriteString(" " + yamlText(v.String()) + "\n")
	default:
		_, _ = fmt.Fprintf(y.w, " %v\n", v.Interface())
	}
}

// plainText is what YAML takes for text without quotes, whatever reads it.
var plainText = regexp.MustCompile(`^[\p{L}][\p{L}\p{N} ,.()/_+&'-]*[\p{L}\p{N}.)]$`)

// wordsOfYAML are words that some reader of YAML takes for something else.
var wordsOfYAML = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "inf": true, "nan": true}

// yamlText writes a text as YAML: in the quotes of JSON unless it is plain.
func yamlText(s string) string {
	if plainText.MatchString(s) && !wordsOfYAML[strings.ToLower(s)] {
		return s
	}
	b, err := json.Marshal(s)
	if err != nil {
		return strconv.Quote(s) // never: a string has a form in JSON
	}
	return string(b)
}

// Sheet is a list of the register as a table.
type Sheet struct {
	Name string     // "reports"
	Rows [][]string // the first one has the headings
}

// Sheets returns the lists of a register that say something, as tables that
// [ReadTables] reads: reports, tests, subservices, findings, controls and
// evidence. Company and customers have none. Of a list in a cell each line is
// one of it; line breaks within one become blanks.
func Sheets(r *assurance.Register) []Sheet {
	var out []Sheet
	for _, name := range []string{"reports", "tests", "subservices", "findings", "controls", "evidence"} {
		k := kindNamed(name)
		rows := rowsOf(k, r)
		if len(rows) == 0 {
			continue
		}
		headings := []string{}
		for _, c := range k.columns {
			if c.name != "domain" {
				headings = append(headings, c.name)
			}
		}
		s := Sheet{Name: name, Rows: [][]string{headings}}
		for _, row := range rows {
			cells := make([]string, len(headings))
			for i, h := range headings {
				cells[i] = row[h]
			}
			s.Rows = append(s.Rows, cells)
		}
		out = append(out, s)
	}
	return out
}

func kindNamed(name string) kindOfTable {
	for _, k := range kindsOfTable {
		if k.name == name {
			return k
		}
	}
	panic("importers/register: no table " + name) // names are constants above
}

// rowsOf returns the cells of each row by heading.
func rowsOf(k kindOfTable, r *assurance.Register) []map[string]string {
	var out []map[string]string
	of := func(report string, x any) {
		row := map[string]string{}
		v := reflect.ValueOf(x)
		cellsOf(row, "", v)
		if s, ok := x.(assurance.Subservice); ok {
			row["instead"] = s.Report
		}
		if report != "" {
			row["report"] = report
		}
		out = append(out, row)
	}
	switch k.name {
	case "reports":
		for _, x := range r.Reports {
			of("", x)
		}
	case "controls":
		for _, x := range r.Controls {
			of("", x)
		}
	case "evidence":
		for _, x := range r.Evidence {
			of("", x)
		}
	}
	for _, x := range r.Reports {
		switch k.name {
		case "tests":
			for _, t := range x.Tests {
				of(x.ID, t)
			}
		case "subservices":
			for _, s := range x.Subservices {
				of(x.ID, s)
			}
		case "findings":
			for _, f := range x.Findings {
				of(x.ID, f)
			}
		}
	}
	return out
}

// cellsOf writes the fields of v into cells.
func cellsOf(row map[string]string, prefix string, v reflect.Value) {
	for i, name := range fieldNames(v.Type()) {
		f := v.Field(i)
		switch {
		case f.Type() == dayType:
			row[prefix+name] = fmt.Sprint(f.Interface())
		case f.Kind() == reflect.Struct:
			cellsOf(row, name+".", f)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
			lines := make([]string, f.Len())
			for j := range lines {
				lines[j] = strings.ReplaceAll(f.Index(j).String(), "\n", " ")
			}
			row[prefix+name] = strings.Join(lines, "\n")
		case f.Kind() == reflect.String:
			row[prefix+name] = f.String()
		case f.Kind() == reflect.Int && (!f.IsZero() || v.Type() == reflect.TypeFor[assurance.Weakness]()):
			row[prefix+name] = strconv.FormatInt(f.Int(), 10)
		case f.Kind() == reflect.Bool && f.Bool():
			row[prefix+name] = "yes"
		}
	}
}

// WriteCSV writes a table as CSV that spreadsheets open: UTF-8 with byte order
// mark, comma, CRLF, formulas defused.
func WriteCSV(w io.Writer, s Sheet) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("\ufeff") // the writer keeps its first error for Flush
	for _, row := range s.Rows {
		list.WriteRow(b, row)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", s.Name, err)
	}
	return nil
}
