package register

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/tree"
)

// aliases are other names for fields, as lists of controls have them.
var aliases = map[string]string{"description": "text"}

// unkept are fields that lists of controls have and the register does not
// keep: no rule looks at them.
var unkept = []string{"domain"}

// prose are the fields whose line breaks are kept.
var prose = []string{"text", "scope", "response", "planned", "objectives", "user_controls"}

var (
	dayType     = reflect.TypeFor[assurance.Day]()
	controlType = reflect.TypeFor[assurance.Control]()
)

// maxProblems is how many problems of one file are told; who has that many
// corrects the first ones and looks again.
const maxProblems = 200

// decoder turns nodes into values of the register's types, by the names that
// JSON has for them. What cannot be taken is a problem; the value then stays
// empty, and its place in a list is kept, so that indices hold.
type decoder struct {
	source   source
	problems []Problem
}

func (d *decoder) report(line, column int, path, format string, args ...any) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, Problem{Place: d.source.place(line, column), Path: path, Text: fmt.Sprintf(format, args...)})
	}
}

// decode sets v to what n says.
func (d *decoder) decode(n tree.Node, v reflect.Value, path string) {
	if n.Kind == tree.Null {
		return
	}
	switch {
	case v.Type() == dayType:
		d.day(n, v, path)
	case v.Kind() == reflect.Struct:
		d.object(n, v, path, nil)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path)
	case v.Kind() == reflect.Bool:
		d.truth(n, v, path)
	case v.Kind() == reflect.Int:
		d.number(n, v, path)
	default:
		d.text(n, v, path)
	}
}

// object sets the fields of v. Fields named in other are handed to it.
func (d *decoder) object(n tree.Node, v reflect.Value, path string, other map[string]func(n tree.Node, path string)) {
	if n.Kind != tree.Object {
		d.report(n.Line, n.Column, path, "expected an object, got %s; accepted: an object with %s", n.Kind, strings.Join(fieldNames(v.Type()), ", "))
		return
	}
	seen := map[string]bool{}
	for _, m := range n.Members {
		name := m.Name
		if to, ok := aliases[name]; ok && v.Type() == controlType {
			name = to
		}
		at := joinPath(path, m.Name)
		if seen[name] {
			d.report(m.Line, m.Column, at, "the field occurs twice; write it once")
			continue
		}
		seen[name] = true
		if fn, ok := other[name]; ok {
			fn(m.Value, at)
			continue
		}
		if v.Type() == controlType && slices.Contains(unkept, name) {
			continue
		}
		if i, ok := fieldIndex(v.Type(), name); ok {
			d.decode(m.Value, v.Field(i), at)
			continue
		}
		d.unknown(m, at, append(fieldNames(v.Type()), slices.Sorted(maps.Keys(other))...))
	}
}

// unknown reports a field that does not exist.
func (d *decoder) unknown(m tree.Member, path string, accepted []string) {
	d.report(m.Line, m.Column, path, "there is no such field%s; accepted: %s", nearest(m.Name, accepted), strings.Join(accepted, ", "))
}

func (d *decoder) list(n tree.Node, v reflect.Value, path string) {
	if n.Kind != tree.List {
		d.report(n.Line, n.Column, path, "expected a list, got %s; accepted: a list, also of one", n.Kind)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items))
	for i, item := range n.Items {
		at := joinIndex(path, i)
		if item.Kind == tree.Null {
			d.report(item.Line, item.Column, at, "there is nothing; write it or leave the line out")
		}
		d.decode(item, out.Index(i), at)
	}
	v.Set(out)
}

func (d *decoder) text(n tree.Node, v reflect.Value, path string) {
	if n.Kind != tree.Text && n.Kind != tree.Number {
		d.report(n.Line, n.Column, path, "expected text, got %s; accepted: text, in quotes if it looks like something else", n.Kind)
		return
	}
	field := path[strings.LastIndex(path, ".")+1:]
	field, _, _ = strings.Cut(field, "[")
	if slices.Contains(prose, field) || aliases[field] != "" {
		v.SetString(list.CleanProse(n.Text))
		return
	}
	v.SetString(engine.CleanText(n.Text))
}

func (d *decoder) day(n tree.Node, v reflect.Value, path string) {
	s := strings.TrimSpace(n.Text)
	if n.Kind == tree.Text && s == "" {
		return
	}
	why := "is not written that way"
	if d.source.at != nil { // people write days in tables as they like
		day, not := list.ParseDate(engine.CleanText(s))
		if not == "" {
			s = day.Format("2006-01-02")
		} else {
			why, _, _ = strings.Cut(not, ";")
		}
	}
	day, err := assurance.ParseDay(s)
	if n.Kind != tree.Text || err != nil {
		d.report(n.Line, n.Column, path, "the day %s; accepted: a day between 1990 and 2100 as 2026-03-31", why)
		return
	}
	v.Set(reflect.ValueOf(day))
}

func (d *decoder) number(n tree.Node, v reflect.Value, path string) {
	i, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(n.Text)), "type "))
	if n.Kind != tree.Number && n.Kind != tree.Text || err != nil {
		d.report(n.Line, n.Column, path, "expected a whole number, got %s; accepted: figures", n.Kind)
		return
	}
	v.SetInt(int64(i))
}

func (d *decoder) truth(n tree.Node, v reflect.Value, path string) {
	switch strings.ToLower(strings.TrimSpace(n.Text)) {
	case "true", "yes":
		v.SetBool(true)
	case "false", "no":
	default:
		d.report(n.Line, n.Column, path, "expected yes or no, got %s; accepted: true, false, yes, no", n.Kind)
	}
}

// fieldNames returns the JSON names of a struct's fields in their order.
func fieldNames(t reflect.Type) []string {
	out := make([]string, t.NumField())
	for i := range out {
		out[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return out
}

func fieldIndex(t reflect.Type, name string) (int, bool) {
	i := slices.Index(fieldNames(t), name)
	return i, i >= 0
}

// maxName is how many characters of a name a path shows.
const maxName = 40

func joinPath(path, name string) string {
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName]) + "…"
	}
	name = engine.CleanText(name)
	if path == "" {
		return name
	}
	return path + "." + name
}

func joinIndex(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// nearest returns the accepted name that is most like one, as a part of a
// sentence; nothing if none is much like it.
func nearest(name string, accepted []string) string {
	name = strings.ToLower(name)
	best, least := "", max(2, utf8.RuneCountInString(name)/3)+1
	for _, a := range accepted {
		if n := distance(name, a); n < least {
			best, least = a, n
		}
	}
	if best == "" {
		return ""
	}
	return ", the nearest is " + best
}

// distance returns how many characters must be changed, put in or left out to
// make b of a. Long names are like none.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxName || len(y) > maxName {
		return maxName
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0]
		row[0] = i + 1
		for j := range y {
			same := before
			if x[i] != y[j] {
				same++
			}
			before = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
