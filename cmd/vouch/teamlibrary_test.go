package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/engine"
	"vouch/engine/store"
)

// writeFile writes a file into a directory of the test and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func parsed[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

const teamList = `ID,Question,Answer,Explanation,Owner,Reviewed,Review by,Visibility,Products,Language
1,Is customer data encrypted at rest?,Yes,All volumes use AES-256.,ann,2026-01-01,,public,,en
2,Which vendor scans your source code?,Text,Our scanner is Sevenseal Red.,ann,2026-01-01,,internal,,en
3,Do you keep administrator sessions recorded?,Yes,Sessions are recorded by Duskwatch for a year.,bob,2026-01-01,,nda,,en
4,Can administrators restore deleted projects?,Yes,Within thirty days in the console of Harbour.,bob,2026-01-01,,,Harbour,en
5,Do you encrypt customer data at rest?,No,Only the database is.,,2026-01-01,,,,en
6,Is the disaster recovery plan tested?,Yes,Twice a year.,,2026-01-01,2026-03-01,,,en
7,is the disaster recovery plan tested,Yes,Twice a year.,,2026-01-01,,,,en
`

const teamQuestions = `Question,Answer,Comments
Which vendor scans your source code?,,
Do you keep administrator sessions recorded?,,
Can administrators restore deleted projects?,,
`

// TestWhoMayHaveAnAnswer: nothing goes into a customer's file that the reader
// may not have, or that is true of another product.
func TestWhoMayHaveAnAnswer(t *testing.T) {
	t.Parallel()
	data, questions := filepath.Join(t.TempDir(), "data"), writeFile(t, "questions.csv", teamQuestions)
	must(t, "library", "import", writeFile(t, "list.csv", teamList), "--data", data)
	texts := []string{"Sevenseal", "Duskwatch", "Harbour"}
	for name, c := range map[string]struct {
		flags []string
		want  string // which of the texts are written
		gaps  map[engine.GapReason]int
	}{
		"Customer":      {nil, "", map[engine.GapReason]int{engine.GapNotDisclosable: 2, engine.GapOutOfScope: 1}},
		"NDA":           {[]string{"--nda"}, "Duskwatch", map[engine.GapReason]int{engine.GapNotDisclosable: 1, engine.GapOutOfScope: 1}},
		"Product":       {[]string{"--product", "harbour"}, "Harbour", map[engine.GapReason]int{engine.GapNotDisclosable: 2}},
		"OtherProduct":  {[]string{"--product", "Quay", "--nda"}, "Duskwatch", map[engine.GapReason]int{engine.GapNotDisclosable: 1, engine.GapNoEvidence: 1}},
		"Public":        {[]string{"--public", "--product", "Harbour"}, "", map[engine.GapReason]int{engine.GapNotDisclosable: 3}},
		"ProductAndNDA": {[]string{"--nda", "--product", "Harbour"}, "Duskwatch Harbour", map[engine.GapReason]int{engine.GapNotDisclosable: 1}},
	} {
		out := filepath.Join(t.TempDir(), "out.csv")
		args := append([]string{"answer", questions, "-o", out, "--data", data, "--format", "json", "--max-age", "0", "--citations", "full"}, c.flags...)
		s := parsed[answered](t, must(t, args...))
		written, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if got := strings.Contains(string(written), text); got != slices.Contains(strings.Fields(c.want), text) {
				t.Errorf("%s: %s is written: %v\n%s", name, text, got, written)
			}
		}
		for _, reason := range engine.GapReasons() {
			if s.Gaps[reason] != c.gaps[reason] {
				t.Errorf("%s: gaps %v, want %v", name, s.Gaps, c.gaps)
				break
			}
		}
		page, err := os.ReadFile(s.Review)
		if err != nil || !strings.Contains(string(page), "Sevenseal") {
			t.Errorf("%s: the reviewer is not shown what may not be given (%v)", name, err)
		}
	}
}

func TestLibraryIsTidiedUp(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "library", "import", writeFile(t, "list.csv", teamList), "--data", data)
	entries := parsed[[]engine.Entry](t, must(t, "library", "list", "--data", data, "--format", "json"))
	id := func(n int) string { return entries[n-1].ID }

	stale := parsed[[]engine.StaleEntry](t, must(t, "library", "stale", "--data", data, "--format", "json", "--on", "2026-06-01"))
	if len(stale) != 1 || stale[0].Entry.ID != id(6) {
		t.Errorf("stale: %+v", stale)
	}
	if all := parsed[[]engine.StaleEntry](t, must(t, "library", "stale", "--data", data, "--format", "json", "--on", "2026-06-01", "--max-age", "30")); len(all) != 7 {
		t.Errorf("%d stale of those reviewed more than 30 days ago, want 7", len(all))
	}
	groups := parsed[[]engine.DuplicateGroup](t, must(t, "library", "duplicates", "--data", data, "--format", "json"))
	if len(groups) != 1 || len(groups[0].Entries) != 2 || groups[0].Entries[0].ID != id(6) || groups[0].Entries[1].ID != id(7) || !groups[0].Exact {
		t.Errorf("duplicates: %+v", groups)
	}
	pairs := parsed[[]engine.EntryConflict](t, must(t, "library", "conflicts", "--data", data, "--format", "json"))
	if len(pairs) != 1 || pairs[0].A.ID != id(1) || pairs[0].B.ID != id(5) {
		t.Errorf("conflicts: %+v", pairs)
	}
	for _, what := range []string{"stale", "duplicates", "conflicts"} {
		csv := must(t, "library", what, "--data", data, "--format", "csv")
		if !strings.Contains(csv, "disaster recovery") && !strings.Contains(csv, id(5)) {
			t.Errorf("%s as CSV: %s", what, csv)
		}
		tab := must(t, "library", what, "--data", data)
		if strings.Contains(tab, id(5)) || strings.Contains(tab, id(6)) || !strings.Contains(tab, shortID(id(5))) && !strings.Contains(tab, shortID(id(6))) {
			t.Errorf("%s as a table has not the short ids: %s", what, tab)
		}
	}

	// What is set is another version, is listed, and survives the same import.
	set := parsed[[]engine.Entry](t, must(t, "library", "set", shortID(id(5)), id(4), "--data", data, "--format", "json", "--visibility", "internal", "--owner", "olga",
		"--product", "Quay", "--product", "Harbour", "--language", "de", "--reviewed", "2026-05-01", "--review-by", "2027-05-01"))
	if len(set) != 2 || set[0].ID != id(5) || set[0].Version != 2 || set[0].Visibility != engine.VisibilityInternal || set[1].Owner != "olga" || !slices.Equal(set[1].Products, []string{"Quay", "Harbour"}) {
		t.Errorf("set: %+v", set)
	}
	for _, filter := range [][]string{{"--visibility", "internal", "--owner", "olga"}, {"--product", "Quay"}, {"--language", "de"}} {
		if got := parsed[[]engine.Entry](t, must(t, append([]string{"library", "list", "--data", data, "--format", "json"}, filter...)...)); len(got) != 2 {
			t.Errorf("list %v: %d entries, want 2", filter, len(got))
		}
	}
	if got := parsed[[]engine.Entry](t, must(t, "library", "list", "--data", data, "--format", "json", "--visibility", "unmarked")); len(got) != 2 {
		t.Errorf("%d unmarked entries, want 2", len(got))
	}
	shown := must(t, "library", "show", shortID(id(5)), "--data", data)
	for _, want := range []string{id(5), "Version 2", "Version 1", "+ internal", "+ Quay, Harbour", "+ olga", "review by    2027-05-01"} {
		if !strings.Contains(shown, want) {
			t.Errorf("show has not %q:\n%s", want, shown)
		}
	}
	if x := parsed[shownEntry](t, must(t, "library", "show", id(5), "--data", data, "--format", "json")); len(x.Versions) != 2 || x.Versions[1].By == "" || len(x.Versions[1].Changes) != 6 {
		t.Errorf("show as JSON: %+v", x)
	}
	must(t, "library", "set", id(5), "--data", data, "--product", "all", "--review-by", "none", "--visibility", "unmarked", "--if-version", "2")
	if got := parsed[[]engine.Entry](t, must(t, "library", "list", "--data", data, "--format", "json", "--product", "Quay")); len(got) != 1 {
		t.Errorf("%d entries of Quay, want 1", len(got))
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"Nothing":      {[]string{"library", "set", id(5)}, "there is nothing to set"},
		"Visibility":   {[]string{"library", "set", id(5), "--visibility", "secret"}, "public, nda, internal or unmarked"},
		"ListedSo":     {[]string{"library", "list", "--visibility", "secret"}, "public, nda, internal or unmarked"},
		"Language":     {[]string{"library", "set", id(5), "--language", "German"}, "code of two small letters"},
		"Day":          {[]string{"library", "set", id(5), "--review-by", "soon"}, "a day of the calendar"},
		"DayBefore":    {[]string{"library", "set", id(4), "--review-by", "2026-01-01"}, "before the day it was last reviewed"},
		"OldVersion":   {[]string{"library", "set", id(5), "--owner", "x", "--if-version", "1"}, "is at version 3, and you saw version 1"},
		"ManyVersions": {[]string{"library", "set", id(5), id(4), "--owner", "x", "--if-version", "1"}, "goes with one entry"},
		"Unknown":      {[]string{"library", "set", "00000000-0000-0000-0000-000000000000", "--owner", "x"}, "there is no such thing"},
		"UnknownEnd":   {[]string{"library", "show", "ffffffffffff"}, "whose id ends in"},
		"ShortEnd":     {[]string{"library", "show", "ff"}, "at least its last 6"},
		"StaleOn":      {[]string{"library", "stale", "--on", "never"}, "a day of the calendar"},
		"StaleAge":     {[]string{"library", "stale", "--max-age=-1"}, "from 0 to"},
	} {
		code, _, stderr := vouch(t, append(c.args, "--data", data)...)
		if code != exitRefused || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit %d: %s, want %q", name, code, stderr, c.says)
		}
	}
	must(t, "audit", "verify", "--data", data)
}

func TestProposalsAreDecided(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "library", "import", writeFile(t, "list.csv", teamList), "--data", data)
	s, err := store.Open(t.Context(), filepath.Join(data, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range []engine.Entry{
		{Question: "Is customer data encrypted at rest?", Verdict: engine.VerdictYes, Text: "AES-256 with keys in an HSM."},
		{Question: "Is customer data encrypted at rest?", Verdict: engine.VerdictNo, Text: "Not all of it."},
		{Question: "Who leads security?", Text: "The head of security, who reports to the board."},
	} {
		p, made, err := engine.ProposeEntry(t.Context(), s, "default", engine.ApprovedAnswer{Entry: e, Questionnaire: "q", Question: "n", By: "user:ann"})
		if err != nil || !made {
			t.Fatalf("made %v (%v)", made, err)
		}
		ids = append(ids, p.ID)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open := func() []engine.EntryProposal {
		return parsed[[]engine.EntryProposal](t, must(t, "library", "proposals", "--data", data, "--format", "json"))
	}
	if got := open(); len(got) != 3 || got[0].Kind != engine.ProposalWording || got[1].Kind != engine.ProposalConflict || got[2].Kind != engine.ProposalNew {
		t.Fatalf("open: %+v", got)
	}
	if out := must(t, "library", "proposals", "accept", shortID(ids[0]), ids[2], "--data", data, "--note", "better", "--review-by", "2099-01-01"); !strings.Contains(out, "is at version 2") || !strings.Contains(out, "is at version 1") {
		t.Errorf("accept: %s", out)
	}
	for question, want := range map[string]string{"Is customer data encrypted at rest?": "keys in an HSM", "Who leads security?": "reports to the board"} {
		found := parsed[[]engine.Passage](t, must(t, "library", "search", question, "--data", data, "--format", "json"))
		if len(found) == 0 || !strings.Contains(found[0].Entry.Text, want) || found[0].Entry.ReviewedAt == nil || day(found[0].Entry.ReviewBy) != "2099-01-01" {
			t.Errorf("%s: %+v, want what was accepted", question, found)
		}
	}
	anew := open()
	if len(anew) != 1 || anew[0].ID == ids[1] || anew[0].Proposed.Version != 2 {
		t.Fatalf("open: %+v, want the conflict, against the new version", anew)
	}
	if code, _, stderr := vouch(t, "library", "proposals", "accept", ids[0], "--data", data); code != exitRefused || !strings.Contains(stderr, "decided already") {
		t.Errorf("accepted again: exit %d: %s", code, stderr)
	}
	must(t, "library", "set", anew[0].Proposed.ID, "--owner", "olga", "--data", data)
	if code, _, stderr := vouch(t, "library", "proposals", "accept", anew[0].ID, "--data", data); code != exitRefused || !strings.Contains(stderr, "is at version 3, and you saw version 2") {
		t.Errorf("accepted against an older version: exit %d: %s", code, stderr)
	}
	if code, _, stderr := vouch(t, "library", "proposals", "accept", ids[0], ids[1], "--against", "3", "--data", data); code != exitRefused || !strings.Contains(stderr, "goes with one proposal") {
		t.Errorf("one version for two: exit %d: %s", code, stderr)
	}
	must(t, "library", "proposals", "reject", shortID(anew[0].ID), "--data", data, "--note", "it is encrypted")
	if got := open(); len(got) != 0 {
		t.Errorf("open: %+v", got)
	}
	if csv := must(t, "library", "proposals", "--state", "all", "--kind", "conflict", "--format", "csv", "--data", data); strings.Count(csv, "conflict") != 2 || !strings.Contains(csv, "superseded") || !strings.Contains(csv, "rejected") {
		t.Errorf("as CSV: %s", csv)
	}
	must(t, "audit", "verify", "--data", data)
	must(t, "doctor", "--data", data)
}
