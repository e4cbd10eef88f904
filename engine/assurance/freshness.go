package assurance

import (
	"strconv"
	"strings"
	"unicode"
)

// interval is how often a control runs.
type interval struct{ months, days int }

// The grace that evidence has beyond the interval of its control. The lengths
// are ours, no standard names any:
//
//	interval                                evidence is good for
//	continuous, hourly, daily               1 day and 30 days
//	weekly, every N weeks, every N days     that and 30 days
//	monthly                                 1 month and 15 days
//	quarterly, half-yearly, annual, longer  that and 30 days
//	none, unknown, on event, on change      12 months
//
// What runs every day is not collected every day, hence the 30 days; the next
// evidence of a monthly control is due in 30 days anyway, hence half of them.
const (
	graceDays        = 30
	graceDaysMonthly = 15
	unknownMonths    = 12
)

// freshUntil returns the last day on which evidence of the day is good for a
// control of the frequency.
func freshUntil(day Day, frequency string) Day {
	every, ok := intervalOf(frequency)
	if !ok {
		return day.AddMonths(unknownMonths)
	}
	grace := graceDays
	if every.months == 1 {
		grace = graceDaysMonthly
	}
	return Day{day.AddMonths(every.months).t.AddDate(0, 0, every.days+grace)}
}

// intervals are the words for an interval. Where a word means two things
// ("biweekly", "bimonthly") it is the longer one: a warning must be true.
var intervals = map[string]interval{
	"continuous": {0, 1}, "continuously": {0, 1}, "ongoing": {0, 1}, "automatic": {0, 1}, "automated": {0, 1}, "always": {0, 1},
	"hourly": {0, 1}, "daily": {0, 1}, "nightly": {0, 1},
	"weekly": {0, 7}, "fortnightly": {0, 14}, "biweekly": {0, 14},
	"monthly": {1, 0}, "bimonthly": {2, 0}, "quarterly": {3, 0},
	"halfyearly": {6, 0}, "semiannual": {6, 0}, "semiannually": {6, 0}, "biannual": {6, 0}, "biannually": {6, 0}, "semiyearly": {6, 0}, "biyearly": {24, 0},
	"annual": {12, 0}, "annually": {12, 0}, "yearly": {12, 0},
	"biennial": {24, 0}, "biennially": {24, 0}, "triennial": {36, 0}, "triennially": {36, 0},
}

// countUnits are what can be counted: "every 3 months", "once a year". What is
// shorter than a day is a day, however many there are.
var countUnits = map[string]interval{
	"minute": {0, 0}, "hour": {0, 0}, "day": {0, 1}, "week": {0, 7}, "month": {1, 0}, "quarter": {3, 0}, "year": {12, 0},
}

var countWords = map[string]int{
	"one": 1, "two": 2, "second": 2, "other": 2, "three": 3, "third": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "eighteen": 18,
}

// maxCount is the largest number that is taken for a count of units.
const maxCount = 1000

// intervalOf reads a frequency as people write it: "Quarterly", "every two
// years", "twice a year", "on change, at least annually". Of several intervals
// the first is taken.
func intervalOf(frequency string) (interval, bool) {
	words := strings.FieldsFunc(strings.ToLower(frequency), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if i+1 < len(words) {
			if v, ok := intervals[w+words[i+1]]; ok { // "half-yearly", "semi annual"
				return v, true
			}
		}
		if v, ok := intervals[w]; ok {
			return v, true
		}
		if v, ok := countedInterval(words[i:]); ok {
			return v, true
		}
	}
	return interval{}, false
}

// countedInterval reads an interval from the start of words: "every 90 days",
// "each quarter", "2 times per year", "6-monthly".
func countedInterval(words []string) (interval, bool) {
	switch words[0] {
	case "every", "each", "per", "once", "a":
		rest := words[1:]
		if len(rest) > 0 && (rest[0] == "a" || rest[0] == "per" || rest[0] == "every" || rest[0] == "each") {
			rest = rest[1:]
		}
		if len(rest) > 1 && (rest[0] == "business" || rest[0] == "working" || rest[0] == "calendar") {
			rest = rest[1:]
		}
		n := 1
		if len(rest) > 1 {
			if k := countOf(rest[0]); k > 0 {
				n, rest = k, rest[1:]
			}
		}
		if len(rest) > 0 {
			if u, ok := countUnit(rest[0]); ok {
				return atLeastADay(interval{u.months * n, u.days * n}), true
			}
		}
	case "twice":
		return dividedInterval(2, words[1:])
	default:
		n := countOf(words[0])
		if n == 0 || len(words) < 2 {
			break
		}
		if words[1] == "times" {
			return dividedInterval(n, words[2:])
		}
		if v, ok := intervals[words[1]]; ok { // "6-monthly"
			return interval{v.months * n, v.days * n}, true
		}
	}
	return interval{}, false
}

// dividedInterval reads "a year" after "twice" as half a year; it is a day at
// least.
func dividedInterval(n int, words []string) (interval, bool) {
	if len(words) > 1 {
		words = words[1:]
	}
	if len(words) == 0 {
		return interval{}, false
	}
	u, ok := countUnit(words[0])
	if !ok {
		return interval{}, false
	}
	if u.months >= n {
		return interval{months: u.months / n}, true
	}
	return atLeastADay(interval{days: (u.months*30 + u.days) / n}), true
}

func atLeastADay(v interval) interval {
	if v.months == 0 {
		v.days = max(1, v.days)
	}
	return v
}

func countUnit(word string) (interval, bool) {
	u, ok := countUnits[strings.TrimSuffix(word, "s")]
	return u, ok
}

// countOf reads a count, 0 if word is none.
func countOf(word string) int {
	if n, ok := countWords[word]; ok {
		return n
	}
	if n, err := strconv.Atoi(word); err == nil && n > 0 && n <= maxCount {
		return n
	}
	return 0
}
