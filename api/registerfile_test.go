package api

import (
	"io"
	"strings"
	"testing"

	"vouch/fixtures"
)

// TestRegisterFiles: a file is laid over the register whole or not at all, and
// each problem says where it stands.
func TestRegisterFiles(t *testing.T) {
	t.Parallel()
	r := start(t)
	var change RegisterChange
	r.importRegister("../register.yaml", registerYAML).want(t, 200, "").into(t, &change)
	if change.File != "register.yaml" || change.Version != 1 || change.Reports.Added != 1 || change.Evidence.Added != 1 || change.Controls.Added != 1 {
		t.Errorf("got %+v", change)
	}
	r.importRegister("register.yaml", registerYAML).want(t, 200, "").into(t, &change)
	if change.Version != 1 || change.Reports.Unchanged != 1 || change.Controls.Unchanged != 1 {
		t.Errorf("the same file again: %+v", change)
	}
	r.importRegister("more.json", `{"evidence":[{"id":"EV-2","control":"CR-01","title":"x","collected_at":"2026-06-01"}]}`).want(t, 200, "").into(t, &change)
	if change.Version != 2 || change.Evidence.Added != 1 || change.Evidence.Unchanged != 1 {
		t.Errorf("got %+v", change)
	}
	r.importRegister("tests.csv", "id,control,title,collected_at\nEV-3,CR-01,y,2026-06-02\n").want(t, 200, "")
	before := r.head(here)

	var p Problem
	wrong := strings.Replace(strings.Replace(registerYAML, "type: 2", "type: 3", 1), "    status: implemented", "    status: splendid", 1)
	r.importRegister("wrong.yaml", wrong).want(t, 422, "file_refused").into(t, &p)
	if len(p.Errors) < 2 {
		t.Fatalf("errors %+v", p.Errors)
	}
	for _, e := range p.Errors {
		if e.File != "wrong.yaml" || e.Line == 0 || e.Column == 0 || e.Field == "" || e.Detail == "" || contains(e.Detail, "splendid") {
			t.Errorf("error %+v", e)
		}
	}
	r.importRegister("wrong.yaml", registerYAML+"    colour: red\n").want(t, 422, "file_refused").into(t, &p)
	if e := p.Errors[0]; e.Line != 23 || e.Column != 5 || !contains(e.Field, "colour") {
		t.Errorf("error %+v", e)
	}
	r.importRegister("wrong.csv", "id,control,title,collected_at\nEV-9,CR-01,y,soon\n").want(t, 422, "file_refused").into(t, &p)
	if e := p.Errors[0]; e.File != "wrong.csv" || e.Line != 2 || !contains(e.At, "2") {
		t.Errorf("error %+v", e)
	}
	r.importRegister("alone.json", `{"evidence":[{"id":"EV-9","control":"NONE","title":"x","collected_at":"2026-06-01"}]}`).want(t, 422, "file_refused").into(t, &p)
	if len(p.Errors) == 0 {
		t.Error("evidence of a control that is not there was taken")
	}
	r.importRegister("none.yaml", "[1, 2").want(t, 422, "file_refused")
	if r.head(here) != before {
		t.Error("something of a file with problems was stored")
	}

	body, header := fileForm("again.yaml", registerYAML+"  - id: EV-4\n    control: CR-01\n    title: z\n    collected_at: 2026-06-03\n")
	header["Idempotency-Key"] = "k"
	q := request{method: "POST", path: "/register/import", who: "admin", body: body, header: header}
	first, again := r.do(q).want(t, 200, ""), r.do(q).want(t, 200, "")
	if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %s, then %s", first.body, again.body)
	}
}

// TestFixtureRegister: the sample register goes in as YAML, JSON and workbook,
// and says the same each time.
func TestFixtureRegister(t *testing.T) {
	t.Parallel()
	r := start(t)
	for i, name := range []string{"register.yaml", "register.json", "register.xlsx"} {
		f, err := fixtures.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		var change RegisterChange
		r.importRegister(name, string(text)).want(t, 200, "").into(t, &change)
		if change.Version != 1 || i > 0 && change.Reports.Added+change.Reports.Changed+change.Controls.Added+change.Controls.Changed != 0 {
			t.Errorf("%s: %+v", name, change)
		}
	}
}

// TestReportsAndEvidence: with how they stand on a day, in pages; evidence is
// added once, of controls that there are.
func TestReportsAndEvidence(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.importRegister("r.yaml", registerYAML+"  - id: EV-2\n    control: CR-01\n    title: Older\n    collected_at: 2025-05-04\n").want(t, 200, "")
	var x ReportStanding
	for on, want := range map[string]string{"2026-06-30": "current", "2028-06-30": "lapsed", "2026-04-30": "future"} {
		r.do(request{path: "/reports/Soc2-2026?on=" + on}).want(t, 200, "").into(t, &x)
		if string(x.Standing) != want || x.Report.Auditor != "Hale" || x.Name == "" || x.CurrentUntil.String() != "2027-03-31" {
			t.Errorf("on %s: %+v", on, x)
		}
	}
	r.do(request{path: "/reports/none"}).want(t, 404, "not_found")
	var reports ReportPage
	r.do(request{path: "/reports?kind=iso27001"}).want(t, 200, "").into(t, &reports)
	if len(reports.Reports) != 0 {
		t.Errorf("got %+v", reports)
	}
	r.do(request{path: "/reports?limit=1"}).want(t, 200, "").into(t, &reports)
	if len(reports.Reports) != 1 || reports.Next != "" {
		t.Errorf("got %+v", reports)
	}

	add := func(c EvidenceContent) reply {
		t.Helper()
		return r.do(request{method: "POST", path: "/evidence", who: "admin", body: c, header: map[string]string{"Idempotency-Key": c.Title}})
	}
	var e Evidence
	for range 2 { // the same key
		add(EvidenceContent{Control: " cr-01 ", Title: "Review", Kind: "review", CollectedAt: day(2026, 6, 1), From: day(2026, 1, 1), To: day(2026, 3, 31), Location: "drive"}).want(t, 201, "").into(t, &e)
		if !contains(e.ID, "-001") || e.Control != "CR-01" || e.CollectedAt.String() != "2026-06-01" || e.To.String() != "2026-03-31" {
			t.Errorf("got %+v", e)
		}
	}
	add(EvidenceContent{Control: "NONE", Title: "a"}).want(t, 422, "invalid")
	add(EvidenceContent{Control: "CR-01", Title: "b", Id: "ev-1"}).want(t, 409, "exists")
	var p Problem
	add(EvidenceContent{Control: "CR-01", Title: "c", Kind: "rumour"}).want(t, 422, "invalid").into(t, &p)
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/kind" {
		t.Errorf("errors %+v", p.Errors)
	}
	var list EvidencePage
	r.do(request{path: "/evidence?on=2026-07-01&limit=2"}).want(t, 200, "").into(t, &list)
	first, next := list.Evidence, list.Next
	list = EvidencePage{}
	r.do(request{path: "/evidence?on=2026-07-01&limit=2&after=" + next}).want(t, 200, "").into(t, &list)
	if len(first) != 2 || len(list.Evidence) != 1 || first[0].Worth != "fresh" || first[1].Worth != "superseded" || list.Evidence[0].Worth != "superseded" {
		t.Errorf("pages %+v, %+v", first, list)
	}
	for query, want := range map[string]int{"control=cr-01": 3, "control=x": 0, "worth=fresh&on=2026-07-01": 1, "worth=superseded&on=2026-07-01": 2, "worth=to_come&on=2025-06-01": 2} {
		list = EvidencePage{}
		r.do(request{path: "/evidence?" + query}).want(t, 200, "").into(t, &list)
		if len(list.Evidence) != want {
			t.Errorf("%s: %d pieces, want %d", query, len(list.Evidence), want)
		}
	}
	page := r.do(request{path: "/readiness/page?on=2026-07-01"}).want(t, 200, "")
	if text := string(page.body); !contains(text, "<svg") || contains(text, "<script") || !contains(page.header.Get("Content-Security-Policy"), "style-src 'sha256-") {
		t.Errorf("page with %v: %.300s", page.header, text)
	}
}

// TestControlFiles: controls come in from a list, and go out as OSCAL that comes
// in again.
func TestControlFiles(t *testing.T) {
	t.Parallel()
	r := start(t)
	body, header := fileForm("controls.csv", "id,title,description,criteria,status\nC-1,One,Text one,CC6.1,implemented\nC-2,Two,Text two,CC6.2,planned\nC-3,,,,\n")
	var got ImportResult
	r.do(request{method: "POST", path: "/controls/import", body: body, header: header}).want(t, 200, "").into(t, &got)
	if got.Added != 2 || len(got.Refused) != 1 {
		t.Errorf("got %+v", got)
	}
	for form, part := range map[string]string{"oscal": `"component-definition"`, "csv": "C-2,", "json": `"C-2"`} {
		out := r.do(request{path: "/controls/export?format=" + form}).want(t, 200, "")
		if !contains(string(out.body), part) || !contains(out.header.Get("Content-Disposition"), `filename="controls.`+form) {
			t.Errorf("%s: %.200s with %v", form, out.body, out.header)
		}
		if form == "csv" {
			continue
		}
		var change RegisterChange
		if form == "oscal" {
			r.importRegister("c.json", string(out.body)).want(t, 200, "").into(t, &change)
			if change.Controls.Unchanged != 2 || change.Controls.Added+change.Controls.Changed != 0 {
				t.Errorf("imported again: %+v", change)
			}
		}
	}
}
