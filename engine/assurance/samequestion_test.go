package assurance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSameWordingsFindsEveryPair compares it with looking at every pair.
func TestSameWordingsFindsEveryPair(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("encrypt backup laptop access review vendor log patch 90 30 not annually incident tested key rotate disk")
	found := 0
	for round := range 60 {
		list := make([]Wording, 60)
		texts := make([]string, len(list))
		for i := range list {
			var text []string
			for range 1 + r.IntN(8) {
				text = append(text, words[r.IntN(len(words))])
			}
			if i > 0 && r.IntN(3) == 0 { // like another one but for a word
				text = append(strings.Fields(texts[r.IntN(i)]), words[r.IntN(len(words))])
			}
			texts[i] = strings.Join(text, " ")
			list[i] = NewWording(texts[i])
		}
		want := map[string]bool{}
		for i := range list {
			for j := range i {
				if list[i].Same(&list[j]) {
					want[fmt.Sprint(j, i)] = true
				}
			}
		}
		for i, j := range SameWordings(list) {
			if !want[fmt.Sprint(i, j)] {
				t.Fatalf("round %d: %q and %q are no pair, or one twice", round, texts[i], texts[j])
			}
			delete(want, fmt.Sprint(i, j))
			found++
		}
		if len(want) != 0 {
			t.Fatalf("round %d: %d pairs were missed", round, len(want))
		}
	}
	if found < 100 {
		t.Errorf("only %d pairs in all: the texts are too different to test anything", found)
	}
	for range SameWordings([]Wording{NewWording("disk encryption keys"), NewWording("disk encryption keys"), NewWording("disk encryption keys")}) {
		break // leaving early is allowed
	}
}
