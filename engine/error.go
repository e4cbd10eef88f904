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
