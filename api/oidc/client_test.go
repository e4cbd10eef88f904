package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// client returns a client of a provider, changed by fn.
func client(t *testing.T, p *provider, fn func(*Config)) *Client {
	t.Helper()
	c := Config{
		Issuer: p.URL, ClientID: clientID, ClientSecret: clientSecret, Redirect: redirect, Scopes: []string{"groups"},
		Grants: []Grant{{"staff", "w", engine.RoleContributor}, {"security", "w", engine.RoleReviewer}, {"staff", "other", engine.RoleViewer}, {"board", "third", engine.RoleAdmin}},
	}
	if fn != nil {
		fn(&c)
	}
	made, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func begin(t *testing.T, c *Client) Begun {
	t.Helper()
	b, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSignIn goes the whole way, and looks at what the provider was asked.
func TestSignIn(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := client(t, p, func(c *Config) { c.LinkByEmail = true })
	b := begin(t, c)
	u, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{"client_id": clientID, "response_type": "code", "redirect_uri": redirect, "scope": "openid email profile groups", "code_challenge_method": "S256"} {
		if got := q.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) != 43 {
			t.Errorf("%s is %q, want 256 bits", name, q.Get(name))
		}
	}
	if q.Get("state") == q.Get("nonce") || strings.Contains(b.URL, clientSecret) || b.Life != 10*time.Minute {
		t.Errorf("begun: %+v", b)
	}
	id, err := c.Finish(t.Context(), b.Cookie, p.signIn(b.URL))
	if err != nil {
		t.Fatal(err)
	}
	want := engine.ExternalIdentity{
		Subject: p.URL + " ada", Email: "ada@example.com", Name: "Ada", LinkByEmail: true,
		Roles: map[string]engine.Role{"w": engine.RoleReviewer, "other": engine.RoleViewer}, Governed: []string{"w", "other", "third"},
	}
	if !reflect.DeepEqual(id, want) {
		t.Errorf("got %+v, want %+v", id, want)
	}
	if v := p.asked.Get("code_verifier"); len(v) != 43 || strings.Contains(b.URL, v) || p.asked.Get("client_secret") != "" {
		t.Errorf("asked for the token with %v", p.asked)
	}
	other := begin(t, c)
	if other.Cookie == b.Cookie || p.found != 1 {
		t.Errorf("two sign-ins share a cookie, or the provider was asked %d times what it is", p.found)
	}
}

// TestNotThisBrowser: an answer counts for the browser that asked, and for some
// minutes.
func TestNotThisBrowser(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	now := time.Now()
	c := client(t, p, func(c *Config) { c.Now = func() time.Time { return now } })
	b, other := begin(t, c), begin(t, c)
	good := p.signIn(b.URL)
	with := func(change func(q url.Values)) url.Values {
		q := url.Values{"state": slices.Clone(good["state"]), "code": slices.Clone(good["code"])}
		change(q)
		return q
	}
	for name, x := range map[string]struct {
		cookie string
		query  url.Values
	}{
		"NoCookie":           {"", good},
		"AnotherCookie":      {other.Cookie, good},
		"NoCookieOfOurs":     {"e30", good},
		"NotJSON":            {"%%%", good},
		"AnotherState":       {b.Cookie, with(func(q url.Values) { q.Set("state", random()) })},
		"NoState":            {b.Cookie, with(func(q url.Values) { q.Del("state") })},
		"EmptyState":         {b.Cookie, with(func(q url.Values) { q.Set("state", "") })},
		"TwoStates":          {b.Cookie, with(func(q url.Values) { q.Add("state", "x") })},
		"NoVerifierInCookie": {without(t, b.Cookie, "v"), good},
		"NoNonceInCookie":    {without(t, b.Cookie, "n"), good},
		"NoStateAnywhere":    {without(t, b.Cookie, "s"), with(func(q url.Values) { q.Set("state", "") })},
	} {
		if _, err := c.Finish(t.Context(), x.cookie, x.query); !errors.Is(err, ErrFlow) {
			t.Errorf("%s: got %v, want ErrFlow", name, err)
		}
	}
	if p.asked != nil {
		t.Error("a code was exchanged for who has no right to it")
	}
	now = now.Add(10 * time.Minute)
	if _, err := c.Finish(t.Context(), b.Cookie, good); !errors.Is(err, ErrFlow) {
		t.Errorf("too late: got %v", err)
	}
	now = now.Add(-10*time.Minute + -time.Second)
	if _, err := c.Finish(t.Context(), b.Cookie, good); err != nil {
		t.Errorf("all in order: %v", err)
	}
	if _, err := c.Finish(t.Context(), b.Cookie, good); !errors.Is(err, ErrRefused) {
		t.Errorf("the same code again: got %v, want what the provider says", err)
	}
}

// without returns a cookie that lacks something.
func without(t *testing.T, cookie, field string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	m := map[string]any{}
	if err := errors.Join(err, json.Unmarshal(b, &m)); err != nil {
		t.Fatal(err)
	}
	delete(m, field)
	b, err = json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// TestACaughtCodeIsWorthNothing: a code is exchanged with the verifier of the
// browser it was made for only.
func TestACaughtCodeIsWorthNothing(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := client(t, p, nil)
	victim, thief := begin(t, c), begin(t, c)
	caught, own := p.signIn(victim.URL), p.signIn(thief.URL)
	own.Set("code", caught.Get("code"))
	if _, err := c.Finish(t.Context(), thief.Cookie, own); !errors.Is(err, ErrRefused) {
		t.Errorf("a caught code: got %v, want ErrRefused", err)
	}
}

// TestTokensThatProveNothing: each is refused, for its own reason.
func TestTokensThatProveNothing(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(*provider) {
		return func(p *provider) { p.claim = func(c map[string]any) { c[name] = value } }
	}
	unset := func(name string) func(*provider) {
		return func(p *provider) { p.claim = func(c map[string]any) { delete(c, name) } }
	}
	sign := func(fn func(h, c map[string]any) string) func(*provider) { return func(p *provider) { p.sign = fn } }
	for name, x := range map[string]struct {
		spoil func(p *provider)
		want  error
		why   string
	}{
		"AnotherNonce":       {set("nonce", "x"), ErrToken, "another nonce"},
		"NoNonce":            {unset("nonce"), ErrToken, "another nonce"},
		"AnotherAudience":    {set("aud", "other"), ErrToken, "audience"},
		"NoAudience":         {unset("aud"), ErrToken, "audience"},
		"ManyForNobody":      {set("aud", []string{clientID, "other"}), ErrToken, "for another client"},
		"ForAnotherParty":    {set("azp", "other"), ErrToken, "for another client"},
		"AnotherIssuer":      {set("iss", "https://id.example.com"), ErrToken, "different provider"},
		"Expired":            {set("exp", time.Now().Add(-time.Minute).Unix()), ErrToken, "expired"},
		"NeverExpires":       {unset("exp"), ErrToken, "expired"},
		"NotYet":             {set("nbf", time.Now().Add(time.Hour).Unix()), ErrToken, "before"},
		"AnotherAccessToken": {set("at_hash", atHash("other")), ErrToken, "another access token"},
		"NoSubject":          {unset("sub"), ErrToken, "no subject"},
		"AlgNone":            {sign(unsigned), ErrToken, "none"},
		"ByThePublicKey":     {sign(byPublicKey), ErrToken, "HS256"},
		"ByAnotherKey":       {sign(byAnotherKey), ErrToken, "signature"},
		"ChangedAfter":       {sign(changedAfter), ErrToken, "signature"},
		"NoToken":            {sign(func(_, _ map[string]any) string { return "" }), ErrToken, ""},
		"NotVerified":        {set("email_verified", false), ErrEmail, ""},
		"NotSaid":            {unset("email_verified"), ErrEmail, ""},
		"VerifiedOtherwise":  {set("email_verified", "yes"), ErrEmail, ""},
		"NoEmail":            {unset("email"), ErrEmail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			x.spoil(p)
			c := client(t, p, nil)
			b := begin(t, c)
			back := p.signIn(b.URL)
			id, err := c.Finish(t.Context(), b.Cookie, back)
			if !errors.Is(err, x.want) || !strings.Contains(err.Error(), x.why) || !reflect.DeepEqual(id, engine.ExternalIdentity{}) {
				t.Fatalf("got %+v, %v; want %v (%s)", id, err, x.want, x.why)
			}
			for _, secret := range []string{clientSecret, back.Get("code"), back.Get("state"), b.Cookie, "ada@example.com"} {
				if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(secret)) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

// TestAnswersThatAreAccepted: what providers write differently and is right.
func TestAnswersThatAreAccepted(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		claim func(c map[string]any)
		roles map[string]engine.Role
	}{
		"VerifiedAsText": {func(c map[string]any) { c["email_verified"], c["groups"] = "true", "board" }, map[string]engine.Role{"third": engine.RoleAdmin}},
		"ManyForUs":      {func(c map[string]any) { c["aud"], c["azp"] = []string{"other", clientID}, clientID }, map[string]engine.Role{"w": engine.RoleReviewer, "other": engine.RoleViewer}},
		"NoGroups":       {func(c map[string]any) { delete(c, "groups") }, map[string]engine.Role{}},
		"OddGroups":      {func(c map[string]any) { c["groups"] = []any{1, nil, []string{"board"}, "Staff", "staff "} }, map[string]engine.Role{}},
		"GroupsOfMap":    {func(c map[string]any) { c["groups"] = map[string]any{"board": true} }, map[string]engine.Role{}},
		"NoAccessHash":   {func(c map[string]any) { delete(c, "at_hash"); c["groups"] = nil }, map[string]engine.Role{}},
	} {
		p := newProvider(t)
		p.claim = x.claim
		c := client(t, p, nil)
		b := begin(t, c)
		id, err := c.Finish(t.Context(), b.Cookie, p.signIn(b.URL))
		if err != nil || !reflect.DeepEqual(id.Roles, x.roles) || len(id.Governed) != 3 {
			t.Errorf("%s: %+v (%v), want %v", name, id, err, x.roles)
		}
	}
}

// TestProvidersThatRefuse: the error has their code, if it is one, and none of
// their text.
func TestProvidersThatRefuse(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	c := client(t, p, nil)
	for _, x := range []struct {
		query url.Values
		want  error
		why   string
	}{
		{url.Values{"error": {"access_denied"}, "error_description": {"told by the provider"}}, ErrRefused, "(access_denied)"},
		{url.Values{"error": {"<script>"}}, ErrRefused, "(unknown)"},
		{url.Values{}, ErrRefused, "(no code)"},
		{url.Values{"code": {"a", "b"}}, ErrRefused, "(no code)"},
		{url.Values{"code": {"unknown"}}, ErrRefused, "(invalid_grant)"},
		{url.Values{"code": {"x"}, "iss": {"https://other.example.com"}}, ErrToken, "another provider"},
	} {
		b := begin(t, c)
		x.query.Set("state", p.signIn(b.URL).Get("state"))
		if _, err := c.Finish(t.Context(), b.Cookie, x.query); !errors.Is(err, x.want) || !strings.Contains(err.Error(), x.why) || strings.Contains(err.Error(), "told by") {
			t.Errorf("%v: got %v, want %s", x.query, err, x.why)
		}
	}
	wrong := client(t, p, func(c *Config) { c.ClientSecret = "another" })
	b := begin(t, wrong)
	if _, err := wrong.Finish(t.Context(), b.Cookie, p.signIn(b.URL)); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "(invalid_client)") || strings.Contains(err.Error(), "text of") {
		t.Errorf("a wrong secret: %v", err)
	}
}

// TestProvidersThatNameThemselves: who promises to say which provider an answer
// is from must.
func TestProvidersThatNameThemselves(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	p.describe = func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }
	c := client(t, p, nil)
	for from, want := range map[string]error{"": ErrToken, "https://other.example.com": ErrToken, p.URL: nil} {
		b := begin(t, c)
		back := p.signIn(b.URL)
		if from != "" {
			back.Set("iss", from)
		}
		if _, err := c.Finish(t.Context(), b.Cookie, back); !errors.Is(err, want) {
			t.Errorf("from %q: got %v, want %v", from, err, want)
		}
	}
}

// TestProvidersThatAreNotAsWeKnowThem: the error says what it is, and the next
// sign-in asks again.
func TestProvidersThatAreNotAsWeKnowThem(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	for name, x := range map[string]struct {
		describe func(d map[string]any)
		why      string
	}{
		"AnotherIssuer": {func(d map[string]any) { d["issuer"] = "https://other.example.com" }, "issuer"},
		"PlainToken":    {func(d map[string]any) { d["token_endpoint"] = "http://id.example.com/token" }, "token_endpoint is not"},
		"PlainKeys":     {func(d map[string]any) { d["jwks_uri"] = "http://id.example.com/keys" }, "jwks_uri is not"},
		"NoAuthorize":   {func(d map[string]any) { delete(d, "authorization_endpoint") }, "authorization_endpoint is not"},
		"PlainPKCE":     {func(d map[string]any) { d["code_challenge_methods_supported"] = []string{"plain"} }, "PKCE"},
		"TooLarge":      {func(d map[string]any) { d["filler"] = strings.Repeat("x", 2<<20) }, ""},
	} {
		p.describe = x.describe
		c := client(t, p, nil)
		_, err := c.Begin(t.Context())
		if !errors.Is(err, ErrProvider) || !strings.Contains(err.Error(), x.why) || len(err.Error()) > 600 {
			t.Errorf("%s: got %v, want %q", name, err, x.why)
		}
		p.describe = nil
		begin(t, c)
	}
	p.describe = func(d map[string]any) { d["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }
	c := client(t, p, nil)
	b := begin(t, c)
	_, _ = c.Finish(t.Context(), b.Cookie, p.signIn(b.URL))
	if p.asked.Get("client_secret") != clientSecret {
		t.Error("a provider that takes the secret in the form did not get it there")
	}
	p.describe = nil
	for name, answer := range map[string]func(w http.ResponseWriter) bool{
		"Redirect": func(w http.ResponseWriter) bool {
			w.Header().Set("Location", p.URL+"/keys")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return true
		},
		"NoJSON": func(w http.ResponseWriter) bool { _, _ = w.Write([]byte("hello")); return true },
		"TooLarge": func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token": "` + strings.Repeat("x", 2<<20) + `"}`))
			return true
		},
	} {
		p.answer = answer
		c := client(t, p, nil)
		b := begin(t, c)
		if _, err := c.Finish(t.Context(), b.Cookie, p.signIn(b.URL)); !errors.Is(err, ErrProvider) && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	p.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := client(t, p, nil).Begin(ctx); !errors.Is(err, ErrProvider) {
		t.Errorf("no provider: got %v", err)
	}
	cancel()
	if _, err := client(t, p, nil).Begin(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: got %v", err)
	}
}

// TestConfig proves what can be configured.
func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Issuer: "https://id.example.com", ClientID: "x", Redirect: "https://vouch.example.com/back"}
	for name, change := range map[string]func(c *Config){
		"NoIssuer":      func(c *Config) { c.Issuer = "" },
		"PlainIssuer":   func(c *Config) { c.Issuer = "http://id.example.com" },
		"Password":      func(c *Config) { c.Issuer = "https://a:b@id.example.com" },
		"PlainRedirect": func(c *Config) { c.Redirect = "http://vouch.example.com/back" },
		"NoClient":      func(c *Config) { c.ClientID = "" },
		"NoRole":        func(c *Config) { c.Grants = []Grant{{"g", "w", "owner"}} },
		"NoWorkspace":   func(c *Config) { c.Grants = []Grant{{"g", "", engine.RoleAdmin}} },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	for _, local := range []string{"http://localhost:8080/x", "http://127.0.0.1", "http://[::1]:1"} {
		c := good
		c.Issuer, c.Redirect = local, local
		if _, err := New(c); err != nil {
			t.Errorf("%s: %v", local, err)
		}
	}
	for to, want := range map[string]Grant{
		"w:admin": {"g", "w", engine.RoleAdmin}, "a:b:viewer": {"g", "a:b", engine.RoleViewer},
		"w": {}, "w:": {}, ":admin": {}, "w:owner": {}, "": {},
	} {
		if got, err := ParseGrant("g", to); got != want || (err == nil) != (want.Role != "") {
			t.Errorf("%q: %+v (%v), want %+v", to, got, err, want)
		}
	}
}
