package engine

import "errors"

// ErrTermsMoved says that the terms of a workspace are not as they were when
// they were looked at first: read [TermState] again.
var ErrTermsMoved = errors.New("the terms were changed in the meantime; read them again")

// The fields that a passage has terms in. A term is a hash of what the index
// made of a word; the same one in two fields is two lists of passages.
const (
	TermsOfKeys     = 0 // what a passage is found by exactly; such terms are not counted
	TermsOfEntries  = 1
	TermsOfControls = 2
)

// TermField returns the field of a kind's terms.
func TermField(k PassageKind) int {
	if k == PassageControl {
		return TermsOfControls
	}
	return TermsOfEntries
}

// PassageTerms are the terms of one entry or control.
type PassageTerms struct {
	Kind    PassageKind
	ID      string
	Version int      // that they were made from; 0 says that it is gone, and has none
	Terms   []uint64 // distinct
	Keys    []uint64 // distinct
}

// WorkspaceTerms are the changes of one workspace in a [TermBatch].
type WorkspaceTerms struct {
	Workspace string
	Tuned     int64          // the last change of the tuning among them, 0 if there is none
	Passages  []PassageTerms // each once
}

// TermBatch is what is stored at once.
type TermBatch struct {
	Seq        int64 // the last change that is in it; 0 stores nothing
	Again      bool  // all that was stored before is of another database: begin with an empty set
	Workspaces []WorkspaceTerms
}

// TermState is how the terms of one workspace are. Whatever is read with it is
// of that workspace.
type TermState struct {
	ID       int64 // of the terms of this workspace; 0 if it has none
	Seq      int64 // the last change of the workspace that is in them
	Tuned    int64 // the last of these that was of the tuning
	Passages int
}

// TermCount is how many passages of a workspace have a term.
type TermCount struct {
	Term     uint64
	Passages int
}

// TermList names a list of passages.
type TermList struct {
	Field int
	Term  uint64
}

// TermPassage is a passage by its number. A passage keeps its number as long as
// it has terms, whatever they are.
type TermPassage struct {
	Number  uint32
	Kind    PassageKind
	ID      string
	Version int // that its terms were made from
}

// TermSet is the terms of all workspaces as one version of vouch makes them.
type TermSet struct {
	Schema   string `json:"schema"`
	Seq      int64  `json:"seq"` // the last change that is in it
	Passages int    `json:"passages"`
	UsedAt   int64  `json:"used_at"` // when a process last wanted it up to date, milliseconds UTC, to the hour
}
