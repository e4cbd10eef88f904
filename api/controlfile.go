package api

import (
	"context"
	"net/http"

	"vouch/engine"
)

// ImportControls takes the controls of a file.
func (s *Server) ImportControls(ctx context.Context, r ImportControlsRequestObject) (ImportControlsResponseObject, error) {
	ctx = requestContext(ctx)
	u, err := s.receive(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	defer u.remove()
	file, err := s.Files.ReadControls(ctx, u.path)
	if err != nil {
		return nil, err
	}
	return once(ctx, s, r.Params.IdempotencyKey, ImportControlsResponseObject.VisitImportControlsResponse, func(ctx context.Context, store engine.Store) (ImportControlsResponseObject, error) {
		report, err := changing(ctx, store, r.Workspace, func(store engine.Store) (engine.ImportReport, engine.StaleCheck, error) {
			report, err := engine.ImportControls(ctx, store, r.Workspace, file.Controls)
			return report, engine.StaleCheck{Controls: changedBy(&report)}, err
		})
		if err != nil {
			return nil, err
		}
		return ImportControls200JSONResponse(importShown(u.name, &report, file.Refused, file.Notes)), nil
	})
}

// importShown returns what became of the rows of a file.
func importShown(name string, report *engine.ImportReport, refused, notes []RowNote) ImportResult {
	out := ImportResult{
		File: name, Added: report.Added, Changed: report.Changed, Unchanged: report.Unchanged,
		Refused: append([]RowNote{}, refused...), Notes: append([]RowNote{}, notes...),
	}
	for _, x := range report.Refused {
		out.Refused = append(out.Refused, RowNote{Place: x.Place, Ref: x.Ref, Reason: x.Reason})
	}
	return out
}

// ExportControls writes all controls as a file.
func (s *Server) ExportControls(ctx context.Context, r ExportControlsRequestObject) (ExportControlsResponseObject, error) {
	ctx = requestContext(ctx)
	list := controlList{s: s, format: string(r.Params.Format)}
	err := s.Store.InSnapshot(ctx, func(tx engine.Tx) error {
		v, err := tx.RegisterVersion(ctx, r.Workspace)
		if err != nil {
			return err
		}
		list.company = v.Register.Company
		for c, err := range tx.AllControls(ctx, r.Workspace, engine.ControlFilter{}) {
			if err != nil {
				return err
			}
			list.controls = append(list.controls, c)
		}
		return nil
	})
	return list, err
}

// controlList is all controls of a workspace, to be written as a file.
type controlList struct {
	s               *Server
	format, company string
	controls        []engine.Control
}

// VisitExportControlsResponse writes the file.
func (l controlList) VisitExportControlsResponse(w http.ResponseWriter) error {
	out := l.s.patient(w)
	name := "controls." + l.format
	if l.format == "oscal" {
		name += ".json"
	}
	out.file(listTypes[l.format], name)
	return l.s.Files.WriteControls(out, l.format, l.company, l.controls)
}
