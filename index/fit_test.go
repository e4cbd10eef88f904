package index

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"

	"vouch/engine"
)

var fit = flag.Bool("fit", false, "fit the weights and print them as Go")

// comparison is one passage compared with one query.
type comparison struct {
	id    string
	item  evalItem
	grade int
	f     features
}

// judged is a query with all passages of the library, compared.
type judged struct {
	q     evalItem
	pairs []comparison
}

// fitted are the features that are fitted; the others are set by hand, for
// what they mean: the judged data has next to no case of them.
var fitted = [numFeatures]bool{featBM25F: true, featCover: true, featGrams: true, featConcepts: true, featConceptQ: true, featOpposite: true, featTopics: true, featSection: true}

// folds is how many parts cross-validation cuts the queries into. They are
// cut in the order of the file, so that neighbours stay together.
const folds = 5

func fold(i, n int) int { return i * folds / n }

// compareAll compares every query of a task with every passage.
func compareAll(lex *Lexicon, task evalTask) []judged {
	s, docs := analyseTask(lex, task)
	var out []judged
	for _, item := range task.queries {
		q := lex.newQuery(engine.Query{Text: item.text, Section: item.section}, s)
		j := judged{q: item}
		for i, d := range docs {
			f := compareCheap(q, d.doc, s)
			lex.compareRest(&f, q, d.doc)
			j.pairs = append(j.pairs, comparison{task.library[i].id, task.library[i], task.rels[item.id][task.library[i].id], f})
		}
		out = append(out, j)
	}
	return out
}

// analyseTask analyses the library of a task.
func analyseTask(lex *Lexicon, task evalTask) (*statistics, []analysed) {
	s := &statistics{terms: map[uint64]termStats{}, weak: lex.weakHashes}
	var docs []analysed
	for _, it := range task.library {
		a := lex.analyse(fields{})
		if it.entry != nil {
			a = lex.analyseEntry(it.entry)
		} else {
			a = lex.analyseControl(it.control)
		}
		docs = append(docs, a)
		s.docs++
		for _, term := range a.terms() {
			s.terms[hash64(term)] = termStats{df: s.terms[hash64(term)].df + 1}
		}
	}
	s.finish(lex)
	return s, docs
}

// fitRank fits the weights by LambdaRank (Burges, 2010): pairwise logistic
// loss, each pair weighted by what swapping it changes nDCG, L2 0.003, Adam,
// signs kept as they are meant. Only features in mask are fitted.
func fitRank(qs []judged, mask [numFeatures]bool) features {
	const epochs = 120
	w := features{featBM25F: 1, featConcepts: 1}
	for i := range w {
		if !mask[i] {
			w[i] = 0
		}
	}
	var m, v features
	type ranked struct {
		ps    []comparison
		ideal float64
	}
	var data []ranked
	for _, q := range qs {
		rel := map[string]int{}
		var ps []comparison
		for _, p := range q.pairs {
			if p.grade > 0 {
				rel[p.id] = p.grade
			}
			if p.grade > 0 || p.f[featBM25F] > 0.03 || p.f[featConceptQ] > 0 {
				ps = append(ps, p)
			}
		}
		if len(rel) > 0 {
			data = append(data, ranked{ps, idealDCG(rel)})
		}
	}
	n := float64(len(data))
	for e := 1; e <= epochs; e++ {
		var g features
		for _, q := range data {
			sort.SliceStable(q.ps, func(i, j int) bool { return dot(w, &q.ps[i].f) > dot(w, &q.ps[j].f) })
			sc := make([]float64, len(q.ps))
			for i := range sc {
				sc[i] = dot(w, &q.ps[i].f)
			}
			disc := func(r int) float64 { return 1 / math.Log2(float64(r)+2) }
			for i := range q.ps {
				if q.ps[i].grade == 0 {
					continue
				}
				for j := range q.ps {
					if q.ps[j].grade >= q.ps[i].grade || (i > 25 && j > 25) {
						continue
					}
					wt := (math.Pow(2, float64(q.ps[i].grade)) - math.Pow(2, float64(q.ps[j].grade))) * math.Abs(disc(i)-disc(j)) / q.ideal
					c := -wt / (1 + math.Exp(sc[i]-sc[j]))
					for k := range w {
						if mask[k] {
							g[k] += c * (q.ps[i].f[k] - q.ps[j].f[k])
						}
					}
				}
			}
		}
		for i := range w {
			if !mask[i] {
				continue
			}
			g[i] = g[i]/n + 0.003*w[i]
			m[i] = 0.9*m[i] + 0.1*g[i]
			v[i] = 0.999*v[i] + 0.001*g[i]*g[i]
			w[i] -= 0.1 * (m[i] / (1 - math.Pow(0.9, float64(e)))) / (math.Sqrt(v[i]/(1-math.Pow(0.999, float64(e)))) + 1e-8)
			if bad := i >= int(featOpposite) && i <= int(featClash); bad && w[i] > 0 || !bad && w[i] < 0 {
				w[i] = 0
			}
		}
	}
	return w
}

func dot(w features, f *features) float64 {
	x := 0.0
	for i := range w {
		x += w[i] * f[i]
	}
	return x
}

// top returns the n best comparisons by w.
func (j *judged) top(w features, n int) []comparison {
	c := slices.Clone(j.pairs)
	slices.SortStableFunc(c, func(a, b comparison) int { return cmp.Compare(dot(w, &b.f), dot(w, &a.f)) })
	return c[:min(n, len(c))]
}

// rankFigures are the figures of the three judged tasks.
type rankFigures struct{ answers, controls, core figures }

func (f rankFigures) String() string {
	return fmt.Sprintf("VSA Full→CAIQ %.3f %.3f  VSA Full→CCF %.3f %.3f  VSA Core→CAIQ %.3f %.3f",
		f.answers.ndcg, f.answers.hit5, f.controls.ndcg, f.controls.hit5, f.core.ndcg, f.core.hit5)
}

// rankTasks are the judged tasks, compared.
type rankTasks struct {
	answers, controls, core evalTask
	a, c, x                 []judged
}

func loadRankTasks(t *testing.T) *rankTasks {
	lex := mustLexicon(t)
	r := &rankTasks{answers: loadTask(t, "vsa-full", "caiq-v4"), controls: loadTask(t, "vsa-full", "adobe-ccf-v5"), core: loadTask(t, "vsa-core", "caiq-v4")}
	r.a, r.c, r.x = compareAll(lex, r.answers), compareAll(lex, r.controls), compareAll(lex, r.core)
	return r
}

// part returns the queries of fold k, or all others.
func part(list []judged, k int, in bool) (out []judged) {
	for i := range list {
		if (fold(i, len(list)) == k) == in {
			out = append(out, list[i])
		}
	}
	return out
}

// held fits the features of mask in cross-validation on VSA Full, and on all
// of it for VSA Core, which is never fitted on; features outside mask keep the
// weights that are set by hand, or none.
func (r *rankTasks) held(mask [numFeatures]bool) rankFigures {
	byHand := func(w features) features {
		for i := range w {
			if !fitted[i] {
				w[i] = rankWeights[i]
			}
		}
		return w
	}
	by := map[string][]string{}
	rank := func(name string, list []judged, w features) {
		for i := range list {
			for _, x := range list[i].top(w, 50) {
				by[name+list[i].q.id] = append(by[name+list[i].q.id], x.id)
			}
		}
	}
	for k := range folds {
		w := byHand(fitRank(append(part(r.a, k, false), part(r.c, k, false)...), mask))
		rank("a", part(r.a, k, true), w)
		rank("c", part(r.c, k, true), w)
	}
	rank("x", r.x, byHand(fitRank(append(slices.Clone(r.a), r.c...), mask)))
	ranked := func(name string) func(q evalItem) []string {
		return func(q evalItem) []string { return by[name+q.id] }
	}
	return rankFigures{measure(r.answers, ranked("a")), measure(r.controls, ranked("c")), measure(r.core, ranked("x"))}
}

// TestFit prints the rank weights of weights.go, how they do on queries that
// they were not fitted on, and what each feature adds there.
func TestFit(t *testing.T) {
	if !*fit {
		t.Skip("run with -fit")
	}
	r := loadRankTasks(t)
	t.Logf("rankWeights: %.2f", fitRank(append(slices.Clone(r.a), r.c...), fitted))
	t.Logf("held out, nDCG@10 and Hit@5:\n%-18s %v", "all", r.held(fitted))
	for i, name := range featureNames {
		if fitted[i] {
			mask := fitted
			mask[i] = false
			t.Logf("%-18s %v", "without "+name, r.held(mask))
		}
	}
}

// featureNames are for people.
var featureNames = [numFeatures]string{
	featBM25F: "BM25F", featCover: "cover", featGrams: "trigrams", featConcepts: "concepts", featConceptQ: "concept cover",
	featOpposite: "opposite", featContrast: "contrast", featClash: "clash", featTopics: "topics", featSection: "section", featNamed: "named",
}
