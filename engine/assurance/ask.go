package assurance

import (
	"regexp"
	"slices"
)

// ask is one sentence of a question about reports, read.
type ask struct {
	lower string
	yesNo bool // wants a yes or a no

	kinds   []Kind // of which reports; in the order of asking
	named   bool   // the question names them
	typ     int    // 1 or 2, if one is asked for
	level   string // of HITRUST, PCI DSS …, if one is asked for
	all     bool   // all of the kinds are asked for: "both A and B"
	test    bool   // about penetration tests
	dates   []span // the times it names
	topics  []*Topic
	quality string // "current", if only a current report will do
}

// about is what makes a question one about reports, where none is named.
var about = []struct {
	form  *regexp.Regexp
	kinds []Kind
}{
	{regexp.MustCompile(`\b(?:bridge|bridging|gap|comfort) letters?\b`), attestations},
	{regexp.MustCompile(`\bcomplementary user(?:[- ]entity)?(?: organi[sz]ation)? controls?\b|\bcuecs?\b|\buser entity controls?\b`), attestations},
	{regexp.MustCompile(`\bsubservice organi[sz]ations?\b|\bcarve[d-]?[ -]?outs?\b|\binclusive method\b`), attestations},
	{regexp.MustCompile(`\btrust services? (?:criteria|categor(?:y|ies)|principles?)\b|\btscs?\b`), []Kind{SOC2, SOC2Plus, SOC3}},
	{regexp.MustCompile(`\bsoc (?:attestation |audit |type \w+ )*(?:reports?|audits?|examinations?|attestations?)\b|\bssae[\s-]?(?:16|18|21)\b|\bservice organi[sz]ation controls?\b`), []Kind{SOC1, SOC2, SOC2Plus, SOC3}},
	{regexp.MustCompile(`\bqsa\b`), []Kind{PCIDSS}},
	{regexp.MustCompile(`\b3pao\b`), []Kind{FedRAMP}},
	{regexp.MustCompile(`\b(?:aoc|attestation of compliance)\b`), []Kind{PCIDSS}},
	{regexp.MustCompile(`\biso(?:/iec)? (?:certif\w+|audits?|standards?|registration|surveillance)\b|\biso[- ]certified\b|\biso 27k\b|\b(?:isms|information security management system)\b[^?]{0,40}\bcertif|\bcertification body\b|\bsurveillance audit\b|\brecertification\b|\bcertificate (?:number|no)\b|\bregistrar\b`), isoKinds},
	{regexp.MustCompile(`\b(?:service|external|independent|third[- ]party|outside|soc) auditors?\b|\byour (?:current )?auditors?\b|\b(?:external|third[- ]party|independent)(?: security)? (?:audits?|attestations?|assessors?|audit firm)\b|\baudit(?:ing)? firm\b|\bcpa firm\b|\b(?:last|latest|most recent|current|annual) (?:external |security |independent |third[- ]party )*(?:audit|attestation|assurance)(?: report)?s?\b|\bauditor's (?:opinion|report)\b|\bopinion of the auditor\b|\bassurance reports?\b|\bauditor\b[^?]{0,30}\bopinion\b|\bqualified opinion\b`), auditKinds},
	{regexp.MustCompile(`\b(?:certifications?|attestations?|accreditations?|certificates?|certified|accredited|attestation reports?|compliance reports?)\b`), allKinds},
}

var (
	attestations = []Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3}
	isoKinds     = []Kind{ISO27001, ISO27017, ISO27018, ISO27701, ISO42001, ISO22301, ISO9001}
	auditKinds   = []Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3, ISO27001, HITRUST, PCIDSS, FedRAMP, CSASTAR, TISAX}
	allKinds     = append([]Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3, SOCCyber}, append(slices.Clone(isoKinds), HITRUST, PCIDSS, FedRAMP, CSASTAR, CyberEssentials, TISAX)...)
)

// Questions that only look as if they asked for our reports.
var (
	ofOthers = regexp.MustCompile(`\b(?:vendors?|suppliers?|sub-?processors?|sub-?contractors?|third[- ]part(?:y|ies)['’]s?|third parties|(?:hosting|cloud|data ?cent(?:re|er)|infrastructure|service|colocation|iaas|paas|payment|key|critical) (?:service )?(?:providers?|partners?|operators?|vendors?|suppliers?|processors?)|fourth part(?:y|ies)|providers?|business partners?)\b`)

	notReports = regexp.MustCompile(`\b(?:internal(?:ly)? (?:\w+ ){0,2}audit\w*|internal audit|security operations? cent(?:er|re)|24x7 soc|24/7 soc|operate a soc|soc (?:team|analysts?|operations|staff\w*|monitor\w*)|(?:staff|employees?|personnel|engineers?|team|individuals?|people|professionals?|members?|consultants?) (?:\w+ ){0,3}(?:hold|have|maintain|possess|carry) (?:\w+ ){0,4}certif\w+|cissp|cism|tls|ssl|x\.?509|certificate authorit\w+|insurance|insured|right to audit|audit rights?|audit logs?|audit trails?|logs?|financial statements|access (?:rights|reviews?)|user access|training|awareness|certificate management|certificates? (?:are )?(?:renewed|rotated|managed|pinning)|code signing|death|destruction|sanitization|disposal|media|device certificates?|client certificates?|mutual|deletion|erasure|wip(?:e|ed|ing)|(?:methodology|methodologies)|policy|policies|encrypt\w*|cardholder|incidents?|whistle\w*|recertif\w+ (?:of )?access|access recertif\w+|bug bounty|vulnerability scans?|backups?|customer audits?|birth)\b`)

	// testing by the reader, or by customers in general
	testByReader = regexp.MustCompile(`\b(?:may|can|could|are|do) (?:we|customers?|clients?|you (?:allow|permit))\b[^?]{0,60}\b(?:perform|conduct|carry out|run|execute|commission|our own)\b|\b(?:allow|permit|let)s? (?:us|customers?|clients?|tenants?)(?: to| the)?\b[^?]{0,40}\b(?:test|pen|audit)|\bour own\b|\bcustomer[- ](?:initiated|led|performed|run)\b`)

	followed = regexp.MustCompile(`\b(?:based (?:up)?on|align(?:s|ed|ment)?|accordance|according to|compl(?:y|ies|iant) with (?:the )?(?:requirements of )?iso|follow(?:s|ed|ing)?|framework|mapped|in line with|modelled|adhere|principles of|as (?:pci|iso|hipaa)|annex a|demands?|requirements? of|conform\w*|controls? from|best practices?)\b`)
)

// readAsk reads a question; ok is false if it is not about our reports.
func (r *Register) readAsk(question string) (out []ask, ok bool) {
	p := parse(question)
	var kinds []Kind // of the sentence before, for "Who audited it?"
	for i := range p.sentences {
		s := &p.sentences[i]
		for _, part := range askParts(s) {
			a := r.readPart(part, kinds)
			if a == nil {
				continue
			}
			kinds = a.kinds
			if len(a.topics) > 0 {
				out = append(out, *a)
			}
		}
	}
	return out, len(out) > 0
}

// askJoin parts one sentence that asks twice: "… and who performed it?".
var askJoin = regexp.MustCompile(`,? (?:and|&)(?: if so,?)? (?:(?:by |at |in |on |with |of |until )?(?:who|whom|when|which|what|how)\b|(?:is|are|was|were|does|do|has) (?:it|they|the report)\b)`)

// askParts cuts a sentence where it asks for another thing.
func askParts(s *sentence) (out []*sentence) {
	from := 0
	for _, at := range askJoin.FindAllStringIndex(s.lower, -1) {
		if at[0] > 12 {
			out = append(out, cutSentence(s, from, at[0]))
			from = at[0]
		}
	}
	return append(out, cutSentence(s, from, len(s.text)))
}

func cutSentence(s *sentence, from, to int) *sentence {
	c := &sentence{start: s.start + from, end: s.start + to, text: s.text[from:to], lower: s.lower[from:to]}
	c.mentions, c.dates = findMentions(c), findDates(c.lower)
	return c
}

// readPart reads one thing that is asked, nil if it is none of ours. before
// are the reports that were asked for just before.
func (r *Register) readPart(s *sentence, before []Kind) *ask {
	a := &ask{lower: s.lower, yesNo: wantsYesNo.MatchString(s.lower), dates: s.dates}
	r.findKinds(a, s)
	if len(a.kinds) == 0 && len(before) > 0 && followsOn.MatchString(s.lower) {
		a.kinds = before
		a.test = before[0] == Pentest
	}
	if len(a.kinds) == 0 || r.isForeign(a, s) {
		return nil
	}
	a.all = bothAsked.MatchString(s.lower) && !anyAsked.MatchString(s.lower)
	if currentOnly.MatchString(s.lower) {
		a.quality = "current"
	}
	a.topics = r.topicsOf(a)
	return a
}

var (
	wantsYesNo  = regexp.MustCompile(`^(?:\W|\d|\bplease (?:confirm|indicate|state) (?:whether|if|that) |confirm (?:whether |if |that )|,? ?and (?:if so,? )?)*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|might|should|we |you |the (?:vendor|company|organi[sz]ation|supplier) (?:has|have|holds|is|maintains))\b|\(\s?y(?:es)?\s?/\s?no?\s?\)|\by/n\b|\byes/no\b|\byes or no\b`)
	followsOn   = regexp.MustCompile(`\b(?:it|its|they|that|this|these|the (?:report|certificate|test|audit|last one|latest|attestation|certification)|who|whom|when|which|if so|at (?:what|which)|level|expir\w+|valid|period|scope|copy|auditor|date)\b`)
	bothAsked   = regexp.MustCompile(`\bboth\b|\ball (?:of )?(?:the )?following\b|,? and (?:an? |the |your )?(?:iso|soc|pci|hitrust|fedramp|csa|27\d\d\d|42001|22301|9001|cyber|tisax|isae)`)
	anyAsked    = regexp.MustCompile(`\bor\b|/|\bany of\b|\bwhich of\b`)
	currentOnly = regexp.MustCompile(`\b(?:current(?:ly)?|valid|up[- ]to[- ]date|in force|active|(?:within|in|over|during) the (?:last|past|previous|preceding) (?:12|twelve) months|(?:last|past) year|less than (?:12|twelve) months|not older than|no older than|recent)\b`)
)

// findKinds sets which reports a sentence asks for.
func (r *Register) findKinds(a *ask, s *sentence) {
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.kind == Pentest {
			a.test = true
		}
		if !slices.Contains(a.kinds, m.kind) {
			a.kinds = append(a.kinds, m.kind)
		}
		if m.kind == SOC2 && !slices.Contains(a.kinds, SOC2Plus) {
			a.kinds = append(a.kinds, SOC2Plus)
		}
		if m.typ != 0 {
			a.typ = m.typ
		}
		if m.level != "" {
			a.level = m.level
		}
		a.named = true
	}
	if typeChoice.MatchString(s.lower) {
		a.typ = 0
	}
	if independentTest.MatchString(s.lower) {
		a.kinds, a.test, a.named = append(a.kinds, Pentest), true, true
	}
	if a.named {
		a.alsoSOC(s)
		return
	}
	for _, x := range about {
		if x.form.MatchString(s.lower) {
			a.kinds = x.kinds
			return
		}
	}
}

// alsoSOC adds the SOC reports to a list that names an old standard beside
// "SOC": "a SAS 70, SSAE 16 or SOC report".
func (a *ask) alsoSOC(s *sentence) {
	if slices.Contains(a.kinds, SAS70) && anySOC.MatchString(s.lower) {
		a.kinds = append(a.kinds, SOC1, SOC2, SOC2Plus, SOC3)
	}
}

var (
	typeChoice      = regexp.MustCompile(`type[\s-]*(?:1|i|one)\b[^?]{0,20}(?:or|/|vs\.?|versus|and)[^?]{0,10}(?:type[\s-]*)?(?:2|ii|two)\b|type[\s-]*(?:2|ii|two)\b[^?]{0,20}(?:or|/)[^?]{0,10}(?:type[\s-]*)?(?:1|i|one)\b|\b(?:which|what) type\b|\btype\?|\btype of\b`)
	independentTest = regexp.MustCompile(`\b(?:independent|external|third[- ]party) (?:\w+ )?(?:security )?(?:assessment|testing|security test)s?\b[^?]{0,50}\b(?:application|network|vulnerabilit\w+|findings?|tester)\b|\bsecurity test(?:s|ing)? (?:by|from) (?:an? )?(?:independent|external|third)|\bred team(?:ing)?\b`)
	anySOC          = regexp.MustCompile(`\bsoc\b[^\d]{0,12}(?:report|audit|attestation)|\bssae`)
)

// isForeign reports whether a sentence is about something else: the reports of
// others, or certificates and audits of other kinds.
func (r *Register) isForeign(a *ask, s *sentence) bool {
	first := len(s.lower)
	if len(s.mentions) > 0 {
		first = s.mentions[0].start
	}
	switch {
	case notReports.MatchString(s.lower) && !overrides.MatchString(s.lower):
		return true
	case a.test && testByReader.MatchString(s.lower):
		return true
	case followed.MatchString(s.lower[:first]) && !certifiedWord.MatchString(s.lower) && !reportWord.MatchString(s.lower):
		return true
	}
	at := ofOthers.FindStringIndex(s.lower)
	if at == nil || coveredWord.MatchString(s.lower) && ourOwn.MatchString(s.lower) || ourOwn.MatchString(s.lower) && testedBy.MatchString(s.lower) {
		return false
	}
	return true
}

var (
	overrides     = regexp.MustCompile(`\b(?:soc[\s-]?[123]|iso[/a-z ]*\d{4,5}|hitrust|attestation of compliance|aoc|isae|fedramp) (?:\w+ ){0,4}(?:reports?|certif\w+|attestation|audit)\b|\bpenetration test\b[^?]{0,40}\b(?:report|last|recent|when|who|copy)\b|\b(?:list|which|what) (?:\w+ ){0,4}(?:certifications?|attestations?)\b`)
	certifiedWord = regexp.MustCompile(`\bcertif\w+|\battest\w+|\baudited\b|\bhold\b`)
	reportWord    = regexp.MustCompile(`\breports?\b`)
	ourOwn        = regexp.MustCompile(`\byour(?:self|selves)? (?:\w+ |\d |[-/] ?){0,4}(?:soc|iso|isae|report|attestation|hitrust|certif\w+|audit|auditor|boundary|penetration|pen|bridge|pci|star)\b|\b(?:the|our) (?:\w+ ){0,3}(?:soc[\s-]?[123]|isae[\s-]?3402)\b|\byou (?:had|have had|undergone|obtained|hold|have)\b|\bsubservice\b|\bcarve`)
	testedBy      = regexp.MustCompile(`\b(?:by|from|with) (?:an? )?(?:independent |external |qualified |accredited |reputable )*(?:third[- ]part(?:y|ies)|provider|vendor|firm|company|specialist)s?\b|\bthird[- ]party\b`)
)
