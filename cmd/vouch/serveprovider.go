package main

import (
	"fmt"
	"os"
	"strings"

	"vouch/api"
	"vouch/api/oidc"
)

// providerFlags say which identity provider signs people in.
type providerFlags struct {
	Issuer           string   `help:"Identity provider that signs people in by OpenID Connect, as it calls itself; needs --public-url." env:"VOUCH_OIDC_ISSUER" placeholder:"URL"`
	ClientID         string   `help:"What the provider calls vouch." env:"VOUCH_OIDC_CLIENT_ID" placeholder:"ID"`
	ClientSecretFile string   `help:"File with the secret that the provider has given; none for a public client." env:"VOUCH_OIDC_CLIENT_SECRET_FILE" type:"path" placeholder:"FILE"`
	Scope            []string `help:"Scope to ask for besides openid, email and profile; may be repeated." env:"VOUCH_OIDC_SCOPE" placeholder:"SCOPE"`
	GroupsClaim      string   `help:"Claim of the ID token that holds the groups." default:"groups" env:"VOUCH_OIDC_GROUPS_CLAIM" placeholder:"CLAIM"`
	Group            []string `help:"What a group of the provider is in a workspace: GROUP=WORKSPACE:ROLE; may be repeated. In a workspace that any group leads to, the groups say who is a member." env:"VOUCH_OIDC_GROUP" sep:";" placeholder:"GRANT"`
	LinkByEmail      bool     `help:"Let who signs in with the provider be the user with the same verified address." env:"VOUCH_OIDC_LINK_BY_EMAIL"`
}

// provider returns what signs people in, nil if nothing does but passwords, and
// the workspaces that groups lead to.
func (c *serveCmd) provider() (api.Provider, []string, error) {
	o := c.OIDC
	switch {
	case o.Issuer == "" && (o.ClientID != "" || o.ClientSecretFile != "" || len(o.Group) > 0 || o.LinkByEmail):
		return nil, nil, usageError("--oidc-issuer is missing; without it the other settings of a provider say nothing")
	case o.Issuer == "":
		return nil, nil, nil
	case c.PublicURL == "":
		return nil, nil, usageError("--public-url is missing: the provider has to know where to send browsers back to; give the address by which they reach vouch")
	}
	config := oidc.Config{
		Issuer: o.Issuer, ClientID: o.ClientID, Redirect: c.PublicURL + api.CallbackPath,
		Scopes: o.Scope, GroupsClaim: o.GroupsClaim, LinkByEmail: o.LinkByEmail,
	}
	if o.ClientSecretFile != "" {
		b, err := os.ReadFile(o.ClientSecretFile)
		if err != nil {
			return nil, nil, usageError("--oidc-client-secret-file: " + err.Error())
		}
		if config.ClientSecret = strings.TrimSpace(string(b)); config.ClientSecret == "" {
			return nil, nil, usageError("--oidc-client-secret-file: the file is empty; it is to hold the secret and nothing else")
		}
	}
	var workspaces []string
	for _, text := range o.Group {
		i := strings.LastIndexByte(text, '=') // groups may have one in their name
		if i < 0 {
			return nil, nil, usageError(fmt.Sprintf("--oidc-group %.100q: write it as GROUP=WORKSPACE:ROLE", text))
		}
		grant, err := oidc.ParseGrant(text[:i], text[i+1:])
		if err != nil {
			return nil, nil, usageError("--oidc-group: " + err.Error())
		}
		config.Grants = append(config.Grants, grant)
		workspaces = append(workspaces, grant.Workspace)
	}
	client, err := oidc.New(config)
	if err != nil {
		return nil, nil, usageError("--oidc-…: " + err.Error())
	}
	return client, workspaces, nil
}
