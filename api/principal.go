package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"vouch/engine"
)

// Principal is who calls, and what they may do.
type Principal struct {
	User   string                   // the id of the user, or of the one whose token it is
	Actor  string                   // as the audit log names them: "user:ID", "token:ID"
	Roles  map[string]engine.Role   // by workspace; in others there is nothing for them
	Allows func(engine.Action) bool // what a token's scopes allow, nil for all that the role may
}

// may says whether the principal may do an action in a workspace, and whether
// the workspace is there for them at all.
func (p *Principal) may(workspace string, a engine.Action) (member, allowed bool) {
	role, member := p.Roles[workspace]
	return member, member && engine.May(role, a) && (p.Allows == nil || p.Allows(a))
}

// Authenticator knows who sends a request.
type Authenticator interface {
	// Authenticate returns who sends a request. Who is not known is an error
	// made by [Unauthenticated]. It is called for each request, and again while
	// an event stream lasts, so that what was revoked ends.
	Authenticate(r *http.Request) (Principal, error)
}

// MinTokenChars is how long a token must be to be taken for hard to guess.
const MinTokenChars = 32

// OneToken lets in who sends one token, as one principal.
type OneToken struct {
	hash [sha256.Size]byte
	who  Principal
}

// NewOneToken returns the authenticator for a token of at least [MinTokenChars]
// characters.
func NewOneToken(token string, who Principal) *OneToken {
	return &OneToken{sha256.Sum256([]byte(token)), who}
}

// Authenticate compares in constant time.
func (o *OneToken) Authenticate(r *http.Request) (Principal, error) {
	token, ok := Bearer(r)
	if !ok {
		return Principal{}, Unauthenticated("There is no token in the request.")
	}
	hash := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(hash[:], o.hash[:]) != 1 {
		return Principal{}, Unauthenticated("The token is not known, or no longer valid.")
	}
	return o.who, nil
}

// Bearer returns the token of a request.
func Bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, ok && token != "" && strings.EqualFold(scheme, "Bearer")
}
