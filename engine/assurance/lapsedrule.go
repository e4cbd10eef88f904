package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

func (c *Checker) reportLapsed(d *draft) (out []Finding) {
	if over.MatchString(lowerASCII(d.Text)) {
		return nil // the text says so itself
	}
	seen := map[string]bool{}
	add := func(r *Report, words string) {
		if seen[r.ID] {
			return
		}
		seen[r.ID] = true
		out = append(out, Finding{Words: words, Gap: "stale", Cites: []Cite{{Report: r.ID}}, Why: c.lapsedWhy(r)})
	}
	for _, s := range d.assertions() {
		for i := range s.mentions {
			m := &s.mentions[i]
			r, same := c.meant(m)
			if r == nil || !same || !r.Lapsed(c.today) || !d.holds(s, m) || m.kind == Pentest && !presentsCurrent.MatchString(s.lower) || namesPeriodOf(s) {
				continue
			}
			add(r, s.said(m.start, m.end))
		}
	}
	out = append(out, c.olderAsCurrent(d, seen)...)
	for _, x := range c.cited(d) {
		if x.report != nil && x.report.Lapsed(c.today) && !gone.MatchString(lowerASCII(d.Text)) {
			add(x.report, "")
		}
	}
	return out
}

// over says of a report that it is past, wherever in the text it stands.
var over = regexp.MustCompile(`\b(?:has|have|had|is|was|it) (?:since |already |now )?(?:lapsed|expired)\b|\b(?:ran|run) out\b|\bexpired (?:on|in|last)\b|\blapsed (?:on|in|last)\b|\bno longer (?:valid|current|certified|hold)\b|\bnot (?:yet )?(?:been )?renewed\b|\bout of date\b`)

// olderAsCurrent finds a lapsed report that is not named but meant: by the
// period of an older one that is called current, or by the body that issued a
// certificate said to be in force.
func (c *Checker) olderAsCurrent(d *draft, seen map[string]bool) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		if !presentsCurrent.MatchString(s.lower) || plan.MatchString(s.lower) || gone.MatchString(s.lower) {
			continue
		}
		for _, r := range c.meantUnnamed(d, s) {
			if !r.Lapsed(c.today) || seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			out = append(out, Finding{Words: s.text, Gap: "stale", Cites: []Cite{{Report: r.ID}}, Why: c.lapsedWhy(r)})
		}
	}
	return out
}

func (c *Checker) meantUnnamed(d *draft, s *sentence) (out []*Report) {
	for _, p := range s.findPeriods() {
		for _, r := range c.attestationsOf(d, s) {
			if p.from.holds(r.From) && p.to.holds(r.To) {
				out = append(out, r)
			}
		}
	}
	if len(d.subjects(s)) > 0 || !regarding.MatchString(s.lower) {
		return out
	}
	text := lowerASCII(d.Text)
	for i := range c.register.Reports {
		r := &c.register.Reports[i]
		if name, _, _ := strings.Cut(bareFirm(r.Auditor), " "); len(name) > 3 && containsWord(text, name) >= 0 && r.Kind != Pentest {
			out = append(out, r)
		}
	}
	return out
}

// namesPeriodOf reports whether a sentence says of a lapsed report that it is
// past: the text has a word for it anywhere.
func namesPeriodOf(s *sentence) bool {
	return !s.isEcho() && gone.MatchString(s.lower) && !presentsCurrent.MatchString(s.lower)
}

var presentsCurrent = regexp.MustCompile(`\b(?:current\w*|valid|up[- ]to[- ]date|in force|latest|active|good standing)\b`)

func (c *Checker) lapsedWhy(r *Report) string {
	why := fmt.Sprintf("the %s ended on %s and has lapsed", r.Name(), r.End().Long())
	switch {
	case !r.Bridge.Until.IsZero():
		why += fmt.Sprintf("; its bridge letter reaches until %s", r.Bridge.Until.Long())
	case r.Kind.Family() == Attestation:
		why += "; there is no bridge letter"
	}
	return why
}
