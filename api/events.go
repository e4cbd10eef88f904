package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"vouch/engine"
)

// maxReplay is how many missed events are sent one by one. Who missed more
// reads everything again, which is faster.
const maxReplay = 5_000

// askEvery is how long a caller who may no longer follow is still told of
// changes, where another process has ended what they came with.
const askEvery = time.Second

// Change is the data of an event `change`. It has no texts: who follows reads
// what they may.
type Change struct {
	Seq    int64              `json:"seq"`
	Object string             `json:"object"`
	Action engine.AuditAction `json:"action"`
	Actor  string             `json:"actor"`
	At     time.Time          `json:"at"`
}

// StreamEvents follows a workspace.
func (s *Server) StreamEvents(ctx context.Context, r StreamEventsRequestObject) (StreamEventsResponseObject, error) {
	x := callOf(ctx)
	last := int64(-1)
	if r.Params.LastEventID != "" {
		n, err := strconv.ParseInt(r.Params.LastEventID, 10, 64)
		if err != nil {
			return nil, badRequest.because("Last-Event-ID is no id of an event.")
		}
		last = n
	}
	return eventStream{s, x, last}, nil
}

// eventStream is the reply that goes on.
type eventStream struct {
	s    *Server
	x    *call
	last int64 // the last event the caller has seen, -1 if none
}

// VisitStreamEventsResponse writes events until the caller goes, may no longer
// follow or reads too slowly, or the server stops.
func (e eventStream) VisitStreamEventsResponse(w http.ResponseWriter) error {
	if !e.s.hub.callers.enter(e.x.who.Actor) {
		return &ProblemError{kind: tooManyStreams, detail: "You have as many event streams as one caller may.", retry: 5 * time.Second}
	}
	defer e.s.hub.callers.leave(e.x.who.Actor)
	feed := e.s.hub.join(e.x.workspace)
	if feed == nil {
		return &ProblemError{kind: unavailable, detail: "The server is about to stop.", retry: 2 * time.Second}
	}
	defer e.s.hub.leave(e.x.workspace, feed)
	deadlines := http.NewResponseController(w)
	if err := deadlines.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("stream events: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies pass on what comes
	w.WriteHeader(http.StatusOK)
	out := &eventWriter{w: w, deadlines: deadlines, each: e.s.Limits.Write, last: e.last}
	ctx := e.x.request.Context()
	if err := e.begin(ctx, out); err != nil {
		return err
	}
	heart := time.NewTicker(e.s.Limits.Heart)
	defer heart.Stop()
	var asked time.Time // when it was last seen whether they may follow
	for {
		var err error
		mayNot := false
		select {
		case <-ctx.Done():
			return nil
		case <-feed.dropped:
			return nil
		case <-e.s.hub.done:
			return out.write("retry: 2000\n: the server stops\n\n")
		case m := <-feed.messages:
			if m.ask || time.Since(asked) >= askEvery {
				mayNot, asked = e.revoked(), time.Now()
			}
			if !mayNot {
				err = e.pass(ctx, out, &m)
			}
		case <-heart.C:
			if mayNot, asked = e.revoked(), time.Now(); !mayNot {
				err = out.write(": \n\n")
			}
		}
		if mayNot {
			return out.write("retry: 60000\n: you may not follow this any more\n\n")
		}
		if err != nil {
			return err
		}
	}
}

// begin sends what the caller missed, or says from where on events come.
func (e eventStream) begin(ctx context.Context, out *eventWriter) error {
	if err := out.write(": vouch\n\n"); err != nil {
		return err
	}
	head, err := e.s.Store.AuditHead(ctx, e.x.workspace)
	if err != nil {
		return err
	}
	switch {
	case out.last < 0:
		return out.mark("ready", head.Count)
	case out.last > head.Count, head.Count-out.last > maxReplay:
		return out.mark("reset", head.Count)
	}
	return e.catchUp(ctx, out, head.Count)
}

// pass writes a message. What is missing before it is read from the log.
func (e eventStream) pass(ctx context.Context, out *eventWriter, m *message) error {
	switch {
	case m.name != "":
		return out.write(fmt.Sprintf("event: %s\ndata: %s\n\n", m.name, m.data))
	case m.seq <= out.last:
		return nil
	case m.event != nil && m.seq == out.last+1:
		return out.change(m.event)
	}
	return e.catchUp(ctx, out, m.seq)
}

// catchUp writes the events up to a seq.
func (e eventStream) catchUp(ctx context.Context, out *eventWriter, upTo int64) error {
	for out.last < upTo {
		list, err := e.s.Store.AuditPage(ctx, e.x.workspace, out.last, pageOfEvents)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		for i := range list {
			if err := out.change(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// revoked says whether the caller may no longer follow.
func (e eventStream) revoked() bool {
	who, err := e.s.Auth.Authenticate(e.x.request)
	return err != nil || who.Actor != e.x.who.Actor || e.x.allowed(&who) != nil
}

// eventWriter writes events, each within its time: who does not take them is
// cut off.
type eventWriter struct {
	w         io.Writer
	deadlines *http.ResponseController
	each      time.Duration
	last      int64
}

func (o *eventWriter) write(text string) error {
	if err := o.deadlines.SetWriteDeadline(time.Now().Add(o.each)); err != nil {
		return err
	}
	if _, err := io.WriteString(o.w, text); err != nil {
		return err
	}
	if err := o.deadlines.Flush(); err != nil {
		return err
	}
	return o.deadlines.SetWriteDeadline(time.Time{}) // HTTP/2 ends a stream whose deadline passes, also while nothing is written
}

// mark says where in the log the caller is.
func (o *eventWriter) mark(name string, seq int64) error {
	o.last = seq
	return o.write(fmt.Sprintf("event: %s\nid: %d\ndata: {\"seq\":%d}\n\n", name, seq, seq))
}

func (o *eventWriter) change(a *engine.AuditEvent) error {
	data, err := json.Marshal(Change{Seq: a.Seq, Object: a.Object, Action: a.Action, Actor: a.Actor, At: a.At})
	if err != nil {
		return err
	}
	o.last = a.Seq
	return o.write(fmt.Sprintf("event: change\nid: %d\ndata: %s\n\n", a.Seq, data))
}
