package assurance

import (
	"strings"
	"testing"
)

// TestReportForTheDataCentre: who asks whether there is a report for what a
// carved out organisation does is not told yes because there is a report.
func TestReportForTheDataCentre(t *testing.T) {
	t.Parallel()
	r := &Register{Company: "Sample Ltd", Reports: []Report{{
		ID: "soc2", Kind: SOC2, Type: 2, Auditor: "Moss LLP", Criteria: []string{"security"}, From: NewDay(2025, 10, 1), To: NewDay(2026, 9, 30), Issued: NewDay(2026, 11, 1),
		Subservices: []Subservice{{Name: "Aldermoor", Service: "data centres", Report: "its own SOC 2"}},
	}}}
	for question, want := range map[string]string{
		"Is a SOC 2 Type 2 report available for the hosting environment?": "no",
		"Do you have a SOC 2 report for your data center?":                "no",
		"Do you have a SOC 2 report of the data centres?":                 "no",
		"Is there a SOC 2 report for the colocation facility?":            "no",
		"Do you have a SOC 2 report for your hosted platform?":            "yes",
		"Do you have a SOC 2 Type 2 report?":                              "yes",
	} {
		reply, taken := r.Reply(question, Reader{NDA: true}, NewDay(2026, 11, 26))
		if !taken || reply.Verdict != want || strings.Contains(reply.Text, "carved out") != (want == "no") {
			t.Errorf("%q: taken %v, %s: %s; want %s", question, taken, reply.Verdict, reply.Text, want)
		}
	}
}
