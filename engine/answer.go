package engine

import "vouch/engine/assurance"

// Answer is what vouch proposes for one question: either a Revision or a Gap,
// or neither when the customer's file already held the answer.
type Answer struct {
	Question *Question `json:"question"`
	Revision *Revision `json:"revision,omitempty"`
	Gap      *Gap      `json:"gap,omitempty"`
	Kept     bool      `json:"kept,omitempty"` // the file already held an answer, and it was left alone
	Evidence []Passage `json:"evidence,omitempty"`

	// Findings is what the claim check says of an answer that was kept. Nobody
	// here wrote it and nobody here changes it, but it goes out with the rest.
	Findings []assurance.Finding `json:"findings,omitempty"`
}

// Revision is one immutable version of an answer.
type Revision struct {
	Verdict    Verdict     `json:"verdict,omitempty"`
	Values     []PartValue `json:"values"`         // the parts it fills; parts without support are absent
	Text       string      `json:"text,omitempty"` // the explanation, whatever parts there are to hold it
	Citations  []Citation  `json:"citations"`      // at least one, where it was drafted
	Confidence float64     `json:"confidence"`     // calibrated probability that a reviewer approves it unchanged, 0 to 1; 0 of what nobody drafted
	Origin     Origin      `json:"origin"`
	Notes      []string    `json:"notes,omitempty"` // what a reviewer should look at

	Cites    []assurance.Cite     `json:"cites,omitempty"`    // what it rests on in the register
	Evidence []assurance.Citation `json:"evidence,omitempty"` // the same for the reader, without what that may not have
	Findings []assurance.Finding  `json:"findings,omitempty"` // what the claim check says of it
}

// Origin says who made a revision.
type Origin string

// The origins.
const (
	OriginReuse  Origin = "reuse"
	OriginLLM    Origin = "llm"
	OriginPerson Origin = "person"

	// OriginRegister is an answer to a question about reports, taken from the
	// register.
	OriginRegister Origin = "register"

	// OriginFile is an answer that the customer's file came with. Such a
	// revision has no values: what it says is in the file already.
	OriginFile Origin = "file"
)

// Citation is what a revision rests on: one version of an entry or a control.
type Citation struct {
	Kind    PassageKind `json:"kind"`
	ID      string      `json:"id"`
	Version int         `json:"version"`
	Label   string      `json:"label"` // for people: the entry's question, or the control's id and title
	Where   string      `json:"where"` // for people: the file and place it was imported from
}

// GapReason says why there is no answer.
type GapReason string

// The reasons for a gap.
const (
	GapNoEvidence     GapReason = "no_evidence"
	GapConflict       GapReason = "conflict"
	GapStale          GapReason = "stale"
	GapOutOfScope     GapReason = "out_of_scope"
	GapNotDisclosable GapReason = "not_disclosable"
	GapNeedsLegal     GapReason = "needs_legal"
	GapDependsOn      GapReason = "depends_on"
	GapUnreadable     GapReason = "unreadable"
)

// GapReasons lists every reason there is.
func GapReasons() []GapReason {
	return []GapReason{GapNoEvidence, GapConflict, GapStale, GapOutOfScope, GapNotDisclosable, GapNeedsLegal, GapDependsOn, GapUnreadable}
}

// Gap is an explicit "no answer". Its cells stay empty. Proposal is what came
// nearest, for the reviewer's eyes only; it is never written.
type Gap struct {
	Reason   GapReason `json:"reason"`
	Detail   string    `json:"detail"` // one sentence for the reviewer
	Proposal *Revision `json:"proposal,omitempty"`

	Findings []assurance.Finding `json:"findings,omitempty"` // of the claim check, where that is the reason
}
