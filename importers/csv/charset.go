package csv

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// Charset is a character encoding that the package reads and writes.
type Charset string

// The character encodings.
const (
	UTF8        Charset = "UTF-8"
	UTF16LE     Charset = "UTF-16LE"
	UTF16BE     Charset = "UTF-16BE"
	Windows1252 Charset = "Windows-1252"
	ShiftJIS    Charset = "Shift_JIS"
)

// opaque is what unit returns for a character that can have no meaning in the
// structure of a file.
const opaque = 0xFF

// unit returns the character at src[i:] as far as structure goes: its ASCII
// code, or a value above 127, and how many bytes it takes. It returns 0, 0 at
// the end. A character above 127 may be returned in several pieces.
func (c Charset) unit(src []byte, i int) (byte, int) {
	if i >= len(src) {
		return 0, 0
	}
	switch c {
	case UTF16LE, UTF16BE:
		return c.unit16(src, i)
	case ShiftJIS:
		if i+1 < len(src) && isShiftJISLead(src[i]) && isShiftJISTrail(src[i+1]) {
			return opaque, 2
		}
	}
	return src[i], 1
}

func (c Charset) unit16(src []byte, i int) (byte, int) {
	if i+1 >= len(src) {
		return opaque, 1
	}
	low, high := src[i], src[i+1]
	if c == UTF16BE {
		low, high = high, low
	}
	if high != 0 {
		return opaque, 2
	}
	return low, 2
}

// ascii returns b as the encoding writes it; b is below 128.
func (c Charset) ascii(b byte) []byte {
	switch c {
	case UTF16LE:
		return []byte{b, 0}
	case UTF16BE:
		return []byte{0, b}
	}
	return []byte{b}
}

// bom returns the byte order mark of the encoding, nil if it has none.
func (c Charset) bom() []byte {
	switch c {
	case UTF8:
		return []byte{0xEF, 0xBB, 0xBF}
	case UTF16LE:
		return []byte{0xFF, 0xFE}
	case UTF16BE:
		return []byte{0xFE, 0xFF}
	}
	return nil
}

// decode returns b as text; what is invalid becomes U+FFFD.
func (c Charset) decode(b []byte) string {
	switch c {
	case UTF16LE, UTF16BE:
		return c.decode16(b)
	case Windows1252, ShiftJIS:
		if isASCII(b) {
			return string(b)
		}
		s, err := c.table().NewDecoder().Bytes(b)
		if err != nil { // the decoders replace instead of failing
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
		return string(s)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func (c Charset) decode16(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, c.word(b, i))
	}
	return string(utf16.Decode(units))
}

// word returns the UTF-16 unit at b[i:]; both bytes are there.
func (c Charset) word(b []byte, i int) uint16 {
	if c == UTF16BE {
		return uint16(b[i])<<8 | uint16(b[i+1])
	}
	return uint16(b[i]) | uint16(b[i+1])<<8
}

func (c Charset) table() encoding.Encoding {
	if c == ShiftJIS {
		return japanese.ShiftJIS
	}
	return charmap.Windows1252
}

// encode returns s in the encoding. If a character does not survive the way
// there and back, it is returned instead and ok is false.
func (c Charset) encode(s string) (b []byte, lost rune, ok bool) {
	switch c {
	case UTF16LE, UTF16BE:
		return c.encode16(s), 0, true
	case Windows1252, ShiftJIS:
		if isASCII([]byte(s)) {
			return []byte(s), 0, true
		}
		return c.encodeTable(s)
	}
	return []byte(s), 0, true
}

func (c Charset) encode16(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for _, u := range utf16.Encode([]rune(s)) {
		if c == UTF16BE {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

func (c Charset) encodeTable(s string) ([]byte, rune, bool) {
	enc := c.table().NewEncoder()
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
			continue
		}
		b, err := enc.Bytes([]byte(string(r)))
		if err != nil || c.decode(b) != string(r) {
			return nil, r, false
		}
		out = append(out, b...)
	}
	return out, 0, true
}

func isASCII(b []byte) bool {
	for _, x := range b {
		if x >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isShiftJISLead(b byte) bool {
	return b >= 0x81 && b <= 0x9F || b >= 0xE0 && b <= 0xFC
}

func isShiftJISTrail(b byte) bool {
	return b >= 0x40 && b <= 0x7E || b >= 0x80 && b <= 0xFC
}
