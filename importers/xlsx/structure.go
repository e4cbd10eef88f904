package xlsx

import (
	"fmt"
	"io"
	"strings"

	"vouch/importers/detect"
)

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
