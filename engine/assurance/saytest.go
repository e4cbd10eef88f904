package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func sayTestDate(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	text = "The last penetration test"
	if r.Auditor != "" {
		text += " by " + r.Auditor
	}
	switch {
	case !r.From.IsZero() && r.From != r.To:
		text += fmt.Sprintf(" took place from %s to %s.", r.From.Long(), r.To.Long())
	default:
		text += fmt.Sprintf(" ended on %s.", r.End().Long())
	}
	return "", text
}

var (
	severities  = []string{"critical", "high", "medium", "low"}
	openWord    = regexp.MustCompile(`\b(?:open|remain\w*|outstanding|unresolved|unremediated|still|pending|unpatched|unaddressed)\b`)
	closedWord  = regexp.MustCompile(`\b(?:remediated|closed|fixed|resolved|addressed|mitigated|patched|corrected|retested|cleared)\b`)
	notClosed   = regexp.MustCompile(`\b(?:not|n't|n’t|un)[- ]?(?:yet )?(?:been )?(?:remediated|closed|fixed|resolved|addressed|mitigated|patched)\b`)
	allFindings = regexp.MustCompile(`\b(?:all|every|each)\b`)
)

func sayFindings(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	case len(r.Findings) == 0:
		return "", fmt.Sprintf("The register does not state the findings of the penetration test that ended on %s.", r.End().Long())
	}
	var parts []string
	found, open := 0, 0
	asked := severitiesAsked(a.lower)
	for _, f := range r.Findings {
		if len(asked) > 0 && !slices.Contains(asked, strings.ToLower(f.Severity)) {
			continue
		}
		found, open = found+f.Found, open+f.Open
		parts = append(parts, fmt.Sprintf("%s: %d found, %d open", strings.ToLower(f.Severity), f.Found, f.Open))
	}
	text = fmt.Sprintf("Of the penetration test that ended on %s: %s.", r.End().Long(), strings.Join(parts, "; "))
	switch {
	case notClosed.MatchString(a.lower):
		verdict = yesIf(open > 0)
	case closedWord.MatchString(a.lower) && allFindings.MatchString(a.lower), closedWord.MatchString(a.lower) && !openWord.MatchString(a.lower):
		verdict = yesIf(open == 0)
	case openWord.MatchString(a.lower):
		verdict = yesIf(open > 0)
		if negated.MatchString(a.lower) {
			verdict = opposite(verdict)
		}
	default:
		verdict = yesIf(found > 0)
		if negated.MatchString(a.lower) {
			verdict = opposite(verdict)
		}
	}
	return verdict, text
}

func severitiesAsked(lower string) (out []string) {
	for _, s := range severities {
		if containsWord(lower, s) >= 0 || containsWord(lower, s+"-risk") >= 0 || containsWord(lower, s+"-severity") >= 0 {
			out = append(out, s)
		}
	}
	return out
}

func yesIf(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}
