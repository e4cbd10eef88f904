package api

import (
	"context"

	"vouch/engine"
)

// ImportRegister lays a file over the register: all of it or, with any problem,
// nothing. The file is read before the transaction, and laid over what is there
// then, so that what others change meanwhile stays.
func (s *Server) ImportRegister(ctx context.Context, r ImportRegisterRequestObject) (ImportRegisterResponseObject, error) {
	ctx = requestContext(ctx)
	u, err := s.receive(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	defer u.remove()
	file, wrong, err := s.Files.ReadRegister(ctx, u.path)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, problemsIn(wrong)
	}
	return once(ctx, s, r.Params.IdempotencyKey, ImportRegisterResponseObject.VisitImportRegisterResponse, func(ctx context.Context, store engine.Store) (ImportRegisterResponseObject, error) {
		change, err := changing(ctx, store, r.Workspace, func(store engine.Store) (engine.RegisterChange, engine.StaleCheck, error) {
			return layOver(ctx, store, r.Workspace, file, u.name)
		})
		if err != nil {
			return nil, err
		}
		return ImportRegister200JSONResponse{
			File: u.name, Version: change.Version, Reports: ChangeCount(change.Reports), Evidence: ChangeCount(change.Evidence),
			Controls: ChangeCount{Added: change.Controls.Added, Changed: change.Controls.Changed, Unchanged: change.Controls.Unchanged},
		}, nil
	})
}

// layOver lays a file over the register of a workspace. Reports that it replaces
// may have lapsed, so all answers are looked at.
func layOver(ctx context.Context, store engine.Store, workspace string, file RegisterFile, name string) (change engine.RegisterChange, check engine.StaleCheck, err error) {
	stored, version, err := engine.ReadRegister(ctx, store, workspace)
	if err != nil {
		return change, check, err
	}
	next, wrong := file.Over(&stored)
	if len(wrong) > 0 {
		return change, check, problemsIn(wrong)
	}
	change, err = engine.PutRegister(ctx, store, workspace, version, next, name)
	return change, engine.StaleCheck{Controls: changedBy(&change.Controls), Day: on(noDay).Time()}, err
}

// problemsIn says what is wrong in a file, as far as a reply can.
func problemsIn(wrong []FieldError) *ProblemError {
	f := fileRefused.because("The file was not taken, because of %d problems in it; errors says where they are.", len(wrong))
	f.errors = wrong[:min(len(wrong), maxFileErrors)]
	return f
}

// maxFileErrors bounds how many problems of a file are named.
const maxFileErrors = 200
