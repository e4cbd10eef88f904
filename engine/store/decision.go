package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

const decisionColumns = `id, questionnaire_id, place, revision, kind, note, made_by, bulk_id, created_at`

// AddDecision stores a decision, in a transaction of its own.
func (s *Store) AddDecision(ctx context.Context, workspace string, d engine.Decision) (engine.Decision, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.Decision, error) { return t.AddDecision(ctx, workspace, d) })
}

// AddDecision stores a decision.
func (w *writes) AddDecision(ctx context.Context, workspace string, d engine.Decision) (engine.Decision, error) {
	stored, err := w.addDecision(ctx, workspace, d)
	if err != nil {
		return engine.Decision{}, fmt.Errorf("add decision: %w", err)
	}
	return stored, nil
}

func (w *writes) addDecision(ctx context.Context, workspace string, d engine.Decision) (_ engine.Decision, err error) {
	if err := d.Validate(); err != nil {
		return d, err
	}
	if d.ID, err = newID(); err != nil {
		return d, err
	}
	d.At = stamp()
	if d.Bulk == engine.BulkNew {
		d.Bulk = d.ID
	}
	if _, err := w.current(ctx, workspace, d.Questionnaire, d.N); err != nil {
		return d, err
	}
	const stmt = `INSERT INTO decisions (workspace_id, ` + decisionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	if err := w.t.put(ctx, stmt, workspace, d.ID, d.Questionnaire, d.N, d.Revision, string(d.Kind), d.Note, d.By, d.Bulk, d.At.UnixMilli()); err != nil {
		return d, err
	}
	return d, w.audit(ctx, workspace, "decision:"+d.ID, "", engine.AuditHash(d))
}

// Decisions returns the decisions that pass f, oldest first.
func (r reads) Decisions(ctx context.Context, workspace string, f engine.DecisionFilter) ([]engine.Decision, error) {
	w := where{stmt: `SELECT ` + decisionColumns + ` FROM decisions WHERE workspace_id = $1`, args: []any{workspace}}
	w.and("questionnaire_id =", f.Questionnaire)
	for _, x := range []struct {
		column string
		value  int
	}{{"place", f.N}, {"revision", f.Revision}} {
		if x.value > 0 {
			w.in(x.column, []int{x.value})
		}
	}
	if f.Bulk != "" {
		w.and("bulk_id <> '' AND bulk_id =", f.Bulk)
	}
	w.page("id", 0)
	list, err := collect(ctx, r.q, w.stmt, w.args, scanDecision)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return list, nil
}

func scanDecision(rows *sql.Rows) (d engine.Decision, err error) {
	var at int64
	err = rows.Scan(&d.ID, &d.Questionnaire, &d.N, &d.Revision, (*string)(&d.Kind), &d.Note, &d.By, &d.Bulk, &at)
	d.At = time.UnixMilli(at).UTC()
	return d, err
}
