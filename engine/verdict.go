package engine

import "strings"

// Verdict is the yes-or-no core of an answer. The zero value means that the
// answer is narrative: there is no yes or no to it.
type Verdict string

// The verdicts. They are stored and exchanged as these strings.
const (
	VerdictNone          Verdict = ""               // narrative, or unknown
	VerdictYes           Verdict = "yes"            // the thing asked about is so, wholly
	VerdictNo            Verdict = "no"             // it is not so
	VerdictPartial       Verdict = "partial"        // it is so for a part, or is planned
	VerdictNotApplicable Verdict = "not_applicable" // the question does not apply
)

// Verdicts lists every verdict there is, the narrative one first.
func Verdicts() []Verdict {
	return []Verdict{VerdictNone, VerdictYes, VerdictNo, VerdictPartial, VerdictNotApplicable}
}

// IsValid reports whether v is one of [Verdicts].
func (v Verdict) IsValid() bool {
	switch v {
	case VerdictNone, VerdictYes, VerdictNo, VerdictPartial, VerdictNotApplicable:
		return true
	}
	return false
}

// verdictWords maps what people write in an answer cell, folded by
// [FoldWords], to the verdict it states. English, German, French, Spanish,
// Portuguese, Italian and Dutch. A word that can state two verdicts in
// different files ("planned": no, or partial) is deliberately absent unless
// one reading is safe: planned work is never a yes, so it counts as partial.
// Absent, too, are words for less than all and more than a part ("largely"),
// which no verdict has room for, and every number and step of a scale, which
// state what their file says they do. What else the labels of drop-downs say is
// read in engine/draft, where nothing is imported from it.
var verdictWords = readVerdictWords(verdictTable)

// planWords say that the thing asked about is to come. They count as partial;
// the word is kept beside the verdict, since a plan is less than a part.
const planWords = `in progress|planned|in umsetzung|geplant|en cours|prévu|en curso|planificado|em andamento|planejado|planeado|` +
	`in corso|pianificato|gepland`

// verdictTable are the words of each verdict, parted by |.
var verdictTable = map[Verdict]string{
	VerdictYes: `yes|y|true|implemented|fully implemented|compliant|fully compliant|full compliance|in place|met|fully met|` +
		`conforms|conformant|complies|comply|supported|fully supported|satisfied|pass|passed|affirmative|implemented fully|fully in place|` +
		`ja|j|erfüllt|vollständig erfüllt|umgesetzt|vollständig umgesetzt|vorhanden|konform|vollständig konform|` +
		`oui|o|conforme|en place|mis en œuvre|mis en oeuvre|totalement conforme|entièrement conforme|` +
		`sí|si|s|cumple|implementado|totalmente implementado|cumple totalmente|totalmente conforme|` +
		`sim|implementado totalmente|conforme totalmente|` +
		`sì|implementato|attuato|pienamente conforme|` +
		`volledig|geïmplementeerd|voldoet|volledig geïmplementeerd|voldoet volledig`,
	VerdictNo: `no|n|false|not implemented|non compliant|noncompliant|not compliant|not in place|not met|not supported|` +
		`does not comply|fail|failed|negative|` +
		`nein|nicht erfüllt|nicht umgesetzt|nicht vorhanden|nicht konform|` +
		`non|non conforme|pas en place|non mis en œuvre|non mis en oeuvre|pas conforme|` +
		`no cumple|no implementado|no conforme|` +
		`não|nao|não implementado|não conforme|` +
		`non implementato|non attuato|` +
		`nee|niet geïmplementeerd|voldoet niet|niet aanwezig`,
	VerdictPartial: `partial|partially|partly|partially implemented|partial implementation|partially compliant|partial compliance|` +
		`partially met|partially in place|partially supported|` +
		`teilweise|teilweise erfüllt|teilweise umgesetzt|teilweise konform|` +
		`partiel|partiellement|partiellement conforme|partiellement mis en œuvre|partiellement mis en oeuvre|partiellement en place|` +
		`parcial|parcialmente|parcialmente implementado|parcialmente conforme|cumple parcialmente|` +
		`parziale|parzialmente|parzialmente conforme|parzialmente implementato|` +
		`gedeeltelijk|deels|gedeeltelijk geïmplementeerd|voldoet gedeeltelijk|` +
		planWords,
	VerdictNotApplicable: `n a|na|not applicable|does not apply|not relevant|` +
		`nicht anwendbar|entfällt|nicht zutreffend|nicht relevant|` +
		`sans objet|non applicable|non concerné|s o|` +
		`no aplica|no aplicable|no procede|` +
		`não aplicável|não se aplica|nao aplicavel|` +
		`non applicabile|non pertinente|` +
		`niet van toepassing|nvt|n v t`,
}

// readVerdictWords folds the words of a table.
func readVerdictWords(table map[Verdict]string) map[string]Verdict {
	out := map[string]Verdict{}
	for v, words := range table {
		for _, w := range strings.Split(words, "|") {
			out[FoldWords(w)] = v
		}
	}
	return out
}

// ParseVerdict returns the verdict that s states by itself ("Yes", "fully
// implemented", "n/a", "Oui", "teilweise"), and whether it states one. A
// sentence that merely starts with such a word states none.
func ParseVerdict(s string) (Verdict, bool) {
	v, ok := verdictWords[FoldWords(s)]
	return v, ok
}

// IsPlan reports whether s by itself says that the thing asked about is planned
// or being worked on: "Planned", "in Umsetzung". [ParseVerdict] takes it for
// partial.
func IsPlan(s string) bool { return plans[FoldWords(s)] }

var plans = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Split(planWords, "|") {
		m[FoldWords(w)] = true
	}
	return m
}()

// LeadingVerdict returns the verdict with which a narrative answer opens
// ("Yes, all disks are encrypted", "No. Planned for …"), if the opening word
// stands apart as a clause of its own; and the narrative behind it.
func LeadingVerdict(s string) (v Verdict, rest string, ok bool) {
	s = strings.TrimSpace(s)
	i := clauseEnd(s)
	if i <= 0 || i > 32 {
		return VerdictNone, s, false
	}
	v, ok = ParseVerdict(s[:i])
	rest = strings.TrimLeft(s[i:], " ,.;:–—-\n\t")
	switch {
	case !ok,
		len(FoldWords(s[:i])) < 2,                                     // "S: …", "O. …": an initial or a bullet
		s[i] == '.' && rest != "" && rest[0] >= '0' && rest[0] <= '9': // "No. 5": a number
		return VerdictNone, s, false
	}
	return v, rest, true
}

// clauseEnd returns where the first clause of s ends, -1 if it is all one. A
// hyphen inside a word ends none.
func clauseEnd(s string) int {
	for i, r := range s {
		switch r {
		case ',', '.', ';', ':', '–', '—', '\n':
			return i
		case '-':
			if strings.HasSuffix(s[:i], " ") || strings.HasPrefix(s[i+1:], " ") {
				return i
			}
		}
	}
	return -1
}
