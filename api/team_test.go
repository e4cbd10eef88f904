package api

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vouch/engine"
	"vouch/engine/store"
)

const goodPassword = "four words unlike others"

// quickHasher stands for the real one, which takes its time.
type quickHasher struct{}

func (quickHasher) HashPassword(_ context.Context, password string) (string, error) {
	return "quick:" + engine.HashSecret(password), nil
}

func (quickHasher) CheckPassword(_ context.Context, password, encoded string) (ok, outdated bool, err error) {
	return encoded == "quick:"+engine.HashSecret(password), false, nil
}

// everyLog is what all servers of the tests logged, and issued every secret
// that they gave or were given.
var (
	everyLog = &safeBuffer{}
	issued   = &secrets{}
)

// secrets are texts that must not turn up anywhere.
type secrets struct {
	mu   sync.Mutex
	list []string
}

func (s *secrets) add(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret != "" {
		s.list = append(s.list, secret)
	}
}

var secretShown = regexp.MustCompile(`"secret":"([^"]+)"`)

// note adds what a reply shows.
func (s *secrets) note(response *http.Response, body []byte) {
	for _, c := range response.Cookies() {
		s.add(c.Value)
	}
	for _, m := range secretShown.FindAllSubmatch(body, -1) {
		s.add(string(m[1]))
	}
}

// in returns how many of them are in a text.
func (s *secrets) in(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.list {
		if strings.Contains(text, secret) {
			n++
		}
	}
	return n
}

// startTeam makes a server with real accounts: an admin who has set it up, one
// of each other role, tokens of each, and an admin of another workspace.
func startTeam(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	s, err := store.Open(t.Context(), database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return startTeamOver(t, s, change...)
}

func startTeamOver(t testing.TB, s *store.Store, change ...func(*Options)) *rig {
	t.Helper()
	r := startOver(t, s, append([]func(*Options){func(o *Options) { o.Auth = nil }}, change...)...)
	r.team = map[string]string{"wrong": "Authorization: Bearer " + engine.TokenPrefix + strings.Repeat("x", 43)}
	link, err := r.Accounts.BeginSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	issued.add(link)
	issued.add(goodPassword)
	r.team["admin"] = r.enters(r.do(request{method: "POST", path: "//api/v1/setup", who: "-", body: SetUpRequest{Secret: link, Email: "admin@example.com", Name: "Admin", Password: goodPassword}}).want(t, 201, ""))
	for _, role := range []engine.Role{engine.RoleViewer, engine.RoleContributor, engine.RoleReviewer} {
		r.team[string(role)] = r.joins(string(role), role)
	}
	r.makeUser("foreign@example.com", there, engine.RoleAdmin)
	r.team["foreign"] = r.signsIn("foreign@example.com")
	for _, role := range engine.Roles {
		r.team[string(role)+"/token"] = r.makesToken(string(role), here, "read", "write", "decide", "admin")
	}
	r.team["scoped"] = r.makesToken("admin", here, "library.read")
	r.team["reading"] = r.makesToken("admin", here, "read")
	r.team["foreign/token"] = r.makesToken("foreign", there, "read", "write", "decide", "admin")
	return r
}

// everybody are all who call, and who do not get in.
func (r *rig) everybody() []string {
	list := []string{"-"}
	for who := range r.team {
		list = append(list, who)
	}
	slices.Sort(list)
	return list
}

// isWhat returns the role of one of everybody, and the scopes of who is a
// token.
func (r *rig) isWhat(who string) (engine.Role, []engine.Scope) {
	name, token := strings.CutSuffix(who, "/token")
	switch {
	case who == "scoped":
		return engine.RoleAdmin, []engine.Scope{"library.read"}
	case who == "reading":
		return engine.RoleAdmin, []engine.Scope{"read"}
	case token:
		return engine.Role(name), []engine.Scope{"read", "write", "decide", "admin"}
	}
	return engine.Role(name), nil
}

// enters takes the session of a reply, and returns the header that lets in.
func (r *rig) enters(p reply) string {
	r.t.Helper()
	for _, c := range (&http.Response{Header: p.header}).Cookies() {
		if c.Name == r.cookies.name(sessionCookie) && c.Value != "" {
			return "Cookie: " + c.Name + "=" + c.Value
		}
	}
	r.t.Fatalf("no session in %v", p.header)
	return ""
}

// as is a request with the header that lets in.
func as(who string, q request) request {
	name, value, _ := strings.Cut(who, ": ")
	header := map[string]string{name: value}
	for n, v := range q.header {
		header[n] = v
	}
	q.who, q.header = "-", header
	return q
}

func (r *rig) signsIn(email string) string {
	r.t.Helper()
	return r.enters(r.do(request{method: "POST", path: "//api/v1/session", who: "-", body: SignInRequest{Email: email, Password: goodPassword}}).want(r.t, 200, ""))
}

// invites returns the secret of an invitation.
func (r *rig) invites(email string, role engine.Role) string {
	r.t.Helper()
	var n NewInvitation
	r.do(request{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: email, Role: role}}).want(r.t, 201, "").into(r.t, &n)
	return n.Secret
}

// joins invites somebody, who accepts.
func (r *rig) joins(name string, role engine.Role) string {
	r.t.Helper()
	secret := r.invites(name+"@example.com", role)
	return r.enters(r.do(request{method: "POST", path: "//api/v1/invitations/accept", who: "-", body: AcceptRequest{Secret: secret, Name: name, Password: goodPassword}}).want(r.t, 201, ""))
}

func (r *rig) makesToken(who, workspace string, scopes ...string) string {
	r.t.Helper()
	return "Authorization: Bearer " + r.newToken(who, workspace, scopes...).Secret
}

func (r *rig) newToken(who, workspace string, scopes ...string) NewToken {
	r.t.Helper()
	var n NewToken
	r.do(request{method: "POST", path: "//api/v1/workspaces/" + workspace + "/tokens", who: who, body: TokenContent{Name: "for a test", Scopes: scopes}}).want(r.t, 201, "").into(r.t, &n)
	return n
}

// makeUser puts a member into a workspace, past the API.
func (r *rig) makeUser(email, workspace string, role engine.Role) engine.User {
	r.t.Helper()
	encoded, err := quickHasher{}.HashPassword(r.t.Context(), goodPassword)
	if err != nil {
		r.t.Fatal(err)
	}
	u, err := r.store.PutUser(r.t.Context(), engine.User{Email: email, Name: email, Password: encoded})
	if err == nil {
		_, err = r.store.PutMember(r.t.Context(), workspace, u.ID, role)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return u
}

// userID returns the id of one of everybody, also of who is not in the
// database.
func (r *rig) userID(who string) string {
	r.t.Helper()
	if r.team[who] == "" || who == "wrong" {
		return who
	}
	return r.me(who).User.Id
}

func (r *rig) me(who string) Me {
	r.t.Helper()
	var me Me
	r.do(request{path: "//api/v1/me", who: who}).want(r.t, 200, "").into(r.t, &me)
	return me
}

func (r *rig) readMember(id string) (m Member, tag string) {
	r.t.Helper()
	got := r.do(request{path: "/members/" + id, who: "admin"}).want(r.t, 200, "")
	got.into(r.t, &m)
	return m, got.header.Get("ETag")
}

// later moves the clock of the accounts.
func (r *rig) later(d time.Duration) { r.clock.Add(int64(d)) }

// targets are things that calls of accounts are about.
type targets struct {
	email                              string
	changed, changedTag, removed, gone string // members
	invitation, token                  string
}

// targets makes new ones, for a caller.
func (r *rig) targets(who string) (x targets) {
	r.t.Helper()
	name := strings.ReplaceAll(who, "/", "-")
	x.email = "new-" + name + "@example.com"
	x.changed = r.makeUser("changed-"+name+"@example.com", here, engine.RoleViewer).ID
	_, x.changedTag = r.readMember(x.changed)
	x.removed = r.makeUser("removed-"+name+"@example.com", here, engine.RoleViewer).ID
	_, x.gone = r.readMember(x.removed)
	var n NewInvitation
	r.do(request{method: "POST", path: "/invitations", who: "admin", body: InvitationContent{Email: "invited-" + x.email, Role: "viewer"}}).want(r.t, 201, "").into(r.t, &n)
	x.invitation = n.Invitation.Id
	owner, _ := strings.CutSuffix(who, "/token")
	if !engine.Role(owner).Valid() {
		owner = "admin"
	}
	x.token = r.newToken(owner, here, "read").Token.Id
	return x
}

// accountCalls has a request for every operation on the accounts of a
// workspace, that is served when the caller may.
func accountCalls(x targets) map[string]request {
	return map[string]request{
		"listMembers":        {path: "/members"},
		"getMember":          {path: "/members/" + x.changed},
		"changeMember":       {method: "PUT", path: "/members/" + x.changed, body: MemberContent{Role: "contributor"}, header: map[string]string{"If-Match": x.changedTag}},
		"removeMember":       {method: "DELETE", path: "/members/" + x.removed, header: map[string]string{"If-Match": x.gone}},
		"listInvitations":    {path: "/invitations"},
		"createInvitation":   {method: "POST", path: "/invitations", body: InvitationContent{Email: x.email, Role: "viewer"}},
		"withdrawInvitation": {method: "DELETE", path: "/invitations/" + x.invitation},
		"listTokens":         {path: "/tokens"},
		"createToken":        {method: "POST", path: "/tokens", body: TokenContent{Name: "x", Scopes: []string{"read"}}},
		"revokeToken":        {method: "DELETE", path: "/tokens/" + x.token},
	}
}

// stored is everything in the database as text.
func (r *rig) stored(path string) string {
	r.t.Helper()
	var all bytes.Buffer
	if !*onPostgres {
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(filepath.Clean(path + suffix))
			if err != nil && !os.IsNotExist(err) {
				r.t.Fatal(err)
			}
			all.Write(b)
		}
		return all.String()
	}
	c, err := pgx.Connect(r.t.Context(), path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close(context.Background())
	rows, err := c.Query(r.t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
	if err != nil {
		r.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		r.t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := c.Query(r.t.Context(), "SELECT t::text FROM "+pgx.Identifier{table}.Sanitize()+" t")
		if err != nil {
			r.t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			r.t.Fatal(err)
		}
		all.WriteString(strings.Join(list, "\n"))
	}
	return all.String()
}
