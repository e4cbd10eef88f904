package assurance

import "slices"

// Control is a control description as the rules need it.
type Control struct {
	ID        string   `json:"id"` // the company's own id: "AC-01"
	Title     string   `json:"title,omitempty"`
	Text      string   `json:"text,omitempty"`
	Criteria  []string `json:"criteria,omitempty"` // "CC6.1", "A.8.24", "CEK-03"
	Owner     string   `json:"owner,omitempty"`
	Frequency string   `json:"frequency,omitempty"`
	Status    Status   `json:"status,omitempty"`
	Planned   string   `json:"planned,omitempty"` // what is planned and until when, for partial and planned ones
}

// Evidence is a thing that shows that a control runs: a log, a ticket, minutes.
type Evidence struct {
	ID          string `json:"id"`
	Control     string `json:"control"`         // the control's id
	Kind        string `json:"kind,omitempty"`  // "screenshot", "ticket", "minutes"
	Title       string `json:"title,omitempty"` //
	CollectedAt Day    `json:"collected_at"`    //
	CollectedBy string `json:"collected_by,omitempty"`
	From        Day    `json:"from,omitzero"` // the period it speaks of, if it speaks of one
	To          Day    `json:"to,omitzero"`
	Location    string `json:"location,omitempty"` // where it is kept
}

// Status says how far a control is in place.
type Status string

// The statuses. An empty one says that nobody has stated it.
const (
	Implemented   Status = "implemented"
	Partial       Status = "partial"
	Planned       Status = "planned"
	NotApplicable Status = "not_applicable"
	Retired       Status = "retired"
)

// Statuses lists every status there is.
func Statuses() []Status {
	return []Status{Implemented, Partial, Planned, NotApplicable, Retired}
}

// IsValid reports whether s is empty or one of [Statuses].
func (s Status) IsValid() bool { return s == "" || slices.Contains(Statuses(), s) }

// Holds reports whether a control of this status may support a "yes". One
// whose status nobody stated may: it is described as being done.
func (s Status) Holds() bool { return s == "" || s == Implemented }
