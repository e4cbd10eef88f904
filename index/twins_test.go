package index

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// pair is two questions that a list of testdata names.
type pair struct{ id, kind, a, b string }

func readPairs(t *testing.T, name string) (out []pair) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		c := strings.Split(sc.Text(), "\t")
		if strings.HasPrefix(sc.Text(), "#") || len(c) != 4 || c[0] == "id" {
			continue
		}
		out = append(out, pair{c[0], c[1], c[2], c[3]})
	}
	return out
}

// swapped returns the pairs the other way round.
func swapped(list []pair) (out []pair) {
	for _, p := range list {
		out = append(out, pair{p.id, p.kind, p.b, p.a})
	}
	return out
}

// askPairs makes a library of the first questions, each answered with yes, and
// asks the second ones. hit gets the first passage for each, and whether it is
// the pair's own.
func askPairs(t *testing.T, list []pair, hit func(p pair, found engine.Passage, own bool)) {
	t.Helper()
	src := newFakeSource()
	for _, p := range list {
		src.putEntry("w", engine.Entry{ID: p.id, Version: 1, Question: p.a, Verdict: engine.VerdictYes, Text: "Yes."})
	}
	x := mustOpen(t, "", src, Options{})
	for _, p := range list {
		found, err := x.Retrieve(context.Background(), "w", engine.Query{Text: p.b, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			hit(p, found[0], found[0].Entry.ID == p.id)
		}
	}
}

// defaultThreshold is the confidence from which the program writes an answer.
const defaultThreshold = 0.7

// TestTwins proves that no verdict is copied to a question of the opposite
// polarity, in either direction.
func TestTwins(t *testing.T) {
	twins := readPairs(t, "twins.tsv")
	if len(twins) < 300 {
		t.Fatalf("%d pairs of twins, want 300", len(twins))
	}
	unseen := readPairs(t, "twins-unseen.tsv")
	for name, list := range map[string][]pair{
		"YesToTheFirst": twins, "YesToTheSecond": swapped(twins),
		"UnseenYesToTheFirst": unseen, "UnseenYesToTheSecond": swapped(unseen),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own, near, seen := 0, 0, 0
			askPairs(t, list, func(p pair, found engine.Passage, isOwn bool) {
				if !isOwn {
					return
				}
				own++
				for _, n := range found.Notes {
					if n == "opposite polarity" {
						seen++
						break
					}
				}
				if found.Confidence >= 0.5 {
					near++
				}
				if found.Confidence >= defaultThreshold {
					t.Errorf("%s: %q is answered from %q with confidence %.2f", p.id, p.b, p.a, found.Confidence)
				}
			})
			t.Logf("of %d twins %d come first, %d of them with their polarity noticed; %d have a confidence of 0.5 and more", len(list), own, seen, near)
		})
	}
}
