//go:build !linux

package isolate

import (
	"os"
	"os/exec"
	"syscall"
)

// executable returns this very program.
func executable() (string, error) { return os.Executable() }

// dieWithParent is for Linux only; elsewhere the child looks for its parent
// from time to time and ends when its time is over.
func dieWithParent() *syscall.SysProcAttr { return nil }

// wasKilled cannot be told elsewhere.
func wasKilled(*exec.ExitError) bool { return false }
