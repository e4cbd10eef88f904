package store

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouch/engine"
)

// TestServersThatCannotServeAreRefused: what is wrong is said in one sentence,
// before anything is changed, and the password is never in it.
func TestServersThatCannotServeAreRefused(t *testing.T) {
	t.Parallel()
	const secret = "s3cr%e7"
	base, err := url.Parse(server(t))
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := nobody.Addr().String()
	nobody.Close()
	change := func(f func(*url.URL)) string {
		u := *base
		f(&u)
		return u.String()
	}
	for _, x := range []struct {
		name, url string
		want      error
	}{
		{"NobodyListens", change(func(u *url.URL) { u.Host, u.User = closed, url.UserPassword("x", secret) }), ErrUnreachable},
		{"WrongPassword", change(func(u *url.URL) { u.User = url.UserPassword("nobody_of_ours", secret) }), ErrLogin},
		{"PasswordInTheQuery", change(func(u *url.URL) {
			u.User, u.RawQuery = nil, url.Values{"user": {"nobody_of_ours"}, "password": {secret}}.Encode()
		}), ErrLogin},
		{"NoSuchDatabase", change(func(u *url.URL) { u.Path = "/no_such_database_of_ours" }), ErrLogin},
		{"SlashInThePassword", "postgres://u:12/" + secret + "@h/d", ErrURL},
		{"NotAURL", "postgres://u:" + secret + "@[h/d", ErrURL},
		{"WrongPort", "postgres://u:" + url.QueryEscape(secret) + "@h:notaport/d", ErrURL},
		{"WrongSetting", "postgres://u:" + url.QueryEscape(secret) + "@h/d?sslmode=perhaps", ErrURL},
		{"TablesOfOthers", othersTables(t), ErrNotDatabase},
		{"NewerVersion", newerVersion(t), ErrNewer},
		{"OtherEncoding", otherEncoding(t), ErrEncoding},
		{"NoSchema", change(func(u *url.URL) { u.RawQuery = "search_path=nowhere" }), ErrDenied},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), x.url)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, x.want) {
				t.Fatalf("got %v, want %v", err, x.want)
			}
			password, _ := base.User.Password()
			for _, part := range []string{secret, url.QueryEscape(secret), ":" + password + "@", "\n"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("%q is in the error: %v", part, err)
				}
			}
		})
	}
}

func othersTables(t *testing.T) string {
	u := emptyDatabase(t)
	if err := on(u, "CREATE TABLE goose_db_version (id INTEGER); CREATE TABLE bookings (id INTEGER)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := on(u, "DROP TABLE bookings, goose_db_version; CREATE TABLE "+markTable+" (id INTEGER)"); err != nil {
			t.Errorf("the database of another program was changed: %v", err)
		}
	})
	return u
}

func newerVersion(t *testing.T) string {
	u := newDatabase(t)
	if err := on(u, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
	return u
}

func otherEncoding(t *testing.T) string {
	return makeDatabase(t, " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
}

func TestServersMustBeNewEnough(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		version          int
		encoding, schema string
		want             error
	}{
		{150000, "UTF8", "public", nil}, {180001, "UTF8", "public", nil}, {149999, "UTF8", "public", ErrOldServer}, {90624, "UTF8", "public", ErrOldServer},
		{150000, "SQL_ASCII", "public", ErrEncoding}, {150000, "UTF8", "", ErrDenied},
	} {
		if err := serves(x.version, x.encoding, x.schema); !errors.Is(err, x.want) || (err == nil) != (x.want == nil) {
			t.Errorf("%+v: got %v", x, err)
		}
	}
}

// TestOtherSchemasAreLeftAlone: what is in another schema is not ours, and no
// reason to refuse the database.
func TestOtherSchemasAreLeftAlone(t *testing.T) {
	t.Parallel()
	u := emptyDatabase(t)
	if err := on(u, "CREATE SCHEMA theirs; CREATE TABLE theirs.workspaces (id INTEGER); CREATE SCHEMA ours"); err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(u)
	if err != nil {
		t.Fatal(err)
	}
	parsed.RawQuery = "search_path=ours"
	s := mustOpen(t, parsed.String())
	if err := s.EnsureWorkspace(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	if err := on(u, "SELECT 1 / count(*) FROM ours.workspaces WHERE id = 'w'"); err != nil {
		t.Errorf("the workspace is not in our schema: %v", err)
	}
	if err := on(u, "INSERT INTO theirs.workspaces VALUES (1)"); err != nil {
		t.Error(err)
	}
}

func TestServerConnectionsAreConfigured(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, newDatabase(t))
	for setting, want := range map[string][2]string{ // writing, reading
		"synchronous_commit": {"on", ""}, "default_transaction_read_only": {"off", "on"}, "application_name": {"vouch", "vouch"}, "tcp_keepalives_idle": {"30", ""},
	} {
		var write, read string
		err := errors.Join(s.write.QueryRow("SELECT current_setting($1)", setting).Scan(&write), s.pool.db.QueryRow("SELECT current_setting($1)", setting).Scan(&read))
		if err != nil || write != want[0] || want[1] != "" && read != want[1] {
			t.Errorf("%s: got %q and %q (%v), want %v", setting, write, read, err, want)
		}
	}
	if n := s.write.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d connections write, want 1", n)
	}
	_, err := s.pool.db.Exec("INSERT INTO workspaces VALUES ('x', 1)")
	if err := explain(t.Context(), err); !errors.Is(err, ErrDenied) {
		t.Errorf("a reading connection wrote: %v", err)
	}
}

// TestStatementsArePreparedOnce: by the driver, for each connection.
func TestStatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), mustOpen(t, newDatabase(t))
	count := func() (n int) {
		if err := s.write.QueryRow("SELECT count(*) FROM pg_prepared_statements").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	put := func() {
		if err := s.EnsureWorkspace(ctx, "w"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutEntry(ctx, "w", engine.Entry{Question: "Q?", Answer: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	put()
	count()
	before := count()
	for range 5 {
		put()
	}
	if after := count(); before < 5 || after != before {
		t.Errorf("%d statements are prepared, and %d after the same again", before, after)
	}
}

// TestLostConnectionsAreMadeAgain: a transaction whose connection ends is
// undone and says so, and the store goes on.
func TestLostConnectionsAreMadeAgain(t *testing.T) {
	t.Parallel()
	ctx, u := t.Context(), newDatabase(t)
	s := mustOpen(t, u)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	cut := func() {
		if err := on(u, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
	}
	err := s.InTx(ctx, func(tx engine.Tx) error {
		if _, err := tx.PutEntry(ctx, "w", engine.Entry{Question: "Lost?", Answer: "a"}); err != nil {
			return err
		}
		cut()
		_, err := tx.PutEntry(ctx, "w", engine.Entry{Question: "Too late?", Answer: "a"})
		return err
	})
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
	err = s.InTx(ctx, func(tx engine.Tx) error {
		_, err := tx.PutEntry(ctx, "w", engine.Entry{Question: "Lost at the end?", Answer: "a"})
		cut()
		return err
	})
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("at the end: got %v, want ErrUnreachable", err)
	}
	if _, err := s.PutEntry(ctx, "w", engine.Entry{Question: "Again?", Answer: "a"}); err != nil {
		t.Errorf("after it: %v", err)
	}
	if n, err := s.LastChange(ctx); n != 1 || err != nil {
		t.Errorf("%d changes (%v), want one", n, err)
	}
	check(t, s)
}

// TestEndedContextsLetGoOfTheLock: who gives up waiting, or is cancelled in a
// transaction, does not keep others from writing.
func TestEndedContextsLetGoOfTheLock(t *testing.T) {
	t.Parallel()
	u := newDatabase(t)
	a, b := mustOpen(t, u), mustOpen(t, u)
	var wg sync.WaitGroup
	for n := range 30 {
		s := []*Store{a, b}[n%2]
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*3*time.Millisecond)
			defer cancel()
			err := s.EnsureWorkspace(ctx, "w")
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want DeadlineExceeded", err)
			}
		})
	}
	wg.Wait()
	began := time.Now()
	if err := errors.Join(a.EnsureWorkspace(t.Context(), "w"), b.EnsureWorkspace(t.Context(), "w")); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the lock was kept for %v", took)
	}
}

// TestSeqsCannotBeGivenTwice also to a writer that does not keep to the lock.
func TestSeqsCannotBeGivenTwice(t *testing.T) {
	t.Parallel()
	ctx, u := t.Context(), newDatabase(t)
	s := mustOpen(t, u)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO outbox (workspace_id, kind, passage_id, created_at) VALUES ('w', 'tuning', '', 1)"
	rogue := make(chan error, 1)
	err := s.InTx(ctx, func(tx engine.Tx) error {
		if err := tx.PutLexicon(ctx, "w", "x"); err != nil {
			return err
		}
		go func() { rogue <- on(u, insert) }()
		select {
		case err := <-rogue:
			return errors.Join(errors.New("the rogue writer did not wait"), err)
		case <-time.After(200 * time.Millisecond):
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-rogue; err == nil {
		t.Error("two writers got one seq")
	}
	for _, stmt := range []string{"DELETE FROM outbox", "UPDATE outbox SET seq = 9", "TRUNCATE outbox", "TRUNCATE entry_versions CASCADE"} {
		if err := on(u, stmt); err == nil {
			t.Errorf("%s: was done", stmt)
		}
	}
}

// TestPrimaryKeysAreNotTakenForNames: only a key that people choose can exist
// already.
func TestPrimaryKeysAreNotTakenForNames(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), mustOpen(t, newDatabase(t))
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	_, err := s.write.Exec("INSERT INTO workspaces VALUES ('w', 1)")
	if err := explain(ctx, err); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestEscapedTextsComeBack(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "plain": "plain", "é\x02\ufffd\U0010ffff": "é\x02\ufffd\U0010ffff",
		"\x00": "\x01\x01", "\x01": "\x01\x02", "a\x00\x01b": "a\x01\x01\x01\x02b", "\xff": "\x01ÿ", "\xc3": "\x01Ã", "\xed\xa0\x80": "\x01í\x01\u00a0\x01\u0080",
	} {
		if got := escapeText(text); got != want {
			t.Errorf("%q is stored as %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) string {
			parts := rapid.SliceOf(rapid.SampledFrom([]string{"\x00", "\x01", "\x02", "a", "é", "漢", "\xff", "\xc3", "\xa9", "\x80", "\ufffd"})).Draw(t, "parts")
			return strings.Join(parts, "")
		})
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		x, y := escapeText(a), escapeText(b)
		if unescapeText(x) != a {
			t.Fatalf("%q came back as %q", a, unescapeText(x))
		}
		if strings.ToValidUTF8(x, "?") != x || strings.Contains(x, "\x00") {
			t.Fatalf("%q cannot be stored", x)
		}
		if (a == b) != (x == y) {
			t.Fatalf("%q and %q", a, b)
		}
		if strings.ToValidUTF8(a, "?") == a && strings.ToValidUTF8(b, "?") == b && strings.Compare(a, b) != strings.Compare(x, y) {
			t.Fatalf("%q and %q are in another order", a, b)
		}
	})
}
