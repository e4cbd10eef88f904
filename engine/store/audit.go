package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"vouch/engine"
)

const auditColumns = `seq, at, actor, origin, action, object, before_hash, after_hash, prev, hash`

// AuditEvents streams the events after a seq, oldest first.
func (r reads) AuditEvents(ctx context.Context, workspace string, after int64) iter.Seq2[engine.AuditEvent, error] {
	const stmt = `SELECT ` + auditColumns + ` FROM audit_events WHERE workspace_id = $1 AND seq > $2 ORDER BY seq`
	return named("list audit events", stream(ctx, r.q, stmt, []any{workspace, after}, scanAuditEvent))
}

// AuditPage returns at most limit events after a seq, oldest first.
func (r reads) AuditPage(ctx context.Context, workspace string, after int64, limit int) ([]engine.AuditEvent, error) {
	const stmt = `SELECT ` + auditColumns + ` FROM audit_events WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`
	list, err := collect(ctx, r.q, stmt, []any{workspace, after, limit}, scanAuditEvent)
	if err != nil {
		return nil, fmt.Errorf("list audit events: %w", err)
	}
	return list, nil
}

// AuditHead returns where the log ends now.
func (r reads) AuditHead(ctx context.Context, workspace string) (engine.AuditHead, error) {
	const stmt = `SELECT seq, hash FROM audit_events WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1`
	list, err := collect(ctx, r.q, stmt, []any{workspace}, func(rows *sql.Rows) (h engine.AuditHead, err error) {
		err = rows.Scan(&h.Count, &h.Hash)
		return h, err
	})
	if err != nil {
		return engine.AuditHead{}, fmt.Errorf("read the end of the audit log: %w", err)
	}
	if len(list) == 0 {
		return engine.AuditHead{}, nil
	}
	return list[0], nil
}

// audit writes the event of a change of the same transaction: what an object
// was before and is after, "" for nothing. A change that changes nothing is
// none. Transactions of one database write one after the other, so the newest
// event stays the newest until the end of this one.
func (w *writes) audit(ctx context.Context, workspace, object, before, after string) error {
	if before == after {
		return nil
	}
	head, err := w.auditHead(ctx, workspace)
	if err != nil {
		return err
	}
	who := engine.ActorOf(ctx)
	e := engine.AuditEvent{
		Seq: head.Count + 1, At: time.UnixMilli(now()).UTC(), Actor: who.Name, From: who.From,
		Action: auditAction(before, after), Object: object, Before: before, After: after, Prev: head.Hash,
	}
	e.Hash = e.Sum(workspace)
	const into = `INSERT INTO audit_events (workspace_id, ` + auditColumns + `)`
	if err := w.t.putRow(ctx, into, workspace, e.Seq, e.At.UnixMilli(), e.Actor, e.From, string(e.Action), e.Object, e.Before, e.After, e.Prev, e.Hash); err != nil {
		return fmt.Errorf("write audit event %d: %w", e.Seq, err)
	}
	w.t.setHead(w.t, workspace, engine.AuditHead{Count: e.Seq, Hash: e.Hash})
	return nil
}

func auditAction(before, after string) engine.AuditAction {
	switch {
	case before == "":
		return engine.AuditAdded
	case after == "":
		return engine.AuditRemoved
	}
	return engine.AuditChanged
}

// auditHead returns where the log ends, read once in a transaction.
func (w *writes) auditHead(ctx context.Context, workspace string) (engine.AuditHead, error) {
	if err := w.t.settle(ctx); err != nil {
		return engine.AuditHead{}, err
	}
	if h, ok := w.t.heads[workspace]; ok {
		return h, nil
	}
	return w.AuditHead(ctx, workspace)
}

func scanAuditEvent(rows *sql.Rows) (e engine.AuditEvent, err error) {
	var at int64
	err = rows.Scan(&e.Seq, &at, &e.Actor, &e.From, (*string)(&e.Action), &e.Object, &e.Before, &e.After, &e.Prev, &e.Hash)
	e.At = time.UnixMilli(at).UTC()
	return e, err
}

// auditBefore returns the hash of the thing with this id as it is now, "" if
// there is none.
func auditBefore[T any](ctx context.Context, workspace, id string, read func(context.Context, string, []string) ([]T, error)) (string, error) {
	if id == "" {
		return "", nil
	}
	list, err := read(ctx, workspace, []string{id})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return engine.AuditHash(&list[0]), nil
}
