package list

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"vouch/engine"
)

// Limits on JSON and YAML lists.
const (
	MaxJSONBytes = 50 << 20
	MaxYAMLBytes = 2 << 20
	MaxDepth     = 32 // of objects and arrays within each other
	MaxItems     = 200_000
)

// nodeKind is what a value in JSON or YAML is; its text is for people.
type nodeKind string

const (
	isNull   nodeKind = "nothing"
	isText   nodeKind = "text"
	isNumber nodeKind = "number"
	isTruth  nodeKind = "true or false"
	isList   nodeKind = "list"
	isObject nodeKind = "object"
)

// node is a value in JSON or YAML.
type node struct {
	kind    nodeKind
	text    string // of text, number and truth; a number as spelled
	items   []node
	members []member
}

// member is a name with its value. Names can repeat.
type member struct {
	name  string
	value node
}

var errTooDeep = fmt.Errorf("more than %d levels deep", MaxDepth)

// parseJSON returns data, a file called file, as a node.
func parseJSON(data []byte, file string) (node, error) {
	if err := checkText(data, file, "JSON", MaxJSONBytes); err != nil {
		return node{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	n, err := readJSON(dec, 0)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		at := min(int(dec.InputOffset()), len(data))
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		is := fmt.Sprintf("it is not valid JSON (line %d)", line)
		if errors.Is(err, errTooDeep) {
			is = "it is " + errTooDeep.Error()
		}
		return node{}, &engine.RefusedError{File: file, Is: is, Do: "correct it there and try again"}
	}
	return n, nil
}

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

func readJSON(dec *json.Decoder, depth int) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	switch v := token.(type) {
	case string:
		return node{kind: isText, text: v}, nil
	case json.Number:
		return node{kind: isNumber, text: v.String()}, nil
	case bool:
		return node{kind: isTruth, text: fmt.Sprint(v)}, nil
	case json.Delim:
		if depth >= MaxDepth {
			return node{}, errTooDeep
		}
		if v == '[' {
			return readJSONList(dec, depth)
		}
		return readJSONObject(dec, depth)
	}
	return node{kind: isNull}, nil
}

func readJSONList(dec *json.Decoder, depth int) (node, error) {
	n := node{kind: isList}
	for dec.More() {
		item, err := readJSON(dec, depth+1)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	_, err := dec.Token()
	return n, err
}

func readJSONObject(dec *json.Decoder, depth int) (node, error) {
	n := node{kind: isObject}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return n, err
		}
		value, err := readJSON(dec, depth+1)
		if err != nil {
			return n, err
		}
		s, _ := name.(string) // the decoder takes nothing else for a name
		n.members = append(n.members, member{name: s, value: value})
	}
	_, err := dec.Token()
	return n, err
}
