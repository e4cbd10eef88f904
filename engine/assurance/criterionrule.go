package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

// categoryWord finds a Trust Services category, or one of its criteria, by
// name.
var categoryWord = regexp.MustCompile(`\b(?:processing integrity|availability|confidentiality|privacy|all (?:five|5)|(?:the )?(?:full|complete|entire|whole) (?:set|range|scope)|(pi1|a1|c1|p[1-8])(?:\.\d)?|every (?:category|criterion|criteria))\b`)

func (c *Checker) criterionNotInScope(d *draft) (out []Finding) {
	for _, s := range d.assertions() {
		if len(s.mentions) == 0 && !regarding.MatchString(s.lower) && !scopeHead.MatchString(s.lower) && !asksScope.MatchString(lowerASCII(d.Question)) {
			continue
		}
		if len(s.mentions) == 0 && d.Verdict == "no" {
			continue // it says what covers the rest
		}
		list := d.subjects(s)
		if k := c.onlyCategorised(); len(list) == 0 && k != "" && (asksTSC.MatchString(lowerASCII(d.Question)) || ourReport.MatchString(s.lower)) {
			list = []mention{{start: -1, end: -1, kind: k}}
		}
		for _, m := range list {
			if !hasCategories(m.kind) || m.stance != claimed {
				continue
			}
			r, _ := c.meant(&m)
			if r == nil || len(r.Criteria) == 0 || !scopeWord.MatchString(s.lower) && !asksScope.MatchString(lowerASCII(d.Question)) {
				continue
			}
			out = append(out, c.outOfScope(s, &m, r)...)
			break
		}
	}
	if len(out) == 0 {
		out = c.askedOutOfScope(d)
	}
	return append(out, c.citedOutOfScope(d)...)
}

// scopeHead opens a line that lists what is in scope.
var scopeHead = regexp.MustCompile(`^\W*(?:tscs?|categories|criteria|scope|principles)\b`)

var (
	scopeWord = regexp.MustCompile(`\b(?:cover(?:s|ed|ing)?|includ(?:e|es|ed|ing)|scope|criteria|criterion|categor(?:y|ies)|principles|tsc|examin\w+|address(?:es|ed|ing)?|against|for|on|report|audited|assessed|attest\w*|with)\b`)
	asksScope = regexp.MustCompile(`\b(?:criteria|categor(?:y|ies)|tscs?|scope|cover(?:s|ed)?|principles)\b`)
)

// askedOutOfScope finds a yes to a question for a criterion that rests on a
// report which does not cover it.
func (c *Checker) askedOutOfScope(d *draft) []Finding {
	question := lowerASCII(d.Question)
	if d.Verdict != "yes" || !asksTSC.MatchString(question) || categoryWord.MatchString(lowerASCII(d.Text)) {
		return nil
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		for j := range s.mentions {
			m := &s.mentions[j]
			if !hasCategories(m.kind) || m.stance != claimed {
				continue
			}
			r, _ := c.meant(m)
			if r == nil || len(r.Criteria) == 0 {
				continue
			}
			for _, category := range categoriesAsked(question) {
				if !r.HasCategory(category) {
					return []Finding{{
						Words: s.words(m.start, m.end), Gap: "out_of_scope", Cites: []Cite{{Report: r.ID}},
						Why: fmt.Sprintf("the %s covers %s, not %s", r.Name(), joinAnd(r.Criteria), category),
					}}
				}
			}
		}
	}
	return nil
}

// asksTSC is a question about categories that names no report.
var asksTSC = regexp.MustCompile(`\b(?:tscs?|trust services?|(?:your|the) (?:\w+ )?report (?:cover|include|address)s?)\b|\b(?:report|soc|audit|attestation|examin\w+)\b[^?]*\bcategories\b|\bcategories\b[^?]*\b(?:report|soc|audit\w*|attestation|examined|tsc)\b`)

// onlyCategorised returns the kind of report that has categories, where the
// register has one such kind.
func (c *Checker) onlyCategorised() (kind Kind) {
	for i := range c.register.Reports {
		k := c.register.Reports[i].Kind
		if !hasCategories(k) || k == kind {
			continue
		}
		if kind != "" {
			return ""
		}
		kind = k
	}
	return kind
}

func hasCategories(k Kind) bool { return k == SOC2 || k == SOC2Plus || k == SOC3 }

// outOfScope returns what a sentence says that r covers and it does not.
func (c *Checker) outOfScope(s *sentence, m *mention, r *Report) (out []Finding) {
	for _, at := range categoryWord.FindAllStringSubmatchIndex(s.lower, -1) {
		word := s.lower[at[0]:at[1]]
		var missing []string
		for _, category := range categoriesOf(word) {
			if !r.HasCategory(category) {
				missing = append(missing, category)
			}
		}
		if len(missing) == 0 || otherMeaning.MatchString(s.lower[at[1]:]) || s.nearerReport(m, at[0]) || s.isDenied(at[0], at[1]) {
			continue
		}
		out = append(out, Finding{
			Words: s.said(at[0], at[1]), Gap: "out_of_scope", Cites: []Cite{{Report: r.ID}},
			Why: fmt.Sprintf("the %s covers %s, not %s", r.Name(), joinAnd(r.Criteria), joinAnd(missing)),
		})
		break
	}
	return out
}

// otherMeaning follows a category's word where it is none.
var otherMeaning = regexp.MustCompile(`^ (?:policy|policies|notices?|statements?|by design|acts?|laws?|legislation|officers?|shield|regulations?|program(?:me)?s?|impact|rights?|settings?|teams?|office|incidents?|requests?|zones?|targets?|sla|monitoring|agreements?|clauses?|obligations?|of (?:the )?(?:service|platform|data|customer|information|systems?))\b`)

func categoriesOf(word string) []string {
	switch {
	case strings.HasPrefix(word, "all ") || strings.HasPrefix(word, "every ") || strings.HasSuffix(word, " set") || strings.HasSuffix(word, " range") || strings.HasSuffix(word, " scope"):
		return Categories()
	case strings.HasPrefix(word, "pi1"):
		return []string{"processing integrity"}
	case strings.HasPrefix(word, "a1"):
		return []string{"availability"}
	case strings.HasPrefix(word, "c1"):
		return []string{"confidentiality"}
	case word[0] == 'p' && len(word) > 1 && word[1] >= '1' && word[1] <= '8':
		return []string{"privacy"}
	}
	return []string{word}
}

// nearerReport reports whether another report stands between m and place, or
// between place and m, so that what is said there is said of it.
func (s *sentence) nearerReport(m *mention, place int) bool {
	for i := range s.mentions {
		o := &s.mentions[i]
		if o.start == m.start && o.end == m.end || m.start < 0 {
			continue
		}
		if o.kind == m.kind && o.stance == m.stance {
			continue
		}
		if m.start < o.start && o.start < place || place < o.start && o.start < m.start {
			return true
		}
	}
	return false
}

// isDenied reports whether what stands from one place to another is denied or
// planned within its clause. A list counts as a whole: what follows the last
// of its words counts for each.
func (s *sentence) isDenied(from, to int) bool {
	begin, end := s.clause(from)
	head := s.lower[max(begin, from-denialReach):from]
	return denial.MatchString(head) || plan.MatchString(s.lower[begin:from]) || excluded.MatchString(s.lower[to:max(to, end)]) || exclude.MatchString(head)
}

// deniedBefore reports whether what stands at place is denied or excluded by the
// words before it.
func (s *sentence) deniedBefore(place int) bool {
	begin, _ := s.clause(place)
	head := s.lower[max(begin, place-denialReach):place]
	return denial.MatchString(head) || exclude.MatchString(head)
}

// denialReach is how many bytes a denial reaches within its clause.
const denialReach = 48

var (
	excluded = regexp.MustCompile(`\b(?:not|never|excluded|out of scope|outside|carved out|planned|will be|no longer|n't|n’t)\b`)
	exclude  = regexp.MustCompile(`\b(?:exclud\w+|except|without|besides|other than|apart from|outside|omit\w*|beyond)\b`)
)

// citedOutOfScope returns the criteria that a draft cites through a report
// which does not cover their category.
func (c *Checker) citedOutOfScope(d *draft) (out []Finding) {
	for _, x := range c.cited(d) {
		if x.report == nil || !hasCategories(x.report.Kind) || x.cite.Criterion == "" {
			continue
		}
		if category := CategoryOf(x.cite.Criterion); category != "" && !x.report.HasCategory(category) {
			out = append(out, Finding{
				Gap: "out_of_scope", Cites: []Cite{x.cite},
				Why: fmt.Sprintf("%s is cited through the %s, which does not cover %s", x.cite.Criterion, x.report.Name(), category),
			})
		}
	}
	return out
}

// CategoryOf returns the Trust Services category that a criterion belongs to
// by its letters, "" if it is none of theirs.
func CategoryOf(criterion string) string {
	m := tscID.FindStringSubmatch(strings.ToUpper(strings.ReplaceAll(criterion, " ", "")))
	if m == nil {
		return ""
	}
	switch m[1] {
	case "CC":
		return "security"
	case "A":
		return "availability"
	case "C":
		return "confidentiality"
	case "PI":
		return "processing integrity"
	}
	return "privacy"
}

var tscID = regexp.MustCompile(`^(CC|PI|A|C|P)[1-9]\.\d{1,2}$`)
