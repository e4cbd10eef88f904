package engine

import (
	"context"
	"errors"
	"fmt"
)

// The use cases of this file are for who runs vouch: like
// [Accounts.ResetPassword] they ask for no account, since whoever has the
// database in their hands could write to it anyway. The audit log names who
// acts in the context.

// ErrNoAdmin says that nobody is there in whose name to invite.
var ErrNoAdmin = errors.New("the workspace has no admin who can sign in; make a user one first, or set vouch up")

// GiveRole makes the user with an address a member of a workspace, or changes
// what they are there. It also takes the last admin's role: who runs vouch can
// make another.
func (a *Accounts) GiveRole(ctx context.Context, workspace, email string, role Role) (m Member, err error) {
	if _, err := ParseRole(string(role)); err != nil {
		return m, fmt.Errorf("give role: %w", err)
	}
	err = a.Store.InTx(ctx, func(tx Tx) error {
		u, err := tx.UserByEmail(ctx, FoldEmail(email))
		if err != nil {
			return err
		}
		m, err = tx.PutMember(ctx, workspace, u.ID, role)
		return err
	})
	if err != nil {
		return Member{}, fmt.Errorf("give role: %w", err)
	}
	m.User.Password = ""
	return m, nil
}

// Shut keeps the user with an address from signing in and ends their sessions,
// whoever they are; or lets them in again.
func (a *Accounts) Shut(ctx context.Context, email string, disabled bool) (u User, err error) {
	err = a.Store.InTx(ctx, func(tx Tx) error {
		if u, err = tx.UserByEmail(ctx, FoldEmail(email)); err != nil {
			return err
		}
		u.Disabled = disabled
		if u, err = tx.PutUser(ctx, u); err != nil {
			return err
		}
		if disabled {
			_, err = tx.EndSessions(ctx, u.ID, "")
		}
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("disable user: %w", err)
	}
	u.Password = ""
	return u, nil
}

// InviteForAdmin makes an invitation in the name of the admin who is longest
// known of those who can sign in, as [Accounts.Invite] does.
func (a *Accounts) InviteForAdmin(ctx context.Context, workspace, email string, role Role) (i Invitation, secret string, err error) {
	i, hash, secret, err := a.prepareInvitation(email, role)
	if err != nil {
		return Invitation{}, "", fmt.Errorf("invite: %w", err)
	}
	err = a.Store.InTx(ctx, func(tx Tx) error {
		list, err := tx.Members(ctx, workspace, MemberFilter{})
		if err != nil {
			return err
		}
		i.By = ""
		for n := range list {
			if m := &list[n]; i.By == "" && m.Role == RoleAdmin && !m.User.Disabled {
				i.By = m.User.ID
			}
		}
		if i.By == "" {
			return ErrNoAdmin
		}
		made, err := a.addInvitation(ctx, tx, workspace, i, hash)
		if err == nil {
			i = made
		}
		return err
	})
	if err != nil {
		return Invitation{}, "", fmt.Errorf("invite: %w", err)
	}
	return i, secret, nil
}
