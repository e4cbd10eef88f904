package api

import (
	"context"

	"vouch/engine"
	"vouch/engine/assurance"
)

// askedFor is how far back questions without an answer count.
const askedFor = 12 // months

// GetReadiness says how ready the company is for an audit.
func (s *Server) GetReadiness(ctx context.Context, r GetReadinessRequestObject) (GetReadinessResponseObject, error) {
	ctx = requestContext(ctx)
	register, _, err := engine.ReadRegister(ctx, s.Store, r.Workspace)
	if err != nil {
		return nil, err
	}
	day := on(r.Params.On)
	list, err := s.Store.Askings(ctx, r.Workspace, day.AddMonths(-askedFor).Time())
	if err != nil {
		return nil, err
	}
	asked := make([]assurance.Asked, len(list))
	for i := range list {
		asked[i] = list[i].Asked()
	}
	framework := assurance.Framework(r.Params.Framework)
	if r.Params.Framework == Soc2 {
		framework = assurance.TrustServices
	}
	return GetReadiness200JSONResponse(register.Readiness(framework, assurance.CriteriaOf(framework), asked, day)), nil
}
