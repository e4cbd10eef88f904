package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
)

// TestReviewBy follows the day an answer is to be reviewed by from the list it
// is imported from to the questionnaire it is kept out of, and back out.
func TestReviewBy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const lapsed, lasting, undated = "Do you have a SOC 2 report?", "Is customer data encrypted at rest?", "Do you perform background checks on employees?"
	lib := put("past.csv", "Question,Answer,Reviewed,Valid until\n"+
		lapsed+",Yes,2019-01-01,2020-01-01\n"+lasting+",Yes,2001-01-01,9999-12-31\n"+undated+",Yes,,\n")
	in := put("asked.csv", "Ref,Question,Answer,Comment\n1,"+lapsed+",,\n2,"+lasting+",,\n3,"+undated+",,\n")
	data := filepath.Join(dir, "data")
	must(t, "library", "import", lib, "--data", data)

	for _, age := range []string{"0", "730", "36500"} {
		page := filepath.Join(dir, age+".html")
		var s answered
		if err := json.Unmarshal([]byte(must(t, "answer", in, "-o", filepath.Join(dir, age+".csv"), "--review", page, "--max-age", age, "--data", data, "--format", "json")), &s); err != nil {
			t.Fatal(err)
		}
		if s.Answered != 2 || s.Gaps[engine.GapStale] != 1 {
			t.Errorf("--max-age %s: %d answered, gaps %v; want 2 and one stale", age, s.Answered, s.Gaps)
		}
		if html, err := os.ReadFile(page); err != nil || !strings.Contains(string(html), "was to be reviewed by 2020-01-01") {
			t.Errorf("--max-age %s: the review page does not name the day (%v)", age, err)
		}
	}

	due := func(data string, args ...string) (list []string) {
		var entries []engine.Entry
		if err := json.Unmarshal([]byte(must(t, append([]string{"library", "list", "--format", "json", "--data", data}, args...)...)), &entries); err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			list = append(list, entries[i].Question+" "+day(entries[i].ReviewBy))
		}
		return list
	}
	for before, want := range map[string][]string{
		"2020-01-01": nil, "2020-01-02": {lapsed + " 2020-01-01"}, "9999-12-31": {lapsed + " 2020-01-01"},
	} {
		if got := due(data, "--due-before", before); !slices.Equal(got, want) {
			t.Errorf("due before %s: %q, want %q", before, got, want)
		}
	}
	if out := must(t, "library", "list", "--data", data); !strings.Contains(out, "review by") || !strings.Contains(out, "9999-12-31") {
		t.Errorf("the table does not show the day:\n%s", out)
	}
	for _, format := range []string{"csv", "json"} {
		file, again := filepath.Join(dir, "export."+format), filepath.Join(dir, "again-"+format)
		must(t, "library", "export", "-o", file, "--format", format, "--data", data)
		must(t, "library", "import", file, "--data", again)
		if got, want := due(again), due(data); !slices.Equal(got, want) {
			t.Errorf("exported as %s: %q, want %q", format, got, want)
		}
	}
}
