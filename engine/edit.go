package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/engine/assurance"
)

// EditInput is an answer as a person writes it, after the revision they saw.
type EditInput struct {
	Questionnaire string
	N             int
	Base          int // the number of the revision that was seen, 0 for none
	Verdict       Verdict
	Values        []EditValue
	Text          string // the explanation, where no part holds it

	// KeepCitations says that what the revision before cites, or what a gap
	// proposes, still supports the answer. Without it the answer cites nothing.
	KeepCitations bool
}

// EditValue is what a person writes into a part.
type EditValue struct {
	Part  int    // the part's place in its question, from 0
	Value string // for a choice or a mark one of its options
}

// Errors of an edit. Compare with [errors.Is].
var (
	ErrEditPart    = errors.New("it names a part that the question does not have, or one twice; name each part once, counted from 0")
	ErrEditOption  = errors.New("the value is none of the options of its part; choose one as it is spelled there")
	ErrEditVerdict = errors.New("the verdict is none of yes, no, partial and not_applicable, or the chosen option says another; let them agree")
)

// EditAnswer stores what a person writes as a new revision, with no decisions.
// It is held against the register as drafts are; what must not go out is stored
// with what was found, and cannot be approved. Where another revision than the
// one seen is current, the error is a [ConflictError] and nothing is changed.
// What is approved or left empty has to be reopened first.
func EditAnswer(ctx context.Context, store Store, workspace string, p Person, in EditInput) (AnswerRevision, error) {
	ctx, err := p.acting(ctx, ActionAnswerEdit)
	if err != nil {
		return AnswerRevision{}, err
	}
	r, err := editAnswer(ctx, store, workspace, p, &in)
	if err != nil {
		return AnswerRevision{}, fmt.Errorf("edit answer %d: %w", in.N, err)
	}
	return r, nil
}

func editAnswer(ctx context.Context, store Store, workspace string, p Person, in *EditInput) (AnswerRevision, error) {
	rev, err := newEdit(ctx, store, workspace, in)
	if err != nil {
		return AnswerRevision{}, err
	}
	var stored AnswerRevision
	err = store.InTx(ctx, func(tx Tx) error {
		head, err := tx.AnswerHead(ctx, workspace, in.Questionnaire, in.N)
		if err == nil {
			err = mayEdit(ctx, tx, workspace, &head, in.Base)
		}
		if err != nil {
			return err
		}
		next := AnswerDrafted
		if head.State == AnswerInReview {
			next = AnswerInReview
		}
		r := AnswerRevision{Questionnaire: in.Questionnaire, N: in.N, Number: in.Base, Revision: rev, Author: p.Author()}
		stored, err = tx.PutRevision(ctx, workspace, r, next)
		return err
	})
	return stored, err
}

// mayEdit returns why an answer cannot get a revision after the one that was
// seen, or nil.
func mayEdit(ctx context.Context, tx Tx, workspace string, head *AnswerHead, base int) error {
	switch {
	case !head.IsOpen:
		return ErrWithdrawn
	case head.Number != base:
		return conflict(ctx, tx, workspace, head, base)
	case head.State.IsSettled():
		return ErrSettled
	}
	return nil
}

// newEdit makes a revision of what a person wrote, and checks it. It is done
// before the transaction, which is kept short.
func newEdit(ctx context.Context, store Store, workspace string, in *EditInput) (*Revision, error) {
	q, err := QuestionnaireOf(ctx, store, workspace, in.Questionnaire)
	if err != nil {
		return nil, err
	}
	a, err := AnswerOf(ctx, store, workspace, in.Questionnaire, in.N)
	if err != nil {
		return nil, err
	}
	if err := mayEdit(ctx, store, workspace, &a.AnswerHead, in.Base); err != nil {
		return nil, err
	}
	rev, err := in.revision(&a.Question)
	if err != nil {
		return nil, err
	}
	if before := a.Current.proposed(); in.KeepCitations && before != nil {
		rev.Citations, rev.Cites = before.Citations, before.Cites
	}
	s, err := store.Settings(ctx, workspace)
	if err != nil {
		return nil, err
	}
	assured, err := AssuredFor(ctx, store, workspace, &q, &s, time.Now())
	if err != nil {
		return nil, err
	}
	assured.vetEdit(&a.Question, rev)
	return rev, nil
}

// proposed returns the revision, or what its gap proposes; nil if there is
// neither.
func (r *AnswerRevision) proposed() *Revision {
	switch {
	case r == nil:
		return nil
	case r.Gap != nil:
		return r.Gap.Proposal
	}
	return r.Revision
}

// revision returns what a person wrote as a revision of the answer to q.
func (in *EditInput) revision(q *Question) (*Revision, error) {
	rev := &Revision{Verdict: in.Verdict, Text: strings.TrimSpace(in.Text), Origin: OriginPerson, Values: []PartValue{}, Citations: []Citation{}}
	if in.Verdict != VerdictNone && !in.Verdict.IsValid() {
		return nil, ErrEditVerdict
	}
	seen := map[int]bool{}
	for _, v := range in.Values {
		if v.Part < 0 || v.Part >= len(q.Parts) || seen[v.Part] {
			return nil, ErrEditPart
		}
		seen[v.Part] = true
		if err := rev.fill(&q.Parts[v.Part], v.Value); err != nil {
			return nil, fmt.Errorf("part %d: %w", v.Part, err)
		}
	}
	switch {
	case runeCount(rev.Text) > MaxAnswerChars:
		return nil, ErrTooLong
	case len(rev.Values) == 0 && rev.Text == "":
		return nil, ErrNoAnswer
	case rev.Text == "":
		rev.Text = strings.Join(rev.prose(), "\n")
	}
	return rev, nil
}

// fill puts a value into a part; an empty one leaves it as it is.
func (rev *Revision) fill(p *Part, value string) error {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	if runeCount(value) > MaxAnswerChars {
		return ErrTooLong
	}
	if (p.Kind == PartChoice || p.Kind == PartMark) && len(p.Options) > 0 && !slices.Contains(p.Options, value) {
		return ErrEditOption
	}
	if verdict, ok := ParseVerdict(value); ok && p.IsAnswer() {
		if rev.Verdict != VerdictNone && rev.Verdict != verdict {
			return ErrEditVerdict
		}
		rev.Verdict = verdict
	}
	rev.Values = append(rev.Values, PartValue{Part: *p, Value: value})
	return nil
}

// prose returns the texts that a revision writes, each once.
func (rev *Revision) prose() (out []string) {
	for i := range rev.Values {
		if v := &rev.Values[i]; v.isProse() && !slices.Contains(out, v.Value) {
			out = append(out, v.Value)
		}
	}
	return out
}

// vetEdit holds what a person wrote against the rules. Nothing of it is
// changed: what is found is kept with it.
func (a *Assured) vetEdit(q *Question, rev *Revision) {
	rev.Evidence = a.Checker.Describe(rev.Cites, a.Reader)
	cited := assurance.Text(rev.Evidence, a.Style)
	var texts []string
	for _, text := range append(rev.prose(), rev.Text) {
		if cited != "" { // what the citations say is the register's own
			text = strings.TrimSpace(strings.ReplaceAll(text, cited, ""))
		}
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	checked := *rev
	checked.Text = strings.Join(texts, "\n")
	rev.Findings = a.Checker.Check(a.statement(q, &checked))
	for _, f := range rev.Findings {
		if f.Severity != assurance.Block {
			rev.Notes = append(rev.Notes, findingNote(f))
		}
	}
}

// AssuredFor returns what holds the answers to a questionnaire against the
// register of its workspace, for the reader they are for, as of a day.
func AssuredFor(ctx context.Context, store Tx, workspace string, q *StoredQuestionnaire, s *Settings, today time.Time) (*Assured, error) {
	r, _, err := ReadRegister(ctx, store, workspace)
	if err != nil {
		return nil, err
	}
	a := NewAssured(&r, assurance.DayOf(today), assurance.Reader{Name: q.Customer, NDA: q.NDA, Public: q.Public})
	a.Style = s.Citations
	return a, nil
}
