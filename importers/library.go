package importers

import (
	"context"
	"fmt"
	"path/filepath"

	"vouch/engine"
	"vouch/importers/csv"
	"vouch/importers/list"
	"vouch/importers/xlsx"
)

// Library is what a file held for the library: entries or controls, and every
// row that was not taken with the reason.
type Library struct {
	Entries  []engine.Entry
	Controls []engine.Control
	Problems []list.Problem
	Filled   bool // read as a filled questionnaire, not as a list
}

// ReadEntries reads past answers from the file at path: a list in CSV, XLSX or
// JSON whose headings name a question and an answer, or a filled
// questionnaire, read as [Read] would and with its answers taken out.
func ReadEntries(ctx context.Context, path string) (Library, error) {
	name := filepath.Base(path)
	kind, err := format(path)
	if err != nil {
		return Library{}, err
	}
	var l Library
	switch kind {
	case formatJSON:
		data, err := readAll(path, maxListBytes)
		if err != nil {
			return Library{}, err
		}
		l.Entries, l.Problems, err = list.EntriesJSON(data, name)
		return l, err
	case csv.Format:
		f, err := parseCSV(path)
		if err != nil {
			return Library{}, err
		}
		if h, ok := list.DetectEntries(f.Rows()); ok && isAnswerList(h) {
			l.Entries, l.Problems, err = list.Entries(list.Table{Rows: f.Rows(), Place: f.Place}, name)
			return l, err
		}
	default:
		sheets, err := xlsx.ReadSheets(ctx, path, xlsx.Limits{})
		if err != nil {
			return Library{}, err
		}
		found := false
		for _, s := range sheets {
			if h, ok := list.DetectEntries(s.Rows); !ok || !h.IsListIn(xlsx.Format) {
				continue
			}
			found = true
			e, p, err := list.Entries(list.Table{Rows: s.Rows, Place: placeOn(s.Name)}, name)
			if err != nil {
				return Library{}, err
			}
			l.Entries, l.Problems = append(l.Entries, e...), append(l.Problems, p...)
		}
		if found {
			return l, nil
		}
	}
	return readFilled(ctx, path)
}

// isAnswerList tells a list in CSV from a questionnaire in CSV: a list has a
// column for the answer, or one that only lists have. A questionnaire may have
// columns to be marked instead, which detection reads.
func isAnswerList(h list.Header) bool {
	_, ok := h.Column(list.RoleAnswer)
	return ok || h.IsList
}

// maxListBytes bounds a JSON list.
const maxListBytes = 50 << 20

// placeOn names a row of a sheet for people.
func placeOn(sheet string) func(row int) string {
	return func(row int) string { return fmt.Sprintf("%s!%d", sheet, row) }
}

// readFilled takes the answers out of a filled questionnaire.
func readFilled(ctx context.Context, path string) (Library, error) {
	name := filepath.Base(path)
	q, err := Read(ctx, path, nil)
	if err != nil {
		return Library{}, err
	}
	if len(q.Questions) == 0 {
		return Library{}, &engine.RefusedError{File: name, Is: "there are no questions and answers in it", Do: "name the columns question and answer, or look at what is understood with vouch inspect"}
	}
	l := Library{Filled: true}
	for i := range q.Questions {
		e, ok := filledEntry(&q.Questions[i])
		if !ok {
			l.Problems = append(l.Problems, list.Problem{Place: q.Questions[i].Locator.String(), Row: q.Questions[i].Row, Text: "there is no answer"})
			continue
		}
		e.Source.File = name
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// filledEntry makes the entry of a question that the file answers. An
// explanation without an answer is one as well: some vendors answer so.
func filledEntry(q *engine.Question) (engine.Entry, bool) {
	e := engine.Entry{Question: q.Text, Section: q.Section, Source: engine.Source{Ref: q.Ref, Place: q.Locator.String()}}
	for _, p := range q.Parts {
		switch {
		case p.Value == "":
		case p.Kind == engine.PartOwnership:
			e.Ownership = p.Value
		case p.Kind == engine.PartExplanation:
			e.Text = join(e.Text, p.Value)
		case p.IsAnswer():
			takeAnswer(&e, p.Value)
		}
	}
	return e, e.Verdict != engine.VerdictNone || e.Answer != "" || e.Text != ""
}

// takeAnswer puts what an answer cell says into the entry: a verdict, the
// wording of it where it says more ("Fully implemented"), or a narrative.
func takeAnswer(e *engine.Entry, value string) {
	if v, ok := engine.ParseVerdict(value); ok {
		e.Verdict = v
		if engine.FoldWords(value) != engine.FoldWords(string(v)) {
			e.Answer = value
		}
		return
	}
	if v, rest, ok := engine.LeadingVerdict(value); ok && rest != "" {
		e.Verdict = v
		e.Text = join(e.Text, value)
		return
	}
	e.Answer = value
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

// ReadControls reads control descriptions from a list in CSV, XLSX or JSON.
func ReadControls(ctx context.Context, path string) (Library, error) {
	name := filepath.Base(path)
	kind, err := format(path)
	if err != nil {
		return Library{}, err
	}
	var l Library
	switch kind {
	case formatJSON:
		data, err := readAll(path, maxListBytes)
		if err != nil {
			return Library{}, err
		}
		l.Controls, l.Problems, err = list.ControlsJSON(data, name)
		return l, err
	case csv.Format:
		f, err := parseCSV(path)
		if err != nil {
			return Library{}, err
		}
		l.Controls, l.Problems, err = list.Controls(list.Table{Rows: f.Rows(), Place: f.Place}, name)
		return l, err
	}
	sheets, err := xlsx.ReadSheets(ctx, path, xlsx.Limits{})
	if err != nil {
		return Library{}, err
	}
	found := false
	for _, s := range sheets {
		if _, ok := list.DetectControls(s.Rows); !ok {
			continue
		}
		found = true
		c, p, err := list.Controls(list.Table{Rows: s.Rows, Place: placeOn(s.Name)}, name)
		if err != nil {
			return Library{}, err
		}
		l.Controls, l.Problems = append(l.Controls, c...), append(l.Problems, p...)
	}
	if !found {
		return Library{}, &engine.RefusedError{File: name, Is: "no sheet has the headings of a list of controls", Do: "name the columns id, title, description and, if there are such, domain, criteria, owner, frequency, status"}
	}
	return l, nil
}
