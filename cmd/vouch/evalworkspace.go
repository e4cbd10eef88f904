package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vouch/api/quality"
	"vouch/engine"
	"vouch/importers/atomicfile"
	"vouch/index"
)

// evalWorkspaceCmd measures answer transfer within the library of a
// workspace, with its own lexicon and calibration.
type evalWorkspaceCmd struct {
	HTML     string `name:"html" help:"Write a page with charts and the worst mistakes to this file." type:"path" placeholder:"FILE"`
	CurveOut string `help:"Write accuracy against coverage to this file: threshold, coverage, accuracy, parted by tabs." type:"path" placeholder:"FILE"`
	Format   string `help:"table for people or json for programs." enum:"table,json" default:"table"`
}

// Help is called by kong.
func (c *evalWorkspaceCmd) Help() string {
	return `The entries of the library are grouped by the file they were imported from. One file after the other is left out, its questions are answered from all the rest, and the verdicts are compared with those that you approved. Nothing is changed.

It needs two files at least, and 20 questions answered with yes, no, partial or not applicable. Files that hold the same questions word for word (an export of the library, last year's form) make vouch look better than it will be on a new form.

  vouch eval workspace --html quality.html`
}

// thresholds are those that accuracy is shown at.
func thresholds() []float64 { return []float64{0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95} }

// maxMistakes is how many mistakes the page shows.
const maxMistakes = 20

// Run is called by kong.
func (c *evalWorkspaceCmd) Run(ctx context.Context, g *global, t *terminal) error {
	if c.HTML != "" && c.HTML == c.CurveOut {
		return usageError("--html and --curve-out name one file; give one of them another name")
	}
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	entries, tuning, err := approvedEntries(ctx, &workspace{name: g.Workspace, store: s})
	if err != nil {
		return err
	}
	parts, err := leaveOneOut(ctx, g, t, "Answering", entries, tuning, func(e *engine.Entry) bool { return e.Verdict != engine.VerdictNone })
	if err != nil {
		return err
	}
	r, curve := qualityOf(g.Workspace, parts)
	if err := c.write(ctx, r, curve); err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, r)
	}
	writeQuality(t, r)
	if tuning.Calibration != nil {
		fmt.Fprintln(t.out, "\nWhat is written is as this workspace was calibrated, on these same answers: it will be a little worse on new ones.")
	}
	return nil
}

func (c *evalWorkspaceCmd) write(ctx context.Context, r *quality.Report, curve []index.Step) error {
	if c.CurveOut != "" {
		if err := atomicfile.WriteBytes(ctx, c.CurveOut, curveTSV(curve)); err != nil {
			return err
		}
	}
	if c.HTML == "" {
		return nil
	}
	var page bytes.Buffer
	if err := quality.WriteHTML(&page, r); err != nil {
		return err
	}
	return atomicfile.WriteBytes(ctx, c.HTML, page.Bytes())
}

// qualityOf works out the report.
func qualityOf(name string, parts []leftOut) (*quality.Report, []index.Step) {
	const threshold = defaultMinConfidence
	r := &quality.Report{Workspace: name, Threshold: threshold, Made: time.Now().UTC(), Program: version()}
	var all []index.Prediction
	var asked []evalQuestion
	written, right := 0, 0
	for _, p := range parts {
		list := predictions(p.questions, p.found)
		f := figuresOf(fileName(p.file), list, p.questions)
		f.Written, f.Right = countWritten(p, threshold)
		written, right = written+f.Written, right+f.Right
		r.Questionnaires = append(r.Questionnaires, f)
		all, asked = append(all, list...), append(asked, p.questions...)
		r.Mistakes = append(r.Mistakes, mistakes(p, list)...)
	}
	r.Together = figuresOf("", all, asked)
	r.Together.Written, r.Together.Right = written, right
	slices.SortStableFunc(r.Mistakes, func(a, b quality.Mistake) int { return cmp.Compare(b.Confidence, a.Confidence) })
	r.Mistakes = r.Mistakes[:min(len(r.Mistakes), maxMistakes)]
	for _, b := range index.Reliability(all, calibrationBins) {
		r.Bins = append(r.Bins, quality.Bin(b))
	}
	curve := index.RiskCoverage(all)
	for _, s := range curve {
		r.Curve = append(r.Curve, quality.Step(s))
	}
	return r, curve
}

// fileName names entries that came from no file.
func fileName(file string) string {
	if file == "" {
		return "(written here)"
	}
	return file
}

func figuresOf(name string, list []index.Prediction, asked []evalQuestion) quality.Figures {
	curve := index.RiskCoverage(list)
	f := quality.Figures{Name: name, Questions: len(list), CoverageA95: index.CoverageAt(curve, 0.95), CoverageA90: index.CoverageAt(curve, 0.90),
		AURC: index.AURC(curve), ECE: index.ECE(list, calibrationBins), AlwaysYes: alwaysYes(asked)}
	all := atLeast(list, 0)
	if f.Found = all.Answered; f.Found > 0 {
		f.Accuracy = float64(all.Right) / float64(all.Answered)
	}
	for _, p := range thresholds() {
		f.At = append(f.At, atLeast(list, p))
	}
	return f
}

// countWritten counts what is confident enough to be written, and what of that
// has the approved verdict.
func countWritten(p leftOut, threshold float64) (written, right int) {
	for i, q := range p.questions {
		if f := p.found[i]; f != nil && f.Confidence >= threshold {
			written++
			if f.Entry.Verdict == q.verdict {
				right++
			}
		}
	}
	return written, right
}

// atLeast counts what is answered with this confidence and more.
func atLeast(list []index.Prediction, threshold float64) quality.Accuracy {
	a := quality.Accuracy{Threshold: threshold}
	for _, p := range list {
		if p.Found && p.Confidence >= threshold {
			a.Answered++
			if p.Agrees {
				a.Right++
			}
		}
	}
	return a
}

// alwaysYes is the accuracy of saying yes to everything.
func alwaysYes(questions []evalQuestion) float64 {
	yes := 0
	for _, q := range questions {
		if q.verdict == engine.VerdictYes {
			yes++
		}
	}
	return float64(yes) / float64(len(questions))
}

func mistakes(p leftOut, list []index.Prediction) (out []quality.Mistake) {
	for i, q := range p.questions {
		f := p.found[i]
		if f == nil || list[i].Agrees {
			continue
		}
		where := fileName(f.Entry.Source.File)
		if at := f.Entry.Source.Place; at != "" {
			where += ", " + at
		}
		out = append(out, quality.Mistake{Questionnaire: fileName(p.file), Place: q.place, Question: q.query.Text, Approved: q.verdict, Confidence: list[i].Confidence,
			FoundQuestion: f.Entry.Question, FoundIn: where, Found: f.Entry.Verdict})
	}
	return out
}

// writeQuality prints the figures of each questionnaire and of all.
func writeQuality(t *terminal, r *quality.Report) {
	fmt.Fprintf(t.out, "Each of %s answered from the others, and the verdicts compared with those approved\n\n", count(len(r.Questionnaires), "questionnaire", "questionnaires"))
	tab := table{head: []string{"questionnaire", "questions", "found", fmt.Sprintf("written at %v", r.Threshold), "right", "accuracy", "cov@95", "cov@90", "AURC", "ECE", "always yes"}}
	all := r.Together
	all.Name = "all together"
	for _, f := range append(slices.Clone(r.Questionnaires), all) {
		tab.add(f.Name, strconv.Itoa(f.Questions), strconv.Itoa(f.Found), strconv.Itoa(f.Written), strconv.Itoa(f.Right), decimals(f.Accuracy), decimals(f.CoverageA95), decimals(f.CoverageA90),
			decimals(f.AURC), decimals(f.ECE), decimals(f.AlwaysYes))
	}
	tab.write(t.out)
	fmt.Fprintln(t.out)
	tab = table{head: []string{"verdict confidence", "answered", "right", "accuracy"}}
	for _, a := range r.Together.At {
		accuracy := "–"
		if a.Answered > 0 {
			accuracy = decimals(float64(a.Right) / float64(a.Answered))
		}
		tab.add(fmt.Sprintf("%.2f", a.Threshold), strconv.Itoa(a.Answered), strconv.Itoa(a.Right), accuracy)
	}
	tab.write(t.out)
	fmt.Fprintln(t.out, "\ncov@95: share of the questions that can be answered at 95 % accuracy. AURC, ECE: 0 is best. --html shows the worst mistakes.")
}

func decimals(f float64) string { return fmt.Sprintf("%.3f", f) }
