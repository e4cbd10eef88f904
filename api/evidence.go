package api

import (
	"context"
	"errors"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine"
	"vouch/engine/assurance"
)

// ListEvidence lists the evidence, with what each piece is worth.
func (s *Server) ListEvidence(ctx context.Context, r ListEvidenceRequestObject) (ListEvidenceResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	register, _, err := engine.ReadRegister(ctx, s.Store, r.Workspace)
	if err != nil {
		return nil, err
	}
	list := []EvidenceStanding{}
	for i, w := range register.WorthOfEvidence(on(r.Params.On)) {
		e := register.Evidence[i]
		if (r.Params.Control == "" || engine.ControlKey(r.Params.Control) == engine.ControlKey(e.Control)) && (r.Params.Worth == "" || string(r.Params.Worth) == string(w.Worth)) {
			list = append(list, EvidenceStanding{Evidence: e, Worth: string(w.Worth), FreshUntil: openapi_types.Date{Time: w.FreshUntil.Time()}})
		}
	}
	if list, err = behind(list, after, func(x *EvidenceStanding) string { return x.Evidence.ID }); err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(x *EvidenceStanding) string { return x.Evidence.ID })
	return ListEvidence200JSONResponse{Body: EvidencePage{Evidence: shown, Next: next}, Headers: ListEvidence200ResponseHeaders{Link: optional(link)}}, nil
}

// CreateEvidence adds a piece of evidence.
func (s *Server) CreateEvidence(ctx context.Context, r CreateEvidenceRequestObject) (CreateEvidenceResponseObject, error) {
	ctx = requestContext(ctx)
	return once(ctx, s, r.Params.IdempotencyKey, CreateEvidenceResponseObject.VisitCreateEvidenceResponse, func(ctx context.Context, store engine.Store) (CreateEvidenceResponseObject, error) {
		b := r.Body
		e, err := engine.AddEvidence(ctx, store, r.Workspace, assurance.Evidence{
			ID: b.Id, Control: b.Control, Kind: b.Kind, Title: b.Title, CollectedAt: assuredDay(b.CollectedAt), CollectedBy: b.CollectedBy,
			From: assuredDay(b.From), To: assuredDay(b.To), Location: b.Location,
		}, on(noDay))
		var wrong *engine.RegisterError
		switch {
		case errors.Is(err, engine.ErrExists):
			return nil, exists.because("There is evidence with this id already.").at("/id", "is taken; case does not count")
		case errors.Is(err, engine.ErrNoSuchControl):
			return nil, invalid.because("There is no control with this ref.").at("/control", "names no control")
		case errors.As(err, &wrong):
			f := invalid.because("It cannot be part of the register.")
			for _, p := range wrong.Problems {
				f = f.at("/"+p.Path, p.Text)
			}
			return nil, f
		case err != nil:
			return nil, err
		}
		return CreateEvidence201JSONResponse(e), nil
	})
}

// assuredDay returns a day as the register has it, none for none.
func assuredDay(d openapi_types.Date) assurance.Day {
	if d.IsZero() {
		return assurance.Day{}
	}
	return assurance.DayOf(d.Time)
}
