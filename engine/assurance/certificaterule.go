package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	certificateNumber = regexp.MustCompile(`\b(?:[Cc]ert(?:ificate|ification|\.)?(?: (?:[Nn]umber|[Nn]o|[Nn]r|[Nn]um|id|ID|Id|[Rr]ef(?:erence)?)|, (?:reference|numbered|number|no))?(?: #|\b)\.?:?|[Nn]o\.|[Nn]umber:?|#)(?: is| was|,|:)? ?\(?((?:(?:[A-Z]{1,6}[ /.-]){1,3}|[A-Z]{1,6}|[a-z]\d-)?[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Za-z\d]+)*)`)
	numberAlone       = regexp.MustCompile(`\b((?:[A-Z]{1,6}[ /.-]){0,3}[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Z\d]+)*)\b`)
	asksNumber        = regexp.MustCompile(`\bcert(?:ificate|ification)?\.?(?:'s)? (?:number|no|id|nr|ref\w*)\b|\bnumbers? of (?:the|your|both|all) (?:\w+ )*certificate|\bstate the number\b|\bcertificates?(?: register entry| identifiers?| ids?)?\W*$|\bcertificate register\b|\bidentifiers?\b|\bwith (?:their )?numbers\b|\bverify the [^?]*certificate`)
)

func (c *Checker) registerCertificate(d *draft) (out []Finding) {
	asked := d.asksAbout(asksNumber)
	for i := range d.sentences {
		s := &d.sentences[i]
		for _, n := range numbersSaid(s, asked) {
			said, at := n.text, n.at
			list := c.certificatesOf(d, s, at)
			if len(list) == 0 || slices.ContainsFunc(list, func(r *Report) bool { return plainNumber(r.Certificate) == plainNumber(said) }) {
				continue
			}
			out = append(out, Finding{
				Words: said, Severity: Correct, Cites: []Cite{{Report: list[0].ID}},
				Why:      fmt.Sprintf("the number of the %s certificate is %s", list[0].Kind.Name(), list[0].Certificate),
				Proposal: list[0].Certificate,
			})
		}
	}
	return out
}

// number is a certificate's number as it stands in a sentence.
type number struct {
	text string
	at   int
}

// numbersSaid returns the numbers of certificates that a sentence gives.
func numbersSaid(s *sentence, asked bool) (out []number) {
	forms := []*regexp.Regexp{certificateNumber, numberIs}
	if asked {
		forms = append(forms, numberAlone)
	}
	for _, form := range forms {
		for _, m := range form.FindAllStringSubmatchIndex(s.text, -1) {
			if said := s.text[m[2]:m[3]]; figures(said) >= 3 && !otherNumber.MatchString(s.text[:m[0]]) && !isStandard(said) && !slices.ContainsFunc(s.dates, func(x span) bool { return x.start <= m[2] && m[3] <= x.end }) {
				out = append(out, number{said, m[2]})
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

// otherNumber stands before a number that is no certificate's.
var otherNumber = regexp.MustCompile(`(?i)\b(?:company|registration|tax|vat|ticket|policy|version|phone|duns|commercial|register|invoice|employer|charity)(?: registration)? (?:number:? |no\.? )?$`)

var numberIs = regexp.MustCompile(`\b[Nn]umber (?:on|of) [^.;]{0,120}? is ((?:[A-Z]{1,6}[ /.-]?)?[A-Z\d]*\d[A-Z\d]*(?:[-/.][A-Z\d]+)*)`)

func (c *Checker) certificatesOf(d *draft, s *sentence, place int) (out []*Report) {
	for _, m := range d.nearest(s, place) {
		for _, r := range c.ofKind(m.kind) {
			if r.Certificate != "" {
				out = append(out, r)
			}
		}
	}
	if len(out) > 0 || len(d.subjects(s)) > 0 || !d.asksAbout(asksNumber) && !certifiedThing.MatchString(s.lower) {
		return out
	}
	for i := range c.register.Reports {
		if r := &c.register.Reports[i]; r.Certificate != "" {
			out = append(out, r)
		}
	}
	return out
}

var certifiedThing = regexp.MustCompile(`\b(?:isms|management system|registered with)\b`)

func figures(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// isStandard reports whether a number is a standard's, or a year.
func isStandard(s string) bool { return standardNumber.MatchString(s) }

var standardNumber = regexp.MustCompile(`^(?:ISO[ /-]?|IEC[ /-]?)*(?:27\d{3}|42001|22301|9001|20\d\d)(?::20\d\d)?$`)

func plainNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}
