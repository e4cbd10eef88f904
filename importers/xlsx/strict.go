package xlsx

import (
	"bytes"
	"unicode/utf8"
)

// check returns errSyntax for a token that encoding/xml, and so excelize,
// would stumble over. Excelize takes a syntax error inside a sheet for its
// end, so every part it reads is checked first: otherwise the rest of a sheet
// would be missing without a word. A test holds this against encoding/xml.
func (t *token) check() error {
	if !validChars(t.raw) {
		return errSyntax
	}
	switch t.kind {
	case tokStart, tokEmpty:
		if !plainName(t.name) {
			return errSyntax
		}
		return checkAttrs(t.raw)
	case tokEnd:
		if !plainName(t.name) {
			return errSyntax
		}
	case tokText:
		if bytes.Contains(t.raw, []byte("]]>")) || !validEntities(t.raw) {
			return errSyntax
		}
	case tokComment:
		if bytes.Contains(t.raw[len("<!--"):len(t.raw)-len("-->")], []byte("--")) || bytes.HasSuffix(t.raw, []byte("--->")) {
			return errSyntax
		}
	case tokPI:
		return checkPI(t.raw)
	}
	return nil
}

// checkAttrs reads every attribute of a tag.
func checkAttrs(tag []byte) error {
	it := attrsOf(tag)
	for it.next() {
		if !plainName(it.name) || !validEntities(it.value) {
			return errSyntax
		}
	}
	if it.err != nil {
		return it.err
	}
	if rest := bytes.TrimSpace(tag[it.pos:]); string(rest) != ">" && string(rest) != "/>" {
		return errSyntax
	}
	return nil
}

// checkPI wants a processing instruction to have a target, and an XML
// declaration to be of version 1.0.
func checkPI(raw []byte) error {
	i := 2
	for i < len(raw) && isNameByte[raw[i]] {
		i++
	}
	if !plainName(raw[2:i]) {
		return errSyntax
	}
	if string(raw[2:i]) != "xml" {
		return nil
	}
	it := attrsOf(raw[:len(raw)-2])
	for it.next() {
		if string(it.name) == "version" && string(it.value) != "1.0" {
			return errSyntax
		}
	}
	return it.err
}

// validChars reports whether b is UTF-8 of characters that XML 1.0 allows.
func validChars(b []byte) bool {
	ascii := true
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(b) && !bytes.Contains(b, []byte("\uFFFE")) && !bytes.Contains(b, []byte("\uFFFF"))
}

// validEntities reports whether every & in b begins a reference to a character
// that XML 1.0 allows.
func validEntities(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return true
		}
		r, n := entity(b[i:])
		if n == 0 || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
		b = b[i+n:]
	}
}

// plainName reports whether a name is of ASCII letters, digits and - . _ with
// one colon at most, as all names in workbooks are.
func plainName(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	colons := 0
	for i, c := range name {
		switch {
		case c == ':':
			if colons++; colons > 1 || i == 0 || i == len(name)-1 {
				return false
			}
		case c >= utf8.RuneSelf || !isNameByte[c]:
			return false
		case (i == 0 || name[i-1] == ':') && (c >= '0' && c <= '9' || c == '-' || c == '.'):
			return false
		}
	}
	return true
}
