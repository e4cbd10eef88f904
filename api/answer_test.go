package api

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/engine/assurance"
)

// places returns the places of the answers of a page.
func places(p AnswerPage) (list []int) {
	for i := range p.Answers {
		list = append(list, p.Answers[i].N)
	}
	return list
}

// TestAnswers: pages with questions and what is answered, chosen by state,
// section and assignee.
func TestAnswers(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := r.takeIn(6, 0.9)
	at := "/questionnaires/" + q.Id
	ada := r.colleague("ada")
	r.do(request{method: "POST", path: at + "/answers/1/decisions", body: DecisionContent{Kind: "approve", Revision: 1}}).want(t, 200, "")
	section := "Backup"
	var heads AnswerStates
	r.do(request{method: "POST", path: at + "/assignments", body: map[string]any{"section": section, "places": []int{2}, "assignee": ada, "due": "2026-12-01"}}).want(t, 200, "").into(t, &heads)
	if len(heads.Answers) != 4 || heads.Answers[0].State != engine.AnswerInReview || heads.Answers[0].Due.String() != "2026-12-01" || heads.Answers[0].Etag != `"1.in_review"` {
		t.Errorf("assigned: %+v", heads)
	}
	for filter, want := range map[string]string{
		"": "[1 2 3 4 5 6]", "?limit=2": "[1 2]", "?state=approved": "[1]", "?state=drafted": "[3]", "?section=Backup": "[4 5 6]", "?section=backup": "[]",
		"?assignee=" + ada: "[2 4 5 6]", "?assignee=" + ada + "&section=Access": "[2]",
	} {
		var p AnswerPage
		if r.do(request{path: at + "/answers" + filter}).want(t, 200, "").into(t, &p); fmt.Sprint(places(p)) != want {
			t.Errorf("%s: %v, want %s", filter, places(p), want)
		}
	}
	if n := len(r.allAnswers(at)); n != 6 {
		t.Errorf("%d answers on all pages", n)
	}
	r.do(request{path: at + "/answers?state=done"}).want(t, 400, "invalid_request")
	var p AnswerPage
	r.do(request{path: at + "/answers?limit=2"}).want(t, 200, "").into(t, &p)
	r.do(request{path: at + "/answers?limit=2&state=drafted&after=" + p.Next}).want(t, 400, "invalid_cursor")
	if a := p.Answers[1]; a.Question.Text != "Is control number 2 of the company in place?" || a.Current.Revision.Confidence != 0.9 || a.Etag != `"1.in_review"` || a.Assignee != ada {
		t.Errorf("got %+v", a)
	}
	var mine AnswerStates
	r.do(request{path: "/assigned?user=" + ada}).want(t, 200, "").into(t, &mine)
	if len(mine.Answers) != 4 {
		t.Errorf("%d are assigned, want 4", len(mine.Answers))
	}
	r.do(request{method: "POST", path: at + "/assignments", body: AssignmentContent{Places: []int{1}, Assignee: "nobody"}}).want(t, 422, "not_a_member")
	r.do(request{method: "POST", path: at + "/assignments", body: AssignmentContent{Assignee: ada}}).want(t, 422, "invalid")
	r.do(request{method: "POST", path: at + "/assignments", body: AssignmentContent{Places: []int{99}, Assignee: ada}}).want(t, 404, "not_found")
	r.do(request{path: at + "/answers/7"}).want(t, 404, "not_found")
	r.do(request{path: at + "/answers/0"}).want(t, 400, "invalid_request")
}

// TestEditsAndDecisions: an edit is the next revision of the one that was seen,
// a decision is on the one that was seen; else there is a conflict with both.
// What an answer's state does not allow is said by a code.
func TestEditsAndDecisions(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := r.takeIn(6, 0.9)
	at := func(n int) string { return fmt.Sprintf("/questionnaires/%s/answers/%d", q.Id, n) }
	edit := func(n int, etag string, b AnswerContent) reply {
		t.Helper()
		header := map[string]string{}
		if etag != "" {
			header["If-Match"] = etag
		}
		return r.do(request{method: "PUT", path: at(n), body: b, header: header})
	}
	decide := func(n int, kind DecisionContentKind, revision int, note string) reply {
		t.Helper()
		return r.do(request{method: "POST", path: at(n) + "/decisions", body: DecisionContent{Kind: kind, Revision: revision, Note: note}})
	}
	write := AnswerContent{Values: []PartContent{{Part: 0, Value: "No"}, {Part: 1, Value: "Not yet."}}}
	edit(1, "", write).want(t, 428, "if_match_required")
	edit(1, `"x"`, write).want(t, 400, "invalid_request")
	got := edit(1, `"1.drafted"`, write).want(t, 200, "")
	if got.header.Get("ETag") != `"2"` {
		t.Errorf("ETag %s", got.header.Get("ETag"))
	}
	var c struct {
		Yours, Current AnswerRevision
		Code           string
	}
	edit(1, `"1.drafted"`, write).want(t, 409, "conflict").into(t, &c)
	if c.Yours.Number != 1 || c.Current.Number != 2 || !contains(c.Current.Revision.Text, "Not yet.") || c.Yours.Revision.Text != "It is." {
		t.Errorf("conflict: %+v", c)
	}
	decide(1, "approve", 1, "").want(t, 409, "conflict").into(t, &c)
	if c.Yours.Number != 1 || c.Current.Number != 2 {
		t.Errorf("conflict: %+v", c)
	}
	decide(1, "approve", 9, "").want(t, 404, "not_found")
	edit(1, `"2"`, AnswerContent{}).want(t, 422, "invalid")
	edit(1, `"2"`, AnswerContent{Values: []PartContent{{Part: 9, Value: "x"}}}).want(t, 422, "invalid")
	edit(1, `"2"`, AnswerContent{Verdict: "yes", Values: []PartContent{{Part: 0, Value: "No"}}}).want(t, 422, "invalid")
	first := decide(1, "approve", 2, "").want(t, 200, "")
	if again := decide(1, "approve", 2, "").want(t, 200, ""); string(again.body) != string(first.body) {
		t.Errorf("again: %s", again.body)
	}
	edit(1, `"2"`, write).want(t, 409, "settled")
	decide(1, "leave", 2, "no").want(t, 409, "settled")
	decide(1, "reopen", 2, "").want(t, 422, "note_needed")
	decide(1, "reopen", 2, "why").want(t, 200, "")
	decide(1, "reopen", 2, "why").want(t, 409, "not_settled")
	decide(2, "reject", 1, "").want(t, 422, "note_needed")
	decide(2, "reject", 1, "not so").want(t, 200, "")
	decide(2, "approve", 1, "").want(t, 409, "rejected")
	decide(3, "request_changes", 1, "say more").want(t, 200, "")
	decide(4, "leave", 1, "not ours").want(t, 200, "")
	decide(4, "approve", 1, "").want(t, 409, "settled")

	empty := r.takeIn(3, 0)
	none := "/questionnaires/" + empty.Id + "/answers/1/decisions"
	r.do(request{method: "POST", path: none, body: DecisionContent{Kind: "approve"}}).want(t, 409, "no_revision")
	ctx := t.Context()
	for n, rev := range map[int]engine.AnswerRevision{
		1: {Gap: &engine.Gap{Reason: engine.GapNoEvidence, Detail: "nothing", Proposal: &engine.Revision{Text: "?", Origin: engine.OriginReuse}}},
		2: {Revision: &engine.Revision{Text: "x", Origin: engine.OriginReuse, Findings: []assurance.Finding{{Rule: "soc-certified", Severity: assurance.Block, Why: "no"}}}},
		3: {Revision: &engine.Revision{Text: "x", Origin: engine.OriginReuse}},
	} {
		rev.Questionnaire, rev.N, rev.Author = empty.Id, n, "job:draft"
		state := engine.AnswerDrafted
		if rev.Gap != nil {
			state = engine.AnswerGap
		}
		if n == 3 {
			state = engine.AnswerStale
		}
		if _, err := r.store.PutRevision(ctx, here, rev, state); err != nil {
			t.Fatal(err)
		}
	}
	for n, code := range map[int]string{1: "gap", 2: "blocked_by_rule", 3: "stale_evidence"} {
		r.do(request{method: "POST", path: fmt.Sprintf("/questionnaires/%s/answers/%d/decisions", empty.Id, n), body: DecisionContent{Kind: "approve", Revision: 1}}).want(t, 409, code)
	}
	r.do(request{path: "/questionnaires/" + empty.Id + "/answers"}).want(t, 200, "")

	set := engine.DefaultSettings()
	set.FourEyes = true
	if _, err := r.store.PutSettings(ctx, here, set); err != nil {
		t.Fatal(err)
	}
	edit(5, `"1"`, write).want(t, 200, "")
	decide(5, "approve", 2, "").want(t, 409, "four_eyes")

	var many DecisionsResult
	r.do(request{method: "POST", path: "/questionnaires/" + q.Id + "/decisions", body: DecisionsContent{Answers: []AnswerAt{{N: 1, Revision: 1}, {N: 4, Revision: 1}, {N: 5, Revision: 2}, {N: 6, Revision: 1}, {N: 9, Revision: 1}}, MinConfidence: 0}}).want(t, 200, "").into(t, &many)
	codes := map[int]string{}
	for _, x := range many.Refused {
		codes[x.N] = x.Code
	}
	if fmt.Sprint(many.Approved) != "[6]" || fmt.Sprint(codes) != "map[1:conflict 4:settled 5:four_eyes 9:not_found]" || many.Bulk == "" {
		t.Errorf("many: %+v", many)
	}
	r.do(request{method: "POST", path: "/questionnaires/" + q.Id + "/decisions", body: DecisionsContent{Answers: []AnswerAt{{N: 3, Revision: 1}}, MinConfidence: 0.95}}).want(t, 200, "").into(t, &many)
	if len(many.Refused) != 1 || many.Refused[0].Code != "unsure" {
		t.Errorf("unsure: %+v", many)
	}
	r.do(request{method: "POST", path: "/questionnaires/" + q.Id + "/decisions", body: DecisionsContent{Answers: []AnswerAt{{N: 3, Revision: 1}, {N: 3, Revision: 1}}}}).want(t, 422, "invalid")

	var d AnswerDetail
	detail := r.do(request{path: at(1)}).want(t, 200, "")
	detail.into(t, &d)
	if len(d.Revisions) != 2 || len(d.Decisions) != 2 || d.Revisions[1].Author != "user:reviewer" || detail.header.Get("ETag") != `"2.in_review"` {
		t.Errorf("got %s", detail.body)
	}
	r.wholeLog()
}

// TestComments: whom they mention are members; they are removed by their
// author or an admin, and only there where they are.
func TestComments(t *testing.T) {
	t.Parallel()
	r := start(t)
	q, other := r.takeIn(2, 0), r.takeIn(1, 0)
	at := "/questionnaires/" + q.Id + "/comments"
	ada := r.colleague("ada")
	var c, second Comment
	add := keyed("c", request{method: "POST", path: at, body: CommentContent{N: 1, Text: "See @ada", Mentions: []string{ada}}})
	r.do(add).want(t, 201, "").into(t, &c)
	r.do(add).want(t, 201, "").into(t, &second)
	if c.ID != second.ID || c.By != "user:reviewer" || len(c.Mentions) != 1 {
		t.Errorf("got %+v and %+v", c, second)
	}
	r.do(request{method: "POST", path: at, body: CommentContent{Text: "all of it"}}).want(t, 201, "")
	r.do(request{method: "POST", path: at, body: CommentContent{N: 1, Text: "x", Mentions: []string{ada, engineID}}}).want(t, 422, "not_a_member")
	r.do(request{method: "POST", path: at, body: CommentContent{N: 1, Text: "  "}}).want(t, 422, "invalid")
	r.do(request{method: "POST", path: at, body: CommentContent{N: 7, Text: "x"}}).want(t, 404, "not_found")
	var list CommentList
	if r.do(request{path: at}).want(t, 200, "").into(t, &list); len(list.Comments) != 2 {
		t.Errorf("%d comments, want 2", len(list.Comments))
	}
	if r.do(request{path: at + "?n=1"}).want(t, 200, "").into(t, &list); len(list.Comments) != 1 {
		t.Errorf("%d comments on the answer, want 1", len(list.Comments))
	}
	r.do(request{method: "DELETE", path: at + "/" + c.ID, who: "contributor"}).want(t, 403, "not_yours")
	r.do(request{method: "DELETE", path: "/questionnaires/" + other.Id + "/comments/" + c.ID}).want(t, 404, "not_found")
	for range 2 {
		var gone Comment
		if r.do(request{method: "DELETE", path: at + "/" + c.ID, who: "admin"}).want(t, 200, "").into(t, &gone); gone.Text != "" || gone.RemovedBy != "user:admin" {
			t.Errorf("got %+v", gone)
		}
	}
}

// TestErrorsOfReviewsAreProblems: each error that the engine has for what a
// route of a review does is in the tables, and none is the server's own.
func TestErrorsOfReviewsAreProblems(t *testing.T) {
	t.Parallel()
	tables := ""
	for _, name := range []string{"problem.go", "reviewproblem.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tables += string(text)
	}
	found := 0
	for _, name := range []string{"assignment", "comment", "conflict", "customerfile", "decision", "edit", "export", "intake", "storedquestionnaire"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "engine", name+".go"), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && strings.HasPrefix(spec.Names[0].Name, "Err") {
				found++
				if !strings.Contains(tables, "engine."+spec.Names[0].Name+",") && !strings.Contains(tables, "engine."+spec.Names[0].Name+":") {
					t.Errorf("engine.%s is no problem of the API", spec.Names[0].Name)
				}
			}
			return true
		})
	}
	if found < 25 {
		t.Errorf("%d errors were found", found)
	}
	r := start(t)
	for _, x := range reviewErrors {
		f := r.failureOf(fmt.Errorf("do it: %w", x.err))
		if f.kind == internal || f.kind.Code != x.kind.Code || f.detail == "" || f.kind.Status == http.StatusInternalServerError && f.kind != fileDamaged {
			t.Errorf("%v: %+v", x.err, f)
		}
	}
}
