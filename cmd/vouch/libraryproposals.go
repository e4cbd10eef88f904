package main

import (
	"context"
	"fmt"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// libraryProposalsCmd groups what is done with proposals.
type libraryProposalsCmd struct {
	List   proposalsListCmd   `cmd:"" default:"withargs" help:"List what approved answers would change in the library."`
	Accept proposalsAcceptCmd `cmd:"" help:"Take proposals over into the library: the next version of an entry, or a new one."`
	Reject proposalsRejectCmd `cmd:"" help:"Close proposals; the library stays as it is."`
}

// proposalsListCmd lists proposals.
type proposalsListCmd struct {
	State string `help:"open, accepted, rejected, superseded, or all." enum:"open,accepted,rejected,superseded,all" default:"open"`
	Kind  string `help:"new, wording (better words for an entry), conflict (another verdict than an entry has), or all." enum:"new,wording,conflict,all" default:"all"`
	Limit int    `help:"At most so many; 0 for all." default:"0" placeholder:"N"`
	libraryOutput
}

// Run is called by kong.
func (c *proposalsListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	f := engine.ProposalFilter{Limit: max(c.Limit, 0)}
	if c.State != "all" {
		f.State = engine.ProposalState(c.State)
	}
	if c.Kind != "all" {
		f.Kind = engine.ProposalKind(c.Kind)
	}
	found, err := s.EntryProposals(ctx, g.Workspace, f)
	if err != nil {
		return err
	}
	tab := table{head: []string{"id", "kind", "state", "proposed", "by", "entry", "version", "answer", "question"}}
	for i := range found {
		p := &found[i]
		version := ""
		if p.Proposed.Version > 0 {
			version = fmt.Sprint(p.Proposed.Version)
		}
		tab.add(p.ID, string(p.Kind), string(p.State), p.At.Format(time.DateOnly), p.By, p.Proposed.ID, version, answerWord(&p.Proposed), p.Proposed.Question)
	}
	return c.write(g, t, append([]engine.EntryProposal{}, found...), &tab, len(found), "proposal", "proposals")
}

// proposalsAcceptCmd accepts proposals.
type proposalsAcceptCmd struct {
	IDs      []string `arg:"" name:"id" help:"Ids of proposals, or their ends, as the list shows them."`
	Against  int      `help:"The version of the entry that you have looked at, where it has changed since the proposal." placeholder:"N"`
	New      bool     `help:"As an entry of its own, beside the one that it is against."`
	ReviewBy string   `help:"The day by which it must be reviewed again; as long from today as it was from the last review unless given." placeholder:"DATE"`
	Note     string   `help:"Why; kept with the proposal." placeholder:"TEXT"`

	by *time.Time // what --review-by came to
}

// Validate is called by kong.
func (c *proposalsAcceptCmd) Validate() (err error) {
	if c.Against != 0 && len(c.IDs) > 1 {
		return usageError("--against goes with one proposal")
	}
	if c.ReviewBy == "" {
		return nil
	}
	d, err := time.Parse(time.DateOnly, c.ReviewBy)
	if err != nil {
		return usageError(fmt.Sprintf("--review-by %s: give a day of the calendar, such as 2027-01-01", c.ReviewBy))
	}
	c.by = &d
	return nil
}

// Run is called by kong. Each proposal is one transaction; its line is printed
// after it is stored.
func (c *proposalsAcceptCmd) Run(ctx context.Context, g *global, t *terminal) error {
	w, err := openWorkspace(ctx, g, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ids, err := proposalIDs(ctx, w.store, g, c.IDs)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, e, err := engine.AcceptProposal(ctx, w.store, g.Workspace, localPerson(ctx), engine.Acceptance{Proposal: id, Version: c.Against, AsNew: c.New, Note: c.Note, ReviewBy: c.by})
		if err != nil {
			return refused(err)
		}
		if !g.Quiet {
			fmt.Fprintf(t.out, "%s: entry %s is at version %d\n", shortID(id), shortID(e.ID), e.Version)
		}
	}
	if err := w.index.Sync(ctx); err != nil {
		return fmt.Errorf("index what was accepted (it is stored, and indexed at the next start): %w", err)
	}
	return nil
}

// proposalsRejectCmd rejects proposals.
type proposalsRejectCmd struct {
	IDs  []string `arg:"" name:"id" help:"Ids of proposals, or their ends, as the list shows them."`
	Note string   `help:"Why; kept with the proposal." placeholder:"TEXT"`
}

// Run is called by kong.
func (c *proposalsRejectCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	ids, err := proposalIDs(ctx, s, g, c.IDs)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := engine.RejectProposal(ctx, s, g.Workspace, localPerson(ctx), id, c.Note); err != nil {
			return refused(err)
		}
		if !g.Quiet {
			fmt.Fprintf(t.out, "%s: rejected\n", shortID(id))
		}
	}
	return nil
}

// proposalIDs returns the whole ids of proposals that are named by ids or by
// their ends.
func proposalIDs(ctx context.Context, s *store.Store, g *global, names []string) ([]string, error) {
	list, err := s.EntryProposals(ctx, g.Workspace, engine.ProposalFilter{})
	if err != nil {
		return nil, err
	}
	var all, ids []string
	for i := range list {
		all = append(all, list[i].ID)
	}
	for _, name := range names {
		id, err := idByEnd(name, all, "proposal")
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
