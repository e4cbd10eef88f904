package engine

import "vouch/engine/assurance"

// Visibility says who may be given what an entry says. The zero value is that
// nobody has said: [VisibilityUnmarked].
type Visibility string

// The visibilities.
//
// Entries that nobody marked go to customers, with an agreement or without one,
// and are not published. They are answers that customers were given before, in
// lists that said nothing about it: to ask for an agreement now would stop what
// worked, and to publish them would tell everybody what a few were told.
const (
	VisibilityUnmarked Visibility = ""
	VisibilityPublic   Visibility = "public"   // anybody
	VisibilityNDA      Visibility = "nda"      // readers with a non-disclosure agreement
	VisibilityInternal Visibility = "internal" // nobody outside the company
)

// Visibilities lists those that an entry can be marked with, from the most open
// to the most closed.
func Visibilities() []Visibility {
	return []Visibility{VisibilityPublic, VisibilityNDA, VisibilityInternal}
}

// rank orders visibilities from the most open to the most closed; -1 is none.
func (v Visibility) rank() int {
	switch v {
	case VisibilityPublic:
		return 0
	case VisibilityUnmarked:
		return 1
	case VisibilityNDA:
		return 2
	case VisibilityInternal:
		return 3
	}
	return -1
}

// IsValid reports whether v is one of the visibilities or none.
func (v Visibility) IsValid() bool { return v.rank() >= 0 }

// String is v for people.
func (v Visibility) String() string {
	if v == VisibilityUnmarked {
		return Unmarked
	}
	return string(v)
}

// Unmarked names entries without a visibility, for people and in filters.
const Unmarked = "unmarked"

// GivenTo reports whether a reader may have what is marked with v. What is
// marked with an unknown word nobody may have.
func (v Visibility) GivenTo(r assurance.Reader) bool {
	switch v {
	case VisibilityPublic:
		return true
	case VisibilityUnmarked:
		return !r.Public
	case VisibilityNDA:
		return r.NDA && !r.Public
	}
	return false
}

// why says in words for a reviewer why a reader may not have it.
func (v Visibility) why(r assurance.Reader) string {
	switch {
	case v == VisibilityInternal:
		return "it is for internal use only"
	case r.Public && v == VisibilityUnmarked:
		return "nobody has marked it as public, and the answer is published"
	case r.Public:
		return "it is for readers under NDA, and the answer is published"
	}
	return "it is for readers under NDA, and the customer has signed none"
}
