package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"vouch/api/readiness"
	"vouch/engine"
	"vouch/engine/assurance"
)

// askedFor is how far back questions without an answer count.
const askedFor = 12 // months

// GetReadiness says how ready the company is for an audit.
func (s *Server) GetReadiness(ctx context.Context, r GetReadinessRequestObject) (GetReadinessResponseObject, error) {
	ready, err := s.ready(requestContext(ctx), r.Workspace, string(r.Params.Framework), on(r.Params.On))
	if err != nil {
		return nil, err
	}
	return GetReadiness200JSONResponse(ready), nil
}

// ready reads how the criteria of a framework stand on a day.
func (s *Server) ready(ctx context.Context, workspace, name string, day assurance.Day) (assurance.Readiness, error) {
	register, _, err := engine.ReadRegister(ctx, s.Store, workspace)
	if err != nil {
		return assurance.Readiness{}, err
	}
	list, err := s.Store.Askings(ctx, workspace, day.AddMonths(-askedFor).Time())
	if err != nil {
		return assurance.Readiness{}, err
	}
	asked := make([]assurance.Asked, len(list))
	for i := range list {
		asked[i] = list[i].Asked()
	}
	framework := assurance.Framework(name)
	if name == "soc2" {
		framework = assurance.TrustServices
	}
	return register.Readiness(framework, assurance.CriteriaOf(framework), asked, day), nil
}

// GetReadinessPage says the same as a page.
func (s *Server) GetReadinessPage(ctx context.Context, r GetReadinessPageRequestObject) (GetReadinessPageResponseObject, error) {
	ready, err := s.ready(requestContext(ctx), r.Workspace, string(r.Params.Framework), on(r.Params.On))
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := readiness.WriteHTML(&page, &readiness.Report{Readiness: ready, Made: time.Now(), Program: "vouch"}); err != nil {
		return nil, err
	}
	return readinessPage(page.Bytes()), nil
}

// readinessPage is the page, written.
type readinessPage []byte

// policy lets the page have its own style and nothing else.
func (p readinessPage) policy() string {
	_, style, _ := strings.Cut(string(p), "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	return pagePolicy(style)
}

// VisitGetReadinessPageResponse writes the page.
func (p readinessPage) VisitGetReadinessPageResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", p.policy())
	_, err := w.Write(p)
	return err
}
