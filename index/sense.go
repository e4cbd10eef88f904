package index

import "fmt"

// Whether a question asks for something or for its opposite is counted: each
// negation and each adverse phrase turns it around once. A phrase in the
// lexicon's sense table has as its id by how much it changes the count of
// negations, plus senseZero: an adverse phrase adds one, and both kinds take
// away the negations they are written with ("no limit", "no later than").
const senseZero = 8

// addSense takes the phrases that turn a question around, or only look so.
func (l *Lexicon) addSense(ln lexLine) error {
	turn := 0
	if ln.section == "adverse" {
		turn = 1
	}
	for _, p := range phrasesOf(ln.body) {
		tokens, loose := l.phrase(p)
		if len(tokens) == 0 || len(tokens) > senseZero {
			return fmt.Errorf("lexicon line %d: %q has no words to find it by, or more than %d", ln.number, p, senseZero)
		}
		id := senseZero + turn
		for _, t := range tokens {
			if negations[t] {
				id--
			}
		}
		if turn == 0 && id == senseZero-len(tokens) {
			return fmt.Errorf("lexicon line %d: %q has nothing but negations", ln.number, p)
		}
		if old, ok := l.sense.add(tokens, loose, id); !ok && old != id {
			return fmt.Errorf("lexicon line %d: %q is both neutral and adverse", ln.number, p)
		}
	}
	return nil
}

// turns returns how often the tokens turn a question around. Where phrases
// overlap the longest counts.
func (l *Lexicon) turns(tokens []string) int {
	n, next := 0, 0
	for i, t := range tokens {
		if negations[t] {
			n++
		}
		if i < next {
			continue
		}
		longest, turn := 0, senseZero
		for _, p := range l.sense.byFirst[t] {
			if len(p.tokens) > longest && p.at(tokens, i) {
				longest, turn = len(p.tokens), p.id
			}
		}
		n, next = n+turn-senseZero, i+longest
	}
	return n
}
