package api

import (
	"context"

	"vouch/engine"
)

// SetUp makes the first admin.
func (s *Server) SetUp(ctx context.Context, r SetUpRequestObject) (SetUpResponseObject, error) {
	x := callOf(ctx)
	ctx = requestContext(ctx)
	n := engine.NewUser{Email: r.Body.Email, Name: r.Body.Name, Password: r.Body.Password}
	in, err := s.Accounts.SetUp(ctx, r.Body.Secret, s.Workspace, n, s.browser(x))
	if err != nil {
		return nil, err
	}
	me, cookie, err := s.signedIn(ctx, &in)
	if err != nil {
		return nil, err
	}
	return SetUp201JSONResponse{Body: me, Headers: SetUp201ResponseHeaders{SetCookie: cookie}}, nil
}
