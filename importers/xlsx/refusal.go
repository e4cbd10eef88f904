package xlsx

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"

	"vouch/engine"
)

// fault is a reason to refuse a file: what it is, what to do.
type fault struct {
	is, do string
	err    error
}

func (f *fault) Error() string { return f.is }

func (f *fault) Unwrap() error { return f.err }

var errDamagedZip = &fault{is: "it is damaged: the zip container cannot be read", do: doGetAgain}

func notA(is, do string) *fault { return &fault{is: is, do: do} }

func damaged(format string, args ...any) *fault {
	return &fault{is: isDamaged + ": " + fmt.Sprintf(format, args...), do: doGetAgain}
}

func overLimit(format string, args ...any) *fault {
	return &fault{is: fmt.Sprintf(format, args...), do: doSplit}
}

// refusal makes err the refusal of this file. Only errors of the file become
// refusals; a cancelled context stays what it is.
func (p *pack) refusal(err error) error {
	var f *fault
	var d *damagedError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &engine.RefusedError{File: p.name, Is: "looking through it takes longer than " + p.lim.Time.String(), Do: doSplit, Err: err}
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("scan %s: %w", p.name, err)
	case errors.As(err, &f):
		return &engine.RefusedError{File: p.name, Is: f.is, Do: f.do, Err: err}
	case errors.Is(err, errDoctype):
		return &engine.RefusedError{File: p.name, Is: "it holds a document type declaration, which no spreadsheet program writes", Do: doSaveXlsx, Err: err}
	case errors.Is(err, errEncoding):
		return &engine.RefusedError{File: p.name, Is: "a part of it is not in UTF-8", Do: doSaveXlsx, Err: err}
	case errors.As(err, &d):
		return &engine.RefusedError{File: p.name, Is: isDamaged + ": " + d.Error(), Do: doGetAgain, Err: err}
	case isXMLFault(err), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF), isFlateFault(err):
		return &engine.RefusedError{File: p.name, Is: isDamaged, Do: doGetAgain, Err: err}
	}
	return fmt.Errorf("scan %s: %w", p.name, err)
}

func isXMLFault(err error) bool {
	for _, e := range []error{errTooDeep, errLongTag, errMismatch, errTruncated, errSyntax} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func isFlateFault(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

const (
	doSaveXlsx  = `open it in Excel and save it as "Excel Workbook (.xlsx)"`
	doGetAgain  = "get the file again, or open it in Excel, let Excel repair it and save it"
	doSplit     = "delete what is not needed or split the file, and try again"
	isDamaged   = "it is damaged"
	isNoBook    = "it is no Excel workbook"
	doGiveSheet = "send the questionnaire as an Excel workbook (.xlsx)"
)
