package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/draft"
	"vouch/engine/jobs"
	"vouch/engine/store"
	"vouch/fixtures"
	"vouch/importers"
)

// asks is a CSV file of n questions in two sections, with a cell for the answer
// and one for a comment.
func asks(n int) string {
	var b strings.Builder
	b.WriteString("No.,Section,Question,Answer,Comment\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s,Is control number %d of the company in place?,,\n", i+1, []string{"Access", "Backup"}[i*2/max(n, 1)], i+1)
	}
	return b.String()
}

// sent returns a form with a file and fields, and its header.
func sent(name, text string, fields map[string]string) (string, map[string]string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		_ = w.WriteField(field, fields[field])
	}
	part, _ := w.CreateFormFile("file", name)
	_, _ = io.WriteString(part, text)
	_ = w.Close()
	return b.String(), map[string]string{"Content-Type": w.FormDataContentType()}
}

// sendFile sends a questionnaire; without a draft unless the fields say so.
func (r *rig) sendFile(name, text string, fields map[string]string) reply {
	r.t.Helper()
	all := map[string]string{"draft": "false"}
	maps.Copy(all, fields)
	body, header := sent(name, text, all)
	return r.do(request{method: "POST", path: "/questionnaires", body: body, header: header})
}

// takeIn makes a questionnaire of n questions, drafted if the confidence of the
// drafts is above 0.
func (r *rig) takeIn(n int, confidence float64) Questionnaire {
	r.t.Helper()
	var q Questionnaire
	r.sendFile("acme.csv", asks(n), map[string]string{"customer": "Acme"}).want(r.t, 201, "").into(r.t, &q)
	if confidence > 0 {
		r.drafted(q.Id, confidence)
	}
	return q
}

// drafted gives every answer a draft as drafting would.
func (r *rig) drafted(id string, confidence float64) {
	r.t.Helper()
	err := r.store.InTx(r.t.Context(), func(tx engine.Tx) error {
		questions, err := tx.Questions(r.t.Context(), here, id)
		if err != nil {
			return err
		}
		for i := range questions {
			x := &questions[i]
			rev := &engine.Revision{
				Verdict: engine.VerdictYes, Text: "It is.", Confidence: confidence, Origin: engine.OriginReuse, Citations: []engine.Citation{},
				Values: []engine.PartValue{{Part: x.Parts[0], Value: "Yes"}, {Part: x.Parts[1], Value: "It is."}},
			}
			if _, err := tx.PutRevision(r.t.Context(), here, engine.AnswerRevision{Questionnaire: id, N: i + 1, Revision: rev, Author: "job:draft"}, engine.AnswerDrafted); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// colleague makes a user who is a reviewer.
func (r *rig) colleague(name string) string {
	r.t.Helper()
	u, err := r.store.PutUser(r.t.Context(), engine.User{Email: name + "@example.com", Name: name})
	if err == nil {
		_, err = r.store.PutMember(r.t.Context(), here, u.ID, engine.RoleReviewer)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return u.ID
}

// reviewCalls has a request for every operation of a review, that is served
// when the caller may. Each set of them is for one caller.
func (r *rig) reviewCalls(who string) map[string]request {
	r.t.Helper()
	q, fresh, other := r.takeIn(8, 0.9), r.takeIn(2, 0), r.takeIn(2, 0)
	at := "/questionnaires/" + q.Id
	var e Export
	r.do(request{method: "POST", path: at + "/exports", body: ExportContent{AllowPartial: true}}).want(r.t, 201, "").into(r.t, &e)
	c, err := engine.AddComment(r.t.Context(), r.store, here, engine.Person{ID: r.userID(who), Role: engine.RoleAdmin}, engine.Comment{Questionnaire: q.Id, Text: "x"})
	if err != nil {
		r.t.Fatal(err)
	}
	preview, previewHeader := sent("acme.csv", asks(2), nil)
	form, formHeader := sent("acme.csv", asks(2), map[string]string{"customer": who})
	set := r.settingsNow()
	read, err := r.store.Questionnaire(r.t.Context(), here, fresh.Id)
	if err != nil {
		r.t.Fatal(err)
	}
	first := map[string]string{"If-Match": `"1"`}
	return map[string]request{
		"listQuestionnaires":    {path: "/questionnaires"},
		"createQuestionnaire":   {method: "POST", path: "/questionnaires", body: form, header: formHeader},
		"previewQuestionnaire":  {method: "POST", path: "/questionnaires/preview", body: preview, header: previewHeader},
		"getQuestionnaire":      {path: at},
		"changeQuestionnaire":   {method: "PATCH", path: at, body: map[string]string{"deal": "big"}, header: first},
		"correctLayout":         {method: "PUT", path: "/questionnaires/" + fresh.Id + "/layout", body: read.Layout, header: first},
		"draftQuestionnaire":    {method: "POST", path: at + "/draft"},
		"withdrawQuestionnaire": {method: "POST", path: "/questionnaires/" + other.Id + "/withdraw", header: first},
		"getQuestionnaireFile":  {path: at + "/file"},
		"listAnswers":           {path: at + "/answers"},
		"getAnswer":             {path: at + "/answers/1"},
		"editAnswer":            {method: "PUT", path: at + "/answers/2", body: AnswerContent{Text: "So it is."}, header: first},
		"decideAnswer":          {method: "POST", path: at + "/answers/3/decisions", body: DecisionContent{Kind: "approve", Revision: 1}},
		"decideAnswers":         {method: "POST", path: at + "/decisions", body: DecisionsContent{Answers: []AnswerAt{{N: 4, Revision: 1}}}},
		"assignAnswers":         {method: "POST", path: at + "/assignments", body: AssignmentContent{Places: []int{5}}},
		"listAssigned":          {path: "/assigned"},
		"listComments":          {path: at + "/comments"},
		"createComment":         {method: "POST", path: at + "/comments", body: CommentContent{N: 1, Text: "why?"}},
		"removeComment":         {method: "DELETE", path: at + "/comments/" + c.ID},
		"listExports":           {path: at + "/exports"},
		"createExport":          {method: "POST", path: at + "/exports", body: ExportContent{AllowPartial: true}},
		"getExportFile":         {path: at + "/exports/" + e.Id + "/file"},
		"getSettings":           {path: "/settings"},
		"changeSettings":        {method: "PUT", path: "/settings", body: set, header: map[string]string{"If-Match": etag(set.version)}},
	}
}

// settingsNow are the settings with the version to change.
type settingsNow struct {
	SettingsContent
	version int
}

// settingsNow returns the settings as they are, to be sent back.
func (r *rig) settingsNow() settingsNow {
	r.t.Helper()
	x, err := r.store.Settings(r.t.Context(), here)
	if err != nil {
		r.t.Fatal(err)
	}
	return settingsNow{SettingsContent{FourEyes: x.FourEyes, MinConfidence: x.MinConfidence, MaxAgeDays: x.MaxAgeDays, Citations: SettingsContentCitations(x.Citations), Propose: x.Propose}, x.Version}
}

// TestAWholeReview: a workbook comes in, is drafted by a job, reviewed, and goes
// out with the answers in it; what was told and what the library learns is
// there, and the audit log is whole.
func TestAWholeReview(t *testing.T) {
	t.Parallel()
	place := database(t)
	s, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r := startOver(t, s)
	r.library()
	r.work(place)

	file, err := fixtures.ReadFile("harbour-bank.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	var q Questionnaire
	got := r.sendFile("harbour-bank.xlsx", string(file), map[string]string{"draft": "true", "customer": "Harbour Bank", "deal": "2026", "due": "2026-12-01", "nda": "true"}).want(t, 201, "")
	got.into(t, &q)
	if q.Job == "" || got.header.Get("Location") != "/api/v1/workspaces/here/questionnaires/"+q.Id || q.Customer != "Harbour Bank" || !q.Nda || q.Due.String() != "2026-12-01" {
		t.Fatalf("got %s", got.body)
	}
	at := "/questionnaires/" + q.Id
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		j, err := r.store.Job(t.Context(), here, q.Job)
		if err != nil || j.State == engine.JobFailed || time.Now().After(deadline) {
			t.Fatalf("the job is %+v (%v)", j, err)
		}
		if j.State == engine.JobDone {
			break
		}
	}
	answers := r.allAnswers(at)
	if len(answers) != q.Questions {
		t.Fatalf("%d answers of %d questions", len(answers), q.Questions)
	}
	const mine = "We have an answer of our own to this, and it is long enough."
	r.approveAll(at, answers, mine)

	var e Export
	out := r.do(keyed("export", request{method: "POST", path: at + "/exports", body: ExportContent{}})).want(t, 201, "")
	out.into(t, &e)
	if e.Partial || len(e.Open) != 0 {
		t.Errorf("export: %s", out.body)
	}
	again := r.do(keyed("export", request{method: "POST", path: at + "/exports", body: ExportContent{}})).want(t, 201, "")
	if string(again.body) != string(out.body) {
		t.Errorf("the same export again: %s", again.body)
	}
	sent := r.do(request{path: strings.TrimPrefix(out.header.Get("Location"), "/api/v1/workspaces/here")}).want(t, 200, "")
	if d := sent.header.Get("Content-Disposition"); d != "attachment; filename=harbour-bank.xlsx" {
		t.Errorf("Content-Disposition %q", d)
	}
	r.holdsAnswers(sent.body, mine)
	if got := r.do(request{path: at + "/file"}).want(t, 200, ""); !bytes.Equal(got.body, file) {
		t.Error("the customer's file is not as it came")
	}

	var told CommitmentPage
	r.do(request{path: "/commitments?limit=500&customer=Harbour%20Bank"}).want(t, 200, "").into(t, &told)
	proposals, err := r.store.EntryProposals(t.Context(), here, engine.ProposalFilter{Questionnaire: q.Id})
	if err != nil || len(proposals) == 0 || len(told.Commitments) == 0 {
		t.Errorf("%d proposals, %d commitments (%v)", len(proposals), len(told.Commitments), err)
	}
	r.wholeLog()
}

// library imports the sample library and controls.
func (r *rig) library() {
	r.t.Helper()
	for _, name := range []string{"library.csv", "controls.csv"} {
		text, err := fixtures.ReadFile(name)
		if err != nil {
			r.t.Fatal(err)
		}
		path := filepath.Join(r.t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			r.t.Fatal(err)
		}
		if name == "controls.csv" {
			l, err := importers.ReadControls(r.t.Context(), path)
			if err == nil {
				_, err = engine.ImportControls(r.t.Context(), r.store, here, l.Controls)
			}
			if err != nil {
				r.t.Fatal(err)
			}
			continue
		}
		r.upload(name, string(text)).want(r.t, 200, "")
	}
	if err := r.index.Sync(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// work does the jobs of the database at a place, as the server does.
func (r *rig) work(place string) {
	r.t.Helper()
	cfg := jobs.Config{Store: r.store, Handlers: map[engine.JobKind]jobs.Handler{engine.JobDraft: draft.Job(r.store, r.index)}}
	var runner interface {
		jobs.Runner
		store.JobDelivery
	} = jobs.NewLocal(cfg)
	if *onPostgres {
		river, err := jobs.NewRiver(cfg, place)
		if err != nil {
			r.t.Fatal(err)
		}
		runner = river
	}
	err := r.store.DeliverJobs(r.t.Context(), runner)
	if err == nil {
		err = runner.Start(r.t.Context())
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = runner.Stop(context.WithoutCancel(r.t.Context())) })
}

// allAnswers reads every page of the answers.
func (r *rig) allAnswers(at string) (list []Answer) {
	r.t.Helper()
	for next := at + "/answers"; next != ""; {
		var p AnswerPage
		r.do(request{path: next}).want(r.t, 200, "").into(r.t, &p)
		list = append(list, p.Answers...)
		next = ""
		if p.Next != "" {
			next = at + "/answers?after=" + p.Next
		}
	}
	return list
}

// approveAll writes what is a gap, approves what is not, and leaves empty what
// must not go out.
func (r *rig) approveAll(at string, answers []Answer, mine string) {
	r.t.Helper()
	var many DecisionsContent
	for i := range answers {
		a := &answers[i]
		path := fmt.Sprintf("%s/answers/%d", at, a.N)
		if a.State == engine.AnswerGap {
			edit := AnswerContent{Verdict: "no", Text: mine}
			for j := range a.Question.Parts {
				if p := &a.Question.Parts[j]; len(p.Options) == 0 && (p.Kind == engine.PartExplanation || p.Kind == engine.PartText) {
					edit.Values = append(edit.Values, PartContent{Part: j, Value: mine})
				}
			}
			var rev AnswerRevision
			r.do(request{method: "PUT", path: path, body: edit, header: map[string]string{"If-Match": a.Etag}}).want(r.t, 200, "").into(r.t, &rev)
			a.Number = rev.Number
		}
		many.Answers = append(many.Answers, AnswerAt{N: a.N, Revision: a.Number})
	}
	var result DecisionsResult
	r.do(request{method: "POST", path: at + "/decisions", body: many}).want(r.t, 200, "").into(r.t, &result)
	if len(result.Approved)+len(result.Refused) != len(answers) || len(result.Approved) < len(answers)/2 {
		r.t.Fatalf("%d approved, %v refused of %d", len(result.Approved), result.Refused, len(answers))
	}
	for _, x := range result.Refused {
		r.do(request{method: "POST", path: fmt.Sprintf("%s/answers/%d/decisions", at, x.N), body: DecisionContent{Kind: "leave", Revision: x.Current, Note: "not to be sent"}}).want(r.t, 200, "")
	}
}

// holdsAnswers fails unless a workbook can be read and holds answers.
func (r *rig) holdsAnswers(workbook []byte, text string) {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), "answered.xlsx")
	if err := os.WriteFile(path, workbook, 0o600); err != nil {
		r.t.Fatal(err)
	}
	q, err := importers.Read(r.t.Context(), path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	filled, own := 0, 0
	for i := range q.Questions {
		for _, p := range q.Questions[i].Parts {
			if p.Value != "" {
				filled++
			}
			if p.Value == text {
				own++
			}
		}
	}
	if filled < len(q.Questions) || own == 0 {
		r.t.Errorf("%d cells of %d questions are filled, %d as they were written", filled, len(q.Questions), own)
	}
}

// wholeLog fails unless the audit log is as things are.
func (r *rig) wholeLog() {
	r.t.Helper()
	report, err := engine.VerifyAudit(r.t.Context(), r.store, here, nil)
	if err != nil || len(report.Breaks) > 0 {
		r.t.Errorf("the audit log: %+v (%v)", report.Breaks, err)
	}
}

// TestQuestionnaires: what is sent is stored as it came, with what is said of
// it, once for a key; it is listed and found, changed by version, withdrawn.
func TestQuestionnaires(t *testing.T) {
	t.Parallel()
	r := start(t)
	body, header := sent("../../Fragen \"1\".csv", asks(4), map[string]string{"customer": "Acme", "due": "2020-01-01", "language": "en", "product": "Payments"})
	q := keyed("k", request{method: "POST", path: "/questionnaires", body: body, header: header})
	first := r.do(q).want(t, 201, "")
	if again := r.do(q).want(t, 201, ""); string(again.body) != string(first.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %s", again.body)
	}
	var one Questionnaire
	first.into(t, &one)
	if one.Name != "Fragen 1.csv" || one.Job == "" || !one.Overdue || one.Counts[engine.AnswerUnanswered] != 4 || first.header.Get("ETag") != `"1"` {
		t.Errorf("got %s", first.body)
	}
	q.body, q.header = sent("a.csv", asks(5), nil)
	q.header["Idempotency-Key"] = "k"
	r.do(q).want(t, 422, "key_reused")
	two := r.takeIn(3, 0.9)
	for filter, want := range map[string]int{
		"": 2, "?customer=Acme": 2, "?customer=acme": 0, "?overdue=true": 1, "?due_before=2020-01-02": 1, "?due_before=2020-01-01": 0, "?text=FRAGEN": 1, "?text=%25": 0, "?state=open": 2, "?state=withdrawn": 0,
	} {
		var p QuestionnairePage
		if r.do(request{path: "/questionnaires" + filter}).want(t, 200, "").into(t, &p); len(p.Questionnaires) != want {
			t.Errorf("%s: %d, want %d", filter, len(p.Questionnaires), want)
		}
	}
	var p QuestionnairePage
	r.do(request{path: "/questionnaires?limit=1"}).want(t, 200, "").into(t, &p)
	if len(p.Questionnaires) != 1 || p.Questionnaires[0].Id != two.Id || p.Questionnaires[0].Counts[engine.AnswerDrafted] != 3 || p.Next == "" {
		t.Errorf("first page: %+v", p)
	}
	r.do(request{path: "/questionnaires?limit=1&after=" + p.Next}).want(t, 200, "").into(t, &p)
	if p.Questionnaires[0].Id != one.Id {
		t.Errorf("second page: %+v", p)
	}

	at := "/questionnaires/" + one.Id
	var whole Questionnaire
	r.do(request{path: at}).want(t, 200, "").into(t, &whole)
	if len(whole.Sections) != 2 || whole.Sections[1] != (Section{Name: "Backup", First: 3, Questions: 2}) || len(whole.Layout.Sheets) != 1 || len(whole.Skipped) == 0 {
		t.Errorf("got %+v", whole)
	}
	change := request{method: "PATCH", path: at, body: map[string]any{"customer": "Other", "due": "", "nda": true}}
	r.do(change).want(t, 428, "if_match_required")
	change.header = map[string]string{"If-Match": `"7"`}
	if got := r.do(change).want(t, 412, "stale"); !contains(string(got.body), `"customer":"Acme"`) {
		t.Errorf("stale: %s", got.body)
	}
	change.header["If-Match"] = `"1"`
	var changed Questionnaire
	r.do(change).want(t, 200, "").into(t, &changed)
	if changed.Version != 2 || changed.Customer != "Other" || !changed.Due.IsZero() || !changed.Nda || changed.Product != "Payments" {
		t.Errorf("changed: %+v", changed)
	}
	change.header["If-Match"], change.body = `"2"`, map[string]any{"name": " "}
	r.do(change).want(t, 422, "invalid")
	change.body = map[string]any{"due": "2026-13-01"}
	r.do(change).want(t, 400, "invalid_request")
	change.body = map[string]any{"stat": "open"}
	r.do(change).want(t, 400, "invalid_request")
	read := request{method: "PATCH", path: "/questionnaires/" + two.Id, body: map[string]any{"public": true}, header: map[string]string{"If-Match": `"1"`}}
	r.do(read).want(t, 409, "wider_reader")

	withdraw := request{method: "POST", path: at + "/withdraw", header: map[string]string{"If-Match": `"1"`}}
	r.do(withdraw).want(t, 412, "stale")
	withdraw.header["If-Match"] = `"2"`
	r.do(withdraw).want(t, 200, "")
	withdraw.header["If-Match"] = `"3"`
	r.do(withdraw).want(t, 409, "withdrawn")
	for _, q := range []request{
		{method: "POST", path: at + "/draft"}, {method: "POST", path: at + "/exports", body: ExportContent{AllowPartial: true}}, {method: "POST", path: at + "/comments", body: CommentContent{Text: "x"}},
		{method: "PUT", path: at + "/answers/1", body: AnswerContent{Text: "x"}, header: map[string]string{"If-Match": `"0"`}},
		{method: "POST", path: at + "/answers/1/decisions", body: DecisionContent{Kind: "leave", Note: "x"}}, {method: "POST", path: at + "/assignments", body: AssignmentContent{Places: []int{1}}},
	} {
		r.do(q).want(t, 409, "withdrawn")
	}
	r.do(request{path: at + "/file"}).want(t, 200, "")
	for _, path := range []string{"", "/file", "/answers", "/answers/1", "/comments", "/exports", "/exports/" + engineID + "/file"} {
		r.do(request{path: "/questionnaires/" + engineID + path}).want(t, 404, "not_found")
	}
	r.wholeLog()
}

// engineID is the id of nothing.
const engineID = "01890000-0000-7000-8000-00000000ffff"

// TestFilesAreRefused: with what they are and what to do, and nothing is stored
// or left.
func TestFilesAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	before := r.head(here)
	for name, x := range map[string]struct {
		name, text string
		fields     map[string]string
		status     int
		code, says string
	}{
		"an old workbook":    {"a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", nil, 422, "file_refused", "a.xls"},
		"no questions":       {"a.csv", "x,y\n1,2\n", nil, 422, "no_questions", "no questions"},
		"an empty file":      {"a.csv", "", nil, 422, "file_refused", "empty"},
		"no day":             {"a.csv", asks(2), map[string]string{"due": "tomorrow"}, 400, "invalid_request", "/due"},
		"no truth":           {"a.csv", asks(2), map[string]string{"nda": "perhaps"}, 400, "invalid_request", "/nda"},
		"no language":        {"a.csv", asks(2), map[string]string{"language": "English"}, 400, "invalid_request", "/language"},
		"a long customer":    {"a.csv", asks(2), map[string]string{"customer": strings.Repeat("x", 600)}, 422, "invalid", "/customer"},
		"a very long field":  {"a.csv", asks(2), map[string]string{"customer": strings.Repeat("x", 6000)}, 400, "invalid_request", "/customer"},
		"an unknown field":   {"a.csv", asks(2), map[string]string{"costumer": "x"}, 400, "invalid_request", "/costumer"},
		"no layout":          {"a.csv", asks(2), map[string]string{"layout": "{"}, 422, "invalid_layout", "/layout"},
		"an unsound layout":  {"a.csv", asks(2), map[string]string{"layout": `{"format":"csv","shape":"","sheets":[{"name":"","tables":[{"heading":{"first":1,"last":1},"rows":{"first":2,"last":3},"columns":[]}]}]}`}, 422, "invalid_layout", "question column"},
		"a layout of others": {"a.csv", asks(2), map[string]string{"layout": `{"format":"xlsx","shape":"","sheets":[]}`}, 422, "file_refused", "layout"},
	} {
		if got := r.sendFile(x.name, x.text, x.fields).want(t, x.status, x.code); !contains(string(got.body), x.says) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	var p Problem
	r.sendFile("a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no workbook", nil).want(t, 422, "file_refused").into(t, &p)
	if p.Do == fileRefused.Do || p.Detail == "" {
		t.Errorf("it says %q, %q", p.Detail, p.Do)
	}
	if r.head(here) != before {
		t.Error("something was stored")
	}
	if left, err := os.ReadDir(r.Temp); err != nil || len(left) != 0 {
		t.Errorf("%d uploads are left (%v)", len(left), err)
	}
}

// TestPreview: what is understood is shown, can be corrected and sent back, and
// a questionnaire without answers can still be read in another way.
func TestPreview(t *testing.T) {
	t.Parallel()
	r := start(t)
	before := r.head(here)
	preview := func(layout string) (p QuestionnairePreview) {
		t.Helper()
		fields := map[string]string{}
		if layout != "" {
			fields["layout"] = layout
		}
		body, header := sent("a.csv", asks(4), fields)
		r.do(request{method: "POST", path: "/questionnaires/preview", body: body, header: header}).want(t, 200, "").into(t, &p)
		return p
	}
	p := preview("")
	if len(p.Questions) != 4 || p.Questions[0].Text != "Is control number 1 of the company in place?" || p.Layout.Format != "csv" {
		t.Fatalf("got %+v", p)
	}
	l := p.Layout
	l.Sheets[0].Tables[0].Exclude = []int{3}
	text, err := importers.EncodeLayout(&l)
	if err != nil {
		t.Fatal(err)
	}
	if p := preview(string(text)); len(p.Questions) != 3 {
		t.Errorf("%d questions with a corrected layout, want 3", len(p.Questions))
	}
	if r.head(here) != before {
		t.Error("something was stored")
	}
	q := r.takeIn(4, 0)
	put := request{method: "PUT", path: "/questionnaires/" + q.Id + "/layout", body: l, header: map[string]string{"If-Match": `"1"`}}
	var got Questionnaire
	r.do(put).want(t, 200, "").into(t, &got)
	if got.Questions != 3 || got.Version != 2 || got.Job == "" {
		t.Errorf("got %+v", got)
	}
	r.do(put).want(t, 412, "stale")
	r.drafted(q.Id, 0.9)
	put.header["If-Match"] = `"2"`
	r.do(put).want(t, 409, "answered")
	if p := preview(""); len(p.Questions) != 3 || !p.Remembered {
		t.Errorf("%d questions of another file of this shape, remembered %v", len(p.Questions), p.Remembered)
	}
	if q := r.takeIn(4, 0); q.Questions != 3 {
		t.Errorf("%d questions of another file of this shape", q.Questions)
	}
	if q := r.takeIn(9, 0); q.Questions != 9 {
		t.Errorf("%d questions of a longer file of this shape", q.Questions)
	}
	l.Sheets[0].Tables[0].Columns = nil
	put.body = l
	r.do(put).want(t, 400, "invalid_request")
	put.body = `{"format":"csv","sheets":[{"name":"","tables":[{"rows":{"first":2,"last":3},"columns":[{"column":"A","role":"ref"}]}]}]}`
	r.do(put).want(t, 422, "invalid_layout")
}

// rows reads an answered CSV file.
func rows(t *testing.T, text []byte) [][]string {
	t.Helper()
	list, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestExports: what hinders an export is named; a part goes out only if that is
// said; each is recorded, and can be had again as it went out.
func TestExports(t *testing.T) {
	t.Parallel()
	r := start(t)
	q := r.takeIn(3, 0.9)
	at := "/questionnaires/" + q.Id
	r.do(request{method: "POST", path: at + "/answers/1/decisions", body: DecisionContent{Kind: "approve", Revision: 1}}).want(t, 200, "")
	before := r.head(here)
	got := r.do(request{method: "POST", path: at + "/exports", body: ExportContent{}}).want(t, 409, "incomplete")
	if !contains(string(got.body), `"current":[{"n":2,"ref":"2","state":"drafted"},{"n":3,"ref":"3","state":"drafted"}]`) {
		t.Errorf("got %s", got.body)
	}
	if r.head(here) != before {
		t.Error("something was stored")
	}
	var part, all Export
	r.do(request{method: "POST", path: at + "/exports", body: ExportContent{AllowPartial: true}}).want(t, 201, "").into(t, &part)
	if !part.Partial || part.Sent != 1 || !slices.Equal(part.Open, []int{2, 3}) || part.By != "user:reviewer" {
		t.Errorf("got %+v", part)
	}
	r.do(request{method: "POST", path: at + "/decisions", body: DecisionsContent{Answers: []AnswerAt{{N: 2, Revision: 1}}}}).want(t, 200, "")
	r.do(request{method: "POST", path: at + "/answers/3/decisions", body: DecisionContent{Kind: "leave", Revision: 1, Note: "not ours"}}).want(t, 200, "")
	r.do(request{method: "POST", path: at + "/exports", body: ExportContent{}}).want(t, 201, "").into(t, &all)
	var list ExportList
	r.do(request{path: at + "/exports"}).want(t, 200, "").into(t, &list)
	if len(list.Exports) != 2 || list.Exports[0].Id != part.Id || list.Exports[1].Partial {
		t.Errorf("got %+v", list)
	}
	for e, want := range map[*Export][]string{&part: {"Yes", "", ""}, &all: {"Yes", "Yes", ""}} {
		file := rows(t, r.do(request{path: at + "/exports/" + e.Id + "/file"}).want(t, 200, "").body)
		for i, answer := range want {
			if file[i+1][3] != answer {
				t.Errorf("partial %v, row %d: %q, want %q", e.Partial, i+1, file[i+1][3], answer)
			}
		}
	}
	r.do(request{path: at + "/exports/" + engineID + "/file"}).want(t, 404, "not_found")
	other := r.takeIn(1, 0)
	r.do(request{path: "/questionnaires/" + other.Id + "/exports/" + all.Id + "/file"}).want(t, 404, "not_found")
	if left, err := os.ReadDir(r.Temp); err != nil || len(left) != 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
	r.wholeLog()
}

// TestExportsThatFail: answers that change meanwhile, a file that takes too
// long, and too many at once leave nothing behind.
func TestExportsThatFail(t *testing.T) {
	t.Parallel()
	var meanwhile func()
	r := start(t, func(o *Options) {
		o.Limits.Export, o.Limits.Exports = 5*time.Second, 1
		o.WriteAnswers = func(ctx context.Context, src, dst string, values []engine.PartValue, overwrite bool) error {
			meanwhile()
			if err := ctx.Err(); err != nil {
				return err
			}
			return writeAnswers(ctx, src, dst, values, overwrite)
		}
	})
	q := r.takeIn(2, 0.9)
	export := request{method: "POST", path: "/questionnaires/" + q.Id + "/exports", body: ExportContent{AllowPartial: true}}
	approve := func(n int) {
		r.do(request{method: "POST", path: fmt.Sprintf("/questionnaires/%s/answers/%d/decisions", q.Id, n), body: DecisionContent{Kind: "approve", Revision: 1}}).want(t, 200, "")
	}
	approve(1)
	meanwhile = func() { approve(2) }
	r.do(export).want(t, 409, "conflict")
	meanwhile = func() {
		other := export
		r.do(other).want(t, 429, "too_many_exports")
	}
	r.do(export).want(t, 201, "")
	r.Limits.Export = time.Nanosecond
	meanwhile = func() { time.Sleep(time.Millisecond) }
	if got := r.do(export); got.status != http.StatusServiceUnavailable {
		t.Errorf("got %d: %s", got.status, got.body)
	}
	list, err := r.store.Exports(t.Context(), here, q.Id)
	if err != nil || len(list) != 1 {
		t.Errorf("%d exports, want 1 (%v)", len(list), err)
	}
	if left, err := os.ReadDir(r.Temp); err != nil || len(left) != 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	r := start(t)
	got := r.do(request{path: "/settings"}).want(t, 200, "")
	if got.header.Get("ETag") != `"0"` || !contains(string(got.body), `"propose":true`) {
		t.Errorf("%v %s", got.header, got.body)
	}
	put := request{method: "PUT", path: "/settings", who: "admin", body: SettingsContent{FourEyes: true, MinConfidence: 0.5, MaxAgeDays: 10, Citations: "short"}}
	r.do(put).want(t, 428, "if_match_required")
	put.header = map[string]string{"If-Match": `"0"`}
	var s Settings
	r.do(put).want(t, 200, "").into(t, &s)
	if s.Version != 1 || !s.FourEyes || s.Propose {
		t.Errorf("got %+v", s)
	}
	if got := r.do(put).want(t, 412, "stale"); !contains(string(got.body), `"version":1`) {
		t.Errorf("got %s", got.body)
	}
	put.header["If-Match"] = `"1"`
	put.body = map[string]any{"four_eyes": true}
	r.do(put).want(t, 400, "invalid_request")
	put.body = SettingsContent{MinConfidence: 1.5, Citations: "none"}
	r.do(put).want(t, 400, "invalid_request")
}
