package isolate

import (
	"os"
	"os/exec"
	"syscall"
)

// executable returns this very program, also after the file it was started
// from was replaced by a newer one.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// dieWithParent makes the kernel kill the child when its parent ends.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// wasKilled reports whether something killed the child that was not us: on
// Linux that is the kernel when the machine runs out of memory.
func wasKilled(exit *exec.ExitError) bool {
	s, ok := exit.Sys().(syscall.WaitStatus)
	return ok && s.Signaled() && s.Signal() == syscall.SIGKILL
}
