package index

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filesOf returns the content of every file below dir.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := os.ReadFile(path)
			out[path] = string(b)
		}
		return nil
	})
	return out
}

// TestInspect: it says what Open would do, and does nothing.
func TestInspect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule  string
		spoil func(t *testing.T, dir, generation string)
		last  int64 // the newest change of the source, less than what is indexed by so many
		want  Reason
	}{
		{"Fits", func(*testing.T, string, string) {}, 0, ReasonNone},
		{"Behind", func(*testing.T, string, string) {}, 3, ReasonNone},
		{"Ahead", func(*testing.T, string, string) {}, -1, ReasonAhead},
		{"NotClosed", func(_ *testing.T, _, g string) { os.Remove(filepath.Join(g, sumFile)) }, 0, ReasonNone},
		{"NoLockFile", func(_ *testing.T, dir, _ string) { os.Remove(filepath.Join(dir, lockFile)) }, 0, ReasonNone},
		{"NoDirectory", func(_ *testing.T, dir, _ string) { os.RemoveAll(dir) }, 0, ReasonMissing},
		{"NoGeneration", func(_ *testing.T, _, g string) { os.RemoveAll(g) }, 0, ReasonMissing},
		{"OtherSchema", func(_ *testing.T, dir, g string) { _ = os.Rename(g, filepath.Join(dir, "0123456789ab-7")) }, 0, ReasonVersion},
		{"TornRoot", func(_ *testing.T, _, g string) { _ = os.Truncate(filepath.Join(g, rootFile), 100) }, 0, ReasonDamaged},
		{"TornSegment", func(t *testing.T, _, g string) {
			segments, err := filepath.Glob(filepath.Join(g, "store", "*.zap"))
			if err != nil || len(segments) == 0 {
				t.Fatalf("%v, %v", segments, err)
			}
			_ = os.Truncate(segments[0], 40)
		}, 0, ReasonDamaged},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			dir, source := filepath.Join(t.TempDir(), "index"), smallSource()
			x, err := Open(t.Context(), dir, source, Options{})
			if err != nil {
				t.Fatal(err)
			}
			was := x.Status()
			if i, err := Inspect(dir, was.Seq); err != nil || i.Reason != ReasonHeld {
				t.Errorf("while it is open: %+v, %v", i, err)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, dir, was.Generation)
			before := filesOf(t, dir)
			i, err := Inspect(dir, was.Seq+tt.last)
			if err != nil || i.Reason != tt.want || (i.Reason == ReasonNone) != (i.Detail == "" && i.Docs == was.Docs && i.Seq == was.Seq && tt.want == ReasonNone) {
				t.Errorf("%+v, %v: want %q of %+v", i, err, tt.want, was)
			}
			if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
				t.Errorf("it changed files: -want +got\n%s", diff)
			}
			again, err := Open(t.Context(), dir, source, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if got := again.Status().Reason; tt.rule != "Ahead" && got != tt.want {
				t.Errorf("Open says %q, want %q", got, tt.want)
			}
		})
	}
}
