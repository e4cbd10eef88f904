package api

import (
	"context"

	"vouch/engine"
)

// GetPresence says who looks at a questionnaire.
func (s *Server) GetPresence(ctx context.Context, r GetPresenceRequestObject) (GetPresenceResponseObject, error) {
	ctx = requestContext(ctx)
	if _, err := engine.QuestionnaireOf(ctx, s.Store, r.Workspace, r.Questionnaire); err != nil {
		return nil, err
	}
	list, err := s.Store.Presences(ctx, r.Workspace, r.Questionnaire, engine.PresenceKept)
	if err != nil {
		return nil, err
	}
	return GetPresence200JSONResponse{Looking: lookingShown(list)}, nil
}

// PutPresence says where the caller looks.
func (s *Server) PutPresence(ctx context.Context, r PutPresenceRequestObject) (PutPresenceResponseObject, error) {
	ctx = requestContext(ctx)
	list, err := engine.LookAt(ctx, s.Store, r.Workspace, callOf(ctx).person(), r.Questionnaire, r.Body.N)
	if err != nil {
		return nil, err
	}
	return PutPresence200JSONResponse{Looking: lookingShown(list)}, nil
}

func lookingShown(list []engine.Presence) []Looking {
	out := make([]Looking, len(list))
	for i := range list {
		out[i] = Looking{N: list[i].N, User: list[i].User, SeenAt: list[i].SeenAt}
	}
	return out
}
