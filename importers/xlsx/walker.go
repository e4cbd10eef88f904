package xlsx

import (
	"fmt"
	"io"
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

// maxStyle is far above the 65,490 cell formats Excel allows; it keeps numbers
// within an int32.
const maxStyle = 1 << 24

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
