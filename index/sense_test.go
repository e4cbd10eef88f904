package index

import (
	"strings"
	"testing"
)

// TestTurns proves that negations, adverse phrases and the verbs that stop
// something each turn a question around once.
func TestTurns(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	for _, c := range []struct {
		text string
		want int
	}{
		{"Are passwords hashed?", 0},
		{"Are passwords stored in plaintext?", 1},
		{"Are passwords never stored in plaintext?", 2},
		{"Is it prohibited to bypass the review?", 2},
		{"Is data retained with no limit?", 1},
		{"Are logs kept no longer than 90 days?", 0},
		{"Is access removed without delay?", 0},
		{"Is intrusion prevention in place?", 0},
		{"Do you prevent unreviewed changes?", 2},
		{"Do you run unsupported software?", 1}, // one phrase, not two
		{"Which options are available?", 0},     // no "optional"
	} {
		if got := l.turns(l.analyzer.Tokens(c.text)); got != c.want {
			t.Errorf("%s: %d turns, want %d", c.text, got, c.want)
		}
	}
}

func TestSenseIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"OnlyNegations", "[neutral]\nn: if not", "line 2: \"if not\" has nothing but negations"},
		{"BothWays", "[adverse]\na: idle loop\n[neutral]\nn: idle loop", "line 4: \"idle loop\" is both neutral and adverse"},
		{"UnknownConcept", "[concepts]\nmfa: MFA\n[topics]\nlogin: mfa; sso", "line 4: there is no concept \"sso\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseLexicon(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestTopics proves that what is usually covered together is near each other
// without a word in common, and what is not is not.
func TestTopics(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	s := &statistics{terms: map[uint64]termStats{}, weak: l.weakHashes}
	s.finish(l)
	near := func(a, b string) float64 {
		x := l.topicsOfConcepts(s, l.conceptsIn(l.analyzer.Tokens(a)), nil)
		y := l.topicsOfConcepts(s, l.conceptsIn(l.analyzer.Tokens(b)), nil)
		return x.cosine(&y)
	}
	if n := near("Are leavers' accounts disabled?", "Is access recertified every quarter?"); n < 0.2 {
		t.Errorf("offboarding and access review: %.2f", n)
	}
	if n := near("Are leavers' accounts disabled?", "Is there a fire suppression system?"); n != 0 {
		t.Errorf("offboarding and fire: %.2f", n)
	}
	if n := near("Good morning", "Is there a fire suppression system?"); n != 0 {
		t.Errorf("no concept at all: %.2f", n)
	}
}
