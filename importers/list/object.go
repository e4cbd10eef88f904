package list

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"vouch/engine"
	"vouch/importers/tree"
)

// EntriesJSON returns the past answers in a JSON file: an array of objects, or
// an object that holds one, also section by section. Names are those that
// columns have ("question", "reviewed_at", "réponse"). What is wrong is
// reported with its path: "entries[3].question: expected text, got number".
func EntriesJSON(data []byte, file string) ([]engine.Entry, []Problem, error) {
	return entriesOf(tree.ParseJSON, data, file)
}

// EntriesYAML is [EntriesJSON] for YAML, without anchors, aliases and tags.
func EntriesYAML(data []byte, file string) ([]engine.Entry, []Problem, error) {
	return entriesOf(tree.ParseYAML, data, file)
}

// ControlsJSON returns the controls in a JSON file; see [EntriesJSON].
func ControlsJSON(data []byte, file string) ([]engine.Control, []Problem, error) {
	return controlsOf(tree.ParseJSON, data, file)
}

// ControlsYAML is [ControlsJSON] for YAML; see [EntriesYAML].
func ControlsYAML(data []byte, file string) ([]engine.Control, []Problem, error) {
	return controlsOf(tree.ParseYAML, data, file)
}

// MaxItems is how many objects a list may hold.
const MaxItems = 200_000

type parseFunc func(data []byte, file string) (tree.Node, error)

func entriesOf(parse parseFunc, data []byte, file string) ([]engine.Entry, []Problem, error) {
	file = filepath.Base(file)
	root, err := parse(data, file)
	if err != nil {
		return nil, nil, err
	}
	w := walker{roles: entryRoles, main: RoleQuestion, extra: map[string]Role{"text": RoleExplanation}}
	if err := w.root(root, file); err != nil {
		return nil, nil, err
	}
	entries, problems := makeEntries(w.found, file)
	return entries, append(w.problems, problems...), nil
}

func controlsOf(parse parseFunc, data []byte, file string) ([]engine.Control, []Problem, error) {
	file = filepath.Base(file)
	root, err := parse(data, file)
	if err != nil {
		return nil, nil, err
	}
	w := walker{roles: controlRoles, main: RoleRef}
	if err := w.root(root, file); err != nil {
		return nil, nil, err
	}
	controls, problems := makeControls(w.found, file)
	return controls, append(w.problems, problems...), nil
}

// walker finds the objects of a list in a tree of nodes.
type walker struct {
	roles []Role
	main  Role // an object without it may be a section
	extra map[string]Role

	found    []fields
	problems []Problem
}

// listNames are the names under which objects hold lists, folded.
var listNames = []string{"entries", "items", "controls", "questions", "answers", "sections", "data", "rows"}

// metaNames are what objects around lists may say about themselves, folded.
var metaNames = []string{"version", "name", "title", "section", "domain", "description", "schema", "format", "exported at", "generated at", "id"}

// root walks the whole file.
func (w *walker) root(n tree.Node, file string) error {
	refused := &engine.RefusedError{File: file, Is: "it holds no list of objects", Do: `write [{"question": …, "answer": …}, …]`}
	switch n.Kind {
	case tree.List:
		w.list(n, "", "")
	case tree.Object:
		m, ok := innerList(n, true)
		if !ok {
			return refused
		}
		w.around(n, m.Name, "")
		w.list(m.Value, m.Name, "")
	default:
		return refused
	}
	if len(w.found) > MaxItems {
		return &engine.RefusedError{File: file, Is: fmt.Sprintf("it holds more than %d objects", MaxItems), Do: "split it into several files"}
	}
	return nil
}

// innerList returns the list that an object holds: under one of listNames, or
// the only one if any is allowed.
func innerList(n tree.Node, allowOther bool) (tree.Member, bool) {
	var lists []tree.Member
	for _, m := range n.Members {
		if m.Value.Kind == tree.List {
			lists = append(lists, m)
		}
	}
	for _, name := range listNames {
		for _, m := range lists {
			if foldName(m.Name) == name {
				return m, true
			}
		}
	}
	if allowOther && len(lists) == 1 {
		return lists[0], true
	}
	return tree.Member{}, false
}

// around reports what an object says beside its list.
func (w *walker) around(n tree.Node, list, path string) {
	seen := map[string]bool{}
	for _, m := range n.Members {
		at := joinPath(path, m.Name)
		if seen[m.Name] {
			w.report(at, "the name occurs twice", false)
			continue
		}
		seen[m.Name] = true
		if m.Name != list && !slices.Contains(metaNames, foldName(m.Name)) {
			w.report(at, "unknown field, left out", true)
		}
	}
}

func (w *walker) report(path, text string, taken bool) {
	w.problems = append(w.problems, Problem{Place: path, Text: text, Taken: taken})
}

func (w *walker) list(n tree.Node, path, section string) {
	for i, item := range n.Items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.Kind != tree.Object {
			w.report(at, fmt.Sprintf("expected object, got %s", item.Kind), false)
			continue
		}
		m, nested := innerList(item, false)
		if !nested || w.hasMain(item) {
			w.object(item, at, section)
			continue
		}
		w.around(item, m.Name, at)
		w.list(m.Value, joinPath(at, m.Name), sectionName(item, section))
	}
}

// hasMain reports whether an object with a list in it is a question all the
// same, and no section.
func (w *walker) hasMain(n tree.Node) bool {
	if w.main != RoleQuestion {
		return false
	}
	for _, m := range n.Members {
		if r, ok := w.roleOf(m.Name); ok && r == w.main && m.Value.Kind != tree.List {
			return true
		}
	}
	return false
}

// sectionName returns what an object with a list of its own is called.
func sectionName(n tree.Node, otherwise string) string {
	for _, name := range []string{"section", "domain", "title", "name"} {
		for _, m := range n.Members {
			if foldName(m.Name) == name && m.Value.Kind == tree.Text {
				return engine.CleanText(m.Value.Text)
			}
		}
	}
	return otherwise
}

// object reads one entry or control.
func (w *walker) object(n tree.Node, path, section string) {
	f := fields{texts: map[Role]string{}, place: path, section: section}
	seen, from := map[string]bool{}, map[Role]bool{}
	good := true
	for _, m := range n.Members {
		at := joinPath(path, m.Name)
		r, known := w.roleOf(m.Name)
		switch {
		case seen[m.Name]:
			w.report(at, "the name occurs twice", false)
			good = false
			continue
		case !known:
			w.report(at, "unknown field, left out", true)
			continue
		case from[r] && r != RoleCriteria:
			w.report(at, "another name for a field that is there already", false)
			good = false
			continue
		}
		seen[m.Name], from[r] = true, true
		if why := f.set(r, m.Value); why != "" {
			w.report(at, why, false)
			good = false
		}
	}
	if good {
		w.found = append(w.found, f)
	}
}

// roleOf returns the role of a name.
func (w *walker) roleOf(name string) (Role, bool) {
	folded := foldName(name)
	if r, ok := roleOf(folded, w.roles); ok {
		return r, true
	}
	r, ok := w.extra[folded]
	return r, ok
}

// set takes the value of one field, or returns why it cannot.
func (f *fields) set(r Role, v tree.Node) (why string) {
	switch {
	case v.Kind == tree.Null:
		return ""
	case v.Kind == tree.List && (r == RoleTags || r == RoleProducts || r == RoleCriteria):
		return f.setList(r, v)
	case v.Kind == tree.Text:
		f.add(r, v.Text)
		return ""
	case v.Kind == tree.Number && r == RoleRef, v.Kind == tree.Truth && (r == RoleAnswer || r == RoleVerdict):
		f.texts[r] = v.Text
		return ""
	}
	return fmt.Sprintf("expected text, got %s", v.Kind)
}

func (f *fields) setList(r Role, v tree.Node) (why string) {
	texts := []string{}
	for i, item := range v.Items {
		if item.Kind != tree.Text {
			return fmt.Sprintf("expected text at [%d], got %s", i, item.Kind)
		}
		texts = append(texts, item.Text)
	}
	switch r {
	case RoleTags:
		f.tags = texts
		return ""
	case RoleProducts:
		f.products = texts
		return ""
	}
	f.add(r, strings.Join(texts, "\n"))
	return ""
}

// add sets a text; criteria under several names are put together.
func (f *fields) add(r Role, s string) {
	if r == RoleCriteria && f.texts[r] != "" {
		s = f.texts[r] + "\n" + s
	}
	f.texts[r] = s
}

// foldName folds a name with its words apart: reviewed_at and reviewedAt are
// "reviewed at".
func foldName(s string) string {
	var b strings.Builder
	lower := false
	for _, r := range s {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return engine.FoldWords(b.String())
}

// maxName is how many characters of a name a path shows.
const maxName = 40

func joinPath(path, name string) string {
	if r := []rune(name); len(r) > maxName {
		name = string(r[:maxName]) + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
