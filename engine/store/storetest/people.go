package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// secretHash returns what stands for the hash of a secret.
func secretHash(name string) string { return engine.HashSecret(name) }

// someone stores a user.
func someone(t *testing.T, s engine.Tx, name string) engine.User {
	t.Helper()
	return must(s.PutUser(t.Context(), engine.User{Email: name + "@example.com", Name: name, Password: "encoded " + name}))(t)
}

// member stores a user who is a member here.
func member(t *testing.T, s engine.Tx, name string, role engine.Role) engine.User {
	t.Helper()
	u := someone(t, s, name)
	must(s.PutMember(t.Context(), here, u.ID, role))(t)
	return u
}

var madeAt = time.Date(2026, 4, 1, 12, 0, 0, 123e6, time.UTC)

func token(user string) engine.Token {
	return engine.Token{User: user, Name: "CI", Scopes: []engine.Scope{engine.ScopeRead}, Role: engine.RoleViewer, CreatedAt: madeAt, ExpiresAt: madeAt.Add(time.Hour)}
}

func invitation(by, email string) engine.Invitation {
	return engine.Invitation{Email: email, Role: engine.RoleReviewer, By: by, CreatedAt: madeAt, ExpiresAt: madeAt.Add(time.Hour)}
}

func userFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.User{}
	fill(t, reflect.ValueOf(&full).Elem(), "user")
	full.ID = ""
	bare := engine.User{Email: "bare@example.com", Name: "Bare"}
	if some := must(s.AnyUser(ctx))(t); some {
		t.Error("there is a user before there is one")
	}
	for _, u := range []engine.User{full, bare} {
		got := must(s.PutUser(ctx, u))(t)
		if u.ID, u.CreatedAt = got.ID, got.CreatedAt; u.ID == "" || time.Since(u.CreatedAt) > time.Minute {
			t.Fatalf("got %+v", got)
		}
		for range 2 {
			same(t, "PutUser", got, u)
			same(t, "User", must(s.User(ctx, u.ID))(t), u)
			same(t, "UserByEmail", must(s.UserByEmail(ctx, u.Email))(t), u)
			if u.Subject != "" {
				same(t, "UserBySubject", must(s.UserBySubject(ctx, u.Subject))(t), u)
			}
			u.Email, u.Name, u.Disabled, u.Password, u.Subject = "new-"+u.Email, u.Name+" new", !u.Disabled, u.Password+"x", "new"+u.Subject
			changed := u
			changed.CreatedAt = u.CreatedAt.Add(time.Hour) // which nobody can
			got = must(s.PutUser(ctx, changed))(t)
		}
	}
	if some := must(s.AnyUser(ctx))(t); !some {
		t.Error("there is no user after there are")
	}
	_, byEmail := s.UserByEmail(ctx, "bare@example.com")
	_, bySubject := s.UserBySubject(ctx, "")
	_, byID := s.User(ctx, "x")
	_, change := s.PutUser(ctx, engine.User{ID: "01890000-0000-7000-8000-000000000000", Email: "x@example.com", Name: "x"})
	for name, err := range map[string]error{"an old address": byEmail, "no subject": bySubject, "an id": byID, "a change of nobody": change} {
		if !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
}

// oneUserPerAddress: neither an address nor a subject is that of two, and no
// subject is that of many.
func oneUserPerAddress(t *testing.T, s engine.Store) {
	ctx := t.Context()
	one := must(s.PutUser(ctx, engine.User{Email: "one@example.com", Name: "One", Subject: "issuer one"}))(t)
	other, third := someone(t, s, "other"), someone(t, s, "third")
	for name, u := range map[string]engine.User{
		"a new one with the address": {Email: one.Email, Name: "x"},
		"a new one with the subject": {Email: "x@example.com", Name: "x", Subject: one.Subject},
		"another with the address":   {ID: other.ID, Email: one.Email, Name: "x"},
		"another with the subject":   {ID: third.ID, Email: third.Email, Name: "x", Subject: one.Subject},
	} {
		if _, err := s.PutUser(ctx, u); !errors.Is(err, engine.ErrExists) {
			t.Errorf("%s: got %v, want ErrExists", name, err)
		} else if strings.Contains(err.Error(), "example.com") || strings.Contains(err.Error(), "issuer") {
			t.Errorf("%s: the error tells whose: %v", name, err)
		}
	}
	same(t, "other", must(s.User(ctx, other.ID))(t), other)
}

// membersComeAndGo: pages, roles, and what is left when one goes.
func membersComeAndGo(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var want []engine.Member
	for i := range 5 {
		u := someone(t, s, fmt.Sprint("user", i))
		m := must(s.PutMember(ctx, here, u.ID, engine.Roles[i%4]))(t)
		same(t, "PutMember", m, engine.Member{User: u, Role: engine.Roles[i%4], Since: m.Since})
		want = append(want, m)
	}
	must(s.PutMember(ctx, there, want[1].User.ID, engine.RoleAdmin))(t)
	someone(t, s, "nobody")
	same(t, "Members", must(s.Members(ctx, here, engine.MemberFilter{}))(t), want)
	var paged []engine.Member
	for after := ""; ; after = paged[len(paged)-1].User.ID {
		page := must(s.Members(ctx, here, engine.MemberFilter{After: after, Limit: 2}))(t)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	same(t, "pages", paged, want)
	changed := must(s.PutMember(ctx, here, want[1].User.ID, engine.RoleReviewer))(t)
	want[1].Role = engine.RoleReviewer
	same(t, "changed", changed, want[1])
	same(t, "Member", must(s.Member(ctx, here, want[1].User.ID))(t), want[1])
	same(t, "Memberships", must(s.Memberships(ctx, want[1].User.ID))(t), []engine.Membership{{Workspace: here, Role: engine.RoleReviewer}, {Workspace: there, Role: engine.RoleAdmin}})
	if err := s.RemoveMember(ctx, here, want[1].User.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "after it", must(s.Memberships(ctx, want[1].User.ID))(t), []engine.Membership{{Workspace: there, Role: engine.RoleAdmin}})
	same(t, "the user", must(s.User(ctx, want[1].User.ID))(t), want[1].User)
	same(t, "the others", must(s.Members(ctx, here, engine.MemberFilter{}))(t), slices.Delete(want, 1, 2))
	_, putErr := s.PutMember(ctx, here, "01890000-0000-7000-8000-000000000000", engine.RoleViewer)
	for name, err := range map[string]error{"removed again": s.RemoveMember(ctx, here, changed.User.ID), "a user who is not there": putErr} {
		if !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
	if _, err := s.PutMember(ctx, here, changed.User.ID, "owner"); err == nil {
		t.Error("a role that is none was stored")
	}
}

func sessionFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	u := member(t, s, "u", engine.RoleReviewer)
	must(s.PutMember(ctx, there, u.ID, engine.RoleViewer))(t)
	loner := someone(t, s, "loner")
	full := engine.Session{}
	fill(t, reflect.ValueOf(&full).Elem(), "session")
	full.SeenAt = full.CreatedAt.Add(time.Hour) // so that the two times are not taken for each other
	for _, x := range []struct {
		user  engine.User
		where []engine.Membership
	}{
		{u, []engine.Membership{{Workspace: here, Role: engine.RoleReviewer}, {Workspace: there, Role: engine.RoleViewer}}},
		{loner, nil},
	} {
		want := full
		want.ID, want.User = "", x.user.ID
		stored := must(s.AddSession(ctx, want, secretHash(x.user.Name)))(t)
		want.ID = stored.ID
		same(t, "AddSession", stored, want)
		got, account, err := s.SessionOf(ctx, secretHash(x.user.Name))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "SessionOf", got, want)
		same(t, "account", account, engine.Account{User: x.user, Memberships: x.where})
		same(t, "Sessions", must(s.Sessions(ctx, x.user.ID))(t), []engine.Session{want})
	}
	if _, _, err := s.SessionOf(ctx, secretHash("other")); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if _, err := s.AddSession(ctx, engine.Session{User: "01890000-0000-7000-8000-000000000000"}, secretHash("x")); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a session of nobody: got %v, want ErrNotFound", err)
	}
}

// sessionsEnd: by one, by all but one, by age; each only for whom it is meant.
func sessionsEnd(t *testing.T, s engine.Store) {
	ctx := t.Context()
	u, v := someone(t, s, "u"), someone(t, s, "v")
	var list []engine.Session
	for i, user := range []string{u.ID, u.ID, u.ID, u.ID, v.ID} {
		at := madeAt.Add(time.Duration(i) * time.Hour)
		list = append(list, must(s.AddSession(ctx, engine.Session{User: user, CreatedAt: at, SeenAt: at}, secretHash(fmt.Sprint(i))))(t))
	}
	left := func(what, user string, want ...int) {
		t.Helper()
		var ids []string
		for _, x := range must(s.Sessions(ctx, user))(t) {
			ids = append(ids, x.ID)
		}
		var wanted []string
		for _, i := range want {
			wanted = append(wanted, list[i].ID)
		}
		same(t, what, ids, wanted)
	}
	left("the last used first", u.ID, 3, 2, 1, 0)
	if err := s.EndSession(ctx, v.ID, list[0].ID); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("ending another user's: got %v, want ErrNotFound", err)
	}
	if err := s.SeeSession(ctx, list[0].ID, madeAt.Add(9*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.SeeSession(ctx, list[0].ID, madeAt.Add(8*time.Hour)); err != nil { // a slower process
		t.Fatal(err)
	}
	left("seen", u.ID, 0, 3, 2, 1)
	if got := must(s.Sessions(ctx, u.ID))(t)[0].SeenAt; !got.Equal(madeAt.Add(9 * time.Hour)) {
		t.Errorf("seen at %v", got)
	}
	if err := s.EndSession(ctx, u.ID, list[3].ID); err != nil {
		t.Fatal(err)
	}
	left("one ended", u.ID, 0, 2, 1)
	if err := s.EndOldSessions(ctx, madeAt, madeAt.Add(time.Hour+1e6)); err != nil { // unused: 1
		t.Fatal(err)
	}
	left("unused ended", u.ID, 0, 2)
	if err := s.EndOldSessions(ctx, madeAt.Add(time.Hour), madeAt); err != nil { // old: 0
		t.Fatal(err)
	}
	left("old ended", u.ID, 2)
	five := must(s.AddSession(ctx, engine.Session{User: u.ID, CreatedAt: madeAt, SeenAt: madeAt}, secretHash("5")))(t)
	if n := must(s.EndSessions(ctx, u.ID, five.ID))(t); n != 1 {
		t.Errorf("ended %d, want 1", n)
	}
	if n := must(s.EndSessions(ctx, u.ID, ""))(t); n != 1 {
		t.Errorf("ended %d, want the last", n)
	}
	left("all ended", u.ID)
	left("another user's", v.ID, 4)
}

func tokenFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	u := member(t, s, "u", engine.RoleReviewer)
	must(s.PutMember(ctx, there, u.ID, engine.RoleAdmin))(t)
	v := member(t, s, "v", engine.RoleViewer)
	full := engine.Token{}
	fill(t, reflect.ValueOf(&full).Elem(), "token")
	full.User, full.Role, full.Scopes = u.ID, engine.RoleContributor, []engine.Scope{"answer.edit", "read"}
	full.ExpiresAt = full.CreatedAt.Add(time.Hour)
	want := must(s.AddToken(ctx, here, full, secretHash("one")))(t)
	full.Workspace, full.ID, full.UsedAt, full.RevokedAt = here, want.ID, nil, nil
	same(t, "AddToken", want, full)
	other := must(s.AddToken(ctx, here, token(v.ID), secretHash("two")))(t)
	elsewhere := must(s.AddToken(ctx, there, token(u.ID), secretHash("three")))(t)
	got, account, err := s.TokenOf(ctx, secretHash("one"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "TokenOf", got, full)
	same(t, "its maker, here only", account, engine.Account{User: u, Memberships: []engine.Membership{{Workspace: here, Role: engine.RoleReviewer}}})
	same(t, "all", must(s.Tokens(ctx, here, ""))(t), []engine.Token{other, full})
	same(t, "one's own", must(s.Tokens(ctx, here, u.ID))(t), []engine.Token{full})
	same(t, "elsewhere", must(s.Tokens(ctx, there, u.ID))(t), []engine.Token{elsewhere})

	used, revoked := madeAt.Add(2*time.Second), madeAt.Add(3*time.Second)
	for _, at := range []time.Time{madeAt, used, madeAt.Add(time.Second)} { // the last from a slower process
		if err := s.UseToken(ctx, here, full.ID, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []time.Time{revoked, revoked.Add(time.Hour)} { // once is enough
		if err := s.RevokeToken(ctx, here, full.ID, at); err != nil {
			t.Fatal(err)
		}
	}
	full.UsedAt, full.RevokedAt = &used, &revoked
	same(t, "used and revoked", must(s.Tokens(ctx, here, u.ID))(t), []engine.Token{full})
	if err := s.RemoveMember(ctx, here, u.ID); err != nil {
		t.Fatal(err)
	}
	if _, account, err = s.TokenOf(ctx, secretHash("one")); err != nil || len(account.Memberships) != 0 {
		t.Errorf("a token of who was removed: %+v (%v), want no membership", account, err)
	}
	if _, err := s.AddToken(ctx, here, token(u.ID), secretHash("four")); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a token of no member: got %v, want ErrNotFound", err)
	}
	if _, _, err := s.TokenOf(ctx, secretHash("four")); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := s.RevokeToken(ctx, here, "x", madeAt); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func invitationFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	host, guest := member(t, s, "host", engine.RoleAdmin), someone(t, s, "guest")
	full := engine.Invitation{}
	fill(t, reflect.ValueOf(&full).Elem(), "invitation")
	full.By, full.Role, full.ExpiresAt = host.ID, engine.RoleContributor, full.CreatedAt.Add(time.Hour)
	want := must(s.AddInvitation(ctx, here, full, secretHash("one")))(t)
	full.Workspace, full.ID, full.ClosedAt, full.User = here, want.ID, nil, ""
	same(t, "AddInvitation", want, full)
	same(t, "InvitationOf", must(s.InvitationOf(ctx, secretHash("one")))(t), full)
	other := must(s.AddInvitation(ctx, here, invitation(host.ID, "x@example.com"), secretHash("two")))(t)
	same(t, "Invitations", must(s.Invitations(ctx, here))(t), []engine.Invitation{other, full})
	closed := madeAt.Add(time.Minute)
	if err := errors.Join(s.CloseInvitation(ctx, here, full.ID, guest.ID, closed), s.CloseInvitation(ctx, here, other.ID, "", closed)); err != nil {
		t.Fatal(err)
	}
	full.ClosedAt, full.User, other.ClosedAt = &closed, guest.ID, &closed
	same(t, "closed", must(s.Invitations(ctx, here))(t), []engine.Invitation{other, full})
	for name, err := range map[string]error{
		"again":      s.CloseInvitation(ctx, here, full.ID, "", closed),
		"by another": s.CloseInvitation(ctx, here, full.ID, host.ID, closed),
		"none":       s.CloseInvitation(ctx, here, "x", "", closed),
		"by no member": func() error {
			_, err := s.AddInvitation(ctx, here, invitation(guest.ID, "y@example.com"), secretHash("three"))
			return err
		}(),
		"an unknown link": func() error { _, err := s.InvitationOf(ctx, secretHash("three")); return err }(),
	} {
		if !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", name, err)
		}
	}
	same(t, "after it", must(s.Invitations(ctx, here))(t), []engine.Invitation{other, full})
}

func setUpsAndThrottles(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for i := range 3 {
		if err := s.AddSetUp(ctx, secretHash(fmt.Sprint(i)), madeAt.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EndSetUps(ctx, madeAt.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i, there := range []bool{false, true, true} {
		at, err := s.SetUpEnds(ctx, secretHash(fmt.Sprint(i)))
		if there && (err != nil || !at.Equal(madeAt.Add(time.Duration(i)*time.Hour))) || !there && !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("link %d: %v (%v), there %t", i, at, err, there)
		}
	}
	key := secretHash("key")
	same(t, "no throttle", must(s.Throttle(ctx, key))(t), engine.Throttle{Key: key})
	for _, x := range []engine.Throttle{
		{Key: key, Failures: 3, LastAt: madeAt}, {Key: key, Failures: 9, LastAt: madeAt, Until: madeAt.Add(time.Minute)}, {Key: key, Failures: 1, LastAt: madeAt.Add(time.Hour)}, {Key: key},
		{Key: key, Failures: 2, LastAt: madeAt},
	} {
		if err := s.PutThrottle(ctx, x); err != nil {
			t.Fatal(err)
		}
		same(t, "Throttle", must(s.Throttle(ctx, key))(t), x)
	}
	if err := s.PutThrottle(ctx, engine.Throttle{Key: secretHash("later"), Failures: 1, LastAt: madeAt.Add(time.Second)}); err != nil {
		t.Fatal(err)
	}
	if err := s.ForgetThrottles(ctx, madeAt.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if old, later := must(s.Throttle(ctx, key))(t), must(s.Throttle(ctx, secretHash("later")))(t); old.Failures != 0 || later.Failures != 1 {
		t.Errorf("%+v, %+v; want the old one forgotten", old, later)
	}
}

// usersEnterAndLeaveLogs: what happens to a user is in the log of each workspace
// that they are a member of at that time, and in no other; the logs verify
// whatever happened in between.
func usersEnterAndLeaveLogs(t *testing.T, s engine.Store) {
	ctx := t.Context()
	if err := s.EnsureWorkspace(ctx, "third"); err != nil {
		t.Fatal(err)
	}
	u := someone(t, s, "u")
	change := func() { u.Name += "x"; u = must(s.PutUser(ctx, u))(t) }
	remove := func() {
		if err := s.RemoveMember(ctx, here, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	change()
	must(s.PutMember(ctx, here, u.ID, engine.RoleViewer))(t)
	change()
	must(s.PutMember(ctx, there, u.ID, engine.RoleViewer))(t)
	change()
	u.Disabled = true
	change()
	remove()
	u.Password = "other"
	change()
	must(s.PutMember(ctx, here, u.ID, engine.RoleAdmin))(t)
	change()
	must(s.PutUser(ctx, u))(t) // nothing
	if err := s.AuditLockout(ctx, u.ID, madeAt); err != nil {
		t.Fatal(err)
	}
	lockout := fmt.Sprintf("added lockout:%s:%d", u.ID, madeAt.UnixMilli())
	user, mem := "user:"+u.ID, "member:"+u.ID
	for workspace, want := range map[string][]string{
		here: {
			"added " + user, "added " + mem, "changed " + user, "changed " + user, "changed " + user, "removed " + mem, "removed " + user,
			"added " + user, "added " + mem, "changed " + user, lockout,
		},
		there:   {"added " + user, "added " + mem, "changed " + user, "changed " + user, "changed " + user, "changed " + user, lockout},
		"third": nil,
	} {
		var got []string
		for _, e := range all(t, s.AuditEvents(ctx, workspace, 0)) {
			got = append(got, string(e.Action)+" "+e.Object)
		}
		same(t, workspace, got, want)
		if r := must(engine.VerifyAudit(ctx, s, workspace, nil))(t); len(r.Breaks) != 0 || r.Before != 0 || len(want) > 0 && r.Objects != 2 {
			t.Errorf("%s: %+v", workspace, r)
		}
	}
}
