package xlsx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"
)

// strictly scans a document and checks every token.
func strictly(doc []byte) error {
	s := newScanner(bytes.NewReader(doc))
	for {
		if err := s.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := s.tok.check(); err != nil {
			return err
		}
	}
}

// stdlib reads a document with encoding/xml as excelize does.
func stdlib(doc []byte) error {
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	for doc, ok := range map[string]bool{
		`<a b="c">d &amp; &#65; &#x41;</a>`: true, "<a>\t\r\n</a>": true, `<a><![CDATA[<&]]></a>`: true, `<?xml version="1.0" encoding="UTF-8"?><a/>`: true, `<a><!-- b - c --></a>`: true, `<x:a y:b=""/>`: true, "<a>é \U0001F600</a>": true,
		"<a>\x02</a>": false, "<a b='\xff'/>": false, "<a>\xff</a>": false, "<a>&nbsp;</a>": false, "<a>&</a>": false, "<a>]]></a>": false, "<a b=c/>": false, "<a b/>": false, "<a b='1'c='2'/>": false,
		"<a>&#2;</a>": false, "<a>\uFFFE</a>": false, "<a><!-- -- --></a>": false, "<a:b:c/>": false, `<?xml version="1.1"?><a/>`: false, "<a><??></a>": false, "<a b='&x;'/>": false, "<a / >": false,
	} {
		if err := strictly([]byte(doc)); (err == nil) != ok {
			t.Errorf("%q: %v, want accepted %v", doc, err, ok)
		}
		if err := stdlib([]byte(doc)); ok && err != nil {
			t.Errorf("%q: encoding/xml says %v", doc, err)
		}
	}
}

// TestASyntaxErrorIsNotTheEndOfASheet proves that a sheet which excelize would
// stop reading half-way is refused.
func TestASyntaxErrorIsNotTheEndOfASheet(t *testing.T) {
	t.Parallel()
	file := book(t, sheetXML(`<sheetData>`+row(1, "Question", "Answer")+row(2, "Is it \x02 damaged?")+row(3, "Is the rest lost?")+`</sheetData>`))
	if _, err := prescan(bytes.NewReader(file), int64(len(file)), "test.xlsx", Limits{}); err == nil {
		t.Error("a control character inside a sheet was accepted")
	}
}

// FuzzStrict proves that what passes our check passes encoding/xml too.
func FuzzStrict(f *testing.F) {
	for _, s := range []string{`<a b="c">d &amp;</a>`, `<a><![CDATA[x]]></a>`, `<?xml version="1.0"?><a/>`, `<x:a y:b=""><!--c--></x:a>`, sample} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if strictly(doc) != nil {
			return
		}
		var syntax *xml.SyntaxError
		if err := stdlib(doc); err != nil && errors.As(err, &syntax) {
			t.Fatalf("%q passes our check, and encoding/xml says: %v", doc, err)
		}
	})
}
