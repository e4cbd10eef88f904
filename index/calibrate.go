package index

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/engine"
)

// Approval is what became of one question whose approved answer is known and
// which was answered from other questionnaires.
type Approval struct {
	Questionnaire string  // that the question is of
	Found         bool    // there was a passage
	Confidence    float64 // of the passage, without a calibration of the workspace's own
	Approved      bool    // see [WouldApprove]
}

// sharedWords is the share of the words of the shorter text that the longer
// one must have for two texts to say the same. It is set, not fitted: two
// people who explain one fact share its names and little else.
const sharedWords = 0.2

// WouldApprove reports whether a reviewer who approved want would have
// approved got unchanged: the verdicts are the same, and if both have a text,
// the longer one has a fifth of the words (four letters and more, or with a
// digit) of the shorter one. Two answers without a verdict are the same if
// their texts are in that sense. It errs towards no where one fact is told in
// wholly other words.
func WouldApprove(got, want *engine.Entry) bool {
	if got.Verdict != want.Verdict {
		return false
	}
	a, b := tellingWords(got), tellingWords(want)
	if len(a) == 0 || len(b) == 0 {
		return want.Verdict != engine.VerdictNone || len(a) == len(b) && engine.FoldWords(got.Answer) == engine.FoldWords(want.Answer)
	}
	shared := 0
	for w := range a {
		if b[w] {
			shared++
		}
	}
	return float64(shared) >= sharedWords*float64(min(len(a), len(b)))
}

// tellingWords are the words of an answer that can tell it from another.
func tellingWords(e *engine.Entry) map[string]bool {
	text := e.Text
	if e.Verdict == engine.VerdictNone {
		text = e.Answer + " " + e.Text
	}
	out := map[string]bool{}
	for _, w := range strings.Fields(engine.FoldWords(text)) {
		if len(w) >= 4 || strings.ContainsAny(w, "0123456789") {
			out[w] = true
		}
	}
	return out
}

// CalibrationFit is a fitted calibration and what it is worth.
type CalibrationFit struct {
	Slope, Bias    float64 // see [engine.Calibration]
	Questions      int     // that it was fitted on
	Questionnaires int     // that they come from
	Before, After  float64 // log loss (natural) of a question, without and with: each questionnaire with the fit of the others
}

// Better reports whether the calibration foretells questionnaires that it was
// not fitted on better than what is shipped.
func (f *CalibrationFit) Better() bool { return f.After < f.Before }

// MinCalibration is how many questions a calibration is fitted on at least.
const MinCalibration = 30

// calibrationPull is the strength of the L2 pull towards slope 1 and bias 0,
// in questions: set so that 30 questions move the confidence, but not far.
const calibrationPull = 4

// minSlope keeps the order of answers where they say the contrary.
const minSlope = 0.05

// FitCalibration fits a calibration by Platt's scaling (Platt, Probabilistic
// Outputs for Support Vector Machines, 1999, with his smoothed targets) of the
// logit of the confidence, pulled towards what is shipped. Questions for which
// nothing was found, and those whose confidence is set and not fitted ("word
// for word the same"), which no calibration moves, are left out. The error
// says that there are too few: fewer than [MinCalibration], or all of them of
// one questionnaire.
func FitCalibration(list []Approval) (CalibrationFit, error) {
	var usable []Approval
	byFile := map[string][]Approval{}
	for _, a := range list {
		if a.Found && a.Confidence > 0 && a.Confidence < 1 && !isSet(a.Confidence) {
			usable = append(usable, a)
			byFile[a.Questionnaire] = append(byFile[a.Questionnaire], a)
		}
	}
	f := CalibrationFit{Questions: len(usable), Questionnaires: len(byFile)}
	if len(usable) < MinCalibration || len(byFile) < 2 {
		return f, fmt.Errorf("%d questions of %d questionnaires can be used, and it takes %d of 2: those for which another questionnaire has something, but not the very same question", len(usable), len(byFile), MinCalibration)
	}
	f.Slope, f.Bias = platt(usable)
	var c engine.Calibration
	for file, held := range byFile {
		c.Slope, c.Bias = platt(slices.DeleteFunc(slices.Clone(usable), func(a Approval) bool { return a.Questionnaire == file }))
		for _, a := range held {
			f.Before += logLoss(a.Confidence, a.Approved) / float64(len(usable))
			f.After += logLoss(recalibrated(a.Confidence, &c), a.Approved) / float64(len(usable))
		}
	}
	return f, nil
}

// isSet reports whether a confidence is one of those that are set by rule.
func isSet(p float64) bool {
	return p >= maxInexact || p == contradictedConfidence || p == disputedConfidence || p == wideConfidence
}

// platt minimises the log loss by Newton's method; with the pull it is
// strictly convex.
func platt(list []Approval) (slope, bias float64) {
	yes := 0.0
	for _, a := range list {
		if a.Approved {
			yes++
		}
	}
	no := float64(len(list)) - yes
	slope = 1
	for range 100 {
		gs, gb := calibrationPull*(slope-1), calibrationPull*bias
		hss, hbb, hsb := float64(calibrationPull), float64(calibrationPull), 0.0
		for _, a := range list {
			target := 1 / (no + 2)
			if a.Approved {
				target = (yes + 1) / (yes + 2)
			}
			x := logit(a.Confidence)
			p := logistic(bias + slope*x)
			e, w := p-target, p*(1-p)
			gs, gb = gs+e*x, gb+e
			hss, hbb, hsb = hss+w*x*x, hbb+w, hsb+w*x
		}
		det := hss*hbb - hsb*hsb
		ds, db := (hbb*gs-hsb*gb)/det, (hss*gb-hsb*gs)/det
		step := min(1, 1/max(math.Abs(ds), math.Abs(db))) // no step is longer than 1: Newton's may overshoot
		slope, bias = slope-step*ds, bias-step*db
		if math.Abs(ds)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return max(slope, minSlope), bias
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// logLoss is what foretelling p costs; p is kept off 0 and 1.
func logLoss(p float64, happened bool) float64 {
	p = min(max(p, 1e-6), 1-1e-6)
	if happened {
		return -math.Log(p)
	}
	return -math.Log(1 - p)
}

// curveSteps is how many thresholds a curve has in 0 to 1.
const curveSteps = 50

// ApprovalCurve measures the thresholds 0, 0.02 … 0.98: which share of the
// questions is filled in at each, and which share of those is approved
// unchanged. Thresholds that nothing reaches are left out; the lowest comes
// first.
func ApprovalCurve(list []Approval) []engine.CalibrationStep {
	var out []engine.CalibrationStep
	for i := range curveSteps {
		s := engine.CalibrationStep{Threshold: float64(i) / curveSteps}
		filled, approved := 0.0, 0.0
		for _, a := range list {
			if a.Found && a.Confidence >= s.Threshold {
				filled++
				if a.Approved {
					approved++
				}
			}
		}
		if filled == 0 {
			break
		}
		s.Coverage, s.Precision = filled/float64(len(list)), approved/filled
		out = append(out, s)
	}
	return out
}

// SmoothPrecision returns the curve with its precision smoothed: between
// neighbouring thresholds the share that is approved may only rise, by
// isotonic regression (pool adjacent violators: Barlow et al., Statistical
// Inference under Order Restrictions, 1972), so that the precision above a
// threshold rises with it and no lucky dip or peak is chosen. The curve has its
// lowest threshold first.
func SmoothPrecision(curve []engine.CalibrationStep) []engine.CalibrationStep {
	type block struct {
		share, approved float64
		steps           int
	}
	var blocks []block
	for i, s := range curve {
		b := block{s.Coverage, s.Coverage * s.Precision, 1}
		if i+1 < len(curve) {
			b.share -= curve[i+1].Coverage
			b.approved -= curve[i+1].Coverage * curve[i+1].Precision
		}
		for n := len(blocks); n > 0 && blocks[n-1].approved*b.share >= b.approved*blocks[n-1].share; n-- {
			b = block{b.share + blocks[n-1].share, b.approved + blocks[n-1].approved, b.steps + blocks[n-1].steps}
			blocks = blocks[:n-1]
		}
		blocks = append(blocks, b)
	}
	out := slices.Clone(curve)
	share, approved := 0.0, 0.0
	i := len(out)
	for _, b := range slices.Backward(blocks) {
		rate := 0.0
		if b.share > 0 {
			rate = b.approved / b.share
		}
		for range b.steps {
			i--
			step := out[i].Coverage - share
			share, approved = out[i].Coverage, approved+rate*step
			out[i].Precision = 0
			if share > 0 {
				out[i].Precision = min(max(approved/share, 0), 1)
			}
		}
	}
	return out
}

// minMeasured is how many questions a precision rests on at least: of fewer,
// all can be right by luck.
const minMeasured = 10

// ThresholdFor returns the smallest threshold of the curve from which on its
// smoothed precision is at least precision, among those that at least ten of
// the questions it was measured on reach. Without one ok is false. Best is the
// step of the highest precision among them, the zero value if there is none.
func ThresholdFor(curve []engine.CalibrationStep, questions int, precision float64) (chosen, best engine.CalibrationStep, ok bool) {
	const rounding = 1e-9
	for _, s := range SmoothPrecision(curve) {
		if s.Coverage*float64(questions) < minMeasured-rounding {
			break
		}
		if cmp.Compare(s.Precision, best.Precision) > 0 {
			best = s
		}
		if !ok && s.Precision >= precision-rounding {
			chosen, ok = s, true
		}
	}
	return chosen, best, ok
}

// Recalibrated returns what becomes of a confidence, 0 to 1, by c; what is set
// by rule stays or is bounded as without it.
func Recalibrated(p float64, c *engine.Calibration) float64 {
	if isSet(p) {
		return p
	}
	return min(recalibrated(p, c), maxInexact)
}
