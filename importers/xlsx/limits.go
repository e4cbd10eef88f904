package xlsx

import (
	"bytes"
	"strconv"
	"time"
)

// Limits bound what a workbook may hold and what reading it may cost. The
// zero value stands for the defaults, field by field. They are far above
// every real questionnaire and far below what hurts a small server.
type Limits struct {
	FileBytes     int64         // size of the file; default 50 MB
	UnpackedBytes int64         // all parts together, counted while unpacking; default 300 MB
	Parts         int           // files inside the file; default 5,000
	Ratio         int64         // unpacked to packed size of one part above 1 MB; default 400 (real sheets reach 60)
	Rows          int           // rows that stand in the file, all sheets together; default 200,000
	Cells         int           // cells that stand in the file, all sheets together; default 2,000,000
	Reach         int           // the last column of every row, summed up: what a dense grid would hold; default 20,000,000
	Merges        int           // merged ranges; default 100,000
	Ranges        int           // drop-down lists and the ranges they apply to, and defined names; default 65,536
	Memory        int64         // of the process that reads the file; default 512 MB
	Time          time.Duration // for reading the file; default 20 s
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// withDefaults returns l with every unset field filled in.
func (l Limits) withDefaults() Limits {
	orDefault(&l.FileBytes, 50<<20)
	orDefault(&l.UnpackedBytes, 300<<20)
	orDefault(&l.Parts, 5_000)
	orDefault(&l.Ratio, 400)
	orDefault(&l.Rows, 200_000)
	orDefault(&l.Cells, 2_000_000)
	orDefault(&l.Reach, 20_000_000)
	orDefault(&l.Merges, 100_000)
	orDefault(&l.Ranges, 65_536)
	orDefault(&l.Memory, 512<<20)
	orDefault(&l.Time, 20*time.Second)
	return l
}

// counts is what the whole file was found to hold.
type counts struct {
	bytes  int64
	rows   int
	cells  int
	reach  int
	merges int
	ranges int
}

// check returns the first limit that is passed.
func (c *counts) check(l *Limits) error {
	for _, x := range []struct {
		n, limit int
		what     string
	}{
		{c.rows, l.Rows, "rows"},
		{c.cells, l.Cells, "cells"},
		{c.merges, l.Merges, "merged ranges"},
		{c.ranges, l.Ranges, "drop-down ranges"},
	} {
		if x.n > x.limit {
			return overLimit("it has more than %s %s", group(int64(x.limit)), x.what)
		}
	}
	if c.reach > l.Reach {
		return overLimit("its rows reach so far to the right that they span more than %s cells", group(int64(l.Reach)))
	}
	return nil
}

// takeOther counts what stands around the rows. inList is the level of the
// dataValidation element that is open, 0 if none is.
func (c *counts) takeOther(t *token, inList int) int {
	switch {
	case t.kind <= tokEmpty && t.level == 3 && string(t.local) == "mergeCell":
		c.merges++
	case t.kind <= tokEmpty && string(t.local) == "dataValidation":
		c.ranges++
		it := attrsOf(t.raw)
		for it.next() {
			if string(it.name) == "sqref" {
				c.ranges += bytes.Count(it.value, []byte(" "))
			}
		}
		if t.kind == tokStart {
			return t.level
		}
	case inList > 0 && t.kind == tokText:
		c.ranges += bytes.Count(t.raw, []byte(" "))
	case t.kind == tokEnd && t.level == inList:
		return 0
	}
	return inList
}

// group writes n as people do: 200,000.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return group(n) + " bytes"
	}
	return group(n>>20) + " MB"
}
