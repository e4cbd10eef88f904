package api

import (
	"strings"

	"vouch/engine"
)

// person returns who acts in the workspace of a call.
func (x *call) person() engine.Person {
	return engine.Person{ID: strings.TrimPrefix(x.who.Actor, "user:"), Role: x.who.Roles[x.workspace]}
}
