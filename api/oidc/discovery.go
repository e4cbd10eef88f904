package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Limits of each request to a provider.
const (
	askFor      = 10 * time.Second
	answerBytes = 1 << 20
)

// provider returns what the provider says of itself, asked once. While it cannot
// be reached each sign-in asks again, and none waits for another.
func (c *Client) provider(ctx context.Context) (*found, error) {
	if p := c.found.Load(); p != nil {
		return p, nil
	}
	p, err := c.discover(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w (%s)", ErrProvider, inShort(err))
	}
	c.found.Store(p)
	return p, nil
}

// inShort returns the beginning of an error, which may hold a page of the
// provider, in one line.
func inShort(err error) string {
	const most = 200
	line := strings.Join(strings.Fields(err.Error()), " ")
	return strings.ToValidUTF8(line[:min(len(line), most)], "")
}

// described is what we read of a provider's description besides its endpoints.
type described struct {
	Auth      string   `json:"authorization_endpoint"`
	Token     string   `json:"token_endpoint"`
	Keys      string   `json:"jwks_uri"`
	NamesSelf bool     `json:"authorization_response_iss_parameter_supported"`
	Methods   []string `json:"token_endpoint_auth_methods_supported"`
	PKCE      []string `json:"code_challenge_methods_supported"`
}

func (c *Client) discover(ctx context.Context) (*found, error) {
	p, err := oidc.NewProvider(c.asking(ctx), c.config.Issuer)
	if err != nil {
		return nil, err
	}
	var d described
	if err := p.Claims(&d); err != nil {
		return nil, errors.New("its description cannot be read")
	}
	for name, endpoint := range map[string]string{"authorization_endpoint": d.Auth, "token_endpoint": d.Token, "jwks_uri": d.Keys} {
		if !safe(endpoint) {
			return nil, fmt.Errorf("its %s is not a https:// URL", name)
		}
	}
	if len(d.PKCE) > 0 && !slices.Contains(d.PKCE, "S256") {
		return nil, errors.New("it does not take PKCE with S256")
	}
	return &found{
		oauth: oauth2.Config{
			ClientID: c.config.ClientID, ClientSecret: c.config.ClientSecret, RedirectURL: c.config.Redirect,
			Endpoint: oauth2.Endpoint{AuthURL: d.Auth, TokenURL: d.Token, AuthStyle: c.style(d.Methods)},
			Scopes:   append([]string{oidc.ScopeOpenID, "email", "profile"}, c.config.Scopes...),
		},
		verifier:  p.Verifier(&oidc.Config{ClientID: c.config.ClientID, SupportedSigningAlgs: algorithms, Now: c.config.Now}),
		namesSelf: d.NamesSelf,
	}, nil
}

// style says how we tell the provider who we are. It is not tried out, since a
// code can be used once. The standard is the header, where nothing is said.
func (c *Client) style(methods []string) oauth2.AuthStyle {
	if c.config.ClientSecret == "" || len(methods) > 0 && !slices.Contains(methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// asking is a context in which the provider is asked as we ask.
func (c *Client) asking(ctx context.Context) context.Context {
	t := c.config.Transport
	if t == nil {
		t = http.DefaultTransport
	}
	return oidc.ClientContext(ctx, &http.Client{
		Transport: bounded{t}, Timeout: askFor,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// bounded reads at most so much of an answer; what is cut off is no JSON.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, answerBytes), resp.Body}
	return resp, nil
}
