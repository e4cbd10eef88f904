package index

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vouch/engine"
)

func closeTo(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestReadJudgments(t *testing.T) {
	t.Parallel()
	js, err := ReadJudgments(strings.NewReader("\uFEFFq1\td1\t2\r\nq1\td2\t0\n\nq2\tNONE\t0\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Judgments{{"q1", "d1", 2}, {"q1", "d2", 0}, {"q2", "", 0}}); !slices.Equal(js, want) {
		t.Errorf("judgments = %v, want %v", js, want)
	}
	grades := js.Grades()
	if len(grades) != 2 || !maps.Equal(grades["q1"], map[string]int{"d1": 2}) || grades["q2"] == nil || len(grades["q2"]) != 0 {
		t.Errorf("grades = %v", grades)
	}
	q, d := js.Unknown(map[string]bool{"q1": true}, map[string]bool{"d2": true})
	if !slices.Equal(q, []string{"q2"}) || !slices.Equal(d, []string{"d1"}) {
		t.Errorf("unknown %v and %v", q, d)
	}
	for in, want := range map[string]string{
		"q1 d1 2":                "line 1 is not",
		"q1\td1\t2\nq\t0\td\t1":  "line 2 is not",
		"q1\t\t1":                "line 1 is not",
		"q1\td1\tsecret":         "line 1 has a grade",
		"q1\td1\t-1":             "line 1 has a grade",
		"q1\td1\t11":             "line 1 has a grade",
		"q1\td1\t1\nq1\td1\t2":   "line 2 judges",
		strings.Repeat("x", 1e5): "read judgments",
	} {
		_, err := ReadJudgments(strings.NewReader(in))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.20q: error %v, want %q", in, err, want)
		}
	}
}

// TestRankingMeasures compares with values worked out by hand. The discounts
// of ranks 1 to 4 are 1, 1/log₂3, 1/2, 1/log₂5; the gains of grades 1 and 2
// are 1 and 3.
func TestRankingMeasures(t *testing.T) {
	t.Parallel()
	rel := map[string]int{"a": 2, "b": 1, "c": 1}
	ideal := 3 + 1/math.Log2(3) + 0.5
	for _, c := range []struct {
		name                           string
		ranked                         string
		grades                         map[string]int
		ndcg3, recall2, rr, hit1, hit3 float64
	}{
		{"perfect", "abcx", rel, 1, 2.0 / 3, 1, 1, 1},
		{"one late", "xbya", rel, (1 / math.Log2(3)) / ideal, 1.0 / 3, 0.5, 0, 1}, // a is fourth, behind 3
		{"third", "xyb", rel, 0.5 / ideal, 0, 1.0 / 3, 0, 1},
		{"fourth only", "xyzb", rel, 0, 0, 0.25, 0, 0},
		{"nothing found", "", rel, 0, 0, 0, 0, 0},
		{"nothing relevant", "ab", nil, 0, 0, 0, 0, 0},
		{"short and right", "a", rel, 3 / ideal, 1.0 / 3, 1, 1, 1},
		{"one relevant", "xa", map[string]int{"a": 1}, 1 / math.Log2(3), 1, 0.5, 0, 1},
	} {
		ranked := strings.Split(c.ranked, "")
		got := []float64{NDCG(ranked, c.grades, 3), Recall(ranked, c.grades, 2), ReciprocalRank(ranked, c.grades), Hit(ranked, c.grades, 1), Hit(ranked, c.grades, 3)}
		if want := []float64{c.ndcg3, c.recall2, c.rr, c.hit1, c.hit3}; !slices.EqualFunc(got, want, closeTo) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	values := []float64{0, 0, 1, 1, 1, 0, 1, 0, 1, 1} // mean 0.6, standard error √(0.24/10) = 0.155
	a, b := Bootstrap(values, 1000, 7), Bootstrap(slices.Clone(values), 1000, 7)
	if a != b {
		t.Errorf("the same seed gives %v and %v", a, b)
	}
	if !closeTo(a.Value, 0.6) || math.Abs(a.Low-0.3) > 0.05 || math.Abs(a.High-0.9) > 0.05 {
		t.Errorf("interval %v, want 0.6 in about 0.3 to 0.9", a)
	}
	if got := Bootstrap(nil, 1000, 1); got != (Interval{}) {
		t.Errorf("of nothing: %v", got)
	}
	if got := Bootstrap([]float64{0.5, 0.5, 0.5}, 10, 1); got != (Interval{0.5, 0.5, 0.5}) {
		t.Errorf("of equal values: %v", got)
	}
	if got := Bootstrap([]float64{0.25}, 0, 1); got != (Interval{0.25, 0.25, 0.25}) {
		t.Errorf("without resamples: %v", got)
	}
}

func TestEvaluateRetrieval(t *testing.T) {
	t.Parallel()
	grades := map[string]map[string]int{"q1": {"a": 2}, "q2": {"b": 1}, "q3": {}, "lost": {"a": 1}}
	f := EvaluateRetrieval(grades, map[string][]string{"q1": {"a"}, "q2": {"x", "b"}, "q3": {"a"}, "unjudged": {"a"}})
	want := map[string]float64{"nDCG": (1 + 1/math.Log2(3)) / 3, "recall": 2.0 / 3, "MRR": 0.5, "hit@1": 1.0 / 3, "hit@5": 2.0 / 3}
	got := map[string]float64{"nDCG": f.NDCG10.Value, "recall": f.Recall5.Value, "MRR": f.MRR.Value, "hit@1": f.Hit1.Value, "hit@5": f.Hit5.Value}
	if f.Queries != 3 || f.Recall10 != f.Recall5 || !maps.EqualFunc(got, want, closeTo) {
		t.Errorf("%d queries, %v, want 3 and %v", f.Queries, got, want)
	}
}

// TestMeasuresInvariants holds every measure between 0 and 1 and a perfect
// ranking to the highest that can be.
func TestMeasuresInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		docs := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		grades := rapid.MapOfN(rapid.SampledFrom(docs), rapid.IntRange(1, maxGrade), 1, len(docs)).Draw(t, "grades")
		ranked := rapid.Permutation(docs).Draw(t, "ranked")[:rapid.IntRange(0, len(docs)).Draw(t, "length")]
		k := rapid.IntRange(1, 10).Draw(t, "k")
		for name, v := range map[string]float64{"nDCG": NDCG(ranked, grades, k), "recall": Recall(ranked, grades, k), "RR": ReciprocalRank(ranked, grades), "hit": Hit(ranked, grades, k)} {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%s = %v", name, v)
			}
		}
		perfect := slices.SortedFunc(maps.Keys(grades), func(a, b string) int { return grades[b] - grades[a] })
		if NDCG(perfect, grades, k) != 1 || ReciprocalRank(perfect, grades) != 1 || Hit(perfect, grades, k) != 1 {
			t.Fatalf("a perfect ranking has nDCG %v", NDCG(perfect, grades, k))
		}
		if got, want := Recall(perfect, grades, k), math.Min(1, float64(k)/float64(len(grades))); !closeTo(got, want) {
			t.Fatalf("a perfect ranking has recall %v, want %v", got, want)
		}
	})
}

func TestBootstrapInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "values")
		i := Bootstrap(values, 100, rapid.Uint64().Draw(t, "seed"))
		if !(i.Low >= -1e-12 && i.Low <= i.High && i.High <= 1+1e-12) {
			t.Fatalf("interval %v", i)
		}
	})
}

// drawn are predictions from letters, most confident first: y agrees, n does
// not, a bar parts two confidences, - was not found.
func drawn(s string) (list []Prediction) {
	confidence := 0.9
	for _, r := range s {
		switch r {
		case '|':
			confidence -= 0.1
		case '-':
			list = append(list, Prediction{})
		default:
			list = append(list, Prediction{Found: true, Confidence: confidence, Agrees: r == 'y'})
		}
	}
	return list
}

func TestRiskCoverage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in                          string
		steps                       int
		at90, half, aurc, lastCover float64
	}{
		{"y|y|n|y", 4, 0.5, 1, (0 + 0 + 1.0/3 + 0.25) / 4, 1},
		{"n|y|y|y", 4, 0, 0.5, (1 + 0.5 + 1.0/3 + 0.25) / 4, 1},
		{"yyyn", 1, 0, 0.75, 0.25, 1},               // one step: no threshold parts them
		{"yn|yy", 2, 0, 0.5, 0.5*0.5 + 0.5*0.25, 1}, // steps at one half and at all
		{"y|n|y|y|y|y|y|y|y|y", 10, 1, 0.8, 0.1 * (1.0/2 + 1.0/3 + 1.0/4 + 1.0/5 + 1.0/6 + 1.0/7 + 1.0/8 + 1.0/9 + 1.0/10), 1}, // below 0.9 on the way
		{"y|n--", 2, 0.25, 0.5, 0.25, 0.5}, // two were not found
		{"yyy", 1, 1, 1, 0, 1},
		{"nn", 1, 0, 0, 1, 1},
	} {
		curve := RiskCoverage(drawn(c.in))
		half, ok := AccuracyAt(curve, 0.5)
		got := []float64{CoverageAt(curve, 0.9), half, AURC(curve), curve[len(curve)-1].Coverage}
		if want := []float64{c.at90, c.half, c.aurc, c.lastCover}; len(curve) != c.steps || !ok || !slices.EqualFunc(got, want, closeTo) {
			t.Errorf("%s: %d steps, %v, want %d, %v", c.in, len(curve), got, c.steps, want)
		}
	}
	nothing := RiskCoverage(drawn("--"))
	if _, ok := AccuracyAt(nothing, 0.3); ok || len(nothing) != 0 || CoverageAt(nothing, 0) != 0 || AURC(nothing) != 0 {
		t.Errorf("nothing found: %v", nothing)
	}
}

func TestECE(t *testing.T) {
	t.Parallel()
	p := func(confidence float64, agrees bool) Prediction { return Prediction{true, confidence, agrees} }
	for _, c := range []struct {
		name string
		list []Prediction
		want float64
	}{
		{"none", nil, 0},
		{"not found", []Prediction{{}, {}}, 0},
		{"sure and right", []Prediction{p(1, true)}, 0},
		{"sure and wrong", []Prediction{p(1, false)}, 1},
		{"one bin", []Prediction{p(0.75, true), p(0.75, true), p(0.75, true), p(0.75, false)}, 0},
		{"bounds belong below", []Prediction{p(0.5, true), p(0.42, false)}, math.Abs(1-0.92) / 2}, // both in (0.4, 0.5]
		{"two bins", []Prediction{p(0.5, true), p(0.6, false)}, (0.5 + 0.6) / 2},
		{"zero in the first", []Prediction{p(0, true), p(0.1, false)}, (1 - 0.1) / 2},
	} {
		if got := ECE(c.list, 10); !closeTo(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestECEByChance: sure confidences leave nothing to chance; others leave what
// can be worked out by hand, and the same each time.
func TestECEByChance(t *testing.T) {
	t.Parallel()
	repeat := func(n int, confidence float64) []Prediction {
		return slices.Repeat([]Prediction{{Found: true, Confidence: confidence}}, n)
	}
	for _, c := range []struct {
		name      string
		list      []Prediction
		mean, p95 float64
	}{
		{"none", nil, 0, 0},
		{"sure", append(repeat(5, 1), repeat(5, 0)...), 0, 0},
		{"one question", repeat(1, 0.5), 0.5, 0.5},
		{"two questions", repeat(2, 0.5), 0.25, 0.5},                        // off by half when both agree or none does
		{"a hundred", repeat(100, 0.5), math.Sqrt(2/math.Pi) * 0.05, 0.098}, // of a normal distribution: σ√(2/π) and 1.96σ, σ = 0.05
	} {
		mean, p95 := ECEByChance(c.list, 10)
		if math.Abs(mean-c.mean) > 0.012 || math.Abs(p95-c.p95) > 0.012 {
			t.Errorf("%s: %.4f and %.4f, want %.4f and %.4f", c.name, mean, p95, c.mean, c.p95)
		}
		if again, _ := ECEByChance(c.list, 10); again != mean {
			t.Errorf("%s: %v, then %v", c.name, mean, again)
		}
	}
}

func TestCurveInvariants(t *testing.T) {
	t.Parallel()
	prediction := rapid.Custom(func(t *rapid.T) Prediction {
		return Prediction{rapid.Bool().Draw(t, "found"), rapid.SampledFrom([]float64{0, 0.1, 0.3, 0.5, 0.51, 0.98, 1}).Draw(t, "confidence"), rapid.Bool().Draw(t, "agrees")}
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(prediction, 0, 40).Draw(t, "list")
		curve := RiskCoverage(list)
		for i, s := range curve {
			if !(s.Coverage > 0 && s.Coverage <= 1 && s.Accuracy >= 0 && s.Accuracy <= 1) || i > 0 && (s.Coverage <= curve[i-1].Coverage || s.Threshold >= curve[i-1].Threshold) {
				t.Fatalf("step %d of %v", i, curve)
			}
		}
		for name, v := range map[string]float64{"AURC": AURC(curve), "ECE": ECE(list, 10), "coverage": CoverageAt(curve, 0.9)} {
			if !(v >= 0 && v <= 1+1e-12) {
				t.Fatalf("%s = %v", name, v)
			}
		}
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		if !slices.Equal(RiskCoverage(shuffled), curve) {
			t.Fatalf("the order of the questions changes the curve: %v and %v", curve, RiskCoverage(shuffled))
		}
		for i := range list {
			list[i].Agrees = true
		}
		if perfect := RiskCoverage(list); AURC(perfect) != 0 || len(perfect) > 0 && CoverageAt(perfect, 1) != perfect[len(perfect)-1].Coverage {
			t.Fatalf("a perfect curve: %v", perfect)
		}
	})
}

func TestCollectionKeepsWhatSaysTheSame(t *testing.T) {
	t.Parallel()
	e := func(ref string) engine.Entry {
		return engine.Entry{Question: "Is data encrypted at rest?", Verdict: engine.VerdictYes, Source: engine.Source{Ref: ref}}
	}
	control := engine.Control{Ref: "CR-01", Title: "Encryption of data at rest"}
	x := mustOpen(t, "", NewCollection([]engine.Entry{e("1"), e("2")}, []engine.Control{control}), Options{})
	list, err := x.Retrieve(context.Background(), CollectionWorkspace, engine.Query{Text: "Is data encrypted at rest?"})
	if err != nil || len(list) != 3 || list[0].Entry.Source.Ref != "1" || list[1].Entry.Source.Ref != "2" || list[2].Control.Ref != "CR-01" {
		t.Errorf("%d passages, error %v", len(list), err)
	}
	if list := retrieve(t, x, "other", "Is data encrypted at rest?"); len(list) != 0 {
		t.Errorf("another workspace has %d passages", len(list))
	}
}

func TestBaselines(t *testing.T) {
	t.Parallel()
	entries := []engine.Entry{
		{Question: "Do you encrypt backups?", Text: "With AES-256.", Source: engine.Source{Ref: "b"}},
		{Question: "Do you encrypt backups?", Source: engine.Source{Ref: "a"}},
		{Question: "Is there a SOC-2 report?", Source: engine.Source{Ref: "c"}},
	}
	controls := []engine.Control{{Ref: "K-1", Title: "Encrypting laptops"}}
	for _, c := range []struct {
		kind        BaselineKind
		query, want string
	}{
		{BaselineDefault, "encrypted backups", "a b K-1"}, // a tie goes by id
		{BaselineTuned, "encrypted backups", "a b K-1"},   // b is longer
		{BaselineDefault, "AES-256", ""},                  // the answer is not searched
		{BaselineTuned, "AES-256", "b"},
		{BaselineTuned, "SOC 2", "c"},
		{BaselineDefault, "the", ""},
		{BaselineTuned, "the", ""},
		{BaselineTuned, "", ""},
	} {
		b, err := OpenBaseline(c.kind, entries, controls)
		if err != nil {
			t.Fatal(err)
		}
		list, err := b.Rank(context.Background(), c.query, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, x := range list {
			got = append(got, x.ID)
			if x.Score <= 0 || i > 0 && x.Score > list[i-1].Score {
				t.Errorf("%s, %q: scores %v", c.kind, c.query, list)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s, %q: %s, want %s", c.kind, c.query, s, c.want)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestMeasuresAgainstIndependent has ../shared/check/ir.py judge rankings of
// all kinds, and compares what it prints.
func TestMeasuresAgainstIndependent(t *testing.T) {
	t.Parallel()
	script := filepath.Join("..", "..", "shared", "check", "ir.py")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: skipped")
	}
	if _, err := os.Stat(script); err != nil {
		t.Skip("../shared/check/ir.py is not beside the repository: skipped")
	}
	var qrels, run bytes.Buffer
	rankings := map[string][]string{}
	for q := range 40 {
		name := fmt.Sprint("q", q)
		if q%7 == 0 {
			fmt.Fprintf(&qrels, "%s\tNONE\t0\n", name)
		}
		for d := range q % 7 * 2 {
			fmt.Fprintf(&qrels, "%s\td%d\t%d\n", name, (d*5+q)%60, 1+(d+q)%2)
		}
		for r := range q % 31 {
			id := fmt.Sprint("d", (r*7+q*3)%60)
			rankings[name] = append(rankings[name], id)
			fmt.Fprintf(&run, "%s\t%s\t%d\t%d\n", name, id, r+1, 100-r)
		}
	}
	dir := t.TempDir()
	for name, b := range map[string]*bytes.Buffer{"qrels.tsv": &qrels, "run.tsv": &run} {
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(python, script, filepath.Join(dir, "qrels.tsv"), filepath.Join(dir, "run.tsv")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	js, err := ReadJudgments(&qrels)
	if err != nil {
		t.Fatal(err)
	}
	f := EvaluateRetrieval(js.Grades(), rankings)
	want := fmt.Sprintf("queries %d  nDCG@10 %.3f  Recall@5 %.3f  Recall@10 %.3f  MRR %.3f  Hit@1 %.3f  Hit@5 %.3f", f.Queries, f.NDCG10.Value, f.Recall5.Value, f.Recall10.Value, f.MRR.Value, f.Hit1.Value, f.Hit5.Value)
	if !strings.HasPrefix(string(out), want+"  ") {
		t.Errorf("%s\nwant %s", out, want)
	}
}
