package tree

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

// sketch writes a node with the places of its names and values.
func sketch(n Node) string {
	at := fmt.Sprintf("%d:%d ", n.Line, n.Column)
	switch n.Kind {
	case Object:
		var parts []string
		for _, m := range n.Members {
			parts = append(parts, fmt.Sprintf("%d:%d %s=%s", m.Line, m.Column, m.Name, sketch(m.Value)))
		}
		return at + "{" + strings.Join(parts, ", ") + "}"
	case List:
		var parts []string
		for _, x := range n.Items {
			parts = append(parts, sketch(x))
		}
		return at + "[" + strings.Join(parts, ", ") + "]"
	case Null:
		return at + "null"
	}
	return at + n.Text
}

// TestPlaces holds that line and column are those a person sees in an editor.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parse func([]byte, string) (Node, error)
		in    string
		want  string
	}{
		"JSON":         {ParseJSON, "{\"a\": 1,\n  \"é\": \"x\", \"b\": [true,\n null]}", `1:1 {1:2 a=1:7 1, 2:3 é=2:8 x, 2:13 b=2:18 [2:19 true, 3:2 null]}`},
		"JSONWithMark": {ParseJSON, "\ufeff{\r\n\t\"a\"\t:\r\n{}}", `1:1 {2:2 a=3:1 {}}`},
		"YAML":         {ParseYAML, "a: 1\nb:\n  - c: x\n    d: 2026-03-31\n  - true\n", `1:1 {1:1 a=1:4 1, 2:1 b=3:3 [3:5 {3:5 c=3:8 x, 4:5 d=4:8 2026-03-31}, 5:5 true]}`},
		"YAMLComments": {ParseYAML, "# c\n\na: 1 # d\n# e\nb: 2\n", `3:1 {3:1 a=3:4 1, 5:1 b=5:4 2}`},
		"YAMLNothing":  {ParseYAML, "a:\nb: ~\n", `1:1 {1:1 a=1:1 null, 2:1 b=2:1 null}`},
		"YAMLFlow":     {ParseYAML, "a: [x, y]\nb: {c: 1}\n", `1:1 {1:1 a=1:4 [1:5 x, 1:8 y], 2:1 b=2:5 {2:5 c=2:8 1}}`},
		"YAMLCRLF":     {ParseYAML, "a: 1\r\nb:\r\n  c: 2\r\n", `1:1 {1:1 a=1:4 1, 2:1 b=3:3 {3:3 c=3:6 2}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := c.parse([]byte(c.in), "a")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, sketch(n)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestLinesAfterTexts holds that a text of several lines does not shift what
// stands below it.
func TestLinesAfterTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Literal": "a: |\n  one\n\n  two\n", "Folded": "a: >-\n  one\n  two\n\n  three\n", "Quoted": "a: \"one\n  two\"\n", "Single": "a: 'one\n\n  two'\n", "Plain": "a: one\n  two\n  three\n",
		"LiteralCRLF": "a: |\r\n  one\r\n  two\r\n", "Comment": "a: x\n# c\n# d\n",
	} {
		n, err := ParseYAML([]byte(text+"b: here\n"), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := n.Members[1]
		if want := strings.Count(text, "\n") + 1; b.Line != want || b.Value.Line != want || b.Column != 1 || b.Value.Column != 4 {
			t.Errorf("%s: b stands at %d:%d, its value at %d:%d, want line %d", name, b.Line, b.Column, b.Value.Line, b.Value.Column, want)
		}
	}
}

// TestRefusals holds that what is refused is so with a sentence, a line where
// there is one, and none of the file.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parse func([]byte, string) (Node, error)
		in    string
		want  string
	}{
		"JSONSyntax":   {ParseJSON, "{\"secret\":\n 1,,}", "not valid JSON (line 2)"},
		"JSONTwo":      {ParseJSON, "{} {}", "not valid JSON"},
		"JSONDeep":     {ParseJSON, strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), "more than 32 levels"},
		"JSONCharset":  {ParseJSON, "\"\xff\"", "UTF-8"},
		"YAMLSyntax":   {ParseYAML, "a: 1\nb: [secret\n", "not valid YAML"},
		"YAMLIndent":   {ParseYAML, "a: 1\n  b: secret\n", "not valid YAML (line "},
		"YAMLAlias":    {ParseYAML, "a: &x 1\nb: *x\n", "anchors"},
		"YAMLTag":      {ParseYAML, "a: !!str 1\n", "anchors, aliases or tags"},
		"YAMLTwo":      {ParseYAML, "a: 1\n---\nb: 2\n", "not valid YAML"},
		"YAMLTooLarge": {ParseYAML, strings.Repeat("#", MaxYAMLBytes+1), "larger than 2 MB"},
	} {
		_, err := c.parse([]byte(c.in), "x.file")
		var refused *engine.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// FuzzParse reads any bytes either way: a node within the limits, with places
// inside the file, or a refusal.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,"x",null]}`, "a:\n - b: |\n    x\n", "[", "{a: &b c}", "\ufeff{}", "- - - x\n? y\n: z"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte, string) (Node, error){ParseJSON, ParseYAML} {
			n, err := parse(data, "f")
			if err != nil {
				var refused *engine.RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("not a refusal: %v", err)
				}
				continue
			}
			checkNode(t, n, len(data)+1, 0)
		}
	})
}

func checkNode(t *testing.T, n Node, lines, depth int) {
	t.Helper()
	if depth > MaxDepth || n.Line > lines {
		t.Fatalf("a %s at depth %d, line %d of %d", n.Kind, depth, n.Line, lines)
	}
	for _, x := range n.Items {
		checkNode(t, x, lines, depth+1)
	}
	for _, m := range n.Members {
		checkNode(t, m.Value, lines, depth+1)
	}
}
