package list

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"vouch/engine"
)

// EntriesJSON returns the past answers in a JSON file: an array of objects, or
// an object that holds one, also section by section. Names are those that
// columns have ("question", "reviewed_at", "réponse"). What is wrong is
// reported with its path: "entries[3].question: expected text, got number".
func EntriesJSON(data []byte, file string) ([]engine.Entry, []Problem, error) {
	return entriesOf(parseJSON, data, file)
}

// EntriesYAML is [EntriesJSON] for YAML, without anchors, aliases and tags.
func EntriesYAML(data []byte, file string) ([]engine.Entry, []Problem, error) {
	return entriesOf(parseYAML, data, file)
}

// ControlsJSON returns the controls in a JSON file; see [EntriesJSON].
func ControlsJSON(data []byte, file string) ([]engine.Control, []Problem, error) {
	return controlsOf(parseJSON, data, file)
}

// ControlsYAML is [ControlsJSON] for YAML; see [EntriesYAML].
func ControlsYAML(data []byte, file string) ([]engine.Control, []Problem, error) {
	return controlsOf(parseYAML, data, file)
}

type parseFunc func(data []byte, file string) (node, error)

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
func (w *walker) root(n node, file string) error {
	refused := &engine.RefusedError{File: file, Is: "it holds no list of objects", Do: `write [{"question": …, "answer": …}, …]`}
	switch n.kind {
	case isList:
		w.list(n, "", "")
	case isObject:
		m, ok := innerList(n, true)
		if !ok {
			return refused
		}
		w.around(n, m.name, "")
		w.list(m.value, m.name, "")
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
func innerList(n node, allowOther bool) (member, bool) {
	var lists []member
	for _, m := range n.members {
		if m.value.kind == isList {
			lists = append(lists, m)
		}
	}
	for _, name := range listNames {
		for _, m := range lists {
			if foldName(m.name) == name {
				return m, true
			}
		}
	}
	if allowOther && len(lists) == 1 {
		return lists[0], true
	}
	return member{}, false
}

// around reports what an object says beside its list.
func (w *walker) around(n node, list, path string) {
	seen := map[string]bool{}
	for _, m := range n.members {
		at := joinPath(path, m.name)
		if seen[m.name] {
			w.report(at, "the name occurs twice", false)
			continue
		}
		seen[m.name] = true
		if m.name != list && !slices.Contains(metaNames, foldName(m.name)) {
			w.report(at, "unknown field, left out", true)
		}
	}
}

func (w *walker) report(path, text string, taken bool) {
	w.problems = append(w.problems, Problem{Place: path, Text: text, Taken: taken})
}

func (w *walker) list(n node, path, section string) {
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.kind != isObject {
			w.report(at, fmt.Sprintf("expected object, got %s", item.kind), false)
			continue
		}
		m, nested := innerList(item, false)
		if !nested || w.hasMain(item) {
			w.object(item, at, section)
			continue
		}
		w.around(item, m.name, at)
		w.list(m.value, joinPath(at, m.name), sectionName(item, section))
	}
}

// hasMain reports whether an object with a list in it is a question all the
// same, and no section.
func (w *walker) hasMain(n node) bool {
	if w.main != RoleQuestion {
		return false
	}
	for _, m := range n.members {
		if r, ok := w.roleOf(m.name); ok && r == w.main && m.value.kind != isList {
			return true
		}
	}
	return false
}

// sectionName returns what an object with a list of its own is called.
func sectionName(n node, otherwise string) string {
	for _, name := range []string{"section", "domain", "title", "name"} {
		for _, m := range n.members {
			if foldName(m.name) == name && m.value.kind == isText {
				return engine.CleanText(m.value.text)
			}
		}
	}
	return otherwise
}

// object reads one entry or control.
func (w *walker) object(n node, path, section string) {
	f := fields{texts: map[Role]string{}, place: path, section: section}
	seen, from := map[string]bool{}, map[Role]bool{}
	good := true
	for _, m := range n.members {
		at := joinPath(path, m.name)
		r, known := w.roleOf(m.name)
		switch {
		case seen[m.name]:
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
		seen[m.name], from[r] = true, true
		if why := f.set(r, m.value); why != "" {
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
func (f *fields) set(r Role, v node) (why string) {
	switch {
	case v.kind == isNull:
		return ""
	case v.kind == isList && (r == RoleTags || r == RoleCriteria):
		return f.setList(r, v)
	case v.kind == isText:
		f.add(r, v.text)
		return ""
	case v.kind == isNumber && r == RoleRef, v.kind == isTruth && (r == RoleAnswer || r == RoleVerdict):
		f.texts[r] = v.text
		return ""
	}
	return fmt.Sprintf("expected text, got %s", v.kind)
}

func (f *fields) setList(r Role, v node) (why string) {
	texts := []string{}
	for i, item := range v.items {
		if item.kind != isText {
			return fmt.Sprintf("expected text at [%d], got %s", i, item.kind)
		}
		texts = append(texts, item.text)
	}
	if r == RoleTags {
		f.tags = texts
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
