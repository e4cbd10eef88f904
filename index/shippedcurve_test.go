package index

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"

	"vouch/engine"
)

var printCurve = flag.Bool("curve", false, "measure the shipped curve and print it as Go")

// TestShippedCurve measures the curve, or holds the shipped one to be a curve.
func TestShippedCurve(t *testing.T) {
	curve := ShippedCurve()
	c := engine.Calibration{Slope: 1, Questions: ShippedCurveQuestions, Questionnaires: 1, Curve: curve}
	for i, s := range curve {
		if s.Coverage < 0 || s.Coverage > 1 || s.Precision < 0 || s.Precision > 1 || i > 0 && (s.Threshold <= curve[i-1].Threshold || s.Coverage > curve[i-1].Coverage) {
			t.Errorf("step %d of %d: %+v", i, len(c.Curve), s)
		}
	}
	if _, _, ok := ThresholdFor(curve, ShippedCurveQuestions, 0.5); !ok {
		t.Error("the shipped curve reaches a precision of 0.5 nowhere")
	}
	if !*printCurve {
		return
	}
	names := []string{"caiq-v4", "mvsp", "vsa-full"} // without VSA Core, which shares its questions with VSA Full
	var list []Approval
	for _, target := range names {
		var entries []engine.Entry
		for _, name := range names {
			if name == target {
				continue
			}
			for _, it := range loadAnswers(t, name) {
				entries = append(entries, *it.entry)
			}
		}
		x := mustOpen(t, "", NewCollection(entries, nil), Options{})
		for _, it := range loadAnswers(t, target) {
			found, err := x.Retrieve(context.Background(), CollectionWorkspace, engine.Query{Text: it.text, Section: it.section, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			a := Approval{Questionnaire: target}
			if len(found) > 0 {
				a.Found, a.Confidence, a.Approved = true, found[0].Confidence, WouldApprove(found[0].Entry, it.entry)
			}
			list = append(list, a)
		}
	}
	var b strings.Builder
	for _, s := range ApprovalCurve(list) {
		fmt.Fprintf(&b, "\t{%.2f, %.4f, %.4f},\n", s.Threshold, s.Coverage, s.Precision)
	}
	fmt.Printf("const ShippedCurveQuestions = %d\n\nvar shippedCurve = [][3]float64{\n%s}\n", len(list), b.String())
}
