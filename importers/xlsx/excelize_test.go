package xlsx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"vouch/engine"
	"vouch/importers/detect"
)

func colName(n int) string { return detect.ColumnName(n) }

// cellText reads a cell's text with the structures of the writer's own, for
// sheets that excelize may not accept.
func cellText(t testing.TB, file []byte, cell string) string {
	t.Helper()
	row, col, _ := detect.ParseCell(cell)
	w := newSheetWalker(strings.NewReader(partOf(t, file, "xl/worksheets/sheet1.xml")))
	var text textReader
	for {
		ev, err := w.next()
		if err != nil {
			t.Fatalf("%s: %v", cell, err)
		}
		here := w.row == row && w.col == col
		switch {
		case ev == evCell:
			text.reset()
		case here && ev == evInCell:
			if err := text.take(&w.sc.tok); err != nil {
				t.Fatal(err)
			}
		case here && ev == evCellEnd:
			s, err := text.decoded()
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
}

func TestExcelizeReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	texts := []string{"Yes", " a\nb  c ", "<&>\"'", "_x000D_ stays", "=1+1", "Ünïcode 😀", strings.Repeat("long ", 6000)}
	var values []engine.PartValue
	for i, s := range texts {
		values = append(values, textValue(detect.CellName(i+1, 2), s))
	}
	file := zipParts(t, bookParts([]string{sheetXML(`<sheetData><row r="2"><c r="B2"/></row></sheetData>`)}))
	out, _, err := writeTo(t, file, values, WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for i, want := range texts {
		got, err := x.GetCellValue("S1", detect.CellName(i+1, 2))
		if err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}
