package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/store"
)

// killedServer is a vouch serve in a process of its own.
type killedServer struct {
	url  string
	out  *lockedBuffer
	kill func()
}

// serveProcess starts a server, and returns when it says that it serves.
func serveProcess(t *testing.T, args ...string) killedServer {
	t.Helper()
	cmd := program(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := &lockedBuffer{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	k := killedServer{out: out, kill: func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }}
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			k.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return k
		}
	}
	k.kill()
	t.Fatal("it does not serve")
	return k
}

// TestKilledServersDoThingsOnce kills servers at random moments while callers
// create entries, each with a key, and send again what got no reply. At the end
// each entry is there once, and the audit log is whole.
func TestKilledServersDoThingsOnce(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", data, "--rate-limit", "100000"}
	var mu sync.Mutex
	server := serveProcess(t, args...)
	token := setUp(t, server.url, server.out, "default")
	address := func() string { mu.Lock(); defer mu.Unlock(); return server.url }
	ctx, stop := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	done := map[string]bool{}
	for caller := range 4 {
		callers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				question := fmt.Sprintf("Question %d of caller %d?", n, caller)
				for sent := time.Now(); ; { // until there is a reply, whatever happens to the server
					h, err := http.NewRequest(http.MethodPost, address()+"/api/v1/workspaces/default/entries", strings.NewReader(`{"question":"`+question+`","verdict":"yes"}`))
					if err != nil {
						t.Error(err)
						return
					}
					h.Header.Set("Authorization", "Bearer "+token)
					h.Header.Set("Content-Type", "application/json")
					h.Header.Set("Idempotency-Key", fmt.Sprintf("%d-%d", caller, n))
					response, err := http.DefaultClient.Do(h)
					if err == nil {
						_, err = io.Copy(io.Discard, response.Body)
						response.Body.Close()
						if err == nil && response.StatusCode == http.StatusCreated {
							break
						}
					}
					if time.Since(sent) > time.Minute {
						t.Errorf("%s: no reply in a minute", question)
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
				mu.Lock()
				done[question] = true
				mu.Unlock()
			}
		})
	}
	var slowest time.Duration
	for range kills(t) {
		time.Sleep(time.Duration(rand.IntN(250)) * time.Millisecond)
		server.kill()
		began := time.Now()
		next := serveProcess(t, args...)
		slowest = max(slowest, time.Since(began))
		mu.Lock()
		server = next
		mu.Unlock()
	}
	stop()
	callers.Wait()
	server.kill()

	s, err := store.Open(t.Context(), filepath.Join(data, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	count := map[string]int{}
	for e, err := range s.AllEntries(t.Context(), "default", engine.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		count[e.Question]++
	}
	for question := range done {
		if count[question] != 1 {
			t.Errorf("%s: it is there %d times", question, count[question])
		}
	}
	if len(done) == 0 || len(count) != len(done) {
		t.Errorf("%d entries are there, %d were acknowledged", len(count), len(done))
	}
	if r, err := engine.VerifyAudit(t.Context(), s, "default", nil); err != nil || len(r.Breaks) > 0 || r.Objects != len(count)+3 { // the admin, their membership, the token
		t.Errorf("audit log: %+v (%v)", r, err)
	}
	t.Logf("%d entries, each once; the slowest start took %v", len(count), slowest.Round(time.Millisecond))
}
