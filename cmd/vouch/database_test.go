package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"vouch/engine/store"
)

// serverEnv names a PostgreSQL server to test on, as a URL whose user may make
// databases. Without it the tests on a server are skipped.
const serverEnv = "VOUCH_TEST_POSTGRES"

// serverDatabase makes an empty database on the server, and returns its URL.
func serverDatabase(t testing.TB) string {
	t.Helper()
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skipf("no PostgreSQL to test on: set %s to the URL of a server whose user may make databases", serverEnv)
	}
	name := "vouch_test_" + strings.ToLower(rand.Text())
	onServer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { onServer(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is no URL", serverEnv)
	}
	u.Path = "/" + name
	return u.String()
}

// onServer runs a statement past the store, which registers the driver.
func onServer(t testing.TB, database, stmt string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), stmt); err != nil {
		t.Error(err)
	}
}

// TestServerSaysTheSame runs the main flows on a file and on a server: what they
// print and write is the same, and on a server there is no data directory.
func TestServerSaysTheSame(t *testing.T) {
	t.Parallel()
	server, dir := serverDatabase(t), t.TempDir()
	lib, ctl, reg, asked := fixture(t, dir, "library.csv"), fixture(t, dir, "controls.csv"), fixture(t, dir, "register.yaml"), fixture(t, dir, "vela-retail.xlsx")
	sent := fixture(t, dir, "harbour-bank-2025-filled.xlsx")
	none := filepath.Join(dir, "none") // a data directory that nobody makes
	places := [][]string{{"--data", filepath.Join(dir, "data")}, {"--database", server, "--data", none}}
	ours := regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f-]{27}"|"(seconds|took|made_at|at|created_at|hash|prev|before|after|head)": ?("[^"]*"|[0-9.]+)|[0-9]+ms|[0-9.]+ s\b|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}`)
	progress := regexp.MustCompile(`(?m)^\w+: \d+ of \d+\n`) // of what takes more than a moment, so not always
	for _, args := range [][]string{
		{"library", "import", lib},
		{"library", "import", lib}, // once more, nothing changes
		{"controls", "import", ctl},
		{"reports", "import", reg},
		{"library", "import", sent},
		{"library", "list", "--format", "json"},
		{"library", "search", "Is customer data encrypted at rest?", "--format", "json"},
		{"library", "export"},
		{"controls", "list"},
		{"controls", "show", "GV-01"},
		{"controls", "export", "--format", "json"},
		{"reports", "list"},
		{"reports", "ask", "Do you have a SOC 2 Type II report?"},
		{"evidence", "list"},
		{"readiness"},
		{"answer", asked, "-o", "OUT", "--overwrite", "--format", "json"},
		{"commitments", "add", sent, "--customer", "Harbour Bank"},
		{"commitments"},
		{"lexicon", "add", "pentest: operation walrus"},
		{"library", "search", "When was operation walrus?", "--format", "json"},
		{"lexicon", "test", "operation walrus"},
		{"lexicon", "list", "--own"},
		{"calibrate"},
		{"eval", "workspace", "--format", "json"},
		{"audit", "list", "--format", "json"},
		{"audit", "verify"},
		{"audit", "export"},
		{"inspect", asked},
	} {
		var said, wrote []string
		for _, place := range places {
			out := filepath.Join(dir, "answered.xlsx")
			call := append([]string{}, args...)
			for i := range call {
				if call[i] == "OUT" {
					call[i] = out
				}
			}
			code, stdout, stderr := vouch(t, append(call, place...)...)
			if code != exitOK && code != exitBlocked && !strings.HasPrefix(args[0], "calib") && !strings.HasPrefix(args[0], "eval") {
				t.Fatalf("vouch %s %s: exit %d: %s", strings.Join(args, " "), place[0], code, stderr)
			}
			said = append(said, ours.ReplaceAllString(progress.ReplaceAllString(stdout+stderr, ""), "…"))
			content, _ := os.ReadFile(out)
			wrote = append(wrote, string(content))
		}
		if said[0] != said[1] {
			t.Errorf("vouch %s says on a file\n%s\nand on a server\n%s", strings.Join(args, " "), head(said[0], said[1]), head(said[1], said[0]))
		}
		if wrote[0] != wrote[1] {
			t.Errorf("vouch %s writes another workbook on a server", strings.Join(args, " "))
		}
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a data directory was made")
	}
}

// head is where a begins to differ from b.
func head(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return strings.Join(x[i:min(i+5, len(x))], "\n")
		}
	}
	return ""
}

// TestServerCommands: what a server does itself is said, and how; the password
// is in nothing that is printed.
func TestServerCommands(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	server := serverDatabase(t)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if _, ok := u.User.Password(); !ok { // the server asks for none, so any will do
		u.User = url.UserPassword(u.User.Username(), secret)
	}
	q.Set("application_name", "vouch")
	u.RawQuery = q.Encode()
	server = u.String()
	password, _ := u.User.Password()
	check := func(code int, says []string, args ...string) string {
		t.Helper()
		got, stdout, stderr := vouch(t, append(args, "--database", server, "--data", filepath.Join(t.TempDir(), "none"))...)
		if got != code {
			t.Errorf("vouch %v: exit %d, want %d: %s%s", args, got, code, stdout, stderr)
		}
		for _, s := range says {
			if !strings.Contains(stdout+stderr, s) {
				t.Errorf("vouch %v says %q, want %q in it", args, stdout+stderr, s)
			}
		}
		if strings.Contains(stdout+stderr, password) {
			t.Errorf("vouch %v prints the password", args)
		}
		return stdout
	}
	check(exitOK, []string{"no tables yet", "PostgreSQL 1"}, "doctor")
	check(exitBlocked, []string{"no tables in postgres://", "vouch migrate makes them"}, "migrate", "--check")
	check(exitOK, []string{"are made"}, "migrate")
	check(exitOK, []string{"nothing to do"}, "migrate", "--check")
	check(exitRefused, []string{"holds no reports yet", u.Path}, "reports", "list")
	lib := fixture(t, t.TempDir(), "library.csv")
	check(exitOK, []string{"198 added"}, "library", "import", lib)
	var d diagnosis
	if err := json.Unmarshal([]byte(check(exitOK, nil, "doctor", "--format", "json")), &d); err != nil {
		t.Fatal(err)
	}
	if d.Status != statusOK || d.Server == nil || d.Server.Workspaces[0].Entries != 198 || len(d.Server.Terms) != 1 || d.Server.Terms[0].Seq != d.Server.LastChange {
		t.Errorf("doctor says %+v", d)
	}
	check(exitOK, []string{"198 passages, up to date"}, "doctor")
	onServer(t, server, "UPDATE term_sets SET seq = seq - 1")
	check(exitOK, []string{"1 change behind the database"}, "doctor")
	onServer(t, server, "UPDATE term_sets SET schema = 'of another program'")
	check(exitOK, []string{"there are none of schema", "another version of vouch has its own"}, "doctor")
	check(exitRefused, []string{"pg_dump --format=custom"}, "backup")
	check(exitRefused, []string{"pg_restore", "nothing was changed"}, "restore", lib)
	server = serverDatabase(t)
	onServer(t, server, "CREATE TABLE vouch_database (made_at BIGINT NOT NULL)")
	earlier(t, "pgx", server, goose.DialectPostgres, "postgres")
	check(exitBlocked, []string{"have version 5; vouch migrate brings them to"}, "migrate", "--check")
	check(exitOK, []string{"run pg_dump first"}, "doctor")
	check(exitOK, []string{"were brought from version 5"}, "library", "search", "Is customer data encrypted?")
	u, _ = url.Parse(server)
	server = strings.Replace(server, u.Host, "127.0.0.1:1", 1)
	check(exitFailed, []string{"cannot be reached"}, "library", "list")
	check(exitBlocked, []string{"cannot be reached"}, "doctor")
}

// TestPlaces: who names the database, which comes first, and what is refused.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret := write("url", "postgres://vouch:s3cret@db/vouch?sslmode=require\n")
	file := filepath.Join(dir, "own.db")
	for _, x := range []struct {
		name, flag, env, envFile string
		path, shown, index, from string // what is expected; path "" for an error with shown in it
	}{
		{"Default", "", "", "", filepath.Join(dir, "data", "vouch.db"), filepath.Join(dir, "data"), filepath.Join(dir, "data", "index"), "--data"},
		{"File", file, "", "", file, file, file + ".index", "--database"},
		{"Folder", dir, "", "", filepath.Join(dir, "vouch.db"), filepath.Join(dir, "vouch.db"), filepath.Join(dir, "vouch.db.index"), "--database"},
		{"Environment", "", file, "", file, file, file + ".index", "VOUCH_DATABASE"},
		{"FlagFirst", file, "postgres://db/x", secret, file, file, file + ".index", "--database"},
		{"SecretFile", "", "", secret, "postgres://vouch:s3cret@db/vouch?sslmode=require", "postgres://vouch@db/vouch", "", "VOUCH_DATABASE_FILE"},
		{"Both", "", file, secret, "", "both name a database", "", ""},
		{"EmptyFile", "", "", write("empty", "\n"), "", "one line", "", ""},
		{"NoFile", "", "", filepath.Join(dir, "nothing"), "", "VOUCH_DATABASE_FILE", "", ""},
		{"OtherServer", "mysql://u:s3cret@db/x", "", "", "", "no kind of server", "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Setenv("VOUCH_DATABASE", x.env)
			t.Setenv("VOUCH_DATABASE_FILE", x.envFile)
			t.Setenv("VOUCH_DATA", "")
			g := &global{Data: filepath.Join(dir, "data"), Database: x.flag}
			if g.Database == "" {
				g.Database = x.env // as the parser does
			}
			p, err := g.place()
			switch {
			case x.path == "" && (err == nil || !strings.Contains(err.Error(), x.shown) || strings.Contains(err.Error(), "s3cret")):
				t.Errorf("error %v, want one with %q", err, x.shown)
			case x.path != "" && err != nil:
				t.Error(err)
			case x.path != "" && (p.path != x.path || p.shown != x.shown || p.index != x.index || p.from != x.from || p.onServer() != store.IsURL(x.path)):
				t.Errorf("got %+v", p)
			}
		})
	}
}

// TestTwoFiles: each database that is named has an index of its own.
func TestTwoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lib, ctl := fixture(t, dir, "library.csv"), fixture(t, dir, "controls.csv")
	one, two := filepath.Join(dir, "one.db"), filepath.Join(dir, "two.db")
	must(t, "library", "import", lib, "--database", one)
	must(t, "controls", "import", ctl, "--database", two)
	if out := must(t, "library", "search", "Is customer data encrypted at rest?", "--database", one); !strings.Contains(out, "past answer") {
		t.Errorf("one: %s", out)
	}
	if out := must(t, "library", "search", "Is customer data encrypted at rest?", "--database", two); strings.Contains(out, "past answer") || !strings.Contains(out, "control") {
		t.Errorf("two: %s", out)
	}
	if out := must(t, "doctor", "--database", one); !strings.Contains(out, "up to date") {
		t.Errorf("doctor: %s", out)
	}
}

// earlier makes the tables that version 5 had.
func earlier(t *testing.T, driver, database string, d goose.Dialect, folder string) {
	t.Helper()
	db, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if driver == "sqlite" {
		if _, err := db.ExecContext(t.Context(), "PRAGMA application_id = 0x766f7563"); err != nil {
			t.Fatal(err)
		}
	}
	p, err := goose.NewProvider(d, db, os.DirFS(filepath.Join("..", "..", "engine", "store", "migrations", folder)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
}

// TestMigrationIsSaid: a database of an earlier version is brought up to date by
// any command, which says so on standard error; once.
func TestMigrationIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "old.db")
	earlier(t, "sqlite", file, goose.DialectSQLite3, "sqlite")
	before, _ := os.ReadFile(file)
	if code, out, _ := vouch(t, "migrate", "--check", "--database", file); code != exitBlocked || !strings.Contains(out, "Back up first") {
		t.Errorf("exit %d: %s", code, out)
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Error("--check changed the file")
	}
	for i, says := range []bool{true, false} {
		code, _, stderr := vouch(t, "library", "list", "--database", file)
		if code != exitOK || strings.Contains(stderr, "were brought from version") != says {
			t.Errorf("call %d: exit %d: %s", i+1, code, stderr)
		}
	}
	var m migrated
	if err := json.Unmarshal([]byte(must(t, "migrate", "--format", "json", "--database", file)), &m); err != nil || m.Pending || m.From != m.To || m.Database != file {
		t.Errorf("%+v, error %v", m, err)
	}
}
