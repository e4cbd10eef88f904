package csv

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vouch/engine"
)

// WriteOptions say how answers are written.
type WriteOptions struct {
	Overwrite bool // replace what fields hold already; false keeps it
}

// WriteReport says what was done. Cells are A1 references in the order of
// the values.
type WriteReport struct {
	Written []string `json:"written"`           // cells that got their value
	Kept    []string `json:"kept,omitempty"`    // cells that held something and were left alone
	Cleared []string `json:"cleared,omitempty"` // marks that were taken away because another option is chosen
	Defused []string `json:"defused,omitempty"` // cells whose value could be taken for a formula and got an apostrophe
	Cleaned []string `json:"cleaned,omitempty"` // cells whose value lost control characters
	Notes   []string `json:"notes,omitempty"`   // what a person should know
}

// Write copies src, a CSV file, to dst with the values in their fields and
// nothing else changed. A field that holds something is kept unless
// opts.Overwrite is set; an empty value then empties it. Nothing is written to dst unless what was made
// passes [Verify]. The locator's sheet is not looked at: the file has one.
//
// The error is an [*engine.RefusedError] if src cannot be read, a
// [*CellError] if a value does not go into its cell.
func Write(ctx context.Context, src []byte, dst io.Writer, values []engine.PartValue, opts WriteOptions) (WriteReport, error) {
	f, err := Parse(src, "the file", Limits{})
	if err != nil {
		return WriteReport{}, err
	}
	out, report, err := f.fill(ctx, values, opts)
	if err != nil {
		return WriteReport{}, err
	}
	return report, copyTo(ctx, dst, out)
}

// chunk is how much is written between two looks at the context.
const chunk = 1 << 20

func copyTo(ctx context.Context, dst io.Writer, b []byte) error {
	for len(b) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("write answers: %w", err)
		}
		n := min(len(b), chunk)
		if _, err := dst.Write(b[:n]); err != nil {
			return fmt.Errorf("write answers: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// fill returns the file with the values in it, verified.
func (f *File) fill(ctx context.Context, values []engine.PartValue, opts WriteOptions) ([]byte, WriteReport, error) {
	p := plan{file: f, cells: map[place]string{}}
	p.columns, p.whole = f.habits()
	for _, v := range values {
		if err := ctx.Err(); err != nil {
			return nil, WriteReport{}, fmt.Errorf("plan answers: %w", err)
		}
		if err := p.add(v, opts); err != nil {
			return nil, WriteReport{}, err
		}
	}
	out, err := p.splice(ctx)
	if err != nil {
		return nil, WriteReport{}, err
	}
	mode := keep
	if opts.Overwrite {
		mode = overwrite
	}
	if err := verify(f, out, values, mode); err != nil {
		return nil, WriteReport{}, err
	}
	return out, p.report, nil
}

// plan is what will change in a file.
type plan struct {
	file    *File
	cells   map[place]string // the new text of each cell that changes
	claimed map[place]bool   // every cell that some value is for
	columns []habit
	whole   habit
	report  WriteReport
}

// add takes one value into the plan.
func (p *plan) add(v engine.PartValue, opts WriteOptions) error {
	t, err := targetOf(v)
	if err != nil {
		return err
	}
	if err := p.claim(t); err != nil {
		return err
	}
	if p.holds(t) && !opts.Overwrite {
		p.report.Kept = append(p.report.Kept, t.String())
		return nil
	}
	for _, s := range t.siblings {
		if held := p.file.Text(s.row, s.col); !isBlank(held) && slices.Contains(t.marks, strings.TrimSpace(held)) {
			p.cells[s] = ""
			p.report.Cleared = append(p.report.Cleared, s.String())
		}
	}
	p.note(t)
	if held := p.file.Text(t.row, t.col); plainBreaks(held) != t.text {
		p.cells[t.place] = t.text
	}
	return nil
}

// claim refuses cells that are not there and cells that two values are for.
func (p *plan) claim(t target) error {
	if p.claimed == nil {
		p.claimed = map[place]bool{}
	}
	f := p.file
	for _, c := range append([]place{t.place}, t.siblings...) {
		switch {
		case c.row > len(f.records):
			return &CellError{Cell: c.String(), Is: fmt.Sprintf("the file has %d rows only", len(f.records)), Do: "read the questionnaire again"}
		case p.claimed[c]:
			return &CellError{Cell: c.String(), Is: "two values are for this cell", Do: "remove one of them"}
		case f.dialect.Delimiter == 0 && c.col > 1:
			return &CellError{
				Cell: c.String(), Is: "the file has one column, and every delimiter occurs in its text",
				Do: "save it with quotes around the texts and try again",
			}
		}
		p.claimed[c] = true
	}
	return nil
}

// holds reports whether the cell of t, or one it competes with, is filled.
func (p *plan) holds(t target) bool {
	if !t.placeholder && !isBlank(p.file.Text(t.row, t.col)) {
		return true
	}
	return slices.ContainsFunc(t.siblings, func(c place) bool { return !isBlank(p.file.Text(c.row, c.col)) })
}

func (p *plan) note(t target) {
	p.report.Written = append(p.report.Written, t.String())
	if t.defused {
		p.report.Defused = append(p.report.Defused, t.String())
	}
	if t.cleaned {
		p.report.Cleaned = append(p.report.Cleaned, t.String())
	}
	if p.file.dialect.ASCII && !p.file.dialect.BOM && len(p.report.Notes) == 0 && !isASCII([]byte(t.text)) {
		p.report.Notes = append(p.report.Notes, "the file held no character beyond ASCII, so its encoding is unknown; the answers are written as UTF-8")
	}
}

// splice returns the file with the planned cells changed.
func (p *plan) splice(ctx context.Context) ([]byte, error) {
	f := p.file
	places := make([]place, 0, len(p.cells))
	for c := range p.cells {
		places = append(places, c)
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.row != b.row {
			return a.row - b.row
		}
		return a.col - b.col
	})
	out := make([]byte, 0, len(f.src)+len(f.src)/8+64*len(places))
	at := 0 // what of the file is in out
	width := place{}
	for i, c := range places {
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("write answers: %w", ctx.Err())
		}
		b, err := p.encode(c)
		if err != nil {
			return nil, err
		}
		r := f.records[c.row-1]
		if c.col <= r.last-r.first {
			x := f.fields[r.first+c.col-1]
			out = append(append(out, f.src[at:x.start]...), b...)
			at = x.end
			continue
		}
		if width.row != c.row {
			width = place{c.row, r.last - r.first}
		}
		out = append(out, f.src[at:r.end]...)
		at = r.end
		for ; width.col < c.col; width.col++ {
			out = append(out, f.dialect.Charset.ascii(f.dialect.Delimiter)...)
		}
		out = append(out, b...)
	}
	return append(out, f.src[at:]...), nil
}

// encode returns the bytes of the new field at c.
func (p *plan) encode(c place) ([]byte, error) {
	f, text := p.file, p.cells[c]
	if c.row == 1 && c.col == 1 && !f.dialect.SepLine && sepLine.MatchString(strings.TrimSpace(text)) {
		return nil, &CellError{Cell: c.String(), Is: "spreadsheets would take the value for a separator line", Do: "word it differently"}
	}
	if f.dialect.InnerEnd != "\n" {
		text = strings.ReplaceAll(text, "\n", f.dialect.InnerEnd)
	}
	alone := text == "" && f.Width(c.row) == 1 // a row that becomes blank could melt into the line end before it
	if needsQuotes(text, f.dialect.Delimiter) || p.quotes(c) || alone {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	b, lost, ok := f.dialect.Charset.encode(text)
	if !ok {
		return nil, &CellError{
			Cell: c.String(),
			Is:   fmt.Sprintf("the file's encoding, %s, has no character U+%04X", f.dialect.Charset, lost),
			Do:   "save the file as CSV UTF-8 and import it again, or change the answer",
		}
	}
	return b, nil
}

// quotes reports whether the habit of the field, its column or the file is to
// quote.
func (p *plan) quotes(c place) bool {
	f := p.file
	if c.col <= f.Width(c.row) && f.fields[f.records[c.row-1].first+c.col-1].quoted {
		return true
	}
	if c.col <= len(p.columns) && p.columns[c.col-1].filled >= enough {
		return p.columns[c.col-1].always()
	}
	return p.whole.filled >= enough && p.whole.always()
}
