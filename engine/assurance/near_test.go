package assurance

import (
	"os"
	"strings"
	"testing"
)

// nearCase is a question that only looks like one for the register, or a plain
// one among such.
type nearCase struct {
	questionCase
	OrVerdict string `json:"or_verdict"` // of a question not to be taken: the verdict that would be right as well
}

// TestNearMisses holds the replies to sets that are made to mislead: most of
// their questions use the words of report questions and ask something that no
// register knows. What counts is how many of all questions get a wrong reply.
func TestNearMisses(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		file   string
		cases  int
		wrong  float64 // share of all questions with a wrong reply, at most
		recall float64 // share of questions for the register with a right one, at least
	}{
		{"near-questions-1.json", 400, 0.03, 0.80},
		{"near-questions-2.json", 400, 0.03, 0.80},
		{"near-questions-3.json", 400, 0.03, 0.80},
	} {
		t.Run(set.file, func(t *testing.T) {
			t.Parallel()
			var list struct {
				Registers map[string]*Register `json:"registers"`
				Cases     []nearCase           `json:"cases"`
			}
			readJSON(t, set.file, &list)
			if len(list.Cases) < set.cases {
				t.Fatalf("%d cases", len(list.Cases))
			}
			wrong, traps, right, asked := 0, 0, 0, 0
			for i := range list.Cases {
				c := &list.Cases[i]
				r, taken := list.Registers[c.Register].Reply(c.Question, c.Reader, today)
				why := ""
				if c.Taken {
					asked++
				}
				switch {
				case taken && c.Taken:
					if why = c.wrong(r); why == "" {
						right++
					}
				case taken && c.OrVerdict != "" && r.Verdict == c.OrVerdict:
				case taken:
					traps++
					why = "taken"
				}
				if why != "" {
					wrong++
				} else if c.Taken && !taken && os.Getenv("VOUCH_SHOW") == "2" {
					t.Logf("not taken: %s: %q", c.Register, c.Question)
				}
				if why != "" && os.Getenv("VOUCH_SHOW") != "" {
					t.Errorf("%s: %q: %s: want taken %v %s %q, not %q; got %v %s: %s", c.Register, c.Question, why, c.Taken, c.Verdict, c.Must, c.MustNot, r.Topics, r.Verdict, r.Text)
				}
			}
			all := len(list.Cases)
			t.Logf("%d questions, %d not for the register: %d wrong replies (%.3f), %d of them to those; right to %d of %d others (%.3f)",
				all, all-asked, wrong, ratio(wrong, all), traps, right, asked, ratio(right, asked))
			if ratio(wrong, all) > set.wrong || ratio(right, asked) < set.recall {
				t.Errorf("want at most %.2f wrong and at least %.2f right", set.wrong, set.recall)
			}
		})
	}
}

// correctionCase is a draft that must be left alone, or that is wrong in one
// point.
type correctionCase struct {
	Name      string    `json:"name"`
	Register  string    `json:"register"`
	Statement Statement `json:"statement"`
	Leave     bool      `json:"leave"`
	Must      []string  `json:"must"`
	MustNot   []string  `json:"must_not"`
}

// corrected applies what the check corrects by itself, as package engine does:
// until nothing is left to correct, a few rounds at most.
func corrected(c *Checker, s Statement) (Statement, []Finding) {
	var all []Finding
	for range 4 {
		again := false
		for _, f := range c.Check(s) {
			all = append(all, f)
			if f.Severity != Correct {
				continue
			}
			again = true
			if f.Verdict != "" {
				s.Verdict = f.Verdict
			}
			switch {
			case f.Words != "" && f.Proposal != "":
				s.Text = strings.Replace(s.Text, f.Words, f.Proposal, 1)
			case f.Proposal != "":
				s.Text = strings.TrimSpace(s.Text + " " + f.Proposal)
			}
		}
		if !again {
			break
		}
	}
	return s, all
}

// TestCorrectionsLeaveTrueTextsAlone holds what the check changes by itself to
// sets of true texts that look as if they needed it, with some that do. A text
// that is made false is worse than any other mistake here.
func TestCorrectionsLeaveTrueTextsAlone(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		file   string
		cases  int
		spoilt float64 // share of true texts that are changed, at most
		alarms float64 // share of true texts that are blocked, at most
		caught float64 // share of wrong ones that are put right or blocked, at least
	}{
		{"corrections-1.json", 350, 0, 0.20, 0.85},
		{"corrections-2.json", 350, 0.01, 0.20, 0.85},
	} {
		t.Run(set.file, func(t *testing.T) {
			t.Parallel()
			var list struct {
				Registers map[string]*Register `json:"registers"`
				Cases     []correctionCase     `json:"cases"`
			}
			readJSON(t, set.file, &list)
			if len(list.Cases) < set.cases {
				t.Fatalf("%d cases", len(list.Cases))
			}
			checkers := map[string]*Checker{}
			fine, spoilt, alarms, faulty, put, blocked, botched := 0, 0, 0, 0, 0, 0, 0
			for i := range list.Cases {
				c := &list.Cases[i]
				if checkers[c.Register] == nil {
					checkers[c.Register] = NewChecker(list.Registers[c.Register], today)
				}
				after, findings := corrected(checkers[c.Register], c.Statement)
				changed := after.Text != c.Statement.Text || after.Verdict != c.Statement.Verdict
				held := false
				for _, f := range findings {
					held = held || f.Severity == Block
				}
				why := ""
				if c.Leave {
					fine++
					if held {
						alarms++
						why = "blocked"
					} else if changed {
						spoilt++
						why = "changed"
					}
				} else {
					faulty++
					switch {
					case held:
						blocked++
					case !changed:
						why = "not caught"
					case says(after.Text, c):
						put++
					default:
						botched++
						why = "put wrong"
					}
				}
				if why != "" && os.Getenv("VOUCH_SHOW") != "" {
					t.Errorf("%s %s: %q asked %q: %s, must %q not %q: now %s %q\n\t%+v", c.Name, c.Register, c.Statement.Text, c.Statement.Question, why, c.Must, c.MustNot, after.Verdict, after.Text, findings)
				}
			}
			t.Logf("%d true texts: %d changed, %d blocked; %d wrong ones: %d put right, %d blocked, %d put wrong, %d not seen", fine, spoilt, alarms, faulty, put, blocked, botched, faulty-put-blocked-botched)
			if ratio(spoilt, fine) > set.spoilt || ratio(alarms, fine) > set.alarms || ratio(put+blocked, faulty) < set.caught {
				t.Errorf("want at most %.2f changed and %.2f blocked, and at least %.2f caught", set.spoilt, set.alarms, set.caught)
			}
		})
	}
}

func says(text string, c *correctionCase) bool {
	lower := strings.ToLower(text)
	for _, m := range c.Must {
		if !strings.Contains(lower, strings.ToLower(m)) {
			return false
		}
	}
	for _, m := range c.MustNot {
		if strings.Contains(lower, strings.ToLower(m)) {
			return false
		}
	}
	return true
}
