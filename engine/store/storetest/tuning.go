package storetest

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

func calibration() *engine.Calibration {
	return &engine.Calibration{
		Slope: 1.25, Bias: -0.1, Questions: 300, Questionnaires: 3, MadeAt: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
		Curve: []engine.CalibrationStep{{Threshold: 0.5, Coverage: 0.7, Precision: 0.9}, {Threshold: 0.9, Coverage: 0.3, Precision: 0.99}},
	}
}

func tuningFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	text := "[concepts]\r\nfortress: Fortress; 漢字 \U0001f642\t\n\n# note"
	for _, step := range []struct {
		name string
		do   func() error
		want engine.Tuning
	}{
		{"nothing", func() error { return nil }, engine.Tuning{}},
		{"calibration", func() error { return s.PutCalibration(ctx, here, calibration()) }, engine.Tuning{Calibration: calibration()}},
		{"lexicon", func() error { return s.PutLexicon(ctx, here, text) }, engine.Tuning{Lexicon: text, Calibration: calibration()}},
		{"no calibration", func() error { return s.PutCalibration(ctx, here, nil) }, engine.Tuning{Lexicon: text}},
		{"no lexicon", func() error { return s.PutLexicon(ctx, here, "") }, engine.Tuning{}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		same(t, step.name, must(s.Tuning(ctx, here))(t), step.want)
	}
}

func tuningsApart(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for w, text := range map[string]string{here: "ours", there: "theirs"} {
		if err := errors.Join(s.PutLexicon(ctx, w, text), s.PutCalibration(ctx, w, calibration())); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.PutLexicon(ctx, there, "other"), s.PutCalibration(ctx, there, nil)); err != nil {
		t.Fatal(err)
	}
	same(t, "here", must(s.Tuning(ctx, here))(t), engine.Tuning{Lexicon: "ours", Calibration: calibration()})
	same(t, "there", must(s.Tuning(ctx, there))(t), engine.Tuning{Lexicon: "other"})
}

// tuningOutbox: a new lexicon is followed by a change of every entry and
// control of its workspace, a new calibration by none, the same again by
// nothing at all.
func tuningOutbox(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("One?")))(t)
	e2 := must(s.PutEntry(ctx, here, entry("Two?")))(t)
	c := must(s.PutControl(ctx, here, control("C-1")))(t)
	must(s.PutEntry(ctx, there, entry("Not ours?")))(t)
	tuned := engine.Change{Workspace: here, Kind: engine.ChangeTuning}
	everything := []engine.Change{
		tuned,
		{Workspace: here, Kind: engine.PassageEntry, ID: e.ID},
		{Workspace: here, Kind: engine.PassageEntry, ID: e2.ID},
		{Workspace: here, Kind: engine.PassageControl, ID: c.ID},
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []engine.Change
	}{
		{"lexicon", func() error { return s.PutLexicon(ctx, here, "x") }, everything},
		{"the same lexicon", func() error { return s.PutLexicon(ctx, here, "x") }, nil},
		{"calibration", func() error { return s.PutCalibration(ctx, here, calibration()) }, []engine.Change{tuned}},
		{"the same calibration", func() error { return s.PutCalibration(ctx, here, calibration()) }, nil},
		{"no calibration", func() error { return s.PutCalibration(ctx, here, nil) }, []engine.Change{tuned}},
		{"still none", func() error { return s.PutCalibration(ctx, here, nil) }, nil},
		{"no lexicon", func() error { return s.PutLexicon(ctx, here, "") }, everything},
	} {
		before := must(s.LastChange(ctx))(t)
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := must(s.Changes(ctx, before, 0))(t)
		for i := range got {
			if got[i].Seq != before+int64(i)+1 {
				t.Errorf("%s: change %d has seq %d after %d", step.name, i, got[i].Seq, before)
			}
			got[i].Seq = 0
		}
		same(t, step.name, got, step.want)
	}
}

func invalidTunings(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for text, want := range map[string]error{"\xff": engine.ErrLexiconBytes, strings.Repeat("x", engine.MaxLexiconBytes+1): engine.ErrLexiconSize} {
		if err := s.PutLexicon(ctx, here, text); !errors.Is(err, want) {
			t.Errorf("lexicon of %d bytes: got %v, want %v", len(text), err, want)
		}
	}
	for name, spoil := range map[string]func(*engine.Calibration){
		"slope 0":          func(c *engine.Calibration) { c.Slope = 0 },
		"slope NaN":        func(c *engine.Calibration) { c.Slope = math.NaN() },
		"slope infinite":   func(c *engine.Calibration) { c.Slope = math.Inf(1) },
		"bias NaN":         func(c *engine.Calibration) { c.Bias = math.NaN() },
		"bias infinite":    func(c *engine.Calibration) { c.Bias = math.Inf(-1) },
		"no questions":     func(c *engine.Calibration) { c.Questions = 0 },
		"no time":          func(c *engine.Calibration) { c.MadeAt = time.Time{} },
		"share above 1":    func(c *engine.Calibration) { c.Curve[0].Coverage = 1.5 },
		"steps going down": func(c *engine.Calibration) { c.Curve[1].Threshold = 0.1 },
		"too many steps":   func(c *engine.Calibration) { c.Curve = make([]engine.CalibrationStep, engine.MaxCalibrationSteps+1) },
	} {
		c := calibration()
		spoil(c)
		if err := s.PutCalibration(ctx, here, c); err == nil {
			t.Errorf("%s: was stored", name)
		}
	}
	same(t, "tuning", must(s.Tuning(ctx, here))(t), engine.Tuning{})
	if n := must(s.LastChange(ctx))(t); n != 0 {
		t.Errorf("%d changes of tunings that were refused", n)
	}
}
