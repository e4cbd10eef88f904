package index

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// survivorEnv asks the test binary to be the process that is killed: its value
// is the directory of the index and how many entries there are.
const survivorEnv = "VOUCH_TEST_INDEX"

func TestMain(m *testing.M) {
	if s := os.Getenv(survivorEnv); s != "" {
		if err := survive(s); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// survivorGrowth is how many entries a process that lives to the end adds.
const survivorGrowth = 200

// survivors is a library of n entries, the same in every process.
func survivors(n int) *fakeSource {
	src := newFakeSource()
	for i := range n {
		src.putEntry("w", engine.Entry{ID: fmt.Sprintf("e%06d", i), Version: 1, Question: survivorQuestion(i), Verdict: engine.VerdictYes, Text: "It is checked."})
	}
	return src
}

func survivorQuestion(i int) string {
	return fmt.Sprintf("Is safeguard s%dx of area a%dx checked every week?", i, i%97)
}

// survive opens the index and follows a library that grows in small batches.
func survive(spec string) error {
	dir, count, _ := strings.Cut(spec, "|")
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	src := survivors(n)
	x, err := Open(context.Background(), dir, src, Options{LockTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	fmt.Println("open")
	for i := n; i < n+survivorGrowth; i++ {
		src.putEntry("w", engine.Entry{ID: fmt.Sprintf("e%06d", i), Version: 1, Question: survivorQuestion(i), Verdict: engine.VerdictYes, Text: "It is checked."})
		if i%20 == 19 {
			if err := x.Sync(context.Background()); err != nil {
				return err
			}
		}
	}
	return x.Close()
}

// TestKillDuringBatches kills a process at random moments while it builds the
// index or writes batches to it, VOUCH_KILLS times: the next one opens it,
// holds every entry of the library, and answers from it. How long the process
// lives is drawn from the time that a whole run takes.
func TestKillDuringBatches(t *testing.T) {
	kills := 6
	if s := os.Getenv("VOUCH_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("VOUCH_KILLS=%q: want a number from 1", s)
		}
		kills = n
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(dir string, n int, after time.Duration) (finished bool) {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", survivorEnv, dir, n))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		return cmd.Wait() == nil
	}
	began := time.Now()
	if !run(t.TempDir(), 1500, time.Minute) {
		t.Fatal("the process that is to be killed does not run")
	}
	whole := time.Since(began)
	died, reasons := 0, map[Reason]int{}
	dir, n := "", 0
	for i := 0; died < kills && i < 4*kills; i++ {
		if i%10 == 0 {
			dir, n = t.TempDir(), 1500 // from nothing
		}
		if !run(dir, n, time.Duration(rand.Float64()*float64(whole))) {
			died++
		}
		n += survivorGrowth
		src := survivors(n)
		x, err := Open(context.Background(), dir, src, Options{LockTimeout: 5 * time.Second})
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		s := x.Status()
		reasons[s.Reason]++
		if s.InMemory || s.Docs != uint64(n) || s.Rebuilds > 0 && s.Reason == ReasonNone {
			t.Fatalf("kill %d: want %d passages on disk, status %+v", i, n, s)
		}
		for range 20 {
			k := rand.IntN(n)
			list, err := x.Retrieve(context.Background(), "w", engine.Query{Text: survivorQuestion(k), Limit: 1})
			if err != nil || len(list) != 1 || list[0].Entry.ID != fmt.Sprintf("e%06d", k) {
				t.Fatalf("kill %d: entry %d is not found: %d passages, %v", i, k, len(list), err)
			}
		}
		if err := x.Close(); err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
	}
	t.Logf("killed %d times, rebuilt for %v", died, reasons)
	if died < kills {
		t.Errorf("only %d of %d processes died before their end", died, kills)
	}
}
