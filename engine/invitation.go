package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Invitation is a link by which one person becomes a member of a workspace. It
// is for one address, works once, and not for ever.
type Invitation struct {
	ID        string     `json:"id"`
	Workspace string     `json:"workspace"`
	Email     string     `json:"email"` // folded
	Role      Role       `json:"role"`
	By        string     `json:"by"` // the id of the user who invites
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	ClosedAt  *time.Time `json:"closed_at,omitempty"` // when it was accepted or withdrawn
	User      string     `json:"user,omitempty"`      // who accepted it; "" if it was withdrawn
}

// AuditHash is the hash of an invitation for the audit log.
func (i *Invitation) AuditHash() string {
	closed := int64(0)
	if i.ClosedAt != nil {
		closed = i.ClosedAt.UnixMilli()
	}
	return AuditHash([]any{"invitation", i.ID, i.Email, i.Role, i.By, i.CreatedAt.UnixMilli(), i.ExpiresAt.UnixMilli(), closed, i.User})
}

// open says whether an invitation can still be accepted.
func (i *Invitation) open(now time.Time) bool { return i.ClosedAt == nil && now.Before(i.ExpiresAt) }

// InvitationStore keeps the invitations to a workspace. They are closed and
// never removed.
type InvitationStore interface {
	// AddInvitation stores an invitation, and returns it with the id it got.
	// The hash is that of its secret.
	AddInvitation(ctx context.Context, workspace string, i Invitation, hash string) (Invitation, error)

	// InvitationOf returns the invitation of a secret's hash, or
	// [ErrNotFound]. It is how the workspace becomes known.
	InvitationOf(ctx context.Context, hash string) (Invitation, error)

	// Invitations returns the invitations to a workspace, the newest first,
	// closed ones too.
	Invitations(ctx context.Context, workspace string) ([]Invitation, error)

	// CloseInvitation closes an invitation that is not closed: accepted by a
	// user, withdrawn with "". [ErrNotFound] if there is none to close.
	CloseInvitation(ctx context.Context, workspace, id, user string, at time.Time) error
}

// Errors of invitations. Compare with [errors.Is].
var (
	ErrMember      = errors.New("this person is a member of the workspace already; change their role instead")
	ErrSignInFirst = errors.New("there is an account with the address that was invited; sign in with it, then open the link again")
)

// Invite makes an invitation, and returns the secret for its link, which nobody
// can tell a second time. An earlier one to the same address is withdrawn.
func (a *Accounts) Invite(ctx context.Context, by *Principal, workspace, email string, role Role) (i Invitation, secret string, err error) {
	i, hash, secret, err := a.prepareInvitation(email, role)
	if err != nil {
		return Invitation{}, "", fmt.Errorf("invite: %w", err)
	}
	i.By = by.User.ID
	err = a.inWorkspace(ctx, by, workspace, ActionMemberManage, func(ctx context.Context, tx Tx) error {
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

// prepareInvitation checks what is asked for, and returns it with a new secret
// and its hash.
func (a *Accounts) prepareInvitation(email string, role Role) (i Invitation, hash, secret string, err error) {
	if i.Email, err = ParseEmail(email); err != nil {
		return i, "", "", err
	}
	if i.Role, err = ParseRole(string(role)); err != nil {
		return i, "", "", err
	}
	i.CreatedAt = a.now()
	i.ExpiresAt = i.CreatedAt.Add(a.Settings.filled().InvitationLife)
	secret, hash = newSecret("")
	return i, hash, secret, nil
}

// addInvitation stores an invitation in place of an earlier one to its address.
func (a *Accounts) addInvitation(ctx context.Context, tx Tx, workspace string, i Invitation, hash string) (Invitation, error) {
	if err := notMember(ctx, tx, workspace, i.Email); err != nil {
		return i, err
	}
	if err := a.closeInvitations(ctx, tx, workspace, func(old *Invitation) bool { return old.Email == i.Email }); err != nil {
		return i, err
	}
	return tx.AddInvitation(ctx, workspace, i, hash)
}

// notMember returns [ErrMember] if the user with an address is a member.
func notMember(ctx context.Context, tx Tx, workspace, email string) error {
	u, err := tx.UserByEmail(ctx, email)
	if err == nil {
		_, err = tx.Member(ctx, workspace, u.ID)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err == nil:
		return ErrMember
	}
	return err
}

// closeInvitations withdraws the invitations to a workspace that are not closed
// and are meant.
func (a *Accounts) closeInvitations(ctx context.Context, tx Tx, workspace string, meant func(*Invitation) bool) error {
	list, err := tx.Invitations(ctx, workspace)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].ClosedAt == nil && meant(&list[i]) {
			if err := tx.CloseInvitation(ctx, workspace, list[i].ID, "", a.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ListInvitations returns the invitations to a workspace, the newest first.
func (a *Accounts) ListInvitations(ctx context.Context, by *Principal, workspace string) ([]Invitation, error) {
	if err := by.Permit(workspace, ActionMemberManage); err != nil {
		return nil, err
	}
	return a.Store.Invitations(ctx, workspace)
}

// WithdrawInvitation makes the link of an invitation worth nothing.
func (a *Accounts) WithdrawInvitation(ctx context.Context, by *Principal, workspace, id string) error {
	err := a.inWorkspace(ctx, by, workspace, ActionMemberManage, func(ctx context.Context, tx Tx) error {
		return tx.CloseInvitation(ctx, workspace, id, "", a.now())
	})
	if err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	return nil
}

// ReadInvitation returns the invitation of a link, for who opens it, or
// [ErrLink].
func (a *Accounts) ReadInvitation(ctx context.Context, link string) (Invitation, error) {
	return a.readInvitation(ctx, a.Store, link)
}

// readInvitation also wants that who invited could still do so: an invitation
// does not outlive the right to invite.
func (a *Accounts) readInvitation(ctx context.Context, tx Tx, link string) (Invitation, error) {
	i, err := tx.InvitationOf(ctx, HashSecret(link))
	if err == nil && !i.open(a.now()) {
		err = ErrNotFound
	}
	var host Member
	if err == nil {
		host, err = tx.Member(ctx, i.Workspace, i.By)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return Invitation{}, ErrLink
	case err != nil:
		return Invitation{}, err
	case host.User.Disabled || !May(host.Role, ActionMemberManage):
		return Invitation{}, ErrLink
	}
	return i, nil
}

// AcceptInvitation makes a new user a member, and signs them in. Their address
// is the one that was invited, whatever n says. Where there is an account with
// it the link is not enough, or it would be a way around its password: that is
// [ErrSignInFirst], and then [Accounts.JoinByInvitation] is for them.
func (a *Accounts) AcceptInvitation(ctx context.Context, link string, n NewUser, b Browser) (s SignedIn, err error) {
	i, err := a.readInvitation(ctx, a.Store, link)
	if err != nil {
		return s, fmt.Errorf("accept invitation: %w", err)
	}
	if err := unknown(ctx, a.Store, i.Email); err != nil {
		return s, fmt.Errorf("accept invitation: %w", err)
	}
	n.Email = i.Email
	u, err := a.prepareUser(ctx, n)
	if err != nil {
		return s, fmt.Errorf("accept invitation: %w", err)
	}
	err = a.Store.InTx(ctx, func(tx Tx) error {
		i, err := a.readInvitation(ctx, tx, link)
		if err != nil {
			return err
		}
		if err := unknown(ctx, tx, i.Email); err != nil {
			return err
		}
		made, err := tx.PutUser(ctx, u)
		if err != nil {
			return err
		}
		ctx := WithActor(ctx, Actor{Name: "user:" + made.ID, From: b.From})
		if err := a.join(ctx, tx, &i, made.ID); err != nil {
			return err
		}
		s, err = a.newSession(ctx, tx, made, b)
		return err
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("accept invitation: %w", err)
	}
	return s, nil
}

// unknown returns [ErrSignInFirst] if there is a user with an address.
func unknown(ctx context.Context, tx UserStore, email string) error {
	_, err := tx.UserByEmail(ctx, email)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err == nil:
		return ErrSignInFirst
	}
	return err
}

// JoinByInvitation makes a signed-in user a member. The invitation must be to
// their address.
func (a *Accounts) JoinByInvitation(ctx context.Context, by *Principal, link string) (i Invitation, err error) {
	if by.ByToken() {
		return i, ErrNeedsPerson
	}
	ctx = acting(ctx, by)
	err = a.Store.InTx(ctx, func(tx Tx) error {
		if i, err = a.readInvitation(ctx, tx, link); err != nil {
			return err
		}
		u, err := tx.User(ctx, by.User.ID)
		switch {
		case err != nil:
			return err
		case u.Email != i.Email || u.Disabled:
			return ErrLink
		}
		return a.join(ctx, tx, &i, u.ID)
	})
	if err != nil {
		return Invitation{}, fmt.Errorf("join by invitation: %w", err)
	}
	return i, nil
}

// join uses an invitation up. Who has become a member in the meantime keeps the
// role they have.
func (a *Accounts) join(ctx context.Context, tx Tx, i *Invitation, user string) error {
	if err := tx.CloseInvitation(ctx, i.Workspace, i.ID, user, a.now()); err != nil {
		return err
	}
	_, err := tx.Member(ctx, i.Workspace, user)
	if errors.Is(err, ErrNotFound) {
		_, err = tx.PutMember(ctx, i.Workspace, user, i.Role)
	}
	return err
}
