package main

import (
	"context"
	"fmt"

	"vouch/engine"
	"vouch/index"
)

// chosen is the threshold that --precision led to.
type chosen struct {
	Wanted    float64 `json:"wanted"`
	Threshold float64 `json:"threshold"`
	Precision float64 `json:"precision"` // what was measured there, smoothed
	Coverage  float64 `json:"coverage"`  // share of the questions measured that reach it
	Questions int     `json:"questions"` // it was measured on
	Own       bool    `json:"own"`       // on the workspace's questionnaires, not on those vouch was made with
}

func (c *chosen) String() string {
	return fmt.Sprintf("Confidence of at least %.2f for a precision of %.2f: measured %.2f, for %.0f %% of the %d questions of %s",
		c.Threshold, c.Wanted, c.Precision, 100*c.Coverage, c.Questions, measuredOn(c.Own))
}

func measuredOn(own bool) string {
	if own {
		return "your own questionnaires"
	}
	return "the questionnaires vouch was made with (\"vouch calibrate\" measures yours)"
}

// choose sets the threshold; with --precision it returns how it came about.
func (c *answerCmd) choose(ctx context.Context, w *workspace) (*chosen, error) {
	c.threshold = defaultMinConfidence
	if c.MinConfidence != nil {
		c.threshold = *c.MinConfidence
	}
	if c.Precision == nil {
		return nil, nil //nolint:nilnil // nothing to look up
	}
	tuning, err := w.store.Tuning(ctx, w.name)
	if err != nil {
		return nil, err
	}
	picked, err := chooseThreshold(tuning.Calibration, *c.Precision)
	if err == nil {
		c.threshold = picked.Threshold
	}
	return picked, err
}

// chooseThreshold looks the precision up in the workspace's own curve, or
// without one in the shipped curve.
func chooseThreshold(own *engine.Calibration, precision float64) (*chosen, error) {
	curve, questions := index.ShippedCurve(), index.ShippedCurveQuestions
	isOwn := own != nil && len(own.Curve) > 0
	if isOwn {
		curve, questions = own.Curve, own.Questions
	}
	s, best, ok := index.ThresholdFor(curve, questions, precision)
	if !ok {
		return nil, usageError(fmt.Sprintf("--precision %v: no confidence reaches it; the highest that was measured is %.2f, at a confidence of %.2f, on the %d questions of %s; ask for less, or choose --min-confidence yourself",
			precision, floor2(best.Precision), best.Threshold, questions, measuredOn(isOwn)))
	}
	return &chosen{Wanted: precision, Threshold: s.Threshold, Precision: s.Precision, Coverage: s.Coverage, Questions: questions, Own: isOwn}, nil
}

// floor2 cuts p to two digits, so that what is printed can be asked for.
func floor2(p float64) float64 { return float64(int(100*p)) / 100 }
