package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestLostConnections: however a connection is found to be gone, it is said that
// the server cannot be reached; what is something else is not.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	for _, err := range []error{driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF, &net.OpError{Op: "write", Err: io.ErrClosedPipe}, &pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "08006"}} {
		if got := explainServer(t.Context(), fmt.Errorf("read: %w", err)); !errors.Is(got, ErrUnreachable) || !errors.Is(got, err) {
			t.Errorf("%v is explained as %v", err, got)
		}
	}
	for _, err := range []error{sql.ErrNoRows, io.ErrShortBuffer, &pgconn.PgError{Code: "42601"}} {
		if got := explainServer(t.Context(), err); errors.Is(got, ErrUnreachable) {
			t.Errorf("%v is explained as %v", err, got)
		}
	}
}
