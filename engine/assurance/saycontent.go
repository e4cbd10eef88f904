package assurance

import (
	"fmt"
	"slices"
	"strings"
)

func sayObjectives(w *writer, a *ask) (string, string) {
	if !asksFinancialKind(a) {
		a.kinds = []Kind{SOC1, ISAE3402}
	}
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	case len(r.Objectives) == 0:
		return "", fmt.Sprintf("They are listed in the %s.", r.label())
	}
	text = fmt.Sprintf("The control objectives of the %s are: %s.", r.label(), joinItems(r.Objectives))
	if !a.yesNo {
		return "", text
	}
	asked := contentWords(a.lower)
	for _, w := range strings.Fields("does have there control objective objectives your report that which covers cover about include includes included auditor soc1 isae type one for") {
		delete(asked, w[:min(len(w), 6)])
	}
	if len(asked) == 0 {
		return "yes", text
	}
	all := contentWords(strings.Join(r.Objectives, " "))
	for w := range asked {
		if all[w] {
			return "yes", text
		}
	}
	return "no", text
}

// joinItems joins statements as a list within a sentence.
func joinItems(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.TrimRight(strings.TrimSpace(s), ".")
	}
	return strings.Join(out, "; ")
}

func sayUserControls(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	case len(r.UserControls) == 0:
		return "no", fmt.Sprintf("The register lists no complementary user entity controls for the %s.", r.label())
	}
	return "yes", fmt.Sprintf("The %s names these complementary user entity controls: %s.", r.label(), joinItems(r.UserControls))
}

func sayTested(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if !w.mayRead(r) {
		return "", w.withheld(r)
	}
	var tests []Test
	var name string
	if id := criterionID.FindString(a.lower); id != "" {
		name = strings.ToUpper(id)
		for _, t := range r.Tests {
			if slices.ContainsFunc(t.Criteria, func(c string) bool { return strings.EqualFold(strings.ReplaceAll(c, " ", ""), id) }) {
				tests = append(tests, t)
			}
		}
	} else {
		ids := w.register.controlsNamed(a.lower)
		if len(ids) == 0 {
			ids = w.register.controlsTitled(a.lower)
		}
		name = joinAnd(ids)
		for _, id := range ids {
			if t, ok := r.TestOf(id); ok {
				tests = append(tests, t)
			}
		}
	}
	return testedText(r, name, tests)
}

func testedText(r *Report, name string, tests []Test) (string, string) {
	if len(tests) == 0 {
		return "no", fmt.Sprintf("The register holds no test of %s in the %s.", name, r.label())
	}
	verdict := "no"
	var parts []string
	for _, t := range tests {
		label := t.Control
		if !strings.EqualFold(name, t.Control) {
			label = name + " (control " + t.Control + ")"
		}
		switch t.Result {
		case NotTested:
			parts = append(parts, sentence1(label+" was not tested", t.Text))
		case WithException:
			verdict = "yes"
			parts = append(parts, sentence1(label+" was tested, with an exception", t.Text)+response(t))
		default:
			verdict = "yes"
			parts = append(parts, label+" was tested, with no exceptions.")
		}
	}
	return verdict, fmt.Sprintf("In the %s: %s", r.label(), strings.Join(parts, " "))
}

// sentence1 ends a statement with its detail, if there is one.
func sentence1(statement, detail string) string {
	if detail = strings.TrimRight(strings.TrimSpace(detail), "."); detail == "" {
		return statement + "."
	}
	return statement + ": " + detail + "."
}

// response words what was done about an exception.
func response(t Test) (out string) {
	if t.Response != "" {
		out = " Management's response: " + strings.TrimRight(t.Response, ".") + "."
	}
	if !t.Fixed.IsZero() {
		out += " It was put right on " + t.Fixed.Long() + "."
	}
	return out
}
