package importers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/fixtures"
	"vouch/importers/isolate"
)

func TestMain(m *testing.M) {
	isolate.Main()
	os.Exit(m.Run())
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	data, err := fixtures.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, filepath.Base(name), string(data))
}

// TestFormat proves that content decides, not the name.
func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, content, want string }{
		{"a.csv", "PK\x03\x04...", "xlsx"}, {"a.txt", "\xD0\xCF\x11\xE0....", "xlsx"}, {"a.xlsx", "%PDF-1.7", "xlsx"}, {"a.xlsx", "<html>", "xlsx"},
		{"a.csv", " \n[{}]", "json"}, {"a.json", "\ufeff{}", "json"}, {"a.csv", "question;answer\n", "csv"}, {"a.csv", "<b>Question</b>;x\n", "csv"}, {"a.xlsx", "plain words", "xlsx"},
	} {
		if got, err := format(file(t, tt.name, tt.content)); err != nil || got != tt.want {
			t.Errorf("%s with %q is %q (%v), want %q", tt.name, tt.content, got, err, tt.want)
		}
	}
	var refused *engine.RefusedError
	if _, err := format(file(t, "a.csv", "")); !errors.As(err, &refused) {
		t.Errorf("an empty file: %v", err)
	}
}

// TestLayoutFile proves that a layout survives its way through a file, and
// that faults a person makes are refused with their place.
func TestLayoutFile(t *testing.T) {
	t.Parallel()
	q, err := Read(context.Background(), fixture(t, "vela-retail.xlsx"), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "layout.yaml")
	if err := WriteLayout(context.Background(), path, &q.Layout); err != nil {
		t.Fatal(err)
	}
	got, err := ReadLayout(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&q.Layout, got); d != "" {
		t.Errorf("written (-) and read (+):\n%s", d)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ rule, old, now, says string }{
		{"UnknownField", "shape:", "shap:", "line "},
		{"UnknownRole", "role: question", "role: asked", `unknown role "asked"`},
		{"NoQuestionColumn", "role: question", "role: guidance", "0 question columns"},
		{"BadColumn", "column: B", "column: b2", `column "b2"`},
		{"NotYAML", "format:", "format: [", "line "},
		{"WrongType", "first: ", "first: many ", "line "},
	} {
		changed := strings.Replace(string(data), tt.old, tt.now, 1)
		var refused *engine.RefusedError
		if _, err := ReadLayout(file(t, "layout.yaml", changed)); !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want it refused with %q", tt.rule, err, tt.says)
		}
	}
	if _, err := Read(context.Background(), fixture(t, "kontor-logistik.csv"), got); err == nil {
		t.Error("a layout for xlsx was used on a csv file")
	}
}

// TestReadEntries proves that the same past answers come out of every kind of
// file.
func TestReadEntries(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, tt := range []struct {
		name   string
		n      int
		filled bool
	}{
		{"library.csv", 198, false}, {"library.xlsx", 20, false}, {"library.json", 20, false}, {"harbour-bank-2025-filled.xlsx", 25, true},
	} {
		l, err := ReadEntries(ctx, fixture(t, tt.name))
		if err != nil || len(l.Entries) != tt.n || len(l.Problems) != 0 || l.Filled != tt.filled {
			t.Errorf("%s: %d entries, problems %v, filled %v, %v; want %d, filled %v", tt.name, len(l.Entries), l.Problems, l.Filled, err, tt.n, tt.filled)
		}
	}
	csv, _ := ReadEntries(ctx, fixture(t, "library.csv"))
	byQuestion := map[string]engine.Entry{}
	for _, e := range csv.Entries {
		byQuestion[e.Key()] = e
	}
	for _, name := range []string{"library.xlsx", "library.json"} {
		l, _ := ReadEntries(ctx, fixture(t, name))
		due := 0
		for _, e := range l.Entries {
			if e.ReviewBy != nil {
				due++
			}
			want := byQuestion[e.Key()]
			if !e.SaysSame(&want) {
				t.Errorf("%s says %+v, library.csv %+v", name, e, want)
			}
		}
		if due != 2 {
			t.Errorf("%s: %d entries with a day to review them by, want 2", name, due)
		}
	}
}

// TestFilledAnswers proves what is taken out of the cells of a filled
// questionnaire.
func TestFilledAnswers(t *testing.T) {
	t.Parallel()
	l, err := ReadEntries(context.Background(), file(t, "filled.csv", "Ref;Topic;Assessment question;Yes;No;N/A;Comments\n"+
		"1;a;Do you encrypt disks?;x;;;All of them\n2;a;Do you sell personal data?;;x;;\n3;b;Do you run a data centre?;;;x;We use a provider\n4;b;Do you scan for secrets?;;;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		verdict engine.Verdict
		text    string
	}
	var got []row
	for _, e := range l.Entries {
		got = append(got, row{e.Verdict, e.Text})
	}
	want := []row{{engine.VerdictYes, "All of them"}, {engine.VerdictNo, ""}, {engine.VerdictNotApplicable, "We use a provider"}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || len(l.Problems) != 1 {
		t.Errorf("got %v with problems %v, want %v and one unanswered", got, l.Problems, want)
	}
}

func TestReadControls(t *testing.T) {
	t.Parallel()
	l, err := ReadControls(context.Background(), fixture(t, "controls.csv"))
	if err != nil || len(l.Controls) < 80 || len(l.Problems) != 0 {
		t.Errorf("%d controls, problems %v, %v", len(l.Controls), l.Problems, err)
	}
	var refused *engine.RefusedError
	if _, err := ReadControls(context.Background(), fixture(t, "harbour-bank.xlsx")); !errors.As(err, &refused) {
		t.Errorf("a questionnaire as controls: %v", err)
	}
}
