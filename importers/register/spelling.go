package register

import (
	_ "embed"
	"regexp"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
)

//go:embed spellings.tsv
var spellingTable string

// spellings maps, for each field, the folded spellings of its values to the
// value.
var spellings = readSpellings(spellingTable)

func readSpellings(table string) map[string]map[string]string {
	out := map[string]map[string]string{}
	add := func(field, spelling, value string) {
		if out[field] == nil {
			out[field] = map[string]string{}
		}
		out[field][foldValue(spelling)] = value
	}
	for line := range strings.Lines(table) {
		cols := strings.Split(strings.TrimSpace(line), "\t")
		if len(cols) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		for _, s := range strings.Split(cols[2], "|") {
			add(cols[0], s, cols[1])
		}
	}
	for _, k := range assurance.Kinds() {
		add("kind", k.Name(), string(k))
	}
	for field, values := range acceptedValues() {
		for _, v := range values {
			add(field, v, v)
		}
	}
	return out
}

// acceptedValues returns the values of the fields that have a list of them.
func acceptedValues() map[string][]string {
	var kinds, statuses, opinions, accesses, results []string
	for _, x := range assurance.Kinds() {
		kinds = append(kinds, string(x))
	}
	for _, x := range assurance.Statuses() {
		statuses = append(statuses, string(x))
	}
	for _, x := range assurance.Opinions() {
		opinions = append(opinions, string(x))
	}
	for _, x := range assurance.Accesses() {
		accesses = append(accesses, string(x))
	}
	for _, x := range assurance.TestResults() {
		results = append(results, string(x))
	}
	return map[string][]string{
		"kind": kinds, "status": statuses, "opinion": opinions, "access": accesses, "result": results, "frequency": assurance.Frequencies(),
		"evidence kind": assurance.EvidenceKinds(), "severity": assurance.Severities(), "category": assurance.SOC2Plus.Scopes(),
	}
}

// foldValue reduces a value to its letters and digits. A plus is a word: SOC
// 2+ is another report than SOC 2.
func foldValue(s string) string {
	return strings.ReplaceAll(engine.FoldWords(strings.ReplaceAll(s, "+", " plus ")), " ", "")
}

// spell returns a value as the register spells it; as it stands if it is none,
// which Validate then says.
func spell[T ~string](field string, s T) T {
	if v, ok := spellings[field][foldValue(string(s))]; ok {
		return T(v)
	}
	return s
}

var edition = regexp.MustCompile(` ?: ?[0-9]{4}$`)

func spellReport(r *assurance.Report) {
	r.Kind = spell("kind", assurance.Kind(edition.ReplaceAllString(string(r.Kind), "")))
	r.Opinion = spell("opinion", r.Opinion)
	r.Access = spell("access", r.Access)
	for _, level := range r.Kind.Levels() {
		if strings.EqualFold(level, r.Level) {
			r.Level = level
		}
	}
	for i, c := range r.Criteria {
		r.Criteria[i] = spell("category", c)
	}
	for i := range r.Tests {
		spellTest(&r.Tests[i])
	}
	for i := range r.Findings {
		r.Findings[i].Severity = spell("severity", r.Findings[i].Severity)
	}
}

func spellTest(t *assurance.Test) {
	t.Result = spell("result", t.Result)
	spellCriteria(t.Criteria)
}

func spellControl(c *assurance.Control) {
	c.Status = spell("status", c.Status)
	c.Frequency = spell("frequency", c.Frequency)
	spellCriteria(c.Criteria)
}

func spellEvidence(e *assurance.Evidence) { e.Kind = spell("evidence kind", e.Kind) }

// spellCriteria spells ids as their frameworks do.
func spellCriteria(ids []string) {
	for i, id := range ids {
		if c, ok := assurance.FindCriterion(id); ok {
			ids[i] = c.ID
			continue
		}
		ids[i] = list.NormalCriterion(id)
	}
}
