//go:build !race

package main

// raceDetector says that the program under test needs several times its time and
// memory.
const raceDetector = false
