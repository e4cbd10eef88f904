package engine

import (
	"context"
	"errors"
	"fmt"
)

// ConflictError says that an answer has moved on: somebody saw one revision,
// and another one is current. It holds both, so that they can be shown side by
// side; nothing was changed. Number 0 is no revision at all.
type ConflictError struct {
	Questionnaire string
	N             int
	Yours         AnswerRevision
	Current       AnswerRevision
}

// Error says which revisions they are.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("answer %d is at revision %d, and you saw revision %d; look at both and do it again", e.N, e.Current.Number, e.Yours.Number)
}

// Is makes a conflict an [ErrStaleVersion].
func (e *ConflictError) Is(target error) bool { return target == ErrStaleVersion }

// Errors of the review workflow. Compare with [errors.Is].
var (
	ErrWithdrawn  = errors.New("the questionnaire was withdrawn; nothing in it is changed any more")
	ErrNoteNeeded = errors.New("a note is missing; say why in a sentence")
	ErrNoteLength = errors.New("the note is longer than 8,000 characters; shorten it")
	ErrFourEyes   = errors.New("nobody approves what they wrote, as this workspace is set; ask somebody else to approve it")
	ErrBlocked    = errors.New("the claim check found something that must not be sent; change the answer as the findings say")
	ErrNoRevision = errors.New("there is nothing to decide on yet; write an answer first")
	ErrIsGap      = errors.New("it is a gap and no answer; write an answer, or leave it empty with a note")
	ErrRejected   = errors.New("this revision was sent back; write a new one, or reopen it with a note")
	ErrStale      = errors.New("what this revision rests on has changed or lapsed; write a new one, or reopen it with a note")
	ErrSettled    = errors.New("the answer is approved or was left empty; reopen it with a note first")
	ErrNotSettled = errors.New("there is nothing to reopen; only what was approved, left empty, sent back or went stale can be reopened")
)

// maxNoteChars bounds the notes of decisions and the texts of comments.
const maxNoteChars = 8_000

// conflict returns the error for somebody who saw one revision of an answer
// where another is current.
func conflict(ctx context.Context, tx Tx, workspace string, head *AnswerHead, seen int) error {
	if seen < 0 || seen > head.Number {
		return fmt.Errorf("revision %d of answer %d: %w", seen, head.N, ErrNotFound)
	}
	e := &ConflictError{Questionnaire: head.Questionnaire, N: head.N}
	list, err := tx.Revisions(ctx, workspace, head.Questionnaire, head.N, seen, head.Number)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Number == seen {
			e.Yours = list[i]
		}
		if list[i].Number == head.Number {
			e.Current = list[i]
		}
	}
	return e
}
