package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"vouch/engine"
)

const (
	// queued is how many messages wait for a stream that is being read.
	queued = 256

	// pageOfEvents is how many audit events are read at once.
	pageOfEvents = 200

	// allStreams bounds the streams of all callers of one process.
	allStreams = 2_000
)

// message is what a stream is told: an event of the audit log, that the log
// has grown to seq, or something that has no place in it.
type message struct {
	seq   int64
	event *engine.AuditEvent
	name  string // of an event without id
	data  []byte
	ask   bool // nothing but: see again whether the caller may follow
}

// stream is one caller who follows a workspace.
type stream struct {
	messages chan message
	dropped  chan struct{} // closed when it was read too slowly
}

// room is a workspace that somebody follows.
type room struct {
	streams map[*stream]bool
	wake    chan struct{}
	stop    context.CancelFunc
	seen    int64 // the last event that was told
	watch   *watch
}

// hub tells streams what happens. For each workspace that is followed one
// goroutine reads the audit log: when it is woken by a change made here, and
// now and then for what other processes do. Then it also looks at jobs and
// presence, which have no place in the log. A stream that does not keep up is
// dropped, and comes back for what it missed.
type hub struct {
	store   engine.Store
	log     *slog.Logger
	poll    time.Duration
	callers *gate
	metrics *metrics

	mu     sync.Mutex
	rooms  map[string]*room
	closed bool
	done   chan struct{} // closed with the hub
	wg     sync.WaitGroup
}

func newHub(store engine.Store, log *slog.Logger, l Limits, m *metrics) *hub {
	return &hub{store: store, log: log, poll: l.Poll, callers: newGate(allStreams, l.Streams), metrics: m, rooms: map[string]*room{}, done: make(chan struct{})}
}

// join makes a stream over a workspace, nil if the hub is closed. Each message
// that is sent after join returned reaches it, or it is dropped.
func (h *hub) join(workspace string) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	s := &stream{messages: make(chan message, queued), dropped: make(chan struct{})}
	r := h.rooms[workspace]
	if r == nil {
		ctx, stop := context.WithCancel(context.Background())
		r = &room{streams: map[*stream]bool{}, wake: make(chan struct{}, 1), stop: stop, watch: newWatch()}
		h.rooms[workspace] = r
		h.wg.Go(func() { h.follow(ctx, workspace, r) })
	}
	r.streams[s] = true
	s.messages <- message{seq: r.seen}
	h.metrics.streams.Inc()
	return s
}

// leave ends a stream. With the last one its workspace is not followed any
// more.
func (h *hub) leave(workspace string, s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.metrics.streams.Dec()
	r := h.rooms[workspace]
	if r == nil {
		return
	}
	delete(r.streams, s)
	if len(r.streams) == 0 {
		r.stop()
		delete(h.rooms, workspace)
	}
}

// follow reads the audit log of a workspace as long as ctx lasts.
func (h *hub) follow(ctx context.Context, workspace string, r *room) {
	ticks := time.NewTicker(h.poll)
	defer ticks.Stop()
	for first, tick := true, true; ; first = false {
		err := h.look(ctx, workspace, r, first)
		if err == nil && tick {
			err = h.aside(ctx, workspace, r)
		}
		if err != nil && ctx.Err() == nil {
			h.log.Warn("event streams cannot read what happens", "error", err)
		}
		tick = false
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-ticks.C:
			tick = true
		}
	}
}

// look tells what has come since the last look; at first, only how far the log
// goes.
func (h *hub) look(ctx context.Context, workspace string, r *room, first bool) error {
	head, err := h.store.AuditHead(ctx, workspace)
	if err != nil {
		return err
	}
	h.mu.Lock()
	seen := r.seen
	h.mu.Unlock()
	if first || head.Count-seen > queued/2 { // each stream reads for itself, at its own pace
		r.watch.missed = true
		h.tell(r, message{seq: head.Count})
		return nil
	}
	for seen < head.Count {
		list, err := h.store.AuditPage(ctx, workspace, seen, pageOfEvents)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		for i := range list {
			r.watch.heard(&list[i])
			h.tell(r, message{seq: list[i].Seq, event: &list[i]})
		}
		seen = list[len(list)-1].Seq
	}
	return nil
}

// tell sends a message to all who follow a workspace, and drops those who do
// not read.
func (h *hub) tell(r *room, m message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.seen = max(r.seen, m.seq)
	for s := range r.streams {
		select {
		case s.messages <- m:
		default:
			close(s.dropped)
			delete(r.streams, s)
			h.metrics.dropped.Inc()
		}
	}
}

// publish sends an event without an id.
func (h *hub) publish(workspace, name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("publish event %s: %w", name, err)
	}
	h.mu.Lock()
	r := h.rooms[workspace]
	h.mu.Unlock()
	if r != nil {
		h.tell(r, message{name: name, data: text})
	}
	return nil
}

// askAgain makes all streams see whether their callers may still follow: a
// session, a token or a role has ended here.
func (h *hub) askAgain() {
	h.mu.Lock()
	rooms := slices.Collect(maps.Values(h.rooms))
	h.mu.Unlock()
	for _, r := range rooms {
		h.tell(r, message{ask: true})
	}
}

// wake makes the streams of a workspace look at the log now.
func (h *hub) wake(workspace string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[workspace]; r != nil {
		select {
		case r.wake <- struct{}{}:
		default: // it has been woken already
		}
	}
}

// close ends all streams.
func (h *hub) close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.done)
		for _, r := range h.rooms {
			r.stop()
		}
	}
	h.mu.Unlock()
	h.wg.Wait()
}
