package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// evalFile writes a file into dir and returns its path.
func evalFile(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	evalCorpus = "id,question,answer\n" +
		"E-1,Is customer data encrypted at rest?,Yes\n" +
		"E-2,Do you run penetration tests every year?,Yes\n" +
		"E-3,Is there an incident response plan?,No\n" +
		"E-4,Is there an incident response plan?,No\n"
	evalAsked = "id,question,answer\n" +
		"Q-1,Do you encrypt data at rest?,Yes\n" +
		"Q-2,How often are penetration tests run?,Yes\n" +
		"Q-3,Which colour is the sky?,Partial\n"
	evalQrels = "Q-1\tE-1\t2\nQ-2\tE-2\t1\nQ-3\tNONE\t0\n"
)

// retrievalJSON is what the tests read of the output.
type retrievalJSON struct {
	Documents, Questions int
	Nothing              int `json:"judged_without_relevant"`
	Systems              []struct {
		Name    string
		Queries int
		NDCG10  struct{ Value, Low, High float64 } `json:"ndcg_10"`
		Recall5 struct{ Value float64 }            `json:"recall_5"`
		Hit1    struct{ Value float64 }            `json:"hit_1"`
	}
	Warnings []string
}

func TestEvalRetrieval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corpus, asked := evalFile(t, dir, "corpus.csv", evalCorpus), evalFile(t, dir, "asked.csv", evalAsked)
	qrels, run := evalFile(t, dir, "qrels.tsv", evalQrels), filepath.Join(dir, "run.tsv")
	args := []string{"eval", "retrieval", "--corpus", corpus, "--queries", asked, "--qrels", qrels, "--run-out", run, "--data", filepath.Join(dir, "data")}
	var r retrievalJSON
	if err := json.Unmarshal([]byte(must(t, append(args, "--format", "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Documents != 4 || r.Questions != 3 || r.Nothing != 1 || len(r.Systems) != 3 || len(r.Warnings) != 0 {
		t.Errorf("report %+v", r)
	}
	for i, name := range []string{"vouch", "bleve default", "bleve tuned"} {
		if s := r.Systems[i]; s.Name != name || s.Queries != 2 || s.NDCG10.Value != 1 || s.NDCG10.Low != 1 || s.Hit1.Value != 1 {
			t.Errorf("system %+v", s)
		}
	}
	data, err := os.ReadFile(run)
	if err != nil || !strings.HasPrefix(string(data), "Q-1\tE-1\t1\t") {
		t.Errorf("run %q, error %v", data, err)
	}
	out := must(t, args...)
	for _, want := range []string{"2 questions with a relevant document of 3 in asked.csv, over 4 documents in corpus.csv", "nDCG@10    1.000 (1.000–1.000)", "1 judged to have no relevant document"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if again, _ := os.ReadFile(run); string(again) != string(data) {
		t.Error("a second run ranks otherwise")
	}
	checkOnly(t, dir, "corpus.csv", "asked.csv", "qrels.tsv", "run.tsv") // and no data directory
}

// TestEvalRetrievalQuestionsWithoutAnswers reads a list of bare questions.
func TestEvalRetrievalQuestionsWithoutAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, asked := range map[string]string{
		"no answer column": "id,question\nQ-1,Do you encrypt data at rest?\nQ-2,How often are penetration tests run?\n",
		"empty answers":    "id,question,answer\nQ-1,Do you encrypt data at rest?,\nQ-2,How often are penetration tests run?,\n",
		"one answered":     "id,question,answer\nQ-1,Do you encrypt data at rest?,Yes\nQ-2,How often are penetration tests run?,\n",
	} {
		corpus, qrels := evalFile(t, dir, "corpus.csv", evalCorpus), evalFile(t, dir, "qrels.tsv", evalQrels)
		code, stdout, stderr := vouch(t, "eval", "retrieval", "--corpus", corpus, "--queries", evalFile(t, dir, "asked.csv", asked), "--qrels", qrels)
		if code != exitOK || !strings.Contains(stdout, "of 2 in asked.csv") {
			t.Errorf("%s: exit %d: %s%s", name, code, stdout, stderr)
		}
		if want := `1 question id in qrels.tsv not in asked.csv, the first is "Q-3"`; !strings.Contains(stderr, want) {
			t.Errorf("%s: %q, want %q", name, stderr, want)
		}
	}
}

func TestEvalRetrievalWarnsOfUnknownIDs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corpus, asked := evalFile(t, dir, "corpus.csv", evalCorpus), evalFile(t, dir, "asked.csv", evalAsked)
	qrels := evalFile(t, dir, "qrels.tsv", "Q-1\tE-1\t2\nQ-1\tE-9\t1\nQ-1\tE-8\t1\nQ-9\tE-9\t1\n")
	args := []string{"eval", "retrieval", "--corpus", corpus, "--queries", asked, "--qrels", qrels, "--format", "json"}
	code, stdout, stderr := vouch(t, args...)
	var r retrievalJSON
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	want := "warning: 1 question id in qrels.tsv not in asked.csv, the first is \"Q-9\"; what is relevant for them counts as not found\n" +
		"warning: 2 document ids in qrels.tsv not in corpus.csv, the first is \"E-9\"; they count as not found\n"
	if stderr != want {
		t.Errorf("warnings\n%swant\n%s", stderr, want)
	}
	if len(r.Warnings) != 2 || r.Systems[0].Queries != 2 || r.Systems[0].Hit1.Value != 0.5 || fmt.Sprintf("%.4f", r.Systems[0].Recall5.Value) != "0.1667" {
		t.Errorf("report %+v", r)
	}
	if _, _, stderr := vouch(t, append(args, "--quiet")...); stderr != "" {
		t.Errorf("quiet prints %q", stderr)
	}
}

func TestEvalRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	corpus, asked, qrels := evalFile(t, dir, "corpus.csv", evalCorpus), evalFile(t, dir, "asked.csv", evalAsked), evalFile(t, dir, "qrels.tsv", evalQrels)
	file := func(name, content string) string { return evalFile(t, dir, name, content) }
	retrieval := func(corpus, asked, qrels string, more ...string) []string {
		return append([]string{"eval", "retrieval", "--corpus", corpus, "--queries", asked, "--qrels", qrels}, more...)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no qrels":      {retrieval(corpus, asked, filepath.Join(dir, "none.tsv")), "no such file"},
		"no corpus":     {retrieval(filepath.Join(dir, "none.csv"), asked, qrels), "no such file"},
		"bad qrels":     {retrieval(corpus, asked, file("a.tsv", "Q-1 E-1 1\n")), "a.tsv: line 1 is not a query id"},
		"empty qrels":   {retrieval(corpus, asked, file("b.tsv", "")), "b.tsv: it names no relevant document"},
		"no ids":        {retrieval(file("c.csv", "question,answer\nIs it safe?,Yes\n"), asked, qrels), "c.csv: there is no id at"},
		"an id twice":   {retrieval(file("d.csv", "id,question,answer\nX,Is it safe?,Yes\nX,Is it sound?,Yes\n"), asked, qrels), "has the id of"},
		"ids of asked":  {retrieval(corpus, file("e.csv", "id,question,answer\nX,Is it safe?,Yes\nX,Is it sound?,Yes\n"), qrels), "e.csv: "},
		"not controls":  {retrieval(corpus, asked, qrels, "--kind", "controls"), "corpus.csv: it has not the headings"},
		"target in lib": {[]string{"eval", "transfer", "--library", corpus, "--target", corpus}, "the target is one of the library files"},
		"run over":      {retrieval(corpus, asked, qrels, "--run-out", qrels), "--run-out is one of the files"},
		"curve over":    {[]string{"eval", "transfer", "--library", corpus, "--target", asked, "--curve-out", corpus}, "--curve-out is one of the files"},
		"no target":     {[]string{"eval", "transfer", "--library", corpus, "--target", filepath.Join(dir, "none.csv")}, "no such file"},
		"no verdicts":   {[]string{"eval", "transfer", "--library", corpus, "--target", file("f.csv", "id,question,answer\nX,Which cipher?,AES-256\n")}, "f.csv: none of its answers"},
	} {
		code, stdout, stderr := vouch(t, c.args...)
		if code != exitRefused || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want %q", name, code, stderr, c.want)
		}
	}
}

// transferJSON is what the tests read of the output.
type transferJSON struct {
	Questions, Found, Entries int
	NoVerdict                 int      `json:"without_verdict"`
	CoverageA95               float64  `json:"coverage_at_accuracy_95"`
	AccuracyC30               *float64 `json:"accuracy_at_coverage_30"`
	AccuracyC50               *float64 `json:"accuracy_at_coverage_50"`
	Accuracy                  float64  `json:"accuracy_of_found"`
	AlwaysYes                 float64  `json:"always_yes_accuracy"`
}

func TestEvalTransfer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := evalFile(t, dir, "one.csv", "id,question,answer\n1,Is customer data encrypted at rest?,Yes\n2,Is there an incident response plan?,No\n")
	two := evalFile(t, dir, "two.csv", "id,question,answer\n1,Do you run penetration tests every year?,Yes\n")
	target := evalFile(t, dir, "target.csv", "id,question,answer\n"+
		"1,Is customer data encrypted at rest?,Yes\n"+
		"2,Is there an incident response plan?,Yes\n"+ // word for word, the other verdict
		"3,Do you run penetration tests every year?,Yes\n"+
		"4,Zyzzyva quux?,Partial\n"+
		"5,Which cipher is in use?,AES-256\n")
	curve := filepath.Join(dir, "curve.tsv")
	args := []string{"eval", "transfer", "--library", one, "--library", two, "--target", target, "--curve-out", curve, "--data", filepath.Join(dir, "data")}
	var r transferJSON
	if err := json.Unmarshal([]byte(must(t, append(args, "--format", "json")...)), &r); err != nil {
		t.Fatal(err)
	}
	third := 2.0 / 3
	if r.Questions != 4 || r.NoVerdict != 1 || r.Found != 3 || r.CoverageA95 != 0 || r.AccuracyC30 == nil || *r.AccuracyC30 != third || r.Accuracy != third || r.AlwaysYes != 0.75 {
		t.Errorf("report %+v", r)
	}
	if data, err := os.ReadFile(curve); err != nil || string(data) != "threshold\tcoverage\taccuracy\n0.98\t0.75\t0.6666666666666666\n" {
		t.Errorf("curve %q, error %v", data, err)
	}
	out := must(t, args...)
	for _, want := range []string{"4 questions of target.csv with a verdict, answered from 3 entries", "accuracy at 30 % coverage  0.667", "found for 3 of 4", "always \"yes\"               0.750", "Left out: 1 answer of the target without a verdict."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	checkOnly(t, dir, "one.csv", "two.csv", "target.csv", "curve.tsv")
}

// TestEvalOnFixtures runs over our own sample company.
func TestEvalOnFixtures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var r transferJSON
	out := must(t, "eval", "transfer", "--library", fixture(t, dir, "library.csv"), "--target", fixture(t, dir, "harbour-bank-2025-filled.xlsx"), "--format", "json")
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Questions == 0 || r.Found == 0 {
		t.Errorf("error %v, report %+v", err, r)
	}
}

// TestEvalRetrievalAgainstIndependent has the judge that knows nothing of this
// program come to the same figures from the run file.
func TestEvalRetrievalAgainstIndependent(t *testing.T) {
	t.Parallel()
	script := filepath.Join("..", "..", "..", "shared", "check", "ir.py")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed: skipped")
	}
	if _, err := os.Stat(script); err != nil {
		t.Skip("../shared/check/ir.py is not beside the repository: skipped")
	}
	for _, c := range []struct{ kind, queries, corpus, qrels string }{
		{"entries", "qa/vsa-full.csv", "qa/caiq-v4.csv", "qrels/vsa-full__caiq-v4.tsv"},
		{"entries", "qa/vsa-core.csv", "qa/caiq-v4.csv", "qrels/vsa-core__caiq-v4.tsv"},
		{"controls", "qa/vsa-full.csv", "controls/adobe-ccf-v5.csv", "qrels/vsa-full__adobe-ccf-v5.tsv"},
	} {
		run, qrels := filepath.Join(t.TempDir(), "run.tsv"), shared(t, c.qrels)
		out := must(t, "eval", "retrieval", "--kind", c.kind, "--corpus", shared(t, c.corpus), "--queries", shared(t, c.queries), "--qrels", qrels, "--run-out", run, "--quiet")
		judged, err := exec.Command(python, script, qrels, run).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, judged)
		}
		for _, m := range []string{"nDCG@10", "Recall@5", "Recall@10", "MRR", "Hit@1", "Hit@5"} {
			theirs := valueAfter(string(judged), m+" ")
			if ours := valueAfter(out, "\n"+m+" "); ours == "" || ours != theirs {
				t.Errorf("%s: %s is %s, and %s by ir.py", c.qrels, m, ours, theirs)
			}
		}
	}
}

// valueAfter returns the word that follows name in s.
func valueAfter(s, name string) string {
	_, rest, _ := strings.Cut(s, name)
	if words := strings.Fields(rest); len(words) > 0 {
		return words[0]
	}
	return ""
}
