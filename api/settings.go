package api

import (
	"context"
	"errors"

	"vouch/engine"
	"vouch/engine/assurance"
)

// GetSettings reads the settings of a workspace.
func (s *Server) GetSettings(ctx context.Context, r GetSettingsRequestObject) (GetSettingsResponseObject, error) {
	x, err := s.Store.Settings(requestContext(ctx), r.Workspace)
	if err != nil {
		return nil, err
	}
	return GetSettings200JSONResponse{Body: x, Headers: GetSettings200ResponseHeaders{ETag: etag(x.Version)}}, nil
}

// ChangeSettings stores the next version of the settings.
func (s *Server) ChangeSettings(ctx context.Context, r ChangeSettingsRequestObject) (ChangeSettingsResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "the settings")
	if err != nil {
		return nil, err
	}
	b := r.Body
	x := engine.Settings{
		Version: version, FourEyes: b.FourEyes, MinConfidence: b.MinConfidence, MaxAgeDays: b.MaxAgeDays,
		Citations: assurance.Style(b.Citations), Propose: b.Propose,
	}
	x, err = engine.ChangeSettings(ctx, s.Store, r.Workspace, callOf(ctx).person(), x)
	if errors.Is(err, engine.ErrStaleVersion) {
		current, err := s.Store.Settings(ctx, r.Workspace)
		if err != nil {
			return nil, err
		}
		return nil, changedMeanwhile("settings", current.Version, current)
	}
	if err != nil {
		return nil, err
	}
	return ChangeSettings200JSONResponse{Body: x, Headers: ChangeSettings200ResponseHeaders{ETag: etag(x.Version)}}, nil
}
