package xlsx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// writeTo writes values into file and verifies the result.
func writeTo(t testing.TB, file []byte, values []engine.PartValue, opts WriteOptions) ([]byte, WriteReport, error) {
	t.Helper()
	var out bytes.Buffer
	ctx := context.Background()
	report, err := Write(ctx, bytes.NewReader(file), int64(len(file)), &out, values, opts)
	if err != nil {
		if out.Len() > 0 {
			t.Error("something was written in spite of the error")
		}
		return nil, report, err
	}
	if err := Verify(ctx, bytes.NewReader(file), int64(len(file)), bytes.NewReader(out.Bytes()), int64(out.Len()), report.Written); err != nil {
		t.Errorf("%v\n%s", err, partOf(t, out.Bytes(), "xl/worksheets/sheet1.xml"))
	}
	return out.Bytes(), report, nil
}

func inline(cell, attrs, text string) string {
	return `<c r="` + cell + `"` + attrs + ` t="inlineStr"><is><t>` + text + `</t></is></c>`
}

func TestWritePatchesTheSheet(t *testing.T) {
	t.Parallel()
	choice := func(cell, text string, options ...string) engine.PartValue {
		v := value(engine.PartChoice, text, cell)
		v.Part.Options = options
		return v
	}
	like := func(cell, text, like string) engine.PartValue {
		v := textValue(cell, text)
		v.Part.Locator.Like = like
		return v
	}
	yes := inline("B2", "", "Yes")
	for _, tt := range []struct {
		name      string
		sheet     string // inside worksheet
		values    []engine.PartValue
		overwrite bool
		want      string
	}{
		{"EmptyCellKeepsItsStyle", `<sheetData><row r="2"><c r="B2" s="7"/></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2">` + inline("B2", ` s="7"`, "Yes") + `</row></sheetData>`},
		{"AttributesOfTheOldValueGo", `<sheetData><row r="2"><c t="s" r="B2" vm="1" cm="2" ph="1" s="7"><v>1</v></c></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2"><c r="B2" s="7" t="inlineStr"><is><t>Yes</t></is></c></row></sheetData>`},
		{"CellWithAnEmptyTextIsEmpty", `<sheetData><row r="2"><c r="B2" t="inlineStr"><is><t> </t></is></c></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2">` + yes + `</row></sheetData>`},
		{"MissingCellsGoInOrder", `<sheetData><row r="2"><c r="C2"/><c r="E2"/></row></sheetData>`,
			[]engine.PartValue{textValue("F2", "f"), textValue("B2", "b"), textValue("D2", "d")}, false,
			`<sheetData><row r="2">` + inline("B2", "", "b") + `<c r="C2"/>` + inline("D2", "", "d") + `<c r="E2"/>` + inline("F2", "", "f") + `</row></sheetData>`},
		{"MissingRowsGoInOrder", `<sheetData><row r="2"/><row r="4"/></sheetData>`,
			[]engine.PartValue{textValue("A5", "5"), textValue("A1", "1"), textValue("A3", "3")}, false,
			`<sheetData><row r="1">` + inline("A1", "", "1") + `</row><row r="2"/><row r="3">` + inline("A3", "", "3") + `</row><row r="4"/><row r="5">` + inline("A5", "", "5") + `</row></sheetData>`},
		{"SelfClosingRowIsOpened", `<sheetData><row r="2" ht="20" /></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2" ht="20" >` + yes + `</row></sheetData>`},
		{"SelfClosingSheetDataIsOpened", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2">` + yes + `</row></sheetData>`},
		{"PrefixIsTheSheets", `<sheetData xmlns:x="u"><row r="2"/></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData xmlns:x="u"><row r="2">` + yes + `</row></sheetData>`},
		{"CellsWithoutNumbersKeepTheirPlace", `<sheetData><row><c><v>1</v></c></row><row><c><v>1</v></c><c/><c r="E2"/></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes"), textValue("D2", "d")}, false,
			`<sheetData><row><c><v>1</v></c></row><row><c><v>1</v></c><c t="inlineStr"><is><t>Yes</t></is></c>` + inline("D2", "", "d") + `<c r="E2"/></row></sheetData>`},
		{"NewCellTakesTheStyleOfTheCellItIsLike", `<cols><col min="2" max="2" style="4"/></cols><sheetData><row r="2" s="3" customFormat="1"><c r="A2" s="9"/></row></sheetData>`,
			[]engine.PartValue{like("B2", "Yes", "A2")}, false, `<cols><col min="2" max="2" style="4"/></cols><sheetData><row r="2" s="3" customFormat="1"><c r="A2" s="9"/>` + inline("B2", ` s="9"`, "Yes") + `</row></sheetData>`},
		{"NewCellTakesTheStyleOfItsRow", `<cols><col min="2" max="2" style="4"/></cols><sheetData><row r="2" s="3" customFormat="1"/></sheetData>`,
			[]engine.PartValue{like("B2", "Yes", "A2")}, false, `<cols><col min="2" max="2" style="4"/></cols><sheetData><row r="2" s="3" customFormat="1">` + inline("B2", ` s="3"`, "Yes") + `</row></sheetData>`},
		{"NewCellTakesTheStyleOfItsColumn", `<cols><col min="2" max="3" style="4"/></cols><sheetData><row r="2" s="3"/></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<cols><col min="2" max="3" style="4"/></cols><sheetData><row r="2" s="3">` + inline("B2", ` s="4"`, "Yes") + `</row></sheetData>`},
		{"SpansAndDimensionGrow", `<dimension ref="A1:A2"/><sheetData><row r="2" spans="3:4"/></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes"), textValue("F9", "9")}, false, `<dimension ref="A1:F9"/><sheetData><row r="2" spans="2:4">` + yes + `</row><row r="9">` + inline("F9", "", "9") + `</row></sheetData>`},
		{"SpansAndDimensionStay", `<dimension ref="A1:C3"/><sheetData><row r="2" spans="1:3"><c r="A2"/></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<dimension ref="A1:C3"/><sheetData><row r="2" spans="1:3"><c r="A2"/>` + yes + `</row></sheetData>`},
		{"MergesTopLeftCell", `<sheetData><row r="2"><c r="B2"/><c r="C2"/></row></sheetData><mergeCells count="1"><mergeCell ref="B2:C3"/></mergeCells>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2">` + yes + `<c r="C2"/></row></sheetData><mergeCells count="1"><mergeCell ref="B2:C3"/></mergeCells>`},
		{"NumberOptionIsANumber", `<sheetData><row r="2"><c r="B2" t="s" s="1"><v>1</v></c></row></sheetData>`,
			[]engine.PartValue{choice("B2", "4", "3", "4")}, false, `<sheetData><row r="2"><c r="B2" s="1"><v>4</v></c></row></sheetData>`},
		{"OddNumberOptionIsText", `<sheetData/>`,
			[]engine.PartValue{choice("B2", "007", "007")}, false, `<sheetData><row r="2">` + inline("B2", "", "007") + `</row></sheetData>`},
		{"NumberPartIsANumber", `<sheetData/>`,
			[]engine.PartValue{value(engine.PartNumber, "-0.5", "B2"), value(engine.PartNumber, "about 4", "C2"), textValue("D2", "4")}, false,
			`<sheetData><row r="2"><c r="B2"><v>-0.5</v></c>` + inline("C2", "", "about 4") + inline("D2", "", "4") + `</row></sheetData>`},
		{"OverwriteReplaces", `<sheetData><row r="2"><c r="B2" t="s"><v>0</v></c></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, true, `<sheetData><row r="2">` + yes + `</row></sheetData>`},
		{"TextIsEscaped", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", "a<b>&\"c\"]]>")}, false, `<sheetData><row r="2">` + inline("B2", "", `a&lt;b&gt;&amp;"c"]]&gt;`) + `</row></sheetData>`},
		{"ForbiddenCharactersGo", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", "a\x00\x1fb\xff\ufffe\U0001F600")}, false, `<sheetData><row r="2">` + inline("B2", "", "ab\U0001F600") + `</row></sheetData>`},
		{"LookAlikesOfEscapesAreEscaped", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", "_x000D_x000d_ _x00G0_ _x_")}, false, `<sheetData><row r="2">` + inline("B2", "", "_x005F_x000D_x005F_x000d_ _x00G0_ _x_") + `</row></sheetData>`},
		{"SpaceAndLineEndsStay", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", " a\r\nb\rc\n")}, false, `<sheetData><row r="2"><c r="B2" t="inlineStr"><is><t xml:space="preserve"> a` + "\nb\nc\n" + `</t></is></c></row></sheetData>`},
		{"FormulaLookAlikesAreText", `<sheetData/>`,
			[]engine.PartValue{textValue("B2", `=1+1`)}, false, `<sheetData><row r="2">` + inline("B2", "", "=1+1") + `</row></sheetData>`},
		{"CellsStandBeforeAnExtension", `<sheetData><row r="2"><c r="A2"/><extLst><ext uri="u"/></extLst></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes")}, false, `<sheetData><row r="2"><c r="A2"/>` + yes + `<extLst><ext uri="u"/></extLst></row></sheetData>`},
		{"OtherElementsDoNotMoveCells", `<sheetData><row r="2"><y/><c r="C2"/></row></sheetData>`,
			[]engine.PartValue{textValue("B2", "Yes"), textValue("D2", "d")}, false, `<sheetData><row r="2"><y/>` + yes + `<c r="C2"/>` + inline("D2", "", "d") + `</row></sheetData>`},
		{"PrettyPrintedSheetsStayPretty", "\n <sheetData>\n  <row r='2'>\n   <c r='A2' />\n  </row>\n </sheetData>\n",
			[]engine.PartValue{textValue("A2", "a"), textValue("B2", "Yes")}, false,
			"\n <sheetData>\n  <row r='2'>\n   <c r='A2' t=\"inlineStr\"><is><t>a</t></is></c>\n  " + yes + "</row>\n </sheetData>\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, report, err := writeTo(t, book(t, sheetXML(tt.sheet)), tt.values, WriteOptions{Overwrite: tt.overwrite})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := partOf(t, out, "xl/worksheets/sheet1.xml"), sheetXML(tt.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if len(report.Written) != len(tt.values) || len(report.Kept) != 0 {
				t.Errorf("report %+v", report)
			}
		})
	}
}

func TestWriteUsesThePrefixOfTheSheet(t *testing.T) {
	t.Parallel()
	sheet := `<x:worksheet xmlns:x="` + nsStrict + `"><x:sheetData><x:row r="1"><x:c r="A1" s="2"/></x:row></x:sheetData></x:worksheet>`
	out, _, err := writeTo(t, book(t, sheet), []engine.PartValue{textValue("A1", "a"), textValue("B1", "b"), value(engine.PartNumber, "3", "A2")}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := `<x:worksheet xmlns:x="` + nsStrict + `"><x:sheetData><x:row r="1"><x:c r="A1" s="2" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c>` +
		`<x:c r="B1" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>`
	if got := partOf(t, out, "xl/worksheets/sheet1.xml"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func markValue(option string, mark string) engine.PartValue {
	v := value(engine.PartMark, option, "A1", "B1", "C1")
	v.Part.Options, v.Part.Mark = []string{"Yes", "No", "N/A"}, mark
	return v
}

func TestWriteMarksOneCellOfASet(t *testing.T) {
	t.Parallel()
	const filled = `<sheetData><row r="1"><c r="A1" s="1" t="s"><v>2</v></c><c r="B1" s="2"/><c r="C1" t="inlineStr"><is><t>see below</t></is></c></row></sheetData>`
	for _, tt := range []struct {
		name, sheet string
		v           engine.PartValue
		overwrite   bool
		want        string
		kept        bool
	}{
		{"DefaultMark", `<sheetData/>`, markValue("No", ""), false, `<sheetData><row r="1">` + inline("B1", "", "x") + `</row></sheetData>`, false},
		{"MarkOfTheFile", `<sheetData/>`, markValue("N/A", "✓"), false, `<sheetData><row r="1">` + inline("C1", "", "✓") + `</row></sheetData>`, false},
		{"MarkedSetIsKept", filled, markValue("No", "x"), false, filled, true},
		{"OverwriteMovesTheMark", filled, markValue("No", "x"), true,
			`<sheetData><row r="1"><c r="A1" s="1"/>` + inline("B1", ` s="2"`, "x") + `<c r="C1" t="inlineStr"><is><t>see below</t></is></c></row></sheetData>`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, report, err := writeTo(t, book(t, sheetXML(tt.sheet)), []engine.PartValue{tt.v}, WriteOptions{Overwrite: tt.overwrite})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := partOf(t, out, "xl/worksheets/sheet1.xml"), sheetXML(tt.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if (len(report.Kept) == 1) != tt.kept {
				t.Errorf("report %+v", report)
			}
		})
	}
}

func TestWriteRefusesValues(t *testing.T) {
	t.Parallel()
	with := func(v engine.PartValue, options ...string) engine.PartValue { v.Part.Options = options; return v }
	elsewhere := textValue("A1", "x")
	elsewhere.Part.Locator.Sheet = "Nowhere"
	const sheet = `<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f t="array" ref="B1:C2">x</f></c><c r="C1"><v>1</v></c></row></sheetData>` +
		`<mergeCells><mergeCell ref="E1:F2"/></mergeCells>`
	for _, tt := range []struct {
		name   string
		values []engine.PartValue
		want   error
	}{
		{"Formula", []engine.PartValue{textValue("A1", "x")}, ErrFormulaCell},
		{"ResultOfAnArrayFormula", []engine.PartValue{textValue("C1", "x")}, ErrFormulaCell},
		{"MissingCellOfAnArrayFormula", []engine.PartValue{textValue("C2", "x")}, ErrFormulaCell},
		{"CoveredByAMerge", []engine.PartValue{textValue("D1", "x"), textValue("F1", "x")}, ErrMergedCell},
		{"NotAnOption", []engine.PartValue{with(value(engine.PartChoice, "yes", "D1"), "Yes", "No")}, ErrNotAnOption},
		{"NotAnOwner", []engine.PartValue{with(value(engine.PartOwnership, "Me", "D1"), "You")}, ErrNotAnOption},
		{"MarkNotAnOption", []engine.PartValue{with(value(engine.PartMark, "x", "D1", "D2"), "Yes", "No")}, ErrNotAnOption},
		{"MarkWithTooFewCells", []engine.PartValue{with(value(engine.PartMark, "Yes", "D1"), "Yes", "No")}, ErrBadLocator},
		{"TooLong", []engine.PartValue{textValue("D1", strings.Repeat("😀", MaxCellUnits/2+1))}, ErrTooLong},
		{"Nothing", []engine.PartValue{textValue("D1", "\x01 ")}, ErrNoValue},
		{"TwoValuesForOneCell", []engine.PartValue{textValue("D1", "a"), textValue("$D$1", "a")}, ErrTwoValues},
		{"RowOutside", []engine.PartValue{textValue("A1048577", "a")}, ErrBadLocator},
		{"ColumnOutside", []engine.PartValue{textValue("XFE1", "a")}, ErrBadLocator},
		{"NoCell", []engine.PartValue{value(engine.PartText, "a")}, ErrBadLocator},
		{"TwoCells", []engine.PartValue{value(engine.PartText, "a", "D1", "D2")}, ErrBadLocator},
		{"NoSuchSheet", []engine.PartValue{elsewhere}, ErrBadLocator},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := writeTo(t, book(t, sheetXML(sheet)), tt.values, WriteOptions{Overwrite: true}); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestWriteRefusesDamagedSheets(t *testing.T) {
	t.Parallel()
	for name, sheet := range map[string]string{"NoRows": ``, "OddMerge": `<sheetData/><mergeCells><mergeCell ref="A0"/></mergeCells>`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := writeTo(t, book(t, sheetXML(sheet)), []engine.PartValue{textValue("A1", "a")}, WriteOptions{Name: "a.xlsx"})
			var refused *engine.RefusedError
			if !errors.As(err, &refused) || !strings.Contains(refused.Is, "damaged") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWriteKeepsWhatCellsHold(t *testing.T) {
	t.Parallel()
	file := book(t, sheetXML(`<sheetData><row r="1"><c r="A1"><v>0</v></c><c r="B1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row></sheetData>`))
	_, report, err := writeTo(t, file, []engine.PartValue{textValue("A1", "a"), textValue("B1", "b"), textValue("C1", "c")}, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Kept) != 2 || len(report.Written) != 1 || report.Written[0].Value != "c" {
		t.Errorf("report %+v", report)
	}
}

func TestWriteAsksForARecalculation(t *testing.T) {
	t.Parallel()
	const formula = `<sheetData><row r="1"><c r="A1"><f>B1</f></c></row></sheetData>`
	wb := func(tail string) string {
		return `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><bookViews/><sheets><sheet name="S1" sheetId="1" r:id="rId1"/></sheets>` + tail + `</workbook>`
	}
	for _, tt := range []struct{ name, sheet, tail, want string }{
		{"NothingWithoutFormulas", `<sheetData/>`, ``, ``},
		{"AddedAtTheEnd", formula, ``, `<calcPr fullCalcOnLoad="1"/>`},
		{"AddedBehindNames", formula, `<definedNames><definedName name="a">S1!$A$1</definedName></definedNames><oleSize ref="A1"/>`,
			`<definedNames><definedName name="a">S1!$A$1</definedName></definedNames><calcPr fullCalcOnLoad="1"/><oleSize ref="A1"/>`},
		{"OtherSettingsStay", formula, `<calcPr calcId="1" calcMode="manual" />`, `<calcPr calcId="1" calcMode="manual" fullCalcOnLoad="1" />`},
		{"SwitchedOn", formula, `<calcPr fullCalcOnLoad='0' calcId="1"/>`, `<calcPr fullCalcOnLoad="1" calcId="1"/>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := zipParts(t, bookParts([]string{sheetXML(tt.sheet)}, part{"xl/workbook.xml", wb(tt.tail)}))
			out, _, err := writeTo(t, file, []engine.PartValue{textValue("B1", "b")}, WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := partOf(t, out, "xl/workbook.xml"), wb(tt.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestVerifyFindsEveryOtherChange(t *testing.T) {
	t.Parallel()
	const before = `<dimension ref="A1:C3"/><sheetData><row r="1" ht="9"><c r="A1" s="1"/><c r="B1" s="2" t="s"><v>0</v></c></row><row r="2"/></sheetData><pageMargins left="1"/>`
	src := book(t, sheetXML(before))
	values := []engine.PartValue{textValue("A1", "Yes")}
	good, _, err := writeTo(t, src, values, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sheet := partOf(t, good, "xl/worksheets/sheet1.xml")
	for _, tt := range []struct{ name, old, new string }{
		{"AnotherText", ">Yes<", ">No<"},
		{"AnotherStyle", `s="1"`, `s="3"`},
		{"StyleLost", ` s="1"`, ``},
		{"AnotherCell", "<v>0</v>", "<v>1</v>"},
		{"AnotherCellsStyle", `s="2"`, `s="3"`},
		{"CellLost", `<c r="B1" s="2" t="s"><v>0</v></c>`, ``},
		{"CellAdded", `</row><row r="2"/>`, `<c r="C1"/></row><row r="2"/>`},
		{"RowAdded", `<row r="2"/>`, `<row r="2"/><row r="3"></row>`},
		{"RowLost", `<row r="2"/>`, ``},
		{"RowChanged", `ht="9"`, `ht="8"`},
		{"FormulaAdded", `<is><t>Yes</t></is>`, `<f>1</f><is><t>Yes</t></is>`},
		{"OutOfOrder", `<c r="B1"`, `<c r="A1"`},
		{"TailChanged", `left="1"`, `left="2"`},
		{"DimensionShrunk", `A1:C3`, `A1:B3`},
		{"NotWritten", ` t="inlineStr"><is><t>Yes</t></is></c>`, `/>`},
		{"WrittenTwice", `</row><row r="2"/>`, inline("A1", "", "Yes") + `</row><row r="2"/>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(sheet, tt.old, tt.new, 1)
			if bad == sheet {
				t.Fatal("the test changes nothing")
			}
			out := book(t, bad)
			err := Verify(context.Background(), bytes.NewReader(src), int64(len(src)), bytes.NewReader(out), int64(len(out)), values)
			if !errors.Is(err, ErrNotLossless) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("AnotherPart", func(t *testing.T) {
		t.Parallel()
		out := zipParts(t, bookParts([]string{sheet}, part{"xl/sharedStrings.xml", `<sst/>`}))
		err := Verify(context.Background(), bytes.NewReader(src), int64(len(src)), bytes.NewReader(out), int64(len(out)), values)
		if !errors.Is(err, ErrNotLossless) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWriteFileReplacesOrLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.xlsx"), filepath.Join(dir, "out.xlsx")
	if err := os.WriteFile(src, book(t, sheetXML(`<sheetData/>`)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	ok, bad := []engine.PartValue{textValue("A1", "a")}, []engine.PartValue{textValue("A0", "a")}
	if _, err := WriteFile(ctx, src, src, ok, WriteOptions{}); err == nil {
		t.Error("the original was overwritten")
	}
	if _, err := WriteFile(ctx, src, dst, bad, WriteOptions{}); !errors.Is(err, ErrBadLocator) {
		t.Errorf("got %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := WriteFile(gone, src, dst, ok, WriteOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	for range 2 {
		if _, err := WriteFile(ctx, src, dst, ok, WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

// FuzzPatch writes random values into random sheets: what comes out is
// verified, and reading it gives the values.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{
		`<sheetData/>`,
		`<dimension ref="A1"/><cols><col min="1" max="3" style="2"/></cols><sheetData><row spans="1:2"><c/><c><f>1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>`,
	} {
		f.Add(sheetXML(s), "Yes", uint16(1), uint8(1), "a\r\n_x000D_ &<>", uint16(5), uint8(2), true)
	}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2))
		f.Add(randomSheet(r), "Yes", uint16(r.IntN(12)), uint8(r.IntN(9)), "4", uint16(r.IntN(12)), uint8(r.IntN(9)), true)
	}
	f.Fuzz(func(t *testing.T, sheet, text1 string, row1 uint16, col1 uint8, text2 string, row2 uint16, col2 uint8, overwrite bool) {
		if len(sheet) > 1<<14 {
			t.Skip()
		}
		at := func(row uint16, col uint8) string { return colName(int(col%40)+1) + fmt.Sprint(int(row%300)+1) }
		values := []engine.PartValue{textValue(at(row1, col1), text1), value(engine.PartNumber, text2, at(row2, col2))}
		out, report, err := writeTo(t, book(t, sheet), values, WriteOptions{Overwrite: overwrite})
		if err != nil {
			return
		}
		for _, v := range report.Written {
			got := cellText(t, out, v.Part.Locator.Cells[0])
			if want := cleanValue(v.Value); got != want {
				t.Fatalf("%s: got %q, want %q", v.Part.Locator, got, want)
			}
		}
	})
}
