package assurance

import (
	"slices"
	"strings"
)

// Severity says what a finding does to a draft.
type Severity string

// The severities, gravest first.
const (
	Block   Severity = "block"   // the draft cannot be approved or exported as it is
	Correct Severity = "correct" // the draft is true with the proposed wording
	Warn    Severity = "warn"    // a reviewer should look
)

// Finding is what the check says of one draft.
type Finding struct {
	Rule     string   `json:"rule"` // the rule's id: "soc-certified"
	Severity Severity `json:"severity"`
	Words    string   `json:"words,omitempty"`    // the words of the draft it is about; "" if about the verdict or a citation
	Why      string   `json:"why"`                // one sentence for a reviewer
	Proposal string   `json:"proposal,omitempty"` // what to put instead of Words; the whole of it goes
	Verdict  string   `json:"verdict,omitempty"`  // the verdict that the evidence supports, where another is drafted
	Gap      string   `json:"gap,omitempty"`      // for a block: the reason of the gap it becomes, "needs_legal", "not_disclosable" …
	Cites    []Cite   `json:"cites,omitempty"`    // what in the register contradicts or is missing
}

// Cite is what a draft rests on in the register: a control through a report,
// or a report by itself.
type Cite struct {
	Report    string `json:"report,omitempty"`    // a report's id
	Control   string `json:"control,omitempty"`   // a control's id
	Criterion string `json:"criterion,omitempty"` // "CC6.1"
}

// CiteOf returns what the id of a control or a report stands for, whatever its
// case; false if it stands for nothing. A report comes before a control of the
// same id.
func (r *Register) CiteOf(id string) (Cite, bool) {
	is := func(other string) bool { return strings.EqualFold(strings.TrimSpace(id), other) }
	switch {
	case slices.ContainsFunc(r.Reports, func(x Report) bool { return is(x.ID) }):
		return Cite{Report: id}, true
	case slices.ContainsFunc(r.Controls, func(x Control) bool { return is(x.ID) }):
		return Cite{Control: id}, true
	}
	return Cite{}, false
}

// Reader is whom an answer is for.
type Reader struct {
	Name   string `json:"name,omitempty"`   // the customer's name
	NDA    bool   `json:"nda,omitempty"`    // has signed a non-disclosure agreement
	Public bool   `json:"public,omitempty"` // the answer is published: anyone reads it
}

// Statement is one draft to be checked, whoever wrote it.
type Statement struct {
	Ref        string `json:"ref,omitempty"` // the question's id or place, for findings that name another question
	Question   string `json:"question"`
	Verdict    string `json:"verdict,omitempty"` // yes, no, partial, not_applicable, or "" for narrative
	Text       string `json:"text,omitempty"`
	Cites      []Cite `json:"cites,omitempty"`
	Reader     Reader `json:"reader,omitzero"`
	Restricted bool   `json:"restricted,omitempty"` // rests on content that may be given only under NDA
}
