package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/index"
)

// fortress is a library of one entry that no word of the question below finds.
const fortress = "question,answer\nDo you use a web application firewall?,Yes. In front of every public service.\nIs MFA enforced?,Yes for all staff.\n"

// TestLexiconCompanyWord: a word of the company is taught, and a question with
// it finds the past answer, in that workspace only, also after reopening.
func TestLexiconCompanyWord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := filepath.Join(dir, "past.csv")
	if err := os.WriteFile(list, []byte(fortress), 0o600); err != nil {
		t.Fatal(err)
	}
	in := func(workspace string, args ...string) []string {
		return append(args, "--data", filepath.Join(dir, "data"), "--workspace", workspace)
	}
	const question, want = "Is Fortress deployed?", "Do you use a web application firewall?"
	finds := func(workspace string) bool {
		return strings.Contains(must(t, in(workspace, "library", "search", question)...), want)
	}
	for _, w := range []string{"ours", "theirs"} {
		must(t, in(w, "library", "import", list)...)
		if finds(w) {
			t.Fatalf("%s: it is found before anything was taught", w)
		}
	}
	if got := must(t, in("ours", "lexicon", "add", "waf: Fortress")...); !strings.Contains(got, "stored") {
		t.Errorf("add says %q", got)
	}
	if got := must(t, in("ours", "lexicon", "add", "WAF: fortress")...); !strings.Contains(got, "nothing changed") {
		t.Errorf("adding it again says %q", got)
	}
	if !finds("ours") {
		t.Error("the taught word does not find the answer")
	}
	if finds("theirs") {
		t.Error("another workspace learned it too")
	}
	must(t, in("ours", "lexicon", "remove", "waf")...)
	if finds("ours") {
		t.Error("it is still found after the word was removed")
	}
}

// TestLexiconRefusesWhole: of a file with a contradiction nothing is stored,
// and each line that does not fit is named with its number in the file.
func TestLexiconRefusesWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	file := filepath.Join(dir, "words.txt")
	text := "# ours\nwaf: Fortress\nshield: web application firewall\n[joins]\nspare: back up\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := vouch(t, "lexicon", "add", "--file", file, "--data", data)
	if code != exitRefused || !strings.Contains(stderr, "line 3") || !strings.Contains(stderr, "line 5") || !strings.Contains(stderr, `"waf"`) || strings.Contains(stderr, "line 2:") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if got := must(t, "lexicon", "list", "--own", "--format", "json", "--data", data); strings.TrimSpace(got) != "[]" {
		t.Errorf("something was stored: %s", got)
	}
}

func TestLexiconUsage(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "lexicon", "add", "waf: Fortress", "--data", data)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing to add":       {[]string{"lexicon", "add"}, "give one line"},
		"two lines at once":    {[]string{"lexicon", "add", "a: b\nc: d"}, "more than one line"},
		"no colon":             {[]string{"lexicon", "add", "Fortress"}, "colon"},
		"no file":              {[]string{"lexicon", "add", "--file", "/nowhere/words.txt"}, "words.txt"},
		"nothing to remove":    {[]string{"lexicon", "remove"}, "--all"},
		"not its own":          {[]string{"lexicon", "remove", "mfa"}, "list --own"},
		"one of two is wrong":  {[]string{"lexicon", "remove", "waf", "--section", "joins"}, "joins"},
		"no library to change": {[]string{"lexicon", "remove", "waf", "--data", data + "-other"}, "no library"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := c.args
			if !strings.Contains(strings.Join(args, " "), "--data") {
				args = append(args, "--data", data)
			}
			code, _, stderr := vouch(t, args...)
			if code != exitRefused || !strings.Contains(stderr, c.says) {
				t.Errorf("exit %d, %q does not say %q", code, stderr, c.says)
			}
		})
	}
}

func TestLexiconShows(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, "lexicon", "add", "waf: Fortress; -RASP", "--data", data)
	for name, c := range map[string]struct {
		args       []string
		want, miss string
	}{
		"one concept":         {[]string{"list", "--concept", "WAF"}, "Fortress*", "RASP"},
		"by a word":           {[]string{"list", "--grep", "fortress"}, "waf", "mfa"},
		"its own":             {[]string{"list", "--own"}, "Fortress; -RASP", "application firewall"},
		"a text":              {[]string{"test", "Is Fortress reviewed at least annually under SOC 2?"}, "waf, by Fortress*", "against"},
		"times":               {[]string{"test", "Is Fortress reviewed at least annually under SOC 2?"}, "at least annually", "none"},
		"standards":           {[]string{"test", "Is Fortress reviewed at least annually under SOC 2?"}, "SOC 2", "none"},
		"what two share":      {[]string{"test", "Is Fortress on?", "Is a web application firewall used?"}, "waf", "opposite"},
		"what speaks against": {[]string{"test", "Are backups encrypted?", "Are backups unencrypted?"}, "opposite polarity", "word for word"},
		"the same":            {[]string{"test", "Are backups encrypted?", "are backups encrypted"}, "word for word", "opposite polarity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := must(t, append(append([]string{"lexicon"}, c.args...), "--data", data)...)
			if !strings.Contains(got, c.want) || strings.Contains(got, c.miss) {
				t.Errorf("want %q and no %q in\n%s", c.want, c.miss, got)
			}
		})
	}
	var r struct {
		First index.TextReading     `json:"first"`
		Both  *index.TextComparison `json:"both"`
	}
	if err := json.Unmarshal([]byte(must(t, "lexicon", "test", "MFA?", "2FA?", "--format", "json", "--data", data)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.First.Concepts) != 1 || r.First.Concepts[0].Name != "mfa" || r.Both == nil || len(r.Both.Concepts) != 1 {
		t.Errorf("got %+v", r)
	}
}
