package index

import (
	"math"

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

// confidence is the calibrated probability that the entry's answer fits the
// question unchanged: Platt's scaling of the rank score (Platt, 1999).
func confidence(f *features) float64 {
	p := logistic(confidenceBias + confidenceSlope*rankLogit(f))
	if f[featOpposite] > 0 || f[featContrast] > 0 || f[featClash] > 0 {
		p = min(p, contradictedConfidence)
	}
	return min(p, maxInexact)
}

// maxInexact keeps what is not word for word below what is.
const maxInexact = 0.95

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
		ranked[i].score, ranked[i].confidence, ranked[i].notes = 1, exactConfidence, nil
		if disputed {
			ranked[i].confidence = disputedConfidence
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
