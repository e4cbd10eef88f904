package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
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

	// MaxAge is how long ago an entry may have been reviewed; one that is older
	// makes a stale gap. 0 takes any. An entry whose review has no date is
	// taken: nobody said that it is old. It is for entries without a day to be
	// reviewed by: where there is one, that day alone decides, whatever MaxAge
	// is, since who set it knew the answer and MaxAge knows none.
	MaxAge time.Duration

	// Now is the day that ages are counted to, and after which days to review
	// by have passed, as it is in UTC. The zero value is today.
	Now time.Time

	// Assured holds drafts against the register of reports and controls. nil
	// checks nothing: for measuring, and where there is no register.
	Assured *Assured

	// Overwrite also answers questions the file already holds an answer for.
	Overwrite bool
}

// evidencePerQuestion is how many passages of each kind are retrieved: a
// reviewer reads three, and a conflict between entries is visible among the
// first five.
const evidencePerQuestion = 5

// Run returns one answer for each question of q, in order. Follow-ups are
// answered after what they depend on. progress, if not nil, is called with the
// number of questions done, from one goroutine at a time and never after Run
// has returned. The first error ends the run.
func (a *Answering) Run(ctx context.Context, workspace string, q *Questionnaire, progress func(done int)) ([]Answer, error) {
	done := 0
	return a.Continue(ctx, workspace, q, nil, func(int, *Answer) error {
		done++
		if progress != nil {
			progress(done)
		}
		return nil
	})
}

// Continue is Run where some questions have their answers already: known holds
// them by the place of the question, from 0. They are not made again, and count
// for the questions that depend on them and for what contradicts them. made is
// called with each answer that is made, as Run calls progress, before it is
// known whether another contradicts it; its error ends the run.
func (a *Answering) Continue(ctx context.Context, workspace string, q *Questionnaire, known map[int]Answer, made func(place int, ans *Answer) error) ([]Answer, error) {
	r := &run{a: a, workspace: workspace, q: q, follows: FollowUps(q), out: make([]Answer, len(q.Questions)), made: made}
	for i, ans := range known {
		r.out[i] = ans
		r.out[i].Question = &q.Questions[i]
	}
	for _, wave := range waves(r.follows) {
		wave = slices.DeleteFunc(wave, func(i int) bool { _, ok := known[i]; return ok })
		if err := r.answer(ctx, wave); err != nil {
			return nil, err
		}
	}
	r.contradict()
	return r.out, nil
}

// waves sorts the places of questions so that each wave depends on earlier
// ones only.
func waves(follows []*FollowUp) (out [][]int) {
	depth := make([]int, len(follows))
	for i, f := range follows {
		if f != nil {
			depth[i] = depth[f.Parent] + 1
		}
		for len(out) <= depth[i] {
			out = append(out, nil)
		}
		out[depth[i]] = append(out[depth[i]], i)
	}
	return out
}

// run is one questionnaire being answered.
type run struct {
	a         *Answering
	workspace string
	q         *Questionnaire
	follows   []*FollowUp
	out       []Answer

	mu   sync.Mutex
	made func(place int, ans *Answer) error
}

// answer answers the questions at these places, several at a time.
func (r *run) answer(ctx context.Context, places []int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), 8) {
		wg.Go(func() {
			for i := range next {
				ans, err := r.one(ctx, i)
				if err != nil {
					cancel(fmt.Errorf("answer question at %s: %w", r.q.Questions[i].Locator, err))
					return
				}
				r.out[i] = ans
				if err := r.tell(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for _, i := range places {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// tell says that the answer at place i is made. Once the run has ended, nobody
// is told.
func (r *run) tell(ctx context.Context, i int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	return r.made(i, &r.out[i])
}

// one answers the question at place i.
func (r *run) one(ctx context.Context, i int) (Answer, error) {
	q := &r.q.Questions[i]
	ans := Answer{Question: q}
	if !r.a.Overwrite && q.IsAnswered() {
		ans.Kept = true
		r.vetKept(&ans)
		return ans, nil
	}
	if err := r.draft(ctx, q, &ans); err != nil {
		return ans, err
	}
	if taken, err := r.fromRegister(ctx, q, &ans); taken || err != nil {
		return ans, errors.Join(err, r.vet(ctx, q, &ans))
	}
	if err := r.compound(ctx, q, &ans); err != nil {
		return ans, err
	}
	r.a.holdBack(&ans)
	r.a.age(&ans)
	if err := errors.Join(r.depend(ctx, i, &ans), r.cite(ctx, &ans)); err != nil {
		return ans, err
	}
	return ans, r.vet(ctx, q, &ans)
}

// draft retrieves evidence for q and drafts an answer from it.
func (r *run) draft(ctx context.Context, q *Question, ans *Answer) error {
	evidence, err := r.a.Retriever.Retrieve(ctx, r.workspace, Query{Text: q.Text, Section: q.Section, Guidance: q.Guidance, Language: r.q.Language, Limit: evidencePerQuestion})
	if err != nil {
		return fmt.Errorf("retrieve: %w", err)
	}
	ans.Evidence = evidence
	return r.fit(ctx, q, evidence, ans)
}

// fit drafts an answer from evidence.
func (r *run) fit(ctx context.Context, q *Question, evidence []Passage, ans *Answer) error {
	p, err := r.a.Drafter.Draft(ctx, q, r.q.Language, evidence)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	ans.Revision, ans.Gap = p.Revision, p.Gap
	return nil
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
	Doubted   int               `json:"kept_with_findings"` // of those kept
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
			if len(a.Findings) > 0 {
				s.Doubted++
			}
		case a.Revision != nil:
			s.Answered++
		case a.Gap != nil:
			s.Gaps[a.Gap.Reason]++
		}
	}
	return s
}
