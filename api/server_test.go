package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"vouch/engine"
	"vouch/engine/store"
)

// TestServiceRoutes: what says of the server itself needs no token.
func TestServiceRoutes(t *testing.T) {
	t.Parallel()
	broken := false
	r := start(t, func(o *Options) {
		o.Checks = []Check{{"database: it does not answer", func(context.Context) error {
			if broken {
				return errors.New("secret host")
			}
			return nil
		}}}
	})
	r.do(request{path: "//healthz", who: "-"}).want(t, 200, "")
	r.do(request{path: "//readyz", who: "-"}).want(t, 200, "")
	broken = true
	if got := r.do(request{path: "//readyz", who: "-"}).want(t, 503, ""); contains(string(got.body), "secret") || !contains(string(got.body), "database: it does not answer") {
		t.Errorf("got %s", got.body)
	}
	r.do(request{path: "//healthz", who: "-"}).want(t, 200, "")
	doc, err := openapi3.NewLoader().LoadFromData(r.do(request{path: "//openapi.json", who: "-"}).want(t, 200, "").body)
	if err != nil || doc.OpenAPI != "3.1.0" || doc.Validate(t.Context()) != nil {
		t.Errorf("openapi.json: %v", err)
	}
	page := r.do(request{path: "//reference", who: "-"}).want(t, 200, "")
	for _, op := range r.contract.operations {
		if !contains(string(page.body), `id="`+op.id+`"`) {
			t.Errorf("the reference lacks %s", op.id)
		}
	}
	for _, k := range problemKinds {
		if !contains(string(page.body), "<code>"+k.Code+"</code>") {
			t.Errorf("the reference lacks %s", k.Code)
		}
	}
	if policy := page.header.Get("Content-Security-Policy"); !contains(policy, "style-src 'sha256-") || contains(policy, "unsafe") || contains(string(page.body), "<script") {
		t.Errorf("policy %s", policy)
	}
	r.Close()
	if got := r.do(request{path: "//readyz", who: "-"}).want(t, 503, ""); !contains(string(got.body), "about to stop") {
		t.Errorf("got %s", got.body)
	}
}

// TestProblemsAreOneTable: codes are unique, and each says what to do.
func TestProblemsAreOneTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range problemKinds {
		if seen[k.Code] || k.Status < 400 || k.Title == "" || !strings.HasSuffix(k.Do, ".") {
			t.Errorf("%+v", k)
		}
		seen[k.Code] = true
	}
}

// TestLogsHoldNoSecrets: every line names route, status and request, and none a
// path, a parameter, a text or a token.
func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	r := start(t)
	e := r.addEntry("SECRET-TEXT?")
	r.do(request{path: "/entries?owner=SECRET-PARAMETER"}).want(t, 200, "")
	r.do(request{path: "/entries/" + e.Id, header: map[string]string{"X-Request-Id": "proxy-1234.abc"}}).want(t, 200, "")
	r.do(request{path: "//SECRET-PATH", who: "SECRET-TOKEN"}).want(t, 404, "no_route")
	r.do(request{path: "/entries", who: "SECRET-TOKEN"}).want(t, 401, "unauthenticated")
	r.do(request{method: "POST", path: "/entries", body: `{"question":"SECRET-TEXT","nope":"SECRET-TEXT"}`}).want(t, 400, "invalid_request")
	if got := r.do(request{path: "/entries", header: map[string]string{"X-Request-Id": "bad id\t<x>"}}); got.header.Get("X-Request-Id") == "bad id\t<x>" {
		t.Error("an id that is not well formed was taken")
	}
	log := r.log.String()
	for _, secret := range []string{"SECRET", e.Id} {
		if contains(log, secret) {
			t.Errorf("%s is in the log:\n%s", secret, log)
		}
	}
	var line struct {
		Msg, Route, Caller, Method string
		ID                         string `json:"request_id"`
		Status, Bytes              int
		Ms                         float64 `json:"duration_ms"`
	}
	if err := json.Unmarshal([]byte(strings.Split(log, "\n")[2]), &line); err != nil || line.Msg != "request" || line.Route != "GET /api/v1/workspaces/{workspace}/entries/{entry}" ||
		line.ID != "proxy-1234.abc" || line.Status != 200 || line.Bytes < 50 || line.Ms <= 0 || line.Caller != "user:reviewer" {
		t.Errorf("%+v (%v)", line, err)
	}
}

// panicking is a retriever with a fault.
type panicking struct{}

func (panicking) Retrieve(_ context.Context, _ string, q engine.Query) ([]engine.Passage, error) {
	panic("index out of range at " + q.Text)
}

// TestPanicsAreProblems: the caller gets a problem, the log the stack and
// nothing of the request, and the server goes on.
func TestPanicsAreProblems(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Retriever = panicking{} })
	got := r.do(request{method: "POST", path: "/search", body: SearchRequest{Question: "SECRET?", Limit: 3}}).want(t, 500, "internal")
	if log := r.log.String(); contains(string(got.body), "index out") || contains(log, "SECRET") || !contains(log, "SearchEvidence") {
		t.Errorf("%s\n%s", got.body, log)
	}
	r.do(request{path: "/entries"}).want(t, 200, "")
}

// breaking is a store whose second page of the audit log cannot be read.
type breaking struct {
	*store.Store
}

func (b breaking) AuditPage(ctx context.Context, workspace string, after int64, limit int) ([]engine.AuditEvent, error) {
	if after > 0 {
		return nil, errors.New("the disk is gone")
	}
	list, err := b.Store.AuditPage(ctx, workspace, after, limit)
	for len(list) > 0 && len(list) < limit {
		list = append(list, list[0])
	}
	return list, err
}

// TestPartsAreNotTakenForTheWhole: an export that fails on its way ends as a
// broken connection, not as a shorter file.
func TestPartsAreNotTakenForTheWhole(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) {
		s, _ := o.Store.(*store.Store)
		o.Store = breaking{s}
	})
	r.addEntry("Is it so?")
	response, err := http.DefaultClient.Do(r.request(request{path: "/audit/export", who: "admin"}))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes came and %v, want a connection that breaks off", len(text), err)
	}
	if log := r.log.String(); !contains(log, "the disk is gone") || contains(log, `"panic"`) {
		t.Errorf("log: %s", log)
	}
	r.do(request{path: "/entries"}).want(t, 200, "")
}

// TestTooManyRequests: a caller who asks too much waits, others do not; and so
// does an address from which nobody known calls.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Limits = Limits{PerSecond: 1, Burst: 3, Failures: 1} })
	for range 3 {
		r.do(request{path: "/entries"}).want(t, 200, "")
	}
	if got := r.do(request{path: "/entries"}).want(t, 429, "too_many_requests"); got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
	}
	r.do(request{path: "/entries", who: "viewer"}).want(t, 200, "")
	refused := 0
	for range 8 {
		if r.do(request{path: "/entries", who: "guess"}).status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d of 8 guesses were refused unseen, want 3", refused)
	}
	l := newLimiter(1, 1)
	for i := range 2 * maxBuckets {
		l.take(strings.Repeat("x", i%7) + string(rune(i)))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d callers are remembered", len(l.buckets))
	}
}

// TestServe: the figures are on their own listener, and requests that run are
// finished at the end.
func TestServe(t *testing.T) {
	t.Parallel()
	held, running := make(chan struct{}), make(chan struct{})
	r := start(t, func(o *Options) {
		o.Retriever = waiting{held, running}
	})
	api, figures := listenAnywhere(t), listenAnywhere(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.Serve(ctx, api, nil); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		if err := r.ServeMetrics(ctx, figures); err != nil {
			t.Error(err)
		}
	})
	r.http.URL = "http://" + api.Addr().String()
	r.do(request{path: "/entries"}).want(t, 200, "")
	response, err := http.Get("http://" + figures.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(response.Body)
	response.Body.Close()
	for _, want := range []string{`vouch_http_requests_total{operation="listEntries",status="200"} 1`, `vouch_http_request_duration_seconds_count{operation="listEntries"} 1`, "go_goroutines", "vouch_event_streams 0"} {
		if !contains(string(text), want) {
			t.Errorf("the figures lack %s", want)
		}
	}
	r.do(request{path: "//metrics", who: "-"}).want(t, 404, "no_route")
	wg.Go(func() {
		r.do(request{method: "POST", path: "/search", body: SearchRequest{Question: "Slow?", Limit: 1}}).want(t, 200, "")
	})
	<-running
	stop()
	time.Sleep(50 * time.Millisecond)
	close(held)
	wg.Wait()
	if _, err := net.Dial("tcp", api.Addr().String()); err == nil {
		t.Error("it still listens")
	}
}

func listenAnywhere(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// waiting is a retriever that takes its time.
type waiting struct{ held, running chan struct{} }

func (w waiting) Retrieve(context.Context, string, engine.Query) ([]engine.Passage, error) {
	close(w.running)
	<-w.held
	return nil, nil
}

// TestTraces: with an endpoint in the environment each request is a span, named
// by its route.
func TestTraces(t *testing.T) {
	var mu sync.Mutex
	var got []byte
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, h *http.Request) {
		b, _ := io.ReadAll(h.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, b...)
	}))
	defer collector.Close()
	if TracesWanted() {
		t.Skip("the environment names a collector")
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	if !TracesWanted() {
		t.Error("no traces are wanted")
	}
	tracer, err := NewTracer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, func(o *Options) { o.Tracer = tracer })
	e := r.addEntry("SECRET-TEXT?")
	r.do(request{path: "/entries/" + e.Id + "?", header: map[string]string{"User-Agent": "probe"}}).want(t, 200, "")
	r.do(request{path: "/entries?owner=SECRET-PARAMETER"}).want(t, 200, "")
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if text := string(got); !contains(text, "/api/v1/workspaces/:workspace/entries/:entry") || contains(text, "SECRET") || contains(text, e.Id) {
		t.Errorf("spans: %q", text)
	}
}
