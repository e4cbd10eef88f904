package index

import (
	"strings"
	"testing"

	"vouch/engine"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	for _, c := range []struct {
		name, question, entry, answer, want string // want: a note, "" for none
	}{
		{"OppositeByAntonym", "Is customer data stored in plaintext?", "Is customer data encrypted at rest?", "", "opposite polarity"},
		{"OppositeByNegation", "Are backups not encrypted?", "Are backups encrypted?", "", "opposite polarity"},
		{"TwoNegativesAgree", "Are passwords never stored in plaintext?", "Are passwords stored encrypted?", "", ""},
		{"Contrast", "Is data encrypted at rest?", "Is data encrypted in transit?", "", "at rest against in transit"},
		{"BothSidesMeetEither", "Is data encrypted at rest?", "Is data encrypted in transit and at rest?", "", ""},
		{"Interval", "Are policies reviewed quarterly?", "Are policies reviewed annually?", "", "quarterly against annually"},
		{"ShorterMeetsAtLeast", "Are policies reviewed at least annually?", "Are policies reviewed quarterly?", "", ""},
		{"LongerDoesNotMeetAtLeast", "Are scans run at least monthly?", "Are scans run annually?", "", "monthly against annually"},
		{"Length", "Are logs kept for 1 year?", "Are logs kept for 90 days?", "", "1 year against 90 days"},
		{"SameLength", "Are logs kept for 12 months?", "Are logs kept for one year?", "", ""},
		{"InTheAnswer", "Are logs kept for 1 year?", "How long are logs kept?", "Logs are kept for 90 days.", "1 year against 90 days"},
		{"Version", "Do you use TLS 1.3?", "Do you use TLS 1.2?", "", "TLS 1.3 against TLS 1.2"},
		{"KeyLength", "Is AES-256 used?", "Is AES-128 used?", "", "AES-256 against AES-128"},
		{"Certificate", "Are you ISO 27001 certified?", "Do you have a SOC 2 report?", "", "ISO 27001 against SOC 2"},
		{"OneOfSeveralCertificates", "Do you have SOC 2 or ISO 27001?", "Are you ISO 27001 certified?", "", ""},
		{"Quantity", "Do passwords have 14 characters?", "Do passwords have 8 characters?", "", "14 against 8 characters"},
		{"NothingToContradict", "Do you have a firewall?", "Is there a firewall?", "Yes, reviewed every 6 months.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &statistics{terms: map[uint64]termStats{}, weak: l.weakHashes}
			s.finish(l)
			q := l.newQuery(engine.Query{Text: c.question}, s)
			d := l.analyseEntry(&engine.Entry{Question: c.entry, Text: c.answer}).doc
			f := compareCheap(q, d, s)
			notes := strings.Join(l.compareRest(&f, q, d), "; ")
			if notes != c.want {
				t.Errorf("notes %q, want %q", notes, c.want)
			}
			if c.want != "" && !contradicted(&f) {
				t.Errorf("not held back in spite of %q", notes)
			}
		})
	}
}
