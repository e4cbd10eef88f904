package main

import (
	"context"
	"io"
	"time"

	"vouch/api/readiness"
	"vouch/engine"
	"vouch/engine/assurance"
)

// readinessCmd shows how ready the company is for an audit.
type readinessCmd struct {
	Framework string        `help:"The criteria to hold the register to: ${enum}." enum:"soc2,iso27001,ccm" default:"soc2"`
	On        assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format    string        `help:"table for people, json for programs, html for a page with a heat map." enum:"table,json,html" default:"table"`
	Output    string        `short:"o" help:"File to write; standard output if not given." type:"path" placeholder:"FILE"`
}

// Help is called by kong.
func (c *readinessCmd) Help() string {
	return `For each criterion: the controls that meet it, their last evidence, what is lacking, and what to do first. What customers asked in the last 12 months and got no answer to counts: a gap that many asked about comes before one that nobody saw.

A criterion is ready if its controls are in place, owned and shown by fresh evidence; it needs attention if something of that is lacking; it is missing if nothing is in place.

  vouch readiness --framework soc2 --format html -o readiness.html`
}

// askedFor is how far back questions without an answer count.
const askedFor = 12 // months

// Run is called by kong.
func (c *readinessCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, r, err := openRegister(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	on := today(c.On)
	askings, err := s.Askings(ctx, g.Workspace, on.AddMonths(-askedFor).Time())
	if err != nil {
		return err
	}
	framework := assurance.Framework(c.Framework)
	if c.Framework == "soc2" {
		framework = assurance.TrustServices
	}
	ready := r.Readiness(framework, assurance.CriteriaOf(framework), askedOf(askings), on)
	return writeOut(ctx, g, t, c.Output, func(w io.Writer) error {
		switch c.Format {
		case "json":
			return writeJSON(w, ready)
		case "html":
			return readiness.WriteHTML(w, &readiness.Report{Readiness: ready, Made: time.Now(), Program: version()})
		}
		columns := 0
		if c.Output == "" {
			columns = width(t.out)
		}
		return readiness.Text(w, ready, columns)
	})
}

// askedOf returns what was asked in vain as the rules see it.
func askedOf(list []engine.Asking) []assurance.Asked {
	out := make([]assurance.Asked, len(list))
	for i := range list {
		out[i] = list[i].Asked()
	}
	return out
}
