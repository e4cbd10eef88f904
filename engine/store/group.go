package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"vouch/engine"
)

const (
	// groupSize is how many transactions are committed together at most. More
	// gain little: the flush of the disk that they share is then a small part
	// of what each costs.
	groupSize = 64

	// groupTime is how long a group takes others in. Whoever is done waits for
	// the rest of the group, so this and the longest of its transactions bound
	// what sharing can cost.
	groupTime = 10 * time.Millisecond
)

// group is one transaction of the database that several callers share: each
// has a savepoint of its own in it, one after the other, and one commit stores
// them all. Nobody is told that something is stored before that commit.
//
// A flush to the disk takes milliseconds and a change microseconds, so the
// changes of those who wait for a flush are stored by the next one together.
type group struct {
	conn  *sql.Conn
	sql   *sql.Tx
	d     *dialect
	stmts map[string]*sql.Stmt
	heads map[string]engine.AuditHead // of the audit logs written in it, by workspace

	// The settings that were read in it. They are forgotten when a member is
	// undone, who may have changed them.
	settings map[string]engine.Settings

	kept    []deferred // to be sent
	of      *tx        // whose they are
	marked  bool       // there is a savepoint, and nothing was done after it
	began   time.Time
	members int
	lost    error         // the database undid the whole; nothing of it can be stored
	done    chan struct{} // closed after the commit
	err     error         // of the commit; read after done
}

func newGroup(conn *sql.Conn, t *sql.Tx, d *dialect) *group {
	return &group{
		conn: conn, sql: t, d: d, stmts: map[string]*sql.Stmt{}, heads: map[string]engine.AuditHead{}, settings: map[string]engine.Settings{},
		began: time.Now(), done: make(chan struct{}),
	}
}

// turns hands the right to write from one caller to the next, in the order
// they came. It is never idle while somebody waits.
type turns struct {
	mu    sync.Mutex
	held  bool
	queue []chan *group // of those who wait; each is sent one group, nil to begin one
}

// take waits for the turn until ctx ends. The group is the one to join, nil if
// there is none.
func (t *turns) take(ctx context.Context) (*group, error) {
	t.mu.Lock()
	if !t.held {
		t.held = true
		t.mu.Unlock()
		return nil, nil //nolint:nilnil // the turn is had, a group is not
	}
	turn := make(chan *group, 1)
	t.queue = append(t.queue, turn)
	t.mu.Unlock()
	select {
	case g := <-turn:
		return g, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	if i := slices.Index(t.queue, turn); i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
		t.mu.Unlock()
		return nil, ctx.Err() //nolint:wrapcheck // the caller says what it waited for
	}
	t.mu.Unlock()
	return <-turn, nil // it came at the same moment
}

// pass gives the turn, and the group if it is not nil, to the next who waits,
// and reports whether there was one. Without one, the turn is free only if
// there is no group: that has to be committed first.
func (t *turns) pass(g *group) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		t.held = g != nil
		return false
	}
	next := t.queue[0]
	t.queue = t.queue[1:]
	next <- g
	return true
}

// isOpen says that another may join.
func (g *group) isOpen() bool {
	return g.lost == nil && g.members < groupSize && time.Since(g.began) < groupTime
}

// The statements that divide a group. The savepoint of a member is set when the
// part before it ends, in the same round trip; the last one goes with the commit.
var (
	markMember   = deferred{stmt: "SAVEPOINT member"}
	keepMember   = deferred{stmt: "RELEASE SAVEPOINT member"}
	removeMember = deferred{stmt: "ROLLBACK TO SAVEPOINT member"}
)

// enter begins the part of one member.
func (g *group) enter() *tx {
	g.members++
	return &tx{group: g}
}

// setHead says where an audit log ends now that a member has written in it.
func (g *group) setHead(t *tx, workspace string, h engine.AuditHead) {
	if t.before == nil {
		t.before = maps.Clone(g.heads)
	}
	g.heads[workspace] = h
}

// leave ends the part of one member: what it did stays in the group or is
// undone. The error says why it could not be kept. A group in which it cannot
// be undone either is lost.
func (g *group) leave(ctx context.Context, t *tx, keep bool) (err error) {
	if g.marked { // it only read
		return nil
	}
	if keep && g.d.send != nil {
		g.kept, g.of, g.marked = append(g.kept, keepMember, markMember), t, true
		return nil
	}
	if keep {
		if _, err = g.send(context.WithoutCancel(ctx), keepMember, markMember); err == nil {
			g.marked = true
			return nil
		}
		err = explain(ctx, err)
	}
	if g.of == t {
		g.takeKept()
	}
	if lost := g.settle(ctx); lost != nil {
		return lost
	}
	return cmp.Or(g.remove(ctx, t), err)
}

// end commits the group, or undoes what cannot be committed.
func (g *group) end(ctx context.Context) {
	defer g.rollback() // after the commit it only gives the connection back
	if g.lost == nil {
		_ = g.settle(ctx) // g.lost is its error
	}
	if g.lost != nil {
		g.err = fmt.Errorf("it was undone with others that were stored at the same time: %w", g.lost)
		return
	}
	if err := g.sql.Commit(); err != nil {
		g.err = explain(ctx, err)
	}
}
