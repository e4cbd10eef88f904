package xlsx

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouch/importers/detect"
)

// side is one of the two documents that are compared in step.
type side struct {
	sc     *scanner
	loaded bool
	eof    bool
	rest   []byte // of a text or CDATA token: what was not compared yet
	inData bool
	at     place // the row and cell of the current token, as far as it is in one
	isRow  bool  // the token opens a row
	isCell bool  // the token opens a cell
}

// load makes sure there is a current token.
func (s *side) load() error {
	if s.loaded {
		return nil
	}
	err := s.sc.next()
	if err == io.EOF {
		s.loaded, s.eof = true, true
		s.isRow, s.isCell = false, false
		return nil
	} else if err != nil {
		return err
	}
	s.loaded = true
	t := &s.sc.tok
	s.rest = t.raw
	opens := t.kind == tokStart || t.kind == tokEmpty
	if t.level == 2 && string(t.local) == "sheetData" {
		s.inData = t.kind == tokStart
	}
	s.isRow = opens && s.inData && t.level == 3 && string(t.local) == "row"
	s.isCell = opens && s.inData && t.level == 4 && string(t.local) == "c"
	return s.locate(t)
}

// locate works out the position of the row or cell that the token opens.
// Both must ascend.
func (s *side) locate(t *token) error {
	if !s.isRow && !s.isCell {
		return nil
	}
	ref, ok, err := t.attr("r")
	if err != nil {
		return err
	}
	last := s.at
	if s.isRow {
		s.at = place{last.row + 1, 0}
		if ok {
			s.at.row, err = strconv.Atoi(ref)
		}
		if err != nil || s.at.row <= last.row {
			return errSyntax
		}
		return nil
	}
	s.at.col++
	if ok {
		row, col, valid := detect.ParseCell(strings.ToUpper(ref))
		if !valid || row != s.at.row || col <= last.col {
			return errSyntax
		}
		s.at.col = col
	}
	return nil
}

func (s *side) tok() *token { return &s.sc.tok }

func (s *side) done() { s.loaded = false }

func (s *side) isText() bool {
	return !s.eof && (s.tok().kind == tokText || s.tok().kind == tokCDATA)
}

// opensPart reports whether the token opens an element of that name directly
// below the root.
func (s *side) opensPart(local string) bool {
	return !s.eof && s.tok().level == 2 && s.tok().opens(local)
}

// comparer walks two documents in step.
type comparer struct {
	v    *verifier
	want expectations
	a, b side
}

func (c *comparer) load() error {
	if err := c.v.ctx.Err(); err != nil {
		return err
	}
	if err := c.a.load(); err != nil {
		return err
	}
	if err := c.b.load(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotLossless, err)
	}
	return nil
}

// same compares the current tokens as bytes. Pieces of long texts may be cut
// differently on both sides.
func (c *comparer) same() error {
	a, b := &c.a, &c.b
	if a.eof || b.eof || a.tok().kind != b.tok().kind {
		return c.differ()
	}
	n := min(len(a.rest), len(b.rest))
	if !bytes.Equal(a.rest[:n], b.rest[:n]) || (!a.isText() && len(a.rest) != len(b.rest)) {
		return c.differ()
	}
	a.rest, b.rest = a.rest[n:], b.rest[n:]
	if len(a.rest) == 0 {
		a.done()
	}
	if len(b.rest) == 0 {
		b.done()
	}
	return nil
}

func (c *comparer) differ() error {
	if c.a.at.row > 0 {
		return notLossless("something changed at or behind cell %s that was not to be written", c.a.at)
	}
	return notLossless("something besides cells changed")
}

// workbook compares the workbook parts: only calcPr may differ, by the
// request to recompute.
func (c *comparer) workbook() error {
	var attrsA, attrsB []byte
	hasA := false
	for {
		if err := c.load(); err != nil {
			return err
		}
		switch {
		case c.a.eof && c.b.eof:
			if hasA && !bytes.Equal(attrsA, attrsB) {
				return notLossless("the calculation settings changed")
			}
			return nil
		case isCalc(&c.a):
			if c.a.tok().kind != tokEnd {
				attrsA, hasA = attrsBut(c.a.tok(), "fullCalcOnLoad"), true
			}
			c.a.done()
		case isCalc(&c.b):
			if c.b.tok().kind != tokEnd {
				attrsB = attrsBut(c.b.tok(), "fullCalcOnLoad")
			}
			c.b.done()
		default:
			if err := c.same(); err != nil {
				return err
			}
		}
	}
}

// sheet compares two worksheets.
func (c *comparer) sheet() error {
	for {
		if err := c.load(); err != nil {
			return err
		}
		if c.a.eof && c.b.eof {
			break
		}
		added, err := c.added(false)
		if err == nil && !added {
			err = c.pair()
		}
		if err != nil {
			return err
		}
	}
	for at, x := range c.want {
		if !x.seen && !x.mayClear {
			return notLossless("cell %s was not written", at)
		}
	}
	return nil
}

// added takes a cell or row that only the new sheet has, if the next one is
// such. alone says that the original has nothing left to compare with here.
func (c *comparer) added(alone bool) (bool, error) {
	a, b := &c.a, &c.b
	switch {
	case b.isCell && (alone || !a.isCell || a.at != b.at):
		x := c.want[b.at]
		if x == nil || x.mayClear || x.seen {
			return false, c.differ()
		}
		if extra := attrsBut(b.tok(), "r", "s", "t"); len(extra) > 0 {
			return false, c.differ()
		}
		at := b.at
		cell, err := readCell(b)
		if err != nil {
			return false, err
		}
		return true, cell.holds(at, x)
	case b.isRow && (alone || !a.isRow || a.at.row != b.at.row):
		if extra := attrsBut(b.tok(), "r"); len(extra) > 0 || b.tok().kind == tokEmpty {
			return false, c.differ()
		}
		b.done()
		return true, c.addedUntil(3)
	}
	return false, nil
}

// addedUntil takes what was added, one cell at least, up to the end tag of
// that level, which the original does not have.
func (c *comparer) addedUntil(level int) error {
	for n := 0; ; n++ {
		if err := c.b.load(); err != nil {
			return fmt.Errorf("%w: %w", ErrNotLossless, err)
		}
		if c.b.eof {
			return c.differ()
		}
		if t := c.b.tok(); t.kind == tokEnd && t.level == level && n > 0 {
			c.b.done()
			return nil
		}
		if added, err := c.added(true); err != nil {
			return err
		} else if !added {
			return c.differ()
		}
	}
}

// pair compares tokens that both sheets have.
func (c *comparer) pair() error {
	a, b := &c.a, &c.b
	switch {
	case a.eof || b.eof:
		return c.differ()
	case a.isCell && c.want[a.at] != nil:
		return c.written(c.want[a.at])
	case a.isRow:
		if !b.isRow || !bytes.Equal(attrsBut(a.tok(), "spans"), attrsBut(b.tok(), "spans")) {
			return c.differ()
		}
		return c.opened(3)
	case a.opensPart("sheetData"):
		if !b.opensPart("sheetData") || !bytes.Equal(attrsBut(a.tok()), attrsBut(b.tok())) {
			return c.differ()
		}
		return c.opened(2)
	case a.opensPart("dimension") && b.opensPart("dimension"):
		return c.dimension()
	}
	return c.same()
}

// opened takes the tags of a row or of sheetData, where an empty element may
// have been opened to take cells.
func (c *comparer) opened(level int) error {
	a, b := c.a.tok(), c.b.tok()
	kindA, kindB := a.kind, b.kind
	if !bytes.Equal(a.name, b.name) {
		return c.differ()
	}
	c.a.done()
	c.b.done()
	switch kindA {
	case kindB:
		return nil
	case tokEmpty:
		return c.addedUntil(level)
	}
	return c.differ()
}

// dimension takes the dimension tags: the new one may be wider.
func (c *comparer) dimension() error {
	a, b := c.a.tok(), c.b.tok()
	if bytes.Equal(a.raw, b.raw) {
		return c.same()
	}
	refA, _, errA := a.attr("ref")
	refB, _, errB := b.attr("ref")
	ra, okA := detect.ParseRange(strings.ToUpper(refA))
	rb, okB := detect.ParseRange(refB)
	wider := okA && okB && rb.Contains(ra.FirstRow, ra.FirstCol) && rb.Contains(ra.LastRow, ra.LastCol)
	if errA != nil || errB != nil || !wider || a.kind != b.kind || !bytes.Equal(attrsBut(a, "ref"), attrsBut(b, "ref")) {
		return c.differ()
	}
	c.a.done()
	c.b.done()
	return nil
}

// written compares a cell that both sheets have and that was to be written or
// may have lost its mark.
func (c *comparer) written(x *expectation) error {
	if !c.b.isCell || c.a.at != c.b.at {
		return c.differ()
	}
	at := c.a.at
	before, err := readCell(&c.a)
	if err != nil {
		return err
	}
	after, err := readCell(&c.b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotLossless, err)
	}
	if x.mayClear && before.same(after) {
		return nil
	}
	if before.name != after.name || !bytes.Equal(before.attrs, after.attrs) {
		return notLossless("the format of cell %s changed", at)
	}
	if before.formula {
		return notLossless("the formula in cell %s was overwritten", at)
	}
	if !x.mayClear {
		return after.holds(at, x)
	}
	return c.cleared(at, before, after, x.text)
}

// cleared checks that a cell that was emptied held the mark.
func (c *comparer) cleared(at place, before, after *cellContent, mark string) error {
	if after.shape != "" || after.typ != "" {
		return notLossless("cell %s changed", at)
	}
	if before.typ != "s" {
		if strings.TrimSpace(before.text) != strings.TrimSpace(mark) {
			return notLossless("cell %s was emptied", at)
		}
		return nil
	}
	i, err := strconv.Atoi(strings.TrimSpace(before.text))
	if err != nil {
		return notLossless("cell %s was emptied", at)
	}
	if c.v.marks == nil {
		c.v.marks = map[int]string{}
	}
	if old, ok := c.v.marks[i]; ok && old != mark {
		return notLossless("cell %s was emptied", at)
	}
	c.v.marks[i] = mark
	return nil
}

func isCalc(s *side) bool {
	return !s.eof && !s.isText() && s.tok().level == 2 && string(s.tok().local) == "calcPr"
}

// attrsBut returns the attributes of a tag without the ones named.
func attrsBut(t *token, names ...string) []byte {
	out := []byte{}
	it := attrsOf(t.raw)
next:
	for it.next() {
		for _, n := range names {
			if string(it.name) == n {
				continue next
			}
		}
		out = append(out, t.raw[it.from:it.to]...)
	}
	return out
}

// cellContent is one cell, read as a whole.
type cellContent struct {
	name    string
	attrs   []byte // those that stay when a value is written
	typ     string
	shape   string // the elements inside: "is;t;"
	text    string // all character data, decoded
	formula bool
	foreign bool // an element of another namespace prefix
	raw     []byte
	cut     bool // text and raw are not whole
}

func (c *cellContent) same(o *cellContent) bool { return !c.cut && !o.cut && bytes.Equal(c.raw, o.raw) }

func (c *cellContent) decode(text []byte) error {
	if c.cut {
		return nil
	}
	out, err := unescaped(text)
	c.text = string(out)
	return err
}

// holds checks that a cell holds what it must, and nothing else.
func (c *cellContent) holds(at place, x *expectation) error {
	x.seen = true
	switch {
	case c.cut || c.foreign:
	case c.typ == "inlineStr" && c.shape == "is;t;" && unescapeX(c.text) == x.text && utf8.ValidString(c.text):
		return nil
	case x.mayNumber && c.typ == "" && c.shape == "v;" && c.text == x.text:
		if _, err := strconv.ParseFloat(c.text, 64); err == nil {
			return nil
		}
	}
	return notLossless("cell %s does not hold its answer", at)
}

// maxCellBytes is above what the longest text of a cell can take.
const maxCellBytes = 1 << 20

// readCell reads the cell whose tag is the current token, to its end.
func readCell(s *side) (*cellContent, error) {
	t := s.tok()
	c := &cellContent{name: string(t.name), attrs: attrsBut(t, "t", "vm", "cm", "ph"), raw: bytes.Clone(t.raw)}
	var err error
	if c.typ, _, err = t.attr("t"); err != nil {
		return nil, err
	}
	prefix, level := string(t.prefix()), t.level
	open := t.kind == tokStart
	s.done()
	if !open {
		return c, nil
	}
	var text []byte
	for {
		if err := s.load(); err != nil {
			return nil, err
		}
		if s.eof {
			return nil, errTruncated
		}
		t := s.tok()
		s.done()
		if c.cut = c.cut || len(c.raw)+len(t.raw) > maxCellBytes; !c.cut {
			c.raw = append(c.raw, t.raw...)
		}
		switch t.kind {
		case tokStart, tokEmpty:
			c.formula = c.formula || (t.level == level+1 && string(t.local) == "f")
			c.foreign = c.foreign || string(t.prefix()) != prefix
			if len(c.shape) < 64 {
				c.shape += string(t.local) + ";"
			}
		case tokText:
			if !c.cut {
				text = append(text, t.raw...)
			}
		case tokCDATA:
			if !c.cut {
				text = appendEscaped(text, string(t.content()))
			}
		case tokEnd:
			if t.level == level {
				return c, c.decode(text)
			}
		}
	}
}
