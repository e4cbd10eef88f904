package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"vouch/engine/assurance"
)

// StoredFile stands for the file in the place of a problem with what was
// stored already.
const StoredFile = "the stored register"

// JoinOver lays parts over a stored register, which may be nil, and returns
// the register that comes of it and what is wrong with it. stored is not
// changed.
//
//   - A report, control or piece of evidence with the id of a stored one takes
//     its place; others are added behind. Nothing is removed.
//   - A company's name replaces the stored one; customers are united.
//   - Rows of tests, subservices and findings go to the report they name, be
//     it in a file or stored. In a stored report a row takes the place of the
//     test of the same control, the organisation of the same name and service,
//     the findings of the same severity.
//   - A report in a table cannot say what was tested: it keeps the stored
//     tests, unless rows of tests for it come with it; the same holds for
//     subservices and findings.
//
// So to lay the same files over the result changes nothing. Problems of the
// files have their places there; those of what was stored have [StoredFile]
// and the id. Values of stored controls are spelled as those of files.
func JoinOver(stored *assurance.Register, parts ...*Part) (*assurance.Register, []Problem) {
	j := joiner{register: &assurance.Register{}, byID: map[string]int{}}
	for _, p := range parts {
		j.add(p)
	}
	// What is stored stands behind, so that the problems of a file count its
	// entries as the file does.
	if stored != nil {
		j.keep(stored)
	}
	for _, p := range parts {
		for _, l := range p.loose {
			j.attach(l)
		}
	}
	if stored != nil {
		j.inherit(stored)
	}
	for _, p := range j.register.Validate() {
		if len(j.problems) == maxProblems {
			break
		}
		j.problems = append(j.problems, j.problem(p))
	}
	if stored != nil {
		j.arrange(stored)
	}
	return j.register, j.problems
}

// keep adds what is stored and no part replaces.
func (j *joiner) keep(stored *assurance.Register) {
	r := j.register
	if r.Company == "" {
		r.Company, j.company = stored.Company, source{stored: "company"}
	}
	for _, name := range missing(stored.Customers, r.Customers, func(s *string) string { return *s }) {
		r.Customers = append(r.Customers, name)
		j.customers = append(j.customers, customerSource{source: source{stored: "customers"}})
	}
	for _, x := range missing(stored.Reports, r.Reports, reportID) {
		x = withOwnLists(&x)
		j.byID[fold(x.ID)] = len(r.Reports)
		r.Reports = append(r.Reports, x)
		j.reports = append(j.reports, sourcesOf(source{stored: "report " + x.ID}, &x))
	}
	for _, x := range missing(stored.Controls, r.Controls, controlID) {
		x.Criteria = slices.Clone(x.Criteria)
		spellControl(&x)
		r.Controls = append(r.Controls, x)
		j.controls = append(j.controls, source{stored: "control " + x.ID})
	}
	for _, x := range missing(stored.Evidence, r.Evidence, evidenceID) {
		r.Evidence = append(r.Evidence, x)
		j.evidence = append(j.evidence, source{stored: "evidence " + x.ID})
	}
}

func reportID(r *assurance.Report) string     { return r.ID }
func controlID(c *assurance.Control) string   { return c.ID }
func evidenceID(e *assurance.Evidence) string { return e.ID }

// missing returns what of list is not in other, by id.
func missing[T any](list, other []T, id func(*T) string) []T {
	there := map[string]bool{}
	for i := range other {
		there[fold(id(&other[i]))] = true
	}
	var out []T
	for i := range list {
		if !there[fold(id(&list[i]))] {
			out = append(out, list[i])
		}
	}
	return out
}

// inherit gives reports from tables the stored lists that no row replaces.
func (j *joiner) inherit(stored *assurance.Register) {
	for i := range stored.Reports {
		old := &stored.Reports[i]
		k, ok := j.byID[fold(old.ID)]
		if !ok || j.reports[k].at == nil {
			continue
		}
		r, s, own := &j.register.Reports[k], &j.reports[k], withOwnLists(old)
		if len(r.Tests) == 0 {
			r.Tests, s.tests = own.Tests, make([]*source, len(own.Tests))
		}
		if len(r.Subservices) == 0 {
			r.Subservices, s.subservices = own.Subservices, make([]*source, len(own.Subservices))
		}
		if len(r.Findings) == 0 {
			r.Findings, s.findings = own.Findings, make([]*source, len(own.Findings))
		}
	}
}

// arrange puts the register into the order of the stored one, what is new
// behind.
func (j *joiner) arrange(stored *assurance.Register) {
	r := j.register
	r.Reports = arranged(stored.Reports, r.Reports, reportID)
	r.Controls = arranged(stored.Controls, r.Controls, controlID)
	r.Evidence = arranged(stored.Evidence, r.Evidence, evidenceID)
	r.Customers = append(slices.Clone(stored.Customers), missing(r.Customers, stored.Customers, func(s *string) string { return *s })...)
}

func arranged[T any](stored, joined []T, id func(*T) string) []T {
	at := map[string]int{}
	for i := range stored {
		at[fold(id(&stored[i]))] = i
	}
	place := func(x *T) int {
		if i, ok := at[fold(id(x))]; ok {
			return i
		}
		return len(stored)
	}
	slices.SortStableFunc(joined, func(a, b T) int { return place(&a) - place(&b) })
	return joined
}

// entryForm is how an entry of the register is named in a sentence.
var entryForm = regexp.MustCompile(`\b(?:reports|controls|evidence|customers)\[[0-9]+\]`)

// problem returns a problem of the register with its place. What is stored is
// named by its id, for nobody sees it counted; a problem of something stored
// with something given is the given one's.
func (j *joiner) problem(p assurance.Problem) Problem {
	place := j.find(p.Path)
	entry := entryForm.FindString(p.Path)
	if entry == "" || !j.isStored(entry) {
		return Problem{Place: place, Path: p.Path, Text: j.named(p.Text)}
	}
	field := strings.TrimPrefix(strings.TrimPrefix(p.Path, entry), ".")
	for _, other := range entryForm.FindAllString(p.Text, -1) {
		if !j.isStored(other) {
			text := fmt.Sprintf("beside it there is a problem with %s: %s: %s", j.name(entry), field, j.named(p.Text))
			return Problem{Place: j.find(other + "." + field), Path: other, Text: text}
		}
	}
	if place.File != StoredFile { // a row that says something of a stored report
		field = field[strings.LastIndexByte(field, '.')+1:]
	}
	return Problem{Place: place, Path: field, Text: j.named(p.Text)}
}

// named names what is stored by its id.
func (j *joiner) named(text string) string {
	return entryForm.ReplaceAllStringFunc(text, func(entry string) string {
		if j.isStored(entry) {
			return j.name(entry)
		}
		return entry
	})
}

func (j *joiner) isStored(entry string) bool { return j.find(entry).File == StoredFile }

func (j *joiner) name(entry string) string { return "the stored " + j.find(entry).At }

// SpellFrequency returns how often a control runs as the register spells it,
// and what it was given if it is nothing that the register knows.
func SpellFrequency(s string) string { return spell("frequency", s) }

// SpellStatus is [SpellFrequency] for how far a control is in place.
func SpellStatus(s string) string { return spell("status", s) }
