// Package jobstest holds what every runner of jobs has to do, whatever brings
// it the jobs. It is a package of its own so that testing never links into the
// product. A behaviour is changed here first.
package jobstest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/jobs"
)

// Process opens a store on a database that all processes of a test share, as
// a process of its own would, and returns it with a runner on it that is not
// started. The runner works on what wrap makes of the store, if it is given.
// The store is closed when the test ends.
type Process func(t *testing.T, cfg jobs.Config, wrap func(engine.Store) engine.Store) (engine.Store, jobs.Runner)

// kind is what the jobs of these tests are.
const kind engine.JobKind = "test"

// The workspaces of these tests.
const (
	here  = "here"
	there = "there \x00\xff/%" // ids are any bytes
)

// soon is how long something may take that happens at once, on a machine that
// does other things too.
const soon = 20 * time.Second

// Exercise runs the rules over processes on the databases that made returns, an
// empty one each time.
func Exercise(t *testing.T, made func(*testing.T) Process) {
	for _, rule := range []struct {
		name string
		test func(*testing.T, Process)
	}{
		{"JobsArePartOfTheirTransaction", transaction},
		{"JobsBeginWithinASecond", withinASecond},
		{"NoMoreRunThanMay", atMost},
		{"FailuresAreRetried", retried},
		{"LastFailuresAreKept", failed},
		{"PanicsAreFailures", panics},
		{"QueuedJobsAreCancelled", cancelQueued},
		{"RunningJobsAreCancelled", cancelRunning},
		{"OthersSeeTheProgress", progress},
		{"HandlersActForWhoAsked", actor},
		{"WhatOthersLeftIsTakenOver", leftBehind},
		{"NoJobHasTwoWorkers", fenced},
		{"WhatNobodyTookIsPutBack", putBack},
		{"LongJobsKeepTheirClaim", longJob},
		{"StopWaits", stopWaits},
		{"StopPutsBack", stopPutsBack},
		{"StopGivesUp", stopGivesUp},
		{"WorkspacesTakeTurns", turns},
		{"OtherKindsAreLeftAlone", otherKinds},
		{"WhoAsksWhileItRunsGetsAnotherRun", again},
		{"OldJobsGo", old},
	} {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			rule.test(t, made(t))
		})
	}
}

// config is how the runners of these tests work: as they do by default, but
// in less time.
func config(h jobs.Handler) jobs.Config {
	return jobs.Config{
		Handlers: map[engine.JobKind]jobs.Handler{kind: h}, Workers: 2, Lease: 2 * time.Second, Poll: 200 * time.Millisecond,
		Grace: 2 * time.Second, Backoff: func(int) time.Duration { return 10 * time.Millisecond },
	}
}

// open returns a process whose runner is not started, with the workspaces
// there.
func open(t *testing.T, p Process, cfg jobs.Config) (engine.Store, jobs.Runner) {
	t.Helper()
	s, r := p(t, cfg, nil)
	for _, w := range []string{here, there} {
		if err := s.EnsureWorkspace(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	return s, r
}

// start starts a runner, which is stopped when the test ends.
func start(t *testing.T, r jobs.Runner) {
	t.Helper()
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = r.Stop(ctx) // it may have been stopped in the test
	})
}

// running returns the store of a process that works on the jobs.
func running(t *testing.T, p Process, h jobs.Handler) engine.Store {
	t.Helper()
	s, r := open(t, p, config(h))
	start(t, r)
	return s
}

func add(t *testing.T, s engine.Tx, workspace, object string) engine.Job {
	t.Helper()
	j, err := s.AddJob(t.Context(), workspace, engine.Job{Kind: kind, Object: object, MaxAttempts: 3})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func look(t *testing.T, s engine.Store, workspace, id string) engine.Job {
	t.Helper()
	j, err := s.Job(t.Context(), workspace, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// await waits until a job is as ok wants it, and returns it.
func await(t *testing.T, s engine.Store, workspace, id string, ok func(engine.Job) bool) engine.Job {
	t.Helper()
	var j engine.Job
	eventually(t, func() bool {
		j = look(t, s, workspace, id)
		return ok(j)
	}, func() any { return j })
	return j
}

func ended(j engine.Job) bool { return j.State.Ended() }

// eventually waits until ok returns true, or fails with what there is instead.
func eventually(t *testing.T, ok func() bool, instead func() any) {
	t.Helper()
	for deadline := time.Now().Add(soon); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %+v", soon, instead())
		}
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(soon):
		t.Fatalf("nothing within %v", soon)
		panic("unreachable")
	}
}

// blocks is a handler that says that it was called and returns when its context
// ends, or the channel is closed.
type blocks struct {
	called chan engine.Job
	let    chan struct{}
}

func newBlocks() *blocks {
	return &blocks{called: make(chan engine.Job, 100), let: make(chan struct{})}
}

func (b *blocks) handle(ctx context.Context, _ string, j engine.Job, _ func(int, int)) error {
	b.called <- j
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.let:
		return nil
	}
}

// counter counts who is in, and remembers the most there were.
type counter struct {
	mu        sync.Mutex
	now, most int
}

func (c *counter) enter() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	}
}

// frozen is a store that gives out one job, whose claim cannot be reached while
// it is on.
type frozen struct {
	engine.Store
	on    atomic.Bool
	given atomic.Bool
	alone bool         // nobody takes what its worker leaves
	kept  atomic.Int64 // how often it was tried to keep the claim while it was not on
}

var errFrozen = errors.New("the queue cannot be reached")

func (f *frozen) ClaimJob(ctx context.Context, kinds []engine.JobKind, lease time.Duration) (string, engine.JobClaim, error) {
	if f.given.Load() {
		return "", engine.JobClaim{}, errFrozen
	}
	workspace, c, err := f.Store.ClaimJob(ctx, kinds, lease)
	f.given.Store(err == nil)
	return workspace, c, err
}

func (f *frozen) RescueJobs(ctx context.Context) (int, error) {
	if f.alone {
		return 0, nil
	}
	return f.Store.RescueJobs(ctx)
}

func (f *frozen) KeepJob(ctx context.Context, workspace string, c engine.JobClaim, done, total int) error {
	if f.on.Load() {
		return errFrozen
	}
	f.kept.Add(1)
	return f.Store.KeepJob(ctx, workspace, c, done, total)
}

func (f *frozen) HeldJob(ctx context.Context, workspace string, c engine.JobClaim) error {
	if f.on.Load() {
		return errFrozen
	}
	return f.Store.HeldJob(ctx, workspace, c)
}
