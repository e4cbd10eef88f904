package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func sayPlus(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, &ask{kinds: []Kind{SOC2, SOC2Plus}, typ: a.typ})
	if done {
		return verdict, text
	}
	if !a.yesNo || !strings.Contains(a.lower, "hitrust") && !strings.Contains(a.lower, "ccm") && !strings.Contains(a.lower, "csa") && !strings.Contains(a.lower, "matrix") {
		if extra := extraCriteria(r); len(extra) > 0 {
			return "yes", join(fmt.Sprintf("The %s includes %s criteria.", r.label(), joinAnd(extra)), criteriaText(r))
		}
		return "no", criteriaText(r) + " It includes no criteria of other frameworks."
	}
	name, want := "HITRUST CSF", "hitrust"
	if !strings.Contains(a.lower, "hitrust") {
		name, want = "CSA CCM", "ccm"
	}
	if slices.ContainsFunc(r.Criteria, func(c string) bool { return strings.Contains(strings.ToLower(c), want) }) {
		return "yes", fmt.Sprintf("The %s includes the %s criteria.", r.label(), name)
	}
	text = fmt.Sprintf("The %s covers %s, and does not include %s criteria.", r.label(), joinAnd(titleAll(categoriesOnly(r.Criteria))), name)
	if extra := extraCriteria(r); len(extra) > 0 {
		text = join(text, "It includes "+joinAnd(extra)+" criteria.")
	}
	kinds := []Kind{HITRUST}
	if want == "ccm" {
		kinds = []Kind{CSASTAR}
	}
	if list := w.issued(&ask{kinds: kinds}); len(list) > 0 {
		w.cite(list[0])
		text = join(text, "We have "+article(list[0].describe())+".")
	}
	return "no", text
}

// extraCriteria names what a SOC 2+ has beside the Trust Services categories.
func extraCriteria(r *Report) (out []string) {
	for _, c := range r.Criteria {
		switch l := strings.ToLower(c); {
		case strings.Contains(l, "hitrust"):
			out = append(out, "HITRUST CSF")
		case strings.Contains(l, "ccm"):
			out = append(out, "CSA CCM")
		}
	}
	return out
}

func saySystemCovered(w *writer, a *ask) (string, string) {
	for _, r := range w.issued(a) {
		if r.System != "" && containsWord(a.lower, lowerASCII(r.System)) >= 0 {
			w.cite(r)
			return "yes", join(fmt.Sprintf("The system in scope of the %s is %s.", r.label(), r.System), w.lapsedNote(r))
		}
	}
	return sayScope(w, a)
}

// sayPeriodCovered answers whether a report speaks of the times asked for.
func sayPeriodCovered(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	verdict = "yes"
	for _, d := range a.dates {
		if !r.To.IsZero() && d.last.After(r.To) && d.first.After(r.To) || !r.From.IsZero() && d.last.Before(r.From) {
			verdict = "no"
		}
	}
	_, text = sayPeriod(w, a)
	if verdict == "no" && !r.Bridge.Until.IsZero() {
		text = join(text, "A bridge letter covers the time until "+r.Bridge.Until.Long()+".")
	}
	return verdict, text
}

// notInScope are the clauses of a scope that say what is not in it.
var notInScope = regexp.MustCompile(`[^,;.]*\b(?:not|excluded|excluding|without|except|out of scope)\b[^,;.]*`)

// scopeWords are the words of a test's scope; "API" is one in spite of its
// length.
func scopeWords(lower string) map[string]bool {
	out := contentWords(lower)
	if containsWord(lower, "api") >= 0 || containsWord(lower, "apis") >= 0 {
		out["api"] = true
	}
	return out
}

// sayTestScope answers whether a thing was in the scope of the last test.
func sayTestScope(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case r.Scope == "":
		return "", fmt.Sprintf("The register does not state the scope of the penetration test that ended on %s.", r.End().Long())
	}
	scope := notInScope.ReplaceAllString(lowerASCII(r.Scope), "")
	in := scopeWords(strings.NewReplacer("apps", "application", "app ", "application ").Replace(scope + " "))
	verdict = "yes"
	for word := range thingsAsked(strings.NewReplacer("apps", "application", "app ", "application ").Replace(a.lower + " ")) {
		if !in[word] {
			verdict = "no"
		}
	}
	return verdict, fmt.Sprintf("Scope of the penetration test that ended on %s: %s.", r.End().Long(), strings.TrimRight(r.Scope, "."))
}
