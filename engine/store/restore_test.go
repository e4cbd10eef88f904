package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// backedUp makes a backup of a database with n entries.
func backedUp(t *testing.T, n int) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := Backup(t.Context(), stored(t, t.TempDir(), n), to, false); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestRestoreIntoAnEmptyFolder(t *testing.T) {
	t.Parallel()
	from, dir := backedUp(t, 5), filepath.Join(t.TempDir(), "data")
	r, err := Restore(t.Context(), from, dir, RestoreOptions{})
	if err != nil || r.Entries() != 5 || r.Kept != "" {
		t.Errorf("%+v, %v", r, err)
	}
	if got := filesIn(t, dir); got != "vouch.db vouch.db.lock" {
		t.Errorf("the folder has %s", got)
	}
	if info, err := os.Stat(filepath.Join(dir, fileName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	same(t, "restored", from, filepath.Join(dir, fileName))
}

// TestRestoreKeepsTheOldDatabase: whole, with what was in its log only, under
// a name of its own each time.
func TestRestoreKeepsTheOldDatabase(t *testing.T) {
	t.Parallel()
	from, file := backedUp(t, 5), stored(t, t.TempDir(), 2)
	strandLog(t, file)
	called := 0
	o := RestoreOptions{Replace: true, BeforeSwap: func() error { called++; return nil }}
	r, err := Restore(t.Context(), from, file, o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Restore(t.Context(), r.Kept, file, o)
	if err != nil || again.Kept == r.Kept || called != 2 {
		t.Fatalf("kept as %s and %s, %d calls (%v)", r.Kept, again.Kept, called, err)
	}
	same(t, "old, restored again", r.Kept, file)
	same(t, "new, kept", from, again.Kept)
	if c, err := Inspect(t.Context(), file); err != nil || len(c.Workspaces) != 2 {
		t.Errorf("%+v, %v: want the workspace that was only in the log", c.Workspaces, err)
	}
}

// strandLog leaves a log beside a database as a killed process does, with a
// workspace that is in it only.
func strandLog(t *testing.T, file string) {
	t.Helper()
	s, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EnsureWorkspace(t.Context(), "logged"); err != nil {
		t.Fatal(err)
	}
	db, wal := read(t, file), read(t, file+"-wal")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, file, db)
	write(t, file+"-wal", wal)
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rule string
		from func(t *testing.T, file string) string
		no   bool // not with Replace
		want error
	}{
		{"DatabaseThatIsThere", func(t *testing.T, _ string) string { return backedUp(t, 1) }, true, ErrHasData},
		{"ItsOwnDatabase", func(_ *testing.T, file string) string { return file }, false, ErrLive},
		{"TextFile", func(t *testing.T, _ string) string {
			return written(t, "x.db", bytes.Repeat([]byte("question,answer\n"), 999))
		}, false, ErrNotDatabase},
		{"EmptyFile", func(t *testing.T, _ string) string { return written(t, "x.db", nil) }, false, ErrNotDatabase},
		{"NothingStored", func(t *testing.T, _ string) string { return justMade(t) }, false, ErrNotDatabase},
		{"DamagedPages", func(t *testing.T, _ string) string {
			from := backedUp(t, 300)
			damage(t, from)
			return from
		}, false, ErrCorrupt},
		{"CutShort", func(t *testing.T, _ string) string {
			b := read(t, backedUp(t, 300))
			return written(t, "x.db", b[:len(b)/2])
		}, false, ErrCorrupt},
		{"NewerProgram", func(t *testing.T, _ string) string {
			from := stored(t, t.TempDir(), 1)
			s := mustOpen(t, from)
			if _, err := s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			return from
		}, false, ErrNewer},
		{"NoFile", func(t *testing.T, _ string) string { return filepath.Join(t.TempDir(), "none") }, false, os.ErrNotExist},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			file := stored(t, t.TempDir(), 2)
			from := x.from(t, file)
			before, files := read(t, file), filesIn(t, filepath.Dir(file))
			_, err := Restore(t.Context(), from, file, RestoreOptions{Replace: !x.no, BeforeSwap: func() error { t.Error("caches were removed"); return nil }})
			if !errors.Is(err, x.want) {
				t.Errorf("got %v, want %v", err, x.want)
			}
			if now := filesIn(t, filepath.Dir(file)); now != files || !bytes.Equal(before, read(t, file)) {
				t.Errorf("%s before, %s after", files, now)
			}
			if x.rule == "DatabaseThatIsThere" || x.rule == "ItsOwnDatabase" {
				return
			}
			fresh := filepath.Join(t.TempDir(), "fresh")
			if _, err := Restore(t.Context(), from, fresh, RestoreOptions{}); !errors.Is(err, x.want) {
				t.Errorf("into nothing: got %v, want %v", err, x.want)
			}
			if _, err := os.Stat(fresh); err == nil {
				t.Error("a folder was made for it")
			}
		})
	}
}

// justMade makes a database as it is before the first migration.
func justMade(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.db")
	if err := errors.Join(create(file), identify(t.Context(), file)); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRestoreWhileInUse: a process that has the database open, idle or not,
// keeps it from being replaced, and goes on.
func TestRestoreWhileInUse(t *testing.T) {
	t.Parallel()
	from, file := backedUp(t, 1), stored(t, t.TempDir(), 2)
	s := mustOpen(t, file)
	if _, err := Restore(t.Context(), from, file, RestoreOptions{Replace: true}); !errors.Is(err, ErrInUse) {
		t.Errorf("this process has it open: got %v, want ErrInUse", err)
	}
	if err := s.EnsureWorkspace(t.Context(), "still works"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	cmd, _, _ := startChild(t, "import", dir)
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	s = mustOpen(t, dir) // waits until the other has made it
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for c, err := Inspect(t.Context(), filepath.Join(dir, fileName)); err != nil || c.Entries() == 0; c, err = Inspect(t.Context(), filepath.Join(dir, fileName)) {
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	if _, err := Restore(t.Context(), from, dir, RestoreOptions{Replace: true}); !errors.Is(err, ErrInUse) {
		t.Errorf("another process has it open: got %v, want ErrInUse", err)
	}
}

// TestRestoreStoppedBetweenSteps: a crash after any number of steps leaves the
// old database with what its log held, or the new one, and a restore after it
// succeeds and leaves no second name of the database in use.
func TestRestoreStoppedBetweenSteps(t *testing.T) {
	t.Parallel()
	for steps := range 6 {
		t.Run(strings.Repeat("I", steps), func(t *testing.T) {
			t.Parallel()
			ctx, from, file := t.Context(), backedUp(t, 5), stored(t, t.TempDir(), 2)
			old := filepath.Join(t.TempDir(), "old.db")
			strandLog(t, file)
			if _, err := Backup(ctx, file, old, false); err != nil {
				t.Fatal(err)
			}
			strandLog(t, file)
			r, err := newRestore(from, file, RestoreOptions{Replace: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range r.steps()[:steps] {
				if err := step(ctx); err != nil {
					t.Fatal(err)
				}
			}
			want := old
			if steps == len(r.steps()) {
				want = from
			}
			same(t, "after the crash", want, file)
			again, err := Restore(ctx, from, file, RestoreOptions{Replace: true})
			if err != nil {
				t.Fatal(err)
			}
			kept, err := Kept(file)
			if err != nil || len(kept) != 1+map[bool]int{true: 1}[steps == len(r.steps())] {
				t.Errorf("kept aside: %v (%v)", kept, err)
			}
			same(t, "restored after it", from, file)
			same(t, "kept", want, again.Kept)
			if got := filesIn(t, filepath.Dir(file)); strings.Contains(got, ".restoring") {
				t.Errorf("left behind: %s", got)
			}
		})
	}
}

// TestRestoreOverADamagedDatabase: it and its log are kept as they are, and
// the log is not applied to the new one.
func TestRestoreOverADamagedDatabase(t *testing.T) {
	t.Parallel()
	for rule, spoil := range map[string]func(t *testing.T, file string){
		"Header": func(t *testing.T, file string) { write(t, file, bytes.Repeat([]byte{0xa5}, 8192)) },
		"Pages":  damage,
		"Gone":   func(_ *testing.T, file string) { _ = os.Remove(file) },
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			from, file := backedUp(t, 5), stored(t, t.TempDir(), 50)
			strandLog(t, file)
			spoil(t, file)
			wal := read(t, file+"-wal")
			before, _ := os.ReadFile(file)
			r, err := Restore(t.Context(), from, file, RestoreOptions{Replace: true})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "restored", from, file)
			if rule == "Pages" { // SQLite could fold the log in
				return
			}
			if got := read(t, r.Kept+"-wal"); !bytes.Equal(got, wal) {
				t.Error("the log is not kept as it was")
			}
			if after, _ := os.ReadFile(r.Kept); !bytes.Equal(before, after) {
				t.Error("the database is not kept as it was")
			}
		})
	}
}

// TestRestoreThatFailsUndoes: an error late leaves the old database in place
// with its log, under one name.
func TestRestoreThatFailsUndoes(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	file := stored(t, t.TempDir(), 2)
	_, err := Restore(t.Context(), backedUp(t, 5), file, RestoreOptions{Replace: true, BeforeSwap: func() error { return boom }})
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if got := filesIn(t, filepath.Dir(file)); got != "vouch.db vouch.db.lock" {
		t.Errorf("the folder has %s", got)
	}
	if v, _ := holds(t, file); len(v) != 2 {
		t.Errorf("%d entries, want 2", len(v))
	}
}

// TestRestoreOfAnEarlierProgram: its backup is migrated by the next Open, and
// was not before.
func TestRestoreOfAnEarlierProgram(t *testing.T) {
	t.Parallel()
	old := migratedTo(t, t.TempDir(), 1, `INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`)
	from, dir := filepath.Join(t.TempDir(), "b.db"), t.TempDir()
	c, err := Backup(t.Context(), old, from, false)
	if err != nil || c.Schema != 1 {
		t.Fatalf("schema %d (%v), want 1", c.Schema, err)
	}
	if _, err := Restore(t.Context(), from, dir, RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir)
	if _, err := s.PutEntry(t.Context(), "w", engine.Entry{Question: "Q?", Answer: "a"}); err != nil {
		t.Error(err)
	}
	check(t, s)
}
