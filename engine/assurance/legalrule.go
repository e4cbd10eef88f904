package assurance

import (
	"regexp"
	"strings"
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
