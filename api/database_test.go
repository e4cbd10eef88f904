package api

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"vouch/engine/store"
)

// onPostgres runs the tests over PostgreSQL: go test ./api -postgres, with
// VOUCH_TEST_POSTGRES the URL of a server on which databases can be made.
var onPostgres = flag.Bool("postgres", false, "run the tests over the PostgreSQL server at VOUCH_TEST_POSTGRES")

// prepared is a database with its tables, copied by each test.
var prepared string

// makeTemplate makes it, and returns what drops it.
func makeTemplate() (drop func(), err error) {
	name := "vouch_api_" + uuid.NewString()[:8]
	if err := onServer("CREATE DATABASE " + name); err != nil {
		return nil, err
	}
	drop = func() { _ = onServer("DROP DATABASE " + name) }
	s, err := store.Open(context.Background(), databaseURL(name))
	if err != nil {
		drop()
		return nil, err
	}
	prepared = name
	return drop, s.Close()
}

func databaseURL(name string) string {
	u, err := url.Parse(os.Getenv("VOUCH_TEST_POSTGRES"))
	if err != nil {
		panic("VOUCH_TEST_POSTGRES is no URL")
	}
	u.Path = "/" + name
	return u.String()
}

func onServer(stmt string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, os.Getenv("VOUCH_TEST_POSTGRES"))
	if err != nil {
		return fmt.Errorf("VOUCH_TEST_POSTGRES: %w", err)
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, stmt)
	return err
}

// database returns where an empty database is, or can be made.
func database(t testing.TB) string {
	t.Helper()
	if !*onPostgres {
		return filepath.Join(t.TempDir(), "vouch.db")
	}
	name := prepared + "_" + uuid.NewString()[:8]
	if err := onServer("CREATE DATABASE " + name + " TEMPLATE " + prepared); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return databaseURL(name)
}
