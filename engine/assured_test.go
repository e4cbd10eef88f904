package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/draft"
)

// drawer is a retriever that finds the entry with a question, word for word,
// and the controls that are set for it.
type drawer struct {
	entries  []engine.Entry
	controls map[string]engine.Control // by question
}

func (s drawer) Retrieve(_ context.Context, _ string, q engine.Query) (out []engine.Passage, err error) {
	for i := range s.entries {
		if e := &s.entries[i]; e.Question == q.Text {
			out = append(out, engine.Passage{Kind: engine.PassageEntry, Entry: e, Score: 1, Confidence: 0.98})
		}
	}
	question, answer, _ := strings.Cut(q.Text, "\n")
	c, ok := s.controls[answer]
	if answer == "" || !ok {
		c, ok = s.controls[question]
	}
	if ok {
		out = append(out, engine.Passage{Kind: engine.PassageControl, Control: &c, Score: 0.9})
	}
	return out, nil
}

// TestCitesWhatTheAnswerComesTo: a control that the question comes to and the
// past answer does not is not cited.
func TestCitesWhatTheAnswerComesTo(t *testing.T) {
	t.Parallel()
	const question, text = "Are risks assessed?", "A full assessment is made every year."
	for answerComesTo, want := range map[string]int{"AC-1": 1, "AC-2": 0} {
		control := func(ref string) engine.Control {
			return engine.Control{ID: "id-" + ref, Version: 1, Ref: ref, Title: "x"}
		}
		s := drawer{
			entries:  []engine.Entry{{ID: "e", Version: 1, Question: question, Verdict: engine.VerdictYes, Text: text}},
			controls: map[string]engine.Control{question: control("AC-1"), text: control(answerComesTo)},
		}
		q := &engine.Questionnaire{Questions: []engine.Question{{Text: question, Locator: engine.Locator{Cells: []string{"A1"}}, Parts: []engine.Part{
			{Kind: engine.PartExplanation, Locator: engine.Locator{Cells: []string{"D1"}}},
		}}}}
		a := engine.Answering{Retriever: s, Drafter: draft.Reuse{}, MinConfidence: 0.7, Assured: engine.NewAssured(lighthouse(), day("2026-11-26"), assurance.Reader{NDA: true})}
		answers, err := a.Run(t.Context(), "w", q, nil)
		if err != nil || answers[0].Revision == nil {
			t.Fatalf("%+v, %v", answers, err)
		}
		if got := len(answers[0].Revision.Cites); got != want {
			t.Errorf("the answer comes to %s: %d controls cited, want %d", answerComesTo, got, want)
		}
	}
}

func day(s string) assurance.Day {
	d, err := assurance.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// lighthouse is the register of an invented company.
func lighthouse() *assurance.Register {
	return &assurance.Register{
		Company: "Lighthouse", Customers: []string{"Corbel Bank", "Tern Logistics"},
		Reports: []assurance.Report{{
			ID: "soc2", Kind: assurance.SOC2, Type: 2, Auditor: "Farrow Lyle LLP", Opinion: assurance.Unqualified, Criteria: []string{"security"},
			From: day("2025-10-01"), To: day("2026-09-30"), Issued: day("2026-11-02"), Access: assurance.UnderNDA, HowToGet: "Ask the trust desk.",
			Tests: []assurance.Test{
				{Control: "AC-1", Criteria: []string{"CC6.1"}, Result: assurance.NoExceptions},
				{Control: "AC-2", Criteria: []string{"CC6.2"}, Result: assurance.WithException, Text: "3 of 25 leavers kept their access for two days.", Response: "The ticket opens by itself."},
			},
		}},
		Controls: []assurance.Control{
			{ID: "AC-1", Title: "Second factor", Status: assurance.Implemented}, {ID: "AC-2", Title: "Leavers", Status: assurance.Implemented},
			{ID: "DL-1", Title: "Data loss prevention", Status: assurance.Planned, Planned: "Go-live by 30 June 2027."},
		},
	}
}

func TestAssured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		question string
		verdict  engine.Verdict
		text     string
		control  string // that both the question and the entry come to
		reader   assurance.Reader
		style    assurance.Style
		before   []assurance.Said

		wantVerdict engine.Verdict
		wantGap     engine.GapReason
		says        []string // of the explanation, or of the gap's detail
		saysNot     []string
		origin      engine.Origin
		cites       string // report/criterion/control of the first cite
	}{
		"CleanTextsAreLeftAlone": {
			question: "Is data encrypted?", verdict: engine.VerdictYes, text: "All disks use AES-256.",
			wantVerdict: engine.VerdictYes, says: []string{"All disks use AES-256."}, origin: engine.OriginReuse,
		},
		"ReportQuestionsAreAnsweredFromTheRegister": {
			question: "Do you have a SOC 2 Type II report?", verdict: engine.VerdictNo, text: "Not yet.",
			wantVerdict: engine.VerdictYes, says: []string{"30 September 2026", "Farrow Lyle LLP"}, saysNot: []string{"Not yet"}, origin: engine.OriginRegister, cites: "soc2//",
		},
		"WhatIsNotThereIsANo": {
			question: "Are you ISO 27001 certified?", verdict: engine.VerdictYes, text: "Yes, since 2019.",
			wantVerdict: engine.VerdictNo, says: []string{"no ISO/IEC 27001", "SOC 2 Type 2"}, saysNot: []string{"2019"}, origin: engine.OriginRegister,
		},
		"AttestationsAreReworded": {
			question: "How is the programme governed?", verdict: engine.VerdictYes, text: "By a steering group. We are SOC 2 certified.",
			wantVerdict: engine.VerdictYes, says: []string{"covered by a SOC 2 Type 2 attestation report"}, saysNot: []string{"certified"}, origin: engine.OriginReuse,
		},
		"FalseClaimsAreHeldBack": {
			question: "How is the programme governed?", verdict: engine.VerdictYes, text: "By a steering group, under our ISO 27001 certificate.",
			wantGap: engine.GapNoEvidence, says: []string{"ISO/IEC 27001"},
		},
		"OtherCustomersAreNotNamed": {
			question: "Do you have references?", verdict: engine.VerdictYes, text: "Corbel Bank uses it too.",
			wantGap: engine.GapNotDisclosable, says: []string{"another customer"},
		},
		"TheReaderMayBeNamed": {
			question: "Do you have references?", verdict: engine.VerdictYes, text: "Corbel Bank has its own tenant.", reader: assurance.Reader{Name: "Corbel Bank"},
			wantVerdict: engine.VerdictYes, says: []string{"own tenant"}, origin: engine.OriginReuse,
		},
		"LegalCommitmentsAreForOthers": {
			question: "What if something happens?", verdict: engine.VerdictYes, text: "We accept unlimited liability for any breach.",
			wantGap: engine.GapNeedsLegal, says: []string{"law"},
		},
		"DatesThatHavePassedAreStale": {
			question: "Is there a SIEM?", verdict: engine.VerdictPartial, text: "It will be introduced by March 2026.",
			wantGap: engine.GapStale, says: []string{"has passed"},
		},
		"ExceptionsAreNamed": {
			question: "Do leavers lose access?", verdict: engine.VerdictYes, text: "On their last day.", control: "AC-2", reader: assurance.Reader{NDA: true},
			wantVerdict: engine.VerdictYes, says: []string{"On their last day. Our SOC 2 Type 2 report notes an exception: 3 of 25 leavers"}, origin: engine.OriginReuse, cites: "soc2/CC6.2/AC-2",
		},
		"WithoutNDANothingOfTheReportIsTold": {
			question: "Do leavers lose access?", verdict: engine.VerdictYes, text: "On their last day.", control: "AC-2",
			wantVerdict: engine.VerdictYes, says: []string{"On their last day."}, saysNot: []string{"exception", "25"}, origin: engine.OriginReuse,
		},
		"PlannedControlsMakeItPartial": {
			question: "Is there data loss prevention?", verdict: engine.VerdictYes, text: "On outgoing mail.", control: "DL-1", reader: assurance.Reader{NDA: true},
			wantVerdict: engine.VerdictPartial, says: []string{"On outgoing mail. Planned: Go-live by 30 June 2027."}, origin: engine.OriginReuse,
		},
		"CitationsGoIntoTheCellWhenWanted": {
			question: "Is a second factor used?", verdict: engine.VerdictYes, text: "A hardware key.", control: "AC-1", reader: assurance.Reader{NDA: true}, style: assurance.StyleShort,
			wantVerdict: engine.VerdictYes, says: []string{"A hardware key.\nEvidence: SOC 2 Type 2 (1 October 2025 to 30 September 2026); CC6.1; control AC-1: no exceptions."}, origin: engine.OriginReuse, cites: "soc2/CC6.1/AC-1",
		},
		"WhatAnotherCustomerWasToldIsHeldAgainstIt": {
			question: "Are production backups kept in another region?", verdict: engine.VerdictYes, text: "In Stockholm.",
			before:  []assurance.Said{{Customer: "Tern Logistics", On: day("2026-05-04"), Question: "Do you keep production backups in another region?", Verdict: "no", Text: "In the same one."}},
			wantGap: engine.GapConflict, says: []string{"Tern Logistics", "4 May 2026", "In the same one."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := drawer{entries: []engine.Entry{{ID: "e", Version: 1, Question: c.question, Verdict: c.verdict, Text: c.text}}, controls: map[string]engine.Control{}}
			if c.control != "" {
				s.controls[c.question] = engine.Control{ID: "id-" + c.control, Version: 1, Ref: c.control, Title: "x"}
			}
			q := &engine.Questionnaire{Questions: []engine.Question{{Text: c.question, Locator: engine.Locator{Cells: []string{"A1"}}, Parts: []engine.Part{
				{Kind: engine.PartChoice, Options: []string{"Yes", "No", "Partially", "N/A"}, Locator: engine.Locator{Cells: []string{"C1"}}},
				{Kind: engine.PartExplanation, Locator: engine.Locator{Cells: []string{"D1"}}},
			}}}}
			assured := engine.NewAssured(lighthouse(), day("2026-11-26"), c.reader)
			assured.Style, assured.Before = c.style, c.before
			a := engine.Answering{Retriever: s, Drafter: draft.Reuse{}, MinConfidence: 0.7, Assured: assured}
			answers, err := a.Run(t.Context(), "w", q, nil)
			if err != nil {
				t.Fatal(err)
			}
			ans := answers[0]
			got := ""
			if ans.Gap != nil {
				got = ans.Gap.Detail
				if ans.Gap.Reason != c.wantGap {
					t.Errorf("gap %s, want %q: %s", ans.Gap.Reason, c.wantGap, got)
				}
			} else {
				if c.wantGap != "" {
					t.Fatalf("answered %+v, want a gap %s", ans.Revision, c.wantGap)
				}
				for _, v := range ans.Revision.Values {
					if v.Part.Kind == engine.PartExplanation {
						got = v.Value
					}
				}
				if ans.Revision.Verdict != c.wantVerdict || ans.Revision.Origin != c.origin {
					t.Errorf("%s by %s, want %s by %s", ans.Revision.Verdict, ans.Revision.Origin, c.wantVerdict, c.origin)
				}
				if c.cites != "" {
					x := ans.Revision.Cites[0]
					if at := x.Report + "/" + x.Criterion + "/" + x.Control; at != c.cites {
						t.Errorf("cites %s, want %s", at, c.cites)
					}
				}
			}
			for _, w := range c.says {
				if !strings.Contains(got, w) {
					t.Errorf("%q does not say %q", got, w)
				}
			}
			for _, w := range c.saysNot {
				if strings.Contains(got, w) {
					t.Errorf("%q says %q", got, w)
				}
			}
		})
	}
}

// TestContradictionsInOneQuestionnaire: neither of two answers goes out that
// cannot both be true.
func TestContradictionsInOneQuestionnaire(t *testing.T) {
	t.Parallel()
	texts := []string{"Are production backups kept in another region?", "Do you keep production backups in another region?", "Is data encrypted?"}
	s := drawer{}
	q := &engine.Questionnaire{}
	for i, text := range texts {
		verdict := engine.VerdictYes
		if i == 1 {
			verdict = engine.VerdictNo
		}
		s.entries = append(s.entries, engine.Entry{ID: text, Version: 1, Question: text, Verdict: verdict, Text: "Because."})
		cell := string(rune('1' + i))
		q.Questions = append(q.Questions, engine.Question{Text: text, Locator: engine.Locator{Cells: []string{"A" + cell}}, Parts: []engine.Part{
			{Kind: engine.PartChoice, Options: []string{"Yes", "No"}, Locator: engine.Locator{Cells: []string{"C" + cell}}},
		}})
	}
	a := engine.Answering{Retriever: s, Drafter: draft.Reuse{}, MinConfidence: 0.7, Assured: engine.NewAssured(lighthouse(), day("2026-11-26"), assurance.Reader{})}
	answers, err := a.Run(t.Context(), "w", q, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} {
		if got := answers[i].Gap != nil && answers[i].Gap.Reason == engine.GapConflict; got != want {
			t.Errorf("%s: conflict %v, want %v", texts[i], got, want)
		}
	}
}

// TestKeptAnswersAreHeldAgainstTheRules: what the file came with stays as it
// is, and what is wrong with it is said; a draft that contradicts it is held.
func TestKeptAnswersAreHeldAgainstTheRules(t *testing.T) {
	t.Parallel()
	question := func(text, cell, verdict, explanation string) engine.Question {
		return engine.Question{Text: text, Locator: engine.Locator{Cells: []string{"A" + cell}}, Parts: []engine.Part{
			{Kind: engine.PartChoice, Options: []string{"Yes", "No"}, Value: verdict, Locator: engine.Locator{Cells: []string{"C" + cell}}},
			{Kind: engine.PartExplanation, Value: explanation, Locator: engine.Locator{Cells: []string{"D" + cell}}},
		}}
	}
	q := &engine.Questionnaire{Questions: []engine.Question{
		question("Are you audited?", "1", "Yes", "We are SOC 2 certified."),
		question("Are production backups kept in another region?", "2", "No", ""),
		question("Is data encrypted?", "3", "Yes", "At rest."),
		question("Do you keep production backups in another region?", "4", "", ""),
	}}
	s := drawer{entries: []engine.Entry{{ID: "e", Version: 1, Question: q.Questions[3].Text, Verdict: engine.VerdictYes, Text: "In Stockholm."}}}
	for name, assured := range map[string]*engine.Assured{"WithARegister": engine.NewAssured(lighthouse(), day("2026-11-26"), assurance.Reader{}), "Without": nil} {
		a := engine.Answering{Retriever: s, Drafter: draft.Reuse{}, MinConfidence: 0.7, Assured: assured}
		answers, err := a.Run(t.Context(), "w", q, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range answers {
			rules := ""
			for _, f := range answers[i].Findings {
				rules += " " + f.Rule
			}
			if answers[i].Gap != nil {
				rules += " gap " + string(answers[i].Gap.Reason)
			}
			got = append(got, strings.TrimSpace(rules))
		}
		want, doubted := []string{"attestation-certified", "contradiction", "", "gap conflict"}, 2
		if assured == nil {
			want, doubted = []string{"", "", "", ""}, 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if sum := engine.Summarize(q, answers); sum.Kept != 3 || sum.Doubted != doubted {
			t.Errorf("%s: %+v", name, sum)
		}
	}
}

func TestCommitmentsOf(t *testing.T) {
	t.Parallel()
	at := func(cell string) engine.Locator { return engine.Locator{Cells: []string{cell}} }
	q := &engine.Questionnaire{Questions: []engine.Question{
		{Text: "Choice and text?", Ref: "1", Parts: []engine.Part{
			{Kind: engine.PartChoice, Value: "Oui", Locator: at("A1")}, {Kind: engine.PartExplanation, Value: "Parce que.", Locator: at("B1")}, {Kind: engine.PartOwnership, Value: "us", Locator: at("C1")},
		}},
		{Text: "Text alone?", Parts: []engine.Part{{Kind: engine.PartText, Value: "No, we do not.", Locator: at("A2")}}},
		{Text: "Mark?", Parts: []engine.Part{{Kind: engine.PartMark, Value: "N/A", Locator: at("A3")}}},
		{Text: "Empty?", Parts: []engine.Part{{Kind: engine.PartChoice, Locator: at("A4")}}},
	}}
	sent := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	got := engine.CommitmentsOf(q, "Corbel Bank", "q.xlsx", sent)
	want := []engine.Commitment{
		{Ref: "1", Question: "Choice and text?", Verdict: engine.VerdictYes, Answer: "Oui", Text: "Parce que."},
		{Question: "Text alone?", Verdict: engine.VerdictNo, Text: "we do not."},
		{Question: "Mark?", Verdict: engine.VerdictNotApplicable, Answer: "N/A"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d commitments: %+v", len(got), got)
	}
	for i, w := range want {
		w.Customer, w.Questionnaire, w.SentAt = "Corbel Bank", "q.xlsx", sent
		if g := got[i]; g.Verdict != w.Verdict || g.Answer != w.Answer || g.Text != w.Text || g.Question != w.Question || g.Ref != w.Ref || g.Customer != w.Customer || !g.SentAt.Equal(w.SentAt) {
			t.Errorf("got %+v, want %+v", g, w)
		}
	}
}
