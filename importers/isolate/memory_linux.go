//go:build linux && !race

package isolate

import "syscall"

// slack is what the Go runtime maps ahead of need: it takes address space
// from the kernel in arenas of 64 MB.
const slack = 128 << 20

// hardLimit makes the kernel refuse memory beyond the limit. One allocation
// can pass it faster than the watchdog looks.
func hardLimit(limit int64) {
	n := uint64(limit) + slack
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: n, Max: n}) // the watchdog is still there
}
