package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// subjects are what the questionnaires of these tests ask about.
var subjects = []string{"customer data encrypted at rest", "backups tested every year", "visitors registered at the reception", "laptops locked when unattended", "penetration tests performed by a third party",
	"access rights reviewed each quarter", "security incidents reported to customers", "subprocessors listed in the contract", "firewalls configured to deny by default", "employees screened before they are hired",
	"source code reviewed before release", "passwords stored as salted hashes", "audit logs kept for one year", "production and test environments separated", "antivirus software installed on servers",
	"risk assessments done every year", "disaster recovery exercises documented", "mobile devices managed centrally", "vulnerabilities patched within thirty days", "data deleted at the end of the contract"}

// twoForms is a data directory with two filled questionnaires that ask the
// same in two ways. Every third answer differs between them.
func twoForms(t *testing.T) (data string) {
	t.Helper()
	dir := t.TempDir()
	var a, b strings.Builder
	a.WriteString("question,answer,explanation\n")
	b.WriteString("question,answer,explanation\n")
	for i, s := range subjects {
		answer := []string{"Yes", "No", "Yes"}[i%3]
		other := answer
		if i%3 == 2 {
			other = "No"
		}
		fmt.Fprintf(&a, "Are %s?,%s,Our procedure for %s.\n", s, answer, s)
		fmt.Fprintf(&b, "Please confirm whether your company has %s,%s,We have a procedure for %s.\n", s, other, s)
	}
	data = filepath.Join(dir, "data")
	must(t, "library", "import", evalFile(t, dir, "first.csv", a.String()), evalFile(t, dir, "second.csv", b.String()), "--data", data)
	return data
}

func TestEvalWorkspace(t *testing.T) {
	t.Parallel()
	data, dir := twoForms(t), t.TempDir()
	page, curve := filepath.Join(dir, "q.html"), filepath.Join(dir, "curve.tsv")
	var r struct {
		Together struct {
			Questions, Found, Written int
			Right                     int     `json:"written_right"`
			Accuracy                  float64 `json:"accuracy_of_found"`
			AlwaysYes                 float64 `json:"always_yes_accuracy"`
		}
		Questionnaires []struct{ Name string }
	}
	args := []string{"eval", "workspace", "--data", data}
	if err := json.Unmarshal([]byte(must(t, append(args, "--html", page, "--curve-out", curve, "--format", "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	// 6 of 20 answers differ between the two forms: 14 of 20 verdicts are right each way.
	if n := r.Together; n.Questions != 40 || n.Found != 40 || math.Abs(n.Accuracy-0.7) > 1e-9 || math.Abs(n.AlwaysYes-20.0/40) > 1e-9 || n.Right > n.Written {
		t.Errorf("together %+v", n)
	}
	if len(r.Questionnaires) != 2 || r.Questionnaires[0].Name != "first.csv" || r.Questionnaires[1].Name != "second.csv" {
		t.Errorf("questionnaires %+v", r.Questionnaires)
	}
	html, err := os.ReadFile(page)
	if err != nil || strings.Count(string(html), "<tr><th scope=\"row\">") < 20 || !strings.Contains(string(html), "Are visitors registered at the reception?") {
		t.Errorf("the page does not show the mistakes; error %v", err)
	}
	if tsv, err := os.ReadFile(curve); err != nil || !strings.HasPrefix(string(tsv), "threshold\tcoverage\taccuracy\n") {
		t.Errorf("curve %.60q, error %v", tsv, err)
	}
	out := must(t, args...)
	for _, want := range []string{"all together", "first.csv", "0.700"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, text := range []string{"visitors", "procedure"} {
		if strings.Contains(out, text) {
			t.Errorf("the terminal shows text of a questionnaire: %q", text)
		}
	}
}

// TestMeasuringRefuses proves that what cannot be measured is refused with what
// to import.
func TestMeasuringRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := filepath.Join(dir, "one")
	must(t, "library", "import", evalFile(t, dir, "few.csv", evalCorpus), "--data", one)
	data := twoForms(t)
	form := evalFile(t, dir, "form.csv", "question,answer\nAre backups tested every year?,\n")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no library":      {[]string{"eval", "workspace", "--data", filepath.Join(dir, "none")}, "there is no library"},
		"one file":        {[]string{"eval", "workspace", "--data", one}, "from 1 file; to measure it takes 20 from 2: import filled questionnaires"},
		"calibrate":       {[]string{"calibrate", "--data", one}, "to measure it takes 20 from 2"},
		"two outputs":     {[]string{"eval", "workspace", "--data", data, "--html", "x", "--curve-out", "x"}, "name one file"},
		"both":            {[]string{"answer", form, "-o", filepath.Join(dir, "o.csv"), "--data", data, "--precision", "0.9", "--min-confidence", "0.7"}, "can't be used together"},
		"no share":        {[]string{"answer", form, "-o", filepath.Join(dir, "o.csv"), "--data", data, "--precision", "95"}, "give a share from 0 to below 1"},
		"out of reach":    {[]string{"answer", form, "-o", filepath.Join(dir, "o.csv"), "--data", data, "--precision", "1"}, "no measurement can promise more"},
		"reset and a dry": {[]string{"calibrate", "--data", data, "--dry-run", "--reset"}, "can't be used together"},
	} {
		if code, _, stderr := vouch(t, c.args...); code != exitRefused || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, %q", name, code, stderr)
		}
	}
}

// TestCalibrate proves that a calibration is stored only if it is better and
// nobody asked for a dry run, and that --reset takes it back.
func TestCalibrate(t *testing.T) {
	t.Parallel()
	data := twoForms(t)
	g := &global{Data: data, Workspace: "default"}
	stored := func() *engine.Calibration {
		s, err := openStore(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tuning, err := s.Tuning(t.Context(), g.Workspace)
		if err != nil {
			t.Fatal(err)
		}
		return tuning.Calibration
	}
	run := func(flags ...string) (r calibrated) {
		if err := json.Unmarshal([]byte(must(t, append([]string{"calibrate", "--data", data, "--format", "json"}, flags...)...)), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run("--dry-run"); r.Stored || stored() != nil || r.Questionnaires != 2 {
		t.Errorf("a dry run: %+v", r)
	}
	r := run()
	c := stored()
	if !r.Better || r.After >= r.Before || !r.Stored || c == nil { // a third of the confident answers are wrong
		t.Errorf("%+v, stored %v", r, c)
	}
	if c != nil && (c.Slope != r.Slope || c.Bias != r.Bias || len(c.Curve) == 0 || c.Validate() != nil) {
		t.Errorf("stored %+v of %+v", c, r)
	}
	if run("--reset"); stored() != nil {
		t.Error("--reset leaves the calibration")
	}
}

// TestChooseThreshold proves that a workspace's own curve goes before the
// shipped one.
func TestChooseThreshold(t *testing.T) {
	t.Parallel()
	own := &engine.Calibration{Slope: 1, Questions: 100, Questionnaires: 2, MadeAt: time.Now(), Curve: []engine.CalibrationStep{{Threshold: 0, Coverage: 1, Precision: 0.6}, {Threshold: 0.5, Coverage: 0.4, Precision: 0.96}}}
	if c, err := chooseThreshold(own, 0.95); err != nil || !c.Own || c.Threshold != 0.5 || c.Precision != 0.96 || c.Questions != 100 {
		t.Errorf("own: %+v, %v", c, err)
	}
	if c, err := chooseThreshold(nil, 0.6); err != nil || c.Own || c.Precision < 0.6 {
		t.Errorf("shipped: %+v, %v", c, err)
	}
	if _, err := chooseThreshold(own, 0.97); err == nil || !strings.Contains(err.Error(), "0.96, at a confidence of 0.50, on the 100 questions of your own questionnaires") {
		t.Errorf("out of reach: %v", err)
	}
}
