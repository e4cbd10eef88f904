package assurance

import (
	"fmt"
	"slices"
	"strings"
)

func sayCriterion(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	in, asked := 0, categoriesAsked(a.lower)
	for _, c := range asked {
		if r.HasCategory(c) {
			in++
		}
	}
	switch {
	case in == len(asked):
		verdict = "yes"
	case in == 0, len(asked) == len(Categories()), in == 1 && r.HasCategory("security") && slices.Contains(asked, "security"):
		verdict = "no"
	default:
		verdict = "partial"
	}
	return verdict, join(criteriaText(r), w.lapsedNote(r))
}

func criteriaText(r *Report) string {
	list := titleAll(categoriesOnly(r.Criteria))
	if len(list) == 0 {
		return fmt.Sprintf("The register does not state the categories of the %s.", r.label())
	}
	text := fmt.Sprintf("The %s covers %s", r.label(), joinAnd(list))
	var out []string
	for _, c := range Categories() {
		if !r.HasCategory(c) {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		text += "; not in scope: " + joinAnd(titleAll(out))
	}
	return text + "."
}

func sayCriteria(w *writer, a *ask) (string, string) {
	if !slices.ContainsFunc(a.kinds, hasCategories) {
		return sayScope(w, a)
	}
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	return "", join(criteriaText(r), w.lapsedNote(r))
}

func sayNumber(w *writer, a *ask) (string, string) {
	var parts []string
	for _, r := range w.newestEach(a) {
		if r.Certificate != "" {
			w.cite(r)
			parts = append(parts, fmt.Sprintf("The number of the %s is %s.", r.label(), r.Certificate))
		}
	}
	if len(parts) == 0 {
		if list := w.issued(a); len(list) > 0 {
			return "", fmt.Sprintf("The register holds no number for the %s.", list[0].label())
		}
		return none(w, a)
	}
	return "", strings.Join(parts, " ")
}

// newestEach returns the newest issued report of each kind asked for.
func (w *writer) newestEach(a *ask) (out []*Report) {
	seen := map[Kind]bool{}
	for _, r := range w.issued(a) {
		if !seen[r.Kind] {
			seen[r.Kind] = true
			if x := w.otherThanNewest(a, r); x != nil {
				r = x
			}
			out = append(out, r)
		}
	}
	return out
}

func sayType(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if r.Type == 0 {
		return "", "We have " + article(r.describe()) + "."
	}
	return "", join(fmt.Sprintf("It is a Type %d: we have %s.", r.Type, article(r.describe())), w.lapsedNote(r))
}

func sayLevel(w *writer, a *ask) (string, string) {
	for _, r := range w.issued(a) {
		if r.Level != "" {
			w.cite(r)
			return "", join("We have "+article(r.describe())+".", w.lapsedNote(r))
		}
	}
	if len(w.issued(a)) > 0 {
		r := w.newest(a)
		return "", "We have " + article(r.describe()) + "."
	}
	return none(w, a)
}
