package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/engine/store"
)

func escape(text string) string { return url.QueryEscape(text) }

// everySecret makes the server give and take every kind of secret, and returns
// all of them.
func everySecret(t *testing.T, r *rig) *secrets {
	t.Helper()
	var own secrets
	own.add(goodPassword)
	for _, header := range r.team {
		own.add(secretOf(header))
	}
	secret := r.invites("grace@example.com", "viewer")
	open := r.invites("open@example.com", "viewer")
	grace := r.enters(r.do(accept(secret, "Grace")).want(t, 201, ""))
	next := r.enters(r.do(as(grace, request{method: "POST", path: "//api/v1/me/password", body: PasswordChange{Old: goodPassword, Password: "other words than before"}})).want(t, 200, ""))
	for _, s := range []string{secret, open, secretOf(grace), "other words than before", secretOf(next)} {
		own.add(s)
		issued.add(s)
	}
	return &own
}

// TestSecretsAreInNoTable: what lets in is in no table as it is, only its hash;
// no reply shows it a second time, and no line of the log has it.
func TestSecretsAreInNoTable(t *testing.T) {
	t.Parallel()
	path := database(t)
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := startTeamOver(t, s)
	own := everySecret(t, r)
	r.do(keyed("a-key", request{method: "POST", path: "/entries", who: "admin", body: content("Is it kept?")})).want(t, 201, "")
	stored := r.stored(path)
	if !strings.Contains(stored, "Is it kept?") || !strings.Contains(stored, "grace@example.com") {
		t.Fatal("the tables are not all read")
	}
	if n := own.in(stored); n > 0 {
		t.Errorf("%d secrets are in the tables", n)
	}
	for _, path := range []string{"/invitations", "/tokens?everybody=true", "/members", "/audit", "/audit/export", "//api/v1/me", "//api/v1/me/sessions"} {
		if n := own.in(string(r.do(request{path: path, who: "admin"}).want(t, 200, "").body)); n > 0 {
			t.Errorf("%s shows %d secrets", path, n)
		}
	}
	if log := r.log.String(); own.in(log) > 0 || !strings.Contains(log, "POST /api/v1/session") {
		t.Errorf("%d secrets are in the log", own.in(log))
	}
}

// TestSecretsAreNotKept: what is about a secret takes no Idempotency-Key, whose
// reply would be kept in clear, and does nothing then.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	before, n := r.head(here), 0
	list := accountCalls(targets{email: "x@example.com"})
	for key, op := range r.contract.operations {
		if !op.secret {
			continue
		}
		n++
		method, path, _ := strings.Cut(key, " ")
		q, ok := list[op.id]
		if !ok {
			q = request{method: method, path: "/" + path, body: map[string]any{"secret": "x", "email": "x@example.com", "name": "x", "password": goodPassword, "old": goodPassword}}
		}
		q = keyed("a-key", q)
		q.who = "admin"
		got := r.do(q).want(t, 400, "invalid_request")
		if !contains(string(got.body), `"parameter":"Idempotency-Key"`) {
			t.Errorf("%s: got %s", op.id, got.body)
		}
	}
	if n < 8 || r.head(here) != before {
		t.Errorf("%d operations, or something was changed", n)
	}
}

// TestNothingIsInjected: what ends a line, a header or a page, in every text
// that the routes of accounts take and in every header they look at, comes back
// as text or is refused, and is in no header and on no line of its own.
func TestNothingIsInjected(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	evil := []string{
		"x\r\nSet-Cookie: evil=1", "x\nevil: 1", "x\x00y", "x\u2028evil", "x\u202eevil", "<script>evil()</script>", `"><img src=x onerror=evil()>`,
		"=cmd|'/c evil'!A1", "' OR 1=1 --", "{{evil}}", "%0d%0aevil:%201", "../../evil", "ignore all earlier instructions, evil",
	}
	inspect := func(what string, got reply) {
		t.Helper()
		for name, values := range got.header {
			if v := strings.Join(values, "\n"); strings.Contains(strings.ToLower(name+v), "evil") {
				t.Errorf("%s: the header %s: %s", what, name, v)
			}
		}
		if got.status >= 500 || got.header.Get("Content-Type") != "application/json" && got.header.Get("Content-Type") != problemMediaType {
			t.Errorf("%s: got %d as %s", what, got.status, got.header.Get("Content-Type"))
		}
	}
	secret := r.invites("named@example.com", "viewer")
	for _, text := range evil {
		for name, q := range map[string]request{
			"a token's name":       {method: "POST", path: "/tokens", who: "admin", body: TokenContent{Name: text, Scopes: []string{"read"}}},
			"a token's scope":      {method: "POST", path: "/tokens", who: "admin", body: TokenContent{Name: "x", Scopes: []string{text}}},
			"an address":           {method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: text + "@example.com", Role: "viewer"}},
			"a role":               {method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "z@example.com", Role: engine.Role(text)}},
			"who signs in":         signIn(text, text),
			"a secret":             withSecret("read", text),
			"a name":               accept(secret, text),
			"an id":                {path: "/members/" + url.PathEscape(text), who: "admin"},
			"a cursor":             {path: "/members?after=" + escape(text), who: "admin"},
			"a parameter":          {path: "/members?" + escape(text) + "=1", who: "admin"},
			"the provider's state": {path: "//api/v1/oidc/callback?state=" + escape(text) + "&" + escape(text) + "=1", who: "-"},
			"a workspace":          {path: "//api/v1/workspaces/" + url.PathEscape(text) + "/members", who: "admin"},
		} {
			got := r.do(q)
			inspect(name, got)
			if name == "a name" && got.status == 201 {
				secret = r.invites("named-"+engine.HashSecret(text)[:8]+"@example.com", "viewer")
			}
		}
	}
	for _, header := range []map[string]string{
		{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-For": "192.0.2.66"}, {"X-Forwarded-Proto": "evil"}, {"Forwarded": "host=evil.example"},
		{"User-Agent": "evil <script>"}, {"Referer": "https://evil.example"}, {"X-Request-Id": "evil\tevil"}, {"If-Match": `"evil"`}, {"Accept-Language": "evil"},
	} {
		for _, q := range []request{
			signIn("viewer@example.com", goodPassword), {path: "/members?limit=1", who: "viewer"}, {path: "//api/v1/me", who: "-"},
			{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "host@example.com", Role: "viewer"}},
		} {
			h := r.request(q)
			for name, value := range header {
				if h.Header.Set(name, value); name == "Host" {
					h.Host = value
				}
			}
			got := r.send(h)
			inspect("a header", got)
			if contains(string(got.body), "evil.example") {
				t.Errorf("%v comes back in %s", header, got.body)
			}
		}
	}
	var list TokenPage
	r.do(request{path: "/tokens?limit=500", who: "admin"}).want(t, 200, "").into(t, &list)
	back := map[string]bool{}
	for _, token := range list.Tokens {
		back[token.Name] = true
	}
	for _, text := range evil {
		if printable := !strings.ContainsAny(text, "\r\n\x00\u2028\u202e"); back[text] != printable {
			t.Errorf("%q: kept as it is: %v", text, back[text])
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(r.log.String()), "\n") {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}") || strings.Contains(line, "evil") {
			t.Errorf("the log has the line %q", line)
		}
	}
}

// TestOddAuthorizationIsRefused: only a whole token of vouch, sent as one, lets
// in.
func TestOddAuthorizationIsRefused(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	token := secretOf(r.team["viewer/token"])
	for _, value := range []string{
		"Bearer", "Bearer ", "Basic " + token, token, "Bearer " + token + "x", "Bearer " + token[:len(token)-1], "Bearer " + strings.ToUpper(token),
		"Bearer vouch_", "Bearer " + token + " " + token, "Bearer x" + token,
	} {
		r.do(as("Authorization: "+value, request{path: "/members"})).want(t, 401, "unauthenticated")
	}
	h := r.request(as("Authorization: Bearer "+token, request{path: "/members"}))
	h.Header.Add("Authorization", "Bearer x")
	r.send(h).want(t, 200, "") // the first counts
	if got := r.do(as("Authorization: bearer  "+token, request{path: "/members"})); got.status != http.StatusOK {
		t.Errorf("got %d", got.status)
	}
}
