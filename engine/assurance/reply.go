package assurance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Reply is the answer to a question about reports, taken from the register and
// from nothing else.
type Reply struct {
	Topics  []string `json:"topics"`  // what was asked, ids of [Topics]
	Verdict string   `json:"verdict"` // yes, no, partial, or "" where neither was asked for
	Text    string   `json:"text"`
	Cites   []Cite   `json:"cites"` // the reports it rests on; none where the answer is that there is none
}

// Reply answers a question about the company's own audit reports, certificates
// and penetration tests, as of a day. ok is false for every other question,
// among them those about the reports of suppliers, about internal audits, and
// about standards that are only followed.
//
// Facts of a restricted report go only to a reader with an NDA; to others the
// reply says that the report exists and how to get it.
func (r *Register) Reply(question string, reader Reader, on Day) (reply Reply, ok bool) {
	asks, ok := r.readAsk(question)
	if !ok {
		return Reply{}, false
	}
	w := &writer{register: r, reader: reader, on: on}
	for i := range asks {
		w.answer(&asks[i])
	}
	if len(w.sentences) == 0 || w.unknown || w.leavesOut(asks) {
		return Reply{}, false
	}
	return Reply{Topics: w.topics, Verdict: w.verdict, Text: w.text(), Cites: w.cites}, true
}

// writer collects what is said to one question.
type writer struct {
	register *Register
	reader   Reader
	on       Day

	topics    []string
	verdict   string
	decided   bool
	sentences []string
	cites     []Cite
	unknown   bool // something is asked that the register leaves open
}

// leavesOut reports whether a yes or a no was asked for of several reports by
// name, and the text does not speak of each.
func (w *writer) leavesOut(asks []ask) bool {
	text := strings.Join(w.sentences, " ")
	for i := range asks {
		a := &asks[i]
		if !a.yesNo || !a.named || anyAsked.MatchString(a.lower) {
			continue
		}
		for _, k := range a.kinds {
			if k != SOC2Plus && !strings.Contains(text, k.Name()) {
				return true
			}
		}
	}
	return false
}

// answer says what is asked.
func (w *writer) answer(a *ask) {
	for _, t := range a.topics {
		w.topics = append(w.topics, t.ID)
		verdict, text := t.say(w, a)
		if a.yesNo && !w.decided && t.decides {
			w.verdict, w.decided = verdict, true
		}
		if text != "" && !slices.Contains(w.sentences, text) {
			w.sentences = append(w.sentences, text)
		}
	}
}

// verdictWords open the text of an answer that has a verdict.
var verdictWords = map[string]string{"yes": "Yes. ", "no": "No. ", "partial": "In part. "}

func (w *writer) text() string { return verdictWords[w.verdict] + strings.Join(w.sentences, " ") }

// cite notes a report that the reply rests on.
func (w *writer) cite(r *Report) {
	c := Cite{Report: r.ID}
	if !slices.Contains(w.cites, c) {
		w.cites = append(w.cites, c)
	}
}

// newest returns the newest issued report of the kinds and type asked for, and
// cites it. Without one of the type it returns the newest of another.
func (w *writer) newest(a *ask) *Report {
	list := w.issued(a)
	if len(list) == 0 {
		return nil
	}
	r := list[0]
	if x := w.otherThanNewest(a, r); x != nil {
		w.cite(x)
		return x
	}
	for _, x := range list {
		if a.typ != 0 && x.Type == a.typ {
			r = x
			break
		}
	}
	w.cite(r)
	return r
}

// otherThanNewest returns the report that a question for the one before, or of
// a year, means; nil if it means the newest.
func (w *writer) otherThanNewest(a *ask, newest *Report) *Report {
	if !a.previous && (len(a.dates) == 0 || a.yesNo && !pastAsked.MatchString(a.lower)) {
		return nil
	}
	for _, x := range w.issued(a) {
		if x == newest || x.Kind != newest.Kind && (x.Kind != SOC2 || newest.Kind != SOC2Plus) {
			continue
		}
		if a.previous {
			return x
		}
		for _, d := range a.dates {
			if d.holds(x.End()) && !d.holds(newest.End()) {
				return x
			}
		}
	}
	return nil
}

// pastAsked is a yes-or-no question about what was.
var pastAsked = regexp.MustCompile(`\b(?:was|were|did)\b`)

// issued returns the issued reports of the kinds asked for, by kind in the
// order of asking, each newest first.
func (w *writer) issued(a *ask) (out []*Report) {
	for _, k := range a.kinds {
		for _, r := range issued(w.register.ofKind(k), w.on) {
			if !slices.Contains(out, r) && (a.level == "" || k != CyberEssentials || strings.EqualFold(r.Level, a.level)) {
				out = append(out, r)
			}
		}
	}
	return out
}

// current returns the newest issued report of each kind that has not lapsed.
func (r *Register) current(on Day) (out []*Report) {
	for _, k := range Kinds() {
		if k == Pentest {
			continue
		}
		for _, x := range issued(r.ofKind(k), on) {
			if x.Kind == k && !x.Lapsed(on) {
				out = append(out, x)
				break
			}
		}
	}
	return out
}

// mayRead reports whether the reader may have what is in r.
func (w *writer) mayRead(r *Report) bool {
	switch {
	case !r.restricted():
		return true
	case r.Access == Internal:
		return false
	}
	return w.reader.NDA && !w.reader.Public
}

// withheld says that what is in r is not told, and how to get it.
func (w *writer) withheld(r *Report) string {
	if r.Access == Internal {
		return fmt.Sprintf("The content of the %s is not disclosed.", r.label())
	}
	return fmt.Sprintf("That is stated in the %s, which we share under NDA.%s", r.label(), sentence2(r.HowToGet))
}

func sentence2(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	return " " + strings.TrimRight(s, ".") + "."
}

// label names a report within a sentence: "SOC 2 Type 2 report",
// "ISO/IEC 27001 certificate", "penetration test".
func (r *Report) label() string {
	return withNoun(r.Kind, r.Name())
}

// withNoun adds to the name of a report what it is.
func withNoun(k Kind, name string) string {
	switch k {
	case Pentest:
		return "penetration test"
	case CSASTAR:
		return name + " entry"
	case FedRAMP:
		return name + " authorization"
	case TISAX:
		return name + " label"
	case PCIDSS:
		return name + " attestation"
	}
	switch k.Family() {
	case Certification:
		return name + " certificate"
	case Attestation:
		return name + " report"
	}
	return name
}

// span words the time that a report speaks of.
func (r *Report) span() string {
	switch {
	case !r.From.IsZero() && !r.To.IsZero():
		return "the period " + r.From.Long() + " to " + r.To.Long()
	case !r.AsOf.IsZero():
		return "the design of controls as of " + r.AsOf.Long()
	}
	return ""
}

// describe tells the facts of a report that may always be told, in one
// sentence.
func (r *Report) describe() string {
	var b strings.Builder
	b.WriteString(r.label())
	if list := categoriesOnly(r.Criteria); len(list) > 0 {
		b.WriteString(" on " + joinAnd(titleAll(list)))
	}
	if r.Certificate != "" {
		b.WriteString(" (certificate " + r.Certificate + ")")
	}
	switch {
	case r.Kind == Pentest:
		b.WriteString(" that ended on " + r.End().Long())
	case r.span() != "" && r.AsOf.IsZero():
		b.WriteString(" for " + r.span())
	case r.span() != "":
		b.WriteString(" on " + r.span())
	}
	if r.Auditor != "" {
		b.WriteString(" by " + r.Auditor)
	}
	if !r.Issued.IsZero() && r.Kind != Pentest {
		b.WriteString(", issued on " + r.Issued.Long())
	}
	if !r.ValidUntil.IsZero() {
		b.WriteString(", valid until " + r.ValidUntil.Long())
	}
	return b.String()
}

// categoriesOnly returns the Trust Services categories among criteria.
func categoriesOnly(criteria []string) (out []string) {
	for _, c := range Categories() {
		if slices.ContainsFunc(criteria, func(x string) bool { return strings.EqualFold(x, c) }) {
			out = append(out, c)
		}
	}
	return out
}

// titleAll writes each with capitals: "Processing Integrity".
func titleAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		words := strings.Fields(s)
		for j, w := range words {
			words[j] = strings.ToUpper(w[:1]) + w[1:]
		}
		out[i] = strings.Join(words, " ")
	}
	return out
}

// lapsedNote says that a report has lapsed, "" if it has not.
func (w *writer) lapsedNote(r *Report) string {
	if !r.Lapsed(w.on) {
		return ""
	}
	note := "It has lapsed: "
	if !r.ValidUntil.IsZero() {
		note += "it was valid until " + r.ValidUntil.Long()
	} else {
		note += fmt.Sprintf("it ended on %s, more than %d months ago", r.End().Long(), staleAfter)
	}
	if !r.Bridge.Until.IsZero() {
		note += ", and the bridge letter covered the time until " + r.Bridge.Until.Long()
	}
	note += "."
	if n := w.nextOf(r); n != "" {
		note += " " + n
	}
	return note
}

// nextOf says when the next report of r's kind is due, "" if nobody knows.
func (w *writer) nextOf(r *Report) string {
	for _, x := range w.register.ofKind(r.Kind) {
		if x.IsFuture(w.on) {
			return fmt.Sprintf("The next %s is to be issued on %s.", x.label(), x.Issued.Long())
		}
	}
	switch {
	case r.NextIssue.After(w.on):
		return fmt.Sprintf("The next report is expected on %s.", r.NextIssue.Long())
	case r.NextAudit.After(w.on):
		return fmt.Sprintf("The next audit is planned for %s.", r.NextAudit.Long())
	}
	return ""
}

// instead says what there is instead of what was asked for.
func (w *writer) instead(not []Kind) string {
	var names []string
	for _, r := range w.register.current(w.on) {
		if !slices.Contains(not, r.Kind) {
			names = append(names, article(r.label()))
			w.cite(r)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "We have " + joinAnd(names) + "."
}

// article puts "a" or "an" before a name.
func article(name string) string {
	if strings.HasPrefix(name, "I") {
		return "an " + name
	}
	return "a " + name
}

// kindsName names kinds for people.
func kindsName(kinds []Kind, typ int) string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		if k == SOC2Plus && slices.Contains(kinds, SOC2) {
			continue
		}
		n := k.Name()
		if k.IsTyped() && typ != 0 {
			n += fmt.Sprintf(" Type %d", typ)
		}
		names = append(names, withNoun(k, n))
	}
	if len(names) > 6 {
		return "such report or certificate"
	}
	return joinOr(names)
}

func joinOr(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}
