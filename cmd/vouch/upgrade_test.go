package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"vouch/engine"
	"vouch/engine/store"
)

// upgradeFrom is the folder of what programs of earlier versions left: the file
// NNNNN.sql is put in after migration NNNNN, and stays as it is. Whoever adds
// a migration adds a file with rows for what came before it.
var upgradeFrom = filepath.Join("testdata", "upgrade")

// bytesOf is how bytes are written in those files, since the engines write them
// each in its own way.
var bytesOf = regexp.MustCompile(`BYTES'([0-9a-f]*)'`)

// leftBy makes a database as the program with this version of the tables left it.
func leftBy(t *testing.T, path string, version int64) {
	t.Helper()
	driver, dialect, folder, bytes := "sqlite", goose.DialectSQLite3, "sqlite", "x'$1'"
	if store.IsURL(path) {
		driver, dialect, folder, bytes = "pgx", goose.DialectPostgres, "postgres", `'\x$1'::bytea`
	} else {
		mend(t, os.MkdirAll(filepath.Dir(path), 0o700))
	}
	db, err := sql.Open(driver, path)
	mend(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	mark := "PRAGMA application_id = 0x766f7563"
	if driver == "pgx" {
		mark = "CREATE TABLE vouch_database (made_at BIGINT NOT NULL)"
	}
	_, err = db.ExecContext(t.Context(), mark)
	mend(t, err)
	p, err := goose.NewProvider(dialect, db, os.DirFS(filepath.Join("..", "..", "engine", "store", "migrations", folder)), goose.WithDisableGlobalRegistry(true))
	mend(t, err)
	for v := int64(1); v <= version; v++ {
		_, err = p.UpTo(t.Context(), v)
		mend(t, err)
		text, err := os.ReadFile(filepath.Join(upgradeFrom, fmt.Sprintf("%05d.sql", v)))
		if os.IsNotExist(err) {
			continue // it brought nothing to put rows in
		}
		mend(t, err)
		tx, err := db.BeginTx(t.Context(), nil)
		mend(t, err)
		for stmt := range strings.SplitSeq(bytesOf.ReplaceAllString(string(text), bytes), ";\n") {
			if strings.TrimSpace(stmt) == "" {
				continue
			}
			if _, err := tx.ExecContext(t.Context(), stmt); err != nil {
				t.Fatalf("version %d: %v: %s", v, err, strings.TrimSpace(stmt)[:40])
			}
		}
		mend(t, tx.Commit())
	}
}

// TestUpgrade opens databases as every earlier program left them. All that was
// in them is there, the audit log verifies, what was stored is found by a search,
// and more can be stored and is found.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	newest, err := store.Schema()
	mend(t, err)
	for version := int64(1); version < newest; version++ {
		if files, _ := filepath.Glob(filepath.Join("..", "..", "engine", "store", "migrations", "sqlite", fmt.Sprintf("%05d_*.sql", version))); len(files) == 0 {
			continue // no program had these tables
		}
		t.Run(fmt.Sprintf("From%d", version), func(t *testing.T) {
			t.Parallel()
			onBothEngines(t, func(t *testing.T, path string, place []string) { upgraded(t, path, place, version) })
		})
	}
}

func upgraded(t *testing.T, path string, place []string, version int64) {
	leftBy(t, path, version)
	in := func(workspace string, args ...string) string {
		t.Helper()
		return must(t, append(append(args, "--workspace", workspace), place...)...)
	}
	if out := in("old", "migrate"); !strings.Contains(out, fmt.Sprintf("from version %d to", version)) {
		t.Errorf("migrate says %q", out)
	}
	const asked = "Is customer data encrypted at rest?"
	if out := in("old", "library", "search", asked); !strings.Contains(out, "past answer") || !strings.Contains(out, asked) {
		t.Errorf("the entry is not found: %s", out)
	}
	if out := in("old", "controls", "list"); !strings.Contains(out, "CR-01") {
		t.Errorf("the control is gone: %s", out)
	}
	if version >= 2 {
		if out := in("old", "lexicon", "list", "--own"); !strings.Contains(out, "operation walrus") {
			t.Errorf("the lexicon is gone: %s", out)
		}
	}
	if version >= 4 {
		if out := in("old", "commitments"); !strings.Contains(out, "Harbour Bank") {
			t.Errorf("what was told is gone: %s", out)
		}
	}
	in("old", "audit", "verify")
	if version >= 5 {
		newer(t, path, version)
		in("new", "audit", "verify")
	}
	more := filepath.Join(t.TempDir(), "more.csv")
	mend(t, os.WriteFile(more, []byte("id,question,answer,explanation\nM-1,Do you have a bug bounty programme?,yes,Since 2024.\n"), 0o600))
	in("old", "library", "import", more)
	if out := in("old", "library", "search", "Do you have a bug bounty programme?"); !strings.Contains(out, "bounty") {
		t.Errorf("what is imported after the upgrade is not found: %s", out)
	}
	in("old", "audit", "verify")
}

// newer looks after what came with the later versions.
func newer(t *testing.T, path string, version int64) {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, path)
	mend(t, err)
	defer s.Close()
	r := audited(t, s, "new")
	events := map[int64]int64{5: 5, 6: 6, 7: 10, 8: 14, 9: 16}
	if want := events[min(version, 9)]; r.Head.Count != want {
		t.Errorf("%d events, want %d", r.Head.Count, want)
	}
	if version >= 6 {
		if list, err := s.Jobs(ctx, "new", engine.JobFilter{State: engine.JobQueued}); err != nil || len(list) != 1 {
			t.Errorf("jobs: %+v (%v)", list, err)
		}
	}
	if version >= 7 {
		if list, err := s.Members(ctx, "new", engine.MemberFilter{}); err != nil || len(list) != 1 || list[0].User.Email != "ada@example.com" || list[0].Role != engine.RoleAdmin {
			t.Errorf("members: %+v (%v)", list, err)
		}
	}
	if version >= 8 {
		list, err := s.Questionnaires(ctx, "new", engine.QuestionnaireFilter{})
		if err != nil || len(list) != 1 || list[0].Counts[engine.AnswerDrafted] != 1 {
			t.Fatalf("questionnaires: %+v (%v)", list, err)
		}
		answers, err := s.Answers(ctx, "new", list[0].ID, engine.AnswerFilter{})
		if err != nil || len(answers) != 1 || answers[0].Current == nil || answers[0].Current.Revision.Text != "Yes." {
			t.Errorf("answers: %+v (%v)", answers, err)
		}
	}
	if version >= 9 {
		if list, err := s.EntryProposals(ctx, "new", engine.ProposalFilter{}); err != nil || len(list) != 1 {
			t.Errorf("proposals: %+v (%v)", list, err)
		}
	}
}
