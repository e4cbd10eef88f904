package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

// childEnv makes the test binary a child process: what to do, and the database
// to do it to.
const childEnv = "VOUCH_STORE_CHILD"

func TestMain(m *testing.M) {
	if what, path, ok := strings.Cut(os.Getenv(childEnv), ":"); ok {
		os.Exit(child(what, path))
	}
	code := m.Run()
	dropTemplate()
	os.Exit(code)
}

// child runs one of the child processes, and returns its exit code.
func child(what, path string) int {
	run := map[string]func(context.Context, string) error{"open": openOnce, "import": importForever}[what]
	if err := run(context.Background(), path); err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}

// startChild starts this test binary as a child process.
func startChild(t *testing.T, what, path string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+what+":"+path)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &out, &errs
}

func openOnce(ctx context.Context, path string) error {
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(s.EnsureWorkspace(ctx, "w"), s.Close())
}

func mustOpen(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestOpenFindsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		"new":           "new/vouch.db",
		"new2/":         "new2/vouch.db",
		".":             "vouch.db",
		"a/b/c.db":      "a/b/c.db",
		"my.data/":      "my.data/vouch.db",
		"odd 100%?#&.x": "odd 100%?#&.x",
	} {
		full := filepath.Join(dir, path)
		if strings.HasSuffix(path, "/") {
			full += "/"
		}
		for range 2 { // the second time it is there
			s := mustOpen(t, full)
			if err := s.EnsureWorkspace(t.Context(), "w"); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, want)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Open(t.Context(), ""); err == nil {
		t.Error("an empty path was opened")
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := mustOpen(t, dir)
	if err := s.EnsureWorkspace(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: mode %o, want %o", d.Name(), got, want)
		}
		seen++
		return nil
	})
	if err != nil || seen < 4 {
		t.Errorf("saw %d files (%v), want the folder, the database, its log and its lock", seen, err)
	}
}

func TestConnectionsAreConfigured(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, t.TempDir())
	for _, x := range []struct {
		db           *sql.DB
		pragma, want string
	}{
		{s.write, "journal_mode", "wal"}, {s.write, "synchronous", "2"}, {s.write, "foreign_keys", "1"}, {s.write, "busy_timeout", "250"},
		{s.pool.db, "journal_mode", "wal"}, {s.pool.db, "query_only", "1"}, {s.pool.db, "busy_timeout", "10000"},
	} {
		var got string
		if err := x.db.QueryRow("PRAGMA " + x.pragma).Scan(&got); err != nil || got != x.want {
			t.Errorf("%s: got %q (%v), want %q", x.pragma, got, err, x.want)
		}
	}
	if n := s.write.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections write, want 1", n)
	}
}

func TestManyMayOpenANewDatabaseAtOnce(t *testing.T) { overBoth(t, emptyDatabase, manyOpen) }

func manyOpen(t *testing.T, dir string) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := openOnce(t.Context(), dir); err != nil {
				t.Error(err)
			}
		})
	}
	for range 4 {
		cmd, _, errs := startChild(t, "open", dir)
		wg.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("child: %v: %s", err, errs)
			}
		})
	}
	wg.Wait()
	check(t, mustOpen(t, dir))
}

func TestOpenSaysWhatTheFileIs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	exec := func(t *testing.T, path, stmt string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(stmt); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		name string
		make func(*testing.T, string)
		want error
	}{
		{"TextFile", func(t *testing.T, p string) { write(t, p, bytes.Repeat([]byte("question,answer\n"), 1000)) }, ErrNotDatabase},
		{"OtherProgramsDatabase", func(t *testing.T, p string) { exec(t, p, "CREATE TABLE moz_places (id INTEGER)") }, ErrNotDatabase},
		{"OtherApplicationID", func(t *testing.T, p string) { exec(t, p, "PRAGMA application_id = 42; PRAGMA user_version = 1") }, ErrNotDatabase},
		{"NewerVersion", func(t *testing.T, p string) {
			if err := openOnce(ctx, p); err != nil {
				t.Fatal(err)
			}
			exec(t, p, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
		}, ErrNewer},
		{"DamagedPages", func(t *testing.T, p string) {
			if err := openOnce(ctx, p); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < len(b); i++ {
				b[i] = 0xa5
			}
			write(t, p, b)
		}, ErrCorrupt},
		{"FolderIsAFile", func(t *testing.T, p string) {
			write(t, filepath.Dir(p), nil)
		}, ErrNoAccess},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			p := filepath.Join(t.TempDir(), "file.db")
			if x.name == "FolderIsAFile" {
				p = filepath.Join(p, "inside.db")
			}
			x.make(t, p)
			before, _ := os.ReadFile(p)
			s, err := Open(ctx, p)
			if !errors.Is(err, x.want) {
				t.Errorf("got %v, want %v", err, x.want)
			}
			if err == nil {
				_ = s.Close()
			}
			if after, _ := os.ReadFile(p); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFullDiskUndoesTheTransaction(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), mustOpen(t, t.TempDir())
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec("PRAGMA max_page_count = 60"); err != nil {
		t.Fatal(err)
	}
	big := engine.Entry{Question: "Big?", Text: strings.Repeat("x", engine.MaxAnswerChars)}
	var err error
	stored := 0
	for ; err == nil && stored < 100; stored++ {
		_, err = s.PutEntry(ctx, "w", big)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want ErrFull", err)
	}
	if _, err := s.write.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutEntry(ctx, "w", big); err != nil {
		t.Errorf("with space again: %v", err)
	}
	n := 0
	for _, err := range s.AllEntries(ctx, "w", engine.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != stored {
		t.Errorf("got %d entries, want %d", n, stored)
	}
	check(t, s)
}

func TestWriterWaitsForOtherProcesses(t *testing.T) { overBoth(t, newDatabase, writerWaits) }

func writerWaits(t *testing.T, dir string) {
	a, b := mustOpen(t, dir), mustOpen(t, dir)
	b.wait = 400 * time.Millisecond
	ctx := t.Context()
	err := a.InTx(ctx, func(engine.Tx) error {
		if err := b.EnsureWorkspace(ctx, "w"); !errors.Is(err, engine.ErrBusy) {
			t.Errorf("waited long enough: got %v, want ErrBusy", err)
		}
		b.wait = time.Hour
		soon, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := b.EnsureWorkspace(soon, "w"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller's time is over: got %v, want DeadlineExceeded", err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v to notice that the caller's time is over", took)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := b.EnsureWorkspace(ctx, "w"); err != nil {
		t.Errorf("after the other has finished: %v", err)
	}
}

func TestStoreInsideItsOwnTransactionIsBusy(t *testing.T) { overBoth(t, newDatabase, ownBusy) }

func ownBusy(t *testing.T, path string) {
	ctx, s := t.Context(), mustOpen(t, path)
	s.wait = 50 * time.Millisecond
	err := s.InTx(ctx, func(engine.Tx) error { return s.EnsureWorkspace(ctx, "w") })
	if !errors.Is(err, engine.ErrBusy) {
		t.Errorf("got %v, want ErrBusy instead of waiting for ever", err)
	}
}

func TestVersionsCannotBeTouched(t *testing.T) { overBoth(t, newDatabase, versionsStay) }

func versionsStay(t *testing.T, path string) {
	ctx, s := t.Context(), mustOpen(t, path)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	_, entryErr := s.PutEntry(ctx, "w", engine.Entry{Question: "x", Answer: "x"})
	_, controlErr := s.PutControl(ctx, "w", engine.Control{Ref: "x", Title: "x"})
	_, registerErr := s.PutRegister(ctx, "w", engine.RegisterVersion{})
	_, commitmentErr := s.AddCommitments(ctx, "w", []engine.Commitment{{Customer: "c", Question: "x"}})
	p, _, proposalErr := s.AddEntryProposal(ctx, "w", engine.EntryProposal{Kind: engine.ProposalNew, Proposed: engine.Entry{Question: "x", Answer: "y"}, By: "b"})
	at := time.Now()
	p.State, p.DecidedBy, p.DecidedAt = engine.ProposalRejected, "b", &at
	_, decisionErr := s.DecideEntryProposal(ctx, "w", p)
	if err := errors.Join(entryErr, controlErr, registerErr, commitmentErr, proposalErr, decisionErr); err != nil {
		t.Fatal(err)
	}
	for _, stmt := range []string{
		"UPDATE register_versions SET register = '{}'", "DELETE FROM register_versions", "UPDATE commitments SET answer = 'y'", "DELETE FROM commitments",
		"INSERT INTO register_versions VALUES ('w', 2, '[]', 0)", "INSERT INTO register_versions VALUES ('w', 0, '{}', 0)",
		"UPDATE entry_versions SET answer = 'y'", "DELETE FROM entry_versions", "UPDATE control_versions SET title = 'y'", "DELETE FROM control_versions",
		"UPDATE entries SET version = 2", "UPDATE controls SET version = 2", "DELETE FROM workspaces",
		"INSERT INTO entry_versions SELECT workspace_id, id, 0, question, verdict, answer, explanation, ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at, review_by, visibility, products, language FROM entry_versions",
		"UPDATE entry_versions SET visibility = 'public'", "DELETE FROM entry_proposals", "UPDATE entry_proposals SET proposed = '{}'",
		"UPDATE entry_proposals SET kind = 'conflict'", "UPDATE entry_proposals SET proposed_by = 'other'", "UPDATE entry_proposals SET questionnaire = 'other'",
		"UPDATE entry_proposals SET state = 'open', decided_by = '', decided_at = NULL",
		"INSERT INTO outbox (workspace_id, kind, passage_id, created_at) SELECT workspace_id, 'layout', passage_id, 0 FROM outbox",
	} {
		_, err := s.write.Exec(stmt)
		if err := explain(ctx, err); !errors.Is(err, ErrInvalid) && !errors.Is(err, engine.ErrNoWorkspace) {
			t.Errorf("%.40s: got %v, want a refusal", stmt, err)
		}
	}
	check(t, s)
}

func TestEveryDialectHasTheSameMigrations(t *testing.T) {
	t.Parallel()
	numbers := map[string][]string{}
	err := fs.WalkDir(migrations, "migrations", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			dialect := filepath.Base(filepath.Dir(path))
			numbers[dialect] = append(numbers[dialect], d.Name())
		}
		return err
	})
	if err != nil || len(numbers["sqlite"]) == 0 {
		t.Fatalf("got %v (%v)", numbers, err)
	}
	for dialect, names := range numbers {
		if got, want := strings.Join(names, " "), strings.Join(numbers["sqlite"], " "); got != want {
			t.Errorf("%s has %s, sqlite has %s", dialect, got, want)
		}
	}
}

// check fails if the database is damaged or breaks an invariant that spans
// tables.
func check(t *testing.T, s *Store) {
	t.Helper()
	if s.d == &sqliteDialect {
		var result string
		if err := s.write.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
			t.Errorf("integrity check: %s (%v)", result, err)
		}
		var broken int
		if err := s.write.QueryRow("SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil || broken != 0 {
			t.Errorf("%d broken references (%v)", broken, err)
		}
	}
	for what, stmt := range map[string]string{
		"entries whose versions have holes, or whose newest is not current": `SELECT count(*) FROM entries e WHERE
			(SELECT count(*) FROM entry_versions v WHERE v.workspace_id = e.workspace_id AND v.id = e.id) <> e.version`,
		"controls whose versions have holes, or whose newest is not current": `SELECT count(*) FROM controls c WHERE
			(SELECT count(*) FROM control_versions v WHERE v.workspace_id = c.workspace_id AND v.id = c.id) <> c.version`,
		"ids with more or fewer outbox rows than versions": `SELECT count(*) FROM (SELECT 1 FROM (
			SELECT workspace_id, id, 'entry' AS kind, 1 AS n FROM entry_versions
			UNION ALL SELECT workspace_id, id, 'control', 1 FROM control_versions
			UNION ALL SELECT workspace_id, passage_id, kind, -1 FROM outbox) x GROUP BY workspace_id, id, kind HAVING sum(n) <> 0) y`,
	} {
		var n int
		if err := s.write.QueryRow(stmt).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d %s (%v)", n, what, err)
		}
	}
}
