package engine

import (
	"fmt"
	"regexp"
)

// Layout is what was understood of a file's shape. A person can correct it
// and have the file read again with the correction; it is remembered by
// Shape, so that the next copy of the same questionnaire is read the same way.
type Layout struct {
	Format string        `json:"format" yaml:"format"` // "xlsx", "csv"
	Shape  string        `json:"shape" yaml:"shape"`   // fingerprint of sheets and headings, without the contents
	Sheets []SheetLayout `json:"sheets" yaml:"sheets"`
}

// SheetLayout is one sheet. A sheet without tables is not answered.
type SheetLayout struct {
	Name   string        `json:"name" yaml:"name"`
	Note   string        `json:"note,omitempty" yaml:"note,omitempty"` // why nothing is asked here, for people
	Tables []TableLayout `json:"tables,omitempty" yaml:"tables,omitempty"`
}

// TableLayout is a block of rows that share the meaning of their columns.
type TableLayout struct {
	Heading RowRange       `json:"heading" yaml:"heading"`                     // zero if the block has no headings of its own
	Rows    RowRange       `json:"rows" yaml:"rows"`                           // below the headings, sections and notes included
	Section string         `json:"section,omitempty" yaml:"section,omitempty"` // the section its first rows belong to
	Columns []ColumnLayout `json:"columns" yaml:"columns"`
	Exclude []int          `json:"exclude,omitempty" yaml:"exclude,omitempty"` // rows that are no questions, whatever they look like
	Include []int          `json:"include,omitempty" yaml:"include,omitempty"` // rows that are questions, whatever they look like
}

// RowRange is a range of rows, from 1, both ends included.
type RowRange struct {
	First int `json:"first" yaml:"first"`
	Last  int `json:"last" yaml:"last"`
}

// Contains reports whether row n lies in r.
func (r RowRange) Contains(n int) bool { return r.First > 0 && n >= r.First && n <= r.Last }

// ColumnLayout is the role of one column.
type ColumnLayout struct {
	Column  string     `json:"column" yaml:"column"` // letters, as in the file: "C"
	Role    ColumnRole `json:"role" yaml:"role"`
	Heading string     `json:"heading,omitempty" yaml:"heading,omitempty"`
	Options []string   `json:"options,omitempty" yaml:"options,omitempty"` // of a mark column: the one it stands for
	Aspect  string     `json:"aspect,omitempty" yaml:"aspect,omitempty"`   // of a further answer column: what it is about
	Append  bool       `json:"append,omitempty" yaml:"append,omitempty"`   // the column does not exist yet and is added
}

// ColumnRole is what a column holds.
type ColumnRole string

// The roles of columns. The ones a vendor fills are named as the part kinds.
const (
	RoleRef         ColumnRole = "ref"
	RoleQuestion    ColumnRole = "question"
	RoleSection     ColumnRole = "section"
	RoleGuidance    ColumnRole = "guidance"
	RoleAnswer      ColumnRole = "answer" // a choice where the cell has options, else text
	RoleMark        ColumnRole = "mark"
	RoleExplanation ColumnRole = "explanation"
	RoleOwnership   ColumnRole = "ownership"
	RoleEvidence    ColumnRole = "evidence"
	RoleMaturity    ColumnRole = "maturity"
	RoleCustomer    ColumnRole = "customer" // what the customer has to do, as the vendor sees it
	RoleDate        ColumnRole = "date"
	RoleNumber      ColumnRole = "number"
	RoleAnalyst     ColumnRole = "analyst"   // for the customer's own people: never written
	RoleReference   ColumnRole = "reference" // mappings, control texts: never written
	RoleIgnore      ColumnRole = "ignore"
)

// ColumnRoles lists every role there is.
func ColumnRoles() []ColumnRole {
	return []ColumnRole{
		RoleRef, RoleQuestion, RoleSection, RoleGuidance, RoleAnswer, RoleMark, RoleExplanation, RoleOwnership,
		RoleEvidence, RoleMaturity, RoleCustomer, RoleDate, RoleNumber, RoleAnalyst, RoleReference, RoleIgnore,
	}
}

// IsValid reports whether r is one of [ColumnRoles].
func (r ColumnRole) IsValid() bool {
	for _, x := range ColumnRoles() {
		if r == x {
			return true
		}
	}
	return false
}

// IsFilled reports whether a vendor writes into columns of this role.
func (r ColumnRole) IsFilled() bool {
	switch r {
	case RoleAnswer, RoleMark, RoleExplanation, RoleOwnership, RoleEvidence, RoleMaturity, RoleCustomer, RoleDate, RoleNumber:
		return true
	}
	return false
}

var columnName = regexp.MustCompile(`^[A-Z]{1,3}$`)

// Validate returns the first thing wrong with a layout that a person wrote:
// where it is, what it says and what would be accepted.
func (l *Layout) Validate() error {
	if l.Format == "" {
		return fmt.Errorf(`layout: format is missing; write "xlsx" or "csv"`)
	}
	seen := map[string]bool{}
	for i, s := range l.Sheets {
		if seen[s.Name] {
			return fmt.Errorf("layout: sheet %q is listed twice", s.Name)
		}
		seen[s.Name] = true
		for j, t := range s.Tables {
			if err := t.validate(); err != nil {
				return fmt.Errorf("layout: sheet %d %q, table %d: %w", i+1, s.Name, j+1, err)
			}
		}
	}
	return nil
}

func (t *TableLayout) validate() error {
	if t.Rows.First < 1 || t.Rows.Last < t.Rows.First {
		return fmt.Errorf("rows %d to %d: rows count from 1 and the last is not before the first", t.Rows.First, t.Rows.Last)
	}
	questions, columns := 0, map[string]bool{}
	for _, c := range t.Columns {
		switch {
		case !columnName.MatchString(c.Column):
			return fmt.Errorf("column %q: write the letters of a column, as in \"C\"", c.Column)
		case !c.Role.IsValid():
			return fmt.Errorf("column %s: unknown role %q; the roles are %v", c.Column, c.Role, ColumnRoles())
		case columns[c.Column]:
			return fmt.Errorf("column %s is listed twice", c.Column)
		case c.Role == RoleMark && len(c.Options) != 1:
			return fmt.Errorf("column %s: a mark column names the one option it stands for", c.Column)
		}
		columns[c.Column] = true
		if c.Role == RoleQuestion {
			questions++
		}
	}
	if questions != 1 {
		return fmt.Errorf("%d question columns; give exactly one column the role %q", questions, RoleQuestion)
	}
	return nil
}

// Covers reports whether a layout goes as far down in each sheet as what was
// found in a file of the same shape: one that was made for a shorter file would
// lose the questions below its end. A sheet without tables is not answered,
// however far it goes. The one sheet of a CSV file is called as the file is.
func (l *Layout) Covers(found *Layout) bool {
	if l.Format == "csv" && len(l.Sheets) == 1 && len(found.Sheets) == 1 {
		return lastRow(&l.Sheets[0]) >= lastRow(&found.Sheets[0])
	}
	last := map[string]int{}
	for i := range l.Sheets {
		last[l.Sheets[i].Name] = lastRow(&l.Sheets[i])
	}
	for i := range found.Sheets {
		to, ok := last[found.Sheets[i].Name]
		if !ok || to > 0 && to < lastRow(&found.Sheets[i]) {
			return false
		}
	}
	return true
}

func lastRow(s *SheetLayout) (last int) {
	for i := range s.Tables {
		last = max(last, s.Tables[i].Rows.Last)
	}
	return last
}
