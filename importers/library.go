package importers

import (
	"context"
	"fmt"
	"path/filepath"

	"vouch/engine"
	"vouch/importers/csv"
	"vouch/importers/list"
	"vouch/importers/register"
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
	var l Library
	found, err := readLists(ctx, path, listReader{
		json: func(data []byte, name string) (err error) {
			l.Entries, l.Problems, err = list.EntriesJSON(data, name)
			return err
		},
		isList: func(rows [][]string, kind string) bool {
			h, ok := list.DetectEntries(rows)
			if kind == csv.Format {
				return ok && isAnswerList(h)
			}
			return ok && h.IsListIn(kind)
		},
		table: func(t list.Table, name string) error {
			e, p, err := list.Entries(t, name)
			l.Entries, l.Problems = append(l.Entries, e...), append(l.Problems, p...)
			return err
		},
	})
	if err != nil {
		return Library{}, err
	}
	if !found {
		return readFilled(ctx, path)
	}
	return l, nil
}

// ReadControls reads control descriptions from a list in CSV, XLSX or JSON.
// Status and frequency are spelled as the register spells them, as far as it
// knows them.
func ReadControls(ctx context.Context, path string) (Library, error) {
	var l Library
	found, err := readLists(ctx, path, listReader{
		json: func(data []byte, name string) (err error) {
			l.Controls, l.Problems, err = list.ControlsJSON(data, name)
			return err
		},
		isList: func(rows [][]string, _ string) bool {
			_, ok := list.DetectControls(rows)
			return ok
		},
		table: func(t list.Table, name string) error {
			c, p, err := list.Controls(t, name)
			l.Controls, l.Problems = append(l.Controls, c...), append(l.Problems, p...)
			return err
		},
	})
	if err != nil {
		return Library{}, err
	}
	if !found {
		return Library{}, &engine.RefusedError{File: filepath.Base(path), Is: "it has not the headings of a list of controls", Do: "name the columns id, title, description and, if there are such, domain, criteria, owner, frequency, status, planned"}
	}
	for i := range l.Controls {
		c := &l.Controls[i]
		c.Status, c.Frequency = register.SpellStatus(c.Status), register.SpellFrequency(c.Frequency)
	}
	return l, nil
}

// listReader is what differs between lists of entries and of controls.
type listReader struct {
	json   func(data []byte, name string) error
	isList func(rows [][]string, kind string) bool
	table  func(t list.Table, name string) error
}

// readLists hands every list in a file to r, and reports whether there was one.
func readLists(ctx context.Context, path string, r listReader) (found bool, err error) {
	name := filepath.Base(path)
	kind, err := format(path)
	if err != nil {
		return false, err
	}
	if kind == formatJSON {
		data, err := readAll(path, maxListBytes)
		if err != nil {
			return false, err
		}
		return true, r.json(data, name)
	}
	tables, err := readTables(ctx, path, kind)
	if err != nil {
		return false, err
	}
	for _, t := range tables {
		if !r.isList(t.Rows, kind) {
			continue
		}
		found = true
		if err := r.table(t, name); err != nil {
			return found, err
		}
	}
	return found, nil
}

// readTables returns the rows of a CSV file, or of each visible sheet of a
// workbook.
func readTables(ctx context.Context, path, kind string) ([]list.Table, error) {
	if kind == csv.Format {
		f, err := parseCSV(path)
		if err != nil {
			return nil, err
		}
		return []list.Table{{Rows: f.Rows(), Place: f.Place}}, nil
	}
	sheets, err := xlsx.ReadSheets(ctx, path, xlsx.Limits{})
	if err != nil {
		return nil, err
	}
	var out []list.Table
	for _, s := range sheets {
		out = append(out, list.Table{Rows: s.Rows, Place: placeOn(s.Name)})
	}
	return out, nil
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
