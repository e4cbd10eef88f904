package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

// stored makes a database in dir with n entries and one control in workspace
// w, and returns it closed.
func stored(t *testing.T, dir string, n int) (file string) {
	t.Helper()
	s := mustOpen(t, dir)
	err := errors.Join(s.EnsureWorkspace(t.Context(), "w"), func() error {
		_, err := s.PutControl(t.Context(), "w", engine.Control{Ref: "C-1", Title: "x"})
		return err
	}())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.ImportEntries(t.Context(), s, "w", libraryOf(n)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, fileName)
}

// holds returns every version of every entry, and the changes, of a database.
func holds(t *testing.T, file string) (versions []engine.Entry, changes []engine.Change) {
	t.Helper()
	s := mustOpen(t, file)
	for e, err := range s.AllEntries(t.Context(), "w", engine.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.EntryVersions(t.Context(), "w", e.ID)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, all...)
	}
	changes, err := s.Changes(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	check(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return versions, changes
}

func same(t *testing.T, what, a, b string) {
	t.Helper()
	va, ca := holds(t, a)
	vb, cb := holds(t, b)
	if diff := cmp.Diff(va, vb) + cmp.Diff(ca, cb); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func filesIn(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestBackupHoldsEverything(t *testing.T) {
	t.Parallel()
	file, dir := stored(t, t.TempDir(), 7), t.TempDir()
	s := mustOpen(t, file)
	if err := s.EnsureWorkspace(t.Context(), "empty"); err != nil { // in the log, not yet in the file
		t.Fatal(err)
	}
	to := filepath.Join(dir, "odd 100%?#&'.db")
	c, err := s.Backup(t.Context(), to, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []WorkspaceContents{{Name: "empty"}, {Name: "w", Entries: 7, Controls: 1}}
	if diff := cmp.Diff(want, c.Workspaces); diff != "" || c.File != to || c.Bytes == 0 || c.LastChange != 8 || c.Newest == nil || c.Entries() != 7 || c.Controls() != 1 {
		t.Errorf("%+v: -want +got\n%s", c, diff)
	}
	if got := filesIn(t, dir); got != filepath.Base(to) {
		t.Errorf("the folder has %s, want the backup alone", got)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
	same(t, "backup", file, to)
}

func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rule string
		to   func(t *testing.T, source string) string
		over bool
		want error
	}{
		{"FileThatIsThere", func(t *testing.T, _ string) string { return written(t, "x.db", []byte("mine")) }, false, ErrFileExists},
		{"Folder", func(t *testing.T, _ string) string { return t.TempDir() }, true, ErrFileExists},
		{"ItsOwnDatabase", func(_ *testing.T, source string) string { return source }, true, ErrLive},
		{"LinkToItsOwnDatabase", func(t *testing.T, source string) string {
			link := filepath.Join(t.TempDir(), "link.db")
			if err := os.Symlink(source, link); err != nil {
				t.Skip(err)
			}
			return link
		}, true, ErrLive},
		{"DatabaseInUse", func(t *testing.T, _ string) string {
			other := stored(t, t.TempDir(), 1)
			if err := mustOpen(t, other).EnsureWorkspace(t.Context(), "more"); err != nil {
				t.Fatal(err)
			}
			return other
		}, true, ErrLive},
		{"FolderThatIsNotThere", func(t *testing.T, _ string) string { return filepath.Join(t.TempDir(), "none", "x.db") }, false, ErrNoAccess},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			source := stored(t, t.TempDir(), 1)
			to := x.to(t, source)
			before, _ := os.ReadFile(to)
			if _, err := Backup(t.Context(), source, to, x.over); !errors.Is(err, x.want) {
				t.Errorf("got %v, want %v", err, x.want)
			}
			if after, _ := os.ReadFile(to); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func written(t *testing.T, name string, b []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	write(t, p, b)
	return p
}

func TestBackupOverwritesWhenAsked(t *testing.T) {
	t.Parallel()
	source, to := stored(t, t.TempDir(), 2), stored(t, t.TempDir(), 1)
	if _, err := Backup(t.Context(), source, to, true); err != nil {
		t.Fatal(err)
	}
	same(t, "backup", source, to)
}

// TestBackupThatFailsLeavesNothing: an error or a cancelled call leaves no
// file under the name and none beside it.
func TestBackupThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	damaged := stored(t, t.TempDir(), 200)
	damage(t, damaged)
	for rule, x := range map[string]struct {
		ctx    context.Context
		source string
		want   error
	}{
		"Cancelled":     {cancelled, stored(t, t.TempDir(), 1), context.Canceled},
		"DamagedSource": {t.Context(), damaged, ErrCorrupt},
		"NoSource":      {t.Context(), filepath.Join(t.TempDir(), "none.db"), ErrNoAccess},
		"OtherSource":   {t.Context(), written(t, "x.db", nil), ErrNotDatabase},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if _, err := Backup(x.ctx, x.source, filepath.Join(dir, "b.db"), false); !errors.Is(err, x.want) {
				t.Errorf("got %v, want %v", err, x.want)
			}
			if got := filesIn(t, dir); got != "" {
				t.Errorf("left behind: %s", got)
			}
		})
	}
}

// damage overwrites pages in the middle of a database.
func damage(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 3; i < len(b); i++ {
		b[i] = 0xa5
	}
	write(t, file, b)
}

// TestBackupWhileOthersWrite: writers in this process and in another go on
// while backups are made. What was acknowledged before a backup began is in
// it, and every transaction is there whole or not at all.
func TestBackupWhileOthersWrite(t *testing.T) {
	t.Parallel()
	ctx, dir, out := t.Context(), t.TempDir(), t.TempDir()
	s := mustOpen(t, dir)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	cmd, _, errs := startChild(t, "import", dir) // ends when it is killed
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	const perBatch = 5
	var acknowledged atomic.Int64
	writing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := int64(0); writing.Err() == nil; n++ {
			err := s.InTx(ctx, func(tx engine.Tx) error {
				for i := range perBatch {
					if _, err := tx.PutEntry(ctx, "w", engine.Entry{Question: fmt.Sprintf("Ours %d %d?", n, i), Answer: "a"}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
				return
			}
			acknowledged.Store(n + 1)
		}
	})
	for n := range 5 {
		time.Sleep(30 * time.Millisecond)
		before := acknowledged.Load()
		to := filepath.Join(out, fmt.Sprintf("%d.db", n))
		if _, err := s.Backup(ctx, to, false); err != nil {
			t.Fatalf("%v: %s", err, errs)
		}
		b := mustOpen(t, to)
		ours := 0
		for e, err := range b.AllEntries(ctx, "w", engine.EntryFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(e.Question, "Ours ") {
				ours++
			}
		}
		if ours%perBatch != 0 || int64(ours) < before*perBatch {
			t.Errorf("backup %d has %d of our entries: want whole batches of %d, and at least the %d acknowledged", n, ours, perBatch, before*perBatch)
		}
		check(t, b)
	}
	stop()
	wg.Wait()
}

// TestInspectChangesNothing: a database that stands alone is read without a
// file being made beside it, one of an earlier program is not migrated, and
// one with a log is read with it.
func TestInspectChangesNothing(t *testing.T) {
	t.Parallel()
	for rule, file := range map[string]string{
		"Alone":          stored(t, t.TempDir(), 3),
		"EarlierProgram": migratedTo(t, t.TempDir(), 1, `INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			before, files := read(t, file), filesIn(t, filepath.Dir(file))
			c, err := Inspect(t.Context(), file)
			if err != nil || len(c.Workspaces) != 1 {
				t.Errorf("%+v, %v", c, err)
			}
			if now := filesIn(t, filepath.Dir(file)); now != files || !bytes.Equal(before, read(t, file)) {
				t.Errorf("%s before, %s after", files, now)
			}
		})
	}
	t.Run("InUse", func(t *testing.T) {
		t.Parallel()
		file := stored(t, t.TempDir(), 3)
		s := mustOpen(t, file)
		if err := s.EnsureWorkspace(t.Context(), "logged"); err != nil {
			t.Fatal(err)
		}
		if c, err := Inspect(t.Context(), file); err != nil || len(c.Workspaces) != 2 || c.LogBytes == 0 {
			t.Errorf("%+v, %v: want what is in the log as well", c, err)
		}
	})
	if _, err := Inspect(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
