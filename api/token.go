package api

import (
	"context"
	"time"

	"vouch/engine"
)

// ListTokens lists the caller's tokens in a workspace, or everybody's.
func (s *Server) ListTokens(ctx context.Context, r ListTokensRequestObject) (ListTokensResponseObject, error) {
	list, err := s.Accounts.ListTokens(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace, r.Params.Everybody)
	if err != nil {
		return nil, err
	}
	shown, next, link, err := pageOf(ctx, list, r.Params.After, r.Params.Limit, func(t *engine.Token) string { return t.ID })
	if err != nil {
		return nil, err
	}
	out := make([]Token, len(shown))
	for i := range shown {
		out[i] = tokenShown(&shown[i])
	}
	return ListTokens200JSONResponse{Body: TokenPage{Tokens: out, Next: next}, Headers: ListTokens200ResponseHeaders{Link: optional(link)}}, nil
}

// CreateToken makes a token. The secret is in the reply and nowhere else.
func (s *Server) CreateToken(ctx context.Context, r CreateTokenRequestObject) (CreateTokenResponseObject, error) {
	if _, err := engine.ParseScopes(r.Body.Scopes); err != nil {
		return nil, invalid.because("The token cannot be made: its scopes are not all known.").at("/scopes", err.Error())
	}
	n := engine.NewToken{Name: r.Body.Name, Scopes: r.Body.Scopes, Role: r.Body.Role, Life: time.Duration(r.Body.Days) * 24 * time.Hour}
	t, secret, err := s.Accounts.MakeToken(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace, n)
	if err != nil {
		return nil, err
	}
	return CreateToken201JSONResponse{Token: tokenShown(&t), Secret: secret}, nil
}

// RevokeToken ends a token.
func (s *Server) RevokeToken(ctx context.Context, r RevokeTokenRequestObject) (RevokeTokenResponseObject, error) {
	if err := s.Accounts.RevokeToken(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace, r.Token); err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return RevokeToken204Response{}, nil
}

func tokenShown(t *engine.Token) Token {
	scopes := make([]string, len(t.Scopes))
	for i, s := range t.Scopes {
		scopes[i] = string(s)
	}
	return Token{
		Id: t.ID, User: t.User, Name: t.Name, Scopes: scopes, Role: t.Role, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
		UsedAt: deref(t.UsedAt), RevokedAt: deref(t.RevokedAt),
	}
}
