package draft

import (
	"context"
	"fmt"
	"strings"

	"vouch/engine"
)

// Reuse drafts by reusing the best past answer. Its zero value is ready.
type Reuse struct{}

// conflictMargin is how close, in confidence, another entry must come to the
// best one to count as fitting equally well. Two wordings of one question
// differ by less in the fitted model, two different questions by more.
const conflictMargin = 0.05

// Draft implements [engine.Drafter]. The confidence of the revision is that of
// the entry it takes.
func (Reuse) Draft(_ context.Context, q *engine.Question, language string, evidence []engine.Passage) (engine.Proposal, error) {
	entries := entriesOf(evidence)
	if len(entries) == 0 {
		return gap(engine.GapNoEvidence, "no past answer resembles this question", nil), nil
	}
	best := entries[0]
	r := fit(q, language, best)
	if other, ok := disagrees(entries); ok {
		r.Notes = append(r.Notes, fmt.Sprintf("another past answer fits as well and says %s: %s", describe(other.Entry), place(other.Entry.Source)))
		return gap(engine.GapConflict, fmt.Sprintf("two past answers fit equally well and disagree: %s (%s) and %s (%s)",
			describe(best.Entry), place(best.Entry.Source), describe(other.Entry), place(other.Entry.Source)), r), nil
	}
	if g, ok := unfilled(q, best.Entry, r); ok {
		return g, nil
	}
	return engine.Proposal{Revision: r}, nil
}

func gap(reason engine.GapReason, detail string, proposal *engine.Revision) engine.Proposal {
	return engine.Proposal{Gap: &engine.Gap{Reason: reason, Detail: detail, Proposal: proposal}}
}

func entriesOf(evidence []engine.Passage) []engine.Passage {
	var out []engine.Passage
	for _, p := range evidence {
		if p.Kind == engine.PassageEntry && p.Entry != nil {
			out = append(out, p)
		}
	}
	return out
}

// disagrees returns an entry that fits as well as the best one and has
// another verdict.
func disagrees(entries []engine.Passage) (engine.Passage, bool) {
	best := entries[0]
	for _, p := range entries[1:] {
		same := p.Entry.Key() == best.Entry.Key()
		if !same && p.Confidence < best.Confidence-conflictMargin {
			continue
		}
		if !same && best.Confidence >= 0.9 && p.Confidence < best.Confidence {
			continue // the best one asks the very same, the other nearly
		}
		if a, b := p.Entry.Verdict, best.Entry.Verdict; a != b && a != engine.VerdictNone && b != engine.VerdictNone {
			return p, true
		}
	}
	return engine.Passage{}, false
}

// describe names what an entry answers in a word.
func describe(e *engine.Entry) string {
	if e.Verdict != engine.VerdictNone {
		return "“" + strings.ToLower(wordFor(e.Verdict, "en")) + "”"
	}
	return "neither yes nor no"
}

func place(s engine.Source) string {
	if s.Place == "" {
		return s.File
	}
	return s.File + ", " + s.Place
}

// fit puts an entry into the parts of a question, as far as they take it.
func fit(q *engine.Question, language string, p engine.Passage) *engine.Revision {
	e := p.Entry
	r := &engine.Revision{
		Verdict: e.Verdict, Text: narrative(e), Confidence: p.Confidence, Origin: engine.OriginReuse, Notes: p.Notes,
		Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: e.ID, Version: e.Version, Label: e.Question, Where: place(e.Source)}},
	}
	explained := q.Part(engine.PartExplanation) != nil
	for _, part := range q.Parts {
		if v := value(q, part, language, e, explained); v != "" {
			r.Values = append(r.Values, engine.PartValue{Part: part, Value: v})
		}
	}
	return r
}

// narrative is the text of an entry, whichever field holds it.
func narrative(e *engine.Entry) string {
	if e.Text != "" {
		return e.Text
	}
	return e.Answer
}

// value returns what an entry says to one part, "" for nothing.
func value(q *engine.Question, part engine.Part, language string, e *engine.Entry, explained bool) string {
	switch part.Kind {
	case engine.PartChoice, engine.PartMark:
		if part.IsAnswer() {
			if o, ok := matchOption(q, &part, e); ok {
				return o
			}
		}
	case engine.PartText:
		if part.IsAnswer() {
			return freeText(q, language, e, explained)
		}
	case engine.PartExplanation:
		if e.Text != "" && (hasVerdictPart(q, e) || e.Answer != "") {
			return e.Text
		}
	case engine.PartOwnership:
		if len(part.Options) == 0 {
			return e.Ownership
		}
		for _, o := range part.Options {
			if e.Ownership != "" && engine.FoldWords(o) == engine.FoldWords(e.Ownership) {
				return o
			}
		}
	}
	return ""
}

// hasVerdictPart reports whether a part beside the explanation takes the
// entry's verdict, so that the narrative belongs into the explanation.
func hasVerdictPart(q *engine.Question, e *engine.Entry) bool {
	if e.Verdict == engine.VerdictNone {
		return q.Part(engine.PartText) == nil
	}
	return q.Part(engine.PartChoice) != nil || q.Part(engine.PartMark) != nil || asksYesNo(q.Text)
}

// freeText words an answer for a cell that takes any text.
func freeText(q *engine.Question, language string, e *engine.Entry, explained bool) string {
	if e.Verdict == engine.VerdictNone {
		if e.Answer != "" {
			return e.Answer
		}
		return e.Text
	}
	word := e.Answer
	if word == "" {
		word = wordFor(e.Verdict, language)
	}
	switch {
	case e.Text == "":
		return word
	case !asksYesNo(q.Text): // "Company name", "Describe …": the narrative is the answer
		return e.Text
	case explained:
		return word
	}
	if v, _, ok := engine.LeadingVerdict(e.Text); ok && v == e.Verdict {
		return e.Text
	}
	return word + ". " + e.Text
}

// unfilled returns the gap for a question whose answer itself could not be put
// into its cells.
func unfilled(q *engine.Question, e *engine.Entry, r *engine.Revision) (engine.Proposal, bool) {
	var want *engine.Part
	for i := range q.Parts {
		if !q.Parts[i].IsAnswer() {
			continue
		}
		for _, v := range r.Values {
			if v.Part.Locator.String() == q.Parts[i].Locator.String() {
				return engine.Proposal{}, false
			}
		}
		if want == nil {
			want = &q.Parts[i]
		}
	}
	proposal := *r
	proposal.Values = nil
	switch {
	case want == nil:
		if len(r.Values) > 0 {
			return engine.Proposal{}, false
		}
		return gap(engine.GapNoEvidence, "the past answer has nothing for the cells of this question", &proposal), true
	case (want.Kind == engine.PartChoice || want.Kind == engine.PartMark) && len(want.Options) == 0:
		return gap(engine.GapUnreadable, "the options of the drop-down at "+want.Locator.String()+" cannot be read", &proposal), true
	case want.Kind == engine.PartChoice || want.Kind == engine.PartMark:
		return gap(engine.GapNoEvidence, unmatched(q, want, e), &proposal), true
	}
	return gap(engine.GapNoEvidence, "the past answer says nothing a "+string(want.Kind)+" cell takes", &proposal), true
}
