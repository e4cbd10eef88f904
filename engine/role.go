package engine

import (
	"fmt"
	"slices"
)

// Role is what a member is in a workspace. [May] says what it allows.
type Role string

// The roles. Each may all that the one before may, and more.
const (
	RoleViewer      Role = "viewer"      // reads
	RoleContributor Role = "contributor" // brings files in, drafts, edits, comments
	RoleReviewer    Role = "reviewer"    // decides on answers, exports, edits the library
	RoleAdmin       Role = "admin"       // members, settings, everything
)

// Roles lists the roles from the one that may least to the one that may all.
var Roles = []Role{RoleViewer, RoleContributor, RoleReviewer, RoleAdmin}

// Valid says whether r is one of [Roles].
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// AtMost says whether r may nothing that other may not. A role that is none is
// at most nothing.
func (r Role) AtMost(other Role) bool {
	i, j := slices.Index(Roles, r), slices.Index(Roles, other)
	return i >= 0 && i <= j
}

// Lower returns the one of two roles that may less; "" if either is none.
func (r Role) Lower(other Role) Role {
	switch {
	case r.AtMost(other):
		return r
	case other.AtMost(r):
		return other
	}
	return ""
}

// ParseRole reads a role as configurations and requests name it.
func ParseRole(s string) (Role, error) {
	if r := Role(s); r.Valid() {
		return r, nil
	}
	return "", fmt.Errorf("%.40q is no role; want viewer, contributor, reviewer or admin", s)
}
