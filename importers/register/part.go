package register

import (
	"fmt"
	"strings"

	"vouch/engine/assurance"
)

// Part is what one file says of a register: all of it or, as a table of
// evidence does, a part. [Join] makes the register of the parts.
type Part struct {
	company   string
	customers []string
	root      source // of company and customers

	reports  []reportPart
	controls []controlPart
	evidence []evidencePart
	loose    []loose
}

type reportPart struct {
	assurance.Report
	source
}

type controlPart struct {
	assurance.Control
	source
}

type evidencePart struct {
	assurance.Evidence
	source
}

// loose is a test, a subservice organisation or a finding in a table of its
// own: it names its report.
type loose struct {
	report string
	source

	test       *assurance.Test
	subservice *assurance.Subservice
	finding    *assurance.Weakness
}

// IsEmpty reports whether the part says nothing.
func (p *Part) IsEmpty() bool {
	return p.company == "" && len(p.customers)+len(p.reports)+len(p.controls)+len(p.evidence)+len(p.loose) == 0
}

// Join makes one register of parts, in their order, and returns what is wrong
// with it, with the places in their files. A register with problems must not
// be relied on. Of several parts the first with a company names it.
func Join(parts ...*Part) (*assurance.Register, []Problem) { return JoinOver(nil, parts...) }

type joiner struct {
	register *assurance.Register
	problems []Problem

	byID      map[string]int // reports by id, folded
	reports   []reportSources
	controls  []source
	evidence  []source
	customers []customerSource
	company   source
}

// reportSources are a report's own source, and those of what tables say of it
// besides: one for each test, organisation and finding, nil for the report's
// own.
type reportSources struct {
	source
	tests, subservices, findings []*source
}

type customerSource struct {
	source
	index int // in its file
}

func fold(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

func (j *joiner) add(p *Part) {
	r := j.register
	if r.Company == "" && p.company != "" {
		r.Company, j.company = p.company, p.root
	}
	for i, c := range p.customers {
		r.Customers = append(r.Customers, c)
		j.customers = append(j.customers, customerSource{p.root, i})
	}
	for i := range p.reports {
		x := &p.reports[i]
		if _, twice := j.byID[fold(x.ID)]; !twice {
			j.byID[fold(x.ID)] = len(r.Reports)
		}
		report := withOwnLists(&x.Report)
		r.Reports = append(r.Reports, report)
		j.reports = append(j.reports, sourcesOf(x.source, &report))
	}
	for i := range p.controls {
		r.Controls = append(r.Controls, p.controls[i].Control)
		j.controls = append(j.controls, p.controls[i].source)
	}
	for i := range p.evidence {
		r.Evidence = append(r.Evidence, p.evidence[i].Evidence)
		j.evidence = append(j.evidence, p.evidence[i].source)
	}
}

// withOwnLists returns the report with lists that may be added to: what tables
// say of it must not end up where the report came from.
func withOwnLists(r *assurance.Report) assurance.Report {
	out := *r
	out.Tests = append([]assurance.Test(nil), r.Tests...)
	out.Subservices = append([]assurance.Subservice(nil), r.Subservices...)
	out.Findings = append([]assurance.Weakness(nil), r.Findings...)
	return out
}

func sourcesOf(s source, r *assurance.Report) reportSources {
	return reportSources{source: s, tests: make([]*source, len(r.Tests)), subservices: make([]*source, len(r.Subservices)), findings: make([]*source, len(r.Findings))}
}

// attach puts what a table says of a report into the report.
func (j *joiner) attach(l loose) {
	i, ok := j.byID[fold(l.report)]
	if !ok {
		if len(j.problems) < maxProblems {
			j.problems = append(j.problems, Problem{Place: l.find(".report"), Path: "report", Text: "there is no report of that id; add the report, or correct the id"})
		}
		return
	}
	r, s := &j.register.Reports[i], &j.reports[i]
	switch {
	case l.test != nil:
		r.Tests, s.tests = lay(r.Tests, s.tests, s, *l.test, &l.source, func(t *assurance.Test) string { return fold(t.Control) })
	case l.subservice != nil:
		r.Subservices, s.subservices = lay(r.Subservices, s.subservices, s, *l.subservice, &l.source, func(x *assurance.Subservice) string { return fold(x.Name) + "\x00" + fold(x.Service) })
	case l.finding != nil:
		r.Findings, s.findings = lay(r.Findings, s.findings, s, *l.finding, &l.source, func(w *assurance.Weakness) string { return w.Severity })
	}
}

// lay adds x to a list of a report and its source to those of the list. In a
// stored report it takes the place of what has the same key.
func lay[T any](list []T, from []*source, of *reportSources, x T, s *source, key func(*T) string) ([]T, []*source) {
	if of.isStored() {
		for i := range list {
			if from[i] == nil && key(&list[i]) == key(&x) {
				list[i], from[i] = x, s
				return list, from
			}
		}
	}
	return append(list, x), append(from, s)
}

// find returns the place of a path of the joined register.
func (j *joiner) find(path string) Place {
	name, i, rest := first(path)
	switch {
	case name == "company":
		return j.company.find(".company")
	case name == "customers" && i < len(j.customers) && i >= 0:
		c := j.customers[i]
		return c.find(fmt.Sprintf(".customers[%d]", c.index))
	case name == "controls" && i < len(j.controls) && i >= 0:
		return j.controls[i].find(rest)
	case name == "evidence" && i < len(j.evidence) && i >= 0:
		return j.evidence[i].find(rest)
	case name == "reports" && i < len(j.reports) && i >= 0:
		return j.reports[i].findIn(rest)
	}
	for _, s := range [][]source{j.controls, j.evidence} { // a limit on all of them
		if len(s) > 0 {
			return Place{File: s[0].file}
		}
	}
	if len(j.reports) > 0 {
		return Place{File: j.reports[0].file}
	}
	return Place{}
}

// findIn is find below one report.
func (s reportSources) findIn(path string) Place {
	if path != "" {
		name, i, rest := first(path[1:])
		for _, x := range []struct {
			name string
			from []*source
		}{{"tests", s.tests}, {"subservices", s.subservices}, {"findings", s.findings}} {
			if name == x.name && i >= 0 && i < len(x.from) && x.from[i] != nil {
				return x.from[i].find(rest)
			}
		}
	}
	return s.find(path)
}

// first takes a path apart: "reports[2].to" is reports, 2 and ".to". The index
// is -1 if there is none.
func first(path string) (name string, index int, rest string) {
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, -1, ""
	}
	name, rest = path[:end], path[end:]
	if rest[0] != '[' {
		return name, -1, rest
	}
	if _, err := fmt.Sscanf(rest, "[%d]", &index); err != nil {
		return name, -1, rest
	}
	return name, index, rest[strings.IndexByte(rest, ']')+1:]
}
