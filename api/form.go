package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vouch/engine"
)

// Limits of the text fields of a form, in bytes.
const (
	maxFieldBytes  = 4_000
	maxLayoutBytes = 4 << 20
)

// fieldLayout is the field that may be large.
const fieldLayout = "layout"

// uploadForm is a file with what was said about it. It has to be removed.
type uploadForm struct {
	*upload
	fields map[string]string
}

// receiveForm reads a form of text fields and a file, in any order. The file is
// written to disk as it comes; all of it is in the hash of the request.
func (s *Server) receiveForm(ctx context.Context, parts *multipart.Reader, known ...string) (f *uploadForm, err error) {
	x := callOf(ctx)
	f = &uploadForm{fields: map[string]string{}}
	defer func() {
		if x.body.err != nil {
			err = unreadBody(x.body.err)
		}
		if err != nil && f.upload != nil {
			f.remove()
		}
	}()
	sum := ""
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, unreadable(err)
		}
		switch name := part.FormName(); {
		case name == "file":
			if sum, err = s.receiveFile(f, part); err != nil {
				return f, err
			}
		case slices.Contains(known, name):
			if err := f.take(name, part); err != nil {
				return f, err
			}
		default:
			return f, badRequest.because("The form has a part that is not known here.").at("/"+cut(name), "is not known here")
		}
	}
	if f.upload == nil {
		return f, badRequest.because("The form has no part named file.").at("/file", "is missing")
	}
	_ = http.NewResponseController(x.writer).SetReadDeadline(time.Time{})
	said := []string{f.name, sum}
	for _, name := range known {
		if value, ok := f.fields[name]; ok {
			said = append(said, name, value)
		}
	}
	x.hash = x.sum(fmt.Appendf(nil, "%q", said))
	return f, nil
}

func (s *Server) receiveFile(f *uploadForm, part *multipart.Part) (sum string, err error) {
	name := fileName(part.FileName())
	switch {
	case f.upload != nil:
		return "", badRequest.because("The form has two files.").at("/file", "must be one file")
	case name == "":
		return "", badRequest.because("The file has no name.").at("/file", "must have a file name")
	}
	f.upload, sum, err = s.store(part, name)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = unreadable(err)
	}
	return sum, err
}

// take reads a text field.
func (f *uploadForm) take(name string, part *multipart.Part) error {
	most := int64(maxFieldBytes)
	if name == fieldLayout {
		most = maxLayoutBytes
	}
	text, err := io.ReadAll(io.LimitReader(part, most+1))
	_, twice := f.fields[name]
	switch {
	case err != nil:
		return unreadable(err)
	case twice:
		return badRequest.because("The form has a field twice.").at("/"+name, "is there twice")
	case int64(len(text)) > most:
		return badRequest.because("A field of the form is too long.").at("/"+name, fmt.Sprintf("must have at most %d bytes", most))
	}
	f.fields[name] = strings.ToValidUTF8(string(text), "\uFFFD")
	return nil
}

// text returns a field without the blanks around it.
func (f *uploadForm) text(name string) string { return strings.TrimSpace(f.fields[name]) }

// yes returns a field that is true or false.
func (f *uploadForm) yes(name string, usual bool) (bool, error) {
	switch f.text(name) {
	case "":
		return usual, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, badRequest.because("A field of the form is not as the API has it.").at("/"+name, "must be one of true, false")
}

// layout reads the field of the layout with read, nil if there is none.
func (f *uploadForm) layout(read func(path string) (*engine.Layout, error)) (*engine.Layout, error) {
	if f.text(fieldLayout) == "" {
		return nil, nil //nolint:nilnil // none is wanted
	}
	dir, err := os.MkdirTemp(f.dir, "") // beside the file, which may have any name
	if err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	path := filepath.Join(dir, fieldLayout)
	if err := os.WriteFile(path, []byte(f.fields[fieldLayout]), 0o600); err != nil {
		return nil, fmt.Errorf("read layout: %w", err)
	}
	l, err := read(path)
	var refused *engine.RefusedError
	if errors.As(err, &refused) {
		return nil, badLayout.because("The layout cannot be used: %s.", refused.Is).at("/"+fieldLayout, refused.Is)
	}
	return l, err
}

// dayIn reads a day that may be empty, which is the zero time.
func dayIn(s, at string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, badRequest.because("There is no such day.").at(at, "must be a day such as 2026-12-31")
	}
	return t, nil
}
