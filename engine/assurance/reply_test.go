package assurance

import (
	"os"
	"strings"
	"testing"
)

type questionCase struct {
	Name     string   `json:"name"`
	Register string   `json:"register"`
	Question string   `json:"question"`
	Reader   Reader   `json:"reader"`
	Taken    bool     `json:"taken"`   // false: not a question for the register
	Verdict  string   `json:"verdict"` // "*": anything but yes; "?": any
	Must     []string `json:"must"`    // what a right answer says, whatever the case
	MustNot  []string `json:"must_not"`
}

type questionSet struct {
	Registers map[string]*Register `json:"registers"`
	Cases     []questionCase       `json:"cases"`
}

// wrong returns what is wrong with a reply, "" if nothing is.
func (c *questionCase) wrong(r Reply) string {
	switch {
	case c.Verdict == "*" && r.Verdict == "yes", c.Verdict != "*" && c.Verdict != "?" && r.Verdict != c.Verdict:
		return "verdict " + r.Verdict
	}
	text := strings.ToLower(r.Text)
	for _, m := range c.Must {
		if !strings.Contains(text, strings.ToLower(m)) {
			return "does not say " + m
		}
	}
	for _, m := range c.MustNot {
		if strings.Contains(text, strings.ToLower(m)) {
			return "says " + m
		}
	}
	return ""
}

// TestReplies holds the answers from the register to questions in many
// wordings. questions.json is the set they were written on; the others were
// written by other hands, and the package's documentation says what each showed
// when first run. Precision is the share of replies
// that are right, recall the share of questions for the register that get a
// right one.
func TestReplies(t *testing.T) {
	t.Parallel()
	for _, set := range []struct {
		file              string
		cases             int
		precision, recall float64
	}{
		{"questions.json", 200, 0.99, 0.98},
		{"questions-2.json", 500, 0.98, 0.93},
		{"questions-3.json", 500, 0.96, 0.87},
		{"questions-4.json", 200, 0.97, 0.94},
		{"questions-5.json", 400, 0.98, 0.97},
		{"questions-6.json", 400, 0.98, 0.97},
		{"questions-7.json", 400, 0.98, 0.97},
	} {
		t.Run(set.file, func(t *testing.T) {
			t.Parallel()
			var list questionSet
			readJSON(t, set.file, &list)
			if len(list.Cases) < set.cases || len(list.Registers) < 6 {
				t.Fatalf("%d cases over %d registers", len(list.Cases), len(list.Registers))
			}
			var s score
			topics := map[string]int{}
			for i := range list.Cases {
				c := &list.Cases[i]
				r, taken := list.Registers[c.Register].Reply(c.Question, c.Reader, today)
				why := ""
				switch {
				case taken && !c.Taken:
					s.wrong++
					why = "taken"
				case !taken && c.Taken:
					s.missed++
					why = "not taken"
				case taken:
					for _, id := range r.Topics {
						topics[id]++
					}
					if why = c.wrong(r); why == "" {
						s.right++
					} else {
						s.wrong++
						s.missed++
					}
				}
				if why != "" && (set.precision == 1 || os.Getenv("VOUCH_SHOW") != "") {
					t.Errorf("%s: %q: %s: want %s %q, not %q; got %v %s: %s", c.Register, c.Question, why, c.Verdict, c.Must, c.MustNot, r.Topics, r.Verdict, r.Text)
				}
			}
			t.Logf("%d cases, %d topics: precision %.3f, recall %.3f", len(list.Cases), len(topics), s.precision(), s.recall())
			if s.precision() < set.precision || s.recall() < set.recall {
				t.Errorf("want precision %.2f and recall %.2f", set.precision, set.recall)
			}
		})
	}
}
