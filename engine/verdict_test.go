package engine

import (
	"strings"
	"testing"
)

func TestParseVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want Verdict
		ok   bool
	}{
		{"Yes", VerdictYes, true}, {" yes. ", VerdictYes, true}, {"Y", VerdictYes, true}, {"Fully Implemented", VerdictYes, true},
		{"Ja", VerdictYes, true}, {"Oui", VerdictYes, true}, {"Sí", VerdictYes, true}, {"Sim", VerdictYes, true}, {"Sì", VerdictYes, true},
		{"No", VerdictNo, true}, {"Nein", VerdictNo, true}, {"NON", VerdictNo, true}, {"Não", VerdictNo, true}, {"Nee", VerdictNo, true},
		{"Not implemented", VerdictNo, true}, {"Non-compliant", VerdictNo, true}, {"Partially", VerdictPartial, true}, {"Teilweise", VerdictPartial, true},
		{"In progress", VerdictPartial, true}, {"Planned", VerdictPartial, true},
		{"N/A", VerdictNotApplicable, true}, {"n.a.", VerdictNotApplicable, true}, {"NA", VerdictNotApplicable, true}, {"Not Applicable", VerdictNotApplicable, true},
		{"S/O", VerdictNotApplicable, true}, {"N.v.t.", VerdictNotApplicable, true}, {"partial", VerdictPartial, true}, {"not_applicable", VerdictNotApplicable, true},
		{"", VerdictNone, false}, {"Yes, but only in the EU", VerdictNone, false}, {"Quarterly", VerdictNone, false}, {"None of the above", VerdictNone, false},
		{"Yes/No", VerdictNone, false}, {"None", VerdictNone, false}, {"So", VerdictNone, false},
		{"Non mis en œuvre", VerdictNo, true}, {"Teilweise konform", VerdictPartial, true}, {"Voldoet volledig", VerdictYes, true}, {"No procede", VerdictNotApplicable, true},
		// What depends on a scale or a file, or says more or less than a verdict, states none.
		{"0", VerdictNone, false}, {"1", VerdictNone, false}, {"5", VerdictNone, false}, {"100%", VerdictNone, false}, {"2/3", VerdictNone, false},
		{"Level 3", VerdictNone, false}, {"3 - Fully implemented", VerdictNone, false}, {"1. Ja", VerdictNone, false}, {"a) Yes", VerdictNone, false},
		{"Largely implemented", VerdictNone, false}, {"Weitgehend", VerdictNone, false}, {"Not fully compliant", VerdictNone, false}, {"Minor gap", VerdictNone, false},
		{"Yes - with compensating control", VerdictNone, false}, {"In place with CCW", VerdictNone, false}, {"Not planned", VerdictNone, false},
		{"N/V", VerdictNone, false}, {"N/D", VerdictNone, false}, {"Trifft nicht zu", VerdictNone, false}, {"Not tested", VerdictNone, false}, {"Unknown", VerdictNone, false},
	}
	for _, tt := range tests {
		if got, ok := ParseVerdict(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("ParseVerdict(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

// TestVerdictTable proves that no word states two verdicts, and that each is
// written so that it folds to something.
func TestVerdictTable(t *testing.T) {
	t.Parallel()
	of := map[string]Verdict{}
	for v, words := range verdictTable {
		if !v.IsValid() || v == VerdictNone {
			t.Errorf("words for %q, which is no verdict that can be stated", v)
		}
		for _, w := range strings.Split(words, "|") {
			folded := FoldWords(w)
			if old, ok := of[folded]; folded == "" || ok && old != v {
				t.Errorf("%q states %q and %q", w, v, old)
			}
			of[folded] = v
		}
	}
}

func TestLeadingVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, rest string
		want     Verdict
		ok       bool
	}{
		{"Yes, all disks are encrypted.", "all disks are encrypted.", VerdictYes, true},
		{"No. Planned for 2027.", "Planned for 2027.", VerdictNo, true},
		{"N/A - we have no offices", "we have no offices", VerdictNotApplicable, true},
		{"Yes-men are not hired", "Yes-men are not hired", VerdictNone, false},
		{"No customer data leaves the EU.", "No customer data leaves the EU.", VerdictNone, false},
		{"No. 5 of the list applies.", "No. 5 of the list applies.", VerdictNone, false},
		{"So, we encrypt everything.", "So, we encrypt everything.", VerdictNone, false},
		{"S: see the policy", "S: see the policy", VerdictNone, false},
		{"Quarterly, by the security team.", "Quarterly, by the security team.", VerdictNone, false},
	}
	for _, tt := range tests {
		got, rest, ok := LeadingVerdict(tt.in)
		if got != tt.want || ok != tt.ok || rest != tt.rest {
			t.Errorf("LeadingVerdict(%q) = %q, %q, %v; want %q, %q, %v", tt.in, got, rest, ok, tt.want, tt.rest, tt.ok)
		}
	}
}

func TestCleanRef(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"AIS- 02.2": "AIS-02.2", "AIS-\n02.2": "AIS-02.2", "1.2. ": "1.2", "Q 12": "Q 12", " A.8 .24": "A.8.24", "3)": "3", "": "", "\u00a0GNRL-01\u00a0": "GNRL-01",
	} {
		if got := CleanRef(in); got != want {
			t.Errorf("CleanRef(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNeutralizeFormula(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+49 40 1234": "'+49 40 1234", "-12.5": "-12.5", "-cmd": "'-cmd", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "plain": "plain", "": "", "-": "'-", "+1": "'+1", "-5 %": "-5 %",
	} {
		if got := NeutralizeFormula(in); got != want {
			t.Errorf("NeutralizeFormula(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFolding(f *testing.F) {
	for _, s := range []string{"N/A", "Don’t", "İstanbul", "\xff\xfe", "a\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a := FoldWords(s); FoldWords(a) != a {
			t.Errorf("folding twice: %q then %q", a, FoldWords(a))
		}
		if a := CleanText(s); CleanText(a) != a {
			t.Errorf("cleaning twice: %q then %q", a, CleanText(a))
		}
		_ = CleanRef(s)
		_, _ = ParseVerdict(s)
		_, _, _ = LeadingVerdict(s)
	})
}
