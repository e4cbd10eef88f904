package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const proposalColumns = `id, kind, entry_id, entry_version, proposed, questionnaire, question, proposed_by, proposed_at,
	state, decided_by, decided_at, note, result_id, result_version`

const selectProposals = `SELECT ` + proposalColumns + ` FROM entry_proposals WHERE workspace_id = $1`

// AddEntryProposal stores an open proposal, in a transaction of its own.
func (s *Store) AddEntryProposal(ctx context.Context, workspace string, p engine.EntryProposal) (stored engine.EntryProposal, added bool, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, added, err = t.AddEntryProposal(ctx, workspace, p)
		return err
	})
	if err != nil {
		return engine.EntryProposal{}, false, err
	}
	return stored, added, nil
}

// AddEntryProposal stores an open proposal, unless the same is there.
func (w *writes) AddEntryProposal(ctx context.Context, workspace string, p engine.EntryProposal) (engine.EntryProposal, bool, error) {
	stored, added, err := w.addProposal(ctx, workspace, p)
	if err != nil {
		return engine.EntryProposal{}, false, fmt.Errorf("add proposal: %w", err)
	}
	return stored, added, nil
}

func (w *writes) addProposal(ctx context.Context, workspace string, p engine.EntryProposal) (engine.EntryProposal, bool, error) {
	if err := p.Validate(); err != nil {
		return p, false, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return p, false, fmt.Errorf("make id: %w", err)
	}
	at := now()
	open := engine.EntryProposal{
		ID: id.String(), Kind: p.Kind, Proposed: p.Proposed, Questionnaire: p.Questionnaire, Question: p.Question, By: p.By,
		At: time.UnixMilli(at).UTC(), State: engine.ProposalOpen,
	}
	proposed, err := json.Marshal(open.Proposed)
	if err != nil {
		return p, false, err
	}
	open.Proposed = engine.Entry{} // as it will be read: JSON has no bytes that are no text
	if err := json.Unmarshal(proposed, &open.Proposed); err != nil {
		return p, false, err
	}
	said, err := saidHash(&open)
	if err != nil {
		return p, false, err
	}
	const stmt = `INSERT INTO entry_proposals (workspace_id, ` + proposalColumns + `, said_hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', '', NULL, '', '', 0, $11) ON CONFLICT (workspace_id, said_hash) DO NOTHING`
	e := &open.Proposed
	n, err := w.t.exec(ctx, stmt, workspace, open.ID, string(open.Kind), e.ID, e.Version, string(proposed), open.Questionnaire, open.Question, open.By, at, said)
	if err != nil {
		return p, false, err
	}
	if n == 0 {
		list, err := collect(ctx, w.q, selectProposals+` AND said_hash = $2`, []any{workspace, said}, scanProposal)
		if err != nil {
			return p, false, err
		}
		return list[0], false, nil // the one that was in the way
	}
	return open, true, w.audit(ctx, workspace, open.AuditObject(), "", engine.AuditHash(&open))
}

// saidHash tells proposals of the same apart from others, whoever made them,
// from which questionnaire and with which blanks.
func saidHash(p *engine.EntryProposal) (string, error) {
	e := &p.Proposed
	said, err := json.Marshal([]any{e.ID, e.Version, e.Key(), e.Verdict, engine.CleanText(e.Answer), engine.CleanText(e.Text), e.Ownership, e.Visibility, e.Products, e.Language})
	return hash(string(said)), err
}

// EntryProposal returns a proposal.
func (r reads) EntryProposal(ctx context.Context, workspace, id string) (engine.EntryProposal, error) {
	list, err := collect(ctx, r.q, selectProposals+` AND id = $2`, []any{workspace, id}, scanProposal)
	if err == nil && len(list) == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return engine.EntryProposal{}, fmt.Errorf("read proposal %s: %w", id, err)
	}
	return list[0], nil
}

// EntryProposals returns the proposals that pass f, oldest first.
func (r reads) EntryProposals(ctx context.Context, workspace string, f engine.ProposalFilter) ([]engine.EntryProposal, error) {
	w := where{stmt: selectProposals, args: []any{workspace}}
	w.and("state =", string(f.State))
	w.and("kind =", string(f.Kind))
	w.and("entry_id =", f.Entry)
	w.and("questionnaire =", f.Questionnaire)
	w.and("id >", f.After)
	w.page("id", f.Limit)
	list, err := collect(ctx, r.q, w.stmt, w.args, scanProposal)
	if err != nil {
		return nil, fmt.Errorf("list proposals: %w", err)
	}
	return list, nil
}

// DecideEntryProposal closes a proposal, in a transaction of its own.
func (s *Store) DecideEntryProposal(ctx context.Context, workspace string, p engine.EntryProposal) (stored engine.EntryProposal, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.DecideEntryProposal(ctx, workspace, p)
		return err
	})
	if err != nil {
		return engine.EntryProposal{}, err
	}
	return stored, nil
}

// DecideEntryProposal closes a proposal.
func (w *writes) DecideEntryProposal(ctx context.Context, workspace string, p engine.EntryProposal) (engine.EntryProposal, error) {
	stored, err := w.decideProposal(ctx, workspace, &p)
	if err != nil {
		return engine.EntryProposal{}, fmt.Errorf("decide proposal %s: %w", p.ID, err)
	}
	return stored, nil
}

func (w *writes) decideProposal(ctx context.Context, workspace string, p *engine.EntryProposal) (engine.EntryProposal, error) {
	if err := p.ValidateDecision(); err != nil {
		return *p, err
	}
	old, err := w.EntryProposal(ctx, workspace, p.ID)
	switch {
	case err != nil:
		return old, err
	case old.State != engine.ProposalOpen:
		return old, engine.ErrProposalDecided
	}
	decided := old
	decided.State, decided.DecidedBy, decided.Note, decided.ResultID, decided.ResultVersion = p.State, p.DecidedBy, p.Note, p.ResultID, p.ResultVersion
	at := toMillis(p.DecidedAt)
	decided.DecidedAt = fromMillis(at)
	const stmt = `UPDATE entry_proposals SET state = $3, decided_by = $4, decided_at = $5, note = $6, result_id = $7, result_version = $8
		WHERE workspace_id = $1 AND id = $2`
	_, err = w.t.exec(ctx, stmt, workspace, decided.ID, string(decided.State), decided.DecidedBy, at, decided.Note, decided.ResultID, decided.ResultVersion)
	if err != nil {
		return old, err
	}
	return decided, w.audit(ctx, workspace, decided.AuditObject(), engine.AuditHash(&old), engine.AuditHash(&decided))
}

func scanProposal(rows *sql.Rows) (p engine.EntryProposal, err error) {
	var entryID, proposed string
	var entryVersion int
	var at int64
	var decided sql.NullInt64
	err = rows.Scan(&p.ID, (*string)(&p.Kind), &entryID, &entryVersion, &proposed, &p.Questionnaire, &p.Question, &p.By, &at,
		(*string)(&p.State), &p.DecidedBy, &decided, &p.Note, &p.ResultID, &p.ResultVersion)
	if err != nil {
		return p, err
	}
	p.At, p.DecidedAt = time.UnixMilli(at).UTC(), fromMillis(decided)
	if err := json.Unmarshal([]byte(proposed), &p.Proposed); err != nil {
		return p, fmt.Errorf("read proposal %s: %w", p.ID, err)
	}
	p.Proposed.ID, p.Proposed.Version = entryID, entryVersion
	return p, nil
}
