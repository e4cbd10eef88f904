package csv

// field is one field: its bytes, quotes included, delimiter excluded.
type field struct {
	start, end int
	quoted     bool // its first character is a quote
}

// record is one row: fields[first:last], the bytes up to the line end, and
// where the next row starts.
type record struct {
	first, last int
	start       int
	end, next   int
	line        int // of its first character in the file, from 1
}

// excess says which limit a scan ran into.
type excess int

const (
	excessNone excess = iota
	excessRows
	excessCells
	excessColumns
)

// scanner splits a file into records and fields. It decodes nothing: it only
// looks for delimiters, quotes and line ends.
type scanner struct {
	src     []byte
	charset Charset
	delim   byte // 0: none, every row is one field
	limits  Limits

	pos  int
	line int

	fields  []field
	records []record
	loose   int    // quotes that neither open nor close a field
	open    int    // the line of a quote that is never closed, 0 if there is none
	excess  excess // the limit that stopped the scan
}

// scan reads src from offset from to its end, or to the first limit.
func scan(src []byte, from int, c Charset, delim byte, line int, lim Limits) *scanner {
	s := &scanner{src: src, charset: c, delim: delim, limits: lim, pos: from, line: line}
	for s.pos < len(src) && s.excess == excessNone {
		s.record()
	}
	return s
}

func (s *scanner) peek() (byte, int) { return s.charset.unit(s.src, s.pos) }

func (s *scanner) record() {
	if len(s.records) >= s.limits.Rows {
		s.excess = excessRows
		return
	}
	r := record{first: len(s.fields), start: s.pos, line: s.line}
	for {
		s.field()
		if s.excess = s.exceeds(r); s.excess != excessNone {
			return
		}
		c, n := s.peek()
		if n == 0 || c != s.delim || s.delim == 0 {
			break
		}
		s.pos += n
	}
	r.last, r.end = len(s.fields), s.pos
	s.lineEnd()
	r.next = s.pos
	s.records = append(s.records, r)
}

func (s *scanner) exceeds(r record) excess {
	switch {
	case len(s.fields) > s.limits.Cells:
		return excessCells
	case len(s.fields)-r.first > s.limits.Columns:
		return excessColumns
	}
	return excessNone
}

func (s *scanner) field() {
	f := field{start: s.pos}
	if c, n := s.peek(); n > 0 && c == '"' {
		f.quoted = true
		s.quoted(n)
	}
	s.bare()
	f.end = s.pos
	s.fields = append(s.fields, f)
}

// quoted moves from the opening quote, which is n bytes long, behind the
// closing one.
func (s *scanner) quoted(n int) {
	opened := s.line
	s.pos += n
	for {
		c, n := s.peek()
		switch {
		case n == 0:
			s.open = opened
			return
		case c == '"':
			s.pos += n
			if next, _ := s.peek(); next != '"' {
				return
			}
			s.pos += n
		case c == '\n' || c == '\r':
			s.lineEnd()
		default:
			s.pos += n
		}
	}
}

// bare moves to the next delimiter or line end, or to the end.
func (s *scanner) bare() {
	for {
		c, n := s.peek()
		if n == 0 || c == '\n' || c == '\r' || c == s.delim && s.delim != 0 {
			return
		}
		if c == '"' {
			s.loose++
		}
		s.pos += n
	}
}

// lineEnd moves behind LF, CR or CRLF, if one of them is next.
func (s *scanner) lineEnd() {
	c, n := s.peek()
	if n == 0 || c != '\n' && c != '\r' {
		return
	}
	s.pos += n
	s.line++
	if c == '\r' {
		if c, n := s.peek(); n > 0 && c == '\n' {
			s.pos += n
		}
	}
}
