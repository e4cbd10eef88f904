package detect

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vouch/engine"
)

var update = flag.Bool("update", false, "write what is found into the golden files under testdata")

// TestDetect reads every sketch of a workbook under testdata and compares what
// is found in it with the lines under "-- want", one for each part:
//
//	Sheet!cell ref kind cells [options]
//
// The form of a sketch is described at [sketch].
func TestDetect(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sketches: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(data), "-- want\n")
			wb := sketch(t, input)
			q, err := Detect(wb, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkEveryRow(t, wb, q)
			checkLayoutRoundTrip(t, wb, q)
			got := render(q)
			if *update {
				if err := os.WriteFile(file, []byte(input+"-- want\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("found\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// render prints what was found, the rows that were not taken last.
func render(q *engine.Questionnaire) string {
	var b strings.Builder
	for _, x := range q.Questions {
		section := ""
		if x.Section != "" {
			section = "  § " + x.Section
		}
		for i, p := range x.Parts {
			kind := string(p.Kind)
			if p.Aspect != "" {
				kind += ":" + p.Aspect
			}
			fmt.Fprintf(&b, "%s %q %s %s", x.Locator, x.Ref, kind, strings.Join(p.Locator.Cells, "|"))
			if len(p.Options) > 0 {
				fmt.Fprintf(&b, " [%s]", strings.Join(p.Options, "|"))
			}
			if p.Value != "" {
				fmt.Fprintf(&b, " = %q", p.Value)
			}
			if i == 0 {
				b.WriteString(section)
			}
			b.WriteByte('\n')
		}
	}
	for _, v := range q.Appended {
		fmt.Fprintf(&b, "append %s %q\n", v.Part.Locator, v.Value)
	}
	for _, s := range q.Skipped {
		fmt.Fprintf(&b, "skip %s!%d %s", s.Sheet, s.Row, s.Reason)
		if s.Detail != "" {
			fmt.Fprintf(&b, " (%s)", s.Detail)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// checkEveryRow proves that every non-empty row is a question or reported.
func checkEveryRow(t *testing.T, wb *Workbook, q *engine.Questionnaire) {
	t.Helper()
	seen := map[string]int{}
	for _, x := range q.Questions {
		seen[fmt.Sprint(x.Locator.Sheet, "!", x.Row)] = 1
	}
	for _, s := range q.Skipped {
		seen[fmt.Sprint(s.Sheet, "!", s.Row)] += 2
	}
	for _, s := range wb.Sheets {
		for _, r := range s.Rows {
			text := ""
			for _, c := range r.Cells {
				text += engine.CleanText(c.Text)
			}
			key := fmt.Sprint(s.Name, "!", r.N)
			if text != "" && seen[key] != 1 && seen[key] != 2 {
				t.Errorf("row %s: question and skipped count %d, want one of them", key, seen[key])
			}
		}
	}
}

// checkLayoutRoundTrip proves that reading a file again with the layout that
// was found gives the same questions.
func checkLayoutRoundTrip(t *testing.T, wb *Workbook, q *engine.Questionnaire) {
	t.Helper()
	if err := q.Layout.Validate(); err != nil {
		t.Errorf("the layout found is not valid: %v", err)
		return
	}
	again, err := Detect(wb, &q.Layout)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(q.Questions)
	b, _ := json.Marshal(again.Questions)
	if string(a) != string(b) {
		t.Errorf("with its own layout the file reads differently:\n%s\nwant\n%s", render(again), render(q))
	}
	if again.Layout.Shape != q.Layout.Shape {
		t.Errorf("shape %s, want %s", again.Layout.Shape, q.Layout.Shape)
	}
}

var directive = regexp.MustCompile(`^(sheet|merge|list|hide|protect|hidden|csv)\b\s*(.*)$`)

var rowNumber = regexp.MustCompile(`^(\d{1,6}):\s?`)

// sketch reads a workbook drawn as text:
//
//	sheet Name            starts a sheet
//	hidden                the sheet is hidden
//	protect               the sheet is protected
//	merge A1:C1 …         merged areas
//	list C2:C9 Yes|No     a drop-down
//	hide C                a hidden column
//	csv                   the file is CSV: no looks
//	12: a | b | c         row 12 and its cells from column A; without a number the next row
//
// A row that starts with "!" is hidden. A cell may start with flags in braces:
// {b} bold, {f} filled, {u} unlocked, {=} a formula, {s} a style of its own.
// \n is a line break, and an empty cell with a style is written {s}.
func sketch(t *testing.T, text string) *Workbook {
	t.Helper()
	wb := &Workbook{Name: "sketch", Format: "xlsx", Styles: []Style{{Locked: true}}}
	var s *Sheet
	n := 0
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " ")
		if line == "" || line[0] == '#' {
			continue
		}
		if m := directive.FindStringSubmatch(line); m != nil {
			switch m[1] {
			case "csv":
				wb.Format = "csv"
			case "sheet":
				s, n = &Sheet{Name: m[2]}, 0
				wb.Sheets = append(wb.Sheets, s)
			case "hidden":
				s.Hidden = true
			case "protect":
				s.Protected = true
			case "hide":
				c := ColumnNumber(m[2])
				s.HiddenCols = append(s.HiddenCols, ColRange{c, c})
			case "merge":
				for _, f := range strings.Fields(m[2]) {
					s.Merges = append(s.Merges, mustRange(t, f))
				}
			case "list":
				where, options, _ := strings.Cut(m[2], " ")
				l := List{Options: []string{}}
				if options != "" {
					l.Options = strings.Split(options, "|")
				}
				for _, f := range strings.Split(where, ",") {
					l.Ranges = append(l.Ranges, mustRange(t, f))
				}
				s.Lists = append(s.Lists, l)
			}
			continue
		}
		n++
		hidden := strings.HasPrefix(line, "!")
		line = strings.TrimPrefix(line, "!")
		if m := rowNumber.FindStringSubmatch(line); m != nil {
			fmt.Sscan(m[1], &n)
			line = line[len(m[0]):]
		}
		r := Row{N: n, Hidden: hidden}
		for i, f := range strings.Split(line, "|") {
			if c, ok := sketchCell(wb, strings.TrimSpace(f), i+1); ok {
				r.Cells = append(r.Cells, c)
			}
		}
		s.Rows = append(s.Rows, r)
	}
	return wb
}

func mustRange(t *testing.T, s string) Range {
	t.Helper()
	r, ok := ParseRange(s)
	if !ok {
		t.Fatalf("sketch: no range: %q", s)
	}
	return r
}

func sketchCell(wb *Workbook, s string, col int) (Cell, bool) {
	c := Cell{Col: col}
	if s == "" {
		return c, false
	}
	st := Style{Locked: true}
	for strings.HasPrefix(s, "{") {
		flag, rest, _ := strings.Cut(s[1:], "}")
		s = strings.TrimSpace(rest)
		switch flag {
		case "b":
			st.Bold = true
		case "f":
			st.Fill = "grey"
		case "u":
			st.Locked = false
		case "=":
			c.Formula = true
		case "s":
			st.Fill = "answer"
		}
	}
	for i, have := range wb.Styles {
		if have == st {
			c.Style = i
		}
	}
	if wb.Styles[c.Style] != st {
		wb.Styles = append(wb.Styles, st)
		c.Style = len(wb.Styles) - 1
	}
	c.Text = strings.ReplaceAll(s, `\n`, "\n")
	return c, true
}
