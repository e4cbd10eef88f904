package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func sayExceptionsResponse(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	}
	list := r.Exceptions()
	if id := criterionID.FindString(a.lower); id != "" {
		list = slices.DeleteFunc(list, func(t Test) bool {
			return !slices.ContainsFunc(t.Criteria, func(c string) bool { return strings.EqualFold(c, id) })
		})
	}
	if len(list) == 0 {
		return "", fmt.Sprintf("The %s for %s notes no exceptions.", r.label(), r.span())
	}
	open := func(t Test) bool { return t.Response == "" }
	if fixedAsked.MatchString(a.lower) {
		open = func(t Test) bool { return t.Fixed.IsZero() || t.Fixed.After(w.on) }
	}
	return yesIf(!slices.ContainsFunc(list, open)), exceptionsText(r, list)
}

var fixedAsked = regexp.MustCompile(`\b(?:remediated|fixed|corrected|resolved|addressed|put right|closed)\b`)

func exceptionsText(r *Report, list []Test) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, sentence1("at "+t.Control, t.Text)+response(t))
	}
	n := "an exception"
	if len(list) > 1 {
		n = fmt.Sprintf("%d exceptions", len(list))
	}
	return fmt.Sprintf("The %s for %s notes %s: %s", r.label(), r.span(), n, strings.Join(parts, " "))
}

func sayExceptions(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	}
	list := r.Exceptions()
	verdict = "no"
	if len(list) > 0 {
		verdict = "yes"
	}
	if negated.MatchString(a.lower) {
		verdict = opposite(verdict)
	}
	if len(list) == 0 {
		return verdict, fmt.Sprintf("The %s for %s notes no exceptions.", r.label(), r.span())
	}
	return verdict, exceptionsText(r, list)
}

// negated is a question for the absence of something.
var negated = regexp.MustCompile(`\b(?:free (?:of|from)|no|without|zero)\b`)

func opposite(verdict string) string {
	switch verdict {
	case "yes":
		return "no"
	case "no":
		return "yes"
	}
	return verdict
}

func sayOpinion(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if r.Opinion == "" {
		return "", fmt.Sprintf("The register does not state the opinion of the %s.", r.label())
	}
	text = fmt.Sprintf("The auditor's opinion in the %s for %s was %s.", r.label(), r.span(), r.Opinion)
	asked := Unqualified
	switch {
	case strings.Contains(a.lower, "adverse"):
		asked = Adverse
	case strings.Contains(a.lower, "disclaim"):
		asked = Disclaimer
	case plainQualified.MatchString(a.lower):
		asked = Qualified
	}
	verdict = "no"
	if r.Opinion == asked {
		verdict = "yes"
	}
	if strings.Contains(a.lower, "other than") {
		return opposite(verdict), text
	}
	if asked == Unqualified && !strings.Contains(a.lower, "unqualified") && !strings.Contains(a.lower, "clean") && !strings.Contains(a.lower, "unmodified") {
		verdict = "yes" // "Did the auditor give an opinion?"
	}
	return verdict, text
}

var plainQualified = regexp.MustCompile(`(?:^|[^-n])\bqualif(?:ied|y)\b`)
