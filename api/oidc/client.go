package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"vouch/engine"
)

// Errors of signing in with a provider. Compare with [errors.Is].
var (
	ErrFlow     = errors.New("signing in took too long, or was begun in another browser; begin again")
	ErrRefused  = errors.New("the provider did not let you in; begin again, or ask who runs it")
	ErrProvider = errors.New("the provider cannot be reached or is not set up as we know it; try again, and ask who runs vouch to check its address and client")
	ErrToken    = errors.New("the provider's answer does not prove who you are; begin again, and ask who runs vouch to check the provider's settings")
	ErrEmail    = errors.New("the provider does not say that your address is verified; verify it there, then begin again")
)

// algorithms are the signatures that are taken, whatever the provider offers:
// those whose key for checking is no secret.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// Client signs people in with one provider. It is safe for concurrent use.
type Client struct {
	config Config
	found  atomic.Pointer[found] // nil until the provider was reached
}

// found is what a provider says of itself.
type found struct {
	oauth     oauth2.Config
	verifier  *oidc.IDTokenVerifier
	namesSelf bool // every answer says which provider it is from
}

// New returns a client. Nothing is asked of the provider yet.
func New(c Config) (*Client, error) {
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("sign-in with a provider: %w", err)
	}
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{config: c}, nil
}

// Begun is a sign-in that has begun.
type Begun struct {
	URL    string        // where to send the browser
	Cookie string        // for the browser, and for nobody else
	Life   time.Duration // how long the cookie counts
}

// Begin begins a sign-in.
func (c *Client) Begin(ctx context.Context) (Begun, error) {
	p, err := c.provider(ctx)
	if err != nil {
		return Begun{}, err
	}
	f := newFlow(c.config.Now())
	cookie, err := f.cookie()
	if err != nil {
		return Begun{}, fmt.Errorf("begin sign-in: %w", err)
	}
	to := p.oauth.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier))
	return Begun{URL: to, Cookie: cookie, Life: flowLife}, nil
}

// Finish takes the cookie that the browser kept and the query with which the
// provider sent it back, and returns who it is.
func (c *Client) Finish(ctx context.Context, cookie string, query url.Values) (engine.ExternalIdentity, error) {
	f, err := readFlow(cookie, query, c.config.Now())
	if err != nil {
		return engine.ExternalIdentity{}, err
	}
	p, err := c.provider(ctx)
	if err != nil {
		return engine.ExternalIdentity{}, err
	}
	if err := c.answered(p, query); err != nil {
		return engine.ExternalIdentity{}, err
	}
	token, err := p.oauth.Exchange(c.asking(ctx), query.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return engine.ExternalIdentity{}, exchangeError(ctx, err)
	}
	return c.identity(ctx, p, token, f.Nonce)
}

// answered says whether the provider, and this one, has answered with a code.
func (c *Client) answered(p *found, query url.Values) error {
	from, says := query["iss"]
	switch {
	case says && (len(from) != 1 || from[0] != c.config.Issuer), p.namesSelf && !says:
		return fmt.Errorf("%w (the answer is from another provider)", ErrToken)
	case query.Has("error"):
		return fmt.Errorf("%w (%s)", ErrRefused, code(query.Get("error")))
	case len(query["code"]) != 1 || query.Get("code") == "":
		return fmt.Errorf("%w (no code)", ErrRefused)
	}
	return nil
}

// code returns what an error is called in the standards, if it is called so.
func code(s string) string {
	if s == "" || len(s) > 40 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown"
	}
	return s
}

// exchangeError says why there is no token, without what the provider wrote.
func exchangeError(ctx context.Context, err error) error {
	var refused *oauth2.RetrieveError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused):
		return fmt.Errorf("%w (%s)", ErrRefused, code(refused.ErrorCode))
	}
	return fmt.Errorf("%w (no token)", ErrProvider)
}

// claims are what is read of an ID token.
type claims struct {
	Party    string `json:"azp"`
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some write "true"
	Name     string `json:"name"`
}

// identity verifies a token and says whose it is.
func (c *Client) identity(ctx context.Context, p *found, token *oauth2.Token, nonce string) (id engine.ExternalIdentity, err error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return id, fmt.Errorf("%w (no ID token)", ErrToken)
	}
	t, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		if ctx.Err() != nil {
			return id, ctx.Err()
		}
		return id, fmt.Errorf("%w (%s)", ErrToken, inShort(err))
	}
	var said claims
	all := map[string]any{}
	if err := errors.Join(t.Claims(&said), t.Claims(&all)); err != nil {
		return id, fmt.Errorf("%w (claims that cannot be read)", ErrToken)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		return id, fmt.Errorf("%w (another nonce)", ErrToken)
	case said.Party != "" && said.Party != c.config.ClientID, said.Party == "" && len(t.Audience) > 1:
		return id, fmt.Errorf("%w (for another client)", ErrToken)
	case t.AccessTokenHash != "" && t.VerifyAccessToken(token.AccessToken) != nil:
		return id, fmt.Errorf("%w (another access token)", ErrToken)
	case t.Subject == "":
		return id, fmt.Errorf("%w (no subject)", ErrToken)
	case said.Verified != true && said.Verified != "true" || said.Email == "":
		return id, ErrEmail
	}
	id = engine.ExternalIdentity{
		Subject: c.config.Issuer + " " + t.Subject, Email: engine.FoldEmail(said.Email), Name: said.Name, LinkByEmail: c.config.LinkByEmail,
	}
	id.Roles, id.Governed = c.roles(groups(all[c.config.GroupsClaim]))
	return id, nil
}

// groups returns the groups of a claim, which is a list or one of them.
func groups(claim any) (list []string) {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		for _, x := range v {
			if s, ok := x.(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

// roles returns what groups give, and the workspaces that any group leads to.
func (c *Client) roles(groups []string) (roles map[string]engine.Role, governed []string) {
	roles = map[string]engine.Role{}
	for _, g := range c.config.Grants {
		if !slices.Contains(governed, g.Workspace) {
			governed = append(governed, g.Workspace)
		}
		if slices.Contains(groups, g.Group) && !g.Role.AtMost(roles[g.Workspace]) {
			roles[g.Workspace] = g.Role
		}
	}
	return roles, governed
}
