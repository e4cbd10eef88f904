package assurance

import (
	"regexp"
	"slices"
	"strings"
)

// ask is one sentence of a question about reports, read.
type ask struct {
	lower string
	yesNo bool // wants a yes or a no

	kinds    []Kind // of which reports; in the order of asking
	named    bool   // the question names them
	typ      int    // 1 or 2, if one is asked for
	level    string // of HITRUST, PCI DSS …, if one is asked for
	all      bool   // all of the kinds are asked for: "both A and B"
	test     bool   // about penetration tests
	dates    []span // the times it names
	previous bool   // the report before the newest is asked for
	weak     bool   // a yes or a no is wanted only if nothing else is asked
	text     string // as written
	topics   []*Topic
	quality  string // "current", if only a current report will do
}

// about is what makes a question one about reports, where none is named.
var about = []struct {
	form  *regexp.Regexp
	kinds []Kind
}{
	{bridgeForm, attestations},
	{regexp.MustCompile(`\bcontrol objectives?\b`), []Kind{SOC1, ISAE3402}},
	{regexp.MustCompile(`\bassurance (?:documents?|documentation|reports?|letters?|available)\b|\bthird[- ]party assurance\b`), allKinds},
	{regexp.MustCompile(`\b(?:controls?|reports?)\b[^?]*\b(?:financial reporting|icfr|internal controls? over financial reporting)\b`), []Kind{SOC1, ISAE3402}},
	{regexp.MustCompile(`\bexceptions?\b[^?]*\bauditors?\b|\bauditors?\b[^?]*\b(?:exceptions?|deviations?)\b|\bauditor(?:'s|’s)? test(?:s|ing)?\b|\btested by the (?:\w+ )?auditor\b|\b(?:cc|pi|a|c|p)[1-9]\.\d{1,2}\b[^?]*\b(?:tested|results?|exceptions?|outcome)\b|\bexceptions?\b[^?]*\b(?:cc|pi|a|c|p)[1-9]\.\d|\bauditors? (?:look|test|examin)\w*|\bservice auditor\b[^?]*\btest\w*`), attestations},
	{regexp.MustCompile(`\bcomplementary user(?:[- ]entity)?(?: organi[sz]ation)? controls?\b|\bcuecs?\b|\buser[- ]entity (?:controls?|considerations?|responsibilit\w+)\b`), attestations},
	{regexp.MustCompile(`\bsubservice organi[sz]ations?\b|\bcarve[d-]?[ -]?outs?\b|\binclusive method\b`), attestations},
	{regexp.MustCompile(`\btrust services? (?:criteria|categor(?:y|ies)|principles?)\b|\btscs?\b`), []Kind{SOC2, SOC2Plus, SOC3}},
	{regexp.MustCompile(`\bsoc (?:attestation |audit |type \w+ )*(?:reports?|audits?|examinations?|attestations?)\b|\bssae[\s-]?(?:16|18|21)\b|\bservice organi[sz]ation controls?\b`), []Kind{SOC1, SOC2, SOC2Plus, SOC3}},
	{regexp.MustCompile(`\bqsa\b`), []Kind{PCIDSS}},
	{regexp.MustCompile(`\b3pao\b`), []Kind{FedRAMP}},
	{regexp.MustCompile(`\b(?:aoc|attestation of compliance)\b`), []Kind{PCIDSS}},
	{regexp.MustCompile(`\biso(?:/iec)? (?:certif\w+|audits?|standards?|registration|surveillance)\b|\biso[- ]certified\b|\biso 27k\b|\b(?:isms|information security management system)\b[^?]{0,40}\bcertif|\bcertification body\b|\bsurveillance audit\b|\brecertification\b|\bcertificate (?:number|no)\b|\bregistrar\b`), isoKinds},
	{regexp.MustCompile(`\b(?:service|external|independent|third[- ]party|outside|soc) auditors?\b|\byour (?:current )?auditors?\b|\b(?:external|third[- ]party|independent)(?: security)? (?:audits?|attestations?|assessors?|audit firm)\b|\baudit(?:ing)? firm\b|\bcpa firm\b|\b(?:last|latest|most recent|current|annual) (?:external |security |independent |third[- ]party )*(?:audit|attestation|assurance)(?: report)?s?\b|\bauditor's (?:opinion|report)\b|\bopinion of the auditor\b|\b(?:independent|external) (?:third )?(?:party|parties|firms?|auditors?)\b[^?]*\baudit(?:ed|s)?\b|\baudited by an? (?:independent|external|third)\b|\bassurance reports?\b|\bauditor\b[^?]{0,30}\bopinion\b|\bqualified opinion\b`), auditKinds},
	{regexp.MustCompile(`\b(?:the|your|our|next|a|an|latest|current) type[\s-]*(?:1|2|i{1,2})\b`), attestations},
	{regexp.MustCompile(`\baudit(?:or's|or’s)? reports?\b|\b(?:the|your) (?:\w+ )?report covers?\b`), auditKinds},
	{regexp.MustCompile(`\bpci\b[^?]*\b(?:levels?|complian\w+|certif\w+|assess\w+|validated)\b|\b(?:levels?|complian\w+|certif\w+)\b[^?]*\bpci\b`), []Kind{PCIDSS}},
	{regexp.MustCompile(companyCertified), allKinds},
}

// bridgeForm are the names of a bridge letter and the words for what it does.
var bridgeForm = regexp.MustCompile(`\b(?:bridge|bridging|gap|comfort)\)? letters?\b|\bletter\b[^?]*\bno material changes?\b|\bcover(?:s|ed|ing)? the (?:gap|time|months) (?:between|since|after)\b|\btime between\b[^?]*\b(?:end|present|today|now)\b`)

// companyCertified are questions for the certifications of the company as a
// whole. Whose people, products or documents are certified is another matter.
const companyCertified = `\b(?:what|which|list|any|all|other|security|compliance|industry|privacy|independent|third[- ]party|current(?:ly)?|relevant|external|formal|following|regulatory)(?:,? (?:and )?\w+){0,3} (?:certifications?|attestations?|accreditations?|compliance reports?)\b` +
	`|\b(?:certifications?|attestations?|accreditations?)(?: \w+){0,3} (?:you|your (?:company|organi[sz]ation|firm|business)|the (?:company|vendor|supplier|organi[sz]ation|service|provider)|does the \w+) (?:currently )?(?:hold|holds|have|has|maintain|maintains|possess)` +
	`|\b(?:you|the (?:company|vendor|supplier|organi[sz]ation)) (?:currently )?(?:hold|holds|have|has|maintain|maintains|possess) (?:\w+ ){0,4}(?:certifications?|attestations?|accreditations?|certificates)\b` +
	`|\b(?:certifications?|accreditations?|certificates?)(?: and|,| or| &|/)+ ?(?:\w+ )?(?:attestations?|reports?|accreditations?|audits?)\b|\battestations? (?:and|or|&) (?:\w+ )?(?:certifications?|reports?)\b` +
	`|\bcertified by (?:an? )?(?:external|independent|third|accredited)\b|^(?:\W|\d)*(?:certifications?|attestations?|accreditations?)\b|\bcertifications held\b|\b(?:list|provide|share|attach) (?:all )?(?:your|the) certificates\b|\b(?:all|of) (?:attestation|audit|assurance) reports\b`

var (
	attestations = []Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3}
	isoKinds     = []Kind{ISO27001, ISO27017, ISO27018, ISO27701, ISO42001, ISO22301, ISO9001}
	auditKinds   = []Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3, ISO27001, HITRUST, PCIDSS, FedRAMP, CSASTAR, TISAX}
	allKinds     = append([]Kind{SOC2, SOC2Plus, SOC1, ISAE3402, SOC3, SOCCyber}, append(slices.Clone(isoKinds), HITRUST, PCIDSS, FedRAMP, CSASTAR, CyberEssentials, TISAX)...)
)

// Questions that only look as if they asked for our reports.
var (
	ofOthers = regexp.MustCompile(`\b(?:vendors?|suppliers?|sub-?processors?|sub-?contractors?|third[- ]part(?:y|ies)['’]s?|third parties|(?:hosting|cloud|data ?cent(?:re|er)|infrastructure|service|colocation|iaas|paas|payment|key|critical) (?:service )?(?:providers?|partners?|operators?|vendors?|suppliers?|processors?)|fourth part(?:y|ies)|providers?|business (?:partners?|associates?)|required of (?:your|the)|hosts?|aws|amazon|azure|google cloud|gcp|hauliers?)\b`)

	// addressee is the one asked, by the name that customers have for him.
	addressee = regexp.MustCompile(`\bthe (?:vendor|supplier|service provider|provider|third[- ]party|solution provider)\b|\b(?:as )?an? (?:\w+ ){0,2}(?:service )?provider\b|\bservice provider level\b|\bmerchant/service provider\b|^(?:vendor|supplier)\b|\band vendor\b|\b(?:and|or) provider of\b|\b(?:pentest|pen[- ]test\w*|penetration[- ]test\w*|audit|assessment|certification|testing) (?:vendor|provider|company|firm)s?\b|\bthe provider['’]s controls\b`)

	notReports = regexp.MustCompile(`\b(?:internal(?:ly)? (?:\w+ ){0,2}audit\w*|internal audit|security operations? cent(?:er|re)|24x7 soc|24/7 soc|operate a soc|soc (?:team|analysts?|operations|staff\w*|monitor\w*)|(?:staff|employees?|personnel|engineers?|team|individuals?|people|professionals?|members?|consultants?) (?:\w+ ){0,3}(?:hold|have|maintain|possess|carry) (?:\w+ ){0,4}certif\w+|lead (?:auditor|implementer)s?|employ an?|certified in|cissp|cism|oscp|(?:developers?|coders?|drivers?|administrators?|officers?|testers?|engineers?|analysts?|associates?) (?:\w+ ){0,6}(?:certif\w+|accredit\w+)|on your team|standard agreement|ehr|activity|logged|accounts|statutory|of its own|hosting company|tls|ssl|x\.?509|certificate authorit\w+|insurance|insured|right to audit|audit rights?|audit logs?|audit trails?|logs?|financial statements|access (?:rights|reviews?)|user access|training|awareness|certificate management|certificates? (?:are )?(?:renewed|rotated|managed|pinning)|code signing|death|destruction|sanitization|disposal|media|device certificates?|client certificates?|mutual|deletion|erasure|wip(?:e|ed|ing)|(?:methodology|methodologies)|policy|policies|encrypt\w*|cardholder|incidents?|whistle\w*|recertif\w+ (?:of )?access|access recertif\w+|bug bounty|vulnerability scans?|backups?|customer audits?|birth|abilit(?:y|ies) to comply)\b`)

	// testing by the reader, or by customers in general
	testByReader = regexp.MustCompile(`\b(?:may|can|could|are|do) (?:we|customers?|clients?|you (?:allow|permit))\b[^?]{0,60}\b(?:perform|conduct|carry out|run|execute|commission|our own)\b|\b(?:allow|permit|let)s? (?:us|customers?|clients?|tenants?)(?: to| the)?\b[^?]{0,40}\b(?:test|pen|audit)|\bour own\b|\bcustomer[- ](?:initiated|led|performed|run)\b`)

	followed = regexp.MustCompile(`\b(?:based (?:up)?on|align(?:s|ed|ment)?|accordance|according to|compl(?:y|ies|iant) with (?:the )?(?:requirements of )?iso|follow(?:s|ed|ing)?|framework|mapped|in line with|baseline|modelled|adhere|principles of|as (?:pci|iso|hipaa)|annex a|demands?|-style|-like|requirements? of|conform\w*|controls? from|best practices?)\b`)
)

// readAsk reads a question; ok is false if it is not about our reports.
func (r *Register) readAsk(question string) (out []ask, ok bool) {
	if defines.MatchString(lowerASCII(question)) {
		return nil, false
	}
	p := parse(question)
	yesNo := yesNoAsked.MatchString(lowerASCII(question))
	var kinds []Kind // of the sentence before, for "Who audited it?"
	for i := range p.sentences {
		s := &p.sentences[i]
		for _, part := range askParts(s) {
			a := r.readPart(part, kinds, yesNo)
			if (a == nil || len(a.topics) == 0 && len(out) == 0) && part.isAsk() {
				return nil, false // half of an answer is none; what comes after may only ask for more of it
			}
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

// yesNoAsked is a cell that says itself that it wants a yes or a no.
var yesNoAsked = regexp.MustCompile(`\by ?/ ?n\b|\byes ?/ ?no\b|\byes or no\b`)

// defines is guidance that gives a yes or a no a meaning of its own, which may be
// more than there being a report.
var defines = regexp.MustCompile(`\b(?:an answer of|answering|a|the answer) ["'“‘]?(?:yes|no)["'”’]? (?:here )?(?:means|implies|requires|says|states|confirms|commits)\b|\b(?:yes|no)["'”’]? (?:means|implies|only if)\b|\b(?:answer|say|select|choose) ["'“‘]?(?:yes|no)["'”’]? (?:only )?(?:if|when|where|for)\b[^?]*\b(?:all|every|each|month|quarter|also|and)\b`)

// isAsk reports whether a part asks something by itself, rather than leading
// to what is asked.
func (s *sentence) isAsk() bool {
	return len(strings.Fields(s.lower)) > 2 && !yesNoAsked.MatchString(s.lower) &&
		(strings.HasSuffix(strings.TrimSpace(s.lower), "?") || wantsYesNo.MatchString(s.lower) && startsAsk.MatchString(s.lower))
}

var startsAsk = regexp.MustCompile(`^(?:\W|\d)*(?:is|are|was|were|do|does|did|has|have|can|could|will|which|what|who|when|where|how)\b`)

// askJoin parts one sentence that asks twice: "… and who performed it?".
var askJoin = regexp.MustCompile(`,? (?:and|&)(?: if so,?)? (?:(?:by |at |in |on |with |of |until )?(?:who|whom|when|which|what|how)\b|(?:the|its) (?:date|number|expiry|period|scope|auditor|name)\b|(?:is|are|was|were|does|do|has) (?:it|they|the report)\b)`)

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
func (r *Register) readPart(s *sentence, before []Kind, yesNo bool) *ask {
	a := &ask{lower: s.lower, text: s.text, yesNo: yesNo || wantsYesNo.MatchString(s.lower) || isStatement(s.lower), dates: s.dates}

	a.previous = previousAsked.MatchString(s.lower)
	r.findKinds(a, s)
	if len(a.kinds) == 0 && len(before) > 0 && followsOn.MatchString(s.lower) {
		a.kinds = before
		a.test = before[0] == Pentest
	}
	if len(a.kinds) == 0 || r.isForeign(a, s) || r.ofSubservice(s.lower) || beyondRegister(r, a) {
		return nil
	}
	if !a.yesNo && isNominal(s) {
		a.yesNo, a.weak = true, true
	}
	if choiceAsked.MatchString(s.lower) && !haveWord.MatchString(s.lower) || typeChoice.MatchString(s.lower) && !yesNo && !haveWord.MatchString(s.lower) {
		a.yesNo, a.weak = false, false
	}
	a.all = bothAsked.MatchString(s.lower) && !anyAsked.MatchString(s.lower)
	if currentOnly.MatchString(s.lower) {
		a.quality = "current"
	}
	a.topics = r.topicsOf(a)
	if r.asksMore(a) {
		return nil
	}
	return a
}

// beyondRegister reports whether a question asks for what a register cannot
// know: whether something ever was; of a test or certificate, whether it is of
// the place where others host us; and what a yes would say besides that there
// is a report.
func beyondRegister(r *Register, a *ask) bool {
	if a.yesNo && qualifies.MatchString(strings.ReplaceAll(a.lower, "trust services", "")) {
		return true
	}
	return howDone.MatchString(a.lower) || everHappened.MatchString(a.lower) || forHosting.MatchString(a.lower) && !asksSubservice(r, a)
}

var (
	qualifies = regexp.MustCompile(`\b(?:notify|inform|tell|alert) (?:us|customers?|clients?)\b|\bwithin (?:\d+|\w+) (?:calendar |business |working )?(?:days|hours|weeks)\b|\bre-?test\w*\b|\b(?:quarterly|monthly|weekly|semi-?annual\w*|bi-?annual\w*|half-?yearly|twice|continuous\w*|every (?:quarter|month|week|day|release|other year))\b|\bcrest\b|\bbig[ -](?:four|4)\b|\bfree of charge\b|\breviewed by\b|\bautomatic\w*\b|\binternally\b|\btracked\b|\bplan(?:s|ning)? to\b|\bintend\w*\b|\bsuccessful\b|\bqualified for\b|\breported to\b|\bexpires? (?:this|next|within|in|before|by)\b|\bcustomer data\b|\b(?:two|several|multiple|different) (?:soc|iso|auditors)\b|\bgap (?:assess|anal)\w*|\b(?:on|in) production\b|\bour own\b|\bafter (?:each|every|any)\b|\bbefore (?:each|every|any)\b` +
		`|\b(?:all|every|each|entire|whole)\b[^?]{0,30}\b(?:products?|services?|systems?|locations?|sites?|offices|employees|staff|subsidiaries|entities|environments?|applications?|data cent\w+|sub-?service\w*|organi[sz]ations?|providers?|vendors?|controls?|regions?|countries|components?|modules?|features?|people|customers|reports)\b` +
		`|\bv?\d+\.\d+\.\d+\b|\bv\d+(?:\.\d+)?\b|\bsince (?:19|20)\d\d\b|\bfree of (?:any )?(?:carve|sub-?service)|\bbut (?:no|not)\b|\brather than\b|\bcustomer['’]s\b|\byour board\b|\beach customer\b|\bmatch\w*\b|\bwith no (?:outside|external|third|independent)`)
	howDone      = regexp.MustCompile(`^(?:\W|\d)*how (?:do|does|are|is) [^?]*\b(?:conduct|perform|carr|manage|ensure|handle|review|select)|^(?:\W|\d)*why\b|\b(?:which|what) version\b`)
	everHappened = regexp.MustCompile(`\bever\b[^?]*\b(?:qualified|adverse|opinion|exceptions?|deviations?|findings?|failed|lost|withdrawn|revoked|suspended)\b`)
	forHosting   = regexp.MustCompile(`\b(?:for|of|at|on|in) (?:\w+ ){0,2}?(?:data ?cent(?:re|er)s?|hosting|colocation|co-location)\b`)
)

// isNominal reports whether a question is hardly more than a name: "ISO 27001?",
// "SOC 2 Type II report available?", "ISO 27701 certification held".
func isNominal(s *sentence) bool {
	rest := s.lower
	for _, m := range s.mentions {
		rest = strings.ReplaceAll(rest, s.lower[m.start:m.end], "")
	}
	if openWordAsked.MatchString(rest) {
		return false
	}
	n := len(strings.Fields(s.lower))
	return n <= 14 && strings.HasSuffix(strings.TrimSpace(s.lower), "?") || n <= 6 && heldWord.MatchString(s.lower)
}

// isStatement reports whether a cell states what it wants to be confirmed: "The
// vendor has a SOC 2 report."
func isStatement(lower string) bool {
	return statement.MatchString(lower) || !strings.Contains(lower, "?") && !strings.Contains(lower, "please") && stated.MatchString(lower) && !opened.MatchString(lower)
}

var (
	openWordAsked = regexp.MustCompile(`\b(?:which|what|who|whom|whose|when|where|how|list|describe|provide|name|number|dates|window|(?:issue|expiry|report|audit|what|which|the|and|end|start) date|date of|date and|level|period|expiry|expiration|auditor|body|assessor|since|please|firm|copy|nda|bridge|objectives|type\?|frequency|tester|sites?|locations?)\b`)
	heldWord      = regexp.MustCompile(`\b(?:held|available|in place|obtained|achieved|certified|authori[sz]ed|compliant|performed)\b`)
	stated        = regexp.MustCompile(`\b(?:is|are|has|have|was|were|holds?|provides?|lists?|maintains?|undergoes|performs?|examines?|covers?)\b`)
	opened        = regexp.MustCompile(`^(?:\W|\d)*(?:which|what|who|whom|whose|when|where|how|list|describe|provide|name|please|kindly|tell|for (?:each|every)|state|specify|give|indicate|identify|share|attach|explain|enter|quote|number|date|dates)\b`)
	statement     = regexp.MustCompile(`^(?:\W|\d)*(?:the|our) (?:vendor|supplier|company|organi[sz]ation|service|provider|solution|platform)\b[^?]*\.?$|^(?:\W|\d)*(?:external|independent|third[- ]party|annual|regular) [^?]*\b(?:is|are) (?:performed|conducted|carried out|done|completed)\b[^?]*\.?$`)
	choiceAsked   = regexp.MustCompile(`\bcarved out of [^?]* or included\b|\bbasic (?:level )?or (?:at )?(?:the )?plus\b|\ban? soc[\s-]?1 (?:report )?or an? soc[\s-]?2\b|\bcarved out (?:of )?or included\b|\bincluded (?:in )?or carved\b|\bor (?:is it |are they |is that )?carved\b|\bbasic or plus\b|\b(?:inclusive|carve[d-]?[ -]?outs?)\b[^?]{0,25}\bor\b[^?]{0,25}\b(?:inclusive|carve)|\bsoc[\s-]?1\b.{0,12}\bor\b.{0,8}\bsoc[\s-]?2\b[^?]*\b(?:relevant|need|appropriate|right|suit\w*|for us)|\bby an? soc[\s-]?[12] (?:report )?or by\b|\b(?:e1|i1|r2)\b[^?]{0,12}\bor\b[^?]{0,8}\b(?:e1|i1|r2)\b`)
	previousAsked = regexp.MustCompile(`\b(?:prior|previous|last year's|last year’s|preceding|earlier|before that|one before|before the (?:current|latest|last) one|penultimate)(?:[- ]year(?:'s)?)?\b`)

	wantsYesNo  = regexp.MustCompile(`^(?:\W|\d|\bplease (?:confirm|indicate|state) (?:whether|if|that) |(?:please )?confirm (?:whether |if |that |you )?|,? ?and (?:if so,? )?)*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|might|should|we |you |the (?:vendor|company|organi[sz]ation|supplier) (?:has|have|holds|is|maintains))\b|\(\s?y(?:es)?\s?/\s?no?\s?\)|\by/n\b|\byes/no\b|\byes or no\b|\bis this the case\b|\bdo you have one\b|(?:,| -| –) ?(?:is|are|do|does|has|have|can|will) (?:there|you|it|the|your|such|one)\b|^(?:\W|\d)*(?:please )?confirm (?:that|whether|if|you)\b|, please confirm (?:whether|if|that)\b|^(?:\W|\d)*(?:must|need|shall) (?:we|you)\b|^(?:\W|\d)*(?:any|anything|all)\b[^?]*\?`)
	followsOn   = regexp.MustCompile(`\b(?:it|its|they|that|this|these|management|outcome|result|them|each|(?:provide|share|send|have|of) one|the (?:report|certificate|test|audit|last one|latest|attestation|certification)|who|whom|when|which|if so|at (?:what|which)|level|expir\w+|valid|period|scope|copy|auditor|date)\b`)
	bothAsked   = regexp.MustCompile(`\bas well as\b|\bboth\b|\ball (?:of )?(?:the )?following\b|,? and (?:an? |the |your )?(?:iso|soc|pci|hitrust|fedramp|csa|27\d\d\d|42001|22301|9001|cyber|tisax|isae)`)
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
	if a.typ == 0 && effective.MatchString(s.lower) && strings.Contains(s.lower, "effective") && !typeChoice.MatchString(s.lower) {
		a.typ = 2 // only a type 2 speaks of it
	}
	if m := impactLevel.FindStringSubmatch(s.lower); m != nil && slices.Contains(a.kinds, FedRAMP) {
		a.level = m[1]
	}
	if m := tisaxLevel.FindStringSubmatch(s.lower); m != nil && slices.Contains(a.kinds, TISAX) {
		a.level = "al" + m[1] + m[2]
	}
	if m := hitrustLevel.FindAllString(s.lower, -1); len(m) == 1 && slices.Contains(a.kinds, HITRUST) {
		a.level = m[0]
	}
	if independentTest.MatchString(s.lower) {
		a.kinds, a.test, a.named = append(a.kinds, Pentest), true, true
	}
	if a.named {
		a.alsoSOC(s)
		if openList.MatchString(s.lower) {
			a.kinds, a.named = append(slices.Clone(allKinds), a.kinds...), false
		}
		return
	}
	if a.kinds = r.kindsOfAuditor(s); len(a.kinds) > 0 {
		return
	}
	for _, x := range about {
		if x.form.MatchString(s.lower) {
			a.kinds = x.kinds
			return
		}
	}
}

// kindsOfAuditor returns the kinds of the reports of an auditor whom a sentence
// names together with what auditors do.
func (r *Register) kindsOfAuditor(s *sentence) (out []Kind) {
	if !auditorDoes.MatchString(s.lower) {
		return nil
	}
	for i := range r.Reports {
		x := &r.Reports[i]
		if from, _ := namedIn(s, x.Auditor); from >= 0 && x.Auditor != "" && !slices.Contains(out, x.Kind) {
			out = append(out, x.Kind)
		}
	}
	return out
}

var auditorDoes = regexp.MustCompile(`\b(?:opinion|report\w*|exceptions?|deficienc\w+|deviations?|qualif\w+|conclu\w+|audit\w*|test\w*|findings?|letter)\b`)

// alsoSOC adds the SOC reports to a list that names an old standard beside
// "SOC": "a SAS 70, SSAE 16 or SOC report".
func (a *ask) alsoSOC(s *sentence) {
	if slices.Contains(a.kinds, SAS70) && anySOC.MatchString(s.lower) {
		a.kinds = append(a.kinds, SOC1, SOC2, SOC2Plus, SOC3)
	}
}

var (
	impactLevel     = regexp.MustCompile(`\b(low|moderate|high)[- ](?:impact|baseline|level)`)
	tisaxLevel      = regexp.MustCompile(`\bal[ -]?([123])\b|\bassessment level ([123])\b`)
	hitrustLevel    = regexp.MustCompile(`\b(?:e1|i1|r2)\b`)
	openList        = regexp.MustCompile(`\b(?:list|certifications|reports)\b[^?]*\betc\b`)
	typeChoice      = regexp.MustCompile(`type[\s-]*(?:1|i|one)\b[^?]{0,20}(?:or|/|vs\.?|versus|and) ?(?:an? |of )?(?:type[\s-]*)?(?:2|ii|two)\b|type[\s-]*(?:2|ii|two)\b[^?]{0,20}(?:\bor|/) ?(?:an? )?(?:type[\s-]*)?(?:1|i|one)\b|\b(?:which|what) type\b|\b[12]\)? type\?|\btype and\b|\btype of\b`)
	independentTest = regexp.MustCompile(`\b(?:external|independent|third[- ]party) red team|\b(?:independent|external|third[- ]party) (?:\w+ )?(?:security )?(?:assessment|testing|security test)s?\b[^?]{0,50}\b(?:application|network|vulnerabilit\w+|findings?|tester)\b|\bsecurity test(?:s|ing)? (?:by|from) (?:an? )?(?:independent|external|third)`)
	anySOC          = regexp.MustCompile(`\bsoc\b[^\d]{0,12}(?:report|audit|attestation)|\bssae`)
)

// peopleAsked reports whether a question is about some of ours, not about the
// company: "Are your drivers certified?".
func peopleAsked(lower string) bool {
	m := subjectNoun.FindStringSubmatch(lower)
	return m != nil && strings.HasSuffix(m[1], "s") && !slices.Contains([]string{"services", "isms", "systems", "controls", "certifications", "attestations", "reports", "processes", "exceptions", "pentests", "tests", "audits", "business", "sas"}, m[1])
}

// isForeign reports whether a sentence is about something else: the reports of
// others, or certificates and audits of other kinds.
func (r *Register) isForeign(a *ask, s *sentence) bool {
	first := len(s.lower)
	if len(s.mentions) > 0 {
		first = s.mentions[0].start
	}
	switch {
	case reportsOfOthers.MatchString(s.lower), ofPeople.MatchString(s.lower), theirReport.MatchString(addressee.ReplaceAllString(s.lower, "you")) && !namedReport.MatchString(s.lower), asBaseline.MatchString(s.lower):
		return true
	case userControls.MatchString(s.lower), excludedFrom.MatchString(s.lower), treated.MatchString(s.lower):
		return false
	case peopleAsked(s.lower), requiredTo.MatchString(s.lower):
		return true
	case notReports.MatchString(s.lower) && !overrides.MatchString(s.lower):
		return true
	case a.test && testByReader.MatchString(s.lower):
		return true
	case followed.MatchString(s.lower[:first]) && !certifiedWord.MatchString(s.lower) && !reportWord.MatchString(s.lower):
		return true
	}
	at := ofOthers.FindStringIndex(addressee.ReplaceAllString(s.lower, "you"))
	if at == nil || coveredWord.MatchString(s.lower) && ourOwn.MatchString(s.lower) || ourOwn.MatchString(s.lower) && testedBy.MatchString(s.lower) {
		return false
	}
	return true
}

// ofSubservice reports whether a question is about a subservice organisation's
// own reports or doings, rather than whether ours covers it.
func (r *Register) ofSubservice(lower string) bool {
	for _, name := range r.subservicesNamed(lower) {
		n := lowerASCII(name)
		at := containsWord(lower, n)
		before, after := lower[:at], lower[at+len(n):]
		if reportOf.MatchString(before) || possessive.MatchString(after) || subjectOf.MatchString(before) && !coveredWord.MatchString(after) && !subserviceWord.MatchString(after) {
			return true
		}
	}
	return false
}

var (
	reportOf       = regexp.MustCompile(`\b(?:reports?|certificates?|attestations?|audits?|opinions?|exceptions?) (?:of|by|from|issued by|issued to) $`)
	possessive     = regexp.MustCompile(`^['’]s? (?:own |current |latest |last )*(?:soc|isae|iso|pci|hitrust|report|audit|certif|attest|penetration|pen)`)
	subjectOf      = regexp.MustCompile(`^(?:\W|\d)*(?:does|do|did|is|are|was|has|have|had|can|will) $`)
	subserviceWord = regexp.MustCompile(`\b(?:carve\w*|inclusive|included|excluded|part|scope|in your|in the|subservice\w*)\b`)
)

var (
	// theirReport is a report of somebody who is ours: "your hosting company's SOC 2".
	theirReport     = regexp.MustCompile(`\b(?:your|their) (?:\w+ ){0,2}?(?:providers?|(?:hosting|cloud|colocation|data cent\w+) (?:company|firm)|vendors?|suppliers?|sub-?processors?|partners?|carriers?|brokers?|sub-?contractors?|processors?|operators?|associates?)['’]?s? (?:\w+ ){0,3}?(?:soc|iso|certif\w+|audited|audit|pen|penetration|hitrust|pci|attest\w*)\b|\btheir (?:\w+ )?(?:audit|soc|certif\w+|attest\w*)`)
	reportsOfOthers = regexp.MustCompile(`\breports? (?:of|from|by) (?:your|their) (?:\w+ ){0,2}(?:providers|vendors|suppliers|sub-?processors|partners|sub-?contractors|processors)\b`)
	ofPeople        = regexp.MustCompile(`\b(?:certif\w+|accredit\w+) (?:do|does|of|held by) (?:your|the) (?:\w+ ){0,2}(?:staff|employees?|personnel|engineers?|team|people|professionals?|members?|consultants?|developers?|administrators?|officers?|testers?|analysts?)\b`)
	namedReport     = regexp.MustCompile(`\b(?:your|the|our) (?:own |current |latest |last |most recent )*(?:soc|isae|hitrust|iso|report|attestation|audit report)\b`)
	asBaseline      = regexp.MustCompile(`\bas (?:your|an?|the) (?:\w+ )?(?:baseline|framework|guide|reference)\b`)
	userControls    = regexp.MustCompile(`\buser[- ]entit(?:y|ies)\b|\bcuecs?\b|\bcomplementary user\b|\buser[- ]entity controls\b`)
	treated         = regexp.MustCompile(`\b(?:soc|isae|report)\b[^?]*\bcarves? out\b|\b(?:treat\w*|presented)\b[^?]*\b(?:soc|isae|report)\b`)
	requiredTo      = regexp.MustCompile(`\bprofessional certif\w+|\bon staff\b|\bof its own\b|\b(?:audit|contract\w*) clauses?\b|\b(?:required|obliged|asked|expected) to (?:be|have|hold)\b|\bas (?:iso|pci|soc)[ \w]* (?:asks|demands|requires|says)\b`)
	subjectNoun     = regexp.MustCompile(`^(?:\W|\d)*(?:do|does|are|is|have|has) (?:all |any )?your (\w+)`)
	excludedFrom    = regexp.MustCompile(`\b(?:excluded from|left out of|outside(?: of)?) (?:the |your )(?:\w+ )?(?:soc|isae)`)

	overrides     = regexp.MustCompile(`\b(?:tested|look(?:ed)? at|examined|operation)\b[^?]*\b(?:auditor|soc[\s-]?[12])\b|\bauditor(?:'s|’s) tests?\b|\b(?:soc[\s-]?[123]|iso[/a-z ]*\d{4,5}|hitrust|attestation of compliance|aoc|isae|fedramp) (?:\w+ ){0,4}(?:reports?|certif\w+|attestation|audit)\b|\bpenetration test\b[^?]{0,40}\b(?:report|last|recent|when|who|copy)\b|\b(?:list|which|what) (?:\w+ ){0,4}(?:certifications?|attestations?)\b`)
	certifiedWord = regexp.MustCompile(`\bcertif\w+|\battest\w+|\baudited\b|\bhold\b`)
	reportWord    = regexp.MustCompile(`\breports?\b`)
	ourOwn        = regexp.MustCompile(`\b(?:excluded|left out|carved)\b[^?]*\bsoc[\s-]?[12]\b|\byour(?:self|selves)? (?:\w+ |\d |[-/] ?){0,4}(?:soc|iso|isae|report|attestation|hitrust|certif\w+|audit|auditor|boundary|penetration|pen|bridge|pci|star)\b|\b(?:the|our) (?:\w+ ){0,3}(?:soc[\s-]?[123]|isae[\s-]?3402)\b|\byou (?:had|have had|undergone|obtained|hold|have)\b|\bsubservice\b|\bcarve`)
	testedBy      = regexp.MustCompile(`\b(?:by|from|with) (?:an? )?(?:independent |external |qualified |accredited |reputable )*(?:third[- ]part(?:y|ies)|provider|vendor|firm|company|specialist)s?\b|\bthird[- ]party\b`)
)
