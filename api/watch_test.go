package api

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// two are two servers with a database that they share, as two processes are.
func two(t *testing.T, change ...func(*Options)) (a, b *rig) {
	t.Helper()
	path := database(t)
	var rigs []*rig
	for range 2 {
		s, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		rigs = append(rigs, startOver(t, s, change...))
	}
	return rigs[0], rigs[1]
}

// until returns the next events of a name, up to one that is enough.
func until[T any](l *listener, name string, enough func(T) bool) (list []T) {
	l.t.Helper()
	for {
		e, ok := l.next()
		if !ok {
			l.t.Fatalf("the stream ended after %+v", list)
		}
		if e.name != name {
			continue
		}
		if e.id != "" {
			l.t.Errorf("an event %s has the id %s", name, e.id)
		}
		var v T
		if err := json.Unmarshal([]byte(e.data), &v); err != nil {
			l.t.Fatal(err)
		}
		if list = append(list, v); enough(v) {
			return list
		}
	}
}

// TestJobsAreTold: those who follow hear how far jobs are, on every process and
// not too often, and of the end of each; jobs are listed, read and cancelled.
func TestJobsAreTold(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	early := a.job("questionnaire:early")
	listeners := []*listener{a.listen("viewer", ""), b.listen("viewer", "")}
	ended := func(id string) func(JobEvent) bool {
		return func(e JobEvent) bool { return e.ID == id && e.State.Ended() }
	}
	claimed := func() engine.JobClaim {
		_, c, err := a.store.ClaimJob(t.Context(), []engine.JobKind{"test"}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	end := func(c engine.JobClaim, done int) {
		if _, err := a.store.EndJob(t.Context(), here, c, engine.JobEnd{State: engine.JobDone, Done: done, Total: done}); err != nil {
			t.Error(err)
		}
	}
	for _, r := range []*rig{a, b} { // both have begun to look
		r.hub.mu.Lock()
		room := r.hub.rooms[here]
		r.hub.mu.Unlock()
		if room == nil {
			t.Fatal("nobody follows")
		}
	}
	time.Sleep(a.Limits.Poll)

	// One that was there before: its progress, then its end.
	started := time.Now()
	c := claimed()
	for n := range 60 {
		if err := a.store.KeepJob(t.Context(), here, c, n, 60); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	end(c, 60)
	took := time.Since(started)
	for i, l := range listeners {
		list := until(l, "job", ended(early.ID))
		last := list[len(list)-1]
		if last.State != engine.JobDone || last.Done != 60 || last.Total != 60 || last.Object != early.Object || last.Attempt != 1 {
			t.Errorf("process %d: the last event is %+v", i, last)
		}
		if most := 2 + int(took/jobPause); len(list) < 2 || len(list) > most {
			t.Errorf("process %d: %d events in %v, want 2 to %d", i, len(list), took, most)
		}
	}
	// One that is over before anybody looks.
	short := a.job("questionnaire:short")
	end(claimed(), 1)
	for _, l := range listeners {
		until(l, "job", ended(short.ID))
	}

	// Lists, and cancelling.
	third, fourth := a.job("questionnaire:3"), a.job("questionnaire:4")
	var page JobPage
	a.do(request{path: "/jobs?limit=3", who: "viewer"}).want(t, 200, "").into(t, &page)
	if len(page.Jobs) != 3 || page.Jobs[0].Id != fourth.ID || page.Jobs[0].State != "queued" {
		t.Errorf("got %+v", page)
	}
	next := page.Next
	page = JobPage{}
	a.do(request{path: "/jobs?limit=3&after=" + next, who: "viewer"}).want(t, 200, "").into(t, &page)
	if len(page.Jobs) != 1 || page.Jobs[0].Id != early.ID || page.Jobs[0].EndedAt.IsZero() || page.Next != "" {
		t.Errorf("got %+v", page)
	}
	for query, want := range map[string]int{"state=done": 2, "state=failed": 0, "kind=test": 4, "kind=draft": 0, "object=questionnaire:3": 1} {
		page = JobPage{}
		a.do(request{path: "/jobs?" + query}).want(t, 200, "").into(t, &page)
		if len(page.Jobs) != want {
			t.Errorf("%s: %d jobs, want %d", query, len(page.Jobs), want)
		}
	}
	var j Job
	b.do(request{method: "POST", path: "/jobs/" + third.ID + "/cancel", who: "contributor"}).want(t, 200, "").into(t, &j)
	if j.State != "cancelled" {
		t.Errorf("got %+v", j)
	}
	for _, l := range listeners {
		if list := until(l, "job", ended(third.ID)); list[len(list)-1].State != engine.JobCancelled {
			t.Errorf("got %+v", list)
		}
	}
	b.do(request{path: "/jobs/" + third.ID}).want(t, 200, "").into(t, &j)
	if j.State != "cancelled" || j.By == "" {
		t.Errorf("got %+v", j)
	}
	for _, q := range []request{{path: "/jobs/01890000-0000-7000-8000-000000000000"}, {method: "POST", path: "/jobs/01890000-0000-7000-8000-000000000000/cancel"}} {
		a.do(q).want(t, 404, "not_found")
	}
}

// TestPresenceIsTold: who looks at what is heard on every process, and that they
// left; nothing of it is in the log.
func TestPresenceIsTold(t *testing.T) {
	t.Parallel()
	a, b := two(t)
	q := a.questionnaire(5)
	path := "/questionnaires/" + q + "/presence"
	l := b.listen("viewer", "")
	time.Sleep(b.Limits.Poll)
	look := func(r *rig, who string, n int) reply {
		t.Helper()
		return r.do(request{method: "PUT", path: path, who: who, body: PresenceContent{N: n}})
	}
	looking := func(e PresenceEvent) string {
		return fmt.Sprint(e.Looking)
	}
	before := a.head(here)
	var p Presence
	look(a, "viewer", 3).want(t, 200, "")
	until(l, "presence", func(e PresenceEvent) bool { return e.Questionnaire == q && looking(e) == "[{3 viewer}]" })
	look(b, "reviewer", 5).want(t, 200, "").into(t, &p)
	if len(p.Looking) != 2 || p.Looking[0].N != 3 || p.Looking[1].User != "reviewer" || time.Since(p.Looking[1].SeenAt).Abs() > time.Minute {
		t.Errorf("got %+v", p)
	}
	until(l, "presence", func(e PresenceEvent) bool { return looking(e) == "[{3 viewer} {5 reviewer}]" })
	look(a, "viewer", 4).want(t, 200, "")
	until(l, "presence", func(e PresenceEvent) bool { return looking(e) == "[{4 viewer} {5 reviewer}]" })
	look(a, "viewer", 0).want(t, 200, "")
	look(a, "reviewer", 0).want(t, 200, "")
	until(l, "presence", func(e PresenceEvent) bool { return looking(e) == "[]" })
	p = Presence{}
	b.do(request{path: path}).want(t, 200, "").into(t, &p)
	if len(p.Looking) != 0 || b.head(here) != before {
		t.Errorf("in the end: %+v, the log at %v, before at %v", p, b.head(here), before)
	}
	look(a, "viewer", 6).want(t, 422, "invalid")
	a.do(request{method: "PUT", path: path, body: `{"n":-1}`}).want(t, 400, "invalid_request")
	for _, method := range []string{"GET", "PUT"} {
		x := request{method: method, path: "/questionnaires/01890000-0000-7000-8000-000000000000/presence"}
		if method == "PUT" {
			x.body = PresenceContent{N: 1}
		}
		a.do(x).want(t, 404, "not_found")
	}
}

// TestPresenceEnds: who says nothing any more is told to be gone.
func TestPresenceEnds(t *testing.T) {
	t.Parallel()
	r := start(t)
	h := newHub(fading{r.store}, r.Log, r.Limits, r.metrics)
	defer h.close()
	q := r.questionnaire(1)
	s := h.join(here)
	defer h.leave(here, s)
	next := func() (e PresenceEvent) {
		t.Helper()
		for {
			select {
			case m := <-s.messages:
				if m.name == "presence" {
					if err := json.Unmarshal(m.data, &e); err != nil {
						t.Fatal(err)
					}
					return e
				}
			case <-time.After(10 * time.Second):
				t.Fatal("nobody is told")
			}
		}
	}
	time.Sleep(r.Limits.Poll)
	if err := r.store.PutPresence(t.Context(), here, engine.Presence{Questionnaire: q, N: 1, User: "ann"}); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.Questionnaire != q || len(e.Looking) != 1 {
		t.Errorf("got %+v", e)
	}
	if e := next(); e.Questionnaire != q || e.Looking == nil || len(e.Looking) != 0 {
		t.Errorf("got %+v, want nobody", e)
	}
}

// fading is a store in which presence ends after two seconds, not thirty.
type fading struct{ engine.Store }

func (f fading) Presences(ctx context.Context, workspace, questionnaire string, _ time.Duration) ([]engine.Presence, error) {
	return f.Store.Presences(ctx, workspace, questionnaire, 2*time.Second)
}
