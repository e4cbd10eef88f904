package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/engine/store"
)

// library imports the sample library and controls into a new data directory.
func library(t *testing.T) (data string) {
	t.Helper()
	dir := t.TempDir()
	data = filepath.Join(dir, "data")
	must(t, "library", "import", fixture(t, dir, "library.csv"), "--data", data)
	must(t, "controls", "import", fixture(t, dir, "controls.csv"), "--data", data)
	return data
}

// exported returns everything the exports give of a data directory.
func exported(t *testing.T, data string) string {
	t.Helper()
	return must(t, "library", "export", "--format", "json", "--data", data) + must(t, "controls", "export", "--format", "json", "--data", data)
}

// TestBackupRoundTrip: what is exported after a backup and a restore is what
// was exported before, and the search finds it.
func TestBackupRoundTrip(t *testing.T) {
	t.Parallel()
	data, other := library(t), filepath.Join(t.TempDir(), "other")
	file := filepath.Join(t.TempDir(), "b.db")
	var made store.Contents
	if err := json.Unmarshal([]byte(must(t, "backup", "-o", file, "--format", "json", "--data", data)), &made); err != nil {
		t.Fatal(err)
	}
	if made.Entries() != 198 || made.Controls() != 102 || len(made.Workspaces) != 1 || made.Bytes == 0 {
		t.Errorf("%+v", made)
	}
	var r restored
	if err := json.Unmarshal([]byte(must(t, "restore", file, "--format", "json", "--data", other)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Indexed != 300 || r.Kept != "" || r.Entries() != 198 {
		t.Errorf("%+v", r)
	}
	if exported(t, data) != exported(t, other) {
		t.Error("the exports differ")
	}
	must(t, "audit", "verify", "--data", other) // the log came with what it is about
	const question = "Is customer data encrypted at rest?"
	if a, b := must(t, "library", "search", question, "--data", data), must(t, "library", "search", question, "--data", other); a != b || !strings.Contains(a, "past answer") {
		t.Errorf("the search finds\n%s\nbefore and\n%s\nafter", a, b)
	}
}

// TestBackupHasANameOfItsOwn: without -o it goes into the current directory,
// under the time.
func TestBackupHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	data, dir := library(t), t.TempDir()
	cmd := program(t, "backup", "--data", data)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "198 entries, 102 controls") {
		t.Fatalf("%v: %s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "vouch-backup-????????-??????Z.db"))
	if err != nil || len(found) != 1 {
		t.Errorf("found %v (%v)", found, err)
	}
}

// TestRestoreReplaces: the index of the old database never answers for the new
// one, also when it is not newer than that; and there is a way back.
func TestRestoreReplaces(t *testing.T) {
	t.Parallel()
	data, dir := library(t), t.TempDir()
	small := filepath.Join(dir, "small")
	list := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, []byte("question,answer\nDo you keep penguins?,yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "library", "import", list, "--data", small)
	before := exported(t, small)
	file := filepath.Join(dir, "b.db")
	must(t, "backup", "-o", file, "--data", data)
	out := must(t, "restore", file, "--replace", "--data", small)
	if exported(t, small) != exported(t, data) || !strings.Contains(out, "300 passages indexed") {
		t.Errorf("the exports differ, or %s", out)
	}
	if found := must(t, "library", "search", "Do you keep penguins?", "--data", small); strings.Contains(found, "penguins") {
		t.Errorf("the old index answers:\n%s", found)
	}
	kept, err := filepath.Glob(filepath.Join(small, "vouch.db.before-restore-*Z"))
	if err != nil || len(kept) != 1 || !strings.Contains(out, kept[0]) {
		t.Fatalf("kept %v (%v), said %s", kept, err, out)
	}
	must(t, "restore", kept[0], "--replace", "-q", "--data", small)
	if exported(t, small) != before {
		t.Error("the way back leads elsewhere")
	}
}

// TestBackupAndRestoreRefuse: one clear sentence and exit code 2, with the
// database as it was.
func TestBackupAndRestoreRefuse(t *testing.T) {
	t.Parallel()
	data, dir := library(t), t.TempDir()
	file, lib := filepath.Join(dir, "b.db"), fixture(t, dir, "library.csv")
	must(t, "backup", "-o", file, "--data", data)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.db")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	before := exported(t, data)
	for _, x := range []struct {
		rule string
		args []string
		says string
	}{
		{"FileIsThere", []string{"backup", "-o", file}, "--overwrite"},
		{"OverTheDatabase", []string{"backup", "-o", filepath.Join(data, databaseName), "--overwrite"}, "a database in use"},
		{"NoData", []string{"backup", "--data", filepath.Join(dir, "none")}, "there is no library"},
		{"DataIsThere", []string{"restore", file}, "--replace"},
		{"NoDatabase", []string{"restore", lib, "--replace"}, "not a vouch database"},
		{"Damaged", []string{"restore", cut, "--replace"}, "damaged"},
		{"NoFile", []string{"restore", filepath.Join(dir, "none.db"), "--replace"}, "none.db"},
		{"Itself", []string{"restore", filepath.Join(data, databaseName), "--replace"}, "in use itself"},
	} {
		t.Run(x.rule, func(t *testing.T) {
			args := x.args
			if x.rule != "NoData" {
				args = append(args, "--data", data)
			}
			code, _, stderr := vouch(t, args...)
			if code != exitRefused || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, x.says) {
				t.Errorf("exit %d, %q: want exit 2 and one line with %q", code, stderr, x.says)
			}
		})
	}
	t.Run("InUse", func(t *testing.T) {
		s, err := store.Open(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		code, _, stderr := vouch(t, "restore", file, "--replace", "--data", data)
		if code != exitRefused || !strings.Contains(stderr, "another process") {
			t.Errorf("exit %d, %q", code, stderr)
		}
	})
	if exported(t, data) != before {
		t.Error("the database was changed")
	}
	checkOnly(t, data, "index", "vouch.db", "vouch.db.lock")
}

// TestKillDuringRestore kills restores at random moments: the old library is
// there or the new one, whole, and the search finds what is in it.
func TestKillDuringRestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files, wants []string
	for i, list := range []string{"question,answer\nDo you keep penguins?,yes\n", "question,answer\nDo you keep ostriches?,no\nDo you keep llamas?,no\n"} {
		name := filepath.Join(dir, []string{"a", "b"}[i])
		if err := os.WriteFile(name+".csv", []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		must(t, "library", "import", name+".csv", "--data", name)
		must(t, "backup", "-o", name+".db", "--data", name)
		files, wants = append(files, name+".db"), append(wants, exported(t, name))
	}
	data := filepath.Join(dir, "data")
	usual := measure(t, "restore", files[0], "--data", data)
	old, replaced := 0, 0
	for i := range kills(t) {
		next := 1 - old
		_, finished := killed(t, time.Duration(rand.Int64N(int64(usual)*5/4)), "restore", files[next], "--replace", "--data", data)
		switch got := exported(t, data); {
		case got == wants[next]:
			old, replaced = next, replaced+1
		case got != wants[old] || finished:
			t.Fatalf("kill %d left another library:\n%s", i, got)
		}
		animal := []string{"penguins", "ostriches"}[old]
		if out := must(t, "library", "search", "Do you keep "+animal+"?", "--data", data); !strings.Contains(out, animal) {
			t.Fatalf("kill %d: the search does not find %s:\n%s", i, animal, out)
		}
	}
	t.Logf("%d of the killed restores had replaced", replaced)
}
