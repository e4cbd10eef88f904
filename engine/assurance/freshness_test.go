package assurance

import (
	"testing"
	"time"
)

// TestFreshUntil proves the table of intervals and graces, and that a
// frequency is read however people write it.
func TestFreshUntil(t *testing.T) {
	t.Parallel()
	day := NewDay(2026, time.January, 15)
	for _, tt := range []struct{ frequency, want string }{
		{"", "2027-01-15"},
		{"on event", "2027-01-15"},
		{"On change", "2027-01-15"},
		{"per customer", "2027-01-15"},
		{"a", "2027-01-15"},
		{"twice", "2027-01-15"},
		{"3 times", "2027-01-15"},
		{"every 100000 years", "2027-01-15"},
		{"continuous", "2026-02-15"},
		{"Daily", "2026-02-15"},
		{"every 5 minutes", "2026-02-15"},
		{"each working day", "2026-02-15"},
		{"weekly", "2026-02-21"},
		{"once a week", "2026-02-21"},
		{"twice a month", "2026-03-01"},
		{"bi-weekly", "2026-02-28"},
		{"monthly", "2026-03-02"},
		{"every month", "2026-03-02"},
		{"every 90 days", "2026-05-15"},
		{"Quarterly", "2026-05-15"},
		{"each quarter", "2026-05-15"},
		{"four times per year", "2026-05-15"},
		{"half-yearly", "2026-08-14"},
		{"Semi-annually", "2026-08-14"},
		{"twice a year", "2026-08-14"},
		{"6-monthly", "2026-08-14"},
		{"every six months", "2026-08-14"},
		{"annual", "2027-02-14"},
		{"on change, at least annually", "2027-02-14"},
		{"every two years", "2028-02-14"},
		{"every second year", "2028-02-14"},
		{"triennial", "2029-02-14"},
	} {
		if got := freshUntil(day, tt.frequency).String(); got != tt.want {
			t.Errorf("evidence of %s for a control that runs %q is good until %s, want %s", day, tt.frequency, got, tt.want)
		}
	}
}
