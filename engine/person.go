package engine

import (
	"context"
	"fmt"
)

// Person is who uses a workspace: a user, and what the user is in it. What a
// token does is done by the user it belongs to; the audit log says that it was
// the token.
type Person struct {
	ID   string // of the user
	Name string // for people
	Role Role
}

// Author is the name under which what a person does is kept.
func (p *Person) Author() string { return "user:" + p.ID }

// ForbiddenError says that a role does not allow something.
type ForbiddenError struct {
	Role   Role
	Action Action
}

// Error says what is not allowed and whom to ask.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("the role %q does not allow %q; ask an admin of the workspace", string(e.Role), string(e.Action))
}

// acting returns the context in which p does a: where nobody is named as the
// one who acts, p is. It is an error if p may not.
func (p *Person) acting(ctx context.Context, a Action) (context.Context, error) {
	if p.ID == "" || !May(p.Role, a) {
		return ctx, &ForbiddenError{Role: p.Role, Action: a}
	}
	if actor := ActorOf(ctx); actor.Name == unknownActor {
		actor.Name = p.Author()
		ctx = WithActor(ctx, actor)
	}
	return ctx, nil
}
