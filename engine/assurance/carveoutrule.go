package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

// carveOutCovered looks for a subservice organisation, by name or by what it
// does, that is said to be covered.
func (c *Checker) carveOutCovered(d *draft) (out []Finding) {
	if f, ok := c.carvedAsked(d); ok {
		return []Finding{f}
	}
	for _, s := range d.assertions() {
		said, _, _ := strings.Cut(strings.Replace(s.lower, ", so ", ", which ", 1), ", which ")
		if !coveredWord.MatchString(s.lower) || carvedKnown.MatchString(said) {
			continue
		}
		list := d.subjects(s)
		if len(list) == 0 && !ourReport.MatchString(s.lower) && !ourReport.MatchString(lowerASCII(d.Question)) {
			continue
		}
		for _, r := range c.reportsOf(list) {
			if f, ok := c.carvedIn(d, s, r); ok {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

var (
	coveredWord = regexp.MustCompile(`\b(?:cover(?:s|ed|ing)?|in(?:side)? (?:the )?(?:audit )?scope|in[- ]scope|includ(?:e|es|ed|ing)|inclusive|within|part of|tested|examined|described in|belongs? to|falls? under|looked at|inclusiv\w+|under (?:our|the)|in (?:the|our) soc|audited|assessed|extends? to|encompass\w*|attest\w*)\b`)
	carvedKnown = regexp.MustCompile(`\b(?:(?:is|are|was|were|been|it|they) (?:\w+ )?carved?[- ]out of|carved[- ]out \w+|carve|exclud\w+|not (?:covered|in scope|included|part|within|tested)|(?:its|their) own|outside|separate(?:ly)? (?:report\w*|cover\w*|attest\w*|audit\w*)|out of scope|n't|n’t|does not|do not|are not|is not|except)\b`)
	ourReport   = regexp.MustCompile(`\by?our (?:\w+ )?(?:report|audit|auditor|examination|soc)\b`)
	hostingWord = regexp.MustCompile(`\b(?:data ?cent(?:re|er)s?|hosting (?:provider|facilit\w+|infrastructure|environment)|(?:cloud|infrastructure) provider|colocation|co-location)\b`)
)

// reportsOf returns the reports meant by mentions; of all attestations if
// there are none.
func (c *Checker) reportsOf(list []mention) (out []*Report) {
	for i := range list {
		if r, _ := c.meant(&list[i]); r != nil && list[i].stance != supplier && list[i].stance != planned {
			out = append(out, r)
		}
	}
	if len(list) == 0 {
		for i := range c.register.Reports {
			if r := &c.register.Reports[i]; r.Kind.Family() == Attestation {
				out = append(out, r)
			}
		}
	}
	return out
}

func (c *Checker) carvedIn(d *draft, s *sentence, r *Report) (Finding, bool) {
	for _, sub := range r.CarvedOut() {
		at, end := namedIn(s, sub.Name)
		if at < 0 && backReference.MatchString(s.lower) {
			b := d.sentenceBefore(s)
			if b == nil && len(d.asked.sentences) == 1 {
				b = &d.asked.sentences[0]
			}
			if b != nil {
				if at, _ = namedIn(b, sub.Name); at >= 0 {
					at, end = 0, len(s.lower)
				}
			}
		}
		if at < 0 && isHosting(sub) && !c.namesInclusive(s, r) {
			if m := hostingWord.FindStringIndex(s.lower); m != nil {
				at, end = m[0], m[1]
			}
		}
		if at < 0 {
			continue
		}
		return Finding{
			Words: s.said(at, end), Gap: "out_of_scope", Cites: []Cite{{Report: r.ID}},
			Why: fmt.Sprintf("%s is carved out of the %s: its controls are not in it%s", sub.Name, r.Name(), insteadOf(sub)),
		}, true
	}
	return Finding{}, false
}

// carvedAsked finds a yes to "Is X covered by your report?", or to such a
// question about all, where X is carved out.
func (c *Checker) carvedAsked(d *draft) (Finding, bool) {
	q := lowerASCII(d.Question)
	text := lowerASCII(d.Text)
	if d.Verdict != "yes" || !coveredWord.MatchString(q) || !regarding.MatchString(q) || carvedKnown.MatchString(text) || carvedKnown.MatchString(q) {
		return Finding{}, false
	}
	all := sentence{text: d.Question, lower: q}
	said := sentence{text: d.Text, lower: text}
	for i := range c.register.Reports {
		r := &c.register.Reports[i]
		if r.Kind.Family() != Attestation || !c.isMeant(d, r) {
			continue
		}
		for _, sub := range r.CarvedOut() {
			at, _ := namedIn(&all, sub.Name)
			if at < 0 && allOthers.MatchString(q) {
				at, _ = namedIn(&said, sub.Name)
			}
			if at < 0 {
				continue
			}
			return Finding{
				Gap: "out_of_scope", Cites: []Cite{{Report: r.ID}},
				Why: fmt.Sprintf("%s is carved out of the %s: its controls are not in it%s", sub.Name, r.Name(), insteadOf(sub)),
			}, true
		}
	}
	return Finding{}, false
}

var (
	allOthers     = regexp.MustCompile(`\b(?:sub-?processors|subservice|suppliers|vendors|third parties|providers)\b`)
	backReference = regexp.MustCompile(`^\W*(?:(?:they|it|its|their|both|these|those|the (?:provider|vendor|latter)|covered|tested|included|audited|in scope)\b|.{0,60}\b(?:its|their) controls\b|.{0,80}\b(?:to|of) (?:them|that)\b)`)
)

// isMeant reports whether r is of a kind that the question names, or the
// question names none.
func (c *Checker) isMeant(d *draft, r *Report) bool {
	named := false
	for i := range d.asked.sentences {
		for _, m := range d.asked.sentences[i].mentions {
			named = true
			if x, _ := c.meant(&m); x == r {
				return true
			}
		}
	}
	return !named
}

// namedIn returns where a company is named in a sentence, in full or by the
// first word of its name; -1 if nowhere.
func namedIn(s *sentence, name string) (from, to int) {
	name = lowerASCII(name)
	if at := containsWord(s.lower, name); at >= 0 {
		return at, at + len(name)
	}
	if first, _, more := strings.Cut(name, " "); more && len(first) >= 4 && !commonWord[first] {
		if at := containsWord(s.lower, first); at >= 0 && isUpper(s.text[at]) {
			return at, at + len(first)
		}
	}
	return -1, -1
}

// sentenceBefore returns the sentence of the text before s, nil if there is
// none.
func (d *draft) sentenceBefore(s *sentence) (out *sentence) {
	for i := range d.sentences {
		if d.sentences[i].start >= s.start {
			return out
		}
		out = &d.sentences[i]
	}
	return nil
}

func insteadOf(sub Subservice) string {
	if sub.Report == "" {
		return ""
	}
	return "; there is " + sub.Report
}

func (c *Checker) namesInclusive(s *sentence, r *Report) bool {
	for _, sub := range r.Subservices {
		if sub.Inclusive && containsWord(s.lower, lowerASCII(sub.Name)) >= 0 {
			return true
		}
	}
	return false
}

func isHosting(s Subservice) bool {
	return hostingService.MatchString(lowerASCII(s.Service))
}

var hostingService = regexp.MustCompile(`host|data ?cent|cloud|infrastructure|coloc|co-loc`)
