package assurance

import "testing"

// TestGuessedAuditorsAreNotWrittenIn: another name goes into a text only where
// the text says of which report it speaks. What is only guessed is held back,
// and what other firms do is left alone.
func TestGuessedAuditorsAreNotWrittenIn(t *testing.T) {
	t.Parallel()
	r := &Register{Company: "Sample Ltd", Reports: []Report{
		{ID: "soc2", Kind: SOC2, Type: 2, Auditor: "Moss LLP", Criteria: []string{"security"}, From: NewDay(2025, 10, 1), To: NewDay(2026, 9, 30), Issued: NewDay(2026, 11, 1)},
		{ID: "soc1", Kind: SOC1, Type: 2, Auditor: "Moss LLP", From: NewDay(2025, 10, 1), To: NewDay(2026, 9, 30), Issued: NewDay(2026, 11, 1)},
	}}
	c := NewChecker(r, NewDay(2026, 11, 26))
	for text, want := range map[string]Severity{
		"Our SOC 2 audit is performed by Deloitte.": Correct,
		"Our auditor is Deloitte.":                  Block,
		"We are audited by Deloitte.":               Block,
		"Our auditor is Moss LLP.":                  "",
		"First-line support is provided by Brightmast Support, which is in our SOC 2 report.": "",
		"The bank's audit was performed by KPMG.":                                             "",
		"Our vendor's audit was performed by KPMG LLP.":                                       "",
		"Our internal auditor is Jane Doe.":                                                   "",
		"The report on incidents is written by Ann Smith.":                                    "",
		"Our financial statements are audited by KPMG.":                                       "",
	} {
		var got Severity
		for _, f := range c.Check(Statement{Question: "Please describe your assurance.", Text: text}) {
			if f.Rule != "register-auditor" {
				continue
			}
			got = f.Severity
			if (f.Proposal != "") != (got == Correct) {
				t.Errorf("%q: %s with the proposal %q", text, got, f.Proposal)
			}
		}
		if got != want {
			t.Errorf("%q: severity %q, want %q", text, got, want)
		}
	}
}
