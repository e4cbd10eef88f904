package xlsx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vouch/engine"
	"vouch/importers/detect"
	"vouch/importers/isolate"
)

// ReadOptions say how a workbook is read.
type ReadOptions struct {
	Layout *engine.Layout // read it so, instead of finding out
	Limits Limits
}

// Read finds the questionnaire in the workbook at path. The file is scanned
// and read in a child process with the limits on time and memory; whatever is
// wrong with it comes back as an [engine.RefusedError].
func Read(ctx context.Context, path string, opts ReadOptions) (*engine.Questionnaire, error) {
	var q engine.Questionnaire
	if err := runChild(ctx, childRead, path, opts, &q); err != nil {
		return nil, err
	}
	return &q, nil
}

// Sheet is one worksheet as rows of text, for lists: Rows[i][j] is the cell in
// row i+1, column j+1.
type Sheet struct {
	Name string     `json:"name"`
	Rows [][]string `json:"rows"`
}

// ReadSheets returns the visible worksheets of the workbook at path as rows of
// text, under the same protection as [Read].
func ReadSheets(ctx context.Context, path string, lim Limits) ([]Sheet, error) {
	var out []Sheet
	err := runChild(ctx, childSheets, path, ReadOptions{Limits: lim}, &out)
	return out, err
}

// The functions of the child process.
const (
	childRead   = "xlsx-read"
	childSheets = "xlsx-sheets"
)

func init() {
	isolate.Register(childRead, func(ctx context.Context, request json.RawMessage) (any, error) {
		return inChild(ctx, request, func(f *os.File, size int64, r childRequest) (any, error) {
			return find(ctx, f, size, r.Name, r.Layout, r.Limits)
		})
	})
	isolate.Register(childSheets, func(ctx context.Context, request json.RawMessage) (any, error) {
		return inChild(ctx, request, func(f *os.File, size int64, r childRequest) (any, error) {
			wb, err := readWorkbook(ctx, f, size, r.Name, r.Limits)
			if err != nil {
				return nil, err
			}
			return sheetTexts(wb), nil
		})
	})
}

// childRequest is what the child is asked to read.
type childRequest struct {
	Path   string         `json:"path"`
	Name   string         `json:"name"`
	Layout *engine.Layout `json:"layout,omitempty"`
	Limits Limits         `json:"limits"`
}

func runChild(ctx context.Context, name, path string, opts ReadOptions, result any) error {
	lim := opts.Limits.withDefaults()
	base := filepath.Base(path)
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", base, err)
	}
	if st, err := os.Stat(abs); err != nil {
		return err //nolint:wrapcheck // names the file and what is wrong already
	} else if st.IsDir() {
		return &engine.RefusedError{File: base, Is: "it is a folder", Do: "name the workbook in it"}
	}
	err = isolate.Run(ctx, name, childRequest{Path: abs, Name: base, Layout: opts.Layout, Limits: lim}, result,
		isolate.Limits{Time: lim.Time, Memory: lim.Memory})
	switch {
	case errors.Is(err, isolate.ErrTime):
		return &engine.RefusedError{File: base, Is: fmt.Sprintf("reading it took longer than %s", lim.Time), Do: "remove sheets and rows that hold no questions, save it and try again", Err: err}
	case errors.Is(err, isolate.ErrMemory):
		return &engine.RefusedError{File: base, Is: "reading it needs more than " + megabytes(lim.Memory) + " of memory", Do: "remove sheets and rows that hold no questions, save it and try again", Err: err}
	case errors.Is(err, isolate.ErrTooBig):
		return &engine.RefusedError{File: base, Is: "what it says is more than is read of one file", Do: "remove sheets and rows that hold no questions, save it and try again", Err: err}
	case errors.Is(err, isolate.ErrCrashed):
		return &engine.RefusedError{File: base, Is: "it is damaged in a way that stopped the reader", Do: "open it in Excel, save it again and try once more", Err: err}
	}
	return err
}

func inChild(_ context.Context, request json.RawMessage, fn func(f *os.File, size int64, r childRequest) (any, error)) (any, error) {
	var r childRequest
	if err := json.Unmarshal(request, &r); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	f, err := os.Open(r.Path)
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	return fn(f, st.Size(), r)
}

// sheetTexts flattens the visible sheets to rows of text.
func sheetTexts(wb *detect.Workbook) []Sheet {
	out := []Sheet{}
	for _, s := range wb.Sheets {
		if s.Hidden {
			continue
		}
		t := Sheet{Name: s.Name}
		for _, r := range s.Rows {
			last := 0
			for _, c := range r.Cells {
				if c.Text != "" {
					last = c.Col
				}
			}
			if last == 0 {
				continue
			}
			for len(t.Rows) < r.N-1 {
				t.Rows = append(t.Rows, nil)
			}
			row := make([]string, last)
			for _, c := range r.Cells {
				if c.Col <= last {
					row[c.Col-1] = c.Text
				}
			}
			t.Rows = append(t.Rows, row)
		}
		out = append(out, t)
	}
	return out
}
