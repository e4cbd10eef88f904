package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/register"
)

// evidenceCmd groups what is done with evidence.
type evidenceCmd struct {
	Import evidenceImportCmd `cmd:"" help:"Take evidence from tables (CSV, XLSX) and register files (YAML, JSON)."`
	List   evidenceListCmd   `cmd:"" help:"List the evidence, and what of it is stale."`
	Add    evidenceAddCmd    `cmd:"" help:"Add a piece of evidence."`
}

// evidenceImportCmd imports evidence.
type evidenceImportCmd struct {
	Files  []string `arg:"" name:"file" help:"Tables with the headings id, control, kind, title, collected_at, collected_by, from, to, location, in any order; or register files." type:"path"`
	Format string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *evidenceImportCmd) Help() string {
	return `The same id is replaced, the rest stays. Each piece names a control of the register, or of the same import. A register file is taken whole, with its reports and controls. With any problem nothing is stored; "vouch reports import --help" says how files are written.`
}

// Run is called by kong.
func (c *evidenceImportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return importRegister(ctx, g, t, c.Files, c.Format)
}

// evidenceListCmd lists evidence.
type evidenceListCmd struct {
	Control string        `help:"Only evidence of this control." placeholder:"ID"`
	Stale   bool          `help:"Only what is stale: nothing newer shows the control, and how often it runs asks for something newer."`
	On      assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format  string        `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *evidenceListCmd) Help() string {
	return `Evidence is fresh for as long as its control runs once, and some days: of a quarterly control three months and 30 days from the last day that it shows. It is superseded if there is newer evidence of the same control, and to come if its day lies ahead.`
}

// evidenceLine is a piece of evidence in a list.
type evidenceLine struct {
	assurance.Evidence
	Worth      assurance.Worth `json:"worth"`
	FreshUntil assurance.Day   `json:"fresh_until,omitzero"`
}

// Run is called by kong.
func (c *evidenceListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, r, err := openRegister(ctx, g)
	if err != nil {
		return err
	}
	s.Close()
	lines := c.chosen(r)
	if c.Format == "json" {
		return writeJSON(t.out, lines)
	}
	tab := table{head: []string{"id", "control", "kind", "collected", "shows", "worth", "fresh until", "title"}}
	for _, x := range lines {
		tab.add(x.ID, x.Control, x.Kind, x.CollectedAt.String(), shownPeriod(&x.Evidence), underscores(x.Worth), x.FreshUntil.String(), x.Title)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(lines), "piece of evidence", "pieces of evidence"))
	}
	return nil
}

func (c *evidenceListCmd) chosen(r *assurance.Register) []evidenceLine {
	out := []evidenceLine{}
	for i, w := range r.WorthOfEvidence(today(c.On)) {
		e := r.Evidence[i]
		if c.Control != "" && !strings.EqualFold(strings.TrimSpace(c.Control), e.Control) || c.Stale && w.Worth != assurance.EvidenceStale {
			continue
		}
		out = append(out, evidenceLine{Evidence: e, Worth: w.Worth, FreshUntil: w.FreshUntil})
	}
	return out
}

// shownPeriod words the period that evidence speaks of.
func shownPeriod(e *assurance.Evidence) string {
	if e.From.IsZero() {
		return ""
	}
	return e.From.String() + " to " + e.To.String()
}

// evidenceAddCmd adds a piece of evidence.
type evidenceAddCmd struct {
	Control   string `help:"The control that it shows, by its id." required:"" placeholder:"ID"`
	Title     string `help:"What it is." required:"" placeholder:"TEXT"`
	Kind      string `help:"screenshot, ticket, minutes, log, configuration, export, report, policy, contract, certificate, training, approval, review, test, interview or other." placeholder:"KIND"`
	Collected string `help:"The day it was collected, such as 2026-12-31; today if not given." placeholder:"DATE"`
	By        string `help:"Who collected it." placeholder:"NAME"`
	From      string `help:"The first day of the period that it speaks of." placeholder:"DATE"`
	To        string `help:"And its last." placeholder:"DATE"`
	Location  string `help:"Where it is kept: a link, a folder, a ticket." placeholder:"TEXT"`
	ID        string `help:"Its id; if not given, the next free one of the year, such as EV-2026-001." placeholder:"ID"`
}

// Help is shown by kong below the flags.
func (c *evidenceAddCmd) Help() string {
	return `vouch keeps what evidence there is and where; the thing itself stays where it is.

  vouch evidence add --control AC-05 --title "Access review, third quarter" --kind review --from 2026-07-01 --to 2026-09-30 --location "drive, reviews, Q3"`
}

// Run is called by kong.
func (c *evidenceAddCmd) Run(ctx context.Context, g *global, t *terminal) error {
	stored, version, err := storedRegister(ctx, g)
	if err != nil {
		return err
	}
	if c.ID == "" {
		c.ID = freeEvidenceID(&stored, today(assurance.Day{}))
	} else if hasEvidence(&stored, c.ID) {
		return usageError(fmt.Sprintf("--id %s: there is evidence of that id already; give another, or none", c.ID))
	}
	next, err := c.laidOver(t, &stored)
	if err != nil {
		return err
	}
	if _, err := putRegister(ctx, g, t, version, next, ""); err != nil {
		return err
	}
	return g.say(t, fmt.Sprintf("%s added to the evidence of %s", c.ID, c.Control))
}

// evidenceFlags are the flags of add by the fields that they fill.
func (c *evidenceAddCmd) evidenceFlags() []evidenceFlag {
	return []evidenceFlag{
		{"id", "--id", c.ID}, {"control", "--control", c.Control}, {"kind", "--kind", c.Kind}, {"title", "--title", c.Title},
		{"collected_at", "--collected", cmp.Or(c.Collected, today(assurance.Day{}).String())}, {"collected_by", "--by", c.By}, {"from", "--from", c.From},
		{"to", "--to", c.To}, {"location", "--location", c.Location},
	}
}

type evidenceFlag struct{ field, flag, value string }

// laidOver returns the stored register with the evidence. It goes the way of a
// table with one row, so that what files may say flags may say, and no more.
func (c *evidenceAddCmd) laidOver(t *terminal, stored *assurance.Register) (*assurance.Register, error) {
	flags := c.evidenceFlags()
	rows := make([][]string, 2)
	for _, f := range flags {
		rows[0], rows[1] = append(rows[0], f.field), append(rows[1], f.value)
	}
	part, problems, err := register.ReadTables([]list.Table{{Rows: rows}}, "")
	if err != nil {
		return nil, err
	}
	var next *assurance.Register
	if len(problems) == 0 {
		next, problems = register.JoinOver(stored, part)
	}
	if len(problems) == 0 {
		return next, nil
	}
	p := problems[0]
	field := p.Path[strings.LastIndexByte(p.Path, '.')+1:]
	i := slices.IndexFunc(flags, func(f evidenceFlag) bool { return f.field == field })
	if p.Place.File == register.StoredFile || i < 0 {
		return nil, refuseProblems(t, "the evidence", problems)
	}
	return nil, usageError(flags[i].flag + ": " + p.Text)
}

func hasEvidence(r *assurance.Register, id string) bool {
	return slices.ContainsFunc(r.Evidence, func(e assurance.Evidence) bool { return strings.EqualFold(e.ID, strings.TrimSpace(id)) })
}

// freeEvidenceID returns the first id of the year that no evidence has.
func freeEvidenceID(r *assurance.Register, on assurance.Day) string {
	for n := 1; ; n++ {
		if id := fmt.Sprintf("EV-%d-%03d", on.Time().Year(), n); !hasEvidence(r, id) {
			return id
		}
	}
}
