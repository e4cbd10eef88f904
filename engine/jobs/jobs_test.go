package jobs_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"vouch/engine"
	"vouch/engine/jobs"
	"vouch/engine/jobs/jobstest"
	"vouch/engine/store"
)

// serverEnv names a PostgreSQL server to test on, as a URL whose user may make
// databases. Without it the tests of PostgreSQL are skipped.
const serverEnv = "VOUCH_TEST_POSTGRES"

// onEach runs a test over an empty database of each kind.
func onEach(t *testing.T, test func(t *testing.T, made func(testing.TB) string)) {
	t.Parallel()
	t.Run("Local", func(t *testing.T) {
		t.Parallel()
		test(t, func(t testing.TB) string { return t.TempDir() })
	})
	t.Run("River", func(t *testing.T) {
		t.Parallel()
		server(t)
		test(t, database)
	})
}

func server(t testing.TB) {
	t.Helper()
	if os.Getenv(serverEnv) == "" {
		t.Skipf("no PostgreSQL to test on: set %s to the URL of a server whose user may make databases", serverEnv)
	}
}

// database makes a database on the server, and drops it after the test.
func database(t testing.TB) string {
	t.Helper()
	server(t)
	name := "vouch_test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := onServer("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onServer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(os.Getenv(serverEnv))
	if err != nil {
		t.Fatalf("%s is no URL", serverEnv)
	}
	u.Path = "/" + name
	return u.String()
}

func onServer(stmt string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv(serverEnv))
	if err != nil {
		return fmt.Errorf("connect to the server of %s: %w", serverEnv, err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, stmt)
	return err
}

// runner is a runner that delivers the jobs of a store.
type runner interface {
	jobs.Runner
	store.JobDelivery
}

// process opens a store, and puts a runner on it, as cmd/vouch does.
func process(ctx context.Context, path string, cfg jobs.Config, wrap func(engine.Store) engine.Store) (*store.Store, jobs.Runner, error) {
	s, err := store.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	if cfg.Store = s; wrap != nil {
		cfg.Store = wrap(s)
	}
	var r runner = jobs.NewLocal(cfg)
	if strings.HasPrefix(path, "postgres") {
		if r, err = jobs.NewRiver(cfg, path); err != nil {
			return nil, nil, err
		}
	}
	return s, r, s.DeliverJobs(ctx, r)
}

func TestRunners(t *testing.T) {
	onEach(t, func(t *testing.T, made func(testing.TB) string) {
		jobstest.Exercise(t, func(t *testing.T) jobstest.Process {
			path := made(t)
			return func(t *testing.T, cfg jobs.Config, wrap func(engine.Store) engine.Store) (engine.Store, jobs.Runner) {
				s, r, err := process(t.Context(), path, cfg, wrap)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				return s, r
			}
		})
	})
}
