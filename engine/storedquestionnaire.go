package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// QuestionnaireState says whether a questionnaire is worked on.
type QuestionnaireState string

// The states of a questionnaire. An export is an event, not a state.
const (
	QuestionnaireOpen      QuestionnaireState = "open"
	QuestionnaireWithdrawn QuestionnaireState = "withdrawn"
)

// StoredQuestionnaire is a questionnaire as a workspace keeps it, without its
// questions and answers.
type StoredQuestionnaire struct {
	ID      string `json:"id"`      // UUIDv7, made by the store
	Version int    `json:"version"` // from 1, one more with each change
	Name    string `json:"name"`    // the file's base name
	Format  string `json:"format"`  // "xlsx", "csv"
	File    string `json:"file"`    // the hash of the customer's file

	Customer string     `json:"customer,omitempty"`
	Deal     string     `json:"deal,omitempty"`
	Due      *time.Time `json:"due,omitempty"` // the day on which the customer wants it, UTC midnight
	Product  string     `json:"product,omitempty"`
	Language string     `json:"language,omitempty"` // ISO 639-1, "" when unknown
	NDA      bool       `json:"nda,omitempty"`      // the customer has signed a non-disclosure agreement
	Public   bool       `json:"public,omitempty"`   // the answers are published

	State     QuestionnaireState `json:"state"`
	CreatedAt time.Time          `json:"created_at"`
	CreatedBy string             `json:"created_by"` // "user:ID"
	Questions int                `json:"questions"`  // how many it has
	Asks      string             `json:"asks"`       // the hash of its questions, in their order

	// What was understood of the file. Lists of questionnaires leave it out.
	Layout   Layout      `json:"layout"`
	Appended []PartValue `json:"appended,omitempty"`
	Skipped  []Skipped   `json:"skipped,omitempty"`

	// Counts is how many answers are in each state, those left out that are in
	// none. It is no part of what is audited here: the answers are.
	Counts map[AnswerState]int `json:"-"`
}

// maxFieldChars bounds the texts that people give to a questionnaire.
const maxFieldChars = 500

// ErrNoQuestions says that a file asks nothing.
var ErrNoQuestions = errors.New("there are no questions in it; correct its layout, or send another file")

// Validate returns the first thing wrong with q, or nil.
func (q *StoredQuestionnaire) Validate() error {
	for _, f := range []struct {
		name, value string
		most        int
	}{{"name", q.Name, maxFieldChars}, {"customer", q.Customer, maxFieldChars}, {"deal", q.Deal, maxFieldChars}, {"product", q.Product, maxFieldChars}, {"language", q.Language, 35}} {
		if runeCount(f.value) > f.most {
			return invalidField("questionnaire", f.name, "it is longer than %d characters; shorten it", f.most)
		}
	}
	switch {
	case strings.TrimSpace(q.Name) == "":
		return invalidField("questionnaire", "name", "it is missing; give the name of the file")
	case q.Format == "":
		return invalidField("questionnaire", "format", `it is missing; write "xlsx" or "csv"`)
	case q.State != QuestionnaireOpen && q.State != QuestionnaireWithdrawn:
		return invalidField("questionnaire", "state", "it is no state; the states are %q and %q", QuestionnaireOpen, QuestionnaireWithdrawn)
	}
	return nil
}

// AuditHash is the hash of a questionnaire and its questions.
func (q *StoredQuestionnaire) AuditHash() string { return AuditHash(q) }

// With returns the questionnaire together with its questions, as the formats
// and the drafting see it.
func (q *StoredQuestionnaire) With(questions []Question) *Questionnaire {
	return &Questionnaire{Name: q.Name, Format: q.Format, Language: q.Language, Layout: q.Layout, Questions: questions, Skipped: q.Skipped, Appended: q.Appended}
}

// QuestionnaireFilter chooses questionnaires. The zero value chooses all;
// fields that are set must all hold.
type QuestionnaireFilter struct {
	ID        string
	State     QuestionnaireState
	Customer  string    // exactly
	DueBefore time.Time // due on a day before; not those without such a day
	Overdue   time.Time // due on a day before this one, open, and with an answer that is neither approved nor left
	Text      string    // in its name, whatever the case
	After     string    // after the one with this id: the last one of the page before
	Limit     int       // at most so many; 0 means all
}

// QuestionnaireStore keeps questionnaires and their questions.
type QuestionnaireStore interface {
	// AddQuestionnaire stores q and its questions, none of which has an answer
	// yet, and returns it with the id it got. Its file must be there.
	AddQuestionnaire(ctx context.Context, workspace string, q StoredQuestionnaire, questions []Question) (StoredQuestionnaire, error)

	// PutQuestionnaire stores q as the next version; q.Version must be the
	// newest, else the error is [ErrStaleVersion]. What it was made with stays:
	// file, format, layout, questions, who made it and when.
	PutQuestionnaire(ctx context.Context, workspace string, q StoredQuestionnaire) (StoredQuestionnaire, error)

	// ReplaceQuestions stores q as the next version, with another layout and
	// the questions that were found by it. Once a question has a revision or
	// was left empty, the error is [ErrAnswered]. Assignments are lost, and
	// comments stay at their places.
	ReplaceQuestions(ctx context.Context, workspace string, q StoredQuestionnaire, questions []Question) (StoredQuestionnaire, error)

	// Questionnaire returns one, with its counts, or [ErrNotFound].
	Questionnaire(ctx context.Context, workspace, id string) (StoredQuestionnaire, error)

	// Questionnaires returns those that pass f, newest first, with their
	// counts and without what was understood of the file.
	Questionnaires(ctx context.Context, workspace string, f QuestionnaireFilter) ([]StoredQuestionnaire, error)

	// Questions returns the questions of a questionnaire, in their order. What
	// stands first is question 1.
	Questions(ctx context.Context, workspace, id string) ([]Question, error)
}

// QuestionnaireOf returns one questionnaire without what was understood of its
// file, which is most of it, or [ErrNotFound].
func QuestionnaireOf(ctx context.Context, store QuestionnaireStore, workspace, id string) (StoredQuestionnaire, error) {
	if id == "" {
		return StoredQuestionnaire{}, ErrNotFound
	}
	list, err := store.Questionnaires(ctx, workspace, QuestionnaireFilter{ID: id})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("questionnaire %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return StoredQuestionnaire{}, err
	}
	return list[0], nil
}

// ErrAnswered says that questions can no longer be replaced.
var ErrAnswered = errors.New("questions of it have answers already, which must not be lost; withdraw it and send the file again")
