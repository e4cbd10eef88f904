package assurance

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// When a topic fits a question whose words alone do not tell.

func asksFinancialKind(a *ask) bool { return slices.ContainsFunc(a.kinds, isFinancialKind) }

// asksControl reports whether a criterion or the id of a tested control is
// named.
func asksControl(r *Register, a *ask) bool {
	return !a.test && (criterionID.MatchString(a.lower) || len(r.controlsNamed(a.lower)) > 0 || controlTested.MatchString(a.lower) && len(r.controlsTitled(a.lower)) > 0)
}

var criterionID = regexp.MustCompile(`\b(?:cc|pi|a|c|p)[1-9]\.\d{1,2}\b`)

// controlsNamed returns the ids of tested controls that a question names.
func (r *Register) controlsNamed(lower string) (out []string) {
	for i := range r.Controls {
		if id := r.Controls[i].ID; containsWord(lower, lowerASCII(id)) >= 0 {
			out = append(out, id)
		}
	}
	for i := range r.Reports {
		for _, t := range r.Reports[i].Tests {
			if containsWord(lower, lowerASCII(t.Control)) >= 0 && !slices.Contains(out, t.Control) {
				out = append(out, t.Control)
			}
		}
	}
	return out
}

var controlTested = regexp.MustCompile(`\bcontrols?\b[^?]*\btest|\btest\w*\b[^?]*\bcontrols?\b|\btested by\b`)

// controlsTitled returns the ids of controls whose title's words a question
// holds, all of them.
func (r *Register) controlsTitled(lower string) (out []string) {
	said := contentWords(lower)
	for i := range r.Controls {
		title := contentWords(r.Controls[i].Title)
		if len(title) >= 2 && holdsAll(said, title) {
			out = append(out, r.Controls[i].ID)
		}
	}
	return out
}

func holdsAll(said, want map[string]bool) bool {
	for w := range want {
		if !said[w] {
			return false
		}
	}
	return true
}

// asksSystem reports whether the system of a report asked for is named.
func asksSystem(r *Register, a *ask) bool {
	return a.yesNo && !a.test && slices.ContainsFunc(r.Reports, func(x Report) bool {
		return slices.Contains(a.kinds, x.Kind) && x.System != "" && containsWord(a.lower, lowerASCII(x.System)) >= 0
	})
}

// asksTestScope reports whether a yes-or-no question about a penetration test
// names a thing that may be in its scope.
func asksTestScope(_ *Register, a *ask) bool {
	return a.test && a.yesNo && len(thingsAsked(a.lower)) > 0 && !findingWord.MatchString(a.lower)
}

var findingWord = regexp.MustCompile(`\b(?:findings?|vulnerabilit\w+|issues?|critical|highs?|medium|remediat\w+|annual\w*|year\w*|months?|often|third|independent|external(?:ly)? (?:firm|party|tester|compan\w+|provider)|report|summary|copy|methodolog\w+|retest\w*|periodic\w*|regular\w*)\b`)

// thingsAsked returns the words of a question about a test that name a thing:
// those that no such question is without are left out.
func thingsAsked(lower string) map[string]bool {
	out := contentWords(lower)
	if containsWord(lower, "api") >= 0 {
		out["api"] = true
	}
	for w := range contentWords(`penetration pentest test tests tested testing tester ethical hacking hackers last latest most recent your yours does were which covers cover covered
		included include includes including round scope part parts form looked examined addressed performed conducted done carried engagement exercise product company vendor also both
		itself please confirm whether within security assessment assessed review subject`) {
		delete(out, w)
	}
	return out
}

func asksPlus(_ *Register, a *ask) bool {
	return (slices.Contains(a.kinds, SOC2) || slices.Contains(a.kinds, SOC2Plus)) && (includesWord.MatchString(a.lower) || slices.Contains(a.kinds, SOC2Plus) && !slices.Contains(a.kinds, SOC2))
}

var includesWord = regexp.MustCompile(`\bwith\b|\bplus\b|\bextend\w*\b|\b(?:includ\w+|cover\w*|incorporat\w+|add\w*|map\w*|combin\w+|extend\w*|contain\w*|integrat\w+)\b|\+`)

// asksSubservice reports whether a subservice organisation, or what it does,
// is named together with a report.
func asksSubservice(r *Register, a *ask) bool {
	if a.test || !slices.ContainsFunc(a.kinds, func(k Kind) bool { return k.Family() == Attestation }) {
		return false
	}
	return hostingWord.MatchString(a.lower) || len(r.subservicesNamed(a.lower)) > 0
}

func (r *Register) subservicesNamed(lower string) (out []string) {
	for i := range r.Reports {
		for _, s := range r.Reports[i].Subservices {
			if containsWord(lower, lowerASCII(s.Name)) >= 0 && !slices.Contains(out, s.Name) {
				out = append(out, s.Name)
			}
		}
	}
	return out
}

// asksExistence reports whether a question asks for nothing but whether there
// is a report: of its words, none is strange to such questions. One
// that asks for more than is understood is not answered with a yes.
func asksExistence(r *Register, a *ask) bool {
	lower := serviceInScope.ReplaceAllString(a.lower, "")
	if a.typ == 2 && effective.MatchString(a.lower) {
		return true // that is what a type 2 is
	}
	return len(r.strangeWords(lower)) == 0 && (!scopeVerbs.MatchString(lower) || serviceCovered.MatchString(lower))
}

// strangeWords returns the words of a question that are none of those which
// questions about reports are made of, nor names in the register.
func (r *Register) strangeWords(lower string) (out []string) {
	words := contentWords(lower)
	names := r.Company
	for i := range r.Reports {
		names += " " + r.Reports[i].System + " " + r.Reports[i].Auditor
	}
	for w := range contentWords(names) {
		delete(words, w)
	}
	for w := range words {
		if !existenceWords[w] && (w[0] < '0' || w[0] > '9') && !standardWord.MatchString(w) {
			out = append(out, w)
		}
	}
	return out
}

// asksMore reports whether a question has a word that neither its topics nor
// questions about reports have: what is strange may be what matters. Some topics
// are about things of any name.
func (r *Register) asksMore(a *ask) bool {
	if len(unknownNames(a.text, r)) > 0 {
		return true
	}
	for _, t := range a.topics {
		if slices.Contains([]string{"test-scope", "system-covered", "tested", "plus"}, t.ID) {
			return false
		}
	}
	objectives := contentWords(r.objectives())
	return slices.ContainsFunc(r.strangeWords(r.withoutThings(a.lower)), func(w string) bool {
		return !topicWords[w] && !objectives[w] && (a.yesNo || !openWords[w]) && !slices.ContainsFunc(a.topics, func(t *Topic) bool { return t.looksFor(w) })
	})
}

// objectives returns the texts of the control objectives of all reports.
func (r *Register) objectives() string {
	var list []string
	for i := range r.Reports {
		list = append(list, r.Reports[i].Objectives...)
	}
	return strings.Join(list, " ")
}

// looksFor reports whether a word, as [contentWords] gives it, is one that the
// topic's form looks for.
func (t *Topic) looksFor(word string) bool {
	return slices.ContainsFunc(formWords(t), func(w string) bool { return strings.HasPrefix(word, w) })
}

// formWords returns the words in the form of a topic.
func formWords(t *Topic) []string {
	if list, ok := formWordsOf.Load(t.ID); ok {
		return list.([]string) //nolint:forcetypeassert // it holds nothing else
	}
	var list []string
	for w := range contentWords(formSyntax.ReplaceAllString(t.form.String(), " ")) {
		list = append(list, w)
	}
	formWordsOf.Store(t.ID, list)
	return list
}

var (
	formWordsOf sync.Map
	formSyntax  = regexp.MustCompile(`\\[bwWdDsS]|\(\?[:!=]|\[[^\]]*\]|\{[^}]*\}|[|()?*+^$.]`)
)

// withoutThings returns a text without the names of what reports cover: places,
// subservice organisations and what they do, and what follows "for" or "in" a
// place.
func (r *Register) withoutThings(lower string) string {
	for i := range r.Reports {
		x := &r.Reports[i]
		for _, l := range x.Locations {
			city, _, _ := strings.Cut(lowerASCII(l), ",")
			lower = strings.ReplaceAll(lower, lowerASCII(l), " ")
			lower = strings.ReplaceAll(lower, city, " ")
		}
		for _, sub := range x.Subservices {
			lower = strings.ReplaceAll(lower, lowerASCII(sub.Name), " ")
		}
	}
	return thingWord.ReplaceAllString(lower, " ")
}

// thingWord are common words for what a report may cover.
var thingWord = regexp.MustCompile(`\b(?:sites?|offices?|locations?|facilit(?:y|ies)|premises|plants?|warehouses?|branch(?:es)?|cent(?:re|er)s?|headquarters|hq|infrastructure|host\w*|colocation|data ?cent\w+|networks?|support|located|based|city|country|buildings?|campus|environments?|for (?:our )?review)\b`)

// capitals are words in capital letters, figures among them.
var capitals = regexp.MustCompile(`\b[A-Z][A-Z\d]+\b|\b\d{3,5}\b`)

// knownCapitals are those of questions about reports.
var knownCapitals = strings.Fields(`SOC SOC1 SOC2 SOC3 ISO IEC ISAE SSAE SAS AICPA HITRUST CSF PCI DSS AOC ROC SAQ CSA STAR CAIQ CCM FEDRAMP ATO TISAX NDA MNDA TSC TSP CPA CPAS QSA CUEC CUECS CSOC ISMS PIMS BCMS AIMS ICFR SOX
	UKAS ANAB IT US USA UK EU LLP LLC INC AG GMBH AB SAAS IAAS PAAS API APIS PDF FAQ RFP FI YN NA TYPE II III AND OR THE NO NOT YES CE ID TIA NIST AI CC PI MSA SLA PHI PII 70 16 18 21 3402 27001 27017 27018 27701 42001 22301 9001 2013 2022 365 12 404`)

// unknownNames returns the words in capitals and the numbers of a question that
// are neither known nor in the register: another standard, another body. A
// question that is in capitals altogether has none.
func unknownNames(text string, r *Register) (out []string) {
	if text == strings.ToUpper(text) {
		return nil
	}
	names := r.names()
	for _, at := range capitals.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		if isKnownName(w) || isYear(w) || criterionID.MatchString(lowerASCII(text[at[0]:min(len(text), at[1]+3)])) || containsWord(names, lowerASCII(w)) >= 0 {
			continue
		}
		if len(r.controlsNamed(lowerASCII(text))) > 0 {
			continue
		}
		out = append(out, w)
	}
	return out
}

// isKnownName reports whether a word in capitals is known, with or without the
// number that may be written to it: "ISO27001".
func isKnownName(w string) bool {
	letters := strings.TrimRight(w, "0123456789")
	number := w[len(letters):]
	return (letters == "" || slices.Contains(knownCapitals, letters) || len(letters) == 1) && (number == "" || len(number) < 3 && letters != "" || slices.Contains(knownCapitals, number))
}

func isYear(w string) bool {
	return len(w) == 4 && (strings.HasPrefix(w, "20") || strings.HasPrefix(w, "19"))
}

// names returns everything in a register that has a name, in lower case.
func (r *Register) names() string {
	var b strings.Builder
	add := func(list ...string) {
		for _, s := range list {
			b.WriteString(lowerASCII(s) + " \n ")
		}
	}
	add(r.Company)
	for i := range r.Reports {
		x := &r.Reports[i]
		add(x.ID, x.Title, x.System, x.Auditor, x.Scope, x.Certificate, x.Level)
		add(x.Locations...)
		for _, s := range x.Subservices {
			add(s.Name, s.Service)
		}
	}
	return b.String()
}

// openWords are what questions for a fact of a report are made of, beside the
// words of those for a yes or a no.
var openWords = contentWords(`next findings many severity surveillance objectives signed signs signing subservice opinion carve carved number entity expiry change changes kindly express expressed explain
	inclusive unqualified categories response responses responded start started ends treated treat coverage schedule scheduled send detail details answer integrity document tell planned fiscal basic tester
	deviations three attach about reference enclose enclosed often span long stated state exam overview text remediated remediation prospects take takes review reviewed confidentiality quarter where regard advise
	specify reveal know ones verify clarify conclude conclusion adverse disclaimer issuance fiscal coming sponsor enumerate elaborate check yield parts mention mentioned site first vulnerabilities critical
	recertification anticipated behind become whom along reach begin begins timeline outcome consist conditions lapse lapses update updated progress neither should taken component additional
	category apply assume used point rest discovered expert exact onboarding frequency`)

// topicWords are what questions about a report's content are made of, beside
// the words that their topics look for.
var topicWords = contentWords(`noted open identified free contain contains will less fixed since cover covers covered uncovered closed receive received note needed list lists included result results full could
	without same need more method give given clean agreement access zero unresolved resolved them repeat remain remaining released read prepared outstanding only once must make like found expected
	except download downloaded according written writing whose well until scope restricted rather rated raised qualified prior observed mean look letter letters leaving find files fall extended expire expires
	expired during describe copy copies objectives category categories part confidentiality integrity availability entity entities subservice sign signed signing non-disclosure disclosure risk prospective tscs organisation orgs sharing together going visit exclude excluded unqualified quarter three first website freely distributed force posted itself fiscal used bridge between anything anyone another section addressed january february march april june july august september october november december`)

// serviceCovered asks for a report and no more: "Is the service covered by a
// current SOC 2 report?".
var serviceCovered = regexp.MustCompile(`\b(?:service|platform|product|solution|system|company|you)s? (?:\w+ )?(?:is |are )?covered by an? `)

// serviceInScope is the service that the customer asks about, not the scope of
// the report.
var serviceInScope = regexp.MustCompile(`\bfor the (?:services?|systems?|platform|solution|product)(?: in scope| concerned| offered| provided)?\b`)

// scopeVerbs ask for what is in a report.
var scopeVerbs = regexp.MustCompile(`\b(?:scope|cover(?:s|ed)?|same|span\w*|differ\w*)\b`)

// standardWord is a standard written in one word: "iso27001".
var standardWord = regexp.MustCompile(`^(?:iso|soc|ssae|isae|sas)\d`)

var existenceWords = contentWords(`does have holds hold held possess maintain maintains currently current valid active report reports reporting attestation attestations attested certification certifications
	certificate certificates certified accredited accreditation audit audited audits auditor auditors examination examined engagement completed complete undergone undergo undergoes been through obtained obtain
	achieved achieve issued issue issues within last past twelve months month year years annual annually independent independently external third party parties firm accounting body company organisation organization vendor
	supplier service services provider providers security compliance compliant information management system please confirm whether such your yours platform product products application solution software
	provide provided provides available availability_of type statement standard standards equivalent either both least following which latest recent most already success successfully successfull
	penetration pentest tests tested testing test ethical hack hacking performed perform conducted carried regular regularly level levels service-provider merchant assessor assessment assessed registered registration registry listed under with against
	from that this these those there here also other some any general public customers customer clients relevant internal control controls financial reporting statement auditors rely reliance place their
	cloud hosted hosting saas business continuity quality privacy personal data protection artificial intelligence processor processing cyber essentials plus union state agency federal government authorized authorised authorization moderate high low impact
	trust services criteria criterion principles aicpa ssae isae hitrust csf fedramp tisax star alliance healthcare health payment card industry version 2022 2013 isms pims aims formal formally evidence proof exist exists place time times ever previously case necessary required
	covered executive summary share recognised recognized file show shown supply supplied today able would evidence evidenced subject example suitable purposes sarbanes oxley reliance comparable board pass mths done
	operated effectively operating effectiveness period over design
	awarded still label labels publish published conformity carry carries carried offered offer formerly ending ended self assessment hired covering comply complies present commission commissioned renewed
	something failing relevant medium small mature consecutive two current lapsed non name named kind type types ato aoc roc attest scheme programme program marketplace hold holder entry star questionnaire
	assurance date dates dated outside handed similar baseline icfr cert certs validated both shared pass bcms cybersecurity status board user auditors schools requirement appears produced`)

// asksCategory reports whether a category is asked for as part of a report:
// "Do you have a security attestation?" does not.
func asksCategory(_ *Register, a *ask) bool {
	return a.yesNo && !a.test && slices.ContainsFunc(a.kinds, hasCategories) && scopeVerb.MatchString(a.lower) && len(categoriesAsked(a.lower)) > 0
}

var scopeVerb = regexp.MustCompile(`\bin (?:the |your )?(?:last |latest |current )?soc|\bwith\b|\b(?:cover\w*|includ\w+|scope|address\w*|criteria|criterion|categor(?:y|ies)|part of|examined|against|in your soc|extend\w*)\b`)

// categoriesAsked returns the categories a question names.
func categoriesAsked(lower string) (out []string) {
	if allFive.MatchString(lower) {
		return Categories()
	}
	for _, c := range Categories() {
		for _, at := range regexp.MustCompile(`\b`+c+`\b`).FindAllStringIndex(lower, -1) {
			if !otherMeaning.MatchString(lower[at[1]:]) && !securityThing.MatchString(lower[at[1]:]) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

var (
	allFive       = regexp.MustCompile(`\ball (?:of the )?(?:five|5)\b`)
	securityThing = regexp.MustCompile(`^ (?:report|attestation|audit|certif\w+|posture|controls?|team|assessment|test\w*|questionnaire|operations|standards?|framework|measures|practices|risk|management)`)
)

func asksLocation(r *Register, a *ask) bool {
	return a.yesNo && !a.test && (len(r.locationsNamed(a)) > 0 || placeAsked.MatchString(a.lower))
}

var placeAsked = regexp.MustCompile(`\b(?:site|office|location|facility|plant|premises) (?:in|at|of)\b|\b(?:our|your|the) [a-z]+ (?:site|office|location|facility|plant)\b`)

func (r *Register) locationsNamed(a *ask) (out []string) {
	for i := range r.Reports {
		for _, l := range r.Reports[i].Locations {
			city, _, _ := strings.Cut(lowerASCII(l), ",")
			if containsWord(a.lower, city) >= 0 && !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	return out
}

// asksForCopy leaves out what only sounds like it: "Do you have reports
// available" asks whether there are any, "Please provide the name" for a name.
func asksForCopy(_ *Register, a *ask) bool {
	if provideFact.MatchString(a.lower) || a.yesNo && coversWhat.MatchString(a.lower) {
		return false
	}
	return strings.Contains(a.lower, "copy") || strings.Contains(a.lower, "copies") || !a.yesNo || !haveWord.MatchString(a.lower)
}

// coversWhat asks whether something is covered, whatever it is provided for.
var coversWhat = regexp.MustCompile(`\b(?:covers?|covered|includes?|in scope)\b`)

var provideFact = regexp.MustCompile(`\b(?:provide|share|give|state|send|supply)(?: us)?(?: with)? (?:the |your |a |an )?(?:\w+ ){0,3}(?:name|date|dates|number|list|details|period|scope|level|description|overview|information|expiry|expiration)\b`)
