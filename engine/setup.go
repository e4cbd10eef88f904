package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// SetUpStore keeps the links by which the first admin is made. There can be
// several, one for each process that was started before there was a user; the
// first that is used ends all of them.
type SetUpStore interface {
	// AddSetUp stores the hash of a link's secret, and when it ends.
	AddSetUp(ctx context.Context, hash string, ends time.Time) error

	// SetUpEnds returns when a link ends, or [ErrNotFound].
	SetUpEnds(ctx context.Context, hash string) (time.Time, error)

	// EndSetUps ends all links that end before a time.
	EndSetUps(ctx context.Context, before time.Time) error
}

// Errors of set-up and of links. Compare with [errors.Is].
var (
	ErrSetUp = errors.New("vouch is set up already; sign in, or ask an admin for an invitation")
	ErrLink  = errors.New("this link is not valid, or not any more; ask for a new one")
)

// BeginSetUp returns the secret of a new link for making the first admin, or ""
// if there is a user already. Each process that starts may ask for one.
func (a *Accounts) BeginSetUp(ctx context.Context) (secret string, err error) {
	err = a.Store.InTx(ctx, func(tx Tx) error {
		secret = ""
		some, err := tx.AnyUser(ctx)
		if err != nil || some {
			return err
		}
		if err := tx.EndSetUps(ctx, a.now()); err != nil {
			return err
		}
		made, hash := newSecret("")
		secret = made
		return tx.AddSetUp(ctx, hash, a.now().Add(a.Settings.filled().SetUpLife))
	})
	if err != nil {
		return "", fmt.Errorf("begin set-up: %w", err)
	}
	return secret, nil
}

// SetUp makes the first user, who becomes admin of a workspace, which is made if
// it is not there; and ends all links for it. The link is looked at before any
// work is done for who has none.
func (a *Accounts) SetUp(ctx context.Context, link, workspace string, n NewUser, b Browser) (s SignedIn, err error) {
	if err := a.mayBeSetUp(ctx, a.Store, link); err != nil {
		return s, fmt.Errorf("set up: %w", err)
	}
	u, err := a.prepareUser(ctx, n)
	if err != nil {
		return s, fmt.Errorf("set up: %w", err)
	}
	err = a.Store.InTx(ctx, func(tx Tx) error {
		if err := a.mayBeSetUp(ctx, tx, link); err != nil {
			return err
		}
		made, err := tx.PutUser(ctx, u)
		if err != nil {
			return err
		}
		ctx := WithActor(ctx, Actor{Name: "user:" + made.ID, From: b.From})
		if err := tx.EnsureWorkspace(ctx, workspace); err != nil {
			return err
		}
		if _, err := tx.PutMember(ctx, workspace, made.ID, RoleAdmin); err != nil {
			return err
		}
		if err := tx.EndSetUps(ctx, endOfTime); err != nil {
			return err
		}
		s, err = a.newSession(ctx, tx, made, b)
		return err
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("set up: %w", err)
	}
	return s, nil
}

// endOfTime is after the end of every link.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// mayBeSetUp returns why a link makes no admin, nil if it does. The link is read
// first: who has just been too slow is told that there is an admin now.
func (a *Accounts) mayBeSetUp(ctx context.Context, tx Tx, link string) error {
	ends, err := tx.SetUpEnds(ctx, HashSecret(link))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	some, anyErr := tx.AnyUser(ctx)
	switch {
	case anyErr != nil:
		return anyErr
	case some:
		return ErrSetUp
	case err != nil || !a.now().Before(ends):
		return ErrLink
	}
	return nil
}

// NewUser is what a person says who makes an account.
type NewUser struct {
	Email, Name, Password string
}

// prepareUser checks what a person says, and returns the user with the password
// encoded.
func (a *Accounts) prepareUser(ctx context.Context, n NewUser) (u User, err error) {
	if u.Email, err = ParseEmail(n.Email); err != nil {
		return User{}, err
	}
	if u.Name, err = ParseName(n.Name); err != nil {
		return User{}, err
	}
	if err := CheckNewPassword(n.Password, u.Email, u.Name); err != nil {
		return User{}, err
	}
	if u.Password, err = a.Passwords.HashPassword(ctx, n.Password); err != nil {
		return User{}, err
	}
	return u, nil
}
