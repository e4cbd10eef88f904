package xlsx

import (
	"reflect"
	"strings"
	"testing"

	"vouch/importers/detect"
)

func TestStructureIsReadWithoutValues(t *testing.T) {
	t.Parallel()
	sheet := sheetXML(`<cols><col min="2" max="3" hidden="1"/><col min="4" max="99999" style="5"/></cols>` +
		`<sheetData><row hidden="1"><c s="2"/><c r="D1"><v>1</v></c><c t="inlineStr"><is><t> </t></is></c></row>` +
		`<row r="5" s="3"/><row s="4" customFormat="true"><c r="b6"><f>1</f></c><c s=""><v/></c></row></sheetData>` +
		`<sheetProtection sheet="1"/><mergeCells><mergeCell ref="A1:B2"/></mergeCells>` +
		`<dataValidations><dataValidation type="list" sqref="A1 $C$3:B2 D:E 4:5" promptTitle="T&amp;" prompt="a_x000D_b"><formula1>"Yes,No"</formula1></dataValidation>` +
		`<dataValidation type="whole" sqref="A1"><formula1>1</formula1></dataValidation></dataValidations>` +
		`<extLst><ext><y:dataValidations xmlns:y="u"><y:dataValidation type="list"><y:formula1><m:f>Lists!$A$1:$A$3</m:f></y:formula1><m:sqref>F6</m:sqref></y:dataValidation></y:dataValidations></ext></extLst>`)
	got, err := readStructure(strings.NewReader(sheet))
	if err != nil {
		t.Fatal(err)
	}
	want := &sheetStructure{
		protected: true,
		rows: []rowStructure{
			{n: 1, hidden: true, style: -1, cells: []cellStructure{{col: 1, style: 2}, {col: 4, content: true}, {col: 5}}},
			{n: 5, style: -1},
			{n: 6, style: 4, cells: []cellStructure{{col: 2, formula: true, content: true}, {col: 3}}},
		},
		hiddenCols: []detect.ColRange{{First: 2, Last: 3}},
		merges:     []detect.Range{{FirstRow: 1, FirstCol: 1, LastRow: 2, LastCol: 2}},
		validations: []validation{
			{ranges: []detect.Range{{FirstRow: 1, FirstCol: 1, LastRow: 1, LastCol: 1}, {FirstRow: 2, FirstCol: 2, LastRow: 3, LastCol: 3},
				{FirstRow: 1, FirstCol: 4, LastRow: maxRows, LastCol: 5}, {FirstRow: 4, FirstCol: 1, LastRow: 5, LastCol: maxCols}},
				formula: `"Yes,No"`, promptTitle: "T&", prompt: "a\rb"},
			{ranges: []detect.Range{{FirstRow: 6, FirstCol: 6, LastRow: 6, LastCol: 6}}, formula: "Lists!$A$1:$A$3", x14: true},
		},
		cols: []colStyle{{detect.ColRange{First: 4, Last: maxCols}, 5}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if s := got.styleOf(&got.rows[2], 9); s != 4 {
		t.Errorf("style of a row: %d", s)
	}
	if s := got.styleOf(&got.rows[1], 9); s != 5 {
		t.Errorf("style of a column: %d", s)
	}
}

func TestProtectionNeedsTheSheetAttribute(t *testing.T) {
	t.Parallel()
	for attrs, want := range map[string]bool{``: false, ` sheet="0"`: false, ` sheet="1"`: true, ` sheet="true"`: true, ` objects="1"`: false} {
		s, err := readStructure(strings.NewReader(sheetXML(`<sheetData/><sheetProtection` + attrs + `/>`)))
		if err != nil || s.protected != want {
			t.Errorf("%q: got %v, %v", attrs, s, err)
		}
	}
}
