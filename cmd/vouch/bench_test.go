package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/fixtures"
)

// bigLibrary writes a list of n past answers of realistic length, made of the
// words of the sample library.
func bigLibrary(b *testing.B, dir string, n int) string {
	b.Helper()
	data, err := fixtures.ReadFile("library.csv")
	if err != nil {
		b.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	lines = lines[1:]
	var words []string
	for _, l := range lines {
		words = append(words, strings.Fields(l[0])...)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(dir, "big.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	_ = w.Write([]string{"id", "question", "answer", "explanation"})
	for i := range n {
		l := lines[rnd.IntN(len(lines))]
		q := strings.Fields(l[0])
		for range 4 {
			q[rnd.IntN(len(q))] = words[rnd.IntN(len(words))]
		}
		_ = w.Write([]string{"G" + strconv.Itoa(i), strings.Join(q, " ") + " " + strconv.Itoa(i), l[1], l[2]})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkAnswer runs the whole answer command, as a process, on HECVAT 4.1.4
// with a library of 10,000 entries that is already indexed.
func BenchmarkAnswer(b *testing.B) {
	dir := b.TempDir()
	exe := filepath.Join(dir, "vouch")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	in := shared(b, "workbooks/hecvat-4.1.4.xlsx")
	data := filepath.Join(dir, "data")
	must(b, "library", "import", bigLibrary(b, dir, 10_000), "--data", data)
	peak, slowest := int64(0), time.Duration(0)
	i := 0
	for b.Loop() {
		i++
		cmd := exec.Command(exe, "answer", in, "-q", "-o", filepath.Join(dir, fmt.Sprintf("out-%d.xlsx", i)), "--data", data)
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		slowest = max(slowest, time.Since(began))
		peak = max(peak, maxRSS(cmd.ProcessState))
	}
	b.ReportMetric(slowest.Seconds(), "slowest-s")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
}
