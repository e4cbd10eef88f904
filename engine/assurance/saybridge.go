package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

// none says that there is no report of the kinds asked for, and what there is
// instead.
func none(w *writer, a *ask) (string, string) {
	for _, k := range a.kinds {
		for _, r := range w.register.ofKind(k) {
			if r.IsFuture(w.on) {
				w.cite(r)
				return "no", join(fmt.Sprintf("We have no %s yet; it is to be issued on %s.", r.label(), r.Issued.Long()), w.instead(a.kinds))
			}
		}
	}
	if a.test && len(a.kinds) == 1 {
		return "no", join("We have no penetration test report by a third party.", w.instead(a.kinds))
	}
	return "no", join(fmt.Sprintf("We have no %s.", kindsName(a.kinds, a.typ)), w.instead(a.kinds))
}

// join joins sentences, those that are empty left out.
func join(list ...string) string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// one returns the report asked for. Where there is none it returns what to say
// instead, with done set.
func one(w *writer, a *ask) (r *Report, verdict, text string, done bool) {
	if r = w.newest(a); r != nil {
		return r, "", "", false
	}
	verdict, text = none(w, a)
	return nil, verdict, text, true
}

func sayBridge(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if r.Bridge.Until.IsZero() {
		text = fmt.Sprintf("There is no bridge letter for the %s, which ended on %s.", r.label(), r.End().Long())
		return "no", join(text, w.nextOf(r))
	}
	text = fmt.Sprintf("The bridge letter for the %s covers the time from %s to %s.", r.label(), r.End().Long(), r.Bridge.Until.Long())
	if !r.Bridge.Issued.IsZero() {
		text = fmt.Sprintf("The bridge letter for the %s, issued on %s, covers the time from %s to %s.", r.label(), r.Bridge.Issued.Long(), r.End().Long(), r.Bridge.Until.Long())
	}
	if byAuditor.MatchString(a.lower) || writtenBy.MatchString(a.lower) && len(w.register.kindsOfAuditor(&sentence{text: a.text, lower: a.lower})) > 0 {
		return "no", join(text, "It is the company's own statement, not the auditor's.")
	}
	if obtainAsked.MatchString(a.lower) && r.restricted() {
		text = join(text, "It is shared under NDA.") + sentence2(r.HowToGet)
	}
	until := w.on
	for _, d := range a.dates {
		if d.last.After(until) {
			until = d.last
		}
	}
	if until.After(r.Bridge.Until) {
		return "no", join(text, "It reaches no further.", w.nextOf(r))
	}
	return "yes", text
}

// obtainAsked asks how to get a thing.
var obtainAsked = regexp.MustCompile(`\b(?:obtain|get|receive|request|copy|send|share|provide)\b`)

var writtenBy = regexp.MustCompile(`\b(?:issued|signed|written|provided|given|prepared) by\b`)

var byAuditor = regexp.MustCompile(`\b(?:issued|signed|written|provided|given|prepared) by (?:your |the |an? )?(?:\w+ )?(?:auditors?|cpa|audit firm)\b`)

func sayCompare(w *writer, a *ask) (string, string) {
	text := "A SOC 1 report is about controls relevant to customers' internal control over financial reporting and is meant for them and their auditors; a SOC 2 report is about security and, where in scope, availability, processing integrity, confidentiality and privacy. Customers who rely on us for figures in their financial statements need the SOC 1, all others the SOC 2."
	var have, lack []string
	for _, k := range []Kind{SOC1, SOC2} {
		list := issued(w.register.ofKind(k), w.on)
		if len(list) == 0 {
			lack = append(lack, k.Name())
			continue
		}
		w.cite(list[0])
		have = append(have, article(list[0].describe()))
	}
	if len(have) > 0 {
		text = join(text, "We have "+joinAnd(have)+".")
	}
	if len(lack) > 0 {
		text = join(text, "We have no "+joinOr(lack)+" report.")
	}
	return "", text
}

func sayFinancialUse(w *writer, a *ask) (string, string) {
	text := fmt.Sprintf("A %s does not address internal control over financial reporting; that is what a SOC 1 report is for.", a.kinds[0].Name())
	for _, k := range []Kind{SOC1, ISAE3402} {
		if list := issued(w.register.ofKind(k), w.on); len(list) > 0 {
			w.cite(list[0])
			return "no", join(text, "We have "+article(list[0].describe())+".", w.lapsedNote(list[0]))
		}
	}
	return "no", join(text, "We have no SOC 1 report.")
}
