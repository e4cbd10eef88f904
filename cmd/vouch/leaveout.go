package main

import (
	"context"
	"fmt"
	"slices"

	"vouch/engine"
	"vouch/index"
)

// Least of a library to measure on.
const (
	minFiles     = 2
	minQuestions = 20
)

// leftOut is a questionnaire that was answered from the others.
type leftOut struct {
	file      string
	questions []evalQuestion
	found     []*engine.Passage // one for each question, nil where nothing was found
}

// surety is the confidence, 0 to 1, that verdicts are measured with. What is
// written goes by [engine.Passage.Confidence] all the same.
func surety(p *engine.Passage) float64 { return p.VerdictConfidence }

// transfer answers each question with the first entry of the collection that
// the index finds, nil for none. step is called after each.
func transfer(ctx context.Context, t *terminal, c *index.Collection, questions []evalQuestion, step func()) ([]*engine.Passage, error) {
	x, err := openCollection(ctx, t, c)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	var out []*engine.Passage
	for _, q := range questions {
		found, err := x.Retrieve(ctx, index.CollectionWorkspace, engine.Query{Text: q.query.Text, Section: q.query.Section, Limit: 1})
		if err != nil {
			return nil, err
		}
		var p *engine.Passage
		if len(found) > 0 {
			p = &found[0]
		}
		out = append(out, p)
		step()
	}
	return out, nil
}

// predictions compares verdicts.
func predictions(questions []evalQuestion, found []*engine.Passage) []index.Prediction {
	var out []index.Prediction
	for i, q := range questions {
		var p index.Prediction
		if f := found[i]; f != nil {
			p = index.Prediction{Found: true, Confidence: surety(f), Agrees: q.verdict != engine.VerdictNone && f.Entry.Verdict == q.verdict}
		}
		out = append(out, p)
	}
	return out
}

// approvedEntries reads the library of the workspace and its tuning; a library
// that is too small to measure on is refused.
func approvedEntries(ctx context.Context, w *workspace) ([]engine.Entry, engine.Tuning, error) {
	tuning, err := w.store.Tuning(ctx, w.name)
	if err != nil {
		return nil, tuning, err
	}
	var entries []engine.Entry
	files, answered := map[string]bool{}, 0
	for e, err := range w.store.AllEntries(ctx, w.name, engine.EntryFilter{}) {
		if err != nil {
			return nil, tuning, err
		}
		entries = append(entries, e)
		if e.Verdict != engine.VerdictNone {
			files[e.Source.File] = true
			answered++
		}
	}
	if len(files) < minFiles || answered < minQuestions {
		return nil, tuning, usageError(fmt.Sprintf("the library holds %s answered with yes, no, partial or not applicable, from %s; to measure it takes %d from %d: import filled questionnaires with \"vouch library import FILE FILE\", each as a file of its own",
			count(answered, "question", "questions"), count(len(files), "file", "files"), minQuestions, minFiles))
	}
	return entries, tuning, nil
}

// leaveOneOut answers the questions of each file that chosen keeps from the
// entries of all other files.
func leaveOneOut(ctx context.Context, g *global, t *terminal, what string, entries []engine.Entry, tuning engine.Tuning, chosen func(*engine.Entry) bool) ([]leftOut, error) {
	var files []string
	total := 0
	byFile := map[string][]evalQuestion{}
	for i := range entries {
		e := &entries[i]
		if !chosen(e) {
			continue
		}
		total++
		if byFile[e.Source.File] == nil {
			files = append(files, e.Source.File)
		}
		byFile[e.Source.File] = append(byFile[e.Source.File], questionOf(e))
	}
	slices.Sort(files)
	bar := newProgress(t.err, g.Quiet, what, total)
	defer bar.done()
	done := 0
	var out []leftOut
	for _, file := range files {
		rest := slices.DeleteFunc(slices.Clone(entries), func(e engine.Entry) bool { return e.Source.File == file })
		found, err := transfer(ctx, t, index.NewCollection(rest, nil).Tune(tuning), byFile[file], func() { done++; bar.set(done) })
		if err != nil {
			return nil, fmt.Errorf("answer %s from the other files: %w", file, err)
		}
		out = append(out, leftOut{file, byFile[file], found})
	}
	return out, nil
}

// approvals says of each question whether what was found would have been
// approved.
func approvals(parts []leftOut) []index.Approval {
	var out []index.Approval
	for _, p := range parts {
		for i, q := range p.questions {
			a := index.Approval{Questionnaire: p.file}
			if f := p.found[i]; f != nil {
				a.Found, a.Confidence, a.Approved = true, f.Confidence, index.WouldApprove(f.Entry, q.entry)
			}
			out = append(out, a)
		}
	}
	return out
}
