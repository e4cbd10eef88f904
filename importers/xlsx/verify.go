package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"vouch/engine"
	"vouch/importers/detect"
)

// ErrNotLossless is wrapped by what [Verify] returns when the new file is not
// the original with the values in it.
var ErrNotLossless = errors.New("the written file is not the original with the answers in it")

// Verify checks that out is the workbook src with values written into it and
// nothing else changed: the same parts in the same order, byte for byte, but
// for the request to recompute formulas and the cells of values; of those,
// each holds exactly its value, in the format it had. The other cells of a
// mark may have lost this mark.
//
// It shares the scanner with [Write], and on purpose not the code that decides
// and patches.
func Verify(ctx context.Context, src io.ReaderAt, srcSize int64, out io.ReaderAt, outSize int64, values []engine.PartValue) error {
	all := Limits{
		FileBytes: math.MaxInt64, UnpackedBytes: math.MaxInt64, Ratio: math.MaxInt64,
		Parts: math.MaxInt, Ranges: math.MaxInt,
	}
	a, err := openPack(ctx, src, srcSize, "the original", all.withDefaults())
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	b, err := zip.NewReader(out, outSize)
	if err != nil {
		return fmt.Errorf("verify: %w: %w", ErrNotLossless, err)
	}
	v := verifier{ctx: ctx, orig: a, expect: map[*zip.File]expectations{}}
	if err := v.addAll(values); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := v.compare(b); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	return nil
}

func notLossless(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotLossless, fmt.Sprintf(format, args...))
}

type verifier struct {
	ctx    context.Context
	orig   *pack
	expect map[*zip.File]expectations
	marks  map[int]string // shared strings that must be a mark, because a cell with them was cleared
}

// place is a cell of a sheet.
type place struct{ row, col int }

func (p place) String() string { return detect.CellName(p.row, p.col) }

// expectation is what a cell of the new file must or may hold.
type expectation struct {
	text      string
	mayNumber bool
	mayClear  bool // the cell is not written, but may have lost the mark that text is
	seen      bool
}

type expectations map[place]*expectation

func (v *verifier) addAll(values []engine.PartValue) error {
	var others []func()
	for i := range values {
		part := &values[i].Part
		info := v.orig.worksheet(part.Locator.Sheet)
		if info == nil {
			return fmt.Errorf("%s: %w", part.Locator, ErrBadLocator)
		}
		e := v.expect[info.file]
		if e == nil {
			e = expectations{}
			v.expect[info.file] = e
		}
		for j, ref := range part.Locator.Cells {
			row, col, ok := detect.ParseCell(ref)
			if !ok {
				return fmt.Errorf("%s: %w", part.Locator, ErrBadLocator)
			}
			at, x := place{row, col}, expectationOf(part, values[i].Value, j)
			if x.mayClear {
				others = append(others, func() {
					if e[at] == nil {
						e[at] = x
					}
				})
				continue
			}
			if e[at] != nil {
				return fmt.Errorf("%s: %w", part.Locator, ErrTwoValues)
			}
			e[at] = x
		}
	}
	for _, add := range others {
		add()
	}
	return nil
}

// expectationOf returns what the nth cell of a part must hold.
func expectationOf(part *engine.Part, value string, nth int) *expectation {
	if part.Kind != engine.PartMark {
		number := part.Kind == engine.PartChoice || part.Kind == engine.PartNumber
		return &expectation{text: asStored(value), mayNumber: number}
	}
	mark := asStored(part.Mark)
	if mark == "" {
		mark = "x"
	}
	chosen := nth < len(part.Options) && part.Options[nth] == value
	return &expectation{text: mark, mayClear: !chosen}
}

// asStored returns what of a text survives in XML.
func asStored(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

func (v *verifier) compare(b *zip.Reader) error {
	a := v.orig.zip
	if len(a.File) != len(b.File) || a.Comment != b.Comment {
		return notLossless("%d parts became %d", len(a.File), len(b.File))
	}
	for i, fa := range a.File {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		fb := b.File[i]
		if fa.Name != fb.Name {
			return notLossless("part %d has another name", i+1)
		}
		if err := v.comparePart(fa, fb); err != nil {
			return err
		}
	}
	return v.checkMarks()
}

func (v *verifier) comparePart(fa, fb *zip.File) error {
	e := v.expect[fa]
	if e == nil && fa != v.orig.workbook {
		return samePacked(fa, fb)
	}
	ra, err := v.orig.open(v.ctx, fa)
	if err != nil {
		return err
	}
	defer ra.Close()
	rb, err := fb.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotLossless, err)
	}
	rb = aside(rb, fb)
	defer rb.Close()
	c := comparer{v: v, want: e, a: side{sc: newScanner(ra)}, b: side{sc: newScanner(rb)}}
	if e == nil {
		return c.workbook()
	}
	return c.sheet()
}

// samePacked compares two parts as they are packed.
func samePacked(fa, fb *zip.File) error {
	if fa.CRC32 != fb.CRC32 || fa.Method != fb.Method || fa.CompressedSize64 != fb.CompressedSize64 || fa.UncompressedSize64 != fb.UncompressedSize64 {
		return notLossless("part %s changed", fa.Name)
	}
	ra, err := fa.OpenRaw()
	if err != nil {
		return err
	}
	rb, err := fb.OpenRaw()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotLossless, err)
	}
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, errA := io.ReadFull(ra, x)
		m, errB := io.ReadFull(rb, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return notLossless("part %s changed", fa.Name)
		}
		switch {
		case errA == io.EOF || errA == io.ErrUnexpectedEOF:
			return nil
		case errA != nil:
			return errA
		case errB != nil:
			return errB
		}
	}
}

// checkMarks checks the shared strings of the cells that were emptied.
func (v *verifier) checkMarks() error {
	if len(v.marks) == 0 {
		return nil
	}
	if v.orig.strings == nil {
		return notLossless("a cell was emptied")
	}
	rc, err := v.orig.open(v.ctx, v.orig.strings)
	if err != nil {
		return err
	}
	defer rc.Close()
	left := len(v.marks)
	err = eachString(newScanner(rc), func(i int, text *textReader) error {
		left--
		if s, err := text.decoded(); err != nil || strings.TrimSpace(s) != strings.TrimSpace(v.marks[i]) {
			return notLossless("a cell was emptied that did not hold the mark")
		}
		return nil
	}, func(i int) bool { _, ok := v.marks[i]; return ok })
	if err == nil && left != 0 {
		return notLossless("a cell was emptied that did not hold the mark")
	}
	return err
}
