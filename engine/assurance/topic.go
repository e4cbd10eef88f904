package assurance

import (
	"regexp"
	"slices"
	"strings"
)

// Topic is one kind of question about reports that [Register.Reply] answers.
type Topic struct {
	ID   string // "period"
	Says string // what is asked, in a sentence

	decides bool           // a yes or a no follows from it
	form    *regexp.Regexp // the words that ask for it
	fits    func(r *Register, a *ask) bool
	over    []string // topics that it stands in for
	say     func(w *writer, a *ask) (verdict, text string)
}

// Topics lists every kind of question there is.
func Topics() []Topic { return append([]Topic(nil), topics...) }

// everything says that a topic is asked alone.
var everything = []string{"*"}

var topics []Topic

func init() {
	topics = []Topic{
		{"bridge", "is there a bridge letter, until when", true, bridgeForm, nil, everything, sayBridge},
		{"compare", "is SOC 1 or SOC 2 the report for us", false, regexp.MustCompile(`\bsoc[\s-]?1\b.{0,12}\b(?:or|vs\.?|versus|and)\b.{0,8}\bsoc[\s-]?2\b[^?]*\b(?:relevant|need|appropriate|appl\w+|right|suit\w*|for us|differ\w*|recommend\w*|should)|\b(?:difference|relevant|need|should we)\b[^?]*\bsoc[\s-]?1\b.{0,12}\bsoc[\s-]?2\b|\bwhich (?:of your )?(?:soc )?reports? (?:\w+ ){0,4}(?:relevant|need|appropriate|suit\w*|right)`), nil, everything, sayCompare},
		{"financial-use", "may a SOC 2 be used for financial reporting", true, financial, func(_ *Register, a *ask) bool { return a.named && !asksFinancialKind(a) }, everything, sayFinancialUse},
		{"objectives", "what are the control objectives of the SOC 1", true, regexp.MustCompile(`\bcontrol objectives?\b|\bobjectives\b[^?]*\b(?:auditor|soc|isae|tested|report)|\b(?:auditor|soc|isae|report)\b[^?]*\bobjectives\b`), nil, everything, sayObjectives},
		{"user-controls", "which controls does the report expect of customers", true, regexp.MustCompile(`\buser[- ]entit\w+|\bcuecs?\b|\bcomplementary\b|\buser controls\b|\b(?:expect\w*|require\w*|rel(?:y|ies) on) (?:us|customers?|users?|clients?|user entities)\b|\b(?:expect\w*|require\w*|assum\w+) (?:from|of|by) (?:us|the customers?|its customers?|customers|user)|\bcontrols? (?:\w+ ){0,3}(?:customers?|users?) (?:must|should|need|are)|\b(?:assum|presum)\w+ (?:that )?(?:customers?|users?|we|user entities|clients?)\b|\bwe do ourselves\b`), nil, everything, sayUserControls},
		{"tested", "was a criterion or a control tested, with which result", true, regexp.MustCompile(`\btest(?:s|ed|ing)?\b|\bresults?\b|\boutcome\b|\bfindings?\b|\bexceptions?\b|\boperat\w+ effectively\b`), asksControl, everything, sayTested},
		{"plus", "does the SOC 2 include HITRUST or CCM criteria", true, regexp.MustCompile(`\b(?:hitrust|ccm|cloud controls? matrix|csa)\b|\badditional criteria\b|\b(?:another|other|which|additional) framework|\bextended\b`), asksPlus, everything, sayPlus},
		{"subservice-covered", "is a subservice organisation or the data centre covered", true, treatedOrCovered, func(r *Register, a *ask) bool {
			return (!a.yesNo || !carveAsked.MatchString(a.lower)) && asksSubservice(r, a)
		}, []string{"subservices", "scope", "criterion-in-scope", "criteria", "locations", "system", "exists", "copy"}, saySubserviceCovered},
		{"system-covered", "is a system in scope", true, coveredWord, asksSystem, []string{"scope", "exists", "copy", "system", "locations"}, saySystemCovered},
		{"subservices", "which subservice organisations are there, carved out or included", true, regexp.MustCompile(`\b(?:vendors|providers|suppliers|organi[sz]ations|third parties)\b[^?]*\b(?:excluded|left out|not covered|outside)\b|\bsubservice\b|\bcarv\w+|\binclusive\b|\bsub-service\b`), nil, []string{"scope", "exists", "copy", "system", "list"}, saySubservices},
		{"exceptions-response", "how did management respond to the exceptions", true, regexp.MustCompile(`\bmanagement\b[^?]*\b(?:respon\w+|repl\w+|done|react\w*)\b|\b(?:exceptions?|deviations?|qualifi\w+)\b[^?]*\b(?:respon\w+|remediat\w+|correct\w*|fix\w*|put right|address\w*|resol\w+|handled|action)|\b(?:respon\w+|remediat\w+|corrective|resol\w+)\b[^?]*\b(?:exceptions?|deviations?|qualifi\w+)`), nil, []string{"exceptions", "opinion", "copy", "exists", "scope", "issued"}, sayExceptionsResponse},
		{"opinion", "what was the auditor's opinion", true, regexp.MustCompile(`\bopinion\b|\b(?:un)?qualified\b|\badverse\b|\bunmodified\b|\bclean (?:report|bill|audit|soc)\b|\bdisclaimer\b|\bqualify\b`), func(_ *Register, a *ask) bool { return !a.test && !qualifiedPerson.MatchString(a.lower) }, []string{"exists", "scope", "copy", "list"}, sayOpinion},
		{"exceptions", "were there exceptions", true, regexp.MustCompile(`\bexceptions?\b|\bdeviations?\b|\bcontrol failures?\b|\bnon-?conformit\w+|\b(?:findings?|issues|deficienc\w+|failed)\b`), func(_ *Register, a *ask) bool {
			return !a.test && slices.ContainsFunc(a.kinds, func(k Kind) bool { return k.Family() == Attestation })
		}, []string{"exists", "copy", "auditor", "scope", "criterion-in-scope", "list"}, sayExceptions},
		{"criterion-in-scope", "is a Trust Services category in scope", true, categoryInQuestion, asksCategory, []string{"criteria", "scope", "exists", "copy", "system"}, sayCriterion},
		{"criteria", "which Trust Services categories are in scope", false, regexp.MustCompile(`\b(?:criteria|criterion|categor(?:y|ies)|principles?|tscs?)\b`), func(_ *Register, a *ask) bool { return !a.test }, []string{"scope", "exists", "list"}, sayCriteria},
		{"certificate-number", "what is the certificate's number", false, regexp.MustCompile(`\bcert(?:ificat\w+|s?\.?) (?:number|no\b|nr|id|ref\w*)s?|^[^?]{3,30}: number\b|\bnumber of (?:the|your)[^?]*certificat|\bcertificat\w*[^?]*\bnumbers?\b|\bregistration number\b|\bassessment id\b|\b(?:quote|state|give|provide|list)\b[^?]*\bnumbers?\b|^[^?]{2,30}: number\b`), nil, []string{"exists", "list"}, sayNumber},
		{"type", "is the report of type 1 or type 2", false, typeChoice, func(_ *Register, a *ask) bool { return !a.test && !a.yesNo }, []string{"exists", "list"}, sayType},
		{"level", "which level is it: HITRUST, PCI DSS, FedRAMP, CSA STAR, TISAX", false, regexp.MustCompile(`\b(?:which|what|at what|at which|state|specify|indicate|your|of)\b[^?]*\b(?:levels?|tiers?|impact|kind of hitrust)\b|^(?:\W|and )*(?:at )?(?:what|which) level\b|\be1, i1\b`), nil, []string{"exists", "list"}, sayLevel},
		{"next", "when is the next report, audit or test", true, regexp.MustCompile(`\b(?:next|upcoming|forthcoming|future|coming)\b|\b(?:further|another)\b[^?]*\b(?:scheduled|planned)\b|\bwhen (?:do|does|will|can|is|are)\b[^?]*\b(?:expect\w*|available|issued?|complet\w+|receive|due|planned|published|scheduled|ready)\b|\bwill (?:a |the |your )?[^?]*\bbe (?:available|issued)\b|\b(?:planned|expected) (?:date|issue)\b|\btarget date\b`), nil, []string{"exists", "issued", "copy", "validity", "frequency", "test-date", "list", "scope"}, sayNext},
		{"validity", "is it still valid, until when", true, regexp.MustCompile(`\bexpir\w+|\buntil (?:when|what|which)|\bvalid(?:ity)?\b|\blapsed?\b|\bgood (?:until|through)\b|\bin force\b|\bin date\b`), func(_ *Register, a *ask) bool {
			return (!a.yesNo || !haveWord.MatchString(a.lower)) && (a.named || len(a.kinds) == 1 || a.yesNo && !a.weak)
		}, []string{"exists", "copy", "list", "test-date"}, sayValidity},
		{"age", "how old is the newest report", true, regexp.MustCompile(`\b(?:older|old)\b|\bmore than (?:a|one|1|12|twelve) (?:year|months) ago\b|\bhow (?:old|recent|long ago)\b|\bage of\b`), nil, []string{"exists", "issued", "history"}, sayAge},
		{"history", "since when have there been audits", false, regexp.MustCompile(`\bhow (?:long|many years|many (?:soc|audits|reports))\b|\bsince when\b|\bfirst (?:\w+ )?(?:time|audit\w*|soc|report|certif\w+|issued|obtain\w*|achiev\w*)|\b(?:initial|original)(?:ly)? (?:\w+ )?(?:certif\w+|audit\w*)|\bhistory\b|\bprevious (?:\w+ )*reports\b|\bwhen did you (?:first|start|begin)|\bprior (?:\w+ )*reports\b|\breports since\b|\breports (?:that )?you have (?:received|had|been issued)\b|\bearlier\b[^?]*\breports\b|\breports\b[^?]*\b(?:so far|to date)\b|\b(?:reports|tests)\b[^?]*\b(?:last|past) (?:two|three|four|five|\d) years\b|\btests?\b[^?]*\b(?:within|in|over|during) the (?:last|past)\b[^?]*\bdates\b|\b(?:all|list)\b[^?]*\b(?:reports?|tests?)\b[^?]*\b(?:past|last|since|previous) (?:\w+ )?(?:years|months|\d)|\breports\b[^?]*\b(?:past|last) (?:\w+ )?years\b`), func(_ *Register, a *ask) bool { return !validFor.MatchString(a.lower) }, []string{"exists", "issued", "period", "list", "test-date", "validity", "auditor"}, sayHistory},
		{"frequency", "how often is it done", true, regexp.MustCompile(`\bhow (?:often|frequent\w*|regular\w*)\b|\bfrequen\w+|\b(?:at least|once|twice)[^?]{0,12}(?:annual\w*|year|per year)|\bannual(?:ly)?\b|\byearly\b|\bevery (?:year|12 months|twelve months)\b|\beach year\b|\bregular(?:ly)?\b|\bperiodic(?:ally)?\b|\bcadence\b|\bintervals?\b`), func(_ *Register, a *ask) bool { return !a.yesNo || doneWord.MatchString(a.lower) }, []string{"exists", "test-date", "list"}, sayFrequency},
		{"issued-in", "was it issued within a time", true, regexp.MustCompile(`\b(?:issued?|dated|published)\b`), func(_ *Register, a *ask) bool { return a.yesNo && !a.test && len(a.dates) > 0 }, []string{"period-covered", "period", "issued", "exists", "copy"}, sayIssuedIn},
		{"length", "how many months does the period have", true, lengthAsked, func(_ *Register, a *ask) bool { return !a.test }, []string{"period", "exists", "scope", "copy", "age"}, sayLength},
		{"period-covered", "does the report cover a time", true, coveredWord, func(_ *Register, a *ask) bool { return a.yesNo && !a.test && len(a.dates) > 0 }, []string{"period", "scope", "exists", "copy", "next"}, sayPeriodCovered},
		{"test-scope", "was a thing in the scope of the penetration test", true, regexp.MustCompile(`\b(?:cover\w*|includ\w+|part of|looked at|in (?:the )?scope|tested|form part|examined|address\w*)\b`), asksTestScope, []string{"exists", "copy", "public", "scope", "test-date", "frequency", "auditor", "system"}, sayTestScope},
		{"period", "which period does the report cover", false, regexp.MustCompile(`\bperiods?\b|\bobservation window\b|\btime ?frames?\b|\bdate range\b|\b(?:start|end)(?:ing)? (?:and end )?dates?\b|\bwhat dates\b|\bwindow\b|\bmonths? (?:does|are|is) [^?]*cover`), func(_ *Register, a *ask) bool { return !a.yesNo && !a.test }, []string{"scope", "exists", "list"}, sayPeriod},
		{"as-of", "as of which day is the type 1", false, regexp.MustCompile(`\bas (?:of|at) (?:which|what)\b|\bas[- ]of date\b|\bpoint[- ]in[- ]time\b|\b(?:which|what) (?:\w+ )?date\b[^?]*\btype (?:1|i)\b`), nil, []string{"issued", "exists", "period"}, sayPeriod},
		{"issued", "when was the report issued", false, regexp.MustCompile(`\b(?:what|which) date\b[^?]*\b(?:sign|issue|publish|release)\w*|\bwhen (?:was|were|did)\b[^?]*\b(?:issued?|publish\w*|complet\w+|receiv\w+|sign\w*|last|grant\w*|obtain\w*|achiev\w*|audited|certified|award\w*)\b|\b(?:issue|issuance|report|publication|certification|completion|audit) date\b|\bdates? of (?:the |your |last |latest |most |issue|issuance|report|certif|soc|recent|audit)`), func(_ *Register, a *ask) bool { return !a.test }, []string{"exists"}, sayIssued},
		{"test-date", "when was the last penetration test", false, regexp.MustCompile(`\bwhen\b|\bdates?\b|\bhow long ago\b|\blast (?:performed|conducted|done|carried)|\b(?:last|latest|most recent)\b`), func(_ *Register, a *ask) bool { return a.test && !a.yesNo }, []string{"exists"}, sayTestDate},
		{"test-findings", "what did the penetration test find, what is open", true, regexp.MustCompile(`\bfindings?\b|\bvulnerabilit\w+|\bissues?\b|\bcritical\b|\bhigh\b|\bsever\w+|\bmedium\b|\bweakness\w*|\bremediat\w+|\boutcome\b|\bresults? (?:of|were|was|show)|\bwhat were the results\b|\bfind\b|\bfound\b|\bidentified\b|\bdiscovered\b|\bitems\b`), func(_ *Register, a *ask) bool { return a.test }, []string{"exists", "copy", "test-date", "exceptions", "frequency", "auditor", "scope", "list"}, sayFindings},
		{"auditor", "who audited, certified or tested", false, regexp.MustCompile(`\bwho(?:m)?\b|\b(?:which|what) (?:\w+[ -]){0,4}(?:firm|body|auditors?|assessors?|laborator\w+|lab|registrar|consultanc\w+|testers?)\b|\b(?:which|what) (?:\w+[ -]){0,2}(?:company|provider|organi[sz]ation|vendor|third[- ]party)\b|\bnames? of\b[^?]*\b(?:auditors?|firm|body|assessors?|testers?|company|providers?|cpa|vendor|registrar|qsa|third[- ]party)|\b(?:auditor|assessor|certification body|audit firm|qsa|3pao|tester|cpa firm|firm)(?:'s|’s)? name\b|\b(?:name|identify|state|specify|provide|indicate)\b (?:the |your )?(?:\w+ ){0,3}(?:auditors?|assessors?|firm|certification body|qsa|3pao|registrar)\b|^(?:\W|name of )*(?:your )?(?:external |service |independent |soc[ -]?[12]? |iso )*(?:auditors?|audit(?:ing)? firm|certification body|assessor|testing firm|cpa firm)\b|\band provider\b|\bperformed by\?|, (?:the )?(?:certification body|body|auditors?|assessors?)\b|^(?:pentest|pen[- ]test\w*|penetration[- ]test\w*|audit|assessment) (?:vendor|provider|company|firm)\b`), func(_ *Register, a *ask) bool {
			return !whoElse.MatchString(a.lower) && !attestationsAsked.MatchString(a.lower) && !dateAsked.MatchString(a.lower)
		}, []string{"exists", "list", "scope"}, sayAuditor},
		{"location-covered", "is a site in scope", true, regexp.MustCompile(`.`), asksLocation, []string{"locations", "scope", "exists", "system", "public", "copy"}, sayLocationCovered},
		{"locations", "which sites are in scope", false, regexp.MustCompile(`\b(?:locations?|sites?|offices?|facilit(?:y|ies)|premises|addresses|countries)\b`), nil, []string{"scope", "exists", "list", "auditor", "system"}, sayLocations},
		{"system", "which system or service is in scope", false, regexp.MustCompile(`^(?:\W|\d)*(?:systems?|products?|services?)\b|\b(?:which|what|name|list|describe)\b[^?]*\b(?:systems?|services?|products?|applications?|platforms?|solutions?|offerings?)\b`), func(_ *Register, a *ask) bool { return !a.test && !a.yesNo && scopeAsked.MatchString(a.lower) }, []string{"scope", "exists", "list", "auditor"}, saySystem},
		{"scope", "what is in scope", false, regexp.MustCompile(`\bscope\b|\b(?:what|which)\b[^?]*\bcover(?:s|ed)?\b|\bboundary\b|\bwhat (?:was|were|is|are) tested\b`), func(_ *Register, a *ask) bool { return !a.yesNo }, []string{"exists", "list"}, sayScope},
		{"nda", "is an NDA needed for it", true, regexp.MustCompile(`\bndas?\b|\bnon-?disclosure\b|\bconfidentiality agreement\b`), nil, []string{"copy", "exists", "public", "list"}, sayNDA},
		{"public", "is it public", true, regexp.MustCompile(`\bpublic(?:ly|ally)?\b|\bpublished?\b|\bweb ?site\b|\bgeneral[- ]use\b|\bfreely\b|\btrust (?:page|cent(?:er|re)|portal)\b|\bopenly\b|\bregistry\b|\blisted\b`), func(_ *Register, a *ask) bool { return a.yesNo }, []string{"copy", "exists"}, sayPublic},
		{"copy", "how do we get a copy", true, regexp.MustCompile(`\bcop(?:y|ies)\b|\b(?:provide|share|attach|obtain|receive|see|view|download|send|supply|furnish|inspect|upload|enclose|forward|submit|get|make available|request|given|access|read|include|obtained|downloaded|link|find|sight of)\b|^\W*where\b|\bwhere (?:can|do|may)\b|\bavailable (?:to|for|on|upon|under)\b|\bbe (?:shared|provided|made available|reviewed)\b`), asksForCopy, []string{"exists", "list"}, sayCopy},
		{"superseded", "is there a SAS 70 report", true, regexp.MustCompile(`\bsas[\s-]?(?:no\.? ?)?70\b`), func(_ *Register, a *ask) bool { return len(a.kinds) == 1 }, []string{"exists", "copy", "list"}, saySuperseded},
		{"list", "which reports and certificates are there", false, regexp.MustCompile(`^(?:\W|\d|please |kindly )*(?:list|which|what|describe|name|enumerate|indicate|identify|select|provide|state|specify|tick|details?)\b|\bwhich of the (?:following|below)\b|^(?:\W|\d|current |security |compliance |industry )*(?:certifications?|attestations?|accreditations?)\b`), nil, []string{"exists"}, sayList},
		{"exists", "is there such a report", true, regexp.MustCompile(`.`), asksExistence, nil, sayExists},
	}
}

// topicsOf returns what a sentence asks, the topics that others stand in for
// left out. A sentence that wants a yes or a no gets a topic that decides.
func (r *Register) topicsOf(a *ask) (out []*Topic) {
	gone := map[string]bool{}
	for i := range topics {
		t := &topics[i]
		if gone[t.ID] || gone["*"] || !t.form.MatchString(a.lower) || t.fits != nil && !t.fits(r, a) {
			continue
		}
		out = append(out, t)
		for _, id := range t.over {
			gone[id] = true
		}
	}
	if a.weak && (len(out) == 0 || !out[0].plain() || strings.Contains(a.lower, "until")) {
		a.yesNo = false
	}
	if !a.yesNo || decided(out) || gone["*"] || !asksExistence(r, a) {
		return out
	}
	exists := &topics[len(topics)-1]
	return append([]*Topic{exists}, out...)
}

// plain reports whether a question that is only a name wants a yes or a no of
// the topic: "Qualified opinion?" does, "Carve-outs?" does not.
func (t *Topic) plain() bool {
	switch t.ID {
	case "exists", "opinion", "tested", "criterion-in-scope", "subservice-covered", "plus", "validity", "public", "exceptions", "test-scope", "frequency", "test-findings", "location-covered", "bridge", "superseded", "period-covered", "length", "age":
		return true
	}
	return false
}

func decided(list []*Topic) bool {
	for _, t := range list {
		if t.decides {
			return true
		}
	}
	return false
}

var (
	qualifiedPerson    = regexp.MustCompile(`\bqualified (?:third|independent|external|auditor|firm|assessor|tester|person|individual|professional|security|staff|cpa|compan|provider|specialist)`)
	lengthAsked        = regexp.MustCompile(`\b(?:span\w*|full|at least|cover\w*|minimum|long)\b[^?]*\b(three|six|nine|twelve|3|6|9|12)[- ]months?\b|\bhow many months\b`)
	attestationsAsked  = regexp.MustCompile(`\b(?:which|what) (?:\w+[ -]){0,3}(?:attestations?|certifications?|audits?|reports)\b`)
	dateAsked          = regexp.MustCompile(`\b(?:what|which) date\b`)
	treatedOrCovered   = regexp.MustCompile(coveredWord.String() + `|\btreat\w*\b|\bfalls? (?:inside|within|under)\b|\bboundary\b|` + forHosting.String())
	haveWord           = regexp.MustCompile(`\b(?:do|does) (?:you|your \w+|the \w+)(?: \w+)? (?:have|hold|possess|maintain)\b|\bhave you\b|\bare you\b|\bhold(?:s|ing)?\b`)
	validFor           = regexp.MustCompile(`\bhow long\b[^?]*\bvalid\b|\bhow long ago\b`)
	doneWord           = regexp.MustCompile(`\b(?:perform\w*|conduct\w*|carried out|done|undergo\w*|test\w*|audit\w*|renew\w*|examin\w+|assess\w*|complet\w+|commission\w*|engag\w+)\b`)
	whoElse            = regexp.MustCompile(`\bwho (?:may|can|could|should|is allowed|has access|do we|to contact|we contact)\b|\bwho\b[^?]{0,20}\b(?:request|contact)\b`)
	scopeAsked         = regexp.MustCompile(`\bdescribes?\b|\bauthori[sz]ed\b|\brelates?\b|\bscope\b|\bdescribed\b|\bcover\w*|\binclud\w+|\babout\b|\bapplies\b|\bcertified\b|\bexamined\b|\bsubject\b`)
	categoryInQuestion = regexp.MustCompile(`\b(?:security|availability|confidentiality|processing integrity|privacy|all (?:five|5))\b`)
)
