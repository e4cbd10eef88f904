package index

import (
	"fmt"
	"math"
	"slices"
)

// maxTopics bounds the topics of a lexicon.
const maxTopics = 128

// addTopics reads the topics, which name concepts that may stand on any line.
func (l *Lexicon) addTopics(lines []lexLine) error {
	byName := map[string]int{}
	for i, c := range l.concepts {
		byName[c.name] = i
	}
	l.topicsOf = make([][]uint16, len(l.concepts))
	for _, ln := range lines {
		if ln.section != "topics" {
			continue
		}
		for _, name := range phrasesOf(ln.body) {
			c, ok := byName[name]
			if !ok {
				return fmt.Errorf("lexicon line %d: there is no concept %q", ln.number, name)
			}
			l.topicsOf[c] = append(l.topicsOf[c], uint16(l.topics))
		}
		if l.topics++; l.topics > maxTopics {
			return fmt.Errorf("lexicon line %d: there are more than %d topics", ln.number, maxTopics)
		}
	}
	for _, of := range l.topicsOf {
		slices.Sort(of)
	}
	return nil
}

// topicVector is what a text is about: the idf of its concepts, summed by
// topic. This is explicit semantic analysis (Gabrilovich and Markovitch,
// 2007) with our topics in the place of articles.
type topicVector struct {
	weight [maxTopics]float64 // by topic
	norm   float64
}

// topicsOfConcepts returns the topics of concepts; those of the second list
// count a quarter.
func (l *Lexicon) topicsOfConcepts(s *statistics, first, second []uint16) topicVector {
	var v topicVector
	for _, c := range first {
		for _, t := range l.topicsOf[c] {
			v.weight[t] += s.concept[c]
		}
	}
	for _, c := range second {
		for _, t := range l.topicsOf[c] {
			v.weight[t] += s.concept[c] / 4
		}
	}
	for _, w := range &v.weight {
		v.norm += w * w
	}
	v.norm = math.Sqrt(v.norm)
	return v
}

// cosine returns the cosine of two topic vectors, 0 if one is empty.
func (v *topicVector) cosine(o *topicVector) float64 {
	if v.norm == 0 || o.norm == 0 {
		return 0
	}
	dot := 0.0
	for i, w := range &v.weight {
		dot += w * o.weight[i]
	}
	return min(1, dot/(v.norm*o.norm))
}
