package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

// kinds are the kinds of jobs that the workers of these tests do.
var kinds = []engine.JobKind{engine.JobDraft}

func job(object string) engine.Job { return engine.Job{Kind: engine.JobDraft, Object: object} }

func addJob(t *testing.T, s engine.Tx, workspace, object string) engine.Job {
	t.Helper()
	return must(s.AddJob(t.Context(), workspace, job(object)))(t)
}

// claimed takes the next job, which must be this one.
func claimed(t *testing.T, s engine.Tx, lease time.Duration, workspace, object string) engine.JobClaim {
	t.Helper()
	w, c, err := s.ClaimJob(t.Context(), kinds, lease)
	if err != nil || w != workspace || c.Job.Object != object || c.Job.State != engine.JobRunning || c.Token == "" || c.Lease != lease {
		t.Fatalf("claimed %+v in %q (%v), want %s in %q", c, w, err, object, workspace)
	}
	return c
}

func nothingToDo(t *testing.T, s engine.Tx) {
	t.Helper()
	if w, c, err := s.ClaimJob(t.Context(), kinds, time.Minute); !errors.Is(err, engine.ErrNotFound) {
		t.Fatalf("claimed %+v in %q (%v), want nothing", c, w, err)
	}
}

func jobFields(t *testing.T, s engine.Store) {
	before := time.Now().Add(-time.Minute)
	ctx := engine.WithActor(t.Context(), engine.Actor{Name: "user:1"})
	given := engine.Job{
		ID: "x", Kind: engine.JobExport, Object: "questionnaire:1", Args: `{"a":1}`, MaxAttempts: 7, By: "x", State: engine.JobDone, Done: 1, Total: 1,
		Attempt: 1, Cancelling: true, Error: "x", CreatedAt: time.Unix(1, 0), StartedAt: time.Unix(1, 0), EndedAt: time.Unix(1, 0), NextAt: time.Unix(1, 0),
	}
	added := must(s.AddJob(ctx, here, given))(t)
	want := engine.Job{
		ID: added.ID, Kind: engine.JobExport, Object: "questionnaire:1", Args: `{"a":1}`, MaxAttempts: 7, By: "user:1", State: engine.JobQueued,
		CreatedAt: added.CreatedAt, NextAt: added.CreatedAt,
	}
	same(t, "added", added, want)
	if len(added.ID) != 36 || added.CreatedAt.Before(before) || added.CreatedAt.Location() != time.UTC {
		t.Errorf("added %+v", added)
	}
	same(t, "Job", must(s.Job(ctx, here, added.ID))(t), want)
	_, c, err := s.ClaimJob(ctx, []engine.JobKind{engine.JobDraft, engine.JobExport}, time.Minute)
	if err != nil || c.Job.StartedAt.Before(added.CreatedAt) {
		t.Fatalf("%+v (%v)", c, err)
	}
	want.State, want.Attempt, want.StartedAt, want.NextAt = engine.JobRunning, 1, c.Job.StartedAt, time.Time{}
	same(t, "claimed", c.Job, want)
	if err := s.KeepJob(ctx, here, c, 3, 5); err != nil {
		t.Fatal(err)
	}
	want.Done, want.Total = 3, 5
	same(t, "kept", must(s.Job(ctx, here, added.ID))(t), want)
	failed := must(s.EndJob(ctx, here, c, engine.JobEnd{State: engine.JobFailed, Error: strings.Repeat("é", 600), Retry: time.Hour, Done: 4, Total: 5}))(t)
	want.State, want.Done, want.Error, want.NextAt = engine.JobQueued, 4, strings.Repeat("é", 500), failed.NextAt
	same(t, "failed once", failed, want)
	if wait := failed.NextAt.Sub(failed.StartedAt); wait < time.Hour || wait > time.Hour+time.Minute {
		t.Errorf("the next attempt is after %v, want an hour", wait)
	}
	same(t, "Jobs", must(s.Jobs(ctx, here, engine.JobFilter{}))(t), []engine.Job{want})
	nothingToDo(t, s)
	cancelled := must(s.CancelJob(ctx, here, added.ID))(t)
	want.State, want.Cancelling, want.NextAt, want.EndedAt = engine.JobCancelled, true, time.Time{}, cancelled.EndedAt
	same(t, "cancelled", cancelled, want)
	same(t, "stored", must(s.Job(ctx, here, added.ID))(t), want)
	if cancelled.EndedAt.Before(cancelled.StartedAt) {
		t.Errorf("ended %v", cancelled.EndedAt)
	}
}

func invalidJobs(t *testing.T, s engine.Store) {
	for name, j := range map[string]engine.Job{
		"no kind": {Object: "o"}, "no object": {Kind: engine.JobDraft}, "long object": job(strings.Repeat("o", 201)),
		"long kind": {Kind: engine.JobKind(strings.Repeat("k", 201)), Object: "o"}, "no JSON": {Kind: engine.JobDraft, Object: "o", Args: "{"},
		"long args": {Kind: engine.JobDraft, Object: "o", Args: `"` + strings.Repeat("a", 10_000) + `"`}, "attempts": {Kind: engine.JobDraft, Object: "o", MaxAttempts: -1},
	} {
		if _, err := s.AddJob(t.Context(), here, j); err == nil {
			t.Errorf("%s: was added", name)
		}
	}
	nothingToDo(t, s)
}

// oneJobPerObject: who asks again is shown the job there is, and what runs
// already runs once more.
func oneJobPerObject(t *testing.T, s engine.Store) {
	ctx := t.Context()
	first := addJob(t, s, here, "a")
	same(t, "asked again", addJob(t, s, here, "a"), first)
	other := addJob(t, s, here, "b")
	export := must(s.AddJob(ctx, here, engine.Job{Kind: engine.JobExport, Object: "a"}))(t)
	elsewhere := addJob(t, s, there, "a")
	if ids := []string{first.ID, other.ID, export.ID, elsewhere.ID}; len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 4 {
		t.Errorf("ids %v", ids)
	}
	must(s.CancelJob(ctx, here, other.ID))(t)
	must(s.CancelJob(ctx, there, elsewhere.ID))(t)

	c := claimed(t, s, time.Minute, here, "a")
	if again := addJob(t, s, here, "a"); again.ID != first.ID || again.State != engine.JobRunning {
		t.Errorf("asked while it runs: %+v", again)
	}
	if j := must(s.EndJob(ctx, here, c, engine.JobEnd{State: engine.JobDone}))(t); j.State != engine.JobQueued || j.ID != first.ID || j.Attempt != 0 {
		t.Errorf("done, but asked for again: %+v", j)
	}
	c = claimed(t, s, time.Minute, here, "a")
	if j := must(s.EndJob(ctx, here, c, engine.JobEnd{State: engine.JobDone}))(t); j.State != engine.JobDone {
		t.Errorf("done again: %+v", j)
	}
	if next := addJob(t, s, here, "a"); next.ID == first.ID {
		t.Error("a job that ended was returned")
	}

	// One that is being cancelled is not what was asked for; the next waits.
	c = claimed(t, s, time.Minute, here, "a")
	must(s.CancelJob(ctx, here, c.Job.ID))(t)
	next := addJob(t, s, here, "a")
	if next.ID == c.Job.ID {
		t.Error("a job that was cancelled was returned")
	}
	nothingToDo(t, s)
	if j := must(s.EndJob(ctx, here, c, engine.JobEnd{State: engine.JobQueued}))(t); j.State != engine.JobCancelled {
		t.Errorf("cancelled: %+v", j)
	}
	claimed(t, s, time.Minute, here, "a")
}

// claimsEnd: what can be done with a claim once the job is somebody else's.
func claimsEnd(t *testing.T, s engine.Store) {
	ctx := t.Context()
	addJob(t, s, here, "a")
	lost := claimed(t, s, time.Millisecond, here, "a")
	if err := errors.Join(s.HeldJob(ctx, here, lost), s.KeepJob(ctx, here, lost, 1, 3)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	nothingToDo(t, s)
	if n := must(s.RescueJobs(ctx))(t); n != 1 {
		t.Fatalf("rescued %d, want 1", n)
	}
	for _, held := range []bool{false, true} {
		now := lost
		if held {
			now = claimed(t, s, time.Minute, here, "a")
		}
		_, endErr := s.EndJob(ctx, here, lost, engine.JobEnd{State: engine.JobDone})
		for name, err := range map[string]error{"HeldJob": s.HeldJob(ctx, here, lost), "KeepJob": s.KeepJob(ctx, here, lost, 9, 9), "EndJob": endErr} {
			if !errors.Is(err, engine.ErrJobLost) {
				t.Errorf("%s: got %v, want ErrJobLost", name, err)
			}
		}
		if j := must(s.Job(ctx, here, lost.Job.ID))(t); j.Done != 1 || j.Total != 3 {
			t.Errorf("%+v, want one of three steps", j)
		}
		if !held {
			continue
		}
		if err := s.HeldJob(ctx, here, now); err != nil {
			t.Error(err)
		}
		must(s.CancelJob(ctx, here, now.Job.ID))(t)
		for name, err := range map[string]error{"HeldJob": s.HeldJob(ctx, here, now), "KeepJob": s.KeepJob(ctx, here, now, 9, 9)} {
			if !errors.Is(err, engine.ErrJobCancelled) {
				t.Errorf("%s: got %v, want ErrJobCancelled", name, err)
			}
		}
		if n := must(s.RescueJobs(ctx))(t); n != 0 {
			t.Errorf("rescued %d, want none", n)
		}
	}
}

// attempts: failures and ends of workers count, what was given back does not.
func attempts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	failed := engine.JobEnd{State: engine.JobFailed, Error: "no"}
	for _, x := range []struct {
		name string
		end  func(engine.JobClaim) engine.Job
		left int // attempts that count, after each
	}{
		{"failed", func(c engine.JobClaim) engine.Job { return must(s.EndJob(ctx, here, c, failed))(t) }, 1},
		{"given back", func(c engine.JobClaim) engine.Job {
			return must(s.EndJob(ctx, here, c, engine.JobEnd{State: engine.JobQueued}))(t)
		}, 0},
		{"left", func(c engine.JobClaim) engine.Job {
			time.Sleep(5 * time.Millisecond)
			must(s.RescueJobs(ctx))(t)
			return must(s.Job(ctx, here, c.Job.ID))(t)
		}, 1},
		{"left, but further", func(c engine.JobClaim) engine.Job {
			if err := s.KeepJob(ctx, here, c, c.Job.Done+1, 100); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Millisecond)
			must(s.RescueJobs(ctx))(t)
			return must(s.Job(ctx, here, c.Job.ID))(t)
		}, 0},
	} {
		j := must(s.AddJob(ctx, here, engine.Job{Kind: engine.JobDraft, Object: x.name, MaxAttempts: 2}))(t)
		for n := 1; n <= 2; n++ {
			j = x.end(claimed(t, s, time.Millisecond, here, x.name))
			want := engine.JobQueued
			if n == 2 && x.left == 1 {
				want = engine.JobFailed
			}
			if j.State != want || j.Attempt != n*x.left || want == engine.JobFailed && j.Error == "" {
				t.Errorf("%s, %d times: %+v, want %s", x.name, n, j, want)
			}
		}
		must(s.CancelJob(ctx, here, j.ID))(t)
	}
	addJob(t, s, here, "odd end")
	if _, err := s.EndJob(ctx, here, claimed(t, s, time.Minute, here, "odd end"), engine.JobEnd{State: engine.JobRunning}); err == nil {
		t.Error("an attempt ended running")
	}
}

// jobTurns: the workspaces take turns, and within one the oldest comes first.
func jobTurns(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for n := range 4 {
		addJob(t, s, here, fmt.Sprint("here ", n))
		time.Sleep(2 * time.Millisecond) // the times of the tables are milliseconds
	}
	claimed(t, s, time.Minute, here, "here 0")
	time.Sleep(2 * time.Millisecond)
	claimed(t, s, time.Minute, here, "here 1")
	addJob(t, s, there, "there 0")
	addJob(t, s, there, "there 1")
	must(s.AddJob(ctx, there, engine.Job{Kind: "other", Object: "x"}))(t)
	for _, want := range []string{"there 0", "here 2", "there 1", "here 3"} {
		workspace, _, _ := strings.Cut(want, " ")
		time.Sleep(2 * time.Millisecond)
		claimed(t, s, time.Minute, workspace, want)
	}
	nothingToDo(t, s)
	if _, _, err := s.ClaimJob(ctx, nil, time.Minute); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v: a worker that does nothing found something to do", err)
	}
}

// oneWorker: however many ask, each job is claimed once.
func oneWorker(t *testing.T, s engine.Store) {
	const jobs, workers = 12, 4
	for n := range jobs {
		addJob(t, s, here, fmt.Sprint("job ", n))
	}
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				_, c, err := s.ClaimJob(t.Context(), kinds, time.Minute)
				if errors.Is(err, engine.ErrNotFound) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[c.Job.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range got {
		if n != 1 {
			t.Errorf("job %s was claimed %d times", id, n)
		}
	}
	if len(got) != jobs {
		t.Errorf("%d of %d jobs were claimed", len(got), jobs)
	}
}

func jobPages(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var ids []string
	for n := range 5 {
		ids = append(ids, addJob(t, s, here, fmt.Sprint("job ", n)).ID)
	}
	ids = append(ids, must(s.AddJob(ctx, here, engine.Job{Kind: engine.JobExport, Object: "job 1"}))(t).ID)
	must(s.CancelJob(ctx, here, ids[4]))(t)
	cases := map[string]struct {
		f    engine.JobFilter
		want []int
	}{
		"":       {engine.JobFilter{}, []int{5, 4, 3, 2, 1, 0}},
		"Kind":   {engine.JobFilter{Kind: engine.JobExport}, []int{5}},
		"Object": {engine.JobFilter{Object: "job 1"}, []int{5, 1}},
		"State":  {engine.JobFilter{State: engine.JobCancelled}, []int{4}},
		"After":  {engine.JobFilter{After: ids[2]}, []int{1, 0}},
		"Limit":  {engine.JobFilter{Limit: 2}, []int{5, 4}},
		"all":    {engine.JobFilter{Kind: engine.JobDraft, State: engine.JobQueued, After: ids[3], Limit: 1}, []int{2}},
	}
	for name, c := range cases {
		var got []int
		for _, j := range must(s.Jobs(ctx, here, c.f))(t) {
			got = append(got, slices.Index(ids, j.ID))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("filter %q: got %v, want %v", name, got, c.want)
		}
	}
	for f := range fields(engine.JobFilter{}) {
		if _, ok := cases[f]; !ok {
			t.Errorf("no case for JobFilter.%s", f)
		}
	}
}

// oldJobs: what ended is pruned when it is old enough, and the audit log holds
// without it.
func oldJobs(t *testing.T, s engine.Store) {
	ctx := t.Context()
	kept := addJob(t, s, here, "queued")
	gone := addJob(t, s, here, "gone")
	must(s.CancelJob(ctx, here, gone.ID))(t)
	if n := must(s.PruneJobs(ctx, time.Hour))(t); n != 0 {
		t.Errorf("pruned %d that ended just now", n)
	}
	time.Sleep(5 * time.Millisecond)
	if n := must(s.PruneJobs(ctx, time.Millisecond))(t); n != 1 {
		t.Errorf("pruned %d, want 1", n)
	}
	same(t, "jobs", must(s.Jobs(ctx, here, engine.JobFilter{}))(t), []engine.Job{kept})
	if r := must(engine.VerifyAudit(ctx, s, here, nil))(t); len(r.Breaks) != 0 || r.Objects != 1 {
		t.Errorf("%+v", r)
	}
}

// undoneJobs: a job is part of the transaction that asks for it.
func undoneJobs(t *testing.T, s engine.Store) {
	stop := errors.New("stop")
	kept := addJob(t, s, here, "kept")
	err := s.InTx(t.Context(), func(tx engine.Tx) error {
		addJob(t, tx, here, "undone")
		must(tx.CancelJob(t.Context(), here, kept.ID))(t)
		if n := len(must(tx.Jobs(t.Context(), here, engine.JobFilter{}))(t)); n != 2 {
			t.Errorf("inside, %d jobs, want 2", n)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	same(t, "jobs", must(s.Jobs(t.Context(), here, engine.JobFilter{}))(t), []engine.Job{kept})
}

// queueIsolation: what is said of a job in another workspace is said of
// nothing.
func queueIsolation(ctx context.Context, x things) map[string]func(*testing.T, engine.Tx) {
	unchanged := func(t *testing.T, s engine.Tx) {
		t.Helper()
		same(t, "job", must(s.Job(ctx, here, x.claim.Job.ID))(t), x.claim.Job)
	}
	return map[string]func(*testing.T, engine.Tx){
		"AddJob": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			if j := must(s.AddJob(ctx, "third", job(x.claim.Job.Object)))(t); j.ID == x.claim.Job.ID {
				t.Error("the job of another workspace was returned")
			} else {
				must(s.CancelJob(ctx, "third", j.ID))(t)
			}
			unchanged(t, s)
		},
		"CancelJob": func(t *testing.T, s engine.Tx) {
			if _, err := s.CancelJob(ctx, there, x.claim.Job.ID); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			unchanged(t, s)
		},
		"KeepJob": func(t *testing.T, s engine.Tx) {
			if err := s.KeepJob(ctx, there, x.claim, 9, 9); !errors.Is(err, engine.ErrJobLost) {
				t.Errorf("got %v, want ErrJobLost", err)
			}
			unchanged(t, s)
		},
		"EndJob": func(t *testing.T, s engine.Tx) {
			if _, err := s.EndJob(ctx, there, x.claim, engine.JobEnd{State: engine.JobDone}); !errors.Is(err, engine.ErrJobLost) {
				t.Errorf("got %v, want ErrJobLost", err)
			}
			unchanged(t, s)
		},
		// Those that span workspaces find nothing: the job is held, and has
		// not ended.
		"ClaimJob": func(t *testing.T, s engine.Tx) { nothingToDo(t, s) },
		"RescueJobs": func(t *testing.T, s engine.Tx) {
			if n := must(s.RescueJobs(ctx))(t); n != 0 {
				t.Errorf("rescued %d", n)
			}
		},
		"PruneJobs": func(t *testing.T, s engine.Tx) {
			must(s.PruneJobs(ctx, time.Hour))(t)
			unchanged(t, s)
		},
	}
}
