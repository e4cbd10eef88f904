package register

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/fixtures"
	"vouch/importers/list"
)

// table makes a table of rows with cells parted by |.
func table(name string, rows ...string) list.Table {
	t := list.Table{Place: func(row int) string { return fmt.Sprintf("%s!%d", name, row) }}
	for _, r := range rows {
		t.Rows = append(t.Rows, strings.Split(r, "|"))
	}
	return t
}

// csvTable reads a fixture as a table.
func csvTable(t testing.TB, name string) list.Table {
	t.Helper()
	data, err := fixtures.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list.Table{Rows: rows}
}

// TestSampleTables holds that the sample company's lists say what its register
// says.
func TestSampleTables(t *testing.T) {
	t.Parallel()
	var parts []*Part
	for _, name := range []string{"tests.csv", "evidence.csv", "reports.csv", "subservices.csv", "findings.csv"} {
		p, problems, err := ReadTables([]list.Table{csvTable(t, name)}, name)
		if err != nil || len(problems) > 0 {
			t.Fatal(name, problems, err)
		}
		parts = append(parts, p)
	}
	whole := mustRead(t, ReadYAML, fixture(t, "register.yaml"))
	want := mustJoin(t, whole)
	controls := &Part{controls: whole.controls}
	got := mustJoin(t, append(parts, controls)...)
	got.Company, got.Customers = want.Company, want.Customers
	if d := cmp.Diff(want, got, byDay); d != "" {
		t.Errorf("(-yaml +csv):\n%s", d)
	}
}

// TestControlLists holds that lists of controls as importers/list reads them
// are read here, with planned beside.
func TestControlLists(t *testing.T) {
	t.Parallel()
	p, problems, err := ReadTables([]list.Table{table(
		"C", "Our controls", "Kontroll-ID|Bereich|Titel|Beschreibung|SOC 2|ISO 27001|Verantwortlich|Häufigkeit|Status|Planned",
		"AC-01|Access|MFA|'=enforced|CC 6.1, cc6.2|A8.5|Ann|yearly|Partially|by March", "Cryptography|||||||||", "", "CR-1||Keys||CC6.1|||||",
	)}, "c.csv")
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	r := mustJoin(t, p)
	if len(r.Controls) != 2 {
		t.Fatalf("%+v", r.Controls)
	}
	c := r.Controls[0]
	if got := fmt.Sprint(c); got != "{AC-01 MFA =enforced [CC6.1 CC6.2 A.8.5] Ann annual partial by March}" {
		t.Error(got)
	}
	if _, problems, err := ReadTables([]list.Table{csvTable(t, "controls.csv")}, "controls.csv"); err != nil || len(problems) > 0 {
		t.Errorf("controls.csv: %v, %v", problems, err)
	}
}

// TestTableProblems holds the place and the sentence of what is refused.
func TestTableProblems(t *testing.T) {
	t.Parallel()
	control := table("controls", "id|title", "AC-01|Access")
	report := table("reports", "id|kind|criteria|issued", "r|SOC 3|Security|2026-01-31")
	for name, c := range map[string]struct {
		tables []list.Table
		want   string
	}{
		"UnknownHeading":   {[]list.Table{table("controls", "id|title|ownr", "AC-01|x|y")}, "f.xlsx, controls!1, column 3: controls.ownr: there is no such field, the nearest is owner; accepted: id, domain, title"},
		"HeadingTwice":     {[]list.Table{table("reports", "id|kind|from|period start", "r|soc3||")}, "f.xlsx, reports!1, column 4: reports.from: another column has this heading"},
		"CellWithoutTitle": {[]list.Table{table("reports", "id|kind|", "r|soc3|x")}, "f.xlsx, reports!2, column 3: reports: the cell stands below no heading"},
		"BadDay":           {[]list.Table{table("reports", "id|kind|issued", "r|soc3|1/2/2026")}, "f.xlsx, reports!2, column 3: reports[0].issued: the day can be read in two ways; accepted: a day between"},
		"BadValue":         {[]list.Table{table("reports", "id|kind", "r|soc9")}, "f.xlsx, reports!2, column 2: reports[0].kind: it is no kind of report"},
		"MissingValue":     {[]list.Table{table("reports", "id|kind", "|soc3")}, "f.xlsx, reports!2: reports[0].id: the report has no id"},
		"UnknownReport":    {[]list.Table{control, report, table("tests", "report|control|result", "s|AC-01|no exceptions")}, "f.xlsx, tests!2, column 1: report: there is no report of that id"},
		"BadResult":        {[]list.Table{control, report, table("tests", "report|control|result", "r|AC-01|fine")}, "f.xlsx, tests!2, column 3: reports[0].tests[0].result: it is no result of a test"},
		"UnknownControl":   {[]list.Table{control, report, table("tests", "report|control|result", "r|AC-02|exception")}, "f.xlsx, tests!2, column 2: reports[0].tests[0].control: the register has no control"},
		"FindingOfSOC3":    {[]list.Table{report, table("findings", "report|severity|found|open", "r|grave|1|0")}, "f.xlsx, findings!2, column 2: reports[0].findings[0].severity: it is no severity"},
		"NotANumber":       {[]list.Table{report, table("findings", "report|severity|found|open", "r|high|some|0")}, "f.xlsx, findings!2, column 3: findings[0].found: expected a whole number"},
		"OtherTable":       {[]list.Table{report, table("Notes", "|", "To do|", "x|y")}, "f.xlsx, Notes!2: the table has not the headings of a list of the register; accepted: tests of controls report, control, result;"},
		"CriterionSlip":    {[]list.Table{table("controls", "id|title|criteria", "AC-01|x|CC6.1; CC6.9")}, "f.xlsx, controls!2, column 3: controls[0].criteria[1]: there is no such criterion"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems, err := ReadTables(c.tables, "x/f.xlsx")
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
	if _, _, err := ReadTables([]list.Table{table("x", "question|answer", "Q?|yes")}, "f.csv"); err == nil || !strings.Contains(err.Error(), "reports id, kind; controls id and title or text") {
		t.Errorf("a table that is no list: %v", err)
	}
}

// TestDaysInTables holds that days are read as people write them in tables.
func TestDaysInTables(t *testing.T) {
	t.Parallel()
	p, problems, err := ReadTables([]list.Table{table("reports", "Report ID|Framework|Sites|Type|Issued on|Bridge letter issued|bridge.until", "r|SOC 3|Hamburg\nBerlin||13 November 2026|31.12.2026|2026-12-31")}, "f")
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	x := p.reports[0].Report
	if got := fmt.Sprint(x.Issued, x.Bridge.Issued, x.Bridge.Until, len(x.Locations)); got != "2026-11-13 2026-12-31 2026-12-31 2" {
		t.Error(got)
	}
}
