package readiness

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vouch/engine/assurance"
)

var update = flag.Bool("update", false, "write the page and the text to testdata")

var on = assurance.NewDay(2026, time.March, 31)

// register is a register of 61 criteria in which every level and every lack
// occurs, some with the words of somebody hostile.
func register() assurance.Readiness {
	sizes := []struct {
		prefix, category string
		n                int
	}{
		{"CC1.", "Control environment", 5}, {"CC2.", "Communication and information", 3}, {"CC3.", "Risk assessment", 4}, {"CC4.", "Monitoring", 2}, {"CC5.", "Control activities", 3},
		{"CC6.", "Logical and physical access", 8}, {"CC7.", "System operations", 5}, {"CC8.", "Change management", 1}, {"CC9.", "Risk mitigation", 2},
		{"A1.", "Availability", 3}, {"C1.", "Confidentiality", 2}, {"PI1.", "processing integrity", 5}, {"P", "Privacy", 18},
	}
	var criteria []assurance.Criterion
	for _, s := range sizes {
		for i := range s.n {
			id := fmt.Sprint(s.prefix, i+1)
			if s.prefix == "P" {
				id = fmt.Sprintf("P%d.%d", i/3+1, i%3+1)
			}
			criteria = append(criteria, assurance.Criterion{Framework: "soc2", ID: id, Category: s.category, Title: "What " + strings.ToLower(s.category) + " asks for, part " + fmt.Sprint(i+1)})
		}
	}
	criteria[19].Title = `Access <script>alert(1)</script> & "more"`
	r := &assurance.Register{
		Company: "North & Co",
		Reports: []assurance.Report{{
			ID: "soc2-2025", Kind: assurance.SOC2, Type: 2, Criteria: []string{"security", "availability", "confidentiality", "privacy"}, From: assurance.NewDay(2025, time.January, 1), To: assurance.NewDay(2025, time.December, 31), Issued: assurance.NewDay(2026, time.February, 12),
			Tests: []assurance.Test{{Control: "CM-01", Criteria: []string{"CC8.1"}, Result: assurance.WithException, Text: "Two of 25 changes had no second reviewer."}},
		}},
	}
	frequencies := []string{"continuous", "quarterly", "annual", "on event", "monthly", "half-yearly"}
	owners := []string{"Head of Security", "Platform Lead", "People Lead"}
	for i, c := range criteria {
		if i%9 == 4 || c.Category == "Privacy" && i%3 != 0 {
			continue // no control
		}
		ctl := assurance.Control{ID: fmt.Sprintf("CT-%02d", i+1), Title: "A control of " + strings.ToLower(c.Category), Criteria: []string{c.ID}, Owner: owners[i%3], Frequency: frequencies[i%6], Status: assurance.Implemented}
		switch {
		case i == 45:
			ctl.Status = assurance.NotApplicable
		case i%11 == 6:
			ctl.Status, ctl.Planned = assurance.Partial, "the rest by 30 June 2026"
		case i%13 == 8:
			ctl.Owner = ""
		case i == 29:
			ctl.ID, ctl.Title = "CM-01", "Changes are reviewed by a second person"
			ctl.Criteria = append(ctl.Criteria, "CC8.1")
		}
		r.Controls = append(r.Controls, ctl)
		if i%10 != 9 {
			e := assurance.Evidence{ID: fmt.Sprintf("E-%02d", i+1), Control: ctl.ID, Kind: "ticket", Title: "Export of the settings", CollectedAt: assurance.NewDay(2026, time.March, i%28+1)}
			if i%7 == 3 {
				e.CollectedAt = assurance.NewDay(2024, time.October, i%28+1)
			}
			r.Evidence = append(r.Evidence, e)
		}
	}
	r.Controls = append(r.Controls,
		assurance.Control{ID: "AC-10", Title: "Keys in hardware", Criteria: []string{"CC 6.1", "cc6.3"}, Owner: "Platform Lead", Frequency: "quarterly", Status: assurance.Planned, Planned: "by June 2026."},
		assurance.Control{ID: "AC-11", Title: "</td><img src=x onerror=alert(2)>", Criteria: []string{"CC6.3"}, Owner: "<b>Eve</b>", Frequency: "\x1b[31mweekly", Status: "active"})
	var asked []assurance.Asked
	ask := func(n int, criterion, question, reason string) {
		for i := range n {
			asked = append(asked, assurance.Asked{Criteria: []string{criterion}, Question: question, Customer: []string{"Harbour Bank", "Vela Retail", "Kontor <i>Logistik</i>"}[i%3], On: assurance.NewDay(2026, time.March, 20-i), Reason: reason})
		}
	}
	ask(4, "CC6.1", "Are keys kept in hardware security modules? <script>alert(3)</script>", "no_evidence")
	ask(2, "CC8.1", "Does a second person review each change before it is released?", "needs_legal")
	ask(6, "CC3.1", "Do you assess the risk of climate events to your sites?", "no_evidence")
	ask(1, "P2.1", "Can data subjects withdraw their consent themselves?", "stale")
	ask(1, "X9", "Elsewhere", "no_evidence")
	return r.Readiness("soc2", criteria, asked, on)
}

func report() *Report {
	return &Report{Readiness: register(), Made: time.Date(2026, 3, 31, 5, 6, 0, 0, time.UTC), Program: "vouch test"}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("it differs from testdata/%s; run the test with -update and look at the difference", name)
	}
}

// TestWriteHTML compares the page with its golden file, and proves that
// nothing of a register or a questionnaire is taken for markup.
func TestWriteHTML(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteHTML(&b, report()); err != nil {
		t.Fatal(err)
	}
	golden(t, "page.html", b.Bytes())
	for _, bad := range []string{"<script", "<img", "<b>Eve", "<i>Logistik", "src=\"", "href=\"http", "javascript:", "ZgotmplZ", "NaN", "%!", "0001"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, must := range []string{"North &amp; Co", "&lt;script&gt;", "asked 6 times", "SOC 2 Type 2 (soc2-2025)", "1 January 2025 to 31 December 2025", "no evidence", "AC-10 is planned", "no second reviewer", "not applicable", "Kontor &lt;i&gt;", " late</span>"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("the page does not show %q", must)
		}
	}
}

// TestAnchors proves that every link of the page leads to the one element that
// has its name, whatever the ids of the criteria hold.
func TestAnchors(t *testing.T) {
	t.Parallel()
	r := register()
	hostile := []assurance.Criterion{{ID: "A.1"}, {ID: "A-&quot;-1"}, {ID: "!"}, {ID: "?"}, {ID: `"><script>`}, {ID: "ÄÖ"}, {ID: strings.Repeat("long", 50), Category: "<svg onload=x>"}}
	for i, readiness := range []assurance.Readiness{r, (&assurance.Register{}).Readiness("x", hostile, nil, on)} {
		var b bytes.Buffer
		if err := WriteHTML(&b, &Report{Readiness: readiness}); err != nil {
			t.Fatal(err)
		}
		ids := map[string]int{}
		for _, m := range regexp.MustCompile(`<article id="([^"]+)"`).FindAllStringSubmatch(b.String(), -1) {
			ids[m[1]]++
		}
		if len(ids) != len(readiness.Criteria) {
			t.Errorf("page %d: %d names for %d criteria", i, len(ids), len(readiness.Criteria))
		}
		links := regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(b.String(), -1)
		if len(links) < len(readiness.Criteria) {
			t.Errorf("page %d: %d links for %d criteria", i, len(links), len(readiness.Criteria))
		}
		for _, m := range links {
			if ids[m[1]] != 1 {
				t.Errorf("page %d: %d elements have the name %q", i, ids[m[1]], m[1])
			}
		}
		if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "<svg onload") {
			t.Errorf("page %d holds foreign markup", i)
		}
	}
}

// TestHeatMapWithoutColour proves that each cell says its level by its letter
// and in its title.
func TestHeatMapWithoutColour(t *testing.T) {
	t.Parallel()
	r := register()
	rows, _ := groups(&r)
	seen := map[assurance.Level]bool{}
	n := 0
	for _, f := range heatMap(rows) {
		for _, c := range f.Cells {
			n++
			seen[c.Level] = true
			if c.Letter == "" || c.Letter != letters[c.Level] || !strings.Contains(c.Title, ": "+levelTexts[c.Level]+", ") {
				t.Errorf("cell %s: letter %q, title %q", c.ID, c.Letter, c.Title)
			}
			if c.X+cellWidth > f.Width || c.Y+cellHeight > f.Height {
				t.Errorf("cell %s lies outside its field", c.ID)
			}
		}
	}
	if n != 61 || len(seen) != len(assurance.Levels()) {
		t.Errorf("%d cells with the levels %v, want 61 with all", n, seen)
	}
}

// TestEmpty proves that a page and a text of nothing render, without numbers
// that are none.
func TestEmpty(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteHTML(&b, &Report{}); err != nil {
		t.Fatal(err)
	}
	if err := Text(&b, assurance.Readiness{}, 80); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || !strings.Contains(s, "nothing to do") || !strings.Contains(s, "There are no criteria") {
		t.Errorf("nothing renders as\n%s", s)
	}
}

// TestText compares the text with its golden file, and proves that it keeps to
// the width and that nothing in it steers a terminal.
func TestText(t *testing.T) {
	t.Parallel()
	r := register()
	for _, width := range []int{0, 5, 40, 100} {
		var b bytes.Buffer
		if err := Text(&b, r, width); err != nil {
			t.Fatal(err)
		}
		if width == 100 {
			golden(t, "text.txt", b.Bytes())
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); width > 0 && n > max(width, minWidth) {
				t.Errorf("a line of %d characters for a width of %d: %q", n, width, line)
			}
			if plain(line) != line {
				t.Errorf("the line steers a terminal: %q", line)
			}
		}
	}
	r.Company = "a\x1b]0;x\x07\u202eb"
	var b bytes.Buffer
	if err := Text(&b, r, 0); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u202e") {
		t.Error("the company's name steers the terminal")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestWriteFails proves that what cannot be written is an error.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	if err := WriteHTML(failing{}, report()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the page: %v", err)
	}
	if err := Text(failing{}, register(), 80); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the text: %v", err)
	}
}

// TestPercent proves that only all is shown as all.
func TestPercent(t *testing.T) {
	t.Parallel()
	for p, want := range map[float64]string{0: "0\u00a0%", 0.934: "93\u00a0%", 0.9999: "99\u00a0%", 1: "100\u00a0%"} {
		if got := percent(p); got != want {
			t.Errorf("%v is shown as %q, want %q", p, got, want)
		}
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	r := report()
	for b.Loop() {
		if err := WriteHTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
