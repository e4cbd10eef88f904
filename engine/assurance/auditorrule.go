package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

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
	notFirm    = regexp.MustCompile(`(?i)^(?:yes|no|we|our|the|in|an?|it|this|internal|aicpa|security|compliance|management|soc\d?|iso|sure|certainly|audit|type|partially|not|n/a|under|on|since|each|every|all|customers?|annual|q[1-4]|january|february|march|april|may|june|july|august|september|october|november|december|availability|confidentiality|privacy|processing|unqualified|qualified|request|certificate|csa|cloud|us|us-based|eu|uk|they|he|she|cpas?|our|those|these|both|several|staff)\b`)
	ofAccounts = regexp.MustCompile(`\b(?:financial|accounts|statutory|books|bookkeeping|tax)\b`)
	preparing  = regexp.MustCompile(`\b(?:readiness|gap (?:assessment|analysis)|consulted|prepar(?:e|es|ing|ation|atory))\b`)
	currentish = regexp.MustCompile(`\b(?:current\w*|latest|most recent|newest|this year|present(?:ly)?|now)\b`)
)

func (c *Checker) registerAuditor(d *draft) (out []Finding) {
	asked := d.asksAbout(asksWho)
	for i := range d.sentences {
		s := &d.sentences[i]
		if !asked && !regarding.MatchString(s.lower) || preparing.MatchString(s.lower) || len(s.mentions) == 0 && ofAccounts.MatchString(s.lower) {
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
		f := Finding{
			Words: s.words(at, at+len(name)), Severity: Block, Gap: "conflict", Cites: []Cite{{Report: list[0].ID}},
			Why: fmt.Sprintf("the %s is by %s", list[0].Name(), list[0].Auditor),
		}
		if d.namesInPlace(s, list[0].Kind) {
			f.Severity, f.Gap, f.Proposal = Correct, "", list[0].Auditor
		}
		out = append(out, f)
	}
	return out
}

// namesInPlace reports whether a sentence names a kind of report itself, or
// answers a question that does with a name alone. Where the report is only
// guessed, another name must not be written in: the sentence may be about
// something else, and would then be made false.
func (d *draft) namesInPlace(s *sentence, kind Kind) bool {
	named := func(list []mention) bool {
		return slices.ContainsFunc(list, func(m mention) bool { return m.kind == kind })
	}
	if named(s.mentions) {
		return true
	}
	return len(s.mentions) == 0 && len(d.sentences) == 1 && slices.ContainsFunc(d.asked.sentences, func(q sentence) bool { return named(q.mentions) })
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
			if form == firmAfter && !s.audited(m[0]) {
				continue
			}
			if form == firmParen && (!strings.Contains(name, " ") || figures(name) > 0) {
				continue
			}
			return name, m[2]
		}
	}
	return "", 0
}

// audited reports whether what is done by a firm, with the verb at a place, is
// an audit: everything can be provided by somebody.
func (s *sentence) audited(verb int) bool {
	from, _ := s.clause(verb)
	before := s.lower[from:verb]
	return auditVerb.MatchString(s.lower[verb:]) || strings.TrimSpace(before) == "" || auditNoun.MatchString(before)
}

var (
	auditVerb = regexp.MustCompile(`^(?:audited|examined|certified|attested|report|audit|examination|certificate|attestation|certification|test|soc|type|dss|r2|i1|\d)`)
	auditNoun = regexp.MustCompile(`\b(?:audit\w*|examin\w+|reports?|assess\w*|attest\w*|certif\w+|tests?|tested|testing|pentests?|opinions?|reviews?|soc|isae|iso|pci|hitrust|dss|roc|aoc|letters?|surveillance|type|it|this|that|these|both|they|all|which|those|one|ones|latest|last)\b`)

	// plainAuditor says who audits us, whatever the audit is.
	plainAuditor = regexp.MustCompile(`^(?:yes[,.:]? )?(?:our|the) (?:current |external |independent |service |third[- ]party )*auditors? (?:is|are|was|were)\b|\bwe (?:are|were|have been) (?:\w+ )?audited (?:\w+ )?by\b`)
)

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
	if len(d.subjects(s)) > 0 || ofAccounts.MatchString(lowerASCII(d.Question)) || ofAccounts.MatchString(s.lower) {
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
	switch {
	case len(kinds) == 1:
		return c.ofKind(out[0].Kind)
	case len(kinds) > 1 && plainAuditor.MatchString(s.lower) && !slices.ContainsFunc(out, func(r *Report) bool { return !sameFirm(r.Auditor, out[0].Auditor) }):
		return c.ofKind(out[0].Kind) // whichever is meant, it is by the same firm
	}
	return nil
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
