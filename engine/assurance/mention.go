package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

// mention is one naming of a report in a sentence.
type mention struct {
	start, end int // in the sentence, bytes
	kind       Kind
	typ        int    // 1 or 2 if the words say so
	level      string // "r2", "1" … if they do
	stance     stance
}

// stance is what a sentence says of a report that it names.
type stance int

const (
	claimed  stance = iota // we have it
	denied                 // we have it not
	planned                // we shall have it
	past                   // we had it
	supplier               // somebody else has it
	aligned                // we work by it, and nobody attested that
	spoken                 // it is explained, or asked for
)

const (
	typeWord = `\b(?:type|typ|t)[\s-]*(1|2|i{1,2}|one|two)\b`
	socTail  = `(?:\W{0,3}(?:report|attestation|audit|examination|assessment)s?)?[\s,(/–-]{0,3}` + typeWord
)

// reportForms are the ways in which reports are named, in lower case. A group
// named type, n or level says more of it.
var reportForms = []struct {
	kind Kind // "" if the number decides
	form *regexp.Regexp
}{
	{SOCCyber, regexp.MustCompile(`\bsoc for (?:cyber ?security|cyber)\b`)},
	{SOC2Plus, regexp.MustCompile(`\bsoc[\s-]?2[®™]?\s?(?:\+|plus\b)(?:` + socTail + `)?`)},
	{"", regexp.MustCompile(`\b(?:aicpa )?soc[\s-]{0,2}(?P<n>[123]|ii?i?\b)[®™]?(?:\s?[,&/]?\s?(?:aicpa )?)(?:` + socTail + `)?`)},
	{"", regexp.MustCompile(`\b(?:aicpa )?service organi[sz]ation controls?(?: report)? (?P<n>[123])\b(?:` + socTail + `)?`)},
	{ISAE3402, regexp.MustCompile(`\bisae[\s-]?(?:no\.? ?)?3402\b(?:` + socTail + `)?`)},
	{SAS70, regexp.MustCompile(`\bsas[\s-]?(?:no\.? ?)?70\b(?:` + socTail + `)?`)},
	{"", regexp.MustCompile(`\b(?:iso(?:\s?/\s?iec)?|iec|bs en iso|din en iso)[\s/-]{0,3}(?:iec[\s-]?)?(?P<n>27001|27017|27018|27701|42001|22301|9001)\b(?::20\d\d)?`)},
	{"", regexp.MustCompile(`\b(?P<n>27001|27017|27018|27701|42001)\b(?::20\d\d)?`)},
	{HITRUST, regexp.MustCompile(`\bhitrust(?: csf)?(?:[\s(,-]{1,2}(?P<level>e1|i1|r2)\b)?`)},
	{PCIDSS, regexp.MustCompile(`\bpci[\s-]?(?:dss\b)(?:(?: (?:service provider|merchant))? level (?P<level>[1-4]))?|\bpci (?:aoc|roc|saq|compliance|compliant|certified|certification|attestation)|\battestation of compliance\b|\baoc\b`)},
	{FedRAMP, regexp.MustCompile(`\bfedramp(?: (?P<level>low|moderate|high|li-saas))?\b`)},
	{CSASTAR, regexp.MustCompile(`\b(?:csa[\s-]star|csa security,? trust,? assurance(?: and|,)? risk|star)(?: (?:registry|certification|attestation|self-assessment|status|entry))?(?: \(?(?:level|l) ?(?P<level>[123]|one|two|i{1,2})\b)`)},
	{CSASTAR, regexp.MustCompile(`\bcsa[\s-]star\b|\bstar (?:registry|certification|attestation|level)\b`)},
	{Pentest, regexp.MustCompile(`\b(?:penetration|pen|intrusion)[\s-]?test(?:s|ing|ed|er|ers)?\b|\bpentest(?:s|ing|ed|ers?)?\b|\bethical hack(?:ing|s|ers?)?\b`)},
	{CyberEssentials, regexp.MustCompile(`\b(?:cyber essentials|ce)(?: ?\(?(?P<level>plus\b|\+))|\bcyber essentials\b`)},
	{TISAX, regexp.MustCompile(`\btisax\b`)},
}

// typeFirst is a type that stands before its report: "Type II SOC 2".
var typeFirst = regexp.MustCompile(typeWord + `[,\s]{1,2}(?:aicpa |ssae[\s-]?\d\d |us )?$`)

// typeAfter is a type that stands apart from its report, within its clause.
var typeAfter = regexp.MustCompile(`^[^.;:]{0,40}?\b` + typeWord)

var isoByNumber = map[string]Kind{
	"27001": ISO27001, "27017": ISO27017, "27018": ISO27018, "27701": ISO27701, "42001": ISO42001, "22301": ISO22301, "9001": ISO9001,
}

// findMentions returns the reports that a sentence names, in order.
func findMentions(s *sentence) (out []mention) {
	if !mayMention(s.lower) {
		return nil
	}
	taken := make([]bool, len(s.lower)+1)
	for _, f := range reportForms {
		for _, at := range f.form.FindAllStringSubmatchIndex(s.lower, -1) {
			end := at[0] + len(strings.TrimRight(s.lower[at[0]:at[1]], " ,&/"))
			if taken[at[0]] || taken[end-1] {
				continue
			}
			for i := at[0]; i < end; i++ {
				taken[i] = true
			}
			out = append(out, newMention(f.kind, f.form, s.lower, at, end))
		}
	}
	sortMentions(out)
	for i := range out {
		out[i].completeType(s.lower, out)
	}
	return out
}

// mayMention is a cheap test that spares most sentences the forms.
func mayMention(lower string) bool {
	for _, w := range []string{"soc", "isae", "sas", "iso", "27", "42001", "hitrust", "pci", "fedramp", "star", "test", "hack", "essentials", "ce+", "ce plus", "tisax", "service organi", "aoc", "of compliance"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

func newMention(kind Kind, form *regexp.Regexp, lower string, at []int, end int) mention {
	m := mention{start: at[0], end: end, kind: kind}
	for i, name := range form.SubexpNames() {
		if i == 0 || at[2*i] < 0 {
			continue
		}
		word := lower[at[2*i]:at[2*i+1]]
		switch name {
		case "n":
			if k, ok := isoByNumber[word]; ok {
				m.kind = k
			} else if word[0] == 'i' {
				m.kind = Kind(fmt.Sprint("soc", len(word)))
			} else {
				m.kind = Kind("soc" + word)
			}
		case "level":
			m.level = levelOf(word)
		case "":
			m.typ = typeOf(word)
		}
	}
	return m
}

func levelOf(word string) string {
	switch word {
	case "one", "i":
		return "1"
	case "two", "ii":
		return "2"
	case "+":
		return "plus"
	}
	return word
}

func typeOf(word string) int {
	switch word {
	case "1", "i", "one":
		return 1
	}
	return 2
}

func sortMentions(list []mention) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].start < list[j-1].start; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// completeType finds the type of m where it stands before it or apart from it,
// and no other report in between.
func (m *mention) completeType(lower string, all []mention) {
	if m.typ != 0 || !m.kind.IsTyped() {
		return
	}
	if t := typeFirst.FindStringSubmatch(lower[:m.start]); t != nil {
		m.typ = typeOf(t[1])
		return
	}
	next := len(lower)
	for _, o := range all {
		if o.start > m.start && o.start < next {
			next = o.start
		}
	}
	if t := typeAfter.FindStringSubmatch(lower[m.end:next]); t != nil {
		m.typ = typeOf(t[1])
	}
}

// What the words around a report say of it. Each looks at the report's clause.
var (
	denial = regexp.MustCompile(`\b(?:not|no|nothing|none|neither|nor|never|without|cannot|can't|can’t|lacks?|lacking|isn't|aren't|don't|doesn't|haven't|hasn't|didn't|won't|isn’t|aren’t|don’t|doesn’t|haven’t|hasn’t|didn’t|nobody|rather than|instead of|in place of|in lieu of|unable|yet to|ceased|discontinued|withdrawn|declined?|absence of|yet)\b`)

	plan = regexp.MustCompile(`\b(?:we plan|plans? (?:to|for|on)|planned|planning|our first|in the observation (?:period|window)|will|shall|intends?|intending|intended (?:for|to)|aims?|aiming|target(?:s|ed|ing)?|roadmap|pursu(?:e|es|ing)|prepar(?:e|es|ing|ation)|working (?:toward|towards|on)|work(?:s)? towards?|in (?:progress|preparation|process)|under ?way|expect(?:s|ed)?|anticipat(?:e|es|ed|ing)|scheduled|upcoming|forthcoming|due (?:in|to|by|for)|to be (?:completed|issued|obtained|published|performed|conducted|achieved)|seek(?:s|ing)?|readiness|future|next year|considering|evaluat(?:e|es|ing) (?:a|an|the|whether)|about to|on track|gap assessment|going to|in the process of|embark(?:ed|ing)? on|towards?|upon completion|once (?:we|it|the|issued|complete))\b`)

	gone = regexp.MustCompile(`\b(?:lapsed|expired?|expir(?:es|ing)|previous(?:ly)?|prior|former(?:ly)?|last year's|historic(?:al|ally)?|earlier|superseded|predecessor|ended|used to|was (?:held|valid|withdrawn)|no longer (?:current|valid)|out of date|at (?:that|the) time|in the past|retired|replaced (?:by|with)|older|past|since replaced|years ago|(?:we |it )?(?:began|started) with|ran out|run out|we had|had an?)\b`)

	others = regexp.MustCompile(`\b(?:vendors?|suppliers?|sub-?processors?|(?:hosting|cloud|data ?cent(?:re|er)|infrastructure|service|colocation|co-location|payment|third[- ]party|iaas|paas|saas|platform|email|network|identity|storage|backup) (?:and \w+ )?(?:providers?|partners?|operators?|vendors?|processors?|facilit(?:y|ies))|providers?|hyperscalers?|sub-?contractors?|fourth part(?:y|ies)|(?:business )?partners?|data ?cent(?:re|er)s?|hosting facilit(?:y|ies)|colocation facilit(?:y|ies)|aws|amazon web services|azure|microsoft|gcp|google cloud|google|github|gitlab|stripe|digitalocean|cloudflare|salesforce|oracle|equinix|hetzner|ovh(?:cloud)?|okta|snowflake|mongodb|heroku|datadog|twilio|rackspace|ibm|atlassian|zendesk|slack|sendgrid|auth0|adyen|paypal|servers?|its own|whose)\b`)

	alignment = regexp.MustCompile(`\b(?:align(?:s|ed|ing|ment)?|based (?:up)?on|mapp(?:ed|ing|s)|model(?:l)?ed|following|follows?|along the lines|in line with|consistent with|guided by|informed by|inspired|derived from|reference(?:s|d)?|principles of|best practices?|benchmark(?:s|ed)?|adher(?:e|es|ing|ence)|conform(?:s|ing)? to|equivalent|comparable|similar to|designed (?:to|around|against)|built (?:on|to|around)|framework|self-?assess(?:ed|ment)?|standards? such as|requirements of|controls? (?:from|drawn)|annex a|methodolog(?:y|ies)|statement of applicability|structured|patterned)\b`)

	explaining = regexp.MustCompile(`\b(?:is an? (?:attestation|opinion|auditor|examination|report|certification|standard)|are attestations?|attestation,? (?:and )?not|does not exist|no such thing|means (?:that|an?|the)|refers to|definition|we (?:request|ask for|require|obtain|review|collect|assess|check|read|study) (?:\w+['’]?s? ){0,4}?(?:reports?|certif\w+|attest\w+|soc|iso)\b|lead (?:implementers?|auditors?)|reviews? (?:of )?(?:the |their |its )(?:\w+ ){0,2}(?:soc|iso|reports?|certif\w+|attest\w+)|collect(?:s|ed|ion)|obtain(?:s|ed)? from|tracked|due diligence|onboarding|must (?:hold|provide|have|be)|are required to|expected to hold|assess(?:es|ed)? (?:suppliers|vendors|the))\b`)
)

// weigh sets what each sentence says of the reports it names.
func (p *passage) weigh() {
	for i := range p.sentences {
		s := &p.sentences[i]
		for j := range s.mentions {
			m := &s.mentions[j]
			m.stance = s.stanceOf(m)
			if m.stance == claimed && pronoun.MatchString(s.aside(m.start)) && (others.MatchString(s.lower) || saidByOthers.MatchString(s.aside(m.start)) || i > 0 && others.MatchString(p.sentences[i-1].lower)) {
				m.stance = supplier
			}
		}
		for j := len(s.mentions) - 2; j >= 0; j-- {
			m, next := &s.mentions[j], &s.mentions[j+1]
			if m.stance == claimed && listed.MatchString(s.lower[m.end:next.start]) {
				m.stance = next.stance // "ISO 27001 and SOC 2 controls" are controls of both
			}
		}
	}
}

// according stands right before what is followed.
var according = regexp.MustCompile(`\b(?:according to|(?:in )?accordance with)(?: the)?(?: requirements of| principles of)?(?: the)? $`)

// pronoun stands for somebody named before.
var pronoun = regexp.MustCompile(`\b(?:their|theirs|they|them)\b`)

// listed joins reports into one list.
var listed = regexp.MustCompile(`^\s?(?:,|/|&|\+|and|or|, and|, or|as well as)\s?(?:the )?$`)

// stanceOf reads the clause of m. Somebody else's report comes first, since
// what is not ours is neither planned nor denied; then denial and plan.
func (s *sentence) stanceOf(m *mention) stance {
	clause := s.clauseText(m.start)
	from, to := s.clause(m.start)
	head, tail := s.lower[from:m.start], s.lower[m.end:max(to, m.end)]
	switch {
	case others.MatchString(s.aside(m.start)) && !strings.Contains(clause, "our soc") || possessedByOthers.MatchString(tail):
		return supplier
	case explaining.MatchString(clause) && !ours.MatchString(clause):
		return spoken
	case deniedIn(head), denialAfter.MatchString(tail):
		return denied
	case plan.MatchString(head), planAfter.MatchString(tail):
		return planned
	case gone.MatchString(clause):
		return past
	case ourCertified.MatchString(head) && certifiedTail.MatchString(tail):
		return claimed
	case alignment.MatchString(head), according.MatchString(head) && !certifiedHead.MatchString(head), alignedAfter.MatchString(tail), selfAssessed.MatchString(clause), assessedAgainst.MatchString(head),
		m.kind.Family() == Certification && strings.HasPrefix(tail, " assessment"):
		return aligned
	}
	return claimed
}

// "our ISO 27001 certified management system" is held, whatever follows it.
var (
	ourCertified  = regexp.MustCompile(`\b(?:our|an?|the) $`)
	certifiedTail = regexp.MustCompile(`^(?:[ -]certified|[ -]certification|[ -]certificate)\b`)
)

// deniedIn reports whether the words before a report deny it. "Instead of a SOC
// 2 we offer" denies what stands before "we".
func deniedIn(head string) bool {
	for _, at := range denial.FindAllStringIndex(head, -1) {
		if noException.MatchString(head[at[0]:]) {
			continue
		}
		if !insteadWord.MatchString(head[at[0]:at[1]]) || !weOffer.MatchString(head[at[1]:]) {
			return true
		}
	}
	return false
}

var (
	noException = regexp.MustCompile(`^(?:without|no)(?: any)? exceptions?\b`)
	insteadWord = regexp.MustCompile(`^(?:rather than|instead of|in place of|in lieu of)$`)
	weOffer     = regexp.MustCompile(`\b(?:we|our|you|it|the)\b`)
)

// aside returns the clause before place with what stands in brackets: "Vendors
// (A, B) hold a SOC 2 report" is about vendors.
func (s *sentence) aside(place int) string {
	from := 0
	for _, b := range softBreak.FindAllStringIndex(s.lower[:place], -1) {
		from = b[1]
	}
	return s.lower[from:place]
}

var softBreak = regexp.MustCompile(`;|:\s|[–—]|,? \b(?:but|however|although|though|whereas|while)\b`)

var (
	selfAssessed      = regexp.MustCompile(`\b(?:internal(?:ly)? (?:\w+ ){0,2}(?:assess\w*|audit\w*|review\w*|mapp\w+)|mapping|gap analysis|readiness assessment)\b`)
	assessedAgainst   = regexp.MustCompile(`\bassess\w* (?:\w+ )?against\b`)
	certifiedHead     = regexp.MustCompile(`\b(?:certified|certification) (?:according to|in accordance with)(?: the)? $`)
	ours              = regexp.MustCompile(`\b(?:we (?:hold|have|are|maintain|possess|undergo|completed|obtained|achieved)|our (?:current |latest |most recent |annual |own )?(?:soc|iso|isae|hitrust|pci|csa|fedramp|certif|report|audit|auditor|attest))`)
	possessedByOthers = regexp.MustCompile(`^[^.;]{0,40}\b(?:of|from|by|held by|maintained by) (?:our |the |its |all |key |critical )*(?:vendors?|suppliers?|sub-?processors?|(?:hosting|cloud|data ?cent(?:re|er)|infrastructure) (?:provider|operator)s?|providers?)\b`)
	denialAfter       = regexp.MustCompile(`^[^.;]{0,60}\b(?:not (?:yet )?(?:been )?(?:obtained|completed|issued|held|available|conducted|performed|applicable|in place|planned|achieved|done|certified)|have not been|has not been|(?:is|are|was) not (?:yet )?(?:available|held|in place|planned|issued|completed|ours|covered|applicable|relevant|certified|part|included)|n/a)\b`)
	planAfter         = regexp.MustCompile(`^[^.;]{0,60}?\b(?:(?:is|are|was|has been|have been) (?:planned|scheduled|under ?way|in progress|in preparation|expected|targeted|on (?:our|the) roadmap|being prepared|due)|planned|in progress|under ?way|will be (?:issued|completed|performed|obtained|conducted|published|ready|carried out|done|finali[sz]ed|received|achieved|audited|examined|available (?:in|by|from|at the end))|(?:is |are )?expected|on (?:our|the) roadmap|readiness|scheduled for|targeted for|by (?:the )?end of)\b`)
	alignedAfter      = regexp.MustCompile(`^(?:-|\s)?(?:aligned|based|mapping|mapped|criteria|framework|controls?|principles?|requirements?|inspired|style|readiness|standards?|trust services? criteria|annex|best practices?|methodology|policies|equivalent|gap)\b`)
)
