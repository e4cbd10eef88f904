package review

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
)

var update = flag.Bool("update", false, "write the page to testdata/page.html")

func report() *Report {
	q := &engine.Questionnaire{
		Name: "bank <script>.xlsx", Format: "xlsx",
		Questions: []engine.Question{
			{Ref: "1", Section: "Access", Text: "Do you enforce MFA?", Guidance: "For all staff.", Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"B5"}}, Parts: []engine.Part{
				{Kind: engine.PartChoice, Options: []string{"Yes", "No"}, Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"C5"}}},
				{Kind: engine.PartExplanation, Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"D5"}}},
			}},
			{Ref: "2", Section: "Access", Text: "Is <b>everything</b> logged?", Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"B6"}}, Parts: []engine.Part{
				{Kind: engine.PartMark, Options: []string{"Yes", "No"}, Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"C6", "D6"}}},
			}},
			{Ref: "3", Section: "Company", Text: "Name", Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"B8"}}, Parts: []engine.Part{
				{Kind: engine.PartText, Value: "Northwind", Locator: engine.Locator{Sheet: "Q&A", Cells: []string{"C8"}}},
			}},
		},
		Skipped: []engine.Skipped{
			{Sheet: "Q&A", Row: 1, Reason: engine.SkipOutside, Text: "Title"}, {Sheet: "Q&A", Row: 2, Reason: engine.SkipOutside, Text: "More"},
			{Sheet: "Q&A", Row: 7, Reason: engine.SkipSection, Text: "Company"},
		},
	}
	answers := []engine.Answer{
		{Question: &q.Questions[0], Revision: &engine.Revision{
			Verdict: engine.VerdictYes, Text: "=HYPERLINK(\"http://evil\")", Confidence: 0.934, Origin: engine.OriginReuse,
			Values:    []engine.PartValue{{Part: q.Questions[0].Parts[0], Value: "Yes"}, {Part: q.Questions[0].Parts[1], Value: "By hardware key.\nSince 2024."}},
			Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: "e1", Version: 2, Label: "Is MFA enforced?", Where: "past.csv, line 9"}},
			Evidence:  []assurance.Citation{{Short: "SOC 2", Full: "SOC 2 Type 2, CC6.1 & control AC-02"}},
		}, Evidence: []engine.Passage{{Kind: engine.PassageControl, Control: &engine.Control{Ref: "AC-02", Title: "Strong authentication", Criteria: []string{"CC6.1"}}, Score: 0.6}, {Kind: engine.PassageControl, Control: &engine.Control{Ref: "ZZ-99", Title: "Unrelated"}, Score: 0.02}}},
		{Question: &q.Questions[1], Gap: &engine.Gap{Reason: engine.GapNoEvidence, Detail: "nothing resembles it", Findings: []assurance.Finding{{Rule: "soc-certified", Severity: assurance.Block, Why: "a SOC 2 report is no certificate", Words: "SOC <2> certified"}}, Proposal: &engine.Revision{
			Verdict: engine.VerdictNo, Text: "Only some logs.", Confidence: 0.31, Notes: []string{"90 days against 1 year"},
			Citations: []engine.Citation{{Kind: engine.PassageEntry, Label: "Are logs kept?", Where: "past.csv, line 3", Version: 1}},
		}}},
		{Question: &q.Questions[2], Kept: true, Findings: []assurance.Finding{{Rule: "absolute-promise", Severity: assurance.Warn, Why: "an absolute promise", Words: "always <up>"}}},
	}
	return &Report{Questionnaire: q, Answers: answers, Summary: engine.Summarize(q, answers), MinConfidence: 0.8, Output: "out.xlsx", Made: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC), Program: "vouch test"}
}

// TestWriteHTML compares the page with its golden file, and proves that
// nothing of the customer's is taken for markup.
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
	for _, bad := range []string{"<script", "<b>everything", "javascript:", "ZZ-99", "src=", "http-equiv=\"refresh"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, must := range []string{"93 %", "C6|D6", "past.csv, line 9", "AC-02", "no evidence", "Already in the customer", "Q&amp;A!1–2", "90 days against 1 year"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("the page does not show %q", must)
		}
	}
}

// TestWriteHTMLEmpty proves that a page without any question renders.
func TestWriteHTMLEmpty(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteHTML(&b, &Report{Questionnaire: &engine.Questionnaire{Name: "empty.xlsx"}}); err != nil {
		t.Fatal(err)
	}
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCSV(&b, report()); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 4 {
		t.Fatalf("%d lines, want a heading and one for each of 3 questions", len(lines))
	}
	col := map[string]int{}
	for i, h := range lines[0] {
		col[h] = i
	}
	if got := lines[1][col["values"]]; got != "Yes\nBy hardware key.\nSince 2024." {
		t.Errorf("values %q", got)
	}
	if got := lines[1][col["text"]]; !strings.HasPrefix(got, "'=") {
		t.Errorf("a formula is not neutralised: %q", got)
	}
	if lines[2][col["values"]] != "" || lines[2][col["gap"]] != "no_evidence" || lines[2][col["text"]] != "Only some logs." {
		t.Errorf("gap line %q", lines[2])
	}
	if got := lines[1][col["rests_on"]]; got != "Is MFA enforced?\nSOC 2 Type 2, CC6.1 & control AC-02" {
		t.Errorf("rests on %q", got)
	}
	if got := lines[2][col["findings"]]; got != "block soc-certified: a SOC 2 report is no certificate" {
		t.Errorf("findings %q", got)
	}
	if got := lines[3][col["findings"]]; got != "warn absolute-promise: an absolute promise" {
		t.Errorf("findings of a kept answer %q", got)
	}
	if lines[3][col["status"]] != "kept" {
		t.Errorf("status %q, want kept", lines[3][col["status"]])
	}
}
