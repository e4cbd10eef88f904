package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// DecideAnswer decides on the revision that was seen.
func (s *Server) DecideAnswer(ctx context.Context, r DecideAnswerRequestObject) (DecideAnswerResponseObject, error) {
	ctx = requestContext(ctx)
	b, who := r.Body, callOf(ctx).person()
	var d engine.Decision
	var err error
	switch kind := engine.DecisionKind(b.Kind); kind {
	case engine.DecisionLeave:
		d, err = engine.LeaveAnswer(ctx, s.Store, r.Workspace, who, r.Questionnaire, r.N, b.Revision, b.Note)
	case engine.DecisionReopen:
		d, err = engine.ReopenAnswer(ctx, s.Store, r.Workspace, who, r.Questionnaire, r.N, b.Revision, b.Note)
	default:
		d, err = engine.Decide(ctx, s.Store, r.Workspace, who, engine.DecideInput{Questionnaire: r.Questionnaire, N: r.N, Revision: b.Revision, Kind: kind, Note: b.Note})
	}
	if err != nil {
		return nil, err
	}
	return DecideAnswer200JSONResponse(d), nil
}

// DecideAnswers approves many answers, and says of each what became of it.
func (s *Server) DecideAnswers(ctx context.Context, r DecideAnswersRequestObject) (DecideAnswersResponseObject, error) {
	ctx = requestContext(ctx)
	if _, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire); err != nil {
		return nil, err
	}
	in := engine.DecideManyInput{Questionnaire: r.Questionnaire, Answers: r.Body.Answers, MinConfidence: r.Body.MinConfidence, Note: r.Body.Note}
	result, err := engine.DecideMany(ctx, s.Store, r.Workspace, callOf(ctx).person(), in)
	if err != nil {
		return nil, err
	}
	out := DecideAnswers200JSONResponse{Bulk: result.Bulk, Approved: []int{}, Refused: []RefusedAnswer{}}
	for i := range result.Approved {
		out.Approved = append(out.Approved, result.Approved[i].N)
	}
	for _, x := range result.Refused {
		f := s.failureOf(x.Why)
		if errors.Is(x.Why, engine.ErrStaleVersion) {
			f = conflict.because("Another revision is current than was seen.")
		}
		out.Refused = append(out.Refused, RefusedAnswer{N: x.N, Revision: x.Revision, Current: x.Current, Code: f.kind.Code, Why: f.detail})
	}
	return out, nil
}
