package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// operator runs the program as somebody on the machine, with an input.
func operator(t *testing.T, in string, args ...string) (code int, out, says string) {
	t.Helper()
	var o, e bytes.Buffer
	ctx := engine.WithActor(context.Background(), engine.Actor{Name: "os:root", From: "command line"})
	code = run(ctx, args, &terminal{in: strings.NewReader(in), out: &o, err: &e})
	return code, o.String(), e.String()
}

// signIn returns how the server answers who signs in.
func (s *served) signIn(email, password string) int {
	s.t.Helper()
	code, _ := s.do("POST", "/api/v1/session", "application/json", strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)))
	return code
}

// TestUsers: whoever runs the server invites, gives roles, disables and resets
// passwords beside it, and is named in the audit log.
func TestUsers(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	at := func(args ...string) []string { return append(append([]string{"users"}, args...), "--data", data) }
	if code, _, says := operator(t, "", at("list")...); code != exitRefused || !strings.Contains(says, "vouch serve") {
		t.Errorf("without data: exit %d: %s", code, says)
	}
	s := serve(t, "--data", data, "--listen", "127.0.0.1:0")
	if code, _, says := operator(t, "", at("invite", "grace@example.com")...); code != exitRefused || !strings.Contains(says, "no admin") {
		t.Errorf("before the set-up: exit %d: %s", code, says)
	}
	setUp(t, s.url, s.out, "default")
	code, secret, says := operator(t, "", at("invite", "Grace@example.com", "--role", "reviewer")...)
	if code != exitOK || !strings.Contains(says, "grace@example.com is invited to default as reviewer") || strings.Contains(says, strings.TrimSpace(secret)) {
		t.Fatalf("invite: exit %d: %s", code, says)
	}
	body := fmt.Sprintf(`{"secret":%q,"name":"Grace","password":%q}`, strings.TrimSpace(secret), adminPassword)
	if code, text := s.do("POST", "/api/v1/invitations/accept", "application/json", strings.NewReader(body)); code != http.StatusCreated {
		t.Fatalf("accept: %d %s", code, text)
	}
	for _, x := range []struct {
		in, says string
		args     []string
		code     int // of a sign-in with the password afterwards
	}{
		{"", "cannot sign in", at("disable", "grace@example.com"), 401},
		{"", "can sign in again", at("enable", "grace@example.com"), 200},
		{"other words than before\n", "signed in nowhere", at("reset-password", "grace@example.com"), 401},
		{adminPassword, "signed in nowhere", at("reset-password", "grace@example.com"), 200},
		{"", "grace@example.com is viewer in default", at("role", "grace@example.com", "viewer"), 200},
	} {
		code, _, says := operator(t, x.in, x.args...)
		if code != exitOK || !strings.Contains(says, x.says) {
			t.Errorf("%v: exit %d: %s", x.args, code, says)
		}
		if got := s.signIn("grace@example.com", adminPassword); got != x.code {
			t.Errorf("after %v she gets %d, want %d", x.args, got, x.code)
		}
	}
	for _, x := range []struct {
		in, says string
		args     []string
	}{
		{"", "nobody has an account", at("disable", "nobody@example.com")},
		{"", "nobody has an account", at("role", "nobody@example.com", "viewer")},
		{"", "is a member", at("invite", "grace@example.com")},
		{"", "no e-mail address", at("invite", "grace")},
		{"", "holds no password", at("reset-password", "grace@example.com")},
		{"short\n", "too short", at("reset-password", "grace@example.com")},
	} {
		if code, _, says := operator(t, x.in, x.args...); code != exitRefused || !strings.Contains(says, x.says) {
			t.Errorf("%v: exit %d: %s", x.args, code, says)
		}
	}
	var list []engine.Member
	if err := json.Unmarshal([]byte(must(t, at("list", "--format", "json")...)), &list); err != nil || len(list) != 2 || list[1].User.Email != "grace@example.com" || list[1].Role != engine.RoleViewer {
		t.Errorf("%+v (%v)", list, err)
	}
	if out := must(t, at("list")...); !strings.Contains(out, "grace@example.com  viewer") || strings.Contains(out, "argon2") {
		t.Errorf("list: %s", out)
	}
	log := must(t, "audit", "list", "--data", data, "--actor", "os:root")
	for _, what := range []string{"invitation:", "user:", "member:"} {
		if !strings.Contains(log, what) {
			t.Errorf("the log does not say that the operator did something to %s\n%s", what, log)
		}
	}
	must(t, "audit", "verify", "--data", data)
}
