package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestShippedLexiconDoesNotContradictItself looks for what ParseLexicon lets
// pass, since a workspace may mean it, but what is a mistake in ours.
func TestShippedLexiconDoesNotContradictItself(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	used := map[string]bool{}
	for _, p := range contradictions(l) {
		_, what, _ := strings.Cut(p, ": ")
		if used[what] = true; !meant[what] {
			t.Error(p)
		}
	}
	for what := range meant {
		if !used[what] {
			t.Errorf("not so any more, take it from the list: %s", what)
		}
	}
}

// meant are the phrases that two of our concepts have on purpose, strict in
// one and loose in the other: the narrow thing is the wide thing as well.
var meant = map[string]bool{
	`"dual control" is "~dual control" in concept "segregation"`:                 true,
	`"four eyes" is "~four eyes" in concept "segregation"`:                       true,
	`"four-eyes" is "~four eyes" in concept "segregation"`:                       true,
	`"disk encryption" is "~encrypt disk" in concept "encryption-rest"`:          true,
	`"risk assessment" is "~risk assessment" in concept "risk-management"`:       true,
	`"assess risk" is "~risk assessment" in concept "risk-management"`:           true,
	`"power cable" is "~cable power" in concept "environmental"`:                 true,
	`"log in as the customer" is "~customer login" in concept "customer-access"`: true,

	// Not on purpose: "manager" and "management" have one stem.
	`"password manager" is "~password management" in concept "password-rules"`: true,
}

// TestContradictionsAreFound: the check above can fail.
func TestContradictionsAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"strict and loose in two concepts":   {"[concepts]\na: one two; x\nb: ~two one; y", `"~two one"`},
		"a single phrase":                    {"[concepts]\na: alpha; alphas", "single phrase"},
		"strict and loose on two sides":      {"[opposites]\na: one two | ~two one", "other side"},
		"a join that is never made":          {"[joins]\na: one two three", "never"},
		"an acronym that is never one token": {"[acronyms]\nTWO WORDS", "acronym"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := ParseLexicon(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := contradictions(l); !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("got %v, want one with %q", got, c.want)
			}
		})
	}
}

// contradictions lists what cannot be meant in a lexicon.
func contradictions(l *Lexicon) []string {
	var out []string
	found := func(ln lexLine, format string, args ...any) {
		out = append(out, fmt.Sprintf("line %d: %s", ln.number, fmt.Sprintf(format, args...)))
	}
	type place struct {
		ln    lexLine
		side  int
		loose bool
		text  string
	}
	seen := map[string][]place{} // by the words, whatever their order
	for _, ln := range l.lines {
		switch ln.kind() {
		case "concepts", "opposites", "contrasts":
			for i, s := range strings.Split(ln.body, "|") {
				for _, p := range phrasesOf(s) {
					tokens, loose := l.phrase(p)
					table := "sides"
					if ln.kind() == "concepts" {
						table = "concepts"
					}
					key := table + phraseKey(tokens, true)
					for _, o := range seen[key] {
						if o.loose == loose || o.ln.number == ln.number && o.side == i {
							continue
						}
						if table == "sides" {
							found(ln, "%q is %q on the other side, or on line %d", p, o.text, o.ln.number)
						} else {
							found(ln, "%q is %q in concept %q", p, o.text, o.ln.name)
						}
					}
					seen[key] = append(seen[key], place{ln, i, loose, p})
				}
			}
		case "joins":
			want := l.analyzer.Tokens(ln.name)
			for _, p := range phrasesOf(ln.body) {
				if got := l.analyzer.Tokens(p); len(want) != 1 || !slices.Equal(got, want) {
					found(ln, "%q gives the tokens %q and never the join's %q", p, got, want)
				}
			}
		case "acronyms":
			for _, p := range phrasesOf(ln.body) {
				if got := l.analyzer.Tokens(p); len(got) > 1 || strings.Contains(p, " ") {
					found(ln, "%q is no acronym: it gives the tokens %q", p, got)
				}
			}
		}
	}
	for _, c := range l.concepts {
		if len(c.phrases) == 1 {
			out = append(out, fmt.Sprintf("concept %q has a single phrase: it finds what the words find themselves", c.name))
		}
	}
	return out
}

// TestWordsOfOneConceptInPhrasesOfAnother reports, with -v, the phrases that
// have a word which is a whole phrase of another concept. Most are meant (a
// "backup generator" is power, and a backup all the same to the words), so
// nothing is forbidden; their number is watched, so that a change that makes
// many of them is looked at.
func TestWordsOfOneConceptInPhrasesOfAnother(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	word := map[string]int{}
	for i, c := range l.concepts {
		for _, p := range c.phrases {
			if len(p) == 1 {
				word[p[0]] = i
			}
		}
	}
	pairs := map[[2]string][]string{}
	n := 0
	for i, c := range l.concepts {
		for _, p := range c.phrases {
			for _, tok := range p {
				if o, ok := word[tok]; ok && o != i && len(p) > 1 {
					k := [2]string{c.name, l.concepts[o].name}
					pairs[k] = append(pairs[k], strings.Join(p, " "))
					n++
				}
			}
		}
	}
	var lines []string
	for k, phrases := range pairs {
		lines = append(lines, fmt.Sprintf("%s also finds %s: %s", k[0], k[1], strings.Join(phrases, "; ")))
	}
	slices.Sort(lines)
	t.Logf("%d phrases in %d pairs of concepts\n%s", n, len(pairs), strings.Join(lines, "\n"))
	const watched = 0.4 // of all phrases
	total := 0
	for _, c := range l.concepts {
		total += len(c.phrases)
	}
	if share := float64(n) / float64(total); share > watched {
		t.Errorf("%.0f %% of the phrases have a word of another concept, more than %.0f %%", 100*share, 100*watched)
	}
}
