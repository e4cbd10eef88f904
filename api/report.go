package api

import (
	"context"
	"strings"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine/assurance"
)

// noDay stands for today.
var noDay openapi_types.Date

// ListReports lists the reports, with how each stands.
func (s *Server) ListReports(ctx context.Context, r ListReportsRequestObject) (ListReportsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	v, err := s.Store.RegisterVersion(ctx, r.Workspace)
	if err != nil {
		return nil, err
	}
	list := []ReportStanding{}
	for i := range v.Register.Reports {
		x := &v.Register.Reports[i]
		if r.Params.Kind == "" || r.Params.Kind == string(x.Kind) {
			list = append(list, standingShown(x, on(r.Params.On)))
		}
	}
	list, err = behind(list, after, func(x *ReportStanding) string { return x.Report.ID })
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(x *ReportStanding) string { return x.Report.ID })
	return ListReports200JSONResponse{Body: ReportPage{Reports: shown, Next: next}, Headers: ListReports200ResponseHeaders{Link: optional(link)}}, nil
}

// behind returns what comes after one of a list, all of it with "".
func behind[T any](list []T, after string, id func(*T) string) ([]T, error) {
	if after == "" {
		return list, nil
	}
	for i := range list {
		if id(&list[i]) == after {
			return list[i+1:], nil
		}
	}
	return nil, badCursor.because("after names nothing in this list any more.")
}

// GetReport reads a report.
func (s *Server) GetReport(ctx context.Context, r GetReportRequestObject) (GetReportResponseObject, error) {
	v, err := s.Store.RegisterVersion(requestContext(ctx), r.Workspace)
	if err != nil {
		return nil, err
	}
	for i := range v.Register.Reports {
		if x := &v.Register.Reports[i]; strings.EqualFold(x.ID, strings.TrimSpace(r.Report)) {
			return GetReport200JSONResponse(standingShown(x, on(r.Params.On))), nil
		}
	}
	return nil, notFound.because("There is no report with this id.")
}

func standingShown(r *assurance.Report, day assurance.Day) ReportStanding {
	return ReportStanding{Report: *r, Name: r.Name(), Standing: ReportStandingStanding(r.Standing(day)), CurrentUntil: openapi_types.Date{Time: r.CurrentUntil().Time()}}
}
