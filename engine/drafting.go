package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vouch/engine/assurance"
)

// draftAuthor is the author of what is drafted.
const draftAuthor = "job:draft"

const (
	// draftBatch is how many drafts are stored in one transaction at most.
	draftBatch = 16

	// draftWait is after how long drafts are stored that are fewer: a crash
	// costs no more than what was drafted in that time.
	draftWait = time.Second
)

// DraftQuestionnaire drafts an answer to every question of a stored
// questionnaire that has no revision yet, and stores it as it is made, in small
// batches: begun again after a crash, it goes on where it stopped, and nothing
// is drafted twice, whoever else drafts or edits meanwhile. When all are there,
// drafts that contradict each other or what customers were told become gaps,
// unless a person has decided on them or written others. progress, if not nil,
// is called with how many questions have their answer. From a, Retriever, Drafter,
// Now and Overwrite count, and Assured if it is set; the rest is as the
// workspace's settings say.
func DraftQuestionnaire(ctx context.Context, store Store, workspace, id string, a Answering, progress func(done, total int)) error {
	if actor := ActorOf(ctx); actor.Name == unknownActor {
		ctx = WithActor(ctx, Actor{Name: draftAuthor, From: actor.From})
	}
	d := &drafting{store: store, workspace: workspace, id: id, progress: progress, stored: map[int]*AnswerRevision{}}
	if err := d.run(ctx, a); err != nil {
		return fmt.Errorf("draft questionnaire %s: %w", id, err)
	}
	return nil
}

// drafting is one questionnaire being drafted.
type drafting struct {
	store     Store
	workspace string
	id        string
	progress  func(done, total int)

	answers []StoredAnswer
	waiting []AnswerRevision
	since   time.Time               // when the first of those waiting was made
	stored  map[int]*AnswerRevision // what was drafted now, by the question's place from 1
	done    int
}

func (d *drafting) run(ctx context.Context, a Answering) error {
	q, err := d.store.Questionnaire(ctx, d.workspace, d.id)
	if err != nil {
		return err
	}
	if q.State != QuestionnaireOpen {
		return ErrWithdrawn
	}
	if d.answers, err = d.store.Answers(ctx, d.workspace, d.id, AnswerFilter{}); err != nil {
		return err
	}
	if err := d.prepare(ctx, &a, &q); err != nil {
		return err
	}
	known, err := d.known(ctx)
	if err != nil {
		return err
	}
	questions := make([]Question, len(d.answers))
	for i := range d.answers {
		questions[i] = d.answers[i].Question
	}
	d.done = len(known)
	d.say()
	out, err := a.Continue(ctx, d.workspace, q.With(questions), known, func(place int, ans *Answer) error { return d.take(ctx, place, ans) })
	if flushed := d.flush(context.WithoutCancel(ctx)); err == nil { // what is drafted is not thrown away
		err = flushed
	}
	if err != nil {
		return err
	}
	return d.finish(ctx, &q, out)
}

// prepare sets what the settings of the workspace and its register say.
func (d *drafting) prepare(ctx context.Context, a *Answering, q *StoredQuestionnaire) error {
	s, err := d.store.Settings(ctx, d.workspace)
	if err != nil {
		return err
	}
	a.MinConfidence, a.MaxAge, a.Product = s.MinConfidence, s.MaxAge(), q.Product
	if a.Assured != nil {
		return nil
	}
	today := a.Now
	if today.IsZero() {
		today = time.Now()
	}
	if a.Assured, err = AssuredFor(ctx, d.store, d.workspace, q, &s, today); err != nil {
		return err
	}
	told, err := d.store.Commitments(ctx, d.workspace, CommitmentFilter{})
	for i := range told {
		a.Assured.Before = append(a.Assured.Before, told[i].Said())
	}
	return err
}

// known returns the answers that are there, by the place of their question
// from 0.
func (d *drafting) known(ctx context.Context) (map[int]Answer, error) {
	known := map[int]Answer{}
	for i := range d.answers {
		a := &d.answers[i]
		var ans Answer
		switch c := a.Current; {
		case c == nil && a.State == AnswerLeft:
			ans.Gap = &Gap{Reason: GapOutOfScope, Detail: "it is left empty"}
		case c == nil:
			continue
		case c.Gap != nil:
			ans.Gap = c.Gap
		case c.Origin() == OriginFile:
			ans.Kept, ans.Findings = true, slices.Clone(c.Revision.Findings)
		default:
			ans.Revision = c.Revision
		}
		if a.Current != nil {
			var err error
			if ans.Evidence, err = passagesOf(ctx, d.store, d.workspace, a.Current.Evidence); err != nil {
				return nil, err
			}
		}
		known[i] = ans
	}
	return known, nil
}

// revisionOf returns an answer as it is stored.
func (d *drafting) revisionOf(place int, ans *Answer) AnswerRevision {
	r := AnswerRevision{Questionnaire: d.id, N: place + 1, Evidence: evidenceRefs(ans.Evidence), Author: draftAuthor}
	switch {
	case ans.Kept:
		verdict, answer, text := ans.Question.held()
		if text == "" {
			text = answer
		}
		r.Revision = &Revision{Verdict: verdict, Text: text, Origin: OriginFile, Values: []PartValue{}, Citations: []Citation{}, Findings: slices.Clone(ans.Findings)}
	case ans.Gap != nil:
		gap := *ans.Gap
		r.Gap = &gap
	default:
		rev := *ans.Revision
		r.Revision = &rev
	}
	return r
}

// take takes an answer that was made, and stores what waits when it is time.
func (d *drafting) take(ctx context.Context, place int, ans *Answer) error {
	if len(d.waiting) == 0 {
		d.since = time.Now()
	}
	d.waiting = append(d.waiting, d.revisionOf(place, ans))
	if len(d.waiting) < draftBatch && time.Since(d.since) < draftWait {
		return nil
	}
	return d.flush(ctx)
}

// flush stores what waits, in one transaction. Answers that got a revision
// meanwhile keep it.
func (d *drafting) flush(ctx context.Context) error {
	if len(d.waiting) == 0 {
		return nil
	}
	var stored []AnswerRevision
	err := d.store.InTx(ctx, func(tx Tx) error {
		stored = nil
		for _, r := range d.waiting {
			head, err := tx.AnswerHead(ctx, d.workspace, r.Questionnaire, r.N)
			switch {
			case err != nil:
				return err
			case !head.IsOpen:
				return ErrWithdrawn
			case head.Number != 0 || head.State != AnswerUnanswered:
				continue
			}
			if r, err = tx.PutRevision(ctx, d.workspace, r, r.drafted()); err != nil {
				return err
			}
			stored = append(stored, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range stored {
		d.stored[stored[i].N] = &stored[i]
	}
	d.done += len(d.waiting)
	d.waiting = nil
	d.say()
	return nil
}

// drafted is the state of an answer whose current revision is a fresh draft.
func (r *AnswerRevision) drafted() AnswerState {
	if r.Gap != nil {
		return AnswerGap
	}
	return AnswerDrafted
}

func (d *drafting) say() {
	if d.progress != nil {
		d.progress(d.done, len(d.answers))
	}
}

// finish holds back what contradicts another answer, and remembers what was
// asked in vain, in one transaction.
func (d *drafting) finish(ctx context.Context, q *StoredQuestionnaire, out []Answer) error {
	asked := slices.Clone(out)
	return d.store.InTx(ctx, func(tx Tx) error {
		for i := range out {
			held, err := d.holdBack(ctx, tx, i, &out[i])
			if err != nil {
				return err
			}
			if !held && (d.answers[i].State == AnswerLeft || d.answers[i].State == AnswerApproved) {
				asked[i].Gap = nil // nobody asked in vain
			}
		}
		if q.Customer == "" {
			return nil
		}
		return tx.PutAskings(ctx, d.workspace, q.Customer, q.Name, AskedInVain(asked, q.Customer, q.Name, time.Now()))
	})
}

// holdBack stores that an answer is contradicted, if it is still as it was
// drafted.
func (d *drafting) holdBack(ctx context.Context, tx Tx, place int, ans *Answer) (held bool, err error) {
	r := d.revisionOf(place, ans)
	was, changed := d.before(place, &r)
	if !changed {
		return false, nil
	}
	head, err := tx.AnswerHead(ctx, d.workspace, d.id, r.N)
	if err != nil {
		return false, err
	}
	isDraft := head.Author == draftAuthor && (head.State == AnswerDrafted || head.State == AnswerInReview)
	if !head.IsOpen || head.Number != was.Number || !isDraft {
		return false, nil // a person has taken it in hand
	}
	next := head.State
	if r.Gap != nil {
		next = AnswerGap
	}
	r.Number = was.Number
	_, err = tx.PutRevision(ctx, d.workspace, r, next)
	return err == nil, err
}

// before returns the revision that an answer had when it was drafted or found,
// and whether the answer was held back since then, or got a finding.
func (d *drafting) before(place int, now *AnswerRevision) (was *AnswerRevision, changed bool) {
	was = d.answers[place].Current
	if was == nil {
		was = d.stored[place+1]
	}
	switch {
	case was == nil || was.Revision == nil:
		return was, false
	case now.Gap != nil:
		return was, true
	}
	known := was.Revision.Findings
	return was, slices.ContainsFunc(now.Revision.Findings, func(f assurance.Finding) bool {
		return f.Rule == contradictionRule && !slices.ContainsFunc(known, func(k assurance.Finding) bool { return k.Rule == f.Rule && k.Why == f.Why })
	})
}
