package index

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/fixtures"
)

var updateGolden = flag.Bool("update", false, "write the rankings to testdata/rank")

// goldenQuery is a question of a fixture, and what its source says of it.
type goldenQuery struct {
	text  string
	truth string // same: the library asks it in these words; none: the library has nothing; "": in other words
}

func (q goldenQuery) String() string {
	if q.truth == "" {
		return q.text
	}
	return q.text + " [" + q.truth + "]"
}

// goldenQueries reads the questions of a fixture's source: lines "- text: …",
// each perhaps with a line "library: …" below. Texts over several lines and
// those that are formulas are left out.
func goldenQueries(t *testing.T, name string) []goldenQuery {
	t.Helper()
	data, err := fixtures.ReadFile("source/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []goldenQuery
	open := false
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- ")), ": ")
		switch value = strings.Trim(value, `"'`); {
		case key == "text":
			if open = value != "" && !strings.HasPrefix(value, ">") && !strings.HasPrefix(value, "|"); open {
				out = append(out, goldenQuery{text: value})
			}
		case key == "library" && open:
			out[len(out)-1].truth = value
		}
	}
	if len(out) < 10 {
		t.Fatalf("%d questions in %s", len(out), name)
	}
	return out
}

// goldenLibrary is the fixtures' library, each entry with a ref of its line.
func goldenLibrary(t *testing.T) (entries []engine.Entry) {
	t.Helper()
	data, err := fixtures.ReadFile("library.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows[1:] {
		v, ok := engine.ParseVerdict(r[1])
		e := engine.Entry{Question: r[0], Verdict: v, Text: r[2], Section: r[3], Source: engine.Source{File: "library.csv", Ref: fmt.Sprintf("L%03d", i+1)}}
		if !ok {
			e.Answer = r[1]
		}
		entries = append(entries, e)
	}
	return entries
}

// rankStats are the figures over the questions whose truth is known.
type rankStats struct {
	same, first, five int     // asked in the same words: found first, found among five
	reciprocal        float64 // sum of 1/rank
	none, noneSure    int     // with nothing in the library: of those some passage is confident
	other, otherSure  int     // in other words
}

func (s *rankStats) String() string {
	words := "none asked in the same words"
	if n := float64(s.same); n > 0 {
		words = fmt.Sprintf("recall@1 %.3f, recall@5 %.3f, MRR %.3f of %d asked in the same words", float64(s.first)/n, float64(s.five)/n, s.reciprocal/n, s.same)
	}
	return fmt.Sprintf("%s; confidence 0.7 and more: %d of %d asked in other words, %d of %d with nothing in the library", words, s.otherSure, s.other, s.noneSure, s.none)
}

// count takes one question's ranking in.
func (s *rankStats) count(q goldenQuery, found []engine.Passage) {
	sure := len(found) > 0 && found[0].Confidence >= 0.7
	one := map[bool]int{true: 1}[sure]
	switch q.truth {
	case "none":
		s.none++
		s.noneSure += one
	case "same":
		s.same++
		for i, p := range found {
			if p.Entry.Key() != engine.FoldWords(q.text) {
				continue
			}
			s.reciprocal += 1 / float64(i+1)
			s.five++
			if i == 0 {
				s.first++
			}
			break
		}
	default:
		s.other++
		s.otherSure += one
	}
}

// TestGoldenRanking holds what is found for the fixtures' questions, so that a
// change of the ranking is read as a diff: after one, run it with -update and
// look at testdata/rank.
func TestGoldenRanking(t *testing.T) {
	x := mustOpen(t, "", NewCollection(goldenLibrary(t), nil), Options{})
	stats := ""
	for _, name := range []string{"harbour-bank", "harbour-bank-2025", "vela-retail", "kontor-logistik"} {
		var b strings.Builder
		var s rankStats
		for _, q := range goldenQueries(t, name) {
			found, err := x.Retrieve(context.Background(), CollectionWorkspace, engine.Query{Text: q.text, Limit: 5})
			if err != nil {
				t.Fatal(err)
			}
			s.count(q, found)
			fmt.Fprintf(&b, "%s\n", q)
			for _, p := range found {
				fmt.Fprintf(&b, "\t%s %.2f %.2f %s\n", p.Entry.Source.Ref, p.Score, p.Confidence, short(p.Entry.Question))
			}
		}
		stats += fmt.Sprintf("%s: %s\n", name, &s)
		golden(t, name+".txt", b.String())
	}
	golden(t, "rank_stats.txt", stats)
}

// short cuts a question to what tells it from others.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// golden compares got with a file below testdata/rank, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "rank", name)
	if *updateGolden {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	w, g := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			t.Errorf("%s, line %d: %q; see the rest with -update and git diff", path, i+1, g[i])
			return
		}
	}
	t.Errorf("%s is longer than what is found now", path)
}
