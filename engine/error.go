package engine

import "fmt"

// RefusedError says that a file from outside was not taken: nothing of it was
// stored, nothing was written. Its text is one sentence for the person who
// sent the file and never holds any of the file's content.
type RefusedError struct {
	File string // base name
	Is   string // what the file is, or what is wrong with it: "it is encrypted with a password"
	Do   string // what to do: "remove the password in Excel and try again"
	Err  error  // what was underneath, if anything
}

// Error returns the sentence: file, what it is, what to do.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.File, e.Is, e.Do)
}

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// FieldError says that a field of what a person gave cannot be stored as it is.
// Its text holds nothing of a question or an answer.
type FieldError struct {
	Of    string // what it is a field of: "settings"
	Field string // as it is named in JSON
	Why   string // what it is, and what is accepted
}

// Error returns the sentence: whose field, what is wrong, what to do.
func (e *FieldError) Error() string { return e.Of + ", " + e.Field + ": " + e.Why }

func invalidField(of, field, why string, args ...any) error {
	return &FieldError{Of: of, Field: field, Why: fmt.Sprintf(why, args...)}
}
