package draft

import (
	"context"
	"strings"
	"testing"

	"vouch/engine"
)

func entry(question string, v engine.Verdict, answer, text string) *engine.Entry {
	return &engine.Entry{ID: "e-" + question, Version: 1, Question: question, Verdict: v, Answer: answer, Text: text, Source: engine.Source{File: "past.csv", Place: "line 2"}}
}

func passage(e *engine.Entry, confidence float64) engine.Passage {
	return engine.Passage{Kind: engine.PassageEntry, Entry: e, Confidence: confidence, Score: confidence}
}

func choice(cell string, options ...string) engine.Part {
	return engine.Part{Kind: engine.PartChoice, Locator: engine.Locator{Sheet: "S", Cells: []string{cell}}, Options: options}
}

func part(kind engine.PartKind, cell string) engine.Part {
	return engine.Part{Kind: kind, Locator: engine.Locator{Sheet: "S", Cells: []string{cell}}}
}

func TestReuse(t *testing.T) {
	t.Parallel()
	yes := entry("Is data encrypted?", engine.VerdictYes, "", "All disks use AES-256.")
	tests := []struct {
		rule     string
		question string
		language string
		parts    []engine.Part
		evidence []engine.Passage
		values   string // cell=value, joined by ;
		gap      engine.GapReason
	}{
		{
			rule: "ChoiceTakesTheCellsOwnSpelling", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "YES", "NO"), part(engine.PartExplanation, "D2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=YES;D2=All disks use AES-256.",
		},
		{
			rule: "VerdictIsMappedToTheOptionThatStatesIt", question: "Encryption at rest",
			parts:    []engine.Part{choice("C2", "Fully implemented", "Partially implemented", "Not implemented", "Planned")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Fully implemented",
		},
		{
			rule: "PartialIsThePlainestPartialOption", question: "Encryption at rest",
			parts:    []engine.Part{choice("C2", "Fully implemented", "Partially implemented", "Not implemented", "Planned")},
			evidence: []engine.Passage{passage(entry("q", engine.VerdictPartial, "", "Disks only."), 0.9)}, values: "C2=Partially implemented",
		},
		{
			rule: "OptionInTheQuestionnairesLanguage", question: "Werden Daten verschlüsselt?",
			parts:    []engine.Part{choice("C2", "Ja", "Nein")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Ja",
		},
		{
			rule: "OptionsThatBeginWithTheVerdictAndAskForMore", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Select", "Yes, please describe", "No, not at all")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Yes, please describe",
		},
		{
			rule: "OptionsThatClaimMoreThanTheVerdictAreAGap", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Select", "Yes, for all customers", "No, not at all")},
			evidence: []engine.Passage{passage(yes, 0.9)}, gap: engine.GapNoEvidence,
		},
		{
			rule: "PartialNeverBecomesYes", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No"), part(engine.PartExplanation, "D2")},
			evidence: []engine.Passage{passage(entry("q", engine.VerdictPartial, "", "Disks only."), 0.9)}, gap: engine.GapNoEvidence,
		},
		{
			rule: "NotApplicableNeverBecomesNo", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No")},
			evidence: []engine.Passage{passage(entry("q", engine.VerdictNotApplicable, "", "There is none."), 0.9)}, gap: engine.GapNoEvidence,
		},
		{
			rule: "NoEvidenceIsAGap", question: "Is data encrypted?",
			parts: []engine.Part{choice("C2", "Yes", "No", "N/A")}, gap: engine.GapNoEvidence,
		},
		{
			rule: "ControlsAloneAreNoAnswer", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No")},
			evidence: []engine.Passage{{Kind: engine.PassageControl, Control: &engine.Control{Ref: "EN-1"}, Score: 1}}, gap: engine.GapNoEvidence,
		},
		{
			rule: "EqualEntriesThatDisagreeAreAConflict", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No")},
			evidence: []engine.Passage{passage(yes, 0.86), passage(entry("Is all data encrypted?", engine.VerdictNo, "", "Not yet."), 0.84)}, gap: engine.GapConflict,
		},
		{
			rule: "AMuchWorseEntryThatDisagreesIsNoConflict", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No")},
			evidence: []engine.Passage{passage(yes, 0.9), passage(entry("Is mail encrypted?", engine.VerdictNo, "", ""), 0.4)}, values: "C2=Yes",
		},
		{
			rule: "UnreadableDropDownIsAGap", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, gap: engine.GapUnreadable,
		},
		{
			rule: "FreeTextOpensWithTheVerdict", question: "Do you encrypt data at rest?",
			parts:    []engine.Part{part(engine.PartText, "C2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Yes. All disks use AES-256.",
		},
		{
			rule: "FreeTextDoesNotRepeatAVerdictTheTextStates", question: "Do you encrypt data at rest?",
			parts:    []engine.Part{part(engine.PartText, "C2")},
			evidence: []engine.Passage{passage(entry("q", engine.VerdictYes, "", "Yes, with AES-256."), 0.9)}, values: "C2=Yes, with AES-256.",
		},
		{
			rule: "FreeTextAndExplanationShareTheAnswer", question: "Do you encrypt data at rest?", language: "nl",
			parts:    []engine.Part{part(engine.PartText, "C2"), part(engine.PartExplanation, "D2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Ja;D2=All disks use AES-256.",
		},
		{
			rule: "ANarrativeQuestionGetsTheNarrative", question: "Describe your encryption.",
			parts:    []engine.Part{part(engine.PartText, "C2"), part(engine.PartExplanation, "D2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=All disks use AES-256.",
		},
		{
			rule: "MarkChoosesAnOption", question: "Is data encrypted?",
			parts:    []engine.Part{{Kind: engine.PartMark, Options: []string{"Yes", "No", "N/A"}, Locator: engine.Locator{Sheet: "S", Cells: []string{"C2", "D2", "E2"}}}},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2|D2|E2=Yes",
		},
		{
			rule: "AspectsAreNotGuessed", question: "Is data encrypted?",
			parts: []engine.Part{choice("C2", "Yes", "No"), {Kind: engine.PartChoice, Aspect: "maturity", Options: []string{"1", "2"}, Locator: engine.Locator{Cells: []string{"D2"}}},
				{Kind: engine.PartText, Aspect: "evidence", Locator: engine.Locator{Cells: []string{"E2"}}}, part(engine.PartDate, "F2")},
			evidence: []engine.Passage{passage(yes, 0.9)}, values: "C2=Yes",
		},
		{
			rule: "OwnershipOnlyAsOffered", question: "Is data encrypted?",
			parts:    []engine.Part{choice("C2", "Yes", "No"), {Kind: engine.PartOwnership, Options: []string{"CSP-owned", "Shared"}, Locator: engine.Locator{Cells: []string{"D2"}}}},
			evidence: []engine.Passage{passage(&engine.Entry{Question: "q", Verdict: engine.VerdictYes, Ownership: "csp owned"}, 0.9)}, values: "C2=Yes;D2=CSP-owned",
		},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			q := &engine.Question{Text: tt.question, Parts: tt.parts}
			p, err := Reuse{}.Draft(context.Background(), q, tt.language, tt.evidence)
			if err != nil {
				t.Fatal(err)
			}
			if (p.Revision == nil) == (p.Gap == nil) {
				t.Fatalf("revision %v and gap %v: want exactly one", p.Revision, p.Gap)
			}
			if p.Gap != nil {
				if p.Gap.Reason != tt.gap || p.Gap.Detail == "" {
					t.Errorf("gap %+v, want %q with a detail", p.Gap, tt.gap)
				}
				return
			}
			var got []string
			for _, v := range p.Revision.Values {
				got = append(got, strings.Join(v.Part.Locator.Cells, "|")+"="+v.Value)
			}
			if s := strings.Join(got, ";"); s != tt.values || tt.gap != "" {
				t.Errorf("values %q, want %q, gap %q", s, tt.values, tt.gap)
			}
			if len(p.Revision.Citations) == 0 {
				t.Error("a revision without a citation")
			}
		})
	}
}

// TestVerdictText proves that every word which is written for a verdict states
// it, to imports and to options alike.
func TestVerdictText(t *testing.T) {
	t.Parallel()
	for lang, words := range verdictText {
		for v, w := range words {
			if got, ok := engine.ParseVerdict(w); !ok || got != v {
				t.Errorf("%s: %q states %q, listed under %q", lang, w, got, v)
			}
			if r := readLabel(w); !r.states() || r.degree != degreeOf[v] {
				t.Errorf("%s: %q is read as %+v, listed under %q", lang, w, r, v)
			}
		}
	}
}
