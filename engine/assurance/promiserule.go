package assurance

import (
	"regexp"
	"strings"
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

// promises are absolute statements that no control can keep. Only a person can
// say what to say instead.
var promises = []hinted{
	hint(`\b(?:un-?hackable|hack(?:er)?-?proof|breach-?proof|bullet-?proof|impenetrable|un-?breakable|un-?breachable|un-?crackable|fool-?proof|invulnerable|unassailable|infallible)\b`, "hack", "proof", "penetrab", "breakable", "breachable", "crackable", "vulnerable", "assailable", "infallib"),
	hint(`\b(?:100|one hundred|hundred) ?(?:%|per ?cent)[ -](?:secur\w+|safe\w*|protect\w*|immun\w+|breach[- ]free|uptime|availab\w+|guarante\w+|reliab\w+|effective|certain\w*|confiden\w+|assur\w+|risk[- ]free|free (?:of|from)|bug[- ]free|error[- ]free|accura\w+|ruled out|excluded|impossible|detection|of (?:all )?(?:the )?(?:attacks|threats|malware|breaches|intrusions|incidents|vulnerabilities|phishing))\b`, "100", "hundred"),
	hint(`\b(?:secur\w+|protect\w*|availab\w+|uptime|safe\w*|detection|block\w*|stop\w*|prevent\w*|catch\w*|detect\w*)(?: \w+){0,3} (?:at |of |is |to )?(?:100|one hundred) ?(?:%|per ?cent)`, "100", "hundred"),
	hint(`\b(?:completely|totally|absolutely|perfectly|entirely|wholly|fully|utterly|always|permanently|forever) (?:secure|safe|immune|invulnerable|risk[- ]free|protected (?:from|against) (?:all|any|every)|impervious|breach[- ]free|watertight)\b`, "complete", "total", "absolute", "perfect", "entire", "wholly", "fully", "utter", "always", "permanent", "forever"),
	hint(`\b(?:complete|total|absolute|perfect|full|watertight|ultimate) (?:security|protection|safety|immunity|invulnerability)\b`, "complete", "total", "absolute", "perfect", "full", "watertight", "ultimate"),
	hint(`\b(?:is|are|it is|remains?|virtually|simply|absolutely|makes? it|be|practically)? ?impossible (?:to|for \w+(?: \w+){0,2} to) (?:hack|breach|break|compromise|penetrate|steal|leak|attack|bypass|circumvent|crack|intercept|access|lose|tamper)\b`, "impossible"),
	hint(`\b(?:can ?not|can(?:'|’)t|can never|could never|will never|would never|shall never|may never|never) (?:ever )?(?:be (?:hacked|breached|compromised|broken|infected|manipulated|tampered with|penetrated|stolen|leaked|lost|attacked|bypassed|circumvented|cracked|intercepted|exploited|defeated|down|unavailable|exposed|at risk)|get hacked|happen|suffer|experience|lose|leak|fail|go down|go offline|have (?:a|an|any) (?:breach|incident|outage|data)|allow (?:a|any) (?:breach|incident))\b`, "never", "can not", "cannot", "can't", "can’t"),
	hint(`\bno (?:hacker|attacker|intruder|one|body|outsider|adversary|attack|threat|malware)s? (?:can|could|will|is able to|are able to) (?:ever )?(?:break|breach|hack|access|get (?:in|through|past)|penetrat\w+|compromis\w+|steal|reach|bypass|defeat|succeed|exploit)\w*\b`, "no hacker", "no attacker", "no intruder", "no one", "no body", "no outsider", "no adversary", "no attack", "no threat", "no malware"),
	hint(`\b(?:zero|no) (?:risk|chance|possibility|likelihood|danger)s? (?:of|that|to|for|whatsoever)\b|\b(?:zero|no) (?:security )?risk\b(?: (?:whatsoever|at all))|\brisk[- ]free\b|\bzero[- ](?:risk|downtime guarantee\w*|breach(?:es)? (?:ever|guarantee\w*))\b|\bwithout any (?:risk|possibility) of\b`, "zero", "risk", "no chance", "no possib", "no likel", "no danger", "without any"),
	hint(`\b(?:eliminat\w+|prevent\w*|stop\w*|block\w*|detect\w*|catch\w*|thwart\w*|defeat\w*|repel\w*|remov\w+|rule\w* out) (?:absolutely )?(?:all|any|every)(?: (?:possible|and all|known and unknown|single|potential|security|cyber|kinds? of|forms? of|risk of|possibility of))* (?:risks?|threats?|attacks?|breach(?:es)?|intrusions?|vulnerabilit(?:y|ies)|hackers?|cyber-?attacks?|incidents?|data (?:loss|leak(?:s|age)?|breach(?:es)?)|zero-days?|unauthori[sz]ed access)\b`, "attack", "threat", "breach", "intrusion", "vulnerabilit", "hacker", "incident", "data l", "zero-day", "unauthori", "risk"),
	hint(`\b(?:all|every|any)(?: \w+)? (?:attacks?|threats?|breach(?:es)?|intrusions?|hackers?|vulnerabilit(?:y|ies)) (?:is|are|will be|gets?) (?:always |immediately |automatically )*(?:prevented|stopped|blocked|eliminated|impossible|defeated|repelled)\b`, "attack", "threat", "breach", "intrusion", "hacker", "vulnerabilit"),
	hint(`\b(?:can |do |will |hereby )?guarantees? (?:that|you|your|our|the|this|complete|full|absolute|total|security|secure|safe\w*|protection|data|no|zero|customer|against|it|all|availability|uptime|confidentiality|integrity|\d)`, "guarant"),
	hint(`\b(?:is|are|be|being|remains?|fully|always|absolutely|security|safety|protection|confidentiality|integrity|availability|privacy)(?: (?:is|are))? guaranteed\b|\bguaranteed (?:to|security|protection|safe\w*|secure|uptime|confidentiality|deletion|recovery|never|that)\b|\b(?:a|our|an absolute|full|iron-?clad|security|money-back) guarantee(?: (?:of|that|against))\b|\bguaranteeing\b`, "guarant"),
	hint(`\b(?:will|shall|is|are|stays?|remains?) (?:always|forever|at all times|under all circumstances|in all circumstances|in every case|permanently) (?:be |remain |stay )?(?:secure|safe|protected|available|up|confidential|private|online|reachable|reliable|error-free|free (?:of|from))\b|\balways[- ](?:be )?(?:secure|safe|available|online|100)\b|\b(?:secure|safe|protected|available) (?:at all times|under all circumstances|forever|no matter what|in every situation)\b`, "always", "forever", "all times", "circumstances", "every case", "permanent", "no matter", "every situation"),
	hint(`\b(?:breach(?:es)?|attacks?|hacks?|hacking|data loss|leaks?|leakage|compromise|intrusions?|theft)\b[^.;]{0,40} (?:is|are) (?:\w+ly )?(?:impossible|out of the question|excluded|ruled out|inconceivable|unthinkable|not possible)\b|\b(?:has|have|stand|stands) no chance\b|\b(?:attackers?|hackers?|intruders?|criminals|nobody|no one)\b[^.;]{0,15}(?:can(?:'t|not| not|’t)|will not|won't) (?:ever )?(?:get in|break in|reach|access|penetrate|breach|hack|succeed)\b|\b(?:is|are) never (?:down|offline|unavailable|breached|at risk|lost)\b|\bwill never (?:reach|get through|arrive)\b|\bimmune (?:to|from|against)\b|\b100 ?(?:%|per ?cent) impossible\b|\bimpossible for \w+(?: \w+){0,2} to\b|\bno (?:\w+ )?risk (?:whatsoever|at all)\b|\beliminat\w+ (?:all|any|every) (?:\w+ )?risks?\b`, "impossible", "question", "excluded", "ruled out", "inconceiv", "unthink", "not possible", "chance", "can't", "cannot", "can not", "can’t", "will not", "won't", "never", "immune", "risk"),
	hint(`\b(?:can(?:not| not|'t|’t)|never|not|no)\b[^.;]{0,80}\bunder any circumstances?\b|\bunder no circumstances?\b[^.;]{0,60}\b(?:access\w*|lost|leak\w*|stolen|breach\w*|compromis\w+|exposed)\b|\bwithout fail\b|\bevery single time\b|\bevery time, \b|\b(?:no ?(?:one|body)|attackers?|hackers?)\b[^.;]{0,20} ever be able to\b|\bnever,? ever\b|\bthat(?:'s| is|’s) a promise\b|\bwe promise\b|, guaranteed\b|\babsolutely [a-z]+-?proof\b`, "circumstance", "without fail", "every single time", "every time,", "ever be able", "never", "promise", "guaranteed", "absolutely"),
	hint(`\b(?:contains?|has|have|with|is free of|are free of|free from) (?:no|any|all|zero) (?:security )?(?:vulnerabilit(?:y|ies)|weakness(?:es)?|flaws?|bugs?|defects?|holes?)\b`, "vulnerabilit", "weakness", "flaw", "bug", "defect", "hole"),
	hint(`\b(?:we|our (?:\w+ )?(?:staff|employees|team|people|engineers|systems?|service|platform|company)) (?:will |have |has |would )?never (?:ever )?(?:had|have|make|made|makes|be|been|miss|misses|missed|suffered|suffers|experienced|lost|leaked|fail|failed|go|gone) (?:a |an |any |the |down|to |mistakes?|breached|hacked|compromised|single )`, "never"),
}

// notPromise is what makes an absolute word harmless: it is denied, or said of
// a rule for people rather than of an outcome.
var notPromise = regexp.MustCompile(`\b(?:no|not|cannot|can't|can’t|don't|don’t|doesn't|doesn’t|nobody|no one|no system|none|never|without|neither|nor|refrain from|avoid(?:s|ing)?|rather than|instead of|unable to|stop short of|does not|do not|would be wrong to) (?:\w+ ){0,4}$`)

func (c *Checker) absolutePromise(d *draft) (out []Finding) {
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, p := range promises {
			at := p.FindStringIndex(s.lower)
			if at == nil {
				continue
			}
			from, _ := s.clause(at[0])
			head := s.lower[from:at[0]]
			if notPromise.MatchString(head) || selfDenied.MatchString(s.lower[at[0]:at[1]]) && !strings.Contains(s.lower[at[0]:at[1]], "never") || harmlessPromise.MatchString(s.lower) {
				continue
			}
			f := Finding{Words: s.words(at[0], at[1]), Gap: "no_evidence", Why: "an absolute promise that no control can keep"}
			if serviceLevel.MatchString(s.lower) {
				f.Severity, f.Gap, f.Why = Warn, "", "a guarantee; it must be what the contract says"
			}
			out = append(out, f)
			break
		}
	}
	return out
}

// serviceLevel is a guarantee of something that can be kept and measured, as
// contracts hold it: "our SLA guarantees 99.9 % availability".
var serviceLevel = regexp.MustCompile(`\bguarant[^.;]*\b(?:[1-9]\d(?:\.\d+)? ?(?:%|per ?cent)|sla\b|service[- ]levels?\b)|\b(?:sla|service[- ]levels?)\b[^.;]*\bguarant`)

var (
	selfDenied      = regexp.MustCompile(`\b(?:not|don't|don’t|cannot|can't) (?:\w+ )?guarantee`)
	harmlessPromise = regexp.MustCompile(`\bcomplete (?:the |their |our )?security (?:training|awareness|course|modules?|review|assessment|questionnaire|checks?|induction)|\b(?:no (?:one|vendor|system|organi[sz]ation|company|security|provider|software|control)s? (?:can|is|could)|guaranteed by (?:law|statute|the gdpr)|quality of service|guaranteed (?:bandwidth|capacity|resources|minimum|delivery)|at-least-once|rights? guaranteed|guarantees? (?:bandwidth|ordering|delivery|order|atomic\w*|isolation between|uniqueness|consistency))\b`)
)
