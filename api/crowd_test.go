package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

// crowd lets in any number of reviewers: the token is their name.
type crowd struct{ roles }

func (c crowd) Authenticate(r *http.Request) (Principal, error) {
	if token, ok := Bearer(r); ok && strings.HasPrefix(token, "person") {
		who := engine.Principal{User: engine.User{ID: token, Name: token}, Roles: map[string]engine.Role{here: engine.RoleReviewer}, Session: engine.Session{SeenAt: time.Now()}}
		return Principal{Actor: "user:" + token, Principal: who}, nil
	}
	return c.roles.Authenticate(r)
}

// crowdEnv makes the crowd of [TestManyReviewers] work for longer: "60s".
const crowdEnv = "VOUCH_CROWD"

// deed is what somebody was told of one thing they did.
type deed struct {
	who    string
	kind   string // "edit", "approve", "reopen", "comment"
	at     engine.AnswerAt
	status int
	code   string
	made   int    // the number of the revision that an edit made
	id     string // of the decision or comment
	took   time.Duration
}

// TestManyReviewers has 50 people approve, edit and comment on the same 300
// answers at once. What somebody was told that they did is there, by them and
// once; of two who wrote after the same revision exactly one was told of a
// conflict; and the audit log is whole.
func TestManyReviewers(t *testing.T) {
	const people, questions = 50, 300
	last := 3 * time.Second
	if testing.Short() {
		last = time.Second
	}
	if s := os.Getenv(crowdEnv); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatalf("%s: %v", crowdEnv, err)
		}
		last = d
	}
	r := start(t, func(o *Options) { o.Auth = crowd{} })
	q := r.takeIn(questions, 0.9)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: people}}
	t.Cleanup(client.CloseIdleConnections)
	cursors := answerCursors(q.Id, questions)
	var mu sync.Mutex
	var deeds []deed
	var wg sync.WaitGroup
	end := time.Now().Add(last)
	for i := range people {
		p := &reviewer{r: r, client: client, who: fmt.Sprintf("person%d", i), base: r.http.URL + "/api/v1/workspaces/here/questionnaires/" + q.Id, cursors: cursors, seen: map[int]int{}}
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			for time.Now().Before(end) && !t.Failed() {
				d, err := p.act(rng, questions)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				deeds = append(deeds, d...)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	r.holds(q.Id, questions, deeds)
	r.wholeLog()
}

// reviewer is one of many.
type reviewer struct {
	r       *rig
	client  *http.Client
	who     string
	base    string
	cursors []string    // after each place
	seen    map[int]int // the revision of each answer that they saw last
}

// answerCursors returns the cursor after each place of a questionnaire from 0,
// so that nobody has to page through it.
func answerCursors(id string, n int) []string {
	list := make([]string, n)
	for i := range list {
		x := &call{op: &operation{id: "listAnswers"}, workspace: here, request: httptest.NewRequest(http.MethodGet, "/api/v1/workspaces/here/questionnaires/"+id+"/answers", nil)}
		list[i], _ = x.next(strconv.Itoa(i))
	}
	return list
}

// act looks at a few answers that lie together, and does something to each.
func (p *reviewer) act(rng *rand.Rand, questions int) (list []deed, err error) {
	var page AnswerPage
	if _, _, _, err := p.send(http.MethodGet, "/answers?limit=5&after="+p.cursors[rng.IntN(questions-5)], nil, nil, &page); err != nil {
		return nil, err
	}
	for i := range page.Answers {
		a := &page.Answers[i]
		n := a.N
		if old := p.seen[n]; old > 0 && rng.IntN(4) == 0 {
			a.Number = old // somebody who left the page open
		} else {
			p.seen[n] = a.Number
		}
		var d deed
		switch x := rng.IntN(10); {
		case a.State == engine.AnswerApproved && x < 5:
			d, err = p.decide("reopen", n, a.Number)
		case x < 5:
			d, err = p.decide("approve", n, a.Number)
		case x < 8:
			d, err = p.edit(n, a.Number, rng)
		default:
			d, err = p.comment(n)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func (p *reviewer) decide(kind string, n, revision int) (deed, error) {
	var out engine.Decision
	b := DecisionContent{Kind: DecisionContentKind(kind), Revision: revision}
	if kind != "approve" {
		b.Note = "again"
	}
	status, code, took, err := p.send(http.MethodPost, fmt.Sprintf("/answers/%d/decisions", n), b, nil, &out)
	return deed{who: p.who, kind: kind, at: engine.AnswerAt{N: n, Revision: revision}, status: status, code: code, id: out.ID, took: took}, err
}

func (p *reviewer) edit(n, revision int, rng *rand.Rand) (deed, error) {
	var out engine.AnswerRevision
	text := fmt.Sprintf("%s says %d.", p.who, rng.Int64())
	status, code, took, err := p.send(http.MethodPut, fmt.Sprintf("/answers/%d", n), AnswerContent{Values: []PartContent{{Part: 1, Value: text}}}, map[string]string{"If-Match": etag(revision)}, &out)
	if err == nil && status == http.StatusOK {
		p.seen[n] = out.Number
	}
	return deed{who: p.who, kind: "edit", at: engine.AnswerAt{N: n, Revision: revision}, status: status, code: code, made: out.Number, took: took}, err
}

func (p *reviewer) comment(n int) (deed, error) {
	var out engine.Comment
	status, code, took, err := p.send(http.MethodPost, "/comments", CommentContent{N: n, Text: p.who + " wonders."}, nil, &out)
	return deed{who: p.who, kind: "comment", at: engine.AnswerAt{N: n}, status: status, code: code, id: out.ID, took: took}, err
}

// send sends a request, and reads what comes back into v, or its code.
func (p *reviewer) send(method, path string, body any, header map[string]string, v any) (status int, code string, took time.Duration, err error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, "", 0, err
		}
		text = bytes.NewReader(b)
	}
	h, err := http.NewRequestWithContext(p.r.t.Context(), method, p.base+path, text)
	if err != nil {
		return 0, "", 0, err
	}
	h.Header.Set("Authorization", "Bearer "+p.who)
	if body != nil {
		h.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		h.Header.Set(name, value)
	}
	began := time.Now()
	response, err := p.client.Do(h)
	if err != nil {
		return 0, "", 0, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	took = time.Since(began)
	if err != nil {
		return 0, "", took, err
	}
	if response.StatusCode < 300 {
		return response.StatusCode, "", took, json.Unmarshal(b, v)
	}
	var problem Problem
	if err := json.Unmarshal(b, &problem); err != nil || response.StatusCode >= 500 {
		return 0, "", took, fmt.Errorf("%s %s: %d %s (%w)", method, path, response.StatusCode, b, err)
	}
	return response.StatusCode, problem.Code, took, nil
}

// holds fails unless what is stored is what people were told of.
func (r *rig) holds(id string, questions int, deeds []deed) {
	r.t.Helper()
	ctx := r.t.Context()
	edits, decisions, comments := map[engine.AnswerAt]deed{}, map[string]deed{}, map[string]deed{}
	after := map[engine.AnswerAt]int{}
	conflicts, refused := 0, 0
	times := map[string][]time.Duration{}
	for _, d := range deeds {
		times[d.kind] = append(times[d.kind], d.took)
		switch {
		case d.status >= 300 && d.code == "conflict":
			conflicts++
		case d.status >= 300 && (d.code == "settled" || d.code == "not_settled"):
			refused++
		case d.status >= 300:
			r.t.Errorf("%s of answer %d: %d %s", d.kind, d.at.N, d.status, d.code)
		case d.kind == "edit":
			made := engine.AnswerAt{N: d.at.N, Revision: d.made}
			if was, ok := edits[made]; ok || d.made != d.at.Revision+1 {
				r.t.Errorf("revision %d of answer %d, after %d, was made by %s and by %s", d.made, d.at.N, d.at.Revision, was.who, d.who)
			}
			edits[made] = d
			after[d.at]++
		case d.kind == "comment":
			comments[d.id] = d
		default:
			if was, ok := decisions[d.id]; ok && was.who != d.who {
				r.t.Errorf("decision %s is by %s and by %s", d.id, was.who, d.who)
			}
			decisions[d.id] = d
		}
	}
	for at, n := range after {
		if n != 1 {
			r.t.Errorf("%d edits after revision %d of answer %d, want 1", n, at.Revision, at.N)
		}
	}
	made := 0
	for n := 1; n <= questions; n++ {
		list, err := r.store.Revisions(ctx, here, id, n)
		if err != nil {
			r.t.Fatal(err)
		}
		for i := range list[1:] {
			rev := &list[i+1]
			made++
			if d := edits[engine.AnswerAt{N: n, Revision: rev.Number}]; rev.Author != "user:"+d.who || !strings.HasPrefix(rev.Revision.Text, d.who+" ") {
				r.t.Errorf("revision %d of answer %d is by %s, and %q was told so", rev.Number, n, rev.Author, d.who)
			}
		}
		kept, err := r.store.Decisions(ctx, here, engine.DecisionFilter{Questionnaire: id, N: n})
		if err != nil {
			r.t.Fatal(err)
		}
		for i := range kept {
			d, ok := decisions[kept[i].ID]
			if !ok || kept[i].By != "user:"+d.who || kept[i].Revision != d.at.Revision || string(kept[i].Kind) != d.kind {
				r.t.Errorf("decision %+v, and told was %+v", kept[i], d)
			}
			delete(decisions, kept[i].ID)
		}
	}
	kept, err := r.store.Comments(ctx, here, id, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	if made != len(edits) || len(decisions) != 0 || len(kept) != len(comments) {
		r.t.Errorf("%d revisions of %d that were told of; %d decisions that were told of are not there; %d comments of %d", made, len(edits), len(decisions), len(kept), len(comments))
	}
	if conflicts == 0 || made == 0 {
		r.t.Errorf("%d edits, %d conflicts: nobody was in another's way", made, conflicts)
	}
	r.t.Logf("%d deeds: %d edits, %d conflicts, %d refused by state, %d comments", len(deeds), made, conflicts, refused, len(comments))
	for kind, list := range times {
		slices.Sort(list)
		r.t.Logf("%s: %d, p50 %v, p95 %v, p99 %v", kind, len(list), list[len(list)/2], list[len(list)*95/100], list[len(list)*99/100])
	}
}
