package assurance

import (
	"regexp"
	"strings"
)

// The rules on wording: what may not be said, whatever the register holds.

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
			f.Proposal = c.attested(s, at)
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

// hinted is a pattern with the words that it cannot match without: looking for
// those first spares most sentences the pattern.
type hinted struct {
	form  *regexp.Regexp
	hints []string
}

// hint returns a pattern that is tried only where one of the words stands.
func hint(pattern string, hints ...string) hinted {
	return hinted{regexp.MustCompile(pattern), hints}
}

// may reports whether a text in lower case has one of the words.
func (h *hinted) may(lower string) bool {
	for _, w := range h.hints {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// FindStringIndex is that of the pattern.
func (h *hinted) FindStringIndex(lower string) []int {
	if !h.may(lower) {
		return nil
	}
	return h.form.FindStringIndex(lower)
}

// MatchString is that of the pattern.
func (h *hinted) MatchString(lower string) bool { return h.may(lower) && h.form.MatchString(lower) }

// promises are absolute statements that no control can keep, each with what
// may be said instead; "" where only a person can reword.
var promises = []struct {
	form    hinted
	instead string
}{
	{hint(`\b(?:un-?hackable|hack(?:er)?-?proof|breach-?proof|bullet-?proof|impenetrable|un-?breakable|un-?breachable|un-?crackable|fool-?proof|invulnerable|unassailable|infallible)\b`, "hack", "proof", "penetrab", "breakable", "breachable", "crackable", "vulnerable", "assailable", "infallib"), ""},
	{hint(`\b(?:100|one hundred|hundred) ?(?:%|per ?cent)[ -](?:secur\w+|safe\w*|protect\w*|immun\w+|breach[- ]free|uptime|availab\w+|guarante\w+|reliab\w+|effective|certain\w*|confiden\w+|assur\w+|risk[- ]free|free (?:of|from)|bug[- ]free|error[- ]free|accura\w+|ruled out|excluded|impossible|detection|of (?:all )?(?:the )?(?:attacks|threats|malware|breaches|intrusions|incidents|vulnerabilities|phishing))\b`, "100", "hundred"), ""},
	{hint(`\b(?:secur\w+|protect\w*|availab\w+|uptime|safe\w*|detection|block\w*|stop\w*|prevent\w*|catch\w*|detect\w*)(?: \w+){0,3} (?:at |of |is |to )?(?:100|one hundred) ?(?:%|per ?cent)`, "100", "hundred"), ""},
	{hint(`\b(?:completely|totally|absolutely|perfectly|entirely|wholly|fully|utterly|always|permanently|forever) (?:secure|safe|immune|invulnerable|risk[- ]free|protected (?:from|against) (?:all|any|every)|impervious|breach[- ]free|watertight)\b`, "complete", "total", "absolute", "perfect", "entire", "wholly", "fully", "utter", "always", "permanent", "forever"), ""},
	{hint(`\b(?:complete|total|absolute|perfect|full|watertight|ultimate) (?:security|protection|safety|immunity|invulnerability)\b`, "complete", "total", "absolute", "perfect", "full", "watertight", "ultimate"), ""},
	{hint(`\b(?:is|are|it is|remains?|virtually|simply|absolutely|makes? it|be|practically)? ?impossible (?:to|for \w+(?: \w+){0,2} to) (?:hack|breach|break|compromise|penetrate|steal|leak|attack|bypass|circumvent|crack|intercept|access|lose|tamper)\b`, "impossible"), ""},
	{hint(`\b(?:can ?not|can(?:'|’)t|can never|could never|will never|would never|shall never|may never|never) (?:ever )?(?:be (?:hacked|breached|compromised|broken|infected|manipulated|tampered with|penetrated|stolen|leaked|lost|attacked|bypassed|circumvented|cracked|intercepted|exploited|defeated|down|unavailable|exposed|at risk)|get hacked|happen|suffer|experience|lose|leak|fail|go down|go offline|have (?:a|an|any) (?:breach|incident|outage|data)|allow (?:a|any) (?:breach|incident))\b`, "never", "can not", "cannot", "can't", "can’t"), ""},
	{hint(`\bno (?:hacker|attacker|intruder|one|body|outsider|adversary|attack|threat|malware)s? (?:can|could|will|is able to|are able to) (?:ever )?(?:break|breach|hack|access|get (?:in|through|past)|penetrat\w+|compromis\w+|steal|reach|bypass|defeat|succeed|exploit)\w*\b`, "no hacker", "no attacker", "no intruder", "no one", "no body", "no outsider", "no adversary", "no attack", "no threat", "no malware"), ""},
	{hint(`\b(?:zero|no) (?:risk|chance|possibility|likelihood|danger)s? (?:of|that|to|for|whatsoever)\b|\b(?:zero|no) (?:security )?risk\b(?: (?:whatsoever|at all))|\brisk[- ]free\b|\bzero[- ](?:risk|downtime guarantee\w*|breach(?:es)? (?:ever|guarantee\w*))\b|\bwithout any (?:risk|possibility) of\b`, "zero", "risk", "no chance", "no possib", "no likel", "no danger", "without any"), ""},
	{hint(`\b(?:eliminat\w+|prevent\w*|stop\w*|block\w*|detect\w*|catch\w*|thwart\w*|defeat\w*|repel\w*|remov\w+|rule\w* out) (?:absolutely )?(?:all|any|every)(?: (?:possible|and all|known and unknown|single|potential|security|cyber|kinds? of|forms? of|risk of|possibility of))* (?:risks?|threats?|attacks?|breach(?:es)?|intrusions?|vulnerabilit(?:y|ies)|hackers?|cyber-?attacks?|incidents?|data (?:loss|leak(?:s|age)?|breach(?:es)?)|zero-days?|unauthori[sz]ed access)\b`, "attack", "threat", "breach", "intrusion", "vulnerabilit", "hacker", "incident", "data l", "zero-day", "unauthori", "risk"), ""},
	{hint(`\b(?:all|every|any)(?: \w+)? (?:attacks?|threats?|breach(?:es)?|intrusions?|hackers?|vulnerabilit(?:y|ies)) (?:is|are|will be|gets?) (?:always |immediately |automatically )*(?:prevented|stopped|blocked|eliminated|impossible|defeated|repelled)\b`, "attack", "threat", "breach", "intrusion", "hacker", "vulnerabilit"), ""},
	{hint(`\b(?:can |do |will |hereby )?guarantees? (?:that|you|your|our|the|this|complete|full|absolute|total|security|secure|safe\w*|protection|data|no|zero|customer|against|it|all|availability|uptime|confidentiality|integrity|\d)`, "guarant"), ""},
	{hint(`\b(?:is|are|be|being|remains?|fully|always|absolutely|security|safety|protection|confidentiality|integrity|availability|privacy)(?: (?:is|are))? guaranteed\b|\bguaranteed (?:to|security|protection|safe\w*|secure|uptime|confidentiality|deletion|recovery|never|that)\b|\b(?:a|our|an absolute|full|iron-?clad|security|money-back) guarantee(?: (?:of|that|against))\b|\bguaranteeing\b`, "guarant"), ""},
	{hint(`\b(?:will|shall|is|are|stays?|remains?) (?:always|forever|at all times|under all circumstances|in all circumstances|in every case|permanently) (?:be |remain |stay )?(?:secure|safe|protected|available|up|confidential|private|online|reachable|reliable|error-free|free (?:of|from))\b|\balways[- ](?:be )?(?:secure|safe|available|online|100)\b|\b(?:secure|safe|protected|available) (?:at all times|under all circumstances|forever|no matter what|in every situation)\b`, "always", "forever", "all times", "circumstances", "every case", "permanent", "no matter", "every situation"), ""},
	{hint(`\b(?:breach(?:es)?|attacks?|hacks?|hacking|data loss|leaks?|leakage|compromise|intrusions?|theft)\b[^.;]{0,40} (?:is|are) (?:\w+ly )?(?:impossible|out of the question|excluded|ruled out|inconceivable|unthinkable|not possible)\b|\b(?:has|have|stand|stands) no chance\b|\b(?:attackers?|hackers?|intruders?|criminals|nobody|no one)\b[^.;]{0,15}(?:can(?:'t|not| not|’t)|will not|won't) (?:ever )?(?:get in|break in|reach|access|penetrate|breach|hack|succeed)\b|\b(?:is|are) never (?:down|offline|unavailable|breached|at risk|lost)\b|\bwill never (?:reach|get through|arrive)\b|\bimmune (?:to|from|against)\b|\b100 ?(?:%|per ?cent) impossible\b|\bimpossible for \w+(?: \w+){0,2} to\b|\bno (?:\w+ )?risk (?:whatsoever|at all)\b|\beliminat\w+ (?:all|any|every) (?:\w+ )?risks?\b`, "impossible", "question", "excluded", "ruled out", "inconceiv", "unthink", "not possible", "chance", "can't", "cannot", "can not", "can’t", "will not", "won't", "never", "immune", "risk"), ""},
	{hint(`\b(?:can(?:not| not|'t|’t)|never|not|no)\b[^.;]{0,80}\bunder any circumstances?\b|\bunder no circumstances?\b[^.;]{0,60}\b(?:access\w*|lost|leak\w*|stolen|breach\w*|compromis\w+|exposed)\b|\bwithout fail\b|\bevery single time\b|\bevery time, \b|\b(?:no ?(?:one|body)|attackers?|hackers?)\b[^.;]{0,20} ever be able to\b|\bnever,? ever\b|\bthat(?:'s| is|’s) a promise\b|\bwe promise\b|, guaranteed\b|\babsolutely [a-z]+-?proof\b`, "circumstance", "without fail", "every single time", "every time,", "ever be able", "never", "promise", "guaranteed", "absolutely"), ""},
	{hint(`\b(?:contains?|has|have|with|is free of|are free of|free from) (?:no|any|all|zero) (?:security )?(?:vulnerabilit(?:y|ies)|weakness(?:es)?|flaws?|bugs?|defects?|holes?)\b`, "vulnerabilit", "weakness", "flaw", "bug", "defect", "hole"), ""},
	{hint(`\b(?:we|our (?:\w+ )?(?:staff|employees|team|people|engineers|systems?|service|platform|company)) (?:will |have |has |would )?never (?:ever )?(?:had|have|make|made|makes|be|been|miss|misses|missed|suffered|suffers|experienced|lost|leaked|fail|failed|go|gone) (?:a |an |any |the |down|to |mistakes?|breached|hacked|compromised|single )`, "never"), ""},
}

// notPromise is what makes an absolute word harmless: it is denied, or said of
// a rule for people rather than of an outcome.
var notPromise = regexp.MustCompile(`\b(?:no|not|cannot|can't|can’t|don't|don’t|doesn't|doesn’t|nobody|no one|no system|none|never|without|neither|nor|refrain from|avoid(?:s|ing)?|rather than|instead of|unable to|stop short of|does not|do not|would be wrong to) (?:\w+ ){0,4}$`)

func (c *Checker) absolutePromise(d *draft) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, p := range promises {
			at := p.form.FindStringIndex(s.lower)
			if at == nil {
				continue
			}
			from, _ := s.clause(at[0])
			head := s.lower[from:at[0]]
			if notPromise.MatchString(head) || selfDenied.MatchString(s.lower[at[0]:at[1]]) && !strings.Contains(s.lower[at[0]:at[1]], "never") || harmlessPromise.MatchString(s.lower) {
				continue
			}
			f := Finding{Words: s.words(at[0], at[1]), Why: "an absolute promise that no control can keep"}
			if p.instead == "" {
				f.Severity = Warn
			} else {
				f.Proposal = p.instead
			}
			out = append(out, f)
			break
		}
	}
	return out
}

var (
	selfDenied      = regexp.MustCompile(`\b(?:not|don't|don’t|cannot|can't) (?:\w+ )?guarantee`)
	harmlessPromise = regexp.MustCompile(`\bcomplete (?:the |their |our )?security (?:training|awareness|course|modules?|review|assessment|questionnaire|checks?|induction)|\b(?:no (?:one|vendor|system|organi[sz]ation|company|security|provider|software|control)s? (?:can|is|could)|guaranteed by (?:law|statute|the gdpr)|quality of service|guaranteed (?:bandwidth|capacity|resources|minimum|delivery)|at-least-once|rights? guaranteed|guarantees? (?:bandwidth|ordering|delivery|order|atomic\w*|isolation between|uniqueness|consistency))\b`)
)

// commitments are the ways to bind the company in law.
var commitments = []hinted{
	hint(`\bindemnif\w+|\bindemnit(?:y|ies)\b|\bhold(?:s)? (?:\w+ ){0,3}harmless\b`, "indemni", "harmless"),
	hint(`\b(?:(?:is|are|be|become|held|remain|fully|solely|strictly|jointly|personally|financially)(?: \w+)? liable|(?:unlimited|uncapped|full|all|no cap on|accepts?|assumes?|bears?|limit(?:s|ed|ation of)?|joint|strict|cap(?:s|ped)?(?: on)?) (?:\w+ ){0,2}liabilit(?:y|ies)|liabilit(?:y|ies) (?:for|is|are|shall|will|caps?|of up to|up to|to the customer|towards))\b|\bliable (?:for|to)\b`, "liab"),
	hint(`\bliquidated damages\b|\b(?:pay|paid|pays|incur|incurs|owe|accept|accepts|contractual|financial|monetary|apply|impose|agree to|subject to|compensat\w+|with|a|the following) (?:\w+ ){0,4}penalt(?:y|ies)\b|\bpenalt(?:y|ies) (?:of|for (?:each|every|late|non|missed|breach|failure|delay)|clause|payment|will|shall|per)\b|\b(?:pay|cover|bear|reimburse|compensate|refund)(?:s)? (?:\w+ ){0,8}(?:damages|costs?|losses|fines?|expenses|fees)\b|\bcompensat(?:e|es|ion|ed) (?:you|the customer|customers?|clients?|for|affected|any|all|of|will|shall|is paid)\b|\breimburse(?:s|d|ment)?\b|\b(?:refund|money back)\b`, "damages", "penalt", "cost", "loss", "fine", "expense", "fee", "compensat", "reimburs", "refund", "money back"),
	hint(`\bservice credits?\b|\bcredits? (?:you )?\d|\bmade? good (?:by us|any|all|your)|\bmake you whole\b`, "credit", "good", "whole"),
	hint(`\b(?:may|can) (?:carry out|conduct|perform) audits?\b[^.;]{0,40}\b(?:whenever|any ?time|as often)\b|\b(?:terms|conditions|clauses)\b[^.;]{0,40} (?:is|are) accepted\b|\bagrees? to be bound\b|\bwarrants (?:that|the|you)\b|\brepresents and warrants\b`, "audit", "accepted", "bound", "warrant"),
	hint(`\b(?:full|complete) (?:\w+ )?(?:rights? (?:to|of) (?:\w+ ){0,2}audit|audit rights?)|\b(?:unlimited|unrestricted|unconditional|unfettered|unannounced|any ?time|on[- ]demand) (?:\w+ ){0,3}(?:rights? (?:to|of) (?:\w+ ){0,2}audit|audit (?:rights?|access)|audits?\b|rights? of inspection|inspection rights?)|\b(?:right to|rights to|may|can|free to|entitled to|allow(?:s|ed)? (?:\w+ ){1,4}to|permitted to|welcome to) (?:\w+ ){0,2}(?:audit|inspect)\b[^.;]{0,70}\b(?:any ?time|at will|whenever|without (?:prior |advance |any )?(?:notice|limit\w*|restriction\w*)|as often as|unlimited|at our (?:expense|cost)|any location|unrestricted|at no (?:cost|charge))\b|\bas many audits\b`, "audit", "inspect"),
	hint(`\b(?:we|company|vendor|provider|supplier|\w+ (?:gmbh|inc|ltd|llc)\.?) (?:hereby |expressly |will |do |further |also |can )*(?:warrants?|represents? and warrants?)\b|\bwarrant(?:y|ies) (?:of|that|for|against|period)\b|\b(?:give|gives|provide|provides|offer|offers|extend|extends|full|express|makes?) (?:\w+ ){0,3}warrant(?:y|ies)\b`, "warrant"),
	hint(`\b(?:accepts?|agrees? to|agree with|bound by|sign|signs|adhere to|comply with|subject to|consent to) (?:all |any |each |every |the |of |your |in full |without (?:changes|modification|reservation|amendment) )*(?:your|customer(?:'s|’s|s'|s’)?|client(?:'s|’s|s'|s’)?|the bank's|the bank’s|buyer(?:'s|’s)?) (?:\w+ ){0,3}(?:terms|conditions|contract|agreement|msa|dpa|paper|clauses|addendum|requirements in full|t&cs)\b|\baccept(?:s)? (?:all |any )?(?:terms|contract terms|contractual terms)\b`, "accept", "agree", "bound", "sign", "adhere", "comply", "subject to", "consent"),
	hint(`\bgoverning law\b|\bgoverned by (?:the )?laws? of\b|\b(?:exclusive )?jurisdiction of the courts\b|\bcourts of [a-z]+\b|\bsubject to (?:the )?[a-z]+ laws?\b|\bsubmit to (?:the )?(?:exclusive |non-exclusive )?jurisdiction\b`, "law", "jurisdiction", "court"),
	hint(`\b(?:contractual(?:ly)?|legally|binding(?:ly)?|irrevocabl[ey]|unconditional(?:ly)?) (?:\w+ ){0,2}(?:commit\w*|oblig\w+|guarantee\w*|bind\w*|bound|undertak\w+|promis\w+|required to notify|agree\w*)\b|\bas a (?:binding |legal |contractual )+(?:obligation|commitment|duty|undertaking|term|promise)\b|\b(?:obligat(?:e|es|ed) ourselves|bind(?:s)? ourselves|hereby (?:undertakes?|commits?|agrees?|covenants?|accepts?|confirms?)|(?:agrees? to be|be|are) bound by (?:it|your|the|this|these)\b|covenants?|undertakes? (?:contractually|in law))\b|\bbinding (?:commitment|obligation|undertaking|promise)\b`, "contract", "legal", "binding", "irrevoc", "uncondition", "obligat", "bind", "hereby", "covenant", "undertak", "bound"),
	hint(`\bterminat\w+ (?:\w+ ){0,6}(?:without (?:penalty|cause|charge)|for convenience|at any time)\b|\bwaiv(?:e|es|ed|er) (?:\w+ ){0,4}(?:right|claim|immunit|defen[cs]e|limit|liab|cap)\w*|\bescrow agreement will be signed\b|\bmost favou?red (?:customer|nation)\b`, "terminat", "waiv", "escrow", "favo"),
}

// contractual is what refers to a contract instead of making one; insured and
// disciplinary are other things that the same words mean.
var contractual = regexp.MustCompile(`\b(?:as (?:agreed|set out|defined|described|stated|specified|laid down|provided)(?: \w+){0,3} (?:in|by|under)|(?:governed|regulated|determined|covered|addressed|handled|defined|set out|set forth|stated|agreed|settled|negotiated|dealt with|specified|described|contained|found|documented|laid down|limited|provided) (?:only |solely |exclusively )?(?:in|by|under|through) (?:the |our |your |each |a |an |any |its )?(?:\w+ ){0,3}(?:contract|agreement|msa|dpa|addendum|terms|sla|order form)|per the (?:\w+ )?(?:contract|agreement|msa|dpa)|subject to (?:the )?(?:contract|agreement|msa|negotiat\w+|legal review)|legal (?:team|department|counsel|review)|(?:is|are) (?:a )?matters? (?:for|of) (?:the )?(?:contract|agreement|legal|commercial)|(?:agreed|negotiated|reviewed|discussed|handled) (?:individually|separately|case by case|with legal|in the contract|by legal|during contracting)|insurance|professional indemnity|insured|insurer|policyholder|underwriter|coverage of|cover of|disciplinary|sanctions?|employees?|staff|personnel|suppliers?|vendors?|sub-?processors?|sub-?contractors?|providers?)\b`)

var bindsAnyway = regexp.MustCompile(`\b(?:indemnif\w+ (?:you|the customer|our customers?|customers?|clients?)|unlimited liability|uncapped|liquidated damages|hereby|bound by|are accepted|accepts? (?:full|unlimited|all) liability)\b`)

func (c *Checker) legalCommitment(d *draft) (out []Finding) {
	if q := lowerASCII(d.Question); d.Verdict == "yes" && len(strings.Fields(d.Text)) <= shortYes && !denial.MatchString(lowerASCII(d.Text)) && !contractual.MatchString(lowerASCII(d.Text)+" "+q) && asksConsent.MatchString(q) {
		for _, form := range commitments {
			if form.MatchString(q) {
				return []Finding{{Gap: "needs_legal", Why: "says yes to a commitment in law; that belongs into the contract and to those who may sign it"}}
			}
		}
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, form := range commitments {
			at := form.FindStringIndex(s.lower)
			if at == nil {
				continue
			}
			from, to := s.clause(at[0])
			if notPromise.MatchString(s.lower[from:at[0]]) || deniedNear.MatchString(s.lower[from:at[0]]) || !bindsAnyway.MatchString(s.lower) && (contractual.MatchString(s.lower[from:to]) || contractual.MatchString(s.lower) && deferred.MatchString(s.lower)) {
				continue
			}
			out = append(out, Finding{
				Words: s.words(at[0], at[1]), Gap: "needs_legal",
				Why: "commits the company in law; that belongs into the contract and to those who may sign it",
			})
			break
		}
	}
	return out
}

// shortYes is up to how many words a yes adds nothing to what was asked.
const shortYes = 8

// asksConsent is a question that a yes makes a promise of.
var asksConsent = regexp.MustCompile(`\b(?:do you|will you|would you|can you|does the \w+|will the \w+|are you (?:willing|prepared|ready)|please confirm|you) (?:\w+ )?(?:consent|accept|agree|indemnif\w+|grant|commit|undertake|pay|waive|warrant|provide|offer|guarantee|compensate|reimburse|submit|confirm|be liable|assume|bear)\b`)

var (
	deferred   = regexp.MustCompile(`\b(?:contract|agreement|msa|dpa|legal (?:team|department|counsel|review))\b`)
	deniedNear = regexp.MustCompile(`\b(?:does not|do not|don't|don’t|cannot|is not|are not|not|no|never|unable to|decline to) (?:\w+ ){0,5}$`)
)

// customer is a name to look for.
type customer struct {
	name string
	full *regexp.Regexp // the name, legal form aside
	word *regexp.Regexp // its first word alone, nil if that names nobody
	one  bool           // the name is one word, which may be a word of the language too

	first string // the first word, lower case: without it nothing is looked for
}

// legalForms end a company's name and are left out by those who speak of it.
var legalForms = regexp.MustCompile(`(?i)[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|plc|gmbh|ag|se|sa|s\.a\.|sas|s\.a\.s\.|bv|b\.v\.|nv|n\.v\.|ab|as|a/s|oy|oyj|kg|srl|s\.r\.l\.|spa|s\.p\.a\.|pty|group|holdings?)\.?$`)

func customersOf(names []string) (out []customer) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		short := name
		for legalForms.MatchString(short) {
			short = legalForms.ReplaceAllString(short, "")
		}
		if len(short) < 3 {
			short = name
		}
		words := strings.Fields(short)
		if len(words) == 0 {
			continue
		}
		x := customer{name: name, one: len(words) == 1, first: strings.ToLower(words[0])}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.Join(words, " ")), " ", `[\s-]+`)
		if !x.one {
			pattern = `(?i)` + pattern
			if len(words[0]) >= 4 && !commonWord[strings.ToLower(words[0])] {
				x.word = regexp.MustCompile(boundary(regexp.QuoteMeta(words[0])))
			}
		}
		x.full = regexp.MustCompile(boundary(pattern))
		out = append(out, x)
	}
	return out
}

// boundary makes a pattern match whole words only, as far as the name ends in
// letters or figures.
func boundary(pattern string) string {
	return `(?:^|[^\p{L}\p{N}])(` + pattern + `)(?:$|[^\p{L}\p{N}-])`
}

// find returns where a text names the customer. A single word must look like a
// name: with a capital inside of a sentence and apart from other names, or at
// its beginning with what is said of customers behind it.
func (x *customer) find(p *passage) (from, to int, ok bool) {
	for _, form := range []*regexp.Regexp{x.full, x.word} {
		if form == nil {
			continue
		}
		for i := range p.sentences {
			s := &p.sentences[i]
			for _, at := range form.FindAllStringSubmatchIndex(s.text, -1) {
				if form == x.full && !x.one || s.looksLikeName(at[2], at[3]) {
					return s.start + at[2], s.start + at[3], true
				}
			}
		}
	}
	return 0, 0, false
}

var (
	nameBefore = regexp.MustCompile(`(?:[A-Z][\w'’.&-]*|[A-Z]+)[ -]$`)
	nameAfter  = regexp.MustCompile(`^[ -][A-Z][\w'’.&-]*`)
	saysOfName = regexp.MustCompile(`^(?:['’]s?)? ?(?:and [A-Z]|, [A-Z]|uses?\b|used\b|went live|goes live|go live|has (?:been|used|chosen|run)|have (?:been|used)|is (?:a|an|one of|among) (?:our|\w+ )?(?:customer|client|reference)|chose\b|runs? (?:our|on|its)|relies on|signed\b|became\b|joined\b|asked (?:us|for)|required (?:us|that)|requested\b|migrated\b|stores\b|integrates?\b|renewed\b|connects?\b|trusts?\b|selected\b|picked\b|bought\b|deployed\b|operates\b|processes\b|also (?:uses|has|runs|relies))|^['’]s? `)
)

// looksLikeName reports whether the capitalised word from one place to another
// names somebody.
func (s *sentence) looksLikeName(from, to int) bool {
	head, tail := s.text[:from], s.text[to:]
	if strings.Trim(head, " \t\"“(•*-") == "" {
		return saysOfName.MatchString(tail)
	}
	tail = legalTail.ReplaceAllString(tail, "")
	if nameBefore.MatchString(head) && !listBefore.MatchString(head) {
		return false
	}
	return !nameAfter.MatchString(tail) || saysOfName.MatchString(tail)
}

// legalTail is the legal form behind a name.
var legalTail = regexp.MustCompile(`^,? (?:Inc|Corp|Co|Ltd|Limited|LLC|LLP|PLC|plc|GmbH|AG|SE|SA|BV|NV|AB|AS|Oy|KG|SpA|Srl|Pty|Group)\b\.?`)

// listBefore are capitals before a name that are no part of it.
var listBefore = regexp.MustCompile(`(?:^|[.:!?] )(?:For|At|With|Like|As|And|When|While|Since|To|From|By|In|Our|Besides|Both|See|Customers?|Clients?|Mr|Ms) $`)

// commonWord are first words of company names that are words of the language:
// alone they name nobody.
var commonWord = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`first united national american general global international world central northern southern eastern western north south east west
		new royal city state federal public community credit union bank insurance health healthcare medical university college school home green blue red black white gold silver
		open smart digital data cloud cyber secure safe safety trust prime premier universal standard modern advanced applied alpha beta delta omega gamma sigma nova harbour harbor river lake
		mountain summit peak bridge stone rock iron steel energy power capital financial finance direct express rapid fast swift atlantic pacific continental metro regional local town county
		the great grand big little true real best better total complete perfect simple clear bright light star sun moon sky ocean forest field garden park valley hill point port gate tower castle crown
		king queen eagle lion bear wolf falcon phoenix horizon vision mission legacy heritage pioneer frontier liberty freedom independence unity alliance partners associated consolidated integrated`) {
		m[w] = true
	}
	return m
}()

func (c *Checker) otherCustomer(d *draft) (out []Finding) {
	reader, lower := strings.ToLower(d.Reader.Name), strings.ToLower(d.Text)
	for i := range c.customers {
		x := &c.customers[i]
		if reader != "" && sameCompany(reader, strings.ToLower(x.name)) {
			continue
		}
		if !strings.Contains(lower, x.first) {
			continue
		}
		if from, to, ok := x.find(&d.passage); ok {
			out = append(out, Finding{Words: d.Text[from:to], Gap: "not_disclosable", Why: "names another customer"})
		}
	}
	return out
}

// sameCompany reports whether two names, lower case, are of one company: the
// same but for legal forms.
func sameCompany(a, b string) bool {
	for legalForms.MatchString(a) {
		a = legalForms.ReplaceAllString(a, "")
	}
	for legalForms.MatchString(b) {
		b = legalForms.ReplaceAllString(b, "")
	}
	return a == b || len(a) > 3 && len(b) > 3 && (strings.HasPrefix(a, b+" ") || strings.HasPrefix(b, a+" "))
}

var (
	futureAfter = regexp.MustCompile(`^[^.;]{0,25}?,?\s*(?:we|it|this|the [\w\s]{1,40}?|they|our [\w\s]{1,30}?|all [\w\s]{1,20}?|mfa|sso|[a-z0-9-]+) (?:will|shall|(?:is|are) (?:planned|scheduled|expected|due|going|to be|set to|slated)|plans?|intends?|expects?|aims?|go(?:es)? live)\b`)
	happened    = regexp.MustCompile(`\b(?:complet(?:ed|ing)|conducted|performed|achieved|finished|done|was|were|has been|have been|had been|had|took place|delivered|implemented|closed|obtained|issued|passed|remediated|held|tested|reviewed|approved|introduced|launched|rolled out|since|began|started|deployed|migrated|established|replaced|founded|decommissioned|published|validated|in force|effective|last|ended|expired|lapsed|retired|dated|as of)\b`)
)

func (c *Checker) pastDateAsFuture(d *draft) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, at := range s.dates {
			if !at.last.Before(c.today) || !s.isFuture(at) {
				continue
			}
			out = append(out, Finding{
				Words: s.words(at.start, at.end), Gap: "stale",
				Why: "presented as in the future, and it has passed",
			})
		}
	}
	return out
}

// datedBreak parts what happened from what is to come.
var datedBreak = regexp.MustCompile(`;|[–—]|\s-\s|,? \b(?:but|however|although|though|whereas|while)\b`)

// isFuture reports whether a sentence speaks of a date as of one to come: the
// word nearest to the date that says when decides.
func (s *sentence) isFuture(at span) bool {
	from, to := 0, len(s.lower)
	for _, b := range datedBreak.FindAllStringIndex(s.lower, -1) {
		if b[1] <= at.start {
			from = b[1]
		} else if b[0] >= at.end {
			to = b[0]
			break
		}
	}
	for _, p := range s.findPeriods() {
		if at.start >= p.start && at.end <= p.end && !p.to.last.Before(at.last) && at.start == p.start {
			return false // a period is over when its end is
		}
	}
	head, tail := toCome.ReplaceAllString(s.lower[from:at.start], "$1$2"), s.lower[at.end:to]
	if f := lastMatch(futureWords, head); f >= 0 {
		h := lastMatch(happened, head)
		if between := head[f:]; h < f && !pastEvent.MatchString(between) && !wasPlanned.MatchString(head) && !happenedAfter.MatchString(tail) && len(between) < 110 {
			return true
		}
	}
	if deadline.MatchString(head) && happenedIn(head) < 0 && !happenedAfter.MatchString(tail) {
		return true
	}
	return len(strings.Fields(head)) <= 5 && happenedIn(head) < 0 && lastWord(head) != "since" && futureAfter.MatchString(tail) && !strings.HasPrefix(strings.TrimLeft(tail, " ,"), "and ")
}

// futureWords are those of futureBefore without what follows them.
var (
	futureWords   = regexp.MustCompile(`\b(?:will|shall|plan(?:s|ned)?|planning|schedul(?:ed|es)|expect(?:s|ed)?|target(?:s|ed|ing)?(?: date)?|intend(?:s|ed)?|anticipat(?:e|es|ed)|aim(?:s|ing)?|roadmap|upcoming|forthcoming|due|eta|to be|going to|slated|next|estimated|on track|projected|forecast|foreseen|set to|about to|goal|looking to|hop(?:e|es|ing) to|coming|launch(?: date)?:|go-live:|(?:is|are) to \w+|(?:we|it|they)['’]ll|expected completion|in progress|under ?way|working towards?|pending|going live|goes? live|rolling out)\b`)
	pastEvent     = regexp.MustCompile(`\b(?:completed in|conducted in|performed in|since)\b`)
	wasPlanned    = regexp.MustCompile(`\b(?:was|were|had been|originally|initially) (?:\w+ )?(?:planned|scheduled|expected|targeted|due|intended|anticipated)\b`)
	happenedAfter = regexp.MustCompile(`^[^.;]{0,40}\b(?:was|were|has been|have been|(?:and |, )?(?:completed|finished|done|delivered|achieved|live since))\b`)
)

// deadline stands before the day by which something is to be done.
var deadline = regexp.MustCompile(`\b(?:by|no later than|not later than|before) (?:the )?(?:end of (?:the )?)?$|\b(?:launch|go-live|eta|target|due)(?: date)?:? $`)

// happenedIn returns where words say that something happened: one of the list,
// or a participle.
func happenedIn(s string) int { return max(lastMatch(happened, s), lastMatch(participle, s)) }

var participle = regexp.MustCompile(`\b[a-z]{3,}(?:ed|ught|ent|orn)\b`)

func lastMatch(re *regexp.Regexp, s string) int {
	at := -1
	for _, m := range re.FindAllStringIndex(s, -1) {
		at = m[0]
	}
	return at
}

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// toCome is what will be done: its participle is no word for what happened.
var toCome = regexp.MustCompile(`\b((?:will|shall|to|should|would)(?: \w+)? be|(?:is|are) (?:being|to be))(?: \w+ly)? \w+(?: out| off| up| live)?|((?:will|['’]ll) have) [^.;]{0,40} (?:done|completed|finished|in place)`)
