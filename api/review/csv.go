package review

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
)

// WriteCSV writes one line for each question: UTF-8 with a byte order mark, so
// that spreadsheet programs read it right, comma-separated, CRLF. For a gap
// the values are empty and text is what came nearest. Fields that a
// spreadsheet would take for a formula are neutralised.
func WriteCSV(w io.Writer, r *Report) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write review csv: %w", err)
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	_ = c.Write(lineOf(func(i int) string { return csvColumns[i].heading })) // the error stays with the writer and comes with Error
	for i := range r.Answers {
		_ = c.Write(lineOf(func(k int) string { return engine.NeutralizeFormula(csvColumns[k].of(&r.Answers[i])) }))
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write review csv: %w", err)
	}
	return nil
}

func lineOf(field func(column int) string) []string {
	line := make([]string, len(csvColumns))
	for i := range line {
		line[i] = field(i)
	}
	return line
}

// csvColumns are the columns of [WriteCSV]: a heading, and what stands under it.
var csvColumns = []struct {
	heading string
	of      func(*engine.Answer) string
}{
	{"sheet", func(a *engine.Answer) string { return a.Question.Locator.Sheet }},
	{"ref", func(a *engine.Answer) string { return a.Question.Ref }},
	{"section", func(a *engine.Answer) string { return a.Question.Section }},
	{"question", func(a *engine.Answer) string { return a.Question.Text }},
	{"status", func(a *engine.Answer) string { return string(statusOf(a)) }},
	{"cells", func(a *engine.Answer) string {
		return lines(values(a), func(v engine.PartValue) string { return strings.Join(v.Part.Locator.Cells, "|") })
	}},
	{"values", func(a *engine.Answer) string {
		return lines(values(a), func(v engine.PartValue) string { return v.Value })
	}},
	{"verdict", ofShown(func(r *engine.Revision) string { return string(r.Verdict) })},
	{"text", ofShown(func(r *engine.Revision) string { return r.Text })},
	{"confidence", ofShown(func(r *engine.Revision) string { return strconv.FormatFloat(r.Confidence, 'f', 2, 64) })},
	{"gap", ofGap(func(g *engine.Gap) string { return string(g.Reason) })},
	{"detail", ofGap(func(g *engine.Gap) string { return g.Detail })},
	{"rests_on", ofShown(func(r *engine.Revision) string {
		return joinLines(lines(r.Citations, func(c engine.Citation) string { return c.Label }), lines(r.Evidence, func(c assurance.Citation) string { return c.Full }))
	})},
	{"where", ofShown(func(r *engine.Revision) string {
		return lines(r.Citations, func(c engine.Citation) string { return c.Where })
	})},
	{"controls", func(a *engine.Answer) string {
		return lines(controls(a), func(c engine.Control) string { return strings.TrimSpace(c.Ref + " " + c.Title) })
	}},
	{"notes", ofShown(func(r *engine.Revision) string { return strings.Join(r.Notes, "\n") })},
	{"findings", func(a *engine.Answer) string {
		if a.Kept {
			return lines(a.Findings, findingLine)
		}
		if a.Gap != nil && len(a.Gap.Findings) > 0 {
			return lines(a.Gap.Findings, findingLine)
		}
		return ofShown(func(r *engine.Revision) string { return lines(r.Findings, findingLine) })(a)
	}},
}

// values are what is written into the cells, nothing for a gap.
func values(a *engine.Answer) []engine.PartValue {
	if a.Revision == nil {
		return nil
	}
	return a.Revision.Values
}

func findingLine(f assurance.Finding) string { return string(f.Severity) + " " + f.Rule + ": " + f.Why }

func ofShown(of func(*engine.Revision) string) func(*engine.Answer) string {
	return func(a *engine.Answer) string {
		if r := shown(a); r != nil {
			return of(r)
		}
		return ""
	}
}

func ofGap(of func(*engine.Gap) string) func(*engine.Answer) string {
	return func(a *engine.Answer) string {
		if a.Gap == nil {
			return ""
		}
		return of(a.Gap)
	}
}

// lines puts what each has to say on a line of its own.
func lines[T any](list []T, of func(T) string) string {
	out := make([]string, len(list))
	for i, it := range list {
		out[i] = of(it)
	}
	return strings.Join(out, "\n")
}

func joinLines(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}
