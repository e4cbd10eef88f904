package list

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/importers/tree"
)

func sentences(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func questions(entries []engine.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Section+"/"+e.Source.Ref+"/"+e.Question+"/"+string(e.Verdict)+"/"+e.Text)
	}
	return out
}

func TestEntriesFromObjects(t *testing.T) {
	t.Parallel()
	type parse = func([]byte, string) ([]engine.Entry, []Problem, error)
	for name, c := range map[string]struct {
		parse    parse
		in       string
		want     []string
		problems []string
	}{
		"Array":         {EntriesJSON, `[{"id":"1","question":"Q?","answer":"yes","explanation":"e"}]`, []string{"/1/Q?/yes/e"}, nil},
		"ObjectWithOne": {EntriesJSON, `{"version":1,"foo":[{"question":"Q?","answer":true,"text":"e"}]}`, []string{"//Q?/yes/e"}, nil},
		"Nested": {
			EntriesJSON, `{"sections":[{"title":"S","items":[{"question":"Q?","answer":"no"},{"question":"R?","answer":"n/a","section":"T"}]}]}`,
			[]string{"S//Q?/no/", "T//R?/not_applicable/"}, nil,
		},
		"OtherLanguageNames": {EntriesJSON, `[{"Frage":"Q?","Antwort":"Ja","Schlagwörter":["a","b"],"zuletztGeprüft":"2025-12-31"}]`, []string{"//Q?/yes/"}, nil},
		"NumberAsID":         {EntriesJSON, `[{"id":1.10,"question":"Q?","answer":"yes"}]`, []string{"/1.10/Q?/yes/"}, nil},
		"WrongTypes": {
			EntriesJSON, `{"entries":[{"question":"Q?","answer":"yes"},{"question":5,"answer":"yes"},"x",{"question":"R?","answer":{"a":1}},{"question":"T?","answer":"no","tags":["a",1]}]}`,
			[]string{"//Q?/yes/"},
			[]string{"entries[1].question: expected text, got number", "entries[2]: expected object, got text", "entries[3].answer: expected text, got object", "entries[4].tags: expected text at [1], got number"},
		},
		"DuplicateNames": {
			EntriesJSON, `[{"question":"Q?","answer":"yes","answer":"no"},{"question":"R?","answer":"yes","response":"no"}]`, nil,
			[]string{"[0].answer: the name occurs twice", "[1].response: another name for a field that is there already"},
		},
		"UnknownFields": {
			EntriesJSON, `{"entries":[{"question":"Q?","answer":"yes","weight":3}],"foo":1}`, []string{"//Q?/yes/"},
			[]string{"foo: unknown field, left out", "entries[0].weight: unknown field, left out"},
		},
		"NoAnswer": {EntriesJSON, `[{"question":"Q?","answer":null}]`, nil, []string{"[0]: the question has no answer"}},
		"YAML":     {EntriesYAML, "entries:\n  - id: 1.10\n    question: Q?\n    answer: yes\n    explanation: |\n      line one\n      line two\n  - question: 'R: is it?'\n    answer: No\n    reviewed: 2025-12-31\n    tags: [a, b]\n", []string{"/1.10/Q?/yes/line one\nline two", "//R: is it?/no/"}, nil},
		"YAMLWrongTypes": {
			EntriesYAML, "- question: 5\n  answer: yes\n- question: Q?\n  question: R?\n  answer: true\n", nil,
			[]string{"[0].question: expected text, got number", "[1].question: the name occurs twice"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries, problems, err := c.parse([]byte(c.in), "a.json")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, questions(entries)); d != "" {
				t.Errorf("entries (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.problems, sentences(problems)); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

// TestReviewDaysOfObjects proves under which names either review is read, and
// that the names the library itself lists entries by are among them.
func TestReviewDaysOfObjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string // reviewed, review by, or the problem
	}{
		{`[{"question":"Q?","answer":"yes","reviewed":"2026-01-31","review_by":"2027-01-31"}]`, "2026-01-31 2027-01-31"},
		{`[{"question":"Q?","answer":"yes","reviewed_at":"2026-01-31T00:00:00Z","review_by":"2027-01-31T00:00:00Z"}]`, "2026-01-31 2027-01-31"},
		{`[{"question":"Q?","answer":"yes","reviewBy":"31.01.2027"}]`, " 2027-01-31"},
		{`[{"question":"Q?","answer":"yes","review_by":null}]`, " "},
		{`[{"question":"Q?","answer":"yes","review_by":20270131}]`, "[0].review_by: expected text, got number"},
		{`[{"question":"Q?","answer":"yes","review_by":"soon"}]`, "[0]: the day to review it by is no date that is read here; write it as 2025-12-31"},
		{`[{"question":"Q?","answer":"yes","review_by":"2027-01-31","expires":"2027-06-30"}]`, "[0].expires: another name for a field that is there already"},
		{`[{"question":"Q?","answer":"yes","reviewed":"2027-02-01","review_by":"2027-01-31"}]`, "[0]: " + engine.ErrReviewBy.Error()},
	} {
		entries, problems, err := EntriesJSON([]byte(c.in), "a.json")
		got := strings.Join(sentences(problems), " ")
		for i := range entries {
			got += isoDay(entries[i].ReviewedAt) + " " + isoDay(entries[i].ReviewBy)
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q (%v), want %q", c.in, got, err, c.want)
		}
	}
	entries, problems, err := EntriesYAML([]byte("- question: Q?\n  answer: yes\n  reviewed: 2026-01-31\n  review_by: 2027-01-31\n"), "a.yaml")
	if err != nil || len(problems) > 0 || len(entries) != 1 || isoDay(entries[0].ReviewBy) != "2027-01-31" {
		t.Errorf("YAML: %+v, %v, %v", entries, problems, err)
	}
}

func TestObjectsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		yaml   bool
		in, is string
	}{
		"Syntax":        {false, "[{\"question\":\n\"x\",]", "not valid JSON (line 2)"},
		"Empty":         {false, "", "not valid JSON"},
		"Trailing":      {false, "[] []", "not valid JSON"},
		"Unclosed":      {false, "[{", "not valid JSON"},
		"NoList":        {false, `{"a":1}`, "no list"},
		"Text":          {false, `"a"`, "no list"},
		"Deep":          {false, strings.Repeat("[", 100_000), "levels deep"},
		"NotUTF8":       {false, "[\"\xFF\"]", "UTF-8"},
		"YAMLSyntax":    {true, "a: [b", "not valid YAML"},
		"YAMLAnchor":    {true, "- &a {question: Q}\n- *a\n", "anchors"},
		"YAMLDeepFlow":  {true, strings.Repeat("[", 100_000), "nested"},
		"YAMLDeepBlock": {true, strings.Repeat("- ", 100_000) + "a", "nested"},
		"YAMLDeep":      {true, strings.Repeat("[", 100) + strings.Repeat("]", 100), "levels deep"},
		"YAMLWide":      {true, strings.Repeat("a:\n- x\n\n# c\n", 10_000), "nested"},
		"YAMLTwoFiles":  {true, "- a\n---\n- b\n", "not valid YAML"},
		"YAMLTooLarge":  {true, strings.Repeat("#", tree.MaxYAMLBytes+1), "larger than 2 MB"},
		"YAMLMerge":     {true, "a: &x\n  b: 1\nc:\n  <<: *x\n", "anchors"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parse := EntriesJSON
			if c.yaml {
				parse = EntriesYAML
			}
			_, _, err := parse([]byte(c.in), "a")
			var refused *engine.RefusedError
			if !errors.As(err, &refused) || !strings.Contains(refused.Is, c.is) || refused.Do == "" {
				t.Errorf("error = %v, want a refusal that says %q", err, c.is)
			}
		})
	}
}

func TestLongYAMLListIsTaken(t *testing.T) {
	t.Parallel()
	in := "entries:\n" + strings.Repeat("  - question: Is it so?\n    answer: yes\n    explanation: |\n      As follows:\n      - so: and so\n", 5000)
	entries, problems, err := EntriesYAML([]byte(in), "a.yaml")
	if err != nil || len(problems) > 0 || len(entries) != 5000 || entries[4999].Source.Nth != 4999 {
		t.Fatalf("%d entries, problems %v, error %v", len(entries), problems, err)
	}
}

func TestControlsFromObjects(t *testing.T) {
	t.Parallel()
	want := []engine.Control{
		{Ref: "AC-01", Domain: "Access", Title: "MFA", Description: "It is on.", Criteria: []string{"CC6.1", "A.8.5"}, Source: engine.Source{File: "c.json", Ref: "AC-01", Place: "domains[0].controls[0]"}},
	}
	got, problems, err := ControlsJSON([]byte(`{"domains":[{"name":"Access","controls":[{"id":"AC-01","title":"MFA","description":"It is on.","tsc":["CC 6.1"],"iso27001":"A.8.5"}]}]}`), "c.json")
	if d := cmp.Diff(want, got); err != nil || len(problems) > 0 || d != "" {
		t.Errorf("%v, %v (-want +got):\n%s", err, problems, d)
	}
	got, problems, err = ControlsYAML([]byte("domains:\n- name: Access\n  controls:\n  - {id: AC-01, title: MFA, description: It is on., tsc: [CC 6.1], iso27001: A.8.5}\n"), "c.json")
	if d := cmp.Diff(want, got); err != nil || len(problems) > 0 || d != "" {
		t.Errorf("%v, %v (-want +got):\n%s", err, problems, d)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"entries":[{"question":"Q?","answer":"yes","tags":["a"]}]}`))
	f.Add([]byte(`[[{"a":[{}]}],null,1e9,"x"]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := EntriesJSON(data, "f.json"); err != nil && !errors.As(err, new(*engine.RefusedError)) {
			t.Fatalf("error %v is no refusal", err)
		}
		if _, _, err := ControlsJSON(data, "f.json"); err != nil && !errors.As(err, new(*engine.RefusedError)) {
			t.Fatalf("error %v is no refusal", err)
		}
	})
}

func FuzzYAML(f *testing.F) {
	f.Add([]byte("entries:\n  - question: Q?\n    answer: yes\n"))
	f.Add([]byte("- {question: Q?, answer: |\n  x\n}\n? a\n: b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, _, err := EntriesYAML(data, "f.yaml"); err != nil && !errors.As(err, new(*engine.RefusedError)) {
			t.Fatalf("error %v is no refusal", err)
		}
	})
}
