package main

import (
	"context"
	"fmt"
	"strings"

	"vouch/engine"
)

// controlsCmd groups what is done with control descriptions.
type controlsCmd struct {
	Import controlsImportCmd `cmd:"" help:"Take control descriptions from lists (CSV, XLSX, JSON)."`
	List   controlsListCmd   `cmd:"" help:"List the controls."`
}

// controlsImportCmd imports controls.
type controlsImportCmd struct {
	Files  []string `arg:"" name:"file" help:"Lists with the headings id, domain, title, description, criteria, owner, frequency, status, in any order." type:"path"`
	Format string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Run is called by kong.
func (c *controlsImportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return runImport(ctx, g, t, c.Files, c.Format, importControls)
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
	controls := []engine.Control{}
	for x, err := range s.AllControls(ctx, g.Workspace, engine.ControlFilter{Domain: c.Domain}) {
		if err != nil {
			return err
		}
		controls = append(controls, x)
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
