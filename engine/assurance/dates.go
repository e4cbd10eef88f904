package assurance

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// span is a time that a sentence names, from its first to its last day, and
// where it stands.
type span struct {
	start, end  int // in the sentence, bytes
	first, last Day
	other       Day // the other reading of a day in figures, 03/04/2026
}

// monthNames are the months by their first three letters.
var monthNames = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

const monthWord = `(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`

// dateForms are the ways to write a time, the longest first: what one has
// taken the next does not see.
var dateForms = []struct {
	form *regexp.Regexp
	read func(m []string) (first, last Day, ok bool)
}{
	{regexp.MustCompile(`\b(20\d\d|19\d\d)-(\d\d)-(\d\d)\b`), func(m []string) (Day, Day, bool) { return oneDay(m[1], m[2], m[3]) }},
	{inFigures, func(m []string) (Day, Day, bool) {
		if first, last, ok := oneDay(m[3], m[2], m[1]); ok {
			return first, last, true
		}
		return oneDay(m[3], m[1], m[2])
	}},
	{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ` + monthWord + `,? (20\d\d|19\d\d)\b`), func(m []string) (Day, Day, bool) {
		return oneDay(m[3], monthNumber(m[2]), m[1])
	}},
	{regexp.MustCompile(`\b` + monthWord + ` (\d{1,2})(?:st|nd|rd|th)?,? (20\d\d|19\d\d)\b`), func(m []string) (Day, Day, bool) {
		return oneDay(m[3], monthNumber(m[1]), m[2])
	}},
	{regexp.MustCompile(`\b` + monthWord + `,? (?:of )?(20\d\d|19\d\d)\b`), func(m []string) (Day, Day, bool) {
		return months(m[2], int(monthNames[m[1][:3]]), 1)
	}},
	{regexp.MustCompile(`\b(?:q([1-4])|(first|second|third|fourth) quarter)(?: of)?[ /,-]*(?:fy ?)?(20\d\d)\b`), func(m []string) (Day, Day, bool) {
		return months(m[3], 3*ordinal(m[1]+m[2])-2, 3)
	}},
	{regexp.MustCompile(`\b(20\d\d)[ /-]?q([1-4])\b`), func(m []string) (Day, Day, bool) { return months(m[1], 3*ordinal(m[2])-2, 3) }},
	{regexp.MustCompile(`\b(?:h([12])|(first|second) half)(?: of)?[ /,-]*(20\d\d)\b`), func(m []string) (Day, Day, bool) {
		return months(m[3], 6*ordinal(m[1]+m[2])-5, 6)
	}},
	{regexp.MustCompile(`\b(early|mid|late|end of|end|easter|christmas|summer|autumn|fall|spring|winter|beginning of|start of)[ -](?:the year |in )?(20\d\d)\b`), func(m []string) (Day, Day, bool) {
		part := partsOfYear[m[1]]
		return months(m[2], part[0], part[1]-part[0]+1)
	}},
	{regexp.MustCompile(`\b(20\d\d)-(0[1-9]|1[0-2])\b`), func(m []string) (Day, Day, bool) {
		n, _ := strconv.Atoi(m[2])
		return months(m[1], n, 1)
	}},
	{regexp.MustCompile(`\b(20[0-4]\d)\b`), func(m []string) (Day, Day, bool) { return months(m[1], 1, 12) }},
}

// inFigures is the form of dateForms that two countries read differently.
var inFigures = regexp.MustCompile(`\b(\d{1,2})[/.](\d{1,2})[/.](20\d\d)\b`)

func newSpan(figures bool, start, end int, first, last Day) span {
	at := span{start: start, end: end, first: first, last: last}
	if figures && first.t.Day() <= 12 {
		at.other = NewDay(first.t.Year(), time.Month(first.t.Day()), int(first.t.Month()))
	}
	return at
}

// partsOfYear are the first and the last month that words for a part of the
// year may mean, on the northern half of the globe.
var partsOfYear = map[string][2]int{
	"early": {1, 4}, "beginning of": {1, 3}, "start of": {1, 3}, "spring": {3, 6}, "easter": {3, 4}, "mid": {5, 8}, "summer": {6, 9},
	"autumn": {9, 12}, "fall": {9, 12}, "late": {9, 12}, "end of": {11, 12}, "end": {11, 12}, "christmas": {12, 12}, "winter": {1, 12},
}

func monthNumber(s string) string { return strconv.Itoa(int(monthNames[s[:3]])) }

func ordinal(s string) int {
	switch s {
	case "1", "first":
		return 1
	case "2", "second":
		return 2
	case "3", "third":
		return 3
	}
	return 4
}

func oneDay(year, month, day string) (first, last Day, ok bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return Day{}, Day{}, false
	}
	at := NewDay(y, time.Month(m), d)
	return at, at, true
}

// months returns the days of n months from the first of month.
func months(year string, month, n int) (first, last Day, ok bool) {
	y, _ := strconv.Atoi(year)
	first = NewDay(y, time.Month(month), 1)
	return first, Day{first.AddMonths(n).t.AddDate(0, 0, -1)}, true
}

// openDay is a day whose year stands at the other end of its period: the "1
// October" of "1 October to 31 December 2025".
var openDay = regexp.MustCompile(`\b(?:(\d{1,2})(?:st|nd|rd|th)? )?` + monthWord + `(?: (\d{1,2})(?:st|nd|rd|th)?)?,?$`)

// standards are numbers that look like years or follow a standard's name.
var standardYear = regexp.MustCompile(`\b(?:iso|iec|nist|owasp|csf|27\d\d\d|42001|22301|9001)[ /:a-z0-9.-]{0,12}[:\s-]$`)

// findDates returns the times that a sentence in lower case names, in order.
func findDates(lower string) (out []span) {
	if !strings.Contains(lower, "20") && !strings.Contains(lower, "19") {
		return nil
	}
	taken := make([]bool, len(lower)+1)
	for _, f := range dateForms {
		for _, at := range f.form.FindAllStringSubmatchIndex(lower, -1) {
			if taken[at[0]] || taken[at[1]-1] {
				continue
			}
			if standardYear.MatchString(lower[:at[0]]) {
				continue
			}
			first, last, ok := f.read(groups(lower, at))
			if !ok {
				continue
			}
			for i := at[0]; i < at[1]; i++ {
				taken[i] = true
			}
			out = append(out, newSpan(f.form == inFigures, at[0], at[1], first, last))
		}
	}
	sortSpans(out)
	return out
}

func groups(s string, at []int) []string {
	out := make([]string, len(at)/2)
	for i := range out {
		if at[2*i] >= 0 {
			out[i] = s[at[2*i]:at[2*i+1]]
		}
	}
	return out
}

func sortSpans(list []span) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].start < list[j-1].start; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// period is a time from one date to another that a sentence names.
type period struct {
	start, end int
	from, to   span
}

// between joins the two ends of a period.
var between = regexp.MustCompile(`^\s*,?\s*(?:to|until|till|through|thru|-|–|—|and|up to|(?:and )?(?:it )?(?:end(?:s|ed|ing)?|finish\w*)(?: on| in)?)\s*(?:the )?$`)

// findPeriods returns the periods among the dates of a sentence.
func (s *sentence) findPeriods() (out []period) {
	for i := range s.dates {
		d := s.dates[i]
		if i > 0 && between.MatchString(s.lower[s.dates[i-1].end:d.start]) {
			p := s.dates[i-1]
			if join := strings.TrimSpace(s.lower[p.end:d.start]); join == "and" && !strings.Contains(s.lower[:p.start], "between") {
				continue
			}
			out = append(out, period{p.start, d.end, p, d})
			continue
		}
		if o, ok := s.openBefore(d); ok {
			out = append(out, period{o.start, d.end, o, d})
		}
	}
	return out
}

// openBefore returns the day or month without a year that opens a period which
// ends in d: "October 1 through December 31, 2025".
func (s *sentence) openBefore(d span) (span, bool) {
	head := s.lower[:d.start]
	j := joinEnd.FindStringIndex(head)
	if j == nil {
		return span{}, false
	}
	before := strings.TrimRight(head[:j[0]], " ")
	m := openDay.FindStringSubmatchIndex(before)
	if m == nil {
		return openNumber(before, d)
	}
	g := groups(head, m)
	month := monthNames[g[2][:3]]
	year := d.last.t.Year()
	if month > d.last.t.Month() {
		year--
	}
	day := g[1] + g[3]
	if day == "" {
		first, last, _ := months(strconv.Itoa(year), int(month), 1)
		return newSpan(false, m[0], m[1], first, last), true
	}
	first, last, ok := oneDay(strconv.Itoa(year), strconv.Itoa(int(month)), day)
	return newSpan(false, m[0], m[1], first, last), ok
}

// openNumber reads the "3" of "3 to 14 August 2026".
func openNumber(before string, d span) (span, bool) {
	m := dayAlone.FindStringSubmatchIndex(before)
	if m == nil || d.first != d.last {
		return span{}, false
	}
	first, last, ok := oneDay(strconv.Itoa(d.first.t.Year()), strconv.Itoa(int(d.first.t.Month())), before[m[2]:m[3]])
	return newSpan(false, m[2], m[3], first, last), ok && !first.After(d.first)
}

var dayAlone = regexp.MustCompile(`\b(?:from|between|on)? ?(\d{1,2})(?:st|nd|rd|th)?$`)

var joinEnd = regexp.MustCompile(`\s*(?:\bto\b|\buntil\b|\bthrough\b|\bthru\b|-|–|—)\s*$`)

// holds reports whether the day lies in the span.
func (d span) holds(day Day) bool {
	return !day.IsZero() && (!day.Before(d.first) && !day.After(d.last) || day == d.other)
}
