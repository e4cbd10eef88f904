package register

import (
	"fmt"
	"strconv"
	"strings"

	"vouch/importers/tree"
)

// Place is where something stands in a file.
type Place struct {
	File   string `json:"file"`             // base name
	At     string `json:"at,omitempty"`     // the row of a table, for people: "line 12", "Controls!12"
	Line   int    `json:"line,omitempty"`   // from 1; of a table the row
	Column int    `json:"column,omitempty"` // from 1
}

// String returns the place for people: "register.yaml, line 12, column 5".
func (p Place) String() string {
	s := p.File
	switch {
	case p.At != "":
		s += ", " + p.At
	case p.Line > 0:
		s += fmt.Sprintf(", line %d", p.Line)
	}
	if p.Column > 0 {
		s += fmt.Sprintf(", column %d", p.Column)
	}
	return s
}

// Position returns the place as compilers write it, for editors to follow:
// "register.yaml:12:5", "register.xlsx:Controls!12:5".
func (p Place) Position() string {
	if p.File == StoredFile {
		return p.String()
	}
	s := p.File
	switch {
	case p.At != "":
		s += ":" + strings.TrimPrefix(p.At, "line ")
	case p.Line > 0:
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Column > 0 {
		s += ":" + strconv.Itoa(p.Column)
	}
	return s
}

// Problem is something in a file that cannot be taken as it stands.
type Problem struct {
	Place Place  `json:"place"`
	Path  string `json:"path"` // the field, as the register calls it: "reports[2].to"
	Text  string `json:"text"` // one sentence without the file's content, with what would be accepted
}

// String returns the problem with place and path.
func (p Problem) String() string { return p.at(p.Place.String()) }

// Line returns the problem as compilers write it: "FILE:LINE:COLUMN: field:
// sentence".
func (p Problem) Line() string { return p.at(p.Place.Position()) }

func (p Problem) at(place string) string {
	for _, s := range []string{p.Path, p.Text} {
		switch {
		case s == "":
		case place == "":
			place = s
		default:
			place += ": " + s
		}
	}
	return place
}

// source is where an entry of a part came from: its node, and what turns the
// node's line into a place.
type source struct {
	file string
	at   func(row int) string // of tables; nil for others
	node tree.Node

	stored string // of what came from no file but was stored: "report soc2-2026"
}

// isStored reports whether the entry was stored already.
func (s source) isStored() bool { return s.stored != "" }

// place returns the place of a node of the source.
func (s source) place(line, column int) Place {
	if s.isStored() {
		return Place{File: StoredFile, At: s.stored}
	}
	p := Place{File: s.file, Line: line, Column: column}
	if s.at != nil && line > 0 {
		p.At = s.at(line)
	}
	return p
}

// find returns the place of the field at path below the source's node, like
// ".tests[3].result"; of what holds it where the field itself is missing.
func (s source) find(path string) Place {
	n := s.node
	for path != "" {
		step := path
		if i := strings.IndexAny(path[1:], ".["); i >= 0 {
			step = path[:i+1]
		}
		path = path[len(step):]
		next, ok := child(n, step)
		if !ok {
			break
		}
		n = next
	}
	return s.place(n.Line, n.Column)
}

// child returns the node that a step like ".tests" or "[3]" leads to.
func child(n tree.Node, step string) (tree.Node, bool) {
	if step[0] == '.' {
		if v, ok := n.Member(step[1:]); ok {
			return v, true
		}
		for alias, name := range aliases {
			if v, ok := n.Member(alias); ok && name == step[1:] {
				return v, true
			}
		}
		return tree.Node{}, false
	}
	i, err := strconv.Atoi(strings.Trim(step, "[]"))
	if err != nil || i >= len(n.Items) {
		return tree.Node{}, false
	}
	return n.Items[i], true
}
