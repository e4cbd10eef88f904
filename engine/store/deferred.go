package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// deferred is a statement that nobody waits for the result of. On a server each
// statement is a round trip, which takes longer than most statements do, and one
// member of a group has the connection at a time. So such statements are kept
// back and sent together, in their order, with the next one that somebody waits
// for: often the first query of the next member, else the end of the group. An
// error of one is that of the member it is of, whoever sent it.
type deferred struct {
	stmt string
	args []any
	rows int // how many rows args are, if stmt only says into what to insert them
}

const (
	// maxDeferred is how many statements are kept back at most.
	maxDeferred = 256

	// maxRows is how many rows one statement inserts at most. Each number of
	// rows is a statement to prepare.
	maxRows = 8
)

// convert makes the arguments those of the driver, so that nothing but the
// server can refuse them later.
func (d *deferred) convert() error {
	args := make([]any, len(d.args))
	for i, arg := range d.args {
		v, err := textValue(arg)
		if err != nil {
			return fmt.Errorf("argument %d of a statement: %w", i+1, err)
		}
		args[i] = v
	}
	d.args = args
	return nil
}

// text is the statement as the database knows it.
func (d *deferred) text() string {
	if d.rows == 0 {
		return d.stmt
	}
	var b strings.Builder
	b.WriteString(d.stmt)
	columns := len(d.args) / d.rows
	for i := range d.args {
		switch {
		case i == 0:
			b.WriteString(" VALUES ($")
		case i%columns == 0:
			b.WriteString("), ($")
		default:
			b.WriteString(", $")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// ahead is what is to be sent with the next query of a connection.
type ahead struct {
	list []deferred
	sent bool
}

// deferredError is the error of a statement that was kept back, where it was
// sent with others.
type deferredError struct{ error }

func (e *deferredError) Unwrap() error { return e.error }

// put runs a statement by which nothing is decided, at the latest when the group
// ends.
func (t *tx) put(ctx context.Context, stmt string, args ...any) error {
	return t.keepBack(ctx, deferred{stmt: stmt, args: args})
}

// putRow is put for a row to insert. Several become one statement, at the place
// of the first: what a row refers to must be stored before it is put, and not be
// put itself.
func (t *tx) putRow(ctx context.Context, into string, args ...any) error {
	row := deferred{stmt: into, args: args, rows: 1}
	if t.of == t && t.usable(ctx) == nil {
		for i := range t.kept {
			if d := &t.kept[i]; d.stmt == into && d.rows < maxRows {
				if err := row.convert(); err != nil {
					return t.failed(ctx, err)
				}
				d.args, d.rows = append(d.args, row.args...), d.rows+1
				return nil
			}
		}
	}
	return t.keepBack(ctx, row)
}

func (t *tx) keepBack(ctx context.Context, d deferred) error {
	if t.d.send == nil {
		_, err := t.exec(ctx, d.text(), d.args...)
		return err
	}
	if err := t.writable(ctx); err != nil {
		return err
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	if err := d.convert(); err != nil {
		return t.failed(ctx, err)
	}
	t.kept, t.of, t.marked = append(t.kept, d), t, false
	if len(t.kept) < maxDeferred {
		return nil
	}
	return t.flush(ctx)
}

// settle sends what the member before kept back. Whoever writes anything, or
// builds on the head of an audit log, does it first: what that member did may
// yet be undone.
func (t *tx) settle(ctx context.Context) error {
	if t.of == t || len(t.kept) == 0 {
		return nil
	}
	if lost := t.group.settle(ctx); lost != nil {
		return t.failed(ctx, lost)
	}
	return nil
}

// settle sends what a member kept back after its part had ended. Its error says
// that the group is lost.
func (g *group) settle(ctx context.Context) (lost error) {
	if len(g.kept) == 0 {
		return nil
	}
	of := g.of
	if _, err := g.send(context.WithoutCancel(ctx)); err != nil {
		return g.undo(ctx, of, err)
	}
	return nil
}

// flush sends what this member has kept back.
func (t *tx) flush(ctx context.Context) error {
	if err := t.settle(ctx); err != nil || len(t.kept) == 0 {
		return err
	}
	if _, err := t.send(context.WithoutCancel(ctx)); err != nil {
		return t.failed(ctx, err)
	}
	return nil
}

// takeKept returns what was kept back, and of whom; it is to be sent now.
func (g *group) takeKept() ([]deferred, *tx) {
	list, of := g.kept, g.of
	g.kept, g.of = nil, nil
	return list, of
}

// send sends what was kept back and then more, in one round trip if it can be,
// and returns how many rows the last one changed.
func (g *group) send(ctx context.Context, more ...deferred) (n int64, err error) {
	kept, _ := g.takeKept()
	list := append(kept, more...)
	if g.d.send != nil {
		return g.d.send(ctx, g.conn, list)
	}
	for _, d := range list { // no rows, which are only kept back
		result, err := g.sql.ExecContext(ctx, d.stmt, d.args...)
		if err == nil {
			n, err = result.RowsAffected()
		}
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// queryAfter runs a query after what was kept back, in one round trip. Where
// that is of the member before and fails, that member is undone, and the query
// run without it.
func (t *tx) queryAfter(ctx context.Context, query func() error) error {
	list, of := t.takeKept()
	if len(list) == 0 {
		return query()
	}
	before := &ahead{list: list}
	err := t.d.ahead(t.conn, before)
	if err == nil {
		err = query()
	}
	if !before.sent { // the query failed by itself; they are still to be sent
		t.kept, t.of = list, of
		return err
	}
	var late *deferredError
	if of == t || !errors.As(err, &late) {
		return err
	}
	if lost := t.undo(ctx, of, late); lost != nil {
		return lost
	}
	return query()
}

// undo undoes what a member did, whose statements failed after its part had
// ended. Its error says that the group is lost.
func (g *group) undo(ctx context.Context, of *tx, err error) (lost error) {
	of.late = explain(context.WithoutCancel(ctx), err)
	return g.remove(ctx, of)
}

// remove undoes what a member did. Its error says that the group is lost.
func (g *group) remove(ctx context.Context, t *tx) (lost error) {
	if t.before != nil {
		g.heads = t.before
	}
	clear(g.settings)
	if _, err := g.send(context.WithoutCancel(ctx), removeMember); err != nil {
		g.lost = fmt.Errorf("undo a part: %w", explain(ctx, err))
	}
	g.marked = g.lost == nil
	return g.lost
}
