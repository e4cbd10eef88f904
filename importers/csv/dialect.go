package csv

import (
	"regexp"
	"slices"
	"unicode"
)

// Dialect is how a file is written.
type Dialect struct {
	Charset   Charset
	BOM       bool   // starts with a byte order mark
	Delimiter byte   // 0 for a file of one column in which every possible delimiter occurs
	SepLine   bool   // its first line is Excel's "sep=;", which is no row
	LineEnd   string // the most frequent one: "\n", "\r\n" or "\r"; "\n" for a file without any
	InnerEnd  string // the most frequent one inside quoted fields; LineEnd if there is none
	ASCII     bool   // holds nothing above 127, so that its encoding is a guess
	Quotes    bool   // every filled field is quoted
}

// delimiters lists the ones that are detected, the likeliest first.
var delimiters = []byte{',', ';', '\t', '|'}

// sampleBytes is how much of a file the delimiter is guessed from.
const sampleBytes = 512 << 10

// minScore is the least that a delimiter must reach. A column of prose reads
// 0.05 to 0.35 with comma, a table with half its rows cut short above 0.5.
const minScore = 0.4

var sepLine = regexp.MustCompile(`(?i)^"?sep=([^"0-9A-Za-z])"?$`)

// readSepLine returns the delimiter that a "sep=" line at src[from:] names and
// where the line after it starts, or 0 and from.
func readSepLine(src []byte, from int, c Charset) (byte, int) {
	s := scanner{src: src, charset: c, pos: from}
	for range 8 {
		b, n := s.peek()
		if n == 0 || b == '\n' || b == '\r' {
			break
		}
		s.pos += n
	}
	m := sepLine.FindStringSubmatch(c.decode(src[from:s.pos]))
	if m == nil || m[1][0] > unicode.MaxASCII || m[1][0] < 0x20 && m[1] != "\t" {
		return 0, from
	}
	end := s.pos
	if b, n := s.peek(); n > 0 && b != '\n' && b != '\r' {
		return 0, from
	}
	if s.lineEnd(); s.pos == end && end != len(src) {
		return 0, from
	}
	return m[1][0], s.pos
}

// trial is a delimiter tried on a sample.
type trial struct {
	delim   byte
	score   float64
	columns int
	loose   float64 // loose quotes per row
}

// guessDelimiter returns the delimiter of src[from:], or 0 for a file of one
// column.
func guessDelimiter(src []byte, from int, c Charset) byte {
	cut := len(src)
	if cut-from > sampleBytes {
		cut = from + sampleBytes
	}
	var trials []trial
	for _, d := range delimiters {
		trials = append(trials, try(src[:cut], from, c, d, cut < len(src)))
	}
	least := trials[0].loose
	for _, t := range trials {
		least = min(least, t.loose)
	}
	best := trial{score: minScore}
	for _, t := range trials {
		t.score -= min(1, t.loose-least)
		switch {
		case t.score < minScore:
		case best.delim == 0 || t.score > best.score+0.05:
			best = t
		case t.score > best.score-0.05 && t.columns > best.columns:
			best = t
		}
	}
	return best.delim
}

// try scores delimiter d: half for the share of rows that have the most
// frequent number of fields (two at least), half for the share that has a
// delimiter at all; less if blanks follow it as they follow a comma in prose.
func try(src []byte, from int, c Charset, d byte, truncated bool) trial {
	s := scan(src, from, c, d, 1, Limits{}.withDefaults())
	if truncated && len(s.records) > 1 {
		s.records = s.records[:len(s.records)-1]
	}
	rows, split, seams, blanks := 0, 0, 0, 0
	widths := map[int]int{}
	for _, r := range s.records {
		if r.start == r.end {
			continue
		}
		rows++
		if r.last-r.first < 2 {
			continue
		}
		split++
		widths[r.last-r.first]++
		for _, f := range s.fields[r.first+1 : r.last] {
			seams++
			if b, n := c.unit(src, f.start); n > 0 && b == ' ' {
				blanks++
			}
		}
	}
	if split == 0 {
		return trial{delim: d, loose: perRow(s.loose, rows)}
	}
	mode, columns := mostFrequent(widths)
	t := trial{delim: d, columns: columns, loose: perRow(s.loose, rows)}
	t.score = (float64(mode) + float64(split)) / float64(2*rows)
	if d == ',' || d == ';' {
		t.score -= 0.3 * float64(blanks) / float64(seams)
	}
	if s.open > 0 && !truncated {
		t.score -= 0.25 // so that a table with one open quote is still a table, and is refused as such
	}
	return t
}

func perRow(n, rows int) float64 { return float64(n) / float64(max(rows, 1)) }

// mostFrequent returns the highest count and its width, the larger width if
// two are equally frequent.
func mostFrequent(widths map[int]int) (count, width int) {
	for w, n := range widths {
		if n > count || n == count && w > width {
			count, width = n, w
		}
	}
	return count, width
}

// spareDelimiter returns a delimiter that splits no row of a file of one
// column, 0 if there is none.
func spareDelimiter(src []byte, from int, c Charset, lim Limits) byte {
	for _, d := range delimiters {
		s := scan(src, from, c, d, 1, lim)
		if !slices.ContainsFunc(s.records, func(r record) bool { return r.last-r.first > 1 }) {
			return d
		}
	}
	return 0
}
