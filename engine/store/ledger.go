package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const commitmentColumns = `id, customer, sent_at, questionnaire, ref, question, verdict, answer, explanation, controls`

// AddCommitments adds commitments, in a transaction of its own.
func (s *Store) AddCommitments(ctx context.Context, workspace string, list []engine.Commitment) (added int, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		added, err = t.AddCommitments(ctx, workspace, list)
		return err
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// AddCommitments adds commitments that are not there yet.
func (w *writes) AddCommitments(ctx context.Context, workspace string, list []engine.Commitment) (added int, err error) {
	for i := range list {
		n, err := w.addCommitment(ctx, workspace, &list[i])
		if err != nil {
			return 0, fmt.Errorf("add commitment %d of %d: %w", i+1, len(list), err)
		}
		added += n
	}
	return added, nil
}

func (w *writes) addCommitment(ctx context.Context, workspace string, c *engine.Commitment) (int, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return 0, fmt.Errorf("make id: %w", err)
	}
	stored := *c
	controls, err := toListJSON(&stored.Controls)
	if err != nil {
		return 0, err
	}
	said, err := json.Marshal([]any{
		strings.ToLower(c.Customer), c.SentAt.UTC().Format(time.DateOnly), c.Questionnaire, c.Ref, engine.FoldWords(c.Question), c.Verdict, c.Answer, c.Text,
	})
	if err != nil {
		return 0, err
	}
	const stmt = `INSERT INTO commitments (workspace_id, ` + commitmentColumns + `, said_hash, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (workspace_id, said_hash) DO NOTHING`
	n, err := w.t.exec(ctx, stmt, workspace, id.String(), c.Customer, c.SentAt.UnixMilli(), c.Questionnaire, c.Ref, c.Question, string(c.Verdict),
		c.Answer, c.Text, controls, hash(string(said)), now())
	if err != nil || n == 0 {
		return 0, err
	}
	stored.ID, stored.SentAt = id.String(), time.UnixMilli(c.SentAt.UnixMilli()).UTC()
	return 1, w.audit(ctx, workspace, "commitment:"+stored.ID, "", engine.AuditHash(stored))
}

// Commitments returns the commitments that pass f, newest first.
func (r reads) Commitments(ctx context.Context, workspace string, f engine.CommitmentFilter) ([]engine.Commitment, error) {
	const stmt = `SELECT ` + commitmentColumns + ` FROM commitments WHERE workspace_id = $1 ORDER BY sent_at DESC, id`
	list, err := collect(ctx, r.q, stmt, []any{workspace}, scanCommitment)
	if err != nil {
		return nil, fmt.Errorf("list commitments: %w", err)
	}
	return engine.FilterCommitments(list, f), nil
}

func scanCommitment(rows *sql.Rows) (c engine.Commitment, err error) {
	var sent int64
	var controls string
	if err = rows.Scan(&c.ID, &c.Customer, &sent, &c.Questionnaire, &c.Ref, &c.Question, &c.Verdict, &c.Answer, &c.Text, &controls); err != nil {
		return c, err
	}
	c.SentAt = time.UnixMilli(sent).UTC()
	c.Controls, err = fromJSON(controls)
	return c, err
}

// PutAskings replaces the askings of one questionnaire, in a transaction of
// its own.
func (s *Store) PutAskings(ctx context.Context, workspace, customer, questionnaire string, list []engine.Asking) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutAskings(ctx, workspace, customer, questionnaire, list) })
}

// PutAskings replaces the askings of one questionnaire.
func (w *writes) PutAskings(ctx context.Context, workspace, customer, questionnaire string, list []engine.Asking) error {
	if err := w.putAskings(ctx, workspace, customer, questionnaire, list); err != nil {
		return fmt.Errorf("put askings: %w", err)
	}
	return nil
}

func (w *writes) putAskings(ctx context.Context, workspace, customer, questionnaire string, list []engine.Asking) error {
	const gone = `DELETE FROM askings WHERE workspace_id = $1 AND customer = $2 AND questionnaire = $3`
	if _, err := w.t.exec(ctx, gone, workspace, customer, questionnaire); err != nil {
		return err
	}
	const stmt = `INSERT INTO askings (workspace_id, customer, questionnaire, nth, asked_at, question, reason, criteria)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	for i, a := range list {
		criteria, err := toJSON(a.Criteria)
		if err != nil {
			return err
		}
		if _, err := w.t.exec(ctx, stmt, workspace, customer, questionnaire, i, a.AskedAt.UnixMilli(), a.Question, string(a.Reason), criteria); err != nil {
			return err
		}
	}
	return nil
}

// Askings returns what was asked since a time, oldest first.
func (r reads) Askings(ctx context.Context, workspace string, since time.Time) ([]engine.Asking, error) {
	const stmt = `SELECT customer, questionnaire, asked_at, question, reason, criteria FROM askings
		WHERE workspace_id = $1 AND asked_at >= $2 ORDER BY asked_at, customer, questionnaire, nth`
	list, err := collect(ctx, r.q, stmt, []any{workspace, since.UnixMilli()}, scanAsking)
	if err != nil {
		return nil, fmt.Errorf("list askings: %w", err)
	}
	return list, nil
}

func scanAsking(rows *sql.Rows) (a engine.Asking, err error) {
	var asked int64
	var criteria string
	if err = rows.Scan(&a.Customer, &a.Questionnaire, &asked, &a.Question, &a.Reason, &criteria); err != nil {
		return a, err
	}
	a.AskedAt = time.UnixMilli(asked).UTC()
	a.Criteria, err = fromJSON(criteria)
	return a, err
}
