package index

import (
	"fmt"
	"slices"
	"strings"

	"vouch/engine"
)

// LexiconLine is one line of a lexicon, for people.
type LexiconLine struct {
	Section string            `json:"section"`
	Name    string            `json:"name,omitempty"`
	Sides   [][]LexiconPhrase `json:"sides"` // one, but of an opposite or a contrast
}

// LexiconPhrase is one phrase as it is written.
type LexiconPhrase struct {
	Text string `json:"text"`
	Own  bool   `json:"own,omitempty"` // the workspace added it
}

// Lines returns what the lexicon holds, in its order; what a workspace added
// to a shipped line is in that line.
func (l *Lexicon) Lines() []LexiconLine {
	return linesOf(slices.DeleteFunc(slices.Clone(l.lines), func(ln lexLine) bool { return ln.removes }))
}

// OverlayLines returns what an overlay holds; a phrase that it takes away
// begins with "-".
func OverlayLines(text string) []LexiconLine {
	lines, _ := overlayLines("concepts", text)
	for i := range lines {
		if lines[i].removes {
			lines[i].body = "-" + lines[i].body
		}
	}
	return linesOf(lines)
}

func linesOf(lines []lexLine) []LexiconLine {
	var out []LexiconLine
	at := map[string]int{}
	for _, ln := range lines {
		key := ln.section + "\x00" + ln.name
		i, ok := at[key]
		if !ok {
			i, at[key] = len(out), len(out)
			out = append(out, LexiconLine{Section: ln.section, Name: ln.name})
		}
		for k, side := range strings.Split(ln.body, "|") {
			k += ln.side
			for len(out[i].Sides) <= max(k, ln.sides-1) {
				out[i].Sides = append(out[i].Sides, nil)
			}
			for _, p := range phrasesOf(side) {
				out[i].Sides[k] = append(out[i].Sides[k], LexiconPhrase{p, ln.own})
			}
		}
	}
	return out
}

// TextReading is what a lexicon makes of a text.
type TextReading struct {
	Tokens     []string       `json:"tokens"`
	Concepts   []FoundConcept `json:"concepts"`
	Sides      []FoundSide    `json:"sides"`
	Turns      int            `json:"turns"` // how often negations and adverse phrases turn it around
	Times      []string       `json:"times"`
	Quantities []string       `json:"quantities"`
	Standards  []string       `json:"standards"`
}

// FoundConcept is a concept that a text speaks of, and the phrases it was
// found by.
type FoundConcept struct {
	Name string          `json:"name"`
	By   []LexiconPhrase `json:"by"`
}

// FoundSide is a side that a text takes in an opposite or a contrast.
type FoundSide struct {
	Section string `json:"section"`
	Name    string `json:"name"`
	Side    string `json:"side"` // its first phrase
}

// Read returns what the lexicon makes of a question, or of any text.
func (l *Lexicon) Read(text string) TextReading {
	a := l.analyse(fields{head: text})
	f := &a.doc.facts
	r := TextReading{Tokens: a.head, Turns: f.turns}
	for _, c := range a.doc.concepts {
		name := l.concepts[c].name
		r.Concepts = append(r.Concepts, FoundConcept{name, l.foundBy(name, a.head)})
	}
	for _, s := range f.sides {
		for _, o := range l.allSides {
			if o.group == int(s.group) && s.mask&(1<<o.number) != 0 {
				r.Sides = append(r.Sides, FoundSide{o.section(), o.line, o.name})
			}
		}
	}
	for _, t := range f.times {
		words := t.words
		if t.atLeast {
			words = "at least " + words
		}
		r.Times = append(r.Times, words)
	}
	for _, q := range f.quantities {
		r.Quantities = append(r.Quantities, fmt.Sprintf("%g %s", q.value, q.unit))
	}
	for _, s := range f.standards {
		r.Standards = append(r.Standards, s.label())
	}
	return r
}

// foundBy returns the phrases of a concept that stand in tokens.
func (l *Lexicon) foundBy(name string, tokens []string) []LexiconPhrase {
	var t phraseTable
	t.init()
	var phrases []LexiconPhrase
	for _, ln := range l.lines {
		if ln.kind() != "concepts" || ln.name != name || ln.removes {
			continue
		}
		for _, p := range phrasesOf(ln.body) {
			if words, loose := l.phrase(p); len(words) > 0 {
				if _, ok := t.add(words, loose, len(phrases)); ok {
					phrases = append(phrases, LexiconPhrase{p, ln.own})
				}
			}
		}
	}
	var hits []int
	t.find(tokens, func(id int) { hits = append(hits, id) })
	slices.Sort(hits)
	var by []LexiconPhrase
	for _, id := range slices.Compact(hits) {
		by = append(by, phrases[id])
	}
	return by
}

// TextComparison is what two texts share, and what speaks against answering
// the first with the answer to the second.
type TextComparison struct {
	Tokens     []string `json:"tokens"`      // in both
	Concepts   []string `json:"concepts"`    // in both
	OnlyFirst  []string `json:"only_first"`  // concepts
	OnlySecond []string `json:"only_second"` // concepts
	Against    []string `json:"against"`     // in words for a reviewer
	Exact      bool     `json:"exact"`       // they are the same, word for word
}

// Compare compares two texts as a question is compared with one that was
// asked before.
func (l *Lexicon) Compare(first, second string) TextComparison {
	a, b := l.analyse(fields{head: first}), l.analyse(fields{head: second})
	c := TextComparison{Exact: engine.FoldWords(first) == engine.FoldWords(second)}
	for _, t := range a.head {
		if slices.Contains(b.head, t) && !slices.Contains(c.Tokens, t) {
			c.Tokens = append(c.Tokens, t)
		}
	}
	for _, n := range a.doc.concepts {
		if hasConcept(b.doc.concepts, n) {
			c.Concepts = append(c.Concepts, l.concepts[n].name)
		} else {
			c.OnlyFirst = append(c.OnlyFirst, l.concepts[n].name)
		}
	}
	for _, n := range b.doc.concepts {
		if !hasConcept(a.doc.concepts, n) {
			c.OnlySecond = append(c.OnlySecond, l.concepts[n].name)
		}
	}
	if !c.Exact {
		var f features
		c.Against = l.compareFacts(&f, &query{doc: a.doc}, b.doc)
	}
	return c
}
