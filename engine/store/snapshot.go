package store

import (
	"context"
	"fmt"

	"vouch/engine"
)

// InSnapshot runs fn over one state of the database. See [engine.Store]. It has
// a connection of the readers to itself: writers go on, and what they store is
// not seen. While it lasts SQLite cannot shorten its log, and PostgreSQL keeps
// what was deleted.
func (s *Store) InSnapshot(ctx context.Context, fn func(engine.Tx) error) error {
	conn, err := s.pool.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin snapshot: %w", explain(ctx, err))
	}
	t, err := conn.BeginTx(context.WithoutCancel(ctx), s.d.snapshot)
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("begin snapshot: %w", explain(ctx, err))
	}
	g := newGroup(conn, t, s.d)
	defer g.rollback()
	x := &tx{group: g, reading: true}
	// Both databases take the state when the first statement runs.
	if _, err := collect(ctx, x, `SELECT count(*) FROM workspaces WHERE id = ''`, nil, scanInt); err != nil {
		return fmt.Errorf("begin snapshot: %w", err)
	}
	return x.run(ctx, nil, fn)
}
