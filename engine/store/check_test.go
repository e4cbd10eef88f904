package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// TestCheck: what opening would do is told before and after it, and to look
// changes nothing.
func TestCheck(t *testing.T) {
	overEach(t, func(t *testing.T, empty func(testing.TB) string) {
		known, err := Schema()
		if err != nil {
			t.Fatal(err)
		}
		path := empty(t)
		for range 2 {
			m, err := Check(t.Context(), path)
			if err != nil || m != (Migration{0, known}) || !m.Pending() {
				t.Fatalf("before: %+v, error %v", m, err)
			}
		}
		if !IsURL(path) {
			if left, err := os.ReadDir(path); err != nil || len(left) > 0 {
				t.Errorf("to look made %v, error %v", left, err)
			}
		}
		s, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if m := s.Migrated(); m != (Migration{0, known}) {
			t.Errorf("opening says %+v", m)
		}
		for range 2 { // while it is open, and when it is closed
			m, err := Check(t.Context(), path)
			if err != nil || m != (Migration{known, known}) || m.Pending() {
				t.Errorf("after: %+v, error %v", m, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if m := mustOpen(t, path).Migrated(); m.Pending() {
			t.Errorf("opening once more says %+v", m)
		}
	})
}

// TestCheckRefuses: what opening refuses is refused by looking as well.
func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	other := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(other, []byte("question,answer\nIs this a database?,no; it is a list that is long enough to be looked into\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), other); !errors.Is(err, ErrNotDatabase) {
		t.Errorf("a list: error %v, want ErrNotDatabase", err)
	}
	server(t)
	for _, x := range []struct {
		name, url string
		want      error
	}{{"TablesOfOthers", othersTables(t), ErrNotDatabase}, {"NewerVersion", newerVersion(t), ErrNewer}, {"NotAURL", "postgres://u:s3cret@[h/d", ErrURL}} {
		_, err := Check(t.Context(), x.url)
		if !errors.Is(err, x.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error %v, want %v", x.name, err, x.want)
		}
		if _, err := InspectServer(t.Context(), x.url); !errors.Is(err, x.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: inspect: error %v, want %v", x.name, err, x.want)
		}
	}
}

// TestInspectServer: an empty database is told from one with tables, and what
// is in it is counted.
func TestInspectServer(t *testing.T) {
	t.Parallel()
	u := emptyDatabase(t)
	i, err := InspectServer(t.Context(), u)
	if err != nil || i.Schema != 0 || i.Version == "" || i.MaxConnections < 1 || i.Connections < 1 || i.Bytes == 0 || i.Ours != 0 {
		t.Fatalf("empty: %+v, error %v", i, err)
	}
	s := mustOpen(t, u)
	if err := s.EnsureWorkspace(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutEntry(t.Context(), "a", engine.Entry{Question: "Is it on?", Answer: "Yes"}); err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, s.Terms(), "one", batch(1, "a", passage("x", 1, 7)))
	known, _ := Schema()
	i, err = InspectServer(t.Context(), u)
	if err != nil || i.Schema != known || i.LastChange != 1 || len(i.Workspaces) != 1 || i.Workspaces[0].Entries != 1 || i.Newest == nil || i.Ours < 1 {
		t.Fatalf("%+v, error %v", i, err)
	}
	if len(i.Terms) != 1 || i.Terms[0].Schema != "one" || i.Terms[0].Passages != 1 {
		t.Errorf("terms %+v", i.Terms)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/var/lib/vouch.db": "/var/lib/vouch.db",
		"postgres://vouch:s3cret@db:5432/vouch?sslmode=verify-full&password=s3cret": "postgres://vouch@db:5432/vouch",
		"postgresql://u:s3/cret@db/vouch":                                           "on a server",
	} {
		if got := Name(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
