package xlsx

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouch/engine"
	"vouch/importers/atomicfile"
	"vouch/importers/detect"
)

// WriteOptions say how answers are written into a workbook.
type WriteOptions struct {
	// Overwrite lets values replace what cells already hold. Without it such
	// cells keep what they hold, and [WriteReport.Kept] lists their values.
	Overwrite bool

	// Name is the file's name for error messages; default "the file".
	Name string

	// Limits of the file; the zero value means the defaults.
	Limits Limits
}

// WriteReport says what [Write] did.
type WriteReport struct {
	Written []engine.PartValue // the values that are in the new file, in the order they were given
	Kept    []engine.PartValue // the values that are not, because the file already held an answer there
	Cleared []string           // cells that lost their mark because another cell of the set got it: Sheet!B5
}

// Errors of [Write]. The error says which cell it is about.
var (
	ErrFormulaCell = errors.New("the cell holds a formula")
	ErrMergedCell  = errors.New("the cell is covered by the merged cell to its left or above")
	ErrNotAnOption = errors.New("the value is not one of the options")
	ErrNoValue     = errors.New("there is no text to write")
	ErrTooLong     = errors.New("the text is longer than a cell can hold (32,767 characters)")
	ErrTwoValues   = errors.New("two values for one cell")
	ErrBadLocator  = errors.New("there is no such cell")
)

// MaxCellUnits is how much text fits a cell, in UTF-16 units as Excel counts.
const MaxCellUnits = 32_767

// Write copies the workbook src to dst with values written into their cells,
// and changes nothing else: every other part is copied byte for byte, and in
// the sheets that get values every other byte stays too. If the workbook has
// formulas, it also asks for them to be recomputed when the file is opened.
//
// It needs no pre-scan: it only ever streams, whatever the file holds, and
// parts that get no values are copied as they are packed.
//
// Nothing is written to dst before all values were found to fit; an error that
// wraps one of this package's means that a value does not, an
// [engine.RefusedError] that the file itself was not taken.
func Write(ctx context.Context, src io.ReaderAt, size int64, dst io.Writer, values []engine.PartValue, opts WriteOptions) (WriteReport, error) {
	lim := opts.Limits.withDefaults()
	scanCtx, cancel := context.WithTimeout(ctx, lim.Time)
	defer cancel()
	p, err := openPack(scanCtx, src, size, opts.Name, lim)
	switch {
	case ctx.Err() != nil: // not the file's fault, although it may look so
		return WriteReport{}, fmt.Errorf("write %s: %w", baseName(opts.Name), ctx.Err())
	case err != nil:
		return WriteReport{}, err
	}
	if err := p.findFormulas(scanCtx); err != nil {
		return WriteReport{}, p.refusal(err)
	}
	plan, err := p.planWrite(ctx, values, opts.Overwrite)
	var broken *damagedError
	switch {
	case errors.As(err, &broken):
		return WriteReport{}, p.refusal(err)
	case err != nil:
		return WriteReport{}, fmt.Errorf("write %s: %w", p.name, err)
	}
	if err := p.writePatched(ctx, dst, plan); err != nil {
		return WriteReport{}, fmt.Errorf("write %s: %w", p.name, err)
	}
	return plan.report, nil
}

// WriteFile is [Write] from file to file. The new file is verified and safely
// on disk before it appears as dstPath; on any error up to then dstPath is as
// it was before, and no other file is left. A file at dstPath is replaced,
// unless it is the original itself.
func WriteFile(ctx context.Context, srcPath, dstPath string, values []engine.PartValue, opts WriteOptions) (report WriteReport, err error) {
	src, err := os.Open(srcPath)
	if err != nil {
		return report, fmt.Errorf("open the original: %w", err)
	}
	defer src.Close()
	st, err := src.Stat()
	if err != nil {
		return report, fmt.Errorf("open the original: %w", err)
	}
	if old, err := os.Stat(dstPath); err == nil && os.SameFile(st, old) {
		return report, fmt.Errorf("write %s: it is the original; choose another name", filepath.Base(dstPath))
	}
	if opts.Name == "" {
		opts.Name = filepath.Base(srcPath)
	}
	err = atomicfile.Write(ctx, dstPath, func(f *os.File) error {
		if report, err = Write(ctx, src, st.Size(), f, values, opts); err != nil {
			return err
		}
		made, err := f.Stat()
		if err != nil {
			return err
		}
		return Verify(ctx, src, st.Size(), f, made.Size(), report.Written)
	})
	if err != nil {
		return WriteReport{}, err
	}
	return report, nil
}

// cellKey is a cell of a sheet as one number that orders by row, then column.
type cellKey int64

func keyOf(row, col int) cellKey { return cellKey(row)<<16 | cellKey(col) }
func (k cellKey) row() int       { return int(k >> 16) }
func (k cellKey) col() int       { return int(k & 0xffff) }

// cellWrite is one cell to write.
type cellWrite struct {
	key    cellKey
	value  string
	number bool
	clear  bool // empty the cell
	exists bool
	style  int // of a cell that does not exist yet
}

// sheetPlan is what to write into one sheet, and what was found there.
type sheetPlan struct {
	info  *sheetInfo
	cells []cellWrite // ascending
	facts map[cellKey]*cellFacts
	wants []want

	rows map[int]int // the styles of the rows that get cells, where they have one
	cols []colStyle
}

// want is one value and where it goes.
type want struct {
	index  int // into the values given to Write
	cell   cellKey
	like   cellKey // 0 if none
	others []cellKey
	mark   string // of a mark part, cleaned
	text   string // what to write, cleaned
	number bool

	// placeholder says that what the cell holds only keeps the place of an
	// answer and does not make the part answered.
	placeholder bool
}

// cellFacts is what a cell that a plan is interested in holds now.
type cellFacts struct {
	target  bool
	exists  bool
	formula bool // or inside the range of an array formula
	covered bool // by a merge, and not its top-left cell
	style   int
	shared  int // index of its shared string, -1 if it has none
	text    string
}

// holds reports whether the cell holds anything a person would see.
func (f *cellFacts) holds() bool { return strings.TrimSpace(f.text) != "" }

// writePlan is everything that is to be written.
type writePlan struct {
	sheets map[*zip.File]*sheetPlan
	report WriteReport
}

// planWrite checks all values against the file and decides what happens to
// every cell.
func (p *pack) planWrite(ctx context.Context, values []engine.PartValue, overwrite bool) (*writePlan, error) {
	plan := &writePlan{sheets: map[*zip.File]*sheetPlan{}}
	for i := range values {
		if err := p.addValue(plan, i, &values[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", values[i].Part.Locator, err)
		}
	}
	kept := make([]bool, len(values))
	for i := range p.sheets { // in the order of the tabs, so that the report is stable
		sp := plan.sheets[p.sheets[i].file]
		if sp == nil {
			continue
		}
		if err := p.inspect(ctx, sp); err != nil {
			return nil, err
		}
		if err := sp.decide(overwrite, kept, &plan.report); err != nil {
			return nil, err
		}
	}
	for i := range values {
		if kept[i] {
			plan.report.Kept = append(plan.report.Kept, values[i])
		} else {
			plan.report.Written = append(plan.report.Written, values[i])
		}
	}
	return plan, nil
}

// addValue checks a value by itself and files it under its sheet.
func (p *pack) addValue(plan *writePlan, index int, v *engine.PartValue) error {
	info := p.worksheet(v.Part.Locator.Sheet)
	if info == nil {
		return ErrBadLocator
	}
	w, err := wantOf(v)
	if err != nil {
		return err
	}
	w.index, w.placeholder = index, v.Part.Placeholder
	sp := plan.sheets[info.file]
	if sp == nil {
		sp = &sheetPlan{info: info, facts: map[cellKey]*cellFacts{}, rows: map[int]int{}}
		plan.sheets[info.file] = sp
	}
	f := sp.fact(w.cell)
	if f.target {
		return ErrTwoValues
	}
	f.target = true
	for _, k := range w.others {
		sp.fact(k)
	}
	if w.like != 0 {
		sp.fact(w.like)
	}
	sp.wants = append(sp.wants, w)
	return nil
}

// fact returns the facts about a cell, nothing known about it at first.
func (sp *sheetPlan) fact(k cellKey) *cellFacts {
	f := sp.facts[k]
	if f == nil {
		f = &cellFacts{shared: -1}
		sp.facts[k] = f
	}
	return f
}

// wantOf resolves a value to its cell and text.
func wantOf(v *engine.PartValue) (want, error) {
	var w want
	part := &v.Part
	cells, err := parseCells(part.Locator.Cells)
	if err != nil {
		return w, err
	}
	if part.Locator.Like != "" {
		row, col, ok := detect.ParseCell(part.Locator.Like)
		if !ok {
			return w, fmt.Errorf("the cell whose format to take: %w", ErrBadLocator)
		}
		w.like = keyOf(row, col)
	}
	option := slices.Index(part.Options, v.Value)
	switch part.Kind {
	case engine.PartMark:
		if option < 0 {
			return w, ErrNotAnOption
		}
		if len(cells) != len(part.Options) {
			return w, fmt.Errorf("%d cells for %d options: %w", len(cells), len(part.Options), ErrBadLocator)
		}
		w.cell, w.mark = cells[option], cleanValue(part.Mark)
		if w.mark == "" {
			w.mark = "x"
		}
		w.text = w.mark
		w.others = slices.Concat(cells[:option], cells[option+1:])
		return w, nil
	case engine.PartChoice, engine.PartOwnership:
		if option < 0 && len(part.Options) > 0 {
			return w, ErrNotAnOption
		}
	}
	if len(cells) != 1 {
		return w, fmt.Errorf("%d cells for one value: %w", len(cells), ErrBadLocator)
	}
	w.cell, w.text = cells[0], cleanValue(v.Value)
	w.number = (part.Kind == engine.PartChoice || part.Kind == engine.PartNumber) && isPlainNumber(w.text)
	if strings.TrimSpace(w.text) == "" {
		return w, ErrNoValue
	}
	if utf16Len(w.text) > MaxCellUnits {
		return w, ErrTooLong
	}
	return w, nil
}

func parseCells(refs []string) ([]cellKey, error) {
	if len(refs) == 0 {
		return nil, ErrBadLocator
	}
	keys := make([]cellKey, len(refs))
	for i, ref := range refs {
		row, col, ok := detect.ParseCell(ref)
		if !ok {
			return nil, ErrBadLocator
		}
		keys[i] = keyOf(row, col)
	}
	return keys, nil
}

// cleanValue returns s as a cell can hold it: line ends are line feeds, and
// characters that XML cannot carry are gone.
func cleanValue(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case r == '\r':
			b.WriteByte('\n')
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n > 1 {
				b.WriteRune(r)
			}
		case r == '\t', r == '\n', r >= ' ' && r != 0xFFFE && r != 0xFFFF:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isPlainNumber reports whether s is a number spelled the way a number cell
// shows it, so that writing it as a number loses nothing: 4, -1, 0.5, but not
// 007, 4.0 or 1e3.
func isPlainNumber(s string) bool {
	if len(s) == 0 || len(s) > 16 {
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && s != "-0" && strconv.FormatFloat(f, 'f', -1, 64) == s
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// decide settles every want of the sheet, now that its cells are known.
func (sp *sheetPlan) decide(overwrite bool, kept []bool, report *WriteReport) error {
	planned := map[cellKey]bool{}
	for i := range sp.wants {
		planned[sp.wants[i].cell] = true
	}
	for i := range sp.wants {
		w := &sp.wants[i]
		if err := sp.allowed(w.cell); err != nil {
			return err
		}
		var marked []cellKey
		answered := sp.facts[w.cell].holds() && !w.placeholder
		for _, k := range w.others {
			if !planned[k] && w.mark != "" && strings.TrimSpace(sp.facts[k].text) == strings.TrimSpace(w.mark) {
				answered = true
				marked = append(marked, k)
			}
		}
		if answered && !overwrite {
			kept[w.index] = true
			continue
		}
		sp.cells = append(sp.cells, sp.cellFor(w))
		for _, k := range marked {
			if err := sp.allowed(k); err != nil {
				return err
			}
			planned[k] = true
			sp.cells = append(sp.cells, cellWrite{key: k, clear: true, exists: true})
			report.Cleared = append(report.Cleared, sp.place(k))
		}
	}
	slices.SortFunc(sp.cells, func(a, b cellWrite) int { return int(a.key - b.key) })
	return nil
}

// allowed returns why a cell must not be written, or nil.
func (sp *sheetPlan) allowed(k cellKey) error {
	switch f := sp.facts[k]; {
	case f.formula:
		return fmt.Errorf("%s: %w", sp.place(k), ErrFormulaCell)
	case f.covered:
		return fmt.Errorf("%s: %w", sp.place(k), ErrMergedCell)
	}
	return nil
}

func (sp *sheetPlan) place(k cellKey) string {
	return sp.info.name + "!" + detect.CellName(k.row(), k.col())
}

// cellFor returns the write for a want, with the style a new cell takes: that
// of the cell it is to be like, else of its row, else of its column.
func (sp *sheetPlan) cellFor(w *want) cellWrite {
	c := cellWrite{key: w.cell, value: w.text, number: w.number, exists: sp.facts[w.cell].exists}
	if c.exists {
		return c
	}
	if w.like != 0 && sp.facts[w.like].exists {
		c.style = sp.facts[w.like].style
	} else if s, ok := sp.rows[w.cell.row()]; ok {
		c.style = s
	} else {
		c.style = colStyleOf(sp.cols, w.cell.col())
	}
	return c
}
