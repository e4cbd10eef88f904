package api

import (
	"context"
	"errors"
	"strings"

	"vouch/engine"
)

// userOf returns the id of the user that a principal is, or whose token it is.
// What is no user's at all, as the one token of a file, counts as one of its
// own name.
func (p *Principal) userOf() string {
	if p.User != "" {
		return p.User
	}
	return strings.TrimPrefix(p.Actor, "user:")
}

// person returns who acts in the workspace of the call. What they may do was
// asked before; the engine asks the role again.
func (x *call) person() engine.Person {
	return engine.Person{ID: x.who.userOf(), Name: x.who.Actor, Role: x.who.Roles[x.workspace]}
}

// areMembers returns the problem of somebody named who is no member of the
// workspace, nil if all are. at is the part of the request that names them.
func areMembers(ctx context.Context, tx engine.Tx, workspace, at string, users ...string) error {
	for _, u := range users {
		_, err := tx.Member(ctx, workspace, u)
		if errors.Is(err, engine.ErrNotFound) {
			return notAMember.because("Somebody it names is no member of this workspace.").at(at, "must be the id of a member")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
