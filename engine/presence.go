package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// PresenceKept is how long somebody counts as looking at a question after they
// last said so.
const PresenceKept = 30 * time.Second

// ErrNoPlace says that a questionnaire has no question with a number.
var ErrNoPlace = errors.New("the questionnaire has no question with this number")

// Presence says that somebody looks at a question now. It holds for
// [PresenceKept] and is said again while it is true. It is no part of what a
// workspace keeps: no audit log knows it, and it is gone when it is over.
type Presence struct {
	Questionnaire string    // id
	N             int       // the question's place, from 1
	User          string    // id; a user looks at one question of a questionnaire
	SeenAt        time.Time // when they last said so, by the clock of the database
}

// PresenceStore keeps who looks at what.
type PresenceStore interface {
	// PutPresence stores where a user looks, in place of where they looked in
	// that questionnaire before; N 0 takes them away. What is older than an
	// hour is dropped. A questionnaire that is not there is [ErrNotFound].
	PutPresence(ctx context.Context, workspace string, p Presence) error

	// Presences returns who looks at a questionnaire, or at any with "", and
	// said so within a time: ordered by questionnaire, place and user.
	Presences(ctx context.Context, workspace, questionnaire string, within time.Duration) ([]Presence, error)
}

// LookAt says that a person looks at a question now, or with n 0 at none of the
// questionnaire any more, and returns who does then.
func LookAt(ctx context.Context, store Store, workspace string, who Person, questionnaire string, n int) (list []Presence, err error) {
	if who.ID == "" || !May(who.Role, ActionQuestionnaireRead) {
		return nil, fmt.Errorf("look at a question: %w (%s)", ErrForbidden, ActionQuestionnaireRead)
	}
	err = store.InTx(ctx, func(tx Tx) error {
		q, err := QuestionnaireOf(ctx, tx, workspace, questionnaire)
		if err != nil {
			return err
		}
		if n < 0 || n > q.Questions {
			return ErrNoPlace
		}
		if err := tx.PutPresence(ctx, workspace, Presence{Questionnaire: questionnaire, N: n, User: who.ID}); err != nil {
			return err
		}
		list, err = tx.Presences(ctx, workspace, questionnaire, PresenceKept)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look at a question: %w", err)
	}
	return list, nil
}
