package assurance

import (
	"fmt"
	"regexp"
	"strings"
)

// The rules on what a draft cites.

func (c *Checker) controlNotImplemented(d *draft) (out []Finding) {
	if d.Verdict != "yes" {
		return nil
	}
	for _, x := range c.cited(d) {
		if x.control == nil || x.control.Status.Holds() {
			continue
		}
		f := Finding{Cites: []Cite{x.cite}}
		switch x.control.Status {
		case Partial:
			f.Why = fmt.Sprintf("%s is in place in part only", x.control.label())
			f.Verdict = "partial"
		case Planned:
			f.Why = fmt.Sprintf("%s is planned and not in place", x.control.label())
			f.Verdict = "partial"
		default:
			f.Why = fmt.Sprintf("%s is %s", x.control.label(), strings.ReplaceAll(string(x.control.Status), "_", " "))
			f.Severity, f.Gap = Block, "no_evidence"
		}
		if x.control.Planned != "" && f.Verdict != "" {
			f.Proposal = "Planned: " + x.control.Planned
		}
		out = append(out, f)
	}
	return out
}

// label names a control for people.
func (c *Control) label() string {
	if c.Title == "" {
		return c.ID
	}
	return c.ID + " (" + c.Title + ")"
}

func (c *Checker) exceptionNotNamed(d *draft) (out []Finding) {
	seen := map[string]bool{}
	for _, x := range c.cited(d) {
		id := x.cite.Control
		if id == "" || seen[strings.ToLower(id)] {
			continue
		}
		seen[strings.ToLower(id)] = true
		r, t, ok := c.exceptionAt(id, x.report)
		if !ok || namesException(d, t) {
			continue
		}
		f := Finding{
			Cites: []Cite{{Report: r.ID, Control: id}},
			Why:   fmt.Sprintf("the %s notes an exception at %s", r.Name(), id),
		}
		if t.Text != "" && d.Text != "" {
			f.Proposal = exceptionSentence(r, t)
		}
		out = append(out, f)
	}
	return out
}

// exceptionAt returns the exception at a control in report r; without r, in
// the newest issued report that tested it.
func (c *Checker) exceptionAt(control string, r *Report) (*Report, Test, bool) {
	if r != nil {
		t, ok := r.TestOf(control)
		return r, t, ok && t.Result == WithException
	}
	var best *Report
	var found Test
	for i := range c.register.Reports {
		x := &c.register.Reports[i]
		if t, ok := x.TestOf(control); ok && !x.IsFuture(c.today) && (best == nil || best.sortDay().Before(x.sortDay())) {
			best, found = x, t
		}
	}
	return best, found, best != nil && found.Result == WithException
}

// exceptionSentence words an exception for a customer.
func exceptionSentence(r *Report, t Test) string {
	s := "Our " + r.Name() + " report notes an exception: " + strings.TrimRight(t.Text, ".") + "."
	if t.Response != "" {
		s += " Management's response: " + strings.TrimRight(t.Response, ".") + "."
	}
	return s
}

var auditorNoted = regexp.MustCompile(`\b(?:exceptions?|deviations?|findings?|instances?|auditors?|noted|reported|report)\b`)

// namesException reports whether a text tells of an exception: by most of its
// words, or by some of them beside the auditor's.
func namesException(d *draft, t Test) bool {
	want := contentWords(t.Text)
	if len(want) == 0 {
		return saysSome.MatchString(lowerASCII(d.Text))
	}
	said := contentWords(d.Text)
	common := 0
	for w := range want {
		if said[w] {
			common++
		}
	}
	told := false
	for i := range d.sentences {
		s := &d.sentences[i]
		told = told || auditorNoted.MatchString(s.lower) && saysSome.MatchString(s.lower) && !saysNone.MatchString(s.lower)
	}
	return common*10 >= 7*len(want) && sharesFigure(want, said) || told && (common >= 2 || common*2 >= len(want))
}

// sharesFigure reports whether a text has one of the figures of an exception,
// where that has any: without them the words may describe the control.
func sharesFigure(want, said map[string]bool) bool {
	some := false
	for w := range want {
		if w[0] >= '0' && w[0] <= '9' {
			some = true
			if said[w] {
				return true
			}
		}
	}
	return !some
}

// contentWords returns the words of a text of four letters and more, and its
// figures, cut to a stem.
func contentWords(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(lowerASCII(text), func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) }) {
		if w[0] >= '0' && w[0] <= '9' {
			out[w] = true
			continue
		}
		if len(w) < 4 || stopWords[w] {
			continue
		}
		out[w[:min(len(w), 6)]] = true
	}
	return out
}

var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("that this with from have been were which their they than then also when what into after before later each every within there") {
		m[w] = true
	}
	return m
}()

var (
	resultWord = regexp.MustCompile(`\b(?:flaws?|(?:criticals|highs|mediums|lows)\b|(?:critical|high|medium|low)[- ]rated|system description|soc[\s-]?[12] tests?|exceptions?|deviations?|findings?|vulnerabilit(?:y|ies)|weakness(?:es)?|inspected|sampled|samples?|remains? open|still open|section (?:iii|iv|v|3|4|5)|issues?|qualified opinion|severity|\d+ (?:critical|high|medium|low)|tested that|test(?:s|ing) (?:of|showed|found|revealed)|(?:auditor|tester|assessor)(?:s|'s|’s)? (?:test\w*|found|reports?|reported|noted|inspect\w*|conclud\w*|observed|identified|state\w*))\b`)
	sourceWord = regexp.MustCompile(`\b(?:auditors?|testers?|tested by|report|penetration|pen[- ]?test\w*|pentest\w*|the test of|soc [12]|isae|assessment|examination|audit)\b`)
	onRequest  = regexp.MustCompile(`\b(?:(?:available|provided?|shared?|disclosed?|given|released?|send|sent|obtained?|requested|discuss\w*|details?|summary|accessible)\b[^.;]{0,60}\b(?:nda|non-disclosure|request|confidentiality agreement)|under (?:an? |the )?(?:nda|non-disclosure)|nda\b)`)
	process    = regexp.MustCompile(`\b(?:we (?:track|fix|remediate|triage|record|review|address)|are (?:tracked|fixed|remediated|triaged|recorded|reviewed|addressed|prioriti[sz]ed|classified)|is tracked|within \d+ (?:days|hours)|all findings|any findings|findings are|every finding|annually|each year|every year|regularly|procedure|process|policy)\b`)
)

// restrictedContent looks for what a restricted report says in an answer to
// somebody without an NDA. That the report exists may always be told.
func (c *Checker) restrictedContent(d *draft) (out []Finding) {
	if d.Reader.NDA && !d.Reader.Public {
		return nil
	}
	if d.Restricted {
		return []Finding{{Gap: "not_disclosable", Why: "rests on content that may be given only under NDA, and " + readerWithout(d.Reader)}}
	}
	for _, x := range c.cited(d) {
		if x.report != nil && x.report.restricted() && x.cite.Control != "" {
			out = append(out, Finding{
				Severity: Correct, Cites: []Cite{x.cite},
				Why: fmt.Sprintf("cites a test of the %s, which may be shown only under NDA, and %s; the citation is left out", x.report.Name(), readerWithout(d.Reader)),
			})
		}
	}
	for i := range d.sentences {
		s := &d.sentences[i]
		at := resultWord.FindStringIndex(s.lower)
		if at == nil || onRequest.MatchString(s.lower) || process.MatchString(s.lower) && !restrictedPast.MatchString(s.lower) || s.deniedBefore(at[0]) && !saysNone.MatchString(s.lower) {
			continue
		}
		r := c.restrictedBehind(d, s)
		if r == nil {
			continue
		}
		out = append(out, Finding{
			Words: s.text, Gap: "not_disclosable", Cites: []Cite{{Report: r.ID}},
			Why: fmt.Sprintf("tells what the %s found, which may be given only under NDA, and %s", r.Name(), readerWithout(d.Reader)),
		})
	}
	return out
}

var restrictedPast = regexp.MustCompile(`\b(?:found|noted|identified|reported|notes|revealed|inspected|sampled)\b`)

func readerWithout(r Reader) string {
	if r.Public {
		return "the answer is published"
	}
	return "the reader has signed none"
}

// restrictedBehind returns the restricted report whose content a sentence
// tells, nil if there is none.
func (c *Checker) restrictedBehind(d *draft, s *sentence) *Report {
	for i := range c.register.Reports {
		r := &c.register.Reports[i]
		if r.restricted() && r.Auditor != "" && containsWord(s.lower, lowerASCII(r.Auditor)) >= 0 {
			return r
		}
	}
	for _, m := range d.subjects(s) {
		if r, _ := c.meant(&m); r != nil && (m.stance == claimed || m.stance == past) {
			if r.restricted() {
				return r
			}
			return nil
		}
	}
	for _, x := range c.cited(d) {
		if x.report != nil && x.report.restricted() {
			return x.report
		}
	}
	if !sourceWord.MatchString(s.lower) {
		return nil
	}
	for i := range c.register.Reports {
		if r := &c.register.Reports[i]; r.restricted() && auditorNotedBy.MatchString(s.lower) {
			return r
		}
	}
	return nil
}

var auditorNotedBy = regexp.MustCompile(`\b(?:auditors?|testers?|assessors?|examination|service auditor)\b`)

// restricted reports whether a report may be given only to some. A SOC 1 or
// SOC 2 is a restricted-use report whatever the register says; what has no
// level of access is taken for restricted, unless it is made to be shown.
func (r *Report) restricted() bool {
	switch {
	case r.Kind == SOC1, r.Kind == SOC2, r.Kind == SOC2Plus, r.Kind == ISAE3402:
		return true
	case r.Access == "":
		return r.Kind.Family() != Certification && r.Kind != SOC3
	}
	return r.Access != Public
}
