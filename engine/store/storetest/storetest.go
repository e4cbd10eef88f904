// Package storetest holds what every engine.Store has to do, whatever
// database is behind it. It is a package of its own so that testing never
// links into the product. A behaviour is changed here first.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/engine"
)

// The two workspaces of every test. What happens in here must not be seen in
// there.
const (
	here  = "here"
	there = "there"
)

// Exercise runs the rules over stores from open, which returns an empty one
// each time and closes it when its test ends.
func Exercise(t *testing.T, open func(*testing.T) engine.Store) {
	for _, rule := range []struct {
		name string
		test func(*testing.T, engine.Store)
	}{
		{"EveryFieldOfAnEntryIsKept", entryFields},
		{"EveryFieldOfAControlIsKept", controlFields},
		{"EveryFieldOfALayoutIsKept", layoutFields},
		{"TextsAreKeptToTheByte", oddTexts},
		{"VersionsAreKept", versions},
		{"StaleVersionsAreRefused", staleVersions},
		{"InvalidIsRefused", invalid},
		{"OneControlPerRef", oneControlPerRef},
		{"PutNeedsTheWorkspace", unknownWorkspace},
		{"ManyIdsComeInTheirOrder", manyIDs},
		{"EveryFilterFieldFilters", filters},
		{"PagesHoldEverythingOnce", pages},
		{"LoopsSeeOneState", loops},
		{"WorkspacesAreIsolatedInEveryMethod", isolation},
		{"EveryChangeIsInTheOutbox", outbox},
		{"UnchangedImportsLeaveNoTrace", unchangedImports},
		{"TransactionsSeeTheirOwnWrites", ownWrites},
		{"ErrorsUndoTheTransaction", undoneByError},
		{"PanicsUndoTheTransaction", undoneByPanic},
		{"FailedStatementsUndoTheTransaction", undoneByStatement},
		{"CancelledContextsStopEveryMethod", cancelled},
		{"CancelledTransactionsAreUndone", undoneByCancel},
		{"WritersDoNotLoseUpdates", func(t *testing.T, s engine.Store) { ConcurrentWriters(t, s, s) }},
	} {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for _, w := range []string{here, there} {
				if err := s.EnsureWorkspace(t.Context(), w); err != nil {
					t.Fatal(err)
				}
			}
			rule.test(t, s)
		})
	}
}

// ConcurrentWriters lets writers and readers loose on one database through two
// stores, which may be the same.
func ConcurrentWriters(t *testing.T, a, b engine.Store) {
	const workers, rounds = 4, 15
	ctx := t.Context()
	if err := a.EnsureWorkspace(ctx, here); err != nil {
		t.Fatal(err)
	}
	counter, err := a.PutControl(ctx, here, engine.Control{Ref: "COUNT", Title: "0"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range workers {
		s := []engine.Store{a, b}[i%2]
		wg.Go(func() {
			for n := range rounds {
				if _, err := s.PutEntry(ctx, here, entry(fmt.Sprintf("Question %d of worker %d?", n, i))); err != nil {
					t.Error(err)
				}
				err := s.InTx(ctx, func(tx engine.Tx) error {
					list, err := tx.Controls(ctx, here, []string{counter.ID})
					if err != nil || len(list) != 1 {
						return fmt.Errorf("%d controls: %w", len(list), err)
					}
					_, err = tx.PutControl(ctx, here, list[0])
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			seen := int64(0)
			for seen < 2*workers*rounds+1 && !t.Failed() {
				list, err := s.Changes(ctx, seen, 7)
				if err != nil {
					t.Error(err)
					return
				}
				for _, c := range list {
					if c.Seq != seen+1 {
						t.Errorf("change %d after %d: one was passed over", c.Seq, seen)
						return
					}
					seen = c.Seq
				}
			}
		})
	}
	wg.Wait()
	got := must(b.Controls(ctx, here, []string{counter.ID}))(t)
	if len(got) != 1 || got[0].Version != workers*rounds+1 {
		t.Errorf("counter: got %+v, want version %d", got, workers*rounds+1)
	}
	if got := all(t, b.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != workers*rounds {
		t.Errorf("got %d entries, want %d", len(got), workers*rounds)
	}
}

func entryFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.Entry{}
	fill(t, reflect.ValueOf(&full).Elem(), "entry")
	full.ID, full.Version, full.Verdict = "", 0, engine.VerdictPartial
	bare := engine.Entry{Question: "Bare?", Answer: "x"}
	var stored []engine.Entry
	for _, e := range []engine.Entry{full, bare} {
		want := must(s.PutEntry(ctx, here, e))(t)
		if want.ID == "" || want.Version != 1 {
			t.Fatalf("got id %q version %d", want.ID, want.Version)
		}
		e.ID, e.Version = want.ID, want.Version
		same(t, "PutEntry", want, e)
		same(t, "Entries", must(s.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
		same(t, "EntriesByKey", must(s.EntriesByKey(ctx, here, []string{e.Key()}))(t), []engine.Entry{e})
		same(t, "EntryVersions", must(s.EntryVersions(ctx, here, e.ID))(t), []engine.Entry{e})
		stored = append(stored, e)
	}
	same(t, "AllEntries", all(t, s.AllEntries(ctx, here, engine.EntryFilter{})), stored)
}

func controlFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.Control{}
	fill(t, reflect.ValueOf(&full).Elem(), "control")
	full.ID, full.Version = "", 0
	bare := engine.Control{Ref: "B-1", Title: "Bare"}
	var stored []engine.Control
	for _, c := range []engine.Control{full, bare} {
		want := must(s.PutControl(ctx, here, c))(t)
		c.ID, c.Version = want.ID, 1
		same(t, "PutControl", want, c)
		same(t, "Controls", must(s.Controls(ctx, here, []string{c.ID}))(t), []engine.Control{c})
		same(t, "ControlsByRef", must(s.ControlsByRef(ctx, here, []string{" " + strings.ToUpper(c.Ref)}))(t), []engine.Control{c})
		same(t, "ControlVersions", must(s.ControlVersions(ctx, here, c.ID))(t), []engine.Control{c})
		stored = append(stored, c)
	}
	same(t, "AllControls", all(t, s.AllControls(ctx, here, engine.ControlFilter{})), stored)
}

func layoutFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	if _, err := s.Layout(ctx, here, "shape"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("no layout: got %v, want ErrNotFound", err)
	}
	var l engine.Layout
	fill(t, reflect.ValueOf(&l).Elem(), "layout")
	for _, format := range []string{"xlsx", "csv"} {
		l.Format = format
		if err := s.PutLayout(ctx, here, l); err != nil {
			t.Fatal(err)
		}
		same(t, "Layout", must(s.Layout(ctx, here, l.Shape))(t), l)
	}
}

func oddTexts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for i, text := range []string{
		"line\nline\r\n\ttab", `quotes ' " \ ; -- $1 ? %s`, "Ümläute, 漢字, עברית, 🙂, e\u0301", "<b>&amp;</b>\u2028\u2029", " blanks ",
		strings.Repeat("ß", engine.MaxAnswerChars), "\ufeff\ufffd\x01\x7f",
	} {
		e := entry("Does it keep " + strconv.Itoa(i) + "?")
		e.Text, e.Answer, e.Tags, e.Source.File = text, text, []string{text, "", text}, text
		e = must(s.PutEntry(ctx, here, e))(t)
		same(t, "entry", must(s.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
		if e.Text != text {
			t.Errorf("text came back changed: %.40q", text)
		}
	}
}

func versions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("First?")))(t)
	c := must(s.PutControl(ctx, here, control("C-1")))(t)
	entries, controls := []engine.Entry{e}, []engine.Control{c}
	for n := 2; n <= 4; n++ {
		e.Text, e.Question = fmt.Sprintf("text %d", n), fmt.Sprintf("Question %d?", n)
		c.Title, c.Ref = fmt.Sprintf("title %d", n), fmt.Sprintf("C-%d", n)
		e, c = must(s.PutEntry(ctx, here, e))(t), must(s.PutControl(ctx, here, c))(t)
		if e.Version != n || c.Version != n {
			t.Fatalf("got versions %d and %d, want %d", e.Version, c.Version, n)
		}
		entries, controls = append(entries, e), append(controls, c)
	}
	same(t, "EntryVersions", must(s.EntryVersions(ctx, here, e.ID))(t), entries)
	same(t, "ControlVersions", must(s.ControlVersions(ctx, here, c.ID))(t), controls)
	same(t, "Entries", must(s.Entries(ctx, here, []string{e.ID}))(t), entries[3:])
	same(t, "AllControls", all(t, s.AllControls(ctx, here, engine.ControlFilter{})), controls[3:])
	same(t, "EntriesByKey", must(s.EntriesByKey(ctx, here, []string{"first", "question 4"}))(t), entries[3:])
	if old := must(s.EntriesByKey(ctx, here, []string{"first", "question 3"}))(t); len(old) != 0 {
		t.Errorf("found by a question it does not ask any more: %v", old)
	}
	if old := must(s.ControlsByRef(ctx, here, []string{"C-1"}))(t); len(old) != 0 {
		t.Errorf("found by a ref it does not have any more: %v", old)
	}
}

func staleVersions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("Stale?")))(t)
	c := must(s.PutControl(ctx, here, control("C-1")))(t)
	must(s.PutEntry(ctx, here, e))(t)
	must(s.PutControl(ctx, here, c))(t)
	const unknown = "01890000-0000-7000-8000-000000000000"
	for _, x := range []struct {
		id      string
		version int
		want    error
	}{{"", 1, engine.ErrStaleVersion}, {"", 3, engine.ErrStaleVersion}, {"", 0, engine.ErrStaleVersion}, {unknown, 1, engine.ErrNotFound}} {
		e, c := e, c
		e.Version, c.Version = x.version, x.version
		if x.id != "" {
			e.ID, c.ID = x.id, x.id
		}
		if _, err := s.PutEntry(ctx, here, e); !errors.Is(err, x.want) {
			t.Errorf("entry version %d: got %v, want %v", x.version, err, x.want)
		}
		if _, err := s.PutControl(ctx, here, c); !errors.Is(err, x.want) {
			t.Errorf("control version %d: got %v, want %v", x.version, err, x.want)
		}
	}
	if got := must(s.LastChange(ctx))(t); got != 4 {
		t.Errorf("got %d changes, want 4: what was refused left some", got)
	}
}

func invalid(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for name, change := range map[string]func(*engine.Entry){
		"NoQuestion":     func(e *engine.Entry) { e.Question = " ?" },
		"NoAnswer":       func(e *engine.Entry) { e.Verdict, e.Answer, e.Text = "", "", " " },
		"UnknownVerdict": func(e *engine.Entry) { e.Verdict = "maybe" },
		"NegativeNth":    func(e *engine.Entry) { e.Source.Nth = -1 },
	} {
		e := entry("Valid?")
		change(&e)
		if _, err := s.PutEntry(ctx, here, e); err == nil {
			t.Errorf("%s: it was stored", name)
		}
	}
	for name, c := range map[string]engine.Control{"NoRef": {Title: "x"}, "NoText": {Ref: "C"}} {
		if _, err := s.PutControl(ctx, here, c); err == nil {
			t.Errorf("%s: it was stored", name)
		}
	}
	if err := s.PutLayout(ctx, here, engine.Layout{Format: "csv"}); err == nil {
		t.Error("layout without shape: it was stored")
	}
	if err := s.EnsureWorkspace(ctx, ""); err == nil {
		t.Error("workspace without id: it was made")
	}
}

func oneControlPerRef(t *testing.T, s engine.Store) {
	ctx := t.Context()
	must(s.PutControl(ctx, here, control("AC-01")))(t)
	other := must(s.PutControl(ctx, here, control("AC-02")))(t)
	if _, err := s.PutControl(ctx, here, control(" ac-01 ")); !errors.Is(err, engine.ErrExists) {
		t.Errorf("second one: got %v, want ErrExists", err)
	}
	other.Ref = "ac-01"
	if _, err := s.PutControl(ctx, here, other); !errors.Is(err, engine.ErrExists) {
		t.Errorf("renamed: got %v, want ErrExists", err)
	}
	if _, err := s.PutControl(ctx, there, control("AC-01")); err != nil {
		t.Errorf("in another workspace: %v", err)
	}
}

func unknownWorkspace(t *testing.T, s engine.Store) {
	ctx := t.Context()
	_, entryErr := s.PutEntry(ctx, "nowhere", entry("Where?"))
	_, controlErr := s.PutControl(ctx, "nowhere", control("C-1"))
	for name, err := range map[string]error{
		"PutEntry": entryErr, "PutControl": controlErr, "PutLayout": s.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"}),
	} {
		if !errors.Is(err, engine.ErrNoWorkspace) {
			t.Errorf("%s: got %v, want ErrNoWorkspace", name, err)
		}
	}
	for range 2 {
		if err := s.EnsureWorkspace(ctx, "nowhere"); err != nil {
			t.Error(err)
		}
	}
	must(s.PutEntry(ctx, "nowhere", entry("Where?")))(t)
}

func manyIDs(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const n = 1300
	var ids, keys, refs []string
	err := s.InTx(ctx, func(tx engine.Tx) error {
		for i := range n {
			e, err := tx.PutEntry(ctx, here, entry(fmt.Sprintf("Question %d?", i)))
			if err != nil {
				return err
			}
			c, err := tx.PutControl(ctx, here, control(fmt.Sprintf("C-%d", i)))
			if err != nil {
				return err
			}
			ids, keys, refs = append(ids, e.ID, c.ID), append(keys, e.Key(), "no such"), append(refs, c.Ref, "no such")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(ids)
	slices.Reverse(keys)
	entries, controls := must(s.Entries(ctx, here, ids))(t), must(s.Controls(ctx, here, ids))(t)
	if len(entries) != n || len(controls) != n {
		t.Fatalf("got %d entries and %d controls, want %d", len(entries), len(controls), n)
	}
	for i := range n {
		if entries[i].ID != ids[2*i+1] || controls[i].ID != ids[2*i] {
			t.Fatalf("number %d is out of order", i)
		}
	}
	byKey, byRef := must(s.EntriesByKey(ctx, here, keys))(t), must(s.ControlsByRef(ctx, here, refs))(t)
	if len(byKey) != n || len(byRef) != n || byKey[0].Question != "Question 0?" || byRef[0].Ref != "C-0" {
		t.Errorf("got %d by key and %d by ref, want %d in the order they were added", len(byKey), len(byRef), n)
	}
	for name, got := range map[string]int{
		"Entries": len(must(s.Entries(ctx, here, nil))(t)), "EntriesByKey": len(must(s.EntriesByKey(ctx, here, nil))(t)),
		"Controls": len(must(s.Controls(ctx, here, nil))(t)), "ControlsByRef": len(must(s.ControlsByRef(ctx, here, nil))(t)),
	} {
		if got != 0 {
			t.Errorf("%s of nothing: got %d", name, got)
		}
	}
}

func filters(t *testing.T, s engine.Store) {
	ctx := t.Context()
	day := func(n int) *time.Time { d := time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC); return &d }
	one := engine.Entry{Question: "One?", Answer: "1", Section: "S1", Owner: "O1", Tags: []string{"t1", "both"}, ReviewedAt: day(1), Source: engine.Source{File: "f1"}}
	two := engine.Entry{Question: "Two?", Answer: "2", Section: "S2", Owner: "O2", Tags: []string{`t"2`, "both"}, ReviewedAt: day(20), Source: engine.Source{File: "f2"}}
	one, two = must(s.PutEntry(ctx, here, one))(t), must(s.PutEntry(ctx, here, two))(t)
	entryCases := map[string]engine.EntryFilter{
		"File": {File: "f2"}, "Section": {Section: "S2"}, "Owner": {Owner: "O2"}, "Tag": {Tag: `t"2`}, "After": {After: one.ID},
	}
	for name, f := range entryCases {
		same(t, "entry "+name, all(t, s.AllEntries(ctx, here, f)), []engine.Entry{two})
	}
	entryCases["ReviewedBefore"], entryCases["Limit"] = engine.EntryFilter{ReviewedBefore: *day(20)}, engine.EntryFilter{Limit: 1}
	for _, name := range []string{"ReviewedBefore", "Limit"} {
		same(t, "entry "+name, all(t, s.AllEntries(ctx, here, entryCases[name])), []engine.Entry{one})
	}
	never := must(s.PutEntry(ctx, here, entry("Never reviewed?")))(t)
	same(t, "never reviewed", all(t, s.AllEntries(ctx, here, engine.EntryFilter{ReviewedBefore: *day(2)})), []engine.Entry{one, never})
	same(t, "all at once", all(t, s.AllEntries(ctx, here, engine.EntryFilter{File: "f1", Section: "S1", Owner: "O1", Tag: "both", ReviewedBefore: *day(2), Limit: 9})), []engine.Entry{one})
	if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{File: "f1", Section: "S2"})); len(got) != 0 {
		t.Errorf("fields must all hold, got %v", got)
	}

	ca := must(s.PutControl(ctx, here, engine.Control{Ref: "1", Title: "x", Domain: "D1", Owner: "O1", Status: "S1", Source: engine.Source{File: "f1"}}))(t)
	cb := must(s.PutControl(ctx, here, engine.Control{Ref: "2", Title: "x", Domain: "D2", Owner: "O2", Status: "S2", Source: engine.Source{File: "f2"}}))(t)
	controlCases := map[string]engine.ControlFilter{
		"File": {File: "f2"}, "Domain": {Domain: "D2"}, "Owner": {Owner: "O2"}, "Status": {Status: "S2"}, "After": {After: ca.ID},
	}
	for name, f := range controlCases {
		same(t, "control "+name, all(t, s.AllControls(ctx, here, f)), []engine.Control{cb})
	}
	controlCases["Limit"] = engine.ControlFilter{Limit: 1}
	same(t, "control Limit", all(t, s.AllControls(ctx, here, controlCases["Limit"])), []engine.Control{ca})

	for f := range fields(engine.EntryFilter{}) {
		if _, ok := entryCases[f]; !ok {
			t.Errorf("no case for EntryFilter.%s", f)
		}
	}
	for f := range fields(engine.ControlFilter{}) {
		if _, ok := controlCases[f]; !ok {
			t.Errorf("no case for ControlFilter.%s", f)
		}
	}
}

func pages(t *testing.T, s engine.Store) {
	ctx := t.Context()
	fillLibrary(t, s, here, 23)
	want := all(t, s.AllEntries(ctx, here, engine.EntryFilter{}))
	var got []engine.Entry
	for after, more := "", true; more; {
		page := all(t, s.AllEntries(ctx, here, engine.EntryFilter{After: after, Limit: 5}))
		if more = len(page) > 0; more {
			got, after = append(got, page...), page[len(page)-1].ID
		}
	}
	same(t, "pages", got, want)
	var changes []engine.Change
	for after := int64(0); ; after = changes[len(changes)-1].Seq {
		page := must(s.Changes(ctx, after, 4))(t)
		if len(page) == 0 {
			break
		}
		changes = append(changes, page...)
	}
	same(t, "changes", changes, must(s.Changes(ctx, 0, 0))(t))
}

func loops(t *testing.T, s engine.Store) {
	ctx := t.Context()
	fillLibrary(t, s, here, 20)
	n := 0
	for e, err := range s.AllEntries(ctx, here, engine.EntryFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		e.Text = "changed in the loop"
		must(s.PutEntry(ctx, here, e))(t)
		must(s.PutEntry(ctx, here, entry(fmt.Sprintf("Added %d?", n))))(t)
	}
	if n != 20 {
		t.Errorf("the loop saw %d entries, want the 20 there were", n)
	}
	for range s.AllControls(ctx, here, engine.ControlFilter{}) {
		break // leaving early must not keep the connection
	}
	for range 50 {
		for range s.AllEntries(ctx, here, engine.EntryFilter{}) {
			break
		}
	}
}

// things are what isolation looks for.
type things struct {
	entry   engine.Entry
	control engine.Control
	layout  engine.Layout
}

func isolation(t *testing.T, s engine.Store) {
	ctx := t.Context()
	x := things{layout: engine.Layout{Format: "csv", Shape: "shape", Sheets: []engine.SheetLayout{}}}
	x.entry = must(s.PutEntry(ctx, here, entry("Here?")))(t)
	x.control = must(s.PutControl(ctx, here, control("C-1")))(t)
	if err := s.PutLayout(ctx, here, x.layout); err != nil {
		t.Fatal(err)
	}
	// Each method is called in both workspaces. A read returns how many
	// things it saw: one here, none there. A write must fail there.
	reads := map[string]func(engine.Tx, string) (int, error){
		"Entries": func(s engine.Tx, w string) (int, error) { return count(s.Entries(ctx, w, []string{x.entry.ID})) },
		"EntriesByKey": func(s engine.Tx, w string) (int, error) {
			return count(s.EntriesByKey(ctx, w, []string{x.entry.Key()}))
		},
		"EntryVersions": func(s engine.Tx, w string) (int, error) { return count(s.EntryVersions(ctx, w, x.entry.ID)) },
		"AllEntries": func(s engine.Tx, w string) (int, error) {
			return len(all(t, s.AllEntries(ctx, w, engine.EntryFilter{}))), nil
		},
		"Controls": func(s engine.Tx, w string) (int, error) { return count(s.Controls(ctx, w, []string{x.control.ID})) },
		"ControlsByRef": func(s engine.Tx, w string) (int, error) {
			return count(s.ControlsByRef(ctx, w, []string{x.control.Ref}))
		},
		"ControlVersions": func(s engine.Tx, w string) (int, error) { return count(s.ControlVersions(ctx, w, x.control.ID)) },
		"AllControls": func(s engine.Tx, w string) (int, error) {
			return len(all(t, s.AllControls(ctx, w, engine.ControlFilter{}))), nil
		},
		"Layout": func(s engine.Tx, w string) (int, error) {
			_, err := s.Layout(ctx, w, x.layout.Shape)
			if errors.Is(err, engine.ErrNotFound) {
				return 0, nil
			}
			return 1, err
		},
	}
	writes := map[string]func(*testing.T, engine.Tx){
		"PutEntry": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutEntry(ctx, there, x.entry); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			same(t, "entry", must(s.Entries(ctx, here, []string{x.entry.ID}))(t), []engine.Entry{x.entry})
		},
		"PutControl": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutControl(ctx, there, x.control); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			same(t, "control", must(s.Controls(ctx, here, []string{x.control.ID}))(t), []engine.Control{x.control})
		},
		"PutLayout": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			other := engine.Layout{Format: "xlsx", Shape: x.layout.Shape}
			if err := s.PutLayout(ctx, "third", other); err != nil {
				t.Fatal(err)
			}
			same(t, "layout", must(s.Layout(ctx, here, x.layout.Shape))(t), x.layout)
		},
		"EnsureWorkspace": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, here); err != nil {
				t.Error(err)
			}
			for name, read := range reads {
				if n, err := read(s, here); n != 1 || err != nil {
					t.Errorf("%s sees %d (%v) after the workspace was ensured again", name, n, err)
				}
			}
		},
		// The two that span workspaces say of everything whose it is.
		"Changes": func(t *testing.T, s engine.Tx) {
			for _, c := range must(s.Changes(ctx, 0, 0))(t) {
				if c.Workspace != here {
					t.Errorf("change %+v: everything was put in %q", c, here)
				}
			}
		},
		"LastChange": func(t *testing.T, s engine.Tx) {
			if n := must(s.LastChange(ctx))(t); n != 2 {
				t.Errorf("got %d, want 2", n)
			}
		},
	}
	run := func(t *testing.T, s engine.Tx) {
		for name, read := range reads {
			for w, want := range map[string]int{here: 1, there: 0, "nowhere": 0, "": 0} {
				if got, err := read(s, w); got != want || err != nil {
					t.Errorf("%s in %q: saw %d (%v), want %d", name, w, got, err, want)
				}
			}
		}
		for name, write := range writes {
			t.Run(name, func(t *testing.T) { write(t, s) })
		}
	}
	run(t, s)
	err := s.InTx(ctx, func(tx engine.Tx) error { run(t, tx); return nil })
	if err != nil {
		t.Error(err)
	}
	for name := range methods() {
		_, isRead := reads[name]
		_, isWrite := writes[name]
		if !isRead && !isWrite && name != "InTx" {
			t.Errorf("nothing tests that %s stays in its workspace", name)
		}
	}
}

func outbox(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("One?")))(t)
	c := must(s.PutControl(ctx, there, control("C-1")))(t)
	e.Text = "more"
	e = must(s.PutEntry(ctx, here, e))(t)
	if err := s.PutLayout(ctx, here, engine.Layout{Shape: "s"}); err != nil {
		t.Fatal(err)
	}
	want := []engine.Change{
		{Seq: 1, Workspace: here, Kind: engine.PassageEntry, ID: e.ID},
		{Seq: 2, Workspace: there, Kind: engine.PassageControl, ID: c.ID},
		{Seq: 3, Workspace: here, Kind: engine.PassageEntry, ID: e.ID},
	}
	same(t, "Changes", must(s.Changes(ctx, 0, 10))(t), want)
	same(t, "Changes after 1", must(s.Changes(ctx, 1, 1))(t), want[1:2])
	if got := must(s.Changes(ctx, 3, 10))(t); len(got) != 0 {
		t.Errorf("after the last: got %v", got)
	}
	if got := must(s.LastChange(ctx))(t); got != 3 {
		t.Errorf("LastChange: got %d, want 3", got)
	}
}

func unchangedImports(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var entries []engine.Entry
	var controls []engine.Control
	for i := range 5 {
		entries = append(entries, entry(fmt.Sprintf("Question %d?", i)))
		controls = append(controls, control(fmt.Sprintf("C-%d", i)))
	}
	for round, want := range []struct{ added, changed, unchanged int }{{5, 0, 0}, {0, 0, 5}, {0, 1, 4}, {0, 0, 5}} {
		if round == 2 {
			entries[3].Text, controls[3].Description = "other", "other"
		}
		before := must(s.LastChange(ctx))(t)
		re, rc := must(engine.ImportEntries(ctx, s, here, entries))(t), must(engine.ImportControls(ctx, s, here, controls))(t)
		for name, r := range map[string]engine.ImportReport{"entries": re, "controls": rc} {
			if r.Added != want.added || r.Changed != want.changed || r.Unchanged != want.unchanged {
				t.Errorf("round %d, %s: got %d added, %d changed, %d unchanged, want %v", round, name, r.Added, r.Changed, r.Unchanged, want)
			}
		}
		if got := must(s.LastChange(ctx))(t) - before; got != int64(2*(want.added+want.changed)) {
			t.Errorf("round %d: %d outbox rows, want %d", round, got, 2*(want.added+want.changed))
		}
	}
}

func ownWrites(t *testing.T, s engine.Store) {
	ctx := t.Context()
	err := s.InTx(ctx, func(tx engine.Tx) error {
		e := must(tx.PutEntry(ctx, here, entry("Own?")))(t)
		same(t, "inside", must(tx.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
		same(t, "listed", all(t, tx.AllEntries(ctx, here, engine.EntryFilter{})), []engine.Entry{e})
		if got := must(s.Entries(ctx, here, []string{e.ID}))(t); len(got) != 0 {
			t.Error("others see it before it is committed")
		}
		if n := must(tx.LastChange(ctx))(t); n != 1 {
			t.Errorf("LastChange inside: got %d, want 1", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != 1 {
		t.Errorf("after the commit: %d entries", len(got))
	}
}

// untouched fails if anything was left by a transaction that was undone, or if
// the store does not work after it.
func untouched(t *testing.T, s engine.Store) {
	t.Helper()
	ctx := t.Context()
	if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != 0 {
		t.Errorf("%d entries were left", len(got))
	}
	if got := must(s.LastChange(ctx))(t); got != 0 {
		t.Errorf("%d outbox rows were left", got)
	}
	must(s.PutEntry(ctx, here, entry("After?")))(t)
}

func undoneByError(t *testing.T, s engine.Store) {
	ctx, stop := t.Context(), errors.New("stop")
	err := s.InTx(ctx, func(tx engine.Tx) error {
		must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the function's own error", err)
	}
	untouched(t, s)
}

func undoneByPanic(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for _, inLoop := range []bool{false, true} {
		func() {
			defer func() {
				if r := recover(); r != "stop" {
					t.Errorf("recovered %v, want the function's own panic", r)
				}
			}()
			_ = s.InTx(ctx, func(tx engine.Tx) error {
				must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
				if inLoop {
					for range tx.AllEntries(ctx, here, engine.EntryFilter{}) {
						panic("stop")
					}
				}
				panic("stop")
			})
		}()
	}
	untouched(t, s)
}

func undoneByStatement(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var first, then error
	err := s.InTx(ctx, func(tx engine.Tx) error {
		must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
		if _, err := tx.PutEntry(ctx, here, engine.Entry{ID: "01890000-0000-7000-8000-000000000000", Version: 1, Question: "x", Answer: "x"}); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if _, err := tx.Entries(ctx, here, []string{"x"}); err != nil {
			t.Errorf("ErrNotFound ended the transaction: %v", err)
		}
		first = tx.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"})
		_, then = tx.PutEntry(ctx, here, entry("Then?"))
		return nil
	})
	if !errors.Is(first, engine.ErrNoWorkspace) || !errors.Is(then, engine.ErrNoWorkspace) || !errors.Is(err, engine.ErrNoWorkspace) {
		t.Errorf("got %v, then %v, at the end %v; want ErrNoWorkspace each time", first, then, err)
	}
	untouched(t, s)
}

func undoneByCancel(t *testing.T, s engine.Store) {
	for _, mid := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.InTx(ctx, func(tx engine.Tx) error {
			must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
			cancel()
			if mid {
				_, err := tx.PutEntry(ctx, here, entry("Too late?"))
				if err == nil {
					t.Error("a statement ran after the context was cancelled")
				}
				// Whoever goes on with another context must not write
				// outside the transaction.
				_, _ = tx.PutEntry(t.Context(), here, entry("Still too late?"))
			}
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
	untouched(t, s)
}

func cancelled(t *testing.T, s engine.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"EnsureWorkspace": func() error { return s.EnsureWorkspace(ctx, "new") },
		"Entries":         func() error { _, err := s.Entries(ctx, here, []string{"x"}); return err },
		"EntriesByKey":    func() error { _, err := s.EntriesByKey(ctx, here, []string{"x"}); return err },
		"EntryVersions":   func() error { _, err := s.EntryVersions(ctx, here, "x"); return err },
		"AllEntries":      func() error { return streamError(s.AllEntries(ctx, here, engine.EntryFilter{})) },
		"PutEntry":        func() error { _, err := s.PutEntry(ctx, here, entry("x")); return err },
		"Controls":        func() error { _, err := s.Controls(ctx, here, []string{"x"}); return err },
		"ControlsByRef":   func() error { _, err := s.ControlsByRef(ctx, here, []string{"x"}); return err },
		"ControlVersions": func() error { _, err := s.ControlVersions(ctx, here, "x"); return err },
		"AllControls":     func() error { return streamError(s.AllControls(ctx, here, engine.ControlFilter{})) },
		"PutControl":      func() error { _, err := s.PutControl(ctx, here, control("x")); return err },
		"Layout":          func() error { _, err := s.Layout(ctx, here, "x"); return err },
		"PutLayout":       func() error { return s.PutLayout(ctx, here, engine.Layout{Shape: "x"}) },
		"Changes":         func() error { _, err := s.Changes(ctx, 0, 1); return err },
		"LastChange":      func() error { _, err := s.LastChange(ctx); return err },
		"InTx":            func() error { return s.InTx(ctx, func(engine.Tx) error { return nil }) },
	}
	for name := range methods() {
		call, ok := calls[name]
		if !ok {
			t.Errorf("nothing tests that a cancelled context stops %s", name)
		} else if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
	untouched(t, s)
}

// methods yields the names of the methods of a store.
func methods() iter.Seq[string] {
	return func(yield func(string) bool) {
		s := reflect.TypeFor[engine.Store]()
		for i := range s.NumMethod() {
			if !yield(s.Method(i).Name) {
				return
			}
		}
	}
}

// fields yields the names of the fields of a struct.
func fields(v any) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			if !yield(f.Name) {
				return
			}
		}
	}
}

// fill sets every field below v to something, each to something else, so that
// a field that a store forgets is missed.
func fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(path)
	case reflect.Int:
		v.SetInt(int64(len(path)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), fmt.Sprintf("%s %d", path, i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), path+" "+v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s is a %s: say here how to fill it", path, v.Kind())
	}
}

// must returns a function that returns v, or fails the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func all[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var list []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func streamError[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

func count[T any](list []T, err error) (int, error) { return len(list), err }

// same fails if got is not want; nil and empty lists are the same.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func entry(question string) engine.Entry {
	return engine.Entry{Question: question, Verdict: engine.VerdictYes, Text: "Because.", Source: engine.Source{File: "a.csv", Place: "line 2"}}
}

func control(ref string) engine.Control {
	return engine.Control{Ref: ref, Title: "Title of " + ref, Source: engine.Source{File: "c.csv"}}
}

func fillLibrary(t *testing.T, s engine.Store, workspace string, n int) {
	t.Helper()
	var entries []engine.Entry
	var controls []engine.Control
	for i := range n {
		entries, controls = append(entries, entry(fmt.Sprintf("Question %d?", i))), append(controls, control(fmt.Sprintf("C-%d", i)))
	}
	must(engine.ImportEntries(t.Context(), s, workspace, entries))(t)
	must(engine.ImportControls(t.Context(), s, workspace, controls))(t)
}
