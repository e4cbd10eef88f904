package assurance

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The length of the period of an attestation. Source: type 2 periods run 3 to
// 12 months in practice (AICPA's SOC 2 guide calls less than 2 months unusual,
// and a period beyond 18 months leaves customers without a current report);
// what lies outside is taken for a slip of the pen.
const (
	minPeriodMonths = 2
	maxPeriodMonths = 18
)

// otherForm is what an id of a framework looks like that vouch holds no list
// of: "AC-2(1)", "PR.AC-1", "8.3.1", "01.a".
var otherForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}.()/:&_-]*[\p{L}\p{N})]$`)

// likeListed reports whether an id has the form of a framework that vouch
// holds a list of, also with a slip in it ("CC6,1"), or is no id at all.
func likeListed(id string) bool {
	return canonicalID(id) != "" || slipForm.MatchString(id)
}

var slipForm = regexp.MustCompile(`(?i)^(?:CC|PI)[ .-]?[0-9]|^A[ .]?[0-9]+[.,;:][0-9]`)

// Levels returns the levels that reports of a kind have; none if it has no
// levels, or no fixed ones.
func (k Kind) Levels() []string {
	switch k {
	case HITRUST:
		return []string{"e1", "i1", "r2"}
	case CSASTAR:
		return []string{"1", "2"}
	case FedRAMP:
		return []string{"low", "li-saas", "moderate", "high"}
	case CyberEssentials:
		return []string{"basic", "plus"}
	}
	return nil
}

// Scopes returns what the criteria of a report of the kind can be: Trust
// Services categories, for SOC 2+ also what was added; none for other kinds.
func (k Kind) Scopes() []string {
	switch k {
	case SOC2, SOC3, SOCCyber:
		return Categories()
	case SOC2Plus:
		return append(Categories(), "ccm", "hitrust")
	}
	return nil
}

// hasObjectives reports whether reports of the kind speak of control
// objectives.
func (k Kind) hasObjectives() bool {
	return slices.Contains([]Kind{SOC1, ISAE3402, SAS70}, k)
}

// Severities lists the severities of a penetration test's findings, gravest
// first.
func Severities() []string { return []string{"critical", "high", "medium", "low"} }

func (v *validator) checkReport(path string, r *Report) {
	v.checkReportTexts(path, r)
	switch {
	case r.Kind == "":
		v.add(path+".kind", "the kind is missing; accepted: %s", strings.Join(words(Kinds()), ", "))
		return
	case !r.Kind.IsValid():
		v.oneOf(path+".kind", string(r.Kind), "kind of report", words(Kinds()))
		return
	}
	v.checkType(path, r)
	if levels := r.Kind.Levels(); levels != nil {
		v.oneOf(path+".level", r.Level, "level of "+r.Kind.Name(), levels)
	}
	v.checkOpinion(path, r)
	v.checkScope(path, r)
	v.period(path, r.From, r.To)
	if r.Kind.Family() == Attestation {
		v.checkLength(path, r)
	}
	v.checkDays(path, r)
	v.checkCertificate(path, r)
	v.checkBridge(path, r)
	v.oneOf(path+".access", string(r.Access), "level of access", words(Accesses()))
	v.checkReplaced(path, r)
	v.checkSubservices(path, r)
	v.checkTests(path, r)
	v.checkFindings(path, r)
}

func (v *validator) checkReportTexts(path string, r *Report) {
	for _, x := range []struct{ name, text string }{
		{"level", r.Level}, {"title", r.Title}, {"system", r.System}, {"auditor", r.Auditor}, {"certificate", r.Certificate}, {"how_to_get", r.HowToGet},
	} {
		v.text(path+"."+x.name, x.text, MaxLine)
	}
	v.text(path+".scope", r.Scope, MaxText)
	v.texts(path+".objectives", r.Objectives, MaxText)
	v.texts(path+".locations", r.Locations, MaxLine)
	v.texts(path+".user_controls", r.UserControls, MaxText)
}

// checkType checks the type, and the days that each of the two needs.
func (v *validator) checkType(path string, r *Report) {
	if !r.Kind.IsTyped() {
		v.when(r.Type != 0, path+".type", "reports of the kind %s have no type; accepted: nothing", r.Kind)
		return
	}
	switch r.Type {
	case 0:
		v.add(path+".type", "the type is missing; accepted for the kind %s: 1, 2", r.Kind)
	case 1:
		v.when(r.AsOf.IsZero(), path+".as_of", "a type 1 speaks of one day, and it is missing; write it as 2026-03-31")
		v.when(!r.From.IsZero(), path+".from", "a type 1 has no period; accepted: as_of alone, or type 2")
		v.when(!r.To.IsZero(), path+".to", "a type 1 has no period; accepted: as_of alone, or type 2")
	case 2:
		v.when(!r.AsOf.IsZero(), path+".as_of", "a type 2 speaks of a period; accepted: from and to alone, or type 1")
		v.when(r.From.IsZero() && r.To.IsZero(), path+".from", "a type 2 speaks of a period, and it is missing; write from and to as 2026-03-31")
	default:
		v.add(path+".type", "it is no type; accepted for the kind %s: 1, 2", r.Kind)
	}
}

func (v *validator) checkOpinion(path string, r *Report) {
	if r.Kind.Family() != Attestation {
		v.when(r.Opinion != "", path+".opinion", "only attestations carry an opinion; accepted for the kind %s: nothing", r.Kind)
		return
	}
	v.oneOf(path+".opinion", string(r.Opinion), "opinion", words(Opinions()))
}

// checkScope checks the categories and the control objectives.
func (v *validator) checkScope(path string, r *Report) {
	accepted := r.Kind.Scopes()
	v.limit(path+".criteria", len(r.Criteria), MaxList)
	seen := map[string]bool{}
	for i, c := range r.Criteria {
		at := fmt.Sprintf("%s.criteria[%d]", path, i)
		switch {
		case accepted == nil:
			v.add(at, "reports of the kind %s have no Trust Services categories; accepted: nothing", r.Kind)
		case !slices.ContainsFunc(accepted, func(a string) bool { return strings.EqualFold(a, c) }):
			v.add(at, "it is no Trust Services category; accepted: %s", strings.Join(accepted, ", "))
		case seen[fold(c)]:
			v.add(at, "it occurs twice; write it once")
		}
		seen[fold(c)] = true
	}
	if r.Kind == SOC2 || r.Kind == SOC2Plus || r.Kind == SOC3 {
		v.when(!r.HasCategory("security"), path+".criteria", "security is in every %s, and it is missing; accepted: security and more of %s", r.Kind.Name(), strings.Join(accepted[1:], ", "))
	}
	v.when(len(r.Objectives) > 0 && !r.Kind.hasObjectives(), path+".objectives", "control objectives are those of the kinds soc1, isae3402 and sas70; accepted for %s: nothing", r.Kind)
}

func (v *validator) checkLength(path string, r *Report) {
	if r.From.IsZero() || r.To.IsZero() || r.To.Before(r.From) {
		return // said already, or no period
	}
	// A period of 12 months ends the day before the same day a year later.
	switch end := r.To.AddDays(1); {
	case end.Before(r.From.AddMonths(minPeriodMonths)):
		v.add(path+".to", "the period is shorter than %d months; accepted: %d to %d months", minPeriodMonths, minPeriodMonths, maxPeriodMonths)
	case end.After(r.From.AddMonths(maxPeriodMonths)):
		v.add(path+".to", "the period is longer than %d months; accepted: %d to %d months", maxPeriodMonths, minPeriodMonths, maxPeriodMonths)
	}
}

// checkDays checks the order of the days beside the period.
func (v *validator) checkDays(path string, r *Report) {
	if f := r.Kind.Family(); f == Attestation || f == Testing {
		v.after(path+".issued", r.Issued, r.To, "the end of the period")
		v.after(path+".issued", r.Issued, r.AsOf, "the day that the report speaks of")
	}
	v.after(path+".next_audit", r.NextAudit, r.Issued, "the day of issue")
	v.after(path+".next_issue", r.NextIssue, r.Issued, "the day of issue")
}

func (v *validator) checkCertificate(path string, r *Report) {
	if r.Kind.Family() == Certification {
		v.when(strings.TrimSpace(r.Certificate) == "", path+".certificate", "a certificate of the kind %s has a number, and it is missing; write it as on the certificate", r.Kind)
		v.when(r.Issued.IsZero(), path+".issued", "the day of issue is missing; write it as 2026-03-31")
		v.when(r.ValidUntil.IsZero(), path+".valid_until", "the certificate's last day is missing; write it as 2026-03-31")
	}
	if !r.Issued.IsZero() && !r.ValidUntil.IsZero() && !r.ValidUntil.After(r.Issued) {
		v.add(path+".valid_until", "it is not after the day of issue; write a day after %s", r.Issued)
	}
	v.when(!r.ValidUntil.IsZero() && r.Kind.Family() == Attestation, path+".valid_until", "an attestation speaks of a period and is valid until no day; accepted for the kind %s: nothing", r.Kind)
}

func (v *validator) checkBridge(path string, r *Report) {
	b := r.Bridge
	if b == (Bridge{}) {
		return
	}
	end := r.To
	if end.IsZero() {
		end = r.AsOf
	}
	switch at := path + ".bridge"; {
	case r.Kind.Family() != Attestation || end.IsZero():
		v.add(at, "only an attestation with a period has a bridge letter; accepted here: nothing")
	case b.Issued.IsZero():
		v.add(at+".issued", "the letter's day is missing; write it as 2026-03-31")
	case b.Until.IsZero():
		v.add(at+".until", "the day that the letter reaches is missing; write it as 2026-03-31")
	default:
		v.when(!b.Issued.After(end), at+".issued", "the letter is not from after the period's end; write a day after %s", end)
		v.when(!b.Until.After(end), at+".until", "the letter does not reach beyond the period's end; write a day after %s", end)
	}
}

// checkReplaced checks the report before this one: that it exists, is of the
// same kind, and that following such references ends.
func (v *validator) checkReplaced(path string, r *Report) {
	if r.Replaces == "" {
		return
	}
	at := path + ".replaces"
	before, ok := v.report[fold(r.Replaces)]
	switch {
	case !ok:
		v.add(at, "the register has no report of that id; add the report, or correct the id")
		return
	case before.Kind != r.Kind:
		v.add(at, "that report is of another kind; accepted: the id of a report of the kind %s", r.Kind)
		return
	}
	v.when(v.circular(r), at, "the reports replace each other in a circle; accepted: the id of the report before")
}

// circular reports whether following what reports replace from r never ends.
// What was found of a report is kept: chains can be long.
func (v *validator) circular(r *Report) bool {
	var chain []*Report
	on := map[*Report]bool{}
	x := v.report[fold(r.ID)]
	for x != nil && x.Replaces != "" && !on[x] {
		if _, known := v.circles[x]; known {
			break
		}
		chain, on[x] = append(chain, x), true
		x = v.report[fold(x.Replaces)]
	}
	found := x != nil && (on[x] || v.circles[x])
	for _, y := range chain {
		v.circles[y] = found
	}
	return v.circles[v.report[fold(r.ID)]]
}

func (v *validator) checkSubservices(path string, r *Report) {
	v.limit(path+".subservices", len(r.Subservices), MaxList)
	seen := map[string]bool{}
	for i, s := range r.Subservices {
		at := fmt.Sprintf("%s.subservices[%d]", path, i)
		v.text(at+".name", s.Name, MaxLine)
		v.text(at+".service", s.Service, MaxLine)
		v.text(at+".report", s.Report, MaxLine)
		key := fold(s.Name) + "\x00" + fold(s.Service)
		v.when(fold(s.Name) == "", at+".name", "the organisation has no name; write it")
		v.when(fold(s.Name) != "" && seen[key], at+".name", "the organisation occurs twice with the same service; write it once")
		seen[key] = true
	}
}

func (v *validator) checkTests(path string, r *Report) {
	seen := map[string]string{}
	for i := range r.Tests {
		t := &r.Tests[i]
		at := fmt.Sprintf("%s.tests[%d]", path, i)
		v.control(at+".control", t.Control)
		before, twice := seen[fold(t.Control)]
		v.when(twice, at+".control", "the report tests the control at %s already; write one test for each control", before)
		if !twice && fold(t.Control) != "" {
			seen[fold(t.Control)] = at
		}
		v.criteria(at+".criteria", t.Criteria)
		v.text(at+".text", t.Text, MaxText)
		v.text(at+".response", t.Response, MaxText)
		v.checkResult(at, t, r)
	}
}

func (v *validator) checkResult(at string, t *Test, r *Report) {
	accepted := words(TestResults())
	switch {
	case t.Result == "":
		v.add(at+".result", "the result is missing; accepted: %s", strings.Join(accepted, ", "))
		return
	case !slices.Contains(accepted, string(t.Result)):
		v.oneOf(at+".result", string(t.Result), "result of a test", accepted)
		return
	}
	v.when(r.Kind.IsTyped() && r.Type == 1 && t.Result != NotTested, at+".result", "a type 1 tests no control in operation; accepted: %s", NotTested)
	if t.Result == WithException {
		v.when(strings.TrimSpace(t.Text) == "", at+".text", "the exception is missing; write what the auditor found, in your own words")
		v.after(at+".fixed", t.Fixed, r.From, "the start of the period")
		return
	}
	v.when(t.Response != "", at+".response", "there is no exception that management could respond to; accepted: nothing, or the result %s", WithException)
	v.when(!t.Fixed.IsZero(), at+".fixed", "there is no exception that was put right; accepted: nothing, or the result %s", WithException)
}

func (v *validator) checkFindings(path string, r *Report) {
	v.when(len(r.Findings) > 0 && r.Kind != Pentest, path+".findings", "only a %s has findings by severity; accepted for %s: nothing", Pentest, r.Kind)
	v.limit(path+".findings", len(r.Findings), MaxList)
	seen := map[string]bool{}
	for i, f := range r.Findings {
		at := fmt.Sprintf("%s.findings[%d]", path, i)
		switch {
		case !slices.Contains(Severities(), f.Severity):
			v.add(at+".severity", "it is no severity; accepted: %s", strings.Join(Severities(), ", "))
		case seen[f.Severity]:
			v.add(at+".severity", "it occurs twice; write one line for each severity")
		}
		seen[f.Severity] = true
		v.when(f.Found < 0, at+".found", "it is less than nothing; accepted: 0 and more")
		v.when(f.Open < 0 || f.Open > f.Found, at+".open", "it is no part of those found; accepted: 0 to the number found")
	}
}

// checkOverlaps reports periods of the same kind, type and system that share a
// day: one of them has a slip in it. Several tests of one system can run at
// the same time.
func (v *validator) checkOverlaps(reports []Report) {
	groups := map[string][]int{}
	for i := range reports {
		r := &reports[i]
		if r.Kind.Family() == Testing || r.From.IsZero() || r.To.Before(r.From) {
			continue
		}
		key := fmt.Sprintf("%s\x00%d\x00%s", r.Kind, r.Type, fold(r.System))
		groups[key] = append(groups[key], i)
	}
	var found []Problem
	var order []int
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b int) int {
			return cmp.Compare(reports[b].From.DaysTo(reports[a].From), 0)
		})
		last := group[0]
		for _, i := range group[1:] {
			if !reports[i].From.After(reports[last].To) {
				found = append(found, Problem{
					Path: fmt.Sprintf("reports[%d].from", i),
					Text: fmt.Sprintf("the period overlaps that of reports[%d], which is of the same kind, type and system; write a day after %s, or name the systems", last, reports[last].To),
				})
				order = append(order, i)
			}
			if reports[i].To.After(reports[last].To) {
				last = i
			}
		}
	}
	for _, i := range sortedBy(order) {
		v.problems = append(v.problems, found[i])
	}
}

// sortedBy returns the indices of keys in the order of the keys.
func sortedBy(keys []int) []int {
	out := make([]int, len(keys))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	return out
}
