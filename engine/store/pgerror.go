package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"vouch/engine"
)

// byState gives the SQLSTATE codes that people can do something about their
// errors, the same as byCode gives SQLite's. A class, the first two characters,
// stands for what is not listed of it.
var byState = map[string]error{
	"23503": engine.ErrNoWorkspace, // foreign_key_violation
	"23505": engine.ErrExists,      // unique_violation
	"23":    ErrInvalid,            // integrity constraints
	"22":    ErrInvalid,            // values that are none of their type
	"54000": ErrInvalid,            // a key longer than an index allows
	"40001": engine.ErrBusy,        // serialization_failure
	"40P01": engine.ErrBusy,        // deadlock_detected
	"55P03": engine.ErrBusy,        // lock_not_available
	"53300": engine.ErrBusy,        // too_many_connections
	"53100": ErrFull,
	"58030": ErrDisk,
	"XX001": ErrCorrupt, // data_corrupted
	"XX002": ErrCorrupt, // index_corrupted
	"28":    ErrLogin,
	"3D000": ErrLogin,  // no such database
	"42501": ErrDenied, // insufficient_privilege
	"25006": ErrDenied, // a read-only server
	"57P":   ErrUnreachable,
	"08":    ErrUnreachable,
}

// explainServer puts what to do before an error of the PostgreSQL driver. What
// failed because ctx ended is that end: the driver gives up the connection
// then, and what it says of that helps nobody.
func explainServer(ctx context.Context, err error) error {
	known := knownServer(err)
	if known == nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, known) { // explained before
		return err
	}
	return fmt.Errorf("%w (%w)", known, inShort(err))
}

// short is an error with a text of its own.
type short struct {
	error
	text string
}

func (s short) Error() string { return s.text }
func (s short) Unwrap() error { return s.error }

// inShort makes one sentence of what went wrong with a connection, which the
// driver tells for every address of the server, with and without TLS.
func inShort(err error) error {
	var failed *pgconn.ConnectError
	if !errors.As(err, &failed) {
		return err
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return short{err, refused.Error()}
	}
	lines := strings.Split(strings.TrimSpace(failed.Error()), "\n")
	return short{err, strings.TrimSpace(lines[len(lines)-1])}
}

// knownServer returns what to do about an error of the driver, nil for an
// error that is not from there or says what it is by itself.
func knownServer(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return byRefusal(refused)
	}
	var failed *pgconn.ConnectError
	var network *net.OpError
	switch {
	case errors.As(err, &failed), errors.As(err, &network), errors.Is(err, io.ErrUnexpectedEOF), pgconn.Timeout(err):
		return ErrUnreachable
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), pgconn.SafeToRetry(err): // it was gone before the statement
		return ErrUnreachable
	}
	return nil
}

// byRefusal looks up what a server says.
func byRefusal(e *pgconn.PgError) error {
	if e.Code == "23505" && strings.HasSuffix(e.ConstraintName, "_pkey") {
		return ErrInvalid // an id or version of ours, as SQLite tells it apart
	}
	for n := range 4 {
		if known := byState[e.Code[:max(2, len(e.Code)-n)]]; known != nil {
			return known
		}
	}
	return nil
}
