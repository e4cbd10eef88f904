package api

import (
	"context"
	"slices"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine"
)

// ListCommitments lists what customers were told, newest first.
func (s *Server) ListCommitments(ctx context.Context, r ListCommitmentsRequestObject) (ListCommitmentsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Commitments(ctx, r.Workspace, engine.CommitmentFilter{Customer: r.Params.Customer, Control: r.Params.Control})
	if err != nil {
		return nil, err
	}
	if after != "" {
		i := slices.IndexFunc(list, func(c engine.Commitment) bool { return c.ID == after })
		if i < 0 {
			return nil, badCursor.because("after names nothing in this list.")
		}
		list = list[i+1:]
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(c *engine.Commitment) string { return c.ID })
	out := CommitmentPage{Commitments: make([]Commitment, len(shown)), Next: next}
	for i := range shown {
		c := &shown[i]
		out.Commitments[i] = Commitment{
			Id: c.ID, Customer: c.Customer, SentAt: openapi_types.Date{Time: c.SentAt}, Questionnaire: c.Questionnaire, Ref: c.Ref,
			Question: c.Question, Verdict: Verdict(c.Verdict), Answer: c.Answer, Text: c.Text, Controls: c.Controls,
		}
	}
	return ListCommitments200JSONResponse{Body: out, Headers: ListCommitments200ResponseHeaders{Link: optional(link)}}, nil
}
