package index

import (
	"bufio"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"vouch/engine"
)

// evalDir is where the evaluation data lies, seen from this package. It is
// no part of the repository.
const evalDir = "../../shared/eval"

// evalItem is one row of a questionnaire, or one control.
type evalItem struct {
	id, section, text string
	verdict           string
	entry             *engine.Entry
	control           *engine.Control
}

// evalTask is a target questionnaire, a library, and which of the library is
// relevant for each question (nil when nobody judged).
type evalTask struct {
	name    string
	queries []evalItem
	library []evalItem
	rels    map[string]map[string]int
}

func evalPath(t testing.TB, parts ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{evalDir}, parts...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("no evaluation data at %s: skipped", filepath.Join(append([]string{"../shared/eval"}, parts...)...))
	}
	return p
}

func readCSV(t testing.TB, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func loadAnswers(t testing.TB, name string) []evalItem {
	t.Helper()
	var out []evalItem
	for _, r := range readCSV(t, evalPath(t, "qa", name+".csv")) {
		v := engine.Verdict(r["answer"])
		if v == "na" {
			v = engine.VerdictNotApplicable
		}
		out = append(out, evalItem{id: r["id"], section: r["section"], text: r["question"], verdict: r["answer"], entry: &engine.Entry{
			ID: name + "/" + r["id"], Version: 1, Question: r["question"], Section: r["section"], Verdict: v, Text: r["explanation"], Source: engine.Source{Ref: r["id"]}}})
	}
	return out
}

func loadControls(t testing.TB) []evalItem {
	t.Helper()
	var out []evalItem
	for _, r := range readCSV(t, evalPath(t, "controls", "adobe-ccf-v5.csv")) {
		out = append(out, evalItem{id: r["id"], control: &engine.Control{ID: r["id"], Version: 1, Ref: r["id"], Domain: r["domain"], Title: r["title"],
			Description: r["description"], Criteria: strings.Fields(r["tsc"])}})
	}
	return out
}

func loadRels(t testing.TB, name string) map[string]map[string]int {
	t.Helper()
	f, err := os.Open(evalPath(t, "qrels", name+".tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]map[string]int{}
	for sc := bufio.NewScanner(f); sc.Scan(); {
		p := strings.Split(sc.Text(), "\t")
		if len(p) != 3 {
			continue
		}
		if out[p[0]] == nil {
			out[p[0]] = map[string]int{}
		}
		if g, err := strconv.Atoi(p[2]); err == nil && g > 0 {
			out[p[0]][p[1]] = g
		}
	}
	return out
}

func loadTask(t testing.TB, target string, libraries ...string) evalTask {
	t.Helper()
	library := strings.Join(libraries, "+")
	task := evalTask{name: target + "→" + library, queries: loadAnswers(t, target)}
	if library == "adobe-ccf-v5" {
		task.library = loadControls(t)
	} else {
		for _, l := range libraries {
			task.library = append(task.library, loadAnswers(t, l)...)
		}
	}
	if _, err := os.Stat(filepath.Join(evalDir, "qrels", target+"__"+library+".tsv")); err == nil {
		task.rels = loadRels(t, target+"__"+library)
	}
	return task
}

// figures are the usual measures of a ranking, over the queries that have
// something relevant.
type figures struct {
	queries               int
	ndcg, hit1, hit5, mrr float64
}

// measure ranks by the ids that ranked returns, best first.
func measure(task evalTask, ranked func(q evalItem) []string) figures {
	var f figures
	for _, q := range task.queries {
		rel := task.rels[q.id]
		if len(rel) == 0 {
			continue
		}
		f.queries++
		var dcg float64
		first := 0
		for i, id := range ranked(q) {
			g := rel[id]
			if g > 0 && first == 0 {
				first = i + 1
			}
			if i < 10 {
				dcg += gain(g, i)
			}
		}
		f.ndcg += dcg / idealDCG(rel)
		if first == 1 {
			f.hit1++
		}
		if first > 0 && first <= 5 {
			f.hit5++
		}
		if first > 0 {
			f.mrr += 1 / float64(first)
		}
	}
	n := float64(f.queries)
	f.ndcg, f.hit1, f.hit5, f.mrr = f.ndcg/n, f.hit1/n, f.hit5/n, f.mrr/n
	return f
}

func gain(grade, rank int) float64 {
	return (math.Pow(2, float64(grade)) - 1) / math.Log2(float64(rank)+2)
}

func idealDCG(rel map[string]int) float64 {
	var grades []int
	for _, g := range rel {
		grades = append(grades, g)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(grades)))
	sum := 0.0
	for i, g := range grades {
		if i < 10 {
			sum += gain(g, i)
		}
	}
	return sum
}
