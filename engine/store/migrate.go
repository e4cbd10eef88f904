package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// Migration says from which version of the tables to which a database was
// brought, or would be. From is 0 for a database without any.
type Migration struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Pending says that there is something to do.
func (m Migration) Pending() bool { return m.From < m.To }

// Migrated returns what opening the database did to its tables.
func (s *Store) Migrated() Migration { return s.from }

// Check returns what opening the database at path would do to its tables, and
// changes nothing. A file that is not there, and a database on a server without
// tables of ours or others, are at version 0. A newer database is ErrNewer.
func Check(ctx context.Context, path string) (Migration, error) {
	m, err := pending(ctx, path)
	if err != nil {
		return m, fmt.Errorf("look at database %s: %w", Name(path), explain(ctx, err))
	}
	return m, nil
}

func pending(ctx context.Context, path string) (m Migration, err error) {
	if m.To, err = Schema(); err != nil {
		return m, err
	}
	if isURL(path) {
		m.From, err = serverVersion(ctx, path)
	} else {
		m.From, err = fileVersion(ctx, path)
	}
	if err == nil && m.From > m.To {
		err = fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, m.From, m.To)
	}
	return m, err
}

const lastMigration = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`

func fileVersion(ctx context.Context, path string) (version int64, err error) {
	file, err := File(path)
	if err != nil {
		return 0, err
	}
	if file, err = resolved(file); err != nil {
		return 0, err
	}
	if info, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return 0, nil
	}
	db, err := readOnly(file, !logged(file))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var id, tables, migrated int64
	const stmt = `SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema), (SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version')`
	if err := db.QueryRowContext(ctx, stmt).Scan(&id, &tables, &migrated); err != nil {
		return 0, err
	}
	switch {
	case id != applicationID && (id != 0 || tables != 0):
		return 0, fmt.Errorf("%w: it is the database of another program", ErrNotDatabase)
	case migrated == 0:
		return 0, nil
	}
	return version, db.QueryRowContext(ctx, lastMigration).Scan(&version)
}

func serverVersion(ctx context.Context, raw string) (version int64, err error) {
	config, err := serverConfig(raw)
	if err != nil {
		return 0, err
	}
	db := lookAtServer(config)
	defer db.Close()
	if err := checkServer(ctx, db); err != nil {
		return 0, err
	}
	tables, err := serverTables(ctx, db)
	if err != nil {
		return 0, err
	}
	switch {
	case len(tables) > 0 && !tables[markTable]:
		return 0, fmt.Errorf("%w: it holds tables of another program", ErrNotDatabase)
	case !tables["goose_db_version"]:
		return 0, nil
	}
	return version, db.QueryRowContext(ctx, lastMigration).Scan(&version)
}

// lookAtServer returns a connection that changes nothing.
func lookAtServer(config *pgx.ConnConfig) *sql.DB {
	return connectServer(config, 1, map[string]string{"default_transaction_read_only": "on"})
}

// serverTables returns the tables in the schema that is used. What belongs to
// an extension does not count.
func serverTables(ctx context.Context, db *sql.DB) (map[string]bool, error) {
	const stmt = `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
	list, err := names(ctx, db, stmt)
	if err != nil {
		return nil, err
	}
	tables := make(map[string]bool, len(list))
	for _, name := range list {
		tables[name] = true
	}
	return tables, nil
}

// runMigrations runs the migrations in a folder that the database has not
// seen.
func runMigrations(ctx context.Context, db *sql.DB, d goose.Dialect, folder string) (m Migration, err error) {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return m, err
	}
	p, err := goose.NewProvider(d, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return m, fmt.Errorf("read migrations: %w", err)
	}
	if m.From, m.To, err = p.GetVersions(ctx); err != nil {
		return m, fmt.Errorf("read version: %w", err)
	}
	if m.From > m.To {
		return m, fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, m.From, m.To)
	}
	if _, err := p.Up(ctx); err != nil {
		return m, fmt.Errorf("migrate from version %d: %w", m.From, err)
	}
	return m, nil
}
