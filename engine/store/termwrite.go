package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"vouch/engine"
)

// Update stores what fn returns, as one, and returns the last change that is in
// the set of the schema then. It makes the set if there is none. Of all
// processes one at a time is in fn, for each schema; it is given the last change
// that is in the set. Who waits goes on where that one has stopped.
//
// The row of the set is the lock, so that it is let go with the transaction.
func (t *Terms) Update(ctx context.Context, schema string, fn func(after int64) (engine.TermBatch, error)) (int64, error) {
	seq, err := t.update(ctx, schema, fn)
	if err != nil {
		return 0, fmt.Errorf("store terms: %w", err)
	}
	return seq, nil
}

func (t *Terms) update(ctx context.Context, schema string, fn func(after int64) (engine.TermBatch, error)) (_ int64, err error) {
	if err := t.ensureSet(ctx, schema); err != nil {
		return 0, err
	}
	held, err := t.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return 0, explain(ctx, err)
	}
	defer held.Rollback() //nolint:errcheck // after the commit there is nothing to undo
	w := &termWriter{termTx{held}, 0}
	set, err := collect(ctx, w, `SELECT id, seq, used_at FROM term_sets WHERE schema = $1 FOR UPDATE`, []any{schema}, func(rows *sql.Rows) (s [3]int64, err error) {
		err = rows.Scan(&s[0], &s[1], &s[2])
		return s, err
	})
	switch {
	case err != nil:
		return 0, err
	case len(set) == 0: // deleted since
		return 0, engine.ErrTermsMoved
	}
	w.set = set[0][0]
	after, used := set[0][1], set[0][2]
	b, err := fn(after)
	switch {
	case err != nil:
		return 0, err
	case b.Again:
	case b.Seq == 0 && now()-used < setUsed.Milliseconds():
		return after, nil
	case b.Seq == 0:
		b.Seq = after
	}
	if err := w.store(ctx, b); err != nil {
		return 0, err
	}
	if err := held.Commit(); err != nil {
		return 0, explain(ctx, err)
	}
	return b.Seq, nil
}

// ensureSet makes the set of a schema if there is none.
func (t *Terms) ensureSet(ctx context.Context, schema string) error {
	if _, err := t.Set(ctx, schema); !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	const stmt = `INSERT INTO term_sets (schema, seq, used_at) VALUES ($1, 0, $2) ON CONFLICT (schema) DO NOTHING`
	_, err := t.write.ExecContext(ctx, stmt, schema, now())
	return explain(ctx, err)
}

// termTx runs statements in a transaction that writes terms.
type termTx struct{ tx *sql.Tx }

func (t termTx) query(ctx context.Context, stmt string, args ...any) (*sql.Rows, error) {
	rows, err := t.tx.QueryContext(ctx, stmt, args...)
	if err != nil {
		return nil, t.failed(ctx, err)
	}
	return rows, nil
}

func (t termTx) failed(ctx context.Context, err error) error { return explain(ctx, err) }

func (t termTx) exec(ctx context.Context, stmt string, args ...any) error {
	if _, err := t.tx.ExecContext(ctx, stmt, args...); err != nil {
		return t.failed(ctx, err)
	}
	return nil
}

// termWriter stores a batch in a set.
type termWriter struct {
	termTx
	set int64
}

func (w *termWriter) store(ctx context.Context, b engine.TermBatch) error {
	if b.Again {
		if err := w.exec(ctx, `DELETE FROM term_workspaces WHERE set_id = $1`, w.set); err != nil {
			return err
		}
	}
	for i := range b.Workspaces {
		if err := w.storeWorkspace(ctx, &b.Workspaces[i], b.Seq); err != nil {
			return err
		}
	}
	if err := w.exec(ctx, `UPDATE term_sets SET seq = $2, used_at = $3 WHERE id = $1`, w.set, b.Seq, now()); err != nil {
		return err
	}
	// Other versions that run have noted the use of their set within the hour
	// in which they last looked for changes.
	return w.exec(ctx, `DELETE FROM term_sets WHERE id <> $1 AND used_at < $2`, w.set, now()-setKept.Milliseconds())
}

// numbered is a passage that has a number, and the terms it had before.
type numbered struct {
	number  int64
	version int
	terms   []uint64
	keys    []uint64
}

// passageName names a passage within its workspace.
type passageName struct {
	kind engine.PassageKind
	id   string
}

func (w *termWriter) storeWorkspace(ctx context.Context, x *engine.WorkspaceTerms, seq int64) error {
	id, next, err := w.workspace(ctx, x.Workspace)
	if err != nil {
		return err
	}
	before, err := w.before(ctx, id, x.Passages)
	if err != nil {
		return err
	}
	c := termChange{counts: map[uint64]int64{}, lists: map[listBlock]map[uint16]bool{}}
	for i := range x.Passages {
		p := &x.Passages[i]
		old, known := before[passageName{p.Kind, p.ID}]
		if !known && p.Version == 0 {
			continue
		}
		if !known {
			old.number = next
			next++
		}
		c.change(p, old, known)
	}
	if next > math.MaxUint32 {
		return fmt.Errorf("%w: a workspace has had more passages than there are numbers", ErrInvalid)
	}
	if err := errors.Join(w.putPassages(ctx, id, &c), w.putCounts(ctx, id, &c), w.putLists(ctx, id, &c)); err != nil {
		return err
	}
	const stmt = `UPDATE term_workspaces SET seq = $2, tuned = greatest(tuned, $3), passages = passages + $4, next = $5 WHERE id = $1`
	return w.exec(ctx, stmt, id, seq, x.Tuned, c.passages, next)
}

// workspace returns the id of a workspace's terms and the next number in them.
func (w *termWriter) workspace(ctx context.Context, workspace string) (id, next int64, err error) {
	const stmt = `INSERT INTO term_workspaces (set_id, workspace_id, seq, tuned, passages, next) VALUES ($2, $1, 0, 0, 0, 0) ON CONFLICT DO NOTHING`
	if err := w.exec(ctx, stmt, workspace, w.set); err != nil {
		return 0, 0, err
	}
	_, err = collect(ctx, w, `SELECT id, next FROM term_workspaces WHERE workspace_id = $1 AND set_id = $2`, []any{workspace, w.set}, func(rows *sql.Rows) (struct{}, error) {
		return struct{}{}, rows.Scan(&id, &next)
	})
	return id, next, err
}

// before returns those of the passages that have terms already.
func (w *termWriter) before(ctx context.Context, id int64, passages []engine.PassageTerms) (map[passageName]numbered, error) {
	const stmt = `SELECT x.kind, x.id, x.number, x.version, x.terms, x.keys FROM unnest($2::text[], $3::text[]) AS k (kind, id)
		CROSS JOIN LATERAL (SELECT * FROM passage_terms y WHERE y.terms_id = $1 AND y.kind = k.kind AND y.id = k.id OFFSET 0) x`
	var kinds, ids array
	for i := range passages {
		kinds.string(string(passages[i].Kind))
		ids.string(passages[i].ID)
	}
	out := map[passageName]numbered{}
	_, err := collect(ctx, w, stmt, []any{id, kinds.text(), ids.text()}, func(rows *sql.Rows) (struct{}, error) {
		var n numbered
		var kind, passage string
		var terms, keys []byte
		if err := rows.Scan(&kind, &passage, &n.number, &n.version, &terms, &keys); err != nil {
			return struct{}{}, err
		}
		n.terms, n.keys = unpackTerms(terms), unpackTerms(keys)
		out[passageName{engine.PassageKind(kind), passage}] = n
		return struct{}{}, nil
	})
	return out, err
}

// listBlock names a block of a list.
type listBlock struct {
	field int
	term  uint64
	at    int64
}

func (a listBlock) compare(b listBlock) int {
	return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.term, b.term), cmp.Compare(a.at, b.at))
}

// termChange is what a batch changes in the terms of one workspace.
type termChange struct {
	passages int64 // more than before
	put      []putPassage
	gone     []int64
	counts   map[uint64]int64              // more than before
	lists    map[listBlock]map[uint16]bool // in it from now on, or not
}

type putPassage struct {
	*engine.PassageTerms
	number int64
}

// change notes what becomes of a passage with a number.
func (c *termChange) change(p *engine.PassageTerms, old numbered, known bool) {
	switch {
	case p.Version == 0:
		c.gone = append(c.gone, old.number)
		c.passages--
	case !known:
		c.passages++
		fallthrough
	default:
		c.put = append(c.put, putPassage{p, old.number})
	}
	field := engine.TermField(p.Kind)
	for _, t := range without(old.terms, p.Terms) {
		c.counts[t]--
		c.list(field, t, old.number, false)
	}
	for _, t := range without(p.Terms, old.terms) {
		c.counts[t]++
		c.list(field, t, old.number, true)
	}
	for _, t := range without(old.keys, p.Keys) {
		c.list(engine.TermsOfKeys, t, old.number, false)
	}
	for _, t := range without(p.Keys, old.keys) {
		c.list(engine.TermsOfKeys, t, old.number, true)
	}
}

// without returns what is in a and not in b.
func without(a, b []uint64) []uint64 {
	if len(b) == 0 {
		return a
	}
	in := make(map[uint64]bool, len(b))
	for _, t := range b {
		in[t] = true
	}
	var out []uint64
	for _, t := range a {
		if !in[t] {
			out = append(out, t)
		}
	}
	return out
}

func (c *termChange) list(field int, term uint64, number int64, in bool) {
	k := listBlock{field, term, number / blockNumbers}
	if c.lists[k] == nil {
		c.lists[k] = map[uint16]bool{}
	}
	c.lists[k][uint16(number%blockNumbers)] = in
}

func (w *termWriter) putPassages(ctx context.Context, id int64, c *termChange) error {
	var numbers, kinds, ids, versions, terms, keys, gone array
	for _, p := range c.put {
		numbers.number(p.number)
		kinds.string(string(p.Kind))
		ids.string(p.ID)
		versions.number(int64(p.Version))
		terms.bytes(packTerms(p.Terms))
		keys.bytes(packTerms(p.Keys))
	}
	for _, n := range c.gone {
		gone.number(n)
	}
	if len(c.put) > 0 {
		const stmt = `INSERT INTO passage_terms (terms_id, number, kind, id, version, terms, keys)
			SELECT $1, k.number, k.kind, k.id, k.version, decode(k.terms, 'hex'), decode(k.keys, 'hex')
			FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[]) AS k (number, kind, id, version, terms, keys)
			ON CONFLICT (terms_id, number) DO UPDATE SET version = excluded.version, terms = excluded.terms, keys = excluded.keys`
		if err := w.exec(ctx, stmt, id, numbers.text(), kinds.text(), ids.text(), versions.text(), terms.text(), keys.text()); err != nil {
			return err
		}
	}
	if len(c.gone) == 0 {
		return nil
	}
	return w.exec(ctx, `DELETE FROM passage_terms WHERE terms_id = $1 AND number = ANY ($2::bigint[])`, id, gone.text())
}

func (w *termWriter) putCounts(ctx context.Context, id int64, c *termChange) error {
	var terms, more, fewer array
	drops := false
	for _, t := range slices.Sorted(maps.Keys(c.counts)) {
		terms.number(int64(t))
		more.number(c.counts[t])
		if c.counts[t] < 0 {
			fewer.number(int64(t))
			drops = true
		}
	}
	if len(c.counts) == 0 {
		return nil
	}
	const stmt = `INSERT INTO term_counts AS c (terms_id, term, passages)
		SELECT $1, k.term, k.more FROM unnest($2::bigint[], $3::bigint[]) AS k (term, more)
		ON CONFLICT (terms_id, term) DO UPDATE SET passages = c.passages + excluded.passages`
	if err := w.exec(ctx, stmt, id, terms.text(), more.text()); err != nil || !drops {
		return err
	}
	return w.exec(ctx, `DELETE FROM term_counts WHERE terms_id = $1 AND passages = 0 AND term = ANY ($2::bigint[])`, id, fewer.text())
}

func (w *termWriter) putLists(ctx context.Context, id int64, c *termChange) error {
	names := slices.SortedFunc(maps.Keys(c.lists), listBlock.compare)
	stored, err := w.blocks(ctx, id, names)
	if err != nil {
		return err
	}
	var put, gone blockArrays
	for i, name := range names {
		var m bitmap
		m.load(stored[i])
		for n, in := range c.lists[name] {
			m.set(n, in)
		}
		if b := m.block(); b != nil {
			put.add(name, b)
		} else {
			gone.add(name, nil)
		}
	}
	if put.n > 0 {
		const stmt = `INSERT INTO term_lists (terms_id, field, term, block, members)
			SELECT $1, k.field, k.term, k.block, decode(k.members, 'hex') FROM unnest($2::smallint[], $3::bigint[], $4::bigint[], $5::text[]) AS k (field, term, block, members)
			ON CONFLICT (terms_id, field, term, block) DO UPDATE SET members = excluded.members`
		if err := w.exec(ctx, stmt, id, put.fields.text(), put.terms.text(), put.at.text(), put.members.text()); err != nil {
			return err
		}
	}
	if gone.n == 0 {
		return nil
	}
	const stmt = `DELETE FROM term_lists l USING unnest($2::smallint[], $3::bigint[], $4::bigint[]) AS k (field, term, block)
		WHERE l.terms_id = $1 AND l.field = k.field AND l.term = k.term AND l.block = k.block`
	return w.exec(ctx, stmt, id, gone.fields.text(), gone.terms.text(), gone.at.text())
}

// blockArrays are blocks as parameters of a statement.
type blockArrays struct {
	n                          int
	fields, terms, at, members array
}

func (a *blockArrays) add(name listBlock, b block) {
	a.n++
	a.fields.number(int64(name.field))
	a.terms.number(int64(name.term))
	a.at.number(name.at)
	a.members.bytes(b)
}

// blocks returns the blocks as they are stored, nil for what is not there.
func (w *termWriter) blocks(ctx context.Context, id int64, names []listBlock) ([]block, error) {
	const stmt = `SELECT k.n, l.members FROM unnest($2::smallint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS k (field, term, block, n)
		CROSS JOIN LATERAL (SELECT x.members FROM term_lists x WHERE x.terms_id = $1 AND x.field = k.field AND x.term = k.term AND x.block = k.block OFFSET 0) l`
	var a blockArrays
	for _, name := range names {
		a.add(name, nil)
	}
	out := make([]block, len(names))
	_, err := collect(ctx, w, stmt, []any{id, a.fields.text(), a.terms.text(), a.at.text()}, func(rows *sql.Rows) (n int64, err error) {
		var members []byte
		if err := rows.Scan(&n, &members); err != nil {
			return 0, err
		}
		out[n-1] = members
		return n, nil
	})
	return out, err
}
