package assurance

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// assertions returns the sentences that a draft says, those of its text and,
// where it says yes, the question's: who says yes to "Does your SOC 2 cover
// privacy?" has said that it does.
func (d *draft) assertions() []*sentence {
	var out []*sentence
	for i := range d.sentences {
		out = append(out, &d.sentences[i])
	}
	if s := d.echo(); s != nil {
		out = append(out, s)
	}
	return out
}

// echo returns the question as a statement, where the draft says nothing but
// yes to a question about one report; nil otherwise.
func (d *draft) echo() *sentence {
	if d.Verdict != "yes" || len(d.asked.sentences) != 1 {
		return nil
	}
	s := &d.asked.sentences[0]
	if len(s.mentions) != 1 || !plainYesNo.MatchString(s.lower) && len(strings.Fields(s.lower)) > shortQuestion || alternatives.MatchString(s.lower) || foreignQuestion(s.lower) {
		return nil
	}
	for i := range d.sentences {
		for j := range d.sentences[i].mentions {
			if d.sentences[i].mentions[j].stance != claimed {
				return nil // the text says how it is meant
			}
		}
		if denial.MatchString(d.sentences[i].lower) || plan.MatchString(d.sentences[i].lower) {
			return nil
		}
	}
	m := s.mentions[0]
	m.stance = claimed
	return &sentence{start: -1, text: s.text, lower: s.lower, mentions: []mention{m}, dates: s.dates}
}

// shortQuestion is up to how many words a question is only the name of what is
// asked for: "Cyber Essentials Plus?", "SOC 2 Type 2 available?".
const shortQuestion = 5

// isEcho reports whether s is the question's.
func (s *sentence) isEcho() bool { return s.start < 0 }

// said returns the words of s from one place to another, "" if they are the
// question's: then the finding is about the verdict.
func (s *sentence) said(from, to int) string {
	if s.isEcho() {
		return ""
	}
	return s.words(from, to)
}

var (
	plainYesNo    = regexp.MustCompile(`^(?:\W|\d)*(?:do|does|are|is|have|has|can|will)\b`)
	alternatives  = regexp.MustCompile(`\b(?:or|and/or|e\.g|such as|for example|like|similar|equivalent|any of|plan|intend|review|request|require|ask|obtain|policy|methodology|aligned?|based on|accordance)\b`)
	askedOfOthers = regexp.MustCompile(`\b(?:your|of|by|from|the|all|key|critical|any)(?: \w+)? (?:vendors?|suppliers?|sub-?processors?|providers?|sub-?contractors?|third[- ]part(?:y|ies)|hosting|data cent(?:re|er)s?|partners?|(?:hosting|cloud) (?:provider|vendor)s?)\b|\b(?:provider|vendor|supplier|sub-?processor)['’]?s?\b`)
)

// foreignQuestion reports whether a question is about the reports of others.
func foreignQuestion(lower string) bool {
	if theirReport.MatchString(lower) && !namedReport.MatchString(lower) {
		return true
	}
	return askedOfOthers.MatchString(lower) && !ourOwn.MatchString(lower)
}

// subjects returns the reports a sentence is about: those it names, else those
// named before it in the text, else those of the question. Somebody else's are
// left out; own is false if there is nothing but such.
func (d *draft) subjects(s *sentence) (list []mention) {
	if list, some := oursOf(s.mentions); some {
		return list
	}
	if !s.isEcho() {
		for i := len(d.sentences) - 1; i >= 0; i-- {
			if b := &d.sentences[i]; b.start < s.start {
				if list, some := oursOf(b.mentions); some {
					return list
				}
			}
		}
	}
	for i := range d.asked.sentences {
		if q := &d.asked.sentences[i]; len(q.mentions) > 0 && !foreignQuestion(q.lower) {
			for _, m := range q.mentions {
				m.start, m.end, m.stance = -1, -1, claimed
				list = append(list, m)
			}
		}
	}
	return list
}

// nearest returns the subjects of a sentence, those first that stand nearest
// before place, then those behind it.
func (d *draft) nearest(s *sentence, place int) []mention {
	list := append([]mention(nil), d.subjects(s)...)
	slices.SortStableFunc(list, func(a, b mention) int {
		before := func(m mention) bool { return m.start <= place }
		switch {
		case before(a) && before(b):
			return cmp.Compare(b.start, a.start)
		case before(a) != before(b):
			if before(a) {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.start, b.start)
	})
	return list
}

// oursOf drops the reports of others and those that are only explained; some
// is false if there were none at all.
func oursOf(list []mention) (out []mention, some bool) {
	for _, m := range list {
		if m.stance != supplier && m.stance != spoken {
			out = append(out, m)
		}
	}
	return out, len(list) > 0
}

// holding are the words that make a named report one that is held.
var holding = regexp.MustCompile(`\b(?:certif\w+|hold(?:s|ing)?|held|have|has|maintain\w*|possess\w*|reports?|attest\w*|audit(?:s|ed)?|authori[sz]\w+|accredit\w+|complian\w+|achiev\w+|obtain\w*|complet\w+|aoc|assess\w+|examin\w+|undergo\w*|underwent|good standing|registered|registration|levels?|type|valid|current|covers?|available|share|provide|tested|under|yes)\b`)

// holds reports whether the sentence says of m that we have it: there is a
// word for having in it, or the question asked for what we have.
func (d *draft) holds(s *sentence, m *mention) bool {
	return m.stance == claimed && (holding.MatchString(s.lower) || holding.MatchString(lowerASCII(d.Text)) || asksForReports.MatchString(lowerASCII(d.Question)))
}

var asksForReports = regexp.MustCompile(`\b(?:certificat\w+|certified|attestations?|soc|iso|audit reports?|standards?|accreditations?|hitrust|reports?)\b`)

// regarding is a sentence that speaks of an audit's own facts.
var regarding = regexp.MustCompile(`\b(?:report|reports|audit|audits|audited|auditor|auditors|examin\w+|attest\w+|certif\w+|opinion|soc|isae|period|assess\w+|test|tests|tested)\b`)

// asksAbout reports whether the question holds one of the words.
func (d *draft) asksAbout(words *regexp.Regexp) bool {
	return words.MatchString(lowerASCII(d.Question))
}

// containsWord reports whether name stands in the sentence as words of its own.
func containsWord(lower, name string) int {
	for from := 0; ; {
		i := strings.Index(lower[from:], name)
		if i < 0 || name == "" {
			return -1
		}
		i += from
		end := i + len(name)
		if (i == 0 || !isWordByte(lower[i-1])) && (end == len(lower) || !isWordByte(lower[end])) {
			return i
		}
		from = i + 1
	}
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
