package index

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// small is a lexicon with one line of each section.
const small = `[concepts]
waf: web application firewall; application firewall
backup: backup; ~copy data
mfa: MFA; second factor
[joins]
backup: back up; back ups
[acronyms]
ID
[weak]
please
[opposites]
open: open | closed
[contrasts]
region: europe | america`

func smallLexicon(t testing.TB) *Lexicon {
	t.Helper()
	l, err := ParseLexicon(small)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func conceptNames(l *Lexicon, text string) []string {
	var names []string
	for _, c := range l.Read(text).Concepts {
		names = append(names, c.Name)
	}
	return names
}

func TestOverlayAdds(t *testing.T) {
	t.Parallel()
	base := smallLexicon(t)
	for name, c := range map[string]struct {
		overlay, text string
		want          []string
	}{
		"a phrase to a concept":              {"waf: Fortress", "Is Fortress on?", []string{"waf"}},
		"a name in any case":                 {"WAF: Fortress", "Is Fortress on?", []string{"waf"}},
		"what was there stays":               {"waf: Fortress", "An application firewall", []string{"waf"}},
		"a new concept":                      {"[concepts]\nledger: Ledger; books", "the books", []string{"ledger"}},
		"phrases on two lines of one name":   {"ledger: Ledger\nledger: books", "the books", []string{"ledger"}},
		"a loose phrase":                     {"ledger: ~book keep", "keep the book", []string{"ledger"}},
		"a join":                             {"[joins]\nbackup: rear up", "rear up", []string{"backup"}},
		"an acronym":                         {"[acronyms]\nXDR\n[concepts]\nxdr: xdr", "XDRs", []string{"xdr"}},
		"a phrase that moved":                {"waf: -application firewall\nledger: application firewall", "application firewall", []string{"ledger"}},
		"a phrase that is gone":              {"waf: -application firewall", "application firewall", nil},
		"the last phrase taken away":         {"mfa: -MFA; -second factor; token", "token", []string{"mfa"}},
		"carriage returns and a byte order":  {"\ufeffwaf: Fortress\r\n# note\r\n", "Fortress", []string{"waf"}},
		"what is there already, once more":   {"waf: application firewall", "application firewall", []string{"waf"}},
		"a phrase and its loose form, alike": {"waf: ~application firewall", "firewall of the application", []string{"waf"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, problems := base.Overlay(c.overlay)
			if len(problems) > 0 {
				t.Fatalf("does not fit: %v", problems)
			}
			if got := conceptNames(l, c.text); !slices.Equal(got, c.want) {
				t.Errorf("%q has %v, want %v", c.text, got, c.want)
			}
		})
	}
	if got := conceptNames(base, "Is Fortress on?"); got != nil {
		t.Errorf("the shipped lexicon was changed: %v", got)
	}
}

func TestOverlayAddsSides(t *testing.T) {
	t.Parallel()
	base := smallLexicon(t)
	for name, c := range map[string]struct{ overlay, a, b, want string }{
		"to a shipped opposite":     {"[opposites]\nopen: ajar |", "Is it ajar?", "Is it closed?", "opposite polarity"},
		"to a shipped contrast":     {"[contrasts]\nregion: | brazil", "Is it in europe?", "Is it in brazil?", "europe against america"},
		"a new contrast":            {"[contrasts]\nedition: Blue | Green", "Is Blue safe?", "Is Green safe?", "Blue against Green"},
		"a new contrast, two lines": {"[contrasts]\nedition: Blue | Green\nedition: Azure |", "Is Azure safe?", "Is Green safe?", "Blue against Green"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, problems := base.Overlay(c.overlay)
			if len(problems) > 0 {
				t.Fatalf("does not fit: %v", problems)
			}
			if got := l.Compare(c.a, c.b).Against; !slices.Equal(got, []string{c.want}) {
				t.Errorf("got %v, want %q", got, c.want)
			}
			if got := base.Compare(c.a, c.b).Against; got != nil {
				t.Errorf("the shipped lexicon finds it as well: %v", got)
			}
		})
	}
}

// TestOverlayContradictions: what contradicts is left out, the rest is in, and
// the problem names both places.
func TestOverlayContradictions(t *testing.T) {
	t.Parallel()
	base := smallLexicon(t)
	for name, c := range map[string]struct {
		overlay string
		line    int
		want    []string // in the sentence
	}{
		"phrase of another concept":         {"fit: fits\nfortress: application firewall", 2, []string{`"application firewall"`, `concept "waf"`, "line 2 of the shipped"}},
		"loose in one, strict in the other": {"fit: fits\nx: ~web application firewall", 2, []string{"already", `concept "waf"`}},
		"strict in one, loose in the other": {"fit: fits\nx: copy data", 2, []string{"already", `concept "backup"`}},
		"phrase of another line of its own": {"fit: fits\na: alpha\nb: alpha", 3, []string{`concept "a"`, "line 2 of your own"}},
		"both sides of an opposite":         {"fit: fits\n[opposites]\nopen: closed |", 3, []string{`opposite "open"`, "line 12 of the shipped"}},
		"both sides of its own":             {"fit: fits\n[contrasts]\nx: alpha | alpha", 3, []string{`contrast "x"`, "line 3 of your own"}},
		"a join to something else":          {"fit: fits\n[joins]\nspare: back up", 3, []string{`"back up"`, `join "backup"`, "line 6 of the shipped"}},
		"a join of three words":             {"fit: fits\n[joins]\nspare: a spare copy", 3, []string{"one or two words"}},
		"a join that merges two concepts":   {"fit: fits\n[joins]\nmfa: backup", 3, []string{"different phrases"}},
		"nothing to take away":              {"fit: fits\nwaf: -shield", 2, []string{`"shield"`, "take away"}},
		"no words":                          {"fit: fits\nx: of the", 2, []string{"no words"}},
		"no colon":                          {"fit: fits\nx", 2, []string{"colon"}},
		"no phrases":                        {"fit: fits\nx: ;", 2, []string{"no phrases"}},
		"an unknown section":                {"fit: fits\n[nonsense]\nx: y", 2, []string{"[nonsense]", "opposites"}},
		"sides of a concept":                {"fit: fits\nx: a | b", 2, []string{"sides"}},
		"three sides of an opposite":        {"fit: fits\n[opposites]\nx: a | b | c", 3, []string{"two of an opposite"}},
		"an empty side of a new line":       {"fit: fits\n[contrasts]\nx: alpha |", 3, []string{"every side"}},
		"a third side of two":               {"fit: fits\n[contrasts]\nregion: | | asia", 3, []string{"2 sides"}},
		"a phrase too long":                 {"fit: fits\nx: " + strings.Repeat("y", 201), 2, []string{"200"}},
		"too many phrases":                  {"fit: fits\nx: " + strings.Repeat("y;", maxOverlayPhrases), 2, []string{"20000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, problems := base.Overlay(c.overlay)
			if len(problems) == 0 {
				t.Fatal("it was taken")
			}
			if got := problems[0]; got.Line != c.line {
				t.Errorf("line %d, want %d: %v", got.Line, c.line, got)
			}
			for _, w := range c.want {
				if !strings.Contains(problems[0].Text, w) {
					t.Errorf("%q does not say %q", problems[0].Text, w)
				}
			}
			if got := conceptNames(l, "it fits"); !slices.Equal(got, []string{"fit"}) {
				t.Errorf("the line that fits is not in: %v", got)
			}
			if got := conceptNames(l, "application firewall, back ups"); !slices.Equal(got, []string{"waf", "backup"}) {
				t.Errorf("the shipped lexicon is not whole: %v", got)
			}
		})
	}
}

func TestOverlayEditing(t *testing.T) {
	t.Parallel()
	base := smallLexicon(t)
	text := ""
	for _, step := range []struct{ name, add, want string }{
		{"first", "waf: Fortress", "[concepts]\nwaf: Fortress\n"},
		{"the same again", "WAF:  fortress ", "[concepts]\nwaf: Fortress\n"},
		{"what is shipped", "waf: application firewall", "[concepts]\nwaf: Fortress\n"},
		{"more of the line", "waf: Fortress; Shield", "[concepts]\nwaf: Fortress; Shield\n"},
		{"another section", "[contrasts]\nregion: | brazil", "[concepts]\nwaf: Fortress; Shield\n[contrasts]\nregion:  | brazil\n"},
		{"its own phrase away", "waf: -Shield", "[concepts]\nwaf: Fortress\n[contrasts]\nregion:  | brazil\n"},
		{"a shipped phrase away", "waf: -application firewall", "[concepts]\nwaf: Fortress; -application firewall\n[contrasts]\nregion:  | brazil\n"},
		{"and back", "waf: application firewall", "[concepts]\nwaf: Fortress\n[contrasts]\nregion:  | brazil\n"},
	} {
		got, problems := base.AddToOverlay(text, "concepts", step.add)
		if len(problems) > 0 || got != step.want {
			t.Fatalf("%s: got %q (%v), want %q", step.name, got, problems, step.want)
		}
		if again, _ := base.AddToOverlay(got, "concepts", ""); again != got {
			t.Errorf("%s: written anew it is %q", step.name, again)
		}
		text = got
	}
	if _, problems := base.AddToOverlay(text, "concepts", "x: ok\ny: Fortress"); len(problems) != 1 || problems[0].Line != 2 || !strings.Contains(problems[0].Text, "line 2 of your own") {
		t.Errorf("a contradiction with its own line: got %v", problems)
	}
	for _, step := range []struct {
		section, line string
		gone          int
	}{{"concepts", "waf: Shield", 0}, {"concepts", "nothing", 0}, {"contrasts", "region", 1}, {"concepts", "WAF: fortress", 1}, {"concepts", "waf", 0}} {
		got, n, err := RemoveFromOverlay(text, step.section, step.line)
		if n != step.gone || err != nil {
			t.Errorf("remove %q: %d gone (%v), want %d", step.line, n, err, step.gone)
		}
		text = got
	}
	if text != "" {
		t.Errorf("left over: %q", text)
	}
}

func FuzzOverlay(f *testing.F) {
	base, err := ParseLexicon(small)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"waf: Fortress", "[joins]\nx: y z", "[opposites]\na: b | -c", "[weak]\n-please; x", "[contrasts]\nregion: -europe | ~x y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, _ := base.Overlay(text)
		l.Compare("Is the web application firewall open in europe?", text)
		l.Lines()
		merged, problems := base.AddToOverlay("", "concepts", text)
		if len(problems) > 0 {
			return
		}
		if _, problems := base.Overlay(merged); len(problems) > 0 {
			t.Errorf("%q was taken, and is refused as %q: %v", text, merged, problems)
		}
		if again, _ := base.AddToOverlay(merged, "concepts", text); again != merged {
			t.Logf("%q added twice", text)
		}
	})
}

// wafLibrary fills a source with an entry about the web application firewall
// and some others.
func wafLibrary(s *fakeSource, workspaces ...string) {
	for _, ws := range workspaces {
		for id, q := range map[string]string{
			"waf": "Do you use a web application firewall?", "mfa": "Is MFA enforced for all staff?",
			"bak": "Are backups tested every year?", "pol": "Do you have a security policy?",
		} {
			s.putEntry(ws, engine.Entry{ID: id, Version: 1, Question: q, Verdict: engine.VerdictYes, Text: "Yes."})
		}
	}
}

func (s *fakeSource) tune(ws string, t engine.Tuning) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.tunings[ws].Lexicon != t.Lexicon
	s.tunings[ws] = t
	s.changed(ws, engine.ChangeTuning, "", false)
	for id := range s.entries {
		if kind, entry := splitPassageID(id); again && strings.HasPrefix(id, scope(ws)) {
			s.changed(ws, kind, entry, false)
		}
	}
}

// firstFor returns the id and confidence of the best entry.
func firstFor(t *testing.T, x *Index, ws, question string) (string, float64) {
	t.Helper()
	list, err := x.Retrieve(t.Context(), ws, engine.Query{Text: question})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return "", 0
	}
	return list[0].Entry.ID, list[0].Confidence
}

// TestCompanyWord: a word of the company finds what it stands for, in its
// workspace only, as soon as the change is applied, and after opening again.
func TestCompanyWord(t *testing.T) {
	t.Parallel()
	s := newFakeSource()
	wafLibrary(s, "ours", "theirs")
	dir := t.TempDir()
	open := func() *Index {
		x, err := Open(t.Context(), dir, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	const question = "Is Fortress deployed?"
	expect := func(x *Index, ws, want string) {
		t.Helper()
		if got, _ := firstFor(t, x, ws, question); got != want {
			t.Errorf("in %q: found %q, want %q", ws, got, want)
		}
	}
	x := open()
	expect(x, "ours", "")
	s.tune("ours", engine.Tuning{Lexicon: "waf: Fortress"})
	expect(x, "ours", "") // not before the change is applied
	if err := x.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(x, "ours", "waf")
	expect(x, "theirs", "")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open()
	if r := x.Status().Reason; r != ReasonNone {
		t.Errorf("rebuilt: %s", r)
	}
	expect(x, "ours", "waf")
	expect(x, "theirs", "")
	s.tune("ours", engine.Tuning{})
	if err := errors.Join(x.Sync(t.Context())); err != nil {
		t.Fatal(err)
	}
	expect(x, "ours", "")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestMisfitsAreLoggedWithoutText: an overlay from before an update does not
// keep the index from working, and its words are not in the log.
func TestMisfitsAreLoggedWithoutText(t *testing.T) {
	t.Parallel()
	s := newFakeSource()
	wafLibrary(s, "ours")
	s.tune("ours", engine.Tuning{Lexicon: "waf: Fortress\nsecretname: web application firewall\n"})
	var log bytes.Buffer
	x, err := Open(t.Context(), "", s, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if got, _ := firstFor(t, x, "ours", "Is Fortress deployed?"); got != "waf" {
		t.Errorf("found %q by the line that fits", got)
	}
	if got := log.String(); strings.Count(got, "line=2") != 1 || strings.Contains(got, "secretname") || strings.Contains(got, "firewall") {
		t.Errorf("the log says %s", got)
	}
}

// TestCalibrationOfAWorkspace: it moves the confidence of its own workspace,
// keeps the order and the caps, and nil brings the shipped one back.
func TestCalibrationOfAWorkspace(t *testing.T) {
	t.Parallel()
	s := newFakeSource()
	wafLibrary(s, "ours", "theirs")
	x, err := Open(t.Context(), "", s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	const question = "Do you use web application firewalls?"
	shipped := map[string]float64{}
	for _, ws := range []string{"ours", "theirs"} {
		_, shipped[ws] = firstFor(t, x, ws, question)
	}
	for _, step := range []struct {
		name string
		c    *engine.Calibration
		is   func(got, shipped float64) bool
	}{
		{"lower", &engine.Calibration{Slope: 1, Bias: -2}, func(got, shipped float64) bool { return got < shipped-0.1 }},
		{"capped", &engine.Calibration{Slope: 1, Bias: 40}, func(got, _ float64) bool { return got == maxInexact }},
		{"shipped", nil, func(got, shipped float64) bool { return got == shipped }},
	} {
		if step.c != nil {
			step.c.Questions, step.c.Questionnaires, step.c.MadeAt = 10, 1, someday
		}
		s.tune("ours", engine.Tuning{Calibration: step.c})
		if err := x.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		id, got := firstFor(t, x, "ours", question)
		if id != "waf" || !step.is(got, shipped["ours"]) {
			t.Errorf("%s: %s with %.3f, shipped %.3f", step.name, id, got, shipped["ours"])
		}
		if _, got := firstFor(t, x, "theirs", question); got != shipped["theirs"] {
			t.Errorf("%s: the other workspace moved from %.3f to %.3f", step.name, shipped["theirs"], got)
		}
	}
}

func TestRecalibrated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    float64
		c    *engine.Calibration
		want float64
	}{
		{0.7, nil, 0.7},
		{0.7, &engine.Calibration{Slope: 1}, 0.7},
		{0.5, &engine.Calibration{Slope: 3}, 0.5},
		{0.5, &engine.Calibration{Slope: 1, Bias: 1}, logistic(1)},
		{0.8, &engine.Calibration{Slope: 2}, 16.0 / 17},
		{0, &engine.Calibration{Slope: 2, Bias: 5}, 0},
		{1, &engine.Calibration{Slope: 2, Bias: -5}, 1},
	} {
		if got := recalibrated(c.p, c.c); got < c.want-1e-12 || got > c.want+1e-12 {
			t.Errorf("%g with %+v: got %g, want %g", c.p, c.c, got, c.want)
		}
	}
}

var someday = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
