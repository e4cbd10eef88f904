package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vouch/engine"
)

// errStopping is why the context of a handler ends when its runner stops.
var errStopping = errors.New("this process is stopping")

// pruneEvery is how often old jobs are looked for.
const pruneEvery = time.Hour

// workers claim jobs and do them. Both runners have them; they differ in who
// tells them that there is something to do.
type workers struct {
	cfg   Config
	kinds []engine.JobKind

	slots chan struct{} // holds one for every job that runs
	wake  chan struct{} // holds one if there may be something to do
	loop  sync.WaitGroup

	base   context.Context // of all handlers
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	stopped bool
	closing chan struct{}  // closed with stopped
	turns   sync.WaitGroup // what runs, or may begin to
}

func newWorkers(cfg Config) *workers {
	cfg = cfg.withDefaults()
	return &workers{
		cfg: cfg, kinds: cfg.kinds(), slots: make(chan struct{}, cfg.Workers), wake: make(chan struct{}, 1), closing: make(chan struct{}),
	}
}

// start begins to look for jobs.
func (w *workers) start(ctx context.Context) {
	w.base, w.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	w.loop.Go(w.look)
}

// look takes jobs whenever it is told to and every now and then, and looks
// after what others left.
func (w *workers) look() {
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	var pruned time.Time
	w.rescue() // what was left while nobody looked
	for {
		w.fill()
		select {
		case <-w.closing:
			return
		case <-w.wake:
			continue
		case <-tick.C:
		}
		w.rescue()
		if time.Since(pruned) > min(pruneEvery, w.cfg.Keep) {
			pruned = time.Now()
			w.prune()
		}
	}
}

// signal makes look take jobs now.
func (w *workers) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it will
	}
}

// fill takes jobs until there are no more, or no more may run.
func (w *workers) fill() {
	for w.enter() {
		select {
		case w.slots <- struct{}{}:
		default:
			w.turns.Done()
			return
		}
		workspace, c, since, err := w.claim()
		if err != nil {
			w.leave()
			w.report(err)
			return
		}
		go func() {
			defer w.signal()
			defer w.leave()
			w.run(workspace, c, since)
		}()
	}
}

// enter says whether a job may begin. If so, [workers.turns] counts it.
func (w *workers) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.turns.Add(1)
	}
	return !w.stopped
}

// leave gives back a slot.
func (w *workers) leave() {
	<-w.slots
	w.turns.Done()
}

// claim takes the next job. Its lease began at since or later.
func (w *workers) claim() (workspace string, c engine.JobClaim, since time.Time, err error) {
	since = time.Now()
	workspace, c, err = w.cfg.Store.ClaimJob(w.base, w.kinds, w.cfg.Lease)
	return workspace, c, since, err
}

func (w *workers) rescue() {
	n, err := w.cfg.Store.RescueJobs(w.base)
	w.report(err)
	if n > 0 {
		w.cfg.Log.Warn("took jobs from workers that were not heard of", "jobs", n)
		w.signal()
	}
}

func (w *workers) prune() {
	n, err := w.cfg.Store.PruneJobs(w.base, w.cfg.Keep)
	w.report(err)
	if n > 0 {
		w.cfg.Log.Info("deleted old jobs", "jobs", n)
	}
}

// report logs what went wrong with the queue. It is tried again soon.
func (w *workers) report(err error) {
	if err != nil && !errors.Is(err, engine.ErrNotFound) && w.base.Err() == nil {
		w.cfg.Log.Error("the queue of jobs cannot be used", "error", err)
	}
}

// close makes no more jobs begin.
func (w *workers) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.stopped = true
		close(w.closing)
	}
}

// drain waits for what runs, until ctx ends; then it cancels the rest and gives
// it a little time to end.
func (w *workers) drain(ctx context.Context) error {
	if w.base == nil {
		return nil // it was never started
	}
	ended := make(chan struct{})
	go func() {
		w.loop.Wait()
		w.turns.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		w.cancel(errStopping)
		return nil
	case <-ctx.Done():
	}
	w.cancel(errStopping)
	select {
	case <-ended:
		return nil
	case <-time.After(w.cfg.Grace):
		return fmt.Errorf("stop jobs: %d did not end within %v of being told to; others get them after %v", len(w.slots), w.cfg.Grace, w.cfg.Lease)
	}
}
