package xlsx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/importers/isolate"
)

func TestMain(m *testing.M) {
	isolate.Main()
	os.Exit(m.Run())
}

// stylesXML has format 1: unlocked; 2: filled and bold; 3: hidden formulas
// only, so locked; 4: a date.
const stylesXML = `<styleSheet xmlns="` + nsMain + `"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDEEFF"/></patternFill></fill></fills>` +
	`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf fontId="0" fillId="2"/></cellStyleXfs>` +
	`<cellXfs count="5"><xf fontId="0" fillId="0"/><xf fontId="0" fillId="0" applyProtection="1"><protection locked="0"/></xf><xf fontId="1" fillId="2"/>` +
	`<xf fontId="0" fillId="0" applyProtection="1"><protection hidden="1"/></xf><xf numFmtId="164" fontId="0" fillId="0"/></cellXfs></styleSheet>`

// styledBook is a workbook with stylesXML.
func styledBook(t testing.TB, sheets []string, extra ...part) []byte {
	t.Helper()
	parts := bookParts(sheets)
	for i := range parts {
		if parts[i].name == "xl/_rels/workbook.xml.rels" {
			parts[i].body = strings.Replace(parts[i].body, "</Relationships>", `<Relationship Id="rIdT" Type="`+nsRel+`/styles" Target="styles.xml"/></Relationships>`, 1)
		}
	}
	return zipParts(t, replaceParts(append(parts, part{"xl/styles.xml", stylesXML}), extra...))
}

// row draws a row of inline texts; "@1text" has style 1, "=text" is a formula
// with that cached value.
func row(n int, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, n)
	for i, c := range cells {
		style := ""
		if strings.HasPrefix(c, "@") {
			style, c = fmt.Sprintf(` s="%c"`, c[1]), c[2:]
		}
		ref := fmt.Sprintf("%c%d", 'A'+i, n)
		switch {
		case strings.HasPrefix(c, "="):
			fmt.Fprintf(&b, `<c r="%s"%s t="str"><f>A1</f><v>%s</v></c>`, ref, style, c[1:])
		case c != "":
			fmt.Fprintf(&b, `<c r="%s"%s t="inlineStr"><is><t>%s</t></is></c>`, ref, style, c)
		case style != "":
			fmt.Fprintf(&b, `<c r="%s"%s/>`, ref, style)
		}
	}
	return b.String() + `</row>`
}

// findIn reads a workbook in this process.
func findIn(t testing.TB, file []byte) *engine.Questionnaire {
	t.Helper()
	q, err := find(context.Background(), bytes.NewReader(file), int64(len(file)), "test.xlsx", nil, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// partsOf lists the parts of a questionnaire in short.
func partsOf(q *engine.Questionnaire) []string {
	out := []string{}
	for _, x := range q.Questions {
		for _, p := range x.Parts {
			s := x.Locator.String() + " " + string(p.Kind) + " " + strings.Join(p.Locator.Cells, "|")
			if len(p.Options) > 0 {
				s += " " + strings.Join(p.Options, "|")
			}
			if p.Value != "" {
				s += " = " + p.Value
			}
			out = append(out, s)
		}
	}
	return out
}

// TestDropDowns proves where the options of a cell come from.
func TestDropDowns(t *testing.T) {
	t.Parallel()
	questions := `<sheetData>` + row(1, "ID", "Question", "Answer", "Comments") + row(2, "1", "Is data encrypted at rest?") + row(3, "2", "Is data encrypted in transit?") + `</sheetData>`
	lists := sheetXML(`<sheetData>` + row(1, "Yes", "Y1") + row(2, "No") + row(3, "", "Y3") + row(4, "N/A") + `</sheetData>`)
	standard := func(formula string) string {
		return `<dataValidations count="1"><dataValidation type="list" sqref="C2:C3"><formula1>` + formula + `</formula1></dataValidation></dataValidations>`
	}
	extension := func(formula string) string {
		return `<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}">` +
			`<x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1"><x14:dataValidation type="list"><x14:formula1><xm:f>` + formula +
			`</xm:f></x14:formula1><xm:sqref>C2 C3</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>`
	}
	names := func(defined string) part {
		return part{"xl/workbook.xml", `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><sheets><sheet name="S1" sheetId="1" r:id="rId1"/><sheet name="S2" sheetId="2" state="hidden" r:id="rId2"/></sheets><definedNames>` + defined + `</definedNames></workbook>`}
	}
	for _, tt := range []struct {
		rule  string
		after string
		extra []part
		kind  string // what C2 is
	}{
		{"Literal", standard(`"Yes,No, N/A"`), nil, "choice C2 Yes|No|N/A"},
		{"LiteralQuotes", standard(`"Yes,""No"""`), nil, `choice C2 Yes|"No"`},
		{"RangeOnAnotherSheet", standard(`S2!$A$1:$A$4`), nil, "choice C2 Yes|No|N/A"},
		{"RangeInQuotes", standard(`'S2'!$A$1:$A$2`), nil, "choice C2 Yes|No"},
		{"WholeColumn", standard(`S2!$A:$A`), nil, "choice C2 Yes|No|N/A"},
		{"Extension", extension(`S2!$A$1:$A$2`), nil, "choice C2 Yes|No"},
		{"DefinedName", standard(`Choices`), []part{names(`<definedName name="Choices">S2!$A$1:$A$2</definedName>`)}, "choice C2 Yes|No"},
		{"DefinedNameOfTheSheetWins", standard(`Choices`), []part{names(`<definedName name="Choices">S2!$A$1:$A$2</definedName><definedName name="Choices" localSheetId="0">S2!$A$4</definedName>`)}, "choice C2 N/A"},
		{"NameBehindAName", extension(`Outer`), []part{names(`<definedName name="Outer">Inner</definedName><definedName name="Inner">S2!$A$2:$A$4</definedName>`)}, "choice C2 No|N/A"},
		{"NamesInACircle", standard(`Outer`), []part{names(`<definedName name="Outer">Inner</definedName><definedName name="Inner">Outer</definedName>`)}, "choice C2"},
		{"Computed", standard(`INDIRECT("S2!A1:A4")`), nil, "choice C2"},
		{"AnotherWorkbook", standard(`[1]Lists!$A$1:$A$4`), nil, "choice C2"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			q := findIn(t, zipParts(t, bookParts([]string{sheetXML(questions + tt.after), lists}, tt.extra...)))
			got := partsOf(q)
			if len(got) == 0 || got[0] != "S1!B2 "+tt.kind {
				t.Errorf("found %q, want first %q", got, tt.kind)
			}
		})
	}
}

// TestLooks proves that locks, fills and dates are read from the formats.
func TestLooks(t *testing.T) {
	t.Parallel()
	file := styledBook(t, []string{sheetXML(`<sheetData>` + row(1, "@2x", "@1y", "@3z", `@4`) + `</sheetData><sheetProtection sheet="1"/>`)})
	wb, err := readWorkbook(context.Background(), bytes.NewReader(file), int64(len(file)), "test.xlsx", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(wb.Styles) != 5 || !wb.Sheets[0].Protected {
		t.Fatalf("%d styles, protected %v; want 5 on a protected sheet", len(wb.Styles), wb.Sheets[0].Protected)
	}
	s := wb.Styles
	if !s[0].Locked || s[1].Locked || !s[3].Locked || !s[2].Bold || s[2].Fill == "" || s[0].Fill != "" || !s[4].Date || s[0].Date {
		t.Errorf("styles %+v", s)
	}
}

func TestShowsDate(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"yyyy-mm-dd": true, "d.m.yyyy": true, "dd/mm/yy hh:mm": true, "0.00": false, "General": false, `"day" 0`: false, "[Red]0": false, `\d0`: false, "[$-409]d mmm": true, "": false,
	} {
		if got := showsDate(code); got != want {
			t.Errorf("showsDate(%q) = %v, want %v", code, got, want)
		}
	}
}

// TestRead proves that reading in the child gives the same as reading here,
// and that refusals come back as such.
func TestRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := styledBook(t, []string{sheetXML(`<sheetData>` + row(1, "ID", "Question", "Answer") + row(2, "A-1", "Do you log in with SSO?", "@1") + row(3, "A-2", "=Are logs kept?", "=computed") + `</sheetData>`)})
	path := filepath.Join(dir, "book.xlsx")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := Read(context.Background(), path, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	here := findIn(t, file)
	here.Name = "book.xlsx"
	var want engine.Questionnaire // as it looks after the way back from the child
	data, _ := json.Marshal(here)
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&want, q); d != "" {
		t.Errorf("from the child (+) and here (-):\n%s", d)
	}
	if got := partsOf(q); !slices.Equal(got, []string{"S1!B2 text C2"}) {
		t.Errorf("parts %q", got)
	}
	sheets, err := ReadSheets(context.Background(), path, Limits{})
	if err != nil || len(sheets) != 1 || sheets[0].Rows[2][1] != "Are logs kept?" {
		t.Errorf("sheets %v, %v", sheets, err)
	}
	if err := os.WriteFile(path, file[:len(file)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	var refused *engine.RefusedError
	if _, err := Read(context.Background(), path, ReadOptions{}); !errors.As(err, &refused) || refused.File != "book.xlsx" {
		t.Errorf("half a file: %v, want it refused", err)
	}
}

// TestHiddenSheetsAreReported proves that their rows are reported, not answered.
func TestHiddenSheetsAreReported(t *testing.T) {
	t.Parallel()
	body := sheetXML(`<sheetData>` + row(1, "ID", "Question", "Answer") + row(2, "A-1", "Is this hidden?") + `</sheetData>`)
	q := findIn(t, zipParts(t, bookParts([]string{body, body}, part{"xl/workbook.xml", `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><sheets><sheet name="S1" sheetId="1" r:id="rId1"/><sheet name="S2" sheetId="2" state="veryHidden" r:id="rId2"/></sheets></workbook>`})))
	if len(q.Questions) != 1 || len(q.Skipped) != 3 || q.Skipped[2].Reason != engine.SkipHiddenSheet {
		t.Errorf("%d questions, skipped %+v", len(q.Questions), q.Skipped)
	}
}

// answerAll returns a value for every empty part.
func answerAll(q *engine.Questionnaire) []engine.PartValue {
	values := append([]engine.PartValue{}, q.Appended...)
	for _, x := range q.Questions {
		for i, p := range x.Parts {
			v := fmt.Sprintf("Answer %d to row %d; <&> \"ok\"", i, x.Row)
			switch {
			case p.Value != "":
				continue
			case len(p.Options) > 0:
				v = p.Options[len(p.Options)-1]
			case p.Kind == engine.PartNumber:
				v = "3"
			}
			values = append(values, engine.PartValue{Part: p, Value: v})
		}
	}
	return values
}

// checkRoundTrip answers every part of a workbook and reads it again: the same
// questions in the same cells, holding exactly what was written.
func checkRoundTrip(t *testing.T, file []byte) {
	t.Helper()
	ctx := context.Background()
	q, err := find(ctx, bytes.NewReader(file), int64(len(file)), "test.xlsx", nil, Limits{})
	if err != nil {
		return
	}
	values := answerAll(q)
	var out bytes.Buffer
	report, err := Write(ctx, bytes.NewReader(file), int64(len(file)), &out, values, WriteOptions{})
	if err != nil {
		t.Fatalf("write %d values: %v", len(values), err)
	}
	if len(report.Kept) > 0 {
		t.Fatalf("%d values were not written to cells that were found empty", len(report.Kept))
	}
	if err := Verify(ctx, bytes.NewReader(file), int64(len(file)), bytes.NewReader(out.Bytes()), int64(out.Len()), report.Written); err != nil {
		t.Fatal(err)
	}
	layout := q.Layout
	again, err := find(ctx, bytes.NewReader(out.Bytes()), int64(out.Len()), "test.xlsx", &layout, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Questions) != len(q.Questions) {
		t.Fatalf("%d questions before, %d after", len(q.Questions), len(again.Questions))
	}
	want := map[string]string{}
	for _, v := range values {
		want[v.Part.Locator.Sheet+"!"+strings.Join(v.Part.Locator.Cells, "|")] = v.Value
	}
	for i := range q.Questions {
		a, b := q.Questions[i], again.Questions[i]
		if a.Text != b.Text || a.Ref != b.Ref || a.Locator.String() != b.Locator.String() || len(a.Parts) != len(b.Parts) {
			t.Fatalf("question %d is %+v, want %+v", i, b, a)
		}
		for k := range a.Parts {
			w := a.Parts[k].Value
			if w == "" {
				w = want[a.Parts[k].Locator.Sheet+"!"+strings.Join(a.Parts[k].Locator.Cells, "|")]
			}
			if got := b.Parts[k].Value; got != w && (!a.Parts[k].Placeholder || !b.Parts[k].Placeholder) {
				t.Fatalf("%s holds %q, want %q", b.Parts[k].Locator, got, w)
			}
		}
	}
}

// roundTripSeeds are sheets that look like questionnaires.
var roundTripSeeds = []string{
	`<sheetData>` + row(1, "ID", "Question", "Answer", "Comments") + row(2, "1", "Is data encrypted at rest?", "Please select") + row(3, "2", "Describe your backups.") + `</sheetData><dataValidations><dataValidation type="list" sqref="C2"><formula1>"Please select,Yes,No"</formula1></dataValidation></dataValidations>`,
	`<sheetData>` + row(2, "Ref", "Requirement", "Yes", "No", "N/A", "Remarks") + row(3, "A.1", "Policies are approved by management every year.") + row(4, "A.2", "Assets are inventoried and have owners.", "x") + `</sheetData><mergeCells><mergeCell ref="A1:F1"/></mergeCells>`,
	`<sheetData><row><c t="inlineStr"><is><t>Question</t></is></c></row><row><c t="inlineStr"><is><t>Do you test restores?</t></is></c></row><row><c t="inlineStr"><is><t>Who approves changes?</t></is></c></row></sheetData>`,
	`<sheetData>` + row(1, "Nr.", "Frage", "Antwort", "Bemerkung") + row(5, "1", "Wird verschlüsselt?") + `<row r="6"/><row r="9"><c r="B9" t="s"><v>0</v></c></row></sheetData>`,
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for i, s := range roundTripSeeds {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			file := styledBook(t, []string{sheetXML(s)})
			if q := findIn(t, file); len(q.Questions) == 0 {
				t.Error("no questions in the seed")
			}
			checkRoundTrip(t, file)
		})
	}
	for _, name := range []string{"hecvat-4.1.4", "caiq-3.0.1", "caiq-4.0.3-filled"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(filepath.Join(evalDir, "workbooks", name+".xlsx"))
			if err != nil {
				t.Skipf("the evaluation data is not beside the repository: %v", err)
			}
			checkRoundTrip(t, file)
		})
	}
}

// FuzzRoundTrip reads whatever a sheet says, answers all of it, and reads it
// again: the same questions, and exactly the written answers.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range roundTripSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 64<<10 {
			t.Skip("larger sheets are for the benchmarks")
		}
		checkRoundTrip(t, styledBook(t, []string{sheetXML(body)}))
	})
}
