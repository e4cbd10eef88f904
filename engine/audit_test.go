package engine_test

import (
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// TestAuditHashesStay: the log of an earlier program is verified by this one,
// so that what is stored must hash as it did. A field that is added to these
// types has to be left out of their JSON where it is empty.
func TestAuditHashesStay(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"Entry": {&engine.Entry{ID: "e", Version: 2, Question: "Q?", Verdict: engine.VerdictYes, Text: "T", Tags: []string{"a"}, ReviewedAt: &day,
			Source: engine.Source{File: "f", Ref: "1"}}, "178aa7d860a21aa4"},
		"BareEntry":   {&engine.Entry{ID: "e", Version: 1, Question: "Q?", Answer: "a"}, "7b4fa8fb30c443a1"},
		"Control":     {&engine.Control{ID: "c", Version: 1, Ref: "AC-1", Title: "T", Criteria: []string{"CC6.1"}, Status: "planned", Planned: "June"}, "3b5334948957b84a"},
		"Commitment":  {engine.Commitment{ID: "i", Customer: "C", SentAt: day, Questionnaire: "f", Question: "Q?", Verdict: engine.VerdictNo, Text: "T"}, "21c1aa98238bb66b"},
		"Register":    {&engine.RegisterVersion{Version: 1}, "95198c18102e56c7"},
		"Calibration": {&engine.Calibration{}, "9240ed354bd5b0cf"},
	} {
		if got := engine.AuditHash(c.v)[:16]; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	e := engine.AuditEvent{Seq: 1, At: day, Actor: "os:a", Action: engine.AuditAdded, Object: "entry:e", After: strings.Repeat("0", 64)}
	if got := e.Sum("w")[:16]; got != "977b207fbfd78162" {
		t.Errorf("an event: %s", got)
	}
}

// TestParseAuditHead proves what is a checkpoint.
func TestParseAuditHead(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0a", 32)
	for s, ok := range map[string]bool{
		"3:" + hash: true, " 3:" + strings.ToUpper(hash) + "\n": true, "0:": true,
		"": false, "3": false, "3:": false, "0:" + hash: false, "-1:" + hash: false, "3:" + hash[2:]: false, "3:" + hash + "00": false, "x:" + hash: false, "3:" + strings.Repeat("xx", 32): false,
	} {
		h, err := engine.ParseAuditHead(s)
		if (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
		if again, err2 := engine.ParseAuditHead(h.String()); ok && (err2 != nil || again != h) {
			t.Errorf("%q: %v, then %v (%v)", s, h, again, err2)
		}
	}
}
