package assurance

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// evalDir holds real questionnaires; it is not part of the project.
const evalDir = "../../../shared/eval"

// realAnswers returns one vendor's answers to four questionnaires.
func realAnswers(t testing.TB) (out []Statement) {
	t.Helper()
	for _, name := range []string{"caiq-v4", "mvsp", "vsa-core", "vsa-full"} {
		f, err := os.Open(filepath.Join(evalDir, "qa", name+".csv"))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("no evaluation data at ../shared/eval/qa: skipped")
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			verdict := r[3]
			if verdict == "na" {
				verdict = "not_applicable"
			}
			out = append(out, Statement{Ref: r[0], Question: r[2], Verdict: verdict, Text: r[4]})
		}
	}
	return out
}

// TestRealAnswers proves that answers which are fine raise nothing. The vendor
// has a CSA STAR self-assessment and says so; it says of nothing else that it
// has it. Held against a register with more in it, whose rules have more to
// look for, the answers are as fine.
func TestRealAnswers(t *testing.T) {
	t.Parallel()
	star := Report{ID: "star", Kind: CSASTAR, Level: "1", Issued: NewDay(2026, 3, 1), Access: Public}
	soc2 := Report{
		ID: "soc2", Kind: SOC2, Type: 2, Auditor: "Example Auditors LLP", Opinion: Unqualified, Criteria: []string{"security"},
		From: NewDay(2025, 4, 1), To: NewDay(2026, 3, 31), Issued: NewDay(2026, 5, 20), Access: UnderNDA,
		Subservices: []Subservice{{Name: "DigitalOcean", Service: "hosting"}},
	}
	lapsed := soc2
	lapsed.From, lapsed.To, lapsed.Issued, lapsed.Type, lapsed.AsOf = Day{}, Day{}, NewDay(2025, 3, 1), 1, NewDay(2025, 1, 31)
	answers := realAnswers(t)
	checked := 0
	for name, reports := range map[string][]Report{"Own": {star}, "WithSOC2": {star, soc2}, "WithLapsedType1": {star, lapsed}, "NoRegister": nil} {
		c := NewChecker(&Register{Company: "Fimil", Reports: reports, Customers: []string{"Vela Retail", "Harbour", "Target"}}, today)
		for _, nda := range []bool{true, false} {
			for _, s := range answers {
				s.Reader.NDA = nda
				checked++
				for _, f := range c.Check(s) {
					t.Errorf("%s, %s: %s (%s) at %q: %s", name, s.Ref, f.Rule, f.Severity, f.Words, f.Why)
				}
			}
		}
	}
	t.Logf("%d answers checked against 4 registers, for readers with and without NDA: %d checks", len(answers), checked)
}

// BenchmarkCheck checks real answers one by one, and reports the time within
// which 95 of 100 are done.
func BenchmarkCheck(b *testing.B) {
	answers := realAnswers(b)
	var list claimSet
	readJSON(b, "claims.json", &list)
	c := NewChecker(list.Registers["northlight"], today)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		c.Check(answers[len(took)%len(answers)])
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// BenchmarkQuestionnaire checks a questionnaire of 1,000 real answers,
// contradictions and all.
func BenchmarkQuestionnaire(b *testing.B) {
	answers := realAnswers(b)
	var list claimSet
	readJSON(b, "claims.json", &list)
	c := NewChecker(list.Registers["northlight"], today)
	var said []Said
	for i := range 1000 {
		s := answers[i%len(answers)]
		said = append(said, Said{Ref: strconv.Itoa(i), Question: s.Question, Verdict: s.Verdict, Text: s.Text})
	}
	for b.Loop() {
		for i := range 1000 {
			c.Check(answers[i%len(answers)])
		}
		Contradictions(said, nil)
	}
}
