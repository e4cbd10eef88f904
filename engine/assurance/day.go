package assurance

import (
	"fmt"
	"time"
)

// Day is a day of the Gregorian calendar without a time zone. The zero value
// is no day.
type Day struct{ t time.Time }

// NewDay returns the day. Days past the month's end roll over as in
// [time.Date].
func NewDay(year int, month time.Month, day int) Day {
	return Day{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// DayOf returns the UTC day that t falls on; no day for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return Day{}
	}
	return NewDay(t.UTC().Date())
}

// ParseDay reads a day written as 2026-03-31. The years 1990 to 2100 are
// accepted: others are slips of the pen in a register of audit reports.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1990 || t.Year() > 2100 {
		return Day{}, fmt.Errorf("no day between 1990 and 2100 written as 2026-03-31: %.40q", s)
	}
	return Day{t}, nil
}

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d.t.IsZero() }

// Before reports whether d is an earlier day than o.
func (d Day) Before(o Day) bool { return d.t.Before(o.t) }

// After reports whether d is a later day than o.
func (d Day) After(o Day) bool { return d.t.After(o.t) }

// AddMonths returns the same day so many months later, the month's last where
// it has no such day: one month after 31 January is 28 February.
func (d Day) AddMonths(n int) Day {
	first := time.Date(d.t.Year(), d.t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Day{first.AddDate(0, 0, min(d.t.Day(), last)-1)}
}

// AddDays returns the day so many days later.
func (d Day) AddDays(n int) Day { return Day{d.t.AddDate(0, 0, n)} }

// DaysTo returns the number of days from d to o, negative if o is earlier.
func (d Day) DaysTo(o Day) int { return int(o.t.Sub(d.t) / (24 * time.Hour)) }

// Time returns midnight UTC of the day.
func (d Day) Time() time.Time { return d.t }

// String returns the day as 2026-03-31, "" for no day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

// Long returns the day as customers read it, 31 March 2026: no order of
// figures that two countries read differently.
func (d Day) Long() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format("2 January 2006")
}

// MarshalText writes the day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	day, err := ParseDay(string(b))
	if err == nil {
		*d = day
	}
	return err
}
