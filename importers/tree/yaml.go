package tree

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"vouch/engine"
)

// Limits on the shape of YAML before it is parsed. Lists have two or three
// levels; a text may hold a bracket now and then that is never closed.
const (
	maxYAMLIndent   = 200
	maxYAMLBrackets = 500
	maxYAMLNames    = 2000 // of one object; the parser's time grows with the square
)

var (
	errYAMLShape   = errors.New("of a shape that lists do not have: nested too deep, or thousands of names in one object")
	errYAMLFeature = errors.New("it uses anchors, aliases or tags, which lists may not")
)

// ParseYAML returns data, a file called file, as a node.
func ParseYAML(data []byte, file string) (Node, error) {
	if err := checkText(data, file, "YAML", MaxYAMLBytes); err != nil {
		return Node{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	n, err := readYAML(data)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, errTooDeep), errors.Is(err, errYAMLShape):
		return Node{}, &engine.RefusedError{File: file, Is: "it is " + err.Error(), Do: "send it as a flat list"}
	case errors.Is(err, errYAMLFeature):
		return Node{}, &engine.RefusedError{File: file, Is: err.Error(), Do: "write the values out and try again"}
	}
	is := "it is not valid YAML"
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
		is += fmt.Sprintf(" (line %d)", at.GetToken().Position.Line)
	}
	return Node{}, &engine.RefusedError{File: file, Is: is, Do: "correct it, or send it as JSON or CSV"}
}

// readYAML parses data. The parser is not ours, so its panics become errors.
func readYAML(data []byte) (n Node, err error) {
	if !plainYAML(data) {
		return Node{}, errYAMLShape
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = Node{}, errors.New("the parser gave up")
		}
	}()
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return Node{}, fmt.Errorf("parse yaml: %w", err)
	}
	if len(f.Docs) != 1 {
		return Node{}, errors.New("not one document")
	}
	return fromYAML(f.Docs[0].Body, 0)
}

// plainYAML reports whether the nesting of data is one that a list can have,
// judged by indentation, names and brackets alone.
func plainYAML(data []byte) bool {
	var names [maxYAMLIndent + 2]int // by column, of the object that is open there
	deepest, brackets := 0, 0
	for line := range bytes.Lines(data) {
		if text := bytes.TrimSpace(line); len(text) == 0 || text[0] == '#' {
			continue
		}
		first, column, markers := yamlIndent(line)
		if column > maxYAMLIndent || markers > MaxDepth && !isRule(line) {
			return false
		}
		for ; deepest > first; deepest-- {
			names[deepest] = 0
		}
		deepest = max(deepest, column)
		if bytes.ContainsAny(line, ":?") {
			names[column]++
		}
		if names[column] > maxYAMLNames {
			return false
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				brackets++
			case ']', '}':
				brackets = max(0, brackets-1)
			}
			if brackets > maxYAMLBrackets {
				return false
			}
		}
	}
	return true
}

// yamlIndent returns the column of the first character of a line that is no
// blank, of the first that is no blank and no list or key marker, and how many
// such markers there are.
func yamlIndent(line []byte) (first, column, markers int) {
	first = -1
	for i, c := range line {
		switch c {
		case ' ', '\t':
			continue
		case '-', '?', ':':
			markers++
			if first < 0 {
				first = i
			}
			continue
		}
		if first < 0 {
			first = i
		}
		return first, i, markers
	}
	return max(first, 0), len(line), markers
}

// isRule reports whether a line is a ruler of dashes in some text.
func isRule(line []byte) bool { return strings.Trim(strings.TrimSpace(string(line)), "-") == "" }

func fromYAML(v ast.Node, depth int) (Node, error) {
	if depth > MaxDepth {
		return Node{}, errTooDeep
	}
	n := Node{Kind: Null}
	if v == nil {
		return n, nil
	}
	n.Line, n.Column = placeOf(v)
	switch v := v.(type) {
	case *ast.NullNode:
		return n, nil
	case *ast.StringNode:
		n.Kind, n.Text = Text, v.Value
		return n, nil
	case *ast.LiteralNode:
		n.Kind, n.Text = Text, v.Value.Value
		return n, nil
	case *ast.BoolNode:
		n.Kind, n.Text = Truth, fmt.Sprint(v.Value)
		return n, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		n.Kind, n.Text = Number, v.GetToken().Value
		return n, nil
	case *ast.SequenceNode:
		n.Kind = List
		for _, item := range v.Values {
			x, err := fromYAML(item, depth+1)
			if err != nil {
				return n, err
			}
			n.Items = append(n.Items, x)
		}
		return n, nil
	case *ast.MappingNode:
		return fromYAMLMap(n, v.Values, depth)
	case *ast.MappingValueNode:
		return fromYAMLMap(n, []*ast.MappingValueNode{v}, depth)
	}
	return Node{}, errYAMLFeature
}

func fromYAMLMap(n Node, values []*ast.MappingValueNode, depth int) (Node, error) {
	n.Kind = Object
	for _, v := range values {
		key, err := fromYAML(v.Key, depth+1)
		if err != nil {
			return n, err
		}
		value, err := fromYAML(v.Value, depth+1)
		if err != nil {
			return n, err
		}
		if value.Line == 0 || value.Kind == Null {
			value.Line, value.Column = key.Line, key.Column // nothing stands where nothing is written
		}
		n.Members = append(n.Members, Member{Name: key.Text, Value: value, Line: key.Line, Column: key.Column})
	}
	if len(n.Members) > 0 && n.Members[0].Line > 0 {
		n.Line, n.Column = n.Members[0].Line, n.Members[0].Column // not that of the colon
	}
	return n, nil
}

// placeOf returns the line and the column of a node's token.
func placeOf(v ast.Node) (line, column int) {
	if t := v.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 0, 0
}
