package engine

import "context"

// ChangeTuning is the kind of a change of the workspace's [Tuning]. It is no
// kind of passage, and such a change has no id.
const ChangeTuning PassageKind = "tuning"

// Change says that an entry or a control is not as it was: added, changed to
// a new version, gone, or to be read with another lexicon; or that the
// workspace's tuning is not. Changes are written in the transaction that makes
// them, so whatever is built from the store (the search index above all) can
// follow it without missing anything.
type Change struct {
	Seq       int64       `json:"seq"` // from 1, rising; a reader that has seen n never sees a smaller one appear later
	Workspace string      `json:"workspace"`
	Kind      PassageKind `json:"kind"`
	ID        string      `json:"id"`      // of the entry or control, "" of a tuning; read it for what it says now
	Deleted   bool        `json:"deleted"` // it is no longer in the library
}

// ChangeStore is the list of changes, which is never pruned: read from 0 it
// names everything there ever was.
//
// It is, with [JobQueue], the one role that is not bound to a workspace. Its reader is the index
// worker, which serves all workspaces from one list and one watermark; a
// workspace's users never reach it.
type ChangeStore interface {
	// Changes returns the changes after seq, oldest first, at most limit of
	// them (0 means 1,000), of all workspaces.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)

	// LastChange returns the seq of the newest change, 0 if there is none.
	// An index that is ahead of it belongs to another copy of the database.
	LastChange(ctx context.Context) (int64, error)
}
