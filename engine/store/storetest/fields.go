package storetest

import (
	"encoding"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

func entryFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.Entry{}
	fill(t, reflect.ValueOf(&full).Elem(), "entry")
	full.ID, full.Version, full.Verdict = "", 0, engine.VerdictPartial
	*full.ReviewBy = full.ReviewedAt.AddDate(1, 0, 0) // so that the two days are not taken for each other
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

// oddBytes: a file can hold anything, and what is read from it is kept as it
// was, and found by it.
func oddBytes(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for i, text := range []string{"a\x00b", "\x00", "\x01\x01\x02\x01", "\xff", "a\xc3(\xed\xa0\x80\xf4\x90\x80\x80", "\x80\x01\x00é\xc3\x28"} {
		e := entry("Does it keep " + strconv.Itoa(i) + "?")
		e.Text, e.Answer, e.Section, e.Source.File = text, text, text, text
		e = must(s.PutEntry(ctx, here, e))(t)
		same(t, "entry", must(s.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
		if e.Text != text {
			t.Errorf("text came back changed: %q", text)
		}
		same(t, fmt.Sprintf("by section %q", text), all(t, s.AllEntries(ctx, here, engine.EntryFilter{Section: text, File: text})), []engine.Entry{e})
	}
}

// oddTags: a tag is found by the whole of it, and nothing in one tag hides
// another.
func oddTags(t *testing.T, s engine.Store) {
	ctx := t.Context()
	tags := []string{`a"b`, `a\b`, `a\"b`, "a", "b", ",", `","`, "<a>", "\u2028", "é", "e\u0301", "🙂", "A", " a", "null", "1", "a\x01b", "%", "_"}
	want := map[string]engine.Entry{}
	for i, tag := range tags {
		e := entry("Question " + strconv.Itoa(i) + "?")
		e.Tags = []string{"x" + tag, tag, "\x00 of " + strconv.Itoa(i)}
		want[tag] = must(s.PutEntry(ctx, here, e))(t)
	}
	for _, tag := range tags {
		same(t, fmt.Sprintf("tag %q", tag), all(t, s.AllEntries(ctx, here, engine.EntryFilter{Tag: tag})), []engine.Entry{want[tag]})
	}
	for _, tag := range []string{`"a"`, `a"`, "\xff", "\ufffd", "[]"} {
		if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{Tag: tag})); len(got) != 0 {
			t.Errorf("tag %q: found %d entries that do not have it", tag, len(got))
		}
	}
}

// byteOrder: the order of texts is that of their bytes, whatever the language
// of the server.
func byteOrder(t *testing.T, s engine.Store) {
	ctx := t.Context()
	customers := []string{"", "\x00", "\x00a", "\x01", "\x01\x00", "\t", " b", "-a", "A", "B", "_", "a", "a b", "a-b", "aB", "ab", "z", "Ä", "ä", "漢", "🙂"}
	for i := range customers {
		c := customers[(i*8+3)%len(customers)] // in no order
		if err := s.PutAskings(ctx, here, c, "q", []engine.Asking{asking("Asked?")}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, a := range must(s.Askings(ctx, here, time.Time{}))(t) {
		got = append(got, a.Customer)
	}
	same(t, "customers", got, customers)
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
		"ReviewByBeforeReview": func(e *engine.Entry) {
			at := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
			by := at.AddDate(0, 0, -1)
			e.ReviewedAt, e.ReviewBy = &at, &by
		},
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
	case reflect.Float64:
		v.SetFloat(float64(len(path)) / 1000)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Map: // counts, which the store makes
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
		if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok { // a day, which has no fields for us
			if err := text.UnmarshalText([]byte(time.Date(2026, 2, len(path), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))); err != nil {
				t.Fatal(err)
			}
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), path+" "+v.Type().Field(i).Name)
		}
	default:
		t.Fatalf("%s is a %s: say here how to fill it", path, v.Kind())
	}
}
