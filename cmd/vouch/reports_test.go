package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine/assurance"
)

// onDay is the day that the sample register is looked at in these tests.
const onDay = "2026-11-26"

// sampleEvidence is how many pieces of evidence the sample register has.
const sampleEvidence = 88

// sampleRegister imports the sample register and returns its data directory.
func sampleRegister(t testing.TB) (dir, data string) {
	t.Helper()
	dir = t.TempDir()
	data = filepath.Join(dir, "data")
	must(t, "reports", "import", fixture(t, dir, "register.yaml"), "--data", data)
	return dir, data
}

// write puts a file into dir and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// contains fails the test for each text that is not in out.
func contains(t testing.TB, out string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(out, s) {
			t.Errorf("%q is not in:\n%s", s, out)
		}
	}
}

// TestRegisterImportTwice proves that importing the register again changes
// nothing, in whatever format it comes.
func TestRegisterImportTwice(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	var tables []string
	for _, name := range []string{"reports.csv", "tests.csv", "subservices.csv", "findings.csv", "evidence.csv"} {
		tables = append(tables, fixture(t, dir, name))
	}
	for _, files := range [][]string{{fixture(t, dir, "register.yaml")}, {fixture(t, dir, "register.json")}, {fixture(t, dir, "register.xlsx")}, tables, tables[:1], tables[1:2]} {
		var r registerImport
		out := must(t, append(append([]string{"reports", "import"}, files...), "--data", data, "--format", "json")...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		if c := r.Change; c.Version != 1 || c.Reports.Unchanged != 7 || c.Evidence.Unchanged != sampleEvidence || c.Controls.Added+c.Controls.Changed != 0 || c.Controls.Unchanged < 80 {
			t.Errorf("%v: %+v", files, r.Change)
		}
	}
	contains(t, must(t, "reports", "import", tables[0], "--data", data), "reports.csv: nothing changed")
}

// TestRegisterImportLaysOver proves that a file changes what it says and
// nothing else.
func TestRegisterImportLaysOver(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	more := write(t, dir, "more.yaml", "customers: [Kontor Logistik, New One]\nreports:\n  - {id: cyber, kind: Cyber Essentials, level: plus, certificate: X1, issued: 2026-02-01, valid_until: 2027-01-31}\n")
	contains(t, must(t, "reports", "import", more, "--data", data), "reports   1 added, 0 changed, 7 unchanged", fmt.Sprintf("evidence  0 added, 0 changed, %d unchanged", sampleEvidence), "controls  0 added, 0 changed")
	contains(t, must(t, "reports", "list", "--data", data, "--on", onDay), "cyber", "soc2-2026", "until 2027-01-31")
	if code, out, _ := vouch(t, "reports", "check", "New One uses us as well, as does Vela Retail Group.", "--customer", "Kontor Logistik", "--data", data); code != exitBlocked || !strings.Contains(out, "New One") || !strings.Contains(out, "Vela Retail") {
		t.Errorf("exit %d: %s: want both customers known", code, out)
	}
}

// TestRegisterImportRefuses proves that input with faults is named by file,
// line, field and what is accepted, and leaves everything as it was.
func TestRegisterImportRefuses(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	before := must(t, "reports", "list", "--data", data, "--format", "json", "--on", onDay)
	good := write(t, dir, "good.yaml", "company: Other\n")
	for name, c := range map[string]struct {
		file, text string
		says       []string
	}{
		"Value":      {"a.yaml", "reports:\n  - id: soc2-2026\n    kind: soc2\n    type: 3\n    opinion: clean\n    criteria: [security]\n", []string{"a.yaml:4:11: reports[0].type: it is no type; accepted for the kind soc2: 1, 2", "a.yaml:5:14: reports[0].opinion: it is no opinion; accepted: unqualified, qualified, adverse, disclaimer", "was not taken, because of 2 problems"}},
		"Field":      {"a.json", `{"reports":[{"id":"x","knd":"soc2"}]}`, []string{"a.json:1:23: reports[0].knd: there is no such field, the nearest is kind; accepted: id, kind"}},
		"Row":        {"tests.csv", "report,control,result\nsoc2-2026,AC-01,no exceptions\nsoc2-2026,AC-99,no exceptions\n", []string{"tests.csv:3:2: ", "control: the register has no control of that id"}},
		"Report":     {"tests.csv", "report,control,result\nsoc2-2029,AC-01,no exceptions\n", []string{"tests.csv:2:1: report: there is no report of that id"}},
		"OverStored": {"a.yaml", "reports:\n  - {id: x, kind: soc2, type: 2, system: Northwind Freight Cloud platform, criteria: [security], from: 2026-06-01, to: 2027-05-31}\n", []string{"overlaps that of the stored report soc2-2026"}},
		"Evidence":   {"e.csv", "id,control,collected_at\nE1,AC-01,soon\n", []string{"e.csv:2:3: evidence[0].collected_at: the day", "accepted: a day between 1990 and 2100 as 2026-03-31"}},
		"NoRegister": {"a.csv", "question,answer\nDo you?,yes\n", []string{"a.csv: none of the first 20 rows has the headings of a list of the register"}},
		"BrokenYAML": {"a.yaml", "reports: [\n", []string{"a.yaml: it is not valid YAML"}},
		"Control":    {"a.yaml", "controls:\n  - id: C-1\n", []string{"a.yaml:2:5: controls[0].title: the control has neither title nor text"}},
		"UnknownDay": {"a.yaml", "reports:\n  - {id: x, kind: soc3, criteria: [security], issued: 2026-02-30}\n", []string{"a.yaml:2:", "reports[0].issued: the day is not written that way; accepted"}},
		"Nothing":    {"a.json", `{}`, []string{"a.json: it holds no object; write an object with company"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := write(t, t.TempDir(), c.file, c.text)
			for _, args := range [][]string{{"reports", "import", good, bad}, {"evidence", "import", bad, good}} {
				code, _, stderr := vouch(t, append(args, "--data", data)...)
				if code != exitRefused {
					t.Errorf("exit %d: %s", code, stderr)
				}
				contains(t, stderr, c.says...)
			}
			if after := must(t, "reports", "list", "--data", data, "--format", "json", "--on", onDay); after != before {
				t.Error("the reports were changed")
			}
			if name == "OverStored" {
				return // by itself it is sound
			}
			none := filepath.Join(t.TempDir(), "none")
			if code, _, stderr := vouch(t, "reports", "import", bad, "--data", none); code != exitRefused {
				t.Errorf("exit %d into nothing: %s", code, stderr)
			}
			if _, err := os.Stat(none); err == nil {
				t.Error("a data directory was made for nothing")
			}
		})
	}
	t.Run("JSON", func(t *testing.T) {
		t.Parallel()
		bad := write(t, t.TempDir(), "a.yaml", "reports:\n  - {id: x, kind: soc9}\n")
		code, out, _ := vouch(t, "reports", "import", bad, "--data", data, "--format", "json")
		var r registerImport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitRefused || r.Change != nil || len(r.Problems) != 1 || r.Problems[0].Place.Line != 2 {
			t.Errorf("exit %d, %v, %s", code, err, out)
		}
	})
}

// TestReportsList proves what each report is said to be on a day.
func TestReportsList(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	for day, want := range map[string]map[string]string{
		"2026-11-26": {"soc2-2026": "current", "soc2-2025": "lapsed", "iso27001-2024": "current"},
		"2026-11-01": {"soc2-2026": "future", "soc2-2025": "lapsed"},
		"2025-09-15": {"soc2-2025": "bridged", "soc2-2026": "future"},
		"2027-10-01": {"soc2-2026": "lapsed", "iso27001-2024": "lapsed"},
	} {
		var lines []reportLine
		if err := json.Unmarshal([]byte(must(t, "reports", "list", "--data", data, "--on", day, "--format", "json")), &lines); err != nil {
			t.Fatal(err)
		}
		got := map[string]reportLine{}
		for _, x := range lines {
			got[x.ID] = x
		}
		for id, standing := range want {
			if got[id].Standing != standing {
				t.Errorf("on %s %s is %s, want %s", day, id, got[id].Standing, standing)
			}
		}
		if x := got["soc2-2026"]; x.Name != "SOC 2 Type 2" || x.Exceptions != 1 || x.Opinion != assurance.Unqualified || x.Period != "2025-10-01 to 2026-09-30" {
			t.Errorf("%+v", x)
		}
	}
	contains(t, must(t, "reports", "list", "--data", data, "--on", onDay), "Brackwater & Lowe Assurance", "as of 2026-06-30", "until 2027-06-13", "nda")
}

// TestReportsShow proves that everything about a report is shown, and that
// what is shown as YAML or JSON can be imported again.
func TestReportsShow(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	contains(t, must(t, "reports", "show", "SOC2-2026", "--data", data, "--on", onDay),
		"current on 2026-11-26", "16 days late", "Response: Management agrees.", "fixed on 2026-03-02", "Aldermoor Cloud", "carved out", "IR-03", "not tested", "security, availability", "Customers name their own users")
	contains(t, must(t, "reports", "show", "pentest-2026-05", "--data", data), "high", "Findings")
	for _, format := range []string{"yaml", "json"} {
		file := write(t, dir, "one."+format, must(t, "reports", "show", "soc2-2026", "--data", data, "--format", format))
		contains(t, must(t, "reports", "import", file, "--data", data), "nothing changed")
	}
	if code, _, stderr := vouch(t, "reports", "show", "soc2-2030", "--data", data); code != exitRefused || !strings.Contains(stderr, "there are soc2-2026, soc2-2025") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestReportsAsk proves that questions are answered from the register, with
// restricted facts only for those who may have them.
func TestReportsAsk(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	ask := func(args ...string) string {
		return must(t, append([]string{"reports", "ask", "--data", data, "--on", onDay}, args...)...)
	}
	contains(t, ask("Do you have a SOC 2 Type 2 report?"), "Yes. ", "verdict      yes", "rests on     soc2-2026")
	const exceptions = "Were there any exceptions in your last SOC 2 Type 2 report?"
	contains(t, ask(exceptions, "--nda"), "16 days late")
	for _, reader := range [][]string{{exceptions}, {exceptions, "--public"}} {
		if out := ask(reader...); strings.Contains(out, "16 days") || !strings.Contains(out, "NDA") {
			t.Errorf("%v: %s", reader, out)
		}
	}
	contains(t, ask("Do you encrypt backups?"), "no question about your own reports")
	var a asked
	if err := json.Unmarshal([]byte(ask("Are you ISO 27001 certified?", "--format", "json")), &a); err != nil || !a.IsAboutReports || a.Reply.Verdict != "yes" || len(a.Reply.Cites) != 1 {
		t.Errorf("%v, %+v", err, a)
	}
	if code, _, stderr := vouch(t, "reports", "ask", "x", "--nda", "--public", "--data", data); code != exitRefused {
		t.Errorf("a reader with an NDA and everybody: exit %d: %s", code, stderr)
	}
}

// TestReportsCheck proves that findings say what, why and what instead, and
// that the exit code tells whether one blocks.
func TestReportsCheck(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"Fine":       {[]string{"We have a SOC 2 Type 2 report of Brackwater & Lowe Assurance."}, exitOK, []string{"Nothing speaks against it."}},
		"Correct":    {[]string{"We are SOC 2 certified."}, exitOK, []string{"correct attestation-certified: ", "words        SOC 2 certified", "proposal     covered by a SOC 2 Type 2 attestation report"}},
		"Block":      {[]string{"Harbour Bank uses the same service.", "--customer", "Vela Retail Group"}, exitBlocked, []string{"block other-customer: ", "gap          not disclosable"}},
		"OwnName":    {[]string{"Harbour Bank uses the same service.", "--customer", "Harbour Bank"}, exitOK, []string{"Nothing speaks"}},
		"Register":   {[]string{"Our SOC 2 Type 2 report covers 1 January 2025 to 31 December 2025.", "--nda"}, exitOK, []string{"correct register-period: ", "proposal     1 October 2025 to 30 September 2026"}},
		"Cited":      {[]string{"Malware scanners run on all servers.", "--verdict", "yes", "--cite", "MV-09"}, exitOK, []string{"correct control-not-implemented: ", "MV-09"}},
		"NoSuchCite": {[]string{"x", "--cite", "XX-1"}, exitRefused, nil},
		"NoVerdict":  {[]string{"x", "--verdict", "perhaps"}, exitRefused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, stderr := vouch(t, append([]string{"reports", "check", "--data", data, "--on", onDay}, c.args...)...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, stderr)
			}
			contains(t, out, c.says...)
		})
	}
	code, out, _ := vouch(t, "reports", "check", "Harbour Bank uses it.", "--data", data, "--format", "json")
	var x checked
	if err := json.Unmarshal([]byte(out), &x); err != nil || code != exitBlocked || !x.Blocked || len(x.Findings) == 0 {
		t.Errorf("exit %d, %v, %s", code, err, out)
	}
}

func TestReportsRules(t *testing.T) {
	t.Parallel()
	out := must(t, "reports", "rules")
	for _, r := range assurance.Rules() {
		contains(t, out, string(r.Severity)+" "+r.ID+": "+r.Says, r.Source)
	}
}

// TestNoRegister proves that nothing is answered from a register that nobody
// has filled: "no" would be an answer too.
func TestNoRegister(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	commands := [][]string{{"reports", "list"}, {"reports", "show", "x"}, {"reports", "ask", "Do you have a SOC 2 report?"}, {"reports", "check", "x"}}
	all := append(commands, []string{"evidence", "list"}, []string{"controls", "export"}, []string{"readiness"}, []string{"commitments"})
	for _, args := range all {
		if code, _, stderr := vouch(t, append(args, "--data", data)...); code != exitRefused || !strings.Contains(stderr, "import") {
			t.Errorf("%v without a data directory: exit %d: %s", args, code, stderr)
		}
	}
	must(t, "controls", "import", fixture(t, dir, "controls.csv"), "--data", data)
	for _, args := range commands {
		if code, _, stderr := vouch(t, append(args, "--data", data)...); code != exitRefused || !strings.Contains(stderr, "vouch reports import") {
			t.Errorf("%v without reports: exit %d: %s", args, code, stderr)
		}
	}
}
