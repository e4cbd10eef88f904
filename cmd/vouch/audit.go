package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// auditCmd groups what is done with the audit log.
type auditCmd struct {
	List   auditListCmd   `cmd:"" default:"withargs" help:"List who changed what, newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Check that the log is whole, and that the library is as it says."`
	Export auditExportCmd `cmd:"" help:"Write the whole log as JSON Lines, oldest first."`
}

// openAudit opens a database that exists.
func openAudit(ctx context.Context, g *global) (*store.Store, error) {
	return openExisting(ctx, g, "there is no data in %s yet, and no log of it; \"vouch library import FILE\" begins one")
}

// auditListCmd lists events.
type auditListCmd struct {
	Object string `help:"Only what was done to this, such as entry:ID, or to all of a kind, such as entry." placeholder:"THING"`
	Actor  string `help:"Only what this one did, such as os:alice." placeholder:"NAME"`
	Limit  int    `help:"At most so many; 0 for all." default:"50"`
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *auditListCmd) Help() string {
	return `Every change of the library, the controls, the register, the ledger of commitments, the lexicon and the calibration is one event, stored in the transaction of the change. No text of a question or an answer is in it; "vouch library list --format json" has the ids.`
}

// Run is called by kong.
func (c *auditListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	if c.Limit < 0 {
		return usageError("--limit is below 0; 0 lists all")
	}
	s, err := openAudit(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := c.newest(ctx, s, g.Workspace)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, list)
	}
	tab := table{head: []string{"seq", "at (UTC)", "who", "did", "what"}}
	for i := range list {
		e := &list[i]
		tab.add(fmt.Sprint(e.Seq), e.At.Format(time.DateTime), e.Actor, string(e.Action), e.Object)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(list), "event", "events"))
	}
	return nil
}

// newest returns the events that are asked for, newest first. No more than
// twice the limit are held at a time.
func (c *auditListCmd) newest(ctx context.Context, s *store.Store, workspace string) ([]engine.AuditEvent, error) {
	list := []engine.AuditEvent{}
	for e, err := range s.AuditEvents(ctx, workspace, 0) {
		if err != nil {
			return nil, err
		}
		if c.Actor != "" && e.Actor != c.Actor || c.Object != "" && e.Object != c.Object && !strings.HasPrefix(e.Object, c.Object+":") {
			continue
		}
		if list = append(list, e); c.Limit > 0 && len(list) >= 2*c.Limit {
			list = slices.Delete(list, 0, len(list)-c.Limit)
		}
	}
	if c.Limit > 0 && len(list) > c.Limit {
		list = list[len(list)-c.Limit:]
	}
	slices.Reverse(list)
	return list, nil
}

// auditVerifyCmd verifies the log.
type auditVerifyCmd struct {
	Checkpoint string `help:"What an earlier \"vouch audit verify\" printed: the log must go through it." placeholder:"COUNT:HASH"`
	Format     string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is shown by kong below the flags.
func (c *auditVerifyCmd) Help() string {
	return `The events of a workspace are a chain: each holds the hash of the one before. A changed, missing or moved event shows, and so does an entry, a control, a register or a commitment that is not as the log has it. A log that was cut off at its end, or written anew from its beginning, shows against a checkpoint: keep the one that is printed where those who can write the database cannot.

Exit code 3 means that something is not whole.`
}

// Run is called by kong.
func (c *auditVerifyCmd) Run(ctx context.Context, g *global, t *terminal) error {
	var checkpoint *engine.AuditHead
	if c.Checkpoint != "" {
		h, err := engine.ParseAuditHead(c.Checkpoint)
		if err != nil {
			return usageError("--checkpoint is " + err.Error())
		}
		checkpoint = &h
	}
	s, err := openAudit(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := engine.VerifyAudit(ctx, s, g.Workspace, checkpoint)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		err = writeJSON(t.out, r)
	} else {
		writeAuditReport(t, &r)
	}
	if err == nil && len(r.Breaks) > 0 {
		err = errBlocked
	}
	return err
}

func writeAuditReport(t *terminal, r *engine.AuditReport) {
	for _, b := range r.Breaks {
		at := b.Object
		if b.Seq > 0 {
			at = strings.TrimSpace(fmt.Sprintf("event %d %s", b.Seq, at))
		}
		if at != "" {
			at += ": "
		}
		fmt.Fprintf(t.out, "broken  %s%s\n", at, b.Why)
	}
	if len(r.Breaks) == 0 {
		fmt.Fprintf(t.out, "The log is whole: %s, %s as it says.\n", count(int(r.Head.Count), "event", "events"), count(r.Objects, "thing is", "things are"))
	}
	if r.Before > 0 {
		fmt.Fprintf(t.out, "%s older than the log.\n", count(r.Before, "thing is", "things are"))
	}
	if r.Head.Count > 0 {
		fmt.Fprintf(t.out, "Checkpoint: %s\n", r.Head)
	}
}

// auditExportCmd exports the log.
type auditExportCmd struct {
	Output string `short:"o" help:"File to write; standard output if not given." type:"path" placeholder:"FILE"`
	After  int64  `help:"Only the events after this one." placeholder:"SEQ"`
}

// Run is called by kong.
func (c *auditExportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openAudit(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	return writeOut(ctx, g, t, c.Output, func(w io.Writer) error {
		lines := json.NewEncoder(w)
		for e, err := range s.AuditEvents(ctx, g.Workspace, c.After) {
			if err != nil {
				return err
			}
			if err := lines.Encode(e); err != nil {
				return fmt.Errorf("write event %d: %w", e.Seq, err)
			}
		}
		return nil
	})
}
