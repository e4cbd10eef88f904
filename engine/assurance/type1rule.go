package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func (c *Checker) type1Effectiveness(d *draft) (out []Finding) {
	if f, ok := c.type1Asked(d); ok {
		return []Finding{f}
	}
	for _, s := range d.assertions() {
		at := effective.FindStringIndex(s.lower)
		if at == nil || !effectiveContext.MatchString(s.lower) {
			continue
		}
		from, to := s.clause(at[0])
		if denial.MatchString(s.lower[from:at[0]]) || plan.MatchString(s.lower[from:to]) || others.MatchString(s.lower[from:at[0]]) && !ours.MatchString(s.lower) {
			continue
		}
		if designWord.MatchString(s.lower) && denial.MatchString(s.lower) {
			continue
		}
		r := c.typeOneBehind(d, s, at[0])
		if r == nil {
			continue
		}
		out = append(out, Finding{
			Words: s.said(at[0], at[1]), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
			Why:      designAsOf(r) + ", not of their operation over a period",
			Proposal: designOnly(s, at),
		})
	}
	return out
}

// designAsOf says what a type 1 speaks of.
func designAsOf(r *Report) string {
	out := fmt.Sprintf("a %s speaks of the design of controls", r.Name())
	if !r.AsOf.IsZero() {
		out += " as of " + r.AsOf.Long()
	}
	return out
}

var (
	effective = regexp.MustCompile(`\b(?:operat\w+ (?:and \w+ )?effective\w*|operational effectiveness|effective(?:ness of (?:the |our )?operation|ly (?:operated|operating|over|throughout|during))|(?:functioned|functioning|worked|working|works|performed|run|ran|running|function|operate|operated|operating) (?:effectively|as (?:intended|designed)|consistently|over time)|tested (?:\w+ ){0,6}?(?:over|throughout|across|during|for) (?:a|an|the|time|\w+ months)|(?:over|throughout|across|during) (?:a|an|the)(?: \w+)? (?:\w+-month )?(?:audit |review |examination |observation |whole |entire |full |reporting )*(?:period|year)|(?:six|nine|twelve|three|6|9|12|3)[- ]months?(?:-long)? (?:period|observation|audit|window)|(?:over|across) time|(?:work\w*|operat\w*|applied) in practice|(?:over|during|throughout|across|for|in) the (?:preceding|past|last|previous|whole|entire) (?:twelve|12|six|nine|6|9)?[- ]?(?:months?|year)|(?:across|over|throughout|during|in) all (?:four )?(?:quarters|months)|(?:running|runs?|functioning|functions?|work(?:s|ed|ing)?|are) effective(?:ly)?(?: on an ongoing basis| day)|day in,? day out|ongoing basis|over the year|effective in (?:[\w-]+ )?operation|effective all (?:through|year)|(?:from|of|through|throughout) the whole year|since the beginning of the year|monitored for (?:twelve|12|six|6) months|histori\w+ performance|sustained|really (?:performed|done|operated)|effectiveness of (?:your|the|our) (?:\w+ )?controls|continuous(?:ly)? (?:operat\w+|effective\w*)|ongoing effectiveness)`)

	effectiveContext = regexp.MustCompile(`\b(?:soc|isae|type|audit\w*|examin\w+|report\w*|attest\w+|assess\w+|tested|independent\w*|verif\w+|cpas?|proves?|documented|shown|shows?|evidence\w*|testif\w+)\b`)
)

// type1Asked finds a yes to a question for effectiveness, over a period or in
// practice, that names a type 1 report and says nothing of its limits.
func (c *Checker) type1Asked(d *draft) (Finding, bool) {
	if d.Verdict != "yes" || !effective.MatchString(lowerASCII(d.Question)) || limits.MatchString(lowerASCII(d.Text)) {
		return Finding{}, false
	}
	why := func(r *Report) string {
		return "the question is about operation, and " + designAsOf(r)
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		for j := range s.mentions {
			m := &s.mentions[j]
			if !m.kind.IsTyped() || m.stance != claimed {
				continue
			}
			if r, same := c.meant(m); r != nil && same && r.Type == 1 {
				return Finding{Words: s.words(m.start, m.end), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}}, Why: why(r)}, true
			}
		}
		if r := c.type1Unnamed(s); r != nil && effectiveContext.MatchString(s.lower) {
			return Finding{Words: s.text, Gap: "no_evidence", Cites: []Cite{{Report: r.ID}}, Why: why(r)}, true
		}
	}
	return Finding{}, false
}

// type1Unnamed returns the type 1 report that a sentence means by its type or
// by its auditor, where the register has one kind of attestation and no type 2.
func (c *Checker) type1Unnamed(s *sentence) *Report {
	if len(s.mentions) > 0 {
		return nil
	}
	k := c.onlyTyped()
	if k == "" {
		return nil
	}
	list := issued(c.ofKind(k), c.today)
	if len(list) == 0 || slices.ContainsFunc(list, func(r *Report) bool { return r.Type != 1 }) {
		return nil
	}
	if at := typeAlone.FindStringSubmatch(s.lower); at != nil && typeOf(at[1]) == 1 {
		return list[0]
	}
	if from, _ := namedIn(s, list[0].Auditor); from >= 0 {
		return list[0]
	}
	return nil
}

// limits are the words of an answer that says what a type 1 is.
var limits = regexp.MustCompile(`\b(?:design|type[\s-]*(?:2|ii)|not|no|as of|point in time|only|planned|will)\b`)

// designWord is in the sentences of somebody who knows what a type 1 is.
var designWord = regexp.MustCompile(`\b(?:only|merely|just|solely)\b[^.;]{0,30}\bdesign\b|\bdesign\b[^.;]{0,30}\bonly\b|\bpoint in time\b|\bsnapshot\b`)

func designOnly(s *sentence, at []int) string {
	if s.isEcho() {
		return ""
	}
	if strings.HasPrefix(s.lower[at[0]:at[1]], "operating effectiveness") || strings.HasPrefix(s.lower[at[0]:at[1]], "operational effectiveness") {
		return "suitability of the design"
	}
	return ""
}

// typeOneBehind returns the type 1 report that a sentence rests on, nil if it
// rests on another or none.
func (c *Checker) typeOneBehind(d *draft, s *sentence, place int) *Report {
	for _, x := range c.cited(d) {
		if x.report != nil && x.report.Kind.IsTyped() {
			if x.report.Type == 1 {
				return x.report
			}
			return nil
		}
	}
	if r := c.type1Unnamed(s); r != nil {
		return r
	}
	for _, m := range d.nearest(s, place) {
		if !m.kind.IsTyped() || m.stance != claimed && m.stance != past {
			continue
		}
		r, _ := c.meant(&m)
		if r != nil && r.Type == 2 && m.typ != 1 {
			return nil
		}
		if r != nil && r.Type == 1 && (m.typ != 2) {
			return r
		}
		if m.typ == 1 && r != nil {
			one := *r
			one.Type = 1
			return &one
		}
	}
	return nil
}
