package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func sayNext(w *writer, a *ask) (string, string) {
	audit := nextAudit.MatchString(a.lower)
	for _, k := range a.kinds {
		for _, r := range w.register.ofKind(k) {
			if r.IsFuture(w.on) {
				w.cite(r)
				return "yes", fmt.Sprintf("The %s is to be issued on %s.", r.label(), r.Issued.Long())
			}
		}
	}
	list := w.newestEach(a)
	for _, r := range list {
		day, what := r.NextIssue, "The next "+r.Kind.Name()+" report is expected on "
		if (audit || day.IsZero() || r.Kind.Family() != Attestation) && !r.NextAudit.IsZero() {
			day, what = r.NextAudit, "The next audit for the "+r.label()+" is planned for "
		}
		if r.Kind == Pentest {
			day, what = r.NextAudit, "The next penetration test is planned for "
		}
		if day.After(w.on) {
			w.cite(r)
			return "yes", what + day.Long() + "."
		}
	}
	if len(list) == 0 {
		return none(w, a)
	}
	if a.yesNo {
		w.unknown = true // that the register has no date does not mean that there is none
		return "", ""
	}
	w.cite(list[0])
	return "", fmt.Sprintf("The register states no date for the next one; the last ended on %s.", list[0].End().Long())
}

var nextAudit = regexp.MustCompile(`\b(?:surveillance|audit|assessment|recertification)\b`)

func sayValidity(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	verdict = "yes"
	switch {
	case r.Lapsed(w.on):
		if expiredAsked.MatchString(a.lower) {
			verdict = "no" // the other way round below
		}
		return opposite(verdict), fmt.Sprintf("Our %s has lapsed.", r.label()) + " " + w.lapsedNote(r)
	case !r.ValidUntil.IsZero():
		text = fmt.Sprintf("The %s is valid until %s.", r.label(), r.ValidUntil.Long())
	case r.Bridged(w.on):
		text = fmt.Sprintf("The %s ended on %s, and a bridge letter covers the time until %s.", r.label(), r.End().Long(), r.Bridge.Until.Long())
	default:
		text = fmt.Sprintf("The %s ended on %s; such a report is usually taken for %d months, here until %s.", r.label(), r.End().Long(), staleAfter, r.CurrentUntil().Long())
	}
	verdict = validOn(r, a, w.on, verdict)
	if expiredAsked.MatchString(a.lower) {
		verdict = opposite(verdict)
	}
	return verdict, text
}

// expiredAsked asks whether it is over.
var expiredAsked = regexp.MustCompile(`\b(?:has|have|is|are)\b[^?]*\b(?:expired|lapsed)\b`)

// validOn turns a verdict where a later day is asked for: "on 1 December 2026",
// "for another 12 months".
func validOn(r *Report, a *ask, today Day, verdict string) string {
	until := r.CurrentUntil()
	if r.Bridge.Until.After(until) {
		until = r.Bridge.Until
	}
	day := today
	for _, d := range a.dates {
		if d.last.After(day) {
			day = d.last
		}
	}
	if m := moreMonths.FindStringSubmatch(a.lower); m != nil {
		n := monthCount[m[1]]
		day = today.AddMonths(n)
	}
	if day.After(until) && !until.IsZero() {
		return "no"
	}
	return verdict
}

var moreMonths = regexp.MustCompile(`\b(?:another|next|further|at least|more than|remaining) (?:\w+ )?(three|six|nine|twelve|3|6|9|12) months\b`)

func sayAge(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	verdict = "yes"
	if older := olderAsked.MatchString(a.lower) && !notOlder.MatchString(a.lower); older != w.on.After(r.End().AddMonths(staleAfter)) {
		verdict = "no"
	}
	months := max(0, r.End().DaysTo(w.on)*12/365)
	ago := fmt.Sprintf("%d months ago", months)
	if months == 1 {
		ago = "a month ago"
	}
	text = fmt.Sprintf("The %s ended on %s, %s", r.label(), r.End().Long(), ago)
	if !r.ValidUntil.IsZero() {
		text = fmt.Sprintf("The %s is valid until %s", r.label(), r.ValidUntil.Long())
	}
	if !r.Issued.IsZero() {
		text += ", and was issued on " + r.Issued.Long()
	}
	return verdict, join(text+".", w.lapsedNote(r))
}

var (
	olderAsked = regexp.MustCompile(`\b(?:older|more) than\b`)
	notOlder   = regexp.MustCompile(`\b(?:not|no) (?:older|more) than\b`)
)

// sayIssuedIn answers whether the report was issued in the times asked for.
func sayIssuedIn(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	verdict = "no"
	for _, d := range a.dates {
		if d.holds(r.Issued) {
			verdict = "yes"
		}
	}
	_, text = sayIssued(w, a)
	return verdict, text
}

// sayLength answers how many months the period has.
// upToToday speaks of the months before today, not of any twelve.
var upToToday = regexp.MustCompile(`\b(?:last|past|previous|preceding) (?:3|6|9|12|three|six|nine|twelve) months\b`)

func sayLength(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	if r.From.IsZero() {
		return "no", fmt.Sprintf("The %s is about %s; it covers no period.", r.label(), r.span())
	}
	if m := lengthAsked.FindStringSubmatch(a.lower); m != nil && m[1] != "" {
		verdict = yesIf(r.From.AddMonths(monthCount[m[1]]).DaysTo(r.To) > -16)
		if verdict == "yes" && upToToday.MatchString(a.lower) && r.To.Before(w.on.AddMonths(-1)) {
			verdict = "partial" // the months since its end are not in it
		}
	}
	_, text = sayPeriod(w, a)
	return verdict, text
}

func sayHistory(w *writer, a *ask) (string, string) {
	list := w.issued(a)
	if len(list) == 0 {
		return none(w, a)
	}
	oldest := list[0]
	var parts []string
	for _, r := range list {
		w.cite(r)
		parts = append(parts, article(r.describe()))
		if r.sortDay().Before(oldest.sortDay()) {
			oldest = r
		}
	}
	slices.Reverse(parts)
	return "", fmt.Sprintf("The register goes back to the %s of %d: %s.", oldest.label(), oldest.sortDay().t.Year(), strings.Join(parts, "; "))
}

// sayFrequency answers from what happened: the last two, and the next.
func sayFrequency(w *writer, a *ask) (string, string) {
	list := w.issued(a)
	if len(list) == 0 {
		return none(w, a)
	}
	r := list[0]
	w.cite(r)
	verdict := "yes"
	if r.Lapsed(w.on) && !slices.Contains([]Family{Certification}, r.Kind.Family()) {
		verdict = "no"
	}
	text := fmt.Sprintf("The last %s ended on %s", r.label(), r.End().Long())
	if !r.ValidUntil.IsZero() {
		text = fmt.Sprintf("The %s was issued on %s and is valid until %s", r.label(), r.Issued.Long(), r.ValidUntil.Long())
	}
	if r.Auditor != "" {
		text += ", by " + r.Auditor
	}
	for _, x := range list[1:] {
		if x.Kind == r.Kind {
			w.cite(x)
			text += "; the one before on " + x.End().Long()
			break
		}
	}
	return verdict, join(text+".", w.nextOf(r))
}

func sayPeriod(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case r.span() == "":
		return sayValidity(w, a)
	case r.AsOf.IsZero():
		text = fmt.Sprintf("The %s covers %s.", r.label(), r.span())
	default:
		text = fmt.Sprintf("The %s is about %s; it covers no period.", r.label(), r.span())
	}
	return "", join(text, w.lapsedNote(r))
}

func sayIssued(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case r.Issued.IsZero():
		return sayAge(w, a)
	}
	text = fmt.Sprintf("The %s was issued on %s", r.label(), r.Issued.Long())
	switch {
	case !r.ValidUntil.IsZero():
		text += " and is valid until " + r.ValidUntil.Long()
	case r.span() != "":
		text += "; it speaks of " + r.span()
	}
	return "", join(text+".", w.lapsedNote(r))
}
