package draft

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vouch/engine"
)

const (
	yes     = engine.VerdictYes
	no      = engine.VerdictNo
	partial = engine.VerdictPartial
	notApp  = engine.VerdictNotApplicable
	neither = engine.VerdictNone
)

// optionCase is a list of options and an entry; want is "" for a gap.
type optionCase struct {
	options  string // parted by |
	verdict  engine.Verdict
	answer   string
	want     string
	guidance string
}

var optionCases = map[string][]optionCase{
	"PlainWordsOfSevenLanguages": {
		{options: "Yes|No|N/A", verdict: yes, want: "Yes"},
		{options: "Yes|No|N/A", verdict: no, want: "No"},
		{options: "Yes|No|N/A", verdict: notApp, want: "N/A"},
		{options: "Yes|No|N/A", verdict: partial},
		{options: "YES|NO", verdict: yes, want: "YES"},
		{options: "True|False", verdict: yes, want: "True"},
		{options: "Pass|Fail", verdict: no, want: "Fail"},
		{options: "Ja|Nein|Teilweise|Entfällt", verdict: partial, want: "Teilweise"},
		{options: "Ja|Nein|Teilweise|Entfällt", verdict: notApp, want: "Entfällt"},
		{options: "Oui|Non|S.O.", verdict: yes, want: "Oui"},
		{options: "Oui|Non|S.O.", verdict: no, want: "Non"},
		{options: "Oui|Non|S.O.", verdict: notApp, want: "S.O."},
		{options: "Sí|No|No aplica", verdict: notApp, want: "No aplica"},
		{options: "SI|NO|PARCIAL", verdict: partial, want: "PARCIAL"},
		{options: "Sim|Não|Parcialmente|Não se aplica", verdict: no, want: "Não"},
		{options: "Sim|Nao|Parcialmente|Nao se aplica", verdict: notApp, want: "Nao se aplica"},
		{options: "Sì|No|Parzialmente|Non applicabile", verdict: yes, want: "Sì"},
		{options: "Ja|Nee|Deels|N.v.t.", verdict: partial, want: "Deels"},
		{options: "Ja|Nee|Deels|N.v.t.", verdict: notApp, want: "N.v.t."},
		{options: "Yes / Ja|No / Nein", verdict: no, want: "No / Nein"},
		{options: "N/A – Not applicable|Yes|No", verdict: notApp, want: "N/A – Not applicable"},
	},
	"SingleLettersOnlyBesideEachOther": {
		{options: "Y|N", verdict: yes, want: "Y"},
		{options: "Y|N|P", verdict: no, want: "N"},
		{options: "J|N", verdict: yes, want: "J"},
		{options: "O|N|N/A", verdict: yes, want: "O"},
		{options: "S|N", verdict: no, want: "N"},
		{options: "S|M|L", verdict: yes},
		{options: "N|E|S|W", verdict: no},
		{options: "Y", verdict: yes},
		{options: "Yes|N", verdict: no},
		{options: "Y|N|Yes|No", verdict: yes, want: "Yes"},
		{options: "Y/N|n/a", verdict: yes},
	},
	"MaturityWords": {
		{options: "Fully Compliant|Partially Compliant|Non-Compliant", verdict: yes, want: "Fully Compliant"},
		{options: "Fully Compliant|Partially Compliant|Non-Compliant", verdict: partial, want: "Partially Compliant"},
		{options: "Fully Compliant|Partially Compliant|Non-Compliant", verdict: no, want: "Non-Compliant"},
		{options: "Fully Compliant|Partially Compliant|Non-Compliant", verdict: notApp},
		{options: "In place|Partially in place|Not in place|Planned", verdict: yes, want: "In place"},
		{options: "In place|Partially in place|Not in place|Planned", verdict: partial, want: "Partially in place"},
		{options: "In place|Partially in place|Not in place|Planned", verdict: no, want: "Not in place"},
		{options: "Fully implemented|Largely implemented|Partially implemented|Not implemented", verdict: yes, want: "Fully implemented"},
		{options: "Fully implemented|Largely implemented|Partially implemented|Not implemented", verdict: partial, want: "Partially implemented"},
		{options: "Fully implemented|Largely implemented|Partially implemented|Not implemented", verdict: no, want: "Not implemented"},
		{options: "Met|Not met", verdict: yes, want: "Met"},
		{options: "Met|Not met", verdict: no, want: "Not met"},
		{options: "Met|Not met", verdict: partial},
		{options: "Implemented|Fully implemented|Not implemented", verdict: yes, want: "Implemented"},
		{options: "Requirement met|Requirement partly met|Requirement not met", verdict: partial, want: "Requirement partly met"},
		{options: "Full compliance|Partial compliance|No compliance", verdict: no, want: "No compliance"},
		{options: "Fully|Partially|Not at all", verdict: no, want: "Not at all"},
		{options: "Does not comply|Complies", verdict: no, want: "Does not comply"},
		{options: "Initial|Repeatable|Defined|Managed|Optimised", verdict: yes},
		{options: "Compliance|Support", verdict: yes},
		{options: "No requirement|Yes", verdict: no},
		{options: "Erfüllt|Teilweise erfüllt|Nicht erfüllt", verdict: partial, want: "Teilweise erfüllt"},
		{options: "Vollständig umgesetzt|Überwiegend umgesetzt|Teilweise umgesetzt|Nicht umgesetzt", verdict: yes, want: "Vollständig umgesetzt"},
		{options: "Vollständig umgesetzt|Überwiegend umgesetzt|Nicht umgesetzt", verdict: partial},
		{options: "ERFUELLT|NICHT ERFUELLT", verdict: no, want: "NICHT ERFUELLT"},
		{options: "Größtenteils|Vollumfänglich|Nicht vorhanden", verdict: yes, want: "Vollumfänglich"},
		{options: "Conforme|Partiellement conforme|Non conforme", verdict: partial, want: "Partiellement conforme"},
		{options: "Entièrement mis en œuvre|En grande partie mis en œuvre|Non mis en oeuvre", verdict: yes, want: "Entièrement mis en œuvre"},
		{options: "Entièrement mis en œuvre|En grande partie mis en œuvre|Non mis en oeuvre", verdict: no, want: "Non mis en oeuvre"},
		{options: "En place|Pas en place|En cours", verdict: no, want: "Pas en place"},
		{options: "Cumple totalmente|Cumple parcialmente|No cumple", verdict: yes, want: "Cumple totalmente"},
		{options: "Cumple totalmente|Cumple parcialmente|No cumple", verdict: partial, want: "Cumple parcialmente"},
		{options: "Totalmente implementado|Parcialmente implementado|Não implementado", verdict: no, want: "Não implementado"},
		{options: "Em grande parte implementado|Implementado|Não implementado", verdict: yes, want: "Implementado"},
		{options: "Pienamente conforme|Parzialmente conforme|Non conforme", verdict: yes, want: "Pienamente conforme"},
		{options: "Attuato|In gran parte attuato|Non attuato", verdict: partial},
		{options: "Volledig geïmplementeerd|Grotendeels geïmplementeerd|Gedeeltelijk geïmplementeerd|Niet geïmplementeerd", verdict: partial, want: "Gedeeltelijk geïmplementeerd"},
		{options: "Voldoet|Voldoet gedeeltelijk|Voldoet niet", verdict: no, want: "Voldoet niet"},
	},
	"LessThanYesIsNeverOverstated": {
		{options: "Fully|Largely|Not", verdict: partial},
		{options: "Largely|Partially|Not", verdict: yes},
		{options: "Fully compliant|Not fully compliant", verdict: partial, want: "Not fully compliant"},
		{options: "Fully compliant|Not fully compliant", verdict: no},
		{options: "Compliant|Minor gap|Major gap", verdict: yes, want: "Compliant"},
		{options: "Compliant|Minor gap|Major gap", verdict: partial},
		{options: "Compliant|Minor gap|Major gap", verdict: no},
		{options: "No gaps|Minor gaps|Major gaps", verdict: yes, want: "No gaps"},
		{options: "Yes|No|In progress", verdict: partial},
		{options: "Yes|No|Planned", verdict: partial},
		{options: "Yes|No|Planned", verdict: partial, answer: "Planned", want: "Planned"},
		{options: "Yes|Partially|No", verdict: partial, answer: "Planned"},
		{options: "Yes|Partially|No", verdict: partial, answer: "In progress"},
		{options: "Oui|Partiellement|Non|Prévu", verdict: partial, answer: "Geplant", want: "Prévu"},
		{options: "Umgesetzt|In Umsetzung|Nicht umgesetzt", verdict: partial, answer: "In progress", want: "In Umsetzung"},
		{options: "Fully|Largely|Partially|Not", verdict: neither, answer: "Largely implemented", want: "Largely"},
		{options: "Fully|Partially|Not", verdict: neither, answer: "Largely implemented", want: "Partially"},
		{options: "Yes|No", verdict: neither, answer: "Largely implemented"},
		{options: "Yes|Partially|No", verdict: yes, answer: "Partially", want: "Partially"},
		{options: "Yes|No", verdict: yes, answer: "Largely"},
		{options: "Yes|No", verdict: no, answer: "Planned", want: "No"},
		{options: "Partially implemented / Planned|Implemented|Not implemented", verdict: partial},
		{options: "Yes / Partially|No", verdict: yes},
		{options: "No / N/A|Yes", verdict: no},
		{options: "Implemented / not implemented", verdict: yes},
		{options: "Implemented / In place|Not implemented", verdict: yes, want: "Implemented / In place"},
		{options: "Yes, partially|No", verdict: partial, want: "Yes, partially"},
		{options: "Yes, partially|No", verdict: yes},
		{options: "Yes (planned)|No", verdict: yes},
		{options: "No, planned|Yes", verdict: no},
		{options: "Not planned|Yes", verdict: no},
		{options: "Not planned|Yes", verdict: partial, answer: "Planned"},
		{options: "Partially non-compliant|Compliant", verdict: partial},
		{options: "Mostly not implemented|Implemented", verdict: no},
		{options: "50% implemented|Implemented", verdict: yes, want: "Implemented"},
		{options: "0 implemented|< 100% implemented", verdict: yes},
		{options: "N/V|Yes|No", verdict: notApp},
		{options: "Trifft zu|Trifft nicht zu", verdict: no},
		{options: "Not yet|Yes", verdict: no},
		{options: "No non-conformity|Non-conformity", verdict: no, want: "Non-conformity"},
		{options: "50 – Implemented|Done: 50", verdict: yes},
		{options: "Not available|Yes", verdict: no},
		{options: "Yes?|No?", verdict: yes},
		{options: "✗ Implemented|✓ Implemented", verdict: yes},
	},
	"NumbersBesideWords": {
		{options: "0 – Not implemented|1 - Partially|2 – Largely|3 – Fully implemented", verdict: yes, want: "3 – Fully implemented"},
		{options: "0 – Not implemented|1 - Partially|2 – Largely|3 – Fully implemented", verdict: partial, want: "1 - Partially"},
		{options: "0 – Not implemented|1 - Partially|2 – Largely|3 – Fully implemented", verdict: no, want: "0 – Not implemented"},
		{options: "0 – Not implemented|1 - Partially|2 – Largely|3 – Fully implemented", verdict: neither, answer: "largely", want: "2 – Largely"},
		{options: "0 - None|2 - Largely|4 – Fully", verdict: yes, want: "4 – Fully"},
		{options: "(1) Yes|(2) No", verdict: yes, want: "(1) Yes"},
		{options: "a) Yes|b) No|c) N/A", verdict: notApp, want: "c) N/A"},
		{options: "1. Ja|2. Nein", verdict: no, want: "2. Nein"},
		{options: "1: Oui|0: Non", verdict: yes, want: "1: Oui"},
		{options: "[3] Sí|[4] No", verdict: yes, want: "[3] Sí"},
		{options: "Y - Yes|N - No", verdict: no, want: "N - No"},
		{options: "Level 0: Not met|Level 1: Partly met|Level 2: Met", verdict: yes, want: "Level 2: Met"},
		{options: "Stufe 1 – nicht umgesetzt|Stufe 2 – umgesetzt", verdict: no, want: "Stufe 1 – nicht umgesetzt"},
		{options: "Yes (1)|No (0)", verdict: yes, want: "Yes (1)"},
		{options: "Fully = 2|Partly = 1|Not = 0", verdict: partial, want: "Partly = 1"},
		{options: "1-2 implemented|3-4 implemented", verdict: yes},
		{options: "a) Daily|b) Quarterly", verdict: neither, answer: "Quarterly", want: "b) Quarterly"},
	},
	"BareNumbersStateNothing": {
		{options: "0|1|2|3|4|5", verdict: yes},
		{options: "0|1|2|3|4|5", verdict: no},
		{options: "1|2|3", verdict: partial},
		{options: "1|2|3", verdict: yes, answer: "3"},
		{options: "1|2|3", verdict: neither, answer: "3"},
		{options: "0%|50%|100%", verdict: yes},
		{options: "Level 1|Level 2|Level 3", verdict: yes},
		{options: "Level 1|Level 2|Level 3", verdict: neither, answer: "Level 2"},
		{options: "1|2|3|N/A", verdict: notApp, want: "N/A"},
		{options: "0|1", verdict: yes},
		{options: "1|2|3", verdict: yes, guidance: "Score 1 to 3."},
	},
	"ALegendExplainsNumbers": {
		{options: "0|1|2", verdict: yes, guidance: "0 = not implemented, 1 = partially, 2 = fully", want: "2"},
		{options: "0|1|2", verdict: no, guidance: "0 = not implemented, 1 = partially, 2 = fully", want: "0"},
		{options: "0|1|2", verdict: partial, guidance: "Rate it (0 = not implemented, 1 = partially, 2 = fully). Attach evidence.", want: "1"},
		{options: "1|2|3", verdict: yes, guidance: "1 = Fully implemented 2 = Partially implemented 3 = Not implemented", want: "1"},
		{options: "0|1|2|3", verdict: partial, guidance: "0: No 1: Partially 2: Largely 3: Yes", want: "1"},
		{options: "0|1|2", verdict: yes, guidance: "0 – nicht umgesetzt; 1 – teilweise umgesetzt; 2 – vollständig umgesetzt.", want: "2"},
		{options: "0|1", verdict: yes, guidance: "Oui = 1, Non = 0", want: "1"},
		{options: "0|1", verdict: no, guidance: "YES = 1, NO = 0", want: "0"},
		{options: "F|P|N", verdict: no, guidance: "F = fully met, P = partly met, N = not met", want: "N"},
		{options: "S|N|O", verdict: notApp, guidance: "S = sí, N = no, O = no aplica", want: "O"},
		{options: "Y|N", verdict: no, guidance: "Y = yes, N = not applicable"},
		{options: "0|1|2", verdict: yes, guidance: "0 = no, 1 = yes, 2 = yes, independently certified", want: "1"},
		{options: "0|2", verdict: yes, guidance: "0 = no, 1 = yes, 2 = yes, independently certified"},
		{options: "0|1", verdict: yes, guidance: "1 = yes"},
		{options: "0|1", verdict: yes, guidance: "0 = no, 1 = yes, 1 = no"},
		{options: "0|1", verdict: yes, guidance: "Sections 1: yes 4: no"},
		{options: "1|3|5", verdict: yes, guidance: "1 = ad hoc, 3 = defined, 5 = optimised"},
		{options: "-1|1%", verdict: yes, guidance: "0 = no, 1 = yes"},
		{options: "0|1|2|3", verdict: yes, guidance: "0 = no, 1 = partly, 2 = yes, 3 = fully"},
	},
	"MoreThanTheEntrySaysIsNotChosen": {
		{options: "Yes|Yes, independently certified|No", verdict: yes, want: "Yes"},
		{options: "Yes, and audited annually|Yes|No", verdict: yes, want: "Yes"},
		{options: "Yes, independently certified|No", verdict: yes},
		{options: "Yes independently certified|No", verdict: yes},
		{options: "Yes, independently certified|No", verdict: yes, answer: "Yes, independently certified", want: "Yes, independently certified"},
		{options: "Yes - with compensating control|Yes|No", verdict: yes, want: "Yes"},
		{options: "Yes - with compensating control|No", verdict: yes},
		{options: "Yes - with compensating control|Yes|No", verdict: yes, answer: "Yes – with compensating control", want: "Yes - with compensating control"},
		{options: "In Place|In Place with CCW|Not in Place|Not Tested", verdict: yes, want: "In Place"},
		{options: "In Place with CCW|Not in Place", verdict: yes},
		{options: "Implemented and tested|Not implemented", verdict: yes},
		{options: "No, risk accepted|Yes", verdict: no},
		{options: "Partially, remediation within 90 days|Yes", verdict: partial},
		{options: "N/A, service not offered|Yes", verdict: notApp},
		{options: "Ja, extern geprüft|Ja|Nein", verdict: yes, want: "Ja"},
		{options: "Oui, certifié|Non", verdict: yes},
		{options: "Yes (please explain)|No (please explain)", verdict: no, want: "No (please explain)"},
		{options: "Yes, fully implemented|No, not implemented", verdict: yes, want: "Yes, fully implemented"},
		{options: "Ja (bitte erläutern)|Nein", verdict: yes, want: "Ja (bitte erläutern)"},
		{options: "Yes*|No", verdict: yes},
		{options: "No customer data is stored|Yes", verdict: no},
	},
	"TheEntrysOwnWords": {
		{options: "Monthly|Quarterly|Yearly", verdict: neither, answer: "quarterly", want: "Quarterly"},
		{options: "Monthly|Yearly", verdict: neither, answer: "Quarterly"},
		{options: "> 99%|< 99%", verdict: neither, answer: "< 99%", want: "< 99%"},
		{options: "> 99%|≥ 99%", verdict: neither, answer: "< 99%"},
		{options: "C|C++|C#", verdict: neither, answer: "C++", want: "C++"},
		{options: "1.5 years|1-5 years", verdict: neither, answer: "1-5 years", want: "1-5 years"},
		{options: "AES-128|AES-256", verdict: yes, answer: "aes-256", want: "AES-256"},
		{options: "n.a.|Yes|No", verdict: notApp, answer: "N/A", want: "n.a."},
		{options: "Fully compliant|Compliant|No", verdict: yes, answer: "Fully compliant", want: "Fully compliant"},
		{options: "Yes|No", verdict: neither, answer: "Yes", want: "Yes"},
		{options: "Yes|No|N/A", verdict: neither},
		{options: "Yes|Ja|No", verdict: yes},
		{options: "Yes|YES|No", verdict: yes, want: "YES"},
		{options: "|-|Please select|Yes", verdict: no},
	},
}

func (c optionCase) question() *engine.Question {
	return &engine.Question{Text: "Is data encrypted?", Guidance: c.guidance, Parts: []engine.Part{choice("C2", strings.Split(c.options, "|")...)}}
}

func TestMatchOption(t *testing.T) {
	t.Parallel()
	n := 0
	for rule, cases := range optionCases {
		n += len(cases)
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			for _, c := range cases {
				q := c.question()
				got, _ := matchOption(q, &q.Parts[0], entry("q", c.verdict, c.answer, ""))
				if got != c.want {
					t.Errorf("[%s] for %q %q with %q: %q, want %q", c.options, c.verdict, c.answer, c.guidance, got, c.want)
				}
			}
		})
	}
	if n < 120 {
		t.Errorf("%d cases, want at least 120", n)
	}
}

// TestLegendInHeading proves that a column's heading explains its numbers, and
// that the scale of another question's answer does not count but a number of
// things does.
func TestLegendInHeading(t *testing.T) {
	t.Parallel()
	p := choice("C2", "0", "1", "2")
	p.Label = "Score (0 = none implemented, 1 = in part, 2 = in full)"
	q := &engine.Question{Text: "Is data encrypted?"}
	if got, _ := matchOption(q, &p, entry("q", yes, "", "")); got != "2" {
		t.Errorf("from the heading: %q, want 2", got)
	}
	count := &engine.Question{Text: "How many data centres do you use?"}
	plain := choice("C2", "1", "2", "3")
	if got, _ := matchOption(count, &plain, entry("How many data centres are there?", neither, "2", "")); got != "2" {
		t.Errorf("a number of things: %q, want 2", got)
	}
	if got, ok := matchOption(count, &plain, entry("Maturity of data centres", neither, "2", "")); ok {
		t.Errorf("a score for a number of things: %q, want a gap", got)
	}
}

// TestPlansAreNotPartlyThere proves that an entry whose text opens as a plan is
// not written as partial.
func TestPlansAreNotPartlyThere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Planned for the second quarter.": "Planned", "In Umsetzung bis Mai.": "", "Disks only.": "Partially",
	} {
		q := &engine.Question{Text: "Is data encrypted?"}
		p := choice("C2", "Yes", "Partially", "No", "Planned")
		if got, _ := matchOption(q, &p, entry("q", partial, "", text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestGapNamesOptions proves that a gap says which options there are and why
// none is taken, and repeats nothing else of customer or library.
func TestGapNamesOptions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		c    optionCase
		want string
	}{
		"NotOffered":  {optionCase{options: "Yes|No", verdict: partial}, "the past answer is “partially”, which the cell does not offer (Yes, No)"},
		"Plan":        {optionCase{options: "Yes|Partially|No", verdict: partial, answer: "Planned"}, "the past answer is “planned”, which the cell does not offer (Yes, Partially, No)"},
		"Scale":       {optionCase{options: "0|1|2", verdict: yes, guidance: "secret"}, "the past answer is “yes”, and the cell offers a scale (0, 1, 2) of which nothing says what its steps mean"},
		"ClaimsMore":  {optionCase{options: "Yes, certified|No", verdict: yes}, "the past answer is “yes”, and the options that say so claim more than it (Yes, certified); the cell offers Yes, certified, No"},
		"Several":     {optionCase{options: "Yes|Ja|No", verdict: yes}, "the past answer is “yes”, which several options state as plainly (Ja, Yes); the cell offers Yes, Ja, No"},
		"Narrative":   {optionCase{options: "Monthly|Yearly", verdict: neither, answer: "secret"}, "the past answer is neither yes nor no, and none of the options (Monthly, Yearly) is it word for word"},
		"ManyOptions": {optionCase{options: strings.Repeat("x|", 24) + "x", verdict: yes}, "(" + strings.Repeat("x, ", 19) + "x and 5 more)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := tt.c.question()
			p, err := Reuse{}.Draft(context.Background(), q, "", []engine.Passage{passage(entry("q", tt.c.verdict, tt.c.answer, "secret"), 0.9)})
			if err != nil {
				t.Fatal(err)
			}
			if p.Gap == nil || !strings.Contains(p.Gap.Detail, tt.want) || strings.Contains(p.Gap.Detail, "secret") {
				t.Errorf("gap %+v, want %q", p.Gap, tt.want)
			}
		})
	}
}

// TestPhrases proves that options.tsv gives each phrase one class, that it is
// of a known one, and that it contradicts no word that imports know.
func TestPhrases(t *testing.T) {
	t.Parallel()
	languages := []string{"en", "de", "fr", "es", "pt", "it", "nl"}
	others := []string{"status", "thing", "filler", "ask", "level", "count"}
	of := map[string]string{}
	eachPhrase(optionTable, func(class, language, phrase string) {
		folded := foldLabel(phrase)
		if c, ok := of[folded]; ok && c != class {
			t.Errorf("%q is both %s and %s", phrase, c, class)
		}
		of[folded] = class
		d, states := classDegree[class]
		if !states && !slices.Contains(others, class) || !slices.Contains(languages, language) || folded == "" {
			t.Errorf("%q: class %q, language %q", phrase, class, language)
		}
		v, known := engine.ParseVerdict(phrase)
		switch class {
		case "status":
			d, states = full, true
		case "most", "below":
			states = false
			if known {
				t.Errorf("%q is %s here and %q for imports", phrase, class, v)
			}
		}
		if d == underway || d == planned {
			d = partly
		}
		if known && (!states || degreeOf[v] != d) {
			t.Errorf("%q is %s here and %q for imports", phrase, class, v)
		}
	})
	lines := 0
	for line := range strings.Lines(optionTable) {
		if !strings.HasPrefix(line, "#") {
			lines++
			if strings.Count(line, "\t") != 2 {
				t.Errorf("not three fields: %q", line)
			}
		}
	}
	if lines == 0 || len(of) < 300 {
		t.Errorf("%d phrases in %d lines", len(of), lines)
	}
}

// labelText draws labels, made of known phrases and of others.
func labelText() *rapid.Generator[string] {
	var known []string
	eachPhrase(optionTable, func(_, _, phrase string) { known = append(known, phrase) })
	for _, cases := range optionCases {
		for _, c := range cases {
			known = append(known, strings.Split(c.options, "|")...)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	return rapid.Custom(func(t *rapid.T) string {
		word := rapid.OneOf(rapid.SampledFrom(known), rapid.SampledFrom(known), rapid.SampledFrom([]string{"Yes", "No", "N/A", "1", "2", "Y", "N", "S"}), rapid.StringN(0, 8, 20))
		out := word.Draw(t, "word")
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			out += rapid.SampledFrom([]string{" ", ", ", " - ", " – ", "/", " / ", ". ", "(", ") "}).Draw(t, "by") + word.Draw(t, "word")
		}
		return out
	})
}

// TestOptionsProperties proves, for any options and any entry: what is written
// is one of the options byte for byte; their order plays no role; and it states
// the entry's verdict or is the entry's own answer.
func TestOptionsProperties(t *testing.T) {
	t.Parallel()
	label := labelText()
	rapid.Check(t, func(t *rapid.T) {
		options := rapid.SliceOfN(label, 0, 8).Draw(t, "options")
		e := entry("q", rapid.SampledFrom(engine.Verdicts()).Draw(t, "verdict"), rapid.OneOf(rapid.Just(""), label).Draw(t, "answer"), "")
		q := &engine.Question{Text: "Is data encrypted?", Guidance: rapid.OneOf(rapid.Just(""), rapid.Just("0 = no, 1 = partly, 2 = fully"), label).Draw(t, "guidance")}
		p := choice("C2", options...)
		before := slices.Clone(options)
		got, ok := matchOption(q, &p, e)
		if !slices.Equal(options, before) {
			t.Fatalf("the options were changed: %q, before %q", options, before)
		}
		reversed := choice("C2", slices.Clone(options)...)
		slices.Reverse(reversed.Options)
		if again, okAgain := matchOption(q, &reversed, e); again != got || okAgain != ok {
			t.Fatalf("%q in one order and %q in the other", got, again)
		}
		if !ok {
			if s := unmatched(q, &p, e); s == "" {
				t.Fatal("no sentence for the gap")
			}
			return
		}
		i := slices.Index(options, got)
		if i < 0 {
			t.Fatalf("%q is none of the options", got)
		}
		if own, _ := wordForWord(q, options, e); own == got {
			return
		}
		r := readingsOf(q, &p)[i]
		if !r.states() || !slices.Contains(accepted[degreeOfEntry(e)], r.degree) {
			t.Fatalf("%q, read as %+v, for %q", got, r, e.Verdict)
		}
		if r.degree == full && e.Verdict != yes {
			t.Fatalf("%q claims more than %q", got, e.Verdict)
		}
	})
}
