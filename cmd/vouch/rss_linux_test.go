package main

import (
	"os"
	"syscall"
)

// maxRSS returns the most memory the process, or one it started, had resident, in bytes.
func maxRSS(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}
