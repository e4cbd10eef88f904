package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vouch/engine"
)

// upload is a file that was sent, in a folder of its own under its own name:
// readers tell formats by it and name it in what they say.
type upload struct {
	dir  string
	path string
	name string
}

// receive writes the part `file` of a form to disk as it comes, and adds its
// content to the hash of the request. Nothing of it is kept in memory. It has
// to be removed.
func (s *Server) receive(ctx context.Context, form *multipart.Reader) (*upload, error) {
	x := callOf(ctx)
	part, err := form.NextPart()
	switch {
	case x.body.err != nil:
		return nil, unreadBody(x.body.err)
	case errors.Is(err, io.EOF):
		return nil, badRequest.because("The form has no part named file.").at("/file", "is missing")
	case err != nil:
		return nil, unreadable(err)
	case part.FormName() != "file":
		return nil, badRequest.because("The form has a part that is not known here.").at("/"+cut(part.FormName()), "is not known here")
	}
	name := fileName(part.FileName())
	if name == "" {
		return nil, badRequest.because("The file has no name.").at("/file", "must have a file name")
	}
	u, sum, err := s.store(part, name)
	switch {
	case x.body.err != nil:
		if u != nil {
			u.remove()
		}
		return nil, unreadBody(x.body.err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, unreadable(err)
	case err != nil:
		return nil, err
	}
	_ = http.NewResponseController(x.writer).SetReadDeadline(time.Time{})
	x.hash = x.sum([]byte(name + "\n" + sum))
	return u, nil
}

// store writes a file.
func (s *Server) store(r io.Reader, name string) (_ *upload, sum string, err error) {
	dir, err := os.MkdirTemp(s.Temp, "vouch-upload-")
	if err != nil {
		return nil, "", fmt.Errorf("store upload: %w", err)
	}
	u := &upload{dir: dir, path: filepath.Join(dir, name), name: name}
	defer func() {
		if err != nil {
			u.remove()
		}
	}()
	f, err := os.OpenFile(u.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("store upload: %w", err)
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, hash), r)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, "", fmt.Errorf("store upload: %w", err)
	}
	return u, hex.EncodeToString(hash.Sum(nil)), nil
}

func (u *upload) remove() { os.RemoveAll(u.dir) }

// wire is the body of a request, and remembers how the connection failed: what
// reads from it words that in its own way, or takes it for a fault of the form.
type wire struct {
	io.ReadCloser
	err error
}

// Read reads from the connection.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// maxNameBytes is what every file system takes.
const maxNameBytes = 200

// fileName returns the base name of a file as it was sent, without what could
// lead out of its folder or hide in a log; "" if nothing is left.
func fileName(sent string) string {
	name := sent[strings.LastIndexAny(sent, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, ". ")
	if ext := filepath.Ext(name); len(name) > maxNameBytes && len(ext) < 20 {
		name = strings.ToValidUTF8(name[:maxNameBytes-len(ext)], "") + ext
	}
	return name[:min(len(name), maxNameBytes)]
}

// ImportEntries takes the past answers of a file.
func (s *Server) ImportEntries(ctx context.Context, r ImportEntriesRequestObject) (ImportEntriesResponseObject, error) {
	ctx = requestContext(ctx)
	u, err := s.receive(ctx, r.Body)
	if err != nil {
		return nil, err
	}
	defer u.remove()
	file, err := s.ReadEntries(ctx, u.path)
	if err != nil {
		return nil, err
	}
	return once(ctx, s, r.Params.IdempotencyKey, ImportEntriesResponseObject.VisitImportEntriesResponse, func(ctx context.Context, store engine.Store) (ImportEntriesResponseObject, error) {
		report, err := changing(ctx, store, r.Workspace, func(store engine.Store) (engine.ImportReport, engine.StaleCheck, error) {
			report, err := engine.ImportEntries(ctx, store, r.Workspace, file.Entries)
			return report, engine.StaleCheck{Entries: changedBy(&report)}, err
		})
		if err != nil {
			return nil, err
		}
		return ImportEntries200JSONResponse(importShown(u.name, &report, file.Refused, file.Notes)), nil
	})
}
