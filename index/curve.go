package index

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Prediction is what became of one question of a target questionnaire whose
// answer was taken from a library.
type Prediction struct {
	Found      bool    // the library had a passage; else the question is never answered
	Confidence float64 // of the passage, 0 to 1
	Agrees     bool    // it has the verdict of the target; an entry without one never agrees
}

// Step is one point of a risk-coverage curve: what comes of answering exactly
// the questions whose confidence is Threshold or more.
type Step struct {
	Threshold float64 // confidence, 0 to 1
	Coverage  float64 // share of all questions that are answered, above 0 and to 1
	Accuracy  float64 // share of the answered ones that agree, 0 to 1; the risk is 1 − Accuracy
}

// RiskCoverage returns the risk-coverage curve (El-Yaniv and Wiener, On the
// Foundations of Noise-free Selective Classification, 2010), from the highest
// confidence down. Questions of one confidence are one step, since no
// threshold parts them. The last coverage is the share that was found.
func RiskCoverage(list []Prediction) []Step {
	found := make([]Prediction, 0, len(list))
	for _, p := range list {
		if p.Found {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b Prediction) int { return cmp.Compare(b.Confidence, a.Confidence) })
	var curve []Step
	agree := 0
	for i, p := range found {
		if p.Agrees {
			agree++
		}
		if i+1 < len(found) && found[i+1].Confidence == p.Confidence {
			continue
		}
		n := float64(i + 1)
		curve = append(curve, Step{p.Confidence, n / float64(len(list)), float64(agree) / n})
	}
	return curve
}

// CoverageAt returns the largest coverage whose accuracy is at least accuracy,
// 0 if no step has it. Accuracy does not fall steadily along a curve: steps
// before the one chosen may lie below.
func CoverageAt(curve []Step, accuracy float64) float64 {
	most := 0.0
	for _, s := range curve {
		if s.Accuracy >= accuracy {
			most = max(most, s.Coverage)
		}
	}
	return most
}

// AccuracyAt returns the accuracy of the first step that covers at least
// coverage, and whether there is one.
func AccuracyAt(curve []Step, coverage float64) (accuracy float64, ok bool) {
	for _, s := range curve {
		if s.Coverage >= coverage {
			return s.Accuracy, true
		}
	}
	return 0, false
}

// AURC is the area under the risk-coverage curve, 0 (best) to 1:
//
//	AURC = Σ (c(i) − c(i−1)) · (1 − a(i)) / c(last),   c(0) = 0
//
// with the coverage c and accuracy a of step i. Without ties and with every
// question found it is the mean risk over all coverages 1/n … n/n, as Geifman,
// Uziel and El-Yaniv define it (Bias-Reduced Uncertainty Estimation for Deep
// Neural Classifiers, 2019). It is 0 for no steps: nothing was risked.
func AURC(curve []Step) float64 {
	if len(curve) == 0 {
		return 0
	}
	area, before := 0.0, 0.0
	for _, s := range curve {
		area += (s.Coverage - before) * (1 - s.Accuracy)
		before = s.Coverage
	}
	return min(area/before, 1)
}

// ECE is the expected calibration error of the answered questions, 0 (best)
// to 1:
//
//	ECE = Σ |B(m)|/n · |accuracy of B(m) − mean confidence of B(m)|
//
// over bins of equal width, B(m) holding the confidences above (m−1)/bins and
// up to m/bins, 0 in the first (Guo et al., On Calibration of Modern Neural
// Networks, 2017, equation 3). It is 0 if nothing was answered.
func ECE(list []Prediction, bins int) float64 {
	n, sum := 0, 0.0
	for _, b := range Reliability(list, bins) {
		n += b.Questions
		sum += float64(b.Questions) * math.Abs(b.Accuracy-b.Confidence)
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// chanceDraws is how often [ECEByChance] draws: the mean is then known to half
// a thousandth for a hundred questions.
const chanceDraws = 2000

// ECEByChance returns the ECE that confidences would have which are exactly
// right, for no other reason than that so many questions are few: its mean, and
// the value that 95 of 100 stay below. It draws whether each answered question
// agrees from its own confidence, so that an ECE below the second value says
// nothing against the confidences. The same list gives the same values.
func ECEByChance(list []Prediction, bins int) (mean, p95 float64) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a simulation that can be repeated, no secret
	drawn := slices.Clone(list)
	draws := make([]float64, chanceDraws)
	for i := range draws {
		for k := range drawn {
			drawn[k].Agrees = random.Float64() < drawn[k].Confidence
		}
		draws[i] = ECE(drawn, bins)
		mean += draws[i] / chanceDraws
	}
	slices.Sort(draws)
	return mean, draws[chanceDraws*95/100]
}

// Bin is one bin of a reliability diagram: what was promised, and what came.
type Bin struct {
	From, To   float64 // confidences above From and up to To
	Questions  int
	Confidence float64 // mean, 0 without questions
	Accuracy   float64 // share that agrees, 0 without questions
}

// Reliability returns bins of equal width over the answered questions, the
// lowest first; 0 is in the first.
func Reliability(list []Prediction, bins int) []Bin {
	out := make([]Bin, bins)
	for m := range out {
		out[m].From, out[m].To = float64(m)/float64(bins), float64(m+1)/float64(bins)
	}
	for _, p := range list {
		if !p.Found {
			continue
		}
		b := &out[min(max(int(math.Ceil(p.Confidence*float64(bins)))-1, 0), bins-1)]
		b.Questions++
		b.Confidence += p.Confidence
		if p.Agrees {
			b.Accuracy++
		}
	}
	for m := range out {
		if n := float64(out[m].Questions); n > 0 {
			out[m].Confidence /= n
			out[m].Accuracy /= n
		}
	}
	return out
}
