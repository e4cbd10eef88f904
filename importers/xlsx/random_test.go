package xlsx

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/importers/detect"
)

// randomSheet makes a worksheet with everything that writers leave out or put
// in: no numbers, white space, empty rows, prefixes, attributes.
func randomSheet(r *rand.Rand) string {
	p := []string{"", "x:"}[r.IntN(2)]
	var b strings.Builder
	maybe := func(n int, s string) string {
		if r.IntN(n) == 0 {
			return s
		}
		return ""
	}
	space := func() { b.WriteString(maybe(3, []string{"\n  ", " ", "<!-- c -->"}[r.IntN(3)])) }
	xmlns := ` xmlns="` + nsMain + `"`
	if p != "" {
		xmlns = ` xmlns:x="` + nsMain + `"`
	}
	b.WriteString("<" + p + "worksheet" + xmlns + ">" + maybe(2, "<"+p+`dimension ref="B2:C3"/>`) + "<" + p + "sheetData>")
	row := 0
	for range r.IntN(8) {
		space()
		number := ""
		row++
		if r.IntN(2) == 0 {
			row += r.IntN(3)
			number = fmt.Sprintf(` r="%d"`, row)
		}
		tag := "<" + p + "row" + number + maybe(3, ` spans="2:3"`) + maybe(3, ` s="4" customFormat='1'`)
		if r.IntN(4) == 0 {
			b.WriteString(tag + maybe(2, " ") + "/>")
			continue
		}
		b.WriteString(tag + ">")
		col := 0
		for range r.IntN(6) {
			space()
			number := ""
			col++
			if r.IntN(2) == 0 {
				col += r.IntN(3)
				number = ` r="` + detect.CellName(row, col) + `"`
			}
			tag := "<" + p + "c" + number + maybe(2, ` s="7"`)
			switch r.IntN(5) {
			case 0:
				b.WriteString(tag + "/>")
			case 1:
				b.WriteString(tag + "><" + p + "f>1&lt;2</" + p + "f><" + p + "v>1</" + p + "v></" + p + "c>")
			case 2:
				b.WriteString(tag + ` t="s"><` + p + "v>" + strconv.Itoa(r.IntN(3)) + "</" + p + "v></" + p + "c>")
			case 3:
				b.WriteString(tag + ` t="inlineStr"><` + p + "is><" + p + "t>in</" + p + "t></" + p + "is></" + p + "c>")
			default:
				b.WriteString(tag + "></" + p + "c >")
			}
		}
		space()
		b.WriteString("</" + p + "row>")
	}
	space()
	b.WriteString("</" + p + "sheetData></" + p + "worksheet>")
	return b.String()
}

// modelCells reads a worksheet with encoding/xml: what stands in each cell.
func modelCells(t *testing.T, sheet string) map[string]string {
	t.Helper()
	cells := map[string]string{}
	d := xml.NewDecoder(strings.NewReader(sheet))
	row, col, name := 0, 0, ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return cells
		} else if err != nil {
			t.Fatalf("%v\n%s", err, sheet)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			switch e.Name.Local {
			case "row":
				row, col = row+1, 0
				if n, err := strconv.Atoi(attr["r"]); err == nil {
					row = n
				}
			case "c":
				col++
				if _, n, ok := detect.ParseCell(attr["r"]); ok {
					col = n
				}
				name = detect.CellName(row, col)
				if _, twice := cells[name]; twice {
					t.Fatalf("%s twice\n%s", name, sheet)
				}
				cells[name] = "s=" + attr["s"] + " t=" + attr["t"]
			default:
				if name != "" {
					cells[name] += "<" + e.Name.Local + ">"
				}
			}
		case xml.EndElement:
			if e.Name.Local == "c" {
				name = ""
			}
		case xml.CharData:
			if name != "" {
				cells[name] += string(e)
			}
		}
	}
}

func TestPatchedSheetsReadAsBeforePlusAnswers(t *testing.T) {
	t.Parallel()
	wrote := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		sheet := randomSheet(r)
		var values []engine.PartValue
		taken := map[string]bool{}
		for i := range 1 + r.IntN(6) {
			cell := detect.CellName(1+r.IntN(14), 1+r.IntN(9))
			if !taken[cell] {
				taken[cell] = true
				values = append(values, textValue(cell, fmt.Sprintf("answer %d", i)))
			}
		}
		out, report, err := writeTo(t, book(t, sheet), values, WriteOptions{Overwrite: r.IntN(2) == 0})
		if err != nil {
			continue // a formula
		}
		wrote += len(report.Written)
		before, after := modelCells(t, sheet), modelCells(t, partOf(t, out, "xl/worksheets/sheet1.xml"))
		for _, v := range report.Written {
			cell := v.Part.Locator.Cells[0]
			if want := " t=inlineStr<is><t>" + v.Value; !strings.HasSuffix(after[cell], want) {
				t.Errorf("seed %d, %s: got %q, want %q", seed, cell, after[cell], want)
			}
			old, was := before[cell]
			if style, _, _ := strings.Cut(old, " "); was && !strings.HasPrefix(after[cell], style+" ") {
				t.Errorf("seed %d, %s: the style of %q became that of %q", seed, cell, old, after[cell])
			}
			delete(after, cell)
			delete(before, cell)
		}
		for cell, old := range before {
			if after[cell] != old {
				t.Errorf("seed %d, %s: %q became %q", seed, cell, old, after[cell])
			}
			delete(after, cell)
		}
		if len(after) > 0 {
			t.Errorf("seed %d: new cells %v", seed, after)
		}
		if t.Failed() {
			t.Fatalf("\n%s\n%s", sheet, partOf(t, out, "xl/worksheets/sheet1.xml"))
		}
	}
	if wrote < 400 {
		t.Errorf("only %d values were written", wrote)
	}
}
