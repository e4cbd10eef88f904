package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vouch/engine"
)

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
	one := engine.Entry{Question: "One?", Answer: "1", Section: "S1", Owner: "O1", Tags: []string{"t1", "both"}, ReviewedAt: day(1), ReviewBy: day(21), Source: engine.Source{File: "f1"}, Products: []string{"P1", "PB"}, Language: "en"}
	two := engine.Entry{Question: "Two?", Answer: "2", Section: "S2", Owner: "O2", Tags: []string{`t"2`, "both"}, ReviewedAt: day(20), ReviewBy: day(25), Source: engine.Source{File: "f2"}, Visibility: engine.VisibilityNDA, Products: []string{`P"2`, "PB"}, Language: "de"}
	one, two = must(s.PutEntry(ctx, here, one))(t), must(s.PutEntry(ctx, here, two))(t)
	entryCases := map[string]engine.EntryFilter{
		"File": {File: "f2"}, "Section": {Section: "S2"}, "Owner": {Owner: "O2"}, "Tag": {Tag: `t"2`},
		"Visibility": {Visibility: "nda"}, "Product": {Product: `P"2`}, "Language": {Language: "de"}, "After": {After: one.ID},
	}
	for name, f := range entryCases {
		same(t, "entry "+name, all(t, s.AllEntries(ctx, here, f)), []engine.Entry{two})
	}
	entryCases["ReviewedBefore"], entryCases["ReviewDueBefore"] = engine.EntryFilter{ReviewedBefore: *day(20)}, engine.EntryFilter{ReviewDueBefore: *day(25)}
	entryCases["Limit"] = engine.EntryFilter{Limit: 1}
	for _, name := range []string{"ReviewedBefore", "ReviewDueBefore", "Limit"} {
		same(t, "entry "+name, all(t, s.AllEntries(ctx, here, entryCases[name])), []engine.Entry{one})
	}
	same(t, "entry unmarked", all(t, s.AllEntries(ctx, here, engine.EntryFilter{Visibility: engine.Unmarked})), []engine.Entry{one})
	same(t, "entry of a product", all(t, s.AllEntries(ctx, here, engine.EntryFilter{Product: "PB"})), []engine.Entry{one, two})
	never := must(s.PutEntry(ctx, here, entry("Never reviewed?")))(t)
	same(t, "never reviewed", all(t, s.AllEntries(ctx, here, engine.EntryFilter{ReviewedBefore: *day(2)})), []engine.Entry{one, never})
	same(t, "never due", all(t, s.AllEntries(ctx, here, engine.EntryFilter{ReviewDueBefore: *day(31)})), []engine.Entry{one, two})
	same(t, "all at once", all(t, s.AllEntries(ctx, here, engine.EntryFilter{
		File: "f1", Section: "S1", Owner: "O1", Tag: "both", ReviewedBefore: *day(2), ReviewDueBefore: *day(22), Limit: 9,
		Visibility: engine.Unmarked, Product: "PB", Language: "en",
	})), []engine.Entry{one})
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
	fillLibrary(t, s, 23)
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
	fillLibrary(t, s, 20)
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
