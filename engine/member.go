package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Member is a user in a workspace, with what the user is there.
type Member struct {
	User  User      `json:"user"`
	Role  Role      `json:"role"`
	Since time.Time `json:"since"`
}

// AuditHash is the hash of a membership for the audit log. What the user is
// called is no part of it: that is the event "user:ID".
func (m *Member) AuditHash() string {
	return AuditHash([]any{"member", m.User.ID, m.Role, m.Since.UnixMilli()})
}

// Membership is a workspace that a user is a member of.
type Membership struct {
	Workspace string `json:"workspace"`
	Role      Role   `json:"role"`
}

// MemberFilter chooses members. The zero value chooses all.
type MemberFilter struct {
	After string // ordered after the user with this id: the last one of the page before
	Limit int    // at most so many; 0 means all
}

// MemberStore says who is in a workspace. A user enters the log of a workspace
// ("user:ID", added) when they become a member and leaves it when they stop
// being one, so that it holds what it needs to know of them and no more.
type MemberStore interface {
	// Members returns the members of a workspace, in the order in which their
	// users were made.
	Members(ctx context.Context, workspace string, f MemberFilter) ([]Member, error)

	// Member returns what a user is in a workspace, or [ErrNotFound].
	Member(ctx context.Context, workspace, user string) (Member, error)

	// PutMember makes a user a member with a role, or changes the role. A user
	// who is not there is [ErrNotFound].
	PutMember(ctx context.Context, workspace, user string, role Role) (Member, error)

	// RemoveMember ends a membership. Who is no member is [ErrNotFound].
	RemoveMember(ctx context.Context, workspace, user string) error

	// Memberships returns the workspaces a user is a member of, ordered by id.
	Memberships(ctx context.Context, user string) ([]Membership, error)
}

// Account is a user together with where they are a member.
type Account struct {
	User        User
	Memberships []Membership
}

// Errors of members. Compare with [errors.Is].
var (
	ErrLastAdmin     = errors.New("this is the last admin of the workspace who can sign in; make another member admin first")
	ErrMemberOfOther = errors.New("this person is a member of workspaces that you do not manage; remove them from yours instead")
)

// ListMembers returns the members of a workspace.
func (a *Accounts) ListMembers(ctx context.Context, by *Principal, workspace string, f MemberFilter) ([]Member, error) {
	if err := by.Permit(workspace, ActionMemberRead); err != nil {
		return nil, err
	}
	return a.Store.Members(ctx, workspace, f)
}

// ChangeRole gives a member another role. It counts from their next request,
// and for their tokens too. The last admin stays one.
func (a *Accounts) ChangeRole(ctx context.Context, by *Principal, workspace, user string, role Role) (m Member, err error) {
	if _, err := ParseRole(string(role)); err != nil {
		return m, fmt.Errorf("change role: %w", err)
	}
	err = a.inWorkspace(ctx, by, workspace, ActionMemberManage, func(ctx context.Context, tx Tx) error {
		old, err := tx.Member(ctx, workspace, user)
		if err != nil {
			return err
		}
		if role != RoleAdmin {
			if err := anotherAdmin(ctx, tx, workspace, &old); err != nil {
				return err
			}
		}
		m, err = tx.PutMember(ctx, workspace, user, role)
		return err
	})
	if err != nil {
		return Member{}, fmt.Errorf("change role: %w", err)
	}
	return m, nil
}

// anotherAdmin returns [ErrLastAdmin] if a member is an admin and the workspace
// has no other one who can sign in.
func anotherAdmin(ctx context.Context, tx Tx, workspace string, member *Member) error {
	if member.Role != RoleAdmin {
		return nil
	}
	list, err := tx.Members(ctx, workspace, MemberFilter{})
	if err != nil {
		return err
	}
	for i := range list {
		if m := &list[i]; m.Role == RoleAdmin && !m.User.Disabled && m.User.ID != member.User.ID {
			return nil
		}
	}
	return ErrLastAdmin
}

// RemoveMember ends a membership, with the tokens that the member made in the
// workspace and the invitations they sent: who is taken in again starts with
// nothing. The last admin stays.
func (a *Accounts) RemoveMember(ctx context.Context, by *Principal, workspace, user string) error {
	err := a.inWorkspace(ctx, by, workspace, ActionMemberManage, func(ctx context.Context, tx Tx) error {
		return a.remove(ctx, tx, workspace, user)
	})
	if err != nil {
		return fmt.Errorf("remove member: %w", err)
	}
	return nil
}

func (a *Accounts) remove(ctx context.Context, tx Tx, workspace, user string) error {
	member, err := tx.Member(ctx, workspace, user)
	if err != nil {
		return err
	}
	if err := anotherAdmin(ctx, tx, workspace, &member); err != nil {
		return err
	}
	tokens, err := tx.Tokens(ctx, workspace, user)
	if err != nil {
		return err
	}
	for i := range tokens {
		if err := tx.RevokeToken(ctx, workspace, tokens[i].ID, a.now()); err != nil {
			return err
		}
	}
	if err := a.closeInvitations(ctx, tx, workspace, func(i *Invitation) bool { return i.By == user }); err != nil {
		return err
	}
	return tx.RemoveMember(ctx, workspace, user)
}

// Disable keeps a user from signing in, and ends their sessions; or lets them
// in again. Their tokens work for nothing meanwhile. A user is known to all
// workspaces, so it takes who manages all those that the user is a member of;
// to others a user who is in none of theirs is [ErrNotFound].
func (a *Accounts) Disable(ctx context.Context, by *Principal, user string, disabled bool) (u User, err error) {
	if by.ByToken() {
		return u, ErrNeedsPerson
	}
	ctx = acting(ctx, by)
	err = a.Store.InTx(ctx, func(tx Tx) error {
		if err := a.mayDisable(ctx, tx, by, user, disabled); err != nil {
			return err
		}
		if u, err = tx.User(ctx, user); err != nil {
			return err
		}
		u.Disabled = disabled
		if u, err = tx.PutUser(ctx, u); err != nil {
			return err
		}
		u.Password = ""
		if disabled {
			_, err = tx.EndSessions(ctx, user, "")
		}
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("disable user: %w", err)
	}
	return u, nil
}

// mayDisable returns why a principal may not disable a user, as it is in this
// transaction.
func (a *Accounts) mayDisable(ctx context.Context, tx Tx, by *Principal, user string, disabled bool) error {
	managed, others := 0, 0
	list, err := tx.Memberships(ctx, user)
	if err != nil {
		return err
	}
	for _, m := range list {
		host, err := tx.Member(ctx, m.Workspace, by.User.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			others++
			continue
		case err != nil:
			return err
		case host.User.Disabled || !May(host.Role, ActionMemberManage) || !by.May(m.Workspace, ActionMemberManage):
			others++
			continue
		}
		managed++
		if disabled {
			if err := anotherAdmin(ctx, tx, m.Workspace, &Member{User: User{ID: user}, Role: m.Role}); err != nil {
				return err
			}
		}
	}
	switch {
	case managed == 0:
		return ErrNotFound
	case others > 0:
		return ErrMemberOfOther
	}
	return nil
}
