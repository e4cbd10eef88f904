package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"vouch/engine/assurance"
)

// reportsCheckCmd holds a text against the register.
type reportsCheckCmd struct {
	Text     string        `arg:"" help:"The answer as it is to go out."`
	Question string        `help:"The question that it answers." placeholder:"TEXT"`
	Verdict  string        `help:"What was answered besides: ${enum}." enum:"yes,no,partial,not_applicable," default:"" placeholder:"VERDICT"`
	Cite     []string      `help:"A control or report that it rests on, by its id; may be repeated." placeholder:"ID"`
	On       assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format   string        `help:"text for people or json for programs." enum:"text,json" default:"text"`
	readerFlags
}

// Help is shown by kong below the flags.
func (c *reportsCheckCmd) Help() string {
	return `Each finding has a severity: block, the text may not go out as it is; correct, it is true with the proposed words; warn, somebody should look. "vouch reports rules" lists what is looked for.

The exit code is 3 if a finding blocks, else 0.

  vouch reports check "We are SOC 2 certified." --question "Which certifications do you hold?" --verdict yes`
}

// checked is what is printed for programs.
type checked struct {
	Blocked  bool                `json:"blocked"`
	Findings []assurance.Finding `json:"findings"`
}

// Run is called by kong.
func (c *reportsCheckCmd) Run(ctx context.Context, g *global, t *terminal) error {
	r, err := reportsOf(ctx, g)
	if err != nil {
		return err
	}
	cites, err := citesOf(r, c.Cite)
	if err != nil {
		return err
	}
	statement := assurance.Statement{Question: c.Question, Verdict: c.Verdict, Text: c.Text, Cites: cites, Reader: c.reader()}
	out := checked{Findings: assurance.NewChecker(r, today(c.On)).Check(statement)}
	out.Blocked = slices.ContainsFunc(out.Findings, func(f assurance.Finding) bool { return f.Severity == assurance.Block })
	if c.Format == "json" {
		if out.Findings == nil {
			out.Findings = []assurance.Finding{}
		}
		if err := writeJSON(t.out, out); err != nil {
			return err
		}
	} else {
		writeFound(t, out.Findings)
	}
	if out.Blocked {
		return errBlocked
	}
	return nil
}

// citesOf returns what ids of controls and reports stand for.
func citesOf(r *assurance.Register, ids []string) ([]assurance.Cite, error) {
	var out []assurance.Cite
	for _, id := range ids {
		cite, ok := r.CiteOf(id)
		if !ok {
			return nil, usageError(fmt.Sprintf("--cite %s: there is no control and no report of that id; see \"vouch controls list\" and \"vouch reports list\"", id))
		}
		out = append(out, cite)
	}
	return out, nil
}

func writeFound(t *terminal, list []assurance.Finding) {
	if len(list) == 0 {
		fmt.Fprintln(t.out, "Nothing speaks against it.")
		return
	}
	for i, f := range list {
		if i > 0 {
			fmt.Fprintln(t.out)
		}
		fmt.Fprintf(t.out, "%s %s: %s\n", severityWord(t.out, f.Severity), f.Rule, f.Why)
		for _, x := range [][2]string{
			{"words", f.Words}, {"proposal", f.Proposal}, {"verdict", underscores(f.Verdict)}, {"gap", underscores(f.Gap)}, {"register", citesText(f.Cites)},
		} {
			if x[1] != "" {
				row(t, x[0], x[1])
			}
		}
	}
}

func severityWord(w io.Writer, s assurance.Severity) string {
	if s == assurance.Warn {
		return colour(w, yellow, string(s))
	}
	return colour(w, bold, string(s))
}

// reportsRulesCmd lists the rules.
type reportsRulesCmd struct {
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// ruleLine is a rule as it is printed.
type ruleLine struct {
	ID       string             `json:"id"`
	Severity assurance.Severity `json:"severity"`
	Says     string             `json:"says"`
	Source   string             `json:"source"`
}

// Run is called by kong.
func (c *reportsRulesCmd) Run(t *terminal) error {
	var lines []ruleLine
	for _, r := range assurance.Rules() {
		lines = append(lines, ruleLine{ID: r.ID, Severity: r.Severity, Says: r.Says, Source: r.Source})
	}
	if c.Format == "json" {
		return writeJSON(t.out, lines)
	}
	for _, r := range lines {
		fmt.Fprintf(t.out, "%s %s: %s\n", severityWord(t.out, r.Severity), r.ID, r.Says)
		fmt.Fprintln(t.out, "  "+colour(t.out, faint, r.Source))
	}
	return nil
}
