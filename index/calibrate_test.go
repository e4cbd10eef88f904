package index

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/engine"
)

// simulated makes n questions of each of three questionnaires whose true odds
// are slope and bias away from what is promised.
func simulated(n int, slope, bias float64) []Approval {
	r := rand.New(rand.NewPCG(1, 2))
	var out []Approval
	for _, q := range []string{"a", "b", "c"} {
		for range n {
			p := 0.05 + 0.85*r.Float64()
			out = append(out, Approval{q, true, p, r.Float64() < logistic(bias+slope*logit(p))})
		}
	}
	return out
}

func TestFitCalibrationFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ slope, bias float64 }{{1, 0}, {0.5, 1}, {1.5, -1}, {2, 0.5}} {
		f, err := FitCalibration(simulated(2000, c.slope, c.bias))
		if err != nil || math.Abs(f.Slope-c.slope) > 0.15 || math.Abs(f.Bias-c.bias) > 0.15 {
			t.Errorf("slope %v bias %v: found %+v, %v", c.slope, c.bias, f, err)
		}
		if moved := c.slope != 1; moved != f.Better() && moved {
			t.Errorf("slope %v bias %v: log loss %.4f before, %.4f after", c.slope, c.bias, f.Before, f.After)
		}
	}
}

// TestFitCalibrationOfFew proves that thirty questions of which all, or none,
// were approved do not run away with the confidence.
func TestFitCalibrationOfFew(t *testing.T) {
	t.Parallel()
	for _, approved := range []bool{true, false} {
		list := simulated(10, 1, 0)
		for i := range list {
			list[i].Approved = approved
		}
		f, err := FitCalibration(list)
		if err != nil || f.Slope < minSlope || f.Slope > 2.5 || math.Abs(f.Bias) > 2.5 {
			t.Errorf("all %v: %+v, %v", approved, f, err)
		}
	}
	if _, err := FitCalibration(simulated(9, 1, 0)); err == nil {
		t.Error("27 questions are taken")
	}
	one := simulated(20, 1, 0)
	for i := range one {
		one[i].Questionnaire = "one"
	}
	if _, err := FitCalibration(one); err == nil {
		t.Error("one questionnaire is taken")
	}
	set := simulated(20, 1, 0)
	for i := range set {
		set[i].Confidence = exactConfidence
	}
	if _, err := FitCalibration(set); err == nil {
		t.Error("questions that no calibration moves are taken")
	}
}

// TestFitCalibrationKeepsOrder proves that answers which say the contrary of
// what is promised do not turn the order around.
func TestFitCalibrationKeepsOrder(t *testing.T) {
	t.Parallel()
	f, err := FitCalibration(simulated(500, -2, 0))
	c := engine.Calibration{Slope: f.Slope, Bias: f.Bias}
	if err != nil || recalibrated(0.8, &c) <= recalibrated(0.2, &c) {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestFitCalibrationHeldOut proves that what was learned from one questionnaire
// and is wrong for the other is not better.
func TestFitCalibrationHeldOut(t *testing.T) {
	t.Parallel()
	list := simulated(20, 1, 0)[:40]
	for i := range list {
		list[i].Approved = list[i].Questionnaire == "a"
	}
	if f, err := FitCalibration(list); err != nil || f.Better() {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestRecalibratedKeepsWhatIsSet(t *testing.T) {
	t.Parallel()
	c := &engine.Calibration{Slope: 1, Bias: 5}
	for from, to := range map[float64]float64{exactConfidence: exactConfidence, contradictedConfidence: contradictedConfidence, 0.8: maxInexact} {
		if got := Recalibrated(from, c); got != to {
			t.Errorf("%v becomes %v, want %v", from, got, to)
		}
	}
}

func TestReliability(t *testing.T) {
	t.Parallel()
	got := Reliability([]Prediction{{true, 0, false}, {true, 0.5, true}, {true, 0.4, false}, {true, 0.51, true}, {true, 1, false}, {false, 0, false}}, 2)
	want := []Bin{{0, 0.5, 3, 0.3, 1.0 / 3}, {0.5, 1, 2, 0.755, 0.5}}
	for i, b := range got {
		if w := want[i]; b.Questions != w.Questions || math.Abs(b.Confidence-w.Confidence) > 1e-9 || math.Abs(b.Accuracy-w.Accuracy) > 1e-9 || b.From != w.From || b.To != w.To {
			t.Errorf("bin %d: %+v, want %+v", i, b, w)
		}
	}
}

func TestWouldApprove(t *testing.T) {
	t.Parallel()
	yes := func(text string) *engine.Entry { return &engine.Entry{Verdict: engine.VerdictYes, Text: text} }
	for name, c := range map[string]struct {
		got, want *engine.Entry
		approve   bool
	}{
		"same":               {yes("Backups are kept for 35 days."), yes("Backups are kept for 35 days."), true},
		"one without text":   {yes(""), yes("Backups are kept for 35 days."), true},
		"in other words":     {yes("Backups are taken daily and kept for 35 days in a second region."), yes("We store each backup 35 days; they are encrypted backups."), true},
		"of something else":  {yes("Visitors sign in at the reception."), yes("Backups are kept for 35 days."), false},
		"other verdict":      {&engine.Entry{Verdict: engine.VerdictNo}, yes(""), false},
		"narrative the same": {&engine.Entry{Answer: "AES-256"}, &engine.Entry{Answer: "AES 256"}, true},
		"narrative another":  {&engine.Entry{Answer: "Hamburg"}, &engine.Entry{Answer: "Frankfurt"}, false},
		"verdict and none":   {&engine.Entry{Answer: "Hamburg"}, yes("Hamburg"), false},
	} {
		if got := WouldApprove(c.got, c.want); got != c.approve {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestThresholdFor(t *testing.T) {
	t.Parallel()
	curve := []engine.CalibrationStep{{Threshold: 0, Coverage: 1, Precision: 0.60}, {Threshold: 0.4, Coverage: 0.5, Precision: 0.90}, {Threshold: 0.6, Coverage: 0.3, Precision: 0.85}, {Threshold: 0.8, Coverage: 0.2, Precision: 0.95}, {Threshold: 0.9, Coverage: 0.01, Precision: 1}}
	for _, c := range []struct{ precision, threshold float64 }{{0.5, 0}, {0.6, 0}, {0.9, 0.4}, {0.95, 0.8}} {
		if s, _, ok := ThresholdFor(curve, 100, c.precision); !ok || s.Threshold != c.threshold {
			t.Errorf("precision %v: %+v, %v", c.precision, s, ok)
		}
	}
	if _, best, ok := ThresholdFor(curve, 100, 0.99); ok || best.Threshold != 0.8 {
		t.Errorf("0.99 rests on one question: best %+v, %v", best, ok)
	}
	before := 0.0
	for _, s := range SmoothPrecision(curve) {
		if s.Precision < before {
			t.Errorf("precision falls at %v", s.Threshold)
		}
		before = s.Precision
	}
	if _, _, ok := ThresholdFor(nil, 0, 0); ok {
		t.Error("a threshold of nothing")
	}
}

func TestApprovalCurve(t *testing.T) {
	t.Parallel()
	got := ApprovalCurve([]Approval{{"a", true, 0.9, true}, {"a", true, 0.5, false}, {"a", false, 0, false}, {"b", true, 0.1, true}})
	if n := len(got); n != 46 || got[0].Coverage != 0.75 || got[n-1] != (engine.CalibrationStep{Threshold: 0.9, Coverage: 0.25, Precision: 1}) {
		t.Errorf("%d steps: %+v", n, got)
	}
	if got := ApprovalCurve(nil); got != nil {
		t.Errorf("of nothing %+v", got)
	}
}
