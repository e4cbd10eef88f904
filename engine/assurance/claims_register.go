package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The rules that hold what a draft says of reports against the register.

func (c *Checker) noSuchReport(d *draft) (out []Finding) {
	if len(c.register.Reports) == 0 {
		return nil // there is no register to hold it against
	}
	seen := map[Kind]bool{}
	for _, s := range d.assertions() {
		for i := range s.mentions {
			m := &s.mentions[i]
			if seen[m.kind] || m.kind == Pentest || m.kind == SAS70 || !d.holds(s, m) || c.isSubservice(s, m) {
				continue
			}
			list := c.ofKind(m.kind)
			if len(issued(list, c.today)) > 0 {
				continue
			}
			seen[m.kind] = true
			out = append(out, Finding{Words: s.said(m.start, m.end), Gap: "no_evidence", Why: c.absentWhy(m.kind, list)})
		}
	}
	return out
}

func (c *Checker) absentWhy(k Kind, list []*Report) string {
	if len(list) > 0 {
		return fmt.Sprintf("the %s is to be issued on %s, and is not there yet", list[0].Name(), list[0].Issued.Long())
	}
	return fmt.Sprintf("the register holds no %s", k.Name())
}

// isSubservice reports whether a subservice organisation stands before m in
// its clause: then the report is theirs.
func (c *Checker) isSubservice(s *sentence, m *mention) bool {
	from, _ := s.clause(m.start)
	for _, name := range c.subserviceNames() {
		if containsWord(s.lower[from:m.start], name) >= 0 {
			return true
		}
	}
	return false
}

// typeAlone is a type without its report: "It is a Type I report".
var typeAlone = regexp.MustCompile(`\btype[\s-]*(1|2|i{1,2}|one|two)\b`)

func (c *Checker) registerType(d *draft) (out []Finding) {
	if f, ok := c.typeChosen(d); ok {
		return []Finding{f}
	}
	for _, s := range d.assertions() {
		if f, ok := c.wrongType(d, s); ok {
			out = append(out, f)
		}
	}
	return out
}

// typeChosen reads an answer that only chooses between the two types of the
// question: "1", "II", "the latter".
func (c *Checker) typeChosen(d *draft) (Finding, bool) {
	q := lowerASCII(d.Question)
	m := choice.FindStringSubmatch(lowerASCII(d.Text))
	if m == nil || !typeChoice.MatchString(q) || len(d.asked.sentences) != 1 || len(d.asked.sentences[0].mentions) == 0 {
		return Finding{}, false
	}
	said := 0
	switch m[1] {
	case "former", "first":
		said = 1
	case "latter", "second":
		said = 2
	default:
		said = typeOf(m[1])
	}
	if latterIsOne.MatchString(q) && (m[1] == "former" || m[1] == "latter") {
		said = 3 - said
	}
	asked := d.asked.sentences[0].mentions[0]
	asked.typ = said
	r, same := c.meant(&asked)
	if r == nil || same || !asked.kind.IsTyped() {
		return Finding{}, false
	}
	return Finding{
		Words: d.Text, Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
		Why: fmt.Sprintf("the register holds a %s and no type %d", r.Name(), said),
	}, true
}

var (
	choice      = regexp.MustCompile(`^\W*(?:(?:it is |it's )?(?:a |the )?(?:type )?)(1|2|i{1,2}|one|two|former|latter|first|second)\W*$`)
	latterIsOne = regexp.MustCompile(`\btype[\s-]*(?:2|ii)\b[^?]{0,12}\bor\b[^?]{0,12}(?:1|i)\b`)
)

func (c *Checker) wrongType(d *draft, s *sentence) (Finding, bool) {
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.typ == 0 || m.stance != claimed || !m.kind.IsTyped() || c.isSubservice(s, m) {
			continue
		}
		if r, same := c.meant(m); r != nil && !same {
			return c.typeFinding(s, m.start, m.end, m.typ, r), true
		}
	}
	if slices.ContainsFunc(s.mentions, func(m mention) bool { return m.typ != 0 }) || s.isEcho() {
		return Finding{}, false
	}
	at := typeAlone.FindStringSubmatchIndex(s.lower)
	if at == nil || s.isDenied(at[0], at[1]) || plan.MatchString(s.clauseText(at[0])) || gone.MatchString(s.clauseText(at[0])) {
		return Finding{}, false
	}
	list := d.subjects(s)
	if k := c.onlyTyped(); len(list) == 0 && k != "" && regarding.MatchString(s.lower) {
		list = []mention{{start: -1, kind: k}}
	}
	for _, m := range list {
		if !m.kind.IsTyped() || m.stance != claimed && m.start >= 0 {
			continue
		}
		m.typ = typeOf(s.lower[at[2]:at[3]])
		if r, same := c.meant(&m); r != nil && !same {
			return c.typeFinding(s, at[0], at[1], m.typ, r), true
		}
	}
	return Finding{}, false
}

// onlyTyped returns the kind of attestation that the register has, where it has
// one.
func (c *Checker) onlyTyped() (kind Kind) {
	for i := range c.register.Reports {
		k := c.register.Reports[i].Kind
		if k == SOC2Plus {
			k = SOC2
		}
		if !k.IsTyped() || k == kind {
			continue
		}
		if kind != "" {
			return ""
		}
		kind = k
	}
	return kind
}

// typeFinding says that a type is claimed of which there is no report. A type
// 1 said of a type 2 is too little, and can be put right; a type 2 said of a
// type 1 may have been the point of the answer.
func (c *Checker) typeFinding(s *sentence, from, to, said int, r *Report) Finding {
	f := Finding{
		Words: s.said(from, to), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
		Why: fmt.Sprintf("the register holds a %s and no type %d", r.Name(), said),
	}
	if said == 1 && f.Words != "" {
		at := typeAlone.FindStringSubmatchIndex(lowerASCII(f.Words))
		if at != nil {
			f.Severity, f.Gap = Correct, ""
			f.Proposal = f.Words[:at[2]] + fmt.Sprint(r.Type) + f.Words[at[3]:]
		}
	}
	return f
}

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

// Names of firms: words that begin with a capital, joined by "&", "and", "of".
const firm = `([A-Z][\p{L}\d'’.&-]*(?:,? (?:&|and|of|und|de|van|von|der|the)? ?[A-Z][\p{L}\d'’.&-]*)*)`

var (
	firmAfter  = regexp.MustCompile(`\b(?:[Ii]ssued|[Pp]erformed|[Cc]onducted|[Aa]udited|[Ee]xamined|[Cc]arried out|[Gg]ranted|[Cc]ertified|[Ee]xecuted|[Cc]ompleted|[Pp]repared|[Ss]igned|[Pp]rovided|[Aa]ssessed|[Tt]ested|[Aa]ttested|[Dd]one|[Dd]elivered|[Vv]alidated|[Vv]erified|[Oo]verseen|[Ll]ed|[Gg]iven|[Ee]xpressed|[Rr]endered|[Cc]omes?|[Cc]ame|[Ii]s|[Ww]as|report|audit|examination|certificate(?: \S*\d\S*)?|attestation|certification|test)(?: \w+ \d{4})?(?: (?:in|on|for) [^,;.]{1,30}?)? (?:by|from) (?:the (?:independent |external )?(?:CPA |audit |certification |testing )?(?:firm|body|auditor|company) )?(?:(?:a |the )?(?:team|testers?|experts?|consultants?|specialists?) (?:from|of|at) )?` + firm + `|\b(?:SOC ?[123]|[Tt]ype (?:1|2|I|II)|\d{5}(?::\d{4})?|DSS|r2|i1)(?: report| certificate| attestation)? by ` + firm + `|\b(?:done|performed|conducted|completed|carried out) with ` + firm)
	firmIs     = regexp.MustCompile(`\b(?:[Aa]uditors?|[Aa]udit firm|[Cc]ertification body|[Aa]ssessor|[Rr]egistrar|[Ss]ervice auditor|CPA firm|[Tt]esting firm|[Tt]esters?)\b[^.;:]{0,60}?(?: (?:is|are|was|were)|:) (?:the (?:firm|company) )?` + firm)
	firmDoes   = regexp.MustCompile(`(?:^|[.;,:] |\bwhich |\bby )` + firm + `(?:, (?:an?|our|the) [^,;]{3,50},|, who)? (?:has |have |also )?(?:signed|wrote|prepared|acted as|acts as|is (?:the|our) (?:\w+ ){0,2}(?:auditor|assessor|certification body|registrar|qsa|tester)|serves as|served as|validated|issued|performed|performs|conducted|conducts|examined|examines|audited|certified|certifies|carried out|tested|assessed|reported)\b`)
	firmHired  = regexp.MustCompile(`\b(?:engaged?|appointed|retained|hired|commissioned|selected|contracted|contract with|work with|use|chose)s? ` + firm + ` (?:as|for|to)\b`)
	firmParen  = regexp.MustCompile(`\(` + firm + `\)`)
	firmColon  = regexp.MustCompile(`^[^:]{3,50}(?::| [–-]) ` + firm + `[.;,]?$`)
	firmAlone  = regexp.MustCompile(`^(?:Yes[,.:]? )?(?:[Bb]y )?` + firm + `(?:,? in \d{4})?\.?$`)
	asksWho    = regexp.MustCompile(`\b(?:who|whom|firms?|accountants|which (?:firm|body|auditor|company|certification body|cpa|organi[sz]ation)|name (?:of )?(?:the|your)|audit firm|certification bod(?:y|ies)|auditor|assessor|registrar)\b`)
	notFirm    = regexp.MustCompile(`(?i)^(?:yes|no|we|our|the|in|an?|it|this|internal|aicpa|security|compliance|management|soc|iso|audit|type|partially|not|n/a|under|on|since|each|every|all|customers?|annual|q[1-4]|january|february|march|april|may|june|july|august|september|october|november|december|availability|confidentiality|privacy|processing|unqualified|qualified|request|certificate|csa|cloud|us|us-based|eu|uk|they|he|she|cpas?|our|those|these|both|several|staff)\b`)
	preparing  = regexp.MustCompile(`\b(?:readiness|gap (?:assessment|analysis)|consulted|prepar(?:e|es|ing|ation|atory))\b`)
	currentish = regexp.MustCompile(`\b(?:current\w*|latest|most recent|newest|this year|present(?:ly)?|now)\b`)
)

func (c *Checker) registerAuditor(d *draft) (out []Finding) {
	asked := d.asksAbout(asksWho)
	for i := range d.sentences {
		s := &d.sentences[i]
		if !asked && !regarding.MatchString(s.lower) || preparing.MatchString(s.lower) {
			continue
		}
		name, at := firmNamed(s, asked)
		if name == "" || notFirm.MatchString(name) || strings.HasPrefix(lowerASCII(c.register.Company), lowerASCII(name)) && name != "" {
			continue
		}
		list := c.auditedReports(d, s, at)
		if len(list) == 0 || c.isAuditorOf(list, name, s) {
			continue
		}
		out = append(out, Finding{
			Words: s.words(at, at+len(name)), Severity: Correct, Cites: []Cite{{Report: list[0].ID}},
			Why:      fmt.Sprintf("the %s is by %s", list[0].Name(), list[0].Auditor),
			Proposal: list[0].Auditor,
		})
	}
	return out
}

func firmNamed(s *sentence, asked bool) (name string, at int) {
	forms := []*regexp.Regexp{firmAfter, firmIs, firmDoes, firmHired, firmParen}
	if asked {
		forms = append(forms, firmColon, firmAlone)
	}
	for _, form := range forms {
		if m := form.FindStringSubmatchIndex(s.text); m != nil {
			for m[2] < 0 {
				m = append(m[:2:2], m[4:]...)
			}
			name := strings.TrimRight(s.text[m[2]:m[3]], ".,")
			if form == firmParen && (!strings.Contains(name, " ") || figures(name) > 0) {
				continue
			}
			return name, m[2]
		}
	}
	return "", 0
}

// auditedReports returns the issued reports with an auditor that a sentence
// may be about, newest first.
func (c *Checker) auditedReports(d *draft, s *sentence, place int) (out []*Report) {
	for _, m := range d.nearest(s, place) {
		if m.stance == denied || m.stance == planned {
			continue
		}
		for _, r := range issued(c.ofKind(m.kind), c.today) {
			if r.Auditor != "" {
				out = append(out, r)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	if len(d.subjects(s)) > 0 || strings.Contains(lowerASCII(d.Question), "financial") || strings.Contains(s.lower, "accounts") {
		return nil
	}
	return c.onlyAudited(s, lowerASCII(d.Question))
}

// onlyAudited returns the attestations, where a sentence speaks of the audit
// without naming it and the register leaves no doubt which one it is.
func (c *Checker) onlyAudited(s *sentence, question string) (out []*Report) {
	kind := Attestation
	switch {
	case strings.Contains(s.lower, "tested") && (strings.Contains(question, "outside") || strings.Contains(question, "external") || strings.Contains(question, "third") || strings.Contains(question, "who tested")):
		return issued(c.ofKind(Pentest), c.today)
	case strings.Contains(s.lower+question, "certificat") || strings.Contains(s.lower+question, "certified"):
		kind = Certification
	case !auditWord.MatchString(s.lower + " " + question):
		return nil
	}
	kinds := map[Kind]bool{}
	for i := range c.register.Reports {
		if r := &c.register.Reports[i]; r.Kind.Family() == kind && !r.IsFuture(c.today) && r.Auditor != "" {
			kinds[r.Kind] = true
			out = append(out, r)
		}
	}
	if len(kinds) != 1 {
		return nil
	}
	return c.ofKind(out[0].Kind)
}

var auditWord = regexp.MustCompile(`\b(?:audit(?:ed|or|ors)?|attest\w*|examin\w+|report)\b`)

// isAuditorOf reports whether name is the auditor of the newest report of the
// list; or of an older one, where the sentence does not speak of the newest.
func (c *Checker) isAuditorOf(list []*Report, name string, s *sentence) bool {
	for i, r := range list {
		if sameFirm(name, r.Auditor) && (i == 0 || r.Auditor == list[0].Auditor || len(s.dates) > 0 || gone.MatchString(s.lower) || !currentish.MatchString(s.lower) && i == 0) {
			return true
		}
	}
	return false
}

// sameFirm reports whether two names of firms are of one: one is the other's
// beginning, legal forms aside.
func sameFirm(a, b string) bool {
	a, b = bareFirm(a), bareFirm(b)
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

func bareFirm(s string) string {
	s = lowerASCII(strings.TrimSpace(s))
	for legalForms.MatchString(s) {
		s = legalForms.ReplaceAllString(s, "")
	}
	s = strings.TrimPrefix(s, "the ")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == '.' || r == '&' }), " ")
}

var (
	certificateNumber = regexp.MustCompile(`\b(?:[Cc]ert(?:ificate|ification|\.)?(?: (?:[Nn]umber|[Nn]o|[Nn]r|[Nn]um|id|ID|Id|[Rr]ef(?:erence)?)|, (?:reference|numbered|number|no))?(?: #|\b)\.?:?|[Nn]o\.|[Nn]umber:?|#)(?: is| was|,|:)? ?\(?((?:(?:[A-Z]{1,6}[ /.-]){1,3}|[A-Z]{1,6}|[a-z]\d-)?[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Za-z\d]+)*)`)
	numberAlone       = regexp.MustCompile(`\b((?:[A-Z]{1,6}[ /.-]){0,3}[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Z\d]+)*)\b`)
	asksNumber        = regexp.MustCompile(`\bcert(?:ificate|ification)?\.?(?:'s)? (?:number|no|id|nr|ref\w*)\b|\bnumbers? of (?:the|your|both|all) (?:\w+ )*certificate|\bstate the number\b|\bcertificates?(?: register entry| identifiers?| ids?)?\W*$|\bcertificate register\b|\bidentifiers?\b|\bwith (?:their )?numbers\b|\bverify the [^?]*certificate`)
)

func (c *Checker) registerCertificate(d *draft) (out []Finding) {
	asked := d.asksAbout(asksNumber)
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, n := range numbersSaid(s, asked) {
			said, at := n.text, n.at
			list := c.certificatesOf(d, s, at)
			if len(list) == 0 || slices.ContainsFunc(list, func(r *Report) bool { return plainNumber(r.Certificate) == plainNumber(said) }) {
				continue
			}
			out = append(out, Finding{
				Words: said, Severity: Correct, Cites: []Cite{{Report: list[0].ID}},
				Why:      fmt.Sprintf("the number of the %s certificate is %s", list[0].Kind.Name(), list[0].Certificate),
				Proposal: list[0].Certificate,
			})
		}
	}
	return out
}

// number is a certificate's number as it stands in a sentence.
type number struct {
	text string
	at   int
}

// numbersSaid returns the numbers of certificates that a sentence gives.
func numbersSaid(s *sentence, asked bool) (out []number) {
	forms := []*regexp.Regexp{certificateNumber, numberIs}
	if asked {
		forms = append(forms, numberAlone)
	}
	for _, form := range forms {
		for _, m := range form.FindAllStringSubmatchIndex(s.text, -1) {
			if said := s.text[m[2]:m[3]]; figures(said) >= 3 && !otherNumber.MatchString(s.text[:m[0]]) && !isStandard(said) && !slices.ContainsFunc(s.dates, func(x span) bool { return x.start <= m[2] && m[3] <= x.end }) {
				out = append(out, number{said, m[2]})
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

// otherNumber stands before a number that is no certificate's.
var otherNumber = regexp.MustCompile(`(?i)\b(?:company|registration|tax|vat|ticket|policy|version|phone|duns|commercial|register|invoice|employer|charity)(?: registration)? (?:number:? |no\.? )?$`)

var numberIs = regexp.MustCompile(`\b[Nn]umber (?:on|of) [^.;]{0,120}? is ((?:[A-Z]{1,6}[ /.-]?)?[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Z\d]+)*)`)

func (c *Checker) certificatesOf(d *draft, s *sentence, place int) (out []*Report) {
	for _, m := range d.nearest(s, place) {
		for _, r := range c.ofKind(m.kind) {
			if r.Certificate != "" {
				out = append(out, r)
			}
		}
	}
	if len(out) > 0 || len(d.subjects(s)) > 0 || !d.asksAbout(asksNumber) && !certifiedThing.MatchString(s.lower) {
		return out
	}
	for i := range c.register.Reports {
		if r := &c.register.Reports[i]; r.Certificate != "" {
			out = append(out, r)
		}
	}
	return out
}

var certifiedThing = regexp.MustCompile(`\b(?:isms|management system|registered with)\b`)

func figures(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// isStandard reports whether a number is a standard's, or a year.
func isStandard(s string) bool { return standardNumber.MatchString(s) }

var standardNumber = regexp.MustCompile(`^(?:ISO[ /-]?|IEC[ /-]?)*(?:27\d{3}|42001|22301|9001|20\d\d)(?::20\d\d)?$`)

func plainNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

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
