package index

import (
	"slices"
	"strings"
	"testing"
)

func TestDefaultLexicon(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	if n := len(l.concepts); n < 140 {
		t.Errorf("%d concepts, want 140 at least", n)
	}
	for _, same := range [][]string{
		{"Do you run penetration tests?", "Is ethical hacking performed?", "Annual pen-testing"},
		{"Access is revoked on termination", "offboarding checklist", "removal of access for leavers", "de-provisioning"},
		{"MFA", "two-step verification", "multi-factor authentication", "2FA"},
		{"sub-processors", "fourth parties", "subcontractor list"},
		{"data protection officer", "DPO"},
		{"encryption at rest", "stored data is encrypted", "full-disk encryption"},
	} {
		common := l.conceptsIn(l.analyzer.Tokens(same[0]))
		for _, s := range same[1:] {
			other := l.conceptsIn(l.analyzer.Tokens(s))
			common = slices.DeleteFunc(slices.Clone(common), func(c uint16) bool { return !slices.Contains(other, c) })
		}
		if len(common) == 0 {
			t.Errorf("%q have no concept in common", same)
		}
	}
}

func TestLexiconRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"PhraseInTwoConcepts":    {"[concepts]\na: pen test; x\nb: pen-tests", `line 3: "pen-tests" is in concept "a" already`},
		"LooseAnyOrder":          {"[concepts]\na: ~one two\nb: ~two one", "already"},
		"ConceptTwice":           {"[concepts]\na: x\na: y", `line 3: "a" is on line 2 already`},
		"NoName":                 {"[concepts]\nx; y", "want name: phrase; phrase"},
		"OnlyStopWords":          {"[concepts]\na: of the", "no words to find it by"},
		"UnknownSection":         {"[things]\na: b", "no section [things]"},
		"SpellingJoinedTwice":    {"[joins]\nab: a b\ncd: a b", "joined to"},
		"OneSide":                {"[opposites]\na: x", "sides parted by"},
		"PhraseOnBothSides":      {"[opposites]\na: x | x", "is on side"},
		"SideWithoutPhrases":     {"[contrasts]\na: x | ", "a side has no phrases"},
		"ThreeSidesOfAnOpposite": {"[opposites]\na: x | y | z", "two of an opposite"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseLexicon(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
