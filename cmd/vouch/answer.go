package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"vouch/api/review"
	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/draft"
	"vouch/importers"
	"vouch/importers/atomicfile"
)

// defaultMinConfidence is the threshold without --min-confidence; see the
// reliability table of package index for what it means.
const defaultMinConfidence = 0.7

// maxAgeDays bounds --max-age: a hundred years.
const maxAgeDays = 36_500

// answerCmd answers a questionnaire.
type answerCmd struct {
	File          string   `arg:"" help:"The customer's questionnaire: .xlsx, .xlsm or .csv." type:"path"`
	Output        string   `short:"o" required:"" help:"Where the answered copy goes. A different file that is there already is kept beside it as NAME.previous-1." type:"path" placeholder:"OUT"`
	Library       []string `help:"Past answers to use instead of the library in --data; may be given several times." type:"path" placeholder:"FILE" sep:"none"`
	Controls      []string `help:"Control descriptions to use with --library; may be given several times." type:"path" placeholder:"FILE" sep:"none"`
	MinConfidence *float64 `help:"Confidence, 0 to 1, below which a question is left as a gap; ${min_confidence} unless given." placeholder:"P" xor:"threshold"`
	Precision     *float64 `help:"Choose the confidence so that this share of what is written, 0 to 1, was right when it was measured: on your own questionnaires after \"vouch calibrate\", else on those vouch was made with." placeholder:"P" xor:"threshold"`
	Layout        string   `help:"Read the file as this layout says, and remember it for files of the same shape." type:"path" placeholder:"FILE"`
	Review        string   `help:"Where the review page goes, with a .csv of the same name beside it; default OUT.review.html." type:"path" placeholder:"FILE"`
	MaxAge        int      `help:"Days since its review after which a past answer is stale and not written; 0 takes any. Answers without a review date are not stale. An answer with a day to be reviewed by is stale after that day instead, whatever this says." default:"730" placeholder:"DAYS"`
	Register      []string `help:"Files with reports and evidence to use with --library; may be given several times." type:"path" placeholder:"FILE" sep:"none"`
	Customer      string   `help:"Whom the answers are for. The questions left as gaps are remembered for \"vouch readiness\", and what the customer was told before is held against the drafts." placeholder:"NAME"`
	NDA           bool     `name:"nda" help:"The customer has signed a non-disclosure agreement: what is in restricted reports and in answers for readers under NDA may be told."`
	Public        bool     `help:"The answers will be published: nothing restricted may be in them, and past answers only if they are marked public."`
	Product       string   `help:"The product the questionnaire is about: past answers that hold for other products only are not used." placeholder:"NAME"`
	Citations     string   `help:"How much of the reports and controls behind an answer is written into its explanation cell; the review page has all of it." enum:"none,short,full" default:"none"`
	Overwrite     bool     `help:"Also replace answers that the file already holds."`
	Format        string   `help:"Print the summary for people (text) or for programs (json)." enum:"text,json" default:"text"`

	threshold float64 // what --min-confidence or --precision came to
}

// Validate is called by kong.
func (c *answerCmd) Validate() error {
	if p := c.MinConfidence; p != nil && !(*p >= 0 && *p <= 1) {
		return usageError(fmt.Sprintf("--min-confidence %v: give a probability from 0 to 1", *p))
	}
	if p := c.Precision; p != nil && !(*p >= 0 && *p < 1) {
		return usageError(fmt.Sprintf("--precision %v: give a share from 0 to below 1, such as 0.95; no measurement can promise more", *p))
	}
	if c.MaxAge < 0 || c.MaxAge > maxAgeDays {
		return usageError(fmt.Sprintf("--max-age %d: give days, from 0 to %d", c.MaxAge, maxAgeDays))
	}
	if c.NDA && c.Public {
		return usageError("--nda and --public: an answer that is published is read by people without an agreement; give one of the two")
	}
	if len(c.Register) > 0 && len(c.Library) == 0 {
		return usageError("--register goes with --library; to add reports to the data directory use \"vouch reports import\"")
	}
	if len(c.Controls) > 0 && len(c.Library) == 0 {
		return usageError("--controls goes with --library; to add controls to the data directory use \"vouch controls import\"")
	}
	return nil
}

// answered is the summary of a run.
type answered struct {
	engine.Summary
	File      string        `json:"file"`
	Output    string        `json:"output"`
	Review    string        `json:"review"`
	Previous  string        `json:"previous,omitempty"` // where a file that was there before went
	Cells     int           `json:"cells_written"`
	Threshold float64       `json:"min_confidence"`
	Chosen    *chosen       `json:"chosen_by_precision,omitempty"` // with --precision
	Seconds   float64       `json:"seconds"`
	took      time.Duration // of which Seconds is the rounded value
}

// Run is called by kong.
func (c *answerCmd) Run(ctx context.Context, g *global, t *terminal) error {
	began := time.Now()
	if same, err := sameFile(c.File, c.Output); err != nil {
		return err
	} else if same {
		return usageError("the output is the customer's own file; give it another name, the original is never changed")
	}
	w, err := c.workspace(ctx, g, t)
	if err != nil {
		return err
	}
	defer w.close()
	picked, err := c.choose(ctx, w)
	if err != nil {
		return err
	}
	if picked != nil {
		c.say(g, t, "%s", picked)
	}
	c.say(g, t, "Reading %s", baseName(c.File))
	q, remembered, err := readQuestionnaire(ctx, g, c.File, c.Layout)
	if err != nil {
		return err
	}
	if remembered {
		c.say(g, t, "Reading it as the remembered layout for files of this shape says")
	}
	if len(q.Questions) == 0 {
		return &engine.RefusedError{File: baseName(c.File), Is: "no questions with cells to answer were found in it", Do: "look at what is understood with \"vouch inspect\", save the layout, correct it and pass it with --layout"}
	}
	if len(w.temp) > 0 {
		if err := w.buildIndex(ctx, t); err != nil {
			return err
		}
	}
	answers, err := c.answers(ctx, g, t, w, q)
	if err != nil {
		return err
	}
	s := answered{Summary: engine.Summarize(q, answers), File: baseName(c.File), Output: c.Output, Review: c.reviewPath(), Threshold: c.threshold, Chosen: picked}
	c.say(g, t, "Writing %s", baseName(c.Output))
	if err := c.write(ctx, q, answers, &s); err != nil {
		return err
	}
	if c.Layout != "" {
		if kept, err := rememberLayout(context.WithoutCancel(ctx), g, &q.Layout); err != nil {
			return fmt.Errorf("remember the layout (the answered file is written): %w", err)
		} else if kept {
			c.say(g, t, "The layout is remembered for files of this shape")
		}
	}
	s.took = time.Since(began)
	s.Seconds = s.took.Round(10 * time.Millisecond).Seconds()
	if c.Format == "json" {
		return writeJSON(t.out, s)
	}
	if !g.Quiet {
		writeSummary(t, &s)
	}
	return nil
}

func (c *answerCmd) say(g *global, t *terminal, format string, args ...any) {
	if !g.Quiet {
		fmt.Fprintf(t.err, format+"\n", args...)
	}
}

// workspace opens the library to answer from.
func (c *answerCmd) workspace(ctx context.Context, g *global, t *terminal) (*workspace, error) {
	if len(c.Library) == 0 {
		return openWorkspace(ctx, g, t, false)
	}
	w, err := openTemporary(ctx)
	if err != nil {
		return nil, err
	}
	for _, set := range []struct {
		files []string
		read  importFunc
	}{{c.Library, importEntries}, {c.Controls, importControls}} {
		for _, file := range set.files {
			r, err := set.read(ctx, w, file)
			if err != nil {
				w.close()
				return nil, err
			}
			c.say(g, t, "%s: %d taken, %d refused", r.File, r.Added+r.Changed+r.Unchanged, len(r.Refused))
		}
	}
	if len(c.Register) > 0 {
		change, err := takeRegister(ctx, t, w, c.Register)
		if err != nil {
			w.close()
			return nil, err
		}
		c.say(g, t, "register: %d reports, %d pieces of evidence", change.Reports.Added, change.Evidence.Added)
	}
	return w, nil
}

// takeRegister puts register files into a temporary workspace.
func takeRegister(ctx context.Context, t *terminal, w *workspace, files []string) (engine.RegisterChange, error) {
	stored, version, err := engine.ReadRegister(ctx, w.store, w.name)
	if err != nil {
		return engine.RegisterChange{}, err
	}
	next, problems, err := importers.ReadRegister(ctx, &stored, files...)
	if err != nil {
		return engine.RegisterChange{}, err
	}
	if len(problems) > 0 {
		return engine.RegisterChange{}, refuseProblems(t, strings.Join(baseNames(files), ", "), problems)
	}
	return engine.PutRegister(ctx, w.store, w.name, version, next, strings.Join(baseNames(files), ", "))
}

func (c *answerCmd) answers(ctx context.Context, g *global, t *terminal, w *workspace, q *engine.Questionnaire) ([]engine.Answer, error) {
	bar := newProgress(t.err, g.Quiet, "Answering", len(q.Questions))
	defer bar.done()
	assured, err := c.assured(ctx, w)
	if err != nil {
		return nil, err
	}
	a := engine.Answering{
		Retriever: w.index, Drafter: draft.Reuse{}, MinConfidence: c.threshold, MaxAge: time.Duration(c.MaxAge) * 24 * time.Hour, Overwrite: c.Overwrite,
		Product: strings.TrimSpace(c.Product), Assured: assured,
	}
	answers, err := a.Run(ctx, w.name, q, bar.set)
	if err != nil || c.Customer == "" || w.temp != "" {
		return answers, err
	}
	if err := w.store.PutAskings(ctx, w.name, c.Customer, baseName(c.File), engine.AskedInVain(answers, c.Customer, baseName(c.File), time.Now())); err != nil {
		return nil, fmt.Errorf("remember what was asked in vain: %w", err)
	}
	return answers, nil
}

// assured returns what holds the drafts against the workspace's register.
func (c *answerCmd) assured(ctx context.Context, w *workspace) (*engine.Assured, error) {
	r, _, err := engine.ReadRegister(ctx, w.store, w.name)
	if err != nil {
		return nil, err
	}
	a := engine.NewAssured(&r, assurance.DayOf(time.Now()), assurance.Reader{Name: c.Customer, NDA: c.NDA, Public: c.Public})
	a.Style = assurance.Style(c.Citations)
	told, err := w.store.Commitments(ctx, w.name, engine.CommitmentFilter{})
	if err != nil {
		return nil, err
	}
	for i := range told {
		a.Before = append(a.Before, told[i].Said())
	}
	return a, nil
}

// write puts the answered file and the review page in place. Both are made
// whole under temporary names first.
func (c *answerCmd) write(ctx context.Context, q *engine.Questionnaire, answers []engine.Answer, s *answered) error {
	values := engine.Fill(q, answers, c.Overwrite)
	tmp, err := reserve(c.Output)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) // gone already when all went well
	w, err := importers.Write(ctx, c.File, tmp, values, c.Overwrite)
	if err != nil {
		return err
	}
	s.Cells = w.Cells
	r := &review.Report{Questionnaire: q, Answers: answers, Summary: s.Summary, MinConfidence: c.threshold, Output: baseName(c.Output), Made: time.Now(), Program: version()}
	var page, lines bytes.Buffer
	if err := errors.Join(review.WriteHTML(&page, r), review.WriteCSV(&lines, r)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on an interruption comes too late: the answered file without its
	// review page would be half of what was asked for.
	ctx = context.WithoutCancel(ctx)
	if s.Previous, err = putInPlace(tmp, c.Output); err != nil {
		return err
	}
	return errors.Join(atomicfile.WriteBytes(ctx, s.Review, page.Bytes()), atomicfile.WriteBytes(ctx, withExt(s.Review, ".csv"), lines.Bytes()))
}

func (c *answerCmd) reviewPath() string {
	if c.Review != "" {
		return c.Review
	}
	return withExt(c.Output, ".review.html")
}

// writeSummary prints what became of the questionnaire.
func writeSummary(t *terminal, s *answered) {
	fmt.Fprintf(t.out, "%s of %s answered in %s, %s written to %s\n",
		colour(t.out, green, strconv.Itoa(s.Answered)), count(s.Questions, "question", "questions"), s.took.Round(10*time.Millisecond), count(s.Cells, "cell", "cells"), s.Output)
	gaps := 0
	for _, n := range s.Gaps {
		gaps += n
	}
	if gaps > 0 {
		var by []string
		for _, reason := range engine.GapReasons() {
			if n := s.Gaps[reason]; n > 0 {
				by = append(by, fmt.Sprintf("%d %s", n, review.GapText(reason)))
			}
		}
		fmt.Fprintf(t.out, "%s left empty: %s\n", colour(t.out, yellow, count(gaps, "gap", "gaps")), strings.Join(by, ", "))
	}
	if s.Kept > 0 {
		fmt.Fprintf(t.out, "%s already filled by the customer and kept\n", colour(t.out, blue, strconv.Itoa(s.Kept)))
	}
	if s.Doubted > 0 {
		fmt.Fprintf(t.out, "%s of them may say what the register or another answer does not bear out: see the review\n", colour(t.out, yellow, strconv.Itoa(s.Doubted)))
	}
	if s.Previous != "" {
		fmt.Fprintf(t.out, "The file that was there before is now %s\n", s.Previous)
	}
	fmt.Fprintf(t.out, "Review: %s\n", s.Review)
}

// reserve returns the path of a new empty file beside path, under a name that
// cannot be taken for the result.
func reserve(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".vouch-*"+filepath.Ext(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", usageError(fmt.Sprintf("there is no directory %s; make it first", filepath.Dir(path)))
	}
	if err != nil {
		return "", fmt.Errorf("write beside %s: %w", path, err)
	}
	return f.Name(), f.Close()
}

// maxPrevious bounds the numbers tried for a file that was there before.
const maxPrevious = 1000

// putInPlace renames tmp to path. Another file that is there already, perhaps
// with a person's corrections in it, is kept under a name of its own, which is
// returned.
func putInPlace(tmp, path string) (previous string, err error) {
	if old, err := os.ReadFile(path); err == nil {
		made, err := os.ReadFile(tmp)
		if err != nil {
			return "", err //nolint:wrapcheck // names the file and what is wrong already
		}
		if !bytes.Equal(old, made) {
			if previous, err = setAside(path); err != nil {
				return "", err
			}
		}
	}
	return previous, os.Rename(tmp, path) //nolint:wrapcheck // names both files and what is wrong already
}

// setAside gives the file at path a second name that is free.
func setAside(path string) (string, error) {
	for i := 1; i <= maxPrevious; i++ {
		name := withExt(path, fmt.Sprintf(".previous-%d%s", i, filepath.Ext(path)))
		err := os.Link(path, name)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return name, os.Rename(path, name) //nolint:wrapcheck // a file system without links; names both files
		}
	}
	return "", usageError(fmt.Sprintf("there are %d earlier versions of %s; remove some", maxPrevious, path))
}

// withExt replaces the extension of path.
func withExt(path, ext string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ext }

func baseName(path string) string { return filepath.Base(path) }

// sameFile reports whether two paths name one file.
func sameFile(a, b string) (bool, error) {
	sa, err := os.Stat(a)
	if err != nil {
		return false, err //nolint:wrapcheck // names the file and what is wrong already
	}
	sb, err := os.Stat(b)
	if err != nil {
		return false, nil //nolint:nilerr // the output does not exist yet
	}
	return os.SameFile(sa, sb), nil
}
