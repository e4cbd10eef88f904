package register

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
)

// genRegister draws registers as this package makes them: texts are clean,
// criteria spelled as they are, and no list is empty instead of absent. They
// need not be sound.
func genRegister() *rapid.Generator[*assurance.Register] {
	line := rapid.OneOf(
		rapid.SampledFrom([]string{"", "yes", "null", "2026-01-01", "1.10", "-x", "# c", "a: b", "'=x", "=1+1", "a\"b", "[x", "{y", "x|y", "@z", "é – ü", "~", "*a", "&a", "!a", "%a", "0x1", "a #b", "a:", "\u2028x"}),
		rapid.Map(rapid.String(), engine.CleanText),
	)
	line = rapid.Map(line, engine.CleanText)
	text := rapid.Map(rapid.OneOf(line, rapid.SampledFrom([]string{"a\nb", "a\n\n  b", "- a\n- b", "a\tb"}), rapid.String()), list.CleanProse)
	filled := line.Filter(func(s string) bool { return s != "" })
	day := rapid.Custom(func(t *rapid.T) assurance.Day {
		if rapid.Bool().Draw(t, "none") {
			return assurance.Day{}
		}
		return assurance.NewDay(2020, 1, 1).AddDays(rapid.IntRange(0, 5000).Draw(t, "day"))
	})
	lists := func(g *rapid.Generator[string]) *rapid.Generator[[]string] {
		return rapid.Map(rapid.SliceOfN(g, 0, 3), func(s []string) []string {
			if len(s) == 0 {
				return nil
			}
			return s
		})
	}
	criteria := rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"CC6.1", "A.8.24", "CEK-03", "AC-2(1)", "8.3.1"}), 0, 3, rapid.ID[string]), func(s []string) []string {
		if len(s) == 0 {
			return nil
		}
		return s
	})
	id := rapid.StringMatching(`[A-Za-z]{1,3}[-. ]?[0-9]{1,3}`)
	return rapid.Custom(func(t *rapid.T) *assurance.Register {
		r := &assurance.Register{Company: line.Draw(t, "company"), Customers: lists(filled).Draw(t, "customers")}
		for i := range rapid.IntRange(0, 3).Draw(t, "reports") {
			x := assurance.Report{
				ID: fmt.Sprintf("r%d", i), Kind: rapid.SampledFrom(assurance.Kinds()).Draw(t, "kind"), Type: rapid.IntRange(0, 2).Draw(t, "type"),
				Level: "", Title: line.Draw(t, "title"), System: line.Draw(t, "system"), Scope: text.Draw(t, "scope"), Auditor: line.Draw(t, "auditor"),
				Opinion:    rapid.SampledFrom(assurance.Opinions()).Draw(t, "opinion"),
				Criteria:   lists(rapid.SampledFrom(assurance.Categories())).Draw(t, "criteria"),
				Objectives: lists(filled).Draw(t, "objectives"), Locations: lists(filled).Draw(t, "locations"),
				AsOf: day.Draw(t, "as of"), From: day.Draw(t, "from"), To: day.Draw(t, "to"), Issued: day.Draw(t, "issued"), Certificate: line.Draw(t, "certificate"),
				ValidUntil: day.Draw(t, "valid"), Bridge: assurance.Bridge{Issued: day.Draw(t, "bridge"), Until: day.Draw(t, "until")},
				Access: rapid.SampledFrom(assurance.Accesses()).Draw(t, "access"), HowToGet: line.Draw(t, "how"), UserControls: lists(filled).Draw(t, "user controls"),
			}
			for range rapid.IntRange(0, 2).Draw(t, "tests") {
				x.Tests = append(x.Tests, assurance.Test{
					Control: id.Draw(t, "control"), Criteria: criteria.Draw(t, "ids"), Result: rapid.SampledFrom(assurance.TestResults()).Draw(t, "result"),
					Text: text.Draw(t, "text"), Response: text.Draw(t, "response"), Fixed: day.Draw(t, "fixed"),
				})
			}
			for range rapid.IntRange(0, 2).Draw(t, "subservices") {
				x.Subservices = append(x.Subservices, assurance.Subservice{Name: filled.Draw(t, "name"), Service: line.Draw(t, "service"), Inclusive: rapid.Bool().Draw(t, "inclusive"), Report: line.Draw(t, "report")})
			}
			if rapid.Bool().Draw(t, "findings") {
				x.Findings = []assurance.Weakness{{Severity: "high", Found: rapid.IntRange(0, 9).Draw(t, "found")}}
			}
			r.Reports = append(r.Reports, x)
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "controls") {
			r.Controls = append(r.Controls, assurance.Control{
				ID: fmt.Sprintf("%s.%d", id.Draw(t, "id"), i), Title: filled.Draw(t, "title"), Text: text.Draw(t, "text"), Criteria: criteria.Draw(t, "criteria"), Owner: line.Draw(t, "owner"),
				Frequency: rapid.SampledFrom(append(assurance.Frequencies(), "", "at times")).Draw(t, "frequency"),
				Status:    rapid.SampledFrom(append(assurance.Statuses(), "")).Draw(t, "status"), Planned: text.Draw(t, "planned"),
			})
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "evidence") {
			r.Evidence = append(r.Evidence, assurance.Evidence{
				ID: fmt.Sprintf("E%d", i), Control: id.Draw(t, "control"), Kind: rapid.SampledFrom(assurance.EvidenceKinds()).Draw(t, "kind"), Title: line.Draw(t, "title"),
				CollectedAt: day.Draw(t, "collected"), CollectedBy: line.Draw(t, "by"), From: day.Draw(t, "from"), To: day.Draw(t, "to"), Location: line.Draw(t, "location"),
			})
		}
		return r
	})
}

var asWritten = cmp.Options{byDay, cmpopts.EquateEmpty()}

// joined returns what a part says, sound or not.
func joined(t *rapid.T, p *Part, problems []Problem, err error) *assurance.Register {
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	r, _ := Join(p)
	return r
}

// TestWritingAndReading holds that reading what was written gives the same
// register, in JSON and in YAML.
func TestWritingAndReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := genRegister().Draw(t, "register")
		var j, y bytes.Buffer
		if err := WriteJSON(&j, r); err != nil {
			t.Fatal(err)
		}
		p, problems, err := ReadJSON(j.Bytes(), "a")
		if d := cmp.Diff(r, joined(t, p, problems, err), asWritten); d != "" {
			t.Fatalf("JSON (-want +got):\n%s\n%s", d, j.Bytes())
		}
		if err := WriteYAML(&y, r); err != nil {
			t.Fatal(err)
		}
		if y.Len() == 0 {
			return
		}
		p, problems, err = ReadYAML(y.Bytes(), "a")
		if d := cmp.Diff(r, joined(t, p, problems, err), asWritten); d != "" {
			t.Fatalf("YAML (-want +got):\n%s\n%s", d, y.Bytes())
		}
	})
}

// TestSheetsAndReading holds the same for tables, but for company and
// customers, which tables do not have.
func TestSheetsAndReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := genRegister().Draw(t, "register")
		r.Company, r.Customers = "", nil
		var tables []list.Table
		for _, s := range Sheets(r) {
			var b bytes.Buffer
			if err := WriteCSV(&b, s); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			tables = append(tables, list.Table{Rows: rows})
		}
		if tables == nil {
			return
		}
		p, problems, err := ReadTables(tables, "a")
		if d := cmp.Diff(r, joined(t, p, problems, err), asWritten); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	})
}

func TestSampleIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	want := mustJoin(t, mustRead(t, ReadYAML, fixture(t, "register.yaml")))
	var y bytes.Buffer
	if err := WriteYAML(&y, want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, mustJoin(t, mustRead(t, ReadYAML, y.Bytes())), byDay); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
