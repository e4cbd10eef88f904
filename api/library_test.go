package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/importers"
)

func ptr[T any](v T) *T { return &v }

func match(version int) map[string]string {
	return map[string]string{"If-Match": fmt.Sprintf(`"%d"`, version)}
}

// TestEntriesAreMarked: what is sent is marked, the rest stays, and the history
// says who did what.
func TestEntriesAreMarked(t *testing.T) {
	t.Parallel()
	r := start(t)
	e := r.addEntry("Is it so?")
	path := "/entries/" + e.Id
	ann := r.joined("ann", engine.RoleContributor)
	mark := func(version int, m EntryMarks) reply {
		t.Helper()
		return r.do(request{method: "PATCH", path: path, body: m, header: match(version)})
	}
	r.do(request{method: "PATCH", path: path, body: EntryMarks{}}).want(t, 428, "if_match_required")
	got := mark(1, EntryMarks{Owner: &ann, Visibility: EntryMarksVisibility("nda"), Products: &[]string{"Vault", "Vault", "Edge"}, Language: ptr("en"), ReviewBy: ptr("2031-01-31")}).want(t, 200, "")
	got.into(t, &e)
	if e.Version != 2 || e.Owner != ann || e.Visibility != "nda" || strings.Join(e.Products, " ") != "Vault Edge" || e.Language != "en" || e.ReviewBy.String() != "2031-01-31" || e.Text != "It is so." || got.header.Get("ETag") != `"2"` {
		t.Errorf("got %s", got.body)
	}
	if mark(2, EntryMarks{Visibility: "nda"}).want(t, 200, "").into(t, &e); e.Version != 2 {
		t.Errorf("the same marks made version %d", e.Version)
	}
	var p Problem
	mark(1, EntryMarks{Language: ptr("de")}).want(t, 412, "stale").into(t, &p)
	if current, _ := p.Current.(map[string]any); current["version"] != 2.0 {
		t.Errorf("current is %v", p.Current)
	}
	mark(9, EntryMarks{Language: ptr("de")}).want(t, 412, "stale")
	mark(2, EntryMarks{Owner: ptr("nobody")}).want(t, 422, "invalid")
	mark(2, EntryMarks{Products: &[]string{"a;b"}}).want(t, 422, "invalid")
	mark(2, EntryMarks{ReviewBy: ptr("2031-02-31")}).want(t, 422, "invalid")
	for _, body := range []string{`{"visibility":"secret"}`, `{"language":"english"}`, `{"review_by":"soon"}`, `{"text":"x"}`} {
		r.do(request{method: "PATCH", path: path, body: body, header: match(2)}).want(t, 400, "invalid_request")
	}
	r.addEntry("Is it unmarked?")
	for query, want := range map[string]int{
		"visibility=nda": 1, "visibility=unmarked": 1, "visibility=public": 0, "product=Vault": 1, "product=Va": 0, "language=en": 1, "language=de": 0, "owner=" + ann: 1, "reviewed_before=2020-01-01": 2,
	} {
		var list EntryPage
		r.do(request{path: "/entries?" + query}).want(t, 200, "").into(t, &list)
		if len(list.Entries) != want {
			t.Errorf("%s: %d entries, want %d", query, len(list.Entries), want)
		}
	}
	e = Entry{}
	mark(2, EntryMarks{ReviewBy: ptr(""), Visibility: "unmarked", Owner: ptr("")}).want(t, 200, "").into(t, &e)
	if e.Version != 3 || !e.ReviewBy.IsZero() || e.Visibility != "" || e.Owner != "" || len(e.Products) != 2 {
		t.Errorf("got %+v", e)
	}
	var h EntryHistory
	r.do(request{path: path + "/history"}).want(t, 200, "").into(t, &h)
	if len(h.Versions) != 3 || len(h.Versions[0].Changes) != 0 || len(h.Versions[2].Changes) != 3 || h.Versions[2].By != "user:reviewer" || h.Versions[2].At.IsZero() {
		t.Errorf("history %+v", h)
	}
	if c := h.Versions[2].Changes; len(c) == 3 && (c[0].Field != "owner" || c[0].Before != ann || c[0].After != "" || c[1].Field != "review_by" || c[2].Field != "visibility") {
		t.Errorf("changes %+v", c)
	}
	r.do(request{path: "/entries/01890000-0000-7000-8000-000000000000/history"}).want(t, 404, "not_found")

	// What an import wrote as owner stays as long as nobody changes it.
	imported := r.put(engine.Entry{Question: "Who owns it?", Text: "A team.", Owner: "Security", Source: engine.Source{File: "a.csv"}})
	c := EntryContent{Question: "Who owns it?", Text: "A team does.", Owner: "Security", Visibility: "public", Language: "en", Products: []string{"Vault"}}
	r.do(request{method: "PUT", path: "/entries/" + imported.ID, body: c, header: match(1)}).want(t, 200, "")
	c.Owner = "Sales"
	r.do(request{method: "PUT", path: "/entries/" + imported.ID, body: c, header: match(2)}).want(t, 422, "invalid")
}

// TestProposalsAreDecided: once, against the version that was seen, by whoever
// may decide or owns the entry.
func TestProposalsAreDecided(t *testing.T) {
	t.Parallel()
	r := start(t)
	entry := func(n int, owner string) engine.Entry {
		return r.put(engine.Entry{Question: fmt.Sprintf("Is thing %d so?", n), Verdict: engine.VerdictYes, Text: "It is.", Owner: owner, Source: engine.Source{File: "a.csv"}})
	}
	e := entry(1, "")
	p := r.propose(e, "It is indeed.")
	at := "/proposals/" + p.ID
	var list ProposalPage
	r.propose(entry(2, ""), "It is indeed.")
	fresh := engine.Entry{Question: "Is it new?", Verdict: engine.VerdictNo, Text: "It is not."}
	added := r.propose(fresh, "It is not, so far.")
	r.do(request{path: "/proposals?limit=2"}).want(t, 200, "").into(t, &list)
	first := list
	list = ProposalPage{}
	r.do(request{path: "/proposals?limit=2&after=" + first.Next}).want(t, 200, "").into(t, &list)
	if len(first.Proposals) != 2 || first.Proposals[0].Id != p.ID || len(list.Proposals) != 1 {
		t.Errorf("pages %+v and %+v", first, list)
	}
	for query, want := range map[string]int{"kind=new": 1, "kind=wording": 2, "kind=conflict": 0, "state=open": 3, "state=accepted": 0, "entry=" + e.ID: 1, "questionnaire=q-1": 3, "questionnaire=x": 0} {
		list = ProposalPage{}
		r.do(request{path: "/proposals?" + query}).want(t, 200, "").into(t, &list)
		if len(list.Proposals) != want {
			t.Errorf("%s: %d proposals, want %d", query, len(list.Proposals), want)
		}
	}
	accept := func(id, who string, version int, a Acceptance) reply {
		t.Helper()
		return r.do(request{method: "POST", path: "/proposals/" + id + "/accept", who: who, body: a, header: match(version)})
	}

	// The entry moves on: both versions are shown, and nothing is done.
	r.do(request{method: "PUT", path: "/entries/" + e.ID, body: EntryContent{Question: e.Question, Verdict: "yes", Text: "It is, by now."}, header: match(1)}).want(t, 200, "")
	var d ProposalDetail
	got := r.do(request{path: at}).want(t, 200, "")
	if got.into(t, &d); got.header.Get("ETag") != `"2"` || d.Entry.Text != "It is, by now." || d.Was.Text != "It is." || d.Proposal.Proposed.Text != "It is indeed." {
		t.Errorf("got %s with %s", got.body, got.header.Get("ETag"))
	}
	r.do(request{method: "POST", path: at + "/accept", body: Acceptance{}}).want(t, 428, "if_match_required")
	for _, seen := range []int{0, 1} {
		got = accept(p.ID, "", seen, Acceptance{}).want(t, 412, "stale")
		if !contains(string(got.body), "It is, by now.") || seen == 1 && !contains(string(got.body), `"yours":{`) {
			t.Errorf("seen %d: %s", seen, got.body)
		}
	}
	accept(p.ID, "viewer", 2, Acceptance{}).want(t, 403, "forbidden")
	accept(p.ID, "contributor", 2, Acceptance{}).want(t, 403, "forbidden")
	var done AcceptedProposal
	accept(p.ID, "", 2, Acceptance{Note: "better"}).want(t, 200, "").into(t, &done)
	if done.Proposal.State != "accepted" || done.Proposal.DecidedBy != "user:reviewer" || done.Proposal.Note != "better" || done.Entry.Version != 3 || done.Entry.Text != "It is indeed." || done.Entry.ReviewedAt.IsZero() {
		t.Errorf("got %+v", done)
	}
	if got = accept(p.ID, "", 3, Acceptance{}).want(t, 409, "conflict"); !contains(string(got.body), `"state":"accepted"`) {
		t.Errorf("got %s", got.body)
	}

	// A new one has no version to see; an entry that came meanwhile is shown.
	twin := r.put(engine.Entry{Question: fresh.Question, Verdict: engine.VerdictYes, Text: "It is.", Source: engine.Source{File: "b.csv"}})
	if got = accept(added.ID, "", 0, Acceptance{}).want(t, 409, "conflict"); !contains(string(got.body), twin.ID) {
		t.Errorf("got %s", got.body)
	}
	accept(added.ID, "", 0, Acceptance{AsNew: true}).want(t, 200, "").into(t, &done)
	if done.Entry.Version != 1 || done.Entry.Id == twin.ID {
		t.Errorf("got %+v", done.Entry)
	}

	// An owner decides on what they own, without the right to decide.
	mine := r.propose(entry(3, "contributor"), "It is, as I know.")
	accept(mine.ID, "contributor", 1, Acceptance{}).want(t, 200, "")
	other := r.propose(entry(4, "contributor"), "It is, they say.")
	var rejected Proposal
	r.do(request{method: "POST", path: "/proposals/" + other.ID + "/reject", who: "contributor", body: Rejection{Note: "no"}}).want(t, 200, "").into(t, &rejected)
	if rejected.State != "rejected" || rejected.Note != "no" || rejected.DecidedBy != "user:contributor" {
		t.Errorf("got %+v", rejected)
	}
	r.do(request{method: "POST", path: "/proposals/" + other.ID + "/reject", body: Rejection{}}).want(t, 409, "conflict")
	r.do(request{method: "POST", path: "/proposals/01890000-0000-7000-8000-000000000000/reject", body: Rejection{}}).want(t, 404, "not_found")
	r.do(request{path: "/proposals/01890000-0000-7000-8000-000000000000"}).want(t, 404, "not_found")
}

// TestScopesDecideOnProposals: a token that may write and not decide has no more
// than that, though its user is a reviewer.
func TestScopesDecideOnProposals(t *testing.T) {
	t.Parallel()
	x := &call{workspace: here, who: writing("reviewer")}
	if who := x.decider(); engine.May(who.Role, engine.ActionProposalDecide) || !engine.May(who.Role, engine.ActionAnswerEdit) {
		t.Errorf("decides as %s", who.Role)
	}
	x.who = writing("viewer")
	if who := x.decider(); who.Role != engine.RoleViewer {
		t.Errorf("a viewer decides as %s", who.Role)
	}
}

// TestAnswersGoStale: an approved answer stays as long as what it cites answers
// the same, and goes stale with every way to change that.
func TestAnswersGoStale(t *testing.T) {
	t.Parallel()
	r := start(t)
	ann := r.joined("ann", engine.RoleReviewer)
	q := r.questionnaire(6)
	entries := make([]Entry, 3)
	for i := range entries {
		entries[i] = r.addEntry(fmt.Sprintf("Is thing %d so?", i))
		r.approved(q, i+1, engine.Citation{Kind: engine.PassageEntry, ID: entries[i].Id, Version: 1})
	}
	list := "question,answer,explanation\nIs it imported?,Yes,It is.\n"
	r.upload("list.csv", list).want(t, 200, "")
	var page EntryPage
	r.do(request{path: "/entries?file=list.csv"}).want(t, 200, "").into(t, &page)
	r.approved(q, 4, engine.Citation{Kind: engine.PassageEntry, ID: page.Entries[0].Id, Version: 1})
	r.importRegister("r.yaml", registerYAML).want(t, 200, "")
	var controls ControlPage
	r.do(request{path: "/controls"}).want(t, 200, "").into(t, &controls)
	c := controls.Controls[0]
	r.approved(q, 5, engine.Citation{Kind: engine.PassageControl, ID: c.Id, Version: c.Version})
	r.approved(q, 6, engine.Citation{Kind: engine.PassageControl, ID: c.Id, Version: c.Version})
	is := func(when string, n int, want engine.AnswerState) {
		t.Helper()
		if got := r.state(q, n); got != want {
			t.Errorf("%s: answer %d is %s, want %s", when, n, got, want)
		}
	}

	e := entries[0]
	r.do(request{method: "PATCH", path: "/entries/" + e.Id, body: EntryMarks{Owner: &ann}, header: match(1)}).want(t, 200, "")
	r.do(request{method: "PUT", path: "/entries/" + e.Id, body: EntryContent{Question: e.Question, Verdict: e.Verdict, Text: e.Text, Owner: ann, Section: "Other"}, header: match(2)}).want(t, 200, "")
	is("another owner and section", 1, engine.AnswerApproved)
	change := request{method: "PUT", path: "/entries/" + e.Id, body: EntryContent{Question: e.Question, Verdict: "no", Text: "Not any more."}, header: match(2)}
	r.do(change).want(t, 412, "stale")
	is("a change that was refused", 1, engine.AnswerApproved)
	change.header = match(3)
	r.do(change).want(t, 200, "")
	is("another answer", 1, engine.AnswerStale)
	is("another entry's answer", 2, engine.AnswerApproved)

	p := r.propose(engine.Entry{ID: entries[1].Id, Question: entries[1].Question, Verdict: "yes"}, "It is so, and better said.")
	r.do(request{method: "POST", path: "/proposals/" + p.ID + "/accept", body: Acceptance{}, header: match(1)}).want(t, 200, "")
	is("an accepted proposal", 2, engine.AnswerStale)

	r.upload("list.csv", list).want(t, 200, "")
	is("the same import", 4, engine.AnswerApproved)
	r.upload("list.csv", strings.Replace(list, "It is.", "It was.", 1)).want(t, 200, "")
	is("another import", 4, engine.AnswerStale)

	owned := ControlContent{Ref: c.Ref, Title: c.Title, Description: c.Description, Criteria: c.Criteria, Status: c.Status, Owner: "Ops"}
	r.do(request{method: "PUT", path: "/controls/" + c.Id, body: owned, header: match(c.Version)}).want(t, 200, "")
	is("another owner of the control", 5, engine.AnswerApproved)
	owned.Status = "planned"
	r.do(request{method: "PUT", path: "/controls/" + c.Id, body: owned, header: match(c.Version + 1)}).want(t, 200, "")
	is("another status of the control", 5, engine.AnswerStale)
	r.approved2(q, 6, engine.Citation{Kind: engine.PassageControl, ID: c.Id, Version: c.Version + 2})
	is("approved again", 6, engine.AnswerApproved)
	body, header := fileForm("c.csv", "id,title,description,status\n"+c.Ref+",Encryption,Other text,implemented\n")
	r.do(request{method: "POST", path: "/controls/import", body: body, header: header}).want(t, 200, "")
	is("an import of controls", 6, engine.AnswerStale)
	is("what nobody touched", 3, engine.AnswerApproved)
}

// approved2 is approved for an answer that has one revision.
func (r *rig) approved2(questionnaire string, n int, cite engine.Citation) {
	r.t.Helper()
	_, err := r.store.PutRevision(r.t.Context(), here, engine.AnswerRevision{
		Questionnaire: questionnaire, N: n, Number: 1, Author: "user:ann",
		Revision: &engine.Revision{Verdict: engine.VerdictYes, Text: "It is so.", Origin: engine.OriginReuse, Citations: []engine.Citation{cite}},
	}, engine.AnswerApproved)
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestLibraryIsTidiedUp: what needs a review, is there twice or contradicts
// itself, in pages that go on where what they ended with is gone.
func TestLibraryIsTidiedUp(t *testing.T) {
	t.Parallel()
	r := start(t)
	past := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for i := range 3 {
		e := engine.Entry{Question: fmt.Sprintf("Is number %d encrypted?", i), Verdict: engine.VerdictYes, Text: "It is.", Source: engine.Source{File: "a.csv"}}
		e.ReviewedAt = &past
		if i > 0 {
			e.ReviewBy = ptr(past.AddDate(0, i, 0))
		}
		r.put(e)
		e.ReviewBy, e.Source.File = nil, "b.csv"
		r.put(e)
		e.Verdict, e.Text, e.Source.File = engine.VerdictNo, "It is not.", "c.csv"
		r.put(e)
	}
	pages := func(path, field string) (n int) {
		t.Helper()
		next := ""
		for {
			var body map[string]any
			q := request{path: path}
			if next != "" {
				q.path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "after=" + next
			}
			r.do(q).want(t, 200, "").into(t, &body)
			list, _ := body[field].([]any)
			n += len(list)
			if next, _ = body["next"].(string); next == "" {
				return n
			}
			if len(list) != 1 {
				t.Fatalf("%s: a page of %d, want 1", path, len(list))
			}
		}
	}
	for path, want := range map[string]int{
		"/library/stale?on=2026-03-15&limit=1":                 1, // past its own day
		"/library/stale?on=2026-04-15&limit=1":                 2,
		"/library/stale?on=2026-04-15&max_age_days=30&limit=1": 9,
		"/library/stale?on=2029-01-01&max_age_days=0&limit=1":  2,
		"/library/stale?on=2029-01-01&limit=1":                 9, // the workspace's setting
	} {
		if n := pages(path, "entries"); n != want {
			t.Errorf("%s: %d, want %d", path, n, want)
		}
	}
	if n := pages("/library/duplicates?limit=1", "groups"); n != 3 {
		t.Errorf("%d groups of duplicates, want 3", n)
	}
	if n := pages("/library/conflicts?limit=1", "conflicts"); n != 3 {
		t.Errorf("%d conflicts, want 3", n)
	}
	// One is settled between two pages.
	var first, second EntryConflictPage
	r.do(request{path: "/library/conflicts?limit=1"}).want(t, 200, "").into(t, &first)
	c := first.Conflicts[0]
	r.do(request{method: "PUT", path: "/entries/" + c.B.Id, body: EntryContent{Question: c.B.Question, Verdict: "yes", Text: "It is."}, header: match(1)}).want(t, 200, "")
	r.do(request{path: "/library/conflicts?limit=1&after=" + first.Next}).want(t, 200, "").into(t, &second)
	if len(second.Conflicts) != 1 || second.Conflicts[0].A.Id <= c.A.Id {
		t.Errorf("after the first was settled: %+v", second)
	}
	if n := pages("/library/conflicts?limit=1", "conflicts"); n != 2 {
		t.Errorf("%d conflicts after one was settled, want 2", n)
	}
	var groups DuplicatePage
	r.do(request{path: "/library/duplicates"}).want(t, 200, "").into(t, &groups)
	if len(groups.Groups) != 3 || len(groups.Groups[0].Entries) != 3 {
		t.Errorf("groups %+v", groups)
	}
	r.do(request{path: "/library/duplicates?after=" + first.Next}).want(t, 400, "invalid_cursor")
}

// TestLibraryIsExported: what goes out comes in again and changes nothing.
func TestLibraryIsExported(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, form := range []string{"csv", "json"} {
		if got := r.do(request{path: "/library/export?format=" + form}).want(t, 200, ""); form == "json" && string(got.body) != "{\n  \"entries\": []\n}\n" {
			t.Errorf("an empty library is %s", got.body)
		}
	}
	r.addEntries(20)
	r.put(engine.Entry{Question: "=HYPERLINK(1)", Text: "<script>", Tags: []string{"a", "b"}, Visibility: "nda", Products: []string{"Vault"}, Language: "en", Source: engine.Source{File: "x.csv", Ref: "R-1"}})
	for form, kind := range map[string]string{"csv": "text/csv", "json": "application/json"} {
		got := r.do(request{path: "/library/export?format=" + form}).want(t, 200, "")
		if got.header.Get("Content-Type") != kind || got.header.Get("Content-Disposition") != `attachment; filename="library.`+form+`"` {
			t.Errorf("%s: headers %v", form, got.header)
		}
		l, err := importers.ReadEntries(t.Context(), writeFile(t, "library."+form, string(got.body)))
		if err != nil || len(l.Entries) != 21 || len(l.Problems) != 0 {
			t.Fatalf("%s: %d entries read back, %v, %v", form, len(l.Entries), l.Problems, err)
		}
		if e := l.Entries[20]; e.Visibility != "nda" || len(e.Products) != 1 || e.Language != "en" || len(e.Tags) != 2 || e.Source.Ref != "R-1" {
			t.Errorf("%s: got %+v", form, e)
		}
	}
}

// TestTuning: lexicon and calibration are read and changed against what was
// seen, and what does not fit is refused by its line.
func TestTuning(t *testing.T) {
	t.Parallel()
	r := start(t)
	tagOf := func(path string) string {
		return r.do(request{path: path}).want(t, 200, "").header.Get("ETag")
	}
	put := func(path, tag string, body any) reply {
		t.Helper()
		return r.do(request{method: "PUT", path: path, who: "admin", body: body, header: map[string]string{"If-Match": tag}})
	}
	none := tagOf("/lexicon")
	r.do(request{method: "PUT", path: "/lexicon", body: Lexicon{"waf: Fortress\n"}}).want(t, 428, "if_match_required")
	got := put("/lexicon", none, Lexicon{"waf: Fortress\n"}).want(t, 200, "")
	tag := got.header.Get("ETag")
	if tag != tagOf("/lexicon") || tag == none {
		t.Errorf("ETag %s, read %s, before %s", tag, tagOf("/lexicon"), none)
	}
	if got = put("/lexicon", none, Lexicon{"waf: Castle\n"}).want(t, 412, "stale"); !contains(string(got.body), "Fortress") {
		t.Errorf("got %s", got.body)
	}
	var p Problem
	put("/lexicon", tag, Lexicon{"waf: Castle\n[nonsense]\nx: y\n"}).want(t, 422, "invalid").into(t, &p)
	if len(p.Errors) == 0 || p.Errors[0].Line != 2 || p.Errors[0].Detail == "" {
		t.Errorf("errors %+v", p.Errors)
	}
	put("/lexicon", "W/"+tag, Lexicon{}).want(t, 200, "")
	if tagOf("/lexicon") != none {
		t.Errorf("without lines the ETag is %s, want %s", tagOf("/lexicon"), none)
	}

	none = tagOf("/calibration")
	c := &engine.Calibration{Slope: 1.25, Bias: -0.5, Questions: 100, Questionnaires: 3, MadeAt: time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC), Curve: []engine.CalibrationStep{{Threshold: 0.7, Coverage: 0.5, Precision: 0.9}}}
	tag = put("/calibration", none, CalibrationState{c}).want(t, 200, "").header.Get("ETag")
	var state CalibrationState
	r.do(request{path: "/calibration"}).want(t, 200, "").into(t, &state)
	if state.Calibration == nil || state.Calibration.Slope != 1.25 || len(state.Calibration.Curve) != 1 || tag != tagOf("/calibration") {
		t.Errorf("got %+v", state)
	}
	bad := *c
	bad.Slope = 0
	put("/calibration", tag, CalibrationState{&bad}).want(t, 422, "invalid")
	put("/calibration", none, CalibrationState{}).want(t, 412, "stale")
	put("/calibration", tag, CalibrationState{}).want(t, 200, "")
	if tagOf("/calibration") != none {
		t.Error("it is not as shipped again")
	}
	r.do(request{method: "PUT", path: "/calibration", body: CalibrationState{}, header: map[string]string{"If-Match": none}}).want(t, http.StatusForbidden, "forbidden")
}
