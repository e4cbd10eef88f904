package engine

import "strings"

// Questionnaire is one file from one customer, as understood: its questions
// in the order of the file, and everything that was not taken as a question.
type Questionnaire struct {
	Name      string     `json:"name"`               // the file's base name
	Format    string     `json:"format"`             // the format package that reads and writes it: "xlsx", "csv"
	Language  string     `json:"language,omitempty"` // ISO 639-1 code of the headings' language, "" when unknown
	Layout    Layout     `json:"layout"`
	Questions []Question `json:"questions"`
	Skipped   []Skipped  `json:"skipped"` // every non-empty row that is no question, in the order of the file

	// Appended are the column headings to write if any part in those columns
	// is written: the file had no column for answers, so vouch adds one.
	Appended []PartValue `json:"appended,omitempty"`
}

// Question is one thing asked.
type Question struct {
	Ref      string  `json:"ref"`               // the customer's own id, cleaned by [CleanRef]; "" if there is none
	Section  string  `json:"section,omitempty"` // the heading it stands under
	Text     string  `json:"text"`              // cleaned by [CleanText]
	Guidance string  `json:"guidance,omitempty"`
	Locator  Locator `json:"locator"` // where Text stands
	Row      int     `json:"row"`     // the row of Text, from 1
	Parts    []Part  `json:"parts"`   // at least one
}

// Part returns the first part of kind k, or nil.
func (q *Question) Part(k PartKind) *Part {
	for i := range q.Parts {
		if q.Parts[i].Kind == k {
			return &q.Parts[i]
		}
	}
	return nil
}

// PartKind says what a part wants.
type PartKind string

// The kinds of part.
const (
	PartChoice      PartKind = "choice"      // one of Options
	PartText        PartKind = "text"        // free text that is the answer itself
	PartExplanation PartKind = "explanation" // free text beside a choice, mark or text
	PartMark        PartKind = "mark"        // one of several cells gets a mark; Options run parallel to the cells
	PartOwnership   PartKind = "ownership"   // who is responsible: provider, customer, both …
	PartDate        PartKind = "date"        // a calendar date
	PartNumber      PartKind = "number"      // a number, a score
)

// PartKinds lists every kind there is.
func PartKinds() []PartKind {
	return []PartKind{PartChoice, PartText, PartExplanation, PartMark, PartOwnership, PartDate, PartNumber}
}

// IsValid reports whether k is one of [PartKinds].
func (k PartKind) IsValid() bool {
	for _, x := range PartKinds() {
		if k == x {
			return true
		}
	}
	return false
}

// Part is one cell, or one set of cells, to fill for a question.
type Part struct {
	Kind    PartKind `json:"kind"`
	Label   string   `json:"label,omitempty"`   // the heading of its column
	Aspect  string   `json:"aspect,omitempty"`  // what a text, choice or number part is about when it is not the answer itself: "evidence", "maturity", "customer"
	Locator Locator  `json:"locator"`           // for a mark one cell per option
	Options []string `json:"options,omitempty"` // as spelled in the file; empty for free text
	Mark    string   `json:"mark,omitempty"`    // for a mark: what this file writes in the chosen cell
	Value   string   `json:"value,omitempty"`   // what the customer's file already holds; for a mark the chosen option

	// Placeholder says that the cell holds a text that only keeps the place of
	// an answer ("Please select"). It is not a Value and is replaced.
	Placeholder bool `json:"placeholder,omitempty"`
}

// IsAnswer reports whether the part carries the answer itself, not something
// beside it: a choice, mark, text, date or number with no aspect of its own.
func (p *Part) IsAnswer() bool {
	switch p.Kind {
	case PartExplanation, PartOwnership:
		return false
	}
	return p.Aspect == ""
}

// PartValue is a part together with the value to write into it. For a choice
// and a mark the value is one of the part's options, spelled as there.
type PartValue struct {
	Part  Part   `json:"part"`
	Value string `json:"value"`
}

// Locator says where a question or a part sits in its file. Only the format
// that made it reads it; everything else may show it to a person.
type Locator struct {
	Sheet string   `json:"sheet,omitempty"`
	Cells []string `json:"cells"`          // A1 references; one, or one per option of a mark
	Like  string   `json:"like,omitempty"` // the cell whose formatting a cell that does not exist yet takes
}

// String returns the locator as people write it: Sheet!C5, or C5|D5|E5 for
// several cells, without the sheet where the file has none.
func (l Locator) String() string {
	cells := strings.Join(l.Cells, "|")
	if l.Sheet == "" {
		return cells
	}
	return l.Sheet + "!" + cells
}

// SkipReason says why a row is not a question to answer.
type SkipReason string

// The reasons for which a row is not taken as a question.
const (
	SkipHeading     SkipReason = "heading"       // column headings, first or restated
	SkipSection     SkipReason = "section"       // a section title
	SkipOutside     SkipReason = "outside_table" // title, instructions, notes around the tables
	SkipNoQuestion  SkipReason = "no_question"   // inside a table, but no question text
	SkipNoAnswer    SkipReason = "no_answer_cell"
	SkipFormula     SkipReason = "formula_answer" // its answer cells are formulas
	SkipRepeated    SkipReason = "repeated"       // asked elsewhere in the file; the answer is copied from there by formulas
	SkipAnalyst     SkipReason = "analyst_only"   // its cells are for the customer's own people
	SkipHiddenSheet SkipReason = "hidden_sheet"
	SkipHiddenRow   SkipReason = "hidden_row"
	SkipHiddenCol   SkipReason = "hidden_column" // its question or answer column is hidden
	SkipReference   SkipReason = "reference"     // a sheet or table of reference data: lists, mappings, change logs
	SkipLayout      SkipReason = "layout"        // excluded by the layout file
	SkipSharedCell  SkipReason = "shared_cell"   // its answer cell is merged into that of an earlier question
)

// skipTexts gives each reason its sentence for people.
var skipTexts = map[SkipReason]string{
	SkipHeading:     "column headings",
	SkipSection:     "section title",
	SkipOutside:     "outside the question tables",
	SkipNoQuestion:  "no question in the question column",
	SkipNoAnswer:    "no cell to answer in",
	SkipFormula:     "the answer cells are formulas",
	SkipRepeated:    "asked elsewhere in the file, copied from there by formula",
	SkipAnalyst:     "for the customer's own people",
	SkipHiddenSheet: "hidden sheet",
	SkipHiddenRow:   "hidden row",
	SkipHiddenCol:   "hidden column",
	SkipReference:   "reference data, no questions",
	SkipLayout:      "excluded by the layout",
	SkipSharedCell:  "shares the answer cell of an earlier question",
}

// Text returns the reason in words.
func (r SkipReason) Text() string {
	if t, ok := skipTexts[r]; ok {
		return t
	}
	return string(r)
}

// Skipped is a non-empty row that was not taken as a question.
type Skipped struct {
	Sheet  string     `json:"sheet,omitempty"`
	Row    int        `json:"row"` // from 1
	Reason SkipReason `json:"reason"`
	Detail string     `json:"detail,omitempty"` // which question it repeats, what is hidden
	Text   string     `json:"text"`             // the start of what the row says, at most 80 characters
}
