package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// tokens scans doc and returns its tokens as text and their joined raw bytes.
func tokens(r io.Reader) (list []string, raw []byte, err error) {
	s := newScanner(r)
	for {
		if err := s.next(); err == io.EOF {
			return list, raw, nil
		} else if err != nil {
			return list, raw, err
		}
		t := &s.tok
		raw = append(raw, t.raw...)
		list = append(list, fmt.Sprintf("%d %d %s", t.kind, t.level, t.local))
	}
}

const sample = "\ufeff<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- a > b --><x:a  k = 'v>\"' l=\"&lt;'\"\n>t&amp;u<x:b/><![CDATA[<c>]]>]]&gt;<d e=\"/\"/></x:a >\n<?pi x?>"

func TestScannerKeepsEveryByte(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]io.Reader{
		"at once":      strings.NewReader(sample),
		"byte by byte": iotest.OneByteReader(strings.NewReader(sample)),
		"with EOF":     iotest.DataErrReader(strings.NewReader(sample)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, raw, err := tokens(r)
			if err != nil {
				t.Fatal(err)
			}
			if string(raw) != sample {
				t.Errorf("got %q", raw)
			}
			want := "4 1 |7 1 |4 1 |6 1 |1 1 a|4 2 |2 2 b|5 2 |4 2 |2 2 d|3 1 a|4 1 |7 1 "
			if got := strings.Join(list, "|"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestScannerCutsLongTextInPieces(t *testing.T) {
	t.Parallel()
	for _, n := range []int{textPiece - 1, textPiece, textPiece + 1, scanBufSize, 3*scanBufSize + 17, 2 << 20} {
		for _, doc := range []string{
			"<a>" + strings.Repeat("x", n) + "</a>",
			"<a><![CDATA[" + strings.Repeat("]", n) + "]]></a>",
		} {
			s := newScanner(strings.NewReader(doc))
			var got bytes.Buffer
			first, last := 0, 0
			for s.next() == nil {
				if tok := &s.tok; tok.kind == tokText || tok.kind == tokCDATA {
					got.Write(tok.content())
					first += bool2int(tok.first)
					last += bool2int(tok.last)
				}
			}
			if s.err != io.EOF || got.Len() != n || first != 1 || last != 1 {
				t.Errorf("%.12s %d: %v, %d bytes, %d firsts, %d lasts", doc, n, s.err, got.Len(), first, last)
			}
		}
	}
}

func bool2int(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestScannerRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, doc string
		want      error
	}{
		{"doctype", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>`, errDoctype},
		{"doctype in odd case", `<!DocType a><a/>`, errDoctype},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, errEncoding},
		{"UTF-16 with mark", "\xff\xfe<\x00a\x00/\x00>\x00", errEncoding},
		{"UTF-16 without mark", "<\x00a\x00/\x00>\x00", errEncoding},
		{"end without start", "<a></b>", errMismatch},
		{"end of nothing", "</a>", errMismatch},
		{"crossing", "<a><b></a></b>", errMismatch},
		{"open at the end", "<a><b/>", errTruncated},
		{"cut tag", "<a b=", errTruncated},
		{"cut comment", "<a><!-- ", errTruncated},
		{"cut CDATA", "<a><![CDATA[ ]]", errTruncated},
		{"cut bang", "<a><!", errTruncated},
		{"nothing", "", errTruncated},
		{"only space", " \n", errTruncated},
		{"text outside", "<a/>x", errSyntax},
		{"no XML", "hello", errSyntax},
		{"two roots", "<a/><b/>", errSyntax},
		{"tag in tag", "<a <b/>", errSyntax},
		{"tag in value", `<a b="<"/>`, errSyntax},
		{"no name", "< a/>", errSyntax},
		{"quotes in name", `<a"" />`, errSyntax},
		{"number as name", `<1/>`, errSyntax},
		{"declaration", "<a><!ELEMENT b></a>", errSyntax},
		{"deep", strings.Repeat("<a>", 1_000_000), errTooDeep},
		{"attributes without end", "<a" + strings.Repeat(` b="c"`, 1_000_000) + "/>", errLongTag},
		{"comment without end", "<a><!--" + strings.Repeat("x", 3<<20), errLongTag},
		{"name without end", "<a></" + strings.Repeat("x", 3<<20), errLongTag},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := tokens(strings.NewReader(tt.doc)); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAttributesAreReadAsXMLSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tag, want string
		bad       bool
	}{
		{`<a/>`, "", false},
		{`<a b="c"/>`, "b=c", false},
		{"<a\tb = 'c'\n d=\"e>f\" >", "b=c d=e>f", false},
		{`<a x:b="&amp;&#65;&#x42;&quot;&apos;&lt;&gt;">`, `x:b=&AB"'<>`, false},
		{"<a b='1\r\n2\t3'>", "b=1 2 3", false},
		{`<a b="/"/>`, "b=/", false},
		{`<a b="c"d="e">`, "b=c", true},
		{`<a b=c>`, "", true},
		{`<a b>`, "", true},
		{`<a b="&nbsp;">`, "", true},
		{`<a b="&#0xFFFFFFFF;">`, "", true},
		{`<a ="x">`, "", true},
	} {
		s := newScanner(strings.NewReader(tt.tag))
		if err := s.next(); err != nil {
			t.Fatalf("%s: %v", tt.tag, err)
		}
		var got []string
		it := attrsOf(s.tok.raw)
		var bad error
		for it.next() {
			v, err := it.decoded()
			if err != nil {
				bad = err
				break
			}
			got = append(got, string(it.name)+"="+v)
		}
		bad = errors.Join(bad, it.err)
		if g := strings.Join(got, " "); g != tt.want || (bad != nil) != tt.bad {
			t.Errorf("%s: got %q, %v", tt.tag, g, bad)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range []string{
		sample, "<a/>", "<a b='c'>d</a>", "<!DOCTYPE a>", "<a><![CDATA[x]]></a>", "<a><!--x--></a>", "<?xml encoding='utf-16'?><a/>",
		sheetXML(`<sheetData><row r="1" spans="1:2"><c r="A1" t="s"><v>0</v></c><c/></row></sheetData>`),
	} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, doc []byte, chunk uint8) {
		var r io.Reader = bytes.NewReader(doc)
		if chunk > 0 {
			r = &chunks{r: r, n: int(chunk)}
		}
		s := newScanner(r)
		var raw []byte
		for s.next() == nil {
			raw = append(raw, s.tok.raw...)
			if len(s.tok.raw) == 0 {
				t.Fatal("a token without bytes")
			}
			if s.tok.kind <= tokEmpty {
				for it := attrsOf(s.tok.raw); it.next(); {
					_, _ = it.decoded()
				}
			}
			_, _ = unescaped(s.tok.content())
		}
		if s.err == io.EOF && !bytes.Equal(raw, doc) {
			t.Fatalf("got %q, want %q", raw, doc)
		}
		if !bytes.HasPrefix(doc, raw) {
			t.Fatalf("tokens %q are no start of %q", raw, doc)
		}
		_, _ = readStructure(bytes.NewReader(doc))
	})
}

// chunks reads n bytes at a time.
type chunks struct {
	r io.Reader
	n int
}

func (c *chunks) Read(b []byte) (int, error) { return c.r.Read(b[:min(len(b), c.n)]) }

func BenchmarkScan(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString("<worksheet><sheetData>")
	for r := range 20_000 {
		fmt.Fprintf(&doc, `<row r="%d" spans="1:5">`, r+1)
		for c := range 5 {
			fmt.Fprintf(&doc, `<c r="%c%d" s="%d" t="s"><v>%d</v></c>`, 'A'+c, r+1, c, r)
		}
		doc.WriteString("</row>")
	}
	doc.WriteString("</sheetData></worksheet>")
	for name, run := range map[string]func(io.Reader) error{
		"tokens": func(r io.Reader) error {
			s := newScanner(r)
			for s.next() == nil {
			}
			return s.err
		},
		"walk": func(r io.Reader) error {
			w := newSheetWalker(r)
			for {
				if _, err := w.next(); err != nil {
					return err
				}
			}
		},
		"structure": func(r io.Reader) error { _, err := readStructure(r); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(doc.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if err := run(bytes.NewReader(doc.Bytes())); err != nil && err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
