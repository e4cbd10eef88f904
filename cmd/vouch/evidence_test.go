package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine/assurance"
)

// evidenceOf lists evidence as programs get it.
func evidenceOf(t testing.TB, data string, args ...string) []evidenceLine {
	t.Helper()
	var out []evidenceLine
	if err := json.Unmarshal([]byte(must(t, append([]string{"evidence", "list", "--data", data, "--on", onDay, "--format", "json"}, args...)...)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEvidence walks from an import through what is stale to a new piece.
func TestEvidence(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	all, of := evidenceOf(t, data), evidenceOf(t, data, "--control", "ac-05")
	if len(all) != sampleEvidence || len(of) != 2 || of[0].Worth != assurance.EvidenceSuperseded || of[1].Worth != assurance.EvidenceStale || of[1].FreshUntil.String() != "2026-10-30" {
		t.Errorf("%d pieces, of AC-05 %+v", len(all), of)
	}
	for _, e := range evidenceOf(t, data, "--stale") {
		if e.Worth != assurance.EvidenceStale {
			t.Errorf("%s is %s, and was listed as stale", e.ID, e.Worth)
		}
	}
	contains(t, must(t, "evidence", "list", "--stale", "--data", data, "--on", onDay), "EV-2026-002", "2026-10-30", "Access review, second quarter")
	must(t, "evidence", "add", "--data", data, "--control", "AC-05", "--title", "Access review, third quarter", "--kind", "Review", "--collected", "2026-10-20",
		"--by", "Ann", "--from", "2026-07-01", "--to", "2026-09-30", "--location", "drive", "--id", "EV-Q3")
	of = evidenceOf(t, data, "--control", "AC-05")
	if len(of) != 3 || of[2].ID != "EV-Q3" || of[2].Worth != assurance.EvidenceFresh || of[2].Kind != "review" || of[2].CollectedBy != "Ann" || of[1].Worth != assurance.EvidenceSuperseded {
		t.Errorf("after the addition: %+v", of)
	}
	more := write(t, dir, "more.csv", "id,control,title,collected_at\nEV-Q3,AC-05,Another title,2026-10-20\nE-1,AC-01,Tickets,2026-11-01\n")
	contains(t, must(t, "evidence", "import", more, "--data", data), fmt.Sprintf("evidence  1 added, 1 changed, %d unchanged", sampleEvidence), "reports   0 added, 0 changed, 7 unchanged")
	contains(t, must(t, "evidence", "import", more, "--data", data), "nothing changed")
}

// TestEvidenceAddRefuses proves that a slip in a flag names the flag and what
// is accepted, and adds nothing.
func TestEvidenceAddRefuses(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"Control":  {[]string{"--control", "AC-99", "--title", "x"}, "--control: the register has no control of that id"},
		"Kind":     {[]string{"--control", "AC-05", "--title", "x", "--kind", "proof"}, "--kind: it is no kind of evidence; accepted: screenshot, ticket"},
		"Day":      {[]string{"--control", "AC-05", "--title", "x", "--collected", "soon"}, "--collected: the day"},
		"Period":   {[]string{"--control", "AC-05", "--title", "x", "--from", "2026-03-01"}, "--to: there is a first day and no last"},
		"IDTaken":  {[]string{"--control", "AC-05", "--title", "x", "--id", "ev-2026-001"}, "--id ev-2026-001: there is evidence of that id already"},
		"NoTitle":  {[]string{"--control", "AC-05"}, "--title"},
		"TooEarly": {[]string{"--control", "AC-05", "--title", "x", "--collected", "2026-01-01", "--from", "2026-02-01", "--to", "2026-02-28"}, "--collected: it is before the period"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, _, stderr := vouch(t, append([]string{"evidence", "add", "--data", data}, c.args...)...); code != exitRefused || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d: %q: want %q", code, stderr, c.says)
			}
			if n := len(evidenceOf(t, data)); n != sampleEvidence {
				t.Errorf("%d pieces of evidence, want %d", n, sampleEvidence)
			}
		})
	}
}

// TestEvidenceIDs proves that a piece without an id gets the first free one.
func TestEvidenceIDs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "controls", "import", write(t, dir, "c.csv", "id,title\nAC-01,Access\n"), "--data", data)
	year := today(assurance.Day{}).String()[:4]
	for _, want := range []string{"EV-" + year + "-001", "EV-" + year + "-002"} {
		contains(t, must(t, "evidence", "add", "--control", "AC-01", "--title", "x", "--data", data), want+" added to the evidence of AC-01")
	}
}
