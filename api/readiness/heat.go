package readiness

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine/assurance"
)

// A heat map has one field for each category, with so many cells in a row.
// Its size in pixels is that of its view box, so that letters stay readable:
// a row fits a telephone, and several fields stand side by side on a screen.
const (
	perRow     = 7
	cellWidth  = 44
	cellHeight = 40
	cellGap    = 3
	maxIDChars = 7 // what fits a cell
)

// field is the part of the heat map that shows one category.
type field struct {
	assurance.Tally
	Width, Height int
	Cells         []cell
}

// cell is one criterion in the heat map.
type cell struct {
	X, Y   int
	Level  assurance.Level
	Letter string
	ID     string // cut to what fits
	Anchor string
	Title  string
}

// heatMap lays out the criteria by category.
func heatMap(rows []group) []field {
	out := make([]field, len(rows))
	for i, g := range rows {
		f := field{Tally: g.Tally}
		for k, c := range g.Criteria {
			x, y := k%perRow*(cellWidth+cellGap), k/perRow*(cellHeight+cellGap)
			f.Width, f.Height = max(f.Width, x+cellWidth), y+cellHeight
			f.Cells = append(f.Cells, cell{x, y, c.Level, letters[c.Level], cut(c.ID, maxIDChars), c.Anchor, cellTitle(c.CriterionStanding)})
		}
		out[i] = f
	}
	return out
}

// cellTitle says in one line what a cell shows.
func cellTitle(c assurance.CriterionStanding) string {
	title := strings.TrimSpace(c.ID + " " + c.Title)
	out := fmt.Sprintf("%s: %s, %s", title, levelTexts[c.Level], count(len(c.Controls), "control"))
	if n := len(c.Lacks); n > 0 {
		out += ", " + count(n, "lack")
	}
	if n := len(c.Asked); n > 0 {
		out += ", asked " + count(n, "time") + " without an answer"
	}
	return out
}

// anchors give each criterion a name that an address can hold: CC6.1 is
// cc6-1. A name that is taken gets the place of the criterion.
type anchors map[string]bool

func (a anchors) of(id string, place int) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return '-'
	}, id), "-")
	if name = "c-" + name; a[name] || name == "c-" {
		name = fmt.Sprintf("%s--%d", name, place)
	}
	a[name] = true
	return name
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// count words a number of things: "1 control", "3 controls".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
