package assurance

import (
	"regexp"
	"slices"
	"strings"
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

// asksMore reports whether a question that wants a yes, a no or a list has a word that
// neither its topics nor questions about reports have: what is strange may be
// what matters. Some topics are about things of any name.
func (r *Register) asksMore(a *ask) bool {
	if !a.yesNo && (len(a.topics) != 1 || a.topics[0].ID != "list") {
		return false
	}
	rest := a.lower
	for _, t := range a.topics {
		if slices.Contains([]string{"test-scope", "system-covered", "tested", "location-covered", "subservice-covered", "criterion-in-scope", "plus", "exists"}, t.ID) {
			return false
		}
		rest = t.form.ReplaceAllString(rest, " ")
	}
	for _, w := range r.strangeWords(rest) {
		if !topicWords[w] {
			return true
		}
	}
	return false
}

// topicWords are what questions about a report's content are made of, beside
// the words that their topics look for.
var topicWords = contentWords(`noted open identified free contain contains will less fixed since cover covers covered uncovered closed receive received note needed list lists included result results full could
	without same need more method give given clean agreement access zero unresolved resolved them repeat remain remaining released read prepared outstanding only once must make like found expected
	except download downloaded according written writing whose well until scope restricted rather rated raised qualified prior observed mean look letter letters leaving find files fall extended expire expires
	expired during describe copy copies bridge between anything anyone another section addressed january february march april june july august september october november december`)

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
	provide provided provides available availability_of type statement standard standards equivalent either both least following which latest recent most ready readiness already success successfully successfull
	penetration pentest tests tested testing test ethical hack hacking performed perform conducted carried regular regularly level levels service-provider merchant assessor assessment assessed registered registration registry listed under with against
	from that this these those there here also other some any general public customers customer clients relevant internal control controls financial reporting statement auditors rely reliance place their
	cloud hosted hosting saas business continuity quality privacy personal data protection artificial intelligence processor processing cyber essentials plus union state agency federal government authorized authorised authorization moderate high low impact
	trust services criteria criterion principles aicpa ssae isae hitrust csf fedramp tisax star alliance healthcare health payment card industry version 2022 2013 isms pims aims formal formally evidence proof exist exists place time times ever previously case necessary required
	covered executive summary share recognised recognized file show shown supply supplied today able would evidence evidenced subject example suitable purposes sarbanes oxley reliance comparable board pass mths done
	operated effectively operating effectiveness period over design
	awarded still label labels publish published conformity carry carries carried offered offer formerly ending ended self assessment hired covering comply complies present commission commissioned renewed
	something failing relevant medium small mature consecutive two current lapsed non name named kind type types ato aoc roc attest scheme programme program marketplace hold holder entry star questionnaire
	assurance date dates dated outside handed similar baseline icfr cert certs validated progress both shared pass bcms cybersecurity status board user auditors schools requirement appears produced`)

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
