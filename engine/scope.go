package engine

import (
	"fmt"
	"slices"
)

// Scope is what a token may be used for: an [Action], or a group of them. A
// token may do what one of its scopes and its role both allow.
type Scope string

// The groups. Each action is in one; none holds another, so a token that
// decides and also has to read has both.
const (
	ScopeRead   Scope = "read"
	ScopeWrite  Scope = "write"
	ScopeDecide Scope = "decide"
	ScopeAdmin  Scope = "admin"
)

// allows says whether a scope holds an action.
func (s Scope) allows(a Action) bool {
	p, ok := permissions[a]
	return ok && (p.group == s || Scope(a) == s)
}

// valid says whether a scope is a group or an action.
func (s Scope) valid() bool {
	if _, ok := permissions[Action(s)]; ok {
		return true
	}
	return s == ScopeRead || s == ScopeWrite || s == ScopeDecide || s == ScopeAdmin
}

// ScopesAllow says whether one of the scopes holds an action. Without any, none
// does.
func ScopesAllow(scopes []Scope, a Action) bool {
	return slices.ContainsFunc(scopes, func(s Scope) bool { return s.allows(a) })
}

// ParseScopes checks scopes as a request names them, and returns them sorted and
// each once.
func ParseScopes(names []string) ([]Scope, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("a token without scopes can do nothing; name read, write, decide, admin or single actions")
	}
	scopes := make([]Scope, len(names))
	for i, name := range names {
		scopes[i] = Scope(name)
		if !scopes[i].valid() {
			return nil, fmt.Errorf("%.60q is no scope; want read, write, decide, admin or an action such as %s", name, ActionAnswerEdit)
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}
