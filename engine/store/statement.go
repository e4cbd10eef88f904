package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// stream runs a statement and yields its rows as scan reads them.
func stream[T any](ctx context.Context, q querier, stmt string, args []any, scan func(*sql.Rows) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := q.query(ctx, stmt, args...)
		if err != nil {
			yield(zero, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			if err := ctx.Err(); err != nil { // in a transaction nothing else ends the statement
				yield(zero, q.failed(ctx, err))
				return
			}
			v, err := scan(rows)
			if err != nil {
				yield(zero, q.failed(ctx, err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, q.failed(ctx, err))
		}
	}
}

// collect runs a statement and returns its rows as scan reads them.
func collect[T any](ctx context.Context, q querier, stmt string, args []any, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var list []T
	for v, err := range stream(ctx, q, stmt, args, scan) {
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// where builds a statement with as many conditions as a filter sets.
type where struct {
	stmt string
	args []any
}

// and adds a condition, unless there is no value to compare with.
func (w *where) and(condition, value string) {
	if value == "" {
		return
	}
	w.args = append(w.args, value)
	w.stmt += " AND " + condition + " $" + strconv.Itoa(len(w.args))
}

// in adds the condition that a column is one of some numbers, unless there are
// none.
func (w *where) in(column string, numbers []int) {
	if len(numbers) == 0 {
		return
	}
	list := make([]string, len(numbers))
	for i, n := range numbers {
		w.args = append(w.args, n)
		list[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.stmt += " AND " + column + " IN (" + strings.Join(list, ", ") + ")"
}

func (w *where) page(order string, limit int) {
	w.stmt += " ORDER BY " + order
	if limit > 0 {
		w.args = append(w.args, limit)
		w.stmt += " LIMIT $" + strconv.Itoa(len(w.args))
	}
}

// named says in a stream's errors what was tried.
func named[T any](verb string, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			if err != nil {
				err = fmt.Errorf("%s: %w", verb, err)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// maxChunk is how many values one statement looks for: enough that the round
// trips do not count, and far below what a database allows.
const maxChunk = 512

// inChunks runs stmt for the values in chunks, and returns all rows. Chunks
// are filled up to a power of two with the last value again, so that a few
// prepared statements serve every number of values.
func inChunks[T any](ctx context.Context, q querier, stmt, workspace string, values []string, scan func(*sql.Rows) (T, error)) ([]T, error) {
	var list []T
	for len(values) > 0 {
		chunk := values[:min(len(values), maxChunk)]
		values = values[len(chunk):]
		size := 1
		for size < len(chunk) {
			size *= 2
		}
		args := make([]any, 0, size+1)
		args = append(args, workspace)
		var in strings.Builder
		for i := range size {
			in.WriteString(", $")
			in.WriteString(strconv.Itoa(i + 2))
			args = append(args, chunk[min(i, len(chunk)-1)])
		}
		found, err := collect(ctx, q, stmt+"("+in.String()[2:]+")", args, scan)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}
