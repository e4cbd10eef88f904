package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// dialect is what the databases do not do alike; everything else is one SQL
// for both.
type dialect struct {
	// prepares says that statements are prepared here. pgx keeps a cache of
	// its own with each connection, and also sees when one is out of date.
	prepares bool

	// options begin a write transaction.
	options *sql.TxOptions

	// snapshot are the options of a transaction that only reads, and all of it
	// from one state.
	snapshot *sql.TxOptions

	// lock makes a transaction that has begun the only one that writes.
	lock []deferred

	// send runs statements in their order, in one round trip, and returns how
	// many rows the last one changed. It is nil where there are no round trips.
	send func(ctx context.Context, conn *sql.Conn, list []deferred) (int64, error)

	// ahead has statements run before the next query of a connection, in its
	// round trip.
	ahead func(conn *sql.Conn, before *ahead) error

	// clock is what time it is, in the unit of the tables, whoever asks: the
	// claims of workers on several machines are compared by it.
	clock string

	// holds returns the condition that a column, a list in JSON, holds value,
	// and what parameter n of it is.
	holds func(column, value string, n int) (condition string, arg any)

	// field returns the condition that a text in a column of JSON is value, and
	// what parameter n of it is.
	field func(column, name, value string, n int) (condition string, arg any)
}

// sqliteDialect: the transaction has the lock when it begins.
var sqliteDialect = dialect{
	prepares: true,
	clock:    "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
	holds: func(column, value string, n int) (string, any) {
		return fmt.Sprintf("EXISTS (SELECT 1 FROM json_each(%s) t WHERE t.value = $%d)", column, n), value
	},
	field: func(column, name, value string, n int) (string, any) {
		return fmt.Sprintf("%s ->> '$.%s' = $%d", column, name, n), value
	},
}

// postgresDialect: read committed, whatever the server's default is, because
// each statement must see what was committed before the lock was had. A
// stricter level would take its snapshot before it waits for the lock, and
// then see a state from before the writer it waited for.
var postgresDialect = dialect{
	options:  &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	snapshot: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	lock:     advisoryLock(writersLock),
	send:     sendBatch,
	ahead:    sendAhead,
	clock:    "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
	holds: func(column, value string, n int) (string, any) {
		return fmt.Sprintf("EXISTS (SELECT 1 FROM json_array_elements(%s::json) t WHERE t.value::text = $%d)", column, n), jsonText(value)
	},
	field: func(column, name, value string, n int) (string, any) {
		return fmt.Sprintf("(%s::json -> '%s')::text = $%d", column, name, n), jsonText(value)
	},
}

// jsonText is a text as [toJSON] writes it in a list. PostgreSQL cannot read
// every text back from JSON (there is no U+0000), but compares what is written.
func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil || !utf8.ValidString(s) {
		return "" // JSON has no such text, so no list holds it
	}
	return string(b)
}
