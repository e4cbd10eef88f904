package main

import (
	"context"
	"fmt"
	"strings"

	"vouch/engine/assurance"
)

// readerFlags say whom an answer is for.
type readerFlags struct {
	Customer string `help:"The customer who reads it." placeholder:"NAME"`
	NDA      bool   `name:"nda" help:"The reader has signed a non-disclosure agreement." xor:"reader"`
	Public   bool   `help:"It is published: anyone reads it." xor:"reader"`
}

func (f *readerFlags) reader() assurance.Reader {
	return assurance.Reader{Name: f.Customer, NDA: f.NDA, Public: f.Public}
}

// reportsAskCmd answers a question from the register.
type reportsAskCmd struct {
	Question string        `arg:"" help:"The question, in the words of the customer."`
	On       assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format   string        `help:"text for people or json for programs." enum:"text,json" default:"text"`
	readerFlags
}

// Help is shown by kong below the flags.
func (c *reportsAskCmd) Help() string {
	return `The answer is taken from the register and from nothing else. What only a reader with an NDA may know goes into it with --nda; without, it says that the report exists and how to get it.

  vouch reports ask "Do you have a SOC 2 Type 2 report?"
  vouch reports ask "Were there any exceptions in your last SOC 2?" --nda`
}

// asked is what is printed for programs.
type asked struct {
	IsAboutReports bool             `json:"about_reports"`
	Reply          *assurance.Reply `json:"reply,omitempty"`
}

// Run is called by kong.
func (c *reportsAskCmd) Run(ctx context.Context, g *global, t *terminal) error {
	r, err := reportsOf(ctx, g)
	if err != nil {
		return err
	}
	reply, ok := r.Reply(c.Question, c.reader(), today(c.On))
	switch {
	case c.Format == "json" && ok:
		return writeJSON(t.out, asked{true, &reply})
	case c.Format == "json":
		return writeJSON(t.out, asked{})
	case !ok:
		fmt.Fprintln(t.out, `This is no question about your own reports, certificates or penetration tests; "vouch library search" looks among the past answers.`)
		return nil
	}
	fmt.Fprintln(t.out, reply.Text)
	fmt.Fprintln(t.out)
	row(t, "verdict", orNone(underscores(reply.Verdict)))
	row(t, "topics", strings.Join(reply.Topics, ", "))
	row(t, "rests on", orNone(citesText(reply.Cites)))
	return nil
}

// citesText names what something rests on.
func citesText(list []assurance.Cite) string {
	out := make([]string, len(list))
	for i, c := range list {
		var parts []string
		for _, s := range []string{c.Report, c.Control, c.Criterion} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		out[i] = strings.Join(parts, " ")
	}
	return strings.Join(out, ", ")
}
