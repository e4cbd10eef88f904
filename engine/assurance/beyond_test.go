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

// TestMoreIsAskedThanThereIsAReport: a question that asks something of a report
// which a register does not know is not answered with there being one.
func TestMoreIsAskedThanThereIsAReport(t *testing.T) {
	t.Parallel()
	r := &Register{Company: "Sample Ltd", Reports: []Report{
		{ID: "soc2", Kind: SOC2, Type: 2, Auditor: "Moss LLP", Opinion: Unqualified, Criteria: []string{"security"}, From: NewDay(2025, 10, 1), To: NewDay(2026, 9, 30), Issued: NewDay(2026, 11, 1)},
		{ID: "iso", Kind: ISO27001, Auditor: "Tarn", Certificate: "C-1", Issued: NewDay(2024, 6, 14), ValidUntil: NewDay(2027, 6, 13)},
		{ID: "pen", Kind: Pentest, Auditor: "Kestrel", From: NewDay(2026, 9, 1), To: NewDay(2026, 9, 11), Issued: NewDay(2026, 9, 20)},
	}}
	for question, want := range map[string]string{
		"Are all of your products ISO 27001 certified?":                           "",
		"Are all locations ISO 27001 certified?":                                  "",
		"Do you have an ISO 27001 certificate for your data centre?":              "",
		"Does the ISO 27001 certificate include cloud operations?":                "",
		"Is your penetration test performed quarterly?":                           "",
		"Is the penetration test performed on the hosting environment?":           "",
		"Are penetration tests performed by a CREST certified provider?":          "",
		"Are critical penetration test findings fixed within 30 days?":            "",
		"Do you retest after penetration test findings are fixed?":                "",
		"Will you notify us if your SOC 2 opinion is qualified?":                  "",
		"Have you ever had a qualified SOC 2 opinion?":                            "",
		"Are SOC 2 reports reviewed by management?":                               "",
		"Do you review SOC 2 reports?":                                            "",
		"Was the SOC 2 audit performed by a Big Four firm?":                       "",
		"Has your SOC 2 report covered all services you will provide to us?":      "",
		"Is the auditor of the SOC 2 accredited by ANAB?":                         "",
		"Do customers receive the SOC 2 report automatically?":                    "",
		"Is your ISO 27001 ISMS audited internally every year?":                   "",
		"Was the last penetration test successful?":                               "",
		"Are SOC 2 exceptions reported to the board?":                             "",
		"Can we use your SOC 2 report for our own audit?":                         "",
		"Was the pentest performed on production?":                                "",
		"Do you have a SOC 2 gap assessment?":                                     "",
		"Has your ISO 27001 certificate been renewed without findings?":           "",
		"Is ISO 27001 certification a goal for next year?":                        "",
		"Does your SOC 2 auditor provide consulting to you?":                      "",
		"Do auditors of SOC 2 have access to customer data?":                      "",
		"Does your ISO 27001 certificate expire this year?":                       "",
		"Do you have two SOC 2 auditors?":                                         "",
		"What are the general rules for role provisioning and recertification?":   "",
		"How do you conduct external audits?":                                     "",
		"Do you plan to obtain ISO 27701?":                                        "",
		"Are findings of the penetration test tracked to closure?":                "",
		"Does the SOC 2 report cover the last 12 months?":                         "partial",
		"Does the SOC 2 report cover 12 months?":                                  "yes",
		"Is your company ISO 27001 certified?":                                    "yes",
		"Do you have a penetration test performed by an independent third party?": "yes",
		"Was the SOC 2 opinion qualified?":                                        "no",
	} {
		reply, taken := r.Reply(question, Reader{NDA: true}, NewDay(2026, 11, 26))
		if taken != (want != "") || reply.Verdict != want {
			t.Errorf("%q: taken %v, %q: %s; want %q", question, taken, reply.Verdict, reply.Text, want)
		}
	}
}
