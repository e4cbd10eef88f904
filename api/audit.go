package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"vouch/engine"
)

// ListAuditEvents lists the audit log, oldest first.
func (s *Server) ListAuditEvents(ctx context.Context, r ListAuditEventsRequestObject) (ListAuditEventsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	seq := int64(0)
	if after != "" {
		if seq, err = strconv.ParseInt(after, 10, 64); err != nil {
			return nil, badCursor.because("after is no cursor of this API.")
		}
	}
	list, err := s.Store.AuditPage(ctx, r.Workspace, seq, r.Params.Limit+1)
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(e *engine.AuditEvent) string { return strconv.FormatInt(e.Seq, 10) })
	return ListAuditEvents200JSONResponse{Body: AuditPage{Events: append([]AuditEvent{}, shown...), Next: next}, Headers: ListAuditEvents200ResponseHeaders{Link: optional(link)}}, nil
}

// VerifyAudit verifies the audit log.
func (s *Server) VerifyAudit(ctx context.Context, r VerifyAuditRequestObject) (VerifyAuditResponseObject, error) {
	var checkpoint *engine.AuditHead
	if r.Params.Checkpoint != "" {
		h, err := engine.ParseAuditHead(r.Params.Checkpoint)
		if err != nil {
			f := badRequest.because("checkpoint is no head of an audit log.")
			f.errors = []FieldError{{Parameter: "checkpoint", Detail: "must be COUNT:HASH, as an earlier verification has it"}}
			return nil, f
		}
		checkpoint = &h
	}
	report, err := engine.VerifyAudit(requestContext(ctx), s.Store, r.Workspace, checkpoint)
	if err != nil {
		return nil, err
	}
	return VerifyAudit200JSONResponse(report), nil
}

// ExportAudit exports the audit log as JSON Lines.
func (s *Server) ExportAudit(ctx context.Context, r ExportAuditRequestObject) (ExportAuditResponseObject, error) {
	return auditLines{requestContext(ctx), s, r.Workspace, r.Params.AfterSeq}, nil
}

// auditLines is a log of any length, written page by page.
type auditLines struct {
	ctx       context.Context
	s         *Server
	workspace string
	after     int64
}

// VisitExportAuditResponse writes the log.
func (a auditLines) VisitExportAuditResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.jsonl"`)
	lines := json.NewEncoder(w)
	deadlines := http.NewResponseController(w)
	for {
		list, err := a.s.Store.AuditPage(a.ctx, a.workspace, a.after, 1000)
		if err != nil {
			return err
		}
		if err := deadlines.SetWriteDeadline(time.Now().Add(6 * a.s.Limits.Write)); err != nil {
			return err
		}
		for i := range list {
			if err := lines.Encode(list[i]); err != nil {
				return err
			}
			a.after = list[i].Seq
		}
		if len(list) < 1000 {
			return nil
		}
	}
}
