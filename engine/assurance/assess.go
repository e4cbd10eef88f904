package assurance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// assess is the work on one readiness.
type assess struct {
	framework Framework
	on        Day
	report    *Report
	evidence  map[string]lastShown
	at        map[string]int   // where in standings the criterion of a key is
	under     map[string][]int // where in standings the control of a key is
	standings []CriterionStanding
}

func (a *assess) criteria(criteria []Criterion) {
	for _, c := range criteria {
		key := idRuns(c.ID)
		if c.Framework != "" && c.Framework.orSOC2() != a.framework || a.has(key) {
			continue
		}
		a.at[key] = len(a.standings)
		a.standings = append(a.standings, CriterionStanding{ID: c.ID, Category: c.Category, Title: c.Title})
	}
}

func (a *assess) has(key string) bool {
	_, ok := a.at[key]
	return ok
}

// of returns the places of the criteria that ids name, each once.
func (a *assess) of(ids []string) []int {
	var out []int
	for _, id := range ids {
		key := idRuns(id)
		for _, p := range criterionPrefixes[a.framework] {
			if a.has(key) {
				break
			}
			if rest, ok := strings.CutPrefix(key, p+"."); ok && a.has(rest) {
				key = rest
			}
		}
		if i := strings.LastIndexByte(key, '.'); a.framework == CCM && !a.has(key) && i > 0 {
			key = key[:i] // CEK-03.1 is a question about CEK-03
		}
		if i, ok := a.at[key]; ok && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

func (a *assess) controls(controls []Control) {
	for _, c := range inOrder(controls, func(c Control) string { return c.ID }, func(x, y Control) int { return cmp.Compare(x.Title, y.Title) }) {
		places := a.of(c.Criteria)
		if len(places) == 0 {
			continue
		}
		key := foldID(c.ID)
		s := ControlStanding{ID: c.ID, Title: c.Title, Status: c.Status, Owner: strings.TrimSpace(c.Owner), Frequency: c.Frequency, planned: c.Planned}
		if e := a.evidence[key]; e.last != nil {
			last := *e.last
			s.Evidence, s.Shows, s.FreshUntil, s.Undated = &last, e.day, freshUntil(e.day, c.Frequency), e.undated
		} else {
			s.Undated = e.undated
		}
		for _, i := range places {
			a.standings[i].Controls = append(a.standings[i].Controls, s)
			if !slices.Contains(a.under[key], i) {
				a.under[key] = append(a.under[key], i)
			}
		}
	}
}

// exceptions puts the open exceptions of the report where they belong: to the
// criteria that the test names, else to those of its control.
func (a *assess) exceptions() {
	if a.report == nil {
		return
	}
	tests := inOrder(a.report.Exceptions(), func(t Test) string { return t.Control }, func(x, y Test) int { return cmp.Compare(x.Text, y.Text) })
	for _, t := range tests {
		if !t.Fixed.IsZero() && !t.Fixed.After(a.on) {
			continue
		}
		places := a.of(t.Criteria)
		if len(places) == 0 {
			places = a.under[foldID(t.Control)]
		}
		for _, i := range places {
			s := &a.standings[i]
			s.lack(LackException, t.Control, WeightUnproven, "%s had an exception in the %s (%s) that is not fixed%s.", t.Control, a.report.Name(), a.report.ID, withDetail(": ", t.Text))
			for k := range s.Controls {
				if strings.EqualFold(strings.TrimSpace(s.Controls[k].ID), strings.TrimSpace(t.Control)) {
					s.Controls[k].Exception = cmp.Or(t.Text, "not described")
				}
			}
		}
	}
}

// ask puts the questions of the last 12 months where they belong, and returns
// how many belong nowhere.
func (a *assess) ask(asked []Asked) (elsewhere int) {
	since := a.on.AddMonths(-askedMonths)
	for _, q := range asked {
		if q.On.Before(since) || q.On.After(a.on) {
			continue
		}
		places := a.of(q.Criteria)
		if len(places) == 0 {
			elsewhere++
		}
		for _, i := range places {
			a.standings[i].Asked = append(a.standings[i].Asked, q)
		}
	}
	for i := range a.standings {
		slices.SortStableFunc(a.standings[i].Asked, func(x, y Asked) int {
			return cmp.Or(y.On.t.Compare(x.On.t), cmp.Compare(x.Question, y.Question), cmp.Compare(x.Customer, y.Customer), cmp.Compare(x.Reason, y.Reason))
		})
	}
	return elsewhere
}

func (s *CriterionStanding) lack(kind LackKind, control string, weight int, format string, args ...any) {
	s.Lacks = append(s.Lacks, Lack{kind, control, weight, fmt.Sprintf(format, args...)})
}

// outOfScope reports whether a criterion is of a category that the report does
// not have, and nothing speaks for anybody wanting it.
func (a *assess) outOfScope(s *CriterionStanding) bool {
	return a.framework == TrustServices && a.report != nil && len(categoriesOnly(a.report.Criteria)) > 0 &&
		slices.Contains(Categories(), s.Category) && !a.report.HasCategory(s.Category) && len(s.Controls) == 0 && len(s.Asked) == 0
}

// judge adds what a criterion lacks, and gives it its level.
func (a *assess) judge(s *CriterionStanding) {
	if a.outOfScope(s) {
		s.Level = LevelOutOfScope
		return
	}
	var holding, partial, planned, excluded, retired int
	for _, c := range s.Controls {
		switch {
		case c.Status.Holds():
			holding++
		case c.Status == NotApplicable:
			excluded++
		case c.Status == Retired:
			retired++
		case c.Status == Planned:
			planned++
		default:
			partial++
		}
	}
	out := holding+partial+planned == 0 && excluded > 0
	if len(s.Controls) == 0 {
		s.lack(LackNoControl, "", WeightNothing, "No control is mapped to the criterion.")
	}
	for i := range s.Controls {
		c := &s.Controls[i]
		switch c.Status {
		case NotApplicable:
		case Retired:
			if holding+partial+planned+excluded == 0 {
				s.lack(LackNotImplemented, c.ID, WeightNothing, "%s is retired and no other control is in its place.", c.ID)
			}
		default:
			s.status(c, holding, partial)
			if c.Owner == "" {
				s.lack(LackOwner, c.ID, WeightUnsettled, "%s has no owner.", c.ID)
			}
			if c.Status != Planned {
				a.evident(s, c)
			}
		}
	}
	switch n := len(s.Asked); n {
	case 0:
	case 1:
		s.lack(LackAskedUnanswered, "", WeightUnsettled, "A question of the last %d months ended as a gap.", askedMonths)
	default:
		s.lack(LackAskedUnanswered, "", WeightUnsettled, "%d questions of the last %d months ended as gaps.", n, askedMonths)
	}
	order := LackKinds() // within a kind they are in the order of the controls
	slices.SortStableFunc(s.Lacks, func(x, y Lack) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(slices.Index(order, x.Kind), slices.Index(order, y.Kind)))
	})
	if len(s.Lacks) > 0 {
		s.Weight = s.Lacks[0].Weight
	}
	switch {
	case out:
		s.Level = LevelNotApplicable
	case s.Weight == WeightNothing:
		s.Level = LevelMissing
	case s.Weight > 0:
		s.Level = LevelAttention
	default:
		s.Level = LevelReady
	}
}

// status adds what the status of a control lacks; holding and partial count
// the controls of the criterion that are in place, and in place in part.
func (s *CriterionStanding) status(c *ControlStanding, holding, partial int) {
	weight := WeightUnsettled
	switch {
	case c.Status.Holds():
		return
	case holding > 0:
	case partial > 0:
		weight = WeightUnproven
	default:
		weight = WeightNothing
	}
	switch c.Status {
	case Planned:
		s.lack(LackNotImplemented, c.ID, weight, "%s is planned and not in place%s.", c.ID, withDetail(": ", c.planned))
	case Partial:
		s.lack(LackNotImplemented, c.ID, weight, "%s is in place in part%s.", c.ID, withDetail(": ", c.planned))
	default:
		s.lack(LackNotImplemented, c.ID, weight, "%s has the status %.40q, which does not say that it is in place.", c.ID, c.Status)
	}
}

// evident adds what the evidence of a control lacks.
func (a *assess) evident(s *CriterionStanding, c *ControlStanding) {
	if c.Evidence == nil {
		if c.Undated > 0 {
			s.lack(LackEvidence, c.ID, WeightUnproven, "%s has evidence, but none with a day up to %s.", c.ID, a.on.Long())
		} else {
			s.lack(LackEvidence, c.ID, WeightUnproven, "%s has no evidence.", c.ID)
		}
		return
	}
	if a.on.After(c.FreshUntil) {
		often := "no frequency is stated"
		if c.Frequency != "" {
			often = "frequency: " + c.Frequency
		}
		s.lack(LackFreshEvidence, c.ID, WeightUnsettled, "The last evidence of %s shows %s; newer was due by %s (%s).", c.ID, c.Shows.Long(), c.FreshUntil.Long(), often)
	}
	if a.report != nil && c.Shows.Before(a.report.From) {
		s.lack(LackPeriodEvidence, c.ID, WeightUnsettled, "The last evidence of %s shows %s, before the period of the %s (%s) began on %s.", c.ID, c.Shows.Long(), a.report.Name(), a.report.ID, a.report.From.Long())
	}
}
