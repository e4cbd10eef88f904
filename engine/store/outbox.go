package store

import (
	"context"
	"database/sql"
	"fmt"

	"vouch/engine"
)

// changesLimit is how many changes are read when the caller does not say.
const changesLimit = 1000

// Changes returns the changes after seq, oldest first, of all workspaces. It
// is for the index worker, which keeps one watermark for the whole database.
func (r reads) Changes(ctx context.Context, after int64, limit int) ([]engine.Change, error) {
	if limit <= 0 {
		limit = changesLimit
	}
	const stmt = `SELECT seq, workspace_id, kind, passage_id, deleted FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2`
	list, err := collect(ctx, r.q, stmt, []any{after, limit}, scanChange)
	if err != nil {
		return nil, fmt.Errorf("read changes after %d: %w", after, err)
	}
	return list, nil
}

// LastChange returns the seq of the newest change, 0 if there is none.
func (r reads) LastChange(ctx context.Context) (int64, error) {
	list, err := collect(ctx, r.q, `SELECT coalesce(max(seq), 0) FROM outbox`, nil, scanInt)
	if err != nil {
		return 0, fmt.Errorf("read last change: %w", err)
	}
	return list[0], nil
}

// changed writes the outbox row for a change made in the same transaction.
func (w *writes) changed(ctx context.Context, workspace string, kind engine.PassageKind, id string) error {
	const stmt = `INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at) VALUES ($1, $2, $3, 0, $4)`
	return w.t.put(ctx, stmt, workspace, string(kind), id, now())
}

func scanChange(rows *sql.Rows) (c engine.Change, err error) {
	err = rows.Scan(&c.Seq, &c.Workspace, (*string)(&c.Kind), &c.ID, &c.Deleted)
	return c, err
}
