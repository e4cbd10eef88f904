package oidc

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	clientID     = "vouch"
	clientSecret = "the secret of the client"
	redirect     = "https://vouch.example.com/sign-in/back"
)

// testKeys are made once: making them takes longest.
var testKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = k
	}
	return keys
})

// provider is a small OpenID Connect provider. Its fields are how it goes wrong.
type provider struct {
	*httptest.Server
	t *testing.T

	describe func(d map[string]any)                      // changes its description
	claim    func(c map[string]any)                      // changes the claims of the ID token
	sign     func(header, payload map[string]any) string // signs in another way
	answer   func(w http.ResponseWriter) bool            // answers the token request in another way

	mu    sync.Mutex
	codes map[string]url.Values // what was asked for with each code
	asked url.Values            // the last token request
	found int                   // how often it was described
}

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.description)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) description(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	p.found++
	p.mu.Unlock()
	d := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}, "code_challenge_methods_supported": []string{"S256"},
	}
	if p.describe != nil {
		p.describe(d)
	}
	writeJSON(w, d)
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	k := testKeys()[0].PublicKey
	writeJSON(w, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes()),
	}}})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// signIn is what a browser does that is sent to a URL: its user signs in, and it
// is sent back with the query returned.
func (p *provider) signIn(to string) url.Values {
	p.t.Helper()
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, p.URL+"/authorize?") {
		p.t.Fatalf("sent to %q (%v)", to, err)
	}
	q := u.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	code := fmt.Sprintf("code-%d", len(p.codes)+1)
	p.codes[code] = q
	return url.Values{"state": {q.Get("state")}, "code": {code}}
}

// token exchanges a code, as the standards say: once, for the client that it was
// made for, with the verifier of the challenge.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = r.PostForm
	if p.answer != nil && p.answer(w) {
		return
	}
	q := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	id, secret, ok := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	switch {
	case q == nil, q.Get("code_challenge_method") != "S256", q.Get("code_challenge") != b64(sum[:]), r.PostForm.Get("redirect_uri") != q.Get("redirect_uri"):
		refuse(w, "invalid_grant")
		return
	case !ok || id != clientID || secret != url.QueryEscape(clientSecret):
		refuse(w, "invalid_client")
		return
	}
	c := map[string]any{
		"iss": p.URL, "aud": clientID, "sub": "ada", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": q.Get("nonce"),
		"email": "Ada@Example.com", "email_verified": true, "name": "Ada", "groups": []string{"staff", "security"}, "at_hash": atHash("access"),
	}
	if p.claim != nil {
		p.claim(c)
	}
	header := map[string]any{"alg": "RS256", "kid": "one", "typ": "JWT"}
	raw := signed(header, c, testKeys()[0])
	if p.sign != nil {
		raw = p.sign(header, c)
	}
	writeJSON(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": raw})
}

func refuse(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": "the text of the provider"})
}

// atHash is what an ID token says of the access token beside it.
func atHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return b64(sum[:16])
}

// parts returns what is signed of a token.
func parts(header, payload map[string]any) string {
	h, _ := json.Marshal(header)
	b, _ := json.Marshal(payload)
	return b64(h) + "." + b64(b)
}

func signed(header, payload map[string]any, key *rsa.PrivateKey) string {
	text := parts(header, payload)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(sig)
}

// unsigned claims to need no signature.
func unsigned(header, payload map[string]any) string {
	h := maps.Clone(header)
	h["alg"] = "none"
	return parts(h, payload) + "."
}

// byPublicKey signs with the provider's public key as if it were a secret.
func byPublicKey(header, payload map[string]any) string {
	h := maps.Clone(header)
	h["alg"] = "HS256"
	text := parts(h, payload)
	mac := hmac.New(sha256.New, testKeys()[0].N.Bytes())
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

// byAnotherKey signs with a key that is not the provider's.
func byAnotherKey(header, payload map[string]any) string {
	return signed(header, payload, testKeys()[1])
}

// changedAfter has other claims than those that were signed.
func changedAfter(header, payload map[string]any) string {
	raw := signed(header, payload, testKeys()[0])
	c := maps.Clone(payload)
	c["sub"] = "eve"
	return parts(header, c) + raw[strings.LastIndexByte(raw, '.'):]
}
