package engine

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHalves bounds the questions that one is cut into.
const maxHalves = 6

// Halves returns the questions that a compound question consists of, each
// complete by itself, nil if q is not clearly compound: "Is data encrypted at
// rest and in transit?" asks two things that can have different answers,
// "Are there policies and procedures?" does not. Four forms are known, in
// English: several sentences that ask, points marked (a) (b), the sides of a
// coordination that are told apart in this field, and objects that each have
// an article of their own ("a firewall and an IDS"). What is not clear stays
// whole: a question cut wrongly is worse than one not cut.
func Halves(q string) []string {
	q = CleanText(q)
	for _, cut := range []func(string) []string{sentences, points, sides, objects} {
		if h := cut(q); len(h) >= 2 && len(h) <= maxHalves {
			return h
		}
	}
	return nil
}

// sentences cuts a text that has several question marks, if each sentence asks
// something by itself: one that begins with "if", or points back, does not.
func sentences(q string) []string {
	if strings.Count(q, "?") < 2 || !strings.HasSuffix(q, "?") {
		return nil
	}
	var out []string
	for _, s := range strings.SplitAfter(q, "?") {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		words := strings.Fields(FoldWords(s))
		if len(words) < 4 || pointsBack(words) {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// pointsBack reports whether words cannot be understood alone.
func pointsBack(words []string) bool {
	for i, w := range words {
		switch w {
		case "it", "they", "them", "these", "those", "this", "that", "its", "their", "so":
			return true
		case "if", "how", "why", "when", "who", "where":
			if i == 0 && len(words) < 6 {
				return true
			}
		}
	}
	return words[0] == "if"
}

var pointMark = regexp.MustCompile(`(?:^|\s)\(?([a-f]|i{1,3}|iv|v|[1-6])\)\s+`)

// points cuts "Do you (a) log access; (b) review the logs?" at its marks, and
// gives each point what stands before the first.
func points(q string) []string {
	marks := pointMark.FindAllStringIndex(q, -1)
	if len(marks) < 2 {
		return nil
	}
	lead := strings.TrimSpace(q[:marks[0][0]])
	var out []string
	for i, m := range marks {
		end := len(q)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		text := strings.TrimRight(strings.TrimSpace(q[m[1]:end]), " ,;.?")
		text = strings.TrimSuffix(strings.TrimSuffix(text, " and"), " or")
		text = strings.TrimRight(text, " ,;")
		if len(strings.Fields(text)) < 2 {
			return nil
		}
		out = append(out, asQuestion(strings.TrimRight(lead, " :")+" "+text))
	}
	return out
}

// asQuestion ends a text with a question mark and opens it with a capital.
func asQuestion(s string) string {
	s = strings.TrimSpace(strings.TrimRight(s, " ?.,;"))
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 || first == utf8.RuneError {
		return s + "?"
	}
	return string(unicode.ToUpper(first)) + s[n:] + "?"
}

// coordinated are the things that questionnaires coordinate and that can have
// different answers, one list for each kind. Only members of one list are
// parted.
var coordinated = [][]string{
	{"at rest", "in transit", "in motion", "in use", "while stored", "during transmission", "when stored", "when transmitted"},
	{"in production", "in test", "in development", "in staging"},
	{"by employees", "by contractors", "by customers", "by administrators", "by third parties"},
	{"for employees", "for contractors", "for customers", "for administrators", "for third parties", "for end users"},
	{"on laptops", "on servers", "on mobile devices", "on workstations", "on desktops"},
	{"before employment", "during employment", "after employment"},
	{"for incoming traffic", "for outgoing traffic", "for inbound traffic", "for outbound traffic"},
}

var betweenSides = regexp.MustCompile(`^\s*(?:,?\s*and(?:/or)?|,?\s*or|,?\s*as well as|,|/|&)\s*$`)

// sides parts "at rest and in transit".
func sides(q string) []string {
	lower := strings.ToLower(q)
	for _, list := range coordinated {
		type place struct{ from, to int }
		var found []place
		for _, side := range list {
			if i := wordIndex(lower, side); i >= 0 {
				found = append(found, place{i, i + len(side)})
			}
		}
		for i := range found {
			for k := i + 1; k < len(found); k++ {
				if found[k].from < found[i].from {
					found[i], found[k] = found[k], found[i]
				}
			}
		}
		if len(found) < 2 || len(lower) != len(q) {
			continue
		}
		joined := true
		for i := 1; i < len(found); i++ {
			joined = joined && found[i].from > found[i-1].to && betweenSides.MatchString(lower[found[i-1].to:found[i].from])
		}
		if !joined {
			continue
		}
		before, after := q[:found[0].from], q[found[len(found)-1].to:]
		before = strings.TrimRight(before, " ")
		before = strings.TrimSuffix(before, " both")
		var out []string
		for _, f := range found {
			out = append(out, asQuestion(before+" "+q[f.from:f.to]+after))
		}
		return out
	}
	return nil
}

// wordIndex returns where words stand in s as whole words, -1 if nowhere.
func wordIndex(s, words string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], words)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(words)
		if (i == 0 || !isWordByte(s[i-1])) && (end == len(s) || !isWordByte(s[end])) {
			return i
		}
		from = end
	}
}

func isWordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80 }

// withObjects is a question for the existence of things that each have an
// article of their own.
var withObjects = regexp.MustCompile(`(?i)^((?:do|does|have|has)\s+(?:you|your \w+|the \w+)\s+(?:have|use|operate|run|maintain|employ|offer|provide|appointed|deployed|implemented)|is there|are there)\s+(an?\s+[^,?]+?)((?:,\s+an?\s+[^,?]+?)*),?\s+and\s+(an?\s+[^,?]+)\?$`)

// objects parts "Do you have a WAF and a SIEM?".
func objects(q string) []string {
	m := withObjects.FindStringSubmatch(q)
	if m == nil {
		return nil
	}
	things := append([]string{m[2]}, strings.Split(m[3], ",")...)
	things = append(things, m[4])
	var out []string
	for _, t := range things {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		if strings.Contains(t, " and ") || len(strings.Fields(t)) > 8 {
			return nil
		}
		out = append(out, asQuestion(m[1]+" "+t))
	}
	return out
}

// sureWhole is the confidence from which an entry answers a compound question
// as a whole: it asks the very same.
const sureWhole = 0.9

// compound answers a compound question from evidence for each of its halves,
// unless an entry answers the whole of it. A yes for one half is no yes for
// both: yes and no are partial, and a half without an answer is a gap that
// says which.
func (r *run) compound(ctx context.Context, q *Question, ans *Answer) error {
	halves := Halves(q.Text)
	if halves == nil || answersWhole(ans.Evidence, len(halves)) {
		return nil
	}
	parts := make([]Answer, len(halves))
	for i, text := range halves {
		half := *q
		half.Text = text
		if err := r.draft(ctx, &half, &parts[i]); err != nil {
			return err
		}
		parts[i].Question = &half
		r.a.holdBack(&parts[i])
		r.a.withhold(&parts[i], parts[i].Withheld)
		ans.Evidence = addEvidence(ans.Evidence, parts[i].Evidence)
		ans.Withheld = addEvidence(ans.Withheld, parts[i].Withheld)
	}
	for i := range parts {
		if parts[i].Revision == nil {
			return r.missHalf(parts, i, ans)
		}
	}
	return r.join(ctx, q, parts, ans)
}

// answersWhole reports whether the first entry asks the very same, or as many
// things as the question.
func answersWhole(evidence []Passage, halves int) bool {
	for _, p := range evidence {
		if p.Kind == PassageEntry && p.Entry != nil {
			return p.Confidence >= sureWhole || len(Halves(p.Entry.Question)) == halves
		}
	}
	return false
}

// missHalf makes the gap of a question of which half i has no answer.
func (r *run) missHalf(parts []Answer, missing int, ans *Answer) error {
	var proposal *Revision
	for i := range parts {
		if parts[i].Revision != nil {
			known := *parts[i].Revision
			known.Values = nil
			known.Notes = append([]string{"answers one half: " + parts[i].Question.Text}, known.Notes...)
			proposal = &known
			break
		}
	}
	reason := GapNoEvidence
	if g := parts[missing].Gap; g != nil {
		reason = g.Reason
		if len(parts[missing].Withheld) > 0 && proposal == nil {
			proposal = g.Proposal
		}
	}
	ans.Revision = nil
	ans.Gap = &Gap{Reason: reason, Detail: fmt.Sprintf("the question asks %d things, and one has no sure answer: “%s”", len(parts), parts[missing].Question.Text), Proposal: proposal}
	return nil
}

// join makes one answer of the halves', as if it were one entry, and cites
// what each rests on.
func (r *run) join(ctx context.Context, q *Question, parts []Answer, ans *Answer) error {
	whole := Entry{Question: q.Text, Verdict: parts[0].Revision.Verdict, Version: 1}
	confidence := 1.0
	var citations []Citation
	var notes, texts []string
	for i := range parts {
		p := parts[i].Revision
		if p.Verdict != whole.Verdict {
			whole.Verdict = joinVerdicts(whole.Verdict, p.Verdict)
		}
		if p.Text != "" && (len(texts) == 0 || texts[len(texts)-1] != p.Text) {
			texts = append(texts, p.Text)
		}
		confidence = min(confidence, p.Confidence)
		citations = append(citations, p.Citations...)
		notes = append(notes, p.Notes...)
	}
	whole.Text = strings.Join(texts, " ")
	if err := r.fit(ctx, q, []Passage{{Kind: PassageEntry, Entry: &whole, Confidence: confidence}}, ans); err != nil {
		return err
	}
	rev := ans.Revision
	if ans.Gap != nil {
		rev = ans.Gap.Proposal
	}
	if rev != nil {
		rev.Citations = citations
		rev.Notes = append([]string{fmt.Sprintf("put together from answers to %d halves", len(parts))}, notes...)
	}
	return nil
}

// joinVerdicts returns the verdict on two things that were asked in one
// question, where those on each differ.
func joinVerdicts(a, b Verdict) Verdict {
	switch {
	case a == VerdictNone || b == VerdictNone:
		return VerdictNone
	case a == VerdictNotApplicable:
		return b
	case b == VerdictNotApplicable:
		return a
	}
	return VerdictPartial
}

// addEvidence appends the passages that list does not have yet.
func addEvidence(list, more []Passage) []Passage {
	for _, p := range more {
		known := false
		for _, o := range list {
			known = known || p.Kind == o.Kind && passageID(p) == passageID(o)
		}
		if !known {
			list = append(list, p)
		}
	}
	return list
}

func passageID(p Passage) string {
	switch {
	case p.Entry != nil:
		return p.Entry.ID
	case p.Control != nil:
		return p.Control.ID
	}
	return ""
}
