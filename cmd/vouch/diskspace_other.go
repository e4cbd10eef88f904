//go:build !linux && !darwin && !windows

package main

// freeSpace cannot tell here.
func freeSpace(string) (uint64, bool) { return 0, false }
