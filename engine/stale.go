package engine

import (
	"fmt"
	"time"
)

// age makes a gap of an answer that rests on an entry whose last review is
// longer ago than MaxAge: what was true then may not be true now.
func (a *Answering) age(ans *Answer) {
	if a.MaxAge <= 0 || ans.Revision == nil {
		return
	}
	now := a.Now
	if now.IsZero() {
		now = time.Now()
	}
	for _, p := range ans.Evidence {
		if p.Entry == nil || p.Entry.ReviewedAt == nil || !cites(ans.Revision, p) {
			continue
		}
		if reviewed := *p.Entry.ReviewedAt; now.Sub(reviewed) > a.MaxAge {
			ans.hold(GapStale, fmt.Sprintf("the past answer was last reviewed on %s, more than %d days ago; review it and import it with its new date",
				reviewed.UTC().Format(time.DateOnly), int(a.MaxAge/(24*time.Hour))))
			return
		}
	}
}
