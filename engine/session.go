package engine

import (
	"context"
	"time"
)

// Session is one browser in which a user has signed in. What the browser holds
// is a secret; here is only its hash.
type Session struct {
	ID        string    `json:"id"`
	User      string    `json:"user"` // its id
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at"` // last used, to about a minute
	From      string    `json:"from"`    // the address it was made from
	Agent     string    `json:"agent"`   // what the browser calls itself, shortened
}

// expired says whether a session has ended by itself: too long unused, or too
// long ago.
func (s *Session) expired(now time.Time, o *AccountSettings) bool {
	return now.Sub(s.SeenAt) >= o.SessionIdle || now.Sub(s.CreatedAt) >= o.SessionLife
}

// Lengths of what a session is told by.
const (
	maxFromBytes  = 100
	maxAgentChars = 200
)

// SessionStore keeps the sessions of all users. Sessions are no part of any
// audit log: they belong to no workspace, there are many, and what is done in
// one is in the log with its user.
type SessionStore interface {
	// AddSession stores a session, and returns it with the id it got. The
	// hash is that of its secret.
	AddSession(ctx context.Context, s Session, hash string) (Session, error)

	// SessionOf returns the session of a secret's hash, its user and all
	// memberships of the user, in one read; or [ErrNotFound]. Whether it has
	// expired, and whether the user is disabled, is for the caller to see.
	SessionOf(ctx context.Context, hash string) (Session, Account, error)

	// Sessions returns the sessions of a user, the last used first.
	Sessions(ctx context.Context, user string) ([]Session, error)

	// SeeSession notes that a session was used, if that is later than noted.
	SeeSession(ctx context.Context, id string, at time.Time) error

	// EndSession ends a session of a user. [ErrNotFound] if the user has none
	// with this id.
	EndSession(ctx context.Context, user, id string) error

	// EndSessions ends all sessions of a user but one, "" for none, and
	// returns how many.
	EndSessions(ctx context.Context, user, but string) (int, error)

	// EndOldSessions ends the sessions of all users that were made before one
	// time or last used before another.
	EndOldSessions(ctx context.Context, made, seen time.Time) error
}
