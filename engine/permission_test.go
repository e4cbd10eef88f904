package engine_test

import (
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// allowed is the table of permissions once more, written independently: each
// action with its group of scopes and the roles that may do it.
const allowed = `
answer.assign            write    contributor reviewer admin
answer.decide            decide   reviewer admin
answer.edit              write    contributor reviewer admin
audit.read               admin    admin
comment.add              write    contributor reviewer admin
control.edit             decide   reviewer admin
job.cancel               write    contributor reviewer admin
library.edit             decide   reviewer admin
library.import           decide   reviewer admin
library.read             read     viewer contributor reviewer admin
member.manage            admin    admin
member.read              read     viewer contributor reviewer admin
proposal.decide          decide   reviewer admin
proposal.read            read     viewer contributor reviewer admin
questionnaire.create     write    contributor reviewer admin
questionnaire.edit       write    contributor reviewer admin
questionnaire.export     decide   reviewer admin
questionnaire.read       read     viewer contributor reviewer admin
questionnaire.withdraw   decide   reviewer admin
register.edit            admin    admin
settings.edit            admin    admin
settings.read            read     viewer contributor reviewer admin
token.make               admin    viewer contributor reviewer admin
token.manage             admin    admin
workspace.backup         admin    admin
`

type allowedRow struct {
	action engine.Action
	group  engine.Scope
	roles  []string
}

func allowedRows() (rows []allowedRow) {
	for line := range strings.Lines(strings.TrimSpace(allowed)) {
		words := strings.Fields(line)
		rows = append(rows, allowedRow{engine.Action(words[0]), engine.Scope(words[1]), words[2:]})
	}
	return rows
}

// TestMay holds every cell of the table of permissions, and that nobody may
// what is not in it.
func TestMay(t *testing.T) {
	t.Parallel()
	var listed []engine.Action
	for _, row := range allowedRows() {
		listed = append(listed, row.action)
		for _, role := range engine.Roles {
			if got, want := engine.May(role, row.action), slices.Contains(row.roles, string(role)); got != want {
				t.Errorf("%s, %s: %t, want %t", role, row.action, got, want)
			}
		}
		for _, role := range []engine.Role{"", "owner", "Admin", "admin "} {
			if engine.May(role, row.action) {
				t.Errorf("%q may %s, and is no role", role, row.action)
			}
		}
	}
	if got := engine.Actions(); !slices.Equal(got, listed) {
		t.Errorf("the actions are %v, want %v", got, listed)
	}
	for _, action := range []engine.Action{"", "answer", "answer.*", "Answer.edit", "read"} {
		if engine.May(engine.RoleAdmin, action) {
			t.Errorf("an admin may %q, which is no action", action)
		}
	}
}

// TestRolesAreALadder: each role may all that the one below may, which is what
// lets two roles be compared.
func TestRolesAreALadder(t *testing.T) {
	t.Parallel()
	for i, low := range engine.Roles {
		for j, high := range engine.Roles {
			if got := low.AtMost(high); got != (i <= j) {
				t.Errorf("%s at most %s: %t", low, high, got)
			}
			if got := low.Lower(high); got != engine.Roles[min(i, j)] {
				t.Errorf("the lower of %s and %s is %q", low, high, got)
			}
			for _, a := range engine.Actions() {
				if i <= j && engine.May(low, a) && !engine.May(high, a) {
					t.Errorf("%s may %s and %s may not", low, a, high)
				}
			}
		}
		if none := engine.Role(""); none.AtMost(low) || low.AtMost(none) || none.Lower(low) != "" || low.Lower(none) != "" {
			t.Errorf("no role compares with %s", low)
		}
	}
	for _, s := range []string{"", "owner", "ADMIN", "admin\n"} {
		if r, err := engine.ParseRole(s); err == nil {
			t.Errorf("%q is read as role %q", s, r)
		}
	}
	if r, err := engine.ParseRole("reviewer"); err != nil || r != engine.RoleReviewer {
		t.Errorf("reviewer is read as %q (%v)", r, err)
	}
}

// TestScopes holds every cell of scope × action: a group holds its actions, an
// action itself, and nothing holds more.
func TestScopes(t *testing.T) {
	t.Parallel()
	for _, row := range allowedRows() {
		for _, group := range []engine.Scope{engine.ScopeRead, engine.ScopeWrite, engine.ScopeDecide, engine.ScopeAdmin} {
			if got := engine.ScopesAllow([]engine.Scope{group}, row.action); got != (group == row.group) {
				t.Errorf("scope %s, %s: %t", group, row.action, got)
			}
		}
		for _, other := range engine.Actions() {
			if got := engine.ScopesAllow([]engine.Scope{engine.Scope(other)}, row.action); got != (other == row.action) {
				t.Errorf("scope %s, %s: %t", other, row.action, got)
			}
		}
		if engine.ScopesAllow(nil, row.action) || !engine.ScopesAllow([]engine.Scope{"x", row.group}, row.action) {
			t.Errorf("%s: no scopes allow it, or one of two does not", row.action)
		}
	}
	if engine.ScopesAllow([]engine.Scope{"", "read", "x.y"}, "") || engine.ScopesAllow([]engine.Scope{"x.y"}, "x.y") {
		t.Error("scopes allow what is no action")
	}
	got, err := engine.ParseScopes([]string{"write", "answer.decide", "write"})
	if err != nil || !slices.Equal(got, []engine.Scope{"answer.decide", "write"}) {
		t.Errorf("got %v (%v)", got, err)
	}
	for _, bad := range [][]string{nil, {}, {""}, {"*"}, {"read", "all"}, {"answer"}, {"READ"}} {
		if got, err := engine.ParseScopes(bad); err == nil {
			t.Errorf("%q are read as scopes %v", bad, got)
		}
	}
}
