package main

import (
	"context"
	"fmt"
	"time"

	"vouch/engine"
	"vouch/index"
)

// calibrateCmd fits the confidence to what a workspace approved.
type calibrateCmd struct {
	DryRun bool   `help:"Say what would change and store nothing." xor:"what"`
	Reset  bool   `help:"Forget this workspace's calibration and return to what vouch brings along." xor:"what"`
	Format string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is called by kong.
func (c *calibrateCmd) Help() string {
	return `Each approved questionnaire of the library is answered from the others, as in "vouch eval workspace". From how often the answer would have been approved unchanged (the same verdict, and a text of the same words in the main) vouch learns how sure it may be. It is stored only if it foretells questionnaires that it was not learned from better than what vouch brings along.

After it, "vouch answer --precision 0.85" rests on your own questionnaires. Calibrate again when you have imported more.`
}

// calibrated is what calibrate prints.
type calibrated struct {
	Questions      int       `json:"questions"`      // fitted on
	Questionnaires int       `json:"questionnaires"` // they come from
	Slope          float64   `json:"slope"`
	Bias           float64   `json:"bias"`
	Before         float64   `json:"log_loss_before"` // held out by questionnaire
	After          float64   `json:"log_loss_after"`
	Better         bool      `json:"better"`
	Stored         bool      `json:"stored"`
	Reset          bool      `json:"reset,omitempty"`
	Moves          []moved   `json:"moves,omitempty"`
	MadeAt         time.Time `json:"made_at"`
}

// moved is what becomes of a confidence.
type moved struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// Run is called by kong.
func (c *calibrateCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	w := &workspace{name: g.Workspace, store: s}
	r := &calibrated{Reset: c.Reset, MadeAt: time.Now().UTC()}
	if c.Reset {
		err = s.PutCalibration(ctx, w.name, nil)
	} else {
		err = c.calibrate(ctx, g, t, w, r)
	}
	if err != nil {
		return err
	}
	if c.Format == "json" {
		return writeJSON(t.out, r)
	}
	if !g.Quiet {
		c.print(t, r)
	}
	return nil
}

// calibrate fits, and stores what is better.
func (c *calibrateCmd) calibrate(ctx context.Context, g *global, t *terminal, w *workspace, r *calibrated) error {
	entries, tuning, err := approvedEntries(ctx, w)
	if err != nil {
		return err
	}
	all := func(*engine.Entry) bool { return true }
	tuning.Calibration = nil
	parts, err := leaveOneOut(ctx, g, t, "Answering", entries, tuning, all)
	if err != nil {
		return err
	}
	f, err := index.FitCalibration(approvals(parts))
	if err != nil {
		return usageError(fmt.Sprintf("too few approved answers to calibrate with: %v; import more filled questionnaires with \"vouch library import\"", err))
	}
	r.Questions, r.Questionnaires, r.Slope, r.Bias, r.Before, r.After, r.Better = f.Questions, f.Questionnaires, f.Slope, f.Bias, f.Before, f.After, f.Better()
	made := &engine.Calibration{Slope: f.Slope, Bias: f.Bias, Questions: f.Questions, Questionnaires: f.Questionnaires, MadeAt: r.MadeAt}
	for _, p := range []float64{0.2, 0.4, 0.6, 0.8} {
		r.Moves = append(r.Moves, moved{p, index.Recalibrated(p, made)})
	}
	if !r.Better || c.DryRun {
		return nil
	}
	tuning.Calibration = made // the thresholds of the curve are of the confidence as it will be
	if parts, err = leaveOneOut(ctx, g, t, "Measuring", entries, tuning, all); err != nil {
		return err
	}
	measured := approvals(parts)
	made.Curve, made.Questions, made.Questionnaires = index.ApprovalCurve(measured), len(measured), len(parts)
	r.Stored = true
	return w.store.PutCalibration(ctx, w.name, made)
}

func (c *calibrateCmd) print(t *terminal, r *calibrated) {
	if r.Reset {
		fmt.Fprintln(t.out, "The confidence is what vouch brings along.")
		return
	}
	fmt.Fprintf(t.out, "%s of %s; log loss on questionnaires not learned from: %.4f before, %.4f after\n",
		count(r.Questions, "question", "questions"), count(r.Questionnaires, "questionnaire", "questionnaires"), r.Before, r.After)
	if !r.Better {
		fmt.Fprintln(t.out, "That is not better: nothing is stored, and the confidence stays what it was.")
		return
	}
	for _, m := range r.Moves {
		fmt.Fprintf(t.out, "  a confidence of %.2f becomes %.2f\n", m.From, m.To)
	}
	if r.Stored {
		fmt.Fprintln(t.out, "Stored. \"vouch answer --precision P\" rests on it; \"vouch calibrate --reset\" takes it back.")
	} else {
		fmt.Fprintln(t.out, "Nothing is stored (--dry-run).")
	}
}
