package assurance

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits on a register. They are far beyond real ones, and keep a file that is
// none from filling the memory.
const (
	MaxReports  = 10_000
	MaxControls = 100_000
	MaxEvidence = 100_000
	MaxTests    = 100_000 // of all reports together
	MaxList     = 1_000   // criteria, sites, subservice organisations of one report or control
	MaxNames    = 100_000 // customers
	MaxID       = 100     // characters of an id
	MaxLine     = 1_000   // characters of a title, a name, a criterion
	MaxText     = 20_000  // characters of a description, a scope, a response
)

// Problem is something in a register that cannot be as it stands.
type Problem struct {
	Path string `json:"path"` // the field: "reports[2].to"; an entry where a field is missing: "controls[4].id"
	Text string `json:"text"` // one sentence without content of the register, with what would be accepted
}

// String returns the problem with its path.
func (p Problem) String() string { return p.Path + ": " + p.Text }

// Validate returns everything that is wrong with the register, in its order;
// nothing if it can be relied on. The rules of this package assume a register
// without problems.
func (r *Register) Validate() []Problem {
	v := validator{controls: map[string]string{}, reports: map[string]string{}, report: map[string]*Report{}, circles: map[*Report]bool{}}
	v.limit("reports", len(r.Reports), MaxReports)
	v.limit("controls", len(r.Controls), MaxControls)
	v.limit("evidence", len(r.Evidence), MaxEvidence)
	v.limit("customers", len(r.Customers), MaxNames)
	tests := 0
	for i := range r.Reports {
		tests += len(r.Reports[i].Tests)
	}
	v.limit("reports", tests, MaxTests)
	if len(v.problems) > 0 {
		return v.problems
	}
	v.text("company", r.Company, MaxLine)
	for i, name := range r.Customers {
		at := fmt.Sprintf("customers[%d]", i)
		v.text(at, name, MaxLine)
		v.when(strings.TrimSpace(name) == "", at, "it is empty; write a customer's name or leave the line out")
	}
	for i := range r.Reports {
		v.id(fmt.Sprintf("reports[%d]", i), r.Reports[i].ID, "report", v.reports)
		v.report[fold(r.Reports[i].ID)] = &r.Reports[i]
	}
	for i := range r.Controls {
		v.id(fmt.Sprintf("controls[%d]", i), r.Controls[i].ID, "control", v.controls)
	}
	for i := range r.Reports {
		v.checkReport(fmt.Sprintf("reports[%d]", i), &r.Reports[i])
	}
	v.checkOverlaps(r.Reports)
	for i := range r.Controls {
		v.checkControl(fmt.Sprintf("controls[%d]", i), &r.Controls[i])
	}
	evidence := map[string]string{}
	for i := range r.Evidence {
		v.checkEvidence(fmt.Sprintf("evidence[%d]", i), &r.Evidence[i], evidence)
	}
	return v.problems
}

// validator collects problems.
type validator struct {
	problems []Problem
	controls map[string]string  // id, folded → path
	reports  map[string]string  // id, folded → path
	report   map[string]*Report // id, folded
	circles  map[*Report]bool   // whether following what it replaces never ends
}

// fold makes ids comparable: their case does not count, as in [Report.TestOf].
func fold(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

func (v *validator) add(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

// when adds a problem if it is one.
func (v *validator) when(is bool, path, format string, args ...any) {
	if is {
		v.add(path, format, args...)
	}
}

func (v *validator) limit(path string, n, limit int) {
	v.when(n > limit, path, "there are %d; at most %d are accepted", n, limit)
}

func (v *validator) text(path, s string, limit int) {
	n := utf8.RuneCountInString(s)
	v.when(n > limit, path, "it has %d characters; at most %d are accepted", n, limit)
	v.when(!utf8.ValidString(s), path, "it is not UTF-8; only that is accepted")
}

func (v *validator) texts(path string, list []string, limit int) {
	v.limit(path, len(list), MaxList)
	for i, s := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.text(at, s, limit)
		v.when(strings.TrimSpace(s) == "", at, "it is empty; write it or leave the line out")
	}
}

// id checks an id and enters it among those seen.
func (v *validator) id(path, id, what string, seen map[string]string) {
	at := path + ".id"
	v.text(at, id, MaxID)
	switch before, twice := seen[fold(id)]; {
	case fold(id) == "":
		v.add(at, "the %s has no id; write the one that your company uses", what)
	case strings.ContainsFunc(id, isControl):
		v.add(at, "it holds a line break or a control character; an id is one line")
	case twice:
		v.add(at, "%s has the same id; each %s needs its own", before, what)
	default:
		seen[fold(id)] = path
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// oneOf checks a value that comes from a list. Empty is accepted.
func (v *validator) oneOf(path, value, what string, accepted []string) {
	v.when(value != "" && !slices.Contains(accepted, value), path, "it is no %s; accepted: %s", what, strings.Join(accepted, ", "))
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

// period checks two days of which one needs the other.
func (v *validator) period(path string, from, to Day) {
	switch {
	case from.IsZero() && !to.IsZero():
		v.add(path+".from", "there is a last day and no first; write both, as 2026-03-31")
	case !from.IsZero() && to.IsZero():
		v.add(path+".to", "there is a first day and no last; write both, as 2026-03-31")
	case to.Before(from):
		v.add(path+".to", "the period ends before it starts; write a day from %s on", from)
	}
}

// after checks that a day, if there is one, is none before another.
func (v *validator) after(path string, day, other Day, than string) {
	v.when(!day.IsZero() && !other.IsZero() && day.Before(other), path, "it is before %s; write a day from %s on", than, other)
}

// criterion checks the id of a criterion. Ids of frameworks that vouch holds
// no list of pass if they look like ids.
func (v *validator) criterion(path, id string) {
	v.text(path, id, MaxLine)
	if _, ok := FindCriterion(id); ok {
		return
	}
	if likeListed(id) {
		v.add(path, "there is no such criterion; accepted: CC1.1 to CC9.2, A1.1 to A1.3, C1.1 to C1.2, PI1.1 to PI1.5, P1.1 to P8.1, A.5.1 to A.8.34, and the controls of CCM 4.0 like CEK-03")
		return
	}
	v.when(!otherForm.MatchString(id), path, "it is no id of a criterion; accepted: ids like CC6.1, A.8.24, CEK-03 or AC-2, one at a time")
}

func (v *validator) criteria(path string, ids []string) {
	v.limit(path, len(ids), MaxList)
	seen := map[string]bool{}
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.criterion(at, id)
		v.when(seen[fold(id)], at, "it occurs twice; write it once")
		seen[fold(id)] = true
	}
}

func (v *validator) checkControl(path string, c *Control) {
	v.text(path+".title", c.Title, MaxLine)
	v.text(path+".text", c.Text, MaxText)
	v.text(path+".owner", c.Owner, MaxLine)
	v.text(path+".planned", c.Planned, MaxText)
	v.when(strings.TrimSpace(c.Title+c.Text) == "", path+".title", "the control has neither title nor text; write what is done")
	v.criteria(path+".criteria", c.Criteria)
	v.oneOf(path+".frequency", c.Frequency, "frequency", Frequencies())
	v.oneOf(path+".status", string(c.Status), "status", words(Statuses()))
	v.when(c.Planned != "" && c.Status != Partial && c.Status != Planned, path+".planned", "only a control of status partial or planned has it; accepted: another status, or nothing here")
}

func (v *validator) checkEvidence(path string, e *Evidence, seen map[string]string) {
	v.id(path, e.ID, "piece of evidence", seen)
	v.control(path+".control", e.Control)
	v.oneOf(path+".kind", e.Kind, "kind of evidence", EvidenceKinds())
	v.text(path+".title", e.Title, MaxLine)
	v.text(path+".collected_by", e.CollectedBy, MaxLine)
	v.text(path+".location", e.Location, MaxLine)
	v.when(e.CollectedAt.IsZero(), path+".collected_at", "the day is missing; write it as 2026-03-31")
	v.period(path, e.From, e.To)
	v.after(path+".collected_at", e.CollectedAt, e.From, "the period that it speaks of")
}

// control checks a reference to a control.
func (v *validator) control(path, id string) {
	_, ok := v.controls[fold(id)]
	switch {
	case fold(id) == "":
		v.add(path, "the control's id is missing; write the id of a control in the register")
	case !ok:
		v.add(path, "the register has no control of that id; add the control, or correct the id")
	}
}
