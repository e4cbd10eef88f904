package engine_test

import (
	"errors"
	"testing"
	"time"

	"vouch/engine"
)

func dayOf(t testing.TB, s string) *time.Time {
	t.Helper()
	if s == "" {
		return nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return &day
}

// TestReviewBy proves that the day an entry is to be reviewed by is its last
// one, and that it decides alone where there is one.
func TestReviewBy(t *testing.T) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	const due = "stale: the past answer was to be reviewed by 2026-11-25; review it and import it with its new date"
	noon := func(day string) time.Time { return dayOf(t, day).Add(12 * time.Hour) }
	for _, c := range []struct {
		rule         string
		reviewed, by string
		now          time.Time
		maxAge       time.Duration
		want         string
	}{
		{"TheDayBefore", "2026-06-01", "2026-11-25", noon("2026-11-24"), year, "yes It is."},
		{"TheDayItselfBegins", "2026-06-01", "2026-11-25", *dayOf(t, "2026-11-25"), year, "yes It is."},
		{"TheDayItselfEnds", "2026-06-01", "2026-11-25", dayOf(t, "2026-11-26").Add(-1), year, "yes It is."},
		{"TheDayAfterBegins", "2026-06-01", "2026-11-25", *dayOf(t, "2026-11-26"), year, due},
		{"YearsLater", "2026-06-01", "2026-11-25", noon("2031-01-01"), 0, due},
		{"DaysAreThoseOfUTC", "", "2026-11-25", time.Date(2026, 11, 26, 1, 0, 0, 0, time.FixedZone("", 2*3600)), 0, "yes It is."},
		{"AlsoWestOfIt", "", "2026-11-25", time.Date(2026, 11, 25, 20, 0, 0, 0, time.FixedZone("", -5*3600)), 0, due},
		{"WithoutAnAge", "2026-11-01", "2026-11-25", noon("2026-11-26"), 0, due},
		{"WithinTheAge", "2026-11-01", "2026-11-25", noon("2026-11-26"), year, due},
		{"NeverReviewed", "", "2026-11-25", noon("2026-11-26"), year, due},
		{"TheOwnersDayOutlastsTheAge", "2020-01-01", "2026-11-25", noon("2026-11-25"), year, "yes It is."},
		{"AndIsNamedOnceBothAreOver", "2020-01-01", "2026-11-25", noon("2026-11-26"), year, due},
		{"ReviewedOnItsLastDay", "2026-11-25", "2026-11-25", noon("2026-11-25"), year, "yes It is."},
		{"WithoutADayTheAgeDecides", "2025-11-01", "", noon("2026-11-25"), year, "stale: the past answer was last reviewed on 2025-11-01, more than 365 days ago; review it and import it with its new date"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			list := known("p", 0.95, engine.VerdictYes, "Is it so?", "It is.")
			list[0].Entry.ReviewedAt, list[0].Entry.ReviewBy = dayOf(t, c.reviewed), dayOf(t, c.by)
			got := answer(t, engine.Answering{Retriever: shelf{"Is it so?": list}, MaxAge: c.maxAge, Now: c.now}, yesNo("1", "Is it so?"))[0]
			if outcome(&got) != c.want {
				t.Fatalf("got %q, want %q", outcome(&got), c.want)
			}
			if got.Gap != nil && (got.Gap.Proposal == nil || got.Gap.Proposal.Text != "It is.") {
				t.Errorf("gap %+v: want the answer as its proposal", got.Gap)
			}
		})
	}
}

// TestReviewByOfWhatIsCited proves that every entry an answer rests on counts,
// also one that answers through another question, and no other.
func TestReviewByOfWhatIsCited(t *testing.T) {
	t.Parallel()
	const rest, transit = "Is data encrypted at rest?", "Is data encrypted in transit?"
	const due = "stale: the past answer was to be reviewed by 2026-11-24; review it and import it with its new date"
	lapsed := func(list []engine.Passage) []engine.Passage {
		list[0].Entry.ReviewBy = dayOf(t, "2026-11-24")
		return list
	}
	run := func(s shelf, list ...engine.Question) []engine.Answer {
		return answer(t, engine.Answering{Retriever: s, Now: *dayOf(t, "2026-11-25")}, list...)
	}
	t.Run("OneOfTwoHalves", func(t *testing.T) {
		t.Parallel()
		s := shelf{rest: known("r", 0.9, engine.VerdictYes, rest, "AES-256."), transit: lapsed(known("t", 0.9, engine.VerdictYes, transit, "TLS 1.2."))}
		if got := run(s, yesNo("1", "Is data encrypted at rest and in transit?"))[0]; outcome(&got) != due {
			t.Errorf("got %q, want %q", outcome(&got), due)
		}
	})
	t.Run("NotWhatIsOnlyEvidence", func(t *testing.T) {
		t.Parallel()
		s := shelf{rest: append(known("r", 0.9, engine.VerdictYes, rest, "AES-256."), lapsed(known("t", 0.1, engine.VerdictYes, transit, "TLS 1.2."))...)}
		if got := run(s, yesNo("1", rest))[0]; outcome(&got) != "yes AES-256." {
			t.Errorf("got %q, want the answer that has not lapsed", outcome(&got))
		}
	})
	t.Run("TheParentOfAFollowUp", func(t *testing.T) {
		t.Parallel()
		s := shelf{rest: lapsed(known("r", 0.95, engine.VerdictYes, rest, "AES-256."))}
		for i, got := range run(s, yesNo("1", rest), narrative("2", "If yes, please describe.")) {
			if want := []string{due, "depends_on: it depends on 1, which has no answer yet"}[i]; outcome(&got) != want {
				t.Errorf("got %q, want %q", outcome(&got), want)
			}
		}
	})
}

// TestReviewByIsNotBeforeTheReview proves which pairs of days an entry may
// have.
func TestReviewByIsNotBeforeTheReview(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reviewed, by string
		want         error
	}{
		{"2026-03-01", "2026-03-02", nil},
		{"2026-03-01", "2026-03-01", nil},
		{"2026-03-01", "2026-02-28", engine.ErrReviewBy},
		{"", "2020-01-01", nil}, // lapsed, which is for whoever answers from it to say
		{"2026-03-01", "", nil},
	} {
		e := engine.Entry{Question: "Q?", Answer: "x", ReviewedAt: dayOf(t, c.reviewed), ReviewBy: dayOf(t, c.by)}
		if err := e.Validate(); !errors.Is(err, c.want) {
			t.Errorf("reviewed %q, review by %q: got %v, want %v", c.reviewed, c.by, err, c.want)
		}
	}
	// Days count as they were said: an hour of a day is never before it.
	at, by := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	r, err := engine.ImportEntries(t.Context(), openStore(t), "w", []engine.Entry{{Question: "Q?", Answer: "x", ReviewedAt: &at, ReviewBy: &by}})
	if err != nil || r.Added != 1 {
		t.Errorf("both on one day: got %+v, %v, want it added", r, err)
	}
}
