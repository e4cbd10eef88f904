package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/engine"
	"vouch/importers"
)

// inspectCmd shows what is understood of a file.
type inspectCmd struct {
	File       string `arg:"" help:"The customer's questionnaire: .xlsx, .xlsm or .csv." type:"path"`
	Format     string `help:"table for people, tsv (one line per answer part) or json for programs." enum:"table,tsv,json" default:"table"`
	Layout     string `help:"Read the file as this layout says." type:"path" placeholder:"FILE"`
	SaveLayout string `help:"Write the layout to this file, to be corrected and passed back with --layout." type:"path" placeholder:"FILE"`
}

// Run is called by kong.
func (c *inspectCmd) Run(ctx context.Context, g *global, t *terminal) error {
	q, _, err := readQuestionnaire(ctx, g, c.File, c.Layout)
	if err != nil {
		return err
	}
	if c.SaveLayout != "" {
		if err := importers.WriteLayout(ctx, c.SaveLayout, &q.Layout); err != nil {
			return err
		}
	}
	switch c.Format {
	case "json":
		return writeJSON(t.out, q)
	case "tsv":
		return writePartsTSV(t.out, q)
	}
	writeInspection(t.out, q)
	if c.SaveLayout != "" && !g.Quiet {
		fmt.Fprintf(t.err, "The layout is in %s.\n", c.SaveLayout)
	}
	return nil
}

// readQuestionnaire reads a questionnaire with the layout given, or the one
// remembered for its shape. remembered says that the latter was used.
func readQuestionnaire(ctx context.Context, g *global, file, layout string) (q *engine.Questionnaire, remembered bool, err error) {
	if layout != "" {
		l, err := importers.ReadLayout(layout)
		if err != nil {
			return nil, false, err
		}
		q, err = importers.Read(ctx, file, l)
		return q, false, err
	}
	if q, err = importers.Read(ctx, file, nil); err != nil {
		return nil, false, err
	}
	l, err := rememberedLayout(ctx, g, q.Layout.Shape)
	if err != nil || l == nil {
		return q, false, err
	}
	if !l.Covers(&q.Layout) {
		if g.notices != nil && !g.Quiet {
			fmt.Fprintln(g.notices, "The layout that is remembered for files of this shape ends above the last questions of this one and is not used; correct it with \"vouch inspect FILE --save-layout\" if needed.")
		}
		return q, false, nil
	}
	q, err = importers.Read(ctx, file, l)
	return q, true, err
}

// writePartsTSV prints one line for each answer part: sheet, ref,
// question_cell, part, cells, options; several cells or options joined by |.
func writePartsTSV(w io.Writer, q *engine.Questionnaire) error {
	out := csv.NewWriter(w)
	out.Comma = '\t'
	_ = out.Write([]string{"sheet", "ref", "question_cell", "part", "cells", "options"}) // errors stay with the writer
	for i := range q.Questions {
		x := &q.Questions[i]
		for _, p := range x.Parts {
			_ = out.Write([]string{x.Locator.Sheet, x.Ref, x.Locator.Cells[0], partName(&p), strings.Join(p.Locator.Cells, "|"), strings.Join(p.Options, "|")})
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("print tsv: %w", err)
	}
	return nil
}

// partName names a part's kind, with its aspect behind a colon.
func partName(p *engine.Part) string {
	if p.Aspect == "" {
		return string(p.Kind)
	}
	return string(p.Kind) + ":" + p.Aspect
}

// writeInspection prints the file for people: sheets and columns, questions,
// and what was left out.
func writeInspection(w io.Writer, q *engine.Questionnaire) {
	fmt.Fprintf(w, "%s: %s on %s, %s not taken as questions\n", colour(w, bold, q.Name),
		count(len(q.Questions), "question", "questions"), count(len(q.Layout.Sheets), "sheet", "sheets"), count(len(q.Skipped), "row", "rows"))
	for _, s := range q.Layout.Sheets {
		fmt.Fprintf(w, "\n%s%s\n", colour(w, bold, "Sheet "+s.Name), note(s.Note))
		for _, tb := range s.Tables {
			writeTableLayout(w, &tb)
		}
	}
	if len(q.Questions) > 0 {
		fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Questions"))
		tab := table{head: []string{"cell", "ref", "section", "question", "cells to answer", "options"}}
		for i := range q.Questions {
			x := &q.Questions[i]
			var parts, options []string
			for _, p := range x.Parts {
				parts = append(parts, partName(&p)+" "+strings.Join(p.Locator.Cells, "|"))
				if len(p.Options) > 0 {
					options = append(options, strings.Join(p.Options, " · "))
				}
			}
			tab.add(x.Locator.String(), x.Ref, x.Section, x.Text, strings.Join(parts, ", "), strings.Join(options, " | "))
		}
		tab.write(w)
	}
	writeSkipped(w, q.Skipped)
}

func note(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func writeTableLayout(w io.Writer, tb *engine.TableLayout) {
	head := "no headings"
	if tb.Heading.First > 0 {
		head = "headings in row " + rows(tb.Heading.First, tb.Heading.Last)
	}
	fmt.Fprintf(w, "  rows %s, %s\n", rows(tb.Rows.First, tb.Rows.Last), head)
	for _, c := range tb.Columns {
		what := c.Heading
		if len(c.Options) > 0 {
			what += " (mark for " + strings.Join(c.Options, ", ") + ")"
		}
		if c.Append {
			what += " (added by vouch)"
		}
		fmt.Fprintf(w, "    %-4s %-12s %s\n", c.Column, c.Role, engine.CleanText(what))
	}
}

// writeSkipped prints every row that is no question, neighbours with one
// reason together.
func writeSkipped(w io.Writer, skipped []engine.Skipped) {
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Not taken as questions"))
	tab := table{head: []string{"rows", "reason", "text"}}
	for i := 0; i < len(skipped); {
		j := i + 1
		for j < len(skipped) && skipped[j].Sheet == skipped[i].Sheet && skipped[j].Reason == skipped[i].Reason && skipped[i].Detail == "" && skipped[j].Detail == "" && skipped[j].Row == skipped[j-1].Row+1 {
			j++
		}
		s := skipped[i]
		tab.add(s.Sheet+"!"+rows(s.Row, skipped[j-1].Row), s.Reason.Text()+note(s.Detail), s.Text)
		i = j
	}
	tab.write(w)
}

func rows(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d–%d", first, last)
}
