package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vouch/engine/assurance"
)

// EntryProposal is what an approved answer would change in the library. It is
// made once and decided once, by an owner of the entry or whoever may.
type EntryProposal struct {
	ID   string       `json:"id"` // UUIDv7, made by the store
	Kind ProposalKind `json:"kind"`

	// Proposed is what the library would say. Its ID and Version are those of
	// the entry that it is against, as it was then; empty for a new one.
	Proposed Entry `json:"proposed"`

	Questionnaire string    `json:"questionnaire,omitempty"` // the id of the one it was approved in
	Question      string    `json:"question,omitempty"`      // the id of the question in it
	By            string    `json:"by"`                      // the name of the actor
	At            time.Time `json:"at"`                      // UTC, to the millisecond

	State     ProposalState `json:"state"`
	DecidedBy string        `json:"decided_by,omitempty"` // the name of the actor, "" while it is open
	DecidedAt *time.Time    `json:"decided_at,omitempty"`
	Note      string        `json:"note,omitempty"`

	ResultID      string `json:"result_id,omitempty"`      // the entry that came of it, if it was accepted
	ResultVersion int    `json:"result_version,omitempty"` // the version that came of it
}

// ProposalKind says what a proposal does to the library.
type ProposalKind string

// The kinds of proposals.
const (
	ProposalNew      ProposalKind = "new"      // nothing in the library asks this
	ProposalWording  ProposalKind = "wording"  // an entry has the same verdict and another text, or one of them has no verdict
	ProposalConflict ProposalKind = "conflict" // an entry has another verdict
)

// ProposalState is where a proposal stands.
type ProposalState string

// The states of a proposal. All but open are final.
const (
	ProposalOpen       ProposalState = "open"
	ProposalAccepted   ProposalState = "accepted"
	ProposalRejected   ProposalState = "rejected"
	ProposalSuperseded ProposalState = "superseded" // another one was accepted; if it still differs it was made anew
)

// ProposalStates lists every state there is.
func ProposalStates() []ProposalState {
	return []ProposalState{ProposalOpen, ProposalAccepted, ProposalRejected, ProposalSuperseded}
}

// Errors of proposals. Compare with [errors.Is].
var (
	ErrProposalDecided  = errors.New("the proposal has been decided already")
	ErrProposal         = errors.New("the proposal lacks who made it, or its kind does not go with the entry that it is against")
	ErrProposalDecision = errors.New("a decision needs a final state, who made it and when, and an accepted one the entry that came of it")
	ErrProposalNote     = errors.New("the note is longer than 8,000 characters; shorten it")
)

// maxProposalNote bounds the note of whoever decides.
const maxProposalNote = 8_000

// Validate returns why p cannot be stored as an open proposal, or nil.
func (p *EntryProposal) Validate() error {
	isNew := p.Kind == ProposalNew
	known := isNew || p.Kind == ProposalWording || p.Kind == ProposalConflict
	if p.By == "" || !known || isNew != (p.Proposed.ID == "") || isNew != (p.Proposed.Version == 0) || p.Proposed.Version < 0 {
		return ErrProposal
	}
	return p.Proposed.Validate()
}

// ValidateDecision returns why the decision in p cannot be stored, or nil.
func (p *EntryProposal) ValidateDecision() error {
	accepted := p.State == ProposalAccepted
	final := accepted || p.State == ProposalRejected || p.State == ProposalSuperseded
	if !final || p.DecidedBy == "" || p.DecidedAt == nil || accepted != (p.ResultID != "") || accepted != (p.ResultVersion > 0) {
		return ErrProposalDecision
	}
	return nil
}

// AuditObject is the name of a proposal in the audit log.
func (p *EntryProposal) AuditObject() string { return "proposal:" + p.ID }

// ProposalFilter chooses proposals. The zero value chooses all; fields that are
// set must all hold.
type ProposalFilter struct {
	State         ProposalState
	Kind          ProposalKind
	Entry         string // against the entry with this id
	Questionnaire string // made from the questionnaire with this id
	After         string // made after the one with this id: the last one of the page before
	Limit         int    // at most so many; 0 means all
}

// ProposalStore keeps the proposals.
type ProposalStore interface {
	// AddEntryProposal stores p as an open proposal, and returns it with its
	// id. While there is one that proposes the same to the same version of the
	// same entry, decided or not, that one is returned and added is false.
	AddEntryProposal(ctx context.Context, workspace string, p EntryProposal) (stored EntryProposal, added bool, err error)

	// EntryProposal returns a proposal, or [ErrNotFound].
	EntryProposal(ctx context.Context, workspace, id string) (EntryProposal, error)

	// EntryProposals returns the proposals that pass f, oldest first.
	EntryProposals(ctx context.Context, workspace string, f ProposalFilter) ([]EntryProposal, error)

	// DecideEntryProposal stores state, decision and result of an open
	// proposal; nothing else of p counts. One that is not open is
	// [ErrProposalDecided].
	DecideEntryProposal(ctx context.Context, workspace string, p EntryProposal) (EntryProposal, error)
}

// ApprovedAnswer is an answer that a reviewer approved, as the library may take
// it over.
type ApprovedAnswer struct {
	// Entry is the answer as an entry: question, verdict, answer, text,
	// ownership, section, products, language, and for a new one the visibility,
	// owner and source. Its id, version and days do not count.
	Entry Entry

	Near          []string // ids of entries that may ask the same: those that the answer cites, and its evidence
	Questionnaire string   // id
	Question      string   // id
	By            string   // the name of the actor who approved it; "" is who acts in the context
}

// ProposeEntry makes the proposal of an approved answer, unless the library
// says the same already: then made is false and the proposal empty. The same
// proposal again is no second one, and one that was rejected is not made
// again as long as the entry is what it was; the one there is is returned, and
// made is false as well. Whoever approved the answer may do this.
//
// It is made against an entry for the same products and in the same language
// that asks the same, or else against a near one that asks the same in other
// words.
func ProposeEntry(ctx context.Context, tx Tx, workspace string, a ApprovedAnswer) (p EntryProposal, made bool, err error) {
	p, made, err = proposeEntry(ctx, tx, workspace, a)
	if err != nil {
		return EntryProposal{}, false, fmt.Errorf("propose an entry: %w", err)
	}
	return p, made, nil
}

func proposeEntry(ctx context.Context, tx Tx, workspace string, a ApprovedAnswer) (EntryProposal, bool, error) {
	p, err := newProposal(ctx, tx, workspace, a)
	if err != nil || p == nil {
		return EntryProposal{}, false, err
	}
	return tx.AddEntryProposal(ctx, workspace, *p)
}

// newProposal returns the proposal of an approved answer, nil where the library
// says the same already.
func newProposal(ctx context.Context, tx Tx, workspace string, a ApprovedAnswer) (*EntryProposal, error) {
	e := cleanEntry(&a.Entry)
	e.ReviewedAt, e.ReviewBy = nil, nil
	if err := e.Validate(); err != nil {
		return nil, err
	}
	if !e.Verdict.IsValid() {
		return nil, ErrUnknownVerdict
	}
	same, err := tx.EntriesByKey(ctx, workspace, []string{e.Key()})
	if err != nil {
		return nil, err
	}
	near, err := tx.Entries(ctx, workspace, a.Near)
	if err != nil {
		return nil, err
	}
	against := &target{to: &e}
	against.look(same)
	against.look(slices.DeleteFunc(near, func(n Entry) bool { return !asksSame(&n, &e) }))
	if against.said {
		return nil, nil //nolint:nilnil // no proposal is no error
	}
	p := EntryProposal{Kind: ProposalNew, Proposed: e, Questionnaire: cleanBytes(a.Questionnaire), Question: cleanBytes(a.Question), By: a.By}
	if p.By == "" {
		p.By = ActorOf(ctx).Name
	}
	if against.entry != nil {
		p.Kind, p.Proposed.ID, p.Proposed.Version = against.kind, against.entry.ID, against.entry.Version
	}
	return &p, nil
}

// target finds what a proposal is against.
type target struct {
	to    *Entry
	said  bool // the library says it already
	kind  ProposalKind
	entry *Entry
}

// look takes the first of entries that are about the same, and rather one that
// a wording makes better than one that is contradicted.
func (t *target) look(entries []Entry) {
	decided := t.entry != nil
	for i := range entries {
		e := &entries[i]
		if !shareProduct(e, t.to) || otherLanguage(e, t.to) {
			continue
		}
		if e.answersAs(t.to) {
			t.said = true
			return
		}
		kind := ProposalWording
		if e.Verdict != t.to.Verdict && e.Verdict != VerdictNone && t.to.Verdict != VerdictNone {
			kind = ProposalConflict
		}
		if !decided && (t.entry == nil || t.kind == ProposalConflict && kind == ProposalWording) {
			t.entry, t.kind = e, kind
		}
	}
}

// answersAs reports whether two entries give the same answer, blanks aside.
func (e *Entry) answersAs(o *Entry) bool {
	return e.Verdict == o.Verdict && CleanText(e.Answer) == CleanText(o.Answer) && CleanText(e.Text) == CleanText(o.Text) &&
		(o.Ownership == "" || CleanText(e.Ownership) == CleanText(o.Ownership))
}

// asksSame reports whether two entries ask one thing, in these words or others.
func asksSame(a, b *Entry) bool {
	return a.Key() == b.Key() || assurance.AsksSame(a.Question, b.Question)
}

// otherLanguage reports whether two entries are known to be in two languages.
func otherLanguage(a, b *Entry) bool {
	return a.Language != "" && b.Language != "" && a.Language != b.Language
}

// EntryConflictError says that the library has moved on: somebody saw one
// version of an entry, and another one is there. Nothing was changed.
type EntryConflictError struct {
	Yours   Entry // the version that was seen; the zero value where none was
	Current Entry
}

// Error says which versions they are.
func (e *EntryConflictError) Error() string {
	if e.Yours.Version == 0 {
		return fmt.Sprintf("the library has an entry for this question by now: %s, version %d; look at it, and decide against that version or for an entry of its own", e.Current.ID, e.Current.Version)
	}
	return fmt.Sprintf("entry %s is at version %d, and you saw version %d; look at both, and decide against the newest", e.Current.ID, e.Current.Version, e.Yours.Version)
}

// Is makes a conflict an [ErrStaleVersion].
func (e *EntryConflictError) Is(target error) bool { return target == ErrStaleVersion }
