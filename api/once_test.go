package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

func keyed(key string, q request) request {
	header := map[string]string{"Idempotency-Key": key}
	for name, value := range q.header {
		header[name] = value
	}
	q.header = header
	return q
}

// TestKeysDoThingsOnce: the same request with the same key gets the same reply
// and changes nothing; another request with it is refused; another's key is
// another key; and after an error the key is free.
func TestKeysDoThingsOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := keyed("first", request{method: "POST", path: "/entries", body: content("Once?")})
	first := r.do(q).want(t, 201, "")
	again := r.do(q).want(t, 201, "")
	if string(first.body) != string(again.body) || again.header.Get("ETag") != first.header.Get("ETag") || again.header.Get("Location") != first.header.Get("Location") ||
		first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %v %s\nagain %v %s", first.header, first.body, again.header, again.body)
	}
	if n := r.head(here).Count; n != 1 {
		t.Errorf("%d changes, want 1", n)
	}
	q.body = content("Other?")
	r.do(q).want(t, 422, "key_reused")
	r.do(keyed("first", request{method: "POST", path: "/controls", body: ControlContent{Ref: "C", Title: "x"}})).want(t, 422, "key_reused")
	q.who = "admin"
	r.do(q).want(t, 201, "")

	taken := keyed("second", request{method: "POST", path: "/controls", body: ControlContent{Ref: "C", Title: "x"}})
	r.do(request{method: "POST", path: "/controls", body: ControlContent{Ref: "c", Title: "x"}}).want(t, 201, "")
	r.do(taken).want(t, 409, "exists")
	taken.body = ControlContent{Ref: "D", Title: "x"}
	r.do(taken).want(t, 201, "")
	r.do(keyed("bad key", request{method: "POST", path: "/entries", body: content("x?")})).want(t, 400, "invalid_request")

	upload, header := fileForm("a.csv", "question,answer\nIs it so?,Yes\n")
	file := keyed("third", request{method: "POST", path: "/entries/import", body: upload, header: header})
	one, two := r.do(file).want(t, 200, ""), r.do(file).want(t, 200, "")
	if string(one.body) != string(two.body) {
		t.Errorf("%s, then %s", one.body, two.body)
	}
	file.body, header = fileForm("a.csv", "question,answer\nIs it so?,No\n")
	file.header["Content-Type"] = header["Content-Type"]
	r.do(file).want(t, 422, "key_reused")
}

// TestOneKeyAtOnce: of many requests with one key at once one does it.
func TestOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t)
	var wg sync.WaitGroup
	bodies := make([]string, 8)
	for i := range bodies {
		wg.Go(func() {
			bodies[i] = string(r.do(keyed("same", request{method: "POST", path: "/entries", body: content("Once?")})).body)
		})
	}
	wg.Wait()
	for _, b := range bodies {
		if b != bodies[0] {
			t.Errorf("%s and %s", b, bodies[0])
		}
	}
	if n := r.head(here).Count; n != 1 {
		t.Errorf("%d changes, want 1", n)
	}
}

// failing is a store whose transactions fail at the end, as when the process
// dies before the commit.
type failing struct {
	*store.Store
	fail bool
}

func (f *failing) InTx(ctx context.Context, fn func(engine.Tx) error) error {
	return f.Store.InTx(ctx, func(tx engine.Tx) error {
		if err := fn(tx); err != nil || !f.fail {
			return err
		}
		return errors.New("secret of the disk")
	})
}

// TestNothingIsHalfDone: without the commit there is neither the change nor
// the reply, and the caller learns nothing of the cause.
func TestNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	var f *failing
	r := start(t, func(o *Options) {
		s, _ := o.Store.(*store.Store)
		f = &failing{Store: s, fail: true}
		o.Store = f
	})
	q := keyed("k", request{method: "POST", path: "/entries", body: content("Once?")})
	got := r.do(q).want(t, 500, "internal")
	if n := r.head(here).Count; n != 0 || contains(string(got.body), "secret") || got.header.Get("ETag") != "" || got.header.Get("Location") != "" {
		t.Errorf("%d changes; %v %s", n, got.header, got.body)
	}
	if !contains(r.log.String(), "secret of the disk") {
		t.Error("the cause is not in the log")
	}
	f.fail = false
	r.do(q).want(t, 201, "")
	r.do(q).want(t, 201, "")
	if n := r.head(here).Count; n != 1 {
		t.Errorf("%d changes, want 1", n)
	}
}

// TestErrorsOfTheEngineAreProblems goes over what the store can say.
func TestErrorsOfTheEngineAreProblems(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	s := &Server{Options: Options{Explain: func(err error) string {
		if errors.Is(err, full) {
			return "disk_full"
		}
		return ""
	}}}
	for _, x := range []struct {
		err    error
		status int
		code   string
	}{
		{engine.ErrNotFound, 404, "not_found"}, {engine.ErrNoWorkspace, 404, "no_workspace"}, {engine.ErrExists, 409, "exists"},
		{engine.ErrStaleVersion, 412, "stale"}, {engine.ErrBusy, 503, "busy"}, {engine.ErrNoAnswer, 422, "invalid"}, {engine.ErrTooLong, 422, "invalid"},
		{engine.ErrNoControlText, 422, "invalid"}, {&engine.RefusedError{File: "a", Is: "it is empty", Do: "send another"}, 422, "file_refused"},
		{&http.MaxBytesError{Limit: 3}, 413, "too_large"}, {full, 507, "disk_full"}, {errors.New("x"), 500, "internal"}, {context.DeadlineExceeded, 500, "internal"},
	} {
		f := s.failureOf(fmt.Errorf("put entry 7: %w", x.err))
		if f.kind.Status != x.status || f.kind.Code != x.code || contains(f.detail, "put entry") || (x.code == "busy") != (f.retry == time.Second) {
			t.Errorf("%v: got %d %s %q, retry %v", x.err, f.kind.Status, f.kind.Code, f.detail, f.retry)
		}
	}
}
