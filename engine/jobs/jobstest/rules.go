package jobstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/jobs"
)

// transaction: no worker sees a job before it is committed, or ever if it is
// undone.
func transaction(t *testing.T, p Process) {
	var committed atomic.Bool
	var early atomic.Int64
	s := running(t, p, func(context.Context, string, engine.Job, func(int, int)) error {
		if !committed.Load() {
			early.Add(1)
		}
		return nil
	})
	stop := errors.New("stop")
	var undone, kept engine.Job
	in := func(end error, j *engine.Job) error {
		return s.InTx(t.Context(), func(tx engine.Tx) error {
			*j = add(t, tx, here, fmt.Sprint(end))
			time.Sleep(700 * time.Millisecond) // workers look several times
			committed.Store(end == nil)
			return end
		})
	}
	if err := in(stop, &undone); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if err := in(nil, &kept); err != nil {
		t.Fatal(err)
	}
	if j := await(t, s, here, kept.ID, ended); j.State != engine.JobDone || j.Attempt != 1 {
		t.Errorf("%+v", j)
	}
	if _, err := s.Job(t.Context(), here, undone.ID); !errors.Is(err, engine.ErrNotFound) || early.Load() != 0 {
		t.Errorf("%d ran that were not committed (%v)", early.Load(), err)
	}
}

// withinASecond: a job begins within a second, in the process that added it and
// in another one.
func withinASecond(t *testing.T, p Process) {
	began := make(chan time.Time, 1)
	s, r := open(t, p, config(func(context.Context, string, engine.Job, func(int, int)) error {
		began <- time.Now()
		return nil
	}))
	other, _ := open(t, p, config(nil))
	start(t, r)
	for name, from := range map[string]engine.Store{"the same process": s, "another process": other} {
		var took []time.Duration
		for n := range 3 {
			asked := time.Now()
			add(t, from, here, fmt.Sprint(name, n))
			took = append(took, receive(t, began).Sub(asked))
		}
		if slices.Sort(took); took[1] > time.Second { // the middle one: the machine may be busy
			t.Errorf("from %s jobs began after %v", name, took)
		}
	}
}

// atMost: as many run at once as may, and no more.
func atMost(t *testing.T, p Process) {
	var in counter
	b := newBlocks()
	s := running(t, p, func(ctx context.Context, w string, j engine.Job, f func(int, int)) error {
		defer in.enter()()
		return b.handle(ctx, w, j, f)
	})
	var all []engine.Job
	for n := range 8 {
		all = append(all, add(t, s, here, fmt.Sprint(n)))
	}
	receive(t, b.called)
	receive(t, b.called)
	time.Sleep(500 * time.Millisecond)
	close(b.let)
	for _, j := range all {
		await(t, s, here, j.ID, ended)
	}
	if in.most != 2 {
		t.Errorf("%d ran at once, want 2", in.most)
	}
}

// retried: after a failure there is another attempt, until one is done.
func retried(t *testing.T, p Process) {
	var attempts []int
	s := running(t, p, func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		if attempts = append(attempts, j.Attempt); j.Attempt < 3 {
			return fmt.Errorf("not in attempt %d", j.Attempt)
		}
		return nil
	})
	j := await(t, s, here, add(t, s, here, "a").ID, ended)
	if j.State != engine.JobDone || j.Error != "" || !slices.Equal(attempts, []int{1, 2, 3}) {
		t.Errorf("%+v after %v", j, attempts)
	}
}

// failed: the error of the last attempt is kept, as far as it goes.
func failed(t *testing.T, p Process) {
	s := running(t, p, func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		return errors.New(fmt.Sprint(j.Attempt) + strings.Repeat("ü", 2*engine.MaxJobError))
	})
	j := await(t, s, here, add(t, s, here, "a").ID, ended)
	if want := "3" + strings.Repeat("ü", engine.MaxJobError-1); j.State != engine.JobFailed || j.Error != want || j.Attempt != 3 {
		t.Errorf("%+v", j)
	}
}

// panics: a panic ends an attempt and nothing else.
func panics(t *testing.T, p Process) {
	s := running(t, p, func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		if j.Object == "a" {
			panic("out of order")
		}
		return nil
	})
	j := await(t, s, here, add(t, s, here, "a").ID, ended)
	if j.State != engine.JobFailed || j.Error != "panic: out of order" || j.Attempt != 3 {
		t.Errorf("%+v", j)
	}
	if j := await(t, s, here, add(t, s, here, "b").ID, ended); j.State != engine.JobDone {
		t.Errorf("after it %+v", j)
	}
}

func cancelQueued(t *testing.T, p Process) {
	var called atomic.Int64
	s, r := open(t, p, config(func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		if j.Object == "a" {
			called.Add(1)
		}
		return nil
	}))
	a := add(t, s, here, "a")
	if j, err := s.CancelJob(t.Context(), here, a.ID); err != nil || j.State != engine.JobCancelled {
		t.Fatalf("%+v (%v)", j, err)
	}
	b := add(t, s, here, "b")
	start(t, r)
	await(t, s, here, b.ID, ended)
	time.Sleep(300 * time.Millisecond)
	if called.Load() != 0 {
		t.Error("a job began that was cancelled")
	}
}

// cancelRunning: another process cancels a job that runs. Its handler is told,
// it is not tried again, and what was asked for after the cancelling runs when
// it has ended.
func cancelRunning(t *testing.T, p Process) {
	causes := make(chan error, 1)
	var in counter
	b := newBlocks()
	s := running(t, p, func(ctx context.Context, w string, j engine.Job, f func(int, int)) error {
		defer in.enter()()
		err := b.handle(ctx, w, j, f)
		if err != nil {
			causes <- err
			time.Sleep(500 * time.Millisecond)
		}
		return err
	})
	other, _ := open(t, p, config(nil))
	j := add(t, s, here, "a")
	receive(t, b.called)
	if j, err := other.CancelJob(t.Context(), here, j.ID); err != nil || j.State != engine.JobRunning || !j.Cancelling {
		t.Fatalf("%+v (%v)", j, err)
	}
	next := add(t, other, here, "a")
	if err := receive(t, causes); !errors.Is(err, engine.ErrJobCancelled) {
		t.Errorf("the handler was told %v", err)
	}
	if got := await(t, s, here, j.ID, ended); got.State != engine.JobCancelled || got.Attempt != 1 || got.Error != "" {
		t.Errorf("%+v", got)
	}
	if second := receive(t, b.called); second.ID != next.ID || in.most != 1 {
		t.Errorf("then %+v ran, and %d at once", second, in.most)
	}
	close(b.let)
	await(t, s, here, next.ID, ended)
}

// progress: how far a job is can be read elsewhere while it runs and after.
func progress(t *testing.T, p Process) {
	b := newBlocks()
	s := running(t, p, func(ctx context.Context, w string, j engine.Job, f func(int, int)) error {
		f(3, 10)
		err := b.handle(ctx, w, j, f)
		f(10, 10)
		return err
	})
	other, _ := open(t, p, config(nil))
	j := add(t, s, here, "a")
	got := await(t, other, here, j.ID, func(j engine.Job) bool { return j.Done > 0 })
	if got.Done != 3 || got.Total != 10 || got.State != engine.JobRunning {
		t.Errorf("while it runs: %+v", got)
	}
	close(b.let)
	if got := await(t, other, here, j.ID, ended); got.Done != 10 || got.Total != 10 {
		t.Errorf("after: %+v", got)
	}
}

// actor: what a handler stores is by the job, for who asked for it.
func actor(t *testing.T, p Process) {
	actors := make(chan engine.Actor, 1)
	s := running(t, p, func(ctx context.Context, w string, j engine.Job, _ func(int, int)) error {
		actors <- engine.ActorOf(ctx)
		if w != there || j.Args != `{"n":1}` {
			return fmt.Errorf("called in %q with %s", w, j.Args)
		}
		return nil
	})
	ctx := engine.WithActor(t.Context(), engine.Actor{Name: "user:7", From: "192.0.2.1"})
	j, err := s.AddJob(ctx, there, engine.Job{Kind: kind, Object: "a", Args: `{"n":1}`})
	if err != nil {
		t.Fatal(err)
	}
	if a := receive(t, actors); a != (engine.Actor{Name: "job:test", From: "user:7"}) {
		t.Errorf("the handler acts as %+v", a)
	}
	if j := await(t, s, there, j.ID, ended); j.State != engine.JobDone {
		t.Errorf("%+v", j)
	}
}

// leftBehind: a job whose worker is gone is done by another, with the progress
// it had.
func leftBehind(t *testing.T, p Process) {
	got := make(chan engine.Job, 1)
	s, r := open(t, p, config(func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		got <- j
		return nil
	}))
	j := add(t, s, here, "a")
	_, c, err := s.ClaimJob(t.Context(), []engine.JobKind{kind}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.KeepJob(t.Context(), here, c, 4, 9); err != nil {
		t.Fatal(err)
	}
	since := time.Now()
	start(t, r)
	if j := receive(t, got); j.ID != c.Job.ID || j.Done != 4 || j.Total != 9 || time.Since(since) < 900*time.Millisecond {
		t.Errorf("after %v %+v", time.Since(since), j)
	}
	await(t, s, here, j.ID, ended)
	if _, err := s.EndJob(t.Context(), here, c, engine.JobEnd{State: engine.JobFailed}); !errors.Is(err, engine.ErrJobLost) {
		t.Errorf("got %v, want ErrJobLost", err)
	}
}

// fenced: a worker that cannot reach the queue for the length of its lease is
// told so before another one begins, and changes nothing after.
func fenced(t *testing.T, p Process) {
	var cut *frozen
	var in counter
	told, taken := make(chan error, 1), make(chan struct{})
	cfg := config(func(ctx context.Context, _ string, _ engine.Job, f func(int, int)) error {
		leave := in.enter()
		cut.on.Store(true)
		<-ctx.Done()
		leave()
		told <- context.Cause(ctx)
		<-taken
		cut.on.Store(false)
		f(99, 99)
		for cut.kept.Load() == 0 { // it is tried to store that
			time.Sleep(5 * time.Millisecond)
		}
		return ctx.Err()
	})
	cfg.Workers = 1
	_, first := p(t, cfg, func(s engine.Store) engine.Store {
		cut = &frozen{Store: s}
		return cut
	})
	b := newBlocks()
	s, second := open(t, p, config(func(ctx context.Context, w string, j engine.Job, f func(int, int)) error {
		defer in.enter()()
		f(1, 2)
		return b.handle(ctx, w, j, f)
	}))
	start(t, first)
	j := add(t, s, here, "a")
	await(t, s, here, j.ID, func(j engine.Job) bool { return j.State == engine.JobRunning })
	eventually(t, func() bool { return cut.on.Load() }, func() any { return "it was not called" })
	start(t, second)
	if err := receive(t, told); !errors.Is(err, engine.ErrJobLost) {
		t.Errorf("the first was told %v", err)
	}
	if got := receive(t, b.called); got.ID != j.ID || got.Attempt != 2 {
		t.Errorf("the second was given %+v", got)
	}
	close(taken)
	eventually(t, func() bool { return cut.kept.Load() > 0 }, func() any { return "the first did not try to store its progress" })
	time.Sleep(200 * time.Millisecond)
	if got := look(t, s, here, j.ID); got.Done > 1 || got.State != engine.JobRunning {
		t.Errorf("the first changed it: %+v", got)
	}
	close(b.let)
	if got := await(t, s, here, j.ID, ended); got.State != engine.JobDone || got.Done != 1 || got.Total != 2 || got.Attempt != 2 {
		t.Errorf("%+v", got)
	}
	if in.most != 1 {
		t.Errorf("%d had the job at once", in.most)
	}
}

// putBack: a worker that was told that it lost its job, but had not, puts it
// back, and that is no attempt.
func putBack(t *testing.T, p Process) {
	var cut *frozen
	s, r := p(t, config(func(ctx context.Context, _ string, _ engine.Job, _ func(int, int)) error {
		cut.on.Store(true)
		<-ctx.Done()
		cut.on.Store(false)
		return ctx.Err()
	}), func(s engine.Store) engine.Store {
		cut = &frozen{Store: s, alone: true}
		return cut
	})
	if err := s.EnsureWorkspace(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	start(t, r)
	j := add(t, s, here, "a")
	await(t, s, here, j.ID, func(j engine.Job) bool { return j.State == engine.JobRunning })
	if j := await(t, s, here, j.ID, func(j engine.Job) bool { return j.State != engine.JobRunning }); j.State != engine.JobQueued || j.Attempt != 0 {
		t.Errorf("%+v", j)
	}
}

// longJob: a job that takes several leases has one attempt, whoever else looks
// for work.
func longJob(t *testing.T, p Process) {
	b := newBlocks()
	s := running(t, p, b.handle)
	running(t, p, b.handle)
	j := add(t, s, here, "a")
	receive(t, b.called)
	time.Sleep(5 * time.Second)
	close(b.let)
	if got := await(t, s, here, j.ID, ended); got.State != engine.JobDone || got.Attempt != 1 || len(b.called) != 0 {
		t.Errorf("%+v, and called %d more times", got, len(b.called))
	}
}

// stopWaits: what runs is finished, and nothing else begins.
func stopWaits(t *testing.T, p Process) {
	b := newBlocks()
	cfg := config(b.handle)
	cfg.Workers = 1
	s, r := open(t, p, cfg)
	start(t, r)
	first, second := add(t, s, here, "a"), add(t, s, here, "b")
	receive(t, b.called)
	stopped := make(chan error, 1)
	go func() { stopped <- r.Stop(t.Context()) }()
	time.Sleep(500 * time.Millisecond)
	close(b.let)
	if err := receive(t, stopped); err != nil {
		t.Error(err)
	}
	if j := look(t, s, here, first.ID); j.State != engine.JobDone {
		t.Errorf("the first is %+v", j)
	}
	if j := look(t, s, here, second.ID); j.State != engine.JobQueued || j.Attempt != 0 {
		t.Errorf("the second is %+v", j)
	}
	running(t, p, b.handle)
	await(t, s, here, second.ID, ended)
}

// stopPutsBack: what takes too long goes back into the queue, and another
// worker has it at once.
func stopPutsBack(t *testing.T, p Process) {
	b := newBlocks()
	cfg := config(b.handle)
	cfg.Lease = time.Hour
	s, r := open(t, p, cfg)
	start(t, r)
	j := add(t, s, here, "a")
	receive(t, b.called)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
	if got := look(t, s, here, j.ID); got.State != engine.JobQueued || got.Attempt != 0 || got.Error != "" {
		t.Errorf("%+v", got)
	}
	running(t, p, b.handle)
	receive(t, b.called)
	close(b.let)
	if got := await(t, s, here, j.ID, ended); got.State != engine.JobDone || got.Attempt != 1 {
		t.Errorf("%+v", got)
	}
}

// stopGivesUp: a handler that does not listen does not keep the process, and
// nobody has its job before its lease has ended.
func stopGivesUp(t *testing.T, p Process) {
	deaf := make(chan struct{})
	called := make(chan engine.Job, 2)
	cfg := config(func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		called <- j
		<-deaf
		return nil
	})
	cfg.Grace = 200 * time.Millisecond
	s, r := open(t, p, cfg)
	start(t, r)
	j := add(t, s, here, "a")
	receive(t, called)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Stop(ctx); err == nil {
		t.Error("stopped, but a handler still runs")
	}
	if got := look(t, s, here, j.ID); got.State != engine.JobRunning {
		t.Errorf("%+v", got)
	}
	close(deaf)
	if got := await(t, s, here, j.ID, ended); got.State != engine.JobDone || got.Attempt != 1 {
		t.Errorf("%+v", got)
	}
}

// turns: a workspace with many jobs does not keep another one waiting.
func turns(t *testing.T, p Process) {
	var mu sync.Mutex
	var order []string
	cfg := config(func(_ context.Context, w string, _ engine.Job, _ func(int, int)) error {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, w)
		return nil
	})
	cfg.Workers = 1
	s, r := open(t, p, cfg)
	var last engine.Job
	for n := range 15 {
		last = add(t, s, here, fmt.Sprint(n))
	}
	for n := range 3 {
		add(t, s, there, fmt.Sprint(n))
	}
	start(t, r)
	await(t, s, here, last.ID, ended)
	var places []int
	for i, w := range order {
		if w == there {
			places = append(places, i)
		}
	}
	if len(places) != 3 || places[2] > 7 {
		t.Errorf("the jobs of the small workspace were number %v of %d", places, len(order))
	}
}

func otherKinds(t *testing.T, p Process) {
	var called atomic.Int64
	s := running(t, p, func(context.Context, string, engine.Job, func(int, int)) error { called.Add(1); return nil })
	foreign, err := s.AddJob(t.Context(), here, engine.Job{Kind: "foreign", Object: "a"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, s, here, add(t, s, here, "a").ID, ended)
	time.Sleep(500 * time.Millisecond)
	if j := look(t, s, here, foreign.ID); j.State != engine.JobQueued || j.Attempt != 0 || called.Load() != 1 {
		t.Errorf("%+v, and %d calls", j, called.Load())
	}
	_, r := open(t, p, jobs.Config{Handlers: map[engine.JobKind]jobs.Handler{
		"foreign": func(context.Context, string, engine.Job, func(int, int)) error { return nil },
	}})
	start(t, r)
	if j := await(t, s, here, foreign.ID, ended); j.State != engine.JobDone {
		t.Errorf("%+v", j)
	}
}

// again: what a transaction changes while a job runs is seen by another run.
func again(t *testing.T, p Process) {
	called, let := make(chan engine.Job, 5), make(chan struct{})
	s := running(t, p, func(_ context.Context, _ string, j engine.Job, _ func(int, int)) error {
		called <- j
		<-let
		return nil
	})
	j := add(t, s, here, "a")
	receive(t, called)
	for range 3 {
		if same := add(t, s, here, "a"); same.ID != j.ID {
			t.Errorf("a second job was made: %+v", same)
		}
	}
	close(let)
	receive(t, called)
	await(t, s, here, j.ID, ended)
	time.Sleep(300 * time.Millisecond)
	if len(called) != 0 {
		t.Errorf("it ran %d times more than asked for", len(called))
	}
}

// old: jobs are deleted some time after their end.
func old(t *testing.T, p Process) {
	cfg := config(func(context.Context, string, engine.Job, func(int, int)) error { return nil })
	cfg.Keep = 300 * time.Millisecond
	s, r := open(t, p, cfg)
	start(t, r)
	j := add(t, s, here, "a")
	eventually(t, func() bool {
		_, err := s.Job(t.Context(), here, j.ID)
		return errors.Is(err, engine.ErrNotFound)
	}, func() any { return look(t, s, here, j.ID) })
}
