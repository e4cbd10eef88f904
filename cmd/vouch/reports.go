package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/engine/assurance"
	"vouch/importers/register"
)

// reportsCmd groups what is done with reports: attestations, certificates and
// tests of the company.
type reportsCmd struct {
	Import reportsImportCmd `cmd:"" help:"Take reports, controls and evidence from register files (YAML, JSON, CSV, XLSX)."`
	List   reportsListCmd   `cmd:"" help:"List the reports, and which of them are current."`
	Show   reportsShowCmd   `cmd:"" help:"Show everything about one report: scope, period, exceptions, tests."`
	Ask    reportsAskCmd    `cmd:"" help:"Answer a customer's question about your reports from the register."`
	Check  reportsCheckCmd  `cmd:"" help:"Hold a text against the register: what may not go out as it is, why, and what to say instead."`
	Rules  reportsRulesCmd  `cmd:"" help:"List what check looks for, and where each rule comes from."`
}

const registerHelp = `A register file holds any of company, customers, reports, controls and evidence:

  company: Example GmbH
  reports:
    - id: soc2-2026
      kind: soc2
      type: 2
      auditor: Some Auditor LLP
      opinion: unqualified
      criteria: [security, availability]
      from: 2025-10-01
      to: 2026-09-30
      issued: 2026-11-13
      access: nda
      tests:
        - {control: AC-01, criteria: [CC6.1], result: no_exceptions}
  controls:
    - {id: AC-01, title: Access by ticket, criteria: [CC6.1], status: implemented}
  evidence:
    - {id: EV-1, control: AC-01, collected_at: 2026-10-01, title: Tickets}

JSON has the same names. CSV files and sheets have one list each, with these names as headings: reports, tests, subservices, findings, controls, evidence; tests, subservices and findings name their report.

What the files say is laid over what is stored: the same id is replaced, the rest stays, nothing is removed. All files are one import. If anything is wrong nothing is stored, and every problem is printed as FILE:LINE:COLUMN: field: what is wrong and what is accepted; the exit code is 2.`

// reportsImportCmd imports register files.
type reportsImportCmd struct {
	Files  []string `arg:"" name:"file" help:"Register files." type:"path"`
	Format string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *reportsImportCmd) Help() string { return registerHelp }

// Run is called by kong.
func (c *reportsImportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return importRegister(ctx, g, t, c.Files, c.Format)
}

// reportsListCmd lists reports.
type reportsListCmd struct {
	On     assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format string        `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is shown by kong below the flags.
func (c *reportsListCmd) Help() string {
	return `Standing is what the report is on that day: current; bridged, if its period has ended and a bridge letter covers the day; lapsed, if nothing does any more (a certificate after its last day, others 12 months after their period); future, if it is not issued yet.`
}

// reportLine is a report in a list.
type reportLine struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"` // kind and type
	Kind       assurance.Kind    `json:"kind"`
	Type       int               `json:"type,omitempty"`
	Period     string            `json:"period,omitempty"`
	Auditor    string            `json:"auditor,omitempty"`
	Opinion    assurance.Opinion `json:"opinion,omitempty"`
	Tests      int               `json:"tests"`
	Exceptions int               `json:"exceptions"`
	Standing   string            `json:"standing"`
	Until      assurance.Day     `json:"current_until,omitzero"`
	Access     assurance.Access  `json:"access,omitempty"`
}

func lineOf(r *assurance.Report, on assurance.Day) reportLine {
	return reportLine{
		ID: r.ID, Name: r.Name(), Kind: r.Kind, Type: r.Type, Period: periodOf(r), Auditor: r.Auditor, Opinion: r.Opinion, Tests: len(r.Tests),
		Exceptions: len(r.Exceptions()), Standing: standing(r, on), Until: r.CurrentUntil(), Access: r.Access,
	}
}

// periodOf words the time that a report speaks of, or until when it is valid.
func periodOf(r *assurance.Report) string {
	switch {
	case !r.ValidUntil.IsZero():
		return "until " + r.ValidUntil.String()
	case !r.From.IsZero():
		return r.From.String() + " to " + r.To.String()
	case !r.AsOf.IsZero():
		return "as of " + r.AsOf.String()
	case !r.Issued.IsZero():
		return "issued " + r.Issued.String()
	}
	return ""
}

// standing says in a word what a report is on a day.
func standing(r *assurance.Report, on assurance.Day) string { return string(r.Standing(on)) }

// Run is called by kong.
func (c *reportsListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	r, err := reportsOf(ctx, g)
	if err != nil {
		return err
	}
	lines := make([]reportLine, len(r.Reports))
	for i := range r.Reports {
		lines[i] = lineOf(&r.Reports[i], today(c.On))
	}
	if c.Format == "json" {
		return writeJSON(t.out, lines)
	}
	tab := table{head: []string{"id", "report", "period or validity", "standing", "opinion", "exceptions", "access", "auditor"}}
	for _, x := range lines {
		tab.add(x.ID, x.Name, x.Period, x.Standing, string(x.Opinion), exceptionsWord(x), string(x.Access), x.Auditor)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(lines), "report", "reports"))
	}
	return nil
}

// exceptionsWord leaves the number out where nothing is known of tests.
func exceptionsWord(x reportLine) string {
	if x.Tests == 0 {
		return ""
	}
	return strconv.Itoa(x.Exceptions)
}

// reportsShowCmd shows a report.
type reportsShowCmd struct {
	ID     string        `arg:"" name:"id" help:"The report's id, as \"vouch reports list\" shows it."`
	On     assurance.Day `help:"As of this day, such as 2026-12-31; today if not given." placeholder:"DATE"`
	Format string        `help:"text for people; json or yaml as a register file, to be edited and imported again." enum:"text,json,yaml" default:"text"`
}

// Run is called by kong.
func (c *reportsShowCmd) Run(ctx context.Context, g *global, t *terminal) error {
	r, err := reportsOf(ctx, g)
	if err != nil {
		return err
	}
	for i := range r.Reports {
		x := &r.Reports[i]
		if !strings.EqualFold(x.ID, strings.TrimSpace(c.ID)) {
			continue
		}
		alone := &assurance.Register{Reports: []assurance.Report{*x}}
		switch c.Format {
		case "json":
			return register.WriteJSON(t.out, alone)
		case "yaml":
			return register.WriteYAML(t.out, alone)
		}
		writeReport(t, x, today(c.On))
		return nil
	}
	ids := make([]string, len(r.Reports))
	for i := range r.Reports {
		ids[i] = r.Reports[i].ID
	}
	return usageError(fmt.Sprintf("there is no report %q; there are %s", c.ID, strings.Join(ids, ", ")))
}

// writeReport prints everything about a report.
func writeReport(t *terminal, r *assurance.Report, on assurance.Day) {
	fmt.Fprintf(t.out, "%s: %s\n", colour(t.out, bold, r.ID), cmp.Or(r.Title, r.Name()))
	bridge := ""
	if !r.Bridge.Until.IsZero() {
		bridge = fmt.Sprintf("letter of %s, until %s", r.Bridge.Issued, r.Bridge.Until)
	}
	for _, x := range [][2]string{
		{"report", r.Name()},
		{"standing", standing(r, on) + " on " + on.String() + standingUntil(r)},
		{"period", periodOf(r)},
		{"issued", r.Issued.String()},
		{"auditor", r.Auditor},
		{"opinion", string(r.Opinion)},
		{"certificate", r.Certificate},
		{"criteria", strings.Join(r.Criteria, ", ")},
		{"system", r.System},
		{"scope", r.Scope},
		{"locations", strings.Join(r.Locations, "; ")},
		{"bridge", bridge},
		{"next audit", r.NextAudit.String()},
		{"next issue", r.NextIssue.String()},
		{"replaces", r.Replaces},
		{"access", string(r.Access)},
		{"how to get", r.HowToGet},
	} {
		if x[1] != "" {
			row(t, x[0], x[1])
		}
	}
	writeList(t.out, "Control objectives", r.Objectives)
	writeList(t.out, "Controls left to the customer", r.UserControls)
	writeSubservices(t.out, r.Subservices)
	writeFindings(t.out, r.Findings)
	writeTests(t.out, r)
}

func standingUntil(r *assurance.Report) string {
	if until := r.CurrentUntil(); !until.IsZero() {
		return ", to be cited as current until " + until.String()
	}
	return ""
}

func writeList(w io.Writer, head string, list []string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", colour(w, bold, head))
	for _, s := range list {
		fmt.Fprintln(w, "  - "+s)
	}
}

func writeSubservices(w io.Writer, list []assurance.Subservice) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Subservice organisations"))
	tab := table{head: []string{"name", "method", "instead", "service"}}
	for _, s := range list {
		method := "carved out"
		if s.Inclusive {
			method = "inclusive"
		}
		tab.add(s.Name, method, s.Report, s.Service)
	}
	tab.write(w)
}

func writeFindings(w io.Writer, list []assurance.Weakness) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Findings"))
	tab := table{head: []string{"severity", "found", "open"}}
	for _, f := range list {
		tab.add(f.Severity, strconv.Itoa(f.Found), strconv.Itoa(f.Open))
	}
	tab.write(w)
}

// writeTests prints the exceptions in full, then every test.
func writeTests(w io.Writer, r *assurance.Report) {
	if exceptions := r.Exceptions(); len(exceptions) > 0 {
		fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Exceptions"))
		for _, x := range exceptions {
			fixed := "not fixed"
			if !x.Fixed.IsZero() {
				fixed = "fixed on " + x.Fixed.String()
			}
			fmt.Fprintf(w, "  %s (%s), %s: %s\n", x.Control, strings.Join(x.Criteria, ", "), fixed, x.Text)
			if x.Response != "" {
				fmt.Fprintf(w, "    Response: %s\n", x.Response)
			}
		}
	}
	if len(r.Tests) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", colour(w, bold, "Tests"))
	tab := table{head: []string{"control", "result", "criteria"}}
	for _, x := range r.Tests {
		tab.add(x.Control, underscores(x.Result), strings.Join(x.Criteria, ", "))
	}
	tab.write(w)
}

// underscores writes a value of the register for people.
func underscores[T ~string](s T) string { return strings.ReplaceAll(string(s), "_", " ") }
