package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"vouch/engine"
)

// GetQuestionnaireFile sends the customer's file as it came.
func (s *Server) GetQuestionnaireFile(ctx context.Context, r GetQuestionnaireFileRequestObject) (GetQuestionnaireFileResponseObject, error) {
	ctx = requestContext(ctx)
	q, err := s.questionnaire(ctx, r.Workspace, r.Questionnaire)
	if err != nil {
		return nil, err
	}
	file, size, err := s.Store.File(ctx, r.Workspace, q.File)
	if err != nil {
		return nil, err
	}
	return GetQuestionnaireFile200ApplicationoctetStreamResponse{
		Body: file, ContentLength: size, Headers: GetQuestionnaireFile200ResponseHeaders{ContentDisposition: attachment(&q)},
	}, nil
}

// attachment is the header that has a file saved and never shown, under a name
// that leads nowhere.
func attachment(q *engine.StoredQuestionnaire) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": nameOf(q)})
}

// nameOf is the name of a questionnaire as that of a file. People may have
// changed it.
func nameOf(q *engine.StoredQuestionnaire) string {
	name := fileName(q.Name)
	if ext := strings.ToLower(filepath.Ext(name)); ext == "" || strings.TrimPrefix(ext, ".") != q.Format && ext != ".xlsm" {
		name = fileName(cutName(name) + "." + q.Format)
	}
	return name
}

// cutName leaves room for an ending.
func cutName(name string) string {
	if name == "" {
		return "questionnaire"
	}
	return strings.ToValidUTF8(name[:min(len(name), maxNameBytes-10)], "")
}

// fetch writes the customer's file into a folder of its own, which has to be
// removed.
func (s *Server) fetch(ctx context.Context, workspace string, q *engine.StoredQuestionnaire) (dir, path string, err error) {
	file, _, err := s.Store.File(ctx, workspace, q.File)
	if err != nil {
		return "", "", err
	}
	if dir, err = os.MkdirTemp(s.Temp, "vouch-file-"); err != nil {
		return "", "", fmt.Errorf("fetch file: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	path = filepath.Join(dir, nameOf(q))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", "", fmt.Errorf("fetch file: %w", err)
	}
	_, err = io.Copy(f, file)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", "", fmt.Errorf("fetch file: %w", err)
	}
	return dir, path, nil
}
