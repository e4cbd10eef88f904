package engine_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/engine/store"
)

// row is an entry in short: the file, the ref in it, the question, the answer.
func row(file, ref, question, answer string) engine.Entry {
	return engine.Entry{Question: question, Answer: answer, Source: engine.Source{File: file, Ref: ref}}
}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.EnsureWorkspace(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	return s
}

// failer is a test, or one run of a property.
type failer interface {
	Helper()
	Fatal(...any)
}

func library(t failer, s engine.Store, workspace string) []engine.Entry {
	t.Helper()
	var list []engine.Entry
	for e, err := range s.AllEntries(context.Background(), workspace, engine.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

func results(r engine.ImportReport) string {
	var list []string
	for _, o := range r.Outcomes {
		list = append(list, string(o.Result))
	}
	return strings.Join(list, " ")
}

func TestImportEntries(t *testing.T) {
	t.Parallel()
	day, yes := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), engine.VerdictYes
	later := day.AddDate(1, 0, 0)
	with := func(e engine.Entry, change func(*engine.Entry)) engine.Entry { change(&e); return e }
	type step struct {
		entries []engine.Entry
		want    string // the results
	}
	for _, x := range []struct {
		rule  string
		steps []step
		want  []string // what the library says in the end: file, answer, version
	}{
		{"SameAgainIsUnchanged", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x"), row("a", "2", "R?", "y")}, "added added"},
			{[]engine.Entry{row("a", "1", "Q?", "x"), row("a", "2", "R?", "y")}, "unchanged unchanged"},
		}, []string{"a x 1", "a y 1"}},
		{"OtherContentInTheSamePlaceIsAVersion", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "added"},
			{[]engine.Entry{row("a", "1", "Q?", "y")}, "changed"},
			{[]engine.Entry{with(row("a", "1", "q ?", "y"), func(e *engine.Entry) { e.ReviewedAt = &day })}, "changed"},
			{[]engine.Entry{with(row("a", "1", "q ?", "y"), func(e *engine.Entry) { e.ReviewedAt, e.ReviewBy = &day, &later })}, "changed"},
			{[]engine.Entry{with(row("a", "1", "q ?", "y"), func(e *engine.Entry) { e.ReviewedAt, e.ReviewBy = &day, &later })}, "unchanged"},
			{[]engine.Entry{with(row("a", "1", "q ?", "y"), func(e *engine.Entry) { e.ReviewedAt = &day })}, "changed"},
		}, []string{"a y 5"}},
		{"WhatAListSaysNothingOfStays", []step{
			{[]engine.Entry{with(row("a", "1", "Q?", "x"), marked("internal", "ann", "de", "P"))}, "added"},
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "unchanged"},
			{[]engine.Entry{row("a", "1", "Q?", "y")}, "changed"},
			{[]engine.Entry{with(row("a", "1", "Q?", "y"), marked("internal", "ann", "de", "P"))}, "unchanged"},
			{[]engine.Entry{with(row("a", "1", "Q?", "y"), marked("public", "bob", "en", "Q"))}, "changed"},
			{[]engine.Entry{with(row("a", "1", "Q?", "y"), marked("public", "bob", "en", "Q"))}, "unchanged"},
		}, []string{"a y 3"}},
		{"AnotherFileCanCloseAnAnswerAndNotOpenIt", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "added"},
			{[]engine.Entry{with(row("b", "1", "Q?", "x"), marked("nda", "", ""))}, "changed"},
			{[]engine.Entry{with(row("c", "1", "Q?", "x"), marked("public", "", ""))}, "unchanged"},
			{[]engine.Entry{row("c", "1", "Q?", "x")}, "unchanged"},
			{[]engine.Entry{with(row("c", "1", "Q?", "x"), marked("internal", "", ""))}, "changed"},
			{[]engine.Entry{with(row("a", "1", "Q?", "x"), marked("internal", "", ""))}, "unchanged"},
		}, []string{"a x 3"}},
		{"AnotherFileWithAnotherProductStandsBeside", []step{
			{[]engine.Entry{with(row("a", "1", "Q?", "x"), marked("", "", "", "P"))}, "added"},
			{[]engine.Entry{with(row("b", "1", "Q?", "x"), marked("", "", "", "Q"))}, "added"},
			{[]engine.Entry{with(row("c", "1", "Q?", "x"), marked("", "", "", "P"))}, "unchanged"},
		}, []string{"a x 1", "b x 1"}},
		{"AnotherFileWithAnotherAnswerStandsBeside", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "added"},
			{[]engine.Entry{row("b", "1", "Q?", "y")}, "added"},
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "unchanged"},
		}, []string{"a x 1", "b y 1"}},
		{"AnotherFileWithTheSameAnswerIsUnchanged", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x")}, "added"},
			{[]engine.Entry{with(row("b", "9", "q", "x"), func(e *engine.Entry) { e.Section, e.Tags = "S", []string{"t"} })}, "unchanged"},
			{[]engine.Entry{with(row("b", "9", "q", "x"), func(e *engine.Entry) { e.Ownership = "Customer" })}, "added"},
			{[]engine.Entry{with(row("b", "9", "q", "x"), func(e *engine.Entry) { e.Verdict = yes })}, "changed"},
		}, []string{"a x 1", "b x 2"}},
		{"AFileCorrectedToWhatAnotherSaysIsChanged", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x"), row("b", "1", "Q?", "y")}, "added added"},
			{[]engine.Entry{row("a", "1", "Q?", "y")}, "changed"},
			{[]engine.Entry{row("a", "1", "Q?", "y")}, "unchanged"},
		}, []string{"a y 2", "b y 1"}},
		{"RepeatedQuestionsAreNumbered", []step{
			{[]engine.Entry{row("a", "", "Q?", "x"), row("a", "", "Q?", "y"), row("a", "", "Q?", "x")}, "added added unchanged"},
			{[]engine.Entry{row("a", "", "Q?", "x"), row("a", "", "Q?", "z")}, "unchanged changed"},
		}, []string{"a x 1", "a z 2"}},
		{"SwappedRowsAreUnchanged", []step{
			{[]engine.Entry{row("a", "", "Q?", "x"), row("a", "", "Q?", "y")}, "added added"},
			{[]engine.Entry{row("a", "", "Q?", "y"), row("a", "", "Q?", "x")}, "unchanged unchanged"},
		}, []string{"a x 1", "a y 1"}},
		{"AMovedRowAndANewOneBothStand", []step{
			{[]engine.Entry{row("a", "", "Q?", "x"), row("a", "", "Q?", "y")}, "added added"},
			{[]engine.Entry{row("a", "", "Q?", "y"), row("a", "", "Q?", "z")}, "unchanged changed"},
			{[]engine.Entry{row("a", "", "Q?", "y"), row("a", "", "Q?", "z")}, "unchanged unchanged"},
		}, []string{"a z 2", "a y 1"}},
		{"ARowInsertedAboveIsAdded", []step{
			{[]engine.Entry{row("a", "", "Q?", "x")}, "added"},
			{[]engine.Entry{row("a", "", "Q?", "w"), row("a", "", "Q?", "x")}, "added unchanged"},
			{[]engine.Entry{row("a", "", "Q?", "w"), row("a", "", "Q?", "x")}, "unchanged unchanged"},
		}, []string{"a x 1", "a w 1"}},
		{"RowsThatSayTheSameCountOnce", []step{
			{[]engine.Entry{row("a", "", "Q?", "1"), row("a", "", "Q?", "2"), row("a", "", "Q?", "3"), row("a", "", "Q?", "4")}, "added added added added"},
			{[]engine.Entry{row("a", "", "Q?", "3"), row("a", "", "Q?", "4"), row("a", "", "Q?", "n"), row("a", "", "Q?", "n")}, "unchanged unchanged changed unchanged"},
		}, []string{"a n 2", "a 2 1", "a 3 1", "a 4 1"}},
		{"RefsTellRepeatedQuestionsApart", []step{
			{[]engine.Entry{row("a", "1", "Q?", "x"), row("a", "2", "Q?", "y")}, "added added"},
			{[]engine.Entry{row("a", "2", "Q?", "z"), row("a", "1", "Q?", "x")}, "changed unchanged"},
		}, []string{"a x 1", "a z 2"}},
		{"RefusedOnesDoNotStopTheOthers", []step{
			{[]engine.Entry{row("a", "1", " ? ", "x"), row("a", "2", "Q?", "x"), row("a", "3", "R?", " "),
				with(row("a", "4", "S?", "x"), func(e *engine.Entry) { e.Verdict = "maybe" })}, "refused added refused refused"},
		}, []string{"a x 1"}},
		{"TwoFilesInOneImport", []step{
			{[]engine.Entry{row("a", "", "Q?", "x"), row("b", "", "Q?", "x"), row("c", "", "Q?", "y")}, "added unchanged added"},
			{[]engine.Entry{row("b", "", "Q?", "x"), row("a", "", "Q?", "z")}, "added changed"},
			{[]engine.Entry{row("b", "", "Q?", "x"), row("a", "", "Q?", "z")}, "unchanged unchanged"},
		}, []string{"a z 2", "c y 1", "b x 1"}},
		{"DaysAndBrokenBytesAreStoredAsCompared", []step{
			{[]engine.Entry{with(row("a\xff", "\x00r", "Q?\xff", "x\x00"), func(e *engine.Entry) {
				at := time.Date(2026, 3, 1, 23, 59, 0, 5, time.FixedZone("", -8*3600))
				e.ReviewedAt, e.Tags = &at, []string{"t\xfe"}
			})}, "added"},
			{[]engine.Entry{with(row("a\xff", "\x00r", "Q?\xff", "x\x00"), func(e *engine.Entry) { e.ReviewedAt, e.Tags = &day, []string{"t\xfe"} })}, "unchanged"},
		}, []string{"a\uFFFD x 1"}},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			for i, step := range x.steps {
				r, err := engine.ImportEntries(t.Context(), s, "w", step.entries)
				if err != nil {
					t.Fatal(err)
				}
				if got := results(r); got != step.want {
					t.Errorf("step %d: got %s, want %s", i+1, got, step.want)
				}
				checkReport(t, r)
			}
			var got []string
			for _, e := range library(t, s, "w") {
				got = append(got, fmt.Sprintf("%s %s %d", e.Source.File, e.Answer, e.Version))
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("library: -want +got\n%s", diff)
			}
		})
	}
}

// checkReport fails if the parts of a report do not agree.
func checkReport(t *testing.T, r engine.ImportReport) {
	t.Helper()
	n := map[engine.ImportResult]int{}
	for _, o := range r.Outcomes {
		n[o.Result]++
		if refused := o.Result == engine.ImportRefused; refused != (o.ID == "") || refused != (o.Version == 0) || refused != (o.Reason != "") {
			t.Errorf("outcome %+v", o)
		}
	}
	if n[engine.ImportAdded] != r.Added || n[engine.ImportChanged] != r.Changed || n[engine.ImportUnchanged] != r.Unchanged || n[engine.ImportRefused] != len(r.Refused) {
		t.Errorf("counts %d %d %d %d do not fit %v", r.Added, r.Changed, r.Unchanged, len(r.Refused), n)
	}
}

func TestImportSaysWhatItRefusedAndWhere(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	e := row("a.csv", "R-1", "Q?", "")
	e.Source.Place = "line 7"
	r, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{e})
	if err != nil {
		t.Fatal(err)
	}
	want := []engine.Refusal{{Place: "line 7", Ref: "R-1", Reason: engine.ErrNoAnswer.Error()}}
	if diff := cmp.Diff(want, r.Refused); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestImportKeepsOldVersions(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	var id string
	for _, answer := range []string{"x", "y", "z"} {
		r, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{row("a", "1", "Q?", answer)})
		if err != nil {
			t.Fatal(err)
		}
		id = r.Outcomes[0].ID
	}
	list, err := s.EntryVersions(t.Context(), "w", id)
	if err != nil || len(list) != 3 || list[0].Answer != "x" || list[2].Answer != "z" {
		t.Errorf("got %+v (%v), want x, y, z", list, err)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	if r, err := engine.ImportEntries(t.Context(), s, "nowhere", []engine.Entry{row("a", "", "Q?", "x")}); !errors.Is(err, engine.ErrNoWorkspace) || r.Added != 0 {
		t.Errorf("got %+v, %v, want ErrNoWorkspace and an empty report", r, err)
	}
	bad := row("a", "", "R?", "x")
	bad.Source.Nth = -5 // numbered by the import, so it does no harm
	if _, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{row("a", "", "Q?", "x"), bad}); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := engine.ImportControls(ctx, s, "w", []engine.Control{{Ref: "1", Title: "x"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestImportKeepsEveryField(t *testing.T) {
	t.Parallel()
	s, day, by := openStore(t), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	e := engine.Entry{
		Question: "Q?", Verdict: engine.VerdictNo, Answer: "a", Text: "t", Ownership: "o", Section: "s", Tags: []string{"x", "y"}, Owner: "w",
		ReviewedAt: &day, ReviewBy: &by, Source: engine.Source{File: "f", Ref: "r", Nth: 0, Place: "p"},
		Visibility: engine.VisibilityNDA, Products: []string{"Harbour", "Quay"}, Language: "en",
	}
	c := engine.Control{
		Ref: "r", Domain: "d", Title: "t", Description: "e", Criteria: []string{"CC6.1", "A.8.24"}, Owner: "o", Frequency: "f", Status: "s", Planned: "p",
		Source: engine.Source{File: "f", Ref: "r", Nth: 2, Place: "p"},
	}
	re, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{e})
	if err != nil {
		t.Fatal(err)
	}
	rc, err := engine.ImportControls(t.Context(), s, "w", []engine.Control{c})
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.Version, c.ID, c.Version = re.Outcomes[0].ID, 1, rc.Outcomes[0].ID, 1
	for _, v := range []any{e, c} {
		for i, f := 0, reflect.ValueOf(v); i < f.NumField(); i++ {
			if f.Field(i).IsZero() {
				t.Errorf("%T: say here what %s is", v, f.Type().Field(i).Name)
			}
		}
	}
	entries, _ := s.Entries(t.Context(), "w", []string{e.ID})
	controls, _ := s.Controls(t.Context(), "w", []string{c.ID})
	if diff := cmp.Diff([]engine.Entry{e}, entries); diff != "" {
		t.Errorf("entry: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]engine.Control{c}, controls); diff != "" {
		t.Errorf("control: -want +got\n%s", diff)
	}
}

func TestImportControls(t *testing.T) {
	t.Parallel()
	c := func(ref, title string) engine.Control { return engine.Control{Ref: ref, Title: title} }
	s := openStore(t)
	for i, step := range []struct {
		controls []engine.Control
		want     string
	}{
		{[]engine.Control{c("AC-1", "x"), c("AC-2", "y"), c("", "z"), c("AC-3", "")}, "added added refused refused"},
		{[]engine.Control{c("AC-1", "x"), c("AC-2", "changed")}, "unchanged changed"},
		{[]engine.Control{c(" AC-1 ", "x")}, "unchanged"},
		{[]engine.Control{c("ac-1", "x")}, "changed"},
		{[]engine.Control{c("ac-1", "x"), c("AC-1", "x"), c("AC-1", "other")}, "unchanged unchanged refused"},
		{[]engine.Control{c("AC-2", "two"), c("ac-2", "three"), c("AC-2", "two")}, "changed refused unchanged"},
		{[]engine.Control{c("AC-2", "two"), c("ac-2", "three"), c("AC-2", "two")}, "unchanged refused unchanged"},
		{[]engine.Control{c("AC-9", "n"), c("AC-9", "n"), c("ac-9", "m")}, "added unchanged refused"},
	} {
		r, err := engine.ImportControls(t.Context(), s, "w", step.controls)
		if err != nil {
			t.Fatal(err)
		}
		if got := results(r); got != step.want {
			t.Errorf("step %d: got %s, want %s", i+1, got, step.want)
		}
		checkReport(t, r)
	}
}

// TestImportedControlsAreLaidOver: what a list leaves empty stays, what is
// planned as long as the status does.
func TestImportedControlsAreLaidOver(t *testing.T) {
	t.Parallel()
	stored := engine.Control{Ref: "AC-1", Domain: "Access", Title: "T", Description: "D", Criteria: []string{"CC6.1"}, Owner: "Ann", Frequency: "annual", Status: "planned", Planned: "by June"}
	with := func(change func(*engine.Control)) engine.Control { c := stored; change(&c); return c }
	for name, c := range map[string]struct{ list, want engine.Control }{
		"TheTitleAlone":  {engine.Control{Ref: "AC-1", Title: "T"}, stored},
		"AnOwner":        {engine.Control{Ref: "AC-1", Title: "T", Owner: "Bob"}, with(func(c *engine.Control) { c.Owner = "Bob" })},
		"SameStatus":     {engine.Control{Ref: "AC-1", Description: "D", Status: "Planned"}, with(func(c *engine.Control) { c.Status = "Planned" })},
		"NowInPlace":     {engine.Control{Ref: "AC-1", Description: "D", Status: "implemented"}, with(func(c *engine.Control) { c.Status, c.Planned = "implemented", "" })},
		"OtherCriteria":  {engine.Control{Ref: "AC-1", Title: "T", Criteria: []string{"CC6.2"}}, with(func(c *engine.Control) { c.Criteria = []string{"CC6.2"} })},
		"SaidOnceOrMore": {stored, stored},
	} {
		s := openStore(t)
		for _, list := range [][]engine.Control{{stored}, {c.list, c.list}} {
			r, err := engine.ImportControls(t.Context(), s, "w", list)
			if err != nil || len(r.Refused) != 0 {
				t.Fatalf("%s: %+v, %v", name, r, err)
			}
		}
		for got, err := range s.AllControls(t.Context(), "w", engine.ControlFilter{}) {
			if err != nil || !got.SaysSame(&c.want) {
				t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
			}
		}
	}
}

// anyEntry draws entries from so few words that they meet.
func anyEntry(files ...string) *rapid.Generator[engine.Entry] {
	days := []*time.Time{nil, {}, {}}
	for i := range days[1:] {
		*days[i+1] = time.Date(2026, 1, 1+i, 15, 0, 0, 1, time.FixedZone("", 3600))
	}
	return rapid.Custom(func(t *rapid.T) engine.Entry {
		word := func(name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
		return engine.Entry{
			Question: word("question", "Q?", "q", "R?", "?"), Answer: word("answer", "", "x", "y", "z\xff"), Text: word("text", "", "", "t\x00"),
			Verdict: rapid.SampledFrom([]engine.Verdict{"", "", "yes", "bad"}).Draw(t, "verdict"), Ownership: word("ownership", "", "", "o"),
			Section: word("section", "", "", "", "s"), Tags: rapid.SampledFrom([][]string{nil, nil, {}, {"a"}, {"a", "b"}}).Draw(t, "tags"),
			Owner: word("owner", "", "", "", "w"), ReviewedAt: rapid.SampledFrom(days).Draw(t, "reviewed"), ReviewBy: rapid.SampledFrom(days).Draw(t, "by"),
			Source:     engine.Source{File: word("file", files...), Ref: word("ref", "", "", "1", "2"), Place: word("place", "p", "q")},
			Visibility: rapid.SampledFrom([]engine.Visibility{"", "", "public", "nda", "internal"}).Draw(t, "visibility"),
			Products:   rapid.SampledFrom([][]string{nil, nil, {}, {"P"}}).Draw(t, "products"), Language: word("language", "", "", "en"),
		}
	})
}

// TestImportingTwiceChangesNothing puts a library in any state, imports any
// file, and imports it again.
func TestImportingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, n := openStore(t), 0
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		n++
		w := fmt.Sprint("w", n)
		if err := s.EnsureWorkspace(ctx, w); err != nil {
			t.Fatal(err)
		}
		imported := func(entries []engine.Entry) engine.ImportReport {
			r, err := engine.ImportEntries(ctx, s, w, entries)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		// Any state: other imports, and entries put by hand in any place.
		for range rapid.IntRange(0, 3).Draw(t, "imports before") {
			imported(rapid.SliceOfN(anyEntry("f", "g"), 0, 6).Draw(t, "before"))
		}
		for _, e := range rapid.SliceOfN(anyEntry("f", "g", "h"), 0, 6).Draw(t, "by hand") {
			e.Source.Nth = rapid.IntRange(0, 2).Draw(t, "nth")
			_, _ = s.PutEntry(ctx, w, e) // what is refused is not in the state
		}
		before := library(t, s, w)

		entries := rapid.SliceOfN(anyEntry(rapid.SampledFrom([][]string{{"f"}, {"f", "g"}}).Draw(t, "files")...), 0, 8).Draw(t, "entries")
		first := imported(entries)
		after := library(t, s, w)
		seq, err := s.LastChange(ctx)
		if err != nil {
			t.Fatal(err)
		}
		second := imported(entries)
		if second.Added != 0 || second.Changed != 0 || len(second.Refused) != len(first.Refused) {
			t.Fatalf("first: %s\nsecond: %s", results(first), results(second))
		}
		if got, err := s.LastChange(ctx); got != seq || err != nil {
			t.Fatalf("%d outbox rows for nothing (%v)", got-seq, err)
		}
		if diff := cmp.Diff(after, library(t, s, w)); diff != "" {
			t.Fatalf("the library changed the second time:\n%s", diff)
		}

		// What was taken is said by the entry that the report names.
		byID := map[string]engine.Entry{}
		for _, e := range after {
			byID[e.ID] = e
		}
		for i, o := range first.Outcomes {
			if o.Result == engine.ImportRefused {
				continue
			}
			got, want := byID[o.ID], entries[i]
			if got.Version != o.Version || got.Key() != want.Key() || got.Verdict != want.Verdict || got.Ownership != want.Ownership ||
				got.Answer != strings.ToValidUTF8(want.Answer, "\uFFFD") || got.Text != strings.Trim(want.Text, "\x00") {
				t.Fatalf("%s as %+v, but it says %+v", o.Result, want, got)
			}
		}
		// Nothing is lost, and files that are not imported are not touched.
		for _, e := range before {
			versions, err := s.EntryVersions(ctx, w, e.ID)
			if err != nil || len(versions) < e.Version {
				t.Fatalf("entry %+v has %d versions (%v)", e, len(versions), err)
			}
			if diff := cmp.Diff(e, versions[e.Version-1], cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("an old version changed:\n%s", diff)
			}
			if now := byID[e.ID]; e.Source.File == "h" && now.Version != e.Version {
				now.Version, now.ReviewedAt, now.ReviewBy, now.Visibility = e.Version, e.ReviewedAt, e.ReviewBy, e.Visibility
				if diff := cmp.Diff(e, now, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("entry of another file was changed in more than its days and who may have it:\n%s", diff)
				}
			}
		}
	})
}

// TestLaterReviewInAnotherFileIsTaken: a person who reviews an answer brings it
// back in a file of another name, and it must not stay stale for that.
func TestLaterReviewInAnotherFileIsTaken(t *testing.T) {
	t.Parallel()
	day := func(n int) *time.Time { d := time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC); return &d }
	for name, c := range map[string]struct {
		reviewed, by     *time.Time // of the entry there is
		laterAt, laterBy *time.Time // of the same answer in another file
		wantAt, wantBy   *time.Time
		want             engine.ImportResult
	}{
		"LaterReview":        {day(1), day(9), day(2), day(19), day(2), day(19), engine.ImportChanged},
		"FirstReview":        {nil, nil, day(2), nil, day(2), nil, engine.ImportChanged},
		"FirstDue":           {day(1), nil, day(1), day(9), day(1), day(9), engine.ImportChanged},
		"EarlierReview":      {day(2), day(9), day(1), day(19), day(2), day(9), engine.ImportUnchanged},
		"NoDays":             {day(2), day(9), nil, nil, day(2), day(9), engine.ImportUnchanged},
		"SameReviewOtherDue": {day(2), day(9), day(2), day(8), day(2), day(9), engine.ImportUnchanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStore(t)
			put := func(file string, at, by *time.Time) engine.ImportReport {
				e := row(file, "", "Is data encrypted?", "Yes")
				e.ReviewedAt, e.ReviewBy = at, by
				r, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{e})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			put("a.csv", c.reviewed, c.by)
			r := put("b.csv", c.laterAt, c.laterBy)
			list := library(t, s, "w")
			if len(list) != 1 || r.Outcomes[0].Result != c.want {
				t.Fatalf("%d entries, %s; want one, %s", len(list), results(r), c.want)
			}
			want := list[0]
			want.ReviewedAt, want.ReviewBy, want.Source.File = c.wantAt, c.wantBy, "a.csv"
			if diff := cmp.Diff(want, list[0]); diff != "" {
				t.Errorf("want - got +\n%s", diff)
			}
		})
	}
}

func TestImportingControlsTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, n := openStore(t), 0
	controls := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) engine.Control {
		return engine.Control{
			Ref: rapid.SampledFrom([]string{"A", "a", " A", "B", "", "b\xff"}).Draw(t, "ref"), Title: rapid.SampledFrom([]string{"", "x", "y\x00"}).Draw(t, "title"),
			Criteria: rapid.SampledFrom([][]string{nil, {}, {"CC6.1"}}).Draw(t, "criteria"),
			Source:   engine.Source{File: rapid.SampledFrom([]string{"f", "g"}).Draw(t, "file")},
		}
	}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		n++
		w := fmt.Sprint("w", n)
		if err := s.EnsureWorkspace(ctx, w); err != nil {
			t.Fatal(err)
		}
		given := controls.Draw(t, "given")
		for i, list := range [][]engine.Control{controls.Draw(t, "before"), given, given} {
			before, _ := s.LastChange(ctx)
			r, err := engine.ImportControls(ctx, s, w, list)
			if err != nil {
				t.Fatal(err)
			}
			if after, _ := s.LastChange(ctx); i == 2 && (r.Added != 0 || r.Changed != 0 || after != before) {
				t.Fatalf("the second time: %s", results(r))
			}
		}
	})
}

// marked returns what marks an entry.
func marked(v engine.Visibility, owner, language string, products ...string) func(*engine.Entry) {
	return func(e *engine.Entry) {
		e.Visibility, e.Owner, e.Language, e.Products = v, owner, language, products
	}
}

// TestUnmarkedEntriesHashAsBefore: the audit log holds hashes of versions that
// are older than the marks, and they must still be theirs.
func TestUnmarkedEntriesHashAsBefore(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	e := engine.Entry{
		ID: "01890000-0000-7000-8000-000000000000", Version: 2, Question: "Q?", Verdict: engine.VerdictYes, Answer: "a", Text: "t", Ownership: "o", Section: "s", Tags: []string{"x"},
		Owner: "w", ReviewedAt: &day, ReviewBy: &day, Source: engine.Source{File: "f", Ref: "r", Nth: 1, Place: "p"},
	}
	if got := engine.AuditHash(&e); got != "e47fde4e53f1feb0d26e499a9cb850a98d99122591b4dc48828521f7929571ce" {
		t.Errorf("the hash is %s", got)
	}
}
