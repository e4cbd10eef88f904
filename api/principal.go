package api

import (
	"errors"
	"net/http"
	"strings"

	"vouch/engine"
)

// Principal is who calls, and what they may do.
type Principal struct {
	engine.Principal
	Actor string // as the audit log names them: "user:ID", "token:ID"
}

// Authenticator knows who sends a request.
type Authenticator interface {
	// Authenticate returns who sends a request. Who is not known is an error
	// made by [Unauthenticated]. It is called for each request, and again while
	// an event stream lasts, so that what was revoked ends.
	Authenticate(r *http.Request) (Principal, error)
}

// people lets in who has an account: by the cookie of a session or by a token.
type people struct {
	accounts *engine.Accounts
	cookies  cookies
}

// Authenticate looks at one of the two. With an Authorization header the cookie
// does not count: such a request is not held against what other sites may send,
// because no page of theirs can make a browser send a token.
func (p people) Authenticate(r *http.Request) (Principal, error) {
	secret := p.cookies.session(r)
	if r.Header.Get("Authorization") != "" {
		token, ok := Bearer(r)
		if !ok || !isToken(token) {
			return Principal{}, Unauthenticated("Authorization holds no token of vouch.")
		}
		secret = token
	}
	if secret == "" {
		return Principal{}, Unauthenticated("There is no session and no token in the request.")
	}
	who, err := p.accounts.Authenticate(r.Context(), secret)
	switch {
	case errors.Is(err, engine.ErrSignedOut):
		return Principal{}, Unauthenticated("The session or token is not known, or no longer valid.")
	case err != nil:
		return Principal{}, err
	}
	return Principal{Principal: who, Actor: who.Actor("").Name}, nil
}

func isToken(secret string) bool { return strings.HasPrefix(secret, engine.TokenPrefix) }

// Bearer returns the token of a request.
func Bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, ok && token != "" && strings.EqualFold(scheme, "Bearer")
}
