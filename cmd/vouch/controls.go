package main

import (
	"context"
	"fmt"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/store"
	"vouch/importers"
)

// controlsCmd groups what is done with control descriptions.
type controlsCmd struct {
	Import controlsImportCmd `cmd:"" help:"Take control descriptions from lists (CSV, XLSX, JSON), OSCAL and register files (JSON, YAML)."`
	List   controlsListCmd   `cmd:"" help:"List the controls."`
	Show   controlsShowCmd   `cmd:"" help:"Show a control with its evidence, its tests, and what customers were told about it."`
	Export controlsExportCmd `cmd:"" help:"Write the controls to a file that can be imported again, also as OSCAL."`
}

// controlsImportCmd imports controls.
type controlsImportCmd struct {
	Files  []string `arg:"" name:"file" help:"Lists with the headings id, domain, title, description, criteria, owner, frequency, status, planned, in any order; OSCAL component definitions and catalogs; register files." type:"path"`
	Format string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *controlsImportCmd) Help() string {
	return `Status is implemented, partial, planned, not_applicable or retired; planned says what is to come, and until when, of partial and planned ones.

Of lists each row that cannot be taken is named, and the others are stored; what a list leaves empty, or has no column for, stays as it was. Of OSCAL and register files nothing is stored if anything is wrong, and every problem is printed as FILE:LINE:COLUMN: field: what is wrong and what is accepted. From a register file the controls are taken and no more; "vouch reports import" takes all of it. The controls of an OSCAL catalog count as planned until a status is stated: a catalog says what is to be done, not that it is.`
}

// Run is called by kong.
func (c *controlsImportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	var lists []string
	var reports []fileReport
	for _, file := range c.Files {
		is, err := importers.IsRegister(ctx, file)
		if err != nil {
			return err
		}
		if !is {
			lists = append(lists, file)
			continue
		}
		r, err := importRegisterControls(ctx, g, t, file)
		if err != nil {
			return err
		}
		if reports = append(reports, r); c.Format == "table" && !g.Quiet {
			writeImport(t, r)
		}
	}
	if len(lists) == 0 {
		if c.Format == "json" {
			return writeJSON(t.out, reports)
		}
		return nil
	}
	return runImport(ctx, g, t, lists, c.Format, importControls, reports...)
}

// importRegisterControls takes the controls of one file, all of them or none.
func importRegisterControls(ctx context.Context, g *global, t *terminal, file string) (fileReport, error) {
	change, _, problems, err := layOver(ctx, g, t, []string{file}, func(stored, next *assurance.Register) *assurance.Register {
		r := *stored
		r.Controls = next.Controls
		return &r
	})
	switch {
	case err != nil:
		return fileReport{}, err
	case len(problems) > 0:
		return fileReport{}, refuseProblems(t, baseName(file), problems)
	}
	change.Controls.Outcomes = nil // of all controls that there are
	return fileReport{File: baseName(file), ImportReport: change.Controls}, nil
}

// controlsListCmd lists controls.
type controlsListCmd struct {
	Domain string `help:"Only controls of this domain." placeholder:"TEXT"`
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Run is called by kong.
func (c *controlsListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	controls, err := collectControls(ctx, s, g, engine.ControlFilter{Domain: c.Domain})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, controls)
	}
	tab := table{head: []string{"id", "domain", "criteria", "status", "title"}}
	for _, x := range controls {
		tab.add(x.Ref, x.Domain, strings.Join(x.Criteria, ", "), x.Status, x.Title)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(controls), "control", "controls"))
	}
	return nil
}

func collectControls(ctx context.Context, s *store.Store, g *global, f engine.ControlFilter) ([]engine.Control, error) {
	controls := []engine.Control{}
	for x, err := range s.AllControls(ctx, g.Workspace, f) {
		if err != nil {
			return nil, err
		}
		controls = append(controls, x)
	}
	return controls, nil
}
