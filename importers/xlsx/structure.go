package xlsx

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"vouch/importers/detect"
)

// The size of an Excel sheet.
const (
	maxRows = 1_048_576
	maxCols = 16_384
)

// damagedError says what is wrong inside a part, without any of its content.
type damagedError struct {
	row  int // from 1; 0 if it is not about a row
	what string
}

func (e *damagedError) Error() string {
	if e.row == 0 {
		return e.what
	}
	return fmt.Sprintf("row %d: %s", e.row, e.what)
}

// sheetEvent says what a token means within a worksheet.
type sheetEvent uint8

const (
	evOther     sheetEvent = iota // anything outside rows
	evData                        // <sheetData>
	evDataEmpty                   // <sheetData/>
	evDataEnd
	evRow
	evRowEmpty
	evRowEnd
	evInRow // anything within a row that is no cell
	evCell
	evCellEmpty
	evCellEnd
	evInCell // anything within a cell
)

// sheetWalker reads the tokens of a worksheet and knows which row and cell
// each belongs to, also where the file leaves numbers out. It owns the rule
// that rows and the cells of a row ascend.
type sheetWalker struct {
	sc *scanner

	row       int // the current or last row
	rowHidden bool
	rowStyle  int // -1 unless the row has a style of its own

	col     int // the current or last cell of the row
	style   int
	cellTyp [12]byte // the cell's t attribute, cut
	typLen  int

	inData, inRow, inCell bool
	seenData              bool
	inExt                 bool // the row's extensions were seen, which stand behind its cells
}

func newSheetWalker(r io.Reader) *sheetWalker { return &sheetWalker{sc: newScanner(r)} }

// typ returns the current cell's t attribute.
func (w *sheetWalker) typ() string { return string(w.cellTyp[:w.typLen]) }

// next reads the next token; it is in w.sc.tok. After the last one it returns
// io.EOF.
func (w *sheetWalker) next() (sheetEvent, error) {
	if err := w.sc.next(); err != nil {
		return evOther, err
	}
	t := &w.sc.tok
	switch {
	case w.inCell:
		if t.kind == tokEnd && t.level == 4 {
			w.inCell = false
			return evCellEnd, nil
		}
		return evInCell, nil
	case w.inRow:
		return w.nextInRow(t)
	case w.inData:
		return w.nextInData(t)
	}
	return w.nextOutside(t)
}

func (w *sheetWalker) nextOutside(t *token) (sheetEvent, error) {
	switch {
	case t.level == 1 && t.kind <= tokEmpty && string(t.local) != "worksheet":
		return evOther, &damagedError{what: "a sheet that is no worksheet"}
	case t.level != 2 || !t.opens("sheetData"):
		return evOther, nil
	case w.seenData:
		return evOther, &damagedError{row: w.row, what: "the rows are followed by further rows"}
	}
	w.seenData = true
	if t.kind == tokEmpty {
		return evDataEmpty, nil
	}
	w.inData = true
	return evData, nil
}

func (w *sheetWalker) nextInData(t *token) (sheetEvent, error) {
	switch {
	case t.level == 2 && t.kind == tokEnd:
		w.inData = false
		return evDataEnd, nil
	case t.level == 3 && t.opens("row"):
		if err := w.startRow(t); err != nil {
			return evOther, err
		}
		if t.kind == tokEmpty {
			return evRowEmpty, nil
		}
		w.inRow = true
		return evRow, nil
	}
	return evOther, nil
}

func (w *sheetWalker) nextInRow(t *token) (sheetEvent, error) {
	switch {
	case t.level == 3 && t.kind == tokEnd:
		w.inRow = false
		return evRowEnd, nil
	case t.level == 4 && t.opens("extLst"):
		w.inExt = true
	case t.level == 4 && t.opens("c"):
		if w.inExt {
			return evOther, &damagedError{w.row, "a cell behind the extensions of its row"}
		}
		if err := w.startCell(t); err != nil {
			return evOther, err
		}
		if t.kind == tokEmpty {
			return evCellEmpty, nil
		}
		w.inCell = true
		return evCell, nil
	}
	return evInRow, nil
}

func (w *sheetWalker) startRow(t *token) error {
	n, style, custom, hidden := w.row+1, 0, false, false
	it := attrsOf(t.raw)
	for it.next() {
		switch string(it.name) {
		case "r":
			v, ok := parseUint(it.value, maxRows)
			if !ok || v == 0 {
				return &damagedError{w.row, "the number of the row after it is not one of 1 to 1,048,576"}
			}
			n = v
		case "s":
			style, _ = parseUint(it.value, maxStyle)
		case "customFormat":
			custom = isTrue(it.value)
		case "hidden":
			hidden = isTrue(it.value)
		}
	}
	switch {
	case it.err != nil:
		return &damagedError{w.row, "the row after it has malformed attributes"}
	case n <= w.row:
		return &damagedError{w.row, "the row after it has a number that is not larger"}
	case n > maxRows:
		return &damagedError{w.row, "more rows than a sheet can have"}
	}
	w.row, w.col, w.rowHidden, w.rowStyle, w.inExt = n, 0, hidden, -1, false
	if custom {
		w.rowStyle = style
	}
	return nil
}

// maxStyle is far above the 65,490 cell formats Excel allows; it keeps numbers
// within an int32.
const maxStyle = 1 << 24

func (w *sheetWalker) startCell(t *token) error {
	n := w.col + 1
	w.style, w.typLen = 0, 0
	it := attrsOf(t.raw)
	for it.next() {
		if len(it.name) != 1 {
			continue
		}
		switch it.name[0] {
		case 'r':
			row, col, ok := parseRef(it.value)
			if !ok {
				return &damagedError{w.row, "a cell reference that is none"}
			}
			if row != w.row {
				return &damagedError{w.row, "a cell of another row"}
			}
			n = col
		case 's':
			w.style, _ = parseUint(it.value, maxStyle)
		case 't':
			w.typLen = copy(w.cellTyp[:], it.value)
		}
	}
	switch {
	case it.err != nil:
		return &damagedError{w.row, "a cell with malformed attributes"}
	case n <= w.col:
		return &damagedError{w.row, "the cells are not in order"}
	case n > maxCols:
		return &damagedError{w.row, "more cells than a row can have"}
	}
	w.col = n
	return nil
}

// parseUint reads a decimal number up to limit; nothing else is accepted.
func parseUint(b []byte, limit int) (int, bool) {
	if len(b) == 0 || len(b) > 8 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= limit
}

// parseRef reads an A1 reference as cells carry it. Lower case is accepted as
// other programs do.
func parseRef(b []byte) (row, col int, ok bool) {
	i := 0
	for i < len(b) && i < 4 {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		col = col*26 + int(c-'A') + 1
		i++
	}
	row, ok = parseUint(b[i:], maxRows)
	return row, col, ok && row > 0 && col > 0 && col <= maxCols && b[i] != '0'
}

// isTrue reads an XML boolean.
func isTrue(b []byte) bool { return string(b) == "1" || string(b) == "true" || string(b) == "on" }

// sheetStructure is what a worksheet says besides its values: what excelize
// does not tell, or only at a price. Rows ascend, and cells within a row.
type sheetStructure struct {
	protected   bool
	rows        []rowStructure
	hiddenCols  []detect.ColRange
	merges      []detect.Range
	validations []validation
	cols        []colStyle
}

// rowStructure is one row.
type rowStructure struct {
	n      int
	hidden bool
	style  int // -1 unless the row has a style of its own
	cells  []cellStructure
}

// cellStructure is one cell that stands in the file, empty or not. A sheet
// may have two million of them.
type cellStructure struct {
	col     int32
	style   int32
	formula bool
	content bool // a value, a text or a formula; a reference to an empty text counts too
}

// colStyle is the style of the cells that a range of columns does not have yet.
type colStyle struct {
	detect.ColRange
	style int
}

// validation is one drop-down list.
type validation struct {
	ranges      []detect.Range
	formula     string // as in the file: "Yes,No" in quotes, a range, a name
	promptTitle string
	prompt      string
	x14         bool // from the extension that allows lists on other sheets
}

// styleOf returns the style a new cell takes from its row or column.
func (s *sheetStructure) styleOf(row *rowStructure, col int) int {
	if row != nil && row.style >= 0 {
		return row.style
	}
	return colStyleOf(s.cols, col)
}

func colStyleOf(cols []colStyle, col int) int {
	for _, c := range cols {
		if col >= c.First && col <= c.Last {
			return c.style
		}
	}
	return 0
}

// readStructure reads the structure of the worksheet r. The file's limits
// have been checked before, by the pre-scan.
func readStructure(r io.Reader) (*sheetStructure, error) {
	b := structureReader{w: newSheetWalker(r)}
	for {
		ev, err := b.w.next()
		if err == io.EOF {
			return &b.s, nil
		}
		if err == nil {
			err = b.take(ev)
		}
		if err != nil {
			return nil, fmt.Errorf("read sheet structure: %w", err)
		}
	}
}

type structureReader struct {
	w    *sheetWalker
	s    sheetStructure
	slab []cellStructure // where the cells of many rows lie side by side
	from int             // where the current row's cells start in it
	list listReader
	cell contentReader
}

func (b *structureReader) take(ev sheetEvent) error {
	t := &b.w.sc.tok
	switch ev {
	case evRow, evRowEmpty:
		b.s.rows = append(b.s.rows, rowStructure{n: b.w.row, hidden: b.w.rowHidden, style: b.w.rowStyle})
		b.from = len(b.slab)
	case evCell, evCellEmpty:
		b.addCell()
	case evInCell:
		b.cell.take(t)
	case evCellEnd:
		c := &b.slab[len(b.slab)-1]
		c.formula, c.content = b.cell.formula, b.cell.formula || b.cell.text
	case evRowEnd:
		b.s.rows[len(b.s.rows)-1].cells = b.slab[b.from:len(b.slab):len(b.slab)]
	case evOther:
		return b.takeOther(t)
	}
	return nil
}

func (b *structureReader) addCell() {
	if len(b.slab) == cap(b.slab) {
		row := b.slab[b.from:]
		b.slab = append(make([]cellStructure, 0, max(4096, 2*len(row))), row...)
		b.from = 0
	}
	b.slab = append(b.slab, cellStructure{col: int32(b.w.col), style: int32(b.w.style)})
	b.cell = contentReader{}
}

// contentReader finds out whether a cell holds a formula and anything else.
type contentReader struct{ formula, text bool }

func (c *contentReader) take(t *token) {
	switch {
	case t.level == 5 && t.opens("f"):
		c.formula = true
	case (t.kind == tokText || t.kind == tokCDATA) && t.level > 5:
		c.text = c.text || !isBlank(t.content())
	}
}

func (b *structureReader) takeOther(t *token) error {
	done, err := b.list.take(t)
	if err != nil {
		return err
	}
	if done != nil {
		b.s.validations = append(b.s.validations, *done)
	}
	switch {
	case t.level == 3 && t.opens("col"):
		return b.takeCol(t)
	case t.level == 3 && t.opens("mergeCell"):
		r, ok, err := mergeOf(t)
		if ok {
			b.s.merges = append(b.s.merges, r)
		}
		return err
	case t.level == 2 && t.opens("sheetProtection"):
		v, _, err := t.attr("sheet")
		b.s.protected = isTrue([]byte(v))
		return err
	}
	return nil
}

func (b *structureReader) takeCol(t *token) error {
	c, hidden, ok, err := colOf(t)
	if err != nil || !ok {
		return err
	}
	if hidden {
		b.s.hiddenCols = append(b.s.hiddenCols, c.ColRange)
	}
	if c.style != 0 {
		b.s.cols = append(b.s.cols, c)
	}
	return nil
}

// colOf reads a col element; ok is false for one that names no columns.
func colOf(t *token) (c colStyle, hidden, ok bool, err error) {
	it := attrsOf(t.raw)
	for it.next() {
		switch string(it.name) {
		case "min":
			c.First, _ = parseUint(it.value, 1<<24)
		case "max":
			c.Last, _ = parseUint(it.value, 1<<24)
		case "style":
			c.style, _ = parseUint(it.value, maxStyle)
		case "hidden":
			hidden = isTrue(it.value)
		}
	}
	if it.err != nil {
		return c, false, false, &damagedError{what: "a column with malformed attributes"}
	}
	c.Last = min(c.Last, maxCols)
	return c, hidden, c.First > 0 && c.First <= c.Last, nil
}

// mergeOf reads a mergeCell element.
func mergeOf(t *token) (detect.Range, bool, error) {
	v, _, err := t.attr("ref")
	if err != nil {
		return detect.Range{}, false, err
	}
	r, ok := detect.ParseRange(strings.ToUpper(v))
	if !ok {
		return r, false, &damagedError{what: "a merged range that is none"}
	}
	return r, true, nil
}

// listReader picks the drop-down lists out of the tokens behind the rows, of
// both kinds: the standard's own (sqref is an attribute) and the x14
// extension's (sqref is an element).
type listReader struct {
	cur   *validation
	level int // of the dataValidation element
	field string
	text  []byte
	sqref string
}

// maxListText bounds the formula and the ranges of one list.
const maxListText = 4 << 20

// take takes a token and returns the list it completes, if any.
func (l *listReader) take(t *token) (*validation, error) {
	switch {
	case l.cur == nil:
		if t.kind == tokStart && string(t.local) == "dataValidation" {
			return nil, l.start(t)
		}
	case t.kind == tokEnd && t.level == l.level:
		return l.end(), nil
	case l.field == "" && t.kind == tokStart && (string(t.local) == "formula1" || string(t.local) == "sqref"):
		l.field, l.text = string(t.local), l.text[:0]
	case l.field != "" && t.kind == tokEnd && string(t.local) == l.field:
		return nil, l.endField()
	case l.field != "" && (t.kind == tokText || t.kind == tokCDATA):
		if len(l.text)+len(t.raw) > maxListText {
			return nil, errLongTag
		}
		if t.kind == tokCDATA {
			l.text = appendEscaped(l.text, string(t.content()))
		} else {
			l.text = append(l.text, t.raw...)
		}
	}
	return nil, nil
}

func (l *listReader) start(t *token) error {
	var v validation
	isList := false
	l.sqref = ""
	it := attrsOf(t.raw)
	for it.next() {
		s, err := it.decoded()
		if err != nil {
			return err
		}
		switch string(it.name) {
		case "type":
			isList = s == "list"
		case "sqref":
			l.sqref = s
		case "promptTitle":
			v.promptTitle = unescapeX(s)
		case "prompt":
			v.prompt = unescapeX(s)
		}
	}
	if it.err != nil {
		return it.err
	}
	if isList {
		v.x14 = l.sqref == ""
		l.cur, l.level = &v, t.level
	}
	return nil
}

func (l *listReader) endField() error {
	out, err := unescaped(l.text)
	if err != nil {
		return err
	}
	if l.field == "formula1" {
		l.cur.formula = strings.TrimSpace(string(out))
	} else {
		l.sqref = string(out)
	}
	l.field = ""
	return nil
}

func (l *listReader) end() *validation {
	v := l.cur
	l.cur = nil
	for _, f := range strings.Fields(l.sqref) {
		if r, ok := parseArea(f); ok {
			v.ranges = append(v.ranges, r)
		}
	}
	if len(v.ranges) == 0 || v.formula == "" {
		return nil
	}
	return v
}

// parseArea reads a range as validations have them: A1:B2, and also whole
// columns (A:C) and whole rows (1:3).
func parseArea(s string) (detect.Range, bool) {
	s = strings.ToUpper(strings.ReplaceAll(s, "$", ""))
	if r, ok := detect.ParseRange(s); ok {
		return r, true
	}
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return detect.Range{}, false
	}
	if c1, c2 := detect.ColumnNumber(a), detect.ColumnNumber(b); c1 > 0 && c2 > 0 && max(c1, c2) <= maxCols {
		return detect.Range{FirstRow: 1, FirstCol: min(c1, c2), LastRow: maxRows, LastCol: max(c1, c2)}, true
	}
	r1, ok1 := parseUint([]byte(a), maxRows)
	r2, ok2 := parseUint([]byte(b), maxRows)
	if ok1 && ok2 && r1 > 0 && r2 > 0 {
		return detect.Range{FirstRow: min(r1, r2), FirstCol: 1, LastRow: max(r1, r2), LastCol: maxCols}, true
	}
	return detect.Range{}, false
}

// appendEscaped appends s as XML character data.
func appendEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

// unescapeX resolves Excel's own escapes: _x000D_ stands for the character
// with that code. It decodes what [escapeX] makes.
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b bytes.Buffer
	for i := 0; i < len(s); {
		if c, ok := xEscape(s[i:]); ok {
			b.WriteRune(c)
			i += 7
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// xEscape reports whether s starts with an escape of Excel's, and for which
// character.
func xEscape(s string) (rune, bool) {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return 0, false
	}
	var c rune
	for _, d := range []byte(s[2:6]) {
		switch {
		case d >= '0' && d <= '9':
			c = c<<4 | rune(d-'0')
		case d|0x20 >= 'a' && d|0x20 <= 'f':
			c = c<<4 | rune(d|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return c, true
}
