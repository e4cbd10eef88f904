package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// allScopes are the groups that hold every action.
var allScopes = []string{"read", "write", "decide", "admin"}

// TestTokensLoseWhatTheirMakerLoses: a token may do what its scopes, its role and
// its maker's role at that moment all allow.
func TestTokensLoseWhatTheirMakerLoses(t *testing.T) { overBoth(t, newDatabase, tokensLose) }

func tokensLose(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	u := x.join(t, "u", engine.RoleAdmin)
	made := func(role engine.Role, scopes ...string) string {
		_, secret, err := x.MakeToken(ctx, x.who(t, u.Secret), "w", engine.NewToken{Name: "CI", Scopes: scopes, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(secret, "vouch_") || len(secret) != len("vouch_")+43 {
			t.Errorf("a secret of %d characters", len(secret))
		}
		return secret
	}
	full, low, narrow := made("", allScopes...), made(engine.RoleContributor, allScopes...), made("", "answer.decide", "read")
	for _, maker := range append(slices.Clone(engine.Roles), engine.RoleAdmin) {
		must(x.ChangeRole(ctx, x.boss(t), "w", u.User.ID, maker))(t)
		for _, a := range engine.Actions() {
			for secret, want := range map[string]bool{
				full:   engine.May(maker, a),
				low:    engine.May(maker, a) && engine.May(engine.RoleContributor, a),
				narrow: engine.May(maker, a) && (a == engine.ActionAnswerDecide || engine.ScopesAllow([]engine.Scope{"read"}, a)),
			} {
				p := x.who(t, secret)
				if got := p.May("w", a); got != want || p.May("other", a) {
					t.Errorf("%v of a %s may %s: %t, elsewhere %t", p.Token.Scopes, maker, a, got, p.May("other", a))
				}
			}
		}
	}
	if p := x.who(t, narrow); p.Actor("x") != (engine.Actor{Name: "token:" + p.Token.ID, From: "x"}) || p.User.ID != u.User.ID || p.User.Password != "" {
		t.Errorf("it acts as %+v", p)
	}
	must(x.Disable(ctx, x.boss(t), u.User.ID, true))(t)
	x.out(t, "its maker is disabled", full)
	must(x.Disable(ctx, x.boss(t), u.User.ID, false))(t)
	x.who(t, full)
	if err := x.RemoveMember(ctx, x.boss(t), "w", u.User.ID); err != nil {
		t.Fatal(err)
	}
	x.out(t, "its maker is removed", full)
	must(x.s.PutMember(ctx, "w", u.User.ID, engine.RoleAdmin))(t)
	x.out(t, "its maker is back", full)
	x.verified(t)
}

// TestTokensEnd: by their day, by being revoked by their maker or an admin, and
// by nobody else.
func TestTokensEnd(t *testing.T) { overBoth(t, newDatabase, tokensEnd) }

func tokensEnd(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	u, v := x.join(t, "u", engine.RoleContributor), x.join(t, "v", engine.RoleReviewer)
	now := func(s engine.SignedIn) *engine.Principal { return x.who(t, s.Secret) }
	token := func(life time.Duration) (engine.Token, string) {
		made, secret, err := x.MakeToken(ctx, now(u), "w", engine.NewToken{Name: "CI", Scopes: []string{"read", "admin"}, Life: life})
		if err != nil {
			t.Fatal(err)
		}
		return made, secret
	}
	one, oneSecret := token(0)
	if got := one.ExpiresAt.Sub(one.CreatedAt); got != 90*24*time.Hour || one.Role != engine.RoleContributor {
		t.Errorf("it lasts %v as %s", got, one.Role)
	}
	two, twoSecret := token(time.Hour)
	refused(t, "another member", x.RevokeToken(ctx, now(v), "w", one.ID), engine.ErrNotFound)
	_, err := x.ListTokens(ctx, now(v), "w", true)
	refused(t, "another member lists them", err, engine.ErrForbidden)
	if list := must(x.ListTokens(ctx, now(v), "w", false))(t); len(list) != 0 {
		t.Errorf("another member sees %+v", list)
	}
	if list := must(x.ListTokens(ctx, now(u), "w", false))(t); len(list) != 2 {
		t.Errorf("the maker sees %+v", list)
	}
	if err := x.RevokeToken(ctx, now(u), "w", one.ID); err != nil {
		t.Fatal(err)
	}
	x.out(t, "revoked by its maker", oneSecret)
	x.later(time.Hour - time.Millisecond)
	x.who(t, twoSecret)
	x.later(time.Millisecond)
	x.out(t, "expired", twoSecret)
	three, threeSecret := token(365 * 24 * time.Hour)
	if list := must(x.ListTokens(ctx, x.boss(t), "w", true))(t); len(list) != 3 || list[0].ID != three.ID || list[1].ID != two.ID {
		t.Errorf("an admin sees %+v", list)
	}
	if err := x.RevokeToken(ctx, x.boss(t), "w", three.ID); err != nil {
		t.Fatal(err)
	}
	x.out(t, "revoked by an admin", threeSecret)
	for _, c := range []struct {
		name string
		n    engine.NewToken
		want error
	}{
		{"a higher role", engine.NewToken{Name: "x", Scopes: []string{"read"}, Role: engine.RoleReviewer}, engine.ErrTokenRole},
		{"no role", engine.NewToken{Name: "x", Scopes: []string{"read"}, Role: "owner"}, engine.ErrTokenRole},
		{"too long", engine.NewToken{Name: "x", Scopes: []string{"read"}, Life: 365*24*time.Hour + 1}, engine.ErrTokenLife},
		{"in the past", engine.NewToken{Name: "x", Scopes: []string{"read"}, Life: -1}, engine.ErrTokenLife},
		{"no name", engine.NewToken{Scopes: []string{"read"}}, engine.ErrName},
	} {
		_, _, err := x.MakeToken(ctx, now(u), "w", c.n)
		refused(t, c.name, err, c.want)
	}
	_, _, err = x.MakeToken(ctx, now(u), "other", engine.NewToken{Name: "x", Scopes: []string{"read"}})
	refused(t, "another workspace", err, engine.ErrNoWorkspace)
	x.verified(t)
}

// TestTokensAreNoPeople: what is for who is signed in is not for a token, even
// one that may all.
func TestTokensAreNoPeople(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	_, secret, err := x.MakeToken(ctx, x.boss(t), "w", engine.NewToken{Name: "all", Scopes: allScopes})
	if err != nil {
		t.Fatal(err)
	}
	p := x.who(t, secret)
	_, _, tokenErr := x.MakeToken(ctx, p, "w", engine.NewToken{Name: "x", Scopes: []string{"read"}})
	_, passwordErr := x.ChangePassword(ctx, p, goodPassword, "other words than before", atHome)
	_, listErr := x.ListSessions(ctx, p)
	_, othersErr := x.RevokeOtherSessions(ctx, p)
	_, joinErr := x.JoinByInvitation(ctx, p, "x")
	_, disableErr := x.Disable(ctx, p, p.User.ID, true)
	for name, err := range map[string]error{
		"MakeToken": tokenErr, "ChangePassword": passwordErr, "ListSessions": listErr, "RevokeOtherSessions": othersErr,
		"RevokeSession": x.RevokeSession(ctx, p, x.admin.Session.ID), "JoinByInvitation": joinErr, "Disable": disableErr,
	} {
		refused(t, name, err, engine.ErrNeedsPerson)
	}
	x.boss(t)
}

// TestTokensAreBounded: nobody fills the table.
func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	p := x.boss(t)
	n := engine.NewToken{Name: "CI", Scopes: []string{"read"}, Life: time.Hour}
	for range 100 {
		if _, _, err := x.MakeToken(ctx, p, "w", n); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := x.MakeToken(ctx, p, "w", n)
	refused(t, "one more", err, engine.ErrManyTokens)
	x.later(time.Hour)
	if _, _, err := x.MakeToken(ctx, p, "w", n); err != nil {
		t.Errorf("after they have ended: %v", err)
	}
}

// TestBruteForceIsSlowed: whoever tries many passwords for one account gets to
// try a handful, then one each time twice as long has passed, however many at
// once and through however many processes.
func TestBruteForceIsSlowed(t *testing.T) { overBoth(t, newDatabase, bruteForce) }

func bruteForce(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	y := noTeam(t, mustOpen(t, path))
	y.Now = x.Now
	x.join(t, "u", engine.RoleViewer)
	tries := func() int64 { return x.hasher.checks.Load() + y.hasher.checks.Load() }
	flood := func(n int) (waits []time.Duration) {
		all := make([]time.Duration, n)
		race(n, func(i int) error {
			b := engine.Browser{From: fmt.Sprintf("198.51.100.%d", i)} // each from somewhere else
			_, err := []*team{x, y}[i%2].SignIn(ctx, "U@example.com ", fmt.Sprint("guess ", i), b)
			var slow *engine.ThrottledError
			if !errors.As(err, &slow) && !errors.Is(err, engine.ErrSignIn) {
				t.Errorf("guess %d: %v", i, err)
			} else if slow != nil {
				all[i] = slow.Wait
			}
			return err
		})
		return slices.DeleteFunc(all, func(d time.Duration) bool { return d == 0 })
	}
	if waits := flood(40); tries() != 5 || len(waits) != 35 {
		t.Fatalf("%d passwords were tried at once and %d refused", tries(), len(waits))
	}
	wait := time.Second
	for round := range 14 {
		before := tries()
		x.later(wait - time.Millisecond)
		if waits := flood(2); tries() != before || len(waits) != 2 || waits[0] != time.Millisecond {
			t.Fatalf("round %d: tried too early (%v)", round, waits)
		}
		x.later(time.Millisecond)
		if waits := flood(3); tries() != before+1 || len(waits) != 2 {
			t.Fatalf("round %d: %d were tried after the wait, want 1", round, tries()-before)
		}
		wait = min(2*wait, 15*time.Minute)
	}
	_, err := x.SignIn(ctx, "u@example.com", goodPassword, atHome)
	var slow *engine.ThrottledError
	if !errors.As(err, &slow) || slow.Wait != 15*time.Minute || !strings.Contains(err.Error(), "900 seconds") {
		t.Errorf("the right password while it is slowed: %v", err)
	}
	x.later(15 * time.Minute)
	must(x.SignIn(ctx, "u@example.com", goodPassword, atHome))(t) // time unlocks, and a right password forgets
	before := tries()
	if flood(10); tries() != before+5 {
		t.Errorf("after it %d were tried", tries()-before)
	}
	must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t) // others never were
	lockouts := 0
	for e := range x.s.AuditEvents(ctx, "w", 0) {
		if strings.HasPrefix(e.Object, "lockout:") {
			lockouts++
		}
	}
	if lockouts != 2 {
		t.Errorf("%d lockouts are in the log, want one for each time it began", lockouts)
	}
	x.verified(t)
}

// TestOneAddressIsSlowed: whoever tries one password on many accounts, also with
// their own one in between, and with the addresses of one IPv6 network.
func TestOneAddressIsSlowed(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	for name, from := range map[string]func(i int) string{
		"IPv4":             func(int) string { return "203.0.113.9" },
		"IPv4 in IPv6":     func(int) string { return "::ffff:203.0.113.10" },
		"one IPv6 network": func(i int) string { return fmt.Sprintf("2001:db8:1:2:%x::%x", i, i) },
		"no address":       func(int) string { return "somewhere" },
	} {
		before := x.hasher.checks.Load()
		for i := range 60 {
			_, _ = x.SignIn(ctx, fmt.Sprintf("u%d@example.com", i), "summer 2026 is hot", engine.Browser{From: from(i)})
			if i%10 == 0 {
				_, _ = x.SignIn(ctx, "admin@example.com", goodPassword, engine.Browser{From: from(i)})
			}
		}
		if got := x.hasher.checks.Load() - before; got != 30+3 {
			t.Errorf("%s: %d passwords were tried, want 30 and three right ones", name, got)
		}
	}
	must(x.SignIn(ctx, "admin@example.com", goodPassword, engine.Browser{From: "2001:db8:1:3::1"}))(t)
	x.later(24 * time.Hour)
	must(x.SignIn(ctx, "admin@example.com", goodPassword, engine.Browser{From: "203.0.113.9"}))(t)
}

// TestNobodyLearnsWhichAddressesThereAre: known, unknown, disabled and
// without a password are told the same, after the same work, and slowed alike.
func TestNobodyLearnsWhichAddressesThereAre(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	x.join(t, "known", engine.RoleViewer)
	must(x.Disable(ctx, x.boss(t), x.join(t, "disabled", engine.RoleViewer).User.ID, true))(t)
	must(x.s.PutUser(ctx, engine.User{Email: "external@example.com", Name: "E", Subject: "issuer e"}))(t)
	told := map[string][]string{}
	emails := []string{"known@example.com", "unknown@example.com", "disabled@example.com", "external@example.com", "no address at all", ""}
	for _, email := range emails {
		for i := range 8 {
			checks, hashes := x.hasher.checks.Load(), x.hasher.hashes.Load()
			_, err := x.SignIn(ctx, email, "wrong words", engine.Browser{From: fmt.Sprint(email, i)})
			if err == nil {
				t.Fatalf("%q is let in", email)
			}
			told[email] = append(told[email], fmt.Sprint(err, x.hasher.checks.Load()-checks, x.hasher.hashes.Load()-hashes))
		}
		if !slices.Equal(told[email], told[emails[0]]) {
			t.Errorf("%q is told %q, a known one %q", email, told[email], told[emails[0]])
		}
	}
	if got := told[emails[0]]; !strings.HasSuffix(got[4], "1 0") || !strings.Contains(got[5], "too many") || !strings.HasSuffix(got[5], "0 0") {
		t.Errorf("told %q, want five that were checked and then a wait", got)
	}
	x.later(time.Hour)
	_, err := x.SignIn(ctx, "known@example.com", strings.Repeat(goodPassword, 100), atHome)
	refused(t, "a password that is too long", err, engine.ErrSignIn)
	_, err = x.SignIn(ctx, "disabled@example.com", goodPassword, engine.Browser{From: "x"})
	refused(t, "the right password of who is disabled", err, engine.ErrSignIn)
}

// crowded is a hasher with no place left.
type crowded struct{ quickHasher }

func (*crowded) CheckPassword(context.Context, string, string) (bool, bool, error) {
	return false, false, engine.ErrCrowd
}

// TestACrowdIsNoFailure: who is sent away because too many sign in does not have
// to wait for it afterwards.
func TestACrowdIsNoFailure(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	x.Passwords = &crowded{}
	for range 50 {
		_, err := x.SignIn(ctx, "admin@example.com", goodPassword, atHome)
		refused(t, "a crowd", err, engine.ErrCrowd)
	}
	x.Passwords = x.hasher
	must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
}

// TestOutdatedPasswordsAreEncodedAnew: when their user signs in, which is in the
// log.
func TestOutdatedPasswordsAreEncodedAnew(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	u := must(x.s.User(ctx, x.admin.User.ID))(t)
	fresh := u.Password
	u.Password = "1:" + strings.TrimPrefix(fresh, quickVersion)
	must(x.s.PutUser(ctx, u))(t)
	_, err := x.SignIn(ctx, u.Email, "wrong words", atHome)
	refused(t, "a wrong one", err, engine.ErrSignIn)
	if got := must(x.s.User(ctx, u.ID))(t).Password; got != u.Password {
		t.Errorf("a wrong password made it %q", got)
	}
	must(x.SignIn(ctx, u.Email, goodPassword, atHome))(t)
	if got := must(x.s.User(ctx, u.ID))(t).Password; got != fresh {
		t.Errorf("it is kept as %q, want %q", got, fresh)
	}
	x.verified(t)
}

// TestChangePassword: the old one is needed, guessing it is slowed, and there is
// none to be had for who has none.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	_, err := x.ChangePassword(ctx, x.boss(t), goodPassword, "short", atHome)
	refused(t, "a short one", err, engine.ErrPasswordShort)
	for range 5 {
		_, err = x.ChangePassword(ctx, x.boss(t), "a wrong guess", "other words than before", atHome)
		refused(t, "a wrong old one", err, engine.ErrSignIn)
	}
	var slow *engine.ThrottledError
	if _, err = x.ChangePassword(ctx, x.boss(t), goodPassword, "other words than before", atHome); !errors.As(err, &slow) {
		t.Errorf("after five wrong ones: %v", err)
	}
	x.later(time.Second)
	in := must(x.ChangePassword(ctx, x.boss(t), goodPassword, "other words than before", atHome))(t)
	if p := x.who(t, in.Secret); p.User.ID != x.admin.User.ID {
		t.Errorf("the new session is of %+v", p.User)
	}
	_, err = x.SignIn(ctx, "admin@example.com", goodPassword, atHome)
	refused(t, "the old password", err, engine.ErrSignIn)
	must(x.SignIn(ctx, "admin@example.com", "other words than before", atHome))(t)
	id := engine.ExternalIdentity{Subject: "issuer e", Email: "e@example.com", Name: "E", Roles: map[string]engine.Role{"w": engine.RoleViewer}}
	ext := must(x.SignInExternal(ctx, id, atHome))(t)
	_, err = x.ChangePassword(ctx, x.who(t, ext.Secret), "", "other words than before", atHome)
	refused(t, "who has none", err, engine.ErrSignIn)
	x.verified(t)
}

// TestResetPassword: who runs vouch lets somebody in again who has forgotten
// theirs, or was slowed by somebody else.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	x := newTeam(t, t.TempDir())
	ctx := engine.WithActor(t.Context(), engine.Actor{Name: "os:root", From: "command line"})
	for range 5 {
		_, err := x.SignIn(ctx, "admin@example.com", "forgotten words", atHome)
		refused(t, "forgotten", err, engine.ErrSignIn)
	}
	_, err := x.ResetPassword(ctx, "nobody@example.com", "other words than before")
	refused(t, "nobody", err, engine.ErrNotFound)
	_, err = x.ResetPassword(ctx, "admin@example.com", "short")
	refused(t, "a short one", err, engine.ErrPasswordShort)
	x.boss(t)
	if u := must(x.ResetPassword(ctx, "Admin@example.com", "other words than before"))(t); u.ID != x.admin.User.ID || u.Password != "" {
		t.Errorf("it was that of %+v", u)
	}
	x.out(t, "after a reset", x.admin.Secret)
	must(x.SignIn(ctx, "admin@example.com", "other words than before", atHome))(t)
	var last engine.AuditEvent
	for e := range x.s.AuditEvents(ctx, "w", 0) {
		last = e
	}
	if last.Object != "user:"+x.admin.User.ID || last.Actor != "os:root" {
		t.Errorf("the log ends with %+v", last)
	}
	x.verified(t)
}

// TestTheLastAdminStays: a workspace always has somebody who manages it and can
// sign in.
func TestTheLastAdminStays(t *testing.T) { overBoth(t, newDatabase, lastAdmin) }

func lastAdmin(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	u, id := x.join(t, "u", engine.RoleAdmin), x.admin.User.ID
	must(x.Disable(ctx, x.boss(t), u.User.ID, true))(t) // an admin who cannot sign in is none
	_, roleErr := x.ChangeRole(ctx, x.boss(t), "w", id, engine.RoleReviewer)
	_, disableErr := x.Disable(ctx, x.boss(t), id, true)
	for name, err := range map[string]error{"another role": roleErr, "removed": x.RemoveMember(ctx, x.boss(t), "w", id), "disabled": disableErr} {
		refused(t, name, err, engine.ErrLastAdmin)
	}
	must(x.ChangeRole(ctx, x.boss(t), "w", id, engine.RoleAdmin))(t)
	must(x.Disable(ctx, x.boss(t), u.User.ID, false))(t)
	u = must(x.SignIn(ctx, "u@example.com", goodPassword, atHome))(t)
	y := noTeam(t, mustOpen(t, path))
	for round := range 5 { // each takes the other's role at the same moment
		admins := []*engine.Principal{x.boss(t), x.who(t, u.Secret)}
		won := race(2, func(i int) error {
			_, err := []*team{x, y}[i].ChangeRole(ctx, admins[i], "w", admins[1-i].User.ID, engine.RoleViewer)
			if err != nil {
				refused(t, "who was slower", err, engine.ErrForbidden)
			}
			return err
		})
		left := 0
		for _, m := range must(x.s.Members(ctx, "w", engine.MemberFilter{}))(t) {
			if m.Role == engine.RoleAdmin {
				left++
			}
		}
		if won != 1 || left != 1 {
			t.Fatalf("round %d: %d won and %d admins are left", round, won, left)
		}
		must(x.s.PutMember(ctx, "w", id, engine.RoleAdmin))(t)
		must(x.s.PutMember(ctx, "w", u.User.ID, engine.RoleAdmin))(t)
	}
	x.verified(t)
}

// TestWorkspacesDoNotSeeEachOthersPeople: an admin of one workspace can do
// nothing to the people of another, and does not learn that they are there.
func TestWorkspacesDoNotSeeEachOthersPeople(t *testing.T) { overBoth(t, newDatabase, foreignPeople) }

func foreignPeople(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	both, theirs := x.join(t, "both", engine.RoleViewer), x.join(t, "theirs", engine.RoleViewer)
	if err := x.s.EnsureWorkspace(ctx, "other"); err != nil {
		t.Fatal(err)
	}
	eve := must(x.s.PutUser(ctx, engine.User{Email: "eve@example.com", Name: "Eve", Password: must(x.hasher.HashPassword(ctx, goodPassword))(t)}))(t)
	must(x.s.PutMember(ctx, "other", eve.ID, engine.RoleAdmin))(t)
	must(x.s.PutMember(ctx, "other", both.User.ID, engine.RoleViewer))(t)
	by := x.who(t, must(x.SignIn(ctx, "eve@example.com", goodPassword, atHome))(t).Secret)
	made, _, err := x.MakeToken(ctx, x.boss(t), "w", engine.NewToken{Name: "CI", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, x.s)
	w := map[string]error{}
	_, w["ListMembers"] = x.ListMembers(ctx, by, "w", engine.MemberFilter{})
	_, w["ChangeRole"] = x.ChangeRole(ctx, by, "w", theirs.User.ID, engine.RoleAdmin)
	w["RemoveMember"] = x.RemoveMember(ctx, by, "w", theirs.User.ID)
	_, _, w["Invite"] = x.Invite(ctx, by, "w", "x@example.com", engine.RoleAdmin)
	_, w["ListInvitations"] = x.ListInvitations(ctx, by, "w")
	w["WithdrawInvitation"] = x.WithdrawInvitation(ctx, by, "w", made.ID)
	_, _, w["MakeToken"] = x.MakeToken(ctx, by, "w", engine.NewToken{Name: "x", Scopes: []string{"read"}})
	_, w["ListTokens"] = x.ListTokens(ctx, by, "w", true)
	w["RevokeToken"] = x.RevokeToken(ctx, by, "w", made.ID)
	_, nowhere := x.ListMembers(ctx, by, "there is none", engine.MemberFilter{})
	for name, err := range w {
		refused(t, name, err, engine.ErrNoWorkspace)
		if !strings.HasSuffix(err.Error(), nowhere.Error()) {
			t.Errorf("%s: %q, where there is no workspace %q", name, err, nowhere)
		}
	}
	n := map[string]error{}
	_, n["Disable"] = x.Disable(ctx, by, theirs.User.ID, true)
	_, n["ChangeRole"] = x.ChangeRole(ctx, by, "other", theirs.User.ID, engine.RoleAdmin)
	n["RemoveMember"] = x.RemoveMember(ctx, by, "other", theirs.User.ID)
	n["RevokeToken"] = x.RevokeToken(ctx, by, "other", made.ID)
	n["RevokeSession"] = x.RevokeSession(ctx, by, theirs.Session.ID)
	for name, err := range n {
		refused(t, name+" of theirs", err, engine.ErrNotFound)
	}
	_, err = x.Disable(ctx, by, both.User.ID, true)
	refused(t, "who is in both", err, engine.ErrMemberOfOther)
	if list := must(x.ListMembers(ctx, by, "other", engine.MemberFilter{}))(t); len(list) != 2 || list[0].User.ID != both.User.ID || list[1].User.ID != eve.ID {
		t.Errorf("the other workspace has %+v", list)
	}
	if after := snapshot(t, x.s); !maps.EqualFunc(before, after, slices.Equal) {
		t.Error("something was written")
	}
}

// TestEveryUseCaseAsksForTheRole: each is tried in each role, and done by those
// only that the table of permissions lets.
func TestEveryUseCaseAsksForTheRole(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, c := range []struct {
		name   string
		action engine.Action
		do     func(x *team, by *engine.Principal, target engine.SignedIn) error
	}{
		{"ListMembers", engine.ActionMemberRead, func(x *team, by *engine.Principal, _ engine.SignedIn) error {
			_, err := x.ListMembers(ctx, by, "w", engine.MemberFilter{})
			return err
		}},
		{"ChangeRole", engine.ActionMemberManage, func(x *team, by *engine.Principal, u engine.SignedIn) error {
			_, err := x.ChangeRole(ctx, by, "w", u.User.ID, engine.RoleContributor)
			return err
		}},
		{"RemoveMember", engine.ActionMemberManage, func(x *team, by *engine.Principal, u engine.SignedIn) error {
			return x.RemoveMember(ctx, by, "w", u.User.ID)
		}},
		{"Invite", engine.ActionMemberManage, func(x *team, by *engine.Principal, _ engine.SignedIn) error {
			_, _, err := x.Invite(ctx, by, "w", "x@example.com", engine.RoleViewer)
			return err
		}},
		{"ListInvitations", engine.ActionMemberManage, func(x *team, by *engine.Principal, _ engine.SignedIn) error {
			_, err := x.ListInvitations(ctx, by, "w")
			return err
		}},
		{"MakeToken", engine.ActionTokenMake, func(x *team, by *engine.Principal, _ engine.SignedIn) error {
			_, _, err := x.MakeToken(ctx, by, "w", engine.NewToken{Name: "x", Scopes: []string{"read"}})
			return err
		}},
		{"ListTokens", engine.ActionTokenManage, func(x *team, by *engine.Principal, _ engine.SignedIn) error {
			_, err := x.ListTokens(ctx, by, "w", true)
			return err
		}},
		{"Disable", engine.ActionMemberManage, func(x *team, by *engine.Principal, u engine.SignedIn) error {
			_, err := x.Disable(ctx, by, u.User.ID, true)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newTeam(t, t.TempDir())
			for _, role := range engine.Roles {
				target := x.join(t, "target-"+string(role), engine.RoleViewer)
				by := x.who(t, x.join(t, "by-"+string(role), role).Secret)
				err := c.do(x, by, target)
				want := engine.ErrForbidden
				switch {
				case engine.May(role, c.action):
					want = nil
				case c.name == "Disable": // to who manages nothing there is nobody
					want = engine.ErrNotFound
				}
				refused(t, string(role), err, want)
			}
			// A role that was taken away since the request began does not count.
			late := x.join(t, "late", engine.RoleAdmin)
			by := x.who(t, late.Secret)
			must(x.ChangeRole(ctx, x.boss(t), "w", late.User.ID, engine.RoleViewer))(t)
			if err := c.do(x, by, x.join(t, "target", engine.RoleViewer)); err == nil && !strings.HasPrefix(c.name, "List") {
				t.Error("a role that was taken away still counts")
			}
		})
	}
}

// snapshot returns all rows of all tables, as text.
func snapshot(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	tables := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if s.d != &sqliteDialect {
		tables = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`
	}
	list := must(names(t.Context(), s.write, tables))(t)
	rows := map[string][]string{}
	for _, table := range list {
		rows[table] = dump(t, s, table)
	}
	for _, table := range []string{"users", "members", "sessions", "tokens", "audit_events"} {
		if len(rows[table]) == 0 {
			t.Fatalf("there is nothing in %s", table)
		}
	}
	return rows
}

func dump(t *testing.T, s *Store, table string) (list []string) {
	t.Helper()
	rows, err := s.write.QueryContext(t.Context(), `SELECT * FROM `+table+` ORDER BY 1, 2`)
	if table == "vouch_database" {
		rows, err = s.write.QueryContext(t.Context(), `SELECT * FROM `+table)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns := must(rows.Columns())(t)
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i := range row {
			if b, ok := row[i].([]byte); ok {
				row[i] = string(b)
			}
		}
		list = append(list, fmt.Sprint(row...))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestSecretsAreInNoTable: no secret and no password that anybody was given or
// typed is anywhere in the database, and in no text of an error.
func TestSecretsAreInNoTable(t *testing.T) { overBoth(t, newDatabase, secretsNowhere) }

func secretsNowhere(t *testing.T, path string) {
	ctx, x := t.Context(), noTeam(t, mustOpen(t, path))
	const wrong = "a wrong password, typed"
	var texts []string
	failed := func(err error) {
		if err == nil {
			t.Error("nothing failed")
		} else {
			texts = append(texts, err.Error(), fmt.Sprintf("%+v %#v", err, err))
		}
	}
	link := must(x.BeginSetUp(ctx))(t)
	n := engine.NewUser{Email: "admin@example.com", Name: "Admin", Password: goodPassword}
	early := snapshotOf(t, x.s, "setups")
	x.admin = must(x.SetUp(ctx, link, "w", n, atHome))(t)
	_, err := x.SetUp(ctx, link, "w", n, atHome)
	failed(err)
	_, invitation, err := x.Invite(ctx, x.boss(t), "w", "u@example.com", engine.RoleViewer)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := x.MakeToken(ctx, x.boss(t), "w", engine.NewToken{Name: "CI", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	u := must(x.AcceptInvitation(ctx, invitation, engine.NewUser{Name: "U", Password: goodPassword}, atHome))(t)
	for _, secret := range []string{invitation, token, u.Secret} {
		_, err = x.AcceptInvitation(ctx, secret, n, atHome)
		failed(err)
		_, err = x.SetUp(ctx, secret, "w", n, atHome)
		failed(err)
		_, err = x.Authenticate(ctx, secret+"x")
		failed(err)
	}
	for range 7 {
		_, err = x.SignIn(ctx, "typed@example.com", wrong, engine.Browser{From: "192.0.2.7"})
		failed(err)
	}
	_, err = x.ChangePassword(ctx, x.boss(t), wrong, "other words than before", atHome)
	failed(err)
	_, err = x.ChangePassword(ctx, x.boss(t), goodPassword, "password1234", atHome)
	failed(err)
	failed(x.RemoveMember(ctx, x.boss(t), "w", x.admin.User.ID))
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, secret := range []string{token, u.Secret} {
		_, err = x.Authenticate(cancelled, secret)
		failed(err)
	}
	_, err = x.SignIn(cancelled, "admin@example.com", goodPassword, atHome)
	failed(err)

	// The hash of a secret belongs to its own column, and to nothing that is shown.
	secrets := map[string]string{"set-up": link, "invitation": invitation, "token": token, "session": x.admin.Secret, "session of another": u.Secret, "password": goodPassword, "wrong password": wrong, "address that failed": "typed@example.com"}
	rows := snapshot(t, x.s)
	rows["setups before"] = early
	for name, secret := range secrets {
		for table, list := range rows {
			for _, row := range list {
				if strings.Contains(row, secret) || strings.Contains(row, strings.TrimPrefix(secret, "vouch_")) {
					t.Errorf("the %s is in %s", name, table)
				}
			}
		}
		for _, text := range texts {
			if strings.Contains(text, secret) || strings.Contains(text, engine.HashSecret(secret)) {
				t.Errorf("the %s is in the error %q", name, text)
			}
		}
	}
	if len(early) != 1 || !strings.Contains(early[0], engine.HashSecret(link)) {
		t.Errorf("the links for set-up are %q", early)
	}
	for _, held := range []any{x.admin.Session, u.User, *x.boss(t)} {
		if text := fmt.Sprintf("%+v", held); strings.Contains(text, quickVersion+engine.HashSecret(goodPassword)) || strings.Contains(text, x.admin.Secret) {
			t.Errorf("%T holds a secret", held)
		}
	}
}

func snapshotOf(t *testing.T, s *Store, table string) []string { t.Helper(); return dump(t, s, table) }

// TestProvidersSayWhoIsWhere: users are found, linked and made as it is allowed,
// and their roles follow their groups.
func TestProvidersSayWhoIsWhere(t *testing.T) { overBoth(t, newDatabase, providers) }

func providers(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	for _, w := range []string{"a", "b"} {
		if err := x.s.EnsureWorkspace(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	x.join(t, "local", engine.RoleReviewer)
	roles := func(kv ...string) map[string]engine.Role {
		m := map[string]engine.Role{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = engine.Role(kv[i+1])
		}
		return m
	}
	type id = engine.ExternalIdentity
	governed := []string{"a", "b"}
	steps := []struct {
		name string
		id   id
		want map[string]engine.Role
		err  error
	}{
		{"no group leads anywhere", id{Subject: "i 1", Email: "one@example.com"}, nil, engine.ErrNotLetIn},
		{"one who is new", id{Subject: "i 1", Email: "One@example.com", Name: "One", Roles: roles("a", "reviewer")}, roles("a", "reviewer"), nil},
		{"another role, another workspace", id{Subject: "i 1", Email: "one@example.com", Roles: roles("a", "viewer", "b", "admin"), Governed: governed}, roles("a", "viewer", "b", "admin"), nil},
		{"the address has changed at the provider", id{Subject: "i 1", Email: "renamed@example.com", Roles: roles("a", "viewer", "b", "admin")}, roles("a", "viewer", "b", "admin"), nil},
		{"somebody else with the address", id{Subject: "i 2", Email: "one@example.com", Roles: roles("a", "admin"), LinkByEmail: true}, nil, engine.ErrNotLinked},
		{"a group was left, but b needs its admin", id{Subject: "i 1", Email: "one@example.com", Governed: governed}, roles("b", "admin"), nil},
		{"a second admin of b", id{Subject: "i 3", Email: "three@example.com", Roles: roles("b", "admin"), Governed: governed}, roles("b", "admin"), nil},
		{"now nothing is left", id{Subject: "i 1", Email: "one@example.com", Governed: governed}, nil, engine.ErrNotLetIn},
		{"an account, and linking is not allowed", id{Subject: "i 4", Email: "local@example.com", Roles: roles("a", "admin")}, nil, engine.ErrNotLinked},
		{"an account, and it is", id{Subject: "i 4", Email: "local@example.com", LinkByEmail: true}, roles("w", "reviewer"), nil},
		{"no address", id{Subject: "i 5", Email: "x", Roles: roles("a", "admin")}, nil, engine.ErrEmail},
	}
	for _, c := range steps {
		in, err := x.SignInExternal(ctx, c.id, atHome)
		refused(t, c.name, err, c.err)
		if err != nil {
			if in.Secret != "" {
				t.Errorf("%s: there is a session", c.name)
			}
			continue
		}
		if got := x.who(t, in.Secret); !reflect.DeepEqual(got.Roles, c.want) || got.User.Subject != c.id.Subject {
			t.Errorf("%s: %+v has %v, want %v", c.name, got.User, got.Roles, c.want)
		}
	}
	one := must(x.s.UserBySubject(ctx, "i 1"))(t)
	if list := must(x.s.Memberships(ctx, one.ID))(t); len(list) != 0 || one.Email != "one@example.com" || one.Password != "" {
		t.Errorf("who was let in nowhere at last is %+v in %v", one, list)
	}
	must(x.SignIn(ctx, "local@example.com", goodPassword, atHome))(t) // linked, the password stays
	local := must(x.s.UserByEmail(ctx, "local@example.com"))(t)
	must(x.Disable(ctx, x.boss(t), local.ID, true))(t)
	_, err := x.SignInExternal(ctx, id{Subject: "i 4", Email: "local@example.com"}, atHome)
	refused(t, "disabled", err, engine.ErrNotLetIn)
	for _, w := range []string{"w", "a", "b"} {
		if r := must(engine.VerifyAudit(ctx, x.s, w, nil))(t); len(r.Breaks) != 0 {
			t.Errorf("%s: %+v", w, r.Breaks)
		}
	}
}

// TestWhoGoesAroundShows: changed roles, passwords, tokens and invitations are
// breaks of the audit log, and what tokens say cannot be changed at all.
func TestWhoGoesAroundShows(t *testing.T) { overBoth(t, newDatabase, goesAround) }

func goesAround(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	x.join(t, "u", engine.RoleViewer)
	if _, _, err := x.MakeToken(ctx, x.boss(t), "w", engine.NewToken{Name: "CI", Scopes: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	if r := x.verified(t); r.Objects != 6 {
		t.Fatalf("%d things are in the log, want two users, two members, a token and an invitation", r.Objects)
	}
	for stmt, why := range map[string]string{
		`UPDATE tokens SET role = 'admin'`:              "never changed",
		`UPDATE tokens SET expires_at = expires_at + 1`: "never changed",
		`DELETE FROM tokens`:                            "never deleted",
		`UPDATE invitations SET role = 'admin'`:         "never changed",
		`DELETE FROM invitations`:                       "never deleted",
	} {
		if _, err := x.s.write.ExecContext(ctx, stmt); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v, want %q", stmt, err, why)
		}
	}
	x.verified(t)
	for _, c := range [][2]string{
		{`UPDATE members SET role = 'contributor' WHERE role = 'viewer'`, `UPDATE members SET role = 'viewer' WHERE role = 'contributor'`},
		{`UPDATE users SET password = password || 'x'`, `UPDATE users SET password = substr(password, 1, length(password) - 1)`},
		{`UPDATE users SET disabled = 1`, `UPDATE users SET disabled = 0`},
		{`UPDATE users SET subject = email`, `UPDATE users SET subject = NULL`},
		{`UPDATE tokens SET revoked_at = 1`, `UPDATE tokens SET revoked_at = NULL`},
		{`UPDATE invitations SET closed_at = closed_at + 1`, `UPDATE invitations SET closed_at = closed_at - 1`},
	} {
		if _, err := x.s.write.ExecContext(ctx, c[0]); err != nil {
			t.Fatal(err)
		}
		if r := must(engine.VerifyAudit(ctx, x.s, "w", nil))(t); len(r.Breaks) == 0 {
			t.Errorf("%s does not show", c[0])
		}
		if _, err := x.s.write.ExecContext(ctx, c[1]); err != nil {
			t.Fatal(err)
		}
		x.verified(t)
	}
}

// BenchmarkAuthenticate reads who a secret belongs to, among 1,000 users with
// ten sessions each.
func BenchmarkAuthenticate(b *testing.B) {
	x := newTeam(b, b.TempDir())
	ctx := b.Context()
	err := x.s.InTx(ctx, func(tx engine.Tx) error {
		for i := range 1000 {
			u, err := tx.PutUser(ctx, engine.User{Email: fmt.Sprintf("u%d@example.com", i), Name: "U"})
			if err != nil {
				return err
			}
			if _, err := tx.PutMember(ctx, "w", u.ID, engine.RoleViewer); err != nil {
				return err
			}
			for k := range 10 {
				if _, err := tx.AddSession(ctx, engine.Session{User: u.ID, CreatedAt: x.Now(), SeenAt: x.Now()}, engine.HashSecret(fmt.Sprint(i, k))); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	_, token, err := x.MakeToken(ctx, x.boss(b), "w", engine.NewToken{Name: "CI", Scopes: []string{"read"}})
	if err != nil {
		b.Fatal(err)
	}
	for name, secret := range map[string]string{"Session": x.admin.Secret, "Token": token} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := x.Authenticate(ctx, secret); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestOperator: who runs vouch invites, gives and takes roles and shuts people
// out without an account, also the last admin; the log names them, and an
// invitation is as good as an admin's.
func TestOperator(t *testing.T) { overBoth(t, newDatabase, operator) }

func operator(t *testing.T, path string) {
	x := newTeam(t, path)
	ctx := engine.WithActor(t.Context(), engine.Actor{Name: "os:root", From: "command line"})
	i, link, err := x.InviteForAdmin(ctx, "w", "Ada@example.com", engine.RoleReviewer)
	if err != nil || i.By != x.admin.User.ID || i.Email != "ada@example.com" || i.ID == "" {
		t.Fatalf("invited: %+v (%v)", i, err)
	}
	ada := must(x.AcceptInvitation(ctx, link, engine.NewUser{Name: "Ada", Password: goodPassword}, atHome))(t)
	if p := x.who(t, ada.Secret); p.Roles["w"] != engine.RoleReviewer {
		t.Errorf("she is %+v", p.Roles)
	}
	m := must(x.GiveRole(ctx, "w", "ADA@example.com", engine.RoleViewer))(t)
	if p := x.who(t, ada.Secret); m.Role != engine.RoleViewer || p.Roles["w"] != engine.RoleViewer || m.User.Password != "" {
		t.Errorf("%+v, and she is %+v", m, p.Roles)
	}
	if u := must(x.Shut(ctx, "admin@example.com", true))(t); !u.Disabled || u.Password != "" {
		t.Errorf("shut out: %+v", u)
	}
	x.out(t, "disabled", x.admin.Secret)
	_, err = x.SignIn(ctx, "admin@example.com", goodPassword, atHome)
	refused(t, "disabled", err, engine.ErrSignIn)
	_, _, err = x.InviteForAdmin(ctx, "w", "eve@example.com", engine.RoleViewer)
	refused(t, "nobody invites", err, engine.ErrNoAdmin)
	if u := must(x.Shut(ctx, "admin@example.com", false))(t); u.Disabled || u.Password != "" {
		t.Errorf("let in again: %+v", u)
	}
	must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
	for what, err := range map[string]error{
		"no such user":      second(x.GiveRole(ctx, "w", "nobody@example.com", engine.RoleViewer)),
		"nobody to disable": second(x.Shut(ctx, "nobody@example.com", true)),
	} {
		refused(t, what, err, engine.ErrNotFound)
	}
	refused(t, "no such workspace", second(x.GiveRole(ctx, "nowhere", "ada@example.com", engine.RoleViewer)), engine.ErrNoWorkspace)
	if err := second(x.GiveRole(ctx, "w", "ada@example.com", "owner")); err == nil {
		t.Error("a role that is none is given")
	}
	n := 0
	for e, err := range x.s.AuditEvents(ctx, "w", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Actor == "os:root" {
			n++
		}
	}
	if n != 4 { // the invitation, the role, shut and let in again
		t.Errorf("%d events are the operator's, want 4", n)
	}
	x.verified(t)
}

func second[T any](_ T, err error) error { return err }
