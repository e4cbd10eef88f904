package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/draft"
)

// shelf retrieves entries by the exact question, with the confidence it has
// for them.
type shelf map[string][]engine.Passage

func (s shelf) Retrieve(_ context.Context, _ string, q engine.Query) ([]engine.Passage, error) {
	return s[q.Text], nil
}

// known is one passage for a question.
func known(id string, confidence float64, v engine.Verdict, question, text string) []engine.Passage {
	return []engine.Passage{{Kind: engine.PassageEntry, Confidence: confidence, Entry: &engine.Entry{ID: id, Version: 1, Question: question, Verdict: v, Text: text, Source: engine.Source{File: "past.csv"}}}}
}

func yesNo(ref, text string) engine.Question {
	return engine.Question{Ref: ref, Text: text, Parts: []engine.Part{
		{Kind: engine.PartChoice, Options: []string{"Yes", "No", "Partially"}, Locator: engine.Locator{Cells: []string{"C" + ref}}},
		{Kind: engine.PartExplanation, Locator: engine.Locator{Cells: []string{"D" + ref}}},
	}}
}

func narrative(ref, text string) engine.Question {
	return engine.Question{Ref: ref, Text: text, Parts: []engine.Part{{Kind: engine.PartText, Locator: engine.Locator{Cells: []string{"C" + ref}}}}}
}

// outcome is an answer in short: its verdict and text, or the reason and
// detail of its gap.
func outcome(a *engine.Answer) string {
	switch {
	case a.Revision != nil:
		return strings.TrimSpace(string(a.Revision.Verdict) + " " + a.Revision.Text)
	case a.Gap != nil:
		return string(a.Gap.Reason) + ": " + a.Gap.Detail
	}
	return "kept"
}

func answer(t *testing.T, a engine.Answering, list ...engine.Question) []engine.Answer {
	t.Helper()
	a.Drafter, a.MinConfidence = draft.Reuse{}, 0.7
	out, err := a.Run(context.Background(), "w", &engine.Questionnaire{Questions: list}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCompoundNeedsEveryHalf proves that a yes for one half is never a yes for
// the whole.
func TestCompoundNeedsEveryHalf(t *testing.T) {
	t.Parallel()
	const rest, transit, both = "Is data encrypted at rest?", "Is data encrypted in transit?", "Is data encrypted at rest and in transit?"
	for _, c := range []struct {
		rule  string
		shelf shelf
		want  string
		cites int
	}{
		{"BothYes", shelf{rest: known("r", 0.9, engine.VerdictYes, rest, "AES-256."), transit: known("t", 0.8, engine.VerdictYes, transit, "TLS 1.2.")}, "yes AES-256. TLS 1.2.", 2},
		{"YesAndNoArePartial", shelf{rest: known("r", 0.9, engine.VerdictYes, rest, "AES-256."), transit: known("t", 0.8, engine.VerdictNo, transit, "Not yet.")}, "partial AES-256. Not yet.", 2},
		{"OneHalfMissing", shelf{both: known("r", 0.8, engine.VerdictYes, rest, "AES-256."), rest: known("r", 0.95, engine.VerdictYes, rest, "AES-256.")}, "no_evidence: the question asks 2 things, and one has no sure answer: “" + transit + "”", 0},
		{"OneHalfUnsure", shelf{rest: known("r", 0.95, engine.VerdictYes, rest, "AES-256."), transit: known("t", 0.4, engine.VerdictYes, transit, "TLS.")}, "no_evidence: the question asks 2 things, and one has no sure answer: “" + transit + "”", 0},
		{"TheVerySameQuestion", shelf{both: known("b", 0.98, engine.VerdictYes, both, "Everywhere.")}, "yes Everywhere.", 1},
		{"AnEntryOverTheSameHalves", shelf{both: known("b", 0.8, engine.VerdictYes, "Do you encrypt data in transit and at rest?", "Everywhere.")}, "yes Everywhere.", 1},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			got := answer(t, engine.Answering{Retriever: c.shelf}, yesNo("1", both))[0]
			if outcome(&got) != c.want {
				t.Fatalf("got %q, want %q", outcome(&got), c.want)
			}
			if c.cites > 0 && len(got.Revision.Citations) != c.cites {
				t.Errorf("%d citations, want %d", len(got.Revision.Citations), c.cites)
			}
			if c.rule == "BothYes" && (got.Revision.Confidence != 0.8 || got.Revision.Values[0].Value != "Yes") {
				t.Errorf("revision %+v: want the smaller confidence, and the cell's own word", got.Revision)
			}
			if c.cites == 0 && (got.Gap.Proposal == nil || got.Gap.Proposal.Values != nil) {
				t.Errorf("gap %+v: want what there is as a proposal that fills nothing", got.Gap)
			}
		})
	}
}

// TestFollowUpDependsOnItsParent proves that a follow-up says nothing that its
// parent does not support.
func TestFollowUpDependsOnItsParent(t *testing.T) {
	t.Parallel()
	const plan, often, describe = "Do you have a recovery plan?", "If yes, how often is it tested?", "If yes, please describe."
	with := func(v engine.Verdict) shelf {
		return shelf{plan: known("p", 0.95, v, plan, "The plan covers all sites."), often: known("o", 0.9, engine.VerdictNone, "How often is the plan tested?", "Every year.")}
	}
	for _, c := range []struct {
		rule, text string
		shelf      shelf
		want       string
	}{
		{"ItsOwnMatch", often, with(engine.VerdictYes), "Every year."},
		{"TheParentIsAGap", often, shelf{often: with(engine.VerdictYes)[often]}, "depends_on: it depends on 1, which has no answer yet"},
		{"TheConditionIsNotMet", often, with(engine.VerdictNo), "depends_on: it is asked only if 1 is answered yes, and that is answered no"},
		{"AskedOnlyForNo", "If not, please explain.", with(engine.VerdictYes), "depends_on: it is asked only if 1 is answered no, and that is answered yes"},
		{"PartialIsSomeOfBoth", "If not, please explain.", with(engine.VerdictPartial), "The plan covers all sites."},
		{"DescribeTakesTheParentsNarrative", describe, with(engine.VerdictYes), "The plan covers all sites."},
		{"HowOftenDoesNot", "If yes, how often is it rehearsed?", with(engine.VerdictYes), "no_evidence: no past answer resembles this question"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			got := answer(t, engine.Answering{Retriever: c.shelf}, yesNo("1", plan), narrative("2", c.text))[1]
			if outcome(&got) != c.want {
				t.Errorf("got %q, want %q", outcome(&got), c.want)
			}
			if got.Revision != nil && len(got.Revision.Citations) == 0 {
				t.Error("a revision without a citation")
			}
		})
	}
	t.Run("TheCustomersOwnAnswerCounts", func(t *testing.T) {
		t.Parallel()
		parent := yesNo("1", plan)
		parent.Parts[0].Value = "No"
		got := answer(t, engine.Answering{Retriever: with(engine.VerdictYes)}, parent, narrative("2", often))[1]
		if want := "depends_on: it is asked only if 1 is answered yes, and that is answered no"; outcome(&got) != want {
			t.Errorf("got %q, want %q", outcome(&got), want)
		}
	})
}

// TestStale proves that an answer whose review is too long ago is a gap.
func TestStale(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	const year = 365 * 24 * time.Hour
	day := func(y int, m time.Month, d int) *time.Time {
		x := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		return &x
	}
	for _, c := range []struct {
		rule     string
		reviewed *time.Time
		maxAge   time.Duration
		stale    bool
	}{
		{"Recent", day(2026, 1, 5), year, false},
		{"TooLongAgo", day(2025, 11, 1), year, true},
		{"NoDateNoAge", nil, year, false},
		{"SwitchedOff", day(2015, 1, 1), 0, false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			list := known("p", 0.95, engine.VerdictYes, "Is it so?", "It is.")
			list[0].Entry.ReviewedAt = c.reviewed
			got := answer(t, engine.Answering{Retriever: shelf{"Is it so?": list}, MaxAge: c.maxAge, Now: now}, yesNo("1", "Is it so?"))[0]
			if stale := got.Gap != nil && got.Gap.Reason == engine.GapStale; stale != c.stale {
				t.Fatalf("got %q, want stale %v", outcome(&got), c.stale)
			}
			if c.stale && (got.Gap.Proposal == nil || !strings.Contains(got.Gap.Detail, "2025-11-01")) {
				t.Errorf("gap %+v: want the answer as its proposal and the date", got.Gap)
			}
		})
	}
}
