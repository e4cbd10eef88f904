package register

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/fixtures"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := fixtures.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type readFunc = func([]byte, string) (*Part, []Problem, error)

// mustRead returns the part that a file without problems makes.
func mustRead(t testing.TB, read readFunc, data []byte) *Part {
	t.Helper()
	p, problems, err := read(data, "file")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range problems {
		t.Error(x)
	}
	return p
}

// mustJoin returns the register of parts without problems.
func mustJoin(t testing.TB, parts ...*Part) *assurance.Register {
	t.Helper()
	r, problems := Join(parts...)
	for _, x := range problems {
		t.Error(x)
	}
	return r
}

// TestSampleRegister holds that the sample company's register has no problem,
// reads the same from YAML and JSON, and has what tests and documentation rely
// on.
func TestSampleRegister(t *testing.T) {
	t.Parallel()
	r := mustJoin(t, mustRead(t, ReadYAML, fixture(t, "register.yaml")))
	if d := cmp.Diff(r, mustJoin(t, mustRead(t, ReadJSON, fixture(t, "register.json"))), byDay); d != "" {
		t.Errorf("JSON reads otherwise (-yaml +json):\n%s", d)
	}
	byID := map[string]*assurance.Report{}
	for i := range r.Reports {
		byID[r.Reports[i].ID] = &r.Reports[i]
	}
	soc2 := byID["soc2-2026"]
	if soc2 == nil || soc2.Name() != "SOC 2 Type 2" || len(soc2.Tests) < 20 || len(soc2.Exceptions()) != 1 || len(soc2.CarvedOut()) != 1 || len(soc2.UserControls) == 0 {
		t.Fatalf("soc2-2026 is %+v", soc2)
	}
	if e := soc2.Exceptions()[0]; e.Response == "" || e.Fixed.IsZero() {
		t.Errorf("the exception is %+v", e)
	}
	on := assurance.NewDay(2026, 11, 26)
	if before := byID[soc2.Replaces]; before == nil || !before.Lapsed(on) || soc2.Lapsed(on) {
		t.Errorf("the report before is %+v", before)
	}
	for id, name := range map[string]string{"soc1-2026": "SOC 1 Type 1", "soc3-2026": "SOC 3", "iso27001-2024": "ISO/IEC 27001", "pentest-2026-09": "penetration test"} {
		if x := byID[id]; x == nil || x.Name() != name || x.Lapsed(on) {
			t.Errorf("%s is %+v", id, x)
		}
	}
	if len(r.Controls) < 80 || len(r.Evidence) < 80 || r.Company == "" || len(r.Customers) != 3 {
		t.Errorf("%d controls, %d pieces of evidence, company %q, %d customers", len(r.Controls), len(r.Evidence), r.Company, len(r.Customers))
	}
}

var byDay = cmp.Comparer(func(a, b assurance.Day) bool { return a.String() == b.String() })

// TestProblemsNameTheirPlace holds the whole sentence of what is refused: file,
// line, column, field, what would be accepted.
func TestProblemsNameTheirPlace(t *testing.T) {
	t.Parallel()
	const fine = "controls:\n  - id: AC-01\n    title: Access\nreports:\n  - id: r\n    kind: soc3\n    criteria: [security]\n"
	for name, c := range map[string]struct {
		in   string
		want string
	}{
		"UnknownField":        {"reports:\n  - id: r\n    valid_untill: 2026-01-01\n", "a.yaml, line 3, column 5: reports[0].valid_untill: there is no such field, the nearest is valid_until; accepted: id, kind, type, level"},
		"UnknownSection":      {"report: []\n", "a.yaml, line 1, column 1: report: there is no such field, the nearest is reports; accepted: company, customers, controls, evidence, reports"},
		"NothingNear":         {"controls:\n  - id: x\n    responsible: y\n", "a.yaml, line 3, column 5: controls[0].responsible: there is no such field; accepted: id, title, text, criteria, owner, frequency, status, planned, evidence"},
		"FieldTwice":          {"controls:\n  - id: x\n    text: y\n    description: z\n", "a.yaml, line 4, column 5: controls[0].description: the field occurs twice"},
		"BadDay":              {"reports:\n  - id: r\n    issued: 13.11.2026\n", "a.yaml, line 3, column 13: reports[0].issued: the day is not written that way; accepted: a day between 1990 and 2100 as 2026-03-31"},
		"DayAsYear":           {"reports:\n  - id: r\n    issued: 2026\n", "a.yaml, line 3, column 13: reports[0].issued: the day"},
		"TextForList":         {"controls:\n  - id: x\n    criteria: CC6.1\n", "a.yaml, line 3, column 15: controls[0].criteria: expected a list, got text"},
		"ListForText":         {"controls:\n  - id: [x]\n", "a.yaml, line 2, column 9: controls[0].id: expected text, got list"},
		"TextForObject":       {"reports:\n  - soc2\n", "a.yaml, line 2, column 5: reports[0]: expected an object, got text"},
		"TextForNumber":       {"reports:\n  - id: r\n    type: second\n", "a.yaml, line 3, column 11: reports[0].type: expected a whole number"},
		"TextForTruth":        {"reports:\n  - id: r\n    subservices:\n      - name: x\n        inclusive: carved\n", "a.yaml, line 5, column 20: reports[0].subservices[0].inclusive: expected yes or no"},
		"ObjectForReports":    {"reports: {}\n", "a.yaml, line 1, column 10: reports: expected a list, got object"},
		"NothingInList":       {"customers:\n  -\n", "a.yaml, line 2"},
		"UnknownKind":         {"reports:\n  - id: r\n    kind: soc4\n", "a.yaml, line 3, column 11: reports[0].kind: it is no kind of report; accepted: soc1,"},
		"UnknownOpinion":      {"reports:\n  - id: r\n    kind: soc3\n    criteria: [security]\n    opinion: clean\n", "a.yaml, line 5, column 14: reports[0].opinion: it is no opinion; accepted: unqualified, qualified, adverse, disclaimer"},
		"MissingField":        {"reports:\n  - id: r\n    kind: soc2\n    criteria: [security]\n", "a.yaml, line 2, column 5: reports[0].type: the type is missing; accepted for the kind soc2: 1, 2"},
		"InList":              {fine + "  - id: s\n    kind: soc3\n    criteria:\n      - security\n      - safety\n", "a.yaml, line 12, column 9: reports[1].criteria[1]: it is no Trust Services category"},
		"InTest":              {fine + "    tests:\n      - control: AC-01\n        result: passed\n", "a.yaml, line 10, column 17: reports[0].tests[0].result: it is no result of a test; accepted: no_exceptions, exception, not_tested"},
		"OtherNameOfField":    {"controls:\n  - id: x\n    description: " + strings.Repeat("x", assurance.MaxText+1) + "\n", "a.yaml, line 3, column 18: controls[0].text: it has 20001 characters"},
		"EvidenceInControl":   {"controls:\n  - id: x\n    title: y\n    evidence:\n      - id: E1\n        kind: proof\n        collected_at: 2026-01-01\n", "a.yaml, line 6, column 15: evidence[0].kind: it is no kind of evidence; accepted: screenshot"},
		"EvidenceOfNoControl": {fine + "evidence:\n  - id: E1\n    control: AC-02\n    collected_at: 2026-01-01\n", "a.yaml, line 10, column 14: evidence[0].control: the register has no control of that id"},
		"IDTwice":             {"controls:\n  - {id: x, title: y}\n  - {id: X, title: z}\n", "a.yaml, line 3, column 10: controls[1].id: controls[0] has the same id"},
		"Customer":            {"customers:\n  - Harbour Bank\n  - ''\n", "a.yaml, line 3, column 5: customers[1]: it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems, err := ReadYAML([]byte(c.in), "x/a.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) == 0 {
				_, problems = Join(p)
			}
			for _, x := range problems {
				if strings.HasPrefix(x.String(), c.want) {
					return
				}
			}
			t.Errorf("no problem starts with %q:\n%v", c.want, problems)
		})
	}
}

// TestSpellings holds that values are taken however they are spelled, and
// never for another value.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, in, want string }{
		{"kind", "SOC 2", "soc2"}, {"kind", "SOC 2+", "soc2plus"}, {"kind", "soc2plus", "soc2plus"}, {"kind", "ISO/IEC 27001", "iso27001"}, {"kind", "ISO 27001", "iso27001"},
		{"kind", "Penetration test", "penetration_test"}, {"kind", "PCI DSS", "pci_dss"}, {"kind", "SOC", "SOC"},
		{"status", "Not applicable", "not_applicable"}, {"status", "N/A", "not_applicable"}, {"status", "not implemented", "not implemented"},
		{"result", "No exceptions noted", "no_exceptions"}, {"result", "Exception", "exception"},
		{"frequency", "Yearly", "annual"}, {"frequency", "half yearly", "half-yearly"}, {"frequency", "24/7", "continuous"}, {"frequency", "biannual", "biannual"},
		{"category", "Processing_Integrity", "processing integrity"}, {"access", "NDA", "nda"},
	} {
		if got := spell(c.field, c.in); got != c.want {
			t.Errorf("%s %q is %q, want %q", c.field, c.in, got, c.want)
		}
	}
	var r assurance.Report
	r.Kind = "ISO/IEC 27001:2022"
	if spellReport(&r); r.Kind != assurance.ISO27001 {
		t.Errorf("the edition is not left out: %s", r.Kind)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read readFunc
		in   string
		want string
	}{
		"List":       {ReadYAML, "- a\n", "a.yaml: it holds no object; write an object with company, reports, controls, evidence, customers"},
		"Empty":      {ReadJSON, "{}", "a.yaml: it holds no object"},
		"BrokenJSON": {ReadJSON, "{\n\"a\" 1}", "a.yaml: it is not valid JSON (line 2)"},
		"BrokenYAML": {ReadYAML, "a: 1\n b: 2\n", "a.yaml: it is not valid YAML (line "},
	} {
		_, _, err := c.read([]byte(c.in), "a.yaml")
		var refused *engine.RefusedError
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestProblemsAreBounded holds that a file of faults does not fill the screen.
func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	in := "controls:\n" + strings.Repeat("  - x: 1\n", 3*maxProblems)
	p, problems, err := ReadYAML([]byte(in), "a")
	if err != nil || len(problems) != maxProblems {
		t.Errorf("%d problems, %v", len(problems), err)
	}
	if _, problems = Join(p); len(problems) != maxProblems {
		t.Errorf("%d problems of the register", len(problems))
	}
}

// TestPartsAreJoined holds that parts of several files make one register, and
// that problems name the file they are in.
func TestPartsAreJoined(t *testing.T) {
	t.Parallel()
	read := func(file, in string) *Part {
		p, problems, err := ReadYAML([]byte(in), file)
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		return p
	}
	a := read("a", "company: A\nreports:\n  - {id: r, kind: soc3, criteria: [security]}\ncontrols:\n  - {id: x, title: y}\n")
	b := read("b", "company: B\nreports:\n  - id: s\n    kind: penetration_test\ncontrols:\n  - id: z\n    title: w\n    frequency: often\n")
	r, problems := Join(a, b)
	if r.Company != "A" || len(r.Reports) != 2 || len(r.Controls) != 2 {
		t.Errorf("%+v", r)
	}
	if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), "b, line 8, column 16: controls[1].frequency: ") {
		t.Errorf("%v", problems)
	}
}
