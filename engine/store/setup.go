package store

import (
	"context"
	"fmt"
	"time"

	"vouch/engine"
)

// SetUpEnds returns when a link for set-up ends.
func (r reads) SetUpEnds(ctx context.Context, hash string) (time.Time, error) {
	ms, err := one(collect(ctx, r.q, `SELECT ends_at FROM setups WHERE secret_hash = $1`, []any{hash}, scanInt))
	if err != nil {
		return time.Time{}, fmt.Errorf("read set-up link: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}

// AddSetUp stores a link for set-up, in a transaction of its own.
func (s *Store) AddSetUp(ctx context.Context, hash string, ends time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.AddSetUp(ctx, hash, ends) })
}

// AddSetUp stores a link for set-up.
func (w *writes) AddSetUp(ctx context.Context, hash string, ends time.Time) error {
	if _, err := w.t.exec(ctx, `INSERT INTO setups (secret_hash, ends_at) VALUES ($1, $2)`, hash, ends.UnixMilli()); err != nil {
		return fmt.Errorf("add set-up link: %w", err)
	}
	return nil
}

// EndSetUps ends links for set-up, in a transaction of its own.
func (s *Store) EndSetUps(ctx context.Context, before time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.EndSetUps(ctx, before) })
}

// EndSetUps ends the links for set-up that end before a time.
func (w *writes) EndSetUps(ctx context.Context, before time.Time) error {
	if _, err := w.t.exec(ctx, `DELETE FROM setups WHERE ends_at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("end set-up links: %w", err)
	}
	return nil
}
