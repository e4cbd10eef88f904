package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"vouch/engine"
)

//go:embed migrations
var migrations embed.FS

const (
	// fileName is the database in a folder that is given to Open.
	fileName = "vouch.db"

	// applicationID marks a database as ours, in the header of the file.
	applicationID = 0x766f7563 // "vouc"

	// writeWait is how long a writer waits for others to finish.
	writeWait = 30 * time.Second

	// busyPause is how long SQLite waits for a lock before the writer looks
	// whether its caller still wants to.
	busyPause = 250 * time.Millisecond
)

var _ engine.Store = (*Store)(nil)

// Store is the engine's Store over one database. It is safe for concurrent use;
// several of them, in one process or many, may use one database.
type Store struct {
	reads // over the pool of reading connections

	write *sql.DB // one connection
	turns turns   // of those who want to write
	pool  *pool
	wait  time.Duration
	terms *Terms // nil for a SQLite file
	from  Migration
	file  string // "" for a server

	config   *pgx.ConnConfig // of a server, nil of a file
	counts   *statistics     // of a server, nil of a file
	delivery JobDelivery     // nil if nobody is told of jobs
}

// Open opens the database at path, makes it if there is none, and brings its
// tables up to date. A path that is a folder, or that does not exist and has
// no extension, is the folder of a file vouch.db. A new folder is open to its
// owner only, and so is a new database.
//
// A postgres:// URL is a database on a PostgreSQL server, which must be there;
// its tables are made in the first schema of the search_path.
func Open(ctx context.Context, path string) (*Store, error) {
	if isURL(path) {
		s, err := openServer(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("open database %s: %w", serverName(path), explain(ctx, err))
		}
		return s, nil
	}
	file, err := locate(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s, err := open(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", file, explain(ctx, err))
	}
	return s, nil
}

func open(ctx context.Context, file string) (_ *Store, err error) {
	unlock, err := lock(ctx, file+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := create(file); err != nil {
		return nil, err
	}
	if err := identify(ctx, file); err != nil {
		return nil, err
	}
	write, err := connect(file, busyPause, "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	from, err := migrate(ctx, write)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := connect(file, 10*time.Second, "_pragma=query_only(1)", max(4, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	p := &pool{db: read, stmts: map[string]*sql.Stmt{}}
	return &Store{reads: reads{p, &sqliteDialect}, write: write, pool: p, wait: writeWait, from: from, file: file}, nil
}

// Close closes the database. Transactions that run are finished first.
func (s *Store) Close() error {
	err := errors.Join(s.pool.close(), s.write.Close())
	if s.terms != nil {
		err = errors.Join(err, s.terms.write.Close())
	}
	if s.counts != nil {
		err = errors.Join(err, s.counts.close())
	}
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// IsURL says whether a path given to [Open] names a database on a server.
func IsURL(path string) bool { return isURL(path) }

// Name returns what can be shown of a path given to [Open]: a URL without its
// password and settings, anything else as it is.
func Name(path string) string {
	if isURL(path) {
		return serverName(path)
	}
	return path
}

// File returns the file that a path given to [Open] means, in full. Nothing is
// made.
func File(path string) (string, error) {
	if path == "" {
		return "", errors.New("no file or folder is named")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	switch {
	case err == nil && info.IsDir(), errors.Is(err, fs.ErrNotExist) && (os.IsPathSeparator(path[len(path)-1]) || filepath.Ext(abs) == ""):
		abs = filepath.Join(abs, fileName)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%w (%w)", ErrNoAccess, err)
	}
	return abs, nil
}

// locate returns the file that path means, in a folder that exists.
func locate(path string) (string, error) {
	file, err := File(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoAccess, err)
	}
	return file, nil
}

// creating keeps files from being made while SQLite has them open: closing
// any handle of a file drops all locks this process has on it.
var creating sync.Mutex

// create makes an empty file for its owner only, if there is none. SQLite
// gives the files beside it the same permissions.
func create(file string) error {
	creating.Lock()
	defer creating.Unlock()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoAccess, err)
	}
	return f.Close()
}

// connect returns at most n connections to a file. Locks are waited for as
// long as busy says.
func connect(file string, busy time.Duration, options string, n int) (*sql.DB, error) {
	p := filepath.ToSlash(file)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	dsn := fmt.Sprintf("file:%s?_pragma=busy_timeout(%d)&%s", (&url.URL{Path: p}).EscapedPath(), busy.Milliseconds(), options)
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// lock keeps other processes from opening the same database until the
// returned function is called, or this process ends. The lock file is an empty
// database: SQLite's locks work alike on every system.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	if err := create(file); err != nil {
		return nil, err
	}
	db, err := connect(file, busyPause, "_txlock=exclusive", 1)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	held, err := begin(ctx, waiting, db, &sqliteDialect)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() {
		held.rollback()
		_ = db.Close() // it holds nothing
	}, nil
}

// identify refuses files that hold something else, before anything in them is
// touched, and marks empty ones as ours.
func identify(ctx context.Context, file string) error {
	db, err := connect(file, 10*time.Second, "", 1)
	if err != nil {
		return err
	}
	defer db.Close()
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if id == applicationID {
		return nil
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if id != 0 || tables != 0 {
		return fmt.Errorf("%w: it is the database of another program", ErrNotDatabase)
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	return err
}

// migrate makes sure of the write-ahead log, and runs the migrations.
func migrate(ctx context.Context, db *sql.DB) (Migration, error) {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return Migration{}, err
	}
	if mode != "wal" {
		return Migration{}, fmt.Errorf("%w: it cannot keep a write-ahead log here; use a local disk", ErrNoAccess)
	}
	return runMigrations(ctx, db, goose.DialectSQLite3, "migrations/sqlite")
}
