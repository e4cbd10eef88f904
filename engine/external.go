package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ExternalIdentity is who an identity provider says has signed in, after its
// answer was verified. The provider has verified the address.
type ExternalIdentity struct {
	Subject string // the provider and its name for the person, which stays when the address changes
	Email   string // folded
	Name    string

	// Roles are what the person's groups give them, by workspace. Governed
	// are the workspaces that any group leads to: there the groups say who is
	// a member, each time somebody signs in.
	Roles    map[string]Role
	Governed []string

	// LinkByEmail lets the person be the user who has the same address and
	// nobody else's subject. It trusts the provider not to give one person the
	// address of another.
	LinkByEmail bool
}

// Errors of signing in with a provider. Compare with [errors.Is].
var (
	ErrNotLetIn  = errors.New("your account at the provider is let into no workspace; ask an admin to put you in a group that is, or to invite you")
	ErrNotLinked = errors.New("there is an account with your address that is not linked to the provider; sign in with its password, or ask who runs vouch to allow linking by address")
)

// SignInExternal makes a session for who a provider vouches for. The user is
// found by subject; then by address, if that is allowed; else made, if a group
// leads to a workspace. Roles follow the groups: given, changed, and taken away
// where no group leads there any more, but for the last admin of a workspace.
func (a *Accounts) SignInExternal(ctx context.Context, id ExternalIdentity, b Browser) (s SignedIn, err error) {
	nowhere := false
	err = a.Store.InTx(ctx, func(tx Tx) error {
		ctx := WithActor(ctx, Actor{From: b.From})
		u, err := a.external(ctx, tx, &id)
		if err != nil {
			return err
		}
		ctx = WithActor(ctx, Actor{Name: "user:" + u.ID, From: b.From})
		if u.Subject != id.Subject {
			u.Subject = id.Subject
			if u, err = tx.PutUser(ctx, u); err != nil {
				return err
			}
		}
		if err := a.follow(ctx, tx, u.ID, &id); err != nil {
			return err
		}
		list, err := tx.Memberships(ctx, u.ID)
		if nowhere = len(list) == 0; err != nil || nowhere {
			return err // what the groups took away stays taken
		}
		s, err = a.newSession(ctx, tx, u, b)
		return err
	})
	if err == nil && nowhere {
		err = ErrNotLetIn
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in with the provider: %w", err)
	}
	return s, nil
}

// external returns the user whom a provider means. One who is new has an id
// already, and is a member of nothing yet.
func (a *Accounts) external(ctx context.Context, tx Tx, id *ExternalIdentity) (User, error) {
	u, err := tx.UserBySubject(ctx, id.Subject)
	if errors.Is(err, ErrNotFound) {
		u, err = a.byEmail(ctx, tx, id)
	}
	switch {
	case err != nil:
		return User{}, err
	case u.Disabled:
		return User{}, ErrNotLetIn
	}
	return u, nil
}

func (a *Accounts) byEmail(ctx context.Context, tx Tx, id *ExternalIdentity) (User, error) {
	email, err := ParseEmail(id.Email)
	if err != nil {
		return User{}, err
	}
	u, err := tx.UserByEmail(ctx, email)
	switch {
	case err == nil && (!id.LinkByEmail || u.Subject != ""):
		return User{}, ErrNotLinked
	case err == nil || !errors.Is(err, ErrNotFound):
		return u, err
	case len(id.Roles) == 0:
		return User{}, ErrNotLetIn
	}
	name, err := ParseName(id.Name)
	if err != nil {
		name = email
	}
	return tx.PutUser(ctx, User{Email: email, Name: name, Subject: id.Subject})
}

// follow makes the memberships of a user what the groups say.
func (a *Accounts) follow(ctx context.Context, tx Tx, user string, id *ExternalIdentity) error {
	for _, workspace := range slices.Sorted(maps.Keys(id.Roles)) {
		role := id.Roles[workspace]
		m, err := tx.Member(ctx, workspace, user)
		switch {
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		case err == nil && m.Role == role:
			continue
		case err == nil:
			if last := anotherAdmin(ctx, tx, workspace, &m); errors.Is(last, ErrLastAdmin) {
				continue
			} else if last != nil {
				return last
			}
		}
		if _, err := tx.PutMember(ctx, workspace, user, role); err != nil {
			return err
		}
	}
	for _, workspace := range id.Governed {
		if id.Roles[workspace] != "" {
			continue
		}
		err := a.remove(ctx, tx, workspace, user)
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrLastAdmin) {
			return err
		}
	}
	return nil
}
