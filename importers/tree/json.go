package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"vouch/engine"
)

// ParseJSON returns data, a file called file, as a node.
func ParseJSON(data []byte, file string) (Node, error) {
	if err := checkText(data, file, "JSON", MaxJSONBytes); err != nil {
		return Node{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	r := &jsonReader{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1, column: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		at := min(int(r.dec.InputOffset()), len(data))
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		is := fmt.Sprintf("it is not valid JSON (line %d)", line)
		if errors.Is(err, errTooDeep) {
			is = "it is " + errTooDeep.Error()
		}
		return Node{}, &engine.RefusedError{File: file, Is: is, Do: "correct it there and try again"}
	}
	return n, nil
}

// jsonReader reads values and knows where it is.
type jsonReader struct {
	dec  *json.Decoder
	data []byte

	at           int // a byte in data, and its place
	line, column int
}

// token returns the next token with its place.
func (r *jsonReader) token() (t json.Token, line, column int, err error) {
	start := min(int(r.dec.InputOffset()), len(r.data))
	for start < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[start]) >= 0 {
		start++
	}
	for r.at < start {
		c, size := utf8.DecodeRune(r.data[r.at:])
		r.at += size
		r.column++
		if c == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
	t, err = r.dec.Token()
	return t, r.line, r.column, err
}

func (r *jsonReader) value(depth int) (Node, error) {
	token, line, column, err := r.token()
	if err != nil {
		return Node{}, err
	}
	n := Node{Kind: Null, Line: line, Column: column}
	switch v := token.(type) {
	case string:
		n.Kind, n.Text = Text, v
	case json.Number:
		n.Kind, n.Text = Number, v.String()
	case bool:
		n.Kind, n.Text = Truth, fmt.Sprint(v)
	case json.Delim:
		if depth >= MaxDepth {
			return n, errTooDeep
		}
		if v == '[' {
			n.Kind = List
			return n, r.list(&n, depth)
		}
		n.Kind = Object
		return n, r.object(&n, depth)
	}
	return n, nil
}

func (r *jsonReader) list(n *Node, depth int) error {
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, _, _, err := r.token()
	return err
}

func (r *jsonReader) object(n *Node, depth int) error {
	for r.dec.More() {
		name, line, column, err := r.token()
		if err != nil {
			return err
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		s, _ := name.(string) // the decoder takes nothing else for a name
		n.Members = append(n.Members, Member{Name: s, Value: value, Line: line, Column: column})
	}
	_, _, _, err := r.token()
	return err
}
