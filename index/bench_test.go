package index

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

// The generated library: realistic lengths (a question of 8 to 24 words, an
// answer of 15 to 60), words drawn by Zipf's law from a vocabulary that opens
// with the field's own words.
const (
	benchEntries = 10_000
	benchQueries = 332 // the questions of a HECVAT
)

var grammar = []string{"the", "of", "and", "to", "for", "are", "is", "in", "a", "with", "by", "your"}

type generator struct {
	rng   *rand.Rand
	zipf  *rand.Zipf
	words []string
}

func newGenerator(t testing.TB) *generator {
	lex := mustLexicon(t)
	seen := map[string]bool{}
	g := &generator{rng: rand.New(rand.NewPCG(7, 7))}
	for _, w := range strings.FieldsFunc(lexiconText, func(r rune) bool { return r == ' ' || r == ';' || r == ':' || r == '~' || r == '\n' || r == '|' }) {
		if !seen[w] && len(lex.analyzer.Tokens(w)) > 0 {
			seen[w] = true
			g.words = append(g.words, w)
		}
	}
	for i := 0; len(g.words) < 8000; i++ {
		g.words = append(g.words, fmt.Sprintf("%s%c%c", g.words[i%1000], 'a'+i%26, 'a'+i/26%26))
	}
	g.rng.Shuffle(1500, func(i, k int) { g.words[i], g.words[k] = g.words[k], g.words[i] })
	g.zipf = rand.NewZipf(g.rng, 1.15, 12, uint64(len(g.words)-1))
	return g
}

func (g *generator) text(lo, hi int) string {
	n := lo + g.rng.IntN(hi-lo+1)
	w := make([]string, n)
	for i := range w {
		if g.rng.IntN(10) < 4 { // as many as English has
			w[i] = grammar[g.rng.IntN(len(grammar))]
			continue
		}
		w[i] = g.words[g.zipf.Uint64()]
	}
	return strings.Join(w, " ")
}

func (g *generator) entry(i int) engine.Entry {
	return engine.Entry{ID: fmt.Sprintf("e%06d", i), Version: 1, Question: "Do you " + g.text(8, 24) + "?", Verdict: engine.VerdictYes,
		Text: g.text(15, 60) + ".", Section: g.text(1, 4)}
}

func benchSource(t testing.TB, n int) (*fakeSource, *generator) {
	g, src := newGenerator(t), newFakeSource()
	for i := range n {
		src.putEntry("w", g.entry(i))
	}
	return src, g
}

func (g *generator) queries(n int) []engine.Query {
	list := make([]engine.Query, n)
	for i := range list {
		list[i] = engine.Query{Text: "Does your organization " + g.text(8, 20) + "?", Section: g.text(1, 4)}
	}
	return list
}

func mustLexicon(t testing.TB) *Lexicon {
	t.Helper()
	l, err := DefaultLexicon()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mustOpen(t testing.TB, dir string, src Source, opts Options) *Index {
	t.Helper()
	x, err := Open(context.Background(), dir, src, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func BenchmarkBuild(b *testing.B) {
	src, _ := benchSource(b, benchEntries)
	for b.Loop() {
		x := mustOpen(b, b.TempDir(), src, Options{})
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchEntries)/(b.Elapsed().Seconds()/float64(b.N)), "entries/s")
}

// BenchmarkOpen opens an index of 10,000 entries and answers a first question.
func BenchmarkOpen(b *testing.B) {
	src, _ := benchSource(b, benchEntries)
	dir := b.TempDir()
	if err := mustOpen(b, dir, src, Options{}).Close(); err != nil {
		b.Fatal(err)
	}
	var first time.Duration
	for b.Loop() {
		x := mustOpen(b, dir, src, Options{})
		began := time.Now()
		if _, err := x.Retrieve(context.Background(), "w", engine.Query{Text: "Is customer data encrypted at rest?"}); err != nil {
			b.Fatal(err)
		}
		first += time.Since(began)
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(first.Microseconds())/float64(b.N), "first-answer-µs")
}

// BenchmarkRetrieve searches libraries of 10,000 and 100,000 entries, and of a
// million where VOUCH_BENCH_MILLION is set: to build that takes ten minutes.
// Every question is asked once before it is measured.
func BenchmarkRetrieve(b *testing.B) {
	sizes := []int{benchEntries, 10 * benchEntries}
	if os.Getenv("VOUCH_BENCH_MILLION") != "" {
		sizes = append(sizes, 100*benchEntries)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			src, g := benchSource(b, n)
			dir := b.TempDir()
			began := time.Now()
			x := mustOpen(b, dir, src, Options{})
			build := time.Since(began)
			queries := g.queries(benchQueries)
			began = time.Now()
			retrieveAll(b, x, queries[:1], 1)
			first := time.Since(began)
			began = time.Now()
			retrieveAll(b, x, queries, 2)
			all := time.Since(began)
			var took []time.Duration
			i := 0
			for b.Loop() {
				began := time.Now()
				if _, err := x.Retrieve(context.Background(), "w", queries[i%len(queries)]); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
				i++
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
			b.ReportMetric(build.Seconds(), "build-s")
			b.ReportMetric(float64(first.Milliseconds()), "first-answer-ms")
			b.ReportMetric(all.Seconds(), "332-questions-s")
			b.ReportMetric(float64(diskUse(b, dir))/(1<<20), "disk-MB")
			b.ReportMetric(0, "ns/op") // the quantiles say more
		})
	}
}

// diskUse is the size of all files below dir, in bytes.
func diskUse(t testing.TB, dir string) (sum int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// BenchmarkQuestionnaire answers 332 questions from a library of 10,000
// entries: just opened, so that nothing is cached.
func BenchmarkQuestionnaire(b *testing.B) {
	src, g := benchSource(b, benchEntries)
	dir := b.TempDir()
	if err := mustOpen(b, dir, src, Options{}).Close(); err != nil {
		b.Fatal(err)
	}
	queries := g.queries(benchQueries)
	for _, workers := range []int{1, 2} {
		for _, cold := range []bool{true, false} {
			b.Run(fmt.Sprintf("workers=%d/cold=%v", workers, cold), func(b *testing.B) {
				x := mustOpen(b, dir, src, Options{})
				retrieveAll(b, x, queries[:1], 1)
				if !cold {
					retrieveAll(b, x, queries, 2)
				}
				for b.Loop() {
					if cold {
						b.StopTimer()
						if err := x.Close(); err != nil {
							b.Fatal(err)
						}
						x = mustOpen(b, dir, src, Options{})
						b.StartTimer()
					}
					retrieveAll(b, x, queries, workers)
				}
				if err := x.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func retrieveAll(t testing.TB, x *Index, queries []engine.Query, workers int) {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(queries); i += workers {
				if _, err := x.Retrieve(context.Background(), "w", queries[i]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestMemory holds an index of 10,000 entries, every one of them analysed and
// cached, to what it may take over what was there before.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 10,000 entries")
	}
	src, g := benchSource(t, benchEntries)
	dir := t.TempDir()
	if err := mustOpen(t, dir, src, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	before := heapInUse()
	x := mustOpen(t, dir, src, Options{})
	retrieveAll(t, x, g.queries(benchQueries), 2)
	used := int64(heapInUse()-before) >> 20
	t.Logf("%d MB over base with %d passages cached", used, x.cache.size())
	if used > 120 {
		t.Errorf("%d MB over base, want at most 120", used)
	}
	runtime.KeepAlive(x)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
