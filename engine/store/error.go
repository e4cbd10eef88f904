package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"vouch/engine"
)

// Errors of the database itself; each says what to do. Compare with
// [errors.Is]. They come from any method, along with the driver's own error.
var (
	ErrFull        = errors.New("the disk is full; free some space and try again, nothing of this was stored")
	ErrCorrupt     = errors.New("the database is damaged; keep it, and restore the last backup beside it")
	ErrNotDatabase = errors.New("this is not a vouch database; name another file, folder or database")
	ErrNewer       = errors.New("the database was made by a newer version of vouch; update vouch, or restore a backup from before the update")
	ErrNoAccess    = errors.New("the database cannot be opened or written; check who owns the file and its folder, and that the disk is not read-only")
	ErrDisk        = errors.New("the disk reported an error; check the disk, then start again")
	ErrURL         = errors.New("the URL of the database is not valid; write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %XX for special characters in the password")
	ErrUnreachable = errors.New("the database server cannot be reached; check its host and port in the URL, and that it runs")
	ErrLogin       = errors.New("the database server does not let us in; check user, password and database in the URL")
	ErrDenied      = errors.New("the database user lacks a right; let it write, and create tables, in its schema")
	ErrOldServer   = errors.New("the database server is too old; use PostgreSQL 15 or newer")
	ErrEncoding    = errors.New("the database cannot keep every character; make one with ENCODING 'UTF8'")
	ErrSnapshot    = errors.New("nothing can be written in a snapshot; this is a mistake in vouch, please report it")
	ErrInvalid     = errors.New("the database refuses a value that breaks one of its rules")
)

// byCode gives the SQLite result codes that people can do something about
// their errors. Extended codes come first, then what they share.
var byCode = map[int]error{
	sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: engine.ErrNoWorkspace,
	sqlite3.SQLITE_CONSTRAINT_UNIQUE:     engine.ErrExists,
	sqlite3.SQLITE_CONSTRAINT:            ErrInvalid,
	sqlite3.SQLITE_BUSY:                  engine.ErrBusy,
	sqlite3.SQLITE_LOCKED:                engine.ErrBusy,
	sqlite3.SQLITE_FULL:                  ErrFull,
	sqlite3.SQLITE_CORRUPT:               ErrCorrupt,
	sqlite3.SQLITE_NOTADB:                ErrNotDatabase,
	sqlite3.SQLITE_CANTOPEN:              ErrNoAccess,
	sqlite3.SQLITE_READONLY:              ErrNoAccess,
	sqlite3.SQLITE_PERM:                  ErrNoAccess,
	sqlite3.SQLITE_AUTH:                  ErrNoAccess,
	sqlite3.SQLITE_IOERR:                 ErrDisk,
}

// explain puts what to do before a driver's error. A statement that was
// interrupted because ctx ended is that end.
func explain(ctx context.Context, err error) error {
	code, ok := codeOf(err)
	if !ok {
		return explainServer(ctx, err)
	}
	if code&0xff == sqlite3.SQLITE_INTERRUPT && ctx.Err() != nil {
		return ctx.Err()
	}
	for _, c := range []int{code, code & 0xff} {
		if known := byCode[c]; known != nil {
			return fmt.Errorf("%w (%w)", known, err)
		}
	}
	return err
}

// codeOf returns the SQLite result code of err, if it has one.
func codeOf(err error) (int, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Code(), true
}

func isBusy(err error) bool {
	code, ok := codeOf(err)
	return ok && (code&0xff == sqlite3.SQLITE_BUSY || code&0xff == sqlite3.SQLITE_LOCKED)
}
