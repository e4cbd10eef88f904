package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// secretOf returns the secret in a header that lets in.
func secretOf(header string) string {
	if _, value, ok := strings.Cut(header, "Bearer "); ok {
		return value
	}
	_, value, _ := strings.Cut(header, "=")
	return value
}

// TestCookiesAreOurs: no script reads the session's cookie, no other site makes
// a browser send it to change something, no subdomain and nobody on the way sets
// it, and signing out takes it away.
func TestCookiesAreOurs(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"plain HTTP":       {func(*Options) {}, "vouch_session=SECRET; Path=/; HttpOnly; SameSite=Lax"},
		"TLS":              {func(o *Options) { o.TLS = true }, "__Host-vouch_session=SECRET; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"a proxy":          {func(o *Options) { o.TrustedProxies = []string{"127.0.0.1"} }, "__Host-vouch_session=SECRET; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"an https address": {func(o *Options) { o.PublicURL = "https://vouch.example.com" }, "__Host-vouch_session=SECRET; Path=/; HttpOnly; Secure; SameSite=Lax"},
	} {
		r := startTeam(t, x.change)
		in := request{method: "POST", path: "//api/v1/session", who: "-", body: SignInRequest{Email: "admin@example.com", Password: goodPassword}}
		got := r.do(in).want(t, 200, "")
		header := r.enters(got)
		if c := strings.Replace(got.header.Get("Set-Cookie"), secretOf(header), "SECRET", 1); c != x.want || len(got.header.Values("Set-Cookie")) != 1 {
			t.Errorf("%s: %s", name, c)
		}
		out := r.do(as(header, request{method: "DELETE", path: "//api/v1/session"})).want(t, 204, "")
		if c := out.header.Get("Set-Cookie"); !strings.Contains(c, "session=; Path=/; Max-Age=0; HttpOnly;") {
			t.Errorf("%s: signing out sets %s", name, c)
		}
		other := "__Host-vouch_session"
		if r.cookies.secure {
			other = "vouch_session"
		}
		r.do(as("Cookie: "+other+"="+secretOf(r.team["viewer"]), request{path: "//api/v1/me"})).want(t, 401, "unauthenticated")
		r.do(as(r.team["viewer"]+"; "+r.cookies.name(sessionCookie)+"=x", request{path: "//api/v1/me"})).want(t, 401, "unauthenticated")
		r.do(as("Cookie: "+r.cookies.name(sessionCookie)+"="+secretOf(r.team["viewer/token"]), request{path: "//api/v1/me"})).want(t, 401, "unauthenticated")
		r.do(as("Authorization: Bearer "+secretOf(r.team["viewer"]), request{path: "//api/v1/me"})).want(t, 401, "unauthenticated")
	}
}

// TestStolenSessionsEnd: whoever has copied a session or a token is out with the
// next request after what ends it, whatever that is.
func TestStolenSessionsEnd(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	n := 0
	// another returns a new reviewer, with a session and a token.
	another := func() (email, session string, token NewToken, user Me) {
		n++
		email = fmt.Sprintf("reviewer-%d@example.com", n)
		r.makeUser(email, here, engine.RoleReviewer)
		session = r.signsIn(email)
		r.team["x"] = session
		return email, session, r.newToken("x", here, "read", "decide"), r.me("x")
	}
	change := func(id string, c MemberContent) {
		_, tag := r.readMember(id)
		r.do(request{method: "PUT", path: "/members/" + id, who: "admin", body: c, header: map[string]string{"If-Match": tag}}).want(t, 200, "")
	}
	type end func(email, session string, token NewToken, user Me)
	for name, x := range map[string]struct {
		end            end
		session, token string // the codes they get then, "" if they are let in
	}{
		"signing out": {func(_, s string, _ NewToken, _ Me) {
			r.do(as(s, request{method: "DELETE", path: "//api/v1/session"})).want(t, 204, "")
		}, "unauthenticated", ""},
		"signing in again": {func(email, s string, _ NewToken, _ Me) {
			r.do(as(s, request{method: "POST", path: "//api/v1/session", body: SignInRequest{Email: email, Password: goodPassword}})).want(t, 200, "")
		}, "unauthenticated", ""},
		"ending it from elsewhere": {func(email, _ string, _ NewToken, me Me) {
			r.do(as(r.signsIn(email), request{method: "DELETE", path: "//api/v1/me/sessions/" + me.Session.Id})).want(t, 204, "")
		}, "unauthenticated", ""},
		"ending all others": {func(email, _ string, _ NewToken, _ Me) {
			r.do(as(r.signsIn(email), request{method: "DELETE", path: "//api/v1/me/sessions"})).want(t, 200, "")
		}, "unauthenticated", ""},
		"another password": {func(email, _ string, _ NewToken, _ Me) {
			other := r.signsIn(email)
			next := r.enters(r.do(as(other, request{method: "POST", path: "//api/v1/me/password", body: PasswordChange{Old: goodPassword, Password: "other words than before"}})).want(t, 200, ""))
			r.do(as(other, request{path: "//api/v1/me"})).want(t, 401, "unauthenticated")
			r.do(as(next, request{path: "//api/v1/me"})).want(t, 200, "")
		}, "unauthenticated", ""},
		"a lower role": {func(_, _ string, _ NewToken, me Me) { change(me.User.Id, MemberContent{Role: "viewer"}) }, "forbidden", "forbidden"},
		"disabling": {func(_, _ string, _ NewToken, me Me) {
			change(me.User.Id, MemberContent{Role: "reviewer", Disabled: true})
		}, "unauthenticated", "unauthenticated"},
		"removal": {func(_, _ string, _ NewToken, me Me) {
			_, tag := r.readMember(me.User.Id)
			r.do(request{method: "DELETE", path: "/members/" + me.User.Id, who: "admin", header: map[string]string{"If-Match": tag}}).want(t, 204, "")
		}, "no_workspace", "unauthenticated"},
		"revoking the token": {func(_, s string, token NewToken, _ Me) {
			r.do(as(s, request{method: "DELETE", path: "/tokens/" + token.Token.Id})).want(t, 204, "")
		}, "", "unauthenticated"},
		"an admin revoking the token": {func(_, _ string, token NewToken, _ Me) {
			r.do(request{method: "DELETE", path: "/tokens/" + token.Token.Id, who: "admin"}).want(t, 204, "")
		}, "", "unauthenticated"},
	} {
		email, session, token, me := another()
		byToken := "Authorization: Bearer " + token.Secret
		uses := func(who string) reply {
			return r.do(as(who, request{method: "POST", path: "/entries", body: content("After " + name + "?")}))
		}
		uses(session).want(t, 201, "")
		uses(byToken).want(t, 201, "")
		x.end(email, session, token, me)
		for _, y := range []struct{ what, who, code string }{{"session", session, x.session}, {"token", byToken, x.token}} {
			before := r.head(here)
			got := uses(y.who)
			var p Problem
			got.into(t, &p)
			if p.Code != y.code || (y.code == "") != (got.status == 201) || y.code != "" && r.head(here) != before {
				t.Errorf("the %s after %s: got %d %s, want %q", y.what, name, got.status, p.Code, y.code)
			}
		}
	}
}

// TestSessionsEndWithTime: a session that nobody uses ends, one that is used
// ends too after a week, and a token when it says.
func TestSessionsEndWithTime(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	uses := func(who string, status int, code string) {
		t.Helper()
		r.do(request{path: "/entries", who: who}).want(t, status, code)
		r.witness.wg.Wait() // that it was used is noted after the answer
	}
	r.later(11 * time.Hour)
	uses("admin", 200, "")
	uses("viewer/token", 200, "")
	r.later(2 * time.Hour)
	uses("admin", 200, "") // it was used two hours ago
	uses("viewer", 401, "unauthenticated")
	for range 16 {
		r.later(10 * time.Hour)
		if r.clock.Load() < int64(7*24*time.Hour) {
			uses("admin", 200, "")
		}
	}
	uses("admin", 401, "unauthenticated")
	uses("viewer/token", 200, "")
	r.later(83 * 24 * time.Hour)
	uses("viewer/token", 401, "unauthenticated")
}

// TestUseIsNoted: when a session and a token were last used is known, to a
// minute.
func TestUseIsNoted(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	r.later(time.Hour)
	for _, who := range []string{"viewer", "viewer/token"} {
		r.do(request{path: "/entries", who: who}).want(t, 200, "")
		r.witness.wg.Wait()
		me := r.me(who)
		used := me.Session.SeenAt
		if who == "viewer/token" {
			used = me.Token.UsedAt
		}
		if since := time.Now().Add(time.Hour).Sub(used); since < 0 || since > time.Minute {
			t.Errorf("%s: last used at %s, %s ago", who, used, since)
		}
	}
}

// TestSessionsAreListed: one sees one's own sessions and nobody else's, and
// ends none of another.
func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	second := r.signsIn("viewer@example.com")
	var list SessionList
	r.do(request{path: "//api/v1/me/sessions", who: "viewer"}).want(t, 200, "").into(t, &list)
	if len(list.Sessions) != 2 || list.Sessions[0].Current == list.Sessions[1].Current || list.Sessions[0].Agent == "" || list.Sessions[0].From != "127.0.0.1" {
		t.Errorf("got %+v", list)
	}
	of := "//api/v1/me/sessions/" + r.me("viewer").Session.Id
	r.do(request{path: of, who: "viewer"}).want(t, 200, "")
	r.do(request{path: of, who: "reviewer"}).want(t, 404, "not_found")
	r.do(request{method: "DELETE", path: of, who: "reviewer"}).want(t, 404, "not_found")
	r.do(request{path: "//api/v1/me/sessions", who: "viewer/token"}).want(t, 403, "needs_person")
	r.do(request{method: "DELETE", path: "//api/v1/me/sessions", who: "viewer/token"}).want(t, 403, "needs_person")
	var ended EndedSessions
	if r.do(request{method: "DELETE", path: "//api/v1/me/sessions", who: "viewer"}).want(t, 200, "").into(t, &ended); ended.Ended != 1 {
		t.Errorf("%d have ended", ended.Ended)
	}
	r.do(as(second, request{path: of})).want(t, 401, "unauthenticated")
	r.do(request{path: of, who: "viewer"}).want(t, 200, "")
	r.do(request{method: "DELETE", path: "//api/v1/session", who: "-"}).want(t, 204, "")
}

// TestWhoOneIs: a session shows all workspaces, a token its own and what counts
// there.
func TestWhoOneIs(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	if me := r.me("reviewer"); me.User.Email != "reviewer@example.com" || !slices.Equal(me.Workspaces, []Membership{{Workspace: here, Role: "reviewer"}}) || me.Session.Id == "" || me.Token.Id != "" {
		t.Errorf("got %+v", me)
	}
	var n NewToken
	r.do(request{method: "POST", path: "/tokens", who: "admin", body: TokenContent{Name: "x", Scopes: []string{"read"}, Role: "viewer"}}).want(t, 201, "").into(t, &n)
	r.team["x"] = "Authorization: Bearer " + n.Secret
	if me := r.me("x"); me.User.Email != "admin@example.com" || !slices.Equal(me.Workspaces, []Membership{{Workspace: here, Role: "viewer"}}) || me.Session.Id != "" || me.Token.Name != "x" {
		t.Errorf("got %+v", me)
	}
	r.do(request{path: "//api/v1/me", who: "-"}).want(t, 401, "unauthenticated")
}

// TestStreamsEndWithTheSession: whoever follows what changes stops to when the
// session or token ends, or the member is removed: at once here, and within a
// second of the next change elsewhere.
func TestStreamsEndWithTheSession(t *testing.T) {
	t.Parallel()
	r := startTeam(t, func(o *Options) { o.Limits.Heart = time.Hour })
	ended := func(l *listener) {
		t.Helper()
		for {
			e, ok := l.next()
			if e.name == "change" && strings.Contains(e.data, "entry:") {
				t.Errorf("told of %+v afterwards", e)
			}
			if !ok {
				return
			}
		}
	}
	follow := func(who string) *listener {
		t.Helper()
		l := r.listen(who, "")
		if e, ok := l.next(); !ok || e.name != "ready" {
			t.Fatalf("got %+v", e)
		}
		return l
	}
	stays := follow("admin")
	defer stays.close()

	bySession := follow("viewer")
	r.do(request{method: "DELETE", path: "//api/v1/session", who: "viewer"}).want(t, 204, "")
	ended(bySession)

	token := r.newToken("reviewer", here, "read")
	r.team["x"] = "Authorization: Bearer " + token.Secret
	byToken := follow("x")
	r.do(request{method: "DELETE", path: "/tokens/" + token.Token.Id, who: "reviewer"}).want(t, 204, "")
	ended(byToken)

	removed := follow("contributor")
	id := r.userID("contributor")
	_, tag := r.readMember(id)
	r.do(request{method: "DELETE", path: "/members/" + id, who: "admin", header: map[string]string{"If-Match": tag}}).want(t, 204, "")
	ended(removed)

	elsewhere := follow("reviewer")
	if _, err := r.store.EndSessions(t.Context(), r.userID("reviewer"), ""); err != nil {
		t.Fatal(err)
	}
	time.Sleep(askEvery)
	r.do(request{method: "POST", path: "/entries", who: "admin", body: content("Afterwards?")}).want(t, 201, "")
	ended(elsewhere)
	for {
		if e, ok := stays.next(); !ok {
			t.Fatal("the stream of another has ended too")
		} else if strings.Contains(e.data, "entry:") {
			break
		}
	}
}

// TestOtherSitesCannotUseTheCookie: whatever a page of another site makes a
// browser send with the cookie of its user, on every route that changes
// something, is refused; with a token it is not the browser's own, and served.
func TestOtherSitesCannotUseTheCookie(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	x := r.targets("admin")
	var c Control
	r.do(request{method: "POST", path: "/controls", body: ControlContent{Ref: "C", Title: "x"}}).want(t, 201, "").into(t, &c)
	list := calls(r.addEntry("Is it so?"), c)
	maps.Copy(list, accountCalls(x))
	from := []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}}
	// These only seem to be sent by a program: Authorization is not ours, so the
	// cookie must not count either.
	seem := []string{"Bearer x", "Basic YWRtaW46YWRtaW4=", "Bearer", "Negotiate x"}
	before := r.head(here)
	for key, op := range r.contract.operations {
		method, path, _ := strings.Cut(key, " ")
		if isSafe(method) {
			continue
		}
		q, ok := list[op.id]
		if !ok {
			q = request{method: method, path: "/" + strings.NewReplacer(":session", x.token).Replace(path)}
		}
		for _, header := range from {
			z := as(r.team["admin"], q)
			maps.Copy(z.header, header)
			r.do(z).want(t, 403, "cross_site")
			for _, authorization := range seem {
				z.header["Authorization"] = authorization
				if op.open {
					r.do(z).want(t, 403, "cross_site")
				} else {
					r.do(z).want(t, 401, "unauthenticated")
				}
			}
		}
	}
	if r.head(here) != before {
		t.Error("something was changed")
	}
	z := as(r.team["admin/token"], request{method: "POST", path: "/entries", body: content("x?")})
	z.header["Sec-Fetch-Site"], z.header["Origin"] = "cross-site", "https://elsewhere.example"
	r.do(z).want(t, 201, "")
	z = as(r.team["admin"], request{method: "POST", path: "/entries", body: content("y?")})
	z.header["Sec-Fetch-Site"] = "same-origin"
	r.do(z).want(t, 201, "")
}

// TestNoRouteTellsOtherSites: no reply lets a page of another site read it.
func TestNoRouteTellsOtherSites(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	for _, method := range []string{http.MethodGet, http.MethodOptions} {
		q := as(r.team["admin"], request{method: method, path: "//api/v1/me"})
		q.header["Origin"], q.header["Access-Control-Request-Method"] = "https://evil.example", "POST"
		got := r.do(q)
		for name := range got.header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s: %s", method, name, got.header.Get(name))
			}
		}
	}
}
