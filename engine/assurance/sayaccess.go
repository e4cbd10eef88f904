package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

func sayNDA(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if r.restricted() {
		verdict = "yes"
		text = fmt.Sprintf("The %s is shared under NDA.%s", r.label(), sentence2(r.HowToGet))
		if r.Access == Internal {
			text = fmt.Sprintf("The %s is not shared.", r.label())
		}
	} else {
		verdict = "no"
		text = fmt.Sprintf("The %s is public; no NDA is needed.%s", r.label(), sentence2(r.HowToGet))
	}
	if strings.Contains(a.lower, "without") {
		verdict = opposite(verdict)
	}
	return verdict, join(text, w.lapsedNote(r))
}

func sayPublic(w *writer, a *ask) (string, string) {
	list := w.issued(a)
	if len(list) == 0 {
		return none(w, a)
	}
	r := list[0]
	for _, x := range list {
		if !a.named && !x.restricted() {
			r = x
			break
		}
	}
	w.cite(r)
	if r.restricted() {
		text := fmt.Sprintf("The %s is not public; we share it under NDA.%s", r.label(), sentence2(r.HowToGet))
		if r.Access == Internal {
			text = fmt.Sprintf("The %s is not shared.", r.label())
		}
		return "no", text
	}
	return "yes", join("We have "+article(r.describe())+"; it is public."+sentence2(r.HowToGet), w.lapsedNote(r))
}

// fullAsked is a wish for more than a summary; onlySummary a register that
// gives no more.
var (
	fullAsked   = regexp.MustCompile(`\b(?:full|complete|entire|whole|unredacted|detailed|raw)\b`)
	onlySummary = regexp.MustCompile(`\b(?:summary|letter)\b`)
)

func sayCopy(w *writer, a *ask) (string, string) {
	list := w.newestEach(a)
	if len(list) == 0 {
		return none(w, a)
	}
	if !a.named {
		list = attestedFirst(list)
	}
	verdict := ""
	var parts []string
	for _, r := range list[:min(len(list), 4)] {
		w.cite(r)
		v, text := copyOf(w, a, r)
		verdict = both(verdict, v)
		parts = append(parts, text)
	}
	return verdict, strings.Join(parts, " ")
}

func copyOf(w *writer, a *ask, r *Report) (string, string) {
	switch {
	case r.Access == Internal:
		return "no", fmt.Sprintf("The %s is not shared.", r.label())
	case !r.restricted():
		return "yes", join(fmt.Sprintf("The %s is public.", r.label())+sentence2(r.HowToGet), w.lapsedNote(r))
	}
	text := fmt.Sprintf("The %s is shared on request under NDA.%s", r.label(), sentence2(r.HowToGet))
	switch {
	case a.typ != 0 && r.Kind.IsTyped() && r.Type != a.typ:
		return "no", join(fmt.Sprintf("We have no %s Type %d.", r.Kind.Name(), a.typ), text)
	case r.Lapsed(w.on):
		return "partial", join(text, w.lapsedNote(r))
	case !w.mayRead(r), fullAsked.MatchString(a.lower) && onlySummary.MatchString(strings.ToLower(r.HowToGet)):
		return "partial", text
	}
	return "yes", text
}
