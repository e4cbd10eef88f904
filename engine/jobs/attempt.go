package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"vouch/engine"
)

// attempt is one call of a handler.
type attempt struct {
	w         *workers
	workspace string
	claim     engine.JobClaim
	cancel    context.CancelCauseFunc

	mu    sync.Mutex
	done  int
	total int
	fresh bool // done or total is not stored
}

// run does a job that was claimed, and says how it ended. The claim is kept
// until the handler has returned, even if it was told to stop.
func (w *workers) run(workspace string, c engine.JobClaim, since time.Time) {
	ctx := engine.WithActor(w.base, engine.Actor{Name: "job:" + string(c.Job.Kind), From: c.Job.By})
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a := &attempt{w: w, workspace: workspace, claim: c, cancel: cancel, done: c.Job.Done, total: c.Job.Total}

	w.cfg.Log.Info("an attempt at a job begins", "workspace", workspace, "job", c.Job.ID, "kind", c.Job.Kind, "attempt", c.Job.Attempt)
	returned := make(chan struct{})
	var keeping sync.WaitGroup
	keeping.Go(func() { a.keep(returned, since) })
	err := a.call(ctx)
	cause := context.Cause(ctx)
	close(returned)
	keeping.Wait()

	switch {
	case err == nil:
		a.end(engine.JobEnd{State: engine.JobDone})
	case errors.Is(cause, errStopping), errors.Is(cause, engine.ErrJobLost): // nobody may have taken it yet
		a.end(engine.JobEnd{State: engine.JobQueued})
	default:
		a.end(engine.JobEnd{State: engine.JobFailed, Error: err.Error(), Retry: w.cfg.Backoff(c.Job.Attempt)})
	}
}

// call calls the handler. A panic is a failure like others.
func (a *attempt) call(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.w.cfg.Log.Error("a handler of jobs panicked", "workspace", a.workspace, "job", a.claim.Job.ID, "kind", a.claim.Job.Kind, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return a.w.cfg.Handlers[a.claim.Job.Kind](ctx, a.workspace, a.claim.Job, a.progress)
}

// progress is what handlers tell how far they are.
func (a *attempt) progress(done, total int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fresh = a.fresh || done != a.done || total != a.total
	a.done, a.total = done, total
}

// keep keeps the claim until the handler has returned, and stores how far it
// is. If the claim is lost, or has not been kept for the length of the lease, or
// somebody cancelled the job, the handler's context ends: by then nobody else
// has the job. A claim that nobody took is kept on, for as long as the handler
// takes to return.
func (a *attempt) keep(returned <-chan struct{}, since time.Time) {
	lease := a.claim.Lease
	until := since.Add(lease)
	lost := time.AfterFunc(time.Until(until), func() { a.cancel(engine.ErrJobLost) })
	defer lost.Stop()
	tick := time.NewTicker(min(a.w.cfg.Poll, lease/4))
	defer tick.Stop()
	for {
		select {
		case <-returned:
			return
		case <-tick.C:
		}
		since = time.Now()
		kept, err := a.beat(returned, until.Sub(since) < lease*2/3)
		if kept {
			until = since.Add(lease)
			lost.Reset(time.Until(until))
		}
		if errors.Is(err, engine.ErrJobLost) || errors.Is(err, engine.ErrJobCancelled) {
			a.cancel(err)
		}
	}
}

// beat looks whether the claim holds. It is kept, which writes, when it is due
// or there is progress to store. A beat takes no longer than a lease, and ends
// when the handler returns.
func (a *attempt) beat(returned <-chan struct{}, due bool) (kept bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.w.base), a.claim.Lease)
	defer cancel()
	go func() {
		select {
		case <-returned:
			cancel()
		case <-ctx.Done():
		}
	}()
	a.mu.Lock()
	done, total, fresh := a.done, a.total, a.fresh
	a.fresh = false
	a.mu.Unlock()
	if !due && !fresh {
		return false, a.w.cfg.Store.HeldJob(ctx, a.workspace, a.claim)
	}
	err = a.w.cfg.Store.KeepJob(ctx, a.workspace, a.claim, done, total)
	if err == nil || errors.Is(err, engine.ErrJobCancelled) {
		return true, err
	}
	a.mu.Lock()
	a.fresh = true
	a.mu.Unlock()
	return false, err
}

// end says how the attempt ended, and tries to for a while: after that others
// find the job.
func (a *attempt) end(e engine.JobEnd) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.w.base), min(a.claim.Lease, endWait))
	defer cancel()
	a.mu.Lock()
	e.Done, e.Total = a.done, a.total
	a.mu.Unlock()
	for {
		j, err := a.w.cfg.Store.EndJob(ctx, a.workspace, a.claim, e)
		if err == nil {
			a.w.cfg.Log.Info("an attempt at a job ended", "workspace", a.workspace, "job", j.ID, "kind", j.Kind, "state", j.State, "attempt", j.Attempt)
			return
		}
		if errors.Is(err, engine.ErrJobLost) || ctx.Err() != nil {
			a.w.cfg.Log.Warn("the end of an attempt at a job could not be stored", "workspace", a.workspace, "job", a.claim.Job.ID, "error", err)
			return
		}
		select {
		case <-time.After(endPause):
		case <-ctx.Done():
		}
	}
}

const (
	endWait  = 30 * time.Second       // how long it is tried to store the end of an attempt
	endPause = 100 * time.Millisecond // from one try to the next
)
