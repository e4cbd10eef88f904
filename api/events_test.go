package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// listener reads one event stream.
type listener struct {
	t      testing.TB
	lines  *bufio.Scanner
	cancel context.CancelFunc
	body   io.Closer
}

// event is what came: name, id and data, or a comment.
type event struct{ name, id, data, comment string }

func (r *rig) listen(who, lastID string) *listener {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	h := r.request(request{path: "/events", who: who})
	if lastID != "" {
		h.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultClient.Do(h.WithContext(ctx)) //nolint:bodyclose // by the listener
	if err != nil {
		r.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		r.t.Fatalf("got %s as %s", response.Status, response.Header.Get("Content-Type"))
	}
	l := &listener{r.t, bufio.NewScanner(response.Body), cancel, response.Body}
	l.lines.Buffer(nil, 1<<20)
	r.t.Cleanup(l.close)
	if first, ok := l.next(); !ok || first.comment != "vouch" {
		r.t.Fatalf("the stream begins with %+v", first)
	}
	return l
}

func (l *listener) close() { l.cancel(); l.body.Close() }

// next returns the next event, false at the end of the stream.
func (l *listener) next() (e event, ok bool) {
	l.t.Helper()
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if value == "" && e == (event{}) {
				e.comment = "heart"
			} else if value != "" {
				e.comment = value
			}
			if l.lines.Text() == "" {
				return e, true
			}
		}
	}
	return e, false
}

// want reads the next event that is no sign of life.
func (l *listener) want(name, id string) event {
	l.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.t.Fatalf("the stream ended before %s %s: %v", name, id, l.lines.Err())
		}
		if e.name == "" {
			continue
		}
		if e.name != name || e.id != id {
			l.t.Fatalf("got %+v, want %s %s", e, name, id)
		}
		return e
	}
}

// TestEvents: a stream says from where it begins, tells of each change at
// once and without its text, and replays what was missed.
func TestEvents(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Limits.Poll = time.Hour }) // what is told is told because of the change
	r.addEntries(2)
	l := r.listen("viewer", "")
	l.want("ready", "2")
	e := r.addEntry("A secret?")
	got := l.want("change", "3")
	for _, part := range []string{`"seq":3`, `"object":"entry:` + e.Id + `"`, `"action":"added"`, `"actor":"user:reviewer"`} {
		if !contains(got.data, part) {
			t.Errorf("%s is not in %s", part, got.data)
		}
	}
	if contains(got.data, "secret") {
		t.Errorf("it holds a text: %s", got.data)
	}
	if err := r.Publish(here, "progress", map[string]int{"done": 3}); err != nil {
		t.Fatal(err)
	}
	if got := l.want("progress", ""); got.data != `{"done":3}` {
		t.Errorf("got %+v", got)
	}
	if err := r.Publish(there, "progress", map[string]int{"done": 4}); err != nil {
		t.Fatal(err)
	}
	again := r.listen("viewer", "1")
	again.want("change", "2")
	again.want("change", "3")
	r.listen("viewer", "77").want("reset", "3")
	r.addEntry("Later?")
	l.want("change", "4")
	again.want("change", "4")
	h := r.request(request{path: "/events", who: "foreign"})
	r.send(h).want(t, 404, "no_workspace")
}

// TestEventsOfOtherProcesses: what another process changes is told within a
// second.
func TestEventsOfOtherProcesses(t *testing.T) {
	t.Parallel()
	path := database(t)
	a, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one, two := startOver(t, a), startOver(t, b)
	l := one.listen("viewer", "")
	l.want("ready", "0")
	soonest := time.Hour // of a few: the machine may be busy
	for i := range 5 {
		began := time.Now()
		two.addEntry("From elsewhere?")
		l.want("change", fmt.Sprint(i+1))
		soonest = min(soonest, time.Since(began))
	}
	if soonest > time.Second {
		t.Errorf("told after %v at the soonest", soonest)
	}
}

// TestEventsAreSoon: what is changed here is told within 300 ms.
func TestEventsAreSoon(t *testing.T) {
	t.Parallel()
	r := start(t)
	l := r.listen("viewer", "")
	l.want("ready", "0")
	soonest := time.Hour // of a few: the machine may be busy
	for i := range 5 {
		began := time.Now()
		r.addEntry("Is it so?")
		l.want("change", fmt.Sprint(i+1))
		soonest = min(soonest, time.Since(began))
	}
	if soonest > 300*time.Millisecond {
		t.Errorf("told after %v at the soonest", soonest)
	}
}

// TestNoEventIsMissed: many join, leave and come back while much is changed,
// and each sees every event once, in order.
func TestNoEventIsMissed(t *testing.T) {
	t.Parallel()
	const changes, listeners = 400, 6
	r := start(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range changes {
			if _, err := r.store.PutEntry(t.Context(), here, engine.Entry{Question: fmt.Sprintf("Question %d?", i), Verdict: "yes"}); err != nil {
				t.Error(err)
			}
			if i%3 == 0 {
				r.Wake(here)
			}
		}
	})
	for n := range listeners {
		wg.Go(func() {
			seen := 0
			for seen < changes && !t.Failed() {
				l := r.listen("viewer", fmt.Sprint(seen))
				for stop := min(seen+50+7*n, changes); seen < stop; {
					e, ok := l.next()
					if !ok {
						break
					}
					if e.name == "" {
						continue
					}
					if seen++; e.name != "change" || e.id != fmt.Sprint(seen) {
						t.Errorf("got %+v, want change %d", e, seen)
						return
					}
				}
				l.close()
			}
		})
	}
	wg.Wait()
}

// TestLargeChanges: more than fits a stream's queue at once arrives whole.
func TestLargeChanges(t *testing.T) {
	t.Parallel()
	r := start(t)
	l := r.listen("viewer", "")
	l.want("ready", "0")
	entries := make([]engine.Entry, 1200)
	for i := range entries {
		entries[i] = engine.Entry{Question: fmt.Sprintf("Question %d?", i), Verdict: "yes"}
	}
	if _, err := engine.ImportEntries(t.Context(), r.store, here, entries); err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		l.want("change", fmt.Sprint(i+1))
	}
}

// TestSlowReadersAreDropped: who does not read is cut off, and holds nobody
// else up.
func TestSlowReadersAreDropped(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Limits.Write, o.Limits.Streams = 300*time.Millisecond, 1 })
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.http.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/v1/workspaces/here/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer contributor\r\n\r\n")
	l := r.listen("viewer", "")
	l.want("ready", "0")
	r.send(r.request(request{path: "/events", who: "viewer"})).want(t, 429, "too_many_streams")
	data := strings.Repeat("x", 100_000)
	for i := range 100 {
		if err := r.Publish(here, "large", data); err != nil {
			t.Fatal(err)
		}
		if e := l.want("large", ""); len(e.data) < len(data) && i == 0 {
			t.Fatal("too little came")
		}
		if i > 60 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for !r.hub.callers.enter("user:contributor") {
		if time.Now().After(deadline) {
			t.Fatal("the one who does not read still has a stream")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// revocable lets in until it is told otherwise.
type revocable struct {
	roles
	revoked atomic.Bool
}

func (a *revocable) Authenticate(r *http.Request) (Principal, error) {
	if a.revoked.Load() {
		return Principal{}, Unauthenticated("The token was revoked.")
	}
	return a.roles.Authenticate(r)
}

// TestStreamsEndWithTheRight: a stream has signs of life, ends when the token
// is revoked, and when the server stops it says when to come back.
func TestStreamsEndWithTheRight(t *testing.T) {
	t.Parallel()
	auth := &revocable{}
	r := start(t, func(o *Options) { o.Auth, o.Limits.Heart = auth, 50*time.Millisecond })
	l, other := r.listen("viewer", ""), r.listen("admin", "")
	l.want("ready", "0")
	if e, ok := l.next(); !ok || e.comment != "heart" {
		t.Fatalf("got %+v, want a sign of life", e)
	}
	auth.revoked.Store(true)
	for _, x := range []*listener{l, other} {
		for {
			e, ok := x.next()
			if !ok {
				break
			}
			if e.name == "change" {
				t.Errorf("got %+v after the token was revoked", e)
			}
		}
	}
	auth.revoked.Store(false)
	l = r.listen("viewer", "")
	r.Close()
	last := event{}
	for {
		e, ok := l.next()
		if !ok {
			break
		}
		last = e
	}
	if last.comment != "the server stops" {
		t.Errorf("the last was %+v", last)
	}
	r.do(request{path: "/events"}).want(t, 503, "")
}

// TestStreamsOverHTTP2: a stream goes on when the time for one write has passed
// and nothing was written.
func TestStreamsOverHTTP2(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Limits.Write, o.Limits.Heart = 100*time.Millisecond, 300*time.Millisecond })
	server := httptest.NewUnstartedServer(r.Handler())
	server.EnableHTTP2 = true
	server.Config.WriteTimeout, server.Config.ReadTimeout = 200*time.Millisecond, 200*time.Millisecond
	server.StartTLS()
	defer server.Close()
	h := r.request(request{path: "/events"})
	h.URL.Scheme, h.URL.Host = "https", server.Listener.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	response, err := server.Client().Do(h.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 {
		t.Fatalf("it is %s", response.Proto)
	}
	l := &listener{t, bufio.NewScanner(response.Body), cancel, response.Body}
	for hearts := 0; hearts < 3; {
		e, ok := l.next()
		if !ok {
			t.Fatalf("the stream ended after %d signs of life: %v", hearts, l.lines.Err())
		}
		if e.comment == "heart" {
			hearts++
		}
	}
	r.addEntry("Later?")
	l.want("change", "1")
}
