package isolate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func init() {
	Register("tell and sleep", func(_ context.Context, req json.RawMessage) (any, error) {
		var file string
		if err := json.Unmarshal(req, &file); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, fmt.Append(nil, os.Getpid()), 0o600); err != nil {
			return nil, err
		}
		time.Sleep(time.Hour)
		return nil, nil
	})
}

// running reports whether the process runs; one that only waits to be reaped
// does not.
func running(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	const key = "VOUCH_TEST_PID_FILE"
	if file := os.Getenv(key); file != "" { // the parent that is going to be killed
		_ = Run(context.Background(), "tell and sleep", file, nil, Limits{})
		return
	}
	file := filepath.Join(t.TempDir(), "pid")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(exe, "-test.run=^TestChildDiesWithItsParent$")
	parent.Env = append(os.Environ(), key+"="+file, "TMPDIR="+t.TempDir())
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid []byte
	for range 500 {
		if pid, _ = os.ReadFile(file); len(pid) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(pid) == 0 || !running(string(pid)) {
		t.Fatal("the child did not start")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for range 300 {
		if !running(string(pid)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the child is still there")
}
