package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// IntakeInput is a customer's file with what was understood of it and what a
// person says about it.
type IntakeInput struct {
	Read     *Questionnaire // as the format read it, with the layout a person may have corrected
	File     io.ReadSeeker  // the customer's file
	Customer string
	Deal     string
	Due      *time.Time // the day on which the customer wants it
	Product  string
	Language string // "" for that of Read
	NDA      bool
	Public   bool

	// Then, if not nil, is called in the same transaction with what was
	// stored: the place to add the job that drafts it. Its error undoes all.
	Then func(ctx context.Context, tx Tx, q StoredQuestionnaire) error
}

// Intake stores a customer's file and its questions, in one transaction. A
// file without questions is [ErrNoQuestions]. The same file may come in twice:
// they are two questionnaires, and the bytes are kept once.
func Intake(ctx context.Context, store Store, workspace string, p Person, in IntakeInput) (stored StoredQuestionnaire, err error) {
	ctx, err = p.acting(ctx, ActionQuestionnaireCreate)
	if err != nil {
		return StoredQuestionnaire{}, err
	}
	if len(in.Read.Questions) == 0 {
		return StoredQuestionnaire{}, ErrNoQuestions
	}
	q := StoredQuestionnaire{
		Name: in.Read.Name, Format: in.Read.Format, Customer: in.Customer, Deal: in.Deal, Due: dayOf(in.Due), Product: in.Product, Language: in.Language,
		NDA: in.NDA, Public: in.Public, State: QuestionnaireOpen, CreatedBy: p.Author(), Layout: in.Read.Layout, Appended: in.Read.Appended, Skipped: in.Read.Skipped,
	}
	if q.Language == "" {
		q.Language = in.Read.Language
	}
	if err := q.Validate(); err != nil {
		return StoredQuestionnaire{}, err
	}
	err = store.InTx(ctx, func(tx Tx) error {
		if q.File, err = tx.PutFile(ctx, workspace, in.File); err != nil {
			return err
		}
		if stored, err = tx.AddQuestionnaire(ctx, workspace, q, in.Read.Questions); err != nil || in.Then == nil {
			return err
		}
		return in.Then(ctx, tx, stored)
	})
	if err != nil {
		return StoredQuestionnaire{}, fmt.Errorf("take in a questionnaire: %w", err)
	}
	return stored, nil
}

// dayOf returns the day of a time, UTC midnight.
func dayOf(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	day := t.UTC().Truncate(24 * time.Hour)
	return &day
}

// CorrectLayout replaces the questions of a questionnaire by those that were
// read with a corrected layout. Version is the one that the person saw; once a
// question has an answer the error is [ErrAnswered].
func CorrectLayout(ctx context.Context, store Store, workspace string, p Person, id string, version int, read *Questionnaire) (StoredQuestionnaire, error) {
	ctx, err := p.acting(ctx, ActionQuestionnaireEdit)
	if err != nil {
		return StoredQuestionnaire{}, err
	}
	if len(read.Questions) == 0 {
		return StoredQuestionnaire{}, ErrNoQuestions
	}
	return changeQuestionnaire(ctx, store, workspace, id, version, func(tx Tx, q *StoredQuestionnaire) (StoredQuestionnaire, error) {
		q.Layout, q.Appended, q.Skipped = read.Layout, read.Appended, read.Skipped
		return tx.ReplaceQuestions(ctx, workspace, *q, read.Questions)
	})
}

// QuestionnaireChange is what a person says anew about a questionnaire; what is
// nil stays as it is.
type QuestionnaireChange struct {
	Name, Customer, Deal, Product, Language *string
	Due                                     *time.Time // the zero time takes the day away
	NDA, Public                             *bool
}

// ErrReader says that a questionnaire's answers cannot be shown to more people
// than they were written for.
var ErrReader = errors.New("there are answers that were written for a reader who may see more; send the file again as a new questionnaire")

// ChangeQuestionnaire changes what people say about a questionnaire. Version is
// the one that the person saw. Once there are answers, an NDA cannot be taken
// back, nor the questionnaire be made public: the answers were checked for the
// reader they had.
func ChangeQuestionnaire(ctx context.Context, store Store, workspace string, p Person, id string, version int, change QuestionnaireChange) (StoredQuestionnaire, error) {
	ctx, err := p.acting(ctx, ActionQuestionnaireEdit)
	if err != nil {
		return StoredQuestionnaire{}, err
	}
	return changeQuestionnaire(ctx, store, workspace, id, version, func(tx Tx, q *StoredQuestionnaire) (StoredQuestionnaire, error) {
		old := *q
		change.apply(q)
		untouched := q.Counts[AnswerUnanswered] + q.Counts[AnswerLeft]
		if (old.NDA && !q.NDA || !old.Public && q.Public) && untouched < q.Questions {
			return *q, ErrReader
		}
		return tx.PutQuestionnaire(ctx, workspace, *q)
	})
}

func (c *QuestionnaireChange) apply(q *StoredQuestionnaire) {
	for _, f := range []struct{ to, from *string }{{&q.Name, c.Name}, {&q.Customer, c.Customer}, {&q.Deal, c.Deal}, {&q.Product, c.Product}, {&q.Language, c.Language}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	for _, f := range []struct{ to, from *bool }{{&q.NDA, c.NDA}, {&q.Public, c.Public}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if c.Due != nil {
		q.Due = dayOf(c.Due)
	}
}

// WithdrawQuestionnaire ends the work on a questionnaire: nothing in it is
// changed any more, and all of it is kept. Version is the one that the person
// saw.
func WithdrawQuestionnaire(ctx context.Context, store Store, workspace string, p Person, id string, version int) (StoredQuestionnaire, error) {
	ctx, err := p.acting(ctx, ActionQuestionnaireWithdraw)
	if err != nil {
		return StoredQuestionnaire{}, err
	}
	return changeQuestionnaire(ctx, store, workspace, id, version, func(tx Tx, q *StoredQuestionnaire) (StoredQuestionnaire, error) {
		q.State = QuestionnaireWithdrawn
		return tx.PutQuestionnaire(ctx, workspace, *q)
	})
}

// changeQuestionnaire changes an open questionnaire that is at the version that
// was seen, in one transaction.
func changeQuestionnaire(ctx context.Context, store Store, workspace, id string, version int, change func(Tx, *StoredQuestionnaire) (StoredQuestionnaire, error)) (stored StoredQuestionnaire, err error) {
	err = store.InTx(ctx, func(tx Tx) error {
		q, err := tx.Questionnaire(ctx, workspace, id)
		switch {
		case err != nil:
			return err
		case q.State != QuestionnaireOpen:
			return ErrWithdrawn
		case q.Version != version:
			return ErrStaleVersion
		}
		stored, err = change(tx, &q)
		return err
	})
	if err != nil {
		return StoredQuestionnaire{}, fmt.Errorf("change questionnaire %s: %w", id, err)
	}
	return stored, nil
}

// placesOf returns the places, from 1, of the questions of a section, or those
// given, ordered and each once.
func placesOf(ctx context.Context, tx Tx, workspace, questionnaire string, places []int, section *string) ([]int, error) {
	out := slices.Clone(places)
	if section != nil {
		questions, err := tx.Questions(ctx, workspace, questionnaire)
		if err != nil {
			return nil, err
		}
		for i := range questions {
			if questions[i].Section == *section {
				out = append(out, i+1)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
