package engine

import (
	"context"
	"fmt"
)

// Author is the name under which what a person does is kept. What a token does
// is done by the user it belongs to; that it was the token is in the audit log.
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
