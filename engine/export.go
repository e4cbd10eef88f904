package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Export is one time that an answered file went out. It is never changed.
type Export struct {
	ID            string     `json:"id"` // UUIDv7, made by the store
	Questionnaire string     `json:"questionnaire"`
	At            time.Time  `json:"at"`
	By            string     `json:"by"`             // "user:ID"
	Partial       bool       `json:"partial"`        // with answers missing that were neither approved nor left empty
	File          string     `json:"file"`           // the SHA-256 in hex of what went out
	Sent          []AnswerAt `json:"sent"`           // the approved revisions in it
	Open          []int      `json:"open,omitempty"` // the places of the answers that were left out
}

// ExportStore keeps what went out.
type ExportStore interface {
	// AddExport stores e and returns it with the id it got.
	AddExport(ctx context.Context, workspace string, e Export) (Export, error)

	// Exports returns the exports of a questionnaire, oldest first.
	Exports(ctx context.Context, workspace, questionnaire string) ([]Export, error)
}

// ExportPlan says what an export writes, and what still hinders it.
type ExportPlan struct {
	Values    []PartValue  // for the format to write, as [Fill] returns them
	Overwrite bool         // some of them replace what the file holds: a person wrote them
	Sent      []AnswerAt   // the approved revisions they come from, and those that the file came with
	Open      []OpenAnswer // neither approved nor left empty: a partial export leaves them out
	Left      []int        // the places that are deliberately left empty

	told []Question // the questions with what the customer reads as the answer
}

// OpenAnswer is an answer that is not ready to go out.
type OpenAnswer struct {
	N     int
	Ref   string
	State AnswerState
}

// IsComplete reports whether nothing hinders a whole export.
func (p *ExportPlan) IsComplete() bool { return len(p.Open) == 0 }

// PrepareExport says which values of a questionnaire's answers go into the
// file: those of approved revisions and no others. answers are all of them.
func PrepareExport(q *StoredQuestionnaire, answers []StoredAnswer) ExportPlan {
	var p ExportPlan
	var own, replacing []Answer
	for i := range answers {
		a := &answers[i]
		switch {
		case a.State == AnswerLeft:
			p.Left = append(p.Left, a.N)
		case a.State != AnswerApproved || a.Current == nil || a.Current.Revision == nil || a.Current.IsBlocked():
			p.Open = append(p.Open, OpenAnswer{N: a.N, Ref: a.Question.Ref, State: a.State})
		default:
			p.Sent = append(p.Sent, AnswerAt{N: a.N, Revision: a.Number})
			ans := Answer{Question: &a.Question, Revision: a.Current.Revision}
			if a.Current.Origin() == OriginPerson {
				replacing = append(replacing, ans)
			} else {
				own = append(own, ans)
			}
			p.told = append(p.told, told(&ans))
		}
	}
	bare := q.With(nil)
	bare.Appended = nil
	p.Values = append(Fill(bare, own, false), Fill(bare, replacing, true)...)
	p.Overwrite = slices.ContainsFunc(p.Values, func(v PartValue) bool { return v.Part.Value != "" })
	if len(p.Values) > 0 {
		p.Values = append(slices.Clone(q.Appended), p.Values...)
	}
	return p
}

// told returns the question with its answer in its parts, as it stands in the
// file that goes out.
func told(ans *Answer) Question {
	q := *ans.Question
	q.Parts = slices.Clone(q.Parts)
	for _, v := range Fill(&Questionnaire{}, []Answer{*ans}, ans.Revision.Origin == OriginPerson) {
		for i := range q.Parts {
			if q.Parts[i].Kind == v.Part.Kind && q.Parts[i].Locator.String() == v.Part.Locator.String() {
				q.Parts[i].Value = v.Value
			}
		}
	}
	return q
}

// ExportInput says that a file was made from a plan.
type ExportInput struct {
	Questionnaire string
	Partial       bool       // goes out although answers are open
	File          string     // the SHA-256 in hex of the file
	Sent          []AnswerAt // those of the plan
}

// Errors of an export. Compare with [errors.Is].
var (
	ErrIncomplete = errors.New("answers are neither approved nor left empty; finish them, or export a part and say so")
	ErrExportHash = errors.New("the hash of the file is none; give its SHA-256 as 64 digits in hex")
)

// RecordExport stores that a file went out, and what the customer was told by
// it, in one transaction. Where the answers are no longer those of the plan,
// the error is a [ConflictError] or [ErrStaleVersion], and the file must not go
// out.
func RecordExport(ctx context.Context, store Store, workspace string, p Person, in ExportInput) (e Export, err error) {
	ctx, err = p.acting(ctx, ActionQuestionnaireExport)
	if err != nil {
		return Export{}, err
	}
	if len(in.File) != 64 {
		return Export{}, ErrExportHash
	}
	err = store.InTx(ctx, func(tx Tx) error {
		q, err := tx.Questionnaire(ctx, workspace, in.Questionnaire)
		if err != nil {
			return err
		}
		if q.State != QuestionnaireOpen {
			return ErrWithdrawn
		}
		answers, err := tx.Answers(ctx, workspace, in.Questionnaire, AnswerFilter{})
		if err != nil {
			return err
		}
		plan := PrepareExport(&q, answers)
		if err := plan.holds(ctx, tx, workspace, answers, &in); err != nil {
			return err
		}
		e = Export{Questionnaire: q.ID, By: p.Author(), Partial: !plan.IsComplete(), File: in.File, Sent: plan.Sent}
		for _, o := range plan.Open {
			e.Open = append(e.Open, o.N)
		}
		if e, err = tx.AddExport(ctx, workspace, e); err != nil {
			return err
		}
		return plan.commit(ctx, tx, workspace, &q, answers, e.At)
	})
	if err != nil {
		return Export{}, fmt.Errorf("record export: %w", err)
	}
	return e, nil
}

// holds returns why a file that was made from another plan must not go out.
func (p *ExportPlan) holds(ctx context.Context, tx Tx, workspace string, answers []StoredAnswer, in *ExportInput) error {
	if !in.Partial && !p.IsComplete() {
		return ErrIncomplete
	}
	for _, sent := range in.Sent {
		if sent.N < 1 || sent.N > len(answers) {
			return ErrNotFound
		}
		if head := &answers[sent.N-1].AnswerHead; head.Number != sent.Revision {
			return conflict(ctx, tx, workspace, head, sent.Revision)
		}
	}
	if !slices.Equal(in.Sent, p.Sent) {
		return ErrStaleVersion
	}
	return nil
}

// commit stores what the customer is told by the file. Without a customer
// nobody was told.
func (p *ExportPlan) commit(ctx context.Context, tx Tx, workspace string, q *StoredQuestionnaire, answers []StoredAnswer, at time.Time) error {
	if q.Customer == "" {
		return nil
	}
	var list []Commitment
	for i := range p.told {
		c := CommitmentsOf(&Questionnaire{Questions: p.told[i : i+1]}, q.Customer, q.Name, *dayOf(&at))
		if len(c) == 0 {
			continue
		}
		near := slices.DeleteFunc(slices.Clone(answers[p.Sent[i].N-1].Current.Evidence), func(r EvidenceRef) bool { return r.Kind != PassageControl })
		found, err := passagesOf(ctx, tx, workspace, near)
		if err != nil {
			return err
		}
		c[0].Controls = NearControls(found)
		list = append(list, c...)
	}
	_, err := tx.AddCommitments(ctx, workspace, list)
	return err
}
