package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"vouch/engine"
	"vouch/importers/atomicfile"
)

// ErrSameFile is returned by [WriteFile] when the file to write is the
// customer's own.
var ErrSameFile = errors.New("the answers would overwrite the original")

// WriteFile is [Write] from file to file. It writes a temporary file beside
// dstPath, reads it back, verifies it and renames it, so that dstPath holds
// either what it held before or the whole result. Nothing is left behind on
// an error or when ctx ends. An existing dstPath is replaced; it may not be
// the original under any name ([ErrSameFile]).
func WriteFile(ctx context.Context, srcPath, dstPath string, values []engine.PartValue, opts WriteOptions) (WriteReport, error) {
	if err := checkPaths(srcPath, dstPath); err != nil {
		return WriteReport{}, err
	}
	src, err := readFile(srcPath)
	if err != nil {
		return WriteReport{}, err
	}
	f, err := Parse(src, srcPath, Limits{})
	if err != nil {
		return WriteReport{}, err
	}
	out, report, err := f.fill(ctx, values, opts)
	if err != nil {
		return WriteReport{}, err
	}
	err = atomicfile.Write(ctx, dstPath, func(f *os.File) error { return copyAndCheck(ctx, f, out) })
	if err != nil {
		return WriteReport{}, err
	}
	return report, nil
}

// copyAndCheck writes out, which was verified when it was made, and reads it
// back.
func copyAndCheck(ctx context.Context, f *os.File, out []byte) error {
	if err := copyTo(ctx, f, out); err != nil {
		return err
	}
	back := make([]byte, len(out))
	if _, err := f.ReadAt(back, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read back: %w", err)
	}
	if !bytes.Equal(back, out) {
		return fmt.Errorf("%w: the disk returned other bytes", ErrNotFaithful)
	}
	return nil
}

// checkPaths refuses to write over the original.
func checkPaths(srcPath, dstPath string) error {
	src, err := os.Stat(srcPath)
	if err != nil {
		return fmt.Errorf("read original: %w", err)
	}
	dst, err := os.Stat(dstPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at target: %w", err)
	case os.SameFile(src, dst):
		return ErrSameFile
	}
	return nil
}

// readFile returns the content of a file that is not larger than Parse takes.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read original: %w", err)
	}
	if info.Size() > DefaultBytes {
		return nil, &engine.RefusedError{
			File: filepath.Base(path), Is: fmt.Sprintf("it is larger than %d MB", DefaultBytes>>20), Do: "split it into several files",
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read original: %w", err)
	}
	return b, nil
}
