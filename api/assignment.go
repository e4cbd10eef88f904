package api

import (
	"context"

	"vouch/engine"
)

// AssignAnswers asks a member to look at answers.
func (s *Server) AssignAnswers(ctx context.Context, r AssignAnswersRequestObject) (AssignAnswersResponseObject, error) {
	ctx = requestContext(ctx)
	b := r.Body
	in := engine.Assignment{Questionnaire: r.Questionnaire, Places: b.Places, Section: b.Section, Assignee: b.Assignee, Due: timeOf(b.Due)}
	var changed []engine.AnswerHead
	err := s.Store.InTx(ctx, func(tx engine.Tx) (err error) {
		if b.Assignee != "" {
			if err := areMembers(ctx, tx, r.Workspace, "/assignee", b.Assignee); err != nil {
				return err
			}
		}
		changed, err = engine.AssignAnswers(ctx, engine.Joined(tx), r.Workspace, callOf(ctx).person(), in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return AssignAnswers200JSONResponse(headsShown(changed)), nil
}

// ListAssigned lists what a user is asked to look at.
func (s *Server) ListAssigned(ctx context.Context, r ListAssignedRequestObject) (ListAssignedResponseObject, error) {
	ctx = requestContext(ctx)
	user := r.Params.User
	if user == "" {
		user = callOf(ctx).who.User.ID
	}
	list, err := s.Store.AssignedAnswers(ctx, r.Workspace, user)
	if err != nil {
		return nil, err
	}
	return ListAssigned200JSONResponse(headsShown(list)), nil
}

func headsShown(list []engine.AnswerHead) AnswerStates {
	out := AnswerStates{Answers: make([]AnswerHead, len(list))}
	for i := range list {
		h := &list[i]
		out.Answers[i] = AnswerHead{Questionnaire: h.Questionnaire, N: h.N, Etag: answerTag(h), State: h.State, Number: h.Number, Assignee: h.Assignee, Due: dayOf(h.Due)}
	}
	return out
}
