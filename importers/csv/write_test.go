package csv

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/importers/detect"
)

// text is a value for one free-text cell.
func text(cell, value string) engine.PartValue {
	return engine.PartValue{Part: engine.Part{Kind: engine.PartText, Locator: engine.Locator{Cells: []string{cell}}}, Value: value}
}

func choice(cell, value string, options ...string) engine.PartValue {
	v := text(cell, value)
	v.Part.Kind, v.Part.Options = engine.PartChoice, options
	return v
}

func mark(cells, value, with string, options ...string) engine.PartValue {
	p := engine.Part{Kind: engine.PartMark, Locator: engine.Locator{Cells: strings.Split(cells, "|")}, Options: options, Mark: with}
	return engine.PartValue{Part: p, Value: value}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	vals := func(v ...engine.PartValue) []engine.PartValue { return v }
	for name, c := range map[string]struct {
		in, want string
		values   []engine.PartValue
		over     bool
	}{
		"Nothing":                    {in: "a,b\r\n1,\r\n", want: "a,b\r\n1,\r\n"},
		"EmptyField":                 {in: "a,b\n1,\n", values: vals(text("B2", "Yes")), want: "a,b\n1,Yes\n"},
		"EmptyFieldInTheMiddle":      {in: "a,b,c\n1,,3\n", values: vals(text("B2", "Yes")), want: "a,b,c\n1,Yes,3\n"},
		"NoFinalNewline":             {in: "a,b\n1,", values: vals(text("B2", "Yes")), want: "a,b\n1,Yes"},
		"ShortRowIsPadded":           {in: "a,b,c,d\n1\n2,x,y,\n", values: vals(text("D2", "Yes")), want: "a,b,c,d\n1,,,Yes\n2,x,y,\n"},
		"TwoInAShortRow":             {in: "a,b,c,d\n1\n2,x,y,\n", values: vals(text("D2", "z"), text("B2", "y")), want: "a,b,c,d\n1,y,,z\n2,x,y,\n"},
		"AppendedColumn":             {in: "id,q\r\n1,a\r\n2,b\r\n", values: vals(text("C1", "Answer"), text("C3", "Yes"), text("D1", "Comment"), text("D3", "Done, twice")), want: "id,q,Answer,Comment\r\n1,a\r\n2,b,Yes,\"Done, twice\"\r\n"},
		"AppendedToOneColumn":        {in: "Question\nDo you log, always?\nDo you encrypt?\nDo you sleep?\n", values: vals(text("B1", "Answer"), text("B3", "Yes")), want: "Question;Answer\nDo you log, always?\nDo you encrypt?;Yes\nDo you sleep?\n"},
		"BlankLineAsTarget":          {in: "a,b\n\n1,2\n", values: vals(text("B2", "x")), want: "a,b\n,x\n1,2\n"},
		"QuotedWhenNeeded":           {in: "a,b\n1,\n", values: vals(text("B2", `say "yes", now`)), want: "a,b\n1,\"say \"\"yes\"\", now\"\n"},
		"QuotedForOtherDelimiters":   {in: "a,b\n1,\n", values: vals(text("B2", "x;y")), want: "a,b\n1,\"x;y\"\n"},
		"QuotedForOuterBlanks":       {in: "a,b\n1,\n", values: vals(text("B2", " x")), want: "a,b\n1,\" x\"\n"},
		"FieldWasQuoted":             {in: "a,b\n1,\"\"\n", values: vals(text("B2", "x")), want: "a,b\n1,\"x\"\n"},
		"ColumnAlwaysQuotes":         {in: "a,\"b\"\n1,\"x\"\n2,\n", values: vals(text("B3", "y")), want: "a,\"b\"\n1,\"x\"\n2,\"y\"\n"},
		"FileAlwaysQuotes":           {in: "\"a\",\"b\"\n\"1\",\n", values: vals(text("B2", "y")), want: "\"a\",\"b\"\n\"1\",\"y\"\n"},
		"BreaksAsInTheFilesFields":   {in: "a,\"b\nc\"\r\n1,\r\n", values: vals(text("B2", "x\r\ny")), want: "a,\"b\nc\"\r\n1,\"x\ny\"\r\n"},
		"BreaksAsInTheFilesRows":     {in: "a,b\r\n1,\r\n", values: vals(text("B2", "x\ny")), want: "a,b\r\n1,\"x\r\ny\"\r\n"},
		"MixedLineEndsStay":          {in: "a,b\r1,\n2,\r\n", values: vals(text("B2", "x"), text("B3", "y")), want: "a,b\r1,x\n2,y\r\n"},
		"FilledFieldIsKept":          {in: "a,b\n1,No\n", values: vals(text("B2", "Yes")), want: "a,b\n1,No\n"},
		"FilledFieldIsOverwritten":   {in: "a,b\n1,\"N,o\"\n", values: vals(text("B2", "Yes")), over: true, want: "a,b\n1,\"Yes\"\n"},
		"EqualFieldKeepsItsBytes":    {in: "a,b\n1,\"Yes\"\" \"\n", values: vals(text("B2", "Yes\" ")), over: true, want: "a,b\n1,\"Yes\"\" \"\n"},
		"BlankFieldIsFilled":         {in: "a,b\n1, \n", values: vals(text("B2", "Yes")), want: "a,b\n1,Yes\n"},
		"FormulaIsDefused":           {in: "a,b\n1,\n2,\n3,\n4,\n", values: vals(text("B2", "=1+1"), text("B3", "@x"), text("B4", "+49 30"), text("B5", "\tx")), want: "a,b\n1,'=1+1\n2,'@x\n3,'+49 30\n4,\"'\tx\"\n"},
		"DashTextIsDefused":          {in: "a,b\n1,\n", values: vals(text("B2", "- all of it")), want: "a,b\n1,'- all of it\n"},
		"NegativeNumberStays":        {in: "a,b\n1,\n2,\n", values: vals(text("B2", "-5"), text("B3", "-1.5 %")), want: "a,b\n1,-5\n2,-1.5 %\n"},
		"OptionAsSpelledInTheFile":   {in: "a,b\n1,\n2,\n", values: vals(choice("B2", "not applicable", "Yes", "Not Applicable"), choice("B3", "-", "+", "-")), want: "a,b\n1,Not Applicable\n2,-\n"},
		"MarkInTheCellOfItsOption":   {in: "q,Yes,No,NA\n1,,,\n", values: vals(mark("B2|C2|D2", "No", "", "Yes", "No", "NA")), want: "q,Yes,No,NA\n1,,x,\n"},
		"MarkOfTheFile":              {in: "q,Yes,No\n1,,\n", values: vals(mark("B2|C2", "yes", "✓", "Yes", "No")), want: "q,Yes,No\n1,✓,\n"},
		"MarkedQuestionIsKept":       {in: "q,Yes,No\n1,X,\n", values: vals(mark("B2|C2", "No", "x", "Yes", "No")), want: "q,Yes,No\n1,X,\n"},
		"MarkMovesWhenOverwriting":   {in: "q,Yes,No\n1,X,\n", values: vals(mark("B2|C2", "No", "x", "Yes", "No")), over: true, want: "q,Yes,No\n1,,x\n"},
		"MarkedCellWithTextStays":    {in: "q,Yes,No\n1,see note,\n", values: vals(mark("B2|C2", "No", "x", "Yes", "No")), over: true, want: "q,Yes,No\n1,see note,x\n"},
		"ControlCharactersAreGone":   {in: "a,b\n1,\n", values: vals(text("B2", "x\x0by\x00")), want: "a,b\n1,xy\n"},
		"SepLineStays":               {in: "sep=;\r\na;b\r\n1;\r\n", values: vals(text("B2", "x")), want: "sep=;\r\na;b\r\n1;x\r\n"},
		"BOMStays":                   {in: "\xEF\xBB\xBFa;b\n1;\n", values: vals(text("B2", "ü")), want: "\xEF\xBB\xBFa;b\n1;ü\n"},
		"DamagedQuotesElsewhereStay": {in: "a,b,c\n1,\"x\" y,\n", values: vals(text("C2", "z")), want: "a,b,c\n1,\"x\" y,z\n"},
		"ClearedRowDoesNotMelt":      {in: "a\rb\nc\n", values: vals(text("A2", "")), over: true, want: "a\r\"\"\nc\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := Write(t.Context(), []byte(c.in), &out, c.values, WriteOptions{Overwrite: c.over})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, out.String()); d != "" {
				t.Errorf("out (-want +got):\n%s", d)
			}
			if err := Verify([]byte(c.in), out.Bytes(), c.values); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestWriteInEveryCharset(t *testing.T) {
	t.Parallel()
	const in, want = "Frage,Antwort\r\nVerschlüsselt?,\r\n", "Frage,Antwort\r\nVerschlüsselt?,\"Ja, für „alles“\"\r\n"
	for _, c := range []Charset{UTF8, UTF16LE, UTF16BE, Windows1252} {
		src, _, _ := c.encode(in)
		wanted, _, _ := c.encode(want)
		var out bytes.Buffer
		if _, err := Write(t.Context(), src, &out, []engine.PartValue{text("B2", "Ja, für „alles“")}, WriteOptions{}); err != nil {
			t.Errorf("%s: %v", c, err)
		} else if !bytes.Equal(out.Bytes(), wanted) {
			t.Errorf("%s: out = %q, want %q", c, out.Bytes(), wanted)
		}
	}
	enc := japanese.ShiftJIS.NewEncoder()
	src, _ := enc.Bytes([]byte("質問|回答\n暗号化していますか。|\n"))
	wanted, _ := enc.Bytes([]byte("質問|回答\n暗号化していますか。|はい、ソフトです\n"))
	var out bytes.Buffer
	if _, err := Write(t.Context(), src, &out, []engine.PartValue{text("B2", "はい、ソフトです")}, WriteOptions{}); err != nil || !bytes.Equal(out.Bytes(), wanted) {
		t.Errorf("Shift-JIS: out = %q, %v, want %q", out.Bytes(), err, wanted)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	latin, _ := charmap.Windows1252.NewEncoder().String("Frage,Antwort\nfür,\n")
	for name, c := range map[string]struct {
		in     string
		values []engine.PartValue
		cell   string
		is     string
	}{
		"InexpressibleCharacter": {latin, []engine.PartValue{text("B2", "a → b")}, "B2", "U+2192"},
		"NoOption":               {"a,b\n1,\n", []engine.PartValue{choice("B2", "Maybe", "Yes", "No")}, "B2", "none of the cell's options"},
		"NoOptionToMark":         {"a,b,c\n1,,\n", []engine.PartValue{mark("B2|C2", "Maybe", "", "Yes", "No")}, "B2|C2", "none of the options"},
		"CellsUnlikeOptions":     {"a,b,c\n1,,\n", []engine.PartValue{mark("B2", "Yes", "", "Yes", "No")}, "B2", "not as many"},
		"NoCell":                 {"a,b\n1,\n", []engine.PartValue{text("?", "x")}, "?", "no cell reference"},
		"NoSuchRow":              {"a,b\n1,\n", []engine.PartValue{text("B3", "x")}, "B3", "2 rows"},
		"TwoValuesForOneCell":    {"a,b\n1,\n", []engine.PartValue{text("B2", "x"), text("B2", "y")}, "B2", "two values"},
		"TooLong":                {"a,b\n1,\n", []engine.PartValue{text("B2", strings.Repeat("ä", 32_768))}, "B2", "32768 characters"},
		"InvalidText":            {"a,b\n1,\n", []engine.PartValue{text("B2", "\xFF")}, "B2", "no valid text"},
		"ControlCharactersOnly":  {"a,b\n1,\n", []engine.PartValue{text("B2", "\x17")}, "B2", "nothing but control"},
		"SepLineAsValue":         {",b\n1,2\n", []engine.PartValue{text("A1", "sep=;")}, "A1", "separator line"},
		"NoDelimiterLeft":        {"Do a, b; c|d\te?\nYes\nNo\nPerhaps\nAlways\nNever\n", []engine.PartValue{text("B1", "x")}, "B1", "every delimiter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := Write(t.Context(), []byte(c.in), &out, c.values, WriteOptions{})
			var wrong *CellError
			if !errors.As(err, &wrong) || wrong.Cell != c.cell || !strings.Contains(wrong.Is, c.is) || wrong.Do == "" {
				t.Errorf("error = %v, want one on %s that says %q", err, c.cell, c.is)
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes were written", out.Len())
			}
		})
	}
}

func TestWriteReports(t *testing.T) {
	t.Parallel()
	in := []byte("a,b,Yes,No\n1,,X,\n2,kept,,\n")
	got, err := Write(t.Context(), in, &bytes.Buffer{}, []engine.PartValue{
		text("B2", "=ü\x01"), mark("C2|D2", "No", "x", "Yes", "No"), text("B3", "new"),
	}, WriteOptions{Overwrite: true})
	want := WriteReport{
		Written: []string{"B2", "D2", "B3"}, Cleared: []string{"C2"}, Defused: []string{"B2"}, Cleaned: []string{"B2"},
		Notes: []string{"the file held no character beyond ASCII, so its encoding is unknown; the answers are written as UTF-8"},
	}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("report, %v (-want +got):\n%s", err, d)
	}
	got, err = Write(t.Context(), in, &bytes.Buffer{}, []engine.PartValue{text("B3", "new")}, WriteOptions{})
	if d := cmp.Diff(WriteReport{Kept: []string{"B3"}}, got); err != nil || d != "" {
		t.Errorf("report, %v (-want +got):\n%s", err, d)
	}
}

func TestWriteStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	_, err := Write(ctx, []byte("a,b\n1,\n"), &out, []engine.PartValue{text("B2", "x")}, WriteOptions{})
	if !errors.Is(err, context.Canceled) || out.Len() > 0 {
		t.Errorf("error = %v, %d bytes written", err, out.Len())
	}
}

func TestVerifyFindsEveryChange(t *testing.T) {
	t.Parallel()
	src := "a,b,c\r\n1,,\"z\"\r\n2,,\r\n"
	values := []engine.PartValue{text("B2", "Yes")}
	if err := Verify([]byte(src), []byte("a,b,c\r\n1,Yes,\"z\"\r\n2,,\r\n"), values); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{
		"WrongValue":      "a,b,c\r\n1,No,\"z\"\r\n2,,\r\n",
		"MissingValue":    src,
		"OtherField":      "a,b,c\r\n1,Yes,\"z\"\r\n2,x,\r\n",
		"OtherQuotes":     "a,b,c\r\n1,Yes,z\r\n2,,\r\n",
		"OtherLineEnd":    "a,b,c\r\n1,Yes,\"z\"\n2,,\r\n",
		"MissingLineEnd":  "a,b,c\r\n1,Yes,\"z\"\r\n2,,",
		"SurplusField":    "a,b,c\r\n1,Yes,\"z\",\r\n2,,\r\n",
		"MissingField":    "a,b,c\r\n1,Yes,\"z\"\r\n2,\r\n",
		"SurplusRow":      "a,b,c\r\n1,Yes,\"z\"\r\n2,,\r\n\r\n",
		"OtherBeginning":  "\xEF\xBB\xBFa,b,c\r\n1,Yes,\"z\"\r\n2,,\r\n",
		"OpenQuote":       "a,b,c\r\n1,Yes,\"z\r\n2,,\r\n",
		"OtherDelimiters": "a;b;c\r\n1;Yes;\"z\"\r\n2;;\r\n",
	} {
		if err := Verify([]byte(src), []byte(out), values); !errors.Is(err, ErrNotFaithful) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

// reread parses out as written, and checks that detection finds the same
// dialect wherever it can.
func reread(t testing.TB, f *File, out []byte) *File {
	t.Helper()
	g, err := parseAs(out, "out.csv", f.dialect, f.body, unlimited)
	if err != nil {
		t.Fatalf("reread %q: %v", out, err)
	}
	return g
}

// checkWritten writes value into (row, col) of data and checks that nothing
// else is different afterwards.
func checkWritten(t testing.TB, data []byte, row, col int, value string) {
	t.Helper()
	f, err := Parse(data, "f.csv", Limits{})
	if err != nil {
		return
	}
	if isBlank(value) {
		return
	}
	v := text(detect.CellName(row, col), value)
	out, _, err := f.fill(context.Background(), []engine.PartValue{v}, WriteOptions{Overwrite: true})
	var wrong *CellError
	switch {
	case errors.As(err, &wrong):
		return
	case err != nil:
		t.Fatalf("write %q into %s of %q: %v", value, v.Part.Locator, data, err)
	}
	g := reread(t, f, out)
	want, err := targetOf(v)
	if err != nil {
		t.Fatal(err)
	}
	if want.text == "" {
		return
	}
	for i := range max(f.Len(), g.Len()) {
		for j := range max(f.Width(i+1), g.Width(i+1)) {
			expect := f.Text(i+1, j+1)
			got := g.Text(i+1, j+1)
			if i+1 == row && j+1 == col {
				expect, got = want.text, plainBreaks(got)
			}
			if got != expect {
				t.Fatalf("%s of %q is %q, want %q", detect.CellName(i+1, j+1), out, got, expect)
			}
		}
	}
}

func FuzzWrite(f *testing.F) {
	f.Add([]byte("a,b\nc,\n"), 2, 2, "Yes, all")
	f.Add([]byte("sep=;\r\na;b\r\n"), 1, 4, "=1+1")
	f.Add([]byte("\xFF\xFEa\x00,\x00b\x00\n\x00"), 1, 3, "ü\n\"x\"")
	f.Add([]byte("\x8E\xBF\x96\xE2|\x89\xF1\x93\x9A\n"), 1, 3, "はい")
	f.Add([]byte("\"a\"\"b\"c,\rd\n"), 2, 1, " x ")
	f.Add([]byte("one column\nof text"), 2, 2, "x;y")
	f.Fuzz(func(t *testing.T, data []byte, row, col int, value string) {
		if row < 1 || row > 1000 || col < 1 || col > 1000 {
			return
		}
		checkWritten(t, data, row, col, value)
	})
}

func TestWrittenFileReadsBack(t *testing.T) {
	t.Parallel()
	word := rapid.SampledFrom([]string{"", "a", "Do you encrypt, at rest?", "\"q\"", "\"x\"\"y\"", "\"l1\nl2\"", "5\" disk", "ü", " b ", "1;2", "x|y", "c\td"})
	value := rapid.OneOf(rapid.StringMatching(`[-=+@a-zäß,;|"' \n\t]{1,20}`), rapid.String())
	rapid.Check(t, func(rt *rapid.T) {
		delim := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(rt, "delim")
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(rt, "end")
		rows := rapid.SliceOfN(rapid.SliceOfN(word, 1, 5), 1, 6).Draw(rt, "rows")
		var b strings.Builder
		b.WriteString("sep=" + delim + end)
		for i, r := range rows {
			b.WriteString(strings.Join(r, delim))
			if i+1 < len(rows) || rapid.Bool().Draw(rt, "final") {
				b.WriteString(end)
			}
		}
		checkWritten(t, []byte(b.String()), rapid.IntRange(1, len(rows)).Draw(rt, "row"), rapid.IntRange(1, 7).Draw(rt, "col"), value.Draw(rt, "value"))
	})
}

func TestDetectionFindsTheSameDialectAfterwards(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, delim := range []string{",", ";", "\t", "|"} {
		in := strings.ReplaceAll("Id~Question~Answer~Comment\n1~Is data encrypted?~~\n2~Is there a policy?~~\n3~Are staff trained?~~\n", "~", delim)
		for range 50 {
			var values []engine.PartValue
			for _, c := range []string{"C2", "D2", "C3", "D3", "C4", "D4"} {
				words := []string{"yes,", "no;", "a|b", "tab\there", "\"quoted\"", "plain", "line\nbreak"}
				rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
				values = append(values, text(c, strings.Join(words[:1+rng.IntN(6)], " ")))
			}
			var out bytes.Buffer
			if _, err := Write(t.Context(), []byte(in), &out, values, WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := mustParse(t, out.String()).Dialect().Delimiter; got != delim[0] {
				t.Fatalf("delimiter of %q = %q, want %q", out.String(), got, delim)
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	var s strings.Builder
	var values []engine.PartValue
	for i := range 10_000 {
		s.WriteString("CC-1,\"Do you encrypt data at rest, and how?\",,\r\n")
		values = append(values, choice(detect.CellName(i+1, 3), "Yes", "Yes", "No"), text(detect.CellName(i+1, 4), "All disks are encrypted, with AES-256."))
	}
	src := []byte(s.String())
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Write(b.Context(), src, &bytes.Buffer{}, values, WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
