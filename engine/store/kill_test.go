package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// importForever imports small files of entries, and after each prints the id
// and version of every entry that is stored. Each third import changes what
// the one before added. It ends only by being killed, or by an error.
func importForever(ctx context.Context, path string) error {
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	var entries []engine.Entry
	for n := 0; ; n++ {
		if n%3 != 2 {
			entries = entries[:0]
			for i := range 1 + rand.N(40) {
				entries = append(entries, engine.Entry{
					Question: fmt.Sprintf("Question %d of import %d of process %d?", i, n, os.Getpid()),
					Text:     strings.Repeat("text ", 1+rand.N(400)), Source: engine.Source{File: fmt.Sprintf("%d.csv", os.Getpid())},
				})
			}
		}
		for i := range entries {
			entries[i].Answer = strconv.Itoa(n)
		}
		report, err := engine.ImportEntries(ctx, s, "w", entries)
		if err != nil {
			return err
		}
		for _, o := range report.Outcomes {
			fmt.Fprintln(out, o.ID, o.Version)
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// TestKilledProcessesLoseNothing kills a process that imports, at random
// moments, and looks whether all it had acknowledged is there.
func TestKilledProcessesLoseNothing(t *testing.T) { overEach(t, killed) }

func killed(t *testing.T, empty func(testing.TB) string) {
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("VOUCH_KILLS")); err == nil {
		kills = n
	}
	dir := empty(t)
	acknowledged := map[string]int{}
	for n := range kills {
		if n%5 == 0 { // some start from nothing, and die while they migrate
			dir = empty(t)
			clear(acknowledged)
		}
		cmd, out, errs := startChild(t, "import", dir)
		time.Sleep(time.Duration(rand.N(int64(250 * time.Millisecond))))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatalf("kill: %v: %s", err, errs)
		}
		if err := cmd.Wait(); err == nil || errs.Len() > 0 {
			t.Fatalf("the child ended by itself: %v: %s", err, errs)
		}
		printed := out.String()
		printed = printed[:strings.LastIndex(printed, "\n")+1]
		for line := range strings.Lines(printed) {
			var id string
			var version int
			if _, err := fmt.Sscan(line, &id, &version); err != nil {
				t.Fatalf("child printed %q: %v", line, err)
			}
			acknowledged[id] = max(acknowledged[id], version)
		}
		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatalf("after kill %d: %v", n, err)
		}
		verifyAcknowledged(t, s, acknowledged)
		t.Logf("kill %d: %d entries acknowledged", n, len(acknowledged))
		check(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", n)
		}
	}
}

func verifyAcknowledged(t *testing.T, s *Store, acknowledged map[string]int) {
	t.Helper()
	ids := make([]string, 0, len(acknowledged))
	for id := range acknowledged {
		ids = append(ids, id)
	}
	entries, err := s.Entries(t.Context(), "w", ids)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, e := range entries {
		found[e.ID] = e.Version
	}
	for id, version := range acknowledged {
		if found[id] < version {
			t.Errorf("entry %s: found version %d, version %d was acknowledged", id, found[id], version)
		}
	}
}
