package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vouch/engine"
)

// CreateExport writes the approved answers into a copy of the customer's file,
// keeps it, and records that it went out. The file is made before the
// transaction; where the answers have changed by then it is thrown away.
func (s *Server) CreateExport(ctx context.Context, r CreateExportRequestObject) (CreateExportResponseObject, error) {
	ctx = requestContext(ctx)
	if again, err := s.replayed(ctx, r.Params.IdempotencyKey); again || err != nil {
		return nil, err
	}
	who := callOf(ctx).who.Actor
	if !s.exports.enter(who) {
		return nil, &ProblemError{kind: tooManyExports, detail: "As many exports run as are written at once.", retry: 5 * time.Second}
	}
	defer s.exports.leave(who)
	within, cancel := context.WithTimeout(ctx, s.Limits.Export)
	defer cancel()
	file, plan, err := s.write(within, r.Workspace, r.Questionnaire, r.Body.AllowPartial)
	if err != nil && ctx.Err() == nil && errors.Is(within.Err(), context.DeadlineExceeded) {
		return nil, &ProblemError{kind: unavailable, detail: "The file could not be written in time.", retry: 5 * time.Second, cause: err}
	}
	if err != nil {
		return nil, err
	}
	defer file.remove()
	return once(ctx, s, r.Params.IdempotencyKey, CreateExportResponseObject.VisitCreateExportResponse, func(ctx context.Context, store engine.Store) (CreateExportResponseObject, error) {
		var e engine.Export
		err := store.InTx(ctx, func(tx engine.Tx) (err error) {
			if _, err = tx.PutFile(ctx, r.Workspace, file); err != nil {
				return err
			}
			in := engine.ExportInput{Questionnaire: r.Questionnaire, Partial: r.Body.AllowPartial, File: file.hash, Sent: plan.Sent}
			e, err = engine.RecordExport(ctx, engine.Joined(tx), r.Workspace, callOf(ctx).person(), in)
			return err
		})
		if errors.Is(err, engine.ErrStaleVersion) {
			return nil, conflict.because("Answers changed while the file was written. Nothing went out.")
		}
		if err != nil {
			return nil, err
		}
		at := callOf(ctx).request.URL.Path + "/" + e.ID + "/file"
		return CreateExport201JSONResponse{Body: exportShown(&e), Headers: CreateExport201ResponseHeaders{Location: at}}, nil
	})
}

// written is an answered file, in a folder of its own. It has to be removed.
type written struct {
	*os.File
	dir  string
	hash string
}

func (w *written) remove() {
	_ = w.Close()
	os.RemoveAll(w.dir)
}

// write makes the answered file of a questionnaire, if nothing hinders it.
func (s *Server) write(ctx context.Context, workspace, id string, partial bool) (*written, *engine.ExportPlan, error) {
	q, err := s.questionnaire(ctx, workspace, id)
	if err != nil {
		return nil, nil, err
	}
	if q.State != engine.QuestionnaireOpen {
		return nil, nil, engine.ErrWithdrawn
	}
	answers, err := s.Store.Answers(ctx, workspace, id, engine.AnswerFilter{})
	if err != nil {
		return nil, nil, err
	}
	plan := engine.PrepareExport(&q, answers)
	if !plan.IsComplete() && !partial {
		f := incomplete.because("%d of %d answers are neither approved nor left empty.", len(plan.Open), q.Questions)
		f.current = openShown(plan.Open)
		return nil, nil, f
	}
	dir, src, err := s.fetch(ctx, workspace, &q)
	if err != nil {
		return nil, nil, err
	}
	w := &written{dir: dir}
	if err := w.make(ctx, s, src, &plan); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return w, &plan, nil
}

// make writes the values of a plan, and takes the hash of what came of it.
func (w *written) make(ctx context.Context, s *Server, src string, plan *engine.ExportPlan) error {
	out := filepath.Join(w.dir, "answered")
	if err := os.Mkdir(out, 0o700); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	dst := filepath.Join(out, filepath.Base(src))
	if err := s.WriteAnswers(ctx, src, dst, plan.Values, plan.Overwrite); err != nil {
		return err
	}
	f, err := os.Open(dst)
	if err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return errors.Join(fmt.Errorf("write export: %w", err), f.Close())
	}
	w.File, w.hash = f, hex.EncodeToString(sum.Sum(nil))
	return nil
}

// openAnswer is an answer that hinders an export.
type openAnswer struct {
	N     int                `json:"n"`
	Ref   string             `json:"ref,omitempty"`
	State engine.AnswerState `json:"state"`
}

func openShown(list []engine.OpenAnswer) []openAnswer {
	out := make([]openAnswer, len(list))
	for i, o := range list {
		out[i] = openAnswer(o)
	}
	return out
}

// ListExports lists each time that the answers went out.
func (s *Server) ListExports(ctx context.Context, r ListExportsRequestObject) (ListExportsResponseObject, error) {
	ctx = requestContext(ctx)
	if _, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire); err != nil {
		return nil, err
	}
	list, err := s.Store.Exports(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	out := ListExports200JSONResponse{Exports: make([]Export, len(list))}
	for i := range list {
		out.Exports[i] = exportShown(&list[i])
	}
	return out, nil
}

// GetExportFile sends a file as it went out.
func (s *Server) GetExportFile(ctx context.Context, r GetExportFileRequestObject) (GetExportFileResponseObject, error) {
	ctx = requestContext(ctx)
	q, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Exports(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(e engine.Export) bool { return e.ID == r.Export })
	if i < 0 {
		return nil, notFound.because("There is no export with this id of this questionnaire.")
	}
	file, size, err := s.Store.File(ctx, r.Workspace, list[i].File)
	if err != nil {
		return nil, err
	}
	return GetExportFile200ApplicationoctetStreamResponse{Body: file, ContentLength: size, Headers: GetExportFile200ResponseHeaders{ContentDisposition: attachment(&q)}}, nil
}

func exportShown(e *engine.Export) Export {
	return Export{Id: e.ID, Questionnaire: e.Questionnaire, At: e.At, By: e.By, Partial: e.Partial, File: e.File, Sent: len(e.Sent), Open: append([]int{}, e.Open...)}
}
