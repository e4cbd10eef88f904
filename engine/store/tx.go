package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
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
	t        *tx
	delivery JobDelivery // nil if nobody is told of jobs
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

// tx is one write transaction: the part of one caller in a group. It ends with
// the first statement that fails: SQLite undoes the whole transaction after some
// errors and goes on without one, PostgreSQL refuses the rest, and this makes
// them alike.
//
// Statements are not interrupted: an interrupted write would undo, or cut off,
// the others of the group as well. A context that has ended stops the next one.
type tx struct {
	*group
	before  map[string]engine.AuditHead // what heads was before it changed them, nil if it did not
	failure error                       // of the first statement that failed
	late    error                       // of a statement that was sent after it; read after done
	queued  bool                        // a job was put into the queue in it, and the delivery told
	reading bool                        // it is a snapshot, in which nothing is written
	read    readHead                    // the answer that was read last
}

// begin begins a transaction of the database, and waits for other writers until
// waiting ends. The transaction itself does not end with ctx.
func begin(ctx, waiting context.Context, db *sql.DB, d *dialect) (*group, error) {
	conn, err := db.Conn(waiting)
	if err != nil {
		if waiting.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
			return nil, waitedOut(ctx, waiting)
		}
		return nil, explain(ctx, err)
	}
	for {
		t, err := conn.BeginTx(context.WithoutCancel(ctx), d.options)
		if err == nil {
			return locked(ctx, waiting, newGroup(conn, t, d))
		}
		if !isBusy(err) || waiting.Err() != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return nil, errors.Join(explain(ctx, err), conn.Close())
		}
	}
}

// locked returns g when it is the one that writes, with a savepoint for its
// first member. It waits for that as long as waiting lasts.
func locked(ctx, waiting context.Context, g *group) (*group, error) {
	_, err := g.send(waiting, append(slices.Clone(g.d.lock), markMember)...)
	if err == nil {
		g.marked = true
		return g, nil
	}
	g.rollback()
	if waiting.Err() != nil {
		return nil, waitedOut(ctx, waiting)
	}
	return nil, explain(ctx, err)
}

// waitedOut says why waiting, which ends with ctx or before it, has ended: ctx
// has, or the database is busy. Of two deadlines that are one the earlier timer
// tells nothing.
func waitedOut(ctx, waiting context.Context) error {
	if err := ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller says what it waited for
	}
	end, ends := ctx.Deadline()
	if until, _ := waiting.Deadline(); ends && !end.After(until) {
		return context.DeadlineExceeded
	}
	return engine.ErrBusy
}

// rollback undoes the transaction if it is still there. A connection that
// cannot is thrown away, and the transaction with it.
func (g *group) rollback() {
	if err := g.sql.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		_ = g.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = g.conn.Close()
}

func (t *tx) failed(ctx context.Context, err error) error {
	err = explain(ctx, err)
	t.marked = false // an error may need undoing, too
	if t.failure == nil {
		t.failure = err
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

// usable returns why no further statement is run, or nil.
func (t *tx) usable(ctx context.Context) error {
	if t.failure != nil {
		return fmt.Errorf("the transaction failed before: %w", t.failure)
	}
	if err := ctx.Err(); err != nil {
		return t.failed(ctx, err)
	}
	return nil
}

// writable returns why no statement that writes is run, or nil.
func (t *tx) writable(ctx context.Context) error {
	if t.reading {
		return t.failed(ctx, ErrSnapshot)
	}
	return t.usable(ctx)
}

func (t *tx) prepared(ctx context.Context, stmt string) (statement, error) {
	if err := t.usable(ctx); err != nil {
		return nil, err
	}
	if !t.d.prepares {
		return byDriver{t.sql, stmt}, nil
	}
	if s := t.stmts[stmt]; s != nil {
		return s, nil
	}
	s, err := t.sql.PrepareContext(context.WithoutCancel(ctx), stmt)
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
	var rows *sql.Rows
	err = t.queryAfter(ctx, func() (err error) {
		rows, err = s.QueryContext(context.WithoutCancel(ctx), args...) //nolint:rowserrcheck // the caller reads them
		return err
	})
	if err != nil {
		return nil, t.failed(ctx, err)
	}
	return rows, nil
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	if err := t.writable(ctx); err != nil {
		return 0, err
	}
	if err := t.settle(ctx); err != nil {
		return 0, err
	}
	t.marked = false
	if t.d.send != nil {
		d := deferred{stmt: stmt, args: args}
		if err := d.convert(); err != nil {
			return 0, t.failed(ctx, err)
		}
		n, err := t.send(context.WithoutCancel(ctx), d)
		if err != nil {
			return 0, t.failed(ctx, err)
		}
		return n, nil
	}
	s, err := t.prepared(ctx, stmt)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return 0, t.failed(ctx, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, t.failed(ctx, err)
	}
	return n, nil
}

// InTx runs fn in one transaction. See [engine.Store]. Transactions that wait
// for each other share a commit; see [group].
func (s *Store) InTx(ctx context.Context, fn func(engine.Tx) error) error {
	g, err := s.join(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	t := g.enter()
	alone := g.members == 1
	keep := false
	func() {
		defer func() { // also when fn panics
			if left := g.leave(ctx, t, keep); left != nil {
				keep, err = false, errors.Join(err, fmt.Errorf("end transaction: %w", left))
			}
			s.part(ctx, g)
		}()
		err = t.run(ctx, s.delivery, fn)
		keep = err == nil
	}()
	if !keep && alone {
		return err
	}
	// What fn saw of others before it, and answered by, has to be stored before
	// anybody hears of the answer.
	<-g.done
	if g.err != nil {
		return errors.Join(err, fmt.Errorf("end transaction: %w", g.err))
	}
	if err == nil && t.late != nil {
		return fmt.Errorf("end transaction: %w", t.late)
	}
	if err == nil && t.queued {
		s.delivery.Committed()
	}
	return err
}

// run runs fn, and says why what it did cannot be kept.
func (t *tx) run(ctx context.Context, d JobDelivery, fn func(engine.Tx) error) error {
	if err := fn(&writes{reads: reads{t, t.d}, t: t, delivery: d}); err != nil {
		return err
	}
	if t.failure != nil {
		return fmt.Errorf("end transaction: %w", t.failure)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	return nil
}

// join returns the group to write in, when it is the caller's turn.
func (s *Store) join(ctx context.Context) (*group, error) {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	g, err := s.turns.take(waiting)
	switch {
	case err != nil:
		return nil, waitedOut(ctx, waiting)
	case g != nil:
		return g, nil
	}
	if g, err = begin(ctx, waiting, s.write, s.d); err != nil {
		s.turns.pass(nil)
		return nil, err
	}
	return g, nil
}

// part hands a group on to who waits for it, or commits it and lets its members
// know. All of these have their replies to write then: the one that begins the
// next group, for whom all others wait, comes first.
func (s *Store) part(ctx context.Context, g *group) {
	if g.isOpen() && s.turns.pass(g) {
		return
	}
	defer close(g.done)
	g.end(ctx)
	s.turns.pass(nil)
	if s.counts != nil {
		s.counts.changed()
	}
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
