package assurance

import (
	"fmt"
)

func (c *Checker) noSuchReport(d *draft) (out []Finding) {
	if len(c.register.Reports) == 0 {
		return nil // there is no register to hold it against
	}
	seen := map[Kind]bool{}
	for _, s := range d.assertions() {
		for i := range s.mentions {
			m := &s.mentions[i]
			if seen[m.kind] || m.kind == Pentest || m.kind == SAS70 || !d.holds(s, m) || c.isSubservice(s, m) {
				continue
			}
			list := c.ofKind(m.kind)
			if len(issued(list, c.today)) > 0 {
				continue
			}
			seen[m.kind] = true
			out = append(out, Finding{Words: s.said(m.start, m.end), Gap: "no_evidence", Why: c.absentWhy(m.kind, list)})
		}
	}
	return out
}

func (c *Checker) absentWhy(k Kind, list []*Report) string {
	if len(list) > 0 {
		return fmt.Sprintf("the %s is to be issued on %s, and is not there yet", list[0].Name(), list[0].Issued.Long())
	}
	return fmt.Sprintf("the register holds no %s", k.Name())
}

// isSubservice reports whether a subservice organisation stands before m in
// its clause: then the report is theirs.
func (c *Checker) isSubservice(s *sentence, m *mention) bool {
	from, _ := s.clause(m.start)
	for _, name := range c.subserviceNames() {
		if containsWord(s.lower[from:m.start], name) >= 0 {
			return true
		}
	}
	return false
}
