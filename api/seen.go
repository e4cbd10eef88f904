package api

import (
	"context"
	"sync"
	"time"
)

// seenWithin is how long it may take to note that a caller was there.
const seenWithin = 5 * time.Second

// witness notes who was there, after the answer: it writes, which nobody has to
// wait for. For each caller it does so once at a time.
type witness struct {
	mu      sync.Mutex
	closed  bool
	running map[string]bool
	wg      sync.WaitGroup
}

// note runs fn, unless it runs for this caller already or the server is closed.
func (w *witness) note(caller string, fn func(context.Context)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.running[caller] {
		return
	}
	if w.running == nil {
		w.running = map[string]bool{}
	}
	w.running[caller] = true
	w.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), seenWithin)
		defer cancel()
		fn(ctx)
		w.mu.Lock()
		delete(w.running, caller)
		w.mu.Unlock()
	})
}

// close waits for what runs.
func (w *witness) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.wg.Wait()
}

// seen notes that the caller of a request was there. Who only follows events
// does nothing, and is not seen.
func (s *Server) seen(x *call) {
	if x.who.User.ID == "" || x.op == nil || x.op.stream {
		return
	}
	who := x.who.Principal
	s.witness.note(x.who.Actor, func(ctx context.Context) {
		if err := s.Accounts.Seen(ctx, &who); err != nil {
			s.Log.Warn("that a caller was there is not noted", "caller", x.who.Actor, "error", err)
		}
	})
}
