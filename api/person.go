package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// person returns who acts in the workspace of the call. What they may do was
// asked before; the engine asks the role again.
func (x *call) person() engine.Person { return x.who.Person(x.workspace) }

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
