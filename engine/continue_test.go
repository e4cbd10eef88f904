package engine_test

import (
	"errors"
	"slices"
	"testing"

	"vouch/engine"
)

// TestContinue proves that answers which are there are not made again, that each
// other one is told of once, and that an error of who is told ends the run.
func TestContinue(t *testing.T) {
	t.Parallel()
	q := &engine.Questionnaire{}
	for range 5 {
		q.Questions = append(q.Questions, question("sure", ""))
	}
	known := map[int]engine.Answer{1: {Revision: &engine.Revision{Text: "known"}}, 3: {Gap: &engine.Gap{Reason: engine.GapConflict}}}
	a := engine.Answering{Retriever: scripted{}, Drafter: scripted{}}
	var made []int
	out, err := a.Continue(t.Context(), "w", q, known, func(place int, ans *engine.Answer) error {
		if ans.Revision == nil || ans.Question != &q.Questions[place] {
			t.Errorf("told of %+v at %d", ans, place)
		}
		made = append(made, place)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(made)
	if !slices.Equal(made, []int{0, 2, 4}) {
		t.Errorf("made %v, want the three that were not there", made)
	}
	if out[1].Revision.Text != "known" || out[3].Gap == nil || out[1].Question != &q.Questions[1] || out[4].Revision == nil {
		t.Errorf("got %+v", out)
	}
	full := errors.New("the disk is full")
	calls := 0
	if _, err := a.Continue(t.Context(), "w", q, nil, func(int, *engine.Answer) error { calls++; return full }); !errors.Is(err, full) || calls != 1 {
		t.Errorf("got %v after %d calls, want the error of who was told, once", err, calls)
	}
}
