package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

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
