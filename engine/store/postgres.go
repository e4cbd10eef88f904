package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// writersLock is held by the one transaction that writes. It is one for
	// the whole database, not for each workspace, since the outbox is one list
	// for all of them: whoever takes a seq must be committed before the next
	// one is given, or a reader that has seen the next would never look for
	// this one again. It also makes a transaction see nobody else's writes
	// but those from before it began, as on SQLite.
	writersLock = 0x766f756368_01 // "vouch", 1

	// openingLock is held while the tables are looked at and brought up to
	// date. It is another one, so that opening does not wait for an import.
	openingLock = 0x766f756368_02

	// oldestServer is the oldest server that the tests run on.
	oldestServer = 150000

	// markTable marks a database as ours, by being there.
	markTable = "vouch_database"

	// connectWait is how long a server may take to answer, unless the URL
	// says otherwise.
	connectWait = 10 * time.Second
)

// advisoryLock is what takes a lock until the transaction ends.
func advisoryLock(key int64) []deferred {
	return []deferred{{stmt: `SELECT pg_advisory_xact_lock($1)`, args: []any{key}}}
}

// isURL says whether a path given to Open names a database on a server.
func isURL(path string) bool {
	return strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://")
}

// serverName returns what of a URL can be shown: never the password, which can
// stand in more than one place, and in one that cannot be parsed anywhere.
func serverName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || misread(u) {
		return "on a server"
	}
	shown := url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}
	if name := u.User.Username(); name != "" {
		shown.User = url.User(name)
	}
	return shown.String()
}

// misread says that a URL was not taken apart as it was meant: a slash in a
// password that is not written %2F makes the rest of it the database.
func misread(u *url.URL) bool { return strings.ContainsAny(strings.TrimPrefix(u.Path, "/"), "/@") }

// durable are the settings of connections that write.
var durable = map[string]string{
	// What was committed survives a crash, whatever the server's default.
	"synchronous_commit": "on",
	// A machine that is gone does not keep the lock for two hours.
	"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
}

// openServer opens a database on a PostgreSQL server.
func openServer(ctx context.Context, raw string) (_ *Store, err error) {
	config, err := serverConfig(raw)
	if err != nil {
		return nil, err
	}
	write := connectServer(config, 1, durable)
	from, err := prepareServer(ctx, config, write)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read := connectServer(config, max(4, runtime.GOMAXPROCS(0)), map[string]string{"default_transaction_read_only": "on"})
	p := &pool{db: read}
	terms := &Terms{p, connectServer(config, 1, durable)}
	return &Store{reads: reads{p, &postgresDialect}, write: write, pool: p, wait: writeWait, terms: terms, from: from, config: config, counts: newStatistics(config)}, nil
}

// serverConfig reads the URL of a database.
func serverConfig(raw string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(raw)
	if err != nil || misread(u) {
		return nil, ErrURL // what is wrong may be part of the password
	}
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		return nil, ErrURL
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWait
	}
	return config, nil
}

// connectServer returns at most n connections to a server, with settings that
// the URL does not make.
func connectServer(config *pgx.ConnConfig, n int, settings map[string]string) *sql.DB {
	c := config.Copy()
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "vouch"
	}
	for name, value := range settings {
		c.RuntimeParams[name] = value
	}
	db := sql.OpenDB(textConnector{stdlib.GetConnector(*c)})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// prepareServer refuses servers and databases that are not for us before
// anything in them is touched, and brings the tables up to date. Who else
// opens the database waits.
func prepareServer(ctx context.Context, config *pgx.ConnConfig, write *sql.DB) (m Migration, err error) {
	err = whileOpening(ctx, config, func() error {
		if err := claim(ctx, write); err != nil {
			return err
		}
		m, err = runMigrations(ctx, write, goose.DialectPostgres, "migrations/postgres")
		return err
	})
	return m, err
}

// whileOpening runs fn while nobody else opens the database.
func whileOpening(ctx context.Context, config *pgx.ConnConfig, fn func() error) error {
	opening := connectServer(config, 1, nil)
	defer opening.Close()
	if err := checkServer(ctx, opening); err != nil {
		return err
	}
	d := postgresDialect
	d.lock = advisoryLock(openingLock)
	waiting, cancel := context.WithTimeout(ctx, writeWait)
	defer cancel()
	held, err := begin(ctx, waiting, opening, &d)
	if err != nil {
		return err
	}
	defer held.rollback()
	return fn()
}

// checkServer refuses a server or database that cannot keep what we store.
func checkServer(ctx context.Context, db *sql.DB) error {
	const stmt = `SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), coalesce(current_schema(), '')`
	var version int
	var encoding, schema string
	if err := db.QueryRowContext(ctx, stmt).Scan(&version, &encoding, &schema); err != nil {
		return err
	}
	return serves(version, encoding, schema)
}

func serves(version int, encoding, schema string) error {
	switch {
	case version < oldestServer:
		return fmt.Errorf("%w: it is version %d", ErrOldServer, version/10000)
	case encoding != "UTF8":
		return fmt.Errorf("%w: it has %s", ErrEncoding, encoding)
	case schema == "":
		return fmt.Errorf("%w: its search_path names no schema that exists", ErrDenied)
	}
	return nil
}

// claim refuses a database that holds something else, and marks an empty one
// as ours.
func claim(ctx context.Context, db *sql.DB) error {
	tables, err := serverTables(ctx, db)
	switch {
	case err != nil:
		return err
	case tables[markTable]:
		return nil
	case len(tables) > 0:
		return fmt.Errorf("%w: it holds tables of another program", ErrNotDatabase)
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE `+markTable+` (made_at BIGINT NOT NULL)`)
	return err
}
