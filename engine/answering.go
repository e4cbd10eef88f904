package engine

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// Proposal is what a drafter makes of a question: a revision or a gap.
type Proposal struct {
	Revision *Revision
	Gap      *Gap
}

// Drafter proposes an answer from evidence. It never invents: what the
// evidence does not say is a gap.
type Drafter interface {
	// Draft returns a revision or a gap for q, never both and never neither.
	// language is the questionnaire's, "" if unknown.
	Draft(ctx context.Context, q *Question, language string, evidence []Passage) (Proposal, error)
}

// Answering answers whole questionnaires: retrieve, draft, hold back what is
// not sure enough.
type Answering struct {
	Retriever Retriever
	Drafter   Drafter

	// MinConfidence is the confidence, 0 to 1, below which a draft becomes a
	// gap whose cells stay empty.
	MinConfidence float64

	// Overwrite also answers questions the file already holds an answer for.
	Overwrite bool
}

// evidencePerQuestion is how many passages of each kind are retrieved: a
// reviewer reads three, and a conflict between entries is visible among the
// first five.
const evidencePerQuestion = 5

// Run returns one answer for each question of q, in order. progress, if not
// nil, is called with the number of questions done, from one goroutine at a
// time and never after Run has returned. The first error ends the run.
func (a *Answering) Run(ctx context.Context, workspace string, q *Questionnaire, progress func(done int)) ([]Answer, error) {
	out := make([]Answer, len(q.Questions))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		done int
	)
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), 8) {
		wg.Go(func() {
			for i := range next {
				ans, err := a.one(ctx, workspace, q, &q.Questions[i])
				if err != nil {
					cancel(fmt.Errorf("answer question at %s: %w", q.Questions[i].Locator, err))
					return
				}
				out[i] = ans
				mu.Lock()
				done++
				if progress != nil {
					progress(done)
				}
				mu.Unlock()
			}
		})
	}
	for i := range q.Questions {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return out, nil
}

func (a *Answering) one(ctx context.Context, workspace string, qn *Questionnaire, q *Question) (Answer, error) {
	ans := Answer{Question: q}
	if !a.Overwrite && q.IsAnswered() {
		ans.Kept = true
		return ans, nil
	}
	evidence, err := a.Retriever.Retrieve(ctx, workspace, Query{Text: q.Text, Section: q.Section, Guidance: q.Guidance, Limit: evidencePerQuestion})
	if err != nil {
		return ans, fmt.Errorf("retrieve: %w", err)
	}
	ans.Evidence = evidence
	p, err := a.Drafter.Draft(ctx, q, qn.Language, evidence)
	if err != nil {
		return ans, fmt.Errorf("draft: %w", err)
	}
	ans.Revision, ans.Gap = p.Revision, p.Gap
	a.holdBack(&ans)
	return ans, nil
}

// holdBack turns what is not sure enough into a gap. Whether an answer that is
// not sure enough also conflicts with another, or does not fit its cell, is of
// no interest.
func (a *Answering) holdBack(ans *Answer) {
	r := ans.Revision
	if ans.Gap != nil {
		r = ans.Gap.Proposal
	}
	if r == nil || r.Confidence >= a.MinConfidence {
		return
	}
	ans.Revision = nil
	ans.Gap = &Gap{
		Reason:   GapNoEvidence,
		Detail:   fmt.Sprintf("the nearest past answer fits with confidence %.2f, below the threshold of %.2f", r.Confidence, a.MinConfidence),
		Proposal: r,
	}
}

// IsAnswered reports whether the customer's file already holds the answer
// itself, whatever else may still be empty.
func (q *Question) IsAnswered() bool {
	for i := range q.Parts {
		if q.Parts[i].IsAnswer() && q.Parts[i].Value != "" {
			return true
		}
	}
	return false
}

// Fill returns the values to write for the answers: those of every revision,
// without the parts that already hold something unless overwrite is set, and
// the headings of added columns in use.
func Fill(q *Questionnaire, answers []Answer, overwrite bool) []PartValue {
	var out []PartValue
	for i := range answers {
		if answers[i].Revision == nil {
			continue
		}
		for _, v := range answers[i].Revision.Values {
			if v.Part.Value == "" || overwrite {
				out = append(out, v)
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return append(append([]PartValue(nil), q.Appended...), out...)
}

// Summary counts what became of a questionnaire.
type Summary struct {
	Questions int               `json:"questions"`
	Answered  int               `json:"answered"`
	Kept      int               `json:"kept"`
	Gaps      map[GapReason]int `json:"gaps"`
	Skipped   int               `json:"rows_skipped"` // non-empty rows that are no questions
}

// Summarize counts the answers to q.
func Summarize(q *Questionnaire, answers []Answer) Summary {
	s := Summary{Questions: len(answers), Gaps: map[GapReason]int{}, Skipped: len(q.Skipped)}
	for i := range answers {
		switch a := &answers[i]; {
		case a.Kept:
			s.Kept++
		case a.Revision != nil:
			s.Answered++
		case a.Gap != nil:
			s.Gaps[a.Gap.Reason]++
		}
	}
	return s
}
