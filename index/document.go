package index

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"vouch/engine"
)

// document is an analysed entry, control or query: everything the re-ranker
// compares. It holds hashes and numbers only, no text. About 2 KB.
type document struct {
	lex     *Lexicon // that numbers its concepts and sides
	kind    engine.PassageKind
	version int
	key     uint64 // hash of the folded question; 0 for a control
	verdict engine.Verdict

	language language
	shown    bool // the text shows its language; else it may be any

	ref      uint64   // hash of a control's key; 0 for an entry
	criteria []uint64 // hashes of the criteria a control meets

	terms   []termCount // sorted by hash
	headLen float64     // tokens of the question; of title and description for a control
	bodyLen float64     // tokens of the answer text
	secLen  float64     // tokens of section or domain, and tags

	grams    []gram // sorted by hash
	gramNorm float64

	concepts     []uint16 // of the head, sorted
	bodyConcepts []uint16 // of the body, sorted
	secConcepts  []uint16 // of the section, sorted

	facts     facts // of the head
	bodyFacts facts
}

// termCount is how often a term stands in each field, saturated at 255.
type termCount struct {
	hash            uint64
	head, body, sec uint8
}

// gram is how often three letters stand in the head.
type gram struct {
	hash  uint32
	count float32
}

// fields are the texts of one document, by what they are to the re-ranker.
type fields struct{ head, body, section string }

func entryFields(e *engine.Entry) fields {
	return fields{e.Question, joinTexts(e.Answer, e.Text), joinTexts(append([]string{e.Section}, e.Tags...)...)}
}

func controlFields(c *engine.Control) fields {
	return fields{joinTexts(c.Title, c.Description), c.Frequency, c.Domain}
}

func joinTexts(parts ...string) string {
	return strings.TrimSpace(strings.Join(parts, " . "))
}

// analysed is a document together with its tokens, which the index needs and
// the re-ranker does not.
type analysed struct {
	doc                 *document
	head, body, section []string // in order
}

// terms returns the distinct tokens of all fields.
func (a *analysed) terms() []string {
	all := slices.Concat(a.head, a.body, a.section)
	slices.Sort(all)
	return slices.Compact(all)
}

// analyseEntry analyses e.
func (l *Lexicon) analyseEntry(e *engine.Entry) analysed {
	a := l.analyse(entryFields(e))
	a.doc.kind, a.doc.version, a.doc.verdict = engine.PassageEntry, e.Version, e.Verdict
	a.doc.key = hash64(engine.FoldWords(e.Question))
	return a
}

// analyseControl analyses c.
func (l *Lexicon) analyseControl(c *engine.Control) analysed {
	a := l.analyse(controlFields(c))
	a.doc.kind, a.doc.version, a.doc.ref = engine.PassageControl, c.Version, hash64(engine.ControlKey(c.Ref))
	for _, cr := range c.Criteria {
		a.doc.criteria = append(a.doc.criteria, hash64(engine.ControlKey(cr)))
	}
	return a
}

// analyse analyses a text in the language that it shows, else in English.
func (l *Lexicon) analyse(f fields) analysed { return l.analyseAs(f, english_) }

// analyseAs takes another language for a text that shows none.
func (l *Lexicon) analyseAs(f fields, otherwise language) analysed {
	lang, shown := l.analyzer.languageOf(f.head + " " + f.body)
	if !shown {
		lang = otherwise
	}
	head, body, sec := l.analyzer.tokensIn(lang, f.head), l.analyzer.tokensIn(lang, f.body), l.analyzer.tokensIn(lang, f.section)
	d := &document{language: lang, shown: shown, lex: l, headLen: float64(len(head)), bodyLen: float64(len(body)), secLen: float64(len(sec))}
	d.terms = countTerms(head, body, sec)
	d.grams, d.gramNorm = trigrams(engine.FoldWords(f.head))
	d.concepts = l.conceptsIn(head)
	d.bodyConcepts = l.conceptsIn(body)
	d.secConcepts = l.conceptsIn(sec)
	d.facts = l.factsIn(f.head, head)
	d.bodyFacts = l.factsIn(f.body, body)
	return analysed{doc: d, head: head, body: body, section: sec}
}

// countTerms counts the tokens of the three fields.
func countTerms(head, body, section []string) []termCount {
	all := make([]termCount, 0, len(head)+len(body)+len(section))
	for _, t := range head {
		all = append(all, termCount{hash: hash64(t), head: 1})
	}
	for _, t := range body {
		all = append(all, termCount{hash: hash64(t), body: 1})
	}
	for _, t := range section {
		all = append(all, termCount{hash: hash64(t), sec: 1})
	}
	slices.SortFunc(all, func(a, b termCount) int { return cmp.Compare(a.hash, b.hash) })
	out := all[:0]
	for _, t := range all {
		if n := len(out); n > 0 && out[n-1].hash == t.hash {
			out[n-1].head = addSaturated(out[n-1].head, t.head)
			out[n-1].body = addSaturated(out[n-1].body, t.body)
			out[n-1].sec = addSaturated(out[n-1].sec, t.sec)
			continue
		}
		out = append(out, t)
	}
	return slices.Clone(out)
}

func addSaturated(a, b uint8) uint8 {
	if a > math.MaxUint8-b {
		return math.MaxUint8
	}
	return a + b
}

// conceptsIn returns the numbers of the concepts in tokens, sorted.
func (l *Lexicon) conceptsIn(tokens []string) []uint16 {
	var ids []uint16
	l.phrases.find(tokens, func(id int) { ids = append(ids, uint16(id)) })
	slices.Sort(ids)
	return slices.Clip(slices.Compact(ids))
}

// trigrams returns how often each three runes follow each other in s, with a
// blank at either end, and the Euclidean norm of the counts.
func trigrams(s string) ([]gram, float64) {
	if s == "" {
		return nil, 0
	}
	r := []rune(" " + s + " ")
	hashes := make([]uint32, 0, len(r))
	for i := 0; i+3 <= len(r); i++ {
		h := uint64(fnvOffset)
		for _, c := range r[i : i+3] {
			h = (h ^ uint64(c)) * fnvPrime
		}
		hashes = append(hashes, uint32(h^h>>32))
	}
	slices.Sort(hashes)
	var grams []gram
	for _, h := range hashes {
		if n := len(grams); n > 0 && grams[n-1].hash == h {
			grams[n-1].count++
			continue
		}
		grams = append(grams, gram{h, 1})
	}
	sum := 0.0
	for _, g := range grams {
		sum += float64(g.count) * float64(g.count)
	}
	return slices.Clip(grams), math.Sqrt(sum)
}

// FNV-1a, 64 bits: the same on every machine, so that ties break alike.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hash64(s string) uint64 {
	h := uint64(fnvOffset)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}
