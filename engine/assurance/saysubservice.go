package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func saySubserviceCovered(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	named := w.register.subservicesNamed(a.lower)
	verdict = ""
	for _, s := range r.Subservices {
		if len(named) > 0 && !slices.Contains(named, s.Name) || len(named) == 0 && !isHosting(s) {
			continue
		}
		if s.Inclusive {
			text = join(text, fmt.Sprintf("%s (%s) is included in the %s (inclusive method).", s.Name, orWord(s.Service, "subservice organisation"), r.label()))
			verdict = both(verdict, "yes")
			continue
		}
		text = join(text, fmt.Sprintf("%s (%s) is carved out of the %s: its controls are not in our report.", s.Name, orWord(s.Service, "subservice organisation"), r.label()), insteadOfSentence(s))
		verdict = both(verdict, "no")
	}
	if text == "" {
		return "", fmt.Sprintf("The register names no subservice organisation for that in the %s.", r.label())
	}
	return verdict, text
}

func insteadOfSentence(s Subservice) string {
	if s.Report == "" {
		return ""
	}
	return "There is " + strings.TrimRight(s.Report, ".") + "."
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// both joins two verdicts on parts of one thing.
func both(a, b string) string {
	if a == "" || a == b {
		return b
	}
	return "partial"
}

func saySubservices(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if len(r.Subservices) == 0 {
		return "no", fmt.Sprintf("The %s names no subservice organisations.", r.label())
	}
	var out, in []string
	for _, s := range r.Subservices {
		name := s.Name
		if s.Service != "" {
			name += " (" + s.Service + ")"
		}
		if s.Inclusive {
			in = append(in, name)
		} else {
			out = append(out, name)
		}
	}
	if len(out) > 0 {
		text = fmt.Sprintf("Carved out of the %s: %s.", r.label(), joinAnd(out))
	}
	if len(in) > 0 {
		text = join(text, fmt.Sprintf("Included in the %s (inclusive method): %s.", r.label(), joinAnd(in)))
	}
	verdict = "yes"
	if named := w.register.subservicesNamed(a.lower); len(named) > 0 {
		out, in = onlyNamed(out, named), onlyNamed(in, named) // the question is about these
	}
	if carveAsked.MatchString(a.lower) && len(out) == 0 || strings.Contains(a.lower, "inclusive") && !strings.Contains(a.lower, "carve") && len(in) == 0 {
		verdict = "no"
	}
	return verdict, text
}

// onlyNamed returns those of list that begin with one of the names.
func onlyNamed(list, names []string) (out []string) {
	for _, x := range list {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(x, n) }) {
			out = append(out, x)
		}
	}
	return out
}

var carveAsked = regexp.MustCompile(`\bcarv`)
