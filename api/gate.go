package api

import "sync"

// gate lets so many in at once, of all callers and of each.
type gate struct {
	mu      sync.Mutex
	all     int
	each    int
	inside  int
	callers map[string]int
}

func newGate(all, each int) *gate { return &gate{all: all, each: each, callers: map[string]int{}} }

// enter lets a caller in, who must leave.
func (g *gate) enter(caller string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside >= g.all || g.callers[caller] >= g.each {
		return false
	}
	g.inside++
	g.callers[caller]++
	return true
}

func (g *gate) leave(caller string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.callers[caller]--; g.callers[caller] == 0 {
		delete(g.callers, caller)
	}
}
