package importers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"vouch/engine"
	"vouch/importers/atomicfile"
)

// maxLayoutBytes bounds a layout file; the largest real one has 60 KB.
const maxLayoutBytes = 4 << 20

// layoutHeader explains a layout file to the person who opens it.
const layoutHeader = `# What vouch understood of this questionnaire. Correct it and pass it back with
# --layout; files of the same shape are then read the same way.
#
# Each table is a block of rows that share the meaning of their columns.
#   heading  the rows of column headings, 0 if there are none
#   rows     the rows below: questions, section titles, notes
#   exclude  rows that are no questions, whatever they look like: [12, 40]
#   include  rows that are questions, whatever they look like
# Roles: ref, question, section, guidance; filled by vouch: answer, mark (one of
# several columns gets a mark; options names what the column stands for),
# explanation, ownership, evidence, maturity, customer, date, number; never
# written: analyst, reference, ignore. append: true adds the column.
`

// EncodeLayout returns the layout as a file for people.
func EncodeLayout(l *engine.Layout) ([]byte, error) {
	body, err := yaml.MarshalWithOptions(l, yaml.IndentSequence(false))
	if err != nil {
		return nil, fmt.Errorf("encode layout: %w", err)
	}
	return append([]byte(layoutHeader), body...), nil
}

// ReadLayout reads and checks a layout file that a person may have changed.
// Faults are refused with line and column.
func ReadLayout(path string) (*engine.Layout, error) {
	data, err := readAll(path, maxLayoutBytes)
	if err != nil {
		return nil, err
	}
	refuse := func(is string) error {
		return &engine.RefusedError{File: filepath.Base(path), Is: is, Do: "write a new one with vouch inspect --save-layout and correct that"}
	}
	var l engine.Layout
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField())
	if err := dec.Decode(&l); err != nil {
		var at yaml.Error
		if errors.As(err, &at) && at.GetToken() != nil {
			p := at.GetToken().Position
			return nil, refuse(fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, at.GetMessage()))
		}
		return nil, refuse("it is no layout file")
	}
	if err := l.Validate(); err != nil {
		return nil, refuse(err.Error())
	}
	return &l, nil
}

// WriteLayout writes the layout to path, in place of what is there, whole or
// not at all.
func WriteLayout(ctx context.Context, path string, l *engine.Layout) error {
	data, err := EncodeLayout(l)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(ctx, path, data)
}
