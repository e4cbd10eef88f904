package api

import "vouch/engine"

// person returns who acts in the workspace of a call.
func (x *call) person() engine.Person { return x.who.Person(x.workspace) }
