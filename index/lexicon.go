package index

import (
	"bufio"
	_ "embed" // for lexicon.txt
	"fmt"
	"slices"
	"strings"
	"unicode"
)

//go:embed lexicon.txt
var lexiconText string

// Lexicon is what different people call the same thing, as data: concepts
// with their phrases, joined spellings, acronyms, weak words, opposites and
// contrasts. The head of lexicon.txt describes the format. A lexicon does not
// change once it is parsed.
type Lexicon struct {
	acronyms map[string]bool
	joins    map[string]string
	concepts []concept
	topics   int        // how many topics there are
	topicsOf [][]uint16 // the numbers of the topics by concept number, sorted

	analyzer *Analyzer
	phrases  phraseTable // of the concepts: id is the concept's number
	sides    phraseTable // of opposites and contrasts: id numbers sides
	allSides []side
	sense    phraseTable // neutral and adverse phrases: id says how they turn a question, see sense.go
	groups   int         // how many contrasts and opposites there are

	weakHashes map[uint64]bool // of the tokens of weak words
	plain      map[uint64]bool // of the words that change nothing of what is asked
	doubts     map[uint64]bool // of the words that turn a question around where only one has them
	contents   map[uint64]bool // of the verbs behind which stands what something has in it
	text       string          // what it was parsed from
	lines      []lexLine       // of that text, and then the workspace's own
}

// concept is one thing with all that it is called.
type concept struct {
	name    string
	phrases [][]string // tokens; the order means nothing where the phrase is loose
	strict  [][]string // those of them that are not loose: its synonyms
}

// side is one side of an opposite or a contrast.
type side struct {
	group    int // of all opposites, then all contrasts
	number   uint8
	opposite bool
	name     string // for people: its first phrase
	line     string // the name of the opposite or contrast
}

// DefaultLexicon returns the lexicon that vouch brings along.
func DefaultLexicon() (*Lexicon, error) { return ParseLexicon(lexiconText) }

// ParseLexicon reads a lexicon. It refuses what cannot be meant: a line
// without name or phrases, a name used twice, a phrase in two concepts or on
// two sides of one opposite; the error names the lines.
func ParseLexicon(text string) (*Lexicon, error) {
	lines, err := lexiconLines(text)
	if err != nil {
		return nil, err
	}
	return lexiconOf(text, lines, nil)
}

// lexiconOf returns the lexicon of lines. Of the lines of an overlay it takes
// the spelling, which decides over the tokens of all.
func lexiconOf(text string, lines, overlay []lexLine) (*Lexicon, error) {
	l := &Lexicon{acronyms: map[string]bool{}, joins: map[string]string{}, weakHashes: map[uint64]bool{}, plain: map[uint64]bool{}, doubts: map[uint64]bool{}, contents: map[uint64]bool{}, text: text, lines: lines}
	overlay = slices.DeleteFunc(slices.Clone(overlay), func(ln lexLine) bool { return ln.removes })
	for _, ln := range slices.Concat(lines, overlay) { // what the analyzer needs comes first
		if err := l.addSpelling(ln); err != nil {
			return nil, err
		}
	}
	l.analyzer = NewAnalyzer(l)
	l.phrases.init()
	l.sides.init()
	l.sense.init()
	names := map[string]int{}
	for _, ln := range lines {
		if err := l.addMeaning(ln, names); err != nil {
			return nil, err
		}
	}
	return l, l.addTopics(lines)
}

// lexLine is one line with what stands before and behind its colon.
type lexLine struct {
	number        int
	section, name string
	body          string

	overlayPart // of a line of an overlay
}

func lexiconLines(text string) ([]lexLine, error) {
	var lines []lexLine
	section := ""
	sc := bufio.NewScanner(strings.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		s := strings.TrimSpace(sc.Text())
		switch {
		case s == "" || s[0] == '#':
			continue
		case s[0] == '[':
			section = strings.Trim(s, "[]")
			continue
		}
		ln := lexLine{number: n, section: section, body: s}
		switch section {
		case "acronyms", "weak", "plain", "doubts", "contents":
		case "concepts", "topics", "joins", "neutral", "adverse", "opposites", "contrasts":
			name, body, ok := strings.Cut(s, ":")
			ln.name, ln.body = strings.TrimSpace(name), strings.TrimSpace(body)
			if !ok || ln.name == "" || ln.body == "" {
				return nil, fmt.Errorf("lexicon line %d: want name: phrase; phrase", n)
			}
		default:
			return nil, fmt.Errorf("lexicon line %d: there is no section [%s]", n, section)
		}
		lines = append(lines, ln)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	return lines, nil
}

func phrasesOf(body string) []string {
	var out []string
	for _, p := range strings.Split(body, ";") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// addSpelling takes from a line what decides over tokens: joins and acronyms.
func (l *Lexicon) addSpelling(ln lexLine) error {
	switch ln.section {
	case "joins":
		for _, p := range phrasesOf(ln.body) {
			p = strings.ToLower(p)
			if old, ok := l.joins[p]; ok && old != ln.name {
				return fmt.Errorf("lexicon line %d: %q is joined to %q already", ln.number, p, old)
			}
			l.joins[p] = ln.name
		}
	case "acronyms":
		for _, p := range phrasesOf(ln.body) {
			l.acronyms[lettersOnly(strings.ToLower(p))] = true
		}
	case "concepts":
		for _, p := range phrasesOf(ln.body) {
			for _, w := range strings.Fields(p) {
				if isAcronym(w) {
					l.acronyms[lettersOnly(strings.ToLower(w))] = true
				}
			}
		}
	}
	return nil
}

// isAcronym reports whether w is written as one: at least two capitals and
// not many small letters (MFA, mTLS, CI/CD), no digits.
func isAcronym(w string) bool {
	upper, lower := 0, 0
	for _, r := range w {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case unicode.IsDigit(r):
			return false
		}
	}
	return upper >= 2 && lower <= 3
}

// wordSet returns where the words of a section go that lists words, nil for
// other sections.
func (l *Lexicon) wordSet(section string) map[uint64]bool {
	switch section {
	case "doubts":
		return l.doubts
	case "plain":
		return l.plain
	case "weak":
		return l.weakHashes
	case "contents":
		return l.contents
	}
	return nil
}

// addMeaning takes from a line what needs tokens.
func (l *Lexicon) addMeaning(ln lexLine, names map[string]int) error {
	if set := l.wordSet(ln.section); set != nil {
		for _, p := range phrasesOf(ln.body) {
			for _, t := range l.analyzer.Tokens(p) {
				set[hash64(t)] = true
			}
		}
		return nil
	}
	switch ln.section {
	case "concepts", "topics", "neutral", "adverse", "opposites", "contrasts":
		if at, ok := names[ln.section+ln.name]; ok {
			return fmt.Errorf("lexicon line %d: %q is on line %d already", ln.number, ln.name, at)
		}
		names[ln.section+ln.name] = ln.number
	}
	switch ln.section {
	case "concepts":
		return l.addConcept(ln)
	case "neutral", "adverse":
		return l.addSense(ln)
	case "opposites", "contrasts":
		return l.addSides(ln)
	}
	return nil
}

func (l *Lexicon) addConcept(ln lexLine) error {
	c := concept{name: ln.name}
	for _, p := range phrasesOf(ln.body) {
		tokens, loose := l.phrase(p)
		if len(tokens) == 0 {
			return fmt.Errorf("lexicon line %d: %q has no words to find it by", ln.number, p)
		}
		old, ok := l.phrases.add(tokens, loose, len(l.concepts))
		if !ok && old != len(l.concepts) {
			return fmt.Errorf("lexicon line %d: %q is in concept %q already", ln.number, p, l.concepts[old].name)
		}
		if ok {
			c.phrases = append(c.phrases, tokens)
			if !loose {
				c.strict = append(c.strict, tokens)
			}
		}
	}
	l.concepts = append(l.concepts, c)
	return nil
}

func (l *Lexicon) addSides(ln lexLine) error {
	sides := strings.Split(ln.body, "|")
	if len(sides) < 2 || ln.section == "opposites" && len(sides) != 2 || len(sides) > 8 {
		return fmt.Errorf("lexicon line %d: want sides parted by |: two of an opposite, two to eight of a contrast", ln.number)
	}
	for i, s := range sides {
		phrases := phrasesOf(s)
		if len(phrases) == 0 {
			return fmt.Errorf("lexicon line %d: a side has no phrases", ln.number)
		}
		for _, p := range phrases {
			tokens, loose := l.phrase(p)
			if len(tokens) == 0 {
				return fmt.Errorf("lexicon line %d: %q has no words to find it by", ln.number, p)
			}
			old, ok := l.sides.add(tokens, loose, len(l.allSides))
			if !ok && old != len(l.allSides) {
				return fmt.Errorf("lexicon line %d: %q is on side %q already", ln.number, p, l.allSides[old].name)
			}
		}
		l.allSides = append(l.allSides, side{group: l.groups, number: uint8(i), opposite: ln.section == "opposites", name: strings.TrimPrefix(phrases[0], "~"), line: ln.name})
	}
	l.groups++
	return nil
}

// phrase returns the tokens of a phrase and whether their order is free.
func (l *Lexicon) phrase(p string) (tokens []string, loose bool) {
	p, loose = strings.CutPrefix(p, "~")
	return l.analyzer.Tokens(p), loose
}

// phraseTable finds phrases in tokens.
type phraseTable struct {
	byFirst map[string][]phraseAt // by first token; of a loose phrase by any
	seen    map[string]int        // phrase → id, to tell contradictions
}

type phraseAt struct {
	tokens []string
	loose  bool
	id     int
	rest   tokenSet // of the tokens after the first
}

// tokenSet is a Bloom filter of one hash over the tokens of a short text. Most
// phrases that begin with a token of the text are ruled out by it.
type tokenSet [4]uint64

func (s *tokenSet) add(token string) {
	h := hash64(token)
	h ^= h >> 32
	s[h&3] |= 1 << (h >> 2 & 63)
}

// mayHold reports whether every token of o may be in s.
func (s *tokenSet) mayHold(o *tokenSet) bool {
	return o[0]&^s[0]|o[1]&^s[1]|o[2]&^s[2]|o[3]&^s[3] == 0
}

// setOf returns the set of tokens.
func setOf(tokens []string) (s tokenSet) {
	for _, t := range tokens {
		s.add(t)
	}
	return s
}

// looseWindow is how many tokens apart the words of a loose phrase may stand,
// and strictGap how many may stand between two words of a strict one.
const (
	looseWindow = 7
	strictGap   = 1
)

func (t *phraseTable) init() {
	t.byFirst, t.seen = map[string][]phraseAt{}, map[string]int{}
}

// add adds a phrase, or returns the id that has it already.
func (t *phraseTable) add(tokens []string, loose bool, id int) (old int, ok bool) {
	key := phraseKey(tokens, loose)
	if old, dup := t.seen[key]; dup {
		return old, false
	}
	t.seen[key] = id
	t.byFirst[tokens[0]] = append(t.byFirst[tokens[0]], phraseAt{tokens, loose, id, setOf(tokens[1:])})
	return id, true
}

// phraseKey is the same for phrases that are found in the same places.
func phraseKey(tokens []string, loose bool) string {
	if !loose {
		return strings.Join(tokens, " ")
	}
	sorted := slices.Clone(tokens)
	slices.Sort(sorted)
	return "~" + strings.Join(sorted, " ")
}

// find calls hit with the id of every phrase in tokens, possibly repeatedly.
func (t *phraseTable) find(tokens []string, hit func(id int)) {
	has := setOf(tokens)
	for i, tok := range tokens {
		list := t.byFirst[tok]
		for k := range list {
			if p := &list[k]; has.mayHold(&p.rest) && p.at(tokens, i) {
				hit(p.id)
			}
		}
	}
}

// at reports whether the phrase, whose first token is tokens[i], stands there.
func (p *phraseAt) at(tokens []string, i int) bool {
	return len(p.tokens) == 1 || p.loose && near(tokens, i, p.tokens) || !p.loose && follows(tokens[i+1:], p.tokens[1:])
}

// near reports whether every token of want is within looseWindow of i.
func near(tokens []string, i int, want []string) bool {
	lo, hi := max(0, i-looseWindow), min(len(tokens), i+looseWindow+1)
next:
	for _, w := range want[1:] {
		for _, t := range tokens[lo:hi] {
			if t == w {
				continue next
			}
		}
		return false
	}
	return true
}

// follows reports whether the tokens of want come next and in order, with at
// most strictGap others before each.
func follows(tokens, want []string) bool {
	for _, w := range want {
		found := false
		for k := 0; k <= strictGap && k < len(tokens); k++ {
			if tokens[k] == w {
				tokens, found = tokens[k+1:], true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}
