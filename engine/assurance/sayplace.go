package assurance

import (
	"fmt"
	"slices"
	"strings"
)

func sayAuditor(w *writer, a *ask) (string, string) {
	list := w.newestEach(a)
	if !a.named {
		list = attestedFirst(list)
	}
	var parts []string
	seen := map[string]bool{}
	for _, r := range list {
		if r.Auditor == "" || seen[r.Auditor] {
			continue
		}
		seen[r.Auditor] = true
		w.cite(r)
		parts = append(parts, fmt.Sprintf("The %s is by %s.", r.label(), r.Auditor))
	}
	if len(parts) == 0 {
		if len(list) > 0 {
			return "", fmt.Sprintf("The register does not name who issued the %s.", list[0].label())
		}
		return none(w, a)
	}
	return "", strings.Join(parts, " ")
}

// attestedFirst returns the attestations of a list, the whole list if it has
// none: who asks for the auditor means theirs.
func attestedFirst(list []*Report) []*Report {
	out := slices.DeleteFunc(slices.Clone(list), func(r *Report) bool { return r.Kind.Family() != Attestation })
	if len(out) == 0 {
		return list
	}
	return out
}

func sayLocationCovered(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if len(w.register.locationsNamed(a)) == 0 {
		if len(r.Locations) == 0 {
			return "", locationsText(r)
		}
		return "no", locationsText(r)
	}
	for _, l := range w.register.locationsNamed(a) {
		verdict = both(verdict, yesIf(slices.ContainsFunc(r.Locations, func(x string) bool { return strings.EqualFold(x, l) })))
	}
	return verdict, locationsText(r)
}

func locationsText(r *Report) string {
	if len(r.Locations) == 0 {
		return fmt.Sprintf("The register names no sites for the %s.", r.label())
	}
	return fmt.Sprintf("Sites in scope of the %s: %s.", r.label(), joinAnd(r.Locations))
}

func sayLocations(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	return "", locationsText(r)
}

func saySystem(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case r.System == "":
		return sayScope(w, a)
	}
	return "", fmt.Sprintf("The system in scope of the %s is %s.", r.label(), r.System)
}

func sayScope(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	switch {
	case r.Scope != "":
		text = fmt.Sprintf("Scope of the %s: %s.", r.label(), strings.TrimRight(r.Scope, "."))
	case r.System != "":
		text = fmt.Sprintf("The system in scope of the %s is %s.", r.label(), r.System)
	}
	if len(categoriesOnly(r.Criteria)) > 0 {
		text = join(text, criteriaText(r))
	}
	if len(r.Locations) > 0 {
		text = join(text, locationsText(r))
	}
	if text == "" {
		text = fmt.Sprintf("The register does not state the scope of the %s.", r.label())
	}
	return "", text
}
