package assurance

import (
	"slices"
	"testing"
	"time"
)

// TestWorthOfEvidence holds that the last evidence of a control is fresh for as
// long as the control runs once, and that only it can be stale.
func TestWorthOfEvidence(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, d int) Day { return NewDay(2026, month, d) }
	r := &Register{
		Controls: []Control{{ID: "Q", Frequency: "quarterly"}, {ID: "Y", Frequency: "annual"}},
		Evidence: []Evidence{
			{ID: "1", Control: "Q", CollectedAt: day(1, 10)},
			{ID: "2", Control: "q", CollectedAt: day(4, 9), From: day(1, 1), To: day(3, 31)},
			{ID: "3", Control: "Y", CollectedAt: day(4, 9)},
			{ID: "4", Control: "Y", CollectedAt: day(12, 1)},
			{ID: "5", Control: "Z"},
		},
	}
	for _, c := range []struct {
		on   Day
		want []Worth
	}{
		{day(2, 1), []Worth{EvidenceFresh, EvidenceToCome, EvidenceToCome, EvidenceToCome, EvidenceToCome}},
		{day(7, 30), []Worth{EvidenceSuperseded, EvidenceFresh, EvidenceFresh, EvidenceToCome, EvidenceToCome}},
		{day(7, 31), []Worth{EvidenceSuperseded, EvidenceStale, EvidenceFresh, EvidenceToCome, EvidenceToCome}},
		{day(12, 2), []Worth{EvidenceSuperseded, EvidenceStale, EvidenceSuperseded, EvidenceFresh, EvidenceToCome}},
	} {
		var got []Worth
		for _, x := range r.WorthOfEvidence(c.on) {
			got = append(got, x.Worth)
			if known := x.Worth == EvidenceFresh || x.Worth == EvidenceStale; known == x.FreshUntil.IsZero() {
				t.Errorf("on %s one that is %s is fresh until %s", c.on, x.Worth, x.FreshUntil)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("on %s: %v, want %v", c.on, got, c.want)
		}
	}
}
