package list

import (
	"path/filepath"
	"regexp"
	"strings"

	"vouch/engine"
)

// Controls returns the controls in a table, in its order, and every row that
// was refused with the reason. file is the name of the file the table is
// from. The error is an [*engine.RefusedError] if there are no headings.
func Controls(t Table, file string) ([]engine.Control, []Problem, error) {
	file = filepath.Base(file)
	h, ok := DetectControls(t.Rows)
	if !ok {
		return nil, nil, refuseHeader(file, "id, and title or description")
	}
	controls, problems := makeControls(h.read(t, RoleTitle), file)
	return controls, problems, nil
}

func makeControls(list []fields, file string) ([]engine.Control, []Problem) {
	var controls []engine.Control
	var problems []Problem
	seen := map[string]string{} // ref → place
	for _, f := range list {
		c := makeControl(f)
		c.Source.File = file
		if err := c.Validate(); err != nil {
			problems = append(problems, f.problem(err.Error()))
			continue
		}
		if at, twice := seen[c.Ref]; twice {
			problems = append(problems, f.problem("the id is that of the control at "+at))
			continue
		}
		seen[c.Ref] = f.place
		controls = append(controls, c)
	}
	return controls, problems
}

func makeControl(f fields) engine.Control {
	ref := cleanRef(f.texts[RoleRef])
	c := engine.Control{
		Ref:         ref,
		Domain:      f.line(RoleDomain),
		Title:       f.line(RoleTitle),
		Description: f.prose(RoleDescription),
		Criteria:    criteriaOf(f),
		Owner:       f.line(RoleOwner),
		Frequency:   f.line(RoleFrequency),
		Status:      f.line(RoleStatus),
		Planned:     f.prose(RolePlanned),
		Source:      engine.Source{Ref: ref, Place: f.place},
	}
	if c.Domain == "" {
		c.Domain = f.section
	}
	return c
}

var (
	framework = regexp.MustCompile(`(?i)^(?:aicpa|tsc|soc ?2|iso(?:/iec)? ?27001(?: ?: ?\d{4})?|annex(?: a\b)?|nist(?: csf| sp 800-53)?|ccm)\b[ :-]*`)
	idPrefix  = regexp.MustCompile(`^\pL{1,4}$`)
	trustID   = regexp.MustCompile(`^(CC|PI|C|P|A)[ .-]?(\d+\.\d+)$`)
)

// criteriaOf returns the criteria of f, each once, in order.
func criteriaOf(f fields) []string {
	if f.listed != nil {
		return criteriaIn(f.listed)
	}
	return Criteria(f.texts[RoleCriteria])
}

// Criteria returns the ids of criteria in a cell, each once, in order.
func Criteria(cell string) []string {
	return criteriaIn(strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|\n\r", r) }))
}

func criteriaIn(pieces []string) []string {
	var ids []string
	for _, p := range pieces {
		ids = append(ids, splitCriteria(engine.CleanText(p))...)
	}
	return unique(ids, NormalCriterion)
}

// splitCriteria returns the ids in a piece of text: its words that hold a
// digit, with the letters that stand apart before one, without the name of
// the framework. A piece without any digit is kept whole.
func splitCriteria(s string) []string {
	s = strings.TrimSpace(framework.ReplaceAllString(s, ""))
	if !strings.ContainsAny(s, "0123456789") {
		if isAnswer(s) && engine.FoldWords(s) != "n a" && engine.FoldWords(s) != "none" {
			return []string{s}
		}
		return nil
	}
	var out []string
	words := strings.Fields(s)
	for i, w := range words {
		if !strings.ContainsAny(w, "0123456789") {
			continue
		}
		if i > 0 && w[0] >= '0' && w[0] <= '9' && idPrefix.MatchString(words[i-1]) {
			w = words[i-1] + " " + w
		}
		out = append(out, w)
	}
	return out
}

// NormalCriterion returns an id as the framework spells it: "CC 6.1" and
// "cc-6.1" are CC6.1. ISO's "A.8.24" keeps its dots: availability criteria,
// which share the letter, are A1.1 to A1.3.
func NormalCriterion(s string) string {
	id := strings.ToUpper(unbracket(s))
	m := trustID.FindStringSubmatch(id)
	switch {
	case m == nil:
		return strings.ReplaceAll(id, " ", "")
	case m[1] == "A" && !strings.HasPrefix(m[2], "1."):
		return strings.ReplaceAll(id, " ", ".")
	}
	return m[1] + m[2]
}

// unbracket trims marks around an id, and brackets that are not its own:
// "(CC6.1)" is CC6.1, and AC-2(1) stays.
func unbracket(s string) string {
	s = strings.TrimRight(strings.TrimLeft(s, " .:(["), " .:([")
	extra := 0 // closing brackets that nothing opened
	for _, r := range s {
		switch r {
		case '(', '[':
			extra--
		case ')', ']':
			extra++
		}
	}
	for extra > 0 && s != "" && strings.ContainsRune(")] .:", rune(s[len(s)-1])) {
		if c := s[len(s)-1]; c == ')' || c == ']' {
			extra--
		}
		s = s[:len(s)-1]
	}
	return strings.TrimRight(s, " .:")
}
