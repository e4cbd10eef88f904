package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// Tuning is what a workspace has changed of how evidence is found and how
// sure vouch is of it. The zero value changes nothing.
type Tuning struct {
	Lexicon     string       `json:"lexicon,omitempty"`     // the workspace's own lines, laid over the shipped lexicon, in its format; "" for none
	Calibration *Calibration `json:"calibration,omitempty"` // nil: as shipped
}

// Calibration corrects the shipped confidence by what a workspace's reviewers
// approved: p becomes logistic(Bias + Slope·logit(p)), which is Platt's
// scaling (1999) of a probability. Slope 1 and bias 0 change nothing.
type Calibration struct {
	Slope          float64           `json:"slope"` // above 0, so that the order of answers stays
	Bias           float64           `json:"bias"`
	Questions      int               `json:"questions"`      // approved answers it was fitted on
	Questionnaires int               `json:"questionnaires"` // that they come from
	MadeAt         time.Time         `json:"made_at"`
	Curve          []CalibrationStep `json:"curve,omitempty"` // what each threshold gave when measured, lowest threshold first
}

// CalibrationStep is one point of the curve of coverage and precision. All
// three run from 0 to 1.
type CalibrationStep struct {
	Threshold float64 `json:"threshold"` // answers of at least this confidence are filled in
	Coverage  float64 `json:"coverage"`  // share of the questions that are
	Precision float64 `json:"precision"` // share of those that a reviewer approves unchanged
}

// Limits of a tuning.
const (
	MaxLexiconBytes     = 1 << 20 // of a workspace's own lexicon
	MaxCalibrationSteps = 10_000

	// maxCalibration bounds slope and bias. They are logits and ratios of
	// logits: what lies beyond says that a fit ran away.
	maxCalibration = 50
)

// ErrLexiconSize and ErrLexiconBytes say why a text cannot be a lexicon.
var (
	ErrLexiconSize  = errors.New("the lexicon is larger than 1 MiB; keep the words of your company in it and nothing else")
	ErrLexiconBytes = errors.New("the lexicon is not UTF-8 text; save it as UTF-8 and try again")
)

// Validate returns the first thing wrong with t, or nil. What the lines of
// the lexicon mean is for the index to check.
func (t *Tuning) Validate() error {
	switch {
	case len(t.Lexicon) > MaxLexiconBytes:
		return ErrLexiconSize
	case !utf8.ValidString(t.Lexicon):
		return ErrLexiconBytes
	case t.Calibration != nil:
		return t.Calibration.Validate()
	}
	return nil
}

// Validate returns the first thing wrong with c, or nil.
func (c *Calibration) Validate() error {
	switch {
	case !(c.Slope > 0 && c.Slope <= maxCalibration):
		return fmt.Errorf("calibration: slope %g; it is above 0 and at most %d", c.Slope, maxCalibration)
	case !(math.Abs(c.Bias) <= maxCalibration):
		return fmt.Errorf("calibration: bias %g; it is between -%d and %[2]d", c.Bias, maxCalibration)
	case c.Questions < 1 || c.Questionnaires < 1 || c.Questionnaires > c.Questions:
		return fmt.Errorf("calibration: %d questions of %d questionnaires; each questionnaire gives at least one", c.Questions, c.Questionnaires)
	case c.MadeAt.IsZero():
		return errors.New("calibration: it does not say when it was made")
	case len(c.Curve) > MaxCalibrationSteps:
		return fmt.Errorf("calibration: the curve has %d steps; at most %d are kept", len(c.Curve), MaxCalibrationSteps)
	}
	for i, s := range c.Curve {
		for _, x := range []float64{s.Threshold, s.Coverage, s.Precision} {
			if !(x >= 0 && x <= 1) {
				return fmt.Errorf("calibration: step %d of the curve has %g; thresholds, coverage and precision are between 0 and 1", i+1, x)
			}
		}
		if i > 0 && s.Threshold < c.Curve[i-1].Threshold {
			return fmt.Errorf("calibration: step %d of the curve is below the one before; the lowest threshold comes first", i+1)
		}
	}
	return nil
}

// TuningStore keeps the tuning of each workspace. To store what is stored
// already changes nothing, and there is no change for whoever follows.
type TuningStore interface {
	// Tuning returns the tuning, the zero value if there is none.
	Tuning(ctx context.Context, workspace string) (Tuning, error)

	// PutLexicon stores the workspace's own lexicon, "" to have none, after
	// [Tuning.Validate]. A [ChangeTuning] follows, and then a change of every
	// entry and control: each has other concepts now.
	PutLexicon(ctx context.Context, workspace, text string) error

	// PutCalibration stores the calibration, nil to return to the shipped
	// one. A [ChangeTuning] follows.
	PutCalibration(ctx context.Context, workspace string, c *Calibration) error
}
