package list

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vouch/engine"
)

//go:embed months.tsv
var monthTable string

// months maps the names of months, folded, to their numbers.
var months = readMonths(monthTable)

func readMonths(table string) map[string]int {
	out := map[string]int{}
	for line := range strings.Lines(table) {
		number, names, ok := strings.Cut(strings.TrimSpace(line), "\t")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			continue
		}
		for _, name := range strings.Split(names, "|") {
			out[engine.FoldWords(name)] = n
		}
	}
	return out
}

var (
	yearFirst = regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})([-/.])\s?(\d{1,2})([-/.])\s?(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?$`)
	shortYear = regexp.MustCompile(`^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}$`)
	dayName   = regexp.MustCompile(`^(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?[ -]+(?:de )?(\pL+)\.?,?[ -]+(?:de )?(\d{4})$`)
	nameDay   = regexp.MustCompile(`^(\pL+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$`)
)

// day returns the day that the text of role r names, nil if it is empty, or
// why it names none.
func (f fields) day(r Role) (day *time.Time, why string) {
	s := f.line(r)
	if s == "" {
		return nil, ""
	}
	t, why := ParseDate(s)
	if why != "" {
		return nil, why
	}
	return &t, ""
}

// ParseDate returns the day that s names, UTC midnight, or why it names none.
func ParseDate(s string) (day time.Time, why string) {
	if m := yearFirst.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return date(m[1], m[3], m[5])
	}
	if m := yearLast.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return dayOrMonthFirst(m[1], m[3], m[5], m[2] == ".")
	}
	if m := dayName.FindStringSubmatch(s); m != nil {
		return namedDate(m[3], m[2], m[1])
	}
	if m := nameDay.FindStringSubmatch(s); m != nil {
		return namedDate(m[3], m[1], m[2])
	}
	if shortYear.MatchString(s) {
		return day, "has a year of two digits; write it as 2025-12-31"
	}
	return day, "is no date that is read here; write it as 2025-12-31"
}

// dayOrMonthFirst reads a date that ends in its year. With dots the day is
// first; else there must be one reading only.
func dayOrMonthFirst(a, b, year string, dots bool) (day time.Time, why string) {
	dayFirst, whyDay := date(year, b, a)
	if dots || a == b {
		return dayFirst, whyDay
	}
	monthFirst, whyMonth := date(year, a, b)
	switch {
	case whyDay == "" && whyMonth == "" && !dayFirst.Equal(monthFirst):
		return day, "can be read in two ways; write it as 2025-12-31"
	case whyDay == "":
		return dayFirst, ""
	}
	return monthFirst, whyMonth
}

func namedDate(year, month, day string) (time.Time, string) {
	n, ok := months[engine.FoldWords(month)]
	if !ok {
		return time.Time{}, "is no date that is read here; write it as 2025-12-31"
	}
	return date(year, strconv.Itoa(n), day)
}

// date returns a day of the calendar.
func date(year, month, day string) (time.Time, string) {
	y, _ := strconv.Atoi(year) // digits, by the expressions above
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y < 1 || t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return time.Time{}, "is not in the calendar; write it as 2025-12-31"
	}
	return t, ""
}
