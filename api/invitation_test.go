package api

import (
	"slices"
	"testing"
	"time"

	"vouch/engine"
)

func accept(secret, name string) request {
	return request{method: "POST", path: "//api/v1/invitations/accept", who: "-", body: AcceptRequest{Secret: secret, Name: name, Password: goodPassword}}
}

func withSecret(path, secret string) request {
	return request{method: "POST", path: "//api/v1/invitations/" + path, who: "-", body: InvitationSecret{Secret: secret}}
}

// TestInvitations: one is for one address, works once, not for ever, not after
// it was withdrawn or made anew, and not after its sender may invite nobody.
func TestInvitations(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	secret := r.invites("Grace@example.com", "reviewer")
	var i OpenInvitation
	if r.do(withSecret("read", secret)).want(t, 200, "").into(t, &i); i.Workspace != here || i.Email != "grace@example.com" || i.Role != "reviewer" || time.Until(i.ExpiresAt) < 6*24*time.Hour {
		t.Errorf("got %+v", i)
	}
	var me Me
	if r.do(accept(secret, "Grace")).want(t, 201, "").into(t, &me); me.User.Email != "grace@example.com" || !slices.Equal(me.Workspaces, []Membership{{Workspace: here, Role: "reviewer"}}) {
		t.Errorf("got %+v", me)
	}
	for _, path := range []string{"read", "join"} {
		q := withSecret(path, secret)
		q.who = "viewer"
		r.do(q).want(t, 404, "invalid_link")
	}
	r.do(accept(secret, "Grace")).want(t, 404, "invalid_link")

	old := r.invites("eve@example.com", "viewer")
	secret = r.invites("eve@example.com", "viewer")
	r.do(accept(old, "Eve")).want(t, 404, "invalid_link")
	var page InvitationPage
	r.do(request{path: "/invitations?limit=2", who: "admin"}).want(t, 200, "").into(t, &page)
	if len(page.Invitations) != 2 || page.Next == "" || !page.Invitations[0].ClosedAt.IsZero() || page.Invitations[1].ClosedAt.IsZero() {
		t.Fatalf("got %+v", page)
	}
	var rest InvitationPage
	r.do(request{path: "/invitations?limit=500&after=" + page.Next, who: "admin"}).want(t, 200, "").into(t, &rest)
	if len(rest.Invitations) != 4 || rest.Next != "" || rest.Invitations[0].User != me.User.Id {
		t.Errorf("got %+v", rest)
	}
	r.do(request{method: "DELETE", path: "/invitations/" + page.Invitations[0].Id, who: "admin"}).want(t, 204, "")
	r.do(request{method: "DELETE", path: "/invitations/" + page.Invitations[0].Id, who: "admin"}).want(t, 404, "not_found")
	r.do(accept(secret, "Eve")).want(t, 404, "invalid_link")

	secret = r.invites("late@example.com", "viewer")
	r.later(7 * 24 * time.Hour)
	r.do(accept(secret, "Late")).want(t, 404, "invalid_link")

	r.team["admin"] = r.signsIn("admin@example.com")
	boss := r.makeUser("boss@example.com", here, engine.RoleAdmin)
	r.team["boss"] = r.signsIn("boss@example.com")
	var n NewInvitation
	r.do(request{method: "POST", path: "/invitations", who: "boss", body: InvitationContent{Email: "x@example.com", Role: "admin"}}).want(t, 201, "").into(t, &n)
	_, tag := r.readMember(boss.ID)
	r.do(request{method: "PUT", path: "/members/" + boss.ID, who: "admin", body: MemberContent{Role: "viewer"}, header: map[string]string{"If-Match": tag}}).want(t, 200, "")
	r.do(accept(n.Secret, "X")).want(t, 404, "invalid_link")
	r.do(request{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "grace@example.com", Role: "viewer"}}).want(t, 409, "exists")
	r.do(request{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "grace", Role: "viewer"}}).want(t, 422, "invalid")
	r.do(request{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "y@example.com", Role: "owner"}}).want(t, 400, "invalid_request")
}

// TestInvitationsAreNoWayAroundPasswords: who has an account joins with it, and
// only with the one that was invited.
func TestInvitationsAreNoWayAroundPasswords(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	secret := r.invites("foreign@example.com", "contributor")
	r.do(accept(secret, "Eve")).want(t, 409, "sign_in_first")
	for who, code := range map[string]string{"-": "unauthenticated", "viewer": "invalid_link", "foreign/token": "needs_person"} {
		q := withSecret("join", secret)
		q.who = who
		if got := r.do(q); !contains(string(got.body), `"code":"`+code+`"`) {
			t.Errorf("%s: got %s", who, got.body)
		}
	}
	q := withSecret("join", secret)
	q.who = "foreign"
	r.do(q).want(t, 200, "")
	if me := r.me("foreign"); !slices.Equal(me.Workspaces, []Membership{{Workspace: here, Role: "contributor"}, {Workspace: there, Role: "admin"}}) {
		t.Errorf("got %+v", me)
	}
}
