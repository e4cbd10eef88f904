package engine

import (
	"slices"
	"strings"
	"time"
)

// CommitmentsOf returns the answers that a questionnaire holds as what a
// customer was told on a day.
func CommitmentsOf(q *Questionnaire, customer, file string, sent time.Time) (out []Commitment) {
	for i := range q.Questions {
		x := &q.Questions[i]
		if !x.IsAnswered() {
			continue
		}
		c := Commitment{Customer: customer, SentAt: sent, Questionnaire: file, Ref: x.Ref, Question: x.Text}
		var texts []string
		for j := range x.Parts {
			p := &x.Parts[j]
			if p.Value == "" || p.Kind == PartOwnership || p.Aspect != "" {
				continue
			}
			switch v, ok := ParseVerdict(p.Value); {
			case p.Kind == PartMark:
				c.Verdict, c.Answer = v, p.Value
			case ok && p.IsAnswer() && c.Verdict == VerdictNone:
				c.Verdict, c.Answer = v, p.Value
			case p.IsAnswer() && p.Kind == PartChoice:
				c.Answer = p.Value
			default:
				texts = append(texts, p.Value)
			}
		}
		c.Text = strings.Join(texts, "\n")
		if v, rest, ok := LeadingVerdict(c.Text); ok && c.Verdict == VerdictNone {
			c.Verdict, c.Text = v, rest
		}
		out = append(out, c)
	}
	return out
}

// NearControls returns the refs of the controls among passages that are near
// enough to their question to stand for what it is about.
func NearControls(found []Passage) (refs []string) {
	for i := range found {
		if c := found[i].Control; c != nil && found[i].Score >= minControlScore && !slices.Contains(refs, c.Ref) {
			refs = append(refs, c.Ref)
		}
	}
	return refs
}
