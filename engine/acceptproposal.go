package engine

import (
	"context"
	"fmt"
	"time"
)

// Acceptance is how a proposal is accepted.
type Acceptance struct {
	Proposal string // id
	Version  int    // of the entry as the person saw it; 0 is the version that the proposal was made against
	AsNew    bool   // as an entry of its own beside what there is, for a product of its own perhaps
	Note     string
	ReviewBy *time.Time // the day to review it by; nil is as long from today as it was from the last review
	Today    time.Time  // the zero value is today
}

// AcceptProposal makes the next version of an entry of what was proposed, or a
// new entry, and closes the proposal, in one transaction. The entry keeps its
// question, owner, marks and source, and counts as reviewed today; a text that
// was given to fewer readers makes it visible to as few. If it has changed
// since the person saw it, the error is an [*EntryConflictError] and nothing is
// changed.
//
// Other open proposals against the same entry, or new ones for the same
// question, are superseded: each is made anew against what the library says
// now, if it still says something else.
func AcceptProposal(ctx context.Context, store Store, workspace string, who Person, a Acceptance) (p EntryProposal, e Entry, err error) {
	if runeCount(a.Note) > maxProposalNote {
		return p, e, ErrProposalNote
	}
	ctx, by := actingAs(ctx, who)
	err = store.InTx(ctx, func(tx Tx) error {
		var current Entry
		if p, current, err = openProposal(ctx, tx, workspace, who, a.Proposal); err != nil {
			return err
		}
		if e, err = acceptedEntry(ctx, tx, workspace, who, &p, &current, &a); err != nil {
			return err
		}
		if e, err = tx.PutEntry(ctx, workspace, e); err != nil {
			return err
		}
		p.State, p.ResultID, p.ResultVersion = ProposalAccepted, e.ID, e.Version
		if p, err = decideProposal(ctx, tx, workspace, p, by, a.Note); err != nil {
			return err
		}
		return supersede(ctx, tx, workspace, &p, &e, by)
	})
	if err != nil {
		return EntryProposal{}, Entry{}, fmt.Errorf("accept proposal %s: %w", a.Proposal, err)
	}
	return p, e, nil
}

// RejectProposal closes a proposal; the library stays as it is.
func RejectProposal(ctx context.Context, store Store, workspace string, who Person, id, note string) (p EntryProposal, err error) {
	if runeCount(note) > maxProposalNote {
		return p, ErrProposalNote
	}
	ctx, by := actingAs(ctx, who)
	err = store.InTx(ctx, func(tx Tx) error {
		if p, _, err = openProposal(ctx, tx, workspace, who, id); err != nil {
			return err
		}
		p.State = ProposalRejected
		p, err = decideProposal(ctx, tx, workspace, p, by, note)
		return err
	})
	if err != nil {
		return EntryProposal{}, fmt.Errorf("reject proposal %s: %w", id, err)
	}
	return p, nil
}

// actingAs returns the context in which who acts, and the name under which that
// is kept: that of the actor of the context, if there is one.
func actingAs(ctx context.Context, who Person) (context.Context, string) {
	a, named := ctx.Value(actorKey{}).(Actor)
	if !named || a.Name == "" {
		a.Name = "user:" + who.ID
		ctx = WithActor(ctx, a)
	}
	return ctx, a.Name
}

// openProposal returns a proposal that a person may decide, and the entry that
// it is against, the zero value of a new one.
func openProposal(ctx context.Context, tx Tx, workspace string, who Person, id string) (p EntryProposal, current Entry, err error) {
	if p, err = tx.EntryProposal(ctx, workspace, id); err != nil {
		return p, current, err
	}
	if p.Kind != ProposalNew {
		list, err := tx.Entries(ctx, workspace, []string{p.Proposed.ID})
		if err != nil {
			return p, current, err
		}
		if len(list) == 0 {
			return p, current, ErrNotFound
		}
		current = list[0]
	}
	switch {
	case !mayDecideProposal(who, &current):
		return p, current, fmt.Errorf("%w (%s)", ErrForbidden, ActionProposalDecide)
	case p.State != ProposalOpen:
		return p, current, fmt.Errorf("%w: it is %s", ErrProposalDecided, p.State)
	}
	return p, current, nil
}

// mayDecideProposal reports whether a person may decide what an entry is to
// say: who decides proposals, and the entry's owner if they may write at all.
// An owner counts by the id of the user. Names do not: people choose their own.
func mayDecideProposal(who Person, e *Entry) bool {
	owns := who.ID != "" && (e.Owner == who.ID || e.Owner == "user:"+who.ID)
	return May(who.Role, ActionProposalDecide) || owns && May(who.Role, ActionAnswerEdit)
}

func decideProposal(ctx context.Context, tx Tx, workspace string, p EntryProposal, by, note string) (EntryProposal, error) {
	at := time.UnixMilli(time.Now().UnixMilli()).UTC()
	p.DecidedBy, p.DecidedAt, p.Note = by, &at, cleanBytes(note)
	return tx.DecideEntryProposal(ctx, workspace, p)
}

// acceptedEntry returns what is to be put into the library.
func acceptedEntry(ctx context.Context, tx Tx, workspace string, who Person, p *EntryProposal, current *Entry, a *Acceptance) (Entry, error) {
	today := a.Today
	if today.IsZero() {
		today = time.Now().UTC()
	}
	today = *cleanDay(&today)
	if p.Kind == ProposalNew || a.AsNew {
		return newEntry(ctx, tx, workspace, who, p, current, a, today)
	}
	seen := a.Version
	if seen == 0 {
		seen = p.Proposed.Version
	}
	if current.Version != seen {
		return Entry{}, conflictOf(ctx, tx, workspace, current, seen)
	}
	e := *current
	e.Verdict, e.Answer, e.Text = p.Proposed.Verdict, p.Proposed.Answer, p.Proposed.Text
	if p.Proposed.Ownership != "" {
		e.Ownership = p.Proposed.Ownership
	}
	if p.Proposed.Visibility.rank() > e.Visibility.rank() {
		e.Visibility = p.Proposed.Visibility // the new text was given to fewer
	}
	e.ReviewedAt, e.ReviewBy = &today, reviewNext(current, today, a.ReviewBy)
	return e, nil
}

// newEntry returns the entry that stands beside what there is.
func newEntry(ctx context.Context, tx Tx, workspace string, who Person, p *EntryProposal, current *Entry, a *Acceptance, today time.Time) (Entry, error) {
	e := p.Proposed
	e.ID, e.Version = "", 0
	same, err := tx.EntriesByKey(ctx, workspace, []string{e.Key()})
	if err != nil {
		return e, err
	}
	for i := range same {
		o := &same[i]
		if !a.AsNew && shareProduct(o, &e) && !otherLanguage(o, &e) {
			return e, &EntryConflictError{Current: *o}
		}
		if o.Source.File == e.Source.File && o.Source.Ref == e.Source.Ref {
			e.Source.Nth = max(e.Source.Nth, o.Source.Nth+1)
		}
	}
	for _, owner := range []string{current.Owner, who.ID} {
		if e.Owner == "" {
			e.Owner = owner
		}
	}
	if e.Visibility == VisibilityUnmarked {
		e.Visibility = current.Visibility
	}
	e.ReviewedAt, e.ReviewBy = &today, cleanDay(a.ReviewBy)
	return e, nil
}

// reviewNext returns the day by which an entry that is reviewed today must be
// reviewed again: the one that is asked for, or as long from today as it was.
func reviewNext(e *Entry, today time.Time, asked *time.Time) *time.Time {
	switch {
	case asked != nil:
		return cleanDay(asked)
	case e.ReviewBy == nil:
		return nil
	case e.ReviewedAt != nil:
		next := today.Add(e.ReviewBy.Sub(*e.ReviewedAt))
		return cleanDay(&next)
	case e.ReviewBy.Before(today):
		return nil
	}
	return e.ReviewBy
}

// conflictOf returns the error for somebody who saw one version of an entry
// where another one is there.
func conflictOf(ctx context.Context, tx Tx, workspace string, current *Entry, seen int) error {
	versions, err := tx.EntryVersions(ctx, workspace, current.ID)
	if err != nil {
		return err
	}
	if seen < 1 || seen > len(versions) {
		return fmt.Errorf("version %d of entry %s: %w", seen, current.ID, ErrNotFound)
	}
	return &EntryConflictError{Yours: versions[seen-1], Current: *current}
}

// supersede closes the open proposals that an accepted one overtakes, and makes
// each anew that the library still does not say.
func supersede(ctx context.Context, tx Tx, workspace string, accepted *EntryProposal, e *Entry, by string) error {
	against, err := tx.EntryProposals(ctx, workspace, ProposalFilter{State: ProposalOpen, Entry: e.ID})
	if err != nil {
		return err
	}
	if e.Version == 1 { // it answers what other new ones do
		added, err := tx.EntryProposals(ctx, workspace, ProposalFilter{State: ProposalOpen, Kind: ProposalNew})
		if err != nil {
			return err
		}
		for _, o := range added {
			if o.Proposed.Key() == e.Key() && shareProduct(&o.Proposed, e) {
				against = append(against, o)
			}
		}
	}
	for _, o := range against {
		o.State = ProposalSuperseded
		if o, err = decideProposal(ctx, tx, workspace, o, by, "proposal "+accepted.ID+" was accepted"); err != nil {
			return err
		}
		again := ApprovedAnswer{Entry: o.Proposed, Near: []string{e.ID}, Questionnaire: o.Questionnaire, Question: o.Question, By: o.By}
		if _, _, err := proposeEntry(ctx, tx, workspace, again); err != nil {
			return err
		}
	}
	return nil
}
