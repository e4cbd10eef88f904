//go:build !race

package main

// raceDetector says that the program under test needs several times its memory.
const raceDetector = false
