package list

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/importers/csv"
)

// table makes rows of lines with cells parted by |.
func table(lines ...string) Table {
	var rows [][]string
	for _, l := range lines {
		rows = append(rows, strings.Split(l, "|"))
	}
	return Table{Rows: rows}
}

// TestPlansKeepTheirWord: a plan counts as partial, and would say more than it
// does if its word were lost.
func TestPlansKeepTheirWord(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{"Planned": "Planned", "in Umsetzung": "in Umsetzung", "Partially": "", "Yes": "", "No": ""} {
		for name, tab := range map[string]Table{
			"AnswerAlone":   table("Question|Answer", "Is there a WAF?|"+answer),
			"WithText":      table("Question|Answer|Explanation", "Is there a WAF?|"+answer+"|By June."),
			"VerdictBeside": table("Question|Verdict|Answer", "Is there a WAF?|"+answer+"|"+answer),
		} {
			entries, problems, err := Entries(tab, "l.csv")
			if err != nil || len(entries) != 1 || len(problems) > 0 {
				t.Fatalf("%s, %s: %v %v %v", answer, name, entries, problems, err)
			}
			if entries[0].Answer != want {
				t.Errorf("%s, %s: answer %q, want %q", answer, name, entries[0].Answer, want)
			}
		}
	}
}

func TestDetectEntries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		heading  string
		roles    []Role
		ignored  []string
		isList   bool
		notFound bool
	}{
		"English":       {heading: "ID|Section|Question|Answer|Explanation", roles: []Role{RoleRef, RoleSection, RoleQuestion, RoleAnswer, RoleExplanation}},
		"AnyOrder":      {heading: "Comments|Vendor Response|Question Text|#", roles: []Role{RoleExplanation, RoleAnswer, RoleQuestion, RoleRef}},
		"CaseAndPoints": {heading: "  QUESTION: |answer (Yes/No/NA)|NOTES…", roles: []Role{RoleQuestion, RoleAnswer, RoleExplanation}},
		"German":        {heading: "Nr.|Kategorie|Frage|Antwort|Erläuterung|Schlagwörter|Verantwortlich|Zuletzt geprüft", roles: []Role{RoleRef, RoleSection, RoleQuestion, RoleAnswer, RoleExplanation, RoleTags, RoleOwner, RoleReviewed}, isList: true},
		"French":        {heading: "N°|Domaine|Question|Réponse|Commentaires|Étiquettes|Propriétaire|Date de révision|Langue", roles: []Role{RoleRef, RoleSection, RoleQuestion, RoleAnswer, RoleExplanation, RoleTags, RoleOwner, RoleReviewed, RoleLanguage}, isList: true},
		"Spanish":       {heading: "Número|Categoría|Pregunta|Respuesta|Observaciones|Responsabilidad", roles: []Role{RoleRef, RoleSection, RoleQuestion, RoleAnswer, RoleExplanation, RoleOwnership}},
		"Portuguese":    {heading: "Pergunta|Resposta|Observações|Última revisão", roles: []Role{RoleQuestion, RoleAnswer, RoleExplanation, RoleReviewed}, isList: true},
		"Italian":       {heading: "Domanda|Risposta|Note|Parole chiave", roles: []Role{RoleQuestion, RoleAnswer, RoleExplanation, RoleTags}, isList: true},
		"Dutch":         {heading: "Vraag|Antwoord|Toelichting|Eigenaar", roles: []Role{RoleQuestion, RoleAnswer, RoleExplanation, RoleOwner}, isList: true},
		"BothReviews":   {heading: "Question|Answer|Last reviewed|Next review", roles: []Role{RoleQuestion, RoleAnswer, RoleReviewed, RoleReviewBy}, isList: true},
		"ReviewByAlone": {heading: "Question|Answer|Valid until", roles: []Role{RoleQuestion, RoleAnswer, RoleReviewBy}, isList: true},
		"ReviewByTwice": {heading: "Question|Answer|Review by|Expires", roles: []Role{RoleQuestion, RoleAnswer, RoleReviewBy}, ignored: []string{"Expires"}, isList: true},
		"ReviewerIsNot": {heading: "Question|Answer|Reviewed by", roles: []Role{RoleQuestion, RoleAnswer}, ignored: []string{"Reviewed by"}},
		"Marks":         {heading: "Question|Answer|Visibility|Products|Language", roles: []Role{RoleQuestion, RoleAnswer, RoleVisibility, RoleProducts, RoleLanguage}, isList: true},
		"MarksInGerman": {heading: "Frage|Antwort|Sichtbarkeit|Gilt für Produkte|Sprache", roles: []Role{RoleQuestion, RoleAnswer, RoleVisibility, RoleProducts, RoleLanguage}, isList: true},
		"ProductAlone":  {heading: "Question|Answer|Product", roles: []Role{RoleQuestion, RoleAnswer, RoleProducts}},
		"VerdictAlone":  {heading: "Question|Verdict", roles: []Role{RoleQuestion, RoleAnswer}},
		"VerdictBeside": {heading: "Question|Verdict|Answer", roles: []Role{RoleQuestion, RoleVerdict, RoleAnswer}},
		"UnknownNamed":  {heading: "Question|Answer|Weight|Comment|Notes", roles: []Role{RoleQuestion, RoleAnswer, RoleExplanation}, ignored: []string{"Weight", "Notes"}},
		"NoAnswer":      {heading: "ID|Question|Weight", notFound: true},
		"NoQuestion":    {heading: "ID|Answer", notFound: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := table("Our answers", "", c.heading, "x|y|z")
			h, ok := DetectEntries(tab.Rows)
			if ok == c.notFound {
				t.Fatalf("found = %v", ok)
			}
			if !ok {
				return
			}
			var roles []Role
			for _, col := range h.Columns {
				roles = append(roles, col.Role)
			}
			if d := cmp.Diff(c.roles, roles); d != "" {
				t.Errorf("roles (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.ignored, h.Ignored); d != "" {
				t.Errorf("ignored (-want +got):\n%s", d)
			}
			if h.Row != 2 || h.IsList != c.isList || !h.IsListIn("csv") || h.IsListIn("xlsx") != c.isList {
				t.Errorf("header = %+v", h)
			}
		})
	}
}

// TestMarks: who may have an entry is never guessed, and a row that says it in
// words of its own is not taken; a language that is not known is left open.
func TestMarks(t *testing.T) {
	t.Parallel()
	for row, want := range map[string]engine.Entry{
		"||":                                 {},
		"Public|Harbour|en":                  {Visibility: "public", Products: []string{"Harbour"}, Language: "en"},
		"NDA|Harbour; Quay, Harbour|Deutsch": {Visibility: "nda", Products: []string{"Harbour", "Quay"}, Language: "de"},
		"under NDA|All products|en-GB":       {Visibility: "nda", Language: "en"},
		"sous NDA|tous|fr_FR":                {Visibility: "nda", Language: "fr"},
		"Internal use only| |PT":             {Visibility: "internal", Language: "pt"},
		"intern||":                           {Visibility: "internal"},
		"unmarked|All;Quay|":                 {Products: []string{"All", "Quay"}},
	} {
		want.Question, want.Answer = "Q?", "x"
		got, problems, err := Entries(table("Question|Answer|Visibility|Products|Language", "Q?|x|"+row), "f.csv")
		if err != nil || len(problems) > 0 || len(got) != 1 || !got[0].SaysSame(&want) {
			t.Errorf("%q: got %+v %v %v, want %+v", row, got, problems, err, want)
		}
	}
	for _, word := range []string{"confidential", "everyone", "yes", "publicly known", "NDA?x", "-1"} {
		got, problems, err := Entries(table("Question|Answer|Visibility", "Q?|x|"+word), "f.csv")
		if err != nil || len(got) != 0 || len(problems) != 1 || problems[0].Taken {
			t.Errorf("%q was taken for a visibility: %+v %v %v", word, got, problems, err)
		}
	}
	got, problems, err := Entries(table("Question|Answer|Language", "Q?|x|Klingon"), "f.csv")
	if err != nil || len(got) != 1 || got[0].Language != "" || len(problems) != 1 || !problems[0].Taken {
		t.Errorf("got %+v %v %v, want the entry taken, its language open, and a word about it", got, problems, err)
	}
	got, problems, err = EntriesJSON([]byte(`[{"question":"Q?","answer":"x","visibility":"nda","products":["A","B"],"language":"nl"},{"question":"R?","answer":"x","products":"A; B"},
		{"question":"S?","answer":"x","visibility":true}]`), "f.json")
	if err != nil || len(got) != 2 || len(problems) != 1 || got[0].Visibility != "nda" || len(got[0].Products) != 2 || got[0].Language != "nl" || len(got[1].Products) != 2 {
		t.Errorf("JSON: got %+v %v %v", got, problems, err)
	}
}

func TestHeadingBelowRow20IsNotFound(t *testing.T) {
	t.Parallel()
	rows := make([][]string, 21)
	rows[20] = []string{"Question", "Answer"}
	if _, ok := DetectEntries(rows); ok {
		t.Error("found")
	}
	if _, _, err := Entries(Table{Rows: rows}, "a.csv"); !errors.As(err, new(*engine.RefusedError)) {
		t.Errorf("error = %v", err)
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	type want struct {
		verdict      engine.Verdict
		answer, text string
		refused      string
	}
	for name, c := range map[string]struct {
		verdict, answer, explanation string
		want                         want
	}{
		"PlainVerdict":                 {answer: "Fully implemented", want: want{verdict: engine.VerdictYes}},
		"PlainVerdictWithText":         {answer: "N/A", explanation: "No offices.", want: want{verdict: engine.VerdictNotApplicable, text: "No offices."}},
		"LeadingWithSentence":          {answer: "Yes, all disks are encrypted.", want: want{verdict: engine.VerdictYes, text: "all disks are encrypted."}},
		"LeadingWithSentenceNoStop":    {answer: "No. We have no offices", want: want{verdict: engine.VerdictNo, text: "We have no offices"}},
		"LeadingWithFragment":          {answer: "Yes, all disks", want: want{verdict: engine.VerdictYes, text: "Yes, all disks"}},
		"LeadingBesideText":            {answer: "Yes, all disks", explanation: "AES-256.", want: want{verdict: engine.VerdictYes, answer: "Yes, all disks", text: "AES-256."}},
		"NoNumberIsNoVerdict":          {answer: "No. 5 of the policy says so.", want: want{answer: "No. 5 of the policy says so."}},
		"SoIsNoVerdict":                {answer: "So, we encrypt all of it.", want: want{answer: "So, we encrypt all of it."}},
		"OneLetterIsNoVerdict":         {answer: "S: drives are encrypted fully.", want: want{answer: "S: drives are encrypted fully."}},
		"Narrative":                    {answer: "AES-256", explanation: "Everywhere.", want: want{answer: "AES-256", text: "Everywhere."}},
		"ExplanationOnly":              {explanation: "We encrypt.", want: want{text: "We encrypt."}},
		"ExplanationOnlyVerdict":       {explanation: "Yes", want: want{verdict: engine.VerdictYes}},
		"ExplanationOnlyLeading":       {explanation: "Nein, das ist nicht geplant.", want: want{verdict: engine.VerdictNo, text: "das ist nicht geplant."}},
		"VerdictColumn":                {verdict: "partial", answer: "Quarterly", explanation: "t", want: want{verdict: engine.VerdictPartial, answer: "Quarterly", text: "t"}},
		"VerdictColumnKeepsWording":    {verdict: "yes", answer: "Yes, all disks are encrypted.", want: want{verdict: engine.VerdictYes, answer: "Yes, all disks are encrypted."}},
		"VerdictColumnNarrative":       {verdict: "narrative", answer: "Yes", want: want{answer: "Yes"}},
		"VerdictColumnUnknown":         {verdict: "maybe", answer: "x", want: want{refused: "the verdict is none of"}},
		"VerdictColumnContradicts":     {verdict: "yes", answer: "No", want: want{refused: "contradict"}},
		"Empty":                        {want: want{refused: "no answer"}},
		"Placeholder":                  {answer: "TBD", want: want{refused: "no answer"}},
		"PunctuationOnly":              {answer: "-", want: want{refused: "no answer"}},
		"LineBreaksStay":               {answer: "Yes", explanation: "a\r\nb", want: want{verdict: engine.VerdictYes, text: "a\nb"}},
		"DefusedFormulaIsUndone":       {answer: "'=5+5", want: want{answer: "=5+5"}},
		"ApostropheBeforeOthersStays":  {answer: "'quoted' words", want: want{answer: "'quoted' words"}},
		"TooLong":                      {answer: "Yes", explanation: strings.Repeat("x", 32_768), want: want{refused: "longer than a cell"}},
		"VerdictOfAnotherLanguage":     {answer: "Teilweise", want: want{verdict: engine.VerdictPartial}},
		"PlaceholderBesideExplanation": {answer: "-", explanation: "Done by the host.", want: want{text: "Done by the host."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := Table{Rows: [][]string{{"Question", "Verdict", "Answer", "Explanation"}, {"Is it so?", c.verdict, c.answer, c.explanation}}}
			if c.verdict == "" && c.answer == "" && c.explanation == "" {
				tab.Rows[0] = append(tab.Rows[0], "ID")
				tab.Rows[1] = append(tab.Rows[1], "Q-1")
			}
			entries, problems, err := Entries(tab, "dir/a.csv")
			if err != nil {
				t.Fatal(err)
			}
			if c.want.refused != "" {
				if len(entries) != 0 || len(problems) != 1 || !strings.Contains(problems[0].Text, c.want.refused) || problems[0].Row != 2 {
					t.Errorf("entries = %+v, problems = %v", entries, problems)
				}
				return
			}
			if len(problems) != 0 || len(entries) != 1 {
				t.Fatalf("entries = %+v, problems = %v", entries, problems)
			}
			e := entries[0]
			got := want{verdict: e.Verdict, answer: e.Answer, text: e.Text}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	tab := table(
		"Answers of last year",
		"ID|Question|Answer|Tags|Owner|Reviewed",
		"Access control|||||",
		"A-1|Is MFA on?|Yes|mfa, login; mfa|Ann|2025-12-31",
		"||||| ",
		"A-2|Is there SSO?||||",
		"|Is this one answered?||||",
		"|Cryptography||||",
		"C-1|Is data encrypted?|Yes, everywhere||Bob|31.12.2025",
		"ID|Question|Answer|Tags|Owner|Reviewed",
		"C-1|Is data encrypted?|No|||",
		"C-2|Are keys rotated?|Yes|||01/02/2025",
		"||Yes|||",
		"|?|Yes|||",
		"C-9|||||",
	)
	tab.Place = func(row int) string { return "S!" + string(rune('A'+row)) }
	entries, problems, err := Entries(tab, "in/old.csv")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	want := []engine.Entry{
		{Question: "Is MFA on?", Verdict: engine.VerdictYes, Section: "Access control", Tags: []string{"mfa", "login"}, Owner: "Ann", ReviewedAt: &day, Source: engine.Source{File: "old.csv", Ref: "A-1", Place: "S!E"}},
		{Question: "Is data encrypted?", Verdict: engine.VerdictYes, Text: "Yes, everywhere", Section: "Cryptography", Owner: "Bob", ReviewedAt: &day, Source: engine.Source{File: "old.csv", Ref: "C-1", Place: "S!J"}},
		{Question: "Is data encrypted?", Verdict: engine.VerdictNo, Section: "Cryptography", Source: engine.Source{File: "old.csv", Ref: "C-1", Nth: 1, Place: "S!L"}},
	}
	if d := cmp.Diff(want, entries); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.String())
	}
	wantTexts := []string{
		"S!G: the question has no answer",
		"S!H: the question has no answer",
		"S!M: the review date can be read in two ways; write it as 2025-12-31",
		"S!N: there is no question",
		"S!O: there is no question",
		"S!P: there is no question",
	}
	if d := cmp.Diff(wantTexts, texts); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2025-12-31": "2025-12-31", "2025-12-31T23:30:00Z": "2025-12-31", "2025-12-31 00:00:00": "2025-12-31", "2025/1/2": "2025-01-02",
		"31.12.2025": "2025-12-31", "1.2.2025": "2025-02-01", "31. 12. 2025": "2025-12-31", "12/31/2025": "2025-12-31", "31/12/2025": "2025-12-31",
		"31-12-2025": "2025-12-31", "03/03/2025": "2025-03-03", "31 December 2025": "2025-12-31", "Dec 31, 2025": "2025-12-31",
		"31. Dezember 2025": "2025-12-31", "1er mars 2025": "2025-03-01", "31 de diciembre de 2025": "2025-12-31", "31-Dec-2025": "2025-12-31",
		"5 maart 2025": "2025-03-05", "5 março 2025": "2025-03-05", "5 dicembre 2025": "2025-12-05", "March 3rd, 2025": "2025-03-03",
		"01/02/2025": "two ways", "1-2-2025": "two ways", "31.12.25": "two digits", "12/31/25": "two digits", "31.02.2025": "calendar",
		"2025-13-01": "calendar", "2025-12": "no date", "Q4 2025": "no date", "soon": "no date", "45657": "no date", "13/13/2025": "calendar", "2025-12/31": "no date",
		"31 Foo 2025": "no date", "0000-01-01": "calendar",
	} {
		day, why := ParseDate(in)
		if why == "" {
			if got := day.Format(time.DateOnly); got != want {
				t.Errorf("%q = %s, want %s", in, got, want)
			}
		} else if !strings.Contains(why, want) {
			t.Errorf("%q is refused: %s, want %s", in, why, want)
		}
	}
}

// rowsOf reads a CSV file into a table.
func rowsOf(t testing.TB, data []byte, name string) Table {
	t.Helper()
	f, err := csv.Parse(data, name, csv.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return Table{Rows: f.Rows(), Place: f.Place}
}

// shared reads a file of the evaluation data, which is no part of the
// repository.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "eval", filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no evaluation data at %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRealLists(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"caiq-v4.csv": 261, "vsa-full.csv": 112, "vsa-core.csv": 109, "mvsp.csv": 25} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries, problems, err := Entries(rowsOf(t, shared(t, "qa/"+name), name), name)
			if err != nil || len(problems) > 0 || len(entries) != want {
				t.Fatalf("%d entries, want %d; problems %v, error %v", len(entries), want, problems, err)
			}
			for _, e := range entries {
				if e.Verdict == engine.VerdictNone || e.Section == "" || e.Source.Ref == "" || e.Source.Place == "" || e.Answer != "" {
					t.Errorf("%s %s: %+v", e.Source.Place, e.Source.Ref, e)
				}
			}
		})
	}
}

// entryGen makes entries as the importer makes them.
func entryGen() *rapid.Generator[engine.Entry] {
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"=1+1", "'=x", "''@y", "-5", "-x", "+49", "a,b", "c;d", "e|f", "\"q\"", "'", "Yes, we do.", "No", "n/a", "ü", "日本", "x\ny", "tab\tin", "TBD"}),
		rapid.StringMatching(`[=+@'a-zA-Z0-9 ,;|"äé?.\n-]{1,30}`),
		rapid.String(),
	)
	line := rapid.Map(word, engine.CleanText)
	prose := rapid.Map(word, CleanProse)
	tag := rapid.Map(line, func(s string) string {
		return engine.CleanText(strings.NewReplacer(",", " ", ";", " ", "|", " ").Replace(s))
	})
	return rapid.Custom(func(t *rapid.T) engine.Entry {
		e := engine.Entry{
			Question: line.Draw(t, "question"), Verdict: rapid.SampledFrom(engine.Verdicts()).Draw(t, "verdict"), Answer: prose.Draw(t, "answer"),
			Text: prose.Draw(t, "text"), Ownership: line.Draw(t, "ownership"), Section: line.Draw(t, "section"), Owner: line.Draw(t, "owner"),
			Tags: unique(rapid.SliceOfN(tag, 0, 3).Draw(t, "tags"), engine.CleanText), Products: productsOf(fields{products: rapid.SliceOfN(tag, 0, 3).Draw(t, "products")}),
			Visibility: rapid.SampledFrom(append(engine.Visibilities(), engine.VisibilityUnmarked)).Draw(t, "visibility"), Language: rapid.SampledFrom([]string{"", "en", "de", "xx"}).Draw(t, "language"), Source: engine.Source{Ref: cleanRef(cleanRef(line.Draw(t, "ref")))},
		}
		if !isAnswer(e.Answer) {
			e.Answer = ""
		}
		if !isAnswer(e.Text) {
			e.Text = ""
		}
		if _, plain := engine.ParseVerdict(e.Answer); plain && e.Verdict != engine.VerdictNone {
			e.Answer = ""
		}
		if rapid.Bool().Draw(t, "dated") {
			day := time.Date(rapid.IntRange(1990, 2090).Draw(t, "year"), 1, rapid.IntRange(1, 365).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
			e.ReviewedAt = &day
		}
		if rapid.Bool().Draw(t, "due") {
			day := time.Date(rapid.IntRange(1990, 2090).Draw(t, "due year"), 1, rapid.IntRange(1, 365).Draw(t, "due day"), 0, 0, 0, 0, time.UTC)
			if e.ReviewedAt == nil || !day.Before(*e.ReviewedAt) {
				e.ReviewBy = &day
			}
		}
		return e
	}).Filter(func(e engine.Entry) bool { return e.Validate() == nil && cleanRef(e.Source.Ref) == e.Source.Ref })
}

func checkSame(t *rapid.T, want, got []engine.Entry, problems []Problem, err error) {
	t.Helper()
	if err != nil || len(problems) > 0 || len(got) != len(want) {
		t.Fatalf("%d entries, want %d; problems %v, error %v", len(got), len(want), problems, err)
	}
	for i := range want {
		if !want[i].SaysSame(&got[i]) || want[i].Source.Ref != got[i].Source.Ref {
			t.Fatalf("entry %d\n got %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

func TestExportedCSVReadsBack(t *testing.T) {
	t.Parallel()
	gen := rapid.SliceOfN(entryGen(), 0, 5)
	rapid.Check(t, func(rt *rapid.T) {
		want := gen.Draw(rt, "entries")
		var b bytes.Buffer
		if err := WriteEntriesCSV(&b, want); err != nil {
			rt.Fatal(err)
		}
		got, problems, err := Entries(rowsOf(t, b.Bytes(), "a.csv"), "a.csv")
		checkSame(rt, want, got, problems, err)
	})
}

func TestExportedJSONReadsBack(t *testing.T) {
	t.Parallel()
	gen := rapid.SliceOfN(entryGen(), 0, 5)
	rapid.Check(t, func(rt *rapid.T) {
		want := gen.Draw(rt, "entries")
		var b bytes.Buffer
		if err := WriteEntriesJSON(&b, want); err != nil {
			rt.Fatal(err)
		}
		got, problems, err := EntriesJSON(b.Bytes(), "a.json")
		checkSame(rt, want, got, problems, err)
	})
}

func TestExportDefusesFormulas(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	by := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	err := WriteEntriesCSV(&b, []engine.Entry{{Question: "=cmd()", Answer: "-5", Text: "@x", Owner: "'+y", Verdict: engine.VerdictYes, ReviewBy: &by,
		Visibility: engine.VisibilityNDA, Products: []string{"=P"}, Language: "en"}})
	want := "\ufeffID,Section,Question,Verdict,Answer,Explanation,Ownership,Tags,Owner,Reviewed,Review by,Visibility,Products,Language\r\n,,'=cmd(),yes,-5,'@x,,,''+y,,2026-12-31,nda,'=P,en\r\n"
	if d := cmp.Diff(want, b.String()); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestDefuseIsUndone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`'{0,3}[=+@-]?[0-9a]{0,3}`)).Draw(t, "s")
		if got := Undo(Defuse(s)); got != s {
			t.Fatalf("Undo(Defuse(%q)) = %q", s, got)
		}
	})
}

func FuzzEntries(f *testing.F) {
	f.Add("Question,Answer\nIs it?,Yes\n")
	f.Add("ID;Frage;Antwort;Geprüft am\n1;Ist es?;\"Ja, ganz.\";31.12.2025\n")
	f.Add("Section\nQuestion,Verdict,Answer,Tags\n,,,\nx\ny,narrative,z,\"a;b\"\n")
	f.Fuzz(func(t *testing.T, data string) {
		p, err := csv.Parse([]byte(data), "f.csv", csv.Limits{})
		if err != nil {
			return
		}
		entries, _, err := Entries(Table{Rows: p.Rows(), Place: p.Place}, "f.csv")
		if err != nil {
			return
		}
		for i := range entries {
			if err := entries[i].Validate(); err != nil {
				t.Fatalf("entry %+v: %v", entries[i], err)
			}
		}
	})
}
