package api

import (
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// TestMembers: they are listed in pages, and changed by who has read them as
// they are.
func TestMembers(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	var all []string
	for next := ""; ; {
		var p MemberPage
		r.do(request{path: "/members?limit=3" + next, who: "viewer"}).want(t, 200, "").into(t, &p)
		for _, m := range p.Members {
			all = append(all, string(m.Role)+" "+m.Email)
		}
		if p.Next == "" {
			break
		}
		next = "&after=" + p.Next
	}
	if got := strings.Join(all, ", "); got != "admin admin@example.com, viewer viewer@example.com, contributor contributor@example.com, reviewer reviewer@example.com" {
		t.Errorf("got %s", got)
	}
	id := r.userID("viewer")
	m, tag := r.readMember(id)
	change := func(c MemberContent, tag string) request {
		return request{method: "PUT", path: "/members/" + id, who: "admin", body: c, header: map[string]string{"If-Match": tag}}
	}
	q := change(MemberContent{Role: "reviewer"}, "")
	delete(q.header, "If-Match")
	r.do(q).want(t, 428, "if_match_required")
	for _, wrong := range []string{`"1"`, "*", "x", tag + tag, `W/"x"`} {
		r.do(change(MemberContent{Role: "reviewer"}, wrong)).want(t, 412, "stale")
	}
	got := r.do(change(MemberContent{Role: "reviewer"}, "W/"+tag)).want(t, 200, "")
	now, next := r.readMember(id)
	if now.Role != "reviewer" || now.Since != m.Since || next == tag || got.header.Get("ETag") != next {
		t.Errorf("%+v became %+v, %s %s", m, now, tag, next)
	}
	var p struct{ Current Member }
	if r.do(change(MemberContent{Role: "admin"}, tag)).want(t, 412, "stale").into(t, &p); p.Current != now {
		t.Errorf("now it is %+v", p.Current)
	}
	if again := r.do(change(MemberContent{Role: "reviewer"}, next)).want(t, 200, ""); again.header.Get("ETag") != next {
		t.Error("a change that is none makes another version")
	}
	r.do(request{path: "/members/01890000-0000-7000-8000-00000000ffff", who: "viewer"}).want(t, 404, "not_found")
	r.do(request{path: "/members/" + r.userID("foreign"), who: "viewer"}).want(t, 404, "not_found")
	r.do(request{method: "DELETE", path: "/members/" + id, who: "admin", header: map[string]string{"If-Match": tag}}).want(t, 412, "stale")
	r.do(request{method: "DELETE", path: "/members/" + id, who: "admin", header: map[string]string{"If-Match": next}}).want(t, 204, "")
	r.do(request{method: "DELETE", path: "/members/" + id, who: "admin", header: map[string]string{"If-Match": next}}).want(t, 404, "not_found")
	if report, err := engine.VerifyAudit(t.Context(), r.store, here, nil); err != nil || len(report.Breaks) > 0 {
		t.Errorf("the audit log: %+v (%v)", report, err)
	}
}

// TestOneAdminStays: nobody is locked out of a workspace, also not by half of a
// change.
func TestOneAdminStays(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	id := r.userID("admin")
	_, tag := r.readMember(id)
	header := map[string]string{"If-Match": tag}
	before := r.head(here)
	for _, c := range []MemberContent{{Role: "reviewer"}, {Role: "admin", Disabled: true}, {Role: "reviewer", Disabled: true}} {
		r.do(request{method: "PUT", path: "/members/" + id, who: "admin", body: c, header: header}).want(t, 409, "last_admin")
	}
	r.do(request{method: "DELETE", path: "/members/" + id, who: "admin", header: header}).want(t, 409, "last_admin")
	if r.head(here) != before {
		t.Error("something was changed")
	}
}

// TestDisablingReachesNoOther: who is a member of a workspace that the caller
// does not manage is not disabled there, and no token does it. With the role in
// the same request neither is changed.
func TestDisablingReachesNoOther(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	u := r.makeUser("both@example.com", here, engine.RoleViewer)
	if _, err := r.store.PutMember(t.Context(), there, u.ID, engine.RoleViewer); err != nil {
		t.Fatal(err)
	}
	for who, id := range map[string]string{"admin": u.ID, "admin/token": r.userID("viewer")} {
		_, tag := r.readMember(id)
		before := r.head(here)
		got := r.do(request{method: "PUT", path: "/members/" + id, who: who, body: MemberContent{Role: "contributor", Disabled: true}, header: map[string]string{"If-Match": tag}})
		if got.status != 403 || r.head(here) != before {
			t.Errorf("%s: got %d %s", who, got.status, got.body)
		}
	}
}

// TestTokensAreBound: a token is for one workspace, has at most its maker's
// role, ends, and is not made by a token.
func TestTokensAreBound(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	for pointer, c := range map[string]TokenContent{
		"/role":   {Name: "x", Scopes: []string{"read"}, Role: "admin"},
		"/days":   {Name: "x", Scopes: []string{"read"}, Days: 366},
		"/scopes": {Name: "x", Scopes: []string{"read", "everything"}},
		"/name":   {Name: "a\nb", Scopes: []string{"read"}},
	} {
		got := r.do(request{method: "POST", path: "/tokens", body: c}).want(t, 422, "invalid")
		if !contains(string(got.body), `"pointer":"`+pointer+`"`) {
			t.Errorf("%s: got %s", pointer, got.body)
		}
	}
	r.do(request{method: "POST", path: "/tokens", who: "admin/token", body: TokenContent{Name: "x", Scopes: []string{"read"}}}).want(t, 403, "needs_person")
	var mine, all TokenPage
	r.do(request{path: "/tokens", who: "reviewer"}).want(t, 200, "").into(t, &mine)
	r.do(request{path: "/tokens?everybody=true", who: "admin"}).want(t, 200, "").into(t, &all)
	if len(mine.Tokens) != 1 || len(all.Tokens) != 6 || mine.Tokens[0].UsedAt.After(mine.Tokens[0].ExpiresAt) {
		t.Errorf("mine %+v, all %+v", mine, all)
	}
	r.do(request{path: "/tokens?everybody=true", who: "reviewer"}).want(t, 403, "forbidden")
	for _, token := range all.Tokens {
		if token.Id != mine.Tokens[0].Id {
			r.do(request{method: "DELETE", path: "/tokens/" + token.Id, who: "reviewer"}).want(t, 404, "not_found")
		}
	}
	var first, second TokenPage
	r.do(request{path: "/tokens?everybody=true&limit=4", who: "admin"}).want(t, 200, "").into(t, &first)
	r.do(request{path: "/tokens?everybody=true&limit=4&after=" + first.Next, who: "admin"}).want(t, 200, "").into(t, &second)
	same := func(a, b Token) bool { return a.Id == b.Id }
	if got := append(first.Tokens, second.Tokens...); !slices.EqualFunc(got, all.Tokens, same) || second.Next != "" {
		t.Errorf("in pages: %+v", got)
	}
	r.do(request{path: "//api/v1/workspaces/" + there + "/entries", who: "admin/token"}).want(t, 404, "no_workspace")
}
