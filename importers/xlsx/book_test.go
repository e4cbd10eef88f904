package xlsx

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"vouch/engine"
)

// Namespaces of test workbooks.
const (
	nsMain   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	nsStrict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	nsRel    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// part is one file inside a test workbook.
type part struct{ name, body string }

// zipParts packs parts in their order.
func zipParts(t testing.TB, parts []part) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, p := range parts {
		f, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment("made by a test"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// bookParts is a whole workbook around worksheets, which are called S1, S2 …
// Parts given in extra replace those of the same name or come last.
func bookParts(sheets []string, extra ...part) []part {
	var types, list, rels strings.Builder
	var bodies []part
	for i, s := range sheets {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		fmt.Fprintf(&list, `<sheet name="S%d" sheetId="%d" r:id="rId%d"/>`, n, n, n)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, nsRel, n)
		bodies = append(bodies, part{fmt.Sprintf("xl/worksheets/sheet%d.xml", n), s})
	}
	parts := []part{
		{"[Content_Types].xml", `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + nsRel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + nsMain + `" xmlns:r="` + nsRel + `"><sheets>` + list.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + rels.String() +
			`<Relationship Id="rIdS" Type="` + nsRel + `/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", `<sst xmlns="` + nsMain + `"><si><t>zero</t></si><si><t></t></si><si><r><t>x</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>`},
	}
	parts = append(parts, bodies...)
	return replaceParts(parts, extra...)
}

func replaceParts(parts []part, extra ...part) []part {
next:
	for _, e := range extra {
		for i := range parts {
			if parts[i].name == e.name {
				parts[i] = e
				continue next
			}
		}
		parts = append(parts, e)
	}
	return parts
}

// sheetXML is a worksheet around what is given as its sheetData and what
// follows it.
func sheetXML(body string) string {
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<worksheet xmlns="` + nsMain + `">` + body + `</worksheet>`
}

func book(t testing.TB, sheets ...string) []byte { return zipParts(t, bookParts(sheets)) }

// partOf unpacks one part of a workbook.
func partOf(t testing.TB, file []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// value is a part value for cells of sheet S1.
func value(kind engine.PartKind, text string, cells ...string) engine.PartValue {
	return engine.PartValue{Part: engine.Part{Kind: kind, Locator: engine.Locator{Sheet: "S1", Cells: cells}}, Value: text}
}

func textValue(cell, text string) engine.PartValue { return value(engine.PartText, text, cell) }
