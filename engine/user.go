package engine

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// User is a person who can sign in. A user is known to the whole database, and
// may be a [Member] of any number of workspaces; a workspace sees those of its
// members and nobody else.
type User struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"` // as [FoldEmail] returns it; no two users share one
	Name      string    `json:"name"`
	Disabled  bool      `json:"disabled"` // cannot sign in, and nothing acts for them
	Password  string    `json:"-"`        // as a [PasswordHasher] encodes it; "" of who signs in with a provider only
	Subject   string    `json:"-"`        // who the user is at an identity provider, "" if nobody: see [ExternalIdentity]
	CreatedAt time.Time `json:"created_at"`
}

// AuditHash is the hash of a user for the audit log. The password counts, as it
// is encoded: who changes it behind our back shows.
func (u *User) AuditHash() string {
	return AuditHash([]any{"user", u.ID, u.Email, u.Name, u.Disabled, u.Password, u.Subject, u.CreatedAt.UnixMilli()})
}

// Limits of what a user is called, in bytes and characters.
const (
	maxEmailBytes    = 254 // what an address may have in a mail
	maxUserNameChars = 200
)

// Errors of users. Compare with [errors.Is].
var (
	ErrEmail = errors.New("this is no e-mail address; write it as name@example.com, without a display name")
	ErrName  = errors.New("a name has 1 to 200 characters and no line breaks or control characters")
)

// FoldEmail returns an address as users are compared by: without blanks around
// it, in small letters.
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// ParseEmail returns an address folded, or [ErrEmail].
func ParseEmail(s string) (string, error) {
	s = FoldEmail(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > maxEmailBytes || strings.ContainsFunc(s, unprintable) {
		return "", ErrEmail
	}
	return s, nil
}

// ParseName returns a name as it is kept, or [ErrName].
func ParseName(s string) (string, error) {
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n < 1 || n > maxUserNameChars || !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return "", ErrName
	}
	return s, nil
}

// unprintable says that a character has no place in a name: it breaks lines,
// turns the direction of the text around it, or cannot be seen.
func unprintable(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }

// UserStore knows all users, of all workspaces. It is for signing in and for
// what a member is; nothing of it is shown to a workspace but by [MemberStore].
type UserStore interface {
	// User returns a user by id, or [ErrNotFound].
	User(ctx context.Context, id string) (User, error)

	// UserByEmail returns the user with an address, folded, or [ErrNotFound].
	UserByEmail(ctx context.Context, email string) (User, error)

	// UserBySubject returns who a provider knows as this, or [ErrNotFound].
	UserBySubject(ctx context.Context, subject string) (User, error)

	// PutUser stores a user: a new one without an id, whose time it sets; or
	// what has changed of the one with this id. An address or subject that
	// another user has is [ErrExists]. A change is an event "user:ID" in the
	// log of each workspace that the user is a member of.
	PutUser(ctx context.Context, u User) (User, error)

	// AnyUser says whether there is a user at all.
	AnyUser(ctx context.Context) (bool, error)
}
