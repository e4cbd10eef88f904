package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

// Limits of an overlay. Concepts and sides are numbered in 16 bits.
const (
	maxOverlayPhrases = 20_000
	maxPhraseChars    = 200
)

// overlayPart is what a line of an overlay is besides: one phrase, and where
// it goes.
type overlayPart struct {
	own     bool // it is of an overlay
	added   bool // it is being added to the overlay
	removes bool // its phrase is taken away from the shipped line
	side    int  // of an opposite or contrast: which side the phrase is on
	sides   int  // how many there are
	partly  bool // some of them are empty
}

// OverlayError says what of an overlay does not fit, for whoever wrote it.
type OverlayError struct {
	Line int    // in the overlay, from 1
	Text string // one sentence; it quotes the line, so it is never logged

	added bool
}

// Error returns the sentence with its line.
func (p OverlayError) Error() string { return fmt.Sprintf("line %d: %s", p.Line, p.Text) }

// overlay is a lexicon's overlay being laid over it.
type overlay struct {
	shipped  *Lexicon
	lex      *Lexicon
	problems []OverlayError

	concepts map[string]int    // number by name
	groups   map[string][]int  // ids of the sides, by section and name
	places   map[string]string // where a phrase stands, by section and key
}

// Overlay returns the lexicon with a workspace's own lines laid over it, and
// what of them does not fit: that is left out, the rest is in. The text has
// the format of lexicon.txt; lines before the first section are concepts. A
// line with the name of a line that is there adds its phrases to it; a
// phrase that begins with "-" is taken away from the shipped line. A side of
// an opposite or contrast may be empty when the line adds to the other only.
//
// What does not fit is a phrase that another concept or side has already, a
// join that is joined to something else, and a spelling that would make two
// phrases of the shipped lexicon the same.
func (l *Lexicon) Overlay(text string) (*Lexicon, []OverlayError) {
	lines, problems := overlayLines("concepts", text)
	lex, more := l.lay(lines)
	return lex, inOrderOfLines(append(problems, more...))
}

// lay lays lines, each with one phrase, over l.
func (l *Lexicon) lay(lines []lexLine) (*Lexicon, []OverlayError) {
	o := &overlay{shipped: l, concepts: map[string]int{}, groups: map[string][]int{}, places: map[string]string{}}
	shipped := o.without(lines)
	fitting := o.fitting(shipped, nil, lines)
	var err error
	if o.lex, err = lexiconOf(l.text, shipped, fitting); err != nil { // fitting has seen to it
		return l, append(o.problems, OverlayError{Text: err.Error()})
	}
	o.register()
	for _, ln := range fitting {
		if err := o.add(ln); err != nil {
			o.problem(ln, "%s", err)
			continue
		}
		o.lex.lines = append(o.lex.lines, ln)
	}
	return o.lex, o.problems
}

func inOrderOfLines(problems []OverlayError) []OverlayError {
	slices.SortStableFunc(problems, func(a, b OverlayError) int { return cmp.Compare(a.Line, b.Line) })
	return problems
}

func (o *overlay) problem(ln lexLine, format string, args ...any) {
	o.problems = append(o.problems, OverlayError{ln.number, fmt.Sprintf(format, args...), ln.added})
}

// without returns the shipped lines without the phrases that the overlay
// takes away. A line that keeps none is gone, but for a concept, which topics
// may name.
func (o *overlay) without(overlay []lexLine) []lexLine {
	lines := slices.Clone(o.shipped.lines)
	for _, ln := range overlay {
		if !ln.removes {
			continue
		}
		found := false
		for i := range lines {
			if lines[i].kind() == ln.section && lines[i].name == ln.name {
				var gone bool
				lines[i].body, gone = withoutPhrase(lines[i].body, ln.body)
				found = found || gone
			}
		}
		if !found {
			o.problem(ln, "the shipped lexicon has no phrase %q in %q to take away", ln.body, cmp.Or(ln.name, ln.section))
		}
	}
	return slices.DeleteFunc(lines, func(ln lexLine) bool { return ln.section != "concepts" && strings.Trim(ln.body, " |;") == "" })
}

// withoutPhrase returns body without a phrase. An opposite or contrast that
// loses a whole side is gone.
func withoutPhrase(body, phrase string) (string, bool) {
	sides, found := strings.Split(body, "|"), false
	for i, s := range sides {
		phrases := phrasesOf(s)
		kept := slices.DeleteFunc(slices.Clone(phrases), func(p string) bool { return samePhrase(p, phrase) })
		if len(kept) == len(phrases) {
			continue
		}
		found = true
		if len(kept) == 0 {
			return "", true
		}
		sides[i] = strings.Join(kept, "; ")
	}
	return strings.Join(sides, " | "), found
}

// samePhrase reports whether two phrases are written alike: case and hyphens
// do not count.
func samePhrase(a, b string) bool {
	return strings.HasPrefix(a, "~") == strings.HasPrefix(b, "~") && engine.FoldWords(a) == engine.FoldWords(b)
}

// fitting returns the lines whose spelling fits the shipped lexicon together
// with that of the lines before. It halves until it knows which do not.
func (o *overlay) fitting(shipped, before, lines []lexLine) []lexLine {
	if len(lines) == 0 {
		return nil
	}
	_, err := lexiconOf("", shipped, slices.Concat(before, lines))
	switch {
	case err == nil:
		return lines
	case len(lines) == 1:
		o.problem(lines[0], "%s", misspelt(lines[0], slices.Concat(shipped, before), err))
		return nil
	}
	half := len(lines) / 2
	first := o.fitting(shipped, before, lines[:half])
	return slices.Concat(first, o.fitting(shipped, slices.Concat(before, first), lines[half:]))
}

// misspelt says why the spelling of a line does not fit the others.
func misspelt(ln lexLine, others []lexLine, err error) string {
	for _, x := range others {
		if ln.section != "joins" || x.section != "joins" || x.name == ln.name || x.removes {
			continue
		}
		for _, p := range phrasesOf(x.body) {
			if strings.EqualFold(p, ln.body) {
				return fmt.Sprintf("%q is in %s already; take it away there first", ln.body, x.place())
			}
		}
	}
	return fmt.Sprintf("%q would make two different phrases of the shipped lexicon the same: %s", ln.body, err)
}

// kind is the section without the language that may follow it.
func (ln lexLine) kind() string {
	kind, _, _ := strings.Cut(ln.section, " ")
	return kind
}

// register notes where the phrases of the lexicon stand.
func (o *overlay) register() {
	for i, c := range o.lex.concepts {
		o.concepts[c.name] = i
	}
	for i, s := range o.lex.allSides {
		o.groups[s.section()+s.line] = append(o.groups[s.section()+s.line], i)
	}
	for _, ln := range o.lex.lines {
		switch ln.kind() {
		case "concepts":
			o.note("concepts", ln, phrasesOf(ln.body))
		case "opposites", "contrasts":
			o.note("sides", ln, phrasesOf(strings.ReplaceAll(ln.body, "|", ";")))
		}
	}
}

// section returns the section that a side's line stands in.
func (s side) section() string {
	if s.opposite {
		return "opposites"
	}
	return "contrasts"
}

func (o *overlay) note(table string, ln lexLine, phrases []string) {
	for _, p := range phrases {
		tokens, loose := o.lex.phrase(p)
		key := table + phraseKey(tokens, loose)
		if _, ok := o.places[key]; !ok {
			o.places[key] = ln.place()
		}
	}
}

// place says where a line is, for people.
func (ln lexLine) place() string {
	what := map[string]string{"concepts": "concept", "joins": "join", "acronyms": "list of acronyms", "weak": "list of weak words", "opposites": "opposite", "contrasts": "contrast"}[ln.kind()]
	if ln.name != "" {
		what += fmt.Sprintf(" %q", ln.name)
	}
	switch {
	case ln.added:
		return fmt.Sprintf("%s (line %d of what is added)", what, ln.number)
	case ln.own:
		return fmt.Sprintf("%s (line %d of your own lexicon)", what, ln.number)
	}
	return fmt.Sprintf("%s (line %d of the shipped lexicon)", what, ln.number)
}

// add takes one line of the overlay, which has one phrase, into the lexicon.
func (o *overlay) add(ln lexLine) error {
	if ln.removes {
		return nil // it is gone already
	}
	tokens, loose := o.lex.phrase(ln.body)
	if len(tokens) == 0 {
		return fmt.Errorf("%q has no words to find it by", ln.body)
	}
	switch ln.section {
	case "joins":
		return o.checkJoin(ln, tokens)
	case "weak":
		for _, t := range tokens {
			o.lex.weakHashes[hash64(t)] = true
		}
	case "concepts":
		return o.addConcept(ln, tokens, loose)
	case "opposites", "contrasts":
		return o.addSide(ln, tokens, loose)
	}
	return nil
}

// checkJoin refuses a join that no text would ever give.
func (o *overlay) checkJoin(ln lexLine, tokens []string) error {
	want := o.lex.analyzer.Tokens(ln.name)
	if len(want) == 1 && len(tokens) == 1 && want[0] == tokens[0] {
		return nil
	}
	return fmt.Errorf("%q is not read as one or two words, so it cannot be joined to %q; make it a phrase of a concept", ln.body, ln.name)
}

func (o *overlay) addConcept(ln lexLine, tokens []string, loose bool) error {
	l := o.lex
	n, known := o.concepts[ln.name]
	if !known {
		n = len(l.concepts)
	}
	for _, key := range likeKeys(tokens, loose) {
		if old, ok := l.phrases.seen[key]; ok && old != n {
			return fmt.Errorf("%q is in %s already; %s", ln.body, o.places["concepts"+key], adviceFor(l.concepts[old].name, ln.name))
		}
	}
	if !known {
		o.concepts[ln.name] = n
		l.concepts = append(l.concepts, concept{name: ln.name})
		l.topicsOf = append(l.topicsOf, nil)
	}
	if _, ok := l.phrases.add(tokens, loose, n); ok {
		l.concepts[n].phrases = append(slices.Clip(l.concepts[n].phrases), tokens)
		if !loose {
			l.concepts[n].strict = append(slices.Clip(l.concepts[n].strict), tokens)
		}
		o.note("concepts", ln, []string{ln.body})
	}
	return nil
}

// likeKeys returns the keys that a phrase may not share with another concept:
// its own, and that of the same words in the same order loose or strict.
func likeKeys(tokens []string, loose bool) []string {
	return []string{phraseKey(tokens, loose), phraseKey(tokens, !loose)}
}

func adviceFor(has, wants string) string {
	return fmt.Sprintf("if %q is another word for it, add %q; to move it, take it away there first", wants, has+": "+wants)
}

func (o *overlay) addSide(ln lexLine, tokens []string, loose bool) error {
	l := o.lex
	ids := o.groups[ln.section+ln.name]
	if ids == nil {
		return o.newGroup(ln, tokens, loose)
	}
	if ln.side >= len(ids) {
		return fmt.Errorf("%q has %d sides; write the phrases on one of them", ln.name, len(ids))
	}
	for _, key := range likeKeys(tokens, loose) {
		if old, ok := l.sides.seen[key]; ok && old != ids[ln.side] {
			return fmt.Errorf("%q is in %s already, on the side of %q", ln.body, o.places["sides"+key], l.allSides[old].name)
		}
	}
	if _, ok := l.sides.add(tokens, loose, ids[ln.side]); ok {
		o.note("sides", ln, []string{ln.body})
	}
	if s := &l.allSides[ids[ln.side]]; s.name == "" {
		s.name = strings.TrimPrefix(ln.body, "~")
	}
	return nil
}

// newGroup makes the sides of an opposite or contrast that is not there yet,
// as many as its line has.
func (o *overlay) newGroup(ln lexLine, tokens []string, loose bool) error {
	if ln.partly {
		return fmt.Errorf("a side of %q has no phrases; a new line needs some on every side", ln.name)
	}
	l := o.lex
	for i := range ln.sides {
		o.groups[ln.section+ln.name] = append(o.groups[ln.section+ln.name], len(l.allSides))
		l.allSides = append(l.allSides, side{group: l.groups, number: uint8(i), opposite: ln.section == "opposites", line: ln.name})
	}
	l.groups++
	return o.addSide(ln, tokens, loose)
}

// overlayLines reads an overlay: one line for each phrase, and what cannot be
// read. Lines before the first head stand in the section given.
func overlayLines(section, text string) (lines []lexLine, problems []OverlayError) {
	for i, s := range strings.Split(text, "\n") {
		s = strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))
		if s == "" || s[0] == '#' {
			continue
		}
		refuse := func(format string, args ...any) {
			problems = append(problems, OverlayError{Line: i + 1, Text: fmt.Sprintf(format, args...)})
		}
		if s[0] == '[' {
			section = strings.TrimSpace(strings.Trim(s, "[]"))
			if !slices.Contains(LexiconSections(), section) {
				refuse("there is no section [%s]; the sections are %s", section, strings.Join(LexiconSections(), ", "))
				section = ""
			}
			continue
		}
		if section == "" {
			continue // said once, at its head
		}
		more, err := overlayLine(section, s)
		if err == nil && len(lines)+len(more) > maxOverlayPhrases {
			err = fmt.Errorf("this is more than %d phrases; keep the words of your company in the lexicon and nothing else", maxOverlayPhrases)
		}
		if err != nil {
			refuse("%s", err)
			continue
		}
		for k := range more {
			more[k].number = i + 1
		}
		lines = append(lines, more...)
	}
	return lines, problems
}

// LexiconSections lists the sections of a lexicon that an overlay may have.
func LexiconSections() []string {
	return []string{"concepts", "joins", "acronyms", "weak", "opposites", "contrasts"}
}

// overlayLine reads one line: a line for each of its phrases.
func overlayLine(section, s string) ([]lexLine, error) {
	ln := lexLine{section: section, body: s, overlayPart: overlayPart{own: true}}
	if section != "acronyms" && section != "weak" {
		name, body, ok := strings.Cut(s, ":")
		ln.name, ln.body = strings.ToLower(engine.CleanText(name)), body
		switch {
		case !ok || ln.name == "":
			return nil, fmt.Errorf("want a name, a colon and phrases: %s", formOf[section])
		case utf8.RuneCountInString(ln.name) > maxPhraseChars || strings.ContainsAny(ln.name, ";|~"):
			return nil, fmt.Errorf("the name before the colon is not one; write it as in %s", formOf[section])
		}
	}
	parts := strings.Split(ln.body, "|")
	if ln.sides = len(parts); ln.sides > 1 && section != "opposites" && section != "contrasts" {
		return nil, fmt.Errorf("only opposites and contrasts have sides parted by |; phrases are parted by ;")
	}
	if section == "opposites" && ln.sides != 2 || section == "contrasts" && (ln.sides < 2 || ln.sides > 8) {
		return nil, fmt.Errorf("want sides parted by |, two of an opposite, two to eight of a contrast: %s", formOf[section])
	}
	var lines []lexLine
	ln.partly = slices.ContainsFunc(parts, func(p string) bool { return len(phrasesOf(p)) == 0 })
	for i, part := range parts {
		for _, p := range phrasesOf(part) {
			x := ln
			x.side = i
			x.body, x.removes = strings.CutPrefix(p, "-")
			x.body = strings.TrimSpace(x.body)
			if err := checkPhrase(x.body); err != nil {
				return nil, err
			}
			lines = append(lines, x)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("there are no phrases; write them as in %s", formOf[section])
	}
	return lines, nil
}

// formOf shows what a line of each section looks like.
var formOf = map[string]string{
	"concepts":  `"waf: Fortress; Fortress Edge"`,
	"joins":     `"backup: back up; back ups"`,
	"acronyms":  `"ACME; XDR"`,
	"weak":      `"please; kindly"`,
	"opposites": `"open: open | closed; shut"`,
	"contrasts": `"region: Europe; EU | America; US"`,
}

func checkPhrase(p string) error {
	switch {
	case engine.FoldWords(p) == "":
		return fmt.Errorf("%q has no words", p)
	case utf8.RuneCountInString(p) > maxPhraseChars:
		return fmt.Errorf("a phrase has at most %d characters", maxPhraseChars)
	case strings.ContainsFunc(p, unicode.IsControl) || strings.ContainsAny(p[1:], "~"):
		return fmt.Errorf("%q holds a character that no phrase has", p)
	}
	return nil
}
