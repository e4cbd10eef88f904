package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vouch/engine/assurance"
)

// maxEvidence bounds how many passages of each kind are looked through for some
// that may be used.
const maxEvidence = 80

// retrieve returns what may be used as evidence for a question, in the order in
// which it counts, and the entries that a reviewer may see and this answer may
// not rest on. No drafter sees anything else, so that none can give it away.
func (r *run) retrieve(ctx context.Context, q Query) (usable, withheld []Passage, err error) {
	for limit := evidencePerQuestion; ; limit *= 4 {
		q.Limit = limit
		found, err := r.a.Retriever.Retrieve(ctx, r.workspace, q)
		if err != nil {
			return nil, nil, fmt.Errorf("retrieve: %w", err)
		}
		usable, withheld = r.a.admit(found)
		if entries := countEntries(found); entries < limit || entries == countEntries(usable) ||
			countEntries(usable) >= evidencePerQuestion || limit >= maxEvidence {
			break
		}
	}
	usable = preferLanguage(usable, r.q.Language)
	return firstOfEach(usable, evidencePerQuestion), firstOfEach(withheld, evidencePerQuestion), nil
}

func countEntries(list []Passage) (n int) {
	for i := range list {
		if list[i].Entry != nil {
			n++
		}
	}
	return n
}

// firstOfEach returns the first n passages of each kind.
func firstOfEach(list []Passage, n int) []Passage {
	seen := map[PassageKind]int{}
	return slices.DeleteFunc(list, func(p Passage) bool {
		seen[p.Kind]++
		return seen[p.Kind] > n
	})
}

// admit parts what was found. What is true of other products only is left out:
// it is no evidence. Entries that the reader may not have, and those of a
// product where none is named, are withheld.
func (a *Answering) admit(found []Passage) (usable, withheld []Passage) {
	for _, p := range found {
		switch {
		case p.Entry == nil:
			usable = append(usable, p)
		case a.Product != "" && !p.Entry.IsFor(a.Product):
		case a.withholds(p.Entry) != nil:
			withheld = append(withheld, p)
		default:
			usable = append(usable, p)
		}
	}
	return usable, withheld
}

// reader is whom the answers are for. Who is not known has no agreement.
func (a *Answering) reader() assurance.Reader {
	if a.Assured == nil {
		return assurance.Reader{}
	}
	return a.Assured.Reader
}

// withholds returns the gap of an answer that would rest on e, nil if it may.
func (a *Answering) withholds(e *Entry) *Gap {
	switch {
	case !e.Visibility.GivenTo(a.reader()):
		return &Gap{Reason: GapNotDisclosable, Detail: e.Visibility.why(a.reader())}
	case a.Product == "" && len(e.Products) > 0:
		return &Gap{Reason: GapOutOfScope, Detail: fmt.Sprintf("it holds for %s only, and nobody said which product this is about", strings.Join(e.Products, ", "))}
	}
	return nil
}

// withhold says of an answer what the entries mean that it may not rest on: one
// that says the opposite makes a conflict, and where there is no answer and one
// of them would have been it, the gap says so and shows it to the reviewer.
func (a *Answering) withhold(ans *Answer, withheld []Passage) {
	for i := range withheld {
		p := &withheld[i]
		if ans.Revision == nil || !p.contradicts(ans) {
			continue
		}
		ans.hold(GapConflict, fmt.Sprintf("a past answer that cannot be used here says “%s” (%s): %s",
			verdictWord(p.Entry.Verdict), placeIn(p.Entry.Source), a.withholds(p.Entry).Detail))
		return
	}
	if ans.Gap == nil || ans.Gap.Reason != GapNoEvidence || len(withheld) == 0 || withheld[0].Confidence < a.MinConfidence {
		return
	}
	best := &withheld[0]
	why := a.withholds(best.Entry)
	ans.Gap = &Gap{Reason: why.Reason, Detail: "there is a past answer, but " + why.Detail, Proposal: best.revision(why.Detail)}
}

// closeBy is how close in confidence two entries are that fit a question
// equally well; it is that of the drafter Reuse.
const closeBy = 0.05

// contradicts reports whether an entry answers the question of a draft as well
// as what the draft rests on, or better, and has another verdict.
func (p *Passage) contradicts(ans *Answer) bool {
	v, rev := p.Entry.Verdict, ans.Revision
	if v == rev.Verdict || v == VerdictNone || rev.Verdict == VerdictNone {
		return false
	}
	return p.Entry.Key() == FoldWords(ans.Question.Text) || p.Confidence >= rev.Confidence-closeBy
}

// revision is what an entry says, for a reviewer to look at.
func (p *Passage) revision(note string) *Revision {
	e := p.Entry
	text := e.Text
	if text == "" {
		text = e.Answer
	}
	return &Revision{
		Verdict: e.Verdict, Text: text, Confidence: p.Confidence, Origin: OriginReuse, Notes: append([]string{note}, p.Notes...),
		Citations: []Citation{{Kind: PassageEntry, ID: e.ID, Version: e.Version, Label: e.Question, Where: placeIn(e.Source)}},
	}
}

// placeIn is where an entry came from, for people.
func placeIn(s Source) string {
	if s.Place == "" {
		return s.File
	}
	return s.File + ", " + s.Place
}

// preferLanguage puts entries in the language of a questionnaire before those in
// another that say the same: the same verdict to the same question, or to one
// that fits as well.
func preferLanguage(list []Passage, language string) []Passage {
	if language == "" {
		return list
	}
	for i := range list {
		if list[i].Entry == nil || list[i].Entry.Language == language {
			continue
		}
		for j := i + 1; j < len(list); j++ {
			if e := list[j].Entry; e != nil && e.Language == language && list[i].saysSame(&list[j]) {
				first := list[j]
				copy(list[i+1:j+1], list[i:j])
				list[i] = first
				break
			}
		}
	}
	return list
}

// saysSame reports whether two entries, of which the other is in another
// language, answer the same.
func (p *Passage) saysSame(o *Passage) bool {
	a, b := p.Entry, o.Entry
	switch {
	case a.Verdict != b.Verdict:
		return false
	case a.Key() == b.Key():
		return true
	}
	return a.Language != "" && o.Confidence >= p.Confidence-closeBy
}

// restsOnWithheld reports whether a revision cites an entry that a reader may not have.
// None does, as drafts are made; this is looked at again before it goes out.
func (ans *Answer) restsOnWithheld(reader assurance.Reader) bool {
	return slices.ContainsFunc(slices.Concat(ans.Evidence, ans.Withheld), func(p Passage) bool {
		return p.Entry != nil && cites(ans.Revision, p) && !p.Entry.Visibility.GivenTo(reader)
	})
}
