package assurance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Readiness says for each criterion of a framework what there is to show, what
// is lacking, and what to do first.
type Readiness struct {
	Framework      Framework           `json:"framework"`
	Company        string              `json:"company,omitempty"`
	On             Day                 `json:"on"`
	Report         ReportPeriod        `json:"report,omitzero"` // the report that evidence and exceptions are held to
	Total          Tally               `json:"total"`
	Categories     []Tally             `json:"categories,omitempty"` // in the order of the criteria
	Criteria       []CriterionStanding `json:"criteria,omitempty"`
	First          []Step              `json:"first,omitempty"`           // every criterion with a lack, what to do first at the front
	AskedElsewhere int                 `json:"asked_elsewhere,omitempty"` // gaps of the last 12 months that meet none of the criteria
}

// ReportPeriod is a report and the period it speaks of.
type ReportPeriod struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	From Day    `json:"from,omitzero"`
	To   Day    `json:"to,omitzero"`
}

// Tally counts criteria by level.
type Tally struct {
	Category      string  `json:"category,omitempty"`
	Criteria      int     `json:"criteria"`
	Ready         int     `json:"ready"`
	Attention     int     `json:"attention"`
	Missing       int     `json:"missing"`
	NotApplicable int     `json:"not_applicable"`
	OutOfScope    int     `json:"out_of_scope"`
	ReadyShare    float64 `json:"ready_share"` // of those that apply, 0 to 1; 0 if none does
}

// Applicable returns how many of the criteria apply.
func (t *Tally) Applicable() int { return t.Criteria - t.NotApplicable - t.OutOfScope }

// CriterionStanding is how one criterion stands.
type CriterionStanding struct {
	ID       string            `json:"id"`
	Category string            `json:"category,omitempty"`
	Title    string            `json:"title,omitempty"`
	Level    Level             `json:"level"`
	Weight   int               `json:"weight"` // of the gravest lack, 0 for none
	Controls []ControlStanding `json:"controls,omitempty"`
	Lacks    []Lack            `json:"lacks,omitempty"` // gravest first
	Asked    []Asked           `json:"asked,omitempty"` // the gaps of the last 12 months, newest first
}

// ControlStanding is a control under a criterion, with its last evidence.
type ControlStanding struct {
	ID         string    `json:"id"`
	Title      string    `json:"title,omitempty"`
	Status     Status    `json:"status,omitempty"`
	Owner      string    `json:"owner,omitempty"`
	Frequency  string    `json:"frequency,omitempty"`
	Evidence   *Evidence `json:"evidence,omitempty"`   // the last one
	Shows      Day       `json:"shows,omitzero"`       // the last day that it shows
	FreshUntil Day       `json:"fresh_until,omitzero"` // when the next is due
	Undated    int       `json:"undated,omitempty"`    // pieces of evidence without a day, or with one to come
	Exception  string    `json:"exception,omitempty"`  // an open one, in the words of the report
	planned    string    // what is planned and until when
}

// Asked is a question that ended as a gap.
type Asked struct {
	Criteria []string `json:"criteria,omitempty"` // what it is about, of any framework
	Question string   `json:"question"`
	Customer string   `json:"customer,omitempty"`
	On       Day      `json:"on,omitzero"`
	Reason   string   `json:"reason,omitempty"` // of the gap: "no_evidence"
}

// Step is a criterion that something has to be done about.
type Step struct {
	Criterion string `json:"criterion"`
	Title     string `json:"title,omitempty"`
	Level     Level  `json:"level"`
	Asked     int    `json:"asked"`  // how many questions of the last 12 months ended as gaps there
	Weight    int    `json:"weight"` // of the gravest lack
	Score     int    `json:"score"`  // Asked × Weight
	Do        string `json:"do"`     // in words
}

// Level says how ready a criterion is.
type Level string

// The levels. A criterion is missing if one of its lacks weighs [WeightNothing],
// that is if no control of it is in place even in part; it needs attention if
// it has any other lack; else it is ready. It does not apply if it has controls
// and each of them is not applicable or retired, one at least not applicable;
// such criteria count in no share. Nor do those that are out of scope: of a
// Trust Services category that the report does not have, without a control, and
// nobody asked in vain about them.
const (
	LevelReady         Level = "ready"
	LevelAttention     Level = "attention"
	LevelMissing       Level = "missing"
	LevelNotApplicable Level = "not_applicable"
	LevelOutOfScope    Level = "out_of_scope"
)

// Levels lists every level there is, best first.
func Levels() []Level {
	return []Level{LevelReady, LevelAttention, LevelMissing, LevelNotApplicable, LevelOutOfScope}
}

// Lack is one thing that a criterion lacks.
type Lack struct {
	Kind    LackKind `json:"kind"`
	Control string   `json:"control,omitempty"` // the control's id
	Weight  int      `json:"weight"`
	Text    string   `json:"text"` // one sentence
}

// The weights of lacks.
const (
	WeightNothing   = 3 // nothing is in place
	WeightUnproven  = 2 // something is in place but in part, or an auditor would not see that it works
	WeightUnsettled = 1 // it works, and something about it is not in order
)

// LackKind says what is lacking.
type LackKind string

// The kinds of lacks, in the order in which they are put right.
const (
	LackNoControl       LackKind = "no_control"              // weight 3
	LackNotImplemented  LackKind = "not_implemented"         // 3 if nothing is in place, 2 if in part, 1 if another control is
	LackException       LackKind = "exception_open"          // 2
	LackEvidence        LackKind = "evidence_missing"        // 2
	LackFreshEvidence   LackKind = "evidence_stale"          // 1
	LackPeriodEvidence  LackKind = "evidence_outside_period" // 1
	LackOwner           LackKind = "no_owner"                // 1
	LackAskedUnanswered LackKind = "asked_unanswered"        // 1
)

// LackKinds lists every kind there is, in the order in which they are put
// right.
func LackKinds() []LackKind {
	return []LackKind{LackNoControl, LackNotImplemented, LackException, LackEvidence, LackFreshEvidence, LackPeriodEvidence, LackOwner, LackAskedUnanswered}
}

// askedMonths is for how long a question that ended as a gap counts.
const askedMonths = 12

// Readiness works out how ready the company is on the day for the criteria,
// which are those of the framework, as their list gives them; criteria of
// another framework are left out, and "soc2" is taken for [TrustServices]. Controls meet a criterion if their Criteria
// name it, however they spell it. Asked are questions that ended as gaps,
// whenever they were asked.
//
// What is looked at: of a control that is in place, its owner, its last
// evidence, whether that is fresh enough for how often the control runs, and
// whether it lies in the period of the newest report of the framework or
// after it. For SOC 2 that is the newest issued Type 2, for CCM a SOC 2 with
// CCM or a CSA STAR, for ISO 27001 the certificate; without a period nothing
// lies outside. Exceptions of that report count until they are fixed.
//
// The steps are in the order of how often customers asked in vain times how
// grave the gravest lack is, then of its weight, then of the id. The same
// register gives the same readiness in whatever order it lists its things.
func (r *Register) Readiness(framework Framework, criteria []Criterion, asked []Asked, on Day) Readiness {
	framework = framework.orSOC2()
	a := assess{framework: framework, on: on, report: r.newest(framework, on), evidence: r.lastEvidence(on), at: map[string]int{}, under: map[string][]int{}}
	out := Readiness{Framework: framework, Company: r.Company, On: on}
	if a.report != nil {
		out.Report = ReportPeriod{ID: a.report.ID, Name: a.report.Name(), From: a.report.From, To: a.report.To}
	}
	a.criteria(criteria)
	a.controls(r.Controls)
	a.exceptions()
	out.AskedElsewhere = a.ask(asked)
	for i := range a.standings {
		a.judge(&a.standings[i])
	}
	out.Criteria = a.standings
	out.Total, out.Categories = tallies(a.standings)
	out.First = stepsFrom(a.standings)
	return out
}

// orSOC2 takes the name of the report for that of its criteria.
func (f Framework) orSOC2() Framework {
	if f == "soc2" {
		return TrustServices
	}
	return f
}

// reportKinds says which reports tell of a framework's controls.
var reportKinds = map[Framework][]Kind{
	TrustServices: {SOC2, SOC2Plus},
	AnnexA:        {ISO27001},
	CCM:           {SOC2Plus, CSASTAR},
}

// newest returns the report of the framework that was issued up to the day and
// ends last, nil if there is none.
func (r *Register) newest(framework Framework, on Day) *Report {
	var out *Report
	for i := range r.Reports {
		rep := &r.Reports[i]
		switch {
		case !slices.Contains(reportKinds[framework], rep.Kind), rep.IsFuture(on), rep.To.After(on):
			continue
		case rep.Kind.IsTyped() && rep.Type != 2:
			continue
		case framework == CCM && rep.Kind == SOC2Plus && !rep.HasCategory("ccm"):
			continue
		}
		if out == nil || cmp.Or(rep.End().t.Compare(out.End().t), rep.Issued.t.Compare(out.Issued.t), cmp.Compare(rep.ID, out.ID)) > 0 {
			out = rep
		}
	}
	return out
}

// lastShown is what the register has of evidence of one control.
type lastShown struct {
	last    *Evidence
	day     Day
	undated int
}

// lastEvidence returns the last evidence of each control, by the key of its
// id. What was collected after the day, or has no day, shows nothing yet.
func (r *Register) lastEvidence(on Day) map[string]lastShown {
	out := map[string]lastShown{}
	for i := range r.Evidence {
		e := &r.Evidence[i]
		key := foldID(e.Control)
		s := out[key]
		if day := e.shows(); day.IsZero() || day.After(on) {
			s.undated++
		} else if c := day.t.Compare(s.day.t); s.last == nil || c > 0 || c == 0 && e.ID < s.last.ID {
			s.last, s.day = e, day
		}
		out[key] = s
	}
	return out
}

// shows returns the last day that the evidence can speak of: the end of its
// period, but not a day after it was collected.
func (e *Evidence) shows() Day {
	if e.CollectedAt.IsZero() || !e.To.IsZero() && e.To.Before(e.CollectedAt) {
		return e.To
	}
	return e.CollectedAt
}

func foldID(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// tallies counts the levels, of all and by category.
func tallies(standings []CriterionStanding) (Tally, []Tally) {
	var total Tally
	var out []Tally
	for _, s := range standings {
		i := slices.IndexFunc(out, func(t Tally) bool { return t.Category == s.Category })
		if i < 0 {
			i = len(out)
			out = append(out, Tally{Category: s.Category})
		}
		out[i].count(s.Level)
		total.count(s.Level)
	}
	return total, out
}

func (t *Tally) count(l Level) {
	t.Criteria++
	switch l {
	case LevelReady:
		t.Ready++
	case LevelAttention:
		t.Attention++
	case LevelMissing:
		t.Missing++
	case LevelNotApplicable:
		t.NotApplicable++
	case LevelOutOfScope:
		t.OutOfScope++
	}
	if n := t.Applicable(); n > 0 {
		t.ReadyShare = float64(t.Ready) / float64(n)
	}
}

// stepsFrom orders what lacks something by what to do first.
func stepsFrom(standings []CriterionStanding) []Step {
	var out []Step
	for i := range standings {
		s := &standings[i]
		if len(s.Lacks) > 0 {
			out = append(out, Step{s.ID, s.Title, s.Level, len(s.Asked), s.Weight, len(s.Asked) * s.Weight, whatToDo(s)})
		}
	}
	out = inOrder(out, func(s Step) string { return s.Criterion }, nil)
	slices.SortStableFunc(out, func(x, y Step) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(y.Weight, x.Weight))
	})
	return out
}

// remedies says for each kind of lack what to do about it.
var remedies = map[LackKind]string{
	LackNoControl:       "put a control in place, or map one that is",
	LackNotImplemented:  "finish %s",
	LackException:       "fix the exception of %s",
	LackEvidence:        "collect evidence of %s",
	LackFreshEvidence:   "renew the evidence of %s",
	LackPeriodEvidence:  "collect evidence of this period for %s",
	LackOwner:           "name an owner of %s",
	LackAskedUnanswered: "approve an answer",
}

// whatToDo says what to do about the lacks of a criterion, gravest first. Evidence
// that is both stale and of another period is one thing to do.
func whatToDo(s *CriterionStanding) string {
	var kinds []LackKind
	of := map[LackKind][]string{}
	for _, l := range s.Lacks {
		if l.Kind == LackPeriodEvidence && slices.Contains(of[LackFreshEvidence], l.Control) {
			continue
		}
		if !slices.Contains(kinds, l.Kind) {
			kinds = append(kinds, l.Kind)
		}
		if !slices.Contains(of[l.Kind], l.Control) {
			of[l.Kind] = append(of[l.Kind], l.Control)
		}
	}
	var out []string
	for _, k := range kinds {
		text := remedies[k]
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, upToThree(of[k]))
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// upToThree names up to three ids.
func upToThree(ids []string) string {
	const most = 3
	if len(ids) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), len(ids)-most)
	}
	return strings.Join(ids, ", ")
}

// withDetail returns s behind a separator and without its full stop, "" for "".
func withDetail(separator, s string) string {
	if s = strings.TrimRight(strings.TrimSpace(s), "."); s == "" {
		return ""
	}
	return separator + s
}
