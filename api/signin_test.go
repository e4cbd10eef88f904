package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

func signIn(email, password string) request {
	return request{method: "POST", path: "//api/v1/session", who: "-", body: SignInRequest{Email: email, Password: password}}
}

// TestGuessingIsSlowed: after five wrong passwords the next has to wait, longer
// each time, also the right one. An address that nobody has gets the same
// replies to the same tries, byte for byte but for the request's id.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	var seen [2][]string
	for i, email := range []string{"viewer@example.com", "nobody@example.com"} {
		say := func(p reply) string {
			for name := range p.header {
				if name != "X-Request-Id" && name != "Date" {
					p.body = append(p.body, "\n"+name+": "+p.header.Get(name)...)
				}
			}
			lines := strings.Split(strings.ReplaceAll(string(p.body), p.header.Get("X-Request-Id"), "ID"), "\n")
			return fmt.Sprint(p.status, len(lines), lines[0], p.header.Get("Retry-After"), p.header.Get("Content-Length"))
		}
		for range 5 {
			seen[i] = append(seen[i], say(r.do(signIn(email, "a wrong guess")).want(t, 401, "sign_in_failed")))
		}
		for n := range 4 {
			got := r.do(signIn(email, goodPassword)).want(t, 429, "too_many_sign_ins")
			wait, err := strconv.Atoi(got.header.Get("Retry-After"))
			if err != nil || wait < 1<<n-1 || wait > 1<<n {
				t.Errorf("after %d: wait %d (%v)", n, wait, err)
			}
			seen[i] = append(seen[i], fmt.Sprint(got.status, len(got.header)))
			r.later(time.Duration(wait) * time.Second)
			seen[i] = append(seen[i], say(r.do(signIn(email, "a wrong guess")).want(t, 401, "sign_in_failed")))
		}
	}
	for n := range seen[0] {
		if seen[0][n] != seen[1][n] {
			t.Errorf("try %d: one that is there gets\n%s\none that is not\n%s", n, seen[0][n], seen[1][n])
		}
	}
	r.later(time.Hour)
	r.do(signIn("VIEWER@example.com ", goodPassword)).want(t, 200, "")
	r.do(signIn("viewer@example.com", "a wrong guess")).want(t, 401, "sign_in_failed") // forgotten: five are free again
}

// TestGuessingFromOneAddress: one that tries many accounts has to wait for all.
func TestGuessingFromOneAddress(t *testing.T) {
	t.Parallel()
	r := startTeam(t, func(o *Options) { o.TrustedProxies = []string{"127.0.0.1"} })
	from := func(address string, q request) reply {
		q.header = map[string]string{"X-Forwarded-For": address}
		return r.do(q)
	}
	for n := range 30 {
		from("192.0.2.7", signIn(fmt.Sprintf("user-%d@example.com", n), "a wrong guess")).want(t, 401, "sign_in_failed")
	}
	from("192.0.2.7", signIn("viewer@example.com", goodPassword)).want(t, 429, "too_many_sign_ins")
	from("192.0.2.8", signIn("viewer@example.com", goodPassword)).want(t, 200, "")
}

// TestAddressesAreNotMadeUp: who is no trusted proxy cannot name another
// address to be slowed in its place.
func TestAddressesAreNotMadeUp(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	for n := range 30 {
		q := signIn(fmt.Sprintf("user-%d@example.com", n), "a wrong guess")
		q.header = map[string]string{"X-Forwarded-For": fmt.Sprintf("192.0.2.%d", n), "X-Real-Ip": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
		r.do(q).want(t, 401, "sign_in_failed")
	}
	r.do(signIn("viewer@example.com", goodPassword)).want(t, 429, "too_many_sign_ins")
}

// TestGuessingOldPasswords: who has taken a session cannot try out the
// password with it any faster.
func TestGuessingOldPasswords(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	change := func(old, next string) request {
		return request{method: "POST", path: "//api/v1/me/password", who: "viewer", body: PasswordChange{Old: old, Password: next}}
	}
	for range 5 {
		r.do(change("a wrong guess", "other words than before")).want(t, 401, "sign_in_failed")
	}
	r.do(change(goodPassword, "other words than before")).want(t, 429, "too_many_sign_ins")
	q := change(goodPassword, "other words than before")
	q.who = "viewer/token"
	r.do(q).want(t, 403, "needs_person")
}

// TestGuessingLinks: who tries out secrets of invitations is held up by address.
func TestGuessingLinks(t *testing.T) {
	t.Parallel()
	r := startTeam(t, func(o *Options) { o.Limits.Failures = 5 })
	guess := request{method: "POST", path: "//api/v1/invitations/read", who: "-", body: InvitationSecret{Secret: strings.Repeat("x", 43)}}
	for range 100 {
		got := r.do(guess)
		if got.status == http.StatusTooManyRequests {
			got.want(t, 429, "too_many_requests")
			return
		}
		got.want(t, 404, "invalid_link")
	}
	t.Error("a hundred guesses were taken")
}

// crowdedHasher has too much to do.
type crowdedHasher struct{ quickHasher }

func (crowdedHasher) CheckPassword(context.Context, string, string) (ok, outdated bool, err error) {
	return false, false, engine.ErrCrowd
}

// TestCrowds: when too many sign in at once the others are told to come back,
// and it does not count as wrong.
func TestCrowds(t *testing.T) {
	t.Parallel()
	r := startTeam(t)
	r.Accounts.Passwords = crowdedHasher{}
	for range 10 {
		if got := r.do(signIn("viewer@example.com", goodPassword)); got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Fatalf("got %d %s", got.status, got.body)
		}
	}
	r.Accounts.Passwords = quickHasher{}
	r.do(signIn("viewer@example.com", goodPassword)).want(t, 200, "")
}

// TestSetUpIsOnce: the secret makes one admin, and nothing else does.
func TestSetUpIsOnce(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Auth = nil })
	secret, err := r.Accounts.BeginSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	issued.add(secret)
	set := func(secret, password string) request {
		return request{method: "POST", path: "//api/v1/setup", who: "-", body: SetUpRequest{Secret: secret, Email: "ada@example.com", Name: "Ada", Password: password}}
	}
	r.do(set("a guess", goodPassword)).want(t, 404, "invalid_link")
	got := r.do(set(secret, "password1234")).want(t, 422, "invalid")
	if !contains(string(got.body), `"pointer":"/password"`) {
		t.Errorf("got %s", got.body)
	}
	var me Me
	if r.do(set(secret, goodPassword)).want(t, 201, "").into(t, &me); len(me.Workspaces) != 1 || me.Workspaces[0] != (Membership{Workspace: here, Role: "admin"}) {
		t.Errorf("got %+v", me)
	}
	r.do(set(secret, goodPassword)).want(t, 409, "set_up_already")
	if again, err := r.Accounts.BeginSetUp(t.Context()); again != "" || err != nil {
		t.Errorf("another secret: %v", err)
	}
}

// TestWhoHasTheSetUpMustBeQuick: the secret is good for a day.
func TestWhoHasTheSetUpMustBeQuick(t *testing.T) {
	t.Parallel()
	r := start(t, func(o *Options) { o.Auth = nil })
	secret, err := r.Accounts.BeginSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	issued.add(secret)
	r.later(24 * time.Hour)
	r.do(request{method: "POST", path: "//api/v1/setup", who: "-", body: SetUpRequest{Secret: secret, Email: "ada@example.com", Name: "Ada", Password: goodPassword}}).want(t, 404, "invalid_link")
}
