package csv

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"vouch/engine"
)

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o640); err != nil {
		t.Fatal(err)
	}
}

// names returns what is in dir.
func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	write(t, src, "a,b\n1,\n")
	write(t, dst, "older")
	report, err := WriteFile(t.Context(), src, dst, []engine.PartValue{text("B2", "Yes")}, WriteOptions{})
	if err != nil || len(report.Written) != 1 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	got, err := os.ReadFile(dst)
	if err != nil || string(got) != "a,b\n1,Yes\n" {
		t.Errorf("out = %q, %v", got, err)
	}
	if in, _ := os.ReadFile(src); string(in) != "a,b\n1,\n" {
		t.Errorf("the original became %q", in)
	}
	if n := names(t, dir); len(n) != 2 {
		t.Errorf("left behind: %v", n)
	}
}

func TestWriteFileNeverOverwritesTheOriginal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, link, hard := filepath.Join(dir, "in.csv"), filepath.Join(dir, "link.csv"), filepath.Join(dir, "hard.csv")
	write(t, src, "a,b\n1,\n")
	if err := errors.Join(os.Symlink(src, link), os.Link(src, hard)); err != nil {
		t.Skip("links are not supported here:", err)
	}
	for _, dst := range []string{src, dir + "/./in.csv", link, hard} {
		_, err := WriteFile(t.Context(), src, dst, []engine.PartValue{text("B2", "Yes")}, WriteOptions{})
		if !errors.Is(err, ErrSameFile) {
			t.Errorf("%s: error = %v", filepath.Base(dst), err)
		}
	}
	if in, _ := os.ReadFile(src); string(in) != "a,b\n1,\n" {
		t.Errorf("the original became %q", in)
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	write(t, src, "a,b\n1,\n")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	values := []engine.PartValue{text("B2", "Yes")}
	if _, err := WriteFile(cancelled, src, dst, values, WriteOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error = %v", err)
	}
	if _, err := WriteFile(t.Context(), src, dst, []engine.PartValue{text("B9", "Yes")}, WriteOptions{}); err == nil {
		t.Error("a row that is not there was written")
	}
	if err := os.Mkdir(dst, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteFile(t.Context(), src, dst, values, WriteOptions{}); err == nil {
		t.Error("a directory was replaced")
	}
	if n := names(t, dir); len(n) != 2 {
		t.Errorf("left behind: %v", n)
	}
}
