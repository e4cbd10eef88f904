package index

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// believed is the first passage of a question with what came of it.
type believed struct {
	t      traits
	agrees float64 // 1 if the verdicts agree
	fits   float64 // 1 if it directly answers and the verdicts agree, ½ if it partly answers and they agree, else 0
	given  float64 // the confidence that was given to it
}

// firstPassage returns the ranking of one query with its best entry first,
// false if nothing was found.
func firstPassage(t *testing.T, x *Index, q engine.Query) (*ranking, bool) {
	t.Helper()
	ctx := context.Background()
	g := x.gen.Load()
	s, err := g.statistics(ctx, x.lex, "w")
	if err != nil {
		t.Fatal(err)
	}
	an := x.lex.newQuery(q, s)
	found, err := g.search(ctx, x.lex, "w", an, s)
	if err != nil {
		t.Fatal(err)
	}
	r := &ranking{x: x, tuned: &tuned{lex: x.lex}, q: an, s: s, group: group{"w", engine.PassageEntry}, limit: voters}
	if err := r.run(ctx, found[engine.PassageEntry]); err != nil {
		t.Fatal(err)
	}
	return r, len(r.list) > 0
}

// believe answers every question of a task from its library.
func believe(t *testing.T, task evalTask) (out []believed) {
	t.Helper()
	x := mustOpen(t, "", evalSource(task), Options{})
	for _, q := range task.queries {
		r, ok := firstPassage(t, x, engine.Query{Text: q.text, Section: q.section})
		if !ok || r.list[0].exact(r.q) {
			continue
		}
		best := &r.list[0]
		b := believed{t: r.traitsOf(0), given: best.confidence}
		grade := task.rels[q.id][best.entry.Source.Ref]
		if string(best.entry.Verdict) == string(verdictOf(q.verdict)) {
			b.agrees, b.fits = 1, float64(grade)/2
		}
		out = append(out, b)
	}
	return out
}

func verdictOf(s string) engine.Verdict {
	if s == "na" {
		return engine.VerdictNotApplicable
	}
	return engine.Verdict(s)
}

// fitLogistic fits the weights of the traits in mask by gradient descent on
// the logistic loss, with L2 l2 on all but the bias.
func fitLogistic(rows []believed, mask []trait, l2 float64, label func(believed) float64) (w traits) {
	for range 8000 {
		var g traits
		for _, r := range rows {
			e := (probability(&w, &r.t) - label(r)) / float64(len(rows))
			for _, i := range mask {
				g[i] += e * r.t[i]
			}
		}
		for _, i := range mask {
			if i != traitOne {
				g[i] += l2 * w[i]
			}
			w[i] -= 0.3 * g[i]
		}
	}
	return w
}

// curveOf is the risk-coverage curve of probabilities by w.
func curveOf(rows []believed, w *traits) (list []Prediction) {
	for _, r := range rows {
		list = append(list, Prediction{Found: true, Confidence: probability(w, &r.t), Agrees: r.agrees > 0})
	}
	return list
}

// transferPairs are the targets with the libraries they are answered from.
var transferPairs = [][2]string{
	{"vsa-full", "caiq-v4"}, {"vsa-core", "caiq-v4"}, {"mvsp", "caiq-v4"}, {"caiq-v4", "vsa-full"}, {"caiq-v4", "vsa-core"},
	{"mvsp", "vsa-full"}, {"vsa-core", "caiq-v4 vsa-full mvsp"}, {"vsa-full", "caiq-v4 vsa-core mvsp"},
}

// TestFitVerdict prints verdictWeights, and what they reach on targets that
// they were not fitted on.
func TestFitVerdict(t *testing.T) {
	if !*fit {
		t.Skip("run with -fit")
	}
	rows := map[string][]believed{}
	var all []believed
	for _, p := range transferPairs {
		rows[p[0]+"←"+p[1]] = believe(t, loadTask(t, p[0], strings.Split(p[1], " ")...))
		all = append(all, rows[p[0]+"←"+p[1]]...)
	}
	agrees := func(b believed) float64 { return b.agrees }
	const l2 = 0.003
	mask := []trait{traitOne, traitLogit, traitVote, traitYes, traitContradicted}
	for range 1 {
		w := fitLogistic(all, mask, l2, agrees)
		t.Logf("verdictWeights %.2f; ECE of all %d: %.3f", w, len(all), ECE(curveOf(all, &w), 10))
		for _, x := range transferPairs {
			var train []believed
			for _, p := range transferPairs {
				if p[0] != x[0] {
					train = append(train, rows[p[0]+"←"+p[1]]...)
				}
			}
			held := fitLogistic(train, mask, l2, agrees)
			test := rows[x[0]+"←"+x[1]]
			list := curveOf(test, &held)
			curve := RiskCoverage(list)
			a30, _ := AccuracyAt(curve, 0.3)
			a50, _ := AccuracyAt(curve, 0.5)
			t.Logf("  held out %-8s from %-24s accuracy %.3f at 30 %%, %.3f at 50 %%, AURC %.3f, ECE %.3f; fitted on all ECE %.3f",
				x[0], x[1], a30, a50, AURC(curve), ECE(list, 10), ECE(curveOf(test, &w), 10))
		}
	}
}

// TestFitAnswer prints answerWeights, and how the confidence does on the
// target that it was not fitted on.
func TestFitAnswer(t *testing.T) {
	if !*fit {
		t.Skip("run with -fit")
	}
	rows := map[string][]believed{}
	for _, target := range []string{"vsa-full", "vsa-core"} {
		rows[target] = believe(t, loadTask(t, target, "caiq-v4"))
	}
	fits := func(b believed) float64 { return b.fits }
	both := slices.Concat(rows["vsa-full"], rows["vsa-core"])
	for _, mask := range [][]trait{
		{traitOne, traitLogit},
		{traitOne, traitLogit, traitVote},
		{traitOne, traitLogit, traitVote, traitContradicted},
		{traitOne, traitLogit, traitVote, traitContradicted, traitUnasked},
		{traitOne, traitLogit, traitVote, traitContradicted, traitUnmatched},
		{traitOne, traitLogit, traitVote, traitContradicted, traitUnasked, traitUnmatched},
	} {
		t.Logf("%v: answerWeights %.2f", mask, fitLogistic(both, mask, 0.003, fits))
		for target, train := range map[string]string{"vsa-full": "vsa-core", "vsa-core": "vsa-full"} {
			w := fitLogistic(rows[train], mask, 0.003, fits)
			loss := 0.0
			for _, b := range rows[target] {
				p := probability(&w, &b.t)
				loss -= b.fits*math.Log(p) + (1-b.fits)*math.Log(1-p)
			}
			t.Logf("  held out %s: log loss %.3f\n%s", target, loss/float64(len(rows[target])), reliability(rows[target], func(b believed) float64 { return probability(&w, &b.t) }))
		}
	}
}

// reliability is a table of what was promised and what came of it.
func reliability(list []believed, confidence func(believed) float64) string {
	edges := []float64{0, 0.2, 0.4, 0.6, 0.7, 0.8, 1.01}
	s := fmt.Sprintf("%12s %5s %8s %8s %8s\n", "confidence", "n", "mean", "fits", "agrees")
	for b := len(edges) - 2; b >= 0; b-- {
		var n, mean, fits, agrees float64
		for _, o := range list {
			p := confidence(o)
			if p >= edges[b] && p < edges[b+1] {
				n, mean, fits, agrees = n+1, mean+p, fits+o.fits, agrees+o.agrees
			}
		}
		if n > 0 {
			s += fmt.Sprintf("%5.1f to %.1f %6.0f %8.2f %8.2f %8.2f\n", edges[b], math.Min(1, edges[b+1]), n, mean/n, fits/n, agrees/n)
		}
	}
	return s
}
