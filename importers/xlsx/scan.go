package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokStart   tokenKind = iota + 1 // <name …>
	tokEmpty                        // <name …/>
	tokEnd                          // </name>
	tokText                         // character data between markup, or a byte order mark
	tokCDATA                        // <![CDATA[…]]>
	tokComment                      // <!--…-->
	tokPI                           // <?…?>
)

// token is one piece of a document. The raw bytes of all tokens, one after
// the other, are the document. A token and everything taken from it is valid
// until the next call of [scanner.next].
type token struct {
	kind  tokenKind
	raw   []byte
	name  []byte // of an element, as written, prefix included
	local []byte // of an element, without the prefix
	level int    // of an element: 1 for the root; of anything else: the level an element would have here

	// Long text and CDATA sections come in pieces; first and last say which
	// piece this is. Everything else is whole.
	first, last bool
}

// Limits of the scanner. Real workbooks nest 20 elements at most, and their
// longest tags are drop-down lists with thousands of ranges.
const (
	maxDepth    = 256
	maxMarkup   = 1 << 20
	scanBufSize = 64 << 10
	textPiece   = 32 << 10
)

// What the scanner refuses. None of these texts holds anything of the
// document.
var (
	errDoctype   = errors.New("a document type declaration")
	errEncoding  = errors.New("an encoding other than UTF-8")
	errTooDeep   = fmt.Errorf("elements nested more than %d deep", maxDepth)
	errLongTag   = fmt.Errorf("a tag longer than %d bytes", maxMarkup)
	errMismatch  = errors.New("an end tag without its start tag")
	errTruncated = errors.New("the end is missing")
	errSyntax    = errors.New("malformed XML")
)

// scanner splits an XML document into tokens while reading it. It exists
// because encoding/xml neither keeps the bytes that have to be written back
// nor is fast enough to look through every file before it is opened. It
// checks what protects its callers: that tags match, that nothing is nested
// too deep or too long, that there is no document type declaration (so no
// entity of the document's own) and that the encoding is UTF-8. It does not
// check names, namespaces or the attributes nobody asks for.
type scanner struct {
	tok token

	r        io.Reader
	buf      []byte
	pos, end int   // the unread part of buf
	base     int64 // the document's offset of buf[0]
	eof      bool
	err      error

	names    []byte // the names of the open elements, one after the other
	starts   []int  // where each of them starts
	seenRoot bool
	begun    bool
	strict   bool // every token must pass [token.check]; kept by reset
	inText   bool // the next text piece continues the last one
	inCDATA  bool
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, scanBufSize), starts: make([]int, 0, 16), names: make([]byte, 0, 256)}
}

// reset makes s read another document and keeps its memory.
func (s *scanner) reset(r io.Reader) {
	*s = scanner{r: r, buf: s.buf, starts: s.starts[:0], names: s.names[:0], strict: s.strict}
}

// offset returns where in the document the next token starts.
func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// next reads the next token into s.tok. It returns io.EOF after the last one;
// any other error stays.
func (s *scanner) next() error {
	if s.err == nil {
		s.err = s.scan()
		if s.err == nil && s.strict {
			s.err = s.tok.check()
		}
		if s.err != nil && s.err != io.EOF {
			s.err = fmt.Errorf("at byte %d: %w", s.offset(), s.err)
		}
	}
	return s.err
}

func (s *scanner) scan() error {
	if !s.begun {
		if err := s.begin(); err != nil {
			return err
		}
		if s.tok.kind == tokText {
			return nil
		}
	}
	if s.inCDATA {
		return s.scanCDATA(false)
	}
	if s.pos == s.end {
		if err := s.more(); err == io.EOF {
			return s.finish()
		} else if err != nil {
			return err
		}
	}
	if s.buf[s.pos] != '<' {
		return s.scanText()
	}
	s.inText = false
	for s.end-s.pos < 2 {
		if err := s.need(); err != nil {
			return err
		}
	}
	switch s.buf[s.pos+1] {
	case '/':
		return s.scanEnd()
	case '!':
		return s.scanBang()
	case '?':
		return s.scanPI()
	}
	return s.scanStart()
}

// begin looks at the first bytes: a byte order mark of UTF-8 becomes a text
// token of its own, everything that cannot be UTF-8 is refused.
func (s *scanner) begin() error {
	s.begun = true
	s.tok.kind = 0
	for s.end-s.pos < 4 {
		if err := s.more(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	b := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}), bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return errEncoding
	case bytes.IndexByte(b[:min(4, len(b))], 0) >= 0:
		return errEncoding
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		s.emit(tokText, 3)
		s.tok.first, s.tok.last = true, true
	}
	return nil
}

// finish says whether the document may end here.
func (s *scanner) finish() error {
	if len(s.starts) > 0 || !s.seenRoot {
		return errTruncated
	}
	return io.EOF
}

// more reads at least one byte behind s.end, moving what is unread to the
// front and growing the buffer as far as one tag may be long.
func (s *scanner) more() error {
	if s.eof {
		return io.EOF
	}
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.base += int64(s.pos)
		s.end -= s.pos
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) > maxMarkup {
			return errLongTag
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if s.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

// need is more for where the document must not end.
func (s *scanner) need() error {
	err := s.more()
	if err == io.EOF {
		return errTruncated
	}
	return err
}

// emit makes the next n bytes the current token.
func (s *scanner) emit(kind tokenKind, n int) {
	t := &s.tok // field by field: this runs for every token, and copying a whole one is slower
	t.kind, t.raw, t.level = kind, s.buf[s.pos:s.pos+n:s.pos+n], len(s.starts)+1
	t.name, t.local, t.first, t.last = nil, nil, false, false
	s.pos += n
}

func (s *scanner) scanText() error {
	from := 0
	for {
		n := bytes.IndexByte(s.buf[s.pos+from:s.end], '<')
		if n >= 0 {
			return s.emitText(from+n, true)
		}
		from = s.end - s.pos
		if from > textPiece {
			return s.emitText(cutPiece(s.buf[s.pos:s.pos+from-1]), false) // one byte stays, so that the last piece is known to be it
		}
		if err := s.more(); err == io.EOF {
			return s.emitText(from, true)
		} else if err != nil {
			return err
		}
	}
}

// cutPiece returns where to cut a piece of text so that no character, no
// entity and no "]]>" is parted.
func cutPiece(b []byte) int {
	n := len(b)
	if i := bytes.LastIndexByte(b, '&'); i > n-maxEntity {
		n = i
	}
	for n > len(b)/2 && (b[n-1] == ']' || b[n-1] >= 0x80) {
		n--
	}
	return n
}

func (s *scanner) emitText(n int, last bool) error {
	if len(s.starts) == 0 && !isBlank(s.buf[s.pos:s.pos+n]) {
		return errSyntax
	}
	s.emit(tokText, n)
	s.tok.first, s.tok.last = !s.inText, last
	s.inText = !last
	return nil
}

// scanStart reads a start tag or an empty-element tag.
func (s *scanner) scanStart() error {
	i, quote := 1, byte(0)
	for {
		b := s.buf[s.pos:s.end]
		for ; i < len(b); i++ {
			c := b[i]
			switch {
			case c > '>':
			case c == '<':
				return errSyntax
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				return s.emitStart(i + 1)
			}
		}
		if i > maxMarkup {
			return errLongTag
		}
		if err := s.need(); err != nil {
			return err
		}
	}
}

func (s *scanner) emitStart(n int) error {
	b := s.buf[s.pos : s.pos+n]
	i := 1
	for isNameByte[b[i]] {
		i++
	}
	name := b[1:i:i]
	if len(name) == 0 || !startsName(name[0]) || (!isSpace(b[i]) && b[i] != '/' && b[i] != '>') {
		return errSyntax
	}
	if len(s.starts) == 0 {
		if s.seenRoot {
			return errSyntax
		}
		s.seenRoot = true
	}
	if len(s.starts) >= maxDepth {
		return errTooDeep
	}
	kind := tokStart
	if b[n-2] == '/' {
		kind = tokEmpty
	}
	s.emit(kind, n)
	s.tok.name, s.tok.local = name, localName(name)
	if kind == tokStart {
		s.starts = append(s.starts, len(s.names))
		s.names = append(s.names, name...)
	}
	return nil
}

func (s *scanner) scanEnd() error {
	i := 2
	for {
		b := s.buf[s.pos:s.end]
		for ; i < len(b); i++ {
			if b[i] == '>' {
				return s.emitEnd(i + 1)
			}
		}
		if i > maxMarkup {
			return errLongTag
		}
		if err := s.need(); err != nil {
			return err
		}
	}
}

func (s *scanner) emitEnd(n int) error {
	name := s.buf[s.pos+2 : s.pos+n-1]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	top := len(s.starts) - 1
	if top < 0 || string(s.names[s.starts[top]:]) != string(name) {
		return errMismatch
	}
	s.names = s.names[:s.starts[top]]
	s.starts = s.starts[:top]
	s.emit(tokEnd, n)
	s.tok.name, s.tok.local = name, localName(name)
	return nil
}

// scanBang reads a comment or the start of a CDATA section.
func (s *scanner) scanBang() error {
	const comment, cdata = "<!--", "<![CDATA["
	for s.end-s.pos < len(cdata) {
		if err := s.more(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
	}
	b := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(b, []byte(comment)):
		n, err := s.find("-->", len(comment))
		if err == nil {
			s.emit(tokComment, n)
		}
		return err
	case bytes.HasPrefix(b, []byte(cdata)):
		if len(s.starts) == 0 {
			return errSyntax
		}
		return s.scanCDATA(true)
	case len(b) >= 9 && bytes.EqualFold(b[:9], []byte("<!DOCTYPE")):
		return errDoctype
	case len(b) < len(cdata):
		return errTruncated
	}
	return errSyntax
}

// scanCDATA reads one piece of a CDATA section.
func (s *scanner) scanCDATA(first bool) error {
	from := 0
	if first {
		from = len("<![CDATA[")
	}
	for {
		if n := bytes.Index(s.buf[s.pos+from:s.end], []byte("]]>")); n >= 0 {
			s.emit(tokCDATA, from+n+3)
			s.tok.first, s.tok.last = first, true
			s.inCDATA = false
			return nil
		}
		if n := s.end - s.pos - 2; n >= textPiece { // the last two bytes may be the start of the end
			for !utf8.RuneStart(s.buf[s.pos+n]) && n > textPiece/2 {
				n--
			}
			s.emit(tokCDATA, n)
			s.tok.first = first
			s.inCDATA = true
			return nil
		}
		from = max(from, s.end-s.pos-2)
		if err := s.need(); err != nil {
			return err
		}
	}
}

func (s *scanner) scanPI() error {
	first := s.offset() == 0 || (s.offset() == 3 && s.tok.kind == tokText)
	n, err := s.find("?>", 2)
	if err != nil {
		return err
	}
	s.emit(tokPI, n)
	if first && bytes.HasPrefix(s.tok.raw, []byte("<?xml")) {
		return checkEncoding(s.tok.raw)
	}
	return nil
}

// find returns the length of the token that ends with end, looking from byte
// from of it on.
func (s *scanner) find(end string, from int) (int, error) {
	for {
		if from <= s.end-s.pos {
			if n := bytes.Index(s.buf[s.pos+from:s.end], []byte(end)); n >= 0 {
				return from + n + len(end), nil
			}
		}
		if s.end-s.pos > maxMarkup {
			return 0, errLongTag
		}
		from = max(from, s.end-s.pos-len(end)+1)
		if err := s.need(); err != nil {
			return 0, err
		}
	}
}

// checkEncoding refuses an XML declaration that names another encoding than
// UTF-8 or its subset US-ASCII.
func checkEncoding(decl []byte) error {
	it := attrsOf(decl[:len(decl)-2])
	for it.next() {
		if string(it.name) != "encoding" {
			continue
		}
		if !bytes.EqualFold(it.value, []byte("utf-8")) && !bytes.EqualFold(it.value, []byte("utf8")) &&
			!bytes.EqualFold(it.value, []byte("us-ascii")) {
			return errEncoding
		}
	}
	return it.err
}

// content returns the character data of a text or CDATA token as it stands in
// the document. Entities of text are not yet decoded: a piece may end within
// one, so decode with [unescaped] when all pieces are there.
func (t *token) content() []byte {
	switch t.kind {
	case tokText:
		return t.raw
	case tokCDATA:
		b := t.raw
		if t.first {
			b = b[len("<![CDATA["):]
		}
		if t.last {
			b = b[:len(b)-len("]]>")]
		}
		return b
	}
	return nil
}

// prefix returns the namespace prefix of the element, with its colon.
func (t *token) prefix() []byte { return t.name[:len(t.name)-len(t.local)] }

// opens reports whether t is the start tag or the empty-element tag of an
// element of that local name.
func (t *token) opens(local string) bool {
	return t.kind <= tokEmpty && string(t.local) == local
}

// isNameByte says which bytes names of elements are made of.
var isNameByte = func() (is [256]bool) {
	for c := range 256 {
		is[c] = startsName(byte(c)) || c >= '0' && c <= '9' || c == '-' || c == '.'
	}
	return is
}()

func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isBlank(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return false
		}
	}
	return true
}
