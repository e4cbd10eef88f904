package engine

import (
	"maps"
	"slices"
)

// Role is what a user may do in a workspace.
type Role string

// The roles, each may what those before it may.
const (
	RoleViewer      Role = "viewer"
	RoleContributor Role = "contributor"
	RoleReviewer    Role = "reviewer"
	RoleAdmin       Role = "admin"
)

// Action is something that a role may or may not do in a workspace.
type Action string

// The actions, named as the API and the scopes of tokens name them.
const (
	ActionLibraryRead   Action = "library.read" // entries, controls, register, lexicon
	ActionLibraryEdit   Action = "library.edit"
	ActionLibraryImport Action = "library.import"
	ActionControlEdit   Action = "control.edit"
	ActionRegisterEdit  Action = "register.edit"
	ActionAuditRead     Action = "audit.read"
)

// permission is a row of the table: which roles may do an action.
type permission struct{ viewer, contributor, reviewer, admin bool }

const may, not = true, false // as wide as each other, so that the table has columns

// permissions is the whole of who may do what. What is not in it, nobody may.
var permissions = map[Action]permission{
	// viewer, contributor, reviewer, admin:
	ActionLibraryRead:   {may, may, may, may},
	ActionLibraryEdit:   {not, not, may, may},
	ActionLibraryImport: {not, not, may, may},
	ActionControlEdit:   {not, not, may, may},
	ActionRegisterEdit:  {not, not, not, may},
	ActionAuditRead:     {not, not, not, may},
}

// May says whether a role may do an action. Nobody may what is no action, and
// who has no role may nothing.
func May(r Role, a Action) bool {
	p := permissions[a]
	switch r {
	case RoleViewer:
		return p.viewer
	case RoleContributor:
		return p.contributor
	case RoleReviewer:
		return p.reviewer
	case RoleAdmin:
		return p.admin
	}
	return false
}

// Actions lists all actions, ordered by name.
func Actions() []Action { return slices.Sorted(maps.Keys(permissions)) }
