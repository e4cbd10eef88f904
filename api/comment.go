package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// ListComments lists the comments on a questionnaire, or on one answer.
func (s *Server) ListComments(ctx context.Context, r ListCommentsRequestObject) (ListCommentsResponseObject, error) {
	ctx = requestContext(ctx)
	if _, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire); err != nil {
		return nil, err
	}
	list, err := s.Store.Comments(ctx, r.Workspace, r.Questionnaire, r.Params.N)
	if err != nil {
		return nil, err
	}
	return ListComments200JSONResponse{Comments: append([]Comment{}, list...)}, nil
}

// CreateComment adds what a person says.
func (s *Server) CreateComment(ctx context.Context, r CreateCommentRequestObject) (CreateCommentResponseObject, error) {
	ctx = requestContext(ctx)
	b := r.Body
	return once(ctx, s, r.Params.IdempotencyKey, CreateCommentResponseObject.VisitCreateCommentResponse, func(ctx context.Context, store engine.Store) (CreateCommentResponseObject, error) {
		var c engine.Comment
		err := store.InTx(ctx, func(tx engine.Tx) (err error) {
			if err := areMembers(ctx, tx, r.Workspace, "/mentions", b.Mentions...); err != nil {
				return err
			}
			c, err = engine.AddComment(ctx, engine.Joined(tx), r.Workspace, callOf(ctx).person(), engine.Comment{Questionnaire: r.Questionnaire, N: b.N, Text: b.Text, Mentions: b.Mentions})
			return err
		})
		if err != nil {
			return nil, err
		}
		return CreateComment201JSONResponse(c), nil
	})
}

// RemoveComment takes the text of a comment away.
func (s *Server) RemoveComment(ctx context.Context, r RemoveCommentRequestObject) (RemoveCommentResponseObject, error) {
	ctx = requestContext(ctx)
	c, err := s.Store.Comment(ctx, r.Workspace, r.Comment)
	if errors.Is(err, engine.ErrNotFound) || err == nil && c.Questionnaire != r.Questionnaire {
		return nil, notFound.because("There is no comment with this id on this questionnaire.")
	}
	if err != nil {
		return nil, err
	}
	if c, err = engine.RemoveComment(ctx, s.Store, r.Workspace, callOf(ctx).person(), r.Comment); err != nil {
		return nil, err
	}
	return RemoveComment200JSONResponse(c), nil
}
