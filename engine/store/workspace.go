package store

import (
	"context"
	"fmt"

	"vouch/engine"
)

// EnsureWorkspace makes the workspace if there is none with this id.
func (s *Store) EnsureWorkspace(ctx context.Context, workspace string) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.EnsureWorkspace(ctx, workspace) })
}

// EnsureWorkspace makes the workspace if there is none with this id.
func (w *writes) EnsureWorkspace(ctx context.Context, workspace string) error {
	const stmt = `INSERT INTO workspaces (id, created_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`
	if _, err := w.t.exec(ctx, stmt, workspace, now()); err != nil {
		return fmt.Errorf("make workspace %q: %w", workspace, err)
	}
	return nil
}

// Workspaces returns the ids of all workspaces, ordered. It is for what runs
// over the whole database; no user of a workspace reaches it.
func (s *Store) Workspaces(ctx context.Context) ([]string, error) {
	list, err := collect(ctx, s.q, `SELECT id FROM workspaces ORDER BY id`, nil, scanText)
	if err != nil {
		return nil, fmt.Errorf("list workspaces: %w", err)
	}
	return list, nil
}
