package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func saySuperseded(w *writer, _ *ask) (string, string) {
	text := "SAS 70 was superseded in 2011; such reports are issued as SOC 1 reports today."
	if old := issued(w.register.ofKind(SAS70), w.on); len(old) > 0 {
		w.cite(old[0])
		text = join(text, "Our last one was "+article(old[0].describe())+".")
	}
	for _, k := range []Kind{SOC1, ISAE3402, SOC2} {
		if list := issued(w.register.ofKind(k), w.on); len(list) > 0 {
			w.cite(list[0])
			return "no", join(text, "We have "+article(list[0].describe())+".", w.lapsedNote(list[0]))
		}
	}
	return "no", join(text, "We have neither.")
}

func sayList(w *writer, a *ask) (string, string) {
	var have, lapsed, lack []string
	for _, g := range groupsOf(a) {
		r := w.newestOf(g, 0)
		switch {
		case r == nil:
			lack = append(lack, withNoun(g[0], g[0].Name()))
		case r.Lapsed(w.on):
			w.cite(r)
			lapsed = append(lapsed, "Our "+r.describe()+" has lapsed. "+w.nextOf(r))
		default:
			w.cite(r)
			have = append(have, article(r.describe()))
		}
	}
	text := "We have no reports or certificates by third parties."
	if len(have) > 0 {
		text = "We have " + strings.Join(have, "; ") + "."
	} else if len(lapsed) > 0 {
		text = ""
	}
	for _, l := range lapsed {
		text = join(text, strings.TrimSpace(l))
	}
	if a.named && len(lack) > 0 {
		text = join(text, "We have no "+joinOr(lack)+".")
	}
	return "", text
}

// groupsOf returns the kinds asked for, those together that count as one: a
// SOC 2+ is a SOC 2.
func groupsOf(a *ask) (out [][]Kind) {
	for _, k := range a.kinds {
		if k == SOC2Plus && slices.Contains(a.kinds, SOC2) {
			continue
		}
		out = append(out, []Kind{k})
	}
	return out
}

// newestOf returns the newest issued report of the kinds; of the type, if there
// is one.
func (w *writer) newestOf(kinds []Kind, typ int) *Report {
	list := w.issued(&ask{kinds: kinds})
	for _, r := range list {
		if typ != 0 && r.Type == typ {
			return r
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// sayExists answers whether there is what is asked for: of several that are
// asked for with "or" one will do.
func sayExists(w *writer, a *ask) (string, string) {
	groups := groupsOf(a)
	if !a.named {
		return existsAny(w, a)
	}
	var texts, missing []string
	held, best := 0, "no"
	for _, g := range groups {
		v, text := existsOne(w, a, g)
		switch v {
		case "yes":
			held++
		case "partial":
			best = "partial"
		}
		if text == "" {
			missing = append(missing, kindsName(g, a.typ))
			continue
		}
		texts = append(texts, text)
	}
	verdict := best
	switch {
	case held == len(groups), held > 0 && !a.all:
		verdict = "yes"
	case held > 0:
		verdict = "partial"
	}
	if len(missing) > 0 && (held == 0 || a.all || len(groups) <= 5) {
		texts = append(texts, "We have no "+joinOr(missing)+".")
	}
	if held == 0 {
		texts = append(texts, w.insteadUncited(a.kinds))
	}
	return verdict, join(texts...)
}

// insteadUncited is instead without what is told already.
func (w *writer) insteadUncited(kinds []Kind) string {
	not := slices.Clone(kinds)
	for _, c := range w.cites {
		for i := range w.register.Reports {
			if r := &w.register.Reports[i]; r.ID == c.Report {
				not = append(not, r.Kind)
			}
		}
	}
	return w.instead(not)
}

// existsAny answers whether there is any report of many kinds.
func existsAny(w *writer, a *ask) (string, string) {
	var have []string
	for _, r := range w.register.current(w.on) {
		if slices.Contains(a.kinds, r.Kind) && (a.typ == 0 || r.Type == a.typ || !r.Kind.IsTyped()) {
			w.cite(r)
			have = append(have, article(r.describe()))
		}
	}
	if len(have) > 0 {
		return "yes", "We have " + strings.Join(have, "; ") + "."
	}
	if list := w.issued(a); len(list) > 0 {
		w.cite(list[0])
		return "no", join("Our "+list[0].describe()+" has lapsed.", w.nextOf(list[0]))
	}
	return none(w, a)
}

// existsOne answers for one kind; text is "" if the register has nothing of
// it.
func existsOne(w *writer, a *ask, kinds []Kind) (verdict, text string) {
	r := w.newestOf(kinds, a.typ)
	if r == nil {
		for _, x := range w.register.ofKind(kinds[0]) {
			if x.IsFuture(w.on) {
				w.cite(x)
				return "no", fmt.Sprintf("We have no %s yet; it is to be issued on %s.", x.label(), x.Issued.Long())
			}
		}
		return "no", ""
	}
	w.cite(r)
	have := "We have " + article(r.describe()) + "."
	switch {
	case r.Lapsed(w.on) && everAsked.MatchString(a.lower):
		return "yes", join("The last one was "+article(r.describe())+".", w.lapsedNote(r))
	case r.Lapsed(w.on):
		verdict = "partial"
		if a.quality != "" || a.typ != 0 || r.Kind.Family() == Certification || r.Kind == Pentest {
			verdict = "no"
		}
		return verdict, join("Our last one was "+article(r.describe())+".", w.lapsedNote(r))
	case a.typ != 0 && r.Kind.IsTyped() && r.Type != a.typ:
		return "no", join(fmt.Sprintf("We have no %s Type %d.", r.Kind.Name(), a.typ), have, w.nextOf(r))
	case a.level != "" && !sameLevel(r.Level, a.level):
		return "no", have
	}
	if certifiedAsked.MatchString(a.lower) && r.Kind.Family() == Attestation {
		have = join(have, "It is an auditor's attestation; nobody is certified by it.")
	}
	if r.Bridged(w.on) && !r.Bridge.Until.IsZero() {
		have = join(have, "A bridge letter covers the time until "+r.Bridge.Until.Long()+".")
	}
	return "yes", have
}

var everAsked = regexp.MustCompile(`\bever\b|\bin the past\?|\bpreviously\b`)

var certifiedAsked = regexp.MustCompile(`\bcertif|\baccredit|\bcomplian`)

func sameLevel(have, asked string) bool {
	have, asked = strings.ToLower(have), strings.ToLower(asked)
	return strings.ReplaceAll(have, " ", "") == asked || have == asked || slices.Contains(strings.FieldsFunc(have, func(r rune) bool { return r == ' ' || r == '-' }), asked)
}
