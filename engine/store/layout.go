package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"vouch/engine"
)

// Layout returns the layout for files of this shape, or [engine.ErrNotFound].
func (r reads) Layout(ctx context.Context, workspace, shape string) (engine.Layout, error) {
	const stmt = `SELECT layout FROM layouts WHERE workspace_id = $1 AND shape = $2`
	list, err := collect(ctx, r.q, stmt, []any{workspace, shape}, scanLayout)
	if err == nil && len(list) == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return engine.Layout{}, fmt.Errorf("read layout %s: %w", shape, err)
	}
	return list[0], nil
}

// PutLayout stores l for its shape, in a transaction of its own.
func (s *Store) PutLayout(ctx context.Context, workspace string, l engine.Layout) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutLayout(ctx, workspace, l) })
}

// PutLayout stores l for its shape. There is no outbox row for it: nothing
// follows layouts.
func (w *writes) PutLayout(ctx context.Context, workspace string, l engine.Layout) error {
	shape := l.Shape
	const stmt = `INSERT INTO layouts (workspace_id, shape, layout, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id, shape) DO UPDATE SET layout = excluded.layout, updated_at = excluded.updated_at`
	text, err := toTextJSON(&l)
	if err != nil {
		return fmt.Errorf("put layout %s: %w", l.Shape, err)
	}
	before := ""
	switch old, err := w.Layout(ctx, workspace, shape); {
	case err == nil:
		before = engine.AuditHash(old)
	case !errors.Is(err, engine.ErrNotFound):
		return err
	}
	if _, err = w.t.exec(ctx, stmt, workspace, shape, text, now()); err == nil {
		err = w.audit(ctx, workspace, "layout:"+shape, before, engine.AuditHash(l))
	}
	if err != nil {
		return fmt.Errorf("put layout %s: %w", l.Shape, err)
	}
	return nil
}

func scanLayout(rows *sql.Rows) (l engine.Layout, err error) {
	var text string
	if err = rows.Scan(&text); err != nil {
		return l, err
	}
	err = json.Unmarshal([]byte(text), &l)
	return l, err
}
