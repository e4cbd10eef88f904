package api

import (
	"errors"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

// The kinds of problems of a review, by status. Where an answer or a
// questionnaire is in a state that does not allow what was asked, it is a 409.
var (
	notYours       = &problemKind{"not_yours", 403, "It is somebody else's", "Ask its author, or an admin of the workspace."}
	answered       = &problemKind{"answered", 409, "There are answers already", "Withdraw the questionnaire, and send the file again as a new one."}
	blockedByRule  = &problemKind{"blocked_by_rule", 409, "The claim check forbids it", "Write an answer without what the findings name, and approve that."}
	fourEyes       = &problemKind{"four_eyes", 409, "Nobody approves what they wrote", "Ask somebody else to approve it."}
	isGap          = &problemKind{"gap", 409, "It is a gap and no answer", "Write an answer, or leave it empty with a note."}
	incomplete     = &problemKind{"incomplete", 409, "Answers are not finished", "Approve those in current or leave them empty, or set allow_partial."}
	noRevision     = &problemKind{"no_revision", 409, "There is nothing to decide on", "Write an answer first, or wait for the draft."}
	notSettled     = &problemKind{"not_settled", 409, "There is nothing to reopen", "Edit it, or decide on it, as it is."}
	sentBack       = &problemKind{"rejected", 409, "This revision was sent back", "Write a new one, or reopen it with a note."}
	settled        = &problemKind{"settled", 409, "It is approved or left empty", "Reopen it with a note first."}
	staleEvidence  = &problemKind{"stale_evidence", 409, "What it rests on has changed", "Write a new revision, or reopen it with a note."}
	widerReader    = &problemKind{"wider_reader", 409, "Answers were written for a reader who may see more", "Send the file again as a new questionnaire."}
	withdrawn      = &problemKind{"withdrawn", 409, "The questionnaire was withdrawn", "Send the file again if it is wanted after all."}
	badLayout      = &problemKind{"invalid_layout", 422, "The layout is not one", "Correct what detail names; the preview makes a layout to begin with."}
	noQuestions    = &problemKind{"no_questions", 422, "There are no questions in the file", "Correct its layout with the preview, or send another file."}
	notAMember     = &problemKind{"not_a_member", 422, "Somebody named is no member", "Name members of the workspace, by their ids."}
	noteNeeded     = &problemKind{"note_needed", 422, "A note is missing", "Say why, in a sentence."}
	tooManyExports = &problemKind{"too_many_exports", 429, "Too many exports at once", "Wait for those that run to end."}
	fileDamaged    = &problemKind{"file_damaged", 500, "A stored file is not as it was", "Tell who runs the server: the database is damaged, and a backup is needed."}
	reviewKinds    = []*problemKind{
		notYours, answered, blockedByRule, fourEyes, isGap, incomplete, noRevision, notSettled, sentBack, settled, staleEvidence, widerReader, withdrawn,
		badLayout, noQuestions, notAMember, noteNeeded, tooManyExports, fileDamaged,
	}
)

// reviewErrors says what problem each error of the review workflow is, and
// which part of the body it is about, "" for none. Details are the errors' own
// texts, which hold nothing of questions or answers.
var reviewErrors = []struct {
	err  error
	kind *problemKind
	at   string
}{
	{engine.ErrForbidden, forbidden, ""},
	{engine.ErrNotYours, notYours, ""},
	{engine.ErrWithdrawn, withdrawn, ""},
	{engine.ErrAnswered, answered, ""},
	{engine.ErrReader, widerReader, ""},
	{engine.ErrNoQuestions, noQuestions, ""},
	{engine.ErrFileSize, fileRefused, ""},
	{engine.ErrFileChanged, fileDamaged, ""},
	{engine.ErrNoteNeeded, noteNeeded, "/note"},
	{engine.ErrNoteLength, invalid, "/note"},
	{engine.ErrFourEyes, fourEyes, ""},
	{engine.ErrBlocked, blockedByRule, ""},
	{engine.ErrNoRevision, noRevision, ""},
	{engine.ErrIsGap, isGap, ""},
	{engine.ErrRejected, sentBack, ""},
	{engine.ErrStale, staleEvidence, ""},
	{engine.ErrSettled, settled, ""},
	{engine.ErrNotSettled, notSettled, ""},
	{engine.ErrUnsure, unsure, ""},
	{engine.ErrTooMany, invalid, "/answers"},
	{engine.ErrEditPart, invalid, "/values"},
	{engine.ErrEditOption, invalid, "/values"},
	{engine.ErrEditVerdict, invalid, "/verdict"},
	{engine.ErrNobodyAsked, invalid, "/places"},
	{engine.ErrUserID, invalid, "/assignee"},
	{engine.ErrNoText, invalid, "/text"},
	{engine.ErrMentions, invalid, "/mentions"},
	{engine.ErrIncomplete, incomplete, ""},
	{engine.ErrExportHash, invalid, ""},
}

// unsure is why an answer was not approved with many others; by itself it is
// none.
var unsure = &problemKind{Code: "unsure", Status: 409, Title: "Its confidence is below the one asked for", Do: "Look at it by itself."}

// reviewFailure returns the problem that an error of a review is, nil for any
// other error.
func reviewFailure(err error) *ProblemError {
	var seen *engine.ConflictError
	var field *engine.FieldError
	switch {
	case errors.As(err, &seen):
		f := conflict.because("Answer %d is at revision %d, and revision %d was seen.", seen.N, seen.Current.Number, seen.Yours.Number)
		f.yours, f.current = revisionOrNone(&seen.Yours), revisionOrNone(&seen.Current)
		return f
	case errors.As(err, &field):
		return invalid.because("It cannot be stored: %s.", field.Error()).at("/"+field.Field, field.Why)
	}
	for _, x := range reviewErrors {
		if !errors.Is(err, x.err) {
			continue
		}
		f := x.kind.because("%s", sentenceOf(x.err.Error()))
		f.cause = err
		if x.at != "" {
			f.errors = []FieldError{{Pointer: x.at, Detail: x.err.Error()}}
		}
		return f
	}
	return nil
}

// revisionOrNone returns what is shown of a revision, nil where there is none.
func revisionOrNone(r *engine.AnswerRevision) any {
	if r.Number == 0 {
		return nil
	}
	return revisionShown(r)
}

// sentenceOf writes a text of the engine as a sentence.
func sentenceOf(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:] + "."
}
