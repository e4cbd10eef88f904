// Package atomicfile puts files in place whole or not at all: whoever looks
// under a file's name, after a crash at any moment too, finds the old content
// or the new.
package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Write puts at path what fill writes into the file it is given. The file is a
// temporary one in the same folder, open for reading too, so that fill can
// check what it wrote. It is brought to disk and renamed when fill has
// succeeded and ctx has not ended; otherwise path stays as it was, and nothing
// is left beside it. The new file has the permissions the user's umask gives.
func Write(ctx context.Context, path string, fill func(f *os.File) error) (err error) {
	f, err := beside(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}()
	if err = fill(f); err != nil {
		return err
	}
	if err = ctx.Err(); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// WriteBytes is [Write] for content that is there already.
func WriteBytes(ctx context.Context, path string, data []byte) error {
	return Write(ctx, path, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// maxTries bounds the names tried for a temporary file.
const maxTries = 100

// beside makes a new file in the folder of path, under a name of its own.
func beside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for i := range maxTries {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d.tmp", base, os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
	return nil, errors.New("too many temporary files beside it")
}

// syncDir makes a rename last. Windows neither can nor needs to.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer d.Close()
	err = d.Sync()
	if err == nil || errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // some network file systems cannot
	}
	return fmt.Errorf("sync folder: %w", err)
}
