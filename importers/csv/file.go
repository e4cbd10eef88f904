package csv

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"vouch/engine"
	"vouch/importers/detect"
)

// File is a parsed file. It keeps the bytes it was made from and must not
// outlive changes to them.
type File struct {
	name    string
	src     []byte
	dialect Dialect
	body    int // where the first row starts
	limits  Limits
	fields  []field
	records []record
}

// Parse reads data, a file called name. The error is an
// [*engine.RefusedError] that says what the file is and what to do.
func Parse(data []byte, name string, lim Limits) (*File, error) {
	name, lim = filepath.Base(name), lim.withDefaults()
	if len(data) > lim.Bytes {
		return nil, &engine.RefusedError{
			File: name, Is: fmt.Sprintf("it is larger than %d MB", lim.Bytes>>20), Do: "split it into several files",
		}
	}
	if err := checkKind(data, name); err != nil {
		return nil, err
	}
	charset, bom, err := guessCharset(data, name)
	if err != nil {
		return nil, err
	}
	d := Dialect{Charset: charset, BOM: bom > 0}
	sep, body := readSepLine(data, bom, charset)
	d.SepLine = body > bom
	switch {
	case d.SepLine:
		d.Delimiter = sep
	default:
		d.Delimiter = guessDelimiter(data, bom, charset)
		if d.Delimiter == 0 {
			d.Delimiter = spareDelimiter(data, bom, charset, lim)
		}
	}
	f, err := parseAs(data, name, d, body, lim)
	if err != nil {
		return nil, err
	}
	if f.isEmpty() {
		return nil, &engine.RefusedError{File: name, Is: "it is empty", Do: "send the questionnaire itself"}
	}
	return f, nil
}

func (f *File) isEmpty() bool {
	return !slices.ContainsFunc(f.fields, func(x field) bool { return !isBlank(f.text(x)) })
}

// parseAs reads data in a dialect that is known; body is where rows start.
func parseAs(data []byte, name string, d Dialect, body int, lim Limits) (*File, error) {
	line := 1
	if d.SepLine {
		line = 2
	}
	s := scan(data, body, d.Charset, d.Delimiter, line, lim)
	f := &File{name: name, src: data, dialect: d, body: body, limits: lim, fields: s.fields, records: s.records}
	if err := f.check(s); err != nil {
		return nil, err
	}
	f.dialect.ASCII = d.Charset == UTF8 && isASCII(data[body:])
	f.countEnds()
	f.dialect.Quotes = f.alwaysQuotes()
	return f, nil
}

// check refuses what the scan could not take.
func (f *File) check(s *scanner) error {
	refuse := func(is, do string) error { return &engine.RefusedError{File: f.name, Is: is, Do: do} }
	switch {
	case s.open > 0:
		return refuse(fmt.Sprintf("the quote that opens in line %d is never closed", s.open), "close it or delete it and try again")
	case s.excess == excessRows:
		return refuse(fmt.Sprintf("it has more than %d rows", f.limits.Rows), "split it into several files")
	case s.excess == excessCells:
		return refuse(fmt.Sprintf("it has more than %d cells", f.limits.Cells), "split it into several files, or remove empty columns")
	case s.excess == excessColumns:
		return refuse(fmt.Sprintf("line %d has more than %d columns", s.line, f.limits.Columns), "remove the surplus columns")
	}
	for _, r := range f.records {
		for _, x := range f.fields[r.first:r.last] {
			if f.isTooLong(x) {
				return refuse(fmt.Sprintf("line %d has a field of more than %d characters, more than a cell can hold", r.line, f.limits.FieldChars),
					"look for a quote that is missing there, or shorten the text")
			}
		}
	}
	return nil
}

// isTooLong reports whether x holds more than a cell can. A character takes
// up to four bytes, and a quote two characters: what is longer than that need
// not be decoded to know.
func (f *File) isTooLong(x field) bool {
	size, limit := x.end-x.start, f.limits.FieldChars
	if size <= limit {
		return false
	}
	return size > 8*limit+2 || utf16Len(f.text(x)) > limit
}

// countEnds finds the most frequent line ends between and inside fields.
func (f *File) countEnds() {
	between, inside := map[string]int{}, map[string]int{}
	for _, r := range f.records {
		between[f.dialect.Charset.decode(f.src[r.end:r.next])]++
		for _, x := range f.fields[r.first:r.last] {
			if x.quoted {
				countBreaks(f.text(x), inside)
			}
		}
	}
	f.dialect.LineEnd = likeliestEnd(between, "\n")
	f.dialect.InnerEnd = likeliestEnd(inside, f.dialect.LineEnd)
}

func countBreaks(s string, n map[string]int) {
	if !strings.ContainsAny(s, "\r\n") {
		return
	}
	crlf := strings.Count(s, "\r\n")
	n["\r\n"] += crlf
	n["\n"] += strings.Count(s, "\n") - crlf
	n["\r"] += strings.Count(s, "\r") - crlf
}

func likeliestEnd(n map[string]int, otherwise string) string {
	best, count := otherwise, 0
	for _, e := range []string{"\r\n", "\n", "\r"} {
		if n[e] > count {
			best, count = e, n[e]
		}
	}
	return best
}

// Name returns the file's base name.
func (f *File) Name() string { return f.name }

// Dialect returns how the file is written.
func (f *File) Dialect() Dialect { return f.dialect }

// Len returns the number of rows, blank lines included.
func (f *File) Len() int { return len(f.records) }

// Width returns the number of fields of row n, from 1; 0 if there is no such row.
func (f *File) Width(n int) int {
	if n < 1 || n > len(f.records) {
		return 0
	}
	return f.records[n-1].last - f.records[n-1].first
}

// Text returns the text of a cell, both numbers from 1; "" if there is none.
func (f *File) Text(row, col int) string {
	if col < 1 || col > f.Width(row) {
		return ""
	}
	return f.text(f.fields[f.records[row-1].first+col-1])
}

// Place returns where row n, from 1, starts, for people: "line 12".
func (f *File) Place(n int) string {
	if n < 1 || n > len(f.records) {
		return ""
	}
	return fmt.Sprintf("line %d", f.records[n-1].line)
}

// Rows returns the texts of all cells, line breaks in them as "\n".
func (f *File) Rows() [][]string {
	rows := make([][]string, len(f.records))
	for i, r := range f.records {
		row := make([]string, 0, r.last-r.first)
		for _, x := range f.fields[r.first:r.last] {
			row = append(row, plainBreaks(f.text(x)))
		}
		rows[i] = row
	}
	return rows
}

// Workbook returns the file as the detector sees it: one sheet called like
// the file without its extension, rows and columns numbered as a spreadsheet
// shows them, and only the default style. Empty cells and blank rows are
// absent. Line breaks in cells are "\n".
func (f *File) Workbook() *detect.Workbook {
	sheet := &detect.Sheet{Name: strings.TrimSuffix(f.name, filepath.Ext(f.name))}
	for i, r := range f.records {
		row := detect.Row{N: i + 1}
		for j, x := range f.fields[r.first:r.last] {
			if s := plainBreaks(f.text(x)); s != "" {
				row.Cells = append(row.Cells, detect.Cell{Col: j + 1, Text: s})
			}
		}
		if len(row.Cells) > 0 {
			sheet.Rows = append(sheet.Rows, row)
		}
	}
	return &detect.Workbook{Name: f.name, Format: Format, Sheets: []*detect.Sheet{sheet}, Styles: []detect.Style{{}}}
}

// text returns what field x says, without its quotes.
func (f *File) text(x field) string {
	s := f.dialect.Charset.decode(f.src[x.start:x.end])
	if !x.quoted {
		return s
	}
	return unquote(s)
}

// raw returns the bytes of field x.
func (f *File) raw(x field) []byte { return f.src[x.start:x.end] }

// unquote takes the quotes off s, which starts with one. What stands behind
// the closing quote is kept as it is.
func unquote(s string) string {
	s = s[1:]
	if i := strings.IndexByte(s, '"'); i == len(s)-1 && i >= 0 {
		return s[:i]
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if !strings.HasPrefix(s, `"`) {
			b.WriteString(s)
			return b.String()
		}
		b.WriteByte('"')
		s = s[1:]
	}
}

// plainBreaks returns s with every line break as "\n".
func plainBreaks(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// utf16Len returns the length of s as Excel counts it.
func utf16Len(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Format is the name of the format this package reads and writes.
const Format = "csv"
