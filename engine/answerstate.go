package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"vouch/engine/assurance"
)

// AnswerState says how far the answer to a question has come.
type AnswerState string

// The states of an answer.
const (
	AnswerUnanswered AnswerState = "unanswered" // no revision yet
	AnswerDrafted    AnswerState = "drafted"    // the current revision waits for somebody to look at it
	AnswerInReview   AnswerState = "in_review"  // somebody was asked to look at it
	AnswerApproved   AnswerState = "approved"   // the current revision may go out
	AnswerGap        AnswerState = "gap"        // the current revision says why there is no answer
	AnswerRejected   AnswerState = "rejected"   // the current revision was sent back; a new one is wanted
	AnswerStale      AnswerState = "stale"      // what the current revision rests on changed or lapsed
	AnswerLeft       AnswerState = "left"       // deliberately left empty, by a person who said why
)

// AnswerStates lists every state there is.
func AnswerStates() []AnswerState {
	return []AnswerState{AnswerUnanswered, AnswerDrafted, AnswerInReview, AnswerApproved, AnswerGap, AnswerRejected, AnswerStale, AnswerLeft}
}

// IsValid reports whether s is one of [AnswerStates].
func (s AnswerState) IsValid() bool { return slices.Contains(AnswerStates(), s) }

// IsSettled reports whether nothing is left to do: the answer may go out, or is
// to stay empty.
func (s AnswerState) IsSettled() bool { return s == AnswerApproved || s == AnswerLeft }

// AnswerRevision is one revision of an answer as it is kept: never changed, and
// numbered 1, 2, 3 … in its answer. It holds a revision or a gap, never both and
// never neither.
type AnswerRevision struct {
	Questionnaire string        `json:"questionnaire"`
	N             int           `json:"n"`      // the question's place, from 1
	Number        int           `json:"number"` // from 1
	Revision      *Revision     `json:"revision,omitempty"`
	Gap           *Gap          `json:"gap,omitempty"`
	Evidence      []EvidenceRef `json:"evidence,omitempty"` // what was found for the question when it was drafted, best first
	Author        string        `json:"author"`             // "user:ID", "job:draft"
	At            time.Time     `json:"at"`
	Hash          string        `json:"hash"` // [AnswerRevision.Sum]
}

// Sum returns the hash of a revision: SHA-256 in hex over what it holds and the
// hash of the revision before, "" of the first. So the hash of the newest one
// covers all.
func (r *AnswerRevision) Sum(before string) string {
	return r.sum(before, r.Revision, r.Gap, r.Evidence)
}

// SumOf is Sum for a revision whose texts are given as JSON, null for what it
// does not have: to hold very many against their hashes without reading them.
func (r *AnswerRevision) SumOf(before string, revision, gap, evidence json.RawMessage) string {
	return r.sum(before, revision, gap, evidence)
}

func (r *AnswerRevision) sum(before string, revision, gap, evidence any) string {
	return AuditHash([]any{"vouch revision 1", before, r.Questionnaire, r.N, r.Number, revision, gap, evidence, r.Author, r.At.UnixMilli()})
}

// IsBlocked reports whether the claim check found something in it that must not
// go out.
func (r *AnswerRevision) IsBlocked() bool {
	return r.Revision != nil && blocked(r.Revision.Findings) != nil
}

// Origin says who made the revision, "" of a gap.
func (r *AnswerRevision) Origin() Origin {
	if r.Revision == nil {
		return ""
	}
	return r.Revision.Origin
}

// Confidence is that of the revision, 0 of a gap.
func (r *AnswerRevision) Confidence() float64 {
	if r.Revision == nil {
		return 0
	}
	return r.Revision.Confidence
}

// AnswerHead is the answer to a question as it is now, without its texts.
type AnswerHead struct {
	Questionnaire string      `json:"questionnaire"`
	N             int         `json:"n"`
	State         AnswerState `json:"state"`
	Number        int         `json:"number"`             // of the current revision, 0 if there is none
	Hash          string      `json:"hash,omitempty"`     // of the current revision, and so of all before it
	Assignee      string      `json:"assignee,omitempty"` // the id of the user who is to look at it
	Due           *time.Time  `json:"due,omitempty"`      // the day by which, UTC midnight

	// Of the current revision and of the questionnaire, to be read only.
	Author     string  `json:"author,omitempty"`
	Origin     Origin  `json:"origin,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
	IsBlocked  bool    `json:"blocked,omitempty"`
	IsOpen     bool    `json:"open"`
	Version    int     `json:"-"` // of the questionnaire
}

// AuditHash is the hash of state, revision and assignment, "" while there is
// nothing to say of the answer.
func (h *AnswerHead) AuditHash() string {
	if h.State == AnswerUnanswered && h.Number == 0 && h.Assignee == "" && h.Due == nil {
		return ""
	}
	var due int64
	if h.Due != nil {
		due = h.Due.UnixMilli()
	}
	return AuditHash([]any{"vouch answer 1", h.State, h.Number, h.Hash, h.Assignee, due})
}

// AuditObject names the answer in the audit log.
func (h *AnswerHead) AuditObject() string {
	return "answer:" + h.Questionnaire + ":" + strconv.Itoa(h.N)
}

// StoredAnswer is the answer to a question as it is now, with the question and
// the current revision.
type StoredAnswer struct {
	AnswerHead
	Question Question        `json:"question"`
	Current  *AnswerRevision `json:"current,omitempty"`
}

// AnswerFilter chooses answers of one questionnaire. The zero value chooses
// all; fields that are set must all hold.
type AnswerFilter struct {
	State    AnswerState
	Assignee string
	Section  string // the heading that its question stands under
	After    int    // the place of the last one of the page before
	Limit    int    // at most so many; 0 means all
}

// EvidenceRef names one passage that was found for a question.
type EvidenceRef struct {
	Kind              PassageKind `json:"kind"`
	ID                string      `json:"id"`
	Version           int         `json:"version"`
	Score             float64     `json:"score"`
	Confidence        float64     `json:"confidence,omitempty"`
	VerdictConfidence float64     `json:"verdict_confidence,omitempty"`
	Notes             []string    `json:"notes,omitempty"`
}

// CitedKind says what an answer cites.
type CitedKind string

// The kinds of what is cited.
const (
	CitedEntry   CitedKind = "entry"
	CitedControl CitedKind = "control"
	CitedReport  CitedKind = "report"
)

// CitedIn is a place where the current revision of an answer cites something.
type CitedIn struct {
	Questionnaire string
	N             int
	Number        int // of the revision
	Kind          CitedKind
	ID            string // of the entry or control, or the report's id in lower case
	Version       int    // of the entry or control, 0 of a report
}

// AnswerStore keeps the answers of questionnaires and every revision of them.
type AnswerStore interface {
	// Answers returns the answers of a questionnaire that pass f, in the order
	// of its questions.
	Answers(ctx context.Context, workspace, questionnaire string, f AnswerFilter) ([]StoredAnswer, error)

	// AnswerHead returns one answer without its texts, or [ErrNotFound].
	AnswerHead(ctx context.Context, workspace, questionnaire string, n int) (AnswerHead, error)

	// AssignedAnswers returns the answers that a user is to look at, in open
	// questionnaires and not settled, those due first.
	AssignedAnswers(ctx context.Context, workspace, user string) ([]AnswerHead, error)

	// Revisions returns every revision of an answer, or those with these
	// numbers that it has, oldest first.
	Revisions(ctx context.Context, workspace, questionnaire string, n int, numbers ...int) ([]AnswerRevision, error)

	// PutRevision stores r as the next revision and puts the answer into a
	// state; r.Number must be that of the current revision, else the error is
	// [ErrStaleVersion]. It returns r with the number and the hash it got.
	PutRevision(ctx context.Context, workspace string, r AnswerRevision, state AnswerState) (AnswerRevision, error)

	// PutAnswer stores state and assignment of an answer whose current
	// revision is h.Number, else the error is [ErrStaleVersion].
	PutAnswer(ctx context.Context, workspace string, h AnswerHead) error

	// Citing returns where the current revisions in open questionnaires cite
	// one of these; ids of reports are in lower case. No ids is all of a kind.
	Citing(ctx context.Context, workspace string, kind CitedKind, ids []string) ([]CitedIn, error)
}

// AnswerOf returns one answer with its question and current revision, or
// [ErrNotFound].
func AnswerOf(ctx context.Context, store AnswerStore, workspace, questionnaire string, n int) (StoredAnswer, error) {
	list, err := store.Answers(ctx, workspace, questionnaire, AnswerFilter{After: n - 1, Limit: 1})
	if err == nil && (len(list) == 0 || list[0].N != n) {
		err = ErrNotFound
	}
	if err != nil {
		return StoredAnswer{}, err
	}
	return list[0], nil
}

// Cited returns what a revision cites, each once.
func (r *AnswerRevision) Cited() (out []CitedIn) {
	if r.Revision == nil {
		return nil
	}
	add := func(kind CitedKind, id string, version int) {
		c := CitedIn{Questionnaire: r.Questionnaire, N: r.N, Number: r.Number, Kind: kind, ID: id, Version: version}
		if id != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, c := range r.Revision.Citations {
		add(CitedKind(c.Kind), c.ID, c.Version)
	}
	for _, x := range r.Revision.Cites {
		add(CitedReport, reportKey(x), 0)
	}
	return out
}

// reportKey is what makes two cites name the same report.
func reportKey(x assurance.Cite) string { return ControlKey(x.Report) }
