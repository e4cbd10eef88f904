package api

import (
	"context"

	"vouch/engine"
)

// GetLexicon reads the workspace's own lines.
func (s *Server) GetLexicon(ctx context.Context, r GetLexiconRequestObject) (GetLexiconResponseObject, error) {
	t, err := s.Store.Tuning(requestContext(ctx), r.Workspace)
	if err != nil {
		return nil, err
	}
	return GetLexicon200JSONResponse{Body: Lexicon{t.Lexicon}, Headers: GetLexicon200ResponseHeaders{ETag: etagOf(t.LexiconAuditHash())}}, nil
}

// PutLexicon changes them, if all fit.
func (s *Server) PutLexicon(ctx context.Context, r PutLexiconRequestObject) (PutLexiconResponseObject, error) {
	ctx = requestContext(ctx)
	next := engine.Tuning{Lexicon: r.Body.Text}
	if err := next.Validate(); err != nil {
		return nil, err
	}
	wrong, err := s.Files.CheckLexicon(next.Lexicon)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		f := invalid.because("Lines of the lexicon do not fit; nothing was stored.")
		f.errors = wrong[:min(len(wrong), maxFieldErrors)]
		return nil, f
	}
	err = s.Store.InTx(ctx, func(tx engine.Tx) error {
		old, err := tx.Tuning(ctx, r.Workspace)
		if err != nil {
			return err
		}
		tag := etagOf(old.LexiconAuditHash())
		if err := sameTag(r.Params.IfMatch, tag, "lexicon", Lexicon{old.Lexicon}); err != nil {
			return err
		}
		return tx.PutLexicon(ctx, r.Workspace, next.Lexicon)
	})
	if err != nil {
		return nil, err
	}
	return PutLexicon200JSONResponse{Body: *r.Body, Headers: PutLexicon200ResponseHeaders{ETag: etagOf(next.LexiconAuditHash())}}, nil
}

// GetCalibration reads the workspace's own calibration.
func (s *Server) GetCalibration(ctx context.Context, r GetCalibrationRequestObject) (GetCalibrationResponseObject, error) {
	t, err := s.Store.Tuning(requestContext(ctx), r.Workspace)
	if err != nil {
		return nil, err
	}
	return GetCalibration200JSONResponse{Body: CalibrationState{t.Calibration}, Headers: GetCalibration200ResponseHeaders{ETag: etagOf(t.CalibrationAuditHash())}}, nil
}

// PutCalibration changes it, or returns to the shipped one.
func (s *Server) PutCalibration(ctx context.Context, r PutCalibrationRequestObject) (PutCalibrationResponseObject, error) {
	ctx = requestContext(ctx)
	if c := r.Body.Calibration; c != nil {
		if err := c.Validate(); err != nil {
			return nil, invalid.because("It cannot be stored: %s.", err).at("/calibration", err.Error())
		}
	}
	var stored engine.Tuning
	err := s.Store.InTx(ctx, func(tx engine.Tx) error {
		old, err := tx.Tuning(ctx, r.Workspace)
		if err != nil {
			return err
		}
		tag := etagOf(old.CalibrationAuditHash())
		if err := sameTag(r.Params.IfMatch, tag, "calibration", CalibrationState{old.Calibration}); err != nil {
			return err
		}
		if err := tx.PutCalibration(ctx, r.Workspace, r.Body.Calibration); err != nil {
			return err
		}
		stored, err = tx.Tuning(ctx, r.Workspace)
		return err
	})
	if err != nil {
		return nil, err
	}
	return PutCalibration200JSONResponse{Body: CalibrationState{stored.Calibration}, Headers: PutCalibration200ResponseHeaders{ETag: etagOf(stored.CalibrationAuditHash())}}, nil
}
