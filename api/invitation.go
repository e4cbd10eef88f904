package api

import (
	"context"

	"vouch/engine"
)

// ReadInvitation shows the invitation of a secret.
func (s *Server) ReadInvitation(ctx context.Context, r ReadInvitationRequestObject) (ReadInvitationResponseObject, error) {
	i, err := s.Accounts.ReadInvitation(requestContext(ctx), r.Body.Secret)
	if err != nil {
		return nil, err
	}
	return ReadInvitation200JSONResponse(openInvitationShown(&i)), nil
}

// AcceptInvitation makes an account for who was invited.
func (s *Server) AcceptInvitation(ctx context.Context, r AcceptInvitationRequestObject) (AcceptInvitationResponseObject, error) {
	x := callOf(ctx)
	ctx = requestContext(ctx)
	in, err := s.Accounts.AcceptInvitation(ctx, r.Body.Secret, engine.NewUser{Name: r.Body.Name, Password: r.Body.Password}, s.browser(x))
	if err != nil {
		return nil, err
	}
	me, cookie, err := s.signedIn(ctx, &in)
	if err != nil {
		return nil, err
	}
	for _, w := range me.Workspaces {
		s.hub.wake(w.Workspace)
	}
	s.hub.askAgain() // the session that came with the request has ended
	return AcceptInvitation201JSONResponse{Body: me, Headers: AcceptInvitation201ResponseHeaders{SetCookie: cookie}}, nil
}

// JoinByInvitation makes the caller a member.
func (s *Server) JoinByInvitation(ctx context.Context, r JoinByInvitationRequestObject) (JoinByInvitationResponseObject, error) {
	i, err := s.Accounts.JoinByInvitation(requestContext(ctx), &callOf(ctx).who.Principal, r.Body.Secret)
	if err != nil {
		return nil, err
	}
	s.hub.wake(i.Workspace)
	return JoinByInvitation200JSONResponse(openInvitationShown(&i)), nil
}

// ListInvitations lists the invitations to a workspace.
func (s *Server) ListInvitations(ctx context.Context, r ListInvitationsRequestObject) (ListInvitationsResponseObject, error) {
	list, err := s.Accounts.ListInvitations(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace)
	if err != nil {
		return nil, err
	}
	shown, next, link, err := pageOf(ctx, list, r.Params.After, r.Params.Limit, func(i *engine.Invitation) string { return i.ID })
	if err != nil {
		return nil, err
	}
	out := make([]Invitation, len(shown))
	for i := range shown {
		out[i] = invitationShown(&shown[i])
	}
	return ListInvitations200JSONResponse{Body: InvitationPage{Invitations: out, Next: next}, Headers: ListInvitations200ResponseHeaders{Link: optional(link)}}, nil
}

// CreateInvitation invites somebody. The secret is in the reply and nowhere
// else.
func (s *Server) CreateInvitation(ctx context.Context, r CreateInvitationRequestObject) (CreateInvitationResponseObject, error) {
	i, secret, err := s.Accounts.Invite(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace, r.Body.Email, r.Body.Role)
	if err != nil {
		return nil, err
	}
	return CreateInvitation201JSONResponse{Invitation: invitationShown(&i), Secret: secret}, nil
}

// WithdrawInvitation makes an invitation worth nothing.
func (s *Server) WithdrawInvitation(ctx context.Context, r WithdrawInvitationRequestObject) (WithdrawInvitationResponseObject, error) {
	if err := s.Accounts.WithdrawInvitation(requestContext(ctx), &callOf(ctx).who.Principal, r.Workspace, r.Invitation); err != nil {
		return nil, err
	}
	return WithdrawInvitation204Response{}, nil
}

func openInvitationShown(i *engine.Invitation) OpenInvitation {
	return OpenInvitation{Workspace: i.Workspace, Email: i.Email, Role: i.Role, ExpiresAt: i.ExpiresAt}
}

func invitationShown(i *engine.Invitation) Invitation {
	return Invitation{Id: i.ID, Email: i.Email, Role: i.Role, By: i.By, CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt, ClosedAt: deref(i.ClosedAt), User: i.User}
}
