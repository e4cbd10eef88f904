package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/engine/assurance"
)

// cabinet is a retriever that finds what is on it, whatever is asked, and a
// drafter that takes the first entry and remembers all it was shown.
type cabinet struct {
	passages []engine.Passage
	asked    []int // the limits it was asked with
	shown    []string
}

func (s *cabinet) Retrieve(_ context.Context, _ string, q engine.Query) ([]engine.Passage, error) {
	s.asked = append(s.asked, q.Limit)
	return slices.Clone(s.passages[:min(len(s.passages), q.Limit)]), nil
}

func (s *cabinet) Draft(_ context.Context, q *engine.Question, _ string, evidence []engine.Passage) (engine.Proposal, error) {
	for _, p := range evidence {
		s.shown = append(s.shown, p.Entry.Text)
	}
	if len(evidence) == 0 {
		return engine.Proposal{Gap: &engine.Gap{Reason: engine.GapNoEvidence}}, nil
	}
	p := evidence[0]
	return engine.Proposal{Revision: &engine.Revision{
		Verdict: p.Entry.Verdict, Text: p.Entry.Text, Confidence: p.Confidence, Origin: engine.OriginReuse,
		Values:    []engine.PartValue{{Part: q.Parts[1], Value: p.Entry.Text}},
		Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: p.Entry.ID, Version: 1, Label: p.Entry.Question}},
	}}, nil
}

// on returns a passage of an entry that says its own id.
func on(id string, confidence float64, change func(*engine.Entry)) engine.Passage {
	e := engine.Entry{ID: id, Version: 1, Question: "Past question " + id + "?", Verdict: engine.VerdictYes, Text: "text of " + id, Source: engine.Source{File: "f"}}
	if change != nil {
		change(&e)
	}
	return engine.Passage{Kind: engine.PassageEntry, Entry: &e, Confidence: confidence}
}

func seen(v engine.Visibility) func(*engine.Entry) {
	return func(e *engine.Entry) { e.Visibility = v }
}

func of(products ...string) func(*engine.Entry) {
	return func(e *engine.Entry) { e.Products = products }
}

func answerFrom(t *testing.T, s *cabinet, reader *assurance.Reader, product, language string) engine.Answer {
	t.Helper()
	a := engine.Answering{Retriever: s, Drafter: s, MinConfidence: 0.7, Product: product}
	if reader != nil {
		a.Assured = engine.NewAssured(&assurance.Register{}, assurance.Day{}, *reader)
		a.Assured.Style = "full"
	}
	q := engine.Questionnaire{Language: language, Questions: []engine.Question{question("Is all of it kept safe?", "")}}
	out, err := a.Run(t.Context(), "w", &q, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// TestVisibilityAndReader holds every cell of who may have what. What a reader
// may not have is shown to no drafter and written nowhere; the reviewer sees it
// in the gap.
func TestVisibilityAndReader(t *testing.T) {
	t.Parallel()
	readers := map[string]*assurance.Reader{
		"nobody": nil, "customer": {Name: "Acme"}, "nda": {Name: "Acme", NDA: true}, "public": {Public: true}, "both": {NDA: true, Public: true},
	}
	given := map[engine.Visibility]string{ // to whom, in the order of their names
		engine.VisibilityPublic:   "both customer nda nobody public",
		engine.VisibilityUnmarked: "customer nda nobody",
		engine.VisibilityNDA:      "nda",
		engine.VisibilityInternal: "",
		"secret":                  "", // not one of ours
	}
	for v, want := range given {
		for name, reader := range readers {
			s := &cabinet{passages: []engine.Passage{on("secretive", 0.9, seen(v))}}
			ans := answerFrom(t, s, reader, "", "")
			if slices.Contains(strings.Fields(want), name) {
				if ans.Revision == nil || len(ans.Withheld) != 0 {
					t.Errorf("%q to %s: %+v, want the answer", v, name, ans.Gap)
				}
				continue
			}
			if ans.Revision != nil || ans.Gap.Reason != engine.GapNotDisclosable || len(ans.Withheld) != 1 || len(ans.Evidence) != 0 {
				t.Fatalf("%q to %s: %+v, want a gap that says it may not be given", v, name, ans)
			}
			if p := ans.Gap.Proposal; p == nil || p.Text != "text of secretive" || len(p.Values) != 0 || len(p.Citations) != 1 {
				t.Errorf("%q to %s: the reviewer is shown %+v", v, name, p)
			}
			if len(s.shown) != 0 {
				t.Errorf("%q to %s: the drafter was shown %v", v, name, s.shown)
			}
			if out := engine.Fill(&engine.Questionnaire{}, []engine.Answer{ans}, true); len(out) != 0 {
				t.Errorf("%q to %s: %+v would be written", v, name, out)
			}
		}
	}
}

// TestNothingWithheldIsWritten: beside what may be used, whatever else is found
// leaves no trace in what goes out, citations and all.
func TestNothingWithheldIsWritten(t *testing.T) {
	t.Parallel()
	s := &cabinet{passages: []engine.Passage{on("internal", 0.95, seen("internal")), on("restricted", 0.9, seen("nda")), on("open", 0.8, seen("public")), on("unmarked", 0.75, nil)}}
	ans := answerFrom(t, s, &assurance.Reader{Public: true}, "", "")
	if ans.Revision == nil || ans.Revision.Text != "text of open" || len(ans.Withheld) != 3 {
		t.Fatalf("%+v, want the answer that may be published and three withheld", ans)
	}
	out, err := json.Marshal([]any{ans.Revision, ans.Evidence, engine.Fill(&engine.Questionnaire{}, []engine.Answer{ans}, true), s.shown})
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"internal", "restricted", "unmarked"} {
		if strings.Contains(string(out), word) {
			t.Errorf("%s: %s", word, out)
		}
	}
}

// TestWithheldOpposites: what may not be given can still be the truth, and an
// answer that it contradicts does not go out.
func TestWithheldOpposites(t *testing.T) {
	t.Parallel()
	no := func(v engine.Visibility, question string) func(*engine.Entry) {
		return func(e *engine.Entry) {
			e.Visibility, e.Verdict = v, engine.VerdictNo
			if question != "" {
				e.Question = question
			}
		}
	}
	for name, c := range map[string]struct {
		withheld engine.Passage
		want     string
	}{
		"FitsBetter":      {on("x", 0.95, no("internal", "")), "conflict"},
		"FitsAsWell":      {on("x", 0.86, no("internal", "")), "conflict"},
		"FitsLess":        {on("x", 0.80, no("internal", "")), "answered"},
		"AsksTheSame":     {on("x", 0.10, no("nda", "is all of it  kept safe")), "conflict"},
		"SaysTheSame":     {on("x", 0.95, seen("internal")), "answered"},
		"SaysNoVerdict":   {on("x", 0.95, func(e *engine.Entry) { e.Visibility, e.Verdict = "internal", "" }), "answered"},
		"OfSomeProduct":   {on("x", 0.95, func(e *engine.Entry) { e.Products, e.Verdict = []string{"Quay"}, engine.VerdictNo }), "conflict"},
		"OfNoMoreProduct": {on("x", 0.95, no("", "")), "answered"}, // it may be used, and is
	} {
		s := &cabinet{passages: []engine.Passage{c.withheld, on("open", 0.9, seen("public"))}}
		ans, got := answerFrom(t, s, &assurance.Reader{Name: "Acme"}, "", ""), "answered"
		if ans.Gap != nil {
			got = string(ans.Gap.Reason)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if ans.Gap != nil && (ans.Gap.Proposal == nil || ans.Gap.Proposal.Text != "text of open" || strings.Contains(ans.Gap.Detail, "text of")) {
			t.Errorf("%s: gap %+v", name, ans.Gap)
		}
	}
}

func TestProducts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		products []string
		product  string
		want     string
	}{
		{nil, "", "answered"},
		{nil, "Harbour", "answered"},
		{[]string{"Harbour"}, "Harbour", "answered"},
		{[]string{"Quay", " HARBOUR "}, "harbour", "answered"},
		{[]string{"Quay"}, "Harbour", "no_evidence"},
		{[]string{"Harbour Pro"}, "Harbour", "no_evidence"},
		{[]string{"Quay"}, "", "out_of_scope"},
	} {
		s := &cabinet{passages: []engine.Passage{on("x", 0.9, of(c.products...))}}
		ans, got := answerFrom(t, s, nil, c.product, ""), "answered"
		if ans.Gap != nil {
			got = string(ans.Gap.Reason)
		}
		if got != c.want {
			t.Errorf("entry of %v for %q: %s, want %s", c.products, c.product, got, c.want)
		}
		if shown := len(s.shown) > 0; shown != (c.want == "answered") {
			t.Errorf("entry of %v for %q: the drafter was shown %v", c.products, c.product, s.shown)
		}
		if left := len(ans.Evidence) + len(ans.Withheld); c.want == "no_evidence" && left != 0 {
			t.Errorf("entry of %v for %q: %d passages are left, want none: it is no evidence", c.products, c.product, left)
		}
	}
}

// TestOtherProductsHideNothing: however many entries of other products stand
// before one that may be used, it is found.
func TestOtherProductsHideNothing(t *testing.T) {
	t.Parallel()
	s := &cabinet{}
	for i := range 30 {
		s.passages = append(s.passages, on(fmt.Sprint(i), 0.9, of("Quay")))
	}
	for i := range 9 {
		s.passages = append(s.passages, on("good "+fmt.Sprint(i), 0.8, of("Harbour")))
	}
	ans := answerFrom(t, s, nil, "Harbour", "")
	if ans.Revision == nil || ans.Revision.Text != "text of good 0" || len(ans.Evidence) != 5 {
		t.Errorf("%+v from %d passages, want the first of its product among five", ans.Revision, len(ans.Evidence))
	}
	if !slices.Equal(s.asked, []int{5, 20, 80}) {
		t.Errorf("asked for %v", s.asked)
	}
	s = &cabinet{passages: s.passages[30:]}
	answerFrom(t, s, nil, "Harbour", "")
	if !slices.Equal(s.asked, []int{5}) {
		t.Errorf("asked for %v, want once: nothing was left out", s.asked)
	}
}

func TestLanguageComesFirst(t *testing.T) {
	t.Parallel()
	in := func(language, question string, v engine.Verdict) func(*engine.Entry) {
		return func(e *engine.Entry) { e.Language, e.Verdict = language, v; e.Question = question }
	}
	english := in("en", "Q?", engine.VerdictYes)
	for name, c := range map[string]struct {
		first, second engine.Passage
		language      string
		want          string
	}{
		"SameQuestion":       {on("a", 0.95, english), on("b", 0.7, in("de", "q", engine.VerdictYes)), "de", "b"},
		"FitsAsWell":         {on("a", 0.95, english), on("b", 0.91, in("de", "F?", engine.VerdictYes)), "de", "b"},
		"FitsLess":           {on("a", 0.95, english), on("b", 0.8, in("de", "F?", engine.VerdictYes)), "de", "a"},
		"SaysOtherwise":      {on("a", 0.95, english), on("b", 0.95, in("de", "Q?", engine.VerdictNo)), "de", "a"},
		"InItAlready":        {on("a", 0.95, english), on("b", 0.95, in("de", "Q?", engine.VerdictYes)), "en", "a"},
		"UnknownLanguage":    {on("a", 0.95, english), on("b", 0.95, in("de", "Q?", engine.VerdictYes)), "", "a"},
		"UnknownEntry":       {on("a", 0.95, in("", "Q?", engine.VerdictYes)), on("b", 0.95, in("de", "F?", engine.VerdictYes)), "de", "a"},
		"UnknownEntrySameIt": {on("a", 0.95, in("", "Q?", engine.VerdictYes)), on("b", 0.95, in("de", "Q?", engine.VerdictYes)), "de", "b"},
		"NeitherInIt":        {on("a", 0.95, english), on("b", 0.95, in("fr", "Q?", engine.VerdictYes)), "de", "a"},
	} {
		ans := answerFrom(t, &cabinet{passages: []engine.Passage{c.first, c.second}}, nil, "", c.language)
		if ans.Revision == nil || ans.Revision.Text != "text of "+c.want {
			t.Errorf("%s: %+v, want %s", name, ans.Revision, c.want)
		}
	}
}

// TestHalvesAreWithheldToo: a question that asks two things is no way around.
func TestHalvesAreWithheldToo(t *testing.T) {
	t.Parallel()
	s := &cabinet{passages: []engine.Passage{on("internal", 0.9, seen("internal"))}}
	a := engine.Answering{Retriever: s, Drafter: s, MinConfidence: 0.7}
	q := engine.Questionnaire{Questions: []engine.Question{question("Is data encrypted at rest and in transit?", "")}}
	out, err := a.Run(t.Context(), "w", &q, nil)
	if err != nil {
		t.Fatal(err)
	}
	ans := out[0]
	if ans.Revision != nil || ans.Gap.Reason != engine.GapNotDisclosable || ans.Gap.Proposal == nil || len(ans.Gap.Proposal.Values) != 0 || len(ans.Withheld) != 1 || len(s.shown) != 0 {
		t.Errorf("%+v of %+v, shown %v", ans.Gap, ans.Gap.Proposal, s.shown)
	}
	if !slices.Equal(s.asked, []int{5, 5, 5}) {
		t.Errorf("asked for %v, want once for the whole and for each half", s.asked)
	}
}

// rogue is a drafter that remembers an entry from elsewhere.
type rogue struct {
	*cabinet
	knows *engine.Entry
}

func (r rogue) Draft(_ context.Context, q *engine.Question, _ string, _ []engine.Passage) (engine.Proposal, error) {
	return engine.Proposal{Revision: &engine.Revision{
		Verdict: engine.VerdictYes, Text: r.knows.Text, Confidence: 1, Values: []engine.PartValue{{Part: q.Parts[1], Value: r.knows.Text}},
		Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: r.knows.ID, Version: 1}},
	}}, nil
}

// TestWhatRestsOnTheWithheldIsHeld: a drafter that gets hold of an entry all the
// same is found out by what it cites.
func TestWhatRestsOnTheWithheldIsHeld(t *testing.T) {
	t.Parallel()
	for reader, want := range map[assurance.Reader]bool{{Name: "Acme"}: false, {Name: "Acme", NDA: true}: true, {Public: true}: false} {
		p := on("restricted", 0.9, seen("nda"))
		s := &cabinet{passages: []engine.Passage{p}}
		a := engine.Answering{Retriever: s, Drafter: rogue{s, p.Entry}, MinConfidence: 0.7, Assured: engine.NewAssured(&assurance.Register{}, assurance.Day{}, reader)}
		q := engine.Questionnaire{Questions: []engine.Question{question("Is all of it kept safe?", "")}}
		out, err := a.Run(t.Context(), "w", &q, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := out[0].Revision != nil; got != want || !got && out[0].Gap.Reason != engine.GapNotDisclosable {
			t.Errorf("to %+v: answered %v (%+v), want %v", reader, got, out[0].Gap, want)
		}
	}
}
