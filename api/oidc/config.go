package oidc

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vouch/engine"
)

// Config says which provider it is and what it may do. Issuer, ClientID and
// Redirect are needed.
type Config struct {
	Issuer       string // "https://id.example.com", as the provider calls itself
	ClientID     string
	ClientSecret string   // "" for a public client
	Redirect     string   // where the provider sends browsers back to, as it is registered there
	Scopes       []string // besides openid, email and profile: what makes the provider send groups
	GroupsClaim  string   // the claim that holds the groups; "groups" if empty
	Grants       []Grant
	LinkByEmail  bool // see [engine.ExternalIdentity]

	Transport http.RoundTripper // http.DefaultTransport if nil
	Now       func() time.Time  // time.Now if nil
}

// Grant says that the members of a group of the provider have a role in a
// workspace. Who is in several groups has the highest.
type Grant struct {
	Group     string
	Workspace string
	Role      engine.Role
}

// ParseGrant reads where a group leads: "WORKSPACE:ROLE".
func ParseGrant(group, to string) (Grant, error) {
	workspace, role, _ := cut(to)
	r, err := engine.ParseRole(role)
	if err != nil || group == "" || workspace == "" {
		return Grant{}, fmt.Errorf("group %.60q leads to %.60q; want WORKSPACE:ROLE with the role viewer, contributor, reviewer or admin", group, to)
	}
	return Grant{Group: group, Workspace: workspace, Role: r}, nil
}

// cut cuts at the last colon: a workspace may have one in its name.
func cut(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func (c *Config) validate() error {
	switch {
	case c.ClientID == "":
		return errors.New("the client id is empty; write the one that the provider has given")
	case !safe(c.Issuer):
		return fmt.Errorf("the issuer %.200q is not a https:// URL", c.Issuer)
	case !safe(c.Redirect):
		return fmt.Errorf("the redirect %.200q is not a https:// URL; write where browsers reach vouch", c.Redirect)
	}
	for _, g := range c.Grants {
		if g.Group == "" || g.Workspace == "" || !g.Role.Valid() {
			return fmt.Errorf("the group %.60q leads to no role in a workspace", g.Group)
		}
	}
	return nil
}

// safe says whether a URL can be used without others reading along: it is https,
// or does not leave the machine.
func safe(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
