package detect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDetect reads whatever grid a sketch draws: no panic, every non-empty row
// a question or reported, and the layout found reads the file the same way.
func FuzzDetect(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no sketches: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), "-- want\n")
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 8<<10 || !sketchable(text) {
			t.Skip("no sketch")
		}
		wb := sketch(t, text)
		q, err := Detect(wb, nil)
		if err != nil {
			return
		}
		checkEveryRow(t, wb, q)
		checkLayoutRoundTrip(t, wb, q)
	})
}

// sketchable reports whether the text draws a workbook as formats hand it over:
// rows within a sheet, ascending, ranges that are some.
func sketchable(text string) bool {
	sheet, last := false, 0
	names := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " ")
		if line == "" || line[0] == '#' {
			continue
		}
		if m := directive.FindStringSubmatch(line); m != nil {
			switch m[1] {
			case "sheet":
				if names[m[2]] {
					return false
				}
				sheet, last, names[m[2]] = true, 0, true
			case "merge":
				for _, r := range strings.Fields(m[2]) {
					if _, ok := ParseRange(r); !ok {
						return false
					}
				}
			case "list":
				where, _, _ := strings.Cut(m[2], " ")
				for _, r := range strings.Split(where, ",") {
					if _, ok := ParseRange(r); !ok {
						return false
					}
				}
			case "hide":
				if ColumnNumber(m[2]) == 0 {
					return false
				}
			}
			if !sheet && m[1] != "csv" {
				return false
			}
			continue
		}
		if !sheet {
			return false
		}
		n := last + 1
		if m := rowNumber.FindStringSubmatch(strings.TrimPrefix(line, "!")); m != nil {
			n = 0
			for _, d := range m[1] {
				n = n*10 + int(d-'0')
			}
		}
		if n <= last || n > 5000 {
			return false
		}
		last = n
	}
	return sheet
}
