package csv

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vouch/engine"
)

// ErrNotFaithful is what [Verify] returns, wrapped, when a file that was
// written is not the original with the answers in it. It means a fault in
// this package or on the disk, never one of the caller.
var ErrNotFaithful = errors.New("the written file is not the original with the answers in it")

// mode says what may have become of a filled field that a value is for.
type mode int

const (
	either    mode = iota // kept or replaced
	keep                  // kept
	overwrite             // replaced
)

// Verify reads both files and returns an error unless out is src with the
// values in their fields: every other field, every delimiter and every line
// end the same bytes; fields that held something either kept or replaced.
// It shares no code with [Write] but the scanner and the wording of values.
func Verify(src, out []byte, values []engine.PartValue) error {
	f, err := Parse(src, "the original", Limits{})
	if err != nil {
		return err
	}
	return verify(f, out, values, either)
}

// outcome is what a cell that a value is for may hold.
type outcome struct {
	text  string
	mark  bool // a competing cell of a mark: keeps what it holds or loses a mark
	marks []string
	held  bool // the part was filled in the original, in this or a competing cell
}

func verify(f *File, out []byte, values []engine.PartValue, m mode) error {
	if !bytes.HasPrefix(out, f.src[:f.body]) {
		return fmt.Errorf("%w: its beginning differs", ErrNotFaithful)
	}
	g, err := parseAs(out, f.name, f.dialect, f.body, unlimited)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read: %w", ErrNotFaithful, err)
	}
	if len(g.records) != len(f.records) {
		return fmt.Errorf("%w: %d rows became %d", ErrNotFaithful, len(f.records), len(g.records))
	}
	want, widest, err := outcomes(f, values)
	if err != nil {
		return err
	}
	for i := range f.records {
		if err := verifyRow(f, g, i, want, widest[i+1], m); err != nil {
			return err
		}
	}
	return nil
}

// unlimited is for files that were within the limits before they got answers.
var unlimited = Limits{Bytes: 1 << 40, Rows: 1 << 40, Cells: 1 << 40, Columns: 1 << 40, FieldChars: 1 << 40}

// outcomes returns what is expected of each cell, and the last column that is
// expected in each row.
func outcomes(f *File, values []engine.PartValue) (map[place]outcome, map[int]int, error) {
	want, widest := map[place]outcome{}, map[int]int{}
	for _, v := range values {
		t, err := targetOf(v)
		if err != nil {
			return nil, nil, err
		}
		held := !isBlank(f.Text(t.row, t.col)) && !t.placeholder
		for _, s := range t.siblings {
			held = held || !isBlank(f.Text(s.row, s.col))
		}
		for _, s := range t.siblings {
			want[s] = outcome{mark: true, marks: t.marks, held: held}
		}
		want[t.place] = outcome{text: t.text, held: held}
		if t.text != "" {
			widest[t.row] = max(widest[t.row], t.col)
		}
	}
	return want, widest, nil
}

// verifyRow compares row i, from 0, of both files.
func verifyRow(f, g *File, i int, want map[place]outcome, widest int, m mode) error {
	a, b := f.records[i], g.records[i]
	was, is := a.last-a.first, b.last-b.first
	if is < was || is > max(was, widest) {
		return fmt.Errorf("%w: row %d had %d fields and has %d", ErrNotFaithful, i+1, was, is)
	}
	if !bytes.Equal(f.src[a.end:a.next], g.src[b.end:b.next]) {
		return fmt.Errorf("%w: the line end of row %d differs", ErrNotFaithful, i+1)
	}
	delim := f.dialect.Charset.ascii(f.dialect.Delimiter)
	for j := range is {
		at := place{i + 1, j + 1}
		x := g.fields[b.first+j]
		if j+1 < is && !bytes.Equal(g.src[x.end:g.fields[b.first+j+1].start], delim) {
			return fmt.Errorf("%w: the delimiter behind %v differs", ErrNotFaithful, at)
		}
		old := []byte(nil)
		if j < was {
			old = f.raw(f.fields[a.first+j])
		}
		if o, ok := want[at]; ok {
			if !o.allows(f.Text(at.row, at.col), old, g.text(x), g.raw(x), m) {
				return fmt.Errorf("%w: %v does not hold its value", ErrNotFaithful, at)
			}
			continue
		}
		if !bytes.Equal(old, g.raw(x)) {
			return fmt.Errorf("%w: %v changed", ErrNotFaithful, at)
		}
	}
	return nil
}

// allows reports whether a cell may have gone from old to now.
func (o outcome) allows(oldText string, old []byte, nowText string, now []byte, m mode) bool {
	kept := bytes.Equal(old, now)
	switch {
	case o.mark:
		held := strings.TrimSpace(oldText)
		cleared := held != "" && slices.Contains(o.marks, held) && nowText == ""
		if held == "" || !slices.Contains(o.marks, held) {
			return kept
		}
		return kept && m != overwrite || cleared && m != keep
	case o.held && m == keep:
		return kept
	case o.held && m == either && kept:
		return true
	}
	return plainBreaks(nowText) == o.text
}
