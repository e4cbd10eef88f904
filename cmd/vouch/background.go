package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vouch/engine"
	"vouch/engine/draft"
	"vouch/engine/jobs"
	"vouch/engine/store"
)

// workers are the settings of who works on jobs. Drafting takes all cores by
// itself; a second worker keeps a short job from waiting for a long one.
type workers struct {
	Workers  int           `help:"Jobs, such as drafting a questionnaire, that this process works on at once." default:"2" env:"VOUCH_WORKERS" placeholder:"N"`
	JobLease time.Duration `hidden:"" help:"After how long a job is taken from a process that is not heard of." default:"30s" env:"VOUCH_JOB_LEASE"`
}

// maxWorkers bounds --workers: each takes all cores while it drafts.
const maxWorkers = 64

// check refuses what cannot be worked with. least is how many workers there must
// be.
func (w *workers) check(least int) error {
	switch {
	case w.Workers < least || w.Workers > maxWorkers:
		return usageError(fmt.Sprintf("--workers is no number from %d to %d", least, maxWorkers))
	case w.JobLease < time.Second:
		return usageError("--job-lease is shorter than a second")
	}
	return nil
}

// drainWithin is how long jobs may take to end when the process stops. Those
// that take longer go back into the queue, and are gone on with where they are.
const drainWithin = 10 * time.Second

// background is what a process does beside answering requests: it works on
// jobs, and looks after what ends or lapses with time. "vouch serve" and "vouch
// work" have the same one.
type background struct {
	store  *store.Store
	runner jobs.Runner // nil if this process works on no jobs
	log    *slog.Logger

	// lives says when sessions end. Without it they are left to those who
	// know.
	lives engine.AccountSettings

	stop    context.CancelFunc
	keeping sync.WaitGroup
	done    func() // says that no jobs are worked on any more
	once    sync.Once
}

// newBackground prepares a database for jobs, and for workers, if there are to
// be any. It is called before the store is used. Nothing runs before start.
func newBackground(ctx context.Context, s *store.Store, database string, w workers, find engine.Retriever, log *slog.Logger) (*background, error) {
	b := &background{store: s, log: log, stop: func() {}, done: func() {}}
	cfg := jobs.Config{Store: s, Workers: w.Workers, Lease: w.JobLease, Handlers: handlers(s, find), Log: log}
	var tells store.JobDelivery
	var err error
	switch onServer := store.IsURL(database); {
	case onServer && w.Workers == 0:
		tells, err = jobs.NewRiverDelivery(log)
	case onServer:
		var r *jobs.River
		r, err = jobs.NewRiver(cfg, database)
		tells, b.runner = r, r
	case w.Workers > 0:
		r := jobs.NewLocal(cfg)
		tells, b.runner = r, r
	}
	if err != nil || tells == nil {
		return b, err
	}
	return b, s.DeliverJobs(ctx, tells)
}

// handlers are what is done for each kind of job.
func handlers(s *store.Store, find engine.Retriever) map[engine.JobKind]jobs.Handler {
	return map[engine.JobKind]jobs.Handler{engine.JobDraft: patient(draft.Job(s, find))}
}

// patience is how long a job first waits that cannot be done now.
const patience = time.Second

// patient lets a job wait while the database cannot be used, or has no space:
// that is no failure of the job, which would have failed for good after a few
// of them.
func patient(do jobs.Handler) jobs.Handler {
	return func(ctx context.Context, workspace string, j engine.Job, progress func(done, total int)) error {
		for wait := patience; ; wait = min(2*wait, 16*patience) {
			err := do(ctx, workspace, j, progress)
			if err == nil || explainStore(err) == "" {
				return err
			}
			select {
			case <-ctx.Done():
				return err
			case <-time.After(wait):
			}
		}
	}
}

// start begins to work on jobs, if this process is to, first of all on those
// whose process is gone.
func (b *background) start(ctx context.Context) error {
	if b.runner == nil {
		return nil
	}
	done, left, err := b.store.WorkOnJobs(ctx)
	if err != nil {
		return err
	}
	b.done = done
	if left > 0 {
		b.log.Info("going on with jobs of a process that is gone", "jobs", left)
	}
	if err := b.runner.Start(ctx); err != nil {
		return err
	}
	keep, stop := context.WithCancel(context.WithoutCancel(ctx))
	b.stop = stop
	b.keeping.Go(func() { b.upkeep(keep) })
	return nil
}

// end stops what was begun, and waits for it. Calls after the first one wait as
// well.
func (b *background) end() {
	b.once.Do(func() {
		b.stop()
		if b.runner != nil {
			within, cancel := context.WithTimeout(context.Background(), drainWithin)
			defer cancel()
			if err := b.runner.Stop(within); err != nil {
				b.log.Warn("jobs did not end in time", "error", err)
			}
		}
		b.keeping.Wait()
		b.done()
	})
}

// upkeepEvery is how often it is looked for what has ended or lapsed. Each of
// several processes does so: whoever is second finds nothing left.
const upkeepEvery = time.Hour

// upkeep looks after what ends or lapses with time, until ctx ends.
func (b *background) upkeep(ctx context.Context) {
	ctx = engine.WithActor(ctx, engine.Actor{Name: "job:upkeep", From: "upkeep"})
	ticks := time.NewTicker(upkeepEvery)
	defer ticks.Stop()
	var marked time.Time
	for {
		now := time.Now()
		errs := []error{b.forget(ctx, now)}
		if day := now.UTC().Truncate(24 * time.Hour); !day.Equal(marked) {
			err := b.markStale(ctx, day)
			if err == nil {
				marked = day
			}
			errs = append(errs, err)
		}
		if err := errors.Join(errs...); err != nil && ctx.Err() == nil {
			b.log.Error("upkeep failed; it is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// forget removes what has ended: sessions, counts of failed sign-ins, and the
// replies that are kept for requests that come again. Old jobs are removed by
// those who work on them.
func (b *background) forget(ctx context.Context, now time.Time) error {
	err := b.store.ForgetThrottles(ctx, now.Add(-24*time.Hour))
	if b.lives.SessionLife > 0 && b.lives.SessionIdle > 0 {
		err = errors.Join(err, b.store.EndOldSessions(ctx, now.Add(-b.lives.SessionLife), now.Add(-b.lives.SessionIdle)))
	}
	return errors.Join(err, b.each(ctx, func(workspace string) error {
		_, err := b.store.DropReplies(ctx, workspace, now.Add(-engine.RepliesKept))
		return err
	}))
}

// markStale marks the answers that rest on what has lapsed by a day.
func (b *background) markStale(ctx context.Context, day time.Time) error {
	return b.each(ctx, func(workspace string) error {
		marks, err := engine.MarkStale(ctx, b.store, workspace, engine.StaleCheck{Day: day})
		if len(marks) > 0 {
			b.log.Info("answers rest on what has lapsed", "workspace", workspace, "answers", len(marks))
		}
		return err
	})
}

// each does something for all workspaces, one after the other.
func (b *background) each(ctx context.Context, do func(workspace string) error) error {
	list, err := b.store.Workspaces(ctx)
	for _, workspace := range list {
		if err == nil {
			err = do(workspace)
		}
	}
	return err
}
