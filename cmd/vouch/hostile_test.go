package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hostileBook packs a workbook around a worksheet that is written piece by
// piece, so that it may be larger than memory.
func hostileBook(t *testing.T, sheet func(w io.Writer)) []byte {
	t.Helper()
	const main, rel = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	add := func(name string, body func(io.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		body(w)
	}
	text := func(s string) func(io.Writer) { return func(w io.Writer) { _, _ = io.WriteString(w, s) } }
	add("[Content_Types].xml", text(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`))
	add("_rels/.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+rel+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`))
	add("xl/workbook.xml", text(`<workbook xmlns="`+main+`" xmlns:r="`+rel+`"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`))
	add("xl/_rels/workbook.xml.rels", text(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+rel+`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`))
	add("xl/worksheets/sheet1.xml", sheet)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostileFiles reads files made to do harm, in a process of its own: each
// gives a result or one sentence, within 20 seconds and 512 MB, and nothing is
// left behind.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("limits on time and memory do not hold for a program with the race detector in it; run without -race")
	}
	const open, end = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, `</sheetData></worksheet>`
	repeat := func(n int, piece func(i int) string) func(io.Writer) {
		return func(w io.Writer) {
			_, _ = io.WriteString(w, open)
			for i := 1; i <= n; i++ {
				_, _ = io.WriteString(w, piece(i))
			}
			_, _ = io.WriteString(w, end)
		}
	}
	valid := hostileBook(t, repeat(1, func(int) string { return `<row r="1"><c r="A1"/></row>` }))
	bomb := strings.Repeat(" ", 1<<20)
	for _, tt := range []struct {
		rule string
		file []byte
		ok   bool // a result is right, not only a refusal
		says string
	}{
		{"ZipBomb", hostileBook(t, repeat(2000, func(int) string { return bomb })), false, "MB"},
		{"OneFarCellPerRow", hostileBook(t, repeat(100_000, func(i int) string { return fmt.Sprintf(`<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i, i) })), false, "reach"},
		{"FullWidthRows", hostileBook(t, repeat(200, func(i int) string {
			return fmt.Sprintf(`<row r="%d">`, i) + strings.Repeat(`<c><v>1</v></c>`, 16_384) + `</row>`
		})), false, "cells"},
		{"ManyRows", hostileBook(t, repeat(300_000, func(i int) string { return fmt.Sprintf(`<row r="%d"/>`, i) })), false, "rows"},
		{"ManyMerges", hostileBook(t, func(w io.Writer) {
			_, _ = io.WriteString(w, open+`</sheetData><mergeCells>`)
			for i := range 200_000 {
				fmt.Fprintf(w, `<mergeCell ref="A%d:B%d"/>`, i*2+1, i*2+2)
			}
			_, _ = io.WriteString(w, `</mergeCells></worksheet>`)
		}), false, "merged"},
		{"OverlappingMerges", hostileBook(t, func(w io.Writer) {
			_, _ = io.WriteString(w, open)
			for i := range 2000 {
				fmt.Fprintf(w, `<row r="%d"><c r="A%d"><v>1</v></c></row>`, i+1, i+1)
			}
			_, _ = io.WriteString(w, `</sheetData><mergeCells>`)
			for range 90_000 {
				_, _ = io.WriteString(w, `<mergeCell ref="A1:XFD1048576"/>`)
			}
			_, _ = io.WriteString(w, `</mergeCells></worksheet>`)
		}), false, "overlap"},
		{"Entities", hostileBook(t, func(w io.Writer) {
			_, _ = io.WriteString(w, `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`+open+`<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>`+end)
		}), false, "document type"},
		{"NegativeRow", hostileBook(t, repeat(1, func(int) string { return `<row r="-5"><c r="A1"/></row>` })), false, "damaged"},
		{"HugeRow", hostileBook(t, repeat(1, func(int) string { return `<row r="99999999999999999999"><c r="A1"/></row>` })), false, "damaged"},
		{"LastRow", hostileBook(t, repeat(1, func(int) string {
			return `<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>Is this the end?</t></is></c></row>`
		})), true, ""},
		{"DeepNesting", hostileBook(t, func(w io.Writer) { _, _ = io.WriteString(w, open+strings.Repeat("<x>", 1_000_000)) }), false, "damaged"},
		{"Truncated", valid[:len(valid)-40], false, "incomplete"},
		{"TruncatedHead", valid[:100], false, "incomplete"},
		{"Encrypted", encryptedBook(), false, "password"},
		{"RenamedXLS", append([]byte{0x09, 0x08, 0x10, 0x00, 0x00, 0x06, 0x05, 0x00}, make([]byte, 4096)...), false, ".xls"},
		{"WideRangeOfChoices", hostileBook(t, func(w io.Writer) {
			_, _ = io.WriteString(w, open+`<row r="1"><c r="A1" t="inlineStr"><is><t>Question</t></is></c><c r="B1" t="inlineStr"><is><t>Answer</t></is></c></row></sheetData><dataValidations>`)
			for range 20_000 {
				_, _ = io.WriteString(w, `<dataValidation type="list" sqref="A1:XFD1048576"><formula1>S!$A:$XFD</formula1></dataValidation>`)
			}
			_, _ = io.WriteString(w, `</dataValidations></worksheet>`)
		}), true, ""},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "hostile.xlsx")
			if err := os.WriteFile(in, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := program(t, "inspect", in, "--format", "tsv", "--data", filepath.Join(dir, "data"))
			cmd.Env = append(cmd.Env, "TMPDIR="+dir)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			began := time.Now()
			err := cmd.Run()
			took := time.Since(began)
			code := cmd.ProcessState.ExitCode()
			if took > 20*time.Second || maxRSS(cmd.ProcessState) > 512<<20 {
				t.Errorf("took %s and %d MB", took, maxRSS(cmd.ProcessState)>>20)
			}
			if code != exitRefused && (!tt.ok || err != nil) {
				t.Errorf("exit %d: %s", code, stderr.String())
			}
			if code == exitRefused && (strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), tt.says) || strings.Contains(stderr.String(), "goroutine")) {
				t.Errorf("refused with %q, want one line with %q", stderr.String(), tt.says)
			}
			checkOnly(t, dir, "hostile.xlsx")
			t.Logf("%s, %d MB: %s", took.Round(time.Millisecond), maxRSS(cmd.ProcessState)>>20, strings.TrimSpace(stderr.String()))
		})
	}
}

// encryptedBook is what a workbook with a password looks like from outside: an
// OLE file with a stream called EncryptionInfo.
func encryptedBook() []byte {
	b := make([]byte, 4096)
	copy(b, []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1})
	b[0x1A], b[0x1C], b[0x1D], b[0x1E] = 3, 0xFE, 0xFF, 9
	at := 1024
	for _, r := range "EncryptionInfo" {
		b[at], b[at+1] = byte(r), 0
		at += 2
	}
	return b
}
