package review

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/engine"
)

// csvHeadings are the columns of [WriteCSV].
var csvHeadings = []string{"sheet", "ref", "section", "question", "status", "cells", "values", "verdict", "text", "confidence", "gap", "detail", "rests_on", "where", "controls", "notes"}

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
	_ = c.Write(csvHeadings) // the error stays with the writer and comes with Error
	for i := range r.Answers {
		line := csvLine(&r.Answers[i])
		for k := range line {
			line[k] = engine.NeutralizeFormula(line[k])
		}
		_ = c.Write(line)
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write review csv: %w", err)
	}
	return nil
}

func csvLine(a *engine.Answer) []string {
	q := a.Question
	line := []string{q.Locator.Sheet, q.Ref, q.Section, q.Text, string(statusOf(a)), "", "", "", "", "", "", "", "", "", "", ""}
	if rev := shown(a); rev != nil {
		if a.Revision != nil {
			var cells, values []string
			for _, v := range rev.Values {
				cells = append(cells, strings.Join(v.Part.Locator.Cells, "|"))
				values = append(values, v.Value)
			}
			line[5], line[6] = strings.Join(cells, "\n"), strings.Join(values, "\n")
		}
		line[7], line[8] = string(rev.Verdict), rev.Text
		line[9] = strconv.FormatFloat(rev.Confidence, 'f', 2, 64)
		var labels, where []string
		for _, c := range rev.Citations {
			labels, where = append(labels, c.Label), append(where, c.Where)
		}
		line[12], line[13] = strings.Join(labels, "\n"), strings.Join(where, "\n")
		line[15] = strings.Join(rev.Notes, "\n")
	}
	if a.Gap != nil {
		line[10], line[11] = string(a.Gap.Reason), a.Gap.Detail
	}
	var ids []string
	for _, c := range controls(a) {
		ids = append(ids, strings.TrimSpace(c.Ref+" "+c.Title))
	}
	line[14] = strings.Join(ids, "\n")
	return line
}
