package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// process is a vouch in a process of its own that runs on.
type process struct {
	url  string // of a server
	log  *lockedBuffer
	kill func()
}

// startProcess starts a program, and returns when it says that it serves or
// works.
func startProcess(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	cmd := program(t, args...)
	cmd.Env = append(cmd.Env, env...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{log: &lockedBuffer{}, kill: sync.OnceFunc(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		_, _ = io.WriteString(p.log, line)
		if m := servingAt.FindStringSubmatch(line); m != nil {
			p.url = m[1]
		}
		if p.url != "" || strings.Contains(line, "msg=working") {
			go func() { _, _ = io.Copy(p.log, lines) }()
			return p
		}
		if err != nil {
			p.kill()
			t.Fatalf("it neither serves nor works: %s", p.log)
		}
	}
}

// load is what several callers do to a server that may be gone at any moment:
// they send questionnaires, write answers, approve them, export them and add to
// the library, send again what got no reply, and write down what was
// acknowledged.
type load struct {
	t       *testing.T
	token   string
	callers sync.WaitGroup
	stop    chan struct{}
	patient time.Duration // how long a caller tries one thing

	mu      sync.Mutex
	url     string
	sent    []*sentFile
	entries []string // questions that were added

	undrafted []*sentFile // that are to be drafted at the end
	done      map[string]int
	refused   map[string]int // replies that were none of ours, by code
}

// sentFile is a questionnaire that was acknowledged, with what else was.
type sentFile struct {
	name, id  string
	questions int
	edits     map[int]string // by place
	approved  map[int]int    // the revision, by place
	exports   []string       // their ids
}

func newLoad(t *testing.T, url string) *load {
	return &load{t: t, token: adminToken, url: url, stop: make(chan struct{}), patient: 2 * time.Minute, done: map[string]int{}, refused: map[string]int{}}
}

// moved says where the server is now.
func (l *load) moved(url string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.url = url
}

// begin lets n callers call until end.
func (l *load) begin(n int) {
	for caller := range n {
		l.callers.Go(func() {
			for i := 0; !l.ended() && !l.t.Failed(); i++ {
				l.one(caller, i)
			}
		})
	}
}

// end waits for the callers to finish what they are at.
func (l *load) end() {
	close(l.stop)
	l.callers.Wait()
}

func (l *load) ended() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// note writes down that something was acknowledged.
func (l *load) note(what string, put func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[what]++
	put()
}

// count returns how often something was acknowledged.
func (l *load) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done[what]
}

// linesPerFile is how many questions each questionnaire has.
const linesPerFile = 4

// one does everything there is to do with one questionnaire.
func (l *load) one(caller, i int) {
	name := fmt.Sprintf("asked-%d-%d.csv", caller, i)
	question := fmt.Sprintf("Question %d of caller %d?", i, caller)
	if _, ok := l.until("entry", http.MethodPost, "/entries", "entry-"+name, "", "application/json", []byte(`{"question":"`+question+`","verdict":"yes"}`), http.StatusCreated); !ok {
		return
	}
	l.note("entries", func() { l.entries = append(l.entries, question) })
	kind, body := uploadOf(l.t, name, caller, i)
	reply, ok := l.until("upload", http.MethodPost, "/questionnaires", "upload-"+name, "", kind, body, http.StatusCreated)
	if !ok {
		return
	}
	var stored struct {
		ID        string
		Questions int
	}
	if err := json.Unmarshal(reply, &stored); err != nil || stored.Questions != linesPerFile {
		l.t.Errorf("upload: %s (%v)", reply, err)
		return
	}
	f := &sentFile{name: name, id: stored.ID, questions: stored.Questions, edits: map[int]string{}, approved: map[int]int{}}
	l.note("questionnaires", func() { l.sent = append(l.sent, f) })
	if !l.drafted(f) {
		return
	}
	for n := 1; n < linesPerFile; n++ {
		revision, ok := l.edit(f, n, fmt.Sprintf("As %s says, it is so in case %d.", name, n))
		if !ok {
			return
		}
		approval := fmt.Appendf(nil, `{"kind":"approve","revision":%d}`, revision)
		if _, ok := l.until("approval", http.MethodPost, fmt.Sprintf("/questionnaires/%s/answers/%d/decisions", f.id, n), "", "", "application/json", approval, http.StatusOK); !ok {
			return
		}
		l.note("approvals", func() { f.approved[n] = revision })
	}
	reply, ok = l.until("export", http.MethodPost, "/questionnaires/"+f.id+"/exports", "export-"+name, "", "application/json", []byte(`{"allow_partial":true}`), http.StatusCreated)
	if !ok {
		return
	}
	var export struct{ ID string }
	if err := json.Unmarshal(reply, &export); err != nil {
		l.t.Errorf("export: %s (%v)", reply, err)
		return
	}
	l.note("exports", func() { f.exports = append(f.exports, export.ID) })
}

// uploadOf makes the body of an upload of a small questionnaire.
func uploadOf(t testing.TB, name string, caller, i int) (kind string, body []byte) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Error(err)
	}
	fmt.Fprint(part, "ID,Question,Answer (Yes/No),Explanation\n")
	for n := range linesPerFile {
		fmt.Fprintf(part, "Q-%d,Is customer data of kind %d-%d-%d encrypted at rest?,,\n", n+1, caller, i, n)
	}
	if err := form.WriteField("customer", fmt.Sprintf("Customer %d", caller)); err != nil {
		t.Error(err)
	}
	if err := form.Close(); err != nil {
		t.Error(err)
	}
	return form.FormDataContentType(), b.Bytes()
}

// givesUp is after how long a caller leaves a questionnaire that is not drafted:
// its job was killed as often as it may be tried.
const givesUp = 20 * time.Second

// drafted waits until each question has a draft or a gap. Those that get none
// are asked for again at the end.
func (l *load) drafted(f *sentFile) bool {
	for began := time.Now(); time.Since(began) < givesUp; time.Sleep(20 * time.Millisecond) {
		_, reply, err := l.send(http.MethodGet, "/questionnaires/"+f.id, "", "", "", nil)
		var q struct{ Counts map[string]int }
		if err == nil && json.Unmarshal(reply, &q) == nil && len(q.Counts) > 0 && q.Counts["unanswered"] == 0 {
			return true
		}
	}
	l.note("left undrafted", func() { l.undrafted = append(l.undrafted, f) })
	return false
}

// edit writes an answer, and returns its revision. There is no key for that: who
// got no reply looks whether the answer is what they wrote.
func (l *load) edit(f *sentFile, n int, text string) (revision int, ok bool) {
	at := fmt.Sprintf("/questionnaires/%s/answers/%d", f.id, n)
	for began := time.Now(); time.Since(began) < l.patient; time.Sleep(10 * time.Millisecond) {
		_, reply, err := l.send(http.MethodGet, at, "", "", "", nil)
		var a struct {
			Answer struct {
				Number  int
				Current struct{ Revision *struct{ Text string } }
			}
		}
		if err != nil || json.Unmarshal(reply, &a) != nil || a.Answer.Number == 0 {
			continue
		}
		revision = a.Answer.Number
		if r := a.Answer.Current.Revision; r != nil && r.Text == text {
			l.note("edits", func() { f.edits[n] = text })
			return revision, true
		}
		status, reply, err := l.send(http.MethodPut, at, "", strconv.Quote(strconv.Itoa(revision)), "application/json",
			[]byte(`{"values":[{"part":0,"value":"Yes"}],"text":`+strconv.Quote(text)+`}`))
		switch {
		case err == nil && status == http.StatusOK:
			l.note("edits", func() { f.edits[n] = text })
			return revision + 1, true
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			l.t.Errorf("edit: %d %s", status, reply)
			return 0, false
		}
	}
	l.t.Errorf("edit: no reply in %v", l.patient)
	return 0, false
}

// until sends a request until it is acknowledged.
func (l *load) until(what, method, path, key, match, kind string, body []byte, want int) (reply []byte, ok bool) {
	last := ""
	for began := time.Now(); time.Since(began) < l.patient; time.Sleep(10 * time.Millisecond) {
		status, reply, err := l.send(method, path, key, match, kind, body)
		switch {
		case err != nil:
			last = err.Error()
			continue
		case status == want:
			return reply, true
		case status < 500 && status != http.StatusTooManyRequests:
			l.t.Errorf("%s: %d %s", what, status, reply)
			return nil, false
		}
		last = fmt.Sprintf("%d %s", status, reply)
	}
	l.t.Errorf("%s: not acknowledged in %v: %s", what, l.patient, last)
	return nil, false
}

// send sends one request. The error says that there was no whole reply.
func (l *load) send(method, path, key, match, kind string, body []byte) (status int, reply []byte, err error) {
	l.mu.Lock()
	url := l.url
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	h, err := http.NewRequestWithContext(ctx, method, url+"/api/v1/workspaces/default"+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	h.Header.Set("Authorization", "Bearer "+l.token)
	for name, value := range map[string]string{"Idempotency-Key": key, "If-Match": match, "Content-Type": kind} {
		if value != "" {
			h.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(h)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	reply, err = io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 500 {
		var p struct{ Code string }
		if json.Unmarshal(reply, &p) == nil {
			l.mu.Lock()
			l.refused[p.Code]++
			l.mu.Unlock()
		}
	}
	return response.StatusCode, reply, err
}

// settle asks for what is not drafted, and waits until all jobs of a database
// have ended.
func (l *load) settle(path string) {
	l.t.Helper()
	for _, f := range l.undrafted {
		l.until("drafting", http.MethodPost, "/questionnaires/"+f.id+"/draft", "", "", "", nil, http.StatusAccepted)
	}
	s, err := store.Open(l.t.Context(), path)
	mend(l.t, err)
	defer s.Close()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		queued, err := s.Jobs(l.t.Context(), "default", engine.JobFilter{State: engine.JobQueued})
		mend(l.t, err)
		running, err := s.Jobs(l.t.Context(), "default", engine.JobFilter{State: engine.JobRunning})
		mend(l.t, err)
		if len(queued)+len(running) == 0 {
			return
		}
		if time.Since(began) > l.patient {
			l.t.Fatalf("%d jobs are queued, %d run", len(queued), len(running))
		}
	}
}

// verify holds a database against what was acknowledged: each thing is there
// once, and nothing that was not asked for beside the entries that were there
// before; and the audit log is whole.
func (l *load) verify(path string, before int) {
	l.t.Helper()
	s, err := store.Open(l.t.Context(), path)
	mend(l.t, err)
	defer s.Close()
	l.verifyEntries(s, before)
	list, err := s.Questionnaires(l.t.Context(), "default", engine.QuestionnaireFilter{})
	mend(l.t, err)
	there := map[string]int{}
	for i := range list {
		there[list[i].Name]++
	}
	for _, f := range l.sent {
		if there[f.name] != 1 {
			l.t.Errorf("%s: it is there %d times", f.name, there[f.name])
			continue
		}
		l.verifyFile(s, f)
	}
	if len(list) != len(l.sent) || len(list) == 0 {
		l.t.Errorf("%d questionnaires are there, %d were acknowledged", len(list), len(l.sent))
	}
	jobs, err := s.Jobs(l.t.Context(), "default", engine.JobFilter{})
	mend(l.t, err)
	byState := map[engine.JobState]int{}
	for i := range jobs {
		byState[jobs[i].State]++
	}
	r := audited(l.t, s, "default")
	l.t.Logf("acknowledged: %v; jobs %v; %d audit events; told besides: %v", l.done, byState, r.Head.Count, l.refused)
}

func (l *load) verifyEntries(s *store.Store, before int) {
	l.t.Helper()
	there := map[string]int{}
	for e, err := range s.AllEntries(l.t.Context(), "default", engine.EntryFilter{}) {
		mend(l.t, err)
		there[e.Question]++
	}
	for _, question := range l.entries {
		if there[question] != 1 {
			l.t.Errorf("%s: it is there %d times", question, there[question])
		}
	}
	if len(there) != len(l.entries)+before {
		l.t.Errorf("%d entries are there, %d were acknowledged and %d were there before", len(there), len(l.entries), before)
	}
}

func (l *load) verifyFile(s *store.Store, f *sentFile) {
	l.t.Helper()
	ctx := l.t.Context()
	for n := 1; n <= f.questions; n++ {
		revisions, err := s.Revisions(ctx, "default", f.id, n)
		mend(l.t, err)
		drafts, edits := 0, 0
		for i := range revisions {
			switch r := &revisions[i]; {
			case r.Author == "job:draft":
				drafts++
			case r.Revision != nil && r.Revision.Text == f.edits[n]:
				edits++
			default:
				l.t.Errorf("%s, answer %d: revision %d is nobody's", f.name, n, r.Number)
			}
		}
		if want := min(1, len(f.edits[n])); edits != want || drafts != 1 {
			l.t.Errorf("%s, answer %d: %d edits, %d drafts; want %d and 1", f.name, n, edits, drafts, want)
		}
		decisions, err := s.Decisions(ctx, "default", engine.DecisionFilter{Questionnaire: f.id, N: n})
		mend(l.t, err)
		revision, approved := f.approved[n]
		if approved && (len(decisions) != 1 || decisions[0].Revision != revision || decisions[0].Kind != engine.DecisionApprove) || !approved && len(decisions) > 0 {
			l.t.Errorf("%s, answer %d: decisions %+v, want an approval of revision %d: %v", f.name, n, decisions, revision, approved)
		}
	}
	exports, err := s.Exports(ctx, "default", f.id)
	mend(l.t, err)
	if len(exports) != len(f.exports) || len(exports) == 1 && exports[0].ID != f.exports[0] {
		l.t.Errorf("%s: exports %+v, want %v", f.name, exports, f.exports)
	}
}

// isReady waits until a server is ready, and returns how long that took.
func isReady(t testing.TB, url string, began time.Time) time.Duration {
	t.Helper()
	for time.Since(began) < time.Minute {
		response, err := http.Get(url + "/readyz")
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it does not get ready")
	return 0
}

// adminToken is the token of the admin whom letIn puts into a database.
const adminToken = engine.TokenPrefix + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

// letIn puts an admin with a token into a database, as a set-up and a request
// for a token do.
func letIn(t testing.TB, path string) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	mend(t, err)
	defer s.Close()
	mend(t, s.EnsureWorkspace(ctx, "default"))
	u, err := s.PutUser(ctx, engine.User{Email: "admin@example.com", Name: "Admin"})
	mend(t, err)
	_, err = s.PutMember(ctx, "default", u.ID, engine.RoleAdmin)
	mend(t, err)
	now := time.Now().UTC().Truncate(time.Millisecond)
	_, err = s.AddToken(ctx, "default", engine.Token{
		User: u.ID, Name: "test", Role: engine.RoleAdmin, Scopes: []engine.Scope{engine.ScopeRead, engine.ScopeWrite, engine.ScopeDecide, engine.ScopeAdmin}, CreatedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	}, engine.HashSecret(adminToken))
	mend(t, err)
}
