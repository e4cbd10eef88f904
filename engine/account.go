package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// AccountSettings says how long things last. A zero field is as in
// [DefaultAccountSettings].
type AccountSettings struct {
	SessionIdle    time.Duration // a session ends when it was not used for so long
	SessionLife    time.Duration // and so long after signing in, whatever happens
	TokenLife      time.Duration // of tokens that do not say
	TokenMaxLife   time.Duration // of tokens that do
	InvitationLife time.Duration
	SetUpLife      time.Duration
}

// DefaultAccountSettings returns what counts where nothing is said.
func DefaultAccountSettings() AccountSettings {
	const day = 24 * time.Hour
	return AccountSettings{
		SessionIdle: 12 * time.Hour, SessionLife: 7 * day, TokenLife: 90 * day, TokenMaxLife: 365 * day, InvitationLife: 7 * day, SetUpLife: day,
	}
}

// filled returns the settings with the defaults where nothing is said.
func (o AccountSettings) filled() AccountSettings {
	d := DefaultAccountSettings()
	for field, value := range map[*time.Duration]time.Duration{
		&o.SessionIdle: d.SessionIdle, &o.SessionLife: d.SessionLife, &o.TokenLife: d.TokenLife,
		&o.TokenMaxLife: d.TokenMaxLife, &o.InvitationLife: d.InvitationLife, &o.SetUpLife: d.SetUpLife,
	} {
		if *field <= 0 {
			*field = value
		}
	}
	return o
}

// Accounts are the use cases of people: who comes in, who is who, and what
// they may. Each is one transaction, and takes the hashing of passwords out of
// it. All fields but Settings and Now are needed.
type Accounts struct {
	Store     Store
	Passwords PasswordHasher
	Settings  AccountSettings
	Now       func() time.Time // time.Now if nil
}

func (a *Accounts) now() time.Time {
	if a.Now != nil {
		return a.Now().UTC().Truncate(time.Millisecond)
	}
	return time.Now().UTC().Truncate(time.Millisecond)
}

// touchEvery is how often the last use of a session or token is written.
const touchEvery = time.Minute

// Browser is where somebody signs in: the address, what the browser calls
// itself, and the secret of the session it has, if it has one. That session
// ends: who signs in always gets a new one, so that one that somebody else has
// planted is worth nothing.
type Browser struct {
	From, Agent, Secret string
}

// SignedIn is a new session. The secret is for the browser, and nobody can tell
// it a second time.
type SignedIn struct {
	User    User
	Session Session
	Secret  string
}

// newSession makes the session of a user in a browser, in the transaction that
// found out who they are.
func (a *Accounts) newSession(ctx context.Context, tx Tx, u User, b Browser) (SignedIn, error) {
	at := a.now()
	o := a.Settings.filled()
	if b.Secret != "" {
		if err := endSession(ctx, tx, b.Secret); err != nil {
			return SignedIn{}, err
		}
	}
	if err := tx.EndOldSessions(ctx, at.Add(-o.SessionLife), at.Add(-o.SessionIdle)); err != nil {
		return SignedIn{}, err
	}
	secret, hash := newSecret("")
	s, err := tx.AddSession(ctx, Session{User: u.ID, CreatedAt: at, SeenAt: at, From: shortened(b.From, maxFromBytes), Agent: shortened(b.Agent, maxAgentChars)}, hash)
	if err != nil {
		return SignedIn{}, err
	}
	u.Password = ""
	return SignedIn{User: u, Session: s, Secret: secret}, nil
}

// endSession ends the session of a secret, if there is one.
func endSession(ctx context.Context, tx Tx, secret string) error {
	s, _, err := tx.SessionOf(ctx, HashSecret(secret))
	if err == nil {
		err = tx.EndSession(ctx, s.User, s.ID)
	}
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// shortened returns at most n characters of a text from outside, without those
// that do more than stand there.
func shortened(s string, n int) string {
	out := make([]rune, 0, min(len(s), n))
	for _, r := range s {
		if len(out) == n {
			break
		}
		if r == utf8.RuneError || unprintable(r) {
			r = '?'
		}
		out = append(out, r)
	}
	return string(out)
}

// Authenticate returns who a secret belongs to: that of a session or of a
// token. It is one read, of what is true at this moment, and keeps nothing: a
// session that was ended, a token that was revoked, a role that was taken away
// count from then on. Whoever is not let in, for whatever reason, gets
// [ErrSignedOut]. After the answer the caller should call [Accounts.Seen].
func (a *Accounts) Authenticate(ctx context.Context, secret string) (Principal, error) {
	p, err := a.authenticate(ctx, HashSecret(secret), len(secret) > len(TokenPrefix) && secret[:len(TokenPrefix)] == TokenPrefix)
	switch {
	case errors.Is(err, ErrNotFound):
		return Principal{}, ErrSignedOut
	case err != nil:
		return Principal{}, fmt.Errorf("authenticate: %w", err)
	}
	p.User.Password = ""
	return p, nil
}

func (a *Accounts) authenticate(ctx context.Context, hash string, token bool) (p Principal, err error) {
	var held Account
	o := a.Settings.filled()
	if token {
		p.Token, held, err = a.Store.TokenOf(ctx, hash)
	} else {
		p.Session, held, err = a.Store.SessionOf(ctx, hash)
	}
	switch {
	case err != nil:
		return p, err
	case held.User.Disabled, token && p.Token.ended(a.now()), !token && p.Session.expired(a.now(), &o), token && len(held.Memberships) == 0:
		return p, ErrNotFound
	}
	p.User, p.Roles = held.User, make(map[string]Role, len(held.Memberships))
	for _, m := range held.Memberships {
		if p.Roles[m.Workspace] = m.Role; token {
			p.Roles[m.Workspace] = m.Role.Lower(p.Token.Role)
		}
	}
	return p, nil
}

// Seen notes that a principal was there, at most once a minute. It writes, and
// so is for after the answer; what goes wrong with it harms nobody, but that a
// session counts as unused for longer.
func (a *Accounts) Seen(ctx context.Context, p *Principal) error {
	at := a.now()
	switch {
	case p.ByToken() && (p.Token.UsedAt == nil || at.Sub(*p.Token.UsedAt) >= touchEvery):
		return a.Store.UseToken(ctx, p.Token.Workspace, p.Token.ID, at)
	case !p.ByToken() && at.Sub(p.Session.SeenAt) >= touchEvery:
		return a.Store.SeeSession(ctx, p.Session.ID, at)
	}
	return nil
}

// acting is the context of what a principal does.
func acting(ctx context.Context, p *Principal) context.Context {
	return WithActor(ctx, p.Actor(ActorOf(ctx).From))
}

// inWorkspace runs fn in a transaction in which the principal may do an action
// in a workspace. It asks twice: before, which costs nothing, and inside, where
// the role cannot change any more. So of two admins who take each other's role
// only one does.
func (a *Accounts) inWorkspace(ctx context.Context, by *Principal, workspace string, action Action, fn func(context.Context, Tx) error) error {
	if err := by.Permit(workspace, action); err != nil {
		return err
	}
	ctx = acting(ctx, by)
	return a.Store.InTx(ctx, func(tx Tx) error {
		m, err := tx.Member(ctx, workspace, by.User.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			return ErrNoWorkspace
		case err != nil:
			return err
		case m.User.Disabled || !May(m.Role, action):
			return ErrForbidden
		}
		return fn(ctx, tx)
	})
}
