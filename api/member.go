package api

import (
	"context"

	"vouch/engine"
)

// ListMembers lists the members of a workspace.
func (s *Server) ListMembers(ctx context.Context, r ListMembersRequestObject) (ListMembersResponseObject, error) {
	x := callOf(ctx)
	after, err := x.after(r.Params.After)
	if err != nil {
		return nil, err
	}
	list, err := s.Accounts.ListMembers(requestContext(ctx), &x.who.Principal, r.Workspace, engine.MemberFilter{After: after, Limit: r.Params.Limit + 1})
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(m *engine.Member) string { return m.User.ID })
	out := make([]Member, len(shown))
	for i := range shown {
		out[i] = memberShown(&shown[i])
	}
	return ListMembers200JSONResponse{Body: MemberPage{Members: out, Next: next}, Headers: ListMembers200ResponseHeaders{Link: optional(link)}}, nil
}

// GetMember reads a member.
func (s *Server) GetMember(ctx context.Context, r GetMemberRequestObject) (GetMemberResponseObject, error) {
	m, err := s.Store.Member(requestContext(ctx), r.Workspace, r.User)
	if err != nil {
		return nil, err
	}
	return GetMember200JSONResponse{Body: memberShown(&m), Headers: GetMember200ResponseHeaders{ETag: memberTag(&m)}}, nil
}

// ChangeMember gives a member another role, and disables the account or lets it
// in again: both or neither.
func (s *Server) ChangeMember(ctx context.Context, r ChangeMemberRequestObject) (ChangeMemberResponseObject, error) {
	who := callOf(ctx).who.Principal
	var m engine.Member
	err := s.inMember(ctx, r.Workspace, r.User, r.Params.IfMatch, func(ctx context.Context, in *engine.Accounts, now engine.Member) (err error) {
		m = now
		if m.Role != r.Body.Role {
			if m, err = in.ChangeRole(ctx, &who, r.Workspace, r.User, r.Body.Role); err != nil {
				return err
			}
		}
		if m.User.Disabled != r.Body.Disabled {
			m.User, err = in.Disable(ctx, &who, r.User, r.Body.Disabled)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return ChangeMember200JSONResponse{Body: memberShown(&m), Headers: ChangeMember200ResponseHeaders{ETag: memberTag(&m)}}, nil
}

// RemoveMember ends a membership.
func (s *Server) RemoveMember(ctx context.Context, r RemoveMemberRequestObject) (RemoveMemberResponseObject, error) {
	who := callOf(ctx).who.Principal
	err := s.inMember(ctx, r.Workspace, r.User, r.Params.IfMatch, func(ctx context.Context, in *engine.Accounts, _ engine.Member) error {
		return in.RemoveMember(ctx, &who, r.Workspace, r.User)
	})
	if err != nil {
		return nil, err
	}
	s.hub.askAgain()
	return RemoveMember204Response{}, nil
}

// inMember runs fn in a transaction, with accounts that work in it, if a member
// is as the caller has read it.
func (s *Server) inMember(ctx context.Context, workspace, user, ifMatch string, fn func(context.Context, *engine.Accounts, engine.Member) error) error {
	ctx = requestContext(ctx)
	return s.Store.InTx(ctx, func(tx engine.Tx) error {
		m, err := tx.Member(ctx, workspace, user)
		if err != nil {
			return err
		}
		if err := sameTag(ifMatch, memberTag(&m), "member", memberShown(&m)); err != nil {
			return err
		}
		in := *s.Accounts
		in.Store = engine.Joined(tx)
		return fn(ctx, &in, m)
	})
}

// memberTag is the version of what [ChangeMember] changes.
func memberTag(m *engine.Member) string {
	return etagOf(engine.AuditHash([]any{m.AuditHash(), m.User.Disabled}))
}

func memberShown(m *engine.Member) Member {
	return Member{Id: m.User.ID, Email: m.User.Email, Name: m.User.Name, Role: m.Role, Disabled: m.User.Disabled, Since: m.Since}
}
