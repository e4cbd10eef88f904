package assurance

// Worth says what a piece of evidence is good for on a day.
type Worth string

// The worths. Only the last evidence of a control is fresh or stale: what is
// older has done its duty.
const (
	EvidenceFresh      Worth = "fresh"
	EvidenceStale      Worth = "stale"      // the control has run since, or should have
	EvidenceSuperseded Worth = "superseded" // there is newer evidence of the control
	EvidenceToCome     Worth = "to_come"    // it has no day, or one after the day asked for
)

// EvidenceWorth is what a piece of evidence is worth, and until when it is
// fresh; no day for what is superseded or to come.
type EvidenceWorth struct {
	Worth      Worth
	FreshUntil Day
}

// WorthOfEvidence returns what each piece of evidence is worth on the day,
// parallel to r.Evidence, by the rules of [Register.Readiness].
func (r *Register) WorthOfEvidence(on Day) []EvidenceWorth {
	frequency := map[string]string{}
	for i := range r.Controls {
		frequency[foldID(r.Controls[i].ID)] = r.Controls[i].Frequency
	}
	last := r.lastEvidence(on)
	out := make([]EvidenceWorth, len(r.Evidence))
	for i := range r.Evidence {
		e := &r.Evidence[i]
		key := foldID(e.Control)
		switch day := e.shows(); {
		case day.IsZero() || day.After(on):
			out[i].Worth = EvidenceToCome
		case last[key].last != e:
			out[i].Worth = EvidenceSuperseded
		default:
			out[i] = EvidenceWorth{EvidenceFresh, freshUntil(day, frequency[key])}
			if on.After(out[i].FreshUntil) {
				out[i].Worth = EvidenceStale
			}
		}
	}
	return out
}
