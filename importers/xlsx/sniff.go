package xlsx

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// notZip returns nil for a file that starts as a zip does, and for every other
// file the fault that says what it is instead.
func notZip(r io.ReaderAt, size int64) error {
	if size == 0 {
		return notA("it is empty", "get the file again; the download or copy broke off")
	}
	head := make([]byte, min(size, 8<<10))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	for _, x := range []struct {
		magic, is, do string
	}{
		{"PK\x05\x06", "it is an empty zip archive", doGiveSheet},
		{"%PDF-", "it is a PDF document", doGiveSheet},
		{`{\rtf`, "it is an RTF document", doGiveSheet},
		{"\x1f\x8b", "it is a gzip archive", "unpack it and give the workbook itself"},
		{"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive", "unpack it and give the workbook itself"},
		{"Rar!", "it is a RAR archive", "unpack it and give the workbook itself"},
		{"\x89PNG", "it is a picture", doGiveSheet},
		{"\xff\xd8\xff", "it is a picture", doGiveSheet},
		{"GIF8", "it is a picture", doGiveSheet},
		{"\x09\x08\x10\x00", isXls, doSaveXlsx},
		{"\x09\x08\x08\x00", isXls, doSaveXlsx},
		{"\x09\x04\x06\x00", isXls, doSaveXlsx},
		{"\x09\x02\x06\x00", isXls, doSaveXlsx},
		{"\x09\x00\x04\x00", isXls, doSaveXlsx},
	} {
		if bytes.HasPrefix(head, []byte(x.magic)) {
			return notA(x.is, x.do)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return compoundFault(r, size)
	}
	return textFault(head, size)
}

const isXls = "it is a workbook of Excel 97–2003 (.xls)"

// compoundFault says what an OLE compound file holds, by the names of its
// streams. The names are looked for everywhere, so that a broken file is
// named too.
func compoundFault(r io.ReaderAt, size int64) error {
	var encrypted, xls, word, slides bool
	const overlap = 64
	buf := make([]byte, 256<<10)
	for at := int64(0); at < size; at += int64(len(buf)) - overlap {
		n, err := r.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return err
		}
		b := buf[:n]
		encrypted = encrypted || bytes.Contains(b, utf16Name("EncryptionInfo")) || bytes.Contains(b, utf16Name("EncryptedPackage"))
		xls = xls || bytes.Contains(b, utf16Name("Workbook")) || bytes.Contains(b, utf16Name("Book"))
		word = word || bytes.Contains(b, utf16Name("WordDocument"))
		slides = slides || bytes.Contains(b, utf16Name("PowerPoint Document"))
	}
	switch {
	case encrypted:
		return notA("it is encrypted with a password", "open it in Excel, remove the password (File, Info, Protect Workbook) and save it")
	case xls:
		return notA(isXls, doSaveXlsx)
	case word:
		return notA("it is a Word document (.doc)", doGiveSheet)
	case slides:
		return notA("it is a PowerPoint presentation (.ppt)", doGiveSheet)
	}
	return notA("it is a file of an old Office program, not an Excel workbook", doGiveSheet)
}

// utf16Name is how a compound file's directory writes a name.
func utf16Name(s string) []byte {
	b := make([]byte, 0, 2*len(s)+2)
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return append(b, 0, 0)
}

// textFault says what kind of text a file is, if it is one.
func textFault(head []byte, size int64) error {
	b := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	has := func(s string) bool { return bytes.Contains(b, []byte(s)) }
	starts := func(s string) bool { return bytes.HasPrefix(b, []byte(s)) }
	switch {
	case len(bytes.Trim(head, "\x00")) == 0:
		return notA("it holds nothing but zeros", "get the file again; the download or copy broke off")
	case starts("<!doctype html"), starts("<html"), starts("<table"), starts("<head"), starts("<meta"), starts("<body"),
		starts("<?xml") && has("<html"):
		return notA("it is a web page (HTML) named as a workbook", doSaveXlsx)
	case starts("<") && has("urn:schemas-microsoft-com:office:spreadsheet"):
		return notA("it is an Excel 2003 XML spreadsheet", doSaveXlsx)
	case starts("<") && has("opendocument"):
		return notA("it is an OpenDocument file (.fods)", `open it and save it as "Excel Workbook (.xlsx)"`)
	case starts("<?xml"):
		return notA("it is an XML document, not an Excel workbook", doGiveSheet)
	case has("%pdf-"):
		return notA("it is a PDF document", doGiveSheet)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), isText(head, size):
		return notA("it is plain text or CSV named as a workbook", `give it the ending .csv, or save it as "Excel Workbook (.xlsx)"`)
	}
	return notA("it is no Excel workbook, or so damaged that nothing in it can be recognised", doGetAgain)
}

// isText reports whether the start of a file reads as text.
func isText(head []byte, size int64) bool {
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	if int64(len(head)) < size { // the cut may go through a character
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	control := 0
	for _, c := range head {
		if c < ' ' && !isSpace(c) {
			control++
		}
	}
	return control == 0 && (utf8.Valid(head) || printable(head))
}

// printable reports whether most of b is ASCII, as text in an old Western
// encoding is.
func printable(b []byte) bool {
	n := 0
	for _, c := range b {
		if c < 0x80 {
			n++
		}
	}
	return n*10 >= len(b)*8
}
