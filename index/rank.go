package index

import (
	"math"
	"slices"

	"vouch/engine"
)

// feature numbers one thing the re-ranker compares. All are 0 to 1.
type feature int

// The features of a passage for a query. The share of the query that the
// head covers, the section's overlap and the kind were tried and dropped:
// leaving them out did not lower nDCG in cross-validation.
const (
	featBM25F    feature = iota // BM25F over head, body, section, as a share of the highest it could be
	featCover                   // share of the head's idf that the query has
	featGrams                   // cosine of the trigrams of query and head
	featConcepts                // cosine of the concepts of query and head, weighted by idf
	featConceptQ                // share of the query's concept idf that head and body have
	featOpposite                // 1 when the senses are opposite
	featContrast                // 1 when they take different sides of a contrast
	featClash                   // 1 when times, numbers or standards contradict
	featTopics                  // cosine of the topics of query and passage
	featSection                 // how near the query's section is to the passage
	featNamed                   // 1 when the query names the control's id, ½ when a criterion it meets
	numFeatures
)

// features are the values of all features of one passage for one query.
type features [numFeatures]float64

// BM25F, Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
// and Beyond" (2009), section 3.5. The pivot lengths are constants instead of
// the library's means, so that a passage's score does not change when
// another one is approved.
const (
	bm25K1 = 1.2

	headWeight, bodyWeight, secWeight = 1.0, 0.35, 0.4
	headB, bodyB, secB                = 0.6, 0.6, 0.3
	headPivot, bodyPivot, secPivot    = 12.0, 24.0, 4.0
)

// statistics are how often terms occur in one workspace.
type statistics struct {
	docs    int
	terms   map[uint64]termStats // by hash
	weak    map[uint64]bool
	lex     *Lexicon  // that numbers the concepts
	concept []float64 // idf by concept number
}

// termStats are how many passages have a term, and its idf.
type termStats struct {
	df  int32
	idf float32
}

// df returns how many passages have a term.
func (s *statistics) df(hash uint64) int { return int(s.terms[hash].df) }

// idf returns the inverse document frequency of a term, above 0.
func (s *statistics) idf(hash uint64) float64 {
	if t, ok := s.terms[hash]; ok {
		return float64(t.idf)
	}
	return s.computeIDF(hash, 0)
}

// A small library knows little about how common a word is. Every library is
// therefore read as if it had priorDocs documents more, priorWeak of them
// with each weak word and one with each other.
const (
	priorDocs = 200
	priorWeak = 60
)

// computeIDF returns ln(1 + (N-n+½)/(n+½)), with the prior in N and n.
func (s *statistics) computeIDF(hash uint64, df int32) float64 {
	n := float64(df) + 1
	if s.weak[hash] {
		n += priorWeak - 1
	}
	return math.Log(1 + (float64(s.docs)+priorDocs-n+0.5)/(n+0.5))
}

// finish computes what follows from the counts.
func (s *statistics) finish(l *Lexicon) {
	for h, t := range s.terms {
		t.idf = float32(s.computeIDF(h, t.df))
		s.terms[h] = t
	}
	s.weighConcepts(l)
}

// weighConcepts sets the idf of each concept. How many documents have a
// concept is not indexed; it is taken to be as many as have its most frequent
// phrase, and a phrase to be as frequent as its rarest token.
func (s *statistics) weighConcepts(l *Lexicon) {
	s.concept = make([]float64, len(l.concepts))
	for i, c := range l.concepts {
		low := math.Inf(1)
		for _, p := range c.phrases {
			high := 0.0
			for _, t := range p {
				high = max(high, s.idf(hash64(t)))
			}
			low = min(low, high)
		}
		s.concept[i] = low
	}
}

// queryTerm is one distinct term of a query.
type queryTerm struct {
	hash uint64
	idf  float64
}

// maxIDs is how many control ids of a question are looked up.
const maxIDs = 20

// query is an analysed question, ready to compare with documents.
type query struct {
	text    string // folded
	key     uint64
	doc     *document
	grams   gramTable
	terms   []queryTerm // of the text, sorted by hash
	head    []string    // the text's tokens in order
	ids     []string    // control ids named in text or guidance
	mass    float64     // sum of the terms' idf
	conMass float64     // sum of the concepts' idf
	conNorm float64
	lex     *Lexicon
	topics  topicVector
	section *document // nil without a section
}

// newQuery analyses q against the statistics of a workspace. The guidance is
// searched for control ids only: nothing judged shows what else it is worth.
func (l *Lexicon) newQuery(q engine.Query, s *statistics) *query {
	hint, _ := languageByCode(q.Language)
	a := l.analyseAs(fields{head: q.Text}, hint)
	out := &query{text: engine.FoldWords(q.Text), doc: a.doc, grams: newGramTable(a.doc), head: a.head}
	out.key = hash64(out.text)
	for _, t := range a.doc.terms {
		idf := s.idf(t.hash)
		out.terms = append(out.terms, queryTerm{t.hash, idf})
		out.mass += idf
	}
	for _, t := range append(slices.Clone(a.head), l.analyzer.Tokens(q.Guidance)...) {
		if isControlID(t) && len(out.ids) < maxIDs && !slices.Contains(out.ids, t) {
			out.ids = append(out.ids, t)
		}
	}
	for _, c := range a.doc.concepts {
		out.conMass += s.concept[c]
		out.conNorm += s.concept[c] * s.concept[c]
	}
	out.conNorm = math.Sqrt(out.conNorm)
	out.lex = l
	out.topics = l.topicsOfConcepts(s, a.doc.concepts, nil)
	if q.Section != "" {
		out.section = l.analyseAs(fields{head: q.Section}, a.doc.language).doc
	}
	return out
}

// compareCheap sets the features of d that cost little. What compareRest adds
// to the logit is featGrams times its weight at most.
func compareCheap(q *query, d *document, s *statistics) features {
	var f features
	compareTerms(&f, q, d, s)
	compareConcepts(&f, q, d, s)
	t := q.lex.topicsOfConcepts(s, d.concepts, d.bodyConcepts)
	f[featTopics] = q.topics.cosine(&t)
	f[featSection] = compareSection(q, d, s)
	f[featNamed] = named(q, d)
	return f
}

// compareRest sets the other features, and returns what speaks against d.
func (l *Lexicon) compareRest(f *features, q *query, d *document) []string {
	f[featGrams] = q.grams.cosine(d)
	return l.compareFacts(f, q, d)
}

func compareTerms(f *features, q *query, d *document, s *statistics) {
	var bm25, inHead, headMass float64
	hn := headWeight / (1 - headB + headB*d.headLen/headPivot)
	bn := bodyWeight / (1 - bodyB + bodyB*d.bodyLen/bodyPivot)
	sn := secWeight / (1 - secB + secB*d.secLen/secPivot)
	qi := 0
	for _, t := range d.terms {
		for qi < len(q.terms) && q.terms[qi].hash < t.hash {
			qi++
		}
		asked := qi < len(q.terms) && q.terms[qi].hash == t.hash
		if t.head > 0 {
			if asked {
				headMass += q.terms[qi].idf
			} else {
				headMass += s.idf(t.hash)
			}
		}
		if !asked {
			continue
		}
		idf := q.terms[qi].idf
		w := float64(t.head)*hn + float64(t.body)*bn + float64(t.sec)*sn
		bm25 += idf * w / (bm25K1 + w)
		if t.head > 0 {
			inHead += idf
		}
	}
	f[featBM25F] = ratio(bm25, q.mass)
	f[featCover] = ratio(inHead, headMass)
}

func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return min(1, a/b)
}

// gramTable holds the trigrams of a query for looking up: open addressing,
// twice as many places as trigrams at least, count 0 where a place is free.
type gramTable struct {
	places []gram
	norm   float64
}

func newGramTable(d *document) gramTable {
	size := 64
	for size < 2*len(d.grams) {
		size *= 2
	}
	t := gramTable{places: make([]gram, size), norm: d.gramNorm}
	for _, g := range d.grams {
		i := int(g.hash) & (size - 1)
		for t.places[i].count != 0 {
			i = (i + 1) & (size - 1)
		}
		t.places[i] = g
	}
	return t
}

// cosine returns the cosine of the query's and d's trigram counts.
func (t *gramTable) cosine(d *document) float64 {
	if t.norm == 0 || d.gramNorm == 0 {
		return 0
	}
	mask := len(t.places) - 1
	var dot float32
	for _, g := range d.grams {
		for i := int(g.hash) & mask; t.places[i].count != 0; i = (i + 1) & mask {
			if t.places[i].hash == g.hash {
				dot += g.count * t.places[i].count
				break
			}
		}
	}
	return min(1, float64(dot)/(t.norm*d.gramNorm))
}

func compareConcepts(f *features, q *query, d *document, s *statistics) {
	var dot, norm, covered float64
	for _, c := range d.concepts {
		norm += s.concept[c] * s.concept[c]
	}
	for _, c := range q.doc.concepts {
		inHead := hasConcept(d.concepts, c)
		if inHead {
			dot += s.concept[c] * s.concept[c]
		}
		if inHead || hasConcept(d.bodyConcepts, c) {
			covered += s.concept[c]
		}
	}
	f[featConcepts] = ratio(dot, q.conNorm*math.Sqrt(norm))
	f[featConceptQ] = ratio(covered, q.conMass)
}

func hasConcept(sorted []uint16, c uint16) bool {
	for _, x := range sorted {
		if x >= c {
			return x == c
		}
	}
	return false
}

// named returns 1 when q names d's ref, ½ when it names a criterion of d's.
func named(q *query, d *document) float64 {
	for _, id := range q.ids {
		switch h := hash64(id); {
		case h == d.ref:
			return 1
		case slices.Contains(d.criteria, h):
			return 0.5
		}
	}
	return 0
}

// compareFacts sets what speaks against d, and says it in words.
func (l *Lexicon) compareFacts(f *features, q *query, d *document) []string {
	var notes []string
	if opposed(&q.doc.facts, &d.facts) {
		f[featOpposite] = 1
		notes = append(notes, "opposite polarity")
	}
	if s := l.contrasted(&q.doc.facts, &d.facts); s != "" {
		f[featContrast] = 1
		notes = append(notes, s)
	}
	s := clash(&q.doc.facts, &d.facts)
	if s == "" && !speaksOfAny(&q.doc.facts, &d.facts) {
		s = clash(&q.doc.facts, &d.bodyFacts)
	}
	if s != "" {
		f[featClash] = 1
		notes = append(notes, s)
	}
	return notes
}

// speaksOfAny reports whether q and d agree on some time, number or standard
// already, so that the answer's own need not be compared.
func speaksOfAny(q, d *facts) bool {
	return len(q.times) > 0 && len(d.times) > 0 || len(q.standards) > 0 && len(d.standards) > 0 || len(q.quantities) > 0 && len(d.quantities) > 0
}

// compareSection returns the share of the section's idf, tokens and concepts
// alike, that the passage has in its own section or its head.
func compareSection(q *query, d *document, s *statistics) float64 {
	if q.section == nil {
		return 0
	}
	var has, all float64
	i := 0
	for _, t := range q.section.terms {
		idf := s.idf(t.hash)
		all += idf
		for i < len(d.terms) && d.terms[i].hash < t.hash {
			i++
		}
		if i < len(d.terms) && d.terms[i].hash == t.hash && (d.terms[i].sec > 0 || d.terms[i].head > 0) {
			has += idf
		}
	}
	for _, c := range q.section.concepts {
		all += s.concept[c]
		if hasConcept(d.secConcepts, c) || hasConcept(d.concepts, c) {
			has += s.concept[c]
		}
	}
	return ratio(has, all)
}
