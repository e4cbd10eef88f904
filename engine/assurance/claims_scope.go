package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The rules on what a report is for and what it covers.

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
			Why:      fmt.Sprintf("the %s speaks of the design of controls as of %s, not of their operation over a period", r.Name(), r.AsOf.Long()),
			Proposal: designOnly(s, at),
		})
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
		return fmt.Sprintf("the question is about operation, and the %s speaks of the design of controls as of %s", r.Name(), r.AsOf.Long())
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
			if r == nil || !same || !r.Lapsed(c.today) || !d.holds(s, m) || m.kind == Pentest && !presentsCurrent.MatchString(s.lower) || c.namesPeriodOf(d, s) {
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
func (c *Checker) namesPeriodOf(d *draft, s *sentence) bool {
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

var (
	financial       = regexp.MustCompile(`\b(?:financial reporting|icfr|icofr|sox|sarbanes[- ]oxley|financial statements?|financial audit(?:ors?|s)?|financial controls?|404)\b`)
	financialDenied = regexp.MustCompile(`\b(?:not|no|never|nor|neither|doesn't|doesn’t|isn't|isn’t|cannot|separate(?:ly)?|rather|only soc 1|outside|unsuitable|instead)\b`)
	securityWord    = regexp.MustCompile(`\b(?:security|secure|trust services?|tsc|cyber ?security|cyber|vulnerabilit(?:y|ies)|hacking|data theft|confidentiality|encryption|network|access controls?|penetration|data protection|privacy|availability|firewalls?|malware|threats?|same criteria|logical access|unauthori[sz]ed access|infosec|intrusions?|intrusion detection)\b`)
)

func (c *Checker) soc2ForFinancial(d *draft) (out []Finding) {
	asked := financial.MatchString(lowerASCII(d.Question))
	for _, s := range d.assertions() {
		needless := noSOC1Needed.MatchString(s.lower)
		named := financial.MatchString(s.lower)
		if !named && !asked || named && financialDenied.MatchString(s.lower) && !needless {
			continue
		}
		if slices.ContainsFunc(s.mentions, func(m mention) bool { return isFinancialKind(m.kind) }) && !needless {
			continue
		}
		if !named && (d.Verdict != "yes" && !offering.MatchString(s.lower) && !whichReport.MatchString(lowerASCII(d.Question)) || d.namesFinancialReport() || d.tellsOfFinancial() || notMeant.MatchString(s.lower)) {
			continue
		}
		list := s.mentions
		if named && len(list) == 0 && refersBack.MatchString(s.lower) {
			list = d.subjects(s)
		}
		for i := range list {
			m := &list[i]
			if isFinancialKind(m.kind) || m.stance != claimed && m.stance != aligned || !isAssuranceKind(m.kind) {
				continue
			}
			out = append(out, Finding{
				Words: s.said(max(m.start, 0), max(m.end, 0)), Gap: "out_of_scope",
				Why: fmt.Sprintf("a %s says nothing on controls over financial reporting; that is what a SOC 1 is for", m.kind.Name()),
			})
			break
		}
	}
	return out
}

var (
	noSOC1Needed = regexp.MustCompile(`\bno (?:separate |additional |further )?soc[\s-]?1\b[^.;]{0,20}\b(?:required|needed|necessary)|\bsame (?:comfort|assurance|purpose|job|level)\b|\b(?:in place of|instead of|equivalent to|as good as) (?:an? |our )?soc[\s-]?1\b`)
	whichReport  = regexp.MustCompile(`\bevidence (?:for|of|on)\b|\b(?:which|what|provide|attach|share|give) (?:\w+ ){0,3}(?:reports?|evidence|assurance)\b`)
	notMeant     = regexp.MustCompile(`\b(?:not|isn't|isn’t|unsuitable|separate(?:ly)?)\b[^.;]{0,20}\b(?:for|meant|intended|suitable|address|cover|rel(?:y|ied))`)
	offering     = regexp.MustCompile(`\b(?:recommend|rely|reliance|use|suitable|refer|suffic\w+|serves?|intended|meets?)\b`)
)

var ownAccounts = regexp.MustCompile(`\b(?:yearly|annual|statutory|our) accounts\b`)

// tellsOfFinancial reports whether the text speaks of financial matters in a
// sentence that names no report: then the others are about something else.
func (d *draft) tellsOfFinancial() bool {
	for i := range d.sentences {
		if s := &d.sentences[i]; len(s.mentions) == 0 && (financial.MatchString(s.lower) || ownAccounts.MatchString(s.lower)) {
			return true
		}
	}
	return false
}

func (d *draft) namesFinancialReport() bool {
	for i := range d.sentences {
		if slices.ContainsFunc(d.sentences[i].mentions, func(m mention) bool { return isFinancialKind(m.kind) }) {
			return true
		}
	}
	return false
}

func isFinancialKind(k Kind) bool { return k == SOC1 || k == ISAE3402 || k == SAS70 }

func isAssuranceKind(k Kind) bool {
	return k.Family() == Attestation || k.Family() == Certification || k == CSASTAR
}

func (c *Checker) soc1ForSecurity(d *draft) (out []Finding) {
	for _, s := range d.assertions() {
		at := s.securityWord()
		said, _, _ := strings.Cut(s.lower, ", so ")
		if at < 0 && (!asksAssurance(d) || denial.MatchString(said)) {
			continue
		}
		if at >= 0 && (s.isDenied(at, at) || onlyFinancial.MatchString(s.lower)) || financial.MatchString(s.lower) && !evidencing.MatchString(s.lower) {
			continue
		}
		if slices.ContainsFunc(s.mentions, func(m mention) bool {
			return !isFinancialKind(m.kind) && isAssuranceKind(m.kind) && m.stance == claimed
		}) {
			continue
		}
		list := s.mentions
		if at >= 0 && len(list) == 0 && refersBack.MatchString(s.lower) {
			list = d.subjects(s)
		}
		for i := range list {
			m := &list[i]
			if (m.kind != SOC1 && m.kind != ISAE3402) || m.stance != claimed {
				continue
			}
			out = append(out, Finding{
				Words: s.said(max(m.start, 0), max(m.end, 0)), Gap: "out_of_scope",
				Why: fmt.Sprintf("a %s has control objectives relevant to financial reporting, not the Trust Services Criteria", m.kind.Name()),
			})
			break
		}
	}
	return out
}

// onlyFinancial are the words of somebody who knows what a SOC 1 is for.
var onlyFinancial = regexp.MustCompile(`\b(?:rather than|not (?:on|about|for|meant|intended|a|evidence)|does not|doesn't|doesn’t|only about|nothing (?:on|about)|separate\w*)\b`)

// asksAssurance reports whether a draft says yes, or names what there is, to a
// question for assurance on security.
func asksAssurance(d *draft) bool {
	q := isAvailable.ReplaceAllString(lowerASCII(d.Question), "")
	return (d.Verdict == "yes" || d.Verdict == "" && (strings.Contains(q, "evidence") || strings.Contains(q, "proof"))) && !d.namesOther() &&
		(securityWord.MatchString(q) || criterionID.MatchString(q)) && assuranceAsked.MatchString(q) && !asksWho.MatchString(q)
}

// isAvailable is availability that is no security: whether a report can be had.
var isAvailable = regexp.MustCompile(`\b(?:type|date|period)s? and availability\b|\bavailability of (?:the |your )?report`)

var (
	assuranceAsked = regexp.MustCompile(`\b(?:proof|trust services|criteria|tscs?|attest\w*|audit\w*|certif\w+|evidence\w*|assess\w*|assurance|examin\w+|tests?|tested|verif\w+|independent\w*)\b`)
	refersBack     = regexp.MustCompile(`\b(?:it|this|the report)\b`)
)

// namesOther reports whether the text names a report that is not about
// financial reporting.
func (d *draft) namesOther() bool {
	for i := range d.sentences {
		if slices.ContainsFunc(d.sentences[i].mentions, func(m mention) bool {
			return !isFinancialKind(m.kind) && isAssuranceKind(m.kind) && m.stance == claimed
		}) {
			return true
		}
	}
	return false
}

// securityWord returns where a sentence speaks of security, -1 if nowhere. The
// "Security" of a company's name is none.
func (s *sentence) securityWord() int {
	for _, at := range securityWord.FindAllStringIndex(s.lower, -1) {
		if strings.HasSuffix(s.lower[:at[0]], "type and ") {
			continue
		}
		if isUpper(s.text[at[0]]) && (nameBefore.MatchString(s.text[:at[0]]) || nameAfter.MatchString(s.text[at[1]:])) && !strings.HasPrefix(s.lower[at[0]:], "trust") {
			continue
		}
		return at[0]
	}
	return -1
}

func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }

var evidencing = regexp.MustCompile(`\b(?:evidenc\w+|demonstrat\w+|verif\w+|prov(?:e|es|en)|confirm\w*|refer|attest(?:s|ed)|assur\w+|validat\w+|show(?:s|n)?|tested|covers?|covered|assessed)\b`)

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
