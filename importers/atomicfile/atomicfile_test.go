package atomicfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, tt := range []struct {
		rule string
		old  string // "" for no file
		fill func(cancel func(), f *os.File) error
		err  error
		want string
	}{
		{"NewFile", "", func(_ func(), f *os.File) error { _, err := f.WriteString("new"); return err }, nil, "new"},
		{"ReplacesTheOld", "old", func(_ func(), f *os.File) error { _, err := f.WriteString("new"); return err }, nil, "new"},
		{"KeepsTheOldOnError", "old", func(_ func(), f *os.File) error { _, _ = f.WriteString("half"); return boom }, boom, "old"},
		{"KeepsTheOldWhenCancelled", "old", func(cancel func(), f *os.File) error { cancel(); _, err := f.WriteString("new"); return err }, context.Canceled, "old"},
		{"CanBeReadBack", "", func(_ func(), f *os.File) error {
			if _, err := f.WriteString("abc"); err != nil {
				return err
			}
			b := make([]byte, 3)
			_, err := f.ReadAt(b, 0)
			return errors.Join(err, map[bool]error{false: boom}[string(b) == "abc"])
		}, nil, "abc"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.txt")
			if tt.old != "" {
				if err := os.WriteFile(path, []byte(tt.old), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if err := Write(ctx, path, func(f *os.File) error { return tt.fill(cancel, f) }); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != tt.want {
				t.Errorf("holds %q (%v), want %q", got, err, tt.want)
			}
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("%d files, want 1", len(files))
			}
		})
	}
	if err := WriteBytes(context.Background(), filepath.Join(t.TempDir(), "none", "x"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
