package api

import (
	"context"
	"net/http"
	"slices"

	"vouch/engine"
)

// browser is where a call comes from, as the accounts want to know it.
func (s *Server) browser(x *call) engine.Browser {
	return engine.Browser{From: x.from, Agent: x.request.UserAgent(), Secret: s.cookies.session(x.request)}
}

// signedIn is the reply to who has a new session: the cookie, and who they are.
func (s *Server) signedIn(ctx context.Context, in *engine.SignedIn) (Me, string, error) {
	who, err := s.Accounts.Authenticate(ctx, in.Secret)
	if err != nil {
		return Me{}, "", err
	}
	return meShown(&who), s.cookies.write(sessionCookie, in.Secret, 0), nil
}

// SignIn makes a session for who knows a password.
func (s *Server) SignIn(ctx context.Context, r SignInRequestObject) (SignInResponseObject, error) {
	x := callOf(ctx)
	ctx = requestContext(ctx)
	in, err := s.Accounts.SignIn(ctx, r.Body.Email, r.Body.Password, s.browser(x))
	if err != nil {
		return nil, err
	}
	me, cookie, err := s.signedIn(ctx, &in)
	if err != nil {
		return nil, err
	}
	s.hub.askAgain() // the session that came with the request has ended
	return SignIn200JSONResponse{Body: me, Headers: SignIn200ResponseHeaders{SetCookie: cookie}}, nil
}

// SignOut ends the session of the cookie.
func (s *Server) SignOut(ctx context.Context, _ SignOutRequestObject) (SignOutResponseObject, error) {
	if secret := s.cookies.session(callOf(ctx).request); secret != "" {
		if err := s.Accounts.SignOut(requestContext(ctx), secret); err != nil {
			return nil, err
		}
		s.hub.askAgain()
	}
	return SignOut204Response{SignOut204ResponseHeaders{s.cookies.remove(sessionCookie)}}, nil
}

// ListSessions lists the caller's sessions.
func (s *Server) ListSessions(ctx context.Context, _ ListSessionsRequestObject) (ListSessionsResponseObject, error) {
	list, err := s.sessions(ctx)
	if err != nil {
		return nil, err
	}
	return ListSessions200JSONResponse{Sessions: list}, nil
}

func (s *Server) sessions(ctx context.Context) ([]Session, error) {
	who := &callOf(ctx).who.Principal
	list, err := s.Accounts.ListSessions(requestContext(ctx), who)
	out := make([]Session, len(list))
	for i := range list {
		out[i] = sessionShown(&list[i], who.Session.ID)
	}
	return out, err
}

// GetSession reads one of the caller's sessions.
func (s *Server) GetSession(ctx context.Context, r GetSessionRequestObject) (GetSessionResponseObject, error) {
	list, err := s.sessions(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(x Session) bool { return x.Id == r.Session })
	if i < 0 {
		return nil, notFound.because("You have no session with this id.")
	}
	return GetSession200JSONResponse(list[i]), nil
}

// EndSession ends one of the caller's sessions.
func (s *Server) EndSession(ctx context.Context, r EndSessionRequestObject) (EndSessionResponseObject, error) {
	if err := s.Accounts.RevokeSession(requestContext(ctx), &callOf(ctx).who.Principal, r.Session); err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return EndSession204Response{}, nil
}

// EndOtherSessions ends all sessions of the caller but that of the request.
func (s *Server) EndOtherSessions(ctx context.Context, _ EndOtherSessionsRequestObject) (EndOtherSessionsResponseObject, error) {
	n, err := s.Accounts.RevokeOtherSessions(requestContext(ctx), &callOf(ctx).who.Principal)
	if err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return EndOtherSessions200JSONResponse{Ended: n}, nil
}

func sessionShown(x *engine.Session, current string) Session {
	return Session{Id: x.ID, CreatedAt: x.CreatedAt, SeenAt: x.SeenAt, From: x.From, Agent: x.Agent, Current: x.ID == current}
}

// redirect sends a browser somewhere, with cookies.
func redirect(w http.ResponseWriter, to string, cookies ...string) error {
	for _, c := range cookies {
		w.Header().Add("Set-Cookie", c)
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
