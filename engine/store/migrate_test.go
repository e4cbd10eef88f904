package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"vouch/engine"
)

// migratedTo makes the database of an earlier program: with the migrations up
// to this one, and what the statements put in it.
func migratedTo(t *testing.T, path string, version int64, stmts ...string) string {
	t.Helper()
	ctx := t.Context()
	db, old, path := before(t, path)
	if _, err := old.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, stmt := range stmts {
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// before returns an empty database that is marked as ours, and its migrations.
func before(t *testing.T, path string) (*sql.DB, *goose.Provider, string) {
	t.Helper()
	if isURL(path) {
		config, err := pgx.ParseConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		db := connectServer(config, 1, nil)
		if err := claim(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		return db, provider(t, db, goose.DialectPostgres, "migrations/postgres"), path
	}
	file := filepath.Join(path, fileName)
	if err := create(file); err != nil {
		t.Fatal(err)
	}
	if err := identify(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	db, err := connect(file, busyPause, "_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)", 1)
	if err != nil {
		t.Fatal(err)
	}
	return db, provider(t, db, goose.DialectSQLite3, "migrations/sqlite"), file
}

func provider(t *testing.T, db *sql.DB, d goose.Dialect, folder string) *goose.Provider {
	t.Helper()
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(d, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const oldID = "01890000-0000-7000-8000-000000000000"

// TestOutboxSurvivesItsMigration: the outbox is made anew when tunings come,
// and goes on where it was: an index that follows it misses nothing.
func TestOutboxSurvivesItsMigration(t *testing.T) { overBoth(t, emptyDatabase, outboxSurvives) }

func outboxSurvives(t *testing.T, path string) {
	ctx := t.Context()
	s := mustOpen(t, migratedTo(t, path, 1,
		`INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`,
		`INSERT INTO outbox (seq, workspace_id, kind, passage_id, deleted, created_at) VALUES (3, 'w', 'entry', '`+oldID+`', 0, 1), (7, 'w', 'control', '`+oldID+`', 1, 2)`,
	))
	if err := s.PutLexicon(ctx, "w", "x"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Changes(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Change{
		{Seq: 3, Workspace: "w", Kind: engine.PassageEntry, ID: oldID},
		{Seq: 7, Workspace: "w", Kind: engine.PassageControl, ID: oldID, Deleted: true},
		{Seq: 8, Workspace: "w", Kind: engine.ChangeTuning},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes: -want +got\n%s", diff)
	}
}

// TestEntriesSurviveEveryMigration: what an earlier program kept of an entry,
// every version of it, is there with this one, without a day to review it by,
// and can be given one.
func TestEntriesSurviveEveryMigration(t *testing.T) { overEach(t, entriesSurvive) }

func entriesSurvive(t *testing.T, empty func(testing.TB) string) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d migrations (%v)", len(files), err)
	}
	reviewed := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	entry := func(version int, text string) engine.Entry {
		return engine.Entry{
			ID: oldID, Version: version, Question: "Q?", Verdict: engine.VerdictYes, Answer: "a", Text: text, Ownership: "o", Section: "s", Tags: []string{"t"},
			Owner: "w", ReviewedAt: &reviewed, Source: engine.Source{File: "f", Ref: "r", Nth: 1, Place: "p"},
		}
	}
	row := func(version int, text string) string {
		return fmt.Sprintf(`INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags,
			owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at)
			VALUES ('w', '%s', %d, 'Q?', 'yes', 'a', '%s', 'o', 's', '["t"]', 'w', %d, 'f', 'r', 1, 'p', 1)`, oldID, version, text, reviewed.UnixMilli())
	}
	for version := 1; version < len(files); version++ {
		t.Run(fmt.Sprintf("From%d", version), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			outbox := `INSERT INTO outbox (workspace_id, kind, passage_id, created_at) VALUES ('w', 'entry', '` + oldID + `', 1)`
			s := mustOpen(t, migratedTo(t, empty(t), int64(version),
				`INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`, row(1, "first"), row(2, "second"),
				`INSERT INTO entries (workspace_id, id, version, key_hash) VALUES ('w', '`+oldID+`', 2, '`+hash("q")+`')`, outbox, outbox,
			))
			by := reviewed.AddDate(1, 0, 0)
			third := entry(2, "second")
			third.ReviewBy = &by
			third, err := s.PutEntry(ctx, "w", third)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.EntryVersions(ctx, "w", oldID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]engine.Entry{entry(1, "first"), entry(2, "second"), third}, got); diff != "" {
				t.Errorf("versions: -want +got\n%s", diff)
			}
			found, err := s.EntriesByKey(ctx, "w", []string{"q"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]engine.Entry{third}, found); diff != "" || third.ReviewBy == nil {
				t.Errorf("newest: -want +got\n%s", diff)
			}
			if _, err := s.write.Exec("UPDATE entry_versions SET review_by = 0"); err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("a day was changed in a version: %v", err)
			}
			check(t, s)
		})
	}
}

// TestControlsSurviveEveryMigration: what an earlier program kept of a control
// is there with this one, with nothing planned, and can be given a plan. The
// register is empty and nobody was told anything.
func TestControlsSurviveEveryMigration(t *testing.T) { overEach(t, controlsSurvive) }

func controlsSurvive(t *testing.T, empty func(testing.TB) string) {
	files, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d migrations (%v)", len(files), err)
	}
	control := func(version int, title string) engine.Control {
		return engine.Control{
			ID: oldID, Version: version, Ref: "C-1", Domain: "d", Title: title, Description: "e", Criteria: []string{"CC6.1"}, Owner: "o", Frequency: "yearly",
			Status: "planned", Source: engine.Source{File: "f", Ref: "r", Nth: 1, Place: "p"},
		}
	}
	row := func(version int, title string) string {
		return fmt.Sprintf(`INSERT INTO control_versions (workspace_id, id, version, ref, domain, title, description, criteria, owner, frequency, status,
			source_file, source_ref, source_nth, source_place, created_at)
			VALUES ('w', '%s', %d, 'C-1', 'd', '%s', 'e', '["CC6.1"]', 'o', 'yearly', 'planned', 'f', 'r', 1, 'p', 1)`, oldID, version, title)
	}
	for version := 1; version < len(files); version++ {
		t.Run(fmt.Sprintf("From%d", version), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			outbox := `INSERT INTO outbox (workspace_id, kind, passage_id, created_at) VALUES ('w', 'control', '` + oldID + `', 1)`
			s := mustOpen(t, migratedTo(t, empty(t), int64(version),
				`INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`, row(1, "first"), row(2, "second"),
				`INSERT INTO controls (workspace_id, id, version, ref_hash) VALUES ('w', '`+oldID+`', 2, '`+hash("c-1")+`')`, outbox, outbox,
			))
			third := control(2, "second")
			third.Planned = "by June"
			third, err := s.PutControl(ctx, "w", third)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.ControlVersions(ctx, "w", oldID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]engine.Control{control(1, "first"), control(2, "second"), third}, got); diff != "" || third.Planned == "" {
				t.Errorf("versions: -want +got\n%s", diff)
			}
			keepsLedgers(t, s)
			check(t, s)
		})
	}
}

// keepsLedgers fails if the store does not begin with an empty register and
// empty ledgers, or does not take any.
func keepsLedgers(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	for _, want := range []int{0, 1} {
		v, err := s.RegisterVersion(ctx, "w")
		told, toldErr := s.Commitments(ctx, "w", engine.CommitmentFilter{})
		asked, askedErr := s.Askings(ctx, "w", time.Time{})
		if err := errors.Join(err, toldErr, askedErr); err != nil {
			t.Fatal(err)
		}
		if v.Version != want || len(told) != want || len(asked) != want {
			t.Errorf("version %d, %d told, %d asked; want %d of each", v.Version, len(told), len(asked), want)
		}
		if want == 1 {
			return
		}
		_, err = s.PutRegister(ctx, "w", v)
		_, toldErr = s.AddCommitments(ctx, "w", []engine.Commitment{{Customer: "c", Question: "Q?"}})
		askedErr = s.PutAskings(ctx, "w", "c", "q", []engine.Asking{{Question: "Q?", Reason: engine.GapStale}})
		if err := errors.Join(err, toldErr, askedErr); err != nil {
			t.Fatal(err)
		}
	}
}
