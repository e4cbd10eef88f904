package review

import (
	"fmt"
	"time"

	"vouch/engine"
)

// Report is what a page is made from.
type Report struct {
	Questionnaire *engine.Questionnaire
	Answers       []engine.Answer // one for each question, in order
	Summary       engine.Summary
	MinConfidence float64   // the threshold that was applied, 0 to 1
	Output        string    // base name of the answered file, "" if none was written
	Made          time.Time // shown in UTC
	Program       string    // name and version
}

// status is where a question stands, as a word for people and for CSS.
type status string

const (
	statusAnswered status = "answered"
	statusGap      status = "gap"
	statusKept     status = "kept"
)

func statusOf(a *engine.Answer) status {
	switch {
	case a.Kept:
		return statusKept
	case a.Revision != nil:
		return statusAnswered
	}
	return statusGap
}

// gapTexts give each reason for a gap its words for reviewers.
var gapTexts = map[engine.GapReason]string{
	engine.GapNoEvidence:     "no evidence",
	engine.GapConflict:       "conflict",
	engine.GapStale:          "stale",
	engine.GapOutOfScope:     "out of scope",
	engine.GapNotDisclosable: "not disclosable",
	engine.GapNeedsLegal:     "needs legal",
	engine.GapDependsOn:      "depends on another answer",
	engine.GapUnreadable:     "unreadable",
}

// GapText returns a gap reason in words.
func GapText(r engine.GapReason) string {
	if t, ok := gapTexts[r]; ok {
		return t
	}
	return string(r)
}

// percent renders a confidence for people: 0.934 is 93 %.
func percent(p float64) string { return fmt.Sprintf("%.0f %%", 100*p) }

// shown is the revision a reviewer looks at: the answer, or for a gap what
// came nearest.
func shown(a *engine.Answer) *engine.Revision {
	switch {
	case a.Revision != nil:
		return a.Revision
	case a.Gap != nil:
		return a.Gap.Proposal
	}
	return nil
}

// maxControls is how many controls are shown beside a question, and
// minControlScore what their rank score must be: in the sample library, below
// it a control shares a common word with the question and no more.
const (
	maxControls     = 3
	minControlScore = 0.1
)

// controls returns the controls nearest to a question, best first.
func controls(a *engine.Answer) []engine.Control {
	var out []engine.Control
	for _, p := range a.Evidence {
		if p.Kind == engine.PassageControl && p.Control != nil && p.Score >= minControlScore && len(out) < maxControls {
			out = append(out, *p.Control)
		}
	}
	return out
}
