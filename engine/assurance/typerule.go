package assurance

import (
	"fmt"
	"regexp"
	"slices"
)

// typeAlone is a type without its report: "It is a Type I report".
var typeAlone = regexp.MustCompile(`\btype[\s-]*(1|2|i{1,2}|one|two)\b`)

func (c *Checker) registerType(d *draft) (out []Finding) {
	if f, ok := c.typeChosen(d); ok {
		return []Finding{f}
	}
	for _, s := range d.assertions() {
		if f, ok := c.wrongType(d, s); ok {
			out = append(out, f)
		}
	}
	return out
}

// typeChosen reads an answer that only chooses between the two types of the
// question: "1", "II", "the latter".
func (c *Checker) typeChosen(d *draft) (Finding, bool) {
	q := lowerASCII(d.Question)
	m := choice.FindStringSubmatch(lowerASCII(d.Text))
	if m == nil || !typeChoice.MatchString(q) || len(d.asked.sentences) != 1 || len(d.asked.sentences[0].mentions) == 0 {
		return Finding{}, false
	}
	var said int
	switch m[1] {
	case "former", "first":
		said = 1
	case "latter", "second":
		said = 2
	default:
		said = typeOf(m[1])
	}
	if latterIsOne.MatchString(q) && (m[1] == "former" || m[1] == "latter") {
		said = 3 - said
	}
	asked := d.asked.sentences[0].mentions[0]
	asked.typ = said
	r, same := c.meant(&asked)
	if r == nil || same || !asked.kind.IsTyped() {
		return Finding{}, false
	}
	return Finding{
		Words: d.Text, Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
		Why: fmt.Sprintf("the register holds a %s and no type %d", r.Name(), said),
	}, true
}

var (
	choice      = regexp.MustCompile(`^\W*(?:(?:it is |it's )?(?:a |the )?(?:type )?)(1|2|i{1,2}|one|two|former|latter|first|second)\W*$`)
	latterIsOne = regexp.MustCompile(`\btype[\s-]*(?:2|ii)\b[^?]{0,12}\bor\b[^?]{0,12}(?:1|i)\b`)
)

func (c *Checker) wrongType(d *draft, s *sentence) (Finding, bool) {
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.typ == 0 || m.stance != claimed || !m.kind.IsTyped() || c.isSubservice(s, m) {
			continue
		}
		if r, same := c.meant(m); r != nil && !same {
			return c.typeFinding(s, m.start, m.end, m.typ, r), true
		}
	}
	if slices.ContainsFunc(s.mentions, func(m mention) bool { return m.typ != 0 }) || s.isEcho() {
		return Finding{}, false
	}
	at := typeAlone.FindStringSubmatchIndex(s.lower)
	if at == nil || s.isDenied(at[0], at[1]) || plan.MatchString(s.clauseText(at[0])) || gone.MatchString(s.clauseText(at[0])) {
		return Finding{}, false
	}
	list := d.subjects(s)
	if k := c.onlyTyped(); len(list) == 0 && k != "" && regarding.MatchString(s.lower) {
		list = []mention{{start: -1, kind: k}}
	}
	for _, m := range list {
		if !m.kind.IsTyped() || m.stance != claimed && m.start >= 0 {
			continue
		}
		m.typ = typeOf(s.lower[at[2]:at[3]])
		if r, same := c.meant(&m); r != nil && !same {
			return c.typeFinding(s, at[0], at[1], m.typ, r), true
		}
	}
	return Finding{}, false
}

// onlyTyped returns the kind of attestation that the register has, where it has
// one.
func (c *Checker) onlyTyped() (kind Kind) {
	for i := range c.register.Reports {
		k := c.register.Reports[i].Kind
		if k == SOC2Plus {
			k = SOC2
		}
		if !k.IsTyped() || k == kind {
			continue
		}
		if kind != "" {
			return ""
		}
		kind = k
	}
	return kind
}

// typeFinding says that a type is claimed of which there is no report. A type
// 1 said of a type 2 is too little, and can be put right; a type 2 said of a
// type 1 may have been the point of the answer.
func (c *Checker) typeFinding(s *sentence, from, to, said int, r *Report) Finding {
	f := Finding{
		Words: s.said(from, to), Gap: "no_evidence", Cites: []Cite{{Report: r.ID}},
		Why: fmt.Sprintf("the register holds a %s and no type %d", r.Name(), said),
	}
	if said == 1 && f.Words != "" {
		at := typeAlone.FindStringSubmatchIndex(lowerASCII(f.Words))
		if at != nil {
			f.Severity, f.Gap = Correct, ""
			f.Proposal = f.Words[:at[2]] + fmt.Sprint(r.Type) + f.Words[at[3]:]
		}
	}
	return f
}
