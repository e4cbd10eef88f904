package engine

import "context"

// PassageKind says what a passage was taken from.
type PassageKind string

// The kinds of passage.
const (
	PassageEntry   PassageKind = "entry"
	PassageControl PassageKind = "control"
)

// Passage is one piece of evidence that a retriever offers for a question.
type Passage struct {
	Kind    PassageKind `json:"kind"`
	Entry   *Entry      `json:"entry,omitempty"`   // set when Kind is entry
	Control *Control    `json:"control,omitempty"` // set when Kind is control
	Score   float64     `json:"score"`             // of the ranking, 0 to 1; orders the passages of one question, means nothing across questions

	// Confidence is the calibrated probability, 0 to 1, that a reviewer would
	// approve the passage's answer to the question unchanged. Controls have none.
	Confidence float64 `json:"confidence"`

	// VerdictConfidence is the calibrated probability, 0 to 1, that the
	// passage's verdict is the one a reviewer would give, whatever its text is
	// about: most questions near each other have the same verdict. It orders
	// what to look at and measures answer transfer; it is never enough to write
	// an answer, since the evidence has to fit too. 0 for controls.
	VerdictConfidence float64 `json:"verdict_confidence,omitempty"`

	// Notes name what speaks against the passage in words for a reviewer:
	// "opposite polarity", "90 days against 1 year".
	Notes []string `json:"notes,omitempty"`
}

// Query is a question as a retriever sees it.
type Query struct {
	Text     string
	Section  string
	Guidance string
	Language string // of the questionnaire, ISO 639-1, for a text that does not show its own; "" if unknown
	Limit    int    // how many passages at most of each kind; 0 means 10
}

// Retriever finds evidence for a question.
type Retriever interface {
	// Retrieve returns the passages of a workspace for q, entries before
	// controls, each kind best first. No passages is not an error.
	Retrieve(ctx context.Context, workspace string, q Query) ([]Passage, error)
}
