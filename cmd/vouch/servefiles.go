package main

import (
	"context"
	"io"
	"iter"
	"time"

	"vouch/api"
	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers"
	"vouch/importers/list"
	"vouch/importers/register"
	"vouch/index"
)

// libraryFiles reads and writes for the API what the commands read and write.
func libraryFiles() api.LibraryFiles {
	return api.LibraryFiles{
		ReadControls: readControlUpload, ReadRegister: readRegisterUpload,
		WriteEntries: writeEntryList, WriteControls: writeControlList, CheckLexicon: checkLexicon,
	}
}

func readControlUpload(ctx context.Context, path string) (api.ControlFile, error) {
	l, err := importers.ReadControls(ctx, path)
	if err != nil {
		return api.ControlFile{}, err
	}
	return api.ControlFile{Controls: l.Controls, Refused: rowNotes(l.Problems, false), Notes: rowNotes(l.Problems, true)}, nil
}

func readRegisterUpload(ctx context.Context, path string) (api.RegisterFile, []api.FieldError, error) {
	parts, problems, err := importers.ReadRegisterParts(ctx, path)
	return registerParts(parts), fieldErrors(problems), err
}

// registerParts is what a file says of a register.
type registerParts []*register.Part

// Over lays it over what is stored.
func (p registerParts) Over(stored *assurance.Register) (*assurance.Register, []api.FieldError) {
	next, problems := register.JoinOver(stored, p...)
	return next, fieldErrors(problems)
}

func fieldErrors(problems []register.Problem) (out []api.FieldError) {
	for _, p := range problems {
		out = append(out, api.FieldError{File: p.Place.File, At: p.Place.At, Line: p.Place.Line, Column: p.Place.Column, Field: p.Path, Detail: p.Text})
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
func checkLexicon(text string) ([]api.FieldError, error) {
	l, err := index.DefaultLexicon()
	if err != nil {
		return nil, err
	}
	_, problems := l.Overlay(text)
	var out []api.FieldError
	for _, p := range problems {
		out = append(out, api.FieldError{Pointer: "/text", Line: p.Line, Detail: p.Text})
	}
	return out, nil
}
