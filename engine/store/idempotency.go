package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

// KeptReply returns the reply to the caller's request with this key.
func (r reads) KeptReply(ctx context.Context, workspace, caller, key string) (engine.KeptReply, error) {
	const stmt = `SELECT caller, request_key, request_hash, status, header, body, kept_at FROM kept_replies
		WHERE workspace_id = $1 AND caller = $2 AND request_key = $3`
	list, err := collect(ctx, r.q, stmt, []any{workspace, caller, key}, scanKeptReply)
	if err != nil {
		return engine.KeptReply{}, fmt.Errorf("read kept reply: %w", err)
	}
	if len(list) == 0 {
		return engine.KeptReply{}, fmt.Errorf("read kept reply: %w", engine.ErrNotFound)
	}
	return list[0], nil
}

func scanKeptReply(rows *sql.Rows) (k engine.KeptReply, err error) {
	var at int64
	err = rows.Scan(&k.Caller, &k.Key, &k.Request, &k.Status, &k.Header, &k.Body, &at)
	k.At = time.UnixMilli(at).UTC()
	return k, err
}

// KeepReply keeps r, in a transaction of its own.
func (s *Store) KeepReply(ctx context.Context, workspace string, r engine.KeptReply) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.KeepReply(ctx, workspace, r) })
}

// KeepReply keeps r.
func (w *writes) KeepReply(ctx context.Context, workspace string, r engine.KeptReply) error {
	const stmt = `INSERT INTO kept_replies (workspace_id, caller, request_key, request_hash, status, header, body, kept_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, caller, request_key) DO NOTHING`
	n, err := w.t.exec(ctx, stmt, workspace, r.Caller, r.Key, r.Request, r.Status, r.Header, r.Body, now())
	if err == nil && n == 0 {
		err = engine.ErrExists
	}
	if err != nil {
		return fmt.Errorf("keep reply: %w", err)
	}
	return nil
}

// DropReplies drops the replies kept before a time, in a transaction of its
// own.
func (s *Store) DropReplies(ctx context.Context, workspace string, before time.Time) (n int, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		n, err = t.DropReplies(ctx, workspace, before)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// DropReplies drops the replies kept before a time.
func (w *writes) DropReplies(ctx context.Context, workspace string, before time.Time) (int, error) {
	n, err := w.t.exec(ctx, `DELETE FROM kept_replies WHERE workspace_id = $1 AND kept_at < $2`, workspace, before.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("drop kept replies: %w", err)
	}
	return int(n), nil
}
