package tree

import (
	"fmt"
	"unicode/utf8"

	"vouch/engine"
)

// Limits on files.
const (
	MaxJSONBytes = 50 << 20
	MaxYAMLBytes = 2 << 20
	MaxDepth     = 32 // of objects and lists within each other
)

// Kind is what a value is; its text is for people.
type Kind string

// The kinds.
const (
	Null   Kind = "nothing"
	Text   Kind = "text"
	Number Kind = "number"
	Truth  Kind = "true or false"
	List   Kind = "list"
	Object Kind = "object"
)

// Node is a value.
type Node struct {
	Kind    Kind
	Text    string // of text, number and truth; a number as spelled
	Items   []Node
	Members []Member
	Line    int // from 1
	Column  int // from 1
}

// Member is a name with its value. Names can repeat.
type Member struct {
	Name   string
	Value  Node
	Line   int // of the name, from 1
	Column int
}

// Member returns the value of the first member called name.
func (n Node) Member(name string) (Node, bool) {
	for _, m := range n.Members {
		if m.Name == name {
			return m.Value, true
		}
	}
	return Node{}, false
}

var errTooDeep = fmt.Errorf("more than %d levels deep", MaxDepth)

// checkText refuses what is too large or no UTF-8.
func checkText(data []byte, file, format string, limit int) error {
	switch {
	case len(data) > limit:
		return &engine.RefusedError{File: file, Is: fmt.Sprintf("it is larger than %d MB", limit>>20), Do: "split it into several files, or send it as CSV"}
	case !utf8.Valid(data):
		return &engine.RefusedError{File: file, Is: "it is not encoded as UTF-8, which " + format + " is", Do: "save it as UTF-8 and try again"}
	}
	return nil
}
