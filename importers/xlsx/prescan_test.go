package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// evalDir holds real workbooks that are not part of the repository.
const evalDir = "../../../shared/eval"

func evalFiles(t testing.TB, pattern string) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(evalDir, pattern))
	if len(files) == 0 {
		t.Skipf("no evaluation files %s", pattern)
	}
	return files
}

// scanFile runs the pre-scan and reads the structure of every worksheet.
func scanFile(t testing.TB, file string) (*pack, error) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	p, err := prescan(f, st.Size(), file, Limits{})
	if err != nil {
		return nil, err
	}
	for _, s := range p.sheets {
		if s.kind != kindWorksheet {
			continue
		}
		rc, err := p.open(context.Background(), s.file)
		if err != nil {
			return nil, err
		}
		_, err = readStructure(rc)
		rc.Close()
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func TestOddWorkbooksAreReadOrRefused(t *testing.T) {
	for _, file := range evalFiles(t, "odd-workbooks/*/*.xls?") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			p, err := scanFile(t, file)
			var refused *engine.RefusedError
			switch {
			case err == nil && len(p.sheets) == 0:
				t.Error("no sheets")
			case err != nil && !errors.As(err, &refused):
				t.Errorf("got %v, want a refusal", err)
			case err != nil:
				t.Logf("refused: %v [%v]", err, refused.Err)
			}
		})
	}
}

func TestRealWorkbooksAreRead(t *testing.T) {
	for _, file := range evalFiles(t, "workbooks/*.xlsx") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			p, err := scanFile(t, file)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d sheets, %d names, formulas %v, calcPr %v, %+v", len(p.sheets), len(p.names), p.hasFormulas, p.hasCalcPr, p.count)
		})
	}
}

// oleFile is the start of an OLE compound file whose directory names streams.
func oleFile(streams ...string) []byte {
	b := make([]byte, 4096)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for i, s := range streams {
		copy(b[512+128*i:], utf16Name(s))
	}
	return b
}

// bigSheet writes the rows of a sheet.
func bigSheet(n int, row func(i int) string) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for i := range n {
		b.WriteString(row(i + 1))
	}
	b.WriteString("</sheetData>")
	return sheetXML(b.String())
}

func rezip(t *testing.T, n int, name func(i int) string) []byte {
	t.Helper()
	parts := bookParts([]string{sheetXML(`<sheetData/>`)})
	for i := range n {
		parts = append(parts, part{name(i), ""})
	}
	return zipParts(t, parts)
}

// overlapping is a zip whose second directory entry points at the data of the
// first one.
func overlapping(t *testing.T) []byte {
	t.Helper()
	file := zipParts(t, append(bookParts([]string{sheetXML(`<sheetData/>`)}), part{"aaaa.bin", strings.Repeat("x", 100)}, part{"bbbb.bin", "y"}))
	a := bytes.Index(file, []byte("PK\x01\x02"))
	var offsets []int
	for a >= 0 && a < len(file) {
		offsets = append(offsets, a)
		b := bytes.Index(file[a+4:], []byte("PK\x01\x02"))
		if b < 0 {
			break
		}
		a += 4 + b
	}
	last, before := offsets[len(offsets)-1], offsets[len(offsets)-2]
	copy(file[last+16:last+28], file[before+16:before+28]) // CRC and sizes
	copy(file[last+42:last+46], file[before+42:before+46]) // offset
	return file
}

func TestPrescanRefuses(t *testing.T) {
	t.Parallel()
	one := func(sheet string) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return book(t, sheet) }
	}
	bytesOf := func(b []byte) func(t *testing.T) []byte { return func(*testing.T) []byte { return b } }
	with := func(extra ...part) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return zipParts(t, bookParts([]string{sheetXML(`<sheetData/>`)}, extra...)) }
	}
	for _, tt := range []struct {
		name string
		file func(t *testing.T) []byte
		lim  Limits
		is   string
	}{
		{"Empty", bytesOf(nil), Limits{}, "it is empty"},
		{"Zeros", bytesOf(make([]byte, 100)), Limits{}, "nothing but zeros"},
		{"Encrypted", bytesOf(oleFile("Root Entry", "EncryptionInfo", "EncryptedPackage")), Limits{}, "encrypted with a password"},
		{"Xls", bytesOf(oleFile("Root Entry", "Workbook")), Limits{}, "(.xls)"},
		{"OldXls", bytesOf(oleFile("Root Entry", "Book")), Limits{}, "(.xls)"},
		{"BIFF", bytesOf([]byte("\x09\x08\x10\x00\x00\x06\x05\x00")), Limits{}, "(.xls)"},
		{"Doc", bytesOf(oleFile("Root Entry", "WordDocument")), Limits{}, "Word"},
		{"Ppt", bytesOf(oleFile("PowerPoint Document")), Limits{}, "PowerPoint"},
		{"PDF", bytesOf([]byte("%PDF-1.7\n%âãÏÓ")), Limits{}, "PDF"},
		{"HTML", bytesOf([]byte("\n<html><table><tr><td>secret</td></tr></table></html>")), Limits{}, "HTML"},
		{"XML2003", bytesOf([]byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`)), Limits{}, "Excel 2003 XML"},
		{"CSV", bytesOf([]byte("secret;b\n1;2\n")), Limits{}, "CSV"},
		{"CSVInLatin1", bytesOf([]byte("Frage;Erkl\xe4rung;secret\nsome more text;2\n")), Limits{}, "CSV"},
		{"Noise", bytesOf(bytes.Repeat([]byte{1, 200, 7, 0, 3}, 50)), Limits{}, "no Excel workbook"},
		{"CutOff", func(t *testing.T) []byte { f := book(t, sheetXML(`<sheetData/>`)); return f[:len(f)-100] }, Limits{}, "incomplete"},
		{"CutInTheMiddle", func(t *testing.T) []byte { f := book(t, sheetXML(`<sheetData/>`)); return f[:len(f)/2] }, Limits{}, "incomplete"},
		{"OtherZip", func(t *testing.T) []byte { return zipParts(t, []part{{"a.txt", "a"}}) }, Limits{}, "zip archive"},
		{"ZipOfWorkbooks", func(t *testing.T) []byte { return zipParts(t, []part{{"a.xlsx", "a"}}) }, Limits{}, "zip archive with files in it"},
		{"Ods", func(t *testing.T) []byte {
			return zipParts(t, []part{{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", "<a/>"}})
		}, Limits{}, "(.ods)"},
		{"Xlsb", with(part{"xl/workbook.bin", "b"}), Limits{}, "(.xlsb)"},
		{"Docx", func(t *testing.T) []byte { return zipParts(t, []part{{"word/document.xml", "<a/>"}}) }, Limits{}, "(.docx)"},
		{"Pptx", func(t *testing.T) []byte { return zipParts(t, []part{{"ppt/presentation.xml", "<a/>"}}) }, Limits{}, "(.pptx)"},

		{"TooLarge", one(sheetXML(`<sheetData/>`)), Limits{FileBytes: 100}, "larger than 100 bytes"},
		{"ZipBomb", with(part{"xl/media/image1.png", strings.Repeat("\x00", 20<<20)}), Limits{}, "packed more than 400 times"},
		{"ZipBombInASheet", one(sheetXML("<sheetData>" + strings.Repeat(" ", 20<<20) + "</sheetData>")), Limits{}, "packed more than 400 times"},
		{"Unpacked", with(part{"a.bin", strings.Repeat("\x00", 3<<20)}), Limits{UnpackedBytes: 2 << 20, Ratio: 10_000}, "unpacked it is larger than 2 MB"},
		{"Parts", func(t *testing.T) []byte {
			return rezip(t, 5_000, func(i int) string { return fmt.Sprintf("p%d.xml", i) })
		}, Limits{}, "more than 5,000 parts"},
		{"Rows", one(bigSheet(1001, func(i int) string { return "<row/>" })), Limits{Rows: 1000}, "more than 1,000 rows"},
		{"Cells", one(bigSheet(100, func(i int) string { return "<row><c/><c/><c/></row>" })), Limits{Cells: 299}, "more than 299 cells"},
		{"FarCells", one(bigSheet(2000, func(i int) string { return fmt.Sprintf(`<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i, i) })), Limits{}, "span more than 20,000,000 cells"},
		{"Merges", one(sheetXML("<sheetData/><mergeCells>" + strings.Repeat(`<mergeCell ref="A1:B2"/>`, 200_000) + "</mergeCells>")), Limits{}, "more than 100,000 merged ranges"},
		{"Validations", one(sheetXML("<sheetData/><dataValidations>" + strings.Repeat(`<dataValidation/>`, 70_000) + "</dataValidations>")), Limits{}, "more than 65,536 drop-down ranges"},
		{"ValidationRanges", one(sheetXML(`<sheetData/><dataValidations><dataValidation sqref="` + strings.Repeat("A1 ", 70_000) + `"/></dataValidations>`)), Limits{}, "more than 65,536 drop-down ranges"},
		{"Time", one(sheetXML(`<sheetData/>`)), Limits{Time: 1}, "takes longer than"},

		{"BillionLaughs", one(`<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "secret"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>`), Limits{}, "document type"},
		{"DoctypeElsewhere", with(part{"xl/drawings/drawing1.xml", strings.Repeat(" ", 32<<10-4) + `<!DOCTYPE a>`}), Limits{}, "document type"},
		{"DoctypeInUTF16", with(part{"customXml/item1.xml", "<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E\x00"}), Limits{}, "document type"},
		{"UTF16Sheet", one("\xff\xfe<\x00a\x00/\x00>\x00"), Limits{}, "UTF-8"},
		{"NestedDeep", one(sheetXML(strings.Repeat("<a>", 1_000_000))), Limits{}, "damaged"},
		{"AttributeBomb", one(sheetXML("<sheetData><row" + strings.Repeat(` a="b"`, 300_000) + "/></sheetData>")), Limits{Ratio: 10_000}, "damaged"},
		{"CutSheet", one(sheetXML("<sheetData>")[:120]), Limits{}, "damaged"},
		{"NegativeRow", one(sheetXML(`<sheetData><row r="7"/><row r="-1"/></sheetData>`)), Limits{}, "row 7"},
		{"RowZero", one(sheetXML(`<sheetData><row r="0"/></sheetData>`)), Limits{}, "1 to 1,048,576"},
		{"HugeRow", one(sheetXML(`<sheetData><row r="99999999999999999999"/></sheetData>`)), Limits{}, "1 to 1,048,576"},
		{"RowBehindTheLast", one(sheetXML(`<sheetData><row r="1048577"/></sheetData>`)), Limits{}, "1 to 1,048,576"},
		{"RowsNotAscending", one(sheetXML(`<sheetData><row r="3"/><row r="3"/></sheetData>`)), Limits{}, "row 3"},
		{"CellsNotAscending", one(sheetXML(`<sheetData><row r="3"><c r="B3"/><c r="A3"/></row></sheetData>`)), Limits{}, "row 3"},
		{"CellsBehindExtensions", one(sheetXML(`<sheetData><row r="3"><extLst/><c/></row></sheetData>`)), Limits{}, "row 3"},
		{"CellOfAnotherRow", one(sheetXML(`<sheetData><row r="3"><c r="B4"/></row></sheetData>`)), Limits{}, "row 3"},
		{"Columns", one(sheetXML("<cols>" + strings.Repeat(`<col min="1" max="1"/>`, maxCols+1) + "</cols><sheetData/>")), Limits{}, "more columns"},
		{"ColumnOutside", one(sheetXML(`<sheetData><row r="3"><c r="XFE3"/></row></sheetData>`)), Limits{}, "row 3"},

		{"DuplicateParts", with(part{"XL/Workbook.xml", "<a/>"}), Limits{}, "same name"},
		{"DuplicatePartsWithBackslash", with(part{`xl\workbook.xml`, "<a/>"}), Limits{}, "same name"},
		{"Traversal", with(part{"../../etc/passwd", "a"}), Limits{}, "name that is not allowed"},
		{"TraversalWithBackslash", with(part{`xl\..\..\a`, "a"}), Limits{}, "name that is not allowed"},
		{"AbsoluteName", with(part{"/etc/passwd", "a"}), Limits{}, "name that is not allowed"},
		{"Overlap", overlapping, Limits{}, "overlap"},
		{"MissingSheet", with(part{"xl/_rels/workbook.xml.rels", `<Relationships/>`}), Limits{}, "part is missing"},
		{"NoContentTypes", func(t *testing.T) []byte { return zipParts(t, bookParts([]string{sheetXML(`<sheetData/>`)})[1:]) }, Limits{}, "list of parts is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := tt.file(t)
			_, err := prescan(bytes.NewReader(file), int64(len(file)), `C:\Users\x\a.xlsx`, tt.lim)
			var refused *engine.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a refusal", err)
			}
			text := err.Error()
			if !strings.Contains(refused.Is, tt.is) {
				t.Errorf("got %q, want %q", refused.Is, tt.is)
			}
			if !strings.HasPrefix(text, "a.xlsx: ") || refused.Do == "" || strings.Contains(text, "\n") || strings.Contains(text, "secret") {
				t.Errorf("bad refusal: %s", text)
			}
		})
	}
}

func TestPrescanResolvesOddPackages(t *testing.T) {
	t.Parallel()
	const formula = `<x:sheetData><x:row><x:c><x:f>1</x:f></x:c></x:row></x:sheetData>`
	file := zipParts(t, []part{
		{"[content_types].xml", `<Types/>`},
		{`_rels\.rels`, `<Relationships><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="\Book\Main%20Part.xml"/></Relationships>`},
		{`Book\main part.xml`, `<x:workbook xmlns:x="` + nsStrict + `" xmlns:q="u"><x:workbookPr date1904="true"/><x:sheets>` +
			`<x:sheet name="A &amp; B" sheetId="1" q:id="i1"/><x:sheet name="Chart" sheetId="2" q:id="i2" state="hidden"/><x:sheet state="veryHidden" name="C" q:id="i3"/></x:sheets>` +
			`<x:definedNames><x:definedName name="n" localSheetId="2" hidden="1">'A &amp; B'!$A$1</x:definedName></x:definedNames><x:calcPr/></x:workbook>`},
		{"Book/_rels/Main part.xml.rels", `<Relationships><Relationship Id="i1" Type="x/worksheet" Target="/SHEETS/one.xml"/><Relationship Id="i2" Type="x/chartsheet" Target="c.xml"/>` +
			`<Relationship Id="i3" Type="x/worksheet" Target="../sheets/./two.xml"/><Relationship Id="i4" Type="x/styles" Target="styles.xml"/></Relationships>`},
		{"sheets/One.xml", `<x:worksheet xmlns:x="` + nsStrict + `">` + formula + `</x:worksheet>`},
		{"sheets/Two.xml", sheetXML(`<sheetData><row r="9"/></sheetData>`)},
		{"book/c.xml", `<chartsheet/>`},
		{"book/styles.xml", `<styleSheet/>`},
	})
	p, err := prescan(bytes.NewReader(file), int64(len(file)), "a.xlsx", Limits{})
	if err != nil {
		t.Fatal(err, errors.Unwrap(err))
	}
	var got []string
	for _, s := range p.sheets {
		got = append(got, fmt.Sprint(s.name, "|", s.kind, "|", s.state, "|", s.file.Name, "|", s.lastRow))
	}
	want := []string{"A & B|worksheet|visible|sheets/One.xml|1", "Chart|chartsheet|hidden|book/c.xml|0", "C|worksheet|veryHidden|sheets/Two.xml|9"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if !p.date1904 || !p.hasCalcPr || !p.hasFormulas || !p.strict || p.styles == nil {
		t.Errorf("got %+v", p)
	}
	if want := (definedName{"n", 2, "'A & B'!$A$1", true}); len(p.names) != 1 || p.names[0] != want {
		t.Errorf("got %+v", p.names)
	}
}

func FuzzPrescan(f *testing.F) {
	f.Add([]byte("PK\x05\x06"))
	f.Add(oleFile("Workbook"))
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, p := range bookParts([]string{sheetXML(`<sheetData><row r="1"><c r="A1"><f>1</f></c></row></sheetData>`)}) {
		fw, _ := w.Create(p.name)
		_, _ = fw.Write([]byte(p.body))
	}
	w.Close()
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := prescan(bytes.NewReader(file), int64(len(file)), "a.xlsx", Limits{})
		var refused *engine.RefusedError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("no refusal: %v", err)
		}
	})
}
