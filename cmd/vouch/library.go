package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/importers"
	"vouch/importers/atomicfile"
	"vouch/importers/list"
)

// libraryCmd groups what is done with past answers.
type libraryCmd struct {
	Import libraryImportCmd `cmd:"" help:"Take past answers from lists (CSV, XLSX, JSON) and from filled questionnaires."`
	List   libraryListCmd   `cmd:"" help:"List the entries of the library."`
	Search librarySearchCmd `cmd:"" help:"Find the entries that answer a question, best first, as vouch answer would."`
	Export libraryExportCmd `cmd:"" help:"Write the library to a file that can be imported again."`

	Show       libraryShowCmd       `cmd:"" help:"Show an entry with all its versions, who made them and what they changed."`
	Set        librarySetCmd        `cmd:"" help:"Say of entries who owns them, who may be given them, for which product they hold, and when to review them."`
	Stale      libraryStaleCmd      `cmd:"" help:"List the entries that need a review before they may be used."`
	Duplicates libraryDuplicatesCmd `cmd:"" help:"List the entries that ask and answer the same, also in other words."`
	Conflicts  libraryConflictsCmd  `cmd:"" help:"List the pairs of entries that answer one thing differently."`
	Proposals  libraryProposalsCmd  `cmd:"" help:"What approved answers would change in the library: list, accept, reject."`
}

// libraryImportCmd imports past answers.
type libraryImportCmd struct {
	Files  []string `arg:"" name:"file" help:"Lists with headings such as question, answer, explanation, section, tags, owner, reviewed, review by, visibility, products, language, in any order; or filled questionnaires." type:"path"`
	Format string   `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// fileReport is what one file's import did.
type fileReport struct {
	File string `json:"file"`
	engine.ImportReport
	Notes []list.Problem `json:"notes,omitempty"` // about rows that were taken all the same
}

// Run is called by kong. Each file is one transaction; its line is printed
// after it is stored.
func (c *libraryImportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	return runImport(ctx, g, t, c.Files, c.Format, importEntries)
}

// importFunc reads a file and takes it into the workspace.
type importFunc func(ctx context.Context, w *workspace, file string) (fileReport, error)

func importEntries(ctx context.Context, w *workspace, file string) (fileReport, error) {
	l, err := importers.ReadEntries(ctx, file)
	if err != nil {
		return fileReport{}, err
	}
	r, err := engine.ImportEntries(ctx, w.store, w.name, l.Entries)
	return withProblems(file, r, l.Problems), err
}

func importControls(ctx context.Context, w *workspace, file string) (fileReport, error) {
	l, err := importers.ReadControls(ctx, file)
	if err != nil {
		return fileReport{}, err
	}
	r, err := engine.ImportControls(ctx, w.store, w.name, l.Controls)
	return withProblems(file, r, l.Problems), err
}

// withProblems adds the rows that never became entries to the report.
func withProblems(file string, r engine.ImportReport, problems []list.Problem) fileReport {
	f := fileReport{File: baseName(file), ImportReport: r}
	for _, p := range problems {
		if p.Taken {
			f.Notes = append(f.Notes, p)
			continue
		}
		f.Refused = append(f.Refused, engine.Refusal{Place: p.Place, Reason: p.Text})
	}
	return f
}

// runImport imports files one after the other. Reports of what was imported
// before are printed with theirs for programs.
func runImport(ctx context.Context, g *global, t *terminal, files []string, format string, read importFunc, reports ...fileReport) error {
	w, err := openWorkspace(ctx, g, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	for _, file := range files {
		r, err := read(ctx, w, file)
		if err != nil {
			return err
		}
		reports = append(reports, r)
		if format == "table" && !g.Quiet {
			writeImport(t, r)
		}
	}
	if err := w.index.Sync(ctx); err != nil {
		return fmt.Errorf("index what was imported (it is stored, and indexed at the next start): %w", err)
	}
	if format == "json" {
		return writeJSON(t.out, reports)
	}
	return nil
}

// maxReasons is how many refused rows are printed for each file; all of them
// are in the JSON output.
const maxReasons = 20

func writeImport(t *terminal, r fileReport) {
	fmt.Fprintf(t.out, "%s: %d added, %d changed, %d unchanged, %d refused\n", r.File, r.Added, r.Changed, r.Unchanged, len(r.Refused))
	for i, f := range r.Refused {
		if i == maxReasons {
			fmt.Fprintf(t.out, "  … and %d more; --format json lists them all\n", len(r.Refused)-i)
			break
		}
		fmt.Fprintf(t.out, "  %s: %s\n", f.Place, f.Reason)
	}
	for i, n := range r.Notes {
		if i == maxReasons {
			break
		}
		fmt.Fprintf(t.out, "  %s: %s (taken all the same)\n", n.Place, n.Text)
	}
}

// libraryListCmd lists entries.
type libraryListCmd struct {
	Section    string `help:"Only entries of this section." placeholder:"TEXT"`
	Tag        string `help:"Only entries with this tag." placeholder:"TAG"`
	Owner      string `help:"Only entries of this owner." placeholder:"NAME"`
	Visibility string `help:"Only entries marked public, nda or internal; unmarked for those without a mark." placeholder:"WHO"`
	Product    string `help:"Only entries that name this product." placeholder:"NAME"`
	Language   string `help:"Only entries in this language, a code such as en." placeholder:"CODE"`
	DueBefore  string `help:"Only entries that must be reviewed by a day before this one, such as 2027-01-01." placeholder:"DATE"`
	Limit      int    `help:"At most so many; 0 for all." default:"0" placeholder:"N"`
	Format     string `help:"table for people or json for programs." enum:"table,json" default:"table"`

	due time.Time // what --due-before came to
}

// Validate is called by kong.
func (c *libraryListCmd) Validate() (err error) {
	if c.Visibility != "" {
		if _, err := visibilityOf(c.Visibility); err != nil {
			return err
		}
	}
	if c.DueBefore == "" {
		return nil
	}
	if c.due, err = time.Parse(time.DateOnly, c.DueBefore); err != nil {
		return usageError(fmt.Sprintf("--due-before %s: give a day of the calendar, such as 2027-01-01", c.DueBefore))
	}
	return nil
}

// Run is called by kong.
func (c *libraryListCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	entries, err := collect(ctx, s, g, engine.EntryFilter{Section: c.Section, Tag: c.Tag, Owner: c.Owner, Visibility: c.Visibility, Product: c.Product, Language: c.Language, ReviewDueBefore: c.due, Limit: max(c.Limit, 0)})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, entries)
	}
	tab := table{head: []string{"id", "answer", "visibility", "section", "owner", "reviewed", "review by", "question"}}
	for i := range entries {
		e := &entries[i]
		tab.add(shortID(e.ID), answerWord(e), string(e.Visibility), e.Section, e.Owner, day(e.ReviewedAt), day(e.ReviewBy), e.Question)
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(len(entries), "entry", "entries"))
	}
	return nil
}

func collect(ctx context.Context, s *store.Store, g *global, f engine.EntryFilter) ([]engine.Entry, error) {
	entries := []engine.Entry{}
	for e, err := range s.AllEntries(ctx, g.Workspace, f) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// answerWord is what an entry answers, in a word.
func answerWord(e *engine.Entry) string {
	if e.Verdict != engine.VerdictNone {
		return strings.ReplaceAll(string(e.Verdict), "_", " ")
	}
	return "text"
}

func day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// librarySearchCmd searches.
type librarySearchCmd struct {
	Query  string `arg:"" help:"A question, in the words of a customer."`
	Limit  int    `help:"At most so many of each kind." default:"5" placeholder:"N"`
	Format string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Run is called by kong.
func (c *librarySearchCmd) Run(ctx context.Context, g *global, t *terminal) error {
	w, err := openWorkspace(ctx, g, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	found, err := w.index.Retrieve(ctx, g.Workspace, engine.Query{Text: c.Query, Limit: min(max(c.Limit, 1), 100)})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, found)
	}
	tab := table{head: []string{"kind", "confidence", "answer", "what"}}
	for _, p := range found {
		if p.Kind == engine.PassageEntry {
			tab.add("past answer", fmt.Sprintf("%.2f", p.Confidence), answerWord(p.Entry), p.Entry.Question)
		} else {
			tab.add("control", "", "", strings.TrimSpace(p.Control.Ref+" "+p.Control.Title))
		}
	}
	tab.write(t.out)
	return nil
}

// libraryExportCmd exports.
type libraryExportCmd struct {
	Output string `short:"o" help:"File to write; standard output if not given." type:"path" placeholder:"FILE"`
	Format string `help:"csv or json." enum:"csv,json" default:"csv"`
}

// Run is called by kong.
func (c *libraryExportCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	entries, err := collect(ctx, s, g, engine.EntryFilter{})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	write := list.WriteEntriesCSV
	if c.Format == "json" {
		write = list.WriteEntriesJSON
	}
	if err := write(&b, entries); err != nil {
		return err
	}
	if c.Output == "" {
		if _, err := t.out.Write(b.Bytes()); err != nil {
			return fmt.Errorf("print library: %w", err)
		}
		return nil
	}
	if err := atomicfile.WriteBytes(ctx, c.Output, b.Bytes()); err != nil {
		return err
	}
	if !g.Quiet {
		fmt.Fprintf(t.err, "%s written to %s\n", count(len(entries), "entry", "entries"), c.Output)
	}
	return nil
}
