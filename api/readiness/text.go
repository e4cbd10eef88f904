package readiness

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine/assurance"
)

// Text writes the readiness for a terminal of so many columns: the levels of
// all criteria by category, what to do first, and what each criterion lacks.
// With a width of 0 nothing is cut. Control characters become blanks, so that
// nothing in a register can steer the terminal.
func Text(w io.Writer, r assurance.Readiness, width int) error {
	t := text{width: width}
	t.line("%s", headline(&r))
	if r.Report.ID != "" {
		t.line("Held to the %s (%s)%s", r.Report.Name, r.Report.ID, period(r.Report))
	}
	t.line("")
	t.categories(&r)
	t.first(&r)
	t.lacks(&r)
	if n := r.AskedElsewhere; n > 0 {
		t.line("")
		t.line("Gaps of the last 12 months that meet none of these criteria: %d", n)
	}
	if _, err := io.WriteString(w, t.b.String()); err != nil {
		return fmt.Errorf("print readiness: %w", err)
	}
	return nil
}

func headline(r *assurance.Readiness) string {
	out := frameworkName(r.Framework)
	if r.Company != "" {
		out += ", " + r.Company
	}
	if !r.On.IsZero() {
		out += ", " + r.On.String()
	}
	t := r.Total
	out += fmt.Sprintf(": %d of %d ready", t.Ready, t.Applicable())
	if t.Applicable() > 0 {
		out += " (" + strings.ReplaceAll(percent(t.ReadyShare), "\u00a0", " ") + ")"
	}
	return out
}

func period(p assurance.ReportPeriod) string {
	if p.From.IsZero() {
		return ""
	}
	return fmt.Sprintf(", %s to %s", p.From, p.To)
}

// text is what has been written so far.
type text struct {
	b     strings.Builder
	width int
}

// line adds a line, cut to the width.
func (t *text) line(format string, args ...any) {
	s := strings.TrimRight(plain(fmt.Sprintf(format, args...)), " ")
	if t.width > 0 {
		s = cut(s, max(t.width, minWidth))
	}
	t.b.WriteString(s + "\n")
}

// minWidth is the narrowest terminal that is written for.
const minWidth = 20

// plain turns control characters, and marks that turn the direction of
// writing, into blanks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// table adds columns of text; the last takes what width is left. Columns with
// a heading that starts with > are numbers.
func (t *text) table(head []string, rows [][]string) {
	const widest = 30
	widths := make([]int, len(head)-1)
	for i := range widths {
		widths[i] = utf8.RuneCountInString(strings.TrimPrefix(head[i], ">"))
		for _, r := range rows {
			widths[i] = min(max(widths[i], utf8.RuneCountInString(plain(r[i]))), widest)
		}
	}
	numbers := make([]bool, len(head))
	headings := make([]string, len(head))
	for i, h := range head {
		headings[i], numbers[i] = strings.TrimPrefix(h, ">"), strings.HasPrefix(h, ">")
	}
	for _, r := range append([][]string{headings}, rows...) {
		var b strings.Builder
		for i, width := range widths {
			c := cut(plain(r[i]), width)
			blanks := strings.Repeat(" ", width-utf8.RuneCountInString(c))
			if numbers[i] {
				b.WriteString(blanks + c + "  ")
			} else {
				b.WriteString(c + blanks + "  ")
			}
		}
		t.line("%s%s", b.String(), r[len(r)-1])
	}
}

// categories adds a row for each category, with the letters of its criteria
// in their order.
func (t *text) categories(r *assurance.Readiness) {
	var rows [][]string
	for _, c := range r.Categories {
		var levels strings.Builder
		for _, s := range r.Criteria {
			if s.Category == c.Category {
				levels.WriteString(letters[s.Level])
			}
		}
		rows = append(rows, append(numbersOf(c.Category, c), levels.String()))
	}
	if len(rows) == 0 {
		t.line("There are no criteria.")
		return
	}
	rows = append(rows, append(numbersOf("together", r.Total), ""))
	t.table([]string{"category", ">criteria", ">ready", ">attention", ">missing", ">n/a", ">share", "levels"}, rows)
}

func numbersOf(name string, t assurance.Tally) []string {
	out := []string{name}
	for _, n := range []int{t.Criteria, t.Ready, t.Attention, t.Missing, t.Criteria - t.Applicable()} {
		out = append(out, strconv.Itoa(n))
	}
	return append(out, strings.ReplaceAll(share(t), "\u00a0", " "))
}

func (t *text) first(r *assurance.Readiness) {
	if len(r.First) == 0 {
		return
	}
	t.line("")
	t.line("Do first")
	var rows [][]string
	for i, s := range r.First[:min(len(r.First), firstSteps)] {
		rows = append(rows, []string{strconv.Itoa(i + 1), s.Criterion, letters[s.Level], strconv.Itoa(s.Asked), capital(s.Do)})
	}
	t.table([]string{">#", "criterion", "", ">asked", "what to do"}, rows)
	if n := len(r.First) - firstSteps; n > 0 {
		t.line("… and %d more", n)
	}
}

func (t *text) lacks(r *assurance.Readiness) {
	var rows [][]string
	for _, c := range r.Criteria {
		for i, l := range c.Lacks {
			row := []string{"", "", l.Text}
			if i == 0 {
				row = []string{c.ID, letters[c.Level], l.Text}
			}
			rows = append(rows, row)
		}
	}
	t.line("")
	if len(rows) == 0 {
		t.line("No criterion lacks anything.")
		return
	}
	t.table([]string{"criterion", "", "lacks"}, rows)
	t.line("")
	t.line("R ready, A needs attention, M missing%s", notApplicable(r))
}

// notApplicable explains the dash and the dot where there are some.
func notApplicable(r *assurance.Readiness) (out string) {
	if r.Total.NotApplicable > 0 {
		out = ", – not applicable"
	}
	if r.Total.OutOfScope > 0 {
		out += ", · of a category that the report does not have"
	}
	return out
}
