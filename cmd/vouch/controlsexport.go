package main

import (
	"context"
	"io"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/register"
)

// controlsExportCmd exports controls.
type controlsExportCmd struct {
	Output string `short:"o" help:"File to write; standard output if not given." type:"path" placeholder:"FILE"`
	Format string `help:"csv or json as a list; yaml as a register file; oscal as an OSCAL component definition in JSON." enum:"csv,json,yaml,oscal" default:"csv"`
}

// Help is shown by kong below the flags.
func (c *controlsExportCmd) Help() string {
	return `Each form is read by "vouch controls import", which then changes nothing. OSCAL and register files have no domains: imported where there are no such controls yet, these have none.

  vouch controls export --format oscal -o controls.oscal.json`
}

// Run is called by kong.
func (c *controlsExportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, r, err := openRegister(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	controls, err := collectControls(ctx, s, g, engine.ControlFilter{})
	if err != nil {
		return err
	}
	return writeOut(ctx, g, t, c.Output, func(w io.Writer) error {
		switch c.Format {
		case "json":
			return list.WriteControlsJSON(w, controls)
		case "yaml":
			return register.WriteYAML(w, &assurance.Register{Controls: r.Controls})
		case "oscal":
			return register.WriteOSCAL(w, r.Company, r.Controls, time.Now().Truncate(time.Second))
		}
		return list.WriteControlsCSV(w, controls)
	})
}
