package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// scripted is a retriever and drafter that says what a question's text says.
type scripted struct{ fail bool }

func (s scripted) Retrieve(_ context.Context, _ string, q engine.Query) ([]engine.Passage, error) {
	if s.fail {
		return nil, errors.New("the index is gone")
	}
	return []engine.Passage{{Kind: engine.PassageEntry, Entry: &engine.Entry{Question: q.Text}}}, nil
}

func (scripted) Draft(_ context.Context, q *engine.Question, _ string, _ []engine.Passage) (engine.Proposal, error) {
	r := &engine.Revision{Confidence: 0.9, Values: []engine.PartValue{{Part: q.Parts[0], Value: "Yes"}}}
	switch {
	case strings.Contains(q.Text, "unsure"):
		r.Confidence = 0.3
	case strings.Contains(q.Text, "weak conflict"):
		r.Confidence = 0.3
		return engine.Proposal{Gap: &engine.Gap{Reason: engine.GapConflict, Proposal: r}}, nil
	case strings.Contains(q.Text, "conflict"):
		return engine.Proposal{Gap: &engine.Gap{Reason: engine.GapConflict, Proposal: r}}, nil
	case strings.Contains(q.Text, "nothing"):
		return engine.Proposal{Gap: &engine.Gap{Reason: engine.GapNoEvidence}}, nil
	}
	return engine.Proposal{Revision: r}, nil
}

func question(text, value string) engine.Question {
	return engine.Question{Text: text, Parts: []engine.Part{
		{Kind: engine.PartChoice, Value: value, Locator: engine.Locator{Cells: []string{"C1"}}},
		{Kind: engine.PartExplanation, Value: "a note", Locator: engine.Locator{Cells: []string{"D1"}}},
	}}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	q := &engine.Questionnaire{Questions: []engine.Question{
		question("sure", ""), question("unsure", ""), question("conflict", ""), question("weak conflict", ""), question("nothing", ""), question("sure but filled", "No"),
	}}
	a := engine.Answering{Retriever: scripted{}, Drafter: scripted{}, MinConfidence: 0.7}
	done := []int{}
	answers, err := a.Run(context.Background(), "w", q, func(n int) { done = append(done, n) })
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 2, 3, 4, 5, 6}; !slices.Equal(done, want) {
		t.Errorf("progress %v, want %v", done, want)
	}
	got := []string{}
	for i, x := range answers {
		if x.Question != &q.Questions[i] {
			t.Errorf("answer %d belongs to another question", i)
		}
		switch {
		case x.Kept:
			got = append(got, "kept")
		case x.Revision != nil:
			got = append(got, "answered")
		default:
			got = append(got, string(x.Gap.Reason))
		}
	}
	if want := []string{"answered", "no_evidence", "conflict", "no_evidence", "no_evidence", "kept"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if g := answers[1].Gap; g.Proposal == nil || !strings.Contains(g.Detail, "0.30") {
		t.Errorf("gap %+v: want the draft as its proposal and its confidence", g)
	}
	s := engine.Summarize(q, answers)
	if s.Answered != 1 || s.Kept != 1 || s.Gaps[engine.GapNoEvidence] != 3 || s.Gaps[engine.GapConflict] != 1 || s.Questions != 6 {
		t.Errorf("summary %+v", s)
	}
	if v := engine.Fill(q, answers, false); len(v) != 1 || v[0].Value != "Yes" {
		t.Errorf("values %+v, want the one of the sure answer", v)
	}
	a.Overwrite = true
	again, err := a.Run(context.Background(), "w", q, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again[5].Kept || len(engine.Fill(q, again, true)) != 2 {
		t.Errorf("with overwrite the filled question is answered too: %+v", again[5])
	}
}

func TestAnsweringStops(t *testing.T) {
	t.Parallel()
	q := &engine.Questionnaire{Questions: make([]engine.Question, 100)}
	for i := range q.Questions {
		q.Questions[i] = question("sure", "")
	}
	t.Run("AtTheFirstError", func(t *testing.T) {
		t.Parallel()
		a := engine.Answering{Retriever: scripted{fail: true}, Drafter: scripted{}}
		if _, err := a.Run(context.Background(), "w", q, nil); err == nil || !strings.Contains(err.Error(), "the index is gone") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("WhenCancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		a := engine.Answering{Retriever: scripted{}, Drafter: scripted{}}
		_, err := a.Run(ctx, "w", q, func(n int) {
			if n == 3 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// TestFillWritesHeadingsOnlyWithAnswers proves that an added column gets its
// heading only if something is written at all.
func TestFillWritesHeadingsOnlyWithAnswers(t *testing.T) {
	t.Parallel()
	q := &engine.Questionnaire{Appended: []engine.PartValue{{Value: "Answer"}}, Questions: []engine.Question{question("x", "")}}
	if v := engine.Fill(q, []engine.Answer{{Question: &q.Questions[0], Gap: &engine.Gap{}}}, false); len(v) != 0 {
		t.Errorf("values %+v, want none", v)
	}
	r := &engine.Revision{Values: []engine.PartValue{{Part: q.Questions[0].Parts[0], Value: "Yes"}}}
	if v := engine.Fill(q, []engine.Answer{{Question: &q.Questions[0], Revision: r}}, false); len(v) != 2 || v[0].Value != "Answer" {
		t.Errorf("values %+v, want the heading first", v)
	}
}
