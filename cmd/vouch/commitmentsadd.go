package main

import (
	"context"
	"fmt"
	"time"

	"vouch/engine"
)

// commitmentsAddCmd records what went out.
type commitmentsAddCmd struct {
	File     string `arg:"" help:"The questionnaire as it was sent: .xlsx, .xlsm or .csv." type:"path"`
	Customer string `required:"" help:"Whom it was sent to." placeholder:"NAME"`
	Sent     string `help:"The day it was sent, such as 2026-11-26; today unless given." placeholder:"DATE"`
	Layout   string `help:"Read the file as this layout says." type:"path" placeholder:"FILE"`
	Format   string `help:"Print the result for people (text) or for programs (json)." enum:"text,json" default:"text"`

	sent time.Time // what --sent came to
}

// Validate is called by kong.
func (c *commitmentsAddCmd) Validate() (err error) {
	c.sent = time.Now().UTC().Truncate(24 * time.Hour)
	if c.Sent == "" {
		return nil
	}
	if c.sent, err = time.Parse(time.DateOnly, c.Sent); err != nil {
		return usageError(fmt.Sprintf("--sent %q: give a day such as 2026-11-26", c.Sent))
	}
	if c.sent.After(time.Now()) {
		return usageError(fmt.Sprintf("--sent %s: that day is still to come; record what has been sent", c.Sent))
	}
	return nil
}

// recorded is what an addition did.
type recorded struct {
	File     string `json:"file"`
	Customer string `json:"customer"`
	Sent     string `json:"sent"`
	Answers  int    `json:"answers"`
	Added    int    `json:"added"`
}

// Run is called by kong.
func (c *commitmentsAddCmd) Run(ctx context.Context, g *global, t *terminal) error {
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	q, _, err := readQuestionnaire(ctx, g, c.File, c.Layout)
	if err != nil {
		return err
	}
	list := engine.CommitmentsOf(q, c.Customer, baseName(c.File), c.sent)
	if len(list) == 0 {
		return &engine.RefusedError{File: baseName(c.File), Is: "no answered questions were found in it", Do: "give the file as it was sent; see what is understood with \"vouch inspect\""}
	}
	bar := newProgress(t.err, g.Quiet, "Finding controls", len(list))
	for i := range list {
		found, err := w.index.Retrieve(ctx, w.name, engine.Query{Text: list[i].Question, Language: q.Language, Limit: 1})
		if err != nil {
			bar.done()
			return err
		}
		list[i].Controls = engine.NearControls(found)
		bar.set(i + 1)
	}
	bar.done()
	r := recorded{File: baseName(c.File), Customer: c.Customer, Sent: c.sent.Format(time.DateOnly), Answers: len(list)}
	if r.Added, err = w.store.AddCommitments(ctx, w.name, list); err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, r)
	}
	fmt.Fprintf(t.out, "%s to %s on %s: %d answers, %d recorded, %d were there already\n", r.File, r.Customer, r.Sent, r.Answers, r.Added, r.Answers-r.Added)
	return nil
}
