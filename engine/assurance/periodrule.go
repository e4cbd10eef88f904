package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// monthsEnded is a period told by its length and end: "the twelve months ended
// 30 September 2026".
var monthsEnded = regexp.MustCompile(`\b(?:(?:(?:twelve|12|six|6|nine|9|three|3)[- ])months?|year|period)(?: \w+)? (?:ended|ending|to|up to)(?: on)? (?:the )?$`)

func (c *Checker) registerPeriod(d *draft) (out []Finding) {
	asked := d.asksAbout(asksPeriod)
	for i := range d.sentences {
		s := &d.sentences[i]
		if otherPeriod.MatchString(s.lower) || saysSome.MatchString(s.lower) || !asked && !regarding.MatchString(s.lower) && !onlyPeriod(s) {
			continue
		}
		if f, ok := c.wrongAsOf(d, s); ok {
			out = append(out, f)
			continue
		}
		if f, ok := c.wrongLength(d, s); ok {
			out = append(out, f)
			continue
		}
		if len(s.dates) == 0 {
			continue
		}
		list := c.attestationsOf(d, s)
		if len(list) == 0 {
			continue
		}
		if f, ok := c.wrongEnd(s, list); ok {
			out = append(out, f)
			continue
		}
		for _, p := range s.findPeriods() {
			list := c.attestationsNear(d, s, p.start)
			if len(list) == 0 {
				continue
			}
			if s.plannedAt(p.start) || slices.ContainsFunc(list, func(r *Report) bool { return p.from.holds(r.From) && p.to.holds(r.To) || p.to.holds(r.Bridge.Until) }) {
				continue
			}
			out = append(out, c.periodFinding(s, p.start, p.end, list[0]))
		}
		for _, at := range s.dates {
			if !monthsEnded.MatchString(s.lower[:at.start]) || s.plannedAt(at.start) || slices.ContainsFunc(list, func(r *Report) bool { return at.holds(r.To) }) {
				continue
			}
			out = append(out, c.periodFinding(s, at.start, at.end, list[0]))
		}
	}
	return out
}

var (
	asksPeriod  = regexp.MustCompile(`\b(?:periods?|cover(?:s|ed|age)?|dates?|time ?frame|from when|window)\b`)
	otherPeriod = regexp.MustCompile(`\b(?:fiscal|financial year|next|upcoming|following|future|retention|contract|warranty|will cover|insurance|policy period|valid|validity|next (?:report|audit))\b`)
)

// onlyPeriod reports whether a sentence is hardly more than a period.
func onlyPeriod(s *sentence) bool {
	for _, p := range s.findPeriods() {
		if len(strings.Fields(s.lower[:p.start]))+len(strings.Fields(s.lower[p.end:])) <= 3 {
			return true
		}
	}
	return false
}

// calendarYear stands before a year that is a whole period.
var calendarYear = regexp.MustCompile(`\b(?:calendar year|calendar|the (?:full |whole )?year) $`)

var (
	lengthTold = regexp.MustCompile(`\b(three|six|nine|twelve|3|6|9|12)[- ]months?\b|\b(half a year)\b`)
	asksLength = regexp.MustCompile(`\bhow (?:long|much time|many months)\b|\bwindow\b|\blength\b|-month\b`)
	lengthSaid = regexp.MustCompile(`\b(three|six|nine|twelve|3|6|9|12)[- ]months?(?:[- ]long)? (?:\w+ )?(?:period|window|observation|audit period|review)\b|\b(?:period|window) of (three|six|nine|twelve|3|6|9|12) months\b`)
	startEnd   = regexp.MustCompile(`^\W*(start|end)(?:s|ed|ing)?(?: date)?(?: on|:)? *$`)
	monthCount = map[string]int{"three": 3, "3": 3, "six": 6, "6": 6, "nine": 9, "9": 9, "twelve": 12, "12": 12, "half a year": 6}
)

// wrongLength finds a period told by its length, where every issued report has
// another.
func (c *Checker) wrongLength(d *draft, s *sentence) (Finding, bool) {
	m := lengthSaid.FindStringSubmatchIndex(s.lower)
	if m == nil && d.asksAbout(asksLength) {
		m = lengthTold.FindStringSubmatchIndex(s.lower)
	}
	if m == nil || len(s.findPeriods()) > 0 || s.plannedAt(m[0]) {
		return Finding{}, false
	}
	g := groups(s.lower, m)
	list := c.attestationsOf(d, s)
	if len(list) == 0 || slices.ContainsFunc(list, func(r *Report) bool {
		off := r.From.AddMonths(monthCount[g[1]+g[2]]).DaysTo(r.To)
		return off > -16 && off < 16
	}) {
		return Finding{}, false
	}
	f := c.periodFinding(s, m[0], m[1], list[0])
	f.Severity, f.Proposal, f.Gap = Block, "", "no_evidence"
	return f, true
}

// wrongAsOf finds the day of a type 1 report that is another in the register.
func (c *Checker) wrongAsOf(d *draft, s *sentence) (Finding, bool) {
	for _, at := range s.dates {
		if !asOf.MatchString(s.lower[:at.start]) {
			continue
		}
		for _, m := range d.nearest(s, at.start) {
			r, same := c.meant(&m)
			if r == nil || !same || r.AsOf.IsZero() || m.stance != claimed {
				continue
			}
			if slices.ContainsFunc(c.ofKind(m.kind), func(x *Report) bool { return at.holds(x.AsOf) }) {
				return Finding{}, false
			}
			return Finding{
				Words: s.words(at.start, at.end), Severity: Correct, Cites: []Cite{{Report: r.ID}},
				Why: fmt.Sprintf("the %s is as of %s", r.Name(), r.AsOf.Long()), Proposal: r.AsOf.Long(),
			}, true
		}
	}
	return Finding{}, false
}

var asOf = regexp.MustCompile(`\bas (?:of|at)(?: the)? $`)

// wrongEnd finds one end of a period told alone: "End: 31 May 2026".
func (c *Checker) wrongEnd(s *sentence, list []*Report) (Finding, bool) {
	for _, at := range s.dates {
		if calendarYear.MatchString(s.lower[:at.start]) && !slices.ContainsFunc(list, func(r *Report) bool { return r.From == at.first && r.To == at.last }) {
			return c.periodFinding(s, at.start, at.end, list[0]), true
		}
		m := startEnd.FindStringSubmatch(s.lower[:at.start])
		if m == nil {
			continue
		}
		day := func(r *Report) Day { return r.To }
		if m[1] == "start" {
			day = func(r *Report) Day { return r.From }
		}
		if !slices.ContainsFunc(list, func(r *Report) bool { return at.holds(day(r)) }) {
			f := c.periodFinding(s, at.start, at.end, list[0])
			f.Proposal = day(list[0]).Long()
			return f, true
		}
	}
	return Finding{}, false
}

func (s *sentence) plannedAt(place int) bool {
	from, _ := s.clause(place)
	return plan.MatchString(s.lower[from:place])
}

func (c *Checker) periodFinding(s *sentence, from, to int, r *Report) Finding {
	return Finding{
		Words: s.words(from, to), Severity: Correct, Cites: []Cite{{Report: r.ID}},
		Why:      fmt.Sprintf("the %s covers %s to %s", r.Name(), r.From.Long(), r.To.Long()),
		Proposal: r.From.Long() + " to " + r.To.Long(),
	}
}

// attestationsNear returns the issued reports with a period that the words at
// place may be about.
func (c *Checker) attestationsNear(d *draft, s *sentence, place int) []*Report {
	for _, m := range d.nearest(s, place) {
		if m.stance == denied || m.stance == planned || !isAssuranceKind(m.kind) && m.kind != Pentest {
			continue
		}
		var out []*Report
		for _, r := range issued(c.ofKind(m.kind), c.today) {
			if !r.To.IsZero() {
				out = append(out, r)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return c.attestationsOf(d, s)
}

// attestationsOf returns the issued reports with a period that a sentence may
// be about, the one it means first.
func (c *Checker) attestationsOf(d *draft, s *sentence) (out []*Report) {
	for _, m := range d.subjects(s) {
		if m.stance == denied || m.stance == planned || !isAssuranceKind(m.kind) && m.kind != Pentest {
			continue
		}
		for _, r := range issued(c.ofKind(m.kind), c.today) {
			if !r.To.IsZero() {
				out = append(out, r)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if len(d.subjects(s)) > 0 {
		return nil
	}
	if regarding.MatchString(s.lower) {
		out = c.byAuditorNamed(s)
	}
	if k := c.onlyTyped(); len(out) == 0 && k != "" && asksAttestation.MatchString(lowerASCII(d.Question)) {
		for _, r := range issued(c.ofKind(k), c.today) {
			if !r.To.IsZero() {
				out = append(out, r)
			}
		}
	}
	return out
}

var asksAttestation = regexp.MustCompile(`\battestation|\bsoc\b|\baudit report|\bauditor`)

// byAuditorNamed returns the reports of an auditor whom a sentence names.
func (c *Checker) byAuditorNamed(s *sentence) (out []*Report) {
	for i := range c.register.Reports {
		r := &c.register.Reports[i]
		if r.Auditor != "" && !r.To.IsZero() && r.Kind.Family() == Attestation && containsWord(s.lower, lowerASCII(r.Auditor)) >= 0 {
			out = append(out, r)
		}
	}
	return out
}
