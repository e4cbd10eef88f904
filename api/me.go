package api

import (
	"cmp"
	"context"
	"slices"

	"vouch/engine"
)

// GetMe says who calls.
func (s *Server) GetMe(ctx context.Context, _ GetMeRequestObject) (GetMeResponseObject, error) {
	return GetMe200JSONResponse(meShown(&callOf(ctx).who.Principal)), nil
}

// ChangePassword gives the caller another password, and a new session.
func (s *Server) ChangePassword(ctx context.Context, r ChangePasswordRequestObject) (ChangePasswordResponseObject, error) {
	x := callOf(ctx)
	ctx = requestContext(ctx)
	in, err := s.Accounts.ChangePassword(ctx, &x.who.Principal, r.Body.Old, r.Body.Password, s.browser(x))
	if err != nil {
		return nil, err
	}
	me, cookie, err := s.signedIn(ctx, &in)
	if err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return ChangePassword200JSONResponse{Body: me, Headers: ChangePassword200ResponseHeaders{SetCookie: cookie}}, nil
}

// meShown returns who somebody is as the API shows it.
func meShown(p *engine.Principal) Me {
	me := Me{User: User{Id: p.User.ID, Email: p.User.Email, Name: p.User.Name}, Workspaces: []Membership{}}
	for workspace, role := range p.Roles {
		me.Workspaces = append(me.Workspaces, Membership{Workspace: workspace, Role: role})
	}
	slices.SortFunc(me.Workspaces, func(a, b Membership) int { return cmp.Compare(a.Workspace, b.Workspace) })
	if p.ByToken() {
		me.Token = tokenShown(&p.Token)
	} else {
		me.Session = sessionShown(&p.Session, p.Session.ID)
	}
	return me
}
