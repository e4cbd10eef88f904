package csv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"vouch/engine"
)

func mustParse(t testing.TB, data string) *File {
	t.Helper()
	f, err := Parse([]byte(data), "q.csv", Limits{})
	if err != nil {
		t.Fatalf("Parse(%q): %v", data, err)
	}
	return f
}

// joined puts the file together from what was found in it.
func (f *File) joined() []byte {
	b := bytes.Clone(f.src[:f.body])
	for _, r := range f.records {
		for i, x := range f.fields[r.first:r.last] {
			if i > 0 {
				b = append(b, f.dialect.Charset.ascii(f.dialect.Delimiter)...)
			}
			b = append(b, f.raw(x)...)
		}
		b = append(b, f.src[r.end:r.next]...)
	}
	return b
}

func TestRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want [][]string
	}{
		"Plain":                       {"a,b\nc,d\n", [][]string{{"a", "b"}, {"c", "d"}}},
		"NoFinalNewline":              {"a,b\nc,d", [][]string{{"a", "b"}, {"c", "d"}}},
		"CRLF":                        {"a,b\r\nc,d\r\n", [][]string{{"a", "b"}, {"c", "d"}}},
		"CR":                          {"a,b\rc,d\r", [][]string{{"a", "b"}, {"c", "d"}}},
		"MixedLineEnds":               {"a,b\rc,d\ne,f\r\n", [][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}}},
		"BlankLinesAreRows":           {"a,b\n\n\nc,d\n", [][]string{{"a", "b"}, {""}, {""}, {"c", "d"}}},
		"MultiLineField":              {"a,\"b\r\nc\"\nd,e\n", [][]string{{"a", "b\nc"}, {"d", "e"}}},
		"DoubledQuotes":               {"a,\"say \"\"yes\"\"\"\nc,d\n", [][]string{{"a", `say "yes"`}, {"c", "d"}}},
		"BareQuotesAreText":           {"a,5\" disk\nc,d\n", [][]string{{"a", `5" disk`}, {"c", "d"}}},
		"TextBehindClosingQuote":      {"a,\"b\" c\nd,e\n", [][]string{{"a", "b c"}, {"d", "e"}}},
		"BlankBeforeQuoteIsText":      {"a, \"b\"\nd,e\n", [][]string{{"a", ` "b"`}, {"d", "e"}}},
		"RaggedRows":                  {"a,b,c\nd\ne,f\ng,h,i,j\n", [][]string{{"a", "b", "c"}, {"d"}, {"e", "f"}, {"g", "h", "i", "j"}}},
		"TrailingDelimiterMakesField": {"a,b,\nc,d,", [][]string{{"a", "b", ""}, {"c", "d", ""}}},
		"SemicolonWithCommaInProse":   {"Nr;Frage;Antwort\n1;Sind Daten verschlüsselt, auch Backups?\n2;Gibt es MFA, auch für Admins?\n", [][]string{{"Nr", "Frage", "Antwort"}, {"1", "Sind Daten verschlüsselt, auch Backups?"}, {"2", "Gibt es MFA, auch für Admins?"}}},
		"CommaWithSemicolonInQuotes":  {"a,\"b;c;d\"\ne,\"f;g;h\"\n", [][]string{{"a", "b;c;d"}, {"e", "f;g;h"}}},
		"Tab":                         {"a\tb, c\nd\te, f\n", [][]string{{"a", "b, c"}, {"d", "e, f"}}},
		"Pipe":                        {"a|b, c\nd|e, f\n", [][]string{{"a", "b, c"}, {"d", "e, f"}}},
		"SepLineIsNoRow":              {"sep=;\r\na;b,c\r\nd;e\r\n", [][]string{{"a", "b,c"}, {"d", "e"}}},
		"SepLineQuoted":               {"\"sep=^\"\na^b,c\n", [][]string{{"a", "b,c"}}},
		"OneColumnOfProse":            {"Question\nDo you encrypt data, at rest?\nDo you log?\nDo you train staff, often, and well?\n", [][]string{{"Question"}, {"Do you encrypt data, at rest?"}, {"Do you log?"}, {"Do you train staff, often, and well?"}}},
		"TitleAboveTable":             {"Vendor questionnaire\n\nid,question,answer\n1,\"a, b\",\n2,c,\n", [][]string{{"Vendor questionnaire"}, {""}, {"id", "question", "answer"}, {"1", "a, b", ""}, {"2", "c", ""}}},
		"UTF8BOM":                     {"\xEF\xBB\xBFa,ä\nb,c\n", [][]string{{"a", "ä"}, {"b", "c"}}},
		"NoBreakSpaceKept":            {"a,b\u00a0c\n", [][]string{{"a", "b\u00a0c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustParse(t, c.in)
			if d := cmp.Diff(c.want, f.Rows()); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
			if got := string(f.joined()); got != c.in {
				t.Errorf("joined = %q, want %q", got, c.in)
			}
		})
	}
}

func encodeWith(t *testing.T, enc func(string) (string, error), s string) string {
	t.Helper()
	b, err := enc(s)
	if err != nil {
		t.Fatalf("encode %q: %v", s, err)
	}
	return b
}

func TestCharset(t *testing.T) {
	t.Parallel()
	latin := charmap.Windows1252.NewEncoder().String
	sjis := japanese.ShiftJIS.NewEncoder().String
	texts := map[Charset][]string{
		Windows1252: {
			"Frage,Antwort\nSind alle Datenträger verschlüsselt?,\n",
			"für,b\n", "ä\n", "Größe;Maß\n", "Überprüfung,Ja\nÄnderungen,\n", "Straße,Nein\n",
			"Sécurité,Réponse\nLes données sont-elles chiffrées à l’arrêt ?,\n", "l’accès,b\n", "réponse\n", "été,où,çà\n", "« Oui »,b\n",
			"¿Se cifran los datos en reposo?,Sí\n", "Contraseñas,\n", "año\n", "¿Está documentado el plan de recuperación?,\n",
			"Segurança,Não\nInformações,\n", "don’t,b\n", "“quoted” text – with dashes…,b\n", "20 °C,€ 5\n", "‚Ja‘,„Nein“\n",
		},
		ShiftJIS: {
			"質問,回答\n", "番号,質問,回答\n1,保存データは暗号化されていますか。,はい\n", "はい\n", "いいえ,はい\n",
			"セキュリティ,アクセス管理\n", "No,質問内容（必須）\n1,ソフトウェアの脆弱性を管理していますか？\n", "会社名|住所\n株式会社|東京都\n",
		},
	}
	for want, list := range texts {
		enc := latin
		if want == ShiftJIS {
			enc = sjis
		}
		for _, s := range list {
			t.Run(fmt.Sprintf("%s/%.12s", want, s), func(t *testing.T) {
				t.Parallel()
				f := mustParse(t, encodeWith(t, enc, s))
				if f.Dialect().Charset != want {
					t.Fatalf("charset = %s, want %s", f.Dialect().Charset, want)
				}
				if d := cmp.Diff(mustParse(t, s).Rows(), f.Rows()); d != "" {
					t.Errorf("rows (-want +got):\n%s", d)
				}
			})
		}
	}
}

func TestCharsetUTF16(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Frage\tAntwort\r\nVerschlüsselt?\tJa\r\n", "質問,回答\n保存データは暗号化されていますか。,はい\n", "a,b\n", "😀,b\n"} {
		for _, c := range []Charset{UTF16LE, UTF16BE} {
			for _, bom := range []bool{true, false} {
				b, _, _ := c.encode(s)
				if bom {
					b = append(c.bom(), b...)
				}
				f := mustParse(t, string(b))
				if got := f.Dialect(); got.Charset != c || got.BOM != bom {
					t.Errorf("%q: dialect = %+v, want %s, mark %v", s, got, c, bom)
				}
				if d := cmp.Diff(mustParse(t, s).Rows(), f.Rows()); d != "" {
					t.Errorf("%s, mark %v: rows (-want +got):\n%s", c, bom, d)
				}
				if !bytes.Equal(f.joined(), b) {
					t.Errorf("%s: joined differs", c)
				}
			}
		}
	}
}

func TestDamagedUTF8IsStillUTF8(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "Frage,Antwort\n"+strings.Repeat("Verschlüsselt für alle,ä\n", 10)+"defekt \xFC,b\n")
	if got := f.Dialect().Charset; got != UTF8 {
		t.Errorf("charset = %s, want UTF-8", got)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	russian, _ := charmap.Windows1251.NewEncoder().String("Вопрос,Ответ\nШифруются ли данные при хранении?,\nЕсть ли политика безопасности?,\n")
	chinese, _ := simplifiedchinese.GBK.NewEncoder().String("问题,回答\n数据是否在静态时加密？是否有信息安全政策？,\n员工是否接受安全培训并签署保密协议？,\n")
	koreanText, _ := korean.EUCKR.NewEncoder().String("질문,답변\n저장된 데이터는 암호화되어 있습니까?,\n정보보호 정책이 있습니까?,\n")
	for name, c := range map[string]struct{ in, is string }{
		"Empty":             {"", "empty"},
		"OnlyBOM":           {"\xEF\xBB\xBF", "empty"},
		"OnlyBlankLines":    {"\n\r\n , \n", "empty"},
		"OnlySepLine":       {"sep=;\n", "empty"},
		"Zip":               {"PK\x03\x04abc", "zip"},
		"Workbook":          {"PK\x03\x04....[Content_Types].xml", "Excel workbook"},
		"OldWorkbook":       {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel"},
		"PDF":               {"%PDF-1.7", "PDF"},
		"NULByte":           {"a,b\nc\x00,d\nnothing else here\n", "NUL"},
		"Binary":            {"\x01\x02\x03\x04\x05\x06", "binary"},
		"UTF32":             {"\xFF\xFE\x00\x00a\x00\x00\x00", "UTF-32"},
		"HalfUTF16":         {"\xFF\xFEa\x00b", "half a character"},
		"UnterminatedQuote": {"a,b\nc,\"d\ne,f\n", "opens in line 2"},
		"Cyrillic":          {russian, "encoding"},
		"Chinese":           {chinese, "encoding"},
		"Korean":            {koreanText, "encoding"},
		"LongField":         {"a,b\nc," + strings.Repeat("x", 32_768) + "\n", "line 2 has a field of more than 32767"},
		"Columns":           {strings.Repeat(",", 16_384) + "a", "more than 16384 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.in), "dir/q.csv", Limits{})
			var refused *engine.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("error = %v, want a refusal", err)
			}
			if refused.File != "q.csv" || !strings.Contains(refused.Is, c.is) || refused.Do == "" {
				t.Errorf("refusal = %+v, want one that says %q", refused, c.is)
			}
		})
	}
}

func TestRefuseOverLimits(t *testing.T) {
	t.Parallel()
	in := []byte("a,b\nc,d\ne,f\n")
	for want, lim := range map[string]Limits{"larger": {Bytes: 5}, "2 rows": {Rows: 2}, "5 cells": {Cells: 5}, "1 columns": {Columns: 1}} {
		_, err := Parse(in, "q.csv", lim)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error = %v, want one that says %q", lim, err, want)
		}
	}
}

func TestRefusalHoldsNoContent(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("a,\"topsecret\n"), "q.csv", Limits{})
	if err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("error = %v", err)
	}
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte("id,question,answer\n\n1,\"a\r\nb\",\n"), "in/Vendor list.v2.csv", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	w := f.Workbook()
	if w.Name != "Vendor list.v2.csv" || w.Format != "csv" || len(w.Styles) != 1 || len(w.Sheets) != 1 {
		t.Fatalf("workbook = %+v", w)
	}
	s := w.Sheets[0]
	if s.Name != "Vendor list.v2" || len(s.Rows) != 2 || s.Rows[1].N != 3 {
		t.Fatalf("sheet = %+v", s)
	}
	if c := s.Rows[1].Cells; len(c) != 2 || c[1].Col != 2 || c[1].Text != "a\nb" {
		t.Errorf("cells = %+v", c)
	}
	if got := f.Place(3); got != "line 3" {
		t.Errorf("place = %q", got)
	}
}

func TestPlaceCountsLinesInsideFields(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "sep=,\na,\"b\n\nc\"\nd,e\n")
	if got := f.Place(2); got != "line 5" {
		t.Errorf("place of row 2 = %q, want line 5", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a,b\nc,d\n", "sep=;\r\na;b\r\n", "\xEF\xBB\xBFa,\"b\"\"c\"\n", "a,\"b\nc", "\xFF\xFEa\x00,\x00b\x00\n\x00",
		"\x8E\xBF\x96\xE2,\x89\xF1\x93\x9A\n", "f\xFCr;b\n", "a\tb\r\rc|d", "\"a\"b\"c,d\n", ",,,\n", "a\x00,\x00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data, "f.csv", Limits{})
		if err != nil {
			var refused *engine.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("error %v is no refusal", err)
			}
			return
		}
		if got := p.joined(); !bytes.Equal(got, data) {
			t.Fatalf("joined = %q, want %q", got, data)
		}
		p.Workbook()
	})
}

func BenchmarkParse(b *testing.B) {
	row := "CC-%d,\"Do you encrypt data at rest, and how?\",Yes,\"All disks are encrypted with AES-256; keys rotate yearly.\"\r\n"
	var s strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&s, row, i)
	}
	data := []byte(s.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data, "b.csv", Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
