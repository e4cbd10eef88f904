package list

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

func TestControls(t *testing.T) {
	t.Parallel()
	tab := table(
		"Our controls",
		"Control ID|Control Domain|Control|Control Description|SOC 2|ISO 27001|Owner|Frequency|Status|Cost",
		"AC-01|Access|MFA|MFA is enforced.|CC 6.1, cc6.2|A.8.5; A.5.17|Ann|Quarterly|active|5",
		"Cryptography||||||||",
		"CR-01|||Data is encrypted.|CC6.7 - Transmission||||",
		"CR-02||||||||",
		"CR-01||Keys||||||",
		"||Orphan|text|||||",
	)
	controls, problems, err := Controls(tab, "x/c.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Control{
		{Ref: "AC-01", Domain: "Access", Title: "MFA", Description: "MFA is enforced.", Criteria: []string{"CC6.1", "CC6.2", "A.8.5", "A.5.17"}, Owner: "Ann", Frequency: "Quarterly", Status: "active", Source: engine.Source{File: "c.csv", Ref: "AC-01", Place: "row 3"}},
		{Ref: "CR-01", Domain: "Cryptography", Description: "Data is encrypted.", Criteria: []string{"CC6.7"}, Source: engine.Source{File: "c.csv", Ref: "CR-01", Place: "row 5"}},
	}
	if d := cmp.Diff(want, controls); d != "" {
		t.Errorf("controls (-want +got):\n%s", d)
	}
	wantProblems := []Problem{
		{Place: "row 6", Row: 6, Text: "the control has neither title nor description"},
		{Place: "row 7", Row: 7, Text: "the id is that of the control at row 5"},
		{Place: "row 8", Row: 8, Text: "the control has no id"},
	}
	if d := cmp.Diff(wantProblems, problems); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestCriteria(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"CC 6.1":                    {"CC6.1"},
		"cc-6.1; CC6.2\nCC6.1":      {"CC6.1", "CC6.2"},
		"CC6.1 CC6.2, PI 1.4":       {"CC6.1", "CC6.2", "PI1.4"},
		"SOC 2 CC7.1":               {"CC7.1"},
		"SOC2: A 1.2":               {"A1.2"},
		"ISO 27001:2022 A.8.24":     {"A.8.24"},
		"Annex A 8.24":              {"8.24"},
		"A 8.24":                    {"A.8.24"},
		"CEK-03|PR.AC-1":            {"CEK-03", "PR.AC-1"},
		"n/a":                       nil,
		"-":                         nil,
		"":                          nil,
		"AC-2(1), [AC-3], (CC6.1).": {"AC-2(1)", "AC-3", "CC6.1"},
		"CC6.1 (Logical access)":    {"CC6.1"},
		"P4.1, C1.1":                {"P4.1", "C1.1"},
		"ISO/IEC 27001 A.5.1, 9.2":  {"A.5.1", "9.2"},
	} {
		got := criteriaOf(fields{texts: map[Role]string{RoleCriteria: in}})
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", in, d)
		}
	}
}

func TestDetectControlsLeavesListsOfAnswers(t *testing.T) {
	t.Parallel()
	if _, ok := DetectControls(table("ID|Title|Question|Answer").Rows); ok {
		t.Error("a list of answers was taken for controls")
	}
	if _, _, err := Controls(table("ID|Price"), "a.csv"); !errors.As(err, new(*engine.RefusedError)) {
		t.Errorf("error = %v", err)
	}
}

func TestRealControls(t *testing.T) {
	t.Parallel()
	controls, problems, err := Controls(rowsOf(t, shared(t, "controls/adobe-ccf-v5.csv"), "adobe-ccf-v5.csv"), "adobe-ccf-v5.csv")
	if err != nil || len(problems) > 0 || len(controls) != 317 {
		t.Fatalf("%d controls, want 317; problems %v, error %v", len(controls), problems, err)
	}
	mapped := 0
	for _, c := range controls {
		if c.Title == "" || c.Description == "" || c.Domain == "" {
			t.Errorf("%s: %+v", c.Ref, c)
		}
		for _, id := range c.Criteria {
			if !trustID.MatchString(id) {
				t.Errorf("%s: criterion %q", c.Ref, id)
			}
		}
		if len(c.Criteria) > 0 {
			mapped++
		}
	}
	t.Logf("%d controls with criteria", mapped)
}
