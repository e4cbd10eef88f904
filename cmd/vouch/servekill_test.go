package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// startsWithin is how long a server may take from its start until it is ready,
// in the middle of all starts: one may meet a moment at which the machine is
// busy.
const startsWithin = 2 * time.Second

// TestKilledServers kills a server at random moments under the load of callers
// who send again what got no reply, on both engines. At the end everything that
// was acknowledged is there once, nothing else is, and the audit log is whole.
// VOUCH_KILLS says how often it kills on each.
func TestKilledServers(t *testing.T) {
	onBothEngines(t, func(t *testing.T, path string, place []string) {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--token-file", tokenFile(t, testToken), "--rate-limit", "100000", "--job-lease", "2s"}, place...)
		server := startProcess(t, nil, args...)
		defer func() { server.kill() }()
		l := newLoad(t, server.url)
		l.begin(4)
		var took []time.Duration
		for range kills(t) {
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
			server.kill()
			began := time.Now()
			server = startProcess(t, nil, args...)
			took = append(took, isReady(t, server.url, began))
			l.moved(server.url)
		}
		l.end()
		l.settle(path)
		server.kill()
		l.verify(path, 0)
		slices.Sort(took)
		if middle := took[len(took)/2]; middle > startsWithin {
			t.Errorf("ready after %v in the middle, want %v at most", middle, startsWithin)
		}
		t.Logf("killed %d times; ready after %v in the middle, %v at most", len(took), took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	})
}
