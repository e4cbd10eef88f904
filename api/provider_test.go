package api

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"vouch/api/oidc"
	"vouch/engine"
)

// fakeProvider lets in whoever comes back with its cookie and a code.
type fakeProvider struct {
	who  engine.ExternalIdentity
	fail error
}

func (p *fakeProvider) Begin(context.Context) (oidc.Begun, error) {
	return oidc.Begun{URL: "https://id.example.com/authorize?state=s", Cookie: "the-flow-of-a-browser", Life: 10 * time.Minute}, p.fail
}

func (p *fakeProvider) Finish(_ context.Context, cookie string, query url.Values) (engine.ExternalIdentity, error) {
	if cookie != "the-flow-of-a-browser" || query.Get("state") != "s" {
		return engine.ExternalIdentity{}, oidc.ErrFlow
	}
	return p.who, p.fail
}

// TestProviderSignIn: a browser is sent to the provider and comes back with a
// session and the role of its group; what bound the two is used up.
func TestProviderSignIn(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{who: engine.ExternalIdentity{Subject: "id grace", Email: "grace@example.com", Name: "Grace", Roles: map[string]engine.Role{here: "reviewer"}, Governed: []string{here}}}
	r := startTeam(t, func(o *Options) { o.Provider, o.PublicURL = p, "https://vouch.example.com" })
	got := r.do(request{path: "//api/v1/oidc/start", who: "-"}).want(t, 303, "")
	flow := got.header.Get("Set-Cookie")
	if got.header.Get("Location") != "https://id.example.com/authorize?state=s" || flow != "__Host-vouch_oidc=the-flow-of-a-browser; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("got %v", got.header)
	}
	back := as("Cookie: __Host-vouch_oidc=the-flow-of-a-browser", request{path: "//api/v1/oidc/callback?state=s&code=c&iss=x&session_state=y"})
	back.header["Sec-Fetch-Site"] = "cross-site" // from the provider's page
	got = r.do(back).want(t, 303, "")
	if cookies := got.header.Values("Set-Cookie"); len(cookies) != 2 || cookies[1] != "__Host-vouch_oidc=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" || got.header.Get("Location") != afterSignIn {
		t.Errorf("got %v", got.header)
	}
	r.team["grace"] = r.enters(got)
	if me := r.me("grace"); me.User.Email != "grace@example.com" || !slices.Equal(me.Workspaces, []Membership{{Workspace: here, Role: "reviewer"}}) {
		t.Errorf("got %+v", me)
	}
	r.do(signIn("grace@example.com", "")).want(t, 400, "invalid_request")
	r.do(signIn("grace@example.com", goodPassword)).want(t, 401, "sign_in_failed")

	p.who.Roles = map[string]engine.Role{}
	r.do(back).want(t, 403, "not_let_in")
	r.do(request{path: "/entries", who: "grace"}).want(t, 404, "no_workspace") // the group is gone, with it the role
}

// TestProviderRefusals: who did not begin here, whom the provider does not let
// in, and a provider that fails: no session, and the cookie is used up.
func TestProviderRefusals(t *testing.T) {
	t.Parallel()
	p := &fakeProvider{who: engine.ExternalIdentity{Subject: "id viewer", Email: "viewer@example.com", Name: "Eve", Roles: map[string]engine.Role{here: "admin"}}}
	r := startTeam(t, func(o *Options) { o.Provider = p })
	back := func(cookie, query string) reply {
		got := r.do(as("Cookie: vouch_oidc="+cookie, request{path: "//api/v1/oidc/callback?" + query}))
		if cookies := got.header.Values("Set-Cookie"); len(cookies) != 1 || cookies[0] != "vouch_oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" {
			t.Errorf("%s: %v", query, cookies)
		}
		return got
	}
	back("", "state=s&code=c").want(t, 403, "not_let_in")
	back("the-flow-of-a-browser", "state=t&code=c").want(t, 403, "not_let_in")
	back("the-flow-of-a-browser; vouch_oidc=x", "state=s&code=c").want(t, 403, "not_let_in")
	back("the-flow-of-a-browser", "state=s&code=c").want(t, 403, "not_let_in") // the address is another's
	for fail, want := range map[error]string{
		fmt.Errorf("%w (access_denied)", oidc.ErrRefused): "not_let_in",
		oidc.ErrEmail:                           "not_let_in",
		fmt.Errorf("%w (nonce)", oidc.ErrToken): "provider_failed",
		oidc.ErrProvider:                        "provider_failed",
		errors.New("a bug"):                     "internal",
	} {
		p.fail = fail
		var x Problem
		if back("the-flow-of-a-browser", "state=s&code=c").into(t, &x); x.Code != want {
			t.Errorf("%v: got %+v", fail, x)
		}
	}
	p.fail = oidc.ErrProvider
	r.do(request{path: "//api/v1/oidc/start", who: "-"}).want(t, 502, "provider_failed")
	r = startTeam(t)
	for _, path := range []string{"start", "callback?state=s"} {
		r.do(request{path: "//api/v1/oidc/" + path, who: "-"}).want(t, 404, "not_found")
	}
}
