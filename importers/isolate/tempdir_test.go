package isolate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// TestAbandonedDirectoriesAreRemoved proves that what a dead process left is
// removed, and nothing else.
func TestAbandonedDirectoriesAreRemoved(t *testing.T) {
	t.Parallel()
	dead := exec.Command(os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	gone := filepath.Join(temp, tempPrefix+strconv.Itoa(dead.Process.Pid)+"-1")
	kept := []string{filepath.Join(temp, tempPrefix+strconv.Itoa(os.Getpid())+"-1"), filepath.Join(temp, "vouch-data"), filepath.Join(temp, "vouch-x-1"), filepath.Join(temp, "other-1-1")}
	for _, d := range append(kept, gone) {
		if err := os.MkdirAll(filepath.Join(d, "inside"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeAbandoned(temp)
	for _, d := range kept {
		if _, err := os.Stat(d); err != nil {
			t.Errorf("%s was removed", filepath.Base(d))
		}
	}
	if _, err := os.Stat(gone); err == nil && alive(os.Getpid()) && !alive(dead.Process.Pid) {
		t.Errorf("%s was kept", filepath.Base(gone))
	}
}
