package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/importers"
)

// kills returns how often the kill tests kill; VOUCH_KILLS=200 is what the
// figures in the README were made with.
func kills(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("VOUCH_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("VOUCH_KILLS=%q: want a number from 1", s)
		}
		return n
	}
	return 10
}

// killed starts the program and kills it after the delay, with everything it
// has started. It returns what was printed until then.
func killed(t *testing.T, delay time.Duration, args ...string) (stdout string, finished bool) {
	t.Helper()
	cmd := program(t, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	return out.String(), err == nil
}

// measure returns how long the program runs undisturbed.
func measure(t *testing.T, args ...string) time.Duration {
	t.Helper()
	began := time.Now()
	if out, err := program(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return time.Since(began)
}

// TestKillDuringImport kills imports at random moments: the data directory
// opens, everything that was reported as imported is there, and the search
// finds it.
func TestKillDuringImport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	const perFile = 300
	file := func(i int) string {
		var b strings.Builder
		b.WriteString("id,question,answer,explanation\n")
		for k := range perFile {
			fmt.Fprintf(&b, "Q%d,Is control number %d of batch %d in operation?,yes,Control %d of batch %d is in operation.\n", k, k, i, k, i)
		}
		name := filepath.Join(dir, fmt.Sprintf("batch-%d.csv", i))
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	usual := measure(t, "library", "import", file(0), "--data", data)
	acknowledged, died := 1, 0
	last := 0
	for i := 1; i <= kills(t); i++ {
		out, _ := killed(t, time.Duration(rand.Int64N(int64(usual)*5/4)), "library", "import", file(i), "--data", data)
		if strings.Contains(out, "300 added") {
			acknowledged++
			last = i
		} else {
			died++
		}
	}
	var entries []engine.Entry
	if err := json.Unmarshal([]byte(must(t, "library", "list", "--format", "json", "--data", data)), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries)%perFile != 0 || len(entries) < acknowledged*perFile {
		t.Errorf("%d entries: want whole files of %d and at least the %d acknowledged", len(entries), perFile, acknowledged)
	}
	question := fmt.Sprintf("Is control number 7 of batch %d in operation?", last)
	if out := must(t, "library", "search", question, "--data", data); !strings.Contains(out, question) {
		t.Errorf("the search does not find an acknowledged entry:\n%s", out)
	}
	t.Logf("%d imports killed before they were acknowledged, %d acknowledged", died, acknowledged)
}

// TestKillDuringAnswer kills the main job at random moments: under the name of
// the output there is nothing, or the whole answered file.
func TestKillDuringAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, lib, data := fixture(t, dir, "harbour-bank.xlsx"), fixture(t, dir, "library.csv"), filepath.Join(dir, "data")
	must(t, "library", "import", lib, "--data", data)
	whole := filepath.Join(dir, "whole.xlsx")
	usual := measure(t, "answer", in, "-o", whole, "--data", data)
	want, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	absent := 0
	for i := range kills(t) {
		out := filepath.Join(dir, fmt.Sprintf("out-%d.xlsx", i))
		killed(t, time.Duration(rand.Int64N(int64(usual)*5/4)), "answer", in, "-o", out, "--data", data)
		got, err := os.ReadFile(out)
		switch {
		case os.IsNotExist(err):
			absent++
		case err != nil:
			t.Fatal(err)
		case !bytes.Equal(got, want):
			t.Errorf("kill %d left a file of %d bytes, want none or the whole of %d", i, len(got), len(want))
		}
	}
	if _, err := importers.Read(context.Background(), whole, nil); err != nil {
		t.Error(err)
	}
	must(t, "library", "search", "encryption", "--data", data)
	t.Logf("%d killed before the output was there", absent)
}

// TestInterrupt interrupts the main job, as Ctrl-C does, while it works: exit
// code 130, nothing under the name of the output, no temporary file.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	dir, temp := t.TempDir(), t.TempDir()
	in, lib := fixture(t, dir, "vela-retail.xlsx"), fixture(t, dir, "library.csv")
	interrupted := 0
	for i := range kills(t) {
		cmd := program(t, "answer", in, "-q", "-o", filepath.Join(dir, "out.xlsx"), "--library", lib, "--data", filepath.Join(dir, "data"))
		cmd.Env = append(cmd.Env, "TMPDIR="+temp)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+rand.IntN(250)) * time.Millisecond)
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		switch code := cmd.ProcessState.ExitCode(); code {
		case exitInterrupted:
			interrupted++
			checkOnly(t, dir, "vela-retail.xlsx", "library.csv")
		case exitOK, -1: // done before, or interrupted before the handler stood
			for _, f := range []string{"out.xlsx", "out.review.html", "out.review.csv"} {
				_ = os.Remove(filepath.Join(dir, f))
			}
		default:
			t.Errorf("run %d: exit %d", i, code)
		}
	}
	checkOnly(t, temp)
	t.Logf("%d interrupted while they worked", interrupted)
}
