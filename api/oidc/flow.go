package oidc

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"
)

// flowLife is how long somebody may take to sign in at the provider.
const flowLife = 10 * time.Minute

// flow is what the browser keeps while its user is at the provider.
type flow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Ends     int64  `json:"e"` // seconds since 1970
}

func newFlow(now time.Time) flow {
	return flow{State: random(), Nonce: random(), Verifier: random(), Ends: now.Add(flowLife).Unix()}
}

// random returns 256 random bits as text.
func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails: the program ends where there is no randomness
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// cookie returns a flow as the value of a cookie.
func (f *flow) cookie() (string, error) {
	b, err := json.Marshal(f)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// readFlow returns the flow of a cookie that belongs to an answer, or [ErrFlow].
// Whoever asks with no cookie, an old one, another's state or two is refused.
func readFlow(cookie string, query url.Values, now time.Time) (f flow, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || json.Unmarshal(b, &f) != nil {
		return flow{}, ErrFlow
	}
	state := query["state"]
	whole := len(f.State) > 0 && len(f.Nonce) > 0 && len(f.Verifier) > 0
	if !whole || now.Unix() >= f.Ends || len(state) != 1 || subtle.ConstantTimeCompare([]byte(state[0]), []byte(f.State)) != 1 {
		return flow{}, ErrFlow
	}
	return f, nil
}
