package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"vouch/engine"
)

// TestRoutesAreTheContract: each route is in openapi.yaml and the reverse.
func TestRoutesAreTheContract(t *testing.T) {
	t.Parallel()
	r := start(t)
	got := map[string]bool{}
	for _, route := range r.router.Routes() {
		got[route.Method+" "+route.Path] = true
		if r.contract.operations[route.Method+" "+route.Path] == nil {
			t.Errorf("%s %s is not in openapi.yaml", route.Method, route.Path)
		}
	}
	for key := range r.contract.operations {
		if !got[key] {
			t.Errorf("%s has no route", key)
		}
	}
}

// mean are the keywords that mean the same in OpenAPI 3.0 and 3.1.
var mean = []string{
	"type", "format", "description", "properties", "required", "additionalProperties", "items", "enum", "default", "pattern",
	"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "$ref", "x-go-type", "x-go-type-import", "x-go-type-skip-optional-pointer",
}

// TestContractIsSound: the document is valid with its examples, says of every
// operation what a reader needs, and holds nothing that is not used.
func TestContractIsSound(t *testing.T) {
	t.Parallel()
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(specYAML)
	if err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("it is of version %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		tags[tag.Name] = tag.Description != ""
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			if op.OperationID == "" || op.Summary == "" || !strings.HasSuffix(op.Description, ".") || len(op.Tags) != 1 || !tags[op.Tags[0]] || op.Security == nil {
				t.Errorf("%s lacks an operationId, summary, description, tag with a description, or security", where)
			}
			if op.Responses.Value("default") == nil || op.Responses.Value("default").Ref != "#/components/responses/Problem" {
				t.Errorf("%s says nothing of problems", where)
			}
			action := engine.Action(extension(op, "x-action"))
			inWorkspace := strings.HasPrefix(path, "/api/v1/workspaces/{workspace}/")
			if inWorkspace != (action != "") || inWorkspace && len(*op.Security) == 0 || action != "" && !slices.Contains(engine.Actions(), action) {
				t.Errorf("%s: action %q, security %v", where, action, *op.Security)
			}
			header := func(name string) bool { return op.Parameters.GetByInAndName(openapi3.ParameterInHeader, name) != nil }
			secret := op.Extensions["x-secret"] == true
			if method == http.MethodPost && (strings.Contains(op.OperationID, "create") && !secret) != header("Idempotency-Key") && !strings.HasPrefix(op.OperationID, "import") ||
				secret && header("Idempotency-Key") ||
				(method == http.MethodPut || method == http.MethodPatch || method == http.MethodDelete) && header("If-Match") == (op.Extensions["x-unversioned"] == true) {
				t.Errorf("%s: what creates takes Idempotency-Key unless it is about a secret, what changes takes If-Match", where)
			}
			for _, way := range *op.Security {
				if way["token"] != nil && !slices.ContainsFunc(*op.Security, func(r openapi3.SecurityRequirement) bool { return r["session"] != nil }) {
					t.Errorf("%s takes a token and no session", where)
				}
			}
			for _, p := range op.Parameters {
				if p.Value.Description == "" || p.Value.Example == nil {
					t.Errorf("%s: the parameter %s lacks a description or an example", where, p.Value.Name)
				}
			}
			for status, reply := range op.Responses.Map() {
				for kind, media := range reply.Value.Content {
					if media.Example == nil && len(media.Examples) == 0 {
						t.Errorf("%s: the reply %s as %s has no example", where, status, kind)
					}
				}
			}
			if op.RequestBody != nil && op.RequestBody.Value.Content["multipart/form-data"] == nil && op.RequestBody.Value.Content["application/json"].Example == nil {
				t.Errorf("%s: the body has no example", where)
			}
		}
	}
	var tree map[string]any
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	components, _ := tree["components"].(map[string]any)
	for kind, list := range components {
		for name := range list.(map[string]any) {
			if kind != "securitySchemes" && !strings.Contains(string(text), `"#/components/`+kind+"/"+name+`"`) {
				t.Errorf("components/%s/%s is not used", kind, name)
			}
		}
	}
	for name, s := range components["schemas"].(map[string]any) {
		checkKeywords(t, name, s.(map[string]any))
	}
}

func checkKeywords(t *testing.T, where string, schema map[string]any) {
	for key, value := range schema {
		if !slices.Contains(mean, key) {
			t.Errorf("%s uses %s, which may not mean the same in OpenAPI 3.0", where, key)
		}
		if _, one := value.(string); key == "type" && !one {
			t.Errorf("%s has types %v; requests are validated by the rules of 3.0, which knows one", where, value)
		}
		if sub, ok := value.(map[string]any); ok && key == "properties" {
			for name, s := range sub {
				checkKeywords(t, where+"/"+name, s.(map[string]any))
			}
		} else if ok && key == "items" {
			checkKeywords(t, where+"/items", sub)
		}
	}
}

// calls has a request for every operation in a workspace, that is served when
// the caller may.
func calls(e Entry, c Control) map[string]request {
	upload, header := fileForm("a.csv", "question,answer\nIs it so?,Yes\n")
	return map[string]request{
		"listEntries":       {path: "/entries"},
		"createEntry":       {method: "POST", path: "/entries", body: content("Another?")},
		"importEntries":     {method: "POST", path: "/entries/import", body: upload, header: header},
		"getEntry":          {path: "/entries/" + e.Id},
		"changeEntry":       {method: "PUT", path: "/entries/" + e.Id, body: content(e.Question), header: map[string]string{"If-Match": `"1"`}},
		"listEntryVersions": {path: "/entries/" + e.Id + "/versions"},
		"listControls":      {path: "/controls"},
		"createControl":     {method: "POST", path: "/controls", body: ControlContent{Ref: "NEW", Title: "x"}, header: map[string]string{"Idempotency-Key": "k"}},
		"getControl":        {path: "/controls/" + c.Id},
		"changeControl":     {method: "PUT", path: "/controls/" + c.Id, body: ControlContent{Ref: c.Ref, Title: c.Title}, header: map[string]string{"If-Match": `"1"`}},
		"getRegister":       {path: "/register"},
		"askReports":        {method: "POST", path: "/ask", body: AskRequest{Question: "Do you have a SOC 2 report?"}},
		"checkClaim":        {method: "POST", path: "/check", body: CheckRequest{Text: "We are SOC 2 certified."}},
		"listCommitments":   {path: "/commitments"},
		"getReadiness":      {path: "/readiness"},
		"searchEvidence":    {method: "POST", path: "/search", body: SearchRequest{Question: "Is it so?"}},
		"listAuditEvents":   {path: "/audit"},
		"exportAudit":       {path: "/audit/export"},
		"verifyAudit":       {path: "/audit/verification"},
		"streamEvents":      {path: "/events"},
	}
}

// TestWhoMayWhat goes over every route of a workspace with every role, by its
// session and by its token, with tokens of fewer scopes, with none and a wrong
// one, and as an admin of another workspace.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	list := calls(Entry{}, Control{})
	maps.Copy(list, r.teamCalls("nobody"))
	maps.Copy(list, accountCalls(targets{}))
	maps.Copy(list, r.reviewCalls("nobody"))
	for key, op := range r.contract.operations {
		if _, ok := list[op.id]; !ok && op.action != "" {
			t.Errorf("%s (%s) is not in the table of calls", op.id, key)
		}
	}
	for _, who := range r.everybody() {
		e := r.addEntry("Is it so?")
		var c Control
		r.do(request{method: "POST", path: "/controls", body: ControlContent{Ref: "C-" + who, Title: "x"}}).want(t, 201, "").into(t, &c)
		list := calls(e, c)
		maps.Copy(list, accountCalls(r.targets(who)))
		maps.Copy(list, r.teamCalls(who))
		maps.Copy(list, r.reviewCalls(who))
		role, scopes := r.isWhat(who)
		for _, id := range slices.Sorted(maps.Keys(list)) {
			if id == "streamEvents" && !slices.Contains([]string{"-", "wrong", "foreign"}, who) {
				continue // goes on when it is served: events_test.go
			}
			q := list[id]
			q.who = who
			if id == "createControl" {
				q.body = ControlContent{Ref: "NEW-" + who, Title: "x"}
			}
			op, _ := r.find(r.request(q))
			if op.action == "" {
				continue
			}
			before := r.head(here)
			got := r.do(q)
			status, code := 0, ""
			switch may := engine.May(role, op.action) && (scopes == nil || engine.ScopesAllow(scopes, op.action)); {
			case who == "-" || who == "wrong":
				status, code = 401, "unauthenticated"
			case scopes != nil && op.person:
				status, code = 403, "needs_person"
			case strings.HasPrefix(who, "foreign"):
				status, code = 404, "no_workspace"
			case !may:
				status, code = 403, "forbidden"
			}
			if code == "" {
				if got.status >= 300 {
					t.Errorf("%s as %s: got %d %s", id, who, got.status, got.body)
				}
				continue
			}
			var p Problem
			if got.into(t, &p); got.status != status || p.Code != code {
				t.Errorf("%s as %s: got %d %s, want %d %s", id, who, got.status, got.body, status, code)
			}
			if r.head(here) != before {
				t.Errorf("%s as %s changed something", id, who)
			}
		}
	}
}

func (r *rig) head(workspace string) engine.AuditHead {
	r.t.Helper()
	h, err := r.store.AuditHead(r.t.Context(), workspace)
	if err != nil {
		r.t.Fatal(err)
	}
	return h
}

// TestOthersSitesAreRefused: what a page elsewhere makes a browser send, with
// the cookie of its user, does nothing.
func TestOthersSitesAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, x := range []struct {
		header map[string]string
		method string
		status int
	}{
		{map[string]string{"Sec-Fetch-Site": "cross-site"}, "POST", 403},
		{map[string]string{"Sec-Fetch-Site": "same-site"}, "POST", 403},
		{map[string]string{"Origin": "https://evil.example"}, "POST", 403},
		{map[string]string{"Sec-Fetch-Site": "same-origin"}, "POST", 201},
		{map[string]string{"Sec-Fetch-Site": "cross-site"}, "GET", 200},
	} {
		q := request{method: x.method, path: "/entries", who: "-", header: x.header}
		if x.method == "POST" {
			q.body = content("x?")
		}
		q.header["Cookie"] = "session=reviewer"
		if got := r.do(q); got.status != x.status {
			t.Errorf("%s with %v: got %d, want %d", x.method, x.header, got.status, x.status)
		}
	}
	r.do(request{method: "POST", path: "/entries", body: content("y?"), header: map[string]string{"Sec-Fetch-Site": "cross-site"}}).want(t, 201, "")
}
