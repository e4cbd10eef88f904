package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table lays out text in columns: the last column takes what width is left,
// cut with an ellipsis on a terminal and whole elsewhere.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// maxColumn is the widest a column but the last gets; half of that on a
// terminal of the usual width.
const maxColumn = 60

func (t *table) write(w io.Writer) {
	widths := make([]int, len(t.head))
	limit, widest := width(w), maxColumn
	if limit > 0 && limit < 160 {
		widest = maxColumn / 2
	}
	for _, r := range append([][]string{t.head}, t.rows...) {
		for i, c := range r {
			widths[i] = min(max(widths[i], utf8.RuneCountInString(c)), widest)
		}
	}
	line := func(r []string, code string) {
		var b strings.Builder
		used := 0
		for i, c := range r {
			if i == len(r)-1 {
				if limit > 0 {
					c = cut(c, max(limit-used, 12))
				}
				b.WriteString(c)
				break
			}
			c = cut(c, widths[i])
			b.WriteString(c + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)+2))
			used += widths[i] + 2
		}
		s := strings.TrimRight(b.String(), " ")
		if code != "" {
			s = colour(w, code, s)
		}
		fmt.Fprintln(w, s)
	}
	line(t.head, bold)
	for _, r := range t.rows {
		line(r, "")
	}
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// writeJSON prints v as indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print json: %w", err)
	}
	return nil
}

// count words a number of things: "1 question", "3 questions".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
