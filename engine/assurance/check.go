package assurance

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Checker holds drafts against a register. It is made once for a
// questionnaire and may be used by several goroutines.
type Checker struct {
	register  *Register
	today     Day
	controls  map[string]*Control // by id, lower case
	reports   map[string]*Report  // by id, lower case
	customers []customer
}

// NewChecker returns a checker that holds drafts against r as of today. r must
// not be changed afterwards.
func NewChecker(r *Register, today Day) *Checker {
	c := &Checker{register: r, today: today, controls: map[string]*Control{}, reports: map[string]*Report{}}
	for i := range r.Controls {
		c.controls[strings.ToLower(r.Controls[i].ID)] = &r.Controls[i]
	}
	for i := range r.Reports {
		c.reports[strings.ToLower(r.Reports[i].ID)] = &r.Reports[i]
	}
	c.customers = customersOf(r.Customers)
	return c
}

// Check returns what is to be said against a draft: nothing if it may go out.
// The findings are in the order of the words they are about; those about the
// verdict and the citations come first.
func (c *Checker) Check(s Statement) []Finding {
	d := &draft{Statement: s, passage: parse(s.Text)}
	d.weigh()
	d.asked = parse(s.Question)
	c.giveAway(d)
	var out []Finding
	for i := range rules {
		for _, f := range rules[i].check(c, d) {
			f.Rule = rules[i].ID
			if f.Severity == "" {
				f.Severity = rules[i].Severity
			}
			out = append(out, f)
		}
	}
	c.hesitate(d, out)
	return settle(s.Text, out)
}

// giveAway marks the reports of others that only the register or the question
// shows to be theirs: "Signet's own SOC 2", "Redshank says that its SOC 1 …",
// and every report that is named to a question about suppliers.
func (c *Checker) giveAway(d *draft) {
	names := c.subserviceNames()
	foreign := foreignQuestion(lowerASCII(d.Question)) && acceptAsked.MatchString(lowerASCII(d.Question))
	for i := range d.sentences {
		s := &d.sentences[i]
		for j := range s.mentions {
			m := &s.mentions[j]
			head := s.lower[:m.start]
			if m.stance != claimed {
				continue
			}
			if foreign && !weWord.MatchString(s.lower) {
				m.stance = supplier
			}
			if c.isOtherName(d, s, m) || theirOwn.MatchString(head) && slices.ContainsFunc(names, func(n string) bool { from, _ := namedIn(s, n); return from >= 0 && from < m.start }) {
				m.stance = supplier
			}
		}
	}
}

// isOtherName reports whether a sentence about hosting says of somebody, named
// at its beginning, that he holds the report: "Nimbora is certified to …".
func (c *Checker) isOtherName(d *draft, s *sentence, m *mention) bool {
	at := subjectName.FindStringSubmatchIndex(s.text)
	if at == nil || at[1] > m.start || !hostWord.MatchString(lowerASCII(d.Text)+" "+lowerASCII(d.Question)) {
		return false
	}
	name, _, _ := strings.Cut(lowerASCII(s.text[at[2]:at[3]]), " ")
	if strings.Contains(lowerASCII(c.register.Company), name) || notFirm.MatchString(name) {
		return false
	}
	return !slices.ContainsFunc(c.register.Reports, func(r Report) bool { return strings.Contains(lowerASCII(r.System+" "+r.Scope), name) })
}

var (
	subjectName = regexp.MustCompile(`^((?:[A-Z][\w.&-]+ )+)(?:is|has|holds|maintains|provides|publishes)\b`)
	hostWord    = regexp.MustCompile(`\b(?:host\w*|cloud|data cent\w+|providers?|suppliers?|vendors?|sub-?processors?)\b`)
)

var (
	acceptAsked = regexp.MustCompile(`\b(?:accept|require|request|review|obtain|collect|ask for|demand|expect)\w*\b|\b(?:vendor|supplier|provider)s?['’]? (?:\w+ )?(?:reports?|certif\w+|audits?|attest\w+)`)
	weWord      = regexp.MustCompile(`\b(?:we (?:hold|have|are)|our)\b`)
	theirOwn    = regexp.MustCompile(`(?:['’]s(?: own)?|\bits(?: own)?|\btheir(?: own)?) $`)
)

// draft is a statement taken apart.
type draft struct {
	Statement
	passage
	asked passage
}

// settle orders findings and drops what says the same twice.
func settle(text string, list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Compare(place(text, a), place(text, b))
	})
	return slices.CompactFunc(list, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.Words == b.Words && a.Why == b.Why
	})
}

func place(text string, f Finding) int {
	if f.Words == "" {
		return -1
	}
	return strings.Index(text, f.Words)
}

// words returns the words of a sentence from one place to another, as written.
func (s *sentence) words(from, to int) string { return strings.TrimSpace(s.text[from:to]) }

// ofKind returns the reports of a kind, newest first; with SOC 2+ counting as
// a SOC 2 too.
func (c *Checker) ofKind(k Kind) []*Report { return c.register.ofKind(k) }

func (r *Register) ofKind(k Kind) (out []*Report) {
	for i := range r.Reports {
		if x := &r.Reports[i]; x.Kind == k || k == SOC2 && x.Kind == SOC2Plus {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *Report) int {
		if byEnd := b.sortDay().t.Compare(a.sortDay().t); byEnd != 0 {
			return byEnd
		}
		return cmp.Compare(b.Type, a.Type)
	})
	return out
}

// sortDay is what newer and older are told apart by.
func (r *Report) sortDay() Day {
	for _, d := range []Day{r.To, r.AsOf, r.Issued, r.ValidUntil} {
		if !d.IsZero() {
			return d
		}
	}
	return Day{}
}

// issued returns those of list that are issued on the day.
func issued(list []*Report, on Day) (out []*Report) {
	for _, r := range list {
		if !r.IsFuture(on) {
			out = append(out, r)
		}
	}
	return out
}

// meant returns the report that a mention is about: the newest issued one of
// its kind and type; nil if the register has none. sameType is false if the
// register has the kind in another type only.
func (c *Checker) meant(m *mention) (r *Report, sameType bool) {
	list := issued(c.ofKind(m.kind), c.today)
	if len(list) == 0 {
		return nil, false
	}
	if m.typ == 0 || !m.kind.IsTyped() {
		return list[0], true
	}
	for _, r := range list {
		if r.Type == m.typ {
			return r, true
		}
	}
	return list[0], false
}

// cited returns the reports and controls that a draft cites and the register
// holds.
func (c *Checker) cited(d *draft) (out []cited) {
	for _, x := range d.Cites {
		one := cited{cite: x, report: c.reports[strings.ToLower(x.Report)], control: c.controls[strings.ToLower(x.Control)]}
		if one.report != nil || one.control != nil {
			out = append(out, one)
		}
	}
	return out
}

// cited is one citation with what it stands for.
type cited struct {
	cite    Cite
	report  *Report
	control *Control
}
