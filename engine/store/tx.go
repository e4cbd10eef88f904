package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"vouch/engine"
)

// querier runs statements, each prepared once, here or by the driver: over the
// reading connections, or in a transaction.
type querier interface {
	query(ctx context.Context, stmt string, args ...any) (*sql.Rows, error)

	// failed returns a driver's error explained. A transaction remembers it.
	failed(ctx context.Context, err error) error
}

// reads are the methods that read, over any querier.
type reads struct {
	q querier
	d *dialect
}

// writes are the methods that write, in a transaction.
type writes struct {
	reads
	t *tx
}

var _ engine.Tx = (*writes)(nil)

// pool runs statements over the reading connections.
type pool struct {
	db    *sql.DB
	mu    sync.Mutex
	stmts map[string]*sql.Stmt // nil if the driver prepares them
}

func (p *pool) query(ctx context.Context, stmt string, args ...any) (*sql.Rows, error) {
	if p.stmts == nil {
		rows, err := p.db.QueryContext(ctx, stmt, args...)
		if err != nil {
			return nil, p.failed(ctx, err)
		}
		return rows, nil
	}
	s, err := p.prepared(ctx, stmt)
	if err != nil {
		return nil, p.failed(ctx, err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, p.failed(ctx, err)
	}
	return rows, nil
}

func (p *pool) prepared(ctx context.Context, stmt string) (*sql.Stmt, error) {
	p.mu.Lock()
	s := p.stmts[stmt]
	p.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := p.db.PrepareContext(ctx, stmt)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.stmts[stmt]; other != nil { // someone was faster
		_ = s.Close()
		return other, nil
	}
	p.stmts[stmt] = s
	return s, nil
}

func (p *pool) failed(ctx context.Context, err error) error { return explain(ctx, err) }

func (p *pool) close() error { return p.db.Close() }

// tx is one write transaction. It ends with the first statement that fails:
// SQLite undoes the whole transaction after some errors and goes on without
// one, PostgreSQL refuses the rest, and this makes them alike.
type tx struct {
	conn  *sql.Conn
	sql   *sql.Tx
	d     *dialect
	stmts map[string]*sql.Stmt
	heads map[string]engine.AuditHead // of the audit logs written in it, by workspace
	read  readHead
	err   error
}

// begin begins a transaction, and waits for other writers at most so long. The
// transaction itself does not end with ctx: the statements do, and a commit
// is never cut short.
func begin(ctx context.Context, db *sql.DB, d *dialect, wait time.Duration) (*tx, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := db.Conn(waiting)
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = engine.ErrBusy
		}
		return nil, explain(ctx, err)
	}
	for {
		t, err := conn.BeginTx(context.WithoutCancel(ctx), d.options)
		if err == nil {
			return locked(ctx, waiting, &tx{conn: conn, sql: t, d: d, stmts: map[string]*sql.Stmt{}, heads: map[string]engine.AuditHead{}})
		}
		if !isBusy(err) || waiting.Err() != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return nil, errors.Join(explain(ctx, err), conn.Close())
		}
	}
}

// locked returns t when it is the one that writes. It waits for that as long as
// waiting lasts.
func locked(ctx, waiting context.Context, t *tx) (*tx, error) {
	err := t.d.lock(waiting, t.sql)
	if err == nil {
		return t, nil
	}
	t.rollback()
	if ctx.Err() == nil && waiting.Err() != nil {
		return nil, engine.ErrBusy
	}
	return nil, explain(ctx, err)
}

// rollback undoes the transaction if it is still there. A connection that
// cannot is thrown away, and the transaction with it.
func (t *tx) rollback() {
	if err := t.sql.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = t.conn.Close()
}

func (t *tx) failed(ctx context.Context, err error) error {
	err = explain(ctx, err)
	if t.err == nil {
		t.err = err
	}
	return err
}

// statement is an *sql.Stmt, or what stands for one that the driver prepares.
type statement interface {
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}

// byDriver is a statement that the driver prepares.
type byDriver struct {
	tx   *sql.Tx
	stmt string
}

func (s byDriver) QueryContext(ctx context.Context, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, s.stmt, args...)
}

func (s byDriver) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(ctx, s.stmt, args...)
}

func (t *tx) prepared(ctx context.Context, stmt string) (statement, error) {
	if t.err != nil {
		return nil, fmt.Errorf("the transaction failed before: %w", t.err)
	}
	if !t.d.prepares {
		return byDriver{t.sql, stmt}, nil
	}
	if s := t.stmts[stmt]; s != nil {
		return s, nil
	}
	s, err := t.sql.PrepareContext(ctx, stmt)
	if err != nil {
		return nil, t.failed(ctx, err)
	}
	t.stmts[stmt] = s
	return s, nil
}

func (t *tx) query(ctx context.Context, stmt string, args ...any) (*sql.Rows, error) {
	s, err := t.prepared(ctx, stmt)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, t.failed(ctx, err)
	}
	return rows, nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	s, err := t.prepared(ctx, stmt)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, t.failed(ctx, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, t.failed(ctx, err)
	}
	return n, nil
}

// InTx runs fn in one transaction. See [engine.Store].
func (s *Store) InTx(ctx context.Context, fn func(engine.Tx) error) error {
	t, err := begin(ctx, s.write, s.d, s.wait)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer t.rollback() // also when fn panics; after the commit it does nothing
	if err := fn(&writes{reads: reads{t, s.d}, t: t}); err != nil {
		return err
	}
	if t.err != nil {
		return fmt.Errorf("end transaction: %w", t.err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	if err := t.sql.Commit(); err != nil {
		return fmt.Errorf("end transaction: %w", explain(ctx, err))
	}
	return nil
}

// now is the time as the tables hold it.
func now() int64 { return time.Now().UnixMilli() }

// inOwn runs fn in a transaction of its own, and returns what it returns.
func inOwn[T any](ctx context.Context, s *Store, fn func(engine.Tx) (T, error)) (T, error) {
	var v, zero T
	err := s.InTx(ctx, func(t engine.Tx) (err error) {
		v, err = fn(t)
		return err
	})
	if err != nil {
		return zero, err
	}
	return v, nil
}
