package assurance

import (
	"iter"
	"slices"
)

// AsksSame reports whether two questions ask one thing, in these words or
// others: see [Contradictions]. Neither may ask for the opposite, nor how often
// where the other does not.
func AsksSame(a, b string) bool {
	x, y := newWording(&Said{Question: a}), newWording(&Said{Question: b})
	return x.sameAs(&y)
}

func (w *wording) sameAs(o *wording) bool {
	return (w.denials-o.denials)%2 == 0 && slices.Equal(w.often, o.often) && w.asksSame(o)
}

// SameQuestions yields the pairs of places in a list whose questions ask one
// thing as [AsksSame] has it, the lower place first. Every pair is found, and
// only questions with a rare word in common are compared.
func SameQuestions(questions []string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		said := make([]Said, len(questions))
		list := make([]wording, len(questions))
		count := map[string]int{}
		for i, q := range questions {
			said[i].Question = q
			list[i] = newWording(&said[i])
			for _, word := range list[i].words {
				count[word]++
			}
		}
		index := map[string][]int{} // the questions before, by their rarest words
		for j := range list {
			for _, i := range list[j].near(index, count) {
				if list[i].sameAs(&list[j]) && !yield(i, j) {
					return
				}
			}
			for _, word := range list[j].rarest(count) {
				index[word] = append(index[word], j)
			}
		}
	}
}
