package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// TestCluster: three servers and two that only work on one database on a
// server. What is sent to one is drafted by any, all tell of it, and when the
// one that drafts is killed another finishes it, and nothing is drafted twice.
func TestCluster(t *testing.T) {
	t.Parallel()
	url := serverDatabase(t)
	place := []string{"--database", url}
	must(t, append([]string{"library", "import", fixture(t, t.TempDir(), "library.csv")}, place...)...)
	s, err := store.Open(t.Context(), url)
	mend(t, err)
	defer s.Close()
	letIn(t, url)
	var all []*process
	var heard []*events
	for range 3 {
		p := startProcess(t, nil, append([]string{"serve", "--listen", "127.0.0.1:0", "--rate-limit", "100000", "--job-lease", "3s"}, place...)...)
		all = append(all, p)
		heard = append(heard, follow(t, p.url))
	}
	for range 2 {
		all = append(all, startProcess(t, nil, append([]string{"work", "--job-lease", "3s"}, place...)...))
	}
	defer func() {
		for _, p := range all {
			p.kill()
		}
	}()

	// Each of three small ones, sent to another server, is drafted; all hear it.
	for i := range 3 {
		id := send(t, all[i].url, fmt.Sprintf("small-%d.csv", i), sampleQuestions(t, 20))
		drafted(t, s, id)
		for _, e := range heard {
			e.await(t, `^change .*"answer:`+id+`:20".*"job:draft"`)
			e.await(t, `^job .*"questionnaire:`+id+`".*"state":"done"`)
		}
	}

	// Whoever drafts a large one is killed in the midst of it.
	const large = 1500
	id := send(t, all[0].url, "large.csv", sampleQuestions(t, large))
	killed := killDrafter(t, s, all, id)
	j := drafted(t, s, id)
	if j.Attempt > 2 {
		t.Errorf("it took %d attempts", j.Attempt)
	}
	finisher := -1
	for i, p := range all {
		if i != killed && strings.Contains(p.log.String(), `"an attempt at a job ended" workspace=default job=`+j.ID) {
			finisher = i
		}
	}
	if finisher < 0 {
		t.Error("nobody else says that it finished the job")
	}
	for i, e := range heard {
		if i != killed {
			e.await(t, fmt.Sprintf(`^job .*"questionnaire:%s".*"state":"done","done":%d,"total":%d`, id, large, large))
		}
	}
	audited(t, s, "default")
	t.Logf("process %d was killed in the midst of %d questions, process %d finished them", killed, large, finisher)
}

// send uploads a questionnaire to a server, and returns its id.
func send(t *testing.T, url, name string, questions []string) (id string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	mend(t, err)
	_, err = fmt.Fprint(part, "ID,Question,Answer (Yes/No),Explanation\n")
	mend(t, err)
	for i, q := range questions {
		_, err = fmt.Fprintf(part, "Q-%d,%s,,\n", i+1, q)
		mend(t, err)
	}
	mend(t, form.Close())
	l := newLoad(t, url)
	status, reply, err := l.send(http.MethodPost, "/questionnaires", name, "", form.FormDataContentType(), b.Bytes())
	mend(t, err)
	var stored struct{ ID string }
	if err := json.Unmarshal(reply, &stored); err != nil || status != http.StatusCreated {
		t.Fatalf("upload: %d %s", status, reply)
	}
	return stored.ID
}

// killDrafter kills the process that drafts a questionnaire, when it has
// begun and has not ended, and returns which one it was.
func killDrafter(t *testing.T, s *store.Store, all []*process, id string) int {
	t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		list, err := s.Jobs(t.Context(), "default", engine.JobFilter{Object: "questionnaire:" + id})
		mend(t, err)
		if len(list) != 1 || list[0].State != engine.JobRunning {
			continue
		}
		answers, err := s.Answers(t.Context(), "default", id, engine.AnswerFilter{State: engine.AnswerDrafted, Limit: 1})
		mend(t, err)
		if len(answers) == 0 {
			continue // nothing is stored yet
		}
		for i, p := range all {
			if !strings.Contains(p.log.String(), `"an attempt at a job begins" workspace=default job=`+list[0].ID) {
				continue
			}
			p.kill()
			if left, err := s.Answers(t.Context(), "default", id, engine.AnswerFilter{State: engine.AnswerUnanswered, Limit: 1}); err != nil || len(left) == 0 {
				t.Fatalf("it was done before it was killed (%v)", err)
			}
			return i
		}
	}
	t.Fatal("nobody drafts it")
	return -1
}
