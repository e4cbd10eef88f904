package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
)

// sendBatch sends statements in one round trip, and returns how many rows the
// last one changed.
func sendBatch(ctx context.Context, conn *sql.Conn, list []deferred) (n int64, err error) {
	err = withDriver(conn, func(c *textConn) error {
		c.before = nil // of a query that failed before it was sent
		results := c.Conn.Conn().SendBatch(ctx, newBatch(list))
		if n, err = ranAll(results, list); err != nil {
			_ = results.Close() // it fails for the same reason
			return err
		}
		return results.Close()
	})
	return n, err
}

// sendAhead has statements sent with the next query of a connection.
func sendAhead(conn *sql.Conn, before *ahead) error {
	return withDriver(conn, func(c *textConn) error {
		c.before = before
		return nil
	})
}

// withDriver runs fn with the connection of the driver.
func withDriver(conn *sql.Conn, fn func(*textConn) error) error {
	return conn.Raw(func(c any) error {
		server, ok := c.(*textConn)
		if !ok {
			return errors.New("the connection is of another driver")
		}
		return fn(server)
	})
}

// newBatch makes what the driver sends at once.
func newBatch(list []deferred) *pgx.Batch {
	batch := &pgx.Batch{}
	for i := range list {
		batch.Queue(list[i].text(), list[i].args...)
	}
	return batch
}

// ranAll reads what became of each statement of a list, up to the first that
// failed, and returns how many rows the last one changed.
func ranAll(results pgx.BatchResults, list []deferred) (n int64, err error) {
	for range list {
		tag, err := results.Exec()
		if err != nil {
			return 0, err
		}
		n = tag.RowsAffected()
	}
	return n, nil
}

// queryAhead runs a query after a list of statements, in one round trip.
func (c *textConn) queryAhead(ctx context.Context, list []deferred, stmt string, args []driver.NamedValue) (driver.Rows, error) {
	batch := newBatch(list)
	values := make([]any, len(args))
	for i := range args {
		values[i] = args[i].Value // converted before
	}
	batch.Queue(stmt, values...)
	results := c.Conn.Conn().SendBatch(ctx, batch)
	if _, err := ranAll(results, list); err != nil {
		_ = results.Close() // it fails for the same reason
		return nil, &deferredError{err}
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close() // it fails for the same reason
		return nil, err
	}
	return &batchRows{rows, results}, nil
}

// batchRows are the rows of the last query of a batch.
type batchRows struct {
	rows    pgx.Rows
	results pgx.BatchResults
}

func (r *batchRows) Columns() []string {
	fields := r.rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

func (r *batchRows) Close() error {
	r.rows.Close()
	return r.results.Close()
}

func (r *batchRows) Next(dest []driver.Value) error {
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	values, err := r.rows.Values()
	for i := 0; err == nil && i < len(values); i++ {
		dest[i], err = driver.DefaultParameterConverter.ConvertValue(values[i])
	}
	return err
}
