package engine_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// entryOf reads "verdict: text".
func entryOf(id, question, answer string) engine.Entry {
	verdict, text, _ := strings.Cut(answer, ":")
	return engine.Entry{ID: id, Version: 1, Question: question, Verdict: engine.Verdict(verdict), Text: strings.TrimSpace(text)}
}

// TestDuplicatePairs measures duplicates on pairs that were written by hand.
func TestDuplicatePairs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/duplicates.tsv")
	if err != nil {
		t.Fatal(err)
	}
	right, wrong, missed, kept := 0, 0, 0, 0
	for line := range strings.Lines(string(data)) {
		c := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(c) != 5 {
			continue
		}
		found := len(engine.Duplicates([]engine.Entry{entryOf("a", c[1], c[2]), entryOf("b", c[3], c[4])})) == 1
		switch want := c[0] == "yes"; {
		case found && want:
			right++
		case found:
			wrong++
			t.Logf("reported: %s", strings.Join(c[1:], " | "))
		case want:
			missed++
			t.Logf("missed: %s", strings.Join(c[1:], " | "))
		default:
			kept++
		}
	}
	precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(right+missed)
	t.Logf("of %d pairs %d reported: precision %.3f, recall %.3f", right+wrong+missed+kept, right+wrong, precision, recall)
	if right+missed < 30 || wrong+kept < 30 || precision < 0.95 || recall < 0.6 {
		t.Errorf("precision %.3f, recall %.3f; want 0.95 and 0.6", precision, recall)
	}
}

// bigLibrary returns n entries as a large library has them: from several
// questionnaires that ask much the same, with answers that mostly agree.
func bigLibrary(n int) []engine.Entry {
	verbs := []string{"encrypt", "review", "log", "restrict", "monitor", "back up", "test", "approve", "classify", "retain", "scan", "inventory"}
	things := []string{"laptops", "servers", "databases", "source code", "administrator accounts", "customer data", "network traffic", "vendor contracts",
		"mobile devices", "backup media", "access rights", "firewall rules", "API keys", "audit logs", "cloud workloads", "physical badges"}
	ways := []string{"at least annually", "before they are used", "by an independent party", "in production", "for every customer", "with approval of the owner",
		"according to a documented standard", "when employment ends", "outside of the EU", "in all regions"}
	forms := []string{"Do you %s %s %s?", "Does your company %s %s %s?", "Are there procedures to %s %s %s?", "Please describe how you %s %s %s.", "Do you currently %s the %s %s?"}
	var out []engine.Entry
	for i := range n {
		form, verb, thing, way := forms[i%len(forms)], verbs[i/5%len(verbs)], things[i/60%len(things)], ways[i/960%len(ways)]
		e := entryOf(fmt.Sprint(i), fmt.Sprintf(form, verb, thing, way), fmt.Sprintf("yes: We %s %s %s, as our standard %d says, and keep a record of it.", verb, thing, way, i/5%40))
		if i%97 == 0 {
			e.Verdict = engine.VerdictNo
		}
		out = append(out, e)
	}
	return out
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	with := func(e engine.Entry, change func(*engine.Entry)) engine.Entry {
		change(&e)
		return e
	}
	a := entryOf("a", "Is data encrypted at rest?", "yes: With AES-256.")
	for name, c := range map[string]struct {
		others []engine.Entry
		want   string
	}{
		"Alone":            {nil, ""},
		"SameInAllWords":   {[]engine.Entry{entryOf("b", "is data  encrypted at rest", "yes: With AES-256.")}, "a+b exact"},
		"OtherText":        {[]engine.Entry{entryOf("b", "Is data encrypted at rest?", "yes: By the provider.")}, "a+b exact"},
		"NoText":           {[]engine.Entry{entryOf("b", "Is data encrypted at rest?", "yes")}, "a+b exact"},
		"OtherVerdict":     {[]engine.Entry{entryOf("b", "Is data encrypted at rest?", "no: With AES-256.")}, ""},
		"OtherProduct":     {[]engine.Entry{with(a, func(e *engine.Entry) { e.ID, e.Products = "b", []string{"P"} })}, ""},
		"OtherLanguage":    {[]engine.Entry{with(a, func(e *engine.Entry) { e.ID, e.Language = "b", "en" }), with(a, func(e *engine.Entry) { e.ID, e.Language = "c", "de" })}, "a+b+c exact"},
		"KnownLanguages":   {[]engine.Entry{with(a, func(e *engine.Entry) { e.ID, e.Question, e.Language = "b", "Q?", "en" }), with(a, func(e *engine.Entry) { e.ID, e.Question, e.Language = "c", "Q?", "de" })}, ""},
		"OtherSection":     {[]engine.Entry{with(inSection(a, "f", "One"), func(e *engine.Entry) { e.ID = "b"; e.Verdict = "no" }), with(inSection(a, "f", "Two"), func(e *engine.Entry) { e.ID = "c"; e.Verdict = "no" })}, ""},
		"OtherFileSection": {[]engine.Entry{with(inSection(a, "f", "One"), func(e *engine.Entry) { e.ID = "b"; e.Verdict = "no" }), with(inSection(a, "g", "Two"), func(e *engine.Entry) { e.ID = "c"; e.Verdict = "no" })}, "b+c exact"},
		"TwoForTwoReaders": {[]engine.Entry{with(entryOf("b", a.Question, "yes: By the provider."), func(e *engine.Entry) { e.Visibility = "public" })}, ""},
		"InOtherWords":     {[]engine.Entry{entryOf("b", "Do you encrypt all data at rest?", "yes: With AES-256.")}, "a+b"},
		"InOtherWordsBare": {[]engine.Entry{entryOf("b", "Do you encrypt all data at rest?", "yes")}, ""},
		"TwoGroups": {[]engine.Entry{entryOf("b", "Who is the CISO?", ": Ann."), entryOf("c", "Is data encrypted at rest?", "yes: x"), entryOf("d", "Who is the CISO", ": Ann"),
			entryOf("e", "Is data encrypted at rest?", "no: x")}, "a+c exact, b+d exact"},
	} {
		var got []string
		for _, g := range engine.Duplicates(append([]engine.Entry{a}, c.others...)) {
			var ids []string
			for _, e := range g.Entries {
				ids = append(ids, e.ID)
			}
			got = append(got, strings.Join(ids, "+")+map[bool]string{true: " exact"}[g.Exact])
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

func inSection(e engine.Entry, file, section string) engine.Entry {
	e.Source.File, e.Section = file, section
	return e
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	of := func(e engine.Entry, products ...string) engine.Entry { e.Products = products; return e }
	in := func(e engine.Entry, language string) engine.Entry { e.Language = language; return e }
	yes, no := entryOf("a", "Is data encrypted at rest?", "yes: x"), entryOf("b", "is data encrypted at rest", "no: y")
	for name, c := range map[string]struct {
		entries []engine.Entry
		want    string
	}{
		"Opposites":       {[]engine.Entry{yes, no}, "a-b"},
		"InOtherWords":    {[]engine.Entry{yes, entryOf("b", "Do you encrypt data at rest?", "no: y")}, "a-b"},
		"Agreement":       {[]engine.Entry{yes, entryOf("b", "Is data encrypted at rest?", "yes: y")}, ""},
		"AnotherQuestion": {[]engine.Entry{yes, entryOf("b", "Is data encrypted in transit?", "no: y")}, ""},
		"NotApplicable":   {[]engine.Entry{yes, entryOf("b", yes.Question, "not_applicable: y")}, "a-b"},
		"Narrative":       {[]engine.Entry{yes, entryOf("b", yes.Question, ": y")}, ""},
		"OtherProduct":    {[]engine.Entry{of(yes, "P"), of(no, "Q")}, ""},
		"SharedProduct":   {[]engine.Entry{of(yes, "P", "Q"), of(no, "q")}, "a-b"},
		"AllProducts":     {[]engine.Entry{yes, of(no, "Q")}, "a-b"},
		"OtherLanguage":   {[]engine.Entry{in(yes, "en"), in(no, "de")}, ""},
		"UnknownLanguage": {[]engine.Entry{in(yes, "en"), no}, "a-b"},
		"OtherSection":    {[]engine.Entry{inSection(yes, "f", "One"), inSection(no, "f", "Two")}, ""},
		"SameSection":     {[]engine.Entry{inSection(yes, "f", "One"), inSection(no, "f", "ONE")}, "a-b"},
		"SectionsOfFiles": {[]engine.Entry{inSection(yes, "f", "One"), inSection(no, "g", "Two")}, "a-b"},
		"ManyAlike":       {[]engine.Entry{yes, entryOf("c", yes.Question, "yes: z"), entryOf("d", yes.Question, "yes"), no}, "a-b+2"},
		"Three":           {[]engine.Entry{yes, no, entryOf("c", yes.Question, "partial: z")}, "a-b, a-c, b-c"},
	} {
		var got []string
		for _, x := range engine.Conflicts(c.entries) {
			s := x.A.ID + "-" + x.B.ID
			if x.Like > 0 {
				s += fmt.Sprint("+", x.Like)
			}
			got = append(got, s)
			if x.Why == "" {
				t.Errorf("%s: no word about why", name)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// TestStaleListIsWhatAnsweringHolds: the list names the entries that make
// stale gaps, by the same rule.
func TestStaleListIsWhatAnsweringHolds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	day := func(days int) *time.Time { d := now.AddDate(0, 0, days); return &d }
	var entries []engine.Entry
	for i, d := range [][2]*time.Time{{nil, nil}, {day(-10), nil}, {day(-1000), nil}, {day(-1000), day(1)}, {day(-10), day(-1)}, {nil, day(-1)}, {nil, day(0)}} {
		e := entryOf(fmt.Sprint(i), "Q?", "yes")
		e.ReviewedAt, e.ReviewBy = d[0], d[1]
		entries = append(entries, e)
	}
	var got []string
	for _, s := range engine.Stale(entries, now, 365*24*time.Hour) {
		got = append(got, s.Entry.ID)
		if s.Why == "" {
			t.Error("no word about why")
		}
	}
	if strings.Join(got, " ") != "2 4 5" {
		t.Errorf("got %v, want 2 4 5", got)
	}
}

func BenchmarkDuplicates(b *testing.B) {
	entries := bigLibrary(10_000)
	for b.Loop() {
		if len(engine.Duplicates(entries)) == 0 {
			b.Fatal("there are none")
		}
	}
}

func BenchmarkConflicts(b *testing.B) {
	entries := bigLibrary(10_000)
	for b.Loop() {
		if len(engine.Conflicts(entries)) == 0 {
			b.Fatal("there are none")
		}
	}
}
