package draft

import (
	"fmt"
	"slices"
	"strings"

	"vouch/engine"
)

// accepted says which degrees an option may state for an entry of one degree,
// the nearest first. None of them says more than the entry does.
var accepted = map[degree][]degree{
	full:     {full},
	most:     {most, partly},
	partly:   {partly, below},
	below:    {below},
	underway: {underway},
	planned:  {planned},
	none:     {none},
	na:       {na},
}

// matchOption returns the option of a part that states the entry's answer,
// spelled as in the cell: the one that is the entry's answer word for word,
// else the plainest that states its degree. ok is false where none does, where
// several do as plainly, or where an option would say more than the entry. The
// order of the options plays no role.
func matchOption(q *engine.Question, p *engine.Part, e *engine.Entry) (option string, ok bool) {
	if o, ok := wordForWord(q, p.Options, e); ok {
		return o, true
	}
	found := plainest(p, readingsOf(q, p), degreeOfEntry(e))
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// readingsOf reads the options of a part with what stands around it.
func readingsOf(q *engine.Question, p *engine.Part) []reading {
	return readOptions(p.Options, legendOf(q.Guidance, p.Label, q.Text))
}

// wordForWord returns the option that is the entry's answer. A step of a scale
// is none, for the same number says another thing on another scale; it is where
// both questions want a number of things.
func wordForWord(q *engine.Question, options []string, e *engine.Entry) (string, bool) {
	answer := engine.CleanText(e.Answer)
	if answer == "" || isBare(answer) && (e.Verdict != engine.VerdictNone || !asksCount(q.Text) || !asksCount(e.Question)) {
		return "", false
	}
	for _, same := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		sameWords,
		func(a, b string) bool { return sameWords(stripMarker(a), b) },
	} {
		var found []string
		for _, o := range options {
			if same(engine.CleanText(o), answer) {
				found = append(found, o)
			}
		}
		if found = distinct(found); len(found) == 1 {
			return found[0], true
		}
	}
	return "", false
}

// sameWords reports whether two texts are the same but for case, blanks and
// punctuation. Where there are digits or signs, punctuation counts: "> 99" is
// not "< 99", and 1.5 is not 1-5.
func sameWords(a, b string) bool {
	if exact := func(s string) bool {
		return hasSign(s) || strings.ContainsFunc(s, isJoiner) || strings.ContainsAny(s, "0123456789")
	}; exact(a) || exact(b) {
		return strings.EqualFold(a, b) || readWholeSame(a, b)
	}
	folded := engine.FoldWords(a)
	return folded != "" && folded == engine.FoldWords(b)
}

// readWholeSame reports whether two texts are spellings of one known phrase:
// "N/A" and "n.a.".
func readWholeSame(a, b string) bool {
	_, ok := phrases[foldLabel(a)]
	return ok && !hasSign(a) && !hasSign(b) && foldLabel(a) == foldLabel(b)
}

// distinct returns the options that say different things: of those that differ
// in spelling only, the first by code points.
func distinct(options []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, o := range slices.Sorted(slices.Values(options)) {
		if key := foldLabel(o); key == "" || !seen[key] {
			seen[key] = true
			out = append(out, o)
		}
	}
	return slices.Compact(out)
}

// degreeOfEntry returns how far an entry says that the thing asked about is so:
// as far as its verdict, or less, if its own words say less. A plan counts as
// partial among verdicts; among options it is only a plan. Where verdict and
// words contradict, it says nothing that is certain.
func degreeOfEntry(e *engine.Entry) degree {
	said := readLabel(e.Answer)
	switch {
	case e.Verdict == engine.VerdictNone && said.states() && said.degree == most: // no verdict has room for it
		return most
	case e.Verdict == engine.VerdictNone:
		return unknown
	case e.Verdict == engine.VerdictPartial && e.Answer == "":
		class, _ := phraseAt(strings.Fields(foldLabel(e.Text)))
		if d := classDegree[class]; d == planned || d == underway {
			return d
		}
	case said.states() && said.degree != degreeOf[e.Verdict]:
		return lesser(e.Verdict, said.degree)
	}
	return degreeOf[e.Verdict]
}

// lesser returns the lesser claim of a verdict and of words that say another
// degree, unknown where neither contains the other.
func lesser(v engine.Verdict, said degree) degree {
	limits := said == most || said == partly || said == below || said == underway || said == planned
	switch {
	case v == engine.VerdictYes && limits:
		return said
	case v == engine.VerdictPartial && limits && said != most:
		return said
	case v == engine.VerdictPartial && said == most:
		return partly
	case v == engine.VerdictNo && (said == planned || said == underway): // there is nothing yet
		return none
	}
	return unknown
}

// plainest returns the options that state a degree most plainly, or the nearest
// one that does not say more; several if they do as plainly.
func plainest(p *engine.Part, readings []reading, want degree) []string {
	for _, d := range accepted[want] {
		var found []string
		cost := 0
		for i, r := range readings {
			if !r.states() || r.degree != d {
				continue
			}
			if len(found) == 0 || r.cost < cost {
				found, cost = nil, r.cost
			}
			if r.cost == cost {
				found = append(found, p.Options[i])
			}
		}
		if len(found) > 0 {
			return distinct(found)
		}
	}
	return nil
}

// unmatched says which options a part has and why none is taken for an entry.
// It quotes the options and nothing else.
func unmatched(q *engine.Question, p *engine.Part, e *engine.Entry) string {
	want := degreeOfEntry(e)
	readings := readingsOf(q, p)
	offers := "(" + listed(p.Options) + ")"
	if found := plainest(p, readings, want); len(found) > 1 {
		return fmt.Sprintf("the past answer is %s, which several options state as plainly (%s); the cell offers %s", described(e, want), listed(found), listed(p.Options))
	}
	var more []string
	bare := 0
	for i, r := range readings {
		switch {
		case r.more && want != unknown && r.degree == want:
			more = append(more, p.Options[i])
		case r.degree == unknown && isBare(p.Options[i]):
			bare++
		}
	}
	switch {
	case len(more) > 0:
		return fmt.Sprintf("the past answer is %s, and the options that say so claim more than it (%s); the cell offers %s", described(e, want), listed(distinct(more)), listed(p.Options))
	case bare > 1:
		return fmt.Sprintf("the past answer is %s, and the cell offers a scale %s of which nothing says what its steps mean", described(e, want), offers)
	case want == unknown:
		return fmt.Sprintf("the past answer is neither yes nor no, and none of the options %s is it word for word", offers)
	}
	return fmt.Sprintf("the past answer is %s, which the cell does not offer %s", described(e, want), offers)
}

// maxListed bounds the options that a sentence lists.
const maxListed = 20

// listed joins options for a sentence.
func listed(options []string) string {
	if n := len(options) - maxListed; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(options[:maxListed], ", "), n)
	}
	return strings.Join(options, ", ")
}

// degreeText are the degrees that no verdict has a word for.
var degreeText = map[degree]string{most: "“largely”", below: "“not fully”", underway: "“in progress”", planned: "“planned”"}

// described names what an entry answers in a word, as finely as it does.
func described(e *engine.Entry, d degree) string {
	if t, ok := degreeText[d]; ok {
		return t
	}
	return describe(e)
}

// verdictText are the words a verdict is written with where a cell takes free
// text, by the language of the questionnaire.
var verdictText = map[string]map[engine.Verdict]string{
	"en": {engine.VerdictYes: "Yes", engine.VerdictNo: "No", engine.VerdictPartial: "Partially", engine.VerdictNotApplicable: "Not applicable"},
	"de": {engine.VerdictYes: "Ja", engine.VerdictNo: "Nein", engine.VerdictPartial: "Teilweise", engine.VerdictNotApplicable: "Nicht anwendbar"},
	"fr": {engine.VerdictYes: "Oui", engine.VerdictNo: "Non", engine.VerdictPartial: "Partiellement", engine.VerdictNotApplicable: "Sans objet"},
	"es": {engine.VerdictYes: "Sí", engine.VerdictNo: "No", engine.VerdictPartial: "Parcialmente", engine.VerdictNotApplicable: "No aplica"},
	"pt": {engine.VerdictYes: "Sim", engine.VerdictNo: "Não", engine.VerdictPartial: "Parcialmente", engine.VerdictNotApplicable: "Não aplicável"},
	"it": {engine.VerdictYes: "Sì", engine.VerdictNo: "No", engine.VerdictPartial: "Parzialmente", engine.VerdictNotApplicable: "Non applicabile"},
	"nl": {engine.VerdictYes: "Ja", engine.VerdictNo: "Nee", engine.VerdictPartial: "Gedeeltelijk", engine.VerdictNotApplicable: "Niet van toepassing"},
}

func wordFor(v engine.Verdict, language string) string {
	words, ok := verdictText[language]
	if !ok {
		words = verdictText["en"]
	}
	return words[v]
}

// yesNoOpeners are the words with which a question opens that wants a yes or
// a no, folded; English, German, French, Spanish, Portuguese, Italian, Dutch.
var yesNoOpeners = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`is are was were do does did has have had can could will would should may must
		ist sind haben hat hast werden wird gibt existiert existieren verfügen verfügt können kann besteht bestehen wurde wurden erfolgt erfolgen setzen nutzen verwenden führen führt liegt betreiben
		avez est êtes sont ont existe disposez pouvez peut utilisez effectuez appliquez
		tiene tienen existen dispone disponen cuenta están está realiza utiliza
		possui possuem existem dispõe tem têm são há pode podem
		avete ha hanno esiste esistono dispone è siete può
		heeft hebben hebt is zijn bestaat beschikt wordt worden kunt kan`) {
		m[w] = true
	}
	return m
}()

// asksYesNo reports whether a question wants a yes or a no.
func asksYesNo(text string) bool {
	if strings.HasPrefix(text, "(") {
		if i := strings.IndexByte(text, ')'); i > 0 {
			text = text[i+1:]
		}
	}
	words := strings.Fields(engine.FoldWords(text))
	for len(words) > 0 && words[0][0] >= '0' && words[0][0] <= '9' {
		words = words[1:]
	}
	return len(words) > 0 && yesNoOpeners[words[0]]
}
