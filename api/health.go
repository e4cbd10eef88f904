package api

import (
	"bytes"
	"context"
	"net/http"
	"time"
)

// readyWithin is how long the checks of readiness may take.
const readyWithin = 3 * time.Second

// GetHealth says that the process is alive.
func (s *Server) GetHealth(context.Context, GetHealthRequestObject) (GetHealthResponseObject, error) {
	return GetHealth200JSONResponse{Status: Ok}, nil
}

// GetReady says whether requests can be served. A reason names the check and
// nothing of the error, which is for the log.
func (s *Server) GetReady(ctx context.Context, _ GetReadyRequestObject) (GetReadyResponseObject, error) {
	ctx, cancel := context.WithTimeout(requestContext(ctx), readyWithin)
	defer cancel()
	var reasons []string
	select {
	case <-s.hub.done:
		reasons = append(reasons, "the server is about to stop")
	default:
	}
	for _, check := range s.Checks {
		if err := check.Ask(ctx); err != nil {
			s.Log.Warn("not ready", "check", check.Name, "error", err)
			reasons = append(reasons, check.Name)
		}
	}
	if len(reasons) > 0 {
		return GetReady503JSONResponse{Status: Unavailable, Reasons: reasons}, nil
	}
	return GetReady200JSONResponse{Status: Ok}, nil
}

// GetOpenAPI returns the contract.
func (s *Server) GetOpenAPI(context.Context, GetOpenAPIRequestObject) (GetOpenAPIResponseObject, error) {
	return contractReply(s.contract.json), nil
}

// GetReference returns the reference as a page.
func (s *Server) GetReference(ctx context.Context, _ GetReferenceRequestObject) (GetReferenceResponseObject, error) {
	callOf(ctx).writer.Header().Set("Content-Security-Policy", referencePolicy)
	return GetReference200TexthtmlResponse{Body: bytes.NewReader(s.reference), ContentLength: int64(len(s.reference))}, nil
}

// contractReply is the contract as it is sent.
type contractReply []byte

// VisitGetOpenAPIResponse writes the contract.
func (r contractReply) VisitGetOpenAPIResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(r)
	return err
}

// optional returns a header that may be missing.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
