package xlsx

import (
	"bytes"
	"strings"

	"vouch/importers/detect"
)

// validation is one drop-down list.
type validation struct {
	ranges      []detect.Range
	formula     string // as in the file: "Yes,No" in quotes, a range, a name
	promptTitle string
	prompt      string
	x14         bool // from the extension that allows lists on other sheets
}

// listReader picks the drop-down lists out of the tokens behind the rows, of
// both kinds: the standard's own (sqref is an attribute) and the x14
// extension's (sqref is an element).
type listReader struct {
	cur   *validation
	level int // of the dataValidation element
	field string
	text  []byte
	sqref string
}

// maxListText bounds the formula and the ranges of one list.
const maxListText = 4 << 20

// take takes a token and returns the list it completes, if any.
func (l *listReader) take(t *token) (*validation, error) {
	switch {
	case l.cur == nil:
		if t.kind == tokStart && string(t.local) == "dataValidation" {
			return nil, l.start(t)
		}
	case t.kind == tokEnd && t.level == l.level:
		return l.end(), nil
	case l.field == "" && t.kind == tokStart && (string(t.local) == "formula1" || string(t.local) == "sqref"):
		l.field, l.text = string(t.local), l.text[:0]
	case l.field != "" && t.kind == tokEnd && string(t.local) == l.field:
		return nil, l.endField()
	case l.field != "" && (t.kind == tokText || t.kind == tokCDATA):
		if len(l.text)+len(t.raw) > maxListText {
			return nil, errLongTag
		}
		if t.kind == tokCDATA {
			l.text = appendEscaped(l.text, string(t.content()))
		} else {
			l.text = append(l.text, t.raw...)
		}
	}
	return nil, nil
}

func (l *listReader) start(t *token) error {
	var v validation
	isList := false
	l.sqref = ""
	it := attrsOf(t.raw)
	for it.next() {
		s, err := it.decoded()
		if err != nil {
			return err
		}
		switch string(it.name) {
		case "type":
			isList = s == "list"
		case "sqref":
			l.sqref = s
		case "promptTitle":
			v.promptTitle = unescapeX(s)
		case "prompt":
			v.prompt = unescapeX(s)
		}
	}
	if it.err != nil {
		return it.err
	}
	if isList {
		v.x14 = l.sqref == ""
		l.cur, l.level = &v, t.level
	}
	return nil
}

func (l *listReader) endField() error {
	out, err := unescaped(l.text)
	if err != nil {
		return err
	}
	if l.field == "formula1" {
		l.cur.formula = strings.TrimSpace(string(out))
	} else {
		l.sqref = string(out)
	}
	l.field = ""
	return nil
}

func (l *listReader) end() *validation {
	v := l.cur
	l.cur = nil
	for _, f := range strings.Fields(l.sqref) {
		if r, ok := parseArea(f); ok {
			v.ranges = append(v.ranges, r)
		}
	}
	if len(v.ranges) == 0 || v.formula == "" {
		return nil
	}
	return v
}

// parseArea reads a range as validations have them: A1:B2, and also whole
// columns (A:C) and whole rows (1:3).
func parseArea(s string) (detect.Range, bool) {
	s = strings.ToUpper(strings.ReplaceAll(s, "$", ""))
	if r, ok := detect.ParseRange(s); ok {
		return r, true
	}
	a, b, ok := strings.Cut(s, ":")
	if !ok {
		return detect.Range{}, false
	}
	if c1, c2 := detect.ColumnNumber(a), detect.ColumnNumber(b); c1 > 0 && c2 > 0 && max(c1, c2) <= maxCols {
		return detect.Range{FirstRow: 1, FirstCol: min(c1, c2), LastRow: maxRows, LastCol: max(c1, c2)}, true
	}
	r1, ok1 := parseUint([]byte(a), maxRows)
	r2, ok2 := parseUint([]byte(b), maxRows)
	if ok1 && ok2 && r1 > 0 && r2 > 0 {
		return detect.Range{FirstRow: min(r1, r2), FirstCol: 1, LastRow: max(r1, r2), LastCol: maxCols}, true
	}
	return detect.Range{}, false
}

// appendEscaped appends s as XML character data.
func appendEscaped(dst []byte, s string) []byte {
	for i := range len(s) {
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

// unescapeX resolves Excel's own escapes: _x000D_ stands for the character
// with that code. It decodes what [escapeX] makes.
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b bytes.Buffer
	for i := 0; i < len(s); {
		if c, ok := xEscape(s[i:]); ok {
			b.WriteRune(c)
			i += 7
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// xEscape reports whether s starts with an escape of Excel's, and for which
// character.
func xEscape(s string) (rune, bool) {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return 0, false
	}
	var c rune
	for _, d := range []byte(s[2:6]) {
		switch {
		case d >= '0' && d <= '9':
			c = c<<4 | rune(d-'0')
		case d|0x20 >= 'a' && d|0x20 <= 'f':
			c = c<<4 | rune(d|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return c, true
}
