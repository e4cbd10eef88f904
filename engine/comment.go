package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Comment is what somebody says about an answer, or about a questionnaire. It
// is never changed; one that was removed keeps its place and shows no text.
type Comment struct {
	ID            string     `json:"id"` // UUIDv7, made by the store
	Questionnaire string     `json:"questionnaire"`
	N             int        `json:"n"` // the question's place from 1, 0 for the questionnaire
	Text          string     `json:"text,omitempty"`
	Mentions      []string   `json:"mentions,omitempty"` // ids of users
	By            string     `json:"by"`                 // "user:ID"
	At            time.Time  `json:"at"`
	RemovedBy     string     `json:"removed_by,omitempty"`
	RemovedAt     *time.Time `json:"removed_at,omitempty"`
}

// maxMentions bounds how many users a comment mentions.
const maxMentions = 50

// Errors of comments. Compare with [errors.Is].
var (
	ErrNoText       = errors.New("the comment is empty; write something, at most 8,000 characters")
	ErrMentions     = errors.New("the comment mentions more than 50 users, or one without an id; mention fewer")
	ErrNotYours     = errors.New("only its author or an admin removes a comment")
	errCommentPlace = errors.New("there is no question at this place")
)

// Validate returns the first thing wrong with c, or nil.
func (c *Comment) Validate() error {
	switch {
	case strings.TrimSpace(c.Text) == "" || runeCount(c.Text) > maxNoteChars:
		return ErrNoText
	case len(c.Mentions) > maxMentions || slices.Contains(c.Mentions, ""):
		return ErrMentions
	}
	return nil
}

// CommentStore keeps comments.
type CommentStore interface {
	// AddComment stores c and returns it with the id it got.
	AddComment(ctx context.Context, workspace string, c Comment) (Comment, error)

	// RemoveComment hides the text of a comment for good; by says who did. What
	// was removed before stays as it was.
	RemoveComment(ctx context.Context, workspace, id, by string) (Comment, error)

	// Comment returns one comment, or [ErrNotFound].
	Comment(ctx context.Context, workspace, id string) (Comment, error)

	// Comments returns the comments on a questionnaire and all its answers,
	// oldest first; with n above 0 only those on the answer at this place.
	Comments(ctx context.Context, workspace, questionnaire string, n int) ([]Comment, error)
}

// AddComment adds what a person says. Whether those mentioned are members is
// for the caller to see.
func AddComment(ctx context.Context, store Store, workspace string, p Person, c Comment) (stored Comment, err error) {
	ctx, err = p.acting(ctx, ActionCommentAdd)
	if err != nil {
		return Comment{}, err
	}
	c = Comment{Questionnaire: c.Questionnaire, N: c.N, Text: c.Text, Mentions: c.Mentions, By: p.Author()}
	err = store.InTx(ctx, func(tx Tx) error {
		if err := mayComment(ctx, tx, workspace, c.Questionnaire, c.N); err != nil {
			return err
		}
		stored, err = tx.AddComment(ctx, workspace, c)
		return err
	})
	if err != nil {
		return Comment{}, fmt.Errorf("add comment: %w", err)
	}
	return stored, nil
}

// mayComment returns why there can be no comment on an answer, at place 0 on the
// questionnaire as a whole, or nil.
func mayComment(ctx context.Context, tx Tx, workspace, questionnaire string, n int) error {
	if n == 0 {
		q, err := QuestionnaireOf(ctx, tx, workspace, questionnaire)
		if err == nil && q.State != QuestionnaireOpen {
			err = ErrWithdrawn
		}
		return err
	}
	head, err := tx.AnswerHead(ctx, workspace, questionnaire, n)
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%w (%w)", errCommentPlace, err)
	case err == nil && !head.IsOpen:
		return ErrWithdrawn
	}
	return err
}

// RemoveComment removes a comment of the person's own; an admin removes any.
func RemoveComment(ctx context.Context, store Store, workspace string, p Person, id string) (removed Comment, err error) {
	ctx, err = p.acting(ctx, ActionCommentAdd)
	if err != nil {
		return Comment{}, err
	}
	err = store.InTx(ctx, func(tx Tx) error {
		c, err := tx.Comment(ctx, workspace, id)
		if err != nil {
			return err
		}
		if c.By != p.Author() && p.Role != RoleAdmin {
			return ErrNotYours
		}
		removed, err = tx.RemoveComment(ctx, workspace, id, p.Author())
		return err
	})
	if err != nil {
		return Comment{}, fmt.Errorf("remove comment: %w", err)
	}
	return removed, nil
}
