package importers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vouch/engine"
	"vouch/importers/csv"
	"vouch/importers/detect"
	"vouch/importers/xlsx"
)

// headBytes is how much of a file decides its format.
const headBytes = 8 << 10

// format names what a file is by its first bytes: "xlsx" for every zip and OLE
// file (the xlsx package says which of the many kinds it is), "json" for JSON,
// "csv" for any other text. The name decides only who words the refusal of a
// file that is none of these.
func format(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err //nolint:wrapcheck // names the file and what is wrong already
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return "", &engine.RefusedError{File: filepath.Base(path), Is: "it is a folder", Do: "name the file in it"}
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return "", fmt.Errorf("read %s: %w", filepath.Base(path), err)
	case n == 0:
		return "", &engine.RefusedError{File: filepath.Base(path), Is: "it is empty", Do: "check that the file was saved or downloaded completely"}
	case bytes.HasPrefix(head, []byte("PK")), bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}), bytes.HasPrefix(head, []byte("%PDF")):
		return xlsx.Format, nil
	}
	switch trimmed := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"); {
	case bytes.HasPrefix(trimmed, []byte("{")), bytes.HasPrefix(trimmed, []byte("[")):
		return formatJSON, nil
	case bytes.HasPrefix(trimmed, []byte("<")) && filepath.Ext(path) != ".csv":
		return xlsx.Format, nil // HTML and XML saved under a workbook's name: xlsx says so
	}
	if strings.EqualFold(filepath.Ext(path), ".xlsx") || strings.EqualFold(filepath.Ext(path), ".xlsm") {
		return xlsx.Format, nil // whatever it is, xlsx says it in terms of workbooks
	}
	return csv.Format, nil
}

const formatJSON = "json"

// maxCSVBytes bounds a CSV file; the csv package has the same limit.
const maxCSVBytes = 50 << 20

// Read finds the questionnaire in the file at path, and the language of its
// questions. With a layout it is read as the layout says.
func Read(ctx context.Context, path string, layout *engine.Layout) (*engine.Questionnaire, error) {
	q, err := read(ctx, path, layout)
	if err == nil {
		tellLanguage(q)
	}
	return q, err
}

func read(ctx context.Context, path string, layout *engine.Layout) (*engine.Questionnaire, error) {
	kind, err := format(path)
	if err != nil {
		return nil, err
	}
	if layout != nil && layout.Format != kind {
		return nil, &engine.RefusedError{File: filepath.Base(path), Is: fmt.Sprintf("it is %s, and the layout is for %s", kind, layout.Format), Do: "use the layout that belongs to this file"}
	}
	switch kind {
	case xlsx.Format:
		return xlsx.Read(ctx, path, xlsx.ReadOptions{Layout: layout})
	case csv.Format:
		f, err := parseCSV(path)
		if err != nil {
			return nil, err
		}
		q, err := detect.Detect(f.Workbook(), layout)
		if err != nil {
			return nil, &engine.RefusedError{File: filepath.Base(path), Is: err.Error(), Do: "correct the layout and try again", Err: err}
		}
		return q, nil
	}
	return nil, &engine.RefusedError{File: filepath.Base(path), Is: "it is JSON, which is no questionnaire format", Do: "pass the customer's .xlsx, .xlsm or .csv; JSON is read by library import and controls import"}
}

func parseCSV(path string) (*csv.File, error) {
	data, err := readAll(path, maxCSVBytes)
	if err != nil {
		return nil, err
	}
	return csv.Parse(data, filepath.Base(path), csv.Limits{})
}

// readAll reads a file that may have at most limit bytes.
func readAll(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file and what is wrong already
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	if int64(len(data)) > limit {
		return nil, &engine.RefusedError{File: filepath.Base(path), Is: fmt.Sprintf("it is larger than %d MB", limit>>20), Do: "split it into smaller files"}
	}
	return data, nil
}

// Written says what [Write] did.
type Written struct {
	Cells int // cells that got a value
}

// Write writes values into a copy of the customer's file at src and puts it at
// dst, whole or not at all. Everything but the cells of the values stays as it
// is; the result has been read again and compared before it appears under its
// name.
func Write(ctx context.Context, src, dst string, values []engine.PartValue, overwrite bool) (Written, error) {
	kind, err := format(src)
	if err != nil {
		return Written{}, err
	}
	switch kind {
	case xlsx.Format:
		r, err := xlsx.WriteFile(ctx, src, dst, values, xlsx.WriteOptions{Overwrite: overwrite})
		return Written{Cells: len(r.Written)}, err
	case csv.Format:
		r, err := csv.WriteFile(ctx, src, dst, values, csv.WriteOptions{Overwrite: overwrite})
		return Written{Cells: len(r.Written)}, err
	}
	return Written{}, &engine.RefusedError{File: filepath.Base(src), Is: "it is no questionnaire", Do: "pass the customer's .xlsx, .xlsm or .csv"}
}
