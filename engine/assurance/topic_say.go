package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What is said to each topic. Every function returns the verdict that the
// register supports, "" if there is none, and one or a few sentences.

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
	if carveAsked.MatchString(a.lower) && len(out) == 0 || strings.Contains(a.lower, "inclusive") && !strings.Contains(a.lower, "carve") && len(in) == 0 {
		verdict = "no"
	}
	return verdict, text
}

var carveAsked = regexp.MustCompile(`\bcarv`)

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
	w.cite(list[0])
	return "no", fmt.Sprintf("The register states no date for the next one; the last ended on %s.", list[0].End().Long())
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

func sayTestDate(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	if done {
		return verdict, text
	}
	text = "The last penetration test"
	if r.Auditor != "" {
		text += " by " + r.Auditor
	}
	switch {
	case !r.From.IsZero() && r.From != r.To:
		text += fmt.Sprintf(" took place from %s to %s.", r.From.Long(), r.To.Long())
	default:
		text += fmt.Sprintf(" ended on %s.", r.End().Long())
	}
	return "", text
}

var (
	severities  = []string{"critical", "high", "medium", "low"}
	openWord    = regexp.MustCompile(`\b(?:open|remain\w*|outstanding|unresolved|unremediated|still|pending|unpatched|unaddressed)\b`)
	closedWord  = regexp.MustCompile(`\b(?:remediated|closed|fixed|resolved|addressed|mitigated|patched|corrected|retested|cleared)\b`)
	notClosed   = regexp.MustCompile(`\b(?:not|n't|n’t|un)[- ]?(?:yet )?(?:been )?(?:remediated|closed|fixed|resolved|addressed|mitigated|patched)\b`)
	allFindings = regexp.MustCompile(`\b(?:all|every|each)\b`)
)

func sayFindings(w *writer, a *ask) (string, string) {
	r, verdict, text, done := one(w, a)
	switch {
	case done:
		return verdict, text
	case !w.mayRead(r):
		return "", w.withheld(r)
	case len(r.Findings) == 0:
		return "", fmt.Sprintf("The register does not state the findings of the penetration test that ended on %s.", r.End().Long())
	}
	var parts []string
	found, open := 0, 0
	asked := severitiesAsked(a.lower)
	for _, f := range r.Findings {
		if len(asked) > 0 && !slices.Contains(asked, strings.ToLower(f.Severity)) {
			continue
		}
		found, open = found+f.Found, open+f.Open
		parts = append(parts, fmt.Sprintf("%s: %d found, %d open", strings.ToLower(f.Severity), f.Found, f.Open))
	}
	text = fmt.Sprintf("Of the penetration test that ended on %s: %s.", r.End().Long(), strings.Join(parts, "; "))
	switch {
	case notClosed.MatchString(a.lower):
		verdict = yesIf(open > 0)
	case closedWord.MatchString(a.lower) && allFindings.MatchString(a.lower), closedWord.MatchString(a.lower) && !openWord.MatchString(a.lower):
		verdict = yesIf(open == 0)
	case openWord.MatchString(a.lower):
		verdict = yesIf(open > 0)
		if negated.MatchString(a.lower) {
			verdict = opposite(verdict)
		}
	default:
		verdict = yesIf(found > 0)
		if negated.MatchString(a.lower) {
			verdict = opposite(verdict)
		}
	}
	return verdict, text
}

func severitiesAsked(lower string) (out []string) {
	for _, s := range severities {
		if containsWord(lower, s) >= 0 || containsWord(lower, s+"-risk") >= 0 || containsWord(lower, s+"-severity") >= 0 {
			out = append(out, s)
		}
	}
	return out
}

func yesIf(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

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
	attachAsked = regexp.MustCompile(`\b(?:attach|enclose|upload|include)\w*`)
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
