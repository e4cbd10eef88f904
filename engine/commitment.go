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
		c.Verdict, c.Answer, c.Text = x.held()
		out = append(out, c)
	}
	return out
}

// held returns the answer that the file holds for a question: its verdict, the
// words that state it, and the rest.
func (q *Question) held() (verdict Verdict, answer, text string) {
	var texts []string
	for j := range q.Parts {
		p := &q.Parts[j]
		if p.Value == "" || p.Kind == PartOwnership || p.Aspect != "" {
			continue
		}
		switch v, ok := ParseVerdict(p.Value); {
		case p.Kind == PartMark:
			verdict, answer = v, p.Value
		case ok && p.IsAnswer() && verdict == VerdictNone:
			verdict, answer = v, p.Value
		case p.IsAnswer() && p.Kind == PartChoice:
			answer = p.Value
		default:
			texts = append(texts, p.Value)
		}
	}
	text = strings.Join(texts, "\n")
	if v, rest, ok := LeadingVerdict(text); ok && verdict == VerdictNone {
		verdict, text = v, rest
	}
	return verdict, answer, text
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
