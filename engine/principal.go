package engine

import (
	"errors"
	"fmt"
)

// Errors of permission. Compare with [errors.Is].
var (
	ErrForbidden   = errors.New("your role does not allow this here; ask an admin of the workspace")
	ErrScope       = errors.New("the scopes of this token do not hold this; make a token that has them")
	ErrNeedsPerson = errors.New("this is for people who are signed in, not for tokens")
	ErrSignedOut   = errors.New("nobody is signed in with this, or not any more; sign in again")
)

// Principal is whoever a request comes from, as [Accounts.Authenticate] found
// it: a user by a session, or a user's token.
type Principal struct {
	User    User            // without its password
	Roles   map[string]Role // by workspace, what counts there: of a token, at most its own role
	Session Session         // the zero value of a token
	Token   Token           // the zero value of a session
}

// ByToken says whether a token acts, and no person.
func (p *Principal) ByToken() bool { return p.Token.ID != "" }

// Permit returns why a principal may not do an action in a workspace, nil if
// they may. A workspace that they are no member of looks like one that is not
// there.
func (p *Principal) Permit(workspace string, a Action) error {
	role, ok := p.Roles[workspace]
	switch {
	case !ok:
		return ErrNoWorkspace
	case !May(role, a):
		return fmt.Errorf("%w (%s)", ErrForbidden, a)
	case p.ByToken() && !ScopesAllow(p.Token.Scopes, a):
		return fmt.Errorf("%w (%s)", ErrScope, a)
	}
	return nil
}

// May says whether a principal may do an action in a workspace.
func (p *Principal) May(workspace string, a Action) bool { return p.Permit(workspace, a) == nil }

// Person returns who acts in a workspace. Scopes are no part of it: whoever
// hands it on has asked Permit before.
func (p *Principal) Person(workspace string) Person {
	return Person{ID: p.User.ID, Name: p.User.Name, Role: p.Roles[workspace]}
}

// Actor returns how the audit log names a principal, who acts from somewhere.
func (p *Principal) Actor(from string) Actor {
	if p.ByToken() {
		return Actor{Name: "token:" + p.Token.ID, From: from}
	}
	return Actor{Name: "user:" + p.User.ID, From: from}
}
