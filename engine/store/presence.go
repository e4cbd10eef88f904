package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

// presenceDropped is how old what is dropped is: far more than anybody asks
// for.
const presenceDropped = time.Hour

// PutPresence stores where a user looks, in a transaction of its own.
func (s *Store) PutPresence(ctx context.Context, workspace string, p engine.Presence) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutPresence(ctx, workspace, p) })
}

// PutPresence stores where a user looks, and drops what is long over.
func (w *writes) PutPresence(ctx context.Context, workspace string, p engine.Presence) error {
	if err := w.putPresence(ctx, workspace, p); err != nil {
		return fmt.Errorf("put presence: %w", err)
	}
	return nil
}

func (w *writes) putPresence(ctx context.Context, workspace string, p engine.Presence) error {
	old := `DELETE FROM presence WHERE workspace_id = $1 AND seen_at < ` + w.d.clock + ` - $2`
	if _, err := w.t.exec(ctx, old, workspace, presenceDropped.Milliseconds()); err != nil {
		return err
	}
	if p.N == 0 {
		_, err := w.t.exec(ctx, `DELETE FROM presence WHERE workspace_id = $1 AND questionnaire_id = $2 AND user_id = $3`, workspace, p.Questionnaire, p.User)
		return err
	}
	stmt := `INSERT INTO presence (workspace_id, questionnaire_id, user_id, place, seen_at)
		SELECT q.workspace_id, q.id, $3, CAST($4 AS BIGINT), ` + w.d.clock + ` FROM questionnaires q WHERE q.workspace_id = $1 AND q.id = $2
		ON CONFLICT (workspace_id, questionnaire_id, user_id) DO UPDATE SET place = excluded.place, seen_at = excluded.seen_at`
	n, err := w.t.exec(ctx, stmt, workspace, p.Questionnaire, p.User, p.N)
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	return err
}

// Presences returns who looks at what, and said so within a time.
func (r reads) Presences(ctx context.Context, workspace, questionnaire string, within time.Duration) ([]engine.Presence, error) {
	stmt := `SELECT questionnaire_id, place, user_id, seen_at FROM presence WHERE workspace_id = $1 AND seen_at > ` + r.d.clock + ` - $2`
	args := []any{workspace, within.Milliseconds()}
	if questionnaire != "" {
		stmt, args = stmt+` AND questionnaire_id = $3`, append(args, questionnaire)
	}
	list, err := collect(ctx, r.q, stmt+` ORDER BY questionnaire_id, place, user_id`, args, func(rows *sql.Rows) (p engine.Presence, err error) {
		var at int64
		err = rows.Scan(&p.Questionnaire, &p.N, &p.User, &at)
		p.SeenAt = time.UnixMilli(at).UTC()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list who looks at what: %w", err)
	}
	return list, nil
}
