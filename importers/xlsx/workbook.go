package xlsx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/xuri/excelize/v2"

	"vouch/engine"
	"vouch/importers/detect"
)

// readWorkbook reads a whole workbook into the detector's grid: the structure
// with our own scanner, the values, as a person sees them, with excelize. It
// must run where a crash or a hang harms nobody: see [Read].
func readWorkbook(ctx context.Context, f io.ReaderAt, size int64, name string, lim Limits) (*detect.Workbook, error) {
	lim = lim.withDefaults()
	p, err := prescanContext(ctx, f, size, name, lim)
	if err != nil {
		return nil, err
	}
	wb, err := p.readGrid(ctx, f, size)
	if err != nil {
		return nil, p.refusal(err)
	}
	return wb, nil
}

func (p *pack) readGrid(ctx context.Context, f io.ReaderAt, size int64) (*detect.Workbook, error) {
	book, err := excelize.OpenReader(io.NewSectionReader(f, 0, size), excelize.Options{
		UnzipSizeLimit:    p.lim.UnpackedBytes,
		UnzipXMLSizeLimit: min(16<<20, p.lim.UnpackedBytes),
		TmpDir:            os.TempDir(),
	})
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", unreadable(err))
	}
	defer book.Close()
	wb := &detect.Workbook{Name: p.name, Format: Format}
	if wb.Styles, err = readStyles(ctx, p); err != nil {
		return nil, fmt.Errorf("read styles: %w", err)
	}
	var structures []*sheetStructure
	for i := range p.sheets {
		info := &p.sheets[i]
		if info.kind != kindWorksheet || info.file == nil {
			continue
		}
		st, err := p.structure(ctx, info)
		if err != nil {
			return nil, fmt.Errorf("read sheet %d: %w", i+1, err)
		}
		s, err := readSheet(ctx, book, info, st)
		if err != nil {
			return nil, fmt.Errorf("read sheet %d: %w", i+1, err)
		}
		wb.Sheets = append(wb.Sheets, s)
		structures = append(structures, st)
	}
	l := listResolver{p: p, wb: wb, cache: map[string][]string{}}
	for k, s := range wb.Sheets {
		s.Lists = l.lists(s, structures[k])
	}
	return wb, nil
}

// errUnreadable is the cause shown for anything excelize cannot make sense of.
// Its own words may quote the file and are not passed on.
var errUnreadable = errors.New("a part of it is not as the format demands")

func unreadable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return damaged("%s", errUnreadable)
}

func (p *pack) structure(ctx context.Context, info *sheetInfo) (*sheetStructure, error) {
	rc, err := p.open(ctx, info.file)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return readStructure(rc)
}

// readSheet joins the structure of a sheet with its values.
func readSheet(ctx context.Context, book *excelize.File, info *sheetInfo, st *sheetStructure) (*detect.Sheet, error) {
	s := &detect.Sheet{
		Name: info.name, Hidden: info.state != stateVisible, Protected: st.protected,
		HiddenCols: st.hiddenCols, Merges: st.merges, Rows: make([]detect.Row, 0, len(st.rows)),
	}
	rows, err := book.Rows(info.name)
	if err != nil {
		return nil, unreadable(err)
	}
	defer rows.Close()
	at := 0 // the row excelize stands at
	for i := range st.rows {
		r := &st.rows[i]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for at < r.n && rows.Next() {
			at++
			if at < r.n {
				if _, err := rows.Columns(); err != nil {
					return nil, unreadable(err)
				}
			}
		}
		var values []string
		if at == r.n {
			if values, err = rows.Columns(); err != nil {
				return nil, unreadable(err)
			}
		}
		s.Rows = append(s.Rows, joinRow(r, values))
	}
	return s, nil
}

// joinRow makes the detector's row. Cells that neither show nor mean anything
// are left out.
func joinRow(r *rowStructure, values []string) detect.Row {
	row := detect.Row{N: r.n, Hidden: r.hidden}
	for _, c := range r.cells {
		text := ""
		if int(c.col) <= len(values) {
			text = values[c.col-1]
		}
		if text == "" && !c.formula && c.style == 0 {
			continue
		}
		row.Cells = append(row.Cells, detect.Cell{Col: int(c.col), Text: text, Formula: c.formula, Style: int(c.style)})
	}
	return row
}

// Format is the name of the format this package reads and writes.
const Format = "xlsx"

// find returns the questionnaire in the workbook f.
func find(ctx context.Context, f io.ReaderAt, size int64, name string, layout *engine.Layout, lim Limits) (*engine.Questionnaire, error) {
	wb, err := readWorkbook(ctx, f, size, name, lim)
	if err != nil {
		return nil, err
	}
	q, err := detect.Detect(wb, layout)
	if err != nil {
		return nil, &engine.RefusedError{File: name, Is: err.Error(), Do: "open it in Excel, save it again and try once more", Err: err}
	}
	return q, nil
}
