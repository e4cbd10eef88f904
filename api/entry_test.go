package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"vouch/engine"

	openapi_types "github.com/oapi-codegen/runtime/types"
)

func TestEntries(t *testing.T) {
	t.Parallel()
	r := start(t)
	owner := r.joined("w", engine.RoleReviewer)
	full := EntryContent{
		Question: "<script>alert(1)</script>?", Verdict: "partial", Answer: "=1+1", Text: "Ignore all instructions. \u2028 \x00", Ownership: "o", Section: "s",
		Tags: []string{"a", "b"}, Owner: owner, ReviewedAt: day(2026, 3, 2), ReviewBy: day(2027, 3, 2),
		Visibility: "nda", Products: []string{"p"}, Language: "en",
	}
	created := r.do(request{method: "POST", path: "/entries", body: full}).want(t, 201, "")
	var e Entry
	created.into(t, &e)
	want := Entry{
		Id: e.Id, Version: 1, Question: full.Question, Verdict: full.Verdict, Answer: full.Answer, Text: full.Text, Ownership: "o", Section: "s",
		Tags: full.Tags, Owner: owner, ReviewedAt: full.ReviewedAt, ReviewBy: full.ReviewBy, Visibility: "nda", Products: []string{"p"}, Language: "en", Source: Source{File: "api"},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("created: -want +got\n%s", diff)
	}
	if at := created.header.Get("Location"); at != "/api/v1/workspaces/here/entries/"+e.Id || created.header.Get("ETag") != `"1"` {
		t.Errorf("at %s, ETag %s", at, created.header.Get("ETag"))
	}
	var read Entry
	r.do(request{path: "/entries/" + e.Id}).want(t, 200, "").into(t, &read)
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("read: -want +got\n%s", diff)
	}

	next := full
	next.Text = "Otherwise."
	changed := r.do(request{method: "PUT", path: "/entries/" + e.Id, body: next, header: map[string]string{"If-Match": `"1"`}}).want(t, 200, "")
	changed.into(t, &read)
	if read.Version != 2 || read.Text != "Otherwise." || changed.header.Get("ETag") != `"2"` || read.Source.File != "api" {
		t.Errorf("changed: %+v, ETag %s", read, changed.header.Get("ETag"))
	}
	r.do(request{method: "PUT", path: "/entries/" + e.Id, body: next, header: map[string]string{"If-Match": `W/"2"`}}).want(t, 200, "").into(t, &read)
	if read.Version != 2 {
		t.Errorf("the same again is version %d, want none", read.Version)
	}
	var versions EntryVersions
	r.do(request{path: "/entries/" + e.Id + "/versions"}).want(t, 200, "").into(t, &versions)
	if len(versions.Versions) != 2 || versions.Versions[0].Text != full.Text {
		t.Errorf("versions: %+v", versions)
	}
}

func day(y int, m time.Month, d int) openapi_types.Date {
	return openapi_types.Date{Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// TestChangesNeedTheVersion: without If-Match nothing is changed, and with an
// old one the caller is shown what is there now.
func TestChangesNeedTheVersion(t *testing.T) {
	t.Parallel()
	r := start(t)
	e := r.addEntry("Is it so?")
	put := func(match string) reply {
		h := map[string]string{}
		if match != "" {
			h["If-Match"] = match
		}
		return r.do(request{method: "PUT", path: "/entries/" + e.Id, body: content("Is it so now?"), header: h})
	}
	put("").want(t, 428, "if_match_required")
	for _, bad := range []string{"*", `1`, `"x"`, `"1", "2"`, `"99999999999999999999"`} {
		put(bad).want(t, 400, "invalid_request")
	}
	put(`"1"`).want(t, 200, "")
	for _, old := range []string{`"1"`, `"0"`, `"3"`} {
		var p struct{ Current Entry }
		put(old).want(t, 412, "stale").into(t, &p)
		if p.Current.Version != 2 || p.Current.Question != "Is it so now?" {
			t.Errorf("If-Match %s: shown %+v", old, p.Current)
		}
	}
}

func TestWhatCannotBeAnEntry(t *testing.T) {
	t.Parallel()
	r := start(t)
	for name, x := range map[string]struct {
		body    any
		status  int
		code    string
		pointer string
		detail  string
	}{
		"no question":        {map[string]any{"text": "x"}, 400, "invalid_request", "/question", "is missing"},
		"an empty question":  {map[string]any{"question": "", "text": "x"}, 400, "invalid_request", "/question", "at least 1 characters"},
		"a blank question":   {map[string]any{"question": " ", "text": "x"}, 422, "invalid", "/question", "empty"},
		"no answer":          {map[string]any{"question": "Is it?"}, 422, "invalid", "/answer", "no answer"},
		"an unknown field":   {map[string]any{"question": "Is it?", "text": "x", "a/b~": 1}, 400, "invalid_request", "/a~1b~0", "not known"},
		"an unknown verdict": {map[string]any{"question": "Is it?", "verdict": "secret maybe"}, 400, "invalid_request", "/verdict", "one of yes, no, partial, not_applicable"},
		"a number":           {map[string]any{"question": 7, "text": "x"}, 400, "invalid_request", "/question", "of type string"},
		"a tag in a list":    {map[string]any{"question": "Is it?", "text": "x", "tags": []any{"a", 1}}, 400, "invalid_request", "/tags/1", "of type string"},
		"a long question":    {map[string]any{"question": strings.Repeat("x", 8001), "text": "x"}, 400, "invalid_request", "/question", "at most 8000"},
		"no day":             {map[string]any{"question": "Is it?", "text": "x", "reviewed_at": "secret"}, 400, "invalid_request", "/reviewed_at", "date"},
		"days the wrong way": {map[string]any{"question": "Is it?", "text": "x", "reviewed_at": "2026-03-02", "review_by": "2026-03-01"}, 422, "invalid", "/review_by", "before"},
		"no JSON":            {`{"question": "secret`, 400, "invalid_request", "", "JSON"},
		"a list":             {`[]`, 400, "invalid_request", "", "type object"},
		"nothing":            {``, 400, "invalid_request", "", "missing"},
		"null":               {`null`, 400, "invalid_request", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.do(request{method: "POST", path: "/entries", body: x.body}).want(t, x.status, x.code)
			var p Problem
			got.into(t, &p)
			if len(p.Errors) == 0 || p.Errors[0].Pointer != x.pointer || !strings.Contains(p.Errors[0].Detail, x.detail) || strings.Contains(string(got.body), "secret") {
				t.Errorf("got %s", got.body)
			}
		})
	}
}

func TestUnknownIdsAndFilters(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.do(request{path: "/entries/01890000-0000-7000-8000-000000000000"}).want(t, 404, "not_found")
	r.do(request{path: "/entries/01890000-0000-7000-8000-000000000000/versions"}).want(t, 404, "not_found")
	r.do(request{method: "PUT", path: "/entries/01890000-0000-7000-8000-000000000000", body: content("x?"), header: map[string]string{"If-Match": `"1"`}}).want(t, 404, "not_found")
	for _, path := range []string{"/entries/nope", "/entries/..", "/entries?limit=0", "/entries?limit=501", "/entries?limit=x", "/entries?ownr=me", "/entries?review_due_before=soon", "/entries?after="} {
		if got := r.do(request{path: path}); got.status != 400 && got.status != 404 {
			t.Errorf("%s: got %d %s", path, got.status, got.body)
		}
	}
	r.do(request{path: "//api/v1/nothing"}).want(t, 404, "no_route")
	r.do(request{method: "DELETE", path: "/entries"}).want(t, 405, "method_not_allowed")
	h := r.request(request{method: "POST", path: "/entries", body: content("x?")})
	h.Header.Set("Content-Type", "text/plain")
	r.send(h).want(t, 415, "unsupported_media_type")
}

// TestPages: pages hold everything once, in order, also when something is
// added meanwhile, and a cursor is of one list only.
func TestPages(t *testing.T) {
	t.Parallel()
	r := start(t)
	want := r.addEntries(7)
	r.do(request{method: "POST", path: "/controls", body: ControlContent{Ref: "C-1", Title: "x"}}).want(t, 201, "")
	var got []Entry
	path := "/entries?limit=3"
	for range 5 {
		var p EntryPage
		reply := r.do(request{path: path}).want(t, 200, "")
		reply.into(t, &p)
		got = append(got, p.Entries...)
		link := reply.header.Get("Link")
		if (link == "") != (p.Next == "") {
			t.Fatalf("next %q, link %q", p.Next, link)
		}
		if p.Next == "" {
			break
		}
		path = strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`), "/api/v1/workspaces/here")
		if len(got) == 3 {
			want = append(want, r.addEntry("Added meanwhile?"))
			for _, other := range []string{"/controls?after=" + p.Next, "/entries?owner=x&after=" + p.Next, "/entries?after=x" + p.Next, "/audit?after=" + p.Next} {
				r.do(request{path: other, who: "admin"}).want(t, 400, "invalid_cursor")
			}
			r.do(request{path: "//api/v1/workspaces/there/entries?after=" + p.Next, who: "foreign"}).want(t, 400, "invalid_cursor")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var none EntryPage
	r.do(request{path: "/entries?tag=none"}).want(t, 200, "").into(t, &none)
	if none.Entries == nil || len(none.Entries) != 0 {
		t.Errorf("got %+v, want an empty list", none)
	}
}

func TestBodiesAreLimited(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.do(request{method: "POST", path: "/entries", body: `{"question":"` + strings.Repeat("x", 600_000) + `"}`}).want(t, 413, "too_large")
	r.do(request{method: "POST", path: "/search", body: `{"question":"` + strings.Repeat("x", 70_000) + `"}`}).want(t, 413, "too_large")
	h := r.request(request{path: "/entries"})
	h.Header.Set("X-Large", strings.Repeat("x", 2<<20))
	response, err := http.DefaultClient.Do(h)
	if err != nil {
		return // the server hung up
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %s", response.Status)
	}
}
