package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/store"
	"vouch/importers"
	"vouch/importers/atomicfile"
	"vouch/importers/register"
)

// openRegister opens the database and reads the register. The caller closes
// the store.
func openRegister(ctx context.Context, g *global) (*store.Store, *assurance.Register, error) {
	s, err := openExisting(ctx, g, "there is no register in %s yet; import reports, controls and evidence with \"vouch reports import FILE\"")
	if err != nil {
		return nil, nil, err
	}
	r, _, err := engine.ReadRegister(ctx, s, g.Workspace)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	return s, &r, nil
}

// reportsOf is [openRegister] for what is of no use without a report: a
// register that nobody filled says nothing of the company.
func reportsOf(ctx context.Context, g *global) (*assurance.Register, error) {
	s, r, err := openRegister(ctx, g)
	if err != nil {
		return nil, err
	}
	s.Close()
	if len(r.Reports) == 0 {
		p, err := g.place()
		if err != nil {
			return nil, err
		}
		return nil, usageError(fmt.Sprintf("the register in %s holds no reports yet; import them with \"vouch reports import FILE\"", p.shown))
	}
	return r, nil
}

// today returns the day asked for, this one if none was.
func today(on assurance.Day) assurance.Day {
	if on.IsZero() {
		return assurance.NewDay(time.Now().Date())
	}
	return on
}

// registerImport is what an import into the register did.
type registerImport struct {
	Files    []string               `json:"files"`
	Change   *engine.RegisterChange `json:"change,omitempty"`
	Problems []register.Problem     `json:"problems,omitempty"` // then nothing was stored
}

// importRegister lays files over the register and stores the result, all of it
// or nothing.
func importRegister(ctx context.Context, g *global, t *terminal, files []string, format string) error {
	out := registerImport{Files: baseNames(files)}
	change, changed, problems, err := layOver(ctx, g, t, files, func(_, next *assurance.Register) *assurance.Register { return next })
	if err != nil {
		return err
	}
	if out.Problems = problems; len(problems) == 0 {
		change.Controls.Outcomes = nil // as many as there are controls
		out.Change = &change
	}
	if format == "json" {
		if err := writeJSON(t.out, out); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return refuseProblems(t, strings.Join(out.Files, ", "), problems)
	}
	if format == "table" && !g.Quiet {
		writeRegisterChange(t.out, out, changed)
	}
	return nil
}

// layOver reads files over the stored register and stores what choose makes of
// the result. With problems nothing is stored, and no data directory is made.
func layOver(ctx context.Context, g *global, t *terminal, files []string, choose func(stored, next *assurance.Register) *assurance.Register) (change engine.RegisterChange, changed bool, problems []register.Problem, err error) {
	stored, version, err := storedRegister(ctx, g)
	if err != nil {
		return change, false, nil, err
	}
	next, problems, err := importers.ReadRegister(ctx, &stored, files...)
	if err != nil || len(problems) > 0 {
		return change, false, problems, err
	}
	change, err = putRegister(ctx, g, t, version, choose(&stored, next), strings.Join(baseNames(files), ", "))
	return change, change.Version != version || change.Controls.Added+change.Controls.Changed > 0, nil, err
}

// storedRegister returns the register and its version, an empty one if there
// is no database.
func storedRegister(ctx context.Context, g *global) (assurance.Register, int, error) {
	s, err := openExisting(ctx, g, noLibrary)
	if errors.Is(err, errNoDatabase) {
		return assurance.Register{}, 0, nil
	}
	if err != nil {
		return assurance.Register{}, 0, err
	}
	defer s.Close()
	return engine.ReadRegister(ctx, s, g.Workspace)
}

func putRegister(ctx context.Context, g *global, t *terminal, version int, next *assurance.Register, source string) (engine.RegisterChange, error) {
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return engine.RegisterChange{}, err
	}
	defer w.close()
	change, err := engine.PutRegister(ctx, w.store, w.name, version, next, source)
	if err != nil {
		return change, err
	}
	if err := w.index.Sync(ctx); err != nil {
		return change, fmt.Errorf("index what was imported (it is stored, and indexed at the next start): %w", err)
	}
	return change, nil
}

// refuseProblems prints every problem, one a line, and returns the error that
// says what was not taken because of them.
func refuseProblems(t *terminal, what string, problems []register.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(t.err, p.Line())
	}
	return usageError(fmt.Sprintf("%s was not taken, because of %s", what, count(len(problems), "problem", "problems")))
}

func writeRegisterChange(w io.Writer, r registerImport, changed bool) {
	fmt.Fprintf(w, "%s: ", strings.Join(r.Files, ", "))
	if !changed {
		fmt.Fprintln(w, "nothing changed, the register says so already")
		return
	}
	fmt.Fprintln(w, "stored; the register now has")
	for _, x := range []struct {
		name string
		n    engine.ChangeCount
	}{
		{"reports", r.Change.Reports}, {"evidence", r.Change.Evidence},
		{"controls", engine.ChangeCount{Added: r.Change.Controls.Added, Changed: r.Change.Controls.Changed, Unchanged: r.Change.Controls.Unchanged}},
	} {
		fmt.Fprintf(w, "  %-9s %d added, %d changed, %d unchanged\n", x.name, x.n.Added, x.n.Changed, x.n.Unchanged)
	}
}

func baseNames(files []string) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = baseName(f)
	}
	return out
}

// writeOut writes what is made to a file, or to standard output if none is
// named.
func writeOut(ctx context.Context, g *global, t *terminal, file string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if file == "" {
		if _, err := t.out.Write(b.Bytes()); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		return nil
	}
	if err := atomicfile.WriteBytes(ctx, file, b.Bytes()); err != nil {
		return err
	}
	if !g.Quiet {
		fmt.Fprintf(t.err, "written to %s\n", file)
	}
	return nil
}
