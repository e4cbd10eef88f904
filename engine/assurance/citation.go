package assurance

import (
	"fmt"
	"strings"
)

// Style says how much of a citation a customer is shown.
type Style string

// The styles.
const (
	StyleNone  Style = "none"
	StyleShort Style = "short" // report, period, criterion, control id, result
	StyleFull  Style = "full"  // that, the auditor and the control's title, in a sentence
)

// Styles lists every style there is.
func Styles() []Style { return []Style{StyleNone, StyleShort, StyleFull} }

// Citation is a cite with what stands behind it, for customers and for
// machines.
type Citation struct {
	Cite
	Name    string     `json:"name,omitempty"`    // of the report: "SOC 2 Type 2"
	From    Day        `json:"from,omitzero"`     // its period
	To      Day        `json:"to,omitzero"`       //
	AsOf    Day        `json:"as_of,omitzero"`    // of a type 1
	Auditor string     `json:"auditor,omitempty"` //
	Title   string     `json:"title,omitempty"`   // of the control
	Result  TestResult `json:"result,omitempty"`  // of its test in the report
	Short   string     `json:"short"`
	Full    string     `json:"full"`
}

// CiteControl returns how to cite a control: through the newest report that is
// issued, current and tested it, with a criterion of that test; by itself if
// there is none. ok is false for a control that the register does not have, or
// that must not support an answer, retired and not applicable ones.
func (c *Checker) CiteControl(id string) (Cite, bool) {
	control := c.controls[strings.ToLower(id)]
	if control == nil || control.Status == Retired || control.Status == NotApplicable {
		return Cite{}, false
	}
	cite := Cite{Control: control.ID}
	if len(control.Criteria) > 0 {
		cite.Criterion = control.Criteria[0]
	}
	for _, k := range []Kind{SOC2, SOC1, ISAE3402} {
		for _, r := range issued(c.ofKind(k), c.today) {
			t, ok := r.TestOf(control.ID)
			if !ok || r.Lapsed(c.today) {
				continue
			}
			cite.Report = r.ID
			if len(t.Criteria) > 0 {
				cite.Criterion = t.Criteria[0]
			}
			return cite, true
		}
	}
	return cite, true
}

// MayTell reports whether a reader may be told of a cite: what a restricted
// report found at a control goes out only under NDA.
func (c *Checker) MayTell(x Cite, reader Reader) bool {
	r := c.reports[strings.ToLower(x.Report)]
	return r == nil || x.Control == "" || !r.restricted() || reader.NDA && !reader.Public
}

// Exception returns the exception that a cited report notes at a cited
// control, if it notes one.
func (c *Checker) Exception(x Cite) (Test, bool) {
	r := c.reports[strings.ToLower(x.Report)]
	if r == nil {
		return Test{}, false
	}
	t, ok := r.TestOf(x.Control)
	return t, ok && t.Result == WithException
}

// Describe returns the citations with what stands behind them, those left out
// that the reader may not have: what a restricted report found, without NDA.
// That a report exists may always be told.
func (c *Checker) Describe(cites []Cite, reader Reader) (out []Citation) {
	for _, x := range cites {
		d := Citation{Cite: x}
		if r := c.reports[strings.ToLower(x.Report)]; r != nil {
			if !c.MayTell(x, reader) {
				continue
			}
			d.Name, d.From, d.To, d.AsOf, d.Auditor = r.Name(), r.From, r.To, r.AsOf, r.Auditor
			if t, ok := r.TestOf(x.Control); ok {
				d.Result = t.Result
			}
		}
		if control := c.controls[strings.ToLower(x.Control)]; control != nil {
			d.Title = control.Title
		}
		d.Short, d.Full = c.wordCitation(&d, false), c.wordCitation(&d, true)
		out = append(out, d)
	}
	return out
}

// resultText words the results of tests.
var resultText = map[TestResult]string{NoExceptions: "no exceptions", WithException: "with an exception", NotTested: "not tested in the period"}

func (c *Checker) wordCitation(d *Citation, full bool) string {
	var parts []string
	if r := c.reports[strings.ToLower(d.Report)]; r != nil {
		parts = append(parts, reportWords(r, full))
	}
	if d.Criterion != "" {
		parts = append(parts, d.Criterion)
	}
	if d.Control != "" {
		control := "control " + d.Control
		if full && d.Title != "" {
			control += ", " + d.Title
		}
		parts = append(parts, control)
	}
	text := strings.Join(parts, "; ")
	if d.Result != "" {
		text += ": " + resultText[d.Result]
	}
	return text
}

func reportWords(r *Report, full bool) string {
	if full {
		return r.describe()
	}
	switch {
	case r.Kind.Family() == Certification && !r.ValidUntil.IsZero():
		return fmt.Sprintf("%s (valid until %s)", r.Name(), r.ValidUntil.Long())
	case !r.To.IsZero():
		return fmt.Sprintf("%s (%s to %s)", r.Name(), r.From.Long(), r.To.Long())
	case !r.AsOf.IsZero():
		return fmt.Sprintf("%s (as of %s)", r.Name(), r.AsOf.Long())
	}
	return r.Name()
}

// Text renders citations for an explanation cell, "" in the style none.
func Text(list []Citation, style Style) string {
	var parts []string
	for i := range list {
		switch style {
		case StyleShort:
			parts = append(parts, list[i].Short)
		case StyleFull:
			parts = append(parts, list[i].Full)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Evidence: " + strings.Join(parts, ". ") + "."
}
