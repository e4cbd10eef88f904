package quality

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

var update = flag.Bool("update", false, "write the page to testdata/page.html")

func report() *Report {
	one := Figures{Name: "bank <script>.xlsx", Questions: 40, Found: 38, Accuracy: 0.82, CoverageA95: 0.45, CoverageA90: 0.6, AURC: 0.07, ECE: 0.11, AlwaysYes: 0.7, Written: 18, Right: 17}
	two := Figures{Name: "shop.csv", Questions: 20, Found: 15, Accuracy: 0.6, CoverageA90: 0.1, AURC: 0.2, ECE: 0.3, AlwaysYes: 0.5}
	return &Report{
		Workspace: "north & co", Threshold: 0.7, Program: "vouch test", Made: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC),
		Together: Figures{Questions: 60, Found: 53, Accuracy: 0.75, CoverageA95: 0.31, CoverageA90: 0.5, AURC: 0.1, ECE: 0.15, AlwaysYes: 0.63, Written: 18, Right: 17,
			At: []Accuracy{{0.5, 30, 27}, {0.7, 18, 17}, {0.95, 0, 0}}},
		Questionnaires: []Figures{one, two},
		Curve:          []Step{{0.98, 0.1, 1}, {0.8, 0.3, 0.94}, {0.5, 0.5, 0.9}, {0.1, 0.88, 0.75}},
		Bins:           []Bin{{0, 0.2, 12, 0.1, 0.5}, {0.2, 0.4, 0, 0, 0}, {0.4, 0.6, 10, 0.5, 0.7}, {0.6, 0.8, 20, 0.7, 0.85}, {0.8, 1, 11, 0.95, 0.9}},
		Mistakes: []Mistake{{Questionnaire: "shop.csv", Place: "line 3", Question: "Is <b>everything</b> logged?", Approved: engine.VerdictNotApplicable, Confidence: 0.91,
			FoundQuestion: "Is all logged?", FoundIn: "bank.xlsx, S!B5", Found: engine.VerdictYes}},
	}
}

// TestWriteHTML compares the page with its golden file, and proves that
// nothing of a questionnaire is taken for markup.
func TestWriteHTML(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteHTML(&b, report()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/page.html", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/page.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Error("the page differs from testdata/page.html; run the test with -update and look at the difference")
	}
	for _, bad := range []string{"<script", "<b>everything", "src=", "href=", "ZgotmplZ", "NaN"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, must := range []string{"north &amp; co", "17 (94\u00a0%)", "not applicable", "bank.xlsx, S!B5", "line 3", "30.0,0.0 90.0,18.0"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("the page does not show %q", must)
		}
	}
}

// TestWriteHTMLEmpty proves that a page of nothing renders, without numbers
// that are none.
func TestWriteHTMLEmpty(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteHTML(&b, &Report{}); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || !strings.Contains(s, "There is none") {
		t.Error("the empty page is wrong")
	}
}

func TestTableCurve(t *testing.T) {
	t.Parallel()
	var curve []Step
	for i := range 1000 {
		curve = append(curve, Step{1 - float64(i)/1000, float64(i+1) / 1000, 1})
	}
	got := tableCurve(curve)
	if len(got) < 10 || len(got) > 13 || got[len(got)-1] != curve[999] {
		t.Errorf("%d steps, the last %+v", len(got), got[len(got)-1])
	}
}
