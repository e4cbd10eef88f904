package list

import (
	_ "embed"
	"fmt"
	"strings"

	"vouch/engine"
)

// Role is what a column of a list holds.
type Role string

// The roles of columns. Ref and owner occur in both kinds of list.
const (
	RoleRef         Role = "ref"
	RoleSection     Role = "section"
	RoleQuestion    Role = "question"
	RoleAnswer      Role = "answer"
	RoleVerdict     Role = "verdict" // only beside an answer column; alone it is the answer
	RoleExplanation Role = "explanation"
	RoleOwnership   Role = "ownership"
	RoleTags        Role = "tags"
	RoleOwner       Role = "owner"
	RoleReviewed    Role = "reviewed"  // the last review
	RoleReviewBy    Role = "review_by" // the next one, or the end of the answer
	RoleVisibility  Role = "visibility"
	RoleProducts    Role = "products"
	RoleLanguage    Role = "language"

	RoleDomain      Role = "domain"
	RoleTitle       Role = "title"
	RoleDescription Role = "description"
	RoleCriteria    Role = "criteria" // the only one that several columns can have
	RoleFrequency   Role = "frequency"
	RoleStatus      Role = "status"
	RolePlanned     Role = "planned" // what is to come, and until when
)

// entryRoles and controlRoles are the roles of either kind of list, in the
// order in which a heading that is two of them is given away.
var (
	entryRoles = []Role{
		RoleQuestion, RoleAnswer, RoleVerdict, RoleExplanation, RoleRef, RoleSection, RoleOwnership, RoleTags, RoleOwner, RoleReviewed, RoleReviewBy,
		RoleVisibility, RoleProducts, RoleLanguage,
	}
	controlRoles = []Role{
		RoleDescription, RoleTitle, RoleRef, RoleDomain, RoleCriteria, RoleOwner, RoleFrequency, RoleStatus, RolePlanned,
	}
)

//go:embed headings.tsv
var headingTable string

// headings maps each role to its headings, folded.
var headings = readHeadings(headingTable)

func readHeadings(table string) map[Role]map[string]bool {
	out := map[Role]map[string]bool{}
	for line := range strings.Lines(table) {
		cols := strings.Split(strings.TrimSpace(line), "\t")
		if len(cols) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		role := Role(cols[0])
		if out[role] == nil {
			out[role] = map[string]bool{}
		}
		for _, h := range strings.Split(cols[2], "|") {
			out[role][foldHeading(h)] = true
		}
	}
	return out
}

// foldHeading is engine.FoldWords, except that a lone number sign stays.
func foldHeading(s string) string {
	if strings.TrimSpace(s) == "#" {
		return "#"
	}
	return engine.FoldWords(s)
}

// roleOf returns the role that a heading names among roles: as a whole, or
// what stands before a bracket, colon or line break in it.
func roleOf(heading string, roles []Role) (Role, bool) {
	short := heading
	if i := strings.IndexAny(strings.TrimSpace(heading), "([{:\n"); i > 0 {
		short = strings.TrimSpace(heading)[:i]
	}
	for _, s := range []string{foldHeading(heading), foldHeading(short)} {
		if s == "" {
			continue
		}
		for _, r := range roles {
			if headings[r][s] {
				return r, true
			}
		}
	}
	return "", false
}

// ControlRole returns what a heading or a name means in a list of controls.
func ControlRole(heading string) (Role, bool) { return roleOf(heading, controlRoles) }

// Header is the heading row of a list, understood.
type Header struct {
	Row     int      // its index in the rows, from 0
	Columns []Column // what was recognised, from left to right
	Ignored []string // headings of the columns that are not read: unknown, or a role that another column has

	// IsList reports that the headings hold one that is in lists only and in
	// no customer's questionnaire: tags, owner, review date, the day to review
	// by or the visibility.
	IsList bool
}

// Column is one recognised column.
type Column struct {
	Index   int // from 0
	Role    Role
	Heading string // as in the file
}

// Column returns the index of the column with role r.
func (h Header) Column(r Role) (int, bool) {
	for _, c := range h.Columns {
		if c.Role == r {
			return c.Index, true
		}
	}
	return 0, false
}

func (h Header) has(r Role) bool {
	_, ok := h.Column(r)
	return ok
}

// IsListIn reports whether a table with this header, in a file of the given
// format ("xlsx", "csv", "json", "yaml"), is a list of past answers: if its
// headings say so, or if the file is no workbook.
func (h Header) IsListIn(format string) bool {
	switch format {
	case "csv", "json", "yaml":
		return true
	}
	return h.IsList
}

// HeadingRows is how far down the heading row of a table is looked for.
const HeadingRows = 20

// DetectEntries finds the heading row of a list of past answers: the first of
// the first 20 rows that has a question heading and an answer or explanation
// heading.
func DetectEntries(rows [][]string) (Header, bool) {
	return detect(rows, entryRoles, func(h *Header) bool {
		if !h.has(RoleAnswer) {
			h.rename(RoleVerdict, RoleAnswer)
		}
		h.IsList = h.has(RoleTags) || h.has(RoleOwner) || h.has(RoleReviewed) || h.has(RoleReviewBy) || h.has(RoleVisibility)
		return h.has(RoleQuestion) && (h.has(RoleAnswer) || h.has(RoleExplanation))
	})
}

// DetectControls finds the heading row of a list of controls: the first of the
// first 20 rows that has an id heading and a title or description heading, and
// no heading that only a list of answers has.
func DetectControls(rows [][]string) (Header, bool) {
	return detect(rows, controlRoles, func(h *Header) bool {
		if _, isEntries := DetectEntries(rows[h.Row : h.Row+1]); isEntries {
			return false
		}
		h.IsList = true
		return h.has(RoleRef) && (h.has(RoleTitle) || h.has(RoleDescription))
	})
}

// detect returns the first row that accept takes as the heading row.
func detect(rows [][]string, roles []Role, accept func(*Header) bool) (Header, bool) {
	for i, row := range rows[:min(len(rows), HeadingRows)] {
		h := Header{Row: i}
		for j, cell := range row {
			if engine.CleanText(cell) == "" {
				continue
			}
			r, ok := roleOf(cell, roles)
			if !ok || h.has(r) && r != RoleCriteria {
				h.Ignored = append(h.Ignored, engine.CleanText(cell))
				continue
			}
			h.Columns = append(h.Columns, Column{Index: j, Role: r, Heading: engine.CleanText(cell)})
		}
		if accept(&h) {
			return h, true
		}
	}
	return Header{}, false
}

func (h *Header) rename(from, to Role) {
	for i := range h.Columns {
		if h.Columns[i].Role == from {
			h.Columns[i].Role = to
		}
	}
}

// refuseHeader says that a table has no heading row of the kind wanted.
func refuseHeader(file, wanted string) error {
	return &engine.RefusedError{
		File: file, Is: fmt.Sprintf("none of its first %d rows has the headings of a list: %s", HeadingRows, wanted), Do: "add a row with these headings above the list",
	}
}
