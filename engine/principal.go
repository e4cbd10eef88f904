package engine

import "errors"

// ErrForbidden says that a role does not allow something. Compare with
// [errors.Is].
var ErrForbidden = errors.New("your role does not allow this here; ask an admin of the workspace")

// Person is who acts in one workspace: a user with the role that counts there
// at this moment.
type Person struct {
	ID   string // of the user
	Name string
	Role Role
}
