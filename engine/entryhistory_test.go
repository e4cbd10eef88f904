package engine_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

func TestEntryHistory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, have := ready(t, engine.Entry{Question: "Q?", Text: "one"})
	e := have[0]
	e.Text, e.Products = "two", []string{"P"}
	if _, err := s.PutEntry(engine.WithActor(ctx, engine.Actor{Name: "user:ann"}), "w", e); err != nil {
		t.Fatal(err)
	}
	got, err := engine.EntryHistory(ctx, s, "w", e.ID)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v (%v)", got, err)
	}
	want := []engine.FieldChange{{Field: "text", Before: "one", After: "two"}, {Field: "products", After: "P"}}
	if diff := cmp.Diff(want, got[1].Changes); diff != "" || got[1].By != "user:ann" || got[1].At == nil || time.Since(*got[1].At) > time.Minute || got[1].Entry.Version != 2 {
		t.Errorf("version 2: %+v\n%s", got[1], diff)
	}
	if got[0].By != "unknown" || len(got[0].Changes) != 0 || got[0].Entry.Text != "one" {
		t.Errorf("version 1: %+v", got[0])
	}
	if _, err := engine.EntryHistory(ctx, s, "w", "nope"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown one: %v", err)
	}
}

// TestChangesKnowEveryField: a field that is added to entries is a change too.
func TestChangesKnowEveryField(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	old := engine.Entry{}
	for i := range reflect.TypeFor[engine.Entry]().NumField() {
		e := engine.Entry{}
		f, name := reflect.ValueOf(&e).Elem().Field(i), reflect.TypeFor[engine.Entry]().Field(i).Name
		switch f.Interface().(type) {
		case []string:
			f.Set(reflect.ValueOf([]string{"x"}))
		case *time.Time:
			f.Set(reflect.ValueOf(&day))
		case int:
			f.SetInt(1)
		case engine.Source:
			f.Set(reflect.ValueOf(engine.Source{File: "x"}))
		default:
			f.SetString("x")
		}
		want := 1
		if name == "ID" || name == "Version" || name == "Source" {
			want = 0
		}
		if got := e.Changes(&old); len(got) != want || e.SaysSame(&old) != (want == 0) {
			t.Errorf("%s: %+v, says the same %v", name, got, e.SaysSame(&old))
		}
	}
}
