package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Token is a key to the API, made by a member of a workspace, for that
// workspace. It acts as its maker and may do what its scopes, its role and the
// role that its maker has at the moment all allow. So it loses what its maker
// loses, and works for nothing once the maker is removed or disabled.
type Token struct {
	ID        string     `json:"id"`
	Workspace string     `json:"workspace"`
	User      string     `json:"user"` // the id of its maker
	Name      string     `json:"name"` // what it is for, in its maker's words
	Scopes    []Scope    `json:"scopes"`
	Role      Role       `json:"role"` // at most
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"` // to about a minute; nil if never
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// AuditHash is the hash of a token for the audit log. When it was used is no
// part of it.
func (t *Token) AuditHash() string {
	revoked := int64(0)
	if t.RevokedAt != nil {
		revoked = t.RevokedAt.UnixMilli()
	}
	return AuditHash([]any{"token", t.ID, t.User, t.Name, t.Scopes, t.Role, t.CreatedAt.UnixMilli(), t.ExpiresAt.UnixMilli(), revoked})
}

// ended says whether a token is worth nothing any more.
func (t *Token) ended(now time.Time) bool { return t.RevokedAt != nil || !now.Before(t.ExpiresAt) }

// TokenStore keeps the tokens of a workspace. They are revoked and never
// removed, since the audit log names them.
type TokenStore interface {
	// AddToken stores a token, and returns it with the id it got. The hash is
	// that of its secret.
	AddToken(ctx context.Context, workspace string, t Token, hash string) (Token, error)

	// TokenOf returns the token of a secret's hash with its maker and what the
	// maker is in its workspace, in one read; or [ErrNotFound]. It is how the
	// workspace becomes known. What the token is worth is for the caller to see.
	TokenOf(ctx context.Context, hash string) (Token, Account, error)

	// Tokens returns the tokens of one user in a workspace, of all with "",
	// the newest first, revoked ones too.
	Tokens(ctx context.Context, workspace, user string) ([]Token, error)

	// UseToken notes that a token was used, if that is later than noted.
	UseToken(ctx context.Context, workspace, id string, at time.Time) error

	// RevokeToken ends a token. One that was revoked before stays as it was.
	RevokeToken(ctx context.Context, workspace, id string, at time.Time) error
}

// Errors of tokens. Compare with [errors.Is].
var (
	ErrTokenRole  = errors.New("a token acts with at most the role of who makes it; name that or a lower one")
	ErrTokenLife  = errors.New("a token lasts for a time, and not longer than the settings allow; name fewer days")
	ErrManyTokens = errors.New("you have as many tokens in this workspace as anybody may; revoke some that are not used")
)

// maxTokens bounds how many tokens of one user in one workspace work at a time.
const maxTokens = 100

// NewToken is what a token is asked for.
type NewToken struct {
	Name   string
	Scopes []string      // as [ParseScopes] takes them
	Role   Role          // "" for that of who makes it
	Life   time.Duration // 0 for as long as the settings say
}

// MakeToken makes a token for a workspace, and returns its secret, which nobody
// can tell a second time. Only a person makes tokens: a token that could would
// outlive itself, and give away more than it has.
func (a *Accounts) MakeToken(ctx context.Context, by *Principal, workspace string, n NewToken) (t Token, secret string, err error) {
	if by.ByToken() {
		return t, "", ErrNeedsPerson
	}
	t, err = a.prepareToken(by, workspace, n)
	if err != nil {
		return Token{}, "", fmt.Errorf("make token: %w", err)
	}
	secret, hash := newSecret(TokenPrefix)
	err = a.inWorkspace(ctx, by, workspace, ActionTokenMake, func(ctx context.Context, tx Tx) error {
		m, err := tx.Member(ctx, workspace, by.User.ID)
		switch {
		case err != nil:
			return err
		case !t.Role.AtMost(m.Role):
			return ErrTokenRole
		}
		list, err := tx.Tokens(ctx, workspace, by.User.ID)
		if err != nil {
			return err
		}
		if len(slices.DeleteFunc(list, func(t Token) bool { return t.ended(a.now()) })) >= maxTokens {
			return ErrManyTokens
		}
		t, err = tx.AddToken(ctx, workspace, t, hash)
		return err
	})
	if err != nil {
		return Token{}, "", fmt.Errorf("make token: %w", err)
	}
	return t, secret, nil
}

func (a *Accounts) prepareToken(by *Principal, workspace string, n NewToken) (t Token, err error) {
	o := a.Settings.filled()
	if err := by.Permit(workspace, ActionTokenMake); err != nil {
		return t, err
	}
	if t.Name, err = ParseName(n.Name); err != nil {
		return t, err
	}
	if t.Scopes, err = ParseScopes(n.Scopes); err != nil {
		return t, err
	}
	t.Role = cmp.Or(n.Role, by.Roles[workspace])
	if !t.Role.AtMost(by.Roles[workspace]) {
		return t, ErrTokenRole
	}
	life := cmp.Or(n.Life, min(o.TokenLife, o.TokenMaxLife))
	if life <= 0 || life > o.TokenMaxLife {
		return t, ErrTokenLife
	}
	t.User, t.CreatedAt = by.User.ID, a.now()
	t.ExpiresAt = t.CreatedAt.Add(life).Truncate(time.Millisecond)
	return t, nil
}

// ListTokens returns the principal's own tokens in a workspace, or those of
// everybody, which takes who manages them.
func (a *Accounts) ListTokens(ctx context.Context, by *Principal, workspace string, everybody bool) ([]Token, error) {
	action, user := ActionTokenMake, by.User.ID
	if everybody {
		action, user = ActionTokenManage, ""
	}
	if err := by.Permit(workspace, action); err != nil {
		return nil, err
	}
	return a.Store.Tokens(ctx, workspace, user)
}

// RevokeToken ends a token at once: one's own, or anybody's for who manages
// them. To others a token that is not theirs is [ErrNotFound].
func (a *Accounts) RevokeToken(ctx context.Context, by *Principal, workspace, id string) error {
	err := a.inWorkspace(ctx, by, workspace, ActionTokenMake, func(ctx context.Context, tx Tx) error {
		list, err := tx.Tokens(ctx, workspace, by.User.ID)
		if err != nil {
			return err
		}
		own := slices.ContainsFunc(list, func(t Token) bool { return t.ID == id })
		if !own && !by.May(workspace, ActionTokenManage) {
			return ErrNotFound
		}
		if !own { // the role in this transaction counts
			if m, err := tx.Member(ctx, workspace, by.User.ID); err != nil || !May(m.Role, ActionTokenManage) {
				return errors.Join(err, ErrNotFound)
			}
		}
		return tx.RevokeToken(ctx, workspace, id, a.now())
	})
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}
