package assurance

// Frequencies lists how often a control can run, most often first. The last
// three follow no calendar.
func Frequencies() []string {
	return []string{
		"continuous", "hourly", "daily", "weekly", "monthly", "quarterly", "half-yearly", "annual", "every two years", "every three years",
		"on event", "on change", "on demand",
	}
}

// EvidenceKinds lists what a piece of evidence can be.
func EvidenceKinds() []string {
	return []string{
		"screenshot", "ticket", "minutes", "log", "configuration", "export", "report", "policy", "contract", "certificate",
		"training", "approval", "review", "test", "interview", "other",
	}
}
