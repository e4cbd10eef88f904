package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

// Throttle returns the throttle with a key.
func (r reads) Throttle(ctx context.Context, key string) (engine.Throttle, error) {
	const stmt = `SELECT failures, last_at, until FROM throttles WHERE key_hash = $1`
	list, err := collect(ctx, r.q, stmt, []any{key}, func(rows *sql.Rows) (t engine.Throttle, err error) {
		var last int64
		var until sql.NullInt64
		err = rows.Scan(&t.Failures, &last, &until)
		t.Key, t.LastAt = key, time.UnixMilli(last).UTC()
		if until.Valid {
			t.Until = time.UnixMilli(until.Int64).UTC()
		}
		return t, err
	})
	switch {
	case err != nil:
		return engine.Throttle{}, fmt.Errorf("read throttle: %w", err)
	case len(list) == 0:
		return engine.Throttle{Key: key}, nil
	}
	return list[0], nil
}

// PutThrottle stores a throttle, in a transaction of its own.
func (s *Store) PutThrottle(ctx context.Context, t engine.Throttle) error {
	return s.InTx(ctx, func(tx engine.Tx) error { return tx.PutThrottle(ctx, t) })
}

// PutThrottle stores a throttle, or removes one without failures.
func (w *writes) PutThrottle(ctx context.Context, t engine.Throttle) error {
	stmt, args := `DELETE FROM throttles WHERE key_hash = $1`, []any{t.Key}
	if t.Failures > 0 {
		stmt = `INSERT INTO throttles (key_hash, failures, last_at, until) VALUES ($1, $2, $3, $4)
			ON CONFLICT (key_hash) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until = excluded.until`
		args = append(args, t.Failures, t.LastAt.UnixMilli(), sql.NullInt64{Int64: t.Until.UnixMilli(), Valid: !t.Until.IsZero()})
	}
	if _, err := w.t.exec(ctx, stmt, args...); err != nil {
		return fmt.Errorf("put throttle: %w", err)
	}
	return nil
}

// ForgetThrottles removes old throttles, in a transaction of its own.
func (s *Store) ForgetThrottles(ctx context.Context, before time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.ForgetThrottles(ctx, before) })
}

// ForgetThrottles removes throttles whose last failure is before a time.
func (w *writes) ForgetThrottles(ctx context.Context, before time.Time) error {
	if _, err := w.t.exec(ctx, `DELETE FROM throttles WHERE last_at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("forget throttles: %w", err)
	}
	return nil
}

// AuditLockout writes what it says to the logs, in a transaction of its own.
func (s *Store) AuditLockout(ctx context.Context, user string, at time.Time) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.AuditLockout(ctx, user, at) })
}

// AuditLockout writes to the log of each workspace of a user that their account
// was slowed down.
func (w *writes) AuditLockout(ctx context.Context, user string, at time.Time) error {
	list, err := w.Memberships(ctx, user)
	if err != nil {
		return fmt.Errorf("audit lockout: %w", err)
	}
	object := fmt.Sprintf("lockout:%s:%d", user, at.UnixMilli())
	for _, m := range list {
		if err := w.audit(ctx, m.Workspace, object, "", engine.AuditHash(object)); err != nil {
			return fmt.Errorf("audit lockout: %w", err)
		}
	}
	return nil
}
