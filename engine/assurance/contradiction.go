package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Said is an answer that was given, or is about to be: in this questionnaire
// or to a customer before.
type Said struct {
	Ref      string   `json:"ref,omitempty"`      // the question's id or place
	Customer string   `json:"customer,omitempty"` // "" for the questionnaire at hand
	On       Day      `json:"on,omitzero"`
	Question string   `json:"question"`
	Verdict  string   `json:"verdict,omitempty"`
	Text     string   `json:"text,omitempty"`
	Controls []string `json:"controls,omitempty"` // nearest first
}

// Contradiction is a pair of answers to one thing that cannot both be true.
type Contradiction struct {
	A, B Said   // A is of the questionnaire at hand
	Why  string // one sentence for a reviewer
}

// Contradictions finds what in a questionnaire contradicts another answer of
// it, or what customers were told before. Two answers are about one thing if
// their questions are worded nearly alike, none asking for the opposite of the
// other, and no two controls known for them differ altogether. They contradict
// if one says yes and the other no, or one partly what the other says wholly.
func Contradictions(now, before []Said) (out []Contradiction) {
	read := func(list []Said) []wording {
		w := make([]wording, len(list))
		for i := range list {
			w[i] = newWording(&list[i])
		}
		return w
	}
	a, b := read(now), read(before)
	index := map[string][]int{} // questions of a by their rarer words
	for i := range a {
		for _, key := range a[i].keys() {
			index[key] = append(index[key], i)
		}
	}
	compare := func(i int, other *wording) {
		if why := a[i].against(other); why != "" {
			out = append(out, Contradiction{A: *a[i].said, B: *other.said, Why: why})
		}
	}
	for i := range a {
		for _, j := range a[i].near(index) {
			if j > i {
				compare(i, &a[j])
			}
		}
	}
	for j := range b {
		for _, i := range b[j].near(index) {
			compare(i, &b[j])
		}
	}
	slices.SortStableFunc(out, func(x, y Contradiction) int { return strings.Compare(x.A.Ref, y.A.Ref) })
	return out
}

// wording is a question taken apart for comparing.
type wording struct {
	said    *Said
	words   map[string]bool
	denials int
}

func newWording(s *Said) wording {
	lower := lowerASCII(s.Question)
	w := wording{said: s, words: contentWords(lower)}
	for word := range emptyWords {
		delete(w.words, word)
	}
	w.denials = len(denial.FindAllStringIndex(lower, -1)) + len(turning.FindAllStringIndex(lower, -1))
	return w
}

// keys are the words that a question is looked up by.
func (w *wording) keys() []string {
	out := make([]string, 0, len(w.words))
	for word := range w.words {
		out = append(out, word)
	}
	slices.Sort(out)
	return out
}

// near returns the questions of the index that share at least two words with
// w, or its only one.
func (w *wording) near(index map[string][]int) (out []int) {
	count := map[int]int{}
	for word := range w.words {
		for _, i := range index[word] {
			count[i]++
		}
	}
	for i, n := range count {
		if n >= min(2, len(w.words)) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}

// alike is how much of two questions' words must be common, of all that either
// has, for them to ask one thing. In the fixtures two wordings of one question
// share 0.6 and more where one says nothing else, two questions less.
const alike = 0.6

// against says why two answers contradict, "" if they do not.
func (w *wording) against(o *wording) string {
	a, b := w.said, o.said
	if a.Verdict == b.Verdict || !decides(a.Verdict) || !decides(b.Verdict) || (w.denials-o.denials)%2 != 0 {
		return ""
	}
	common := 0
	for word := range w.words {
		if o.words[word] {
			common++
		}
	}
	all := len(w.words) + len(o.words) - common
	if all == 0 || float64(common) < alike*float64(all) || otherControls(a, b) || figuresDiffer(w.words, o.words) {
		return ""
	}
	return fmt.Sprintf("the answer is %s, and to a question that asks the same it %s %s", a.Verdict, whereSaid(b), b.Verdict)
}

func whereSaid(b *Said) string {
	if b.Customer == "" {
		return "is"
	}
	return fmt.Sprintf("was, for %s on %s,", b.Customer, b.On.Long())
}

func decides(verdict string) bool { return verdict == "yes" || verdict == "no" || verdict == "partial" }

// otherControls reports whether the controls nearest to two questions are
// known and not the same.
func otherControls(a, b *Said) bool {
	return len(a.Controls) > 0 && len(b.Controls) > 0 && !slices.Contains(b.Controls, a.Controls[0]) && !slices.Contains(a.Controls, b.Controls[0])
}

// figuresDiffer reports whether two questions name different figures: TLS 1.2
// is not TLS 1.3, 30 days are not 90.
func figuresDiffer(a, b map[string]bool) bool {
	for w := range a {
		if w[0] >= '0' && w[0] <= '9' && !b[w] {
			return true
		}
	}
	for w := range b {
		if w[0] >= '0' && w[0] <= '9' && !a[w] {
			return true
		}
	}
	return false
}

// turning are words that ask for the opposite without denying anything.
var turning = regexp.MustCompile(`\b(?:prohibit\w*|forbid\w*|prevent\w*|block\w*|disabl\w+|bypass\w*|exempt\w*|plaintext|plain text|cleartext|unencrypted|shared|anonymous|lack\w*|fail\w*|refus\w+|avoid\w*|restrict\w*)\b`)

// emptyWords are those that questions are made of whatever they ask.
var emptyWords = contentWords(`does your have company organisation organization vendor supplier service provider please describe explain provide whether which what where when there their formal documented
	place policy policies process processes procedure procedures ensure maintain established defined implemented currently system systems information security data customer customers used using`)
