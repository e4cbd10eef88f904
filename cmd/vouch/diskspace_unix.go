//go:build linux || darwin

package main

import "syscall"

// freeSpace returns how many bytes this user may still write to the disk of
// dir, and whether that could be told.
func freeSpace(dir string) (uint64, bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, false
	}
	return st.Bavail * uint64(st.Bsize), true
}
