package index

import (
	"math"
	"slices"

	"vouch/engine"
)

// exactConfidence is the confidence of an entry that asks the very same
// question, word for word. It is set, not fitted: what is left is that the
// same words can be meant of something else.
const exactConfidence = 0.98

// disputedConfidence is the most an entry gets when another entry answers
// the very same question with another verdict.
const disputedConfidence = 0.5

// contradictedConfidence is the most an entry gets that asks the opposite,
// speaks of another side of a contrast, or names another time, number or
// standard. It is set, not fitted: a wrong answer sent out costs more than a
// right one looked at twice.
const contradictedConfidence = 0.3

// maxInexact keeps what is not word for word below what is.
const maxInexact = 0.95

// trait numbers one thing that a confidence rests on.
type trait int

// The traits of a passage among those that rank behind it.
const (
	traitOne          trait = iota // 1, for the bias
	traitLogit                     // the logit of the rank score
	traitVote                      // share of the votes of the first voters for its verdict, 0 to 1
	traitYes                       // 1 when its verdict is yes: most truthful answers are
	traitContradicted              // 1 when sense, contrast, time, number or standard speak against it
	traitUnasked                   // share of the question that the passage's own question does not speak of
	traitUnmatched                 // share of the passage's own question that was not asked
	numTraits
)

// traits are the values of all traits of one passage.
type traits [numTraits]float64

// voters is how many passages vote on a verdict, each with the odds of its
// rank score. More than 8 add nothing in cross-validation.
const voters = 8

// traitsOf returns the traits of passage i of a ranking, best first.
func (r *ranking) traitsOf(i int) traits {
	c := &r.list[i]
	t := traits{traitOne: 1, traitLogit: rankLogit(&c.features)}
	if contradicted(&c.features) {
		t[traitContradicted] = 1
	}
	if c.doc.verdict == engine.VerdictYes {
		t[traitYes] = 1
	}
	t[traitVote] = r.vote(i)
	t[traitUnasked] = r.tuned.lex.unasked(r.q, c.doc)
	t[traitUnmatched] = r.tuned.lex.unmatched(r.q, c.doc, r.s)
	return t
}

// vote returns the share of the votes of the first voters, and of passage i
// itself, that go to the verdict of passage i.
func (r *ranking) vote(i int) float64 {
	var same, all float64
	for k := range r.list {
		if k >= voters && k != i {
			continue
		}
		odds := math.Exp(rankLogit(&r.list[k].features) - rankLogit(&r.list[0].features))
		all += odds
		if r.list[k].doc.verdict == r.list[i].doc.verdict {
			same += odds
		}
	}
	return ratio(same, all)
}

// contradicted reports whether something the passage says speaks against it.
func contradicted(f *features) bool {
	return f[featOpposite] > 0 || f[featContrast] > 0 || f[featClash] > 0
}

// believe sets the confidences of passage i, for which the texts are known.
func (r *ranking) believe(i int) {
	c := &r.list[i]
	t := r.traitsOf(i)
	c.confidence = min(recalibrated(probability(&answerWeights, &t), r.tuned.calibration), maxInexact)
	c.verdictConfidence = min(probability(&verdictWeights, &t), maxInexact)
	if t[traitContradicted] > 0 {
		c.confidence = min(c.confidence, contradictedConfidence)
	}
	if c.features[featOpposite] > 0 {
		c.verdictConfidence = min(c.verdictConfidence, contradictedConfidence)
	}
	if q, d := r.q.doc, c.doc; q.shown && d.shown && q.language != d.language {
		c.confidence = min(c.confidence, contradictedConfidence)
		c.notes = append(slices.Clone(c.notes), "the past answer is in "+languages[d.language].name)
	}
	if t[traitUnasked] > wideShare || asksElse(r.q, c.doc) || r.tuned.lex.lacksContents(r.q, c.doc) {
		c.confidence = min(c.confidence, wideConfidence)
		c.notes = append(slices.Clone(c.notes), wideNote)
	} else if r.tuned.lex.doubtful(r.q, c.doc) {
		c.confidence = min(c.confidence, wideConfidence)
		c.notes = append(slices.Clone(c.notes), doubtNote)
	}
}

// doubtNote says to a reviewer why an answer to nearly the same words is held
// back.
const doubtNote = "a word was exchanged that may turn the question around"

// probability is the logistic function of the weighted traits.
func probability(w, t *traits) float64 {
	x := 0.0
	for i := range w {
		x += w[i] * t[i]
	}
	return logistic(x)
}

// settleExact sets the confidence of the entries that ask q word for word.
func settleExact(q *query, ranked []scored) {
	verdict, disputed := engine.VerdictNone, false
	first := true
	for i := range ranked {
		if !ranked[i].exact(q) {
			continue
		}
		if !first && ranked[i].entry.Verdict != verdict {
			disputed = true
		}
		verdict, first = ranked[i].entry.Verdict, false
	}
	for i := range ranked {
		if !ranked[i].exact(q) {
			continue
		}
		ranked[i].score, ranked[i].confidence, ranked[i].verdictConfidence, ranked[i].notes = 1, exactConfidence, exactConfidence, nil
		if disputed {
			ranked[i].confidence, ranked[i].verdictConfidence = disputedConfidence, disputedConfidence
			ranked[i].notes = []string{"another entry answers the same question differently"}
		}
	}
}

// rankLogit is the logit of the score that orders passages.
func rankLogit(f *features) float64 {
	x := rankBias
	for i, w := range rankWeights {
		x += w * f[i]
	}
	return x
}

// logistic is 1/(1+e^-x).
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
