package register

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine/assurance"
	"vouch/importers/list"
)

const stored = `company: Old
customers: [Ann, Bob]
reports:
  - {id: r1, kind: soc3, criteria: [security], from: 2024-01-01, to: 2024-12-31}
  - id: r2
    kind: soc2
    type: 2
    criteria: [security]
    from: 2025-01-01
    to: 2025-12-31
    tests:
      - {control: AC-01, result: no_exceptions}
      - {control: AC-02, result: not_tested}
    subservices:
      - {name: Cloud, service: hosting}
controls:
  - {id: AC-01, title: Access, frequency: annual}
  - {id: AC-02, title: Leavers}
evidence:
  - {id: E1, control: AC-01, collected_at: 2026-01-01}
`

// storedRegister returns a sound register.
func storedRegister(t testing.TB) *assurance.Register {
	t.Helper()
	return mustJoin(t, mustRead(t, ReadYAML, []byte(stored)))
}

// tableOf returns what a table says.
func tableOf(t testing.TB, text string) *Part {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	p, problems, err := ReadTables([]list.Table{{Rows: rows}}, "t.csv")
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	return p
}

// TestPartsAreLaidOverWhatIsStored holds what is replaced, what is added and
// what stays; that the stored register is not touched; and that laying the
// same over the result changes nothing.
func TestPartsAreLaidOverWhatIsStored(t *testing.T) {
	t.Parallel()
	yaml := func(text string) func(testing.TB) []*Part {
		return func(t testing.TB) []*Part { t.Helper(); return []*Part{mustRead(t, ReadYAML, []byte(text))} }
	}
	tables := func(texts ...string) func(testing.TB) []*Part {
		return func(t testing.TB) (out []*Part) {
			t.Helper()
			for _, text := range texts {
				out = append(out, tableOf(t, text))
			}
			return out
		}
	}
	const reportRow = "id,kind,type,criteria,from,to\nR2,soc2,2,security,2025-01-01,2025-11-30\n"
	for name, c := range map[string]struct {
		parts func(testing.TB) []*Part
		want  func(*assurance.Register)
	}{
		"Nothing":   {yaml("company: Old\n"), func(*assurance.Register) {}},
		"Company":   {yaml("company: New\n"), func(r *assurance.Register) { r.Company = "New" }},
		"Customers": {yaml("customers: [bob, Cid]\n"), func(r *assurance.Register) { r.Customers = []string{"Ann", "Bob", "Cid"} }},
		"SameReport": {yaml("reports:\n  - {id: R1, kind: soc3, criteria: [security], from: 2024-01-01, to: 2024-11-30}\n"), func(r *assurance.Register) {
			r.Reports[0].ID, r.Reports[0].To = "R1", assurance.NewDay(2024, 11, 30)
		}},
		"SameReportLosesItsTests": {yaml("reports:\n  - {id: r2, kind: soc2, type: 2, criteria: [security], from: 2025-01-01, to: 2025-12-31}\n"), func(r *assurance.Register) {
			r.Reports[1].Tests, r.Reports[1].Subservices = nil, nil
		}},
		"NewReportTestsStoredControl": {yaml("reports:\n  - {id: r0, kind: soc3, criteria: [security], tests: [{control: ac-02, result: not_tested}]}\n"), func(r *assurance.Register) {
			r.Reports = append(r.Reports, assurance.Report{ID: "r0", Kind: assurance.SOC3, Criteria: []string{"security"}, Tests: []assurance.Test{{Control: "ac-02", Result: assurance.NotTested}}})
		}},
		"NewReportReplacesStored": {yaml("reports:\n  - {id: r0, kind: soc3, criteria: [security], replaces: r1}\n"), func(r *assurance.Register) {
			r.Reports = append(r.Reports, assurance.Report{ID: "r0", Kind: assurance.SOC3, Criteria: []string{"security"}, Replaces: "r1"})
		}},
		"ReportInTableKeepsItsTests": {tables(reportRow), func(r *assurance.Register) {
			r.Reports[1].ID, r.Reports[1].To = "R2", assurance.NewDay(2025, 11, 30)
		}},
		"ReportInTableWithItsTests": {tables("report,control,result\nr2,AC-02,no exceptions\n", reportRow), func(r *assurance.Register) {
			r.Reports[1].ID, r.Reports[1].To = "R2", assurance.NewDay(2025, 11, 30)
			r.Reports[1].Tests = []assurance.Test{{Control: "AC-02", Result: assurance.NoExceptions}}
		}},
		"TestOfStoredReport": {tables("report,control,result\nr2,ac-01,not tested\n"), func(r *assurance.Register) {
			r.Reports[1].Tests[0] = assurance.Test{Control: "ac-01", Result: assurance.NotTested}
		}},
		"SubservicesOfStoredReport": {tables("report,name,service,instead\nr2,cloud,hosting,its own\nr2,Mail,post,\n"), func(r *assurance.Register) {
			r.Reports[1].Subservices = []assurance.Subservice{{Name: "cloud", Service: "hosting", Report: "its own"}, {Name: "Mail", Service: "post"}}
		}},
		"Control": {yaml("controls:\n  - {id: ac-02, title: Leavers lose access}\n  - {id: AC-03, title: x}\n"), func(r *assurance.Register) {
			r.Controls[1] = assurance.Control{ID: "ac-02", Title: "Leavers lose access"}
			r.Controls = append(r.Controls, assurance.Control{ID: "AC-03", Title: "x"})
		}},
		"Evidence": {tables("id,control,collected_at\nE2,AC-02,2026-02-01\ne1,AC-01,2026-02-02\n"), func(r *assurance.Register) {
			r.Evidence[0].ID, r.Evidence[0].CollectedAt = "e1", assurance.NewDay(2026, 2, 2)
			r.Evidence = append(r.Evidence, assurance.Evidence{ID: "E2", Control: "AC-02", CollectedAt: assurance.NewDay(2026, 2, 1)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, want := storedRegister(t), storedRegister(t)
			c.want(want)
			got, problems := JoinOver(before, c.parts(t)...)
			if d := cmp.Diff(want, got, asWritten); d != "" || len(problems) > 0 {
				t.Errorf("%v (-want +got):\n%s", problems, d)
			}
			if d := cmp.Diff(storedRegister(t), before, byDay); d != "" {
				t.Errorf("the stored register was changed:\n%s", d)
			}
			again, problems := JoinOver(got, c.parts(t)...)
			if d := cmp.Diff(got, again, byDay); d != "" || len(problems) > 0 {
				t.Errorf("the same again: %v (-want +got):\n%s", problems, d)
			}
		})
	}
}

// TestSampleOverItselfChangesNothing holds it for the whole sample, from every
// one of its formats.
func TestSampleOverItselfChangesNothing(t *testing.T) {
	t.Parallel()
	p := mustRead(t, ReadYAML, fixture(t, "register.yaml"))
	want := mustJoin(t, p)
	got, problems := JoinOver(want, p)
	if d := cmp.Diff(want, got, byDay); d != "" || len(problems) > 0 {
		t.Errorf("%v (-want +got):\n%s", problems, d)
	}
}

// TestProblemsOverWhatIsStored holds that problems of a file count as the file
// does, that what is stored is named by its id, and that a file gets the
// problem that stored things have only because of it.
func TestProblemsOverWhatIsStored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want string
	}{
		"OfTheFile":      {"reports:\n  - {id: r9, kind: soc9}\n", "a.yaml:2:20: reports[0].kind: it is no kind of report; accepted: soc1,"},
		"Place":          {"controls:\n  - id: AC-01\n    title: x\n    frequency: at times\n", "a.yaml:4:16: controls[0].frequency: it is no frequency; accepted: continuous,"},
		"NoSuchControl":  {"evidence:\n  - {id: E9, control: AC-09, collected_at: 2026-01-01}\n", "a.yaml:2:23: evidence[0].control: the register has no control of that id"},
		"OverlapsStored": {"reports:\n  - {id: r9, kind: soc2, type: 2, criteria: [security], from: 2025-06-01, to: 2026-05-31}\n", "a.yaml:2:63: reports[0].from: the period overlaps that of the stored report r2, which is"},
		"StoredOverlaps": {"reports:\n  - {id: r9, kind: soc2, type: 2, criteria: [security], from: 2024-06-01, to: 2025-05-31}\n", "a.yaml:2:63: reports[0]: beside it there is a problem with the stored report r2: from: the period overlaps that of reports[0], which is"},
		"StoredReplaces": {"reports:\n  - {id: r2, kind: soc3, criteria: [security], replaces: r1}\n  - {id: r1, kind: iso27001, certificate: x, issued: 2025-01-01, valid_until: 2026-01-01, replaces: r2}\n", "a.yaml:2:58: reports[0].replaces: that report is of another kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems, err := ReadYAML([]byte(c.in), "x/a.yaml")
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			_, problems = JoinOver(storedRegister(t), p)
			if !slices.ContainsFunc(problems, func(x Problem) bool { return strings.HasPrefix(x.Line(), c.want) }) {
				t.Errorf("no problem starts with %q:\n%v", c.want, problems)
			}
		})
	}
	t.Run("StoredItself", func(t *testing.T) {
		t.Parallel()
		r := storedRegister(t)
		r.Controls[0].Frequency, r.Controls[1].Frequency = "per sprint", "Yearly"
		got, problems := JoinOver(r, mustRead(t, ReadYAML, []byte("company: New\n")))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Line(), "the stored register, control AC-01: frequency: it is no frequency; accepted: continuous,") {
			t.Errorf("%v", problems)
		}
		if got.Controls[1].Frequency != "annual" {
			t.Errorf("the frequency of AC-02 is %q, want annual", got.Controls[1].Frequency)
		}
	})
	t.Run("RowTwice", func(t *testing.T) {
		t.Parallel()
		_, problems := JoinOver(storedRegister(t), tableOf(t, "report,control,result\nr2,AC-01,not tested\nr2,AC-01,no exceptions\n"))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Line(), "t.csv:row 3:2: control: the report tests the control at the stored report r2.tests[0] already") {
			t.Errorf("%v", problems)
		}
	})
}
