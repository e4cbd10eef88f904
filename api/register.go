package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine"
	"vouch/engine/assurance"
)

// GetRegister reads the register, without the controls.
func (s *Server) GetRegister(ctx context.Context, r GetRegisterRequestObject) (GetRegisterResponseObject, error) {
	v, err := s.Store.RegisterVersion(requestContext(ctx), r.Workspace)
	if err != nil {
		return nil, err
	}
	out := Register{
		Version: v.Version, Company: v.Register.Company, Customers: v.Register.Customers,
		Reports: append([]Report{}, v.Register.Reports...), Evidence: append([]Evidence{}, v.Register.Evidence...),
	}
	return GetRegister200JSONResponse{Body: out, Headers: GetRegister200ResponseHeaders{ETag: etag(v.Version)}}, nil
}

// AskReports answers a question from the register.
func (s *Server) AskReports(ctx context.Context, r AskReportsRequestObject) (AskReportsResponseObject, error) {
	register, _, err := engine.ReadRegister(requestContext(ctx), s.Store, r.Workspace)
	if err != nil {
		return nil, err
	}
	b := r.Body
	reply, ok := register.Reply(b.Question, assurance.Reader{Name: b.Customer, NDA: b.Nda, Public: b.Public}, on(b.On))
	out := AskReports200JSONResponse{AboutReports: ok}
	if ok {
		out.Reply = Reply{Topics: append([]string{}, reply.Topics...), Verdict: reply.Verdict, Text: reply.Text, Cites: reply.Cites}
	}
	return out, nil
}

// CheckClaim holds a text against the register.
func (s *Server) CheckClaim(ctx context.Context, r CheckClaimRequestObject) (CheckClaimResponseObject, error) {
	register, _, err := engine.ReadRegister(requestContext(ctx), s.Store, r.Workspace)
	if err != nil {
		return nil, err
	}
	b := r.Body
	statement := assurance.Statement{
		Question: b.Question, Verdict: string(b.Verdict), Text: b.Text,
		Reader: assurance.Reader{Name: b.Customer, NDA: b.Nda, Public: b.Public},
	}
	for i, id := range b.Cites {
		cite, ok := register.CiteOf(id)
		if !ok {
			return nil, invalid.because("There is no control and no report that one of cites names.").at(fmt.Sprintf("/cites/%d", i), "names no control and no report")
		}
		statement.Cites = append(statement.Cites, cite)
	}
	found := assurance.NewChecker(&register, on(b.On)).Check(statement)
	blocked := slices.ContainsFunc(found, func(f assurance.Finding) bool { return f.Severity == assurance.Block })
	return CheckClaim200JSONResponse{Blocked: blocked, Findings: append([]Finding{}, found...)}, nil
}

// on returns the day that a request names, today if it names none.
func on(d openapi_types.Date) assurance.Day {
	if d.IsZero() {
		return assurance.DayOf(time.Now())
	}
	return assurance.DayOf(d.Time)
}
