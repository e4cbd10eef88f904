package quality

import (
	"time"

	"vouch/engine"
)

// Report is what a page is made from. Shares, confidences and accuracies are
// 0 to 1.
type Report struct {
	Workspace      string    `json:"workspace"`
	Together       Figures   `json:"together"`
	Questionnaires []Figures `json:"questionnaires"`
	Threshold      float64   `json:"min_confidence"` // above which an answer is written
	Curve          []Step    `json:"-"`              // highest threshold first
	Bins           []Bin     `json:"reliability"`    // lowest first
	Mistakes       []Mistake `json:"-"`              // most confident first
	Made           time.Time `json:"made_at"`        // shown in UTC
	Program        string    `json:"-"`              // name and version
}

// Figures are the measures of one questionnaire, or of all together.
type Figures struct {
	Name        string     `json:"name,omitempty"` // base name of the file, "" for all together
	Questions   int        `json:"questions"`      // with a verdict
	Found       int        `json:"found"`          // for which the other questionnaires had any entry
	Accuracy    float64    `json:"accuracy_of_found"`
	At          []Accuracy `json:"thresholds"` // lowest first
	CoverageA95 float64    `json:"coverage_at_accuracy_95"`
	CoverageA90 float64    `json:"coverage_at_accuracy_90"`
	AURC        float64    `json:"aurc"`
	ECE         float64    `json:"ece"`
	AlwaysYes   float64    `json:"always_yes_accuracy"`
	Written     int        `json:"written"`       // at Report.Threshold
	Right       int        `json:"written_right"` // of those
}

// Accuracy is what one threshold gives.
type Accuracy struct {
	Threshold float64 `json:"threshold"`
	Answered  int     `json:"answered"`
	Right     int     `json:"right"`
}

// Step is a point of the risk-coverage curve.
type Step struct{ Threshold, Coverage, Accuracy float64 }

// Bin is a bar of the reliability diagram: confidences above From and up to To.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Questions  int     `json:"questions"`
	Confidence float64 `json:"confidence"` // mean
	Accuracy   float64 `json:"accuracy"`
}

// Mistake is a question that got another verdict than was approved.
type Mistake struct {
	Questionnaire, Place string // where the question stands
	Question             string
	Approved             engine.Verdict
	Confidence           float64
	FoundQuestion        string // of the entry that was taken
	FoundIn              string // where that stands
	Found                engine.Verdict
}
