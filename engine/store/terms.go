package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"vouch/engine"
)

// Terms keeps the terms of passages in a database on a server, for the index
// of any number of processes. They are a cache of what the other tables hold:
// nothing is audited, and what is lost is made again.
//
// What is read with a [engine.TermState] is read by its id, which is of one
// workspace. Statements that find it as another than it was return
// [engine.ErrTermsMoved] beside what they read.
type Terms struct {
	q     querier
	write *sql.DB // one connection; those who write terms and those who write the library do not wait for each other
}

// Terms returns where terms are kept, nil for a SQLite file: its terms are in a
// search index beside it.
func (s *Store) Terms() *Terms { return s.terms }

const (
	// setUsed is how often it is noted that somebody uses a set, and setKept
	// how long after that it stays once another version has come.
	setUsed = time.Hour
	setKept = 24 * time.Hour
)

// Set returns the set of a schema, [engine.ErrNotFound] if there is none.
func (t *Terms) Set(ctx context.Context, schema string) (engine.TermSet, error) {
	list, err := t.sets(ctx, ` WHERE s.schema = $1`, schema)
	switch {
	case err != nil:
		return engine.TermSet{}, fmt.Errorf("read terms: %w", err)
	case len(list) == 0:
		return engine.TermSet{}, engine.ErrNotFound
	}
	return list[0], nil
}

// Sets returns the sets of all schemas, by schema.
func (t *Terms) Sets(ctx context.Context) ([]engine.TermSet, error) {
	list, err := t.sets(ctx, ``)
	if err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	return list, nil
}

func (t *Terms) sets(ctx context.Context, where string, args ...any) ([]engine.TermSet, error) {
	stmt := `SELECT s.schema, s.seq, s.used_at, (SELECT coalesce(sum(w.passages), 0)::bigint FROM term_workspaces w WHERE w.set_id = s.id)
		FROM term_sets s` + where + ` ORDER BY s.schema`
	return collect(ctx, t.q, stmt, args, func(rows *sql.Rows) (s engine.TermSet, err error) {
		err = rows.Scan(&s.Schema, &s.Seq, &s.UsedAt, &s.Passages)
		return s, err
	})
}

// State returns how the terms of a workspace are, the zero value if it has
// none; [engine.ErrNotFound] if there is no set for the schema.
func (t *Terms) State(ctx context.Context, workspace, schema string) (engine.TermState, error) {
	const stmt = `SELECT coalesce(w.id, 0), coalesce(w.seq, 0), coalesce(w.tuned, 0), coalesce(w.passages, 0)
		FROM term_sets s LEFT JOIN term_workspaces w ON w.set_id = s.id AND w.workspace_id = $1 WHERE s.schema = $2`
	list, err := collect(ctx, t.q, stmt, []any{workspace, schema}, func(rows *sql.Rows) (s engine.TermState, err error) {
		err = rows.Scan(&s.ID, &s.Seq, &s.Tuned, &s.Passages)
		return s, err
	})
	switch {
	case err != nil:
		return engine.TermState{}, fmt.Errorf("read terms: %w", err)
	case len(list) == 0:
		return engine.TermState{}, engine.ErrNotFound
	}
	return list[0], nil
}

// Counts returns how many passages have each term.
func (t *Terms) Counts(ctx context.Context, s engine.TermState) ([]engine.TermCount, error) {
	// One value of 16 bytes a term: to read so many rows costs more than the rest.
	const stmt = `SELECT w.seq, (SELECT string_agg(int8send(c.term) || int8send(c.passages), '' ORDER BY c.term) FROM term_counts c WHERE c.terms_id = w.id)
		FROM term_workspaces w WHERE w.id = $1`
	const size = 16
	moved := true
	var out []engine.TermCount
	_, err := collect(ctx, t.q, stmt, []any{s.ID}, func(rows *sql.Rows) (seq int64, err error) {
		var packed []byte
		if err := rows.Scan(&seq, &packed); err != nil {
			return 0, err
		}
		moved = seq != s.Seq
		for ; len(packed) >= size; packed = packed[size:] {
			out = append(out, engine.TermCount{Term: binary.BigEndian.Uint64(packed), Passages: int(binary.BigEndian.Uint64(packed[8:]))})
		}
		return seq, nil
	})
	return out, readAs(err, moved)
}

// readAs is the error of a statement that found the terms moved or not.
func readAs(err error, moved bool) error {
	switch {
	case err != nil:
		return fmt.Errorf("read terms: %w", err)
	case moved:
		return engine.ErrTermsMoved
	}
	return nil
}

// Lists returns the numbers of the passages in each list, rising.
func (t *Terms) Lists(ctx context.Context, s engine.TermState, lists []engine.TermList) ([][]uint32, error) {
	// OFFSET 0 keeps the server from reading the whole table to join it, which
	// it would choose while it knows nothing of it.
	const stmt = `SELECT w.seq, k.n, l.block, l.members
		FROM unnest($2::smallint[], $3::bigint[]) WITH ORDINALITY AS k (field, term, n)
		CROSS JOIN LATERAL (SELECT x.block, x.members FROM term_lists x WHERE x.terms_id = $1 AND x.field = k.field AND x.term = k.term OFFSET 0) l
		RIGHT JOIN term_workspaces w ON true WHERE w.id = $1 ORDER BY k.n, l.block`
	out := make([][]uint32, len(lists))
	moved := true
	var fields, terms array
	for _, l := range lists {
		fields.number(int64(l.Field))
		terms.number(int64(l.Term))
	}
	_, err := collect(ctx, t.q, stmt, []any{s.ID, fields.text(), terms.text()}, func(rows *sql.Rows) (seq int64, err error) {
		var n, at sql.NullInt64
		var members []byte
		if err := rows.Scan(&seq, &n, &at, &members); err != nil {
			return 0, err
		}
		moved = seq != s.Seq
		if n.Valid {
			out[n.Int64-1] = block(members).numbers(out[n.Int64-1], at.Int64)
		}
		return seq, nil
	})
	return out, readAs(err, moved)
}

// Passages returns who the numbers are, the first by id if there are more than
// most. Those that are gone are left out.
func (t *Terms) Passages(ctx context.Context, s engine.TermState, numbers []uint32, most int) ([]engine.TermPassage, error) {
	const stmt = `SELECT w.seq, p.number, p.kind, p.id, p.version
		FROM term_workspaces w LEFT JOIN (
			SELECT x.number, x.kind, x.id, x.version FROM unnest($2::bigint[]) AS k (number)
			CROSS JOIN LATERAL (SELECT * FROM passage_terms y WHERE y.terms_id = $1 AND y.number = k.number OFFSET 0) x
			ORDER BY x.id LIMIT $3) p ON true WHERE w.id = $1`
	var list array
	for _, n := range numbers {
		list.number(int64(n))
	}
	moved := true
	out := make([]engine.TermPassage, 0, min(len(numbers), most))
	_, err := collect(ctx, t.q, stmt, []any{s.ID, list.text(), most}, func(rows *sql.Rows) (seq int64, err error) {
		var number, version sql.NullInt64
		var kind, id sql.NullString
		if err := rows.Scan(&seq, &number, &kind, &id, &version); err != nil {
			return 0, err
		}
		moved = seq != s.Seq
		if number.Valid {
			out = append(out, engine.TermPassage{Number: uint32(number.Int64), Kind: engine.PassageKind(kind.String), ID: id.String, Version: int(version.Int64)})
		}
		return seq, nil
	})
	return out, readAs(err, moved)
}
