package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/importers"
	"vouch/importers/isolate"
	"vouch/index"
)

func TestMain(m *testing.M) {
	isolate.Main() // the child process that reads files is this one
	for _, kind := range []string{"application/x-ndjson", "text/html"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.PlainBodyDecoder)
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	flag.Parse()
	if *onPostgres {
		drop, err := makeTemplate()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer drop()
	}
	code := m.Run()
	if found := issued.in(everyLog.String()); found > 0 {
		fmt.Fprintf(os.Stderr, "%d of the secrets that the tests were given are in the logs\n", found)
		return 1
	}
	return code
}

// The workspaces of the tests. Callers are members of the first.
const (
	here  = "here"
	there = "there"
)

// rig is a server with all that is behind it.
type rig struct {
	*Server
	t     testing.TB
	http  *httptest.Server
	store *store.Store
	index *index.Index
	log   *safeBuffer
	clock *atomic.Int64     // what is added to the time, for the accounts
	team  map[string]string // by who it is, the header that lets them in: see [withTeam]
}

// safeBuffer is a buffer for what many write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// roles are the fixed callers of the tests: a token for each role, and one of
// another workspace.
type roles struct{}

func (roles) Authenticate(r *http.Request) (Principal, error) {
	token, ok := Bearer(r)
	if c, err := r.Cookie("session"); !ok && err == nil {
		token, ok = c.Value, true
	}
	if !ok {
		return Principal{}, Unauthenticated("There is no token in the request.")
	}
	p, now := known(token, here, engine.Role(token)), time.Now()
	switch token {
	case "foreign":
		p = known(token, there, engine.RoleAdmin)
	case "scoped":
		p = known(token, here, engine.RoleAdmin)
		p.Token = engine.Token{ID: token, Scopes: []engine.Scope{engine.Scope(engine.ActionLibraryRead)}, UsedAt: &now}
	case "viewer", "contributor", "reviewer", "admin":
	default:
		return Principal{}, Unauthenticated("The token is not known, or no longer valid.")
	}
	return p, nil
}

// known is somebody who is not in the database, with a role in one workspace.
func known(id, workspace string, role engine.Role) Principal {
	return Principal{Actor: "user:" + id, Principal: engine.Principal{
		User: engine.User{ID: id, Name: id}, Roles: map[string]engine.Role{workspace: role}, Session: engine.Session{SeenAt: time.Now()},
	}}
}

func readEntries(ctx context.Context, path string) (EntryFile, error) {
	l, err := importers.ReadEntries(ctx, path)
	f := EntryFile{Entries: l.Entries}
	for _, p := range l.Problems {
		if p.Taken {
			f.Notes = append(f.Notes, RowNote{Place: p.Place, Reason: p.Text})
		} else {
			f.Refused = append(f.Refused, RowNote{Place: p.Place, Reason: p.Text})
		}
	}
	return f, err
}

func writeAnswers(ctx context.Context, src, dst string, values []engine.PartValue, overwrite bool) error {
	_, err := importers.Write(ctx, src, dst, values, overwrite)
	return err
}

// start makes a server over an empty database.
func start(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	s, err := store.Open(t.Context(), database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return startOver(t, s, change...)
}

func startOver(t testing.TB, s *store.Store, change ...func(*Options)) *rig {
	t.Helper()
	for _, w := range []string{here, there} {
		if err := s.EnsureWorkspace(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	x, err := index.Open(t.Context(), "", s, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	r := &rig{t: t, store: s, index: x, log: &safeBuffer{}, clock: &atomic.Int64{}}
	o := Options{
		Store: s, Retriever: x, Auth: roles{}, ReadEntries: readEntries, Files: libraryFiles(), Temp: t.TempDir(), Workspace: here,
		ReadQuestionnaire: importers.Read, ReadLayout: importers.ReadLayout, WriteAnswers: writeAnswers,
		Accounts: &engine.Accounts{Store: s, Passwords: quickHasher{}, Now: func() time.Time { return time.Now().Add(time.Duration(r.clock.Load())) }},
		Log:      slog.New(slog.NewJSONHandler(io.MultiWriter(r.log, everyLog), &slog.HandlerOptions{Level: slog.LevelDebug})),
		Limits:   Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6},
	}
	for _, f := range change {
		f(&o)
	}
	if r.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	r.http = httptest.NewServer(r.Handler())
	t.Cleanup(func() { r.Close(); r.http.Close() })
	return r
}

// request is one call of a test. The zero value of what is not set is usual.
type request struct {
	method string // GET
	path   string // below the workspace, unless it begins with //
	who    string // reviewer; "-" for nobody
	body   any    // sent as JSON; a string as it is
	header map[string]string
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r *rig) request(q request) *http.Request {
	r.t.Helper()
	if q.method == "" {
		q.method = http.MethodGet
	}
	path := "/api/v1/workspaces/" + here + q.path
	if strings.HasPrefix(q.path, "//") {
		path = q.path[1:]
	}
	var body io.Reader
	kind := ""
	switch b := q.body.(type) {
	case nil:
	case string:
		body, kind = strings.NewReader(b), "application/json"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	h, err := http.NewRequestWithContext(r.t.Context(), q.method, r.http.URL+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != "" {
		h.Header.Set("Content-Type", kind)
	}
	who := cmp.Or(q.who, "reviewer")
	if name, value, ok := strings.Cut(r.team[who], ": "); ok {
		h.Header.Set(name, value)
	} else if who != "-" {
		h.Header.Set("Authorization", "Bearer "+who)
	}
	for name, value := range q.header {
		h.Header.Set(name, value)
	}
	return h
}

// do sends a request and holds the reply against the contract.
func (r *rig) do(q request) reply {
	r.t.Helper()
	return r.send(r.request(q))
}

func (r *rig) send(h *http.Request) reply {
	r.t.Helper()
	response, err := http.DefaultTransport.RoundTrip(h) // redirects are not followed
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.conforms(h, response, body)
	issued.note(response, body)
	return reply{response.StatusCode, response.Header, body}
}

// conforms holds a reply against the contract, by the rules of OpenAPI 3.1.
func (r *rig) conforms(h *http.Request, response *http.Response, body []byte) {
	r.t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := response.Header.Get(name); got != want {
			r.t.Errorf("%s %s: %s is %q, want %q", h.Method, h.URL.Path, name, got, want)
		}
	}
	if response.Header.Get("X-Request-Id") == "" || response.Header.Get("Content-Security-Policy") == "" {
		r.t.Errorf("%s %s: no request id or no policy", h.Method, h.URL.Path)
	}
	if response.StatusCode >= 400 && response.StatusCode != http.StatusServiceUnavailable {
		if got := response.Header.Get("Content-Type"); got != problemMediaType {
			r.t.Errorf("%s %s: %d as %s", h.Method, h.URL.Path, response.StatusCode, got)
		}
		var p Problem
		if err := json.Unmarshal(body, &p); err != nil || p.Status != response.StatusCode || p.Code == "" || p.Do == "" || p.Detail == "" || p.RequestId != response.Header.Get("X-Request-Id") {
			r.t.Errorf("%s %s: problem %s (%v)", h.Method, h.URL.Path, body, err)
		}
	}
	op, params := r.find(h)
	if op == nil {
		return
	}
	route := *op.route
	route.Spec = r.contract.doc
	err := openapi3filter.ValidateResponse(r.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: h, PathParams: params, Route: &route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}},
		Status:                 response.StatusCode, Header: response.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		r.t.Errorf("%s %s: the reply %d is not as the contract has it: %v\n%s", h.Method, h.URL.Path, response.StatusCode, err, body)
	}
}

// find returns the operation of a request, as the router would.
func (r *rig) find(h *http.Request) (*operation, map[string]string) {
	got := strings.Split(h.URL.Path, "/")
	for _, key := range slicesSorted(r.contract.operations) {
		method, pattern, _ := strings.Cut(key, " ")
		want := strings.Split(pattern, "/")
		params := map[string]string{}
		fits := method == h.Method && len(want) == len(got)
		for i := 0; fits && i < len(want); i++ {
			if name, ok := strings.CutPrefix(want[i], ":"); ok {
				params[name] = got[i]
			} else {
				fits = want[i] == got[i]
			}
		}
		if fits {
			return r.contract.operations[key], params
		}
	}
	return nil, nil
}

// slicesSorted returns keys so that words come before parameters.
func slicesSorted(m map[string]*operation) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(strings.Count(a, ":")-strings.Count(b, ":"), strings.Compare(a, b))
	})
}

func (p reply) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(p.body, v); err != nil {
		t.Fatalf("%v: %s", err, p.body)
	}
}

// want fails if the reply has another status, or another code of a problem.
func (p reply) want(t testing.TB, status int, code string) reply {
	t.Helper()
	var x Problem
	if code != "" {
		p.into(t, &x)
	}
	if p.status != status || x.Code != code {
		t.Fatalf("got %d %q, want %d %q: %.600s", p.status, x.Code, status, code, p.body)
	}
	return p
}

func content(question string) EntryContent {
	return EntryContent{Question: question, Verdict: "yes", Text: "It is so."}
}

// addEntry adds an entry by the API.
func (r *rig) addEntry(question string) Entry {
	r.t.Helper()
	var e Entry
	r.do(request{method: "POST", path: "/entries", body: content(question)}).want(r.t, 201, "").into(r.t, &e)
	return e
}

func (r *rig) addEntries(n int) (list []Entry) {
	r.t.Helper()
	for i := range n {
		list = append(list, r.addEntry(fmt.Sprintf("Question %d?", i)))
	}
	return list
}
