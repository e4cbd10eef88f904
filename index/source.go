package index

import (
	"context"

	"vouch/engine"
)

// Source is what an index is built from: the part of [engine.Store] that it
// reads. Of the list of changes it needs that, read from 0, it names every
// entry and control that lives; and that it only grows.
type Source interface {
	// Changes returns the changes after seq, oldest first, at most limit.
	Changes(ctx context.Context, after int64, limit int) ([]engine.Change, error)

	// LastChange returns the seq of the newest change, 0 if there is none.
	LastChange(ctx context.Context) (int64, error)

	// Entries returns the entries with these ids, in any order; unknown ids
	// are left out.
	Entries(ctx context.Context, workspace string, ids []string) ([]engine.Entry, error)

	// Controls does the same for controls.
	Controls(ctx context.Context, workspace string, ids []string) ([]engine.Control, error)

	// Tuning returns what the workspace has changed, the zero value for
	// nothing. After a change of kind [engine.ChangeTuning] it is read again.
	Tuning(ctx context.Context, workspace string) (engine.Tuning, error)
}
