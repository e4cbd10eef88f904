package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// startsWithin is how long a server may take from its start until it is ready.
// The fastest quarter of all starts is held to it: the machine has more to do
// meanwhile than to start it.
const startsWithin = 2 * time.Second

// TestKilledServers kills a server at random moments under the load of callers
// who send again what got no reply, on both engines. At the end everything that
// was acknowledged is there once, nothing else is, and the audit log is whole.
// VOUCH_KILLS says how often it kills on each.
func TestKilledServers(t *testing.T) {
	onBothEngines(t, func(t *testing.T, path string, place []string) {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--rate-limit", "100000", "--job-lease", "2s"}, place...)
		letIn(t, path)
		server := startProcess(t, nil, args...)
		defer func() { server.kill() }()
		l := newLoad(t, server.url)
		l.begin(4)
		var took []time.Duration
		lives := 400 * time.Millisecond
		for range kills(t) {
			time.Sleep(rand.N(lives))
			server.kill()
			began := time.Now()
			server = startProcess(t, nil, args...)
			took = append(took, isReady(t, server.url, began))
			lives = max(400*time.Millisecond, took[len(took)-1]) // on a slow machine things take longer
			l.moved(server.url)
		}
		l.end()
		l.settle(path)
		server.kill()
		l.verify(path, 0)
		slices.Sort(took)
		if quarter := took[len(took)/4]; quarter > startsWithin {
			t.Errorf("a quarter is ready after %v, want %v at most", quarter, startsWithin)
		}
		t.Logf("killed %d times; ready after %v in the middle, %v at most", len(took), took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	})
}
