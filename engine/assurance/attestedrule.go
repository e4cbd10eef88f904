package assurance

import (
	"regexp"
	"slices"
	"strings"
)

const (
	socName = `(?:aicpa )?(?:soc[\s-]{0,2}[123][®™]?\s?(?:\+|plus)?|isae[\s-]?3402|ssae[\s-]?(?:16|18|21)|sas[\s-]?70)(?:\s?[,(]?\s?(?:type|t)[\s-]*(?:1|2|i{1,2})\b\)?)?`
	// nameList is what may stand between an attestation and "certified" in a
	// list of names: other names, and nothing that has a verb.
	nameList  = `(?:\s*(?:,|&|/|\+|and|or|as well as|both)?\s*(?:the )?(?:soc[\s-]{0,2}[123][®™]?(?:[ (,]*type[\s-]*(?:1|2|i{1,2})\b\)?)?|iso(?:/iec)?[\s-]?\d{4,5}(?::\d{4})?|\d{5}|pci(?:[\s-]dss)?|hipaa|hitrust(?: csf)?|gdpr|fedramp|csa star|isae[\s-]?3402))*`
	certified = `(?:certifi(?:ed|cations?|cates?)|certs?|accredit(?:ed|ation)|(?:fully |100 ?% )?complian(?:t|ce certifi\w+))\b`
)

var certifiedForms = []*regexp.Regexp{
	regexp.MustCompile(`\b(?:achiev\w+|attain\w*|maintain\w*|hold|holds|have|has|full|fully|ensur\w+|demonstrat\w+|verified)(?: \w+)? ` + socName + ` complian(?:ce|t)\b`),
	regexp.MustCompile(`\b(?:certif(?:ied|ications?)|accredited)(?: \w+){0,4} (?:under|to|for|against) (?:the )?(?:aicpa )?` + socName),
	regexp.MustCompile(`\b` + socName + nameList + `[\s(-]+(?:\(?(?:security|aicpa)\)? )?` + certified),
	regexp.MustCompile(`\bsoc[\s-](?:certified|compliant|certifications?|accredited)\b`),
	regexp.MustCompile(`\b(?:certifi(?:ed|cations?|cates?)|accredit(?:ed|ation))\b(?: (?:is|are|include|includes|including|such as|for|to|under|against|of|in|with|as|by|per|we hold|held|attained|obtained))*\s?:?(?: (?:the|aicpa|a|an|our|both|following))*` + nameList + `\s*(?:,|&|/|and|or)?\s*(?:a |an |the )?` + socName),
	regexp.MustCompile(`\b(?:complian(?:t|ce)|compl(?:y|ies)|certif(?:y|ies)) (?:with|to|under|us (?:for|under))(?: the)? (?:aicpa )?soc[\s-]{0,2}[123]\b(?:[ (,]*type[\s-]*(?:1|2|i{1,2})\b\)?)?(?: (?:requirements|standards?))?`),
}

func (c *Checker) attestationCertified(d *draft) (out []Finding) {
	if f, ok := c.certifiedTo(d); ok {
		return []Finding{f}
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		if !strings.Contains(s.lower, "soc") && !strings.Contains(s.lower, "isae") && !strings.Contains(s.lower, "s 70") && !strings.Contains(s.lower, "ssae") {
			continue
		}
		for _, form := range certifiedForms {
			at := form.FindStringIndex(s.lower)
			if at == nil || reportTail.MatchString(s.lower[at[1]:]) && !strings.HasPrefix(s.lower[at[0]:], "soc") || !c.isOurClaim(s, at[0], at[1]) {
				continue
			}
			f := Finding{
				Words: s.words(at[0], at[1]),
				Why:   "a SOC or ISAE report is an auditor's attestation; nobody is certified or compliant by it",
			}
			if !slices.ContainsFunc(s.mentions, func(m mention) bool { return m.kind.Family() != Attestation }) {
				f.Proposal = c.attested(s, at) // beside a certificate, "certified" may be said of that
			}
			if f.Proposal == "" {
				f.Severity = Block
				f.Gap = "no_evidence"
			}
			out = append(out, f)
			break
		}
	}
	return out
}

// certifiedTo finds an attestation in the list that answers "Which standards are
// you certified to?".
func (c *Checker) certifiedTo(d *draft) (Finding, bool) {
	if !asksCertified.MatchString(lowerASCII(d.Question)) || attestWord.MatchString(lowerASCII(d.Text)) {
		return Finding{}, false
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		for j := range s.mentions {
			if m := &s.mentions[j]; m.kind.Family() == Attestation && m.stance == claimed && len(strings.Fields(s.lower)) <= shortYes {
				return Finding{Words: s.words(m.start, m.end), Severity: Block, Gap: "no_evidence", Why: "a SOC or ISAE report is an auditor's attestation; nobody is certified by it"}, true
			}
		}
	}
	return Finding{}, false
}

var (
	asksCertified = regexp.MustCompile(`\bcertified (?:to|against|under)\?|\b(?:which|what) (?:standards?|frameworks?)[^?]*\bcertified (?:to|against|under|for)\b`)
	attestWord    = regexp.MustCompile(`\b(?:reports?|attest\w*|examin\w+)\b`)
)

// reportTail follows an attestation that is called what it is: "ISO 27001
// certification and a SOC 2 report".
var reportTail = regexp.MustCompile(`^\W{0,2}(?:attestation |audit |examination )?(?:reports?|attestations?|audits?|examinations?)\b`)

// isOurClaim reports whether the words from one place to another are said of
// ourselves, as a fact.
func (c *Checker) isOurClaim(s *sentence, from, to int) bool {
	begin, end := s.clause(from)
	head, tail := s.lower[begin:from], s.lower[to:max(end, to)]
	for _, sub := range c.subserviceNames() {
		if strings.Contains(head, sub) {
			return false
		}
	}
	switch {
	case others.MatchString(s.aside(from)), saidByOthers.MatchString(s.aside(from)), possessedByOthers.MatchString(tail), denial.MatchString(head),
		denialAfter.MatchString(tail), notCertification.MatchString(s.lower),
		explaining.MatchString(s.lower) && !ours.MatchString(s.lower), strings.Contains(head, `"`), strings.Contains(head, "“"):
		return false
	}
	return true
}

// saidByOthers is what others say of themselves: "who state that they are".
var saidByOthers = regexp.MustCompile(`\b(?:who|which|that|they) (?:state|say|claim|advertise|describe)`)

// notCertification is somebody who knows it: "SOC 2 is an attestation, not a
// certification".
var notCertification = regexp.MustCompile(`\bnot (?:a |an )?(?:certif|accredit)|no such thing|\brather than (?:a |an )?certif|\bno (?:soc|isae)[^.;]{0,30}certif|\bnobody\b|\bquotation marks\b`)

func (c *Checker) subserviceNames() (out []string) {
	for i := range c.register.Reports {
		for _, s := range c.register.Reports[i].Subservices {
			if s.Name != "" {
				out = append(out, lowerASCII(s.Name))
			}
		}
	}
	return out
}

// attested words what the register holds of the attestations named in the
// words, as a noun phrase that can stand for them; "" if that cannot be done
// within the sentence.
func (c *Checker) attested(s *sentence, at []int) string {
	var names []string
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.start < at[0] || m.end > at[1]+1 {
			continue
		}
		if m.kind.Family() != Attestation {
			return "" // certificates and attestations in one breath: a person must part them
		}
		r, same := c.meant(m)
		switch {
		case len(c.register.Reports) == 0:
			names = append(names, s.words(m.start, m.end))
		case r == nil || !same:
			return ""
		default:
			names = append(names, r.Name())
		}
	}
	if len(names) == 0 {
		return ""
	}
	phrase := joinAnd(names) + " attestation report"
	if len(names) > 1 {
		phrase += "s"
	}
	if verb := beforeCertified.FindStringSubmatch(s.lower[:at[0]]); verb != nil && strings.HasSuffix(s.lower[:at[1]], "ed") || strings.HasSuffix(s.lower[:at[1]], "compliant") {
		return "covered by a " + phrase
	}
	return phrase
}

// beforeCertified is the verb that "certified" hangs on.
var beforeCertified = regexp.MustCompile(`\b(is|are|been|being|became|remain|remains|be) (?:also |fully |now |currently |both )*$`)

// joinAnd joins words as in "a, b and c".
func joinAnd(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func (c *Checker) supersededStandard(d *draft) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, at := range superseded.FindAllStringIndex(s.lower, -1) {
			around := s.lower[max(0, at[0]-supersededReach):min(len(s.lower), at[1]+supersededReach)]
			if supersededKnown.MatchString(around) || denial.MatchString(s.lower[:at[0]]) {
				continue
			}
			out = append(out, Finding{
				Words: s.words(at[0], at[1]),
				Why:   "SAS 70 and SSAE 16 are superseded; SOC reports are issued under SSAE 18 and later",
			})
		}
	}
	return out
}

// supersededReach is how many bytes around a superseded standard are searched
// for words that say it is.
const supersededReach = 60

var (
	superseded      = regexp.MustCompile(`\b(?:sas[\s-]?(?:no\.? ?)?70|ssae[\s-]?(?:no\.? ?)?16)\b`)
	supersededKnown = regexp.MustCompile(`\b(?:supersed\w+|replac\w+|succe\w+|former\w*|obsolete|predecessor|withdrawn|retired|old|older|no longer|instead of|historic\w*|previous\w*|ssae[\s-]?(?:18|21)|20(?:0\d|1[0-7])|legacy|until)\b`)
)
