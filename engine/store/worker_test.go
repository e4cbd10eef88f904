package store

import (
	"errors"
	"testing"
	"time"

	"vouch/engine"
)

// TestJobsOfTheDeadAreTakenAtOnce: a process that begins to work on jobs puts
// back those that run, if it is certain that nobody does them; else they have
// their lease.
func TestJobsOfTheDeadAreTakenAtOnce(t *testing.T) { overBoth(t, newDatabase, jobsOfTheDead) }

func jobsOfTheDead(t *testing.T, path string) {
	ctx := t.Context()
	first, second := mustOpen(t, path), mustOpen(t, path)
	if err := first.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	state := func() engine.JobState {
		list, err := second.Jobs(ctx, "w", engine.JobFilter{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v (%v)", list, err)
		}
		return list[0].State
	}
	work := func(s *Store, want int) func() {
		t.Helper()
		done, left, err := s.WorkOnJobs(ctx)
		if err != nil || left != want {
			t.Fatalf("%d jobs were left (%v), want %d", left, err, want)
		}
		return done
	}
	if _, err := first.AddJob(ctx, "w", engine.Job{Kind: engine.JobDraft, Object: "a"}); err != nil {
		t.Fatal(err)
	}
	living := work(first, 0)
	if _, _, err := first.ClaimJob(ctx, []engine.JobKind{engine.JobDraft}, time.Hour); err != nil {
		t.Fatal(err)
	}
	work(second, 0)() // the first one lives
	if got := state(); got != engine.JobRunning {
		t.Fatalf("the job of one that lives is %s", got)
	}
	living()
	if first.config != nil {
		work(second, 0)()
		if got := state(); got != engine.JobRunning {
			t.Errorf("on a server a job was taken before the end of its lease: it is %s", got)
		}
		return
	}
	defer work(second, 1)()
	if got := state(); got != engine.JobQueued {
		t.Errorf("the job of one that is gone is %s", got)
	}
	_, c, err := second.ClaimJob(ctx, []engine.JobKind{engine.JobDraft}, time.Hour)
	if err != nil || c.Job.Attempt != 2 {
		t.Errorf("attempt %d (%v), want 2: the first one counts", c.Job.Attempt, err)
	}
	defer work(first, 0)() // the second one lives
}

// TestWorkspacesAreListed in order, whoever made them.
func TestWorkspacesAreListed(t *testing.T) { overBoth(t, newDatabase, workspacesListed) }

func workspacesListed(t *testing.T, path string) {
	s := mustOpen(t, path)
	if err := errors.Join(s.EnsureWorkspace(t.Context(), "b"), s.EnsureWorkspace(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Workspaces(t.Context()); err != nil || len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("%v (%v), want a, b", got, err)
	}
}
