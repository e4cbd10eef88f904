package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// serverEnv names a PostgreSQL server to test on, as a URL whose user may make
// databases. Without it the tests of PostgreSQL are skipped.
const serverEnv = "VOUCH_TEST_POSTGRES"

// server returns the URL of the server to test on.
func server(t testing.TB) string {
	t.Helper()
	s := os.Getenv(serverEnv)
	if s == "" {
		t.Skipf("no PostgreSQL to test on: set %s to the URL of a server whose user may make databases", serverEnv)
	}
	return s
}

// overBoth runs a test over SQLite and PostgreSQL. On the latter, made says where;
// on SQLite it is an empty folder.
func overBoth(t *testing.T, made func(testing.TB) string, test func(t *testing.T, path string)) {
	overEach(t, func(t *testing.T, empty func(testing.TB) string) {
		if os.Getenv(serverEnv) != "" && strings.HasSuffix(t.Name(), "PostgreSQL") {
			empty = made
		}
		test(t, empty(t))
	})
}

// overEach runs a test over what makes empty databases.
func overEach(t *testing.T, test func(t *testing.T, empty func(testing.TB) string)) {
	t.Parallel()
	for name, empty := range map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return t.TempDir() },
		"PostgreSQL": emptyDatabase,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "PostgreSQL" {
				server(t)
			}
			test(t, empty)
		})
	}
}

// emptyDatabase makes a database on the server, and drops it after the test.
func emptyDatabase(t testing.TB) string { return makeDatabase(t, "") }

// newDatabase makes a database that has its tables already.
func newDatabase(t testing.TB) string {
	t.Helper()
	server(t)
	madeOnce.Lock()
	defer madeOnce.Unlock()
	if template == "" {
		name := databaseNamed()
		if err := onServer("CREATE DATABASE " + name); err != nil {
			t.Fatal(err)
		}
		template = name
		if err := openOnce(context.Background(), withDatabase(name)); err != nil {
			t.Fatal(err)
		}
		// The workspace of openOnce is no part of a new database.
		if err := on(withDatabase(name), "DELETE FROM workspaces"); err != nil {
			t.Fatal(err)
		}
	}
	return makeDatabase(t, " TEMPLATE "+template)
}

var (
	madeOnce sync.Mutex
	template string // migrated once, copied by each test
)

func dropTemplate() {
	if template != "" {
		_ = onServer("DROP DATABASE IF EXISTS " + template + " WITH (FORCE)")
	}
}

func makeDatabase(t testing.TB, options string) string {
	t.Helper()
	server(t)
	name := databaseNamed()
	if err := onServer("CREATE DATABASE " + name + options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(name)
}

func databaseNamed() string {
	return "vouch_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
}

// withDatabase returns the URL of a database on the server.
func withDatabase(name string) string {
	u, err := url.Parse(os.Getenv(serverEnv))
	if err != nil {
		panic(serverEnv + " is no URL")
	}
	u.Path = "/" + name
	return u.String()
}

// onServer runs a statement outside the databases of the tests.
func onServer(stmt string) error { return on(os.Getenv(serverEnv), stmt) }

// on runs a statement in a database, past the store.
func on(database, stmt string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return fmt.Errorf("connect to the server of %s: %w", serverEnv, err)
	}
	_, err = conn.Exec(ctx, stmt)
	if closed := conn.Close(ctx); err == nil {
		err = closed
	}
	return err
}
