package draft

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"vouch/engine"
)

// degree is how far a label says that the thing asked about is so. It is finer
// than a verdict: "largely" and "planned" are both less than yes, and neither
// may be written for the other. The values are classes of options.tsv.
type degree string

const (
	unknown  degree = "" // the label states nothing that is certain
	full     degree = "full"
	most     degree = "most"
	partly   degree = "part"
	below    degree = "below"
	underway degree = "underway"
	planned  degree = "planned"
	none     degree = "no"
	na       degree = "na"
)

// degreeOf gives verdicts their degrees.
var degreeOf = map[engine.Verdict]degree{
	engine.VerdictYes: full, engine.VerdictNo: none, engine.VerdictPartial: partly, engine.VerdictNotApplicable: na,
}

// classDegree says which degree each class of options.tsv states.
var classDegree = map[string]degree{
	"yes": full, "full": full, "most": most, "part": partly, "below": below, "underway": underway, "planned": planned, "no": none, "na": na,
}

// reading is what was understood of a label.
type reading struct {
	degree degree
	// more says that the label opens with its degree and goes on with words
	// that are not known: it claims more than the degree.
	more bool
	// cost is how much it says beside the plainest word for its degree.
	cost int
}

// states reports whether the label states a degree and nothing else.
func (r reading) states() bool { return r.degree != unknown && !r.more }

// readLabel reads the label of an option: "Partially met", "2 – Largely",
// "Yes (please explain)". A single letter is not read here, for it means
// something only among others; see [readOptions].
func readLabel(label string) reading {
	label = strings.TrimSpace(label)
	r := readClauses(label)
	if bare := stripMarker(label); bare != label && !r.states() {
		return readClauses(bare)
	}
	return r
}

// Numbers and letters that people put before or behind the words of a label.
// What follows must begin with a letter: "1-2 in place" is not number 1. Scales
// end at 10; a greater number says how much ("50 – implemented").
var (
	markerBefore = regexp.MustCompile(`^(?:(?:[\p{L} ]{0,20}\s)?(?:\d|10)\s*(?:[.:=)–—-]\s*|\s-\s)|[(\[](?:\d|10)[)\]]\s*|[(\[]?\p{L}[)\]]\s*|\p{L}(?:[.:=]\s*|\s+[–—-]\s+))(\p{L}.*)$`)
	markerBehind = regexp.MustCompile(`^(.*\p{L})\s*(?:[(\[](?:\d|10)[)\]]|=\s*(?:\d|10))$`)
)

// stripMarker returns a label without its number or letter: "1. Ja", "a) Yes",
// "(3) Fully", "Level 2 – Partially", "No (0)".
func stripMarker(label string) string {
	if m := markerBefore.FindStringSubmatchIndex(label); m != nil {
		head := strings.Fields(foldLabel(label[:m[2]]))
		if class, n := phraseAt(head); len(head) == 1 || class == "level" && n == len(head)-1 {
			return label[m[2]:m[3]]
		}
	}
	if m := markerBehind.FindStringSubmatch(label); m != nil {
		return m[1]
	}
	return label
}

// readClauses reads a label clause by clause and joins what they say.
func readClauses(label string) reading {
	if r, ok := readWhole(label); ok {
		return r
	}
	var out reading
	for i, clause := range clauses(label) {
		r, ok := readClause(clause)
		switch {
		case i > 0 && phrases[foldLabel(clause)] == "ask":
			continue
		case r.degree == unknown && ok: // it contradicts itself
			return reading{}
		case i == 0 && r.degree == unknown:
			return reading{}
		case i == 0:
			out = r
			continue
		case !ok || r.more:
			out.more = true
			continue
		}
		joined := join(out.degree, r.degree)
		if joined == unknown {
			return reading{}
		}
		out.degree, out.cost = joined, out.cost+r.cost+3
	}
	return out
}

// join returns what two clauses of one label state together: the second limits
// the first ("Yes, partially"; "No, planned") or says it again. Everything else
// contradicts.
func join(a, b degree) degree {
	switch {
	case a == b:
		return a
	case (a == full || a == none) && (b == partly || b == below || b == underway || b == planned):
		return b
	case a == full && b == most:
		return b
	}
	return unknown
}

// clauses cuts a label at its punctuation, not inside of words.
func clauses(label string) []string {
	var out []string
	from := 0
	cut := func(i, n int) {
		if s := strings.TrimSpace(label[from:i]); foldLabel(s) != "" {
			out = append(out, s)
		}
		from = i + n
	}
	for i, r := range label {
		rest := label[i+utf8.RuneLen(r):]
		apart := strings.HasSuffix(label[:i], " ") || rest == "" || unicode.IsSpace(rune(rest[0]))
		switch {
		case strings.ContainsRune(",;:()[]–—\n", r), strings.ContainsRune("-.!", r) && apart:
			cut(i, utf8.RuneLen(r))
		}
	}
	cut(len(label), 0)
	return out
}

// readWhole reads a text that is one phrase: "N/A", "Passed".
func readWhole(text string) (reading, bool) {
	if hasSign(text) {
		return reading{}, false
	}
	if class, ok := phrases[foldLabel(text)]; ok {
		if class == "status" {
			return reading{degree: full, cost: 1}, true
		}
		d, ok := classDegree[class]
		return reading{degree: d, cost: classCost(class)}, ok
	}
	return reading{}, false
}

// readPart reads what stands between joiners: a phrase, a run of phrases, else
// a word of those that imports know. What they take for partial may be a plan;
// here only the table says so.
func readPart(text string) (reading, bool) {
	if r, ok := readWhole(text); ok {
		return r, true
	}
	if hasSign(text) {
		return reading{}, false
	}
	r, ok := readWords(strings.Fields(foldLabel(text)))
	if v, known := engine.ParseVerdict(text); !ok && known && v != engine.VerdictPartial && utf8.RuneCountInString(foldLabel(text)) > 1 {
		return reading{degree: degreeOf[v], cost: 1}, true
	}
	return r, ok
}

// hasSign reports whether a text holds what changes its meaning and is lost in
// folding: "> 90", "✗", a mark for a footnote, a question mark.
func hasSign(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return strings.ContainsRune("*%#@?†‡", r) || unicode.IsSymbol(r) && !isJoiner(r)
	})
}

// isJoiner reports whether r joins alternatives.
func isJoiner(r rune) bool { return strings.ContainsRune(`/|\&+`, r) }

// readClause reads one clause; ok is false if any of it is not known. One that
// joins alternatives ("Met / In place") must say the same with each.
func readClause(clause string) (r reading, ok bool) {
	if r, ok := readWhole(clause); ok {
		return r, true
	}
	if !strings.ContainsFunc(clause, isJoiner) {
		return readPart(clause)
	}
	alternatives := strings.Split(clause, " / ")
	if len(alternatives) == 1 {
		alternatives = strings.FieldsFunc(clause, isJoiner)
	}
	for i, a := range alternatives {
		x, ok := readWhole(a)
		if !ok && !strings.ContainsFunc(a, isJoiner) {
			x, ok = readPart(a)
		}
		if !ok || i > 0 && x.degree != r.degree {
			return reading{}, true
		}
		r = reading{degree: x.degree, cost: max(r.cost, x.cost)}
	}
	return r, true
}

// readWords reads a run of phrases. ok is false if it ends in words that are
// not known; what came before is then read, and is not all that is said.
func readWords(words []string) (r reading, ok bool) {
	var degrees []degree
	var status, thing, filler bool
	for ok = true; len(words) > 0; {
		class, n := phraseAt(words)
		switch d, states := classDegree[class]; {
		case states:
			degrees = append(degrees, d)
		case class == "status":
			status = true
		case class == "thing":
			thing = true
		case class == "filler":
			filler = true
		default:
			ok = false
		}
		if !ok {
			break
		}
		r.cost += classCost(class)
		words = words[n:]
	}
	r.degree, r.more = sum(degrees, status), !ok
	if thing && len(degrees) == 0 || filler && !status {
		r.degree = unknown
	}
	return r, ok
}

// sum returns the degree that the words of one clause state together. Before a
// status "fully" gives way to what limits it; a negation of anything but a
// status ("not planned", "no non-conformity") is not understood.
func sum(degrees []degree, status bool) degree {
	out := unknown
	for _, d := range degrees {
		switch {
		case out == none && d == none: // "no non-conformity"
			return unknown
		case out == unknown, out == d, out == full && d != none && d != na:
			out = d
		case d == full && out != none && out != na:
		default:
			return unknown
		}
	}
	switch {
	case out == unknown && status:
		return full
	case out == na && status:
		return unknown
	}
	return out
}

// classCost is how much a phrase says beside the plainest word for its degree.
func classCost(class string) int {
	switch class {
	case "full", "status", "thing":
		return 1
	}
	return 0
}

// readOptions reads the labels of one cell, with a legend for those that mean
// nothing by themselves. Letters mean yes and no only beside each other, and
// other letters than Y only if each letter of the cell is known: S and N are
// sí and no, but small and not in S, M, L, N.
func readOptions(options []string, l legend) []reading {
	out := make([]reading, len(options))
	letters := map[engine.Verdict]bool{}
	strange := false
	for _, o := range options {
		if v, one := letter(o); one {
			letters[v] = true
			strange = strange || v == engine.VerdictNone
		}
	}
	for i, o := range options {
		v, one := letter(o)
		if d, ok := l[foldLabel(o)]; ok && isKey(o) {
			out[i] = reading{degree: d}
			continue
		}
		switch {
		case !one:
			out[i] = readLabel(o)
		case letters[engine.VerdictYes] && letters[engine.VerdictNo] && (!strange || hasLetter(options, "y")):
			out[i] = reading{degree: degreeOf[v], cost: 2}
		}
	}
	return out
}

// letter returns what a label of one letter may state.
func letter(label string) (v engine.Verdict, one bool) {
	folded := foldLabel(label)
	r, n := utf8.DecodeRuneInString(folded)
	if n == 0 || n != len(folded) || !unicode.IsLetter(r) || hasSign(label) {
		return engine.VerdictNone, false
	}
	v, _ = engine.ParseVerdict(folded)
	return v, true
}

func hasLetter(options []string, want string) bool {
	for _, o := range options {
		if foldLabel(o) == want {
			return true
		}
	}
	return false
}
