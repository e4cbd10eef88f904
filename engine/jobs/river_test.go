package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vouch/engine"
	"vouch/engine/jobs"
	"vouch/engine/store"
)

// quick is a handler that says when it was called.
func quick(called chan<- time.Time) map[engine.JobKind]jobs.Handler {
	return map[engine.JobKind]jobs.Handler{"quick": func(context.Context, string, engine.Job, func(int, int)) error {
		called <- time.Now()
		return nil
	}}
}

// TestDeliveriesNeedNoLooking: where nobody looks into the queue, what a process
// adds begins at once; with River, in any process.
func TestDeliveriesNeedNoLooking(t *testing.T) {
	onEach(t, func(t *testing.T, made func(testing.TB) string) {
		path, called, ctx := made(t), make(chan time.Time, 1), t.Context()
		s, r, err := process(ctx, path, jobs.Config{Handlers: quick(called), Poll: time.Hour}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := errors.Join(s.EnsureWorkspace(ctx, "w"), r.Start(ctx)); err != nil {
			t.Fatal(err)
		}
		from := s
		if path[0] != '/' {
			if from, err = store.Open(ctx, path); err != nil {
				t.Fatal(err)
			}
			defer from.Close()
			d, err := jobs.NewRiverDelivery(nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := from.DeliverJobs(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		asked := time.Now()
		if _, err := from.AddJob(ctx, "w", engine.Job{Kind: "quick", Object: "a"}); err != nil {
			t.Fatal(err)
		}
		select {
		case at := <-called:
			t.Logf("began after %v", at.Sub(asked))
		case <-time.After(20 * time.Second):
			t.Error("it did not begin")
		}
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestRiverRowsArePartOfTheTransaction: there is one for every time that a job
// is put into the queue, and none for what was undone.
func TestRiverRowsArePartOfTheTransaction(t *testing.T) {
	t.Parallel()
	path, ctx := database(t), t.Context()
	s, _, err := process(ctx, path, jobs.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	odd := "a \x00\xff\x01/%"
	if err := s.EnsureWorkspace(ctx, odd); err != nil {
		t.Fatal(err)
	}
	rows := func(want int) {
		t.Helper()
		conn, err := pgx.Connect(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM river_job WHERE queue = 'vouch' AND attempt = 0").Scan(&n); err != nil || n != want {
			t.Errorf("%d rows (%v), want %d", n, err, want)
		}
	}
	stop := errors.New("stop")
	err = s.InTx(ctx, func(tx engine.Tx) error {
		if _, err := tx.AddJob(ctx, odd, engine.Job{Kind: "quick", Object: "a"}); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	rows(0)
	for range 2 { // the second is the first
		if _, err := s.AddJob(ctx, odd, engine.Job{Kind: "quick", Object: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	rows(1)
	for n, end := range []engine.JobEnd{{State: engine.JobFailed, Error: "x"}, {State: engine.JobQueued}, {State: engine.JobDone}} {
		w, c, err := s.ClaimJob(ctx, []engine.JobKind{"quick"}, time.Minute)
		if err != nil || w != odd {
			t.Fatalf("in %q (%v)", w, err)
		}
		if _, err := s.EndJob(ctx, w, c, end); err != nil {
			t.Fatal(err)
		}
		rows(min(n+2, 3))
	}
	// Opening it once more runs no migration twice.
	again, _, err := process(ctx, path, jobs.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	rows(3)
}

// TestManyPrepareAtOnce: processes that start together on an empty database
// make River's tables once.
func TestManyPrepareAtOnce(t *testing.T) {
	t.Parallel()
	path := database(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, _, err := process(t.Context(), path, jobs.Config{}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	all.Wait()
}

// TestRiverOutlivesItsConnections: when the server has ended all connections,
// as it does when it restarts, jobs are added and done as before.
func TestRiverOutlivesItsConnections(t *testing.T) {
	t.Parallel()
	path, called, ctx := database(t), make(chan time.Time, 10), t.Context()
	s, r, err := process(ctx, path, jobs.Config{Handlers: quick(called), Lease: 2 * time.Second}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := errors.Join(s.EnsureWorkspace(ctx, "w"), r.Start(ctx)); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for n := range 3 {
		j, err := s.AddJob(ctx, "w", engine.Job{Kind: "quick", Object: fmt.Sprint(n)})
		for tries := 0; err != nil && tries < 20; tries++ {
			time.Sleep(100 * time.Millisecond)
			j, err = s.AddJob(ctx, "w", engine.Job{Kind: "quick", Object: fmt.Sprint(n)})
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-called:
		case <-time.After(20 * time.Second):
			t.Fatalf("job %d did not begin", n)
		}
		for deadline := time.Now().Add(20 * time.Second); !j.State.Ended(); time.Sleep(20 * time.Millisecond) {
			if now, err := s.Job(ctx, "w", j.ID); err == nil {
				j = now
			}
			if time.Now().After(deadline) {
				t.Fatalf("not done: %+v", j)
			}
		}
		const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
		if _, err := conn.Exec(ctx, end); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// TestUnusableURLsAreRefused: and their passwords are not shown.
func TestUnusableURLsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := jobs.NewRiver(jobs.Config{}, "postgres://u:sec/ret@h:x/d")
	if err == nil || err.Error() != "set up River: the URL of the database is not valid; give the one that the store was opened with" {
		t.Errorf("got %v", err)
	}
}

func TestBackoffGrowsAndVaries(t *testing.T) {
	t.Parallel()
	for attempt, want := range map[int]time.Duration{0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 10: 5 * time.Minute, 1000: 5 * time.Minute} {
		seen := map[time.Duration]bool{}
		for range 100 {
			got := jobs.Backoff(attempt)
			if seen[got] = true; got < want/2 || got > want {
				t.Fatalf("after attempt %d wait %v, want %v to %v", attempt, got, want/2, want)
			}
		}
		if len(seen) < 50 {
			t.Errorf("after attempt %d there were %d waits in 100", attempt, len(seen))
		}
	}
}
