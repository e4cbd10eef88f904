package importers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/engine/assurance"
)

// TestReadRegister holds that the sample register is the same in every format.
func TestReadRegister(t *testing.T) {
	t.Parallel()
	want, problems, err := ReadRegister(context.Background(), nil, fixture(t, "register.yaml"))
	if err != nil || len(problems) > 0 || len(want.Reports) < 6 {
		t.Fatal(problems, err)
	}
	for _, names := range [][]string{
		{"register.json"}, {"register.xlsx"}, {"findings.csv", "controls.csv", "evidence.csv", "tests.csv", "subservices.csv", "reports.csv"},
	} {
		var paths []string
		for _, name := range names {
			paths = append(paths, fixture(t, name))
		}
		got, problems, err := ReadRegister(context.Background(), nil, paths...)
		if err != nil || len(problems) > 0 {
			t.Fatal(names, problems, err)
		}
		if names[0] != "register.json" { // tables have neither
			got.Company, got.Customers = want.Company, want.Customers
		}
		if len(names) > 1 { // controls.csv does not say what is planned
			for i := range got.Controls {
				got.Controls[i].Planned = want.Controls[i].Planned
			}
		}
		if d := cmp.Diff(want, got, cmp.Comparer(func(a, b assurance.Day) bool { return a == b })); d != "" {
			t.Errorf("%v (-want +got):\n%s", names, d)
		}
	}
}

// TestReadRegisterTellsProblems holds that a file's own problems come alone,
// and that what is no file of a register is refused.
func TestReadRegisterTellsProblems(t *testing.T) {
	t.Parallel()
	_, problems, err := ReadRegister(context.Background(), nil, file(t, "a.yml", "reports:\n  - id: r\n    knd: soc2\n"))
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0].String(), "a.yml, line 3, column 5: reports[0].knd: there is no such field, the nearest is kind;") {
		t.Errorf("%v, %v", problems, err)
	}
	var refused *engine.RefusedError
	for _, path := range []string{fixture(t, "library.csv"), fixture(t, "harbour-bank.xlsx"), fixture(t, "library.json"), file(t, "a.yaml", "x"), file(t, "a.csv", "")} {
		if _, _, err := ReadRegister(context.Background(), nil, path); !errors.As(err, &refused) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestIsRegister holds which files say what only a register has.
func TestIsRegister(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path string
		want bool
	}{
		{fixture(t, "register.yaml"), true},
		{fixture(t, "register.json"), true},
		{fixture(t, "register.xlsx"), true},
		{fixture(t, "evidence.csv"), true},
		{fixture(t, "controls.csv"), false},
		{fixture(t, "library.xlsx"), false},
		{file(t, "a.json", `{"controls": [{"id": "x", "title": "y"}]}`), false},
		{file(t, "b.json", `[{"id": "x", "title": "y"}]`), false},
		{file(t, "c.json", `{"catalog": {}}`), true},
		{file(t, "d.csv", "id,title,framework\nx,y,SOC 2\n"), false},
	} {
		if got, err := IsRegister(context.Background(), c.path); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.path, got, err)
		}
	}
}

// TestControlsSayWhatIsPlanned holds that lists of controls keep what is
// planned, and that status and frequency are spelled as the register does.
func TestControlsSayWhatIsPlanned(t *testing.T) {
	t.Parallel()
	l, err := ReadControls(context.Background(), file(t, "a.csv", "id,title,status,planned,frequency\nx,y,Not yet implemented,By June.,Yearly\nz,w,in hand,,per sprint\n"))
	if err != nil || len(l.Problems) > 0 || len(l.Controls) != 2 {
		t.Fatalf("%+v, %v", l, err)
	}
	if c := l.Controls[0]; c.Status != "planned" || c.Planned != "By June." || c.Frequency != "annual" {
		t.Errorf("%+v", c)
	}
	if c := l.Controls[1]; c.Status != "in hand" || c.Frequency != "per sprint" {
		t.Errorf("what is not known is changed: %+v", c)
	}
}
