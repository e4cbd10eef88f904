package engine

import (
	"context"
	"fmt"
)

// Person is who acts in one workspace: a user with the role that counts there
// at this moment. What a token does is done by the user it belongs to; the audit
// log says that it was the token.
type Person struct {
	ID   string // of the user
	Name string // for people
	Role Role
}

// Author is the name under which what a person does is kept.
func (p *Person) Author() string { return "user:" + p.ID }

// acting returns the context in which p does a: where nobody is named as the
// one who acts, p is. It is an error if p may not.
func (p *Person) acting(ctx context.Context, a Action) (context.Context, error) {
	if p.ID == "" || !May(p.Role, a) {
		return ctx, fmt.Errorf("%w (%s)", ErrForbidden, a)
	}
	if actor := ActorOf(ctx); actor.Name == unknownActor {
		actor.Name = p.Author()
		ctx = WithActor(ctx, actor)
	}
	return ctx, nil
}
