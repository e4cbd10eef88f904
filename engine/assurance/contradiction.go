package assurance

import (
	"fmt"
	"slices"
	"strings"
)

// Said is an answer that was given, or is about to be: in this questionnaire
// or to a customer before.
type Said struct {
	Ref      string   `json:"ref,omitempty"`      // the question's id or place
	Customer string   `json:"customer,omitempty"` // "" for the questionnaire at hand
	On       Day      `json:"on,omitzero"`
	Question string   `json:"question"`
	Verdict  string   `json:"verdict,omitempty"`
	Text     string   `json:"text,omitempty"`
	Controls []string `json:"controls,omitempty"` // nearest first
}

// Contradiction is a pair of answers to one thing that cannot both be true.
type Contradiction struct {
	A, B Said   // A is of the questionnaire at hand
	Why  string // one sentence for a reviewer
}

// Contradictions finds what in a questionnaire contradicts another answer of
// it, or what customers were told before. Two answers are about one thing if
// their questions are worded nearly alike, none asking for the opposite of the
// other or for another figure, place or people, and no two controls known for
// them differ altogether. They contradict if one says yes and the other no, or
// one partly what the other says wholly.
func Contradictions(now, before []Said) (out []Contradiction) {
	a, b := newWordings(now), newWordings(before)
	count := map[string]int{} // how many questions have a word
	for _, list := range [][]wording{a, b} {
		for i := range list {
			for _, word := range list[i].words {
				count[word]++
			}
		}
	}
	index := map[string][]int{} // questions of a by their rarest words
	for i := range a {
		for _, word := range a[i].rarest(count) {
			index[word] = append(index[word], i)
		}
	}
	compare := func(i int, other *wording) {
		if why := a[i].against(other); why != "" {
			out = append(out, Contradiction{A: *a[i].said, B: *other.said, Why: why})
		}
	}
	for i := range a {
		for _, j := range a[i].near(index, count) {
			if j > i {
				compare(i, &a[j])
			}
		}
	}
	for j := range b {
		for _, i := range b[j].near(index, count) {
			compare(i, &b[j])
		}
	}
	slices.SortStableFunc(out, func(x, y Contradiction) int { return strings.Compare(x.A.Ref, y.A.Ref) })
	return out
}

// newWordings takes the questions apart that have an answer to compare.
func newWordings(list []Said) (out []wording) {
	for i := range list {
		if decides(list[i].Verdict) {
			out = append(out, newWording(&list[i]))
		}
	}
	return out
}

// near returns, in their order, the questions of the index that may ask the
// same as w.
func (w *wording) near(index map[string][]int, count map[string]int) (out []int) {
	for _, word := range w.rarest(count) {
		out = append(out, index[word]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// against says why two answers contradict, "" if they do not.
func (w *wording) against(o *wording) string {
	a, b := w.said, o.said
	if a.Verdict == b.Verdict || (w.denials-o.denials)%2 != 0 || !w.asksSame(o) || !w.asOften(o) || otherControls(a, b) {
		return ""
	}
	return fmt.Sprintf("the answer is %s, and to a question that asks the same it %s %s", a.Verdict, whereSaid(b), b.Verdict)
}

// asOften reports whether two answers can contradict for what they say of how
// often. Who does not do a thing every quarter may do it, but who does it every
// year does it.
func (w *wording) asOften(o *wording) bool {
	switch {
	case slices.Equal(w.often, o.often):
		return true
	case len(w.often) == 0:
		return w.said.Verdict == "no"
	case len(o.often) == 0:
		return o.said.Verdict == "no"
	}
	return false
}

func whereSaid(b *Said) string {
	if b.Customer == "" {
		return "is"
	}
	return fmt.Sprintf("was, for %s on %s,", b.Customer, b.On.Long())
}

func decides(verdict string) bool { return verdict == "yes" || verdict == "no" || verdict == "partial" }

// otherControls reports whether the controls nearest to two questions are
// known and not the same.
func otherControls(a, b *Said) bool {
	return len(a.Controls) > 0 && len(b.Controls) > 0 && !slices.Contains(b.Controls, a.Controls[0]) && !slices.Contains(a.Controls, b.Controls[0])
}
