package xlsx

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vouch/importers/detect"
)

// inspect reads the sheet once and fills in the facts about the cells that
// the plan is interested in.
func (p *pack) inspect(ctx context.Context, sp *sheetPlan) error {
	rc, err := p.open(ctx, sp.info.file)
	if err != nil {
		return err
	}
	defer rc.Close()
	in := inspector{w: newSheetWalker(rc), sp: sp}
	in.rows = map[int]bool{}
	for k, f := range sp.facts {
		in.keys = append(in.keys, k)
		if f.target {
			in.rows[k.row()] = true
		}
	}
	slices.Sort(in.keys)
	for {
		ev, err := in.w.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = in.take(ev)
		}
		if err != nil {
			return fmt.Errorf("read sheet: %w", err)
		}
	}
	if !in.w.seenData {
		return &damagedError{what: "a worksheet without rows"}
	}
	return p.resolveStrings(ctx, sp)
}

type inspector struct {
	w    *sheetWalker
	sp   *sheetPlan
	keys []cellKey // of the facts, ascending
	rows map[int]bool
	next int // the first key not passed yet
	cell *cellFacts
	text textReader
}

func (in *inspector) take(ev sheetEvent) error {
	t := &in.w.sc.tok
	switch ev {
	case evRow, evRowEmpty:
		if in.w.rowStyle >= 0 && in.rows[in.w.row] {
			in.sp.rows[in.w.row] = in.w.rowStyle
		}
	case evCell, evCellEmpty:
		in.cell = in.find(keyOf(in.w.row, in.w.col))
		if in.cell != nil {
			in.cell.exists, in.cell.style = true, in.w.style
			in.text.reset()
		}
	case evInCell:
		if t.level == 5 && t.opens("f") {
			if in.cell != nil {
				in.cell.formula = true
			}
			return in.takeFormula(t)
		}
		if in.cell != nil {
			return in.text.take(t)
		}
	case evCellEnd:
		if in.cell != nil {
			return in.endCell()
		}
	case evOther:
		return in.takeOther(t)
	}
	return nil
}

// find returns the facts about a cell if the plan wants them. Cells come in
// ascending order.
func (in *inspector) find(k cellKey) *cellFacts {
	for in.next < len(in.keys) && in.keys[in.next] < k {
		in.next++
	}
	if in.next < len(in.keys) && in.keys[in.next] == k {
		return in.sp.facts[k]
	}
	return nil
}

func (in *inspector) endCell() error {
	s, err := in.text.decoded()
	if err != nil {
		return err
	}
	if in.w.typ() == "s" {
		if n, ok := parseUint([]byte(strings.TrimSpace(s)), 1<<26); ok {
			in.cell.shared = n
		}
		return nil
	}
	in.cell.text = s
	return nil
}

// takeFormula marks the cells in the range of an array formula or a data
// table: they hold its results, and none of them can be changed alone.
func (in *inspector) takeFormula(t *token) error {
	typ, ok, err := t.attr("t")
	if err != nil || !ok || (typ != "array" && typ != "dataTable") {
		return err
	}
	ref, _, err := t.attr("ref")
	if err != nil {
		return err
	}
	if r, ok := detect.ParseRange(strings.ToUpper(ref)); ok {
		in.within(r, func(_ cellKey, f *cellFacts) { f.formula = true })
	}
	return nil
}

// within calls fn for the wanted cells inside r.
func (in *inspector) within(r detect.Range, fn func(cellKey, *cellFacts)) {
	i, _ := slices.BinarySearch(in.keys, keyOf(r.FirstRow, r.FirstCol))
	for ; i < len(in.keys) && in.keys[i].row() <= r.LastRow; i++ {
		if k := in.keys[i]; r.Contains(k.row(), k.col()) {
			fn(k, in.sp.facts[k])
		}
	}
}

func (in *inspector) takeOther(t *token) error {
	switch {
	case t.level == 3 && t.opens("col"):
		c, _, ok, err := colOf(t)
		if ok && c.style != 0 {
			in.sp.cols = append(in.sp.cols, c)
		}
		return err
	case t.level == 3 && t.opens("mergeCell"):
		r, ok, err := mergeOf(t)
		if ok {
			in.within(r, func(k cellKey, f *cellFacts) {
				f.covered = f.covered || k.row() != r.FirstRow || k.col() != r.FirstCol
			})
		}
		return err
	}
	return nil
}

// textReader collects the text of a cell or of a shared string: the t
// elements that are no phonetic hints, and a cell's v.
type textReader struct {
	raw  []byte
	elem string
	skip int // the level of the phonetic run being skipped
}

// maxKeptText bounds how much of one cell's text is kept. What is longer is
// certainly not empty and not a mark.
const maxKeptText = 256 << 10

func (r *textReader) reset() { r.raw, r.elem, r.skip = r.raw[:0], "", 0 }

func (r *textReader) take(t *token) error {
	switch t.kind {
	case tokStart:
		r.elem = string(t.local)
		if r.elem == "rPh" && r.skip == 0 {
			r.skip = t.level
		}
	case tokEnd:
		r.elem = ""
		if t.level == r.skip {
			r.skip = 0
		}
	case tokText, tokCDATA:
		if r.skip > 0 || (r.elem != "t" && r.elem != "v") || len(r.raw) > maxKeptText {
			return nil
		}
		if t.kind == tokCDATA {
			r.raw = appendEscaped(r.raw, string(t.content()))
		} else {
			r.raw = append(r.raw, t.raw...)
		}
	}
	return nil
}

func (r *textReader) decoded() (string, error) {
	if len(r.raw) > maxKeptText {
		return "…", nil // pieces may have cut an entity; see maxKeptText
	}
	out, err := unescaped(r.raw)
	return unescapeX(string(out)), err
}

// resolveStrings looks up the shared strings of the cells the plan is
// interested in.
func (p *pack) resolveStrings(ctx context.Context, sp *sheetPlan) error {
	byIndex := map[int][]*cellFacts{}
	for _, f := range sp.facts {
		if f.shared >= 0 {
			byIndex[f.shared] = append(byIndex[f.shared], f)
		}
	}
	if len(byIndex) == 0 || p.strings == nil {
		return nil
	}
	rc, err := p.open(ctx, p.strings)
	if err != nil {
		return err
	}
	defer rc.Close()
	err = eachString(newScanner(rc), func(i int, text *textReader) error {
		s, err := text.decoded()
		for _, f := range byIndex[i] {
			f.text = s
		}
		return err
	}, func(i int) bool { return byIndex[i] != nil })
	if err != nil {
		return fmt.Errorf("read shared strings: %w", err)
	}
	return nil
}

// eachString calls fn for the shared strings that are wanted, by index.
func eachString(s *scanner, fn func(i int, text *textReader) error, wanted func(i int) bool) error {
	var text textReader
	index := -1
	for {
		if err := s.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		t := &s.tok
		isItem := t.level == 2 && string(t.local) == "si"
		switch {
		case isItem && t.kind != tokEnd:
			index++
			text.reset()
		case isItem && wanted(index):
			if err := fn(index, &text); err != nil {
				return err
			}
		case index >= 0 && t.level > 2 && wanted(index):
			if err := text.take(t); err != nil {
				return err
			}
		}
	}
}
