package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/fixtures"
	"vouch/importers"
	"vouch/importers/isolate"
)

// asProgram makes the test binary behave as vouch itself, for tests that need
// a process of their own.
const asProgram = "VOUCH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	isolate.Main()
	if os.Getenv(asProgram) == "1" {
		main()
	}
	os.Exit(m.Run())
}

// vouch runs the program in this process and returns what it printed.
func vouch(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), args, &terminal{out: &out, err: &err})
	return code, out.String(), err.String()
}

// must runs the program and fails the test unless it exits with 0.
func must(t testing.TB, args ...string) string {
	t.Helper()
	code, stdout, stderr := vouch(t, args...)
	if code != exitOK {
		t.Fatalf("vouch %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// fixture copies a fixture into dir and returns its path.
func fixture(t testing.TB, dir, name string) string {
	t.Helper()
	data, err := fixtures.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.Base(name))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shared returns the path of a file of the evaluation data, or skips.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "eval", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the evaluation data is not beside the repository: %s", name)
	}
	return path
}

// TestMainJob runs the main job on every sample questionnaire: the original
// stays as it is, the answered copy holds what the review page says, and a
// second run makes the same file.
func TestMainJob(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"harbour-bank.xlsx", "vela-retail.xlsx", "kontor-logistik.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in, lib, ctl := fixture(t, dir, name), fixture(t, dir, "library.csv"), fixture(t, dir, "controls.csv")
			out := filepath.Join(dir, "answered"+filepath.Ext(name))
			before, _ := os.ReadFile(in)
			args := []string{"answer", in, "-o", out, "--library", lib, "--controls", ctl, "--data", filepath.Join(dir, "data"), "--format", "json"}
			var s answered
			if err := json.Unmarshal([]byte(must(t, args...)), &s); err != nil {
				t.Fatal(err)
			}
			if name != "kontor-logistik.csv" && s.Answered == 0 {
				t.Errorf("nothing answered: %+v", s)
			}
			gaps := 0
			for _, n := range s.Gaps {
				gaps += n
			}
			if s.Answered+s.Kept+gaps != s.Questions || s.Questions == 0 {
				t.Errorf("%d answered + %d kept + %d gaps, want %d questions", s.Answered, s.Kept, gaps, s.Questions)
			}
			if after, _ := os.ReadFile(in); !bytes.Equal(before, after) {
				t.Error("the customer's file was changed")
			}
			checkFilled(t, in, out, &s)
			first, _ := os.ReadFile(out)
			must(t, args...)
			if second, _ := os.ReadFile(out); !bytes.Equal(first, second) {
				t.Error("a second run makes another file")
			}
			for _, f := range []string{"answered.review.html", "answered.review.csv"} {
				if st, err := os.Stat(filepath.Join(dir, f)); err != nil || st.Size() == 0 {
					t.Errorf("%s: %v", f, err)
				}
			}
			checkOnly(t, dir, filepath.Base(in), "library.csv", "controls.csv", filepath.Base(out), "answered.review.html", "answered.review.csv")
		})
	}
}

// checkFilled reads the answered copy again: the same questions, and as many
// filled parts more as cells were written.
func checkFilled(t *testing.T, in, out string, s *answered) {
	t.Helper()
	a, err := importers.Read(context.Background(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := importers.Read(context.Background(), out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Questions) != len(b.Questions) || a.Layout.Shape != b.Layout.Shape {
		t.Fatalf("%d questions of shape %s before, %d of shape %s after", len(a.Questions), a.Layout.Shape, len(b.Questions), b.Layout.Shape)
	}
	filled := func(q *engine.Questionnaire) (n int) {
		for i := range q.Questions {
			for _, p := range q.Questions[i].Parts {
				if p.Value != "" {
					n++
				}
			}
		}
		return n
	}
	if got := filled(b) - filled(a); got != s.Cells {
		t.Errorf("%d parts more are filled, want %d", got, s.Cells)
	}
}

// checkOnly proves that dir holds these files and no others.
func checkOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !want[f.Name()] {
			t.Errorf("left behind: %s", f.Name())
		}
		delete(want, f.Name())
	}
	for n := range want {
		t.Errorf("missing: %s", n)
	}
}

// TestInspectMatchesTruth compares what is found in the samples with what the
// program that made them knows to be there.
func TestInspectMatchesTruth(t *testing.T) {
	t.Parallel()
	for name, truth := range map[string]string{
		"harbour-bank.xlsx": "truth/harbour-bank.truth.tsv", "vela-retail.xlsx": "truth/vela-retail.truth.tsv",
		"kontor-logistik.csv": "truth/kontor-logistik.truth.tsv", "harbour-bank-2025-filled.xlsx": "truth/harbour-bank-2025-filled.truth.tsv",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			want, err := fixtures.ReadFile(truth)
			if err != nil {
				t.Fatal(err)
			}
			compareTSV(t, must(t, "inspect", fixture(t, dir, name), "--format", "tsv", "--data", filepath.Join(dir, "data")), string(want))
		})
	}
}

// TestInspectRealWorkbooks does the same for real questionnaires. Parts of
// kinds the truth does not list do not count; nor do the option lists of
// ownership cells of CAIQ 4.0.3, where the truth leaves out the fifth option
// that the workbook's own list has.
func TestInspectRealWorkbooks(t *testing.T) {
	t.Parallel()
	for name, truth := range map[string]string{"hecvat-4.1.4": "hecvat-4.1.4", "caiq-3.0.1": "caiq-3.0.1", "caiq-4.0.3-filled": "caiq-4.0.3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(shared(t, "workbooks/"+truth+".truth.tsv"))
			if err != nil {
				t.Fatal(err)
			}
			got := must(t, "inspect", shared(t, "workbooks/"+name+".xlsx"), "--format", "tsv", "--data", t.TempDir())
			if name == "caiq-4.0.3-filled" {
				got = strings.ReplaceAll(got, "|Shared CSP and 3rd-party", "")
			}
			compareTSV(t, got, string(want))
		})
	}
}

// compareTSV compares two part lists, ref aside, for the part kinds of want.
func compareTSV(t *testing.T, got, want string) {
	t.Helper()
	kinds := map[string]bool{}
	parse := func(s string, all bool) map[string]bool {
		m := map[string]bool{}
		for _, line := range strings.Split(strings.ReplaceAll(s, "\r", ""), "\n")[1:] {
			f := strings.Split(line, "\t")
			if len(f) != 6 {
				continue
			}
			kind, _, _ := strings.Cut(f[3], ":")
			if all {
				kinds[kind] = true
			} else if !kinds[kind] {
				continue
			}
			m[strings.Join([]string{f[0], f[2], f[4], f[5]}, " ")] = true
		}
		return m
	}
	w := parse(want, true)
	g := parse(got, false)
	if len(w) == 0 {
		t.Fatal("the truth is empty")
	}
	for k := range w {
		if !g[k] {
			t.Errorf("missed %s", k)
		}
	}
	for k := range g {
		if !w[k] {
			t.Errorf("found besides %s", k)
		}
	}
}

func TestLibrary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	lib := fixture(t, dir, "library.csv")
	first := must(t, "library", "import", lib, "--data", data)
	second := must(t, "library", "import", lib, "--data", data)
	if !strings.Contains(second, " 0 added, 0 changed,") || !strings.Contains(first, " 0 changed, 0 unchanged, 0 refused") {
		t.Errorf("first %q, second %q: want the second to change nothing", first, second)
	}
	var entries []engine.Entry
	if err := json.Unmarshal([]byte(must(t, "library", "list", "--data", data, "--format", "json")), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) < 150 {
		t.Errorf("%d entries, want at least 150", len(entries))
	}
	var found []engine.Passage
	if err := json.Unmarshal([]byte(must(t, "library", "search", entries[7].Question, "--data", data, "--format", "json")), &found); err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || found[0].Entry.ID != entries[7].ID || found[0].Confidence < 0.9 {
		t.Errorf("searching an entry's own question finds %+v", found)
	}
	for _, format := range []string{"csv", "json"} {
		file := filepath.Join(dir, "export."+format)
		must(t, "library", "export", "-o", file, "--format", format, "--data", data)
		again := filepath.Join(dir, "again-"+format)
		report := must(t, "library", "import", file, "--data", again)
		if !strings.Contains(report, " 0 refused") {
			t.Errorf("importing the %s export: %s", format, report)
		}
	}
	if out := must(t, "controls", "import", fixture(t, dir, "controls.csv"), "--data", data); !strings.Contains(out, " 0 refused") {
		t.Errorf("controls: %s", out)
	}
	if out := must(t, "controls", "list", "--data", data); strings.Count(out, "\n") < 80 {
		t.Errorf("controls list has %d lines", strings.Count(out, "\n"))
	}
}

// TestFilledQuestionnairesAreImported takes past answers out of filled
// questionnaires through detection.
func TestFilledQuestionnairesAreImported(t *testing.T) {
	t.Parallel()
	t.Run("Sample", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if out := must(t, "library", "import", fixture(t, dir, "harbour-bank-2025-filled.xlsx"), "--data", filepath.Join(dir, "d")); !strings.Contains(out, ": 25 added") {
			t.Errorf("got %q, want 25 added", out)
		}
	})
	t.Run("CAIQ", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		for _, want := range []string{": 261 added, 0 changed, 0 unchanged", ": 0 added, 0 changed, 261 unchanged"} {
			if out := must(t, "library", "import", shared(t, "workbooks/caiq-4.0.3-filled.xlsx"), "--data", data); !strings.Contains(out, want) {
				t.Errorf("got %q, want %q", out, want)
			}
		}
	})
}

// TestRefusals proves that what cannot be taken gets one sentence and exit
// code 2, and that nothing is left behind.
func TestRefusals(t *testing.T) {
	t.Parallel()
	xls := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 2048)...)
	tests := []struct {
		rule string
		name string
		data []byte
		says string
	}{
		{"OldExcel", "old.xlsx", xls, "old.xlsx: "},
		{"Empty", "empty.xlsx", nil, "it is empty"},
		{"PDF", "scan.xlsx", []byte("%PDF-1.7\n..."), "PDF"},
		{"HTML", "page.xlsx", []byte("<html><body><table></table></body></html>"), "HTML"},
		{"TruncatedZip", "cut.xlsx", []byte("PK\x03\x04\x14\x00\x00\x00"), "cut.xlsx: "},
		{"JSON", "list.json", []byte(`[{"question":"q"}]`), "JSON"},
		{"Binary", "noise.csv", []byte{0, 1, 2, 3, 0, 0, 255, 254, 0, 7}, "noise.csv: "},
		{"NoQuestions", "prices.csv", []byte("item,price\napple,1\npear,2\n"), "no questions"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in := filepath.Join(dir, tt.name)
			if err := os.WriteFile(in, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			lib := filepath.Join(t.TempDir(), "lib.csv")
			if err := os.WriteFile(lib, []byte("question,answer\nDo you encrypt?,yes\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := vouch(t, "answer", in, "-q", "-o", filepath.Join(dir, "out.xlsx"), "--library", lib, "--data", filepath.Join(dir, "data"))
			if code != exitRefused || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit %d, %q: want exit 2 and one line with %q", code, stderr, tt.says)
			}
			checkOnly(t, dir, tt.name)
		})
	}
}

// TestUsage proves that a wrong call is refused with exit code 2.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := fixture(t, dir, "harbour-bank.xlsx")
	for _, tt := range []struct {
		rule string
		args []string
		says string
	}{
		{"NoLibraryYet", []string{"answer", in, "-o", filepath.Join(dir, "o.xlsx")}, "vouch library import"},
		{"OutputIsTheOriginal", []string{"answer", in, "-o", in, "--library", in}, "never changed"},
		{"MissingFile", []string{"inspect", filepath.Join(dir, "none.xlsx")}, "none.xlsx"},
		{"ThresholdOutOfRange", []string{"answer", in, "-o", "x.xlsx", "--min-confidence", "7"}, "0 to 1"},
		{"UnknownFlag", []string{"inspect", in, "--nonsense"}, "nonsense"},
		{"NoCommand", nil, "expected one of"},
		{"MissingFolder", []string{"answer", in, "-o", filepath.Join(dir, "no", "o.xlsx"), "--library", fixture(t, dir, "library.csv")}, "make it first"},
		{"Folder", []string{"inspect", dir}, "folder"},
		{"DueBeforeNoDay", []string{"library", "list", "--due-before", "2027-02-30"}, "give a day of the calendar"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			args := tt.args
			if len(args) > 0 {
				args = append(append([]string{}, args...), "--data", filepath.Join(dir, "data"))
			}
			if code, _, stderr := vouch(t, args...); code != exitRefused || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit %d, %q: want exit 2 and %q", code, stderr, tt.says)
			}
		})
	}
	for _, args := range [][]string{{"--help"}, {"--version"}, {"answer", "--help"}, {"library", "--help"}} {
		if code, stdout, stderr := vouch(t, args...); code != exitOK || stdout == "" {
			t.Errorf("vouch %v: exit %d, %q %q", args, code, stdout, stderr)
		}
	}
}

// TestEarlierOutputIsKept proves that a file a reviewer may have worked in is
// not lost to a second run.
func TestEarlierOutputIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, lib := fixture(t, dir, "harbour-bank.xlsx"), fixture(t, dir, "library.csv")
	out := filepath.Join(dir, "out.xlsx")
	if err := os.WriteFile(out, []byte("a reviewer's work"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "answer", in, "-o", out, "--library", lib, "--data", filepath.Join(dir, "d"))
	if kept, err := os.ReadFile(filepath.Join(dir, "out.previous-1.xlsx")); err != nil || string(kept) != "a reviewer's work" {
		t.Errorf("earlier file: %q, %v", kept, err)
	}
}

// TestLayoutIsCorrectedAndRemembered walks the way of a person who corrects
// what was understood.
func TestLayoutIsCorrectedAndRemembered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	in, lib := fixture(t, dir, "harbour-bank.xlsx"), fixture(t, dir, "library.csv")
	must(t, "library", "import", lib, "--data", data)
	layout := filepath.Join(dir, "layout.yaml")
	must(t, "inspect", in, "--save-layout", layout, "--data", data)
	before := questionsIn(t, in, data)
	text, err := os.ReadFile(layout)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Split(must(t, "inspect", in, "--format", "tsv", "--data", data), "\n")[1]
	row := strings.TrimLeft(strings.Split(first, "\t")[2], "ABCDEFGH")
	corrected := strings.Replace(string(text), "    columns:", "    exclude: ["+row+"]\n    columns:", 1)
	if corrected == string(text) {
		t.Fatalf("the layout file has no columns to put a line before:\n%s", text)
	}
	if err := os.WriteFile(layout, []byte(corrected), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "answer", in, "-o", filepath.Join(dir, "o.xlsx"), "--layout", layout, "--data", data)
	if after := questionsIn(t, in, data); after != before-1 {
		t.Errorf("%d questions with the remembered layout, want %d", after, before-1)
	}
	if err := os.WriteFile(layout, []byte(strings.Replace(corrected, "role: question", "role: questoin", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := vouch(t, "inspect", in, "--layout", layout, "--data", data)
	if code != exitRefused || !strings.Contains(stderr, "questoin") {
		t.Errorf("exit %d, %q: want the unknown role refused", code, stderr)
	}
}

// TestALayoutOfAShorterFileIsNotUsed: it would lose the questions below its end.
func TestALayoutOfAShorterFileIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, layout := filepath.Join(dir, "data"), filepath.Join(dir, "layout.yaml")
	asks := func(n int) string {
		var b strings.Builder
		b.WriteString("ID,Question,Answer\n")
		for i := range n {
			fmt.Fprintf(&b, "Q-%d,Do you encrypt the backups of system number %d?,\n", i+1, i+1)
		}
		file := filepath.Join(dir, "asked.csv")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	must(t, "library", "import", fixture(t, dir, "library.csv"), "--data", data)
	in := asks(4)
	must(t, "inspect", in, "--save-layout", layout, "--data", data)
	must(t, "answer", in, "-o", filepath.Join(dir, "o.csv"), "--layout", layout, "--data", data)
	for _, n := range []int{4, 3, 9} {
		if got := questionsIn(t, asks(n), data); got != n {
			t.Errorf("%d questions of %d", got, n)
		}
	}
}

func questionsIn(t *testing.T, file, data string) int {
	t.Helper()
	var q engine.Questionnaire
	if err := json.Unmarshal([]byte(must(t, "inspect", file, "--format", "json", "--data", data)), &q); err != nil {
		t.Fatal(err)
	}
	return len(q.Questions)
}

// TestOverwrite proves that what the customer's file holds is kept unless it
// is asked for.
func TestOverwrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, lib := fixture(t, dir, "harbour-bank-2025-filled.xlsx"), fixture(t, dir, "library.csv")
	answer := func(args ...string) (s answered) {
		out := must(t, append([]string{"answer", in, "-o", filepath.Join(dir, "o.xlsx"), "--library", lib, "--data", filepath.Join(dir, "d"), "--format", "json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := answer(); s.Kept != s.Questions || s.Cells != 0 {
		t.Errorf("kept %d of %d, %d cells written; want all kept and none written", s.Kept, s.Questions, s.Cells)
	}
	if s := answer("--overwrite", "--min-confidence", "0.5"); s.Kept != 0 || s.Cells == 0 {
		t.Errorf("with --overwrite kept %d, %d cells written", s.Kept, s.Cells)
	}
}

// program runs vouch in a process of its own.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}
