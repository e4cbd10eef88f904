package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrSignIn is why somebody was not let in, whatever the reason is: it must not
// tell which addresses there are.
var ErrSignIn = errors.New("the address or the password is wrong")

// SignIn makes a session for who knows the password of a user.
//
// Each attempt is counted before the password is looked at, so that many at
// once are no way around, and taken back when it was right. An address that
// nobody has is counted, hashed and refused like one that somebody has. What
// failed too often is a [*ThrottledError].
//
// Sign-ins are not in the audit log, failed ones neither: they change nothing
// in a workspace, and whoever is outside could fill the log with them. That an
// account had to be slowed down is, once each time it begins.
func (a *Accounts) SignIn(ctx context.Context, email, password string, b Browser) (SignedIn, error) {
	s, err := a.signIn(ctx, FoldEmail(email), password, b)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return s, nil
}

func (a *Accounts) signIn(ctx context.Context, email, password string, b Browser) (s SignedIn, err error) {
	u, err := a.attempt(ctx, email, b.From)
	if err != nil {
		return s, err
	}
	again, err := a.prove(ctx, &u, password)
	if err != nil {
		if errors.Is(err, ErrCrowd) {
			err = errors.Join(err, a.succeeded(ctx, email, b.From, func(Tx) error { return nil }))
		}
		return s, err
	}
	ctx = WithActor(ctx, Actor{Name: "user:" + u.ID, From: b.From})
	err = a.succeeded(ctx, email, b.From, func(tx Tx) error {
		now, err := tx.User(ctx, u.ID)
		if err != nil {
			return err
		}
		if now.Disabled || now.Password != u.Password { // since we looked
			return ErrSignIn
		}
		if again != "" {
			now.Password = again
			if now, err = tx.PutUser(ctx, now); err != nil {
				return err
			}
		}
		s, err = a.newSession(ctx, tx, now, b)
		return err
	})
	return s, err
}

// prove checks a password, and returns it encoded anew if that is due. A user
// who is not there or disabled costs as much as another.
func (a *Accounts) prove(ctx context.Context, u *User, password string) (again string, err error) {
	encoded := u.Password
	if len(password) > maxPasswordBytes {
		password, encoded = "", ""
	}
	ok, outdated, err := a.Passwords.CheckPassword(ctx, password, encoded)
	switch {
	case err != nil:
		return "", err
	case !ok || encoded == "" || u.Disabled:
		return "", ErrSignIn
	case outdated:
		return a.Passwords.HashPassword(ctx, password)
	}
	return "", nil
}

// attempt counts an attempt as failed, and returns the user with an address, the
// zero value if there is none. While one has to wait nothing is counted, and
// nothing written.
func (a *Accounts) attempt(ctx context.Context, email, from string) (u User, err error) {
	if err := a.throttled(ctx, a.Store, email, from); err != nil {
		return u, err
	}
	ctx = WithActor(ctx, Actor{From: from})
	err = a.Store.InTx(ctx, func(tx Tx) error {
		u = User{}
		if err := a.throttled(ctx, tx, email, from); err != nil {
			return err
		}
		if u, err = tx.UserByEmail(ctx, email); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		account, err := a.counted(ctx, tx, accountKey(email), freePerAccount)
		if err != nil {
			return err
		}
		if _, err := a.counted(ctx, tx, addressKey(from), freePerAddress); err != nil {
			return err
		}
		if u.ID != "" && account.Failures == freePerAccount {
			return tx.AuditLockout(ctx, u.ID, a.now())
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// throttled returns a [*ThrottledError] while an account or address has to wait.
func (a *Accounts) throttled(ctx context.Context, tx ThrottleStore, email, from string) error {
	wait := time.Duration(0)
	for _, key := range []string{accountKey(email), addressKey(from)} {
		t, err := tx.Throttle(ctx, key)
		if err != nil {
			return err
		}
		wait = max(wait, t.Until.Sub(a.now()))
	}
	if wait > 0 {
		return &ThrottledError{Wait: wait}
	}
	return nil
}

func (a *Accounts) counted(ctx context.Context, tx Tx, key string, free int) (Throttle, error) {
	t, err := tx.Throttle(ctx, key)
	if err != nil {
		return t, err
	}
	t.count(a.now(), free)
	return t, tx.PutThrottle(ctx, t)
}

// succeeded forgets the failures of an account, gives the address back what was
// counted for this attempt, and runs fn in the same transaction. An address is
// not forgotten: one right password among a thousand tries is no reason.
func (a *Accounts) succeeded(ctx context.Context, email, from string, fn func(Tx) error) error {
	return a.Store.InTx(ctx, func(tx Tx) error {
		if err := tx.PutThrottle(ctx, Throttle{Key: accountKey(email)}); err != nil {
			return err
		}
		t, err := tx.Throttle(ctx, addressKey(from))
		if err != nil {
			return err
		}
		t.giveBack(freePerAddress)
		if err := tx.PutThrottle(ctx, t); err != nil {
			return err
		}
		if err := tx.ForgetThrottles(ctx, a.now().Add(-forgetThrottles)); err != nil {
			return err
		}
		return fn(tx)
	})
}

// SignOut ends the session of a secret, if there is one.
func (a *Accounts) SignOut(ctx context.Context, secret string) error {
	if err := a.Store.InTx(ctx, func(tx Tx) error { return endSession(ctx, tx, secret) }); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// ChangePassword gives a signed-in user another password, if they know the one
// they have; who has none, because a provider signs them in, gets none here. All
// sessions of the user end, this one too: the one returned takes its place, so
// that who has copied a session is out. Attempts count as those of signing in.
func (a *Accounts) ChangePassword(ctx context.Context, by *Principal, old, password string, b Browser) (s SignedIn, err error) {
	if by.ByToken() {
		return s, ErrNeedsPerson
	}
	if err := CheckNewPassword(password, by.User.Email, by.User.Name); err != nil {
		return s, err
	}
	u, err := a.attempt(ctx, by.User.Email, b.From)
	if err != nil {
		return s, fmt.Errorf("change password: %w", err)
	}
	if _, err := a.prove(ctx, &u, old); err != nil {
		return s, fmt.Errorf("change password: %w", err)
	}
	encoded, err := a.Passwords.HashPassword(ctx, password)
	if err != nil {
		return s, fmt.Errorf("change password: %w", err)
	}
	ctx = acting(ctx, by)
	err = a.succeeded(ctx, by.User.Email, b.From, func(tx Tx) error {
		now, err := tx.User(ctx, u.ID)
		if err != nil {
			return err
		}
		if now.ID != by.User.ID || now.Disabled || now.Password != u.Password {
			return ErrSignIn
		}
		now.Password = encoded
		if now, err = tx.PutUser(ctx, now); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, now.ID, ""); err != nil {
			return err
		}
		s, err = a.newSession(ctx, tx, now, b)
		return err
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("change password: %w", err)
	}
	return s, nil
}

// ListSessions returns the sessions of a signed-in user, those that have ended
// by themselves left out.
func (a *Accounts) ListSessions(ctx context.Context, by *Principal) ([]Session, error) {
	if by.ByToken() {
		return nil, ErrNeedsPerson
	}
	list, err := a.Store.Sessions(ctx, by.User.ID)
	if err != nil {
		return nil, err
	}
	o, now := a.Settings.filled(), a.now()
	kept := list[:0]
	for i := range list {
		if !list[i].expired(now, &o) {
			kept = append(kept, list[i])
		}
	}
	return kept, nil
}

// RevokeSession ends a session of the signed-in user, which may be another than
// the one they use.
func (a *Accounts) RevokeSession(ctx context.Context, by *Principal, id string) error {
	if by.ByToken() {
		return ErrNeedsPerson
	}
	return a.Store.EndSession(ctx, by.User.ID, id)
}

// RevokeOtherSessions ends all sessions of the signed-in user but the one they
// use, and returns how many.
func (a *Accounts) RevokeOtherSessions(ctx context.Context, by *Principal) (int, error) {
	if by.ByToken() {
		return 0, ErrNeedsPerson
	}
	return a.Store.EndSessions(ctx, by.User.ID, by.Session.ID)
}

// ResetPassword gives the user with an address another password, and ends all
// their sessions. It asks nobody: it is for who runs vouch and has the database in their hands anyway.
func (a *Accounts) ResetPassword(ctx context.Context, email, password string) (u User, err error) {
	if u, err = a.Store.UserByEmail(ctx, FoldEmail(email)); err != nil {
		return User{}, fmt.Errorf("reset password: %w", err)
	}
	if err := CheckNewPassword(password, u.Email, u.Name); err != nil {
		return User{}, err
	}
	encoded, err := a.Passwords.HashPassword(ctx, password)
	if err != nil {
		return User{}, fmt.Errorf("reset password: %w", err)
	}
	err = a.Store.InTx(ctx, func(tx Tx) error {
		if u, err = tx.User(ctx, u.ID); err != nil {
			return err
		}
		u.Password = encoded
		if u, err = tx.PutUser(ctx, u); err != nil {
			return err
		}
		if err := tx.PutThrottle(ctx, Throttle{Key: accountKey(u.Email)}); err != nil {
			return err
		}
		_, err = tx.EndSessions(ctx, u.ID, "")
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("reset password: %w", err)
	}
	u.Password = ""
	return u, nil
}
