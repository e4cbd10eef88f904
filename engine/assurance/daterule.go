package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// dated are the words that say which of a report's days a date is.
var dated = []struct {
	name  string
	words *regexp.Regexp
	asked *regexp.Regexp
	day   func(r *Report) Day
}{
	{"is valid until", regexp.MustCompile(`\b(?:valid(?:ity)?(?: \w+)? (?:until|till|through|to|thru)|expir(?:es|y|ing|ation)(?: date)?(?: (?:on|in|is|of))?|expiring|runs? out(?: on)?|lapses(?: on)?|good (?:through|until)|runs until|remains valid until|until|through):?(?: the)? $`),
		regexp.MustCompile(`\b(?:expir\w+|until when|valid(?:ity)?(?: until| date)?|how long .* valid)\b`), func(r *Report) Day { return r.ValidUntil }},
	{"was issued on", regexp.MustCompile(`\b(?:issued|issue date|report date|(?:report|certificate|soc[\s-]?\d) date|date of issue|dated|published|released|signed|initial certification|granted|awarded|report date)(?: \w+)?:?(?: (?:on|in|is|was|(?:by|to) [^,;.]{2,40}?(?: on| in)))?(?: the)? $|\b(?:awarded|issued) (?:us |our |the )?[^,;.]{2,50} (?:on|in) $`),
		regexp.MustCompile(`\b(?:when (?:was|were|did)[^?]*(?:issued?|awarded|granted)|issue date|date of issue|date of (?:the |your |our |last |latest )*(?:\w+ ){0,3}(?:report|certificate|soc)|issued\?)`), func(r *Report) Day { return r.Issued }},
	{"has its next audit on", regexp.MustCompile(`\b(?:next|upcoming)(?: \w+){0,2} (?:audit|surveillance|assessment|recertification)[^.;]{0,30} $`),
		regexp.MustCompile(`\b(?:next (?:\w+ )*(?:audit|surveillance|assessment)|next external)\b`), func(r *Report) Day { return r.NextAudit }},
}

func (c *Checker) registerDate(d *draft) (out []Finding) {
	question := lowerASCII(d.Question)
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, at := range s.dates {
			if inPeriod(s, at) || bridgeHead.MatchString(s.lower[:at.start]) {
				continue
			}
			for _, k := range dated {
				head := s.lower[:at.start]
				alone := k.asked.MatchString(question) && len(strings.Fields(head)) <= 2 && d.asksOneReport()
				if !k.words.MatchString(head) && (!alone || datedOtherwise(head)) {
					continue
				}
				if f, ok := c.wrongDate(d, s, at, k.name, k.day); ok {
					out = append(out, f)
				}
				break
			}
		}
	}
	return append(out, c.wrongTestDate(d)...)
}

// datedOtherwise reports whether the words before a date say which day it is.
func datedOtherwise(head string) bool {
	for _, k := range dated {
		if k.words.MatchString(head) {
			return true
		}
	}
	return false
}

// bridgeHead stands before a day of a bridge letter.
var bridgeHead = regexp.MustCompile(`\b(?:bridge|gap|comfort) letter[^.;]{0,30} $`)

// asksOneReport reports whether the question names a report or a certificate.
func (d *draft) asksOneReport() bool {
	for i := range d.asked.sentences {
		if len(d.asked.sentences[i].mentions) > 0 {
			return true
		}
	}
	return false
}

func inPeriod(s *sentence, at span) bool {
	return slices.ContainsFunc(s.findPeriods(), func(p period) bool { return at.start >= p.start && at.end <= p.end })
}

func (c *Checker) wrongDate(d *draft, s *sentence, at span, name string, day func(*Report) Day) (Finding, bool) {
	var known []*Report
	for _, m := range d.nearest(s, at.start) {
		if m.stance == denied || m.stance == planned && name != "has its next audit on" {
			return Finding{}, false
		}
		for _, r := range issued(c.ofKind(m.kind), c.today) {
			if !day(r).IsZero() {
				known = append(known, r)
			}
		}
		if len(known) > 0 {
			break
		}
	}
	if len(known) == 0 || slices.ContainsFunc(known, func(r *Report) bool { return at.holds(day(r)) || at.holds(r.Bridge.Until) || at.holds(r.Bridge.Issued) }) {
		return Finding{}, false
	}
	return Finding{
		Words: s.words(at.start, at.end), Severity: Correct, Cites: []Cite{{Report: known[0].ID}},
		Why:      fmt.Sprintf("the %s %s %s", known[0].Name(), name, day(known[0]).Long()),
		Proposal: day(known[0]).Long(),
	}, true
}

// testedOn is a penetration test told with its date.
var testedOn = regexp.MustCompile(`\b(?:last|latest|most recent|performed|conducted|completed|carried out|took place|executed|done|tested)\b`)

// wrongTestDate finds a date of the last penetration test that is none of the
// register's tests.
func (c *Checker) wrongTestDate(d *draft) (out []Finding) {
	tests := issued(c.ofKind(Pentest), c.today)
	if len(tests) == 0 {
		return nil
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		if len(s.mentions) == 0 || !slices.ContainsFunc(s.mentions, func(m mention) bool { return m.kind == Pentest && m.stance == claimed }) || !testedOn.MatchString(s.lower) {
			continue
		}
		for _, at := range s.dates {
			if at.first.After(c.today) || inPeriod(s, at) || s.plannedAt(at.start) || slices.ContainsFunc(tests, func(r *Report) bool {
				return overlaps(at, r.From, r.To) || at.holds(r.Issued)
			}) {
				continue
			}
			out = append(out, Finding{
				Words: s.words(at.start, at.end), Severity: Correct, Cites: []Cite{{Report: tests[0].ID}},
				Why: fmt.Sprintf("the last penetration test in the register ended on %s", tests[0].End().Long()), Proposal: tests[0].End().Long(),
			})
		}
	}
	return out
}

func overlaps(at span, from, to Day) bool {
	return !to.IsZero() && !at.first.After(to) && !at.last.Before(from)
}
