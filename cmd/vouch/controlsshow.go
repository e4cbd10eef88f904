package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
)

// controlsShowCmd shows a control.
type controlsShowCmd struct {
	ID     string        `arg:"" name:"id" help:"The control's id, as \"vouch controls list\" shows it."`
	On     assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format string        `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// controlView is a control with everything that is known of it.
type controlView struct {
	engine.Control
	Evidence []evidenceLine      `json:"evidence"`
	Tests    []controlTest       `json:"tests"`
	Told     []engine.Commitment `json:"told"` // newest first
}

// controlTest is what an auditor found of the control.
type controlTest struct {
	Report string `json:"report"`
	assurance.Test
}

// Run is called by kong.
func (c *controlsShowCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, r, err := openRegister(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := s.ControlsByRef(ctx, g.Workspace, []string{c.ID})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return usageError(fmt.Sprintf("there is no control %q; see \"vouch controls list\"", c.ID))
	}
	v := controlView{Control: found[0], Evidence: (&evidenceListCmd{Control: found[0].Ref, On: c.On}).chosen(r), Tests: testsOf(r, found[0].Ref), Told: []engine.Commitment{}}
	told, err := s.Commitments(ctx, g.Workspace, engine.CommitmentFilter{Control: found[0].Ref})
	if err != nil {
		return err
	}
	v.Told = append(v.Told, told...)
	if c.Format == "json" {
		return writeJSON(t.out, v)
	}
	writeControl(t, &v)
	return nil
}

func testsOf(r *assurance.Register, control string) []controlTest {
	out := []controlTest{}
	for i := range r.Reports {
		if x, ok := r.Reports[i].TestOf(control); ok {
			out = append(out, controlTest{r.Reports[i].ID, x})
		}
	}
	return out
}

func writeControl(t *terminal, v *controlView) {
	fmt.Fprintf(t.out, "%s: %s\n", colour(t.out, bold, v.Ref), v.Title)
	for _, x := range [][2]string{
		{"domain", v.Domain}, {"text", v.Description}, {"criteria", strings.Join(v.Criteria, ", ")}, {"owner", v.Owner}, {"frequency", v.Frequency},
		{"status", underscores(v.Status)}, {"planned", v.Planned},
	} {
		if x[1] != "" {
			row(t, x[0], x[1])
		}
	}
	if len(v.Evidence) > 0 {
		fmt.Fprintf(t.out, "\n%s\n", colour(t.out, bold, "Evidence"))
		tab := table{head: []string{"id", "collected", "worth", "fresh until", "title"}}
		for _, e := range v.Evidence {
			tab.add(e.ID, e.CollectedAt.String(), underscores(e.Worth), e.FreshUntil.String(), e.Title)
		}
		tab.write(t.out)
	}
	if len(v.Tests) > 0 {
		fmt.Fprintf(t.out, "\n%s\n", colour(t.out, bold, "Tests"))
		tab := table{head: []string{"report", "result", "fixed", "exception"}}
		for _, x := range v.Tests {
			tab.add(x.Report, underscores(x.Result), x.Fixed.String(), x.Text)
		}
		tab.write(t.out)
	}
	if len(v.Told) > 0 {
		fmt.Fprintf(t.out, "\n%s\n", colour(t.out, bold, "Told to customers"))
		tab := table{head: []string{"sent", "customer", "answer", "question"}}
		for i := range v.Told {
			x := &v.Told[i]
			tab.add(x.SentAt.UTC().Format(time.DateOnly), x.Customer, saidWord(x), x.Question)
		}
		tab.write(t.out)
	}
}
