package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Assignment asks a user to look at answers until a day. Without an assignee
// it takes the assignment away.
type Assignment struct {
	Questionnaire string
	Places        []int   // of the questions, from 1
	Section       *string // all questions under this heading as well
	Assignee      string  // the user's id
	Due           *time.Time
}

// Errors of assignments. Compare with [errors.Is].
var (
	ErrNobodyAsked = errors.New("no question is named, or the section has none; name places from 1, or a section of the questionnaire")
	ErrUserID      = errors.New("the id of the user is longer than any; give the id of a member")
)

// maxUserIDChars is more than the id of any user has.
const maxUserIDChars = 200

// AssignAnswers assigns answers, all in one transaction, and returns them. What
// was drafted is in review from then on. Whether the user is a member is for
// the caller to see.
func AssignAnswers(ctx context.Context, store Store, workspace string, p Person, in Assignment) (changed []AnswerHead, err error) {
	ctx, err = p.acting(ctx, ActionAnswerAssign)
	if err != nil {
		return nil, err
	}
	if runeCount(in.Assignee) > maxUserIDChars {
		return nil, ErrUserID
	}
	err = store.InTx(ctx, func(tx Tx) error {
		changed = nil
		places, err := placesOf(ctx, tx, workspace, in.Questionnaire, in.Places, in.Section)
		if err != nil {
			return err
		}
		if len(places) == 0 {
			return ErrNobodyAsked
		}
		for _, n := range places {
			h, err := assign(ctx, tx, workspace, n, &in)
			if err != nil {
				return fmt.Errorf("question %d: %w", n, err)
			}
			changed = append(changed, h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assign answers: %w", err)
	}
	return changed, nil
}

func assign(ctx context.Context, tx Tx, workspace string, n int, in *Assignment) (AnswerHead, error) {
	h, err := tx.AnswerHead(ctx, workspace, in.Questionnaire, n)
	if err != nil {
		return h, err
	}
	if !h.IsOpen {
		return h, ErrWithdrawn
	}
	h.Assignee, h.Due = in.Assignee, dayOf(in.Due)
	if h.Assignee == "" {
		h.Due = nil
	} else if h.State == AnswerDrafted {
		h.State = AnswerInReview
	}
	return h, tx.PutAnswer(ctx, workspace, h)
}
