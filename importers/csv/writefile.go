package csv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vouch/engine"
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
	src, mode, err := readFile(srcPath)
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
	if err := replaceFile(ctx, dstPath, out, mode); err != nil {
		return WriteReport{}, fmt.Errorf("write %s: %w", filepath.Base(dstPath), err)
	}
	return report, nil
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

// readFile returns the content and the permissions of a file that is not
// larger than Parse takes.
func readFile(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("read original: %w", err)
	}
	if info.Size() > DefaultBytes {
		return nil, 0, &engine.RefusedError{
			File: filepath.Base(path), Is: fmt.Sprintf("it is larger than %d MB", DefaultBytes>>20), Do: "split it into several files",
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("read original: %w", err)
	}
	return b, info.Mode().Perm(), nil
}

// replaceFile puts a file with content out at path, all or nothing.
func replaceFile(ctx context.Context, path string, out []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".vouch-*.tmp")
	if err != nil {
		return fmt.Errorf("make temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, discard(tmp))
		}
	}()
	if err := copyTo(ctx, tmp, out); err != nil {
		return err
	}
	if err := errors.Join(tmp.Chmod(mode|0o600), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("store temporary file: %w", err)
	}
	back, err := os.ReadFile(tmp.Name())
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if !bytes.Equal(back, out) { // out itself was verified when it was made
		return fmt.Errorf("%w: the disk returned other bytes", ErrNotFaithful)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return syncDir(dir)
}

// discard removes a temporary file, whether it is still open or not.
func discard(tmp *os.File) error {
	if err := tmp.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	if err := os.Remove(tmp.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes a rename last. Systems that cannot sync a directory make it
// last by themselves.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil //nolint:nilerr // the file is in place; not every system opens directories
	}
	_ = d.Sync()
	return d.Close()
}
