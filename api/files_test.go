package api

import (
	"context"
	"io"
	"iter"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers"
	"vouch/importers/list"
	"vouch/importers/register"
	"vouch/index"
)

// libraryFiles reads and writes for the API what the commands read and write.
func libraryFiles() LibraryFiles {
	return LibraryFiles{
		ReadControls: readControlUpload, ReadRegister: readRegisterUpload,
		WriteEntries: writeEntryList, WriteControls: writeControlList, CheckLexicon: checkLexicon,
	}
}

func readControlUpload(ctx context.Context, path string) (ControlFile, error) {
	l, err := importers.ReadControls(ctx, path)
	if err != nil {
		return ControlFile{}, err
	}
	return ControlFile{Controls: l.Controls, Refused: rowNotes(l.Problems, false), Notes: rowNotes(l.Problems, true)}, nil
}

func readRegisterUpload(ctx context.Context, path string) (RegisterFile, []FieldError, error) {
	parts, problems, err := importers.ReadRegisterParts(ctx, path)
	return registerParts(parts), problemErrors(problems), err
}

// registerParts is what a file says of a register.
type registerParts []*register.Part

// Over lays it over what is stored.
func (p registerParts) Over(stored *assurance.Register) (*assurance.Register, []FieldError) {
	next, problems := register.JoinOver(stored, p...)
	return next, problemErrors(problems)
}

func problemErrors(problems []register.Problem) (out []FieldError) {
	for _, p := range problems {
		out = append(out, FieldError{File: p.Place.File, At: p.Place.At, Line: p.Place.Line, Column: p.Place.Column, Field: p.Path, Detail: p.Text})
	}
	return out
}

func writeEntryList(w io.Writer, format string, entries iter.Seq2[engine.Entry, error]) error {
	if format == "json" {
		return list.StreamEntriesJSON(w, entries)
	}
	return list.StreamEntriesCSV(w, entries)
}

func writeControlList(w io.Writer, format, company string, controls []engine.Control) error {
	switch format {
	case "csv":
		return list.WriteControlsCSV(w, controls)
	case "json":
		return list.WriteControlsJSON(w, controls)
	}
	assured := make([]assurance.Control, len(controls))
	for i := range controls {
		assured[i] = controls[i].Assured()
	}
	return register.WriteOSCAL(w, company, assured, time.Now().Truncate(time.Second))
}

// checkLexicon says which of a workspace's own lines do not fit the shipped
// lexicon.
func checkLexicon(text string) ([]FieldError, error) {
	l, err := index.DefaultLexicon()
	if err != nil {
		return nil, err
	}
	_, problems := l.Overlay(text)
	var out []FieldError
	for _, p := range problems {
		out = append(out, FieldError{Pointer: "/text", Line: p.Line, Detail: p.Text})
	}
	return out, nil
}

func rowNotes(problems []list.Problem, taken bool) (out []RowNote) {
	for _, p := range problems {
		if p.Taken == taken {
			out = append(out, RowNote{Place: p.Place, Reason: p.Text})
		}
	}
	return out
}
