package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	saysClean     = regexp.MustCompile(`\b(?:not qualified|unqualified|un-qualified|unmodified|clean (?:opinion|report|bill|soc|audit|attestation|result)|(?:report|opinion|soc \d|audit|result) (?:is|was|were|came back|came out) (?:\w+ )?clean)\b`)
	saysQualified = regexp.MustCompile(`\b(?:qualified|adverse|modified) (?:auditor(?:'s|’s)? )?(?:opinion|report|audit)\b|\bopinion\b[^.;]{0,40} (?:is|was) (?:\w+ )?(?:qualified|adverse|modified)\b|\bdisclaimer of opinion\b|\bdisclaim(?:ed|s) (?:an )?opinion\b`)
	saysNone      = regexp.MustCompile(`\bnone (?:\w+ ){0,4}exceptions?\b|\b(?:no|zero|without(?: any)?|free (?:of|from)|not (?:a|any|one)|any|nor) (?:\w+ ){0,3}(?:exceptions?|deviations?|qualifications?|control failures?|non-?conformit(?:y|ies))\b|\bexception[- ]free\b|\bnothing (?:was |has been )?(?:noted|found|reported)\b|\b(?:every|each|all)(?: of the)? (?:tests?|controls?) (?:was |were |have |has )?(?:passed|effective|clean)\b`)
	saysSome      = regexp.MustCompile(`\b(?:one|two|three|\d+|an?|some|several|following|single) (?:\w+ )?(?:exceptions?|deviations?)\b|\bexceptions? (?:was|were|noted|:)`)
	askedOpinion  = regexp.MustCompile(`\b(?:opinion|exceptions?|qualified|clean|result|deviations?|findings|soc|isae|auditor)\b`)
	scopedTest    = regexp.MustCompile(`\b(?:this|that|these|the) (?:specific |particular |relevant )?(?:controls?|tests?|area|criterion)\b|\btests? of\b|\b(?:for|of|in|on|regarding) (?:the )?(?:tests?|control|change|access|backups?|incidents?|encryption|logical|physical|vulnerability|logging|training)\b`)
)

func (c *Checker) registerOpinion(d *draft) (out []Finding) {
	asked := d.asksAbout(askedOpinion)
	if f, ok := c.noneAsked(d); ok {
		return []Finding{f}
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		if !asked && !regarding.MatchString(s.lower) {
			continue
		}
		r := c.opinedReport(d, s)
		if r == nil {
			continue
		}
		if at := saysClean.FindStringIndex(s.lower); at != nil && r.Opinion != "" && r.Opinion != Unqualified && (!s.isDenied(at[0], at[1]) || strings.HasPrefix(s.lower[at[0]:], "not ")) {
			out = append(out, c.opinionFinding(s, at, r))
			continue
		}
		if at := saysQualified.FindStringIndex(s.lower); at != nil && r.Opinion == Unqualified && !s.isDenied(at[0], at[0]) && !strings.HasSuffix(s.lower[:at[0]], "un") {
			out = append(out, c.opinionFinding(s, at, r))
			continue
		}
		if at := saysNone.FindStringIndex(s.lower); at != nil && c.hasExceptionHere(d, s, r) {
			out = append(out, Finding{
				Words: s.words(at[0], at[1]), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
				Why: fmt.Sprintf("the %s has %s", r.Name(), countExceptions(r)),
			})
		}
	}
	return out
}

func countExceptions(r *Report) string {
	list := r.Exceptions()
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Control
	}
	if len(list) == 1 {
		return "an exception, at " + names[0]
	}
	return fmt.Sprintf("%d exceptions, at %s", len(list), joinAnd(names))
}

func (c *Checker) opinionFinding(s *sentence, at []int, r *Report) Finding {
	return Finding{
		Words: s.words(at[0], at[1]), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
		Why: fmt.Sprintf("the opinion of the %s is %s", r.Name(), r.Opinion),
	}
}

// opinedReport returns the attestation whose opinion a sentence speaks of.
func (c *Checker) opinedReport(d *draft, s *sentence) *Report {
	for _, m := range d.subjects(s) {
		if m.kind.Family() != Attestation || m.stance == planned {
			continue
		}
		if r, _ := c.meant(&m); r != nil {
			if older := c.olderNamed(s, &m); older != nil {
				return older
			}
			return r
		}
	}
	for _, x := range c.cited(d) {
		if x.report != nil && x.report.Kind.Family() == Attestation {
			return x.report
		}
	}
	if k := c.onlyTyped(); k != "" && len(d.subjects(s)) == 0 && auditWord.MatchString(s.lower+" "+lowerASCII(d.Question)) && !strings.Contains(lowerASCII(d.Question), "financial") {
		if list := issued(c.ofKind(k), c.today); len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// olderNamed returns an older report of the kind that a sentence names by a
// date in it.
func (c *Checker) olderNamed(s *sentence, m *mention) *Report {
	list := issued(c.ofKind(m.kind), c.today)
	for i, r := range list {
		if i == 0 {
			continue
		}
		for _, at := range s.dates {
			if at.holds(r.To) && !at.holds(list[0].To) {
				return r
			}
		}
	}
	return nil
}

// hasExceptionHere reports whether r has an exception where the sentence says
// that there is none: at the cited controls if it speaks of some only, else
// anywhere.
func (c *Checker) hasExceptionHere(d *draft, s *sentence, r *Report) bool {
	if !scopedTest.MatchString(s.lower) || allTests.MatchString(s.lower) {
		return len(r.Exceptions()) > 0
	}
	for _, x := range c.cited(d) {
		if x.control == nil {
			continue
		}
		if t, ok := r.TestOf(x.control.ID); ok && t.Result == WithException {
			return true
		}
	}
	return false
}

// allTests is a statement about every test.
var allTests = regexp.MustCompile(`\b(?:all|each|every)\b[^.;]{0,12}\btests?\b`)

// noneAsked reads an answer of one word to the question for exceptions.
func (c *Checker) noneAsked(d *draft) (Finding, bool) {
	q := lowerASCII(d.Question)
	if len(d.asked.sentences) != 1 || !exceptionsAsked.MatchString(q) || negated.MatchString(q) || !noneWord.MatchString(lowerASCII(d.Text)) {
		return Finding{}, false
	}
	s := &d.asked.sentences[0]
	for _, m := range s.mentions {
		if r, _ := c.meant(&m); r != nil && m.kind.Family() == Attestation && len(r.Exceptions()) > 0 {
			return Finding{
				Words: d.Text, Gap: "no_evidence", Cites: []Cite{{Report: r.ID}}, Why: fmt.Sprintf("the %s has %s", r.Name(), countExceptions(r)),
			}, true
		}
	}
	return Finding{}, false
}

var (
	exceptionsAsked = regexp.MustCompile(`\b(?:how many|were there|are there|any|was there|list|which)\b[^?]*\b(?:exceptions?|deviations?)\b`)
	noneWord        = regexp.MustCompile(`^\W*(?:zero|none|0|no|nil|no exceptions)\W*$`)
)
