package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DecisionKind says what a person decided.
type DecisionKind string

// The kinds of decision.
const (
	DecisionApprove        DecisionKind = "approve"
	DecisionReject         DecisionKind = "reject"
	DecisionRequestChanges DecisionKind = "request_changes"
	DecisionLeave          DecisionKind = "leave"  // the answer stays empty
	DecisionReopen         DecisionKind = "reopen" // takes back what was decided
)

// Decision is a person's act on one revision of an answer. It is never changed.
type Decision struct {
	ID            string       `json:"id"` // UUIDv7, made by the store
	Questionnaire string       `json:"questionnaire"`
	N             int          `json:"n"`
	Revision      int          `json:"revision"` // the number of it; 0 where an answer was left empty that has none
	Kind          DecisionKind `json:"kind"`
	Note          string       `json:"note,omitempty"`
	By            string       `json:"by"`             // "user:ID"
	Bulk          string       `json:"bulk,omitempty"` // shared by what one person approved in one go
	At            time.Time    `json:"at"`
}

// BulkNew as the bulk of a decision begins a new one: the store gives it the id
// of this decision.
const BulkNew = "new"

// Validate returns the first thing wrong with d, or nil. Whoever does not
// approve says why.
func (d *Decision) Validate() error {
	switch d.Kind {
	case DecisionApprove:
	case DecisionReject, DecisionRequestChanges, DecisionLeave, DecisionReopen:
		if strings.TrimSpace(d.Note) == "" {
			return ErrNoteNeeded
		}
	default:
		return fmt.Errorf("unknown kind of decision; the kinds are %q, %q, %q, %q and %q", DecisionApprove, DecisionReject, DecisionRequestChanges, DecisionLeave, DecisionReopen)
	}
	if runeCount(d.Note) > maxNoteChars {
		return ErrNoteLength
	}
	return nil
}

// DecisionFilter chooses decisions. The zero value chooses all; fields that are
// set must all hold.
type DecisionFilter struct {
	Questionnaire string
	N             int
	Revision      int // only those on this one
	Bulk          string
}

// DecisionStore keeps decisions.
type DecisionStore interface {
	// AddDecision stores d and returns it with the id it got.
	AddDecision(ctx context.Context, workspace string, d Decision) (Decision, error)

	// Decisions returns the decisions that pass f, oldest first.
	Decisions(ctx context.Context, workspace string, f DecisionFilter) ([]Decision, error)
}

// DecideInput is a decision on the revision of an answer that a person saw.
type DecideInput struct {
	Questionnaire string
	N             int
	Revision      int
	Kind          DecisionKind // not reopen and leave: see [ReopenAnswer] and [LeaveAnswer]
	Note          string
}

// Decide approves a revision, rejects it or requests changes. Where another
// revision is current, the error is a [ConflictError] and nothing is changed.
// Who approves what they have approved gets the decision that stands; what
// another has approved is approved by both.
func Decide(ctx context.Context, store Store, workspace string, p Person, in DecideInput) (d Decision, err error) {
	if in.Kind == DecisionLeave || in.Kind == DecisionReopen {
		return Decision{}, fmt.Errorf("%q is no decision on a revision; the kinds are %q, %q and %q", in.Kind, DecisionApprove, DecisionReject, DecisionRequestChanges)
	}
	return decideOne(ctx, store, workspace, p, in)
}

// LeaveAnswer leaves an answer deliberately empty, with a note that says why.
// Nothing is written for it when the questionnaire is exported. Revision is
// the one that the person saw, 0 for none.
func LeaveAnswer(ctx context.Context, store Store, workspace string, p Person, questionnaire string, n, revision int, note string) (Decision, error) {
	return decideOne(ctx, store, workspace, p, DecideInput{Questionnaire: questionnaire, N: n, Revision: revision, Kind: DecisionLeave, Note: note})
}

// ReopenAnswer takes back an approval, a rejection or that an answer is left
// empty, with a note that says why; what went stale is to be looked at again.
// Revision is the one that the person saw, 0 for none.
func ReopenAnswer(ctx context.Context, store Store, workspace string, p Person, questionnaire string, n, revision int, note string) (Decision, error) {
	return decideOne(ctx, store, workspace, p, DecideInput{Questionnaire: questionnaire, N: n, Revision: revision, Kind: DecisionReopen, Note: note})
}

func decideOne(ctx context.Context, store Store, workspace string, p Person, in DecideInput) (d Decision, err error) {
	ctx, err = p.acting(ctx, ActionAnswerDecide)
	if err != nil {
		return Decision{}, err
	}
	d = Decision{Questionnaire: in.Questionnaire, N: in.N, Revision: in.Revision, Kind: in.Kind, Note: in.Note, By: p.Author()}
	if err := d.Validate(); err != nil {
		return Decision{}, fmt.Errorf("decide on answer %d: %w", in.N, err)
	}
	seen, err := lookBefore(ctx, store, workspace, &d)
	if err == nil {
		err = store.InTx(ctx, func(tx Tx) error {
			head, err := tx.AnswerHead(ctx, workspace, d.Questionnaire, d.N)
			if err == nil {
				err = head.mayDecide(ctx, tx, workspace, &d)
			}
			if err == nil {
				d, _, err = decide(ctx, tx, workspace, &head, seen, d)
			}
			return err
		})
	}
	if err != nil {
		return Decision{}, fmt.Errorf("decide on answer %d: %w", in.N, err)
	}
	return d, nil
}

// lookBefore reads an answer that is to be approved, and what it is to the
// library, before the transaction: these come one after the other, and this is
// most of what an approval reads. It refuses what it can as well: a revision that
// is not current any more will not be again, and a state that allows no approval
// did not allow it when it was asked for. Other decisions read no more than
// their transaction has to.
func lookBefore(ctx context.Context, store Store, workspace string, d *Decision) (*reviewed, error) {
	if d.Kind != DecisionApprove {
		return nil, nil //nolint:nilnil // nothing was looked at
	}
	a, err := AnswerOf(ctx, store, workspace, d.Questionnaire, d.N)
	if err == nil {
		err = a.mayDecide(ctx, store, workspace, d)
	}
	if err != nil {
		return nil, err
	}
	return review(ctx, store, workspace, &a)
}

// mayDecide returns why a decision cannot be one on the answer as it is, or nil.
func (h *AnswerHead) mayDecide(ctx context.Context, tx Tx, workspace string, d *Decision) error {
	if h.IsOpen && h.Number != d.Revision {
		return conflict(ctx, tx, workspace, h, d.Revision)
	}
	_, err := h.after(d.Kind)
	return err
}

// decide stores a decision on the current revision of an answer, and where the
// answer stands by it. Seen is what was read of the answer before, nil for
// nothing; isNew is false for a decision that stood before.
func decide(ctx context.Context, tx Tx, workspace string, head *AnswerHead, seen *reviewed, d Decision) (_ Decision, isNew bool, err error) {
	next, err := head.after(d.Kind)
	if err != nil {
		return d, false, err
	}
	if d.Kind == DecisionApprove {
		if err := mayApprove(ctx, tx, workspace, head, d.By); err != nil {
			return d, false, err
		}
		if head.State == AnswerApproved {
			if stands, ok, err := standing(ctx, tx, workspace, &d); ok || err != nil {
				return stands, false, err
			}
		}
	}
	if next != head.State {
		h := *head
		h.State = next
		if err := tx.PutAnswer(ctx, workspace, h); err != nil {
			return d, false, err
		}
	}
	if d, err = tx.AddDecision(ctx, workspace, d); err != nil {
		return d, false, err
	}
	if next == AnswerApproved && head.State != next {
		err = proposeApproved(ctx, tx, workspace, head, seen)
	}
	return d, err == nil, err
}

// after returns the state of an answer after a decision on its current
// revision, or why there can be none.
func (h *AnswerHead) after(k DecisionKind) (AnswerState, error) {
	if !h.IsOpen {
		return h.State, ErrWithdrawn
	}
	switch k {
	case DecisionLeave:
		if h.State == AnswerApproved {
			return h.State, ErrSettled
		}
		return AnswerLeft, nil
	case DecisionReopen:
		return h.reopened()
	}
	switch h.State {
	case AnswerUnanswered:
		return h.State, ErrNoRevision
	case AnswerGap:
		return h.State, ErrIsGap
	case AnswerLeft:
		return h.State, ErrSettled
	}
	if k != DecisionApprove {
		return AnswerRejected, nil
	}
	switch h.State {
	case AnswerRejected:
		return h.State, ErrRejected
	case AnswerStale:
		return h.State, ErrStale
	}
	return AnswerApproved, nil
}

// reopened is where an answer stands after it was reopened.
func (h *AnswerHead) reopened() (AnswerState, error) {
	switch h.State {
	case AnswerApproved, AnswerRejected, AnswerStale:
		return AnswerInReview, nil
	case AnswerLeft:
		switch {
		case h.Number == 0:
			return AnswerUnanswered, nil
		case h.Origin == "":
			return AnswerGap, nil
		}
		return AnswerInReview, nil
	}
	return h.State, ErrNotSettled
}

// mayApprove returns why somebody may not approve the current revision, or nil.
func mayApprove(ctx context.Context, tx Tx, workspace string, head *AnswerHead, by string) error {
	if head.IsBlocked {
		return ErrBlocked
	}
	if head.Author != by {
		return nil
	}
	s, err := tx.Settings(ctx, workspace)
	if err == nil && s.FourEyes {
		err = ErrFourEyes
	}
	return err
}

// standing returns the approval of the current revision by the same person, if
// it was not taken back since.
func standing(ctx context.Context, tx Tx, workspace string, d *Decision) (Decision, bool, error) {
	list, err := tx.Decisions(ctx, workspace, DecisionFilter{Questionnaire: d.Questionnaire, N: d.N, Revision: d.Revision})
	if err != nil {
		return *d, false, err
	}
	for i := len(list) - 1; i >= 0 && list[i].Kind == DecisionApprove; i-- {
		if list[i].By == d.By && list[i].Revision == d.Revision {
			return list[i], true, nil
		}
	}
	return *d, false, nil
}

// AnswerAt names a revision of an answer.
type AnswerAt struct {
	N        int `json:"n"`
	Revision int `json:"revision"`
}

// DecideManyInput lists every revision that a person saw and approves.
type DecideManyInput struct {
	Questionnaire string
	Answers       []AnswerAt
	MinConfidence float64 // 0 to 1; what is below it is not approved
	Note          string
}

// DecideManyResult says what became of each of them.
type DecideManyResult struct {
	Bulk     string            `json:"bulk,omitempty"` // shared by the decisions
	Approved []Decision        `json:"approved,omitempty"`
	Refused  []RefusedDecision `json:"refused,omitempty"`
}

// RefusedDecision is an answer that was not approved.
type RefusedDecision struct {
	AnswerAt
	Current int   `json:"current"` // the number of its current revision
	Why     error `json:"-"`       // one of the errors of [Decide], [ErrStaleVersion] or [ErrUnsure]
}

// Errors of [DecideMany]. Compare with [errors.Is].
var (
	ErrUnsure  = errors.New("its confidence is below the one asked for; look at it by itself")
	ErrTooMany = errors.New("name from 1 to 5,000 answers, each once, and a confidence from 0 to 1")
)

// maxBulk bounds how many answers are approved in one go.
const maxBulk = 5_000

// DecideMany approves many answers at once: those that are still at the
// revision that the person saw, sure enough, and may be approved; the others
// are returned with the reason. All is one transaction, and there is a decision
// for each answer by its name, with one bulk id.
func DecideMany(ctx context.Context, store Store, workspace string, p Person, in DecideManyInput) (result DecideManyResult, err error) {
	ctx, err = p.acting(ctx, ActionAnswerDecide)
	if err != nil {
		return DecideManyResult{}, err
	}
	if err := in.validate(); err != nil {
		return DecideManyResult{}, fmt.Errorf("approve answers: %w", err)
	}
	err = store.InTx(ctx, func(tx Tx) error {
		result = DecideManyResult{}
		for _, at := range in.Answers {
			if err := result.approve(ctx, tx, workspace, p.Author(), at, &in); err != nil {
				return fmt.Errorf("answer %d: %w", at.N, err)
			}
		}
		return nil
	})
	if err != nil {
		return DecideManyResult{}, fmt.Errorf("approve answers: %w", err)
	}
	return result, nil
}

func (in *DecideManyInput) validate() error {
	seen := map[int]bool{}
	for _, at := range in.Answers {
		seen[at.N] = true
	}
	if len(in.Answers) == 0 || len(in.Answers) > maxBulk || len(seen) != len(in.Answers) || !(in.MinConfidence >= 0 && in.MinConfidence <= 1) {
		return ErrTooMany
	}
	if runeCount(in.Note) > maxNoteChars {
		return ErrNoteLength
	}
	return nil
}

// approve approves one of many, or says why not. Its error is one that ends
// the whole.
func (r *DecideManyResult) approve(ctx context.Context, tx Tx, workspace, by string, at AnswerAt, in *DecideManyInput) error {
	head, err := tx.AnswerHead(ctx, workspace, in.Questionnaire, at.N)
	refused := RefusedDecision{AnswerAt: at, Current: head.Number}
	switch {
	case errors.Is(err, ErrNotFound):
		refused.Why = ErrNotFound
	case err != nil:
		return err
	case head.Number != at.Revision:
		refused.Why = ErrStaleVersion
	case head.Confidence < in.MinConfidence:
		refused.Why = ErrUnsure
	}
	if refused.Why == nil {
		want := Decision{Questionnaire: in.Questionnaire, N: at.N, Revision: at.Revision, Kind: DecisionApprove, Note: in.Note, By: by, Bulk: cmp.Or(r.Bulk, BulkNew)}
		d, isNew, err := decide(ctx, tx, workspace, &head, nil, want)
		switch {
		case err == nil:
			r.Approved = append(r.Approved, d)
			if isNew {
				r.Bulk = d.Bulk
			}
			return nil
		case !isRefusal(err):
			return err
		}
		refused.Why = err
	}
	r.Refused = append(r.Refused, refused)
	return nil
}

// isRefusal reports whether an error says that one answer may not be approved,
// and nothing is wrong with the store.
func isRefusal(err error) bool {
	for _, e := range []error{ErrWithdrawn, ErrFourEyes, ErrBlocked, ErrNoRevision, ErrIsGap, ErrRejected, ErrStale, ErrSettled} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
