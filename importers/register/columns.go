package register

import (
	"slices"
	"strings"

	"vouch/engine"
	"vouch/importers/list"
)

// shape is how a cell becomes a value.
type shape int

const (
	asText  shape = iota
	asLines       // a list, one a line
	asIDs         // a list of ids, parted as in lists of controls
	asWords       // a list of words, parted by comma, semicolon or line break
)

// column is a column that a table can have.
type column struct {
	name  string // the field, and the heading; with a point for a field within a field
	shape shape
	also  []string // other headings
}

// kindOfTable is a list that a table can hold.
type kindOfTable struct {
	name    string   // of the list in the register: "reports", "tests"
	what    string   // for people
	need    []string // the columns without which it is none
	columns []column
}

// kindsOfTable lists every list that is read as a table, in the order in which
// a heading row that is two of them is given away.
var kindsOfTable = []kindOfTable{
	{"tests", "tests of controls", []string{"report", "control", "result"}, []column{
		{"report", asText, []string{"report id"}},
		{"control", asText, []string{"control id"}},
		{"criteria", asIDs, []string{"criterion", "tsc"}},
		{"result", asText, []string{"test result"}},
		{"text", asText, []string{"exception", "deviation"}},
		{"response", asText, []string{"management response", "management's response"}},
		{"fixed", asText, []string{"fixed on"}},
	}},
	{"subservices", "subservice organisations", []string{"report", "name", "service"}, []column{
		{"report", asText, []string{"report id"}},
		{"name", asText, []string{"organisation", "organization"}},
		{"service", asText, nil},
		{"inclusive", asText, nil},
		{"instead", asText, []string{"their report", "own report"}},
	}},
	{"findings", "findings of penetration tests", []string{"report", "severity", "found"}, []column{
		{"report", asText, []string{"report id"}},
		{"severity", asText, nil},
		{"found", asText, nil},
		{"open", asText, nil},
	}},
	{"evidence", "evidence", []string{"id", "control", "collected_at"}, []column{
		{"id", asText, []string{"evidence id"}},
		{"control", asText, []string{"control id"}},
		{"kind", asText, []string{"type"}},
		{"title", asText, []string{"name", "description"}},
		{"collected_at", asText, []string{"collected", "collected on"}},
		{"collected_by", asText, []string{"collector"}},
		{"from", asText, nil},
		{"to", asText, nil},
		{"location", asText, []string{"link", "url"}},
	}},
	{"reports", "reports", []string{"id", "kind"}, []column{
		{"id", asText, []string{"report id"}},
		{"kind", asText, []string{"framework", "standard"}},
		{"type", asText, nil},
		{"level", asText, nil},
		{"title", asText, nil},
		{"system", asText, nil},
		{"scope", asText, nil},
		{"auditor", asText, []string{"certification body", "audit firm"}},
		{"opinion", asText, nil},
		{"criteria", asWords, []string{"categories", "trust services categories"}},
		{"objectives", asLines, []string{"control objectives"}},
		{"locations", asLines, []string{"sites"}},
		{"as_of", asText, nil},
		{"from", asText, []string{"period from", "period start"}},
		{"to", asText, []string{"period to", "period end"}},
		{"issued", asText, []string{"issued on", "report date"}},
		{"certificate", asText, []string{"certificate no", "certificate number"}},
		{"valid_until", asText, []string{"expires", "expiry"}},
		{"next_audit", asText, []string{"next surveillance"}},
		{"next_issue", asText, []string{"next report"}},
		{"bridge.issued", asText, []string{"bridge letter issued"}},
		{"bridge.until", asText, []string{"bridge letter until"}},
		{"access", asText, nil},
		{"how_to_get", asText, nil},
		{"replaces", asText, nil},
		{"user_controls", asLines, []string{"complementary user entity controls", "cuecs"}},
	}},
	{"controls", "controls", []string{"id"}, []column{
		{"id", asText, nil},
		{"domain", asText, nil}, // known and not kept
		{"title", asText, nil},
		{"text", asText, nil},
		{"criteria", asIDs, nil},
		{"owner", asText, nil},
		{"frequency", asText, nil},
		{"status", asText, nil},
		{"planned", asText, []string{"plan", "planned measures"}},
	}},
}

// controlFields says what the headings of a list of controls are called here;
// there they are known in seven languages.
var controlFields = map[list.Role]string{
	list.RoleRef: "id", list.RoleDomain: "domain", list.RoleTitle: "title", list.RoleDescription: "text", list.RoleCriteria: "criteria",
	list.RoleOwner: "owner", list.RoleFrequency: "frequency", list.RoleStatus: "status", list.RolePlanned: "planned",
}

// names returns the names of the columns.
func (k kindOfTable) names() []string {
	out := make([]string, len(k.columns))
	for i, c := range k.columns {
		out[i] = c.name
	}
	return out
}

// headings maps the headings of each list, folded, to its columns.
var headings = func() map[string]map[string]column {
	out := map[string]map[string]column{}
	for _, k := range kindsOfTable {
		out[k.name] = map[string]column{}
		for _, c := range k.columns {
			for _, h := range append([]string{c.name}, c.also...) {
				out[k.name][engine.FoldWords(h)] = c
			}
		}
	}
	return out
}()

// column returns the column that a heading names.
func (k kindOfTable) column(heading string) (column, bool) {
	c, ok := headings[k.name][engine.FoldWords(heading)]
	if ok || k.name != "controls" {
		return c, ok
	}
	role, ok := list.ControlRole(heading)
	if !ok {
		return column{}, false
	}
	c, ok = headings[k.name][controlFields[role]]
	return c, ok
}

// heads reports whether a row is the heading row of such a table.
func (k kindOfTable) heads(row []string) bool {
	found := map[string]bool{}
	for _, cell := range row {
		if c, ok := k.column(cell); ok && strings.TrimSpace(cell) != "" {
			found[c.name] = true
		}
	}
	if k.name == "controls" && !found["title"] && !found["text"] {
		return false
	}
	return !slices.ContainsFunc(k.need, func(name string) bool { return !found[name] })
}
