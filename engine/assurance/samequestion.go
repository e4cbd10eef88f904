package assurance

import (
	"iter"
	"slices"
)

// Wording is a question or an answer taken apart, to be compared with others.
type Wording struct{ apart wording }

// NewWording takes a text apart.
func NewWording(text string) Wording {
	return Wording{newWording(&Said{Question: text})}
}

// Same reports whether two questions ask one thing, or two answers say one, in
// these words or others: see [Contradictions]. Neither may be about the
// opposite, other figures, places or people, nor say how often where the other
// does not.
func (w *Wording) Same(o *Wording) bool {
	a, b := &w.apart, &o.apart
	return (a.denials-b.denials)%2 == 0 && slices.Equal(a.often, b.often) && a.asksSame(b)
}

// AsksSame is [Wording.Same] for two questions.
func AsksSame(a, b string) bool {
	x, y := NewWording(a), NewWording(b)
	return x.Same(&y)
}

// SameWordings yields the pairs of places in a list whose texts are the same as
// [Wording.Same] has it, the lower place first. Every pair is found, and only
// texts with a rare word in common are compared.
func SameWordings(list []Wording) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		count := map[string]int{}
		for i := range list {
			for _, word := range list[i].apart.words {
				count[word]++
			}
		}
		index := map[string][]int{} // the texts before, by their rarest words
		for j := range list {
			w := &list[j].apart
			for _, i := range w.near(index, count) {
				if list[i].Same(&list[j]) && !yield(i, j) {
					return
				}
			}
			for _, word := range w.rarest(count) {
				index[word] = append(index[word], j)
			}
		}
	}
}
