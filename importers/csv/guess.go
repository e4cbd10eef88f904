package csv

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/wlynxg/chardet"

	"vouch/engine"
)

// signatures are the first bytes of files that are no text, and what they are.
var signatures = []struct{ start, is, do string }{
	{"PK\x03\x04", "it is a zip archive, not CSV", "unpack it and send the file inside"},
	{"PK\x05\x06", "it is an empty zip archive, not CSV", "send the questionnaire itself"},
	{"\xD0\xCF\x11\xE0", "it is an old Excel workbook (.xls) or an encrypted one, not CSV", "save it as .xlsx without a password and send that"},
	{"%PDF", "it is a PDF document, not CSV", "send the spreadsheet it was made from"},
	{"\x1F\x8B", "it is a gzip archive, not CSV", "unpack it and send the file inside"},
	{"\xFF\xFE\x00\x00", "it is encoded as UTF-32", "save it as CSV UTF-8 and send that"},
	{"\x00\x00\xFE\xFF", "it is encoded as UTF-32", "save it as CSV UTF-8 and send that"},
	{"\x89PNG", "it is a picture, not CSV", "send the questionnaire itself"},
	{"\xFF\xD8\xFF", "it is a picture, not CSV", "send the questionnaire itself"},
}

// checkKind refuses what is recognisably another kind of file.
func checkKind(data []byte, name string) error {
	for _, s := range signatures {
		if !bytes.HasPrefix(data, []byte(s.start)) {
			continue
		}
		is, do := s.is, s.do
		if strings.HasPrefix(s.start, "PK\x03") && looksLikeWorkbook(data) {
			is, do = "it is an Excel workbook, not CSV", "rename it to .xlsx and try again"
		}
		return &engine.RefusedError{File: name, Is: is, Do: do}
	}
	return nil
}

func looksLikeWorkbook(data []byte) bool {
	return bytes.Contains(data, []byte("xl/workbook")) || bytes.Contains(data, []byte("[Content_Types].xml"))
}

// guessCharset returns the encoding of data and the length of its byte order
// mark. [package csv] states the rules.
func guessCharset(data []byte, name string) (Charset, int, error) {
	for _, c := range []Charset{UTF8, UTF16LE, UTF16BE} {
		if bytes.HasPrefix(data, c.bom()) {
			return c, len(c.bom()), checkMarked(data, c, name)
		}
	}
	if bytes.IndexByte(data, 0) >= 0 {
		c, err := guessUTF16(data, name)
		return c, 0, err
	}
	if isBinary(data) {
		return "", 0, &engine.RefusedError{File: name, Is: "it is a binary file, not CSV", Do: "send the questionnaire as CSV or .xlsx"}
	}
	if utf8.Valid(data) || nearlyUTF8(data) {
		return UTF8, 0, nil
	}
	c, err := guessLegacy(data, name)
	return c, 0, err
}

// checkMarked refuses data whose byte order mark says c and whose bytes do not.
func checkMarked(data []byte, c Charset, name string) error {
	if c == UTF8 {
		if bytes.IndexByte(data, 0) >= 0 {
			return refuseNUL(name)
		}
		return nil
	}
	if len(data)%2 != 0 {
		return &engine.RefusedError{File: name, Is: "it is UTF-16 with half a character at the end", Do: "export it again; the copy is damaged"}
	}
	for i := 0; i < len(data); i += 2 {
		if data[i] == 0 && data[i+1] == 0 {
			return refuseNUL(name)
		}
	}
	return nil
}

func refuseNUL(name string) error {
	return &engine.RefusedError{File: name, Is: "it holds NUL bytes and is no text", Do: "save it as CSV UTF-8 and send that"}
}

// isBinary reports whether more than one byte in a hundred is a control
// character that texts do not use, NUL aside.
func isBinary(data []byte) bool {
	n := 0
	for _, b := range data {
		if b > 0 && b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\v' && b != '\f' {
			n++
		}
	}
	return n*100 > len(data)
}

// nearlyUTF8 reports whether data is UTF-8 that was damaged in places: of its
// bytes above 127 at least nine sequences in ten are valid, and at least ten.
func nearlyUTF8(data []byte) bool {
	valid, invalid := 0, 0
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			invalid++
		case n > 1:
			valid++
		}
		i += n
	}
	return valid >= 10 && valid >= 9*invalid
}

// guessUTF16 returns the byte order under which data with NUL bytes reads as
// text.
func guessUTF16(data []byte, name string) (Charset, error) {
	le, be := plainUnits(data, UTF16LE), plainUnits(data, UTF16BE)
	switch {
	case le <= 0 && be <= 0:
		if isBinary(data) {
			return "", &engine.RefusedError{File: name, Is: "it is a binary file, not CSV", Do: "send the questionnaire as CSV or .xlsx"}
		}
		return "", refuseNUL(name)
	case le >= be:
		return UTF16LE, nil
	}
	return UTF16BE, nil
}

// plainUnits returns how many ASCII characters data holds read as c: none
// below 3 in 100, and none if the text has no line end or delimiter, or holds
// what no text does.
func plainUnits(data []byte, c Charset) int {
	if len(data)%2 != 0 {
		return 0
	}
	plain, structure, pending := 0, false, false
	for i := 0; i < len(data); i += 2 {
		u := c.word(data, i)
		low := u >= 0xDC00 && u <= 0xDFFF
		if pending != low { // a surrogate without its other half
			return 0
		}
		pending = u >= 0xD800 && u <= 0xDBFF
		switch {
		case u >= 0xFFFE || u < 0x20 && !strings.ContainsRune("\t\n\r\v\f", rune(u)):
			return 0
		case u < utf8.RuneSelf:
			plain++
			structure = structure || strings.ContainsRune("\n\r\t,;|", rune(u))
		}
	}
	if pending || !structure || plain*200 < 3*len(data) {
		return 0
	}
	return plain
}

// guessLegacy tells Shift-JIS from Windows-1252.
func guessLegacy(data []byte, name string) (Charset, error) {
	japanese := japaneseShare(data)
	switch {
	case japanese > 0.5:
		return ShiftJIS, nil
	case westernShare(data) >= 0.5:
		return Windows1252, nil
	case japanese > 0.25 && statisticallyJapanese(data):
		return ShiftJIS, nil
	}
	is := "its character encoding is neither UTF-8 nor Windows-1252 nor Shift-JIS"
	if r := chardet.Detect(sample(data)); r.Encoding != "" && r.Confidence > 0.8 {
		is += " but looks like " + r.Encoding
	}
	return "", &engine.RefusedError{File: name, Is: is, Do: "save it as CSV UTF-8 and send that"}
}

func statisticallyJapanese(data []byte) bool {
	r := chardet.Detect(sample(data))
	return r.Confidence > 0.8 && (strings.EqualFold(r.Encoding, "SHIFT_JIS") || strings.EqualFold(r.Encoding, "CP932"))
}

// sample bounds what the statistical detector gets to see; more changes
// nothing in what it says.
func sample(data []byte) []byte { return data[:min(len(data), 64<<10)] }

// japaneseShare reads data as Shift-JIS and returns which share of its
// characters above 127 is usual in Japanese text: kana, punctuation and the
// common (level 1) kanji beside another such character. 0 if any sequence is
// invalid. Accented letters before other letters read as rare kanji, mostly,
// and stand alone.
func japaneseShare(data []byte) float64 {
	usual, all := 0, 0
	run, last := 0, false // length of the current run, whether its only character so far is usual
	for i := 0; i < len(data); {
		b := data[i]
		if b < utf8.RuneSelf {
			run = 0
			i++
			continue
		}
		all++
		run++
		n, ok := shiftJISChar(data[i:])
		if n == 0 {
			return 0
		}
		if ok && run > 1 {
			usual++
		}
		if run == 2 && last {
			usual++
		}
		last = ok
		i += n
	}
	if all == 0 {
		return 0
	}
	return float64(usual) / float64(all)
}

// shiftJISChar returns the length of the Shift-JIS character at the start of
// b, which is above 127, and whether Japanese text uses it much. Length 0
// means that it is none.
func shiftJISChar(b []byte) (n int, usual bool) {
	if b[0] >= 0xA1 && b[0] <= 0xDF {
		return 1, false // half-width katakana: rare in questionnaires, frequent in misread Latin text
	}
	if len(b) < 2 || !isShiftJISLead(b[0]) || !isShiftJISTrail(b[1]) {
		return 0, false
	}
	if !shiftJISPairs()[uint16(b[0])<<8|uint16(b[1])] {
		return 0, false
	}
	lead, trail := b[0], b[1]
	switch lead {
	case 0x81:
		return 2, trail <= 0xAC
	case 0x82:
		return 2, trail >= 0x4F && trail <= 0xF1
	case 0x83:
		return 2, trail <= 0x96
	}
	return 2, lead >= 0x88 && lead <= 0x98
}

// shiftJISPairs says which pairs of bytes are characters of Shift-JIS; the
// ranges for private use do not count.
var shiftJISPairs = sync.OnceValue(func() *[1 << 16]bool {
	var pairs [1 << 16]bool
	for i := range pairs {
		b := []byte{byte(i >> 8), byte(i)}
		if !isShiftJISLead(b[0]) || !isShiftJISTrail(b[1]) {
			continue
		}
		r, n := utf8.DecodeRuneInString(ShiftJIS.decode(b))
		pairs[i] = n > 1 && r != utf8.RuneError && (r < 0xE000 || r > 0xF8FF)
	}
	return &pairs
})

// westernShare returns which share of the bytes above 127 stands in runs of
// at most three: accented letters, curly quotes and dashes do, Cyrillic,
// Greek, Chinese and Korean do not.
func westernShare(data []byte) float64 {
	short, all, run := 0, 0, 0
	flush := func() {
		if run <= 3 {
			short += run
		}
		run = 0
	}
	for _, b := range data {
		if b < utf8.RuneSelf {
			flush()
			continue
		}
		all++
		run++
	}
	flush()
	return float64(short) / float64(max(all, 1))
}
