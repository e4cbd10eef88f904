package xlsx

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// attr returns the decoded value of the attribute called name, prefix
// included, and whether the element has it.
func (t *token) attr(name string) (string, bool, error) {
	it := attrsOf(t.raw)
	for it.next() {
		if string(it.name) == name {
			v, err := it.decoded()
			return v, true, err
		}
	}
	return "", false, it.err
}

// attrLocal is attr for the first attribute of that local name which has a
// prefix, whatever the prefix.
func (t *token) attrLocal(local string) (string, bool, error) {
	it := attrsOf(t.raw)
	for it.next() {
		if l := localName(it.name); len(l) < len(it.name) && string(l) == local {
			v, err := it.decoded()
			return v, true, err
		}
	}
	return "", false, it.err
}

// attrIter walks the attributes of a tag.
type attrIter struct {
	raw   []byte
	pos   int
	name  []byte // prefix included
	value []byte // as written, between the quotes
	from  int    // raw[from:to] is the attribute with the white space before it
	to    int
	err   error
}

// attrsOf returns the attributes of a tag, which starts with < and a name.
func attrsOf(tag []byte) attrIter {
	i := 1
	for i < len(tag) && !isSpace(tag[i]) && tag[i] != '>' && tag[i] != '/' {
		i++
	}
	return attrIter{raw: tag, pos: i}
}

// next moves to the next attribute. After false, err says whether the tag was
// well-formed.
func (a *attrIter) next() bool {
	b, i := a.raw, a.pos
	a.from = i
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) || b[i] == '>' || ((b[i] == '/' || b[i] == '?') && i >= len(b)-2) {
		a.pos = i
		return false
	}
	if i == a.from { // two attributes without white space between them
		a.err = errSyntax
		return false
	}
	start := i
	for i < len(b) && b[i] != '=' && b[i] > ' ' && b[i] != '>' {
		i++
	}
	a.name = b[start:i]
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if len(a.name) == 0 || i >= len(b) || b[i] != '=' {
		a.err = errSyntax
		return false
	}
	i++
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) || (b[i] != '"' && b[i] != '\'') {
		a.err = errSyntax
		return false
	}
	quote := b[i]
	i++
	start = i
	for i < len(b) && b[i] != quote { // most values are a few bytes: faster than a call
		i++
	}
	if i == len(b) {
		a.err = errSyntax
		return false
	}
	a.value = b[start:i]
	a.pos = i + 1
	a.to = a.pos
	return true
}

// decoded returns the attribute's value with entities resolved and white
// space made blanks, as XML says.
func (a *attrIter) decoded() (string, error) {
	if bytes.IndexByte(a.value, '&') < 0 && !bytes.ContainsAny(a.value, "\t\n\r") {
		return string(a.value), nil
	}
	v := bytes.ReplaceAll(a.value, []byte("\r\n"), []byte(" "))
	v = bytes.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, v)
	out, err := unescaped(v)
	return string(out), err
}

// unescaped returns s with its entities resolved and its line ends made line
// feeds.
func unescaped(s []byte) ([]byte, error) {
	var dst []byte
	for len(s) > 0 {
		i := bytes.IndexAny(s, "&\r")
		if i < 0 {
			return append(dst, s...), nil
		}
		dst = append(dst, s[:i]...)
		if s[i] == '\r' {
			dst = append(dst, '\n')
			s = s[i+1:]
			if len(s) > 0 && s[0] == '\n' {
				s = s[1:]
			}
			continue
		}
		r, n := entity(s[i:])
		if n == 0 {
			return dst, errSyntax
		}
		dst = utf8.AppendRune(dst, r)
		s = s[i+n:]
	}
	return dst, nil
}

// maxEntity is more than the longest reference has.
const maxEntity = 16

// entity reads the reference that s starts with and returns its length, 0 if
// it is none of XML's own.
func entity(s []byte) (rune, int) {
	end := bytes.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 2 {
		return 0, 0
	}
	switch name := string(s[1:end]); name {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		if name[0] != '#' {
			return 0, 0
		}
		digits, base := name[1:], 10
		if len(digits) > 0 && digits[0] == 'x' {
			digits, base = digits[1:], 16
		}
		n, err := strconv.ParseUint(digits, base, 21)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return 0, 0
		}
		return rune(n), end + 1
	}
}

func localName(name []byte) []byte {
	for i, c := range name {
		if c == ':' {
			return name[i+1:]
		}
	}
	return name
}
