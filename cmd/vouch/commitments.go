package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
)

// commitmentsCmd groups what is done with the ledger of what customers were
// told.
type commitmentsCmd struct {
	List commitmentsListCmd `cmd:"" default:"withargs" help:"List what customers were told, newest first."`
	Add  commitmentsAddCmd  `cmd:"" help:"Record a questionnaire as it was sent: every answer in it is what that customer was told."`
}

// commitmentsListCmd lists commitments.
type commitmentsListCmd struct {
	Control  string `help:"Only what was said about this control." placeholder:"ID"`
	Customer string `help:"Only what this customer was told." placeholder:"NAME"`
	Format   string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *commitmentsListCmd) Help() string {
	return `Before a control changes, see who was told what about it:

  vouch commitments --control AC-05`
}

// Run is called by kong.
func (c *commitmentsListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, _, err := openRegister(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Commitments(ctx, g.Workspace, engine.CommitmentFilter{Customer: strings.TrimSpace(c.Customer), Control: c.Control})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		if list == nil {
			list = []engine.Commitment{}
		}
		return writeJSON(t.out, list)
	}
	tab := table{head: []string{"sent", "customer", "ref", "answer", "controls", "question"}}
	for i := range list {
		x := &list[i]
		tab.add(x.SentAt.UTC().Format(time.DateOnly), x.Customer, x.Ref, saidWord(x), strings.Join(x.Controls, ", "), x.Question)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(list), "commitment", "commitments"))
	}
	return nil
}

// saidWord is what a commitment says, in a word where there is one.
func saidWord(c *engine.Commitment) string {
	switch {
	case c.Verdict != engine.VerdictNone:
		return underscores(c.Verdict)
	case c.Answer != "":
		return c.Answer
	}
	return "text"
}
