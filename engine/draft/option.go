package draft

import (
	"slices"
	"strings"

	"vouch/engine"
)

// matchOption returns the option of a cell that states the entry's answer,
// spelled as in the cell: the one that is the entry's answer word for word,
// else the only one that states its verdict. ok is false where none or
// several do.
func matchOption(options []string, e *engine.Entry) (option string, ok bool) {
	if want := engine.FoldWords(e.Answer); want != "" {
		if i := slices.IndexFunc(options, func(o string) bool { return engine.FoldWords(o) == want }); i >= 0 {
			return options[i], true
		}
	}
	if e.Verdict == engine.VerdictNone {
		return "", false
	}
	var exact, leading []string
	for _, o := range options {
		if v, ok := engine.ParseVerdict(o); ok {
			if v == e.Verdict {
				exact = append(exact, o)
			}
		} else if v, _, ok := engine.LeadingVerdict(o); ok && v == e.Verdict {
			leading = append(leading, o)
		}
	}
	for _, found := range [][]string{exact, leading} {
		if len(found) == 1 {
			return found[0], true
		}
		if o, ok := plainest(found, e.Verdict); ok {
			return o, true
		}
	}
	return "", false
}

// plainWords are the words that state a verdict and nothing more, strongest
// first: between "Partially implemented" and "Planned" an entry that says
// partial means the first.
var plainWords = map[engine.Verdict][]string{
	engine.VerdictYes:           {"yes", "y", "ja", "oui", "sí", "si", "sim", "sì", "fully implemented", "implemented", "fully compliant", "compliant"},
	engine.VerdictNo:            {"no", "n", "nein", "non", "não", "nee", "not implemented", "not compliant", "non compliant"},
	engine.VerdictPartial:       {"partial", "partially", "partly", "teilweise", "partiel", "partiellement", "parcial", "parcialmente", "parziale", "parzialmente", "gedeeltelijk", "partially implemented", "partially compliant", "partial compliance"},
	engine.VerdictNotApplicable: {"not applicable", "na", "n a"},
}

// plainest picks the option that is worded most plainly, if one is.
func plainest(options []string, v engine.Verdict) (string, bool) {
	for _, w := range plainWords[v] {
		for _, o := range options {
			if engine.FoldWords(o) == w {
				return o, true
			}
		}
	}
	return "", false
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
