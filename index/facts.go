package index

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// facts are what a text commits to, and what two texts can contradict each
// other in: its sense, the sides of contrasts it takes, its times and
// numbers, the standards it names.
type facts struct {
	turns      int // how often its negations and adverse phrases turn it around
	sides      []sideTaken
	times      []span
	standards  []standard
	quantities []quantity
}

// sideTaken is the sides of one opposite or contrast that a text names, one
// bit each.
type sideTaken struct {
	group    uint16
	opposite bool
	mask     uint8
}

// span is a length of time, in hours, and whether it is an interval at which
// something recurs ("annually") or a plain length ("90 days").
type span struct {
	hours   float64
	recurs  bool
	atLeast bool // "at least annually"
	words   string
}

// standard is a named standard or algorithm with its version: tls 1.2.
type standard struct {
	family  string
	version string
}

// quantity is a number of something that is no time: 12 characters.
type quantity struct {
	value float64
	unit  string
}

var negations = wordSet("not no never without none neither nor")

// recurrences are the words for intervals, in hours.
var recurrences = map[string]float64{
	"hourly": 1, "nightly": 24, "daily": 24, "weekly": 168, "biweekly": 336, "monthly": 730, "quarterly": 2190, "semiannual": 4380, "annual": 8760, "biennial": 17520,
}

// units are the units of time, stemmed, in hours.
var units = map[string]float64{
	"minut": 1.0 / 60, "min": 1.0 / 60, "hour": 1, "hr": 1, "hrs": 1, "h": 1, "day": 24, "d": 24, "week": 168, "month": 730, "quarter": 2190, "year": 8760, "yr": 8760,
}

// counted are the other units, stemmed.
var counted = map[string]string{"charact": "characters", "percent": "percent", "attempt": "attempts", "bit": "bits", "bits": "bits"}

var numberWords = map[string]float64{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelv": 12, "thirti": 30, "sixti": 60, "nineti": 90,
}

// certificates are the standards a company holds; naming one says nothing of
// another. A text that names several is met by any of them.
var certificates = map[string]string{
	"soc1": "SOC 1", "soc2": "SOC 2", "soc3": "SOC 3", "iso27001": "ISO 27001", "iso27017": "ISO 27017", "iso27018": "ISO 27018", "iso27701": "ISO 27701",
	"iso22301": "ISO 22301", "iso9001": "ISO 9001", "pcidss": "PCI DSS", "pci": "PCI DSS", "hipaa": "HIPAA", "fedramp": "FedRAMP", "hitrust": "HITRUST",
	"gdpr": "GDPR", "ccpa": "CCPA", "ferpa": "FERPA",
}

// versioned are the families whose versions exclude each other.
var versioned = []string{"tls", "ssl", "aes", "sha", "rsa", "type", "wpa", "oauth"}

// factual are all the words above: what no other word has to be asked for.
var factual = func() map[string]bool {
	all := maps.Clone(negations)
	for _, m := range []map[string]float64{recurrences, units} {
		for w := range m {
			all[w] = true
		}
	}
	for _, m := range []map[string]string{counted, certificates} {
		for w := range m {
			all[w] = true
		}
	}
	return all
}()

// factsIn returns the facts of a text and its tokens.
func (l *Lexicon) factsIn(text string, tokens []string) facts {
	var f facts
	masks := map[int]uint8{}
	l.sides.find(tokens, func(id int) {
		s := l.allSides[id]
		masks[s.group] |= 1 << s.number
	})
	for g, m := range masks {
		f.sides = append(f.sides, sideTaken{uint16(g), l.groupOpposite(g), m})
	}
	slices.SortFunc(f.sides, func(a, b sideTaken) int { return int(a.group) - int(b.group) })
	f.turns = l.turns(tokens)
	for i, t := range tokens {
		if !factual[t] && firstDigit(t) <= 0 {
			continue
		}
		f.addTime(tokens, i)
		f.addStandard(t)
	}
	if i := strings.IndexByte(text, '%'); i > 0 {
		f.addPercent(text)
	}
	return f
}

func (l *Lexicon) groupOpposite(g int) bool {
	for _, s := range l.allSides {
		if s.group == g {
			return s.opposite
		}
	}
	return false
}

// addTime adds the time or the quantity that token i ends.
func (f *facts) addTime(tokens []string, i int) {
	t := tokens[i]
	u, isUnit := units[t]
	h, isRecurrence := recurrences[t]
	if _, ok := counted[t]; !ok && !isUnit && !isRecurrence {
		return
	}
	n, hasNumber := numberBefore(tokens, i)
	if isUnit && hasNumber {
		recurs := i >= 2 && recurring[tokens[i-2]]
		f.addSpan(span{hours: n * u, recurs: recurs, atLeast: atLeastBefore(tokens, i-1), words: strconv.FormatFloat(n, 'g', -1, 64) + " " + unitWord(t, n)})
		return
	}
	if u, ok := counted[t]; ok && hasNumber {
		f.quantities = append(f.quantities, quantity{n, u})
		return
	}
	if isUnit && i > 0 && recurring[tokens[i-1]] { // every quarter
		h, isRecurrence = u, true
	}
	if isRecurrence && !hasNumber {
		f.addSpan(span{hours: h, recurs: true, atLeast: atLeastBefore(tokens, i), words: recurrenceWord(h)})
	}
}

// recurring are the words that make a length an interval.
var recurring = wordSet("every each per onc")

func (f *facts) addSpan(s span) {
	for _, o := range f.times {
		if o.hours == s.hours && o.recurs == s.recurs {
			return
		}
	}
	f.times = append(f.times, s)
}

func numberBefore(tokens []string, i int) (float64, bool) {
	if i == 0 {
		return 0, false
	}
	if n, ok := numberWords[tokens[i-1]]; ok {
		return n, true
	}
	n, err := strconv.ParseFloat(tokens[i-1], 64)
	return n, err == nil && n > 0 && n < 1e6
}

func atLeastBefore(tokens []string, i int) bool {
	for k := max(0, i-2); k < i; k++ {
		if tokens[k] == "atleast" || tokens[k] == "minimum" {
			return true
		}
	}
	return false
}

func unitWord(t string, n float64) string {
	w := map[string]string{"minut": "minute", "min": "minute", "hr": "hour", "hrs": "hour", "h": "hour", "d": "day", "yr": "year"}[t]
	if w == "" {
		w = t
	}
	if n != 1 {
		w += "s"
	}
	return w
}

func recurrenceWord(h float64) string {
	switch h {
	case 1:
		return "hourly"
	case 24:
		return "daily"
	case 168:
		return "weekly"
	case 336:
		return "every 2 weeks"
	case 730:
		return "monthly"
	case 2190:
		return "quarterly"
	case 4380:
		return "twice a year"
	case 8760:
		return "annually"
	}
	return "every 2 years"
}

func (f *facts) addPercent(text string) {
	for i := range len(text) {
		if text[i] != '%' {
			continue
		}
		k := i
		for k > 0 && (text[k-1] >= '0' && text[k-1] <= '9' || text[k-1] == '.') {
			k--
		}
		if n, err := strconv.ParseFloat(strings.Trim(text[k:i], "."), 64); err == nil {
			f.quantities = append(f.quantities, quantity{n, "percent"})
		}
	}
}

func (f *facts) addStandard(t string) {
	if name, ok := certificates[t]; ok {
		f.addNamed(standard{"certificate", name})
		return
	}
	for _, fam := range versioned {
		if v, ok := strings.CutPrefix(t, fam); ok && v != "" && v[0] >= '0' && v[0] <= '9' {
			f.addNamed(standard{fam, v})
		}
	}
}

func (f *facts) addNamed(s standard) {
	if !slices.Contains(f.standards, s) {
		f.standards = append(f.standards, s)
	}
}

// opposed reports whether q and d ask in opposite senses: an odd number of
// turns and opposite sides between them.
func opposed(q, d *facts) bool {
	odd := (q.turns + d.turns) % 2
	for _, p := range pairSides(q, d, true) {
		if p.q&p.d == 0 {
			odd++
		}
	}
	return odd%2 == 1
}

// sidePair is one group of which both texts take a side.
type sidePair struct {
	group int
	q, d  uint8
}

func pairSides(q, d *facts, opposite bool) []sidePair {
	var out []sidePair
	for _, a := range q.sides {
		for _, b := range d.sides {
			if a.group == b.group && a.opposite == opposite {
				out = append(out, sidePair{int(a.group), a.mask, b.mask})
			}
		}
	}
	return out
}

// contrasted returns the first contrast of which q and d take different
// sides, in words; "" if there is none.
func (l *Lexicon) contrasted(q, d *facts) string {
	for _, p := range pairSides(q, d, false) {
		if p.q&p.d == 0 {
			return l.sideNames(p.group, p.q) + " against " + l.sideNames(p.group, p.d)
		}
	}
	return ""
}

func (l *Lexicon) sideNames(group int, mask uint8) string {
	var names []string
	for _, s := range l.allSides {
		if s.group == group && mask&(1<<s.number) != 0 {
			names = append(names, s.name)
		}
	}
	return strings.Join(names, " and ")
}

// clash returns what q's times, numbers and standards contradict in d, in
// words; "" if nothing does. Only what both speak of can contradict.
func clash(q, d *facts) string {
	if s := clashTimes(q.times, d.times, true); s != "" {
		return s
	}
	if s := clashTimes(q.times, d.times, false); s != "" {
		return s
	}
	if s := clashQuantities(q.quantities, d.quantities); s != "" {
		return s
	}
	return clashStandards(q.standards, d.standards)
}

// clashTimes compares the times of one sort. A shorter interval meets "at
// least annually"; otherwise one of d's times has to be one of q's.
func clashTimes(q, d []span, recurs bool) string {
	var first *span
	for i := range q {
		if q[i].recurs != recurs {
			continue
		}
		if first == nil {
			first = &q[i]
		}
		for _, t := range d {
			if sameTime(q[i].hours, t.hours) || recurs && q[i].atLeast && t.hours < q[i].hours {
				return ""
			}
		}
	}
	if first == nil {
		return ""
	}
	for i := range d {
		if d[i].recurs == recurs {
			return first.words + " against " + d[i].words
		}
	}
	return ""
}

// sameTime allows for months of 30 days and years of 12 months or 52 weeks.
func sameTime(a, b float64) bool { return math.Abs(a-b) <= 0.03*math.Max(a, b) }

func clashQuantities(q, d []quantity) string {
	note := ""
	for _, a := range q {
		for _, b := range d {
			if a.unit != b.unit {
				continue
			}
			if a.value == b.value {
				return ""
			}
			if note == "" {
				note = fmt.Sprintf("%g against %g %s", a.value, b.value, a.unit)
			}
		}
	}
	return note
}

func clashStandards(q, d []standard) string {
	for _, a := range q {
		if containsAny(q, d, a.family) {
			continue
		}
		for _, b := range d {
			if a.family == b.family {
				return a.label() + " against " + b.label()
			}
		}
	}
	return ""
}

// containsAny reports whether d names one of q's standards of a family.
func containsAny(q, d []standard, family string) bool {
	for _, s := range q {
		if s.family == family && slices.Contains(d, s) {
			return true
		}
	}
	return false
}

func (s standard) label() string {
	switch s.family {
	case "certificate":
		return s.version
	case "type":
		return "type " + s.version
	case "aes", "sha", "rsa":
		return strings.ToUpper(s.family) + "-" + s.version
	}
	return strings.ToUpper(s.family) + " " + s.version
}
