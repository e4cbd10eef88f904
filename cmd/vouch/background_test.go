package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/importers"
)

// onBothEngines runs a test on a file and on a server; place are the flags that
// name the database, and path is what the store opens.
func onBothEngines(t *testing.T, test func(t *testing.T, path string, place []string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		data := filepath.Join(t.TempDir(), "data")
		test(t, filepath.Join(data, databaseName), []string{"--data", data})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		url := serverDatabase(t)
		test(t, url, []string{"--database", url})
	})
}

// reviewer takes in what these tests upload.
var reviewer = engine.Person{ID: "reviewer", Name: "Reviewer", Role: engine.RoleReviewer}

// asks makes a questionnaire as a CSV file.
func asks(t *testing.T, name string, questions ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	text := "ID,Question,Answer (Yes/No),Explanation\n"
	for i, q := range questions {
		text += fmt.Sprintf("Q-%d,%s,,\n", i+1, q)
	}
	mend(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// sampleQuestions are those of the library, again and again, n of them.
func sampleQuestions(t *testing.T, n int) (list []string) {
	t.Helper()
	w, err := openTemporary(t.Context())
	mend(t, err)
	defer w.close()
	_, err = importEntries(t.Context(), w, fixture(t, t.TempDir(), "library.csv"))
	mend(t, err)
	for e, err := range w.store.AllEntries(t.Context(), w.name, engine.EntryFilter{}) {
		mend(t, err)
		list = append(list, `"`+strings.ReplaceAll(e.Question, `"`, `""`)+`"`)
	}
	for len(list) < n {
		list = append(list, list...)
	}
	return list[:n]
}

// intake puts a questionnaire into a database, with the job that drafts it, as an
// upload does.
func intake(t *testing.T, s *store.Store, file string) (id string) {
	t.Helper()
	ctx := t.Context()
	mend(t, s.EnsureWorkspace(ctx, "default"))
	q, err := importers.Read(ctx, file, nil)
	mend(t, err)
	f, err := os.Open(file)
	mend(t, err)
	defer f.Close()
	stored, err := engine.Intake(ctx, s, "default", reviewer, engine.IntakeInput{Read: q, File: f, Customer: "Harbour Bank", NDA: true, Then: func(ctx context.Context, tx engine.Tx, q engine.StoredQuestionnaire) error {
		_, err := tx.AddJob(ctx, "default", engine.Job{Kind: engine.JobDraft, Object: "questionnaire:" + q.ID})
		return err
	}})
	mend(t, err)
	return stored.ID
}

// drafted waits until the job of a questionnaire is done, and fails if a
// question has no revision, or one that was drafted twice.
func drafted(t *testing.T, s *store.Store, id string) engine.Job {
	t.Helper()
	var j engine.Job
	for until := time.Now().Add(time.Minute); !j.State.Ended(); time.Sleep(20 * time.Millisecond) {
		list, err := s.Jobs(t.Context(), "default", engine.JobFilter{Object: "questionnaire:" + id})
		mend(t, err)
		if len(list) != 1 || time.Now().After(until) {
			t.Fatalf("it is not drafted: %+v", list)
		}
		j = list[0]
	}
	answers, err := s.Answers(t.Context(), "default", id, engine.AnswerFilter{})
	mend(t, err)
	if j.State != engine.JobDone || j.Done != len(answers) || j.Total != len(answers) {
		t.Errorf("%d answers: %+v", len(answers), j)
	}
	for i := range answers {
		revisions, err := s.Revisions(t.Context(), "default", id, answers[i].N)
		mend(t, err)
		drafts := 0
		for k := range revisions {
			if revisions[k].Number == 1 || revisions[k].Gap == nil {
				drafts++ // later gaps are drafts that another answer contradicts
			}
		}
		if drafts != 1 {
			t.Errorf("question %d has %d drafts", answers[i].N, drafts)
		}
	}
	return j
}

// events collects what a stream of a server tells.
type events struct {
	mu   sync.Mutex
	list []string // names and data
}

// follow follows the events of a server until the test ends.
func follow(t *testing.T, server string) *events {
	t.Helper()
	h, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+"/api/v1/workspaces/default/events", nil)
	mend(t, err)
	h.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := http.DefaultClient.Do(h)
	mend(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("events: %s", response.Status)
	}
	e := &events{}
	go func() {
		name := ""
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if s, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = s
			}
			if s, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				e.mu.Lock()
				e.list = append(e.list, name+" "+s)
				e.mu.Unlock()
			}
		}
	}()
	return e
}

// await waits until an event has come that matches.
func (e *events) await(t *testing.T, pattern string) {
	t.Helper()
	want := regexp.MustCompile(pattern)
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		e.mu.Lock()
		found := slices.ContainsFunc(e.list, want.MatchString)
		n := len(e.list)
		e.mu.Unlock()
		if found {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("no event %s among %d", pattern, n)
		}
	}
}

// working starts vouch work in this process, and waits until it works.
func working(t *testing.T, args ...string) (log *lockedBuffer, end func() int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	log, code := &lockedBuffer{}, make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"work"}, args...), &terminal{out: io.Discard, err: log})
	}()
	end = sync.OnceValue(func() int { stop(); return <-code })
	t.Cleanup(func() { end() })
	for until := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "msg=working"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("it does not work: %s", log)
		}
	}
	return log, end
}

// TestJobsAreDone by the server itself, and if it only serves, by a process that
// only works. Who follows hears of it either way.
func TestJobsAreDone(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, path string, place []string) {
		must(t, append([]string{"library", "import", fixture(t, t.TempDir(), "library.csv")}, place...)...)
		letIn(t, path)
		args := append([]string{"--listen", "127.0.0.1:0"}, place...)
		s, err := store.Open(t.Context(), path)
		mend(t, err)
		defer s.Close()
		file := asks(t, "some.csv", sampleQuestions(t, 40)...)

		server := serve(t, args...)
		heard := follow(t, server.url)
		id := intake(t, s, file)
		drafted(t, s, id)
		heard.await(t, `^change .*"questionnaire:`+id+`"`)
		heard.await(t, `^change .*"answer:`+id+`:40".*"job:draft"`)
		heard.await(t, `^job .*"questionnaire:`+id+`".*"state":"done","done":40,"total":40`)
		if answered := answeredIn(t, s, id); answered < 20 {
			t.Errorf("%d of 40 questions of the library itself were answered", answered)
		}
		if code := server.end(); code != exitOK {
			t.Fatalf("exit %d: %s", code, server.log)
		}

		server = serve(t, append(args, "--workers", "0")...)
		heard = follow(t, server.url)
		id = intake(t, s, file)
		time.Sleep(time.Second)
		if list, err := s.Jobs(t.Context(), "default", engine.JobFilter{State: engine.JobQueued}); err != nil || len(list) != 1 {
			t.Errorf("a server without workers worked: %+v (%v)", list, err)
		}
		log, end := working(t, append([]string{"--health-listen", "127.0.0.1:0"}, place...)...)
		drafted(t, s, id)
		heard.await(t, `^job .*"questionnaire:`+id+`".*"state":"done"`)
		at := regexp.MustCompile(`msg="serving health" address=(\S+)/readyz`).FindStringSubmatch(log.String())
		for _, path := range []string{"/healthz", "/readyz"} {
			response, err := http.Get(at[1] + path)
			mend(t, err)
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", path, response.Status)
			}
		}
		if code := end(); code != exitOK || !strings.Contains(log.String(), "msg=stopped") {
			t.Errorf("exit %d: %s", code, log)
		}
		audited(t, s, "default")
	})
}

// answeredIn counts the answers that are drafted and no gaps.
func answeredIn(t *testing.T, s *store.Store, id string) (n int) {
	t.Helper()
	list, err := s.Answers(t.Context(), "default", id, engine.AnswerFilter{})
	mend(t, err)
	for i := range list {
		if list[i].State == engine.AnswerDrafted {
			n++
		}
	}
	return n
}

// audited fails if the audit log is not whole, or not as the database is.
func audited(t *testing.T, s *store.Store, workspace string) engine.AuditReport {
	t.Helper()
	r, err := engine.VerifyAudit(t.Context(), s, workspace, nil)
	mend(t, err)
	if len(r.Breaks) > 0 {
		t.Errorf("the audit log breaks: %+v", r.Breaks)
	}
	return r
}

// TestUpkeep: answers that rest on what has lapsed are marked once a day, by
// nobody that is a person; what has ended is removed.
func TestUpkeep(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, path string, place []string) {
		ctx := t.Context()
		must(t, append([]string{"library", "import", fixture(t, t.TempDir(), "library.csv")}, place...)...)
		s, err := store.Open(ctx, path)
		mend(t, err)
		defer s.Close()
		id := intake(t, s, asks(t, "some.csv", sampleQuestions(t, 20)...))
		_, end := working(t, place...)
		drafted(t, s, id)
		end()
		answered := answeredIn(t, s, id)
		mend(t, s.KeepReply(ctx, "default", engine.KeptReply{Caller: "c", Key: "k", Request: strings.Repeat("0", 64), Status: 201, Header: "{}", At: time.Now()}))
		b := &background{store: s, log: slog.New(slog.DiscardHandler)}
		acting := engine.WithActor(ctx, engine.Actor{Name: "job:upkeep"})
		mend(t, b.markStale(acting, time.Now()))
		if now := answeredIn(t, s, id); now != answered || answered == 0 {
			t.Errorf("%d of %d answers are left, though nothing has lapsed", now, answered)
		}
		mend(t, b.markStale(acting, time.Now().AddDate(10, 0, 0)))
		if now := answeredIn(t, s, id); now >= answered {
			t.Errorf("none of %d answers is stale in ten years", answered)
		}
		mend(t, b.forget(ctx, time.Now()))
		if _, err := s.KeptReply(ctx, "default", "c", "k"); err != nil {
			t.Errorf("a reply that is still kept was removed: %v", err)
		}
		mend(t, b.forget(ctx, time.Now().Add(engine.RepliesKept+time.Minute)))
		if _, err := s.KeptReply(ctx, "default", "c", "k"); err == nil {
			t.Error("an old reply is kept")
		}
		if log := must(t, append([]string{"audit", "list", "--limit", "1"}, place...)...); !strings.Contains(log, "job:upkeep") {
			t.Errorf("the log does not say that nobody marked it: %s", log)
		}
		audited(t, s, "default")
	})
}

// TestWorkRefuses: it does not begin with what it cannot work with, and takes the
// settings of the server.
func TestWorkRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "vouch.yaml")
	mend(t, os.WriteFile(config, []byte("database: here/our.db\nlisten: 127.0.0.1:0\nworkers: 3\nlog_format: json\n"), 0o600))
	for name, x := range map[string]struct {
		args []string
		says string
	}{
		"no workers":   {[]string{"--workers", "0"}, "--workers is no number from 1 to 64"},
		"many workers": {[]string{"--workers", "65"}, "--workers is no number from 1 to 64"},
		"a format":     {[]string{"--log-format", "xml"}, "--log-format"},
		"an address":   {[]string{"--health-listen", "192.0.2.1:1"}, "--health-listen"},
		"no config":    {[]string{"--config", "/nowhere/v.yaml"}, "no such file"},
		"a lease":      {[]string{"--job-lease", "1ms"}, "--job-lease"},
	} {
		code, _, says := vouch(t, append([]string{"work", "--data", t.TempDir()}, x.args...)...)
		if code != exitRefused || !strings.Contains(says, x.says) {
			t.Errorf("%s: exit %d: %s", name, code, says)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	log := &lockedBuffer{}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"work", "--config", config, "--data", dir}, &terminal{out: io.Discard, err: log})
	}()
	for until := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), `"msg":"working","workers":3`) && time.Now().Before(until); {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if got := <-code; got != exitOK || !strings.Contains(log.String(), `"msg":"stopped"`) {
		t.Errorf("exit %d: %s", got, log)
	}
	if _, err := os.Stat(filepath.Join(dir, "here", "our.db")); err != nil {
		t.Errorf("the database of the file is not used: %v", err)
	}
}
