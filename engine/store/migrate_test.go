package store

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"vouch/engine"
)

// TestOutboxSurvivesItsMigration: the outbox is made anew when tunings come,
// and goes on where it was: an index that follows it misses nothing.
func TestOutboxSurvivesItsMigration(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), fileName)
	if err := create(file); err != nil {
		t.Fatal(err)
	}
	if err := identify(ctx, file); err != nil {
		t.Fatal(err)
	}
	db, err := connect(file, busyPause, "_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)", 1)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	const id = "01890000-0000-7000-8000-000000000000"
	for _, stmt := range []string{
		`INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`,
		`INSERT INTO outbox (seq, workspace_id, kind, passage_id, deleted, created_at) VALUES (3, 'w', 'entry', '` + id + `', 0, 1), (7, 'w', 'control', '` + id + `', 1, 2)`,
	} {
		if _, err := db.ExecContext(ctx, stmt); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, file)
	if err := s.PutLexicon(ctx, "w", "x"); err != nil {
		t.Fatal(err)
	}
	got, err := s.Changes(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Change{
		{Seq: 3, Workspace: "w", Kind: engine.PassageEntry, ID: id},
		{Seq: 7, Workspace: "w", Kind: engine.PassageControl, ID: id, Deleted: true},
		{Seq: 8, Workspace: "w", Kind: engine.ChangeTuning},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes: -want +got\n%s", diff)
	}
}
