package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// Contents says what a database file holds.
type Contents struct {
	File       string              `json:"file"`
	Bytes      int64               `json:"bytes"`
	LogBytes   int64               `json:"log_bytes"` // of the write-ahead log beside it
	Schema     int64               `json:"schema"`    // the last migration that was run
	LastChange int64               `json:"last_change"`
	Newest     *time.Time          `json:"newest,omitempty"` // when the newest of what it holds was stored
	Workspaces []WorkspaceContents `json:"workspaces"`
	Jobs       JobContents         `json:"jobs"`
}

// JobContents says how the jobs of all workspaces are.
type JobContents struct {
	Queued  int        `json:"queued"`
	Running int        `json:"running"`
	Failed  int        `json:"failed"`            // that are kept
	Expired int        `json:"expired"`           // that run, and whose worker was not heard of for the length of its lease
	Waiting *time.Time `json:"waiting,omitempty"` // since when the oldest one waits that could have begun
}

// WorkspaceContents says how much a workspace holds, as it is now: earlier
// versions are not counted.
type WorkspaceContents struct {
	Name        string `json:"name"`
	Entries     int    `json:"entries"`
	Controls    int    `json:"controls"`
	Commitments int    `json:"commitments"`
	Layouts     int    `json:"layouts"`
	Members     int    `json:"members"`
	Admins      int    `json:"admins"` // members who may manage the others, and can sign in

	Questionnaires int `json:"questionnaires"`
	Proposals      int `json:"proposals"` // of entries, also those that were decided
}

// Entries returns how many entries all workspaces have.
func (c *Contents) Entries() (n int) {
	for _, w := range c.Workspaces {
		n += w.Entries
	}
	return n
}

// Controls returns how many controls all workspaces have.
func (c *Contents) Controls() (n int) {
	for _, w := range c.Workspaces {
		n += w.Controls
	}
	return n
}

// Schema returns the last migration this program knows.
func Schema() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	last := int64(0)
	for _, f := range files {
		n, err := goose.NumericComponent(path.Base(f))
		if err != nil {
			return 0, fmt.Errorf("read migrations: %w", err)
		}
		last = max(last, n)
	}
	return last, nil
}

// Inspect reads a database file from end to end and says what it holds. It
// changes nothing, also where a database was made by an earlier program. The
// error is ErrNotDatabase, ErrCorrupt or ErrNewer for a file that this
// program cannot use, and fs.ErrNotExist where there is none.
func Inspect(ctx context.Context, file string) (Contents, error) {
	c, err := inspect(ctx, file)
	if err != nil {
		return c, fmt.Errorf("inspect %s: %w", file, explain(ctx, err))
	}
	return c, nil
}

func inspect(ctx context.Context, file string) (Contents, error) {
	file, err := resolved(file)
	if err != nil {
		return Contents{}, err
	}
	for {
		before, err := os.Stat(file)
		if err != nil {
			return Contents{}, err
		}
		alone := !logged(file)
		c, err := inspectAs(ctx, file, alone)
		if after, statErr := os.Stat(file); !alone || ctx.Err() != nil ||
			statErr == nil && !logged(file) && after.Size() == before.Size() && after.ModTime().Equal(before.ModTime()) {
			return c, err
		}
		// Somebody began to write after we had looked, and was not waited for.
	}
}

// resolved returns the full path of a file. Links are followed: SQLite keeps
// a log beside the file itself.
func resolved(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return abs, nil
	}
	return target, err
}

// logSuffixes name the logs of changes that SQLite keeps beside a file.
var logSuffixes = []string{"-wal", "-journal"}

// logged says whether there is a log beside the file that belongs to it.
func logged(file string) bool {
	for _, suffix := range logSuffixes {
		if info, err := os.Stat(file + suffix); err == nil && info.Size() > 0 {
			return true
		}
	}
	return false
}

// readOnly opens a file to be read only. SQLite makes files beside one with a
// log; a file that stands alone is read without any, and without locks.
func readOnly(file string, alone bool) (*sql.DB, error) {
	options := "mode=ro"
	if alone {
		options += "&immutable=1"
	}
	return connect(file, 10*time.Second, options, 1)
}

func inspectAs(ctx context.Context, file string, alone bool) (Contents, error) {
	db, err := readOnly(file, alone)
	if err != nil {
		return Contents{}, err
	}
	defer db.Close()
	c := Contents{File: file, Workspaces: []WorkspaceContents{}, Bytes: sizeOf(file), LogBytes: sizeOf(file + "-wal")}
	if c.Schema, err = recognise(ctx, db); err != nil {
		return c, err
	}
	if err := intact(ctx, db); err != nil {
		return c, err
	}
	tables, err := names(ctx, db, "SELECT name FROM sqlite_schema WHERE type = 'table'")
	if err != nil {
		return c, err
	}
	has := map[string]bool{}
	for _, t := range tables {
		has[t] = true
	}
	return c, c.read(ctx, db, sqliteDialect.clock, has)
}

func sizeOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// recognise returns the schema of a database of ours, and refuses others and
// newer ones.
func recognise(ctx context.Context, db *sql.DB) (schema int64, err error) {
	var id, tables int64
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if id != applicationID {
		return 0, ErrNotDatabase
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		return 0, fmt.Errorf("%w: nothing was ever stored in it", ErrNotDatabase)
	}
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&schema); err != nil {
		return 0, err
	}
	known, err := Schema()
	if err != nil {
		return schema, err
	}
	if schema > known {
		return schema, fmt.Errorf("%w: it has version %d, this program knows %d", ErrNewer, schema, known)
	}
	return schema, nil
}

// intact reads every page and compares tables with their indexes.
func intact(ctx context.Context, db *sql.DB) error {
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		first, _, _ := strings.Cut(strings.TrimSpace(result), "\n")
		return fmt.Errorf("%w (%s)", ErrCorrupt, first)
	}
	return nil
}

// read counts what there is in the tables it has. Those that come with later
// migrations are empty. clock is what time it is for the database.
func (c *Contents) read(ctx context.Context, db *sql.DB, clock string, has map[string]bool) error {
	if !has["workspaces"] || !has["outbox"] {
		return fmt.Errorf("%w: nothing was ever stored in it", ErrNotDatabase)
	}
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM outbox").Scan(&c.LastChange); err != nil {
		return err
	}
	if err := c.readNewest(ctx, db, has); err != nil {
		return err
	}
	if has["jobs"] {
		if err := c.Jobs.read(ctx, db, clock); err != nil {
			return err
		}
	}
	list, err := names(ctx, db, "SELECT id FROM workspaces ORDER BY id")
	if err != nil {
		return err
	}
	for _, name := range list {
		w := WorkspaceContents{Name: name}
		if err := w.read(ctx, db, has); err != nil {
			return err
		}
		c.Workspaces = append(c.Workspaces, w)
	}
	return nil
}

func (w *WorkspaceContents) read(ctx context.Context, db *sql.DB, has map[string]bool) error {
	for _, x := range []struct {
		table, stmt string
		n           *int
	}{
		{"entries", "SELECT count(*) FROM entries WHERE workspace_id = $1", &w.Entries},
		{"controls", "SELECT count(*) FROM controls WHERE workspace_id = $1", &w.Controls},
		{"commitments", "SELECT count(*) FROM commitments WHERE workspace_id = $1", &w.Commitments},
		{"layouts", "SELECT count(*) FROM layouts WHERE workspace_id = $1", &w.Layouts},
		{"questionnaires", "SELECT count(*) FROM questionnaires WHERE workspace_id = $1", &w.Questionnaires},
		{"members", "SELECT count(*) FROM members WHERE workspace_id = $1", &w.Members},
		{"members", `SELECT count(*) FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND m.role = 'admin' AND u.disabled = 0`, &w.Admins},
		{"entry_proposals", "SELECT count(*) FROM entry_proposals WHERE workspace_id = $1", &w.Proposals},
	} {
		if !has[x.table] {
			continue
		}
		if err := db.QueryRowContext(ctx, x.stmt, w.Name).Scan(x.n); err != nil {
			return err
		}
	}
	return nil
}

func (j *JobContents) read(ctx context.Context, db *sql.DB, clock string) error {
	stmt := `SELECT count(CASE WHEN state = 'queued' THEN 1 END), count(CASE WHEN state = 'running' THEN 1 END), count(CASE WHEN state = 'failed' THEN 1 END),
		count(CASE WHEN state = 'running' AND leased_until < ` + clock + ` THEN 1 END),
		coalesce(min(CASE WHEN state = 'queued' AND next_at <= ` + clock + ` THEN next_at END), 0) FROM jobs`
	var waiting int64
	if err := db.QueryRowContext(ctx, stmt).Scan(&j.Queued, &j.Running, &j.Failed, &j.Expired, &waiting); err != nil {
		return err
	}
	if waiting > 0 {
		at := time.UnixMilli(waiting).UTC()
		j.Waiting = &at
	}
	return nil
}

func (c *Contents) readNewest(ctx context.Context, db *sql.DB, has map[string]bool) error {
	newest := int64(0)
	for _, x := range [][2]string{
		{"outbox", "SELECT coalesce(max(created_at), 0) FROM outbox"},
		{"layouts", "SELECT coalesce(max(updated_at), 0) FROM layouts"},
		{"register_versions", "SELECT coalesce(max(created_at), 0) FROM register_versions"},
		{"commitments", "SELECT coalesce(max(created_at), 0) FROM commitments"},
		{"entry_proposals", "SELECT coalesce(max(coalesce(decided_at, proposed_at)), 0) FROM entry_proposals"},
		{"jobs", "SELECT coalesce(max(created_at), 0) FROM jobs"},
		{"audit_events", "SELECT coalesce(max(at), 0) FROM audit_events"},
	} {
		if !has[x[0]] {
			continue
		}
		var at int64
		if err := db.QueryRowContext(ctx, x[1]).Scan(&at); err != nil {
			return err
		}
		newest = max(newest, at)
	}
	if newest > 0 {
		at := time.UnixMilli(newest).UTC()
		c.Newest = &at
	}
	return nil
}

// names returns the first column of what a statement finds.
func names(ctx context.Context, db *sql.DB, stmt string) (list []string, err error) {
	rows, err := db.QueryContext(ctx, stmt)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
