package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
)

// People are tested with the use cases of the engine over a real store: what
// matters about them is what is true when two things happen at once, and that
// is the store's to say.

// quickHasher stands for the real one, which takes its time. It counts.
type quickHasher struct{ checks, hashes, real atomic.Int64 }

const quickVersion = "2:"

func (h *quickHasher) HashPassword(_ context.Context, password string) (string, error) {
	h.hashes.Add(1)
	return quickVersion + engine.HashSecret(password), nil
}

func (h *quickHasher) CheckPassword(_ context.Context, password, encoded string) (ok, outdated bool, err error) {
	h.checks.Add(1)
	if encoded != "" {
		h.real.Add(1)
	}
	version, hash, _ := strings.Cut(encoded, ":")
	ok = hash == engine.HashSecret(password)
	return ok, ok && version+":" != quickVersion, nil
}

// team is a workspace "w" with its admin, and a clock that stands.
type team struct {
	*engine.Accounts
	s      *Store
	hasher *quickHasher
	clock  *atomic.Int64 // milliseconds
	admin  engine.SignedIn
}

const goodPassword = "four words unlike others"

var atHome = engine.Browser{From: "192.0.2.1", Agent: "a browser"}

// noTeam is a database where nobody is yet.
func noTeam(t testing.TB, s *Store) *team {
	x := &team{s: s, hasher: &quickHasher{}, clock: &atomic.Int64{}}
	x.clock.Store(time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC).UnixMilli())
	x.Accounts = &engine.Accounts{Store: s, Passwords: x.hasher, Now: func() time.Time { return time.UnixMilli(x.clock.Load()) }}
	return x
}

func newTeam(t testing.TB, path string) *team {
	t.Helper()
	x := noTeam(t, mustOpen(t, path))
	link := must(x.BeginSetUp(t.Context()))(t)
	x.admin = must(x.SetUp(t.Context(), link, "w", engine.NewUser{Email: "admin@example.com", Name: "Admin", Password: goodPassword}, atHome))(t)
	return x
}

// must returns a function that returns v, or fails the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (x *team) later(d time.Duration) { x.clock.Add(d.Milliseconds()) }

// who returns who a secret belongs to now.
func (x *team) who(t testing.TB, secret string) *engine.Principal {
	t.Helper()
	p := must(x.Authenticate(t.Context(), secret))(t)
	return &p
}

func (x *team) boss(t testing.TB) *engine.Principal { t.Helper(); return x.who(t, x.admin.Secret) }

// join invites somebody to "w", and returns their session.
func (x *team) join(t testing.TB, name string, role engine.Role) engine.SignedIn {
	t.Helper()
	_, link, err := x.Invite(t.Context(), x.boss(t), "w", name+"@example.com", role)
	if err != nil {
		t.Fatal(err)
	}
	return must(x.AcceptInvitation(t.Context(), link, engine.NewUser{Name: name, Password: goodPassword}, atHome))(t)
}

// out fails unless a secret lets nobody in.
func (x *team) out(t testing.TB, what, secret string) {
	t.Helper()
	if p, err := x.Authenticate(t.Context(), secret); !errors.Is(err, engine.ErrSignedOut) || p.User.ID != "" {
		t.Errorf("%s: %q is let in (%v)", what, p.User.Name, err)
	}
}

func refused(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// verified fails unless the audit log of "w" is whole.
func (x *team) verified(t testing.TB) engine.AuditReport {
	t.Helper()
	r := must(engine.VerifyAudit(t.Context(), x.s, "w", nil))(t)
	if len(r.Breaks) != 0 || r.Before != 0 {
		t.Errorf("the audit log: %+v", r)
	}
	return r
}

// TestTheFirstAdmin: a link that is printed at the start makes one admin, once.
func TestTheFirstAdmin(t *testing.T) { overBoth(t, newDatabase, firstAdmin) }

func firstAdmin(t *testing.T, path string) {
	ctx, x := t.Context(), noTeam(t, mustOpen(t, path))
	n := engine.NewUser{Email: "Ada@Example.com", Name: "Ada", Password: goodPassword}
	old := must(x.BeginSetUp(ctx))(t)
	x.later(24 * time.Hour)
	link, other := must(x.BeginSetUp(ctx))(t), must(x.BeginSetUp(ctx))(t)
	for what, l := range map[string]string{"no link": "", "a guess": strings.Repeat("x", len(link)), "an old link": old} {
		_, err := x.SetUp(ctx, l, "w", n, atHome)
		refused(t, what, err, engine.ErrLink)
	}
	if x.hasher.hashes.Load() != 0 {
		t.Error("a password was hashed for who has no link")
	}
	weak := n
	weak.Password = "password1234"
	_, err := x.SetUp(ctx, link, "w", weak, atHome)
	refused(t, "a weak password", err, engine.ErrPasswordCommon)
	in := must(x.SetUp(ctx, link, "w", n, atHome))(t)
	p := x.who(t, in.Secret)
	if p.User.Email != "ada@example.com" || p.Roles["w"] != engine.RoleAdmin || len(p.Roles) != 1 || p.User.Password != "" || in.User.Password != "" {
		t.Errorf("the first admin is %+v", p)
	}
	for what, l := range map[string]string{"again": link, "the other process's link": other, "a guess": "x"} {
		_, err := x.SetUp(ctx, l, "w", engine.NewUser{Email: "eve@example.com", Name: "Eve", Password: goodPassword}, atHome)
		refused(t, what, err, engine.ErrSetUp)
	}
	if l := must(x.BeginSetUp(ctx))(t); l != "" {
		t.Error("there is a link although there is a user")
	}
	x.verified(t)
}

// TestTwoSetUpsAtOnce: of many who use links of two processes at the same
// moment, one becomes admin.
func TestTwoSetUpsAtOnce(t *testing.T) { overBoth(t, newDatabase, twoSetUps) }

func twoSetUps(t *testing.T, path string) {
	ctx := t.Context()
	teams := []*team{noTeam(t, mustOpen(t, path)), noTeam(t, mustOpen(t, path))}
	links := []string{must(teams[0].BeginSetUp(ctx))(t), must(teams[1].BeginSetUp(ctx))(t)}
	won := race(8, func(i int) error {
		n := engine.NewUser{Email: fmt.Sprintf("u%d@example.com", i), Name: "U", Password: goodPassword}
		_, err := teams[i%2].SetUp(ctx, links[i/2%2], "w", n, atHome)
		if err != nil {
			refused(t, "who was slower", err, engine.ErrSetUp)
		}
		return err
	})
	if list := must(teams[0].s.Members(ctx, "w", engine.MemberFilter{}))(t); won != 1 || len(list) != 1 {
		t.Errorf("%d were told that they are admin, %d are", won, len(list))
	}
	teams[0].verified(t)
}

// race runs fn at the same time n times, and returns how often it succeeded.
func race(n int, fn func(i int) error) int {
	var wg sync.WaitGroup
	var won atomic.Int64
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if fn(i) == nil {
				won.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(won.Load())
}

// TestOneInvitationManyAcceptances: an invitation is used once, also by many at
// the same moment.
func TestOneInvitationManyAcceptances(t *testing.T) { overBoth(t, newDatabase, oneInvitation) }

func oneInvitation(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	y := noTeam(t, mustOpen(t, path))
	_, link, err := x.Invite(ctx, x.boss(t), "w", "guest@example.com", engine.RoleReviewer)
	if err != nil {
		t.Fatal(err)
	}
	won := race(8, func(i int) error {
		_, err := []*team{x, y}[i%2].AcceptInvitation(ctx, link, engine.NewUser{Name: fmt.Sprint(i), Password: goodPassword}, atHome)
		if err != nil && !errors.Is(err, engine.ErrLink) && !errors.Is(err, engine.ErrSignInFirst) {
			t.Error(err)
		}
		return err
	})
	list := must(x.s.Members(ctx, "w", engine.MemberFilter{}))(t)
	if won != 1 || len(list) != 2 || list[1].User.Email != "guest@example.com" || list[1].Role != engine.RoleReviewer {
		t.Errorf("%d acceptances, members %+v", won, list)
	}
	x.verified(t)
}

// TestInvitations proves when a link is worth something, and for whom.
func TestInvitations(t *testing.T) { overBoth(t, newDatabase, invitations) }

func invitations(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	host := x.join(t, "host", engine.RoleAdmin)
	for _, c := range []struct {
		name  string
		spoil func(i engine.Invitation) error
		want  error
	}{
		{"nothing happened", func(engine.Invitation) error { return nil }, nil},
		{"expired", func(engine.Invitation) error { x.later(7 * 24 * time.Hour); return nil }, engine.ErrLink},
		{"withdrawn", func(i engine.Invitation) error { return x.WithdrawInvitation(ctx, x.boss(t), "w", i.ID) }, engine.ErrLink},
		{"invited again", func(i engine.Invitation) error {
			_, _, err := x.Invite(ctx, x.boss(t), "w", strings.ToUpper(i.Email), engine.RoleViewer)
			return err
		}, engine.ErrLink},
		{"the host is no admin any more", func(engine.Invitation) error {
			_, err := x.ChangeRole(ctx, x.boss(t), "w", host.User.ID, engine.RoleReviewer)
			return err
		}, engine.ErrLink},
		{"the host is admin again, and disabled", func(engine.Invitation) error {
			_, err := x.Disable(ctx, x.boss(t), host.User.ID, true)
			return err
		}, engine.ErrLink},
		{"the host is enabled again, and removed", func(engine.Invitation) error { return x.RemoveMember(ctx, x.boss(t), "w", host.User.ID) }, engine.ErrLink},
	} {
		x.later(time.Second)
		x.admin = must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
		must(x.ChangeRole(ctx, x.boss(t), "w", host.User.ID, engine.RoleAdmin))(t)
		must(x.Disable(ctx, x.boss(t), host.User.ID, false))(t)
		host = must(x.SignIn(ctx, "host@example.com", goodPassword, atHome))(t)
		email := strings.ReplaceAll(c.name, " ", "-")
		email = strings.ReplaceAll(email, ",", "") + "@example.com"
		i, link, err := x.Invite(ctx, x.who(t, host.Secret), "w", email, engine.RoleContributor)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(i); err != nil {
			t.Fatal(c.name, err)
		}
		read, readErr := x.ReadInvitation(ctx, link)
		in, err := x.AcceptInvitation(ctx, link, engine.NewUser{Email: "other@example.com", Name: "Guest", Password: goodPassword}, atHome)
		refused(t, c.name, err, c.want)
		refused(t, c.name+", read", readErr, c.want)
		if c.want == nil && (in.User.Email != email || x.who(t, in.Secret).Roles["w"] != engine.RoleContributor || read.ID != i.ID) {
			t.Errorf("%s: accepted as %+v", c.name, in.User)
		}
	}
	if _, err := x.s.UserByEmail(ctx, "other@example.com"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("who accepts chose another address: %v", err)
	}
	x.admin = must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
	_, _, err := x.Invite(ctx, x.boss(t), "w", "Admin@Example.com", engine.RoleViewer)
	refused(t, "a member", err, engine.ErrMember)
	x.verified(t)
}

// TestALinkIsNoWayAroundAPassword: where there is an account, its owner signs in
// before an invitation is theirs, and nobody else.
func TestALinkIsNoWayAroundAPassword(t *testing.T) { overBoth(t, newDatabase, noWayAround) }

func noWayAround(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	u, v := x.join(t, "u", engine.RoleViewer), x.join(t, "v", engine.RoleViewer)
	if err := x.s.EnsureWorkspace(ctx, "second"); err != nil {
		t.Fatal(err)
	}
	must(x.s.PutMember(ctx, "second", x.admin.User.ID, engine.RoleAdmin))(t)
	_, link, err := x.Invite(ctx, x.boss(t), "second", "u@example.com", engine.RoleReviewer)
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.AcceptInvitation(ctx, link, engine.NewUser{Name: "Eve", Password: "another password of hers"}, atHome)
	refused(t, "without signing in", err, engine.ErrSignInFirst)
	_, err = x.JoinByInvitation(ctx, x.who(t, v.Secret), link)
	refused(t, "another user", err, engine.ErrLink)
	must(x.SignIn(ctx, "u@example.com", goodPassword, atHome))(t) // the password is what it was
	must(x.JoinByInvitation(ctx, x.who(t, u.Secret), link))(t)
	if p := x.who(t, u.Secret); p.Roles["second"] != engine.RoleReviewer || p.Roles["w"] != engine.RoleViewer {
		t.Errorf("roles %v", p.Roles)
	}
	_, err = x.JoinByInvitation(ctx, x.who(t, u.Secret), link)
	refused(t, "again", err, engine.ErrLink)
}

// TestStolenSessionsDie: whoever has copied a session loses it with each of
// these.
func TestStolenSessionsDie(t *testing.T) { overBoth(t, newDatabase, stolenSessions) }

func stolenSessions(t *testing.T, path string) {
	ctx, x := t.Context(), newTeam(t, path)
	x.join(t, "u", engine.RoleReviewer)
	signIn := func(b engine.Browser) engine.SignedIn {
		return must(x.SignIn(ctx, "u@example.com", goodPassword, b))(t)
	}
	for _, c := range []struct {
		name string
		end  func(s engine.SignedIn) error
	}{
		{"signing out", func(s engine.SignedIn) error { return x.SignOut(ctx, s.Secret) }},
		{"signing in again in that browser", func(s engine.SignedIn) error {
			signIn(engine.Browser{Secret: s.Secret})
			return nil
		}},
		{"a new password", func(s engine.SignedIn) error {
			in, err := x.ChangePassword(ctx, x.who(t, s.Secret), goodPassword, "other words than before", atHome)
			if err == nil {
				_, err = x.ChangePassword(ctx, x.who(t, in.Secret), "other words than before", goodPassword, atHome)
			}
			return err
		}},
		{"a new password, set elsewhere", func(engine.SignedIn) error {
			in, err := x.ChangePassword(ctx, x.who(t, signIn(atHome).Secret), goodPassword, "other words than before", atHome)
			if err == nil {
				_, err = x.ChangePassword(ctx, x.who(t, in.Secret), "other words than before", goodPassword, atHome)
			}
			return err
		}},
		{"being revoked", func(s engine.SignedIn) error {
			return x.RevokeSession(ctx, x.who(t, signIn(atHome).Secret), s.Session.ID)
		}},
		{"all others being revoked", func(engine.SignedIn) error {
			_, err := x.RevokeOtherSessions(ctx, x.who(t, signIn(atHome).Secret))
			return err
		}},
		{"half a day without use", func(s engine.SignedIn) error { x.later(12 * time.Hour); return nil }},
		{"a week of use", func(s engine.SignedIn) error {
			for range 7*24 - 1 {
				x.later(time.Hour)
				if err := x.Seen(ctx, x.who(t, s.Secret)); err != nil {
					return err
				}
			}
			x.later(time.Hour)
			return nil
		}},
		{"being disabled", func(s engine.SignedIn) error {
			x.admin = must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
			_, err := x.Disable(ctx, x.boss(t), s.User.ID, true)
			x.out(t, "disabled", s.Secret)
			_, in := x.SignIn(ctx, "u@example.com", goodPassword, atHome)
			refused(t, "signing in while disabled", in, engine.ErrSignIn)
			if err == nil {
				_, err = x.Disable(ctx, x.boss(t), s.User.ID, false)
			}
			return err
		}},
	} {
		s := signIn(atHome)
		if p := x.who(t, s.Secret); p.User.Email != "u@example.com" || p.Roles["w"] != engine.RoleReviewer || p.ByToken() {
			t.Fatalf("%s: signed in as %+v", c.name, p)
		}
		if err := c.end(s); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		x.out(t, c.name, s.Secret)
	}
	for what, secret := range map[string]string{"nothing": "", "the hash": engine.HashSecret(x.admin.Secret), "half": x.admin.Secret[:20], "more": x.admin.Secret + "=", "a token's prefix": "vouch_" + x.admin.Secret, "the prefix": "vouch_"} {
		x.out(t, what, secret)
	}
	x.verified(t)
}

// TestSessionsAreListed: a user sees their own that still work, and ends no
// other's.
func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	u := x.join(t, "u", engine.RoleViewer)
	x.later(12*time.Hour - time.Minute)
	b := engine.Browser{From: strings.Repeat("1", 500), Agent: "line\nbreak " + strings.Repeat("é", 500)}
	in := must(x.SignIn(ctx, "u@example.com", goodPassword, b))(t)
	x.later(time.Minute) // the first has ended by itself
	list := must(x.ListSessions(ctx, x.who(t, in.Secret)))(t)
	if len(list) != 1 || list[0].ID != in.Session.ID || len(list[0].From) != 100 || len([]rune(list[0].Agent)) != 200 || strings.Contains(list[0].Agent, "\n") {
		t.Errorf("listed %+v", list)
	}
	x.admin = must(x.SignIn(ctx, "admin@example.com", goodPassword, atHome))(t)
	refused(t, "another's", x.RevokeSession(ctx, x.boss(t), in.Session.ID), engine.ErrNotFound)
	x.who(t, in.Secret)
	x.out(t, "ended by itself", u.Secret)
}

// TestSeenIsWrittenOnceAMinute: the last use of a session and of a token.
func TestSeenIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	ctx, x := t.Context(), newTeam(t, t.TempDir())
	_, secret, err := x.MakeToken(ctx, x.boss(t), "w", engine.NewToken{Name: "CI", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	began := x.clock.Load()
	for second := range 200 {
		for _, key := range []string{x.admin.Secret, secret} {
			p := x.who(t, key)
			if err := x.Seen(ctx, p); err != nil {
				t.Fatal(err)
			}
			p = x.who(t, key)
			at := p.Session.SeenAt
			if p.ByToken() {
				at = *p.Token.UsedAt
			}
			if want := began + int64(second/60*60_000); at.UnixMilli() != want {
				t.Fatalf("second %d, by a token %t: seen after %d ms, want %d", second, p.ByToken(), at.UnixMilli()-began, want-began)
			}
		}
		x.later(time.Second)
	}
}
