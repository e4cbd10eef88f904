package engine

import (
	"fmt"
	"time"
)

// age makes a gap of an answer that rests on an entry which is past its
// review: what was true then may not be true now.
func (a *Answering) age(ans *Answer) {
	if ans.Revision == nil {
		return
	}
	now := a.Now
	if now.IsZero() {
		now = time.Now()
	}
	for _, p := range ans.Evidence {
		if p.Entry == nil || !cites(ans.Revision, p) {
			continue
		}
		if why := p.Entry.stale(now, a.MaxAge); why != "" {
			ans.hold(GapStale, why+"; review it and import it with its new date")
			return
		}
	}
}

// stale returns why e may not be used at now without a new review, or "". The
// day it is to be reviewed by decides if it has one, and is itself still good:
// the owner of an answer knows how long it holds, be that shorter or longer
// than maxAge, which is for all the others. Without either date, or with a
// maxAge of 0, nothing says that it is old.
func (e *Entry) stale(now time.Time, maxAge time.Duration) (why string) {
	switch {
	case e.ReviewBy != nil:
		if !now.Before(e.ReviewBy.AddDate(0, 0, 1)) {
			return "the past answer was to be reviewed by " + e.ReviewBy.UTC().Format(time.DateOnly)
		}
	case e.ReviewedAt != nil && maxAge > 0 && now.Sub(*e.ReviewedAt) > maxAge:
		return fmt.Sprintf("the past answer was last reviewed on %s, more than %d days ago", e.ReviewedAt.UTC().Format(time.DateOnly), int(maxAge/(24*time.Hour)))
	}
	return ""
}
