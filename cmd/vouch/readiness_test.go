package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/engine/store"
)

// inStore does something with the store behind a data directory.
func inStore(t testing.TB, data string, do func(context.Context, *store.Store) error) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(data, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := do(ctx, s); err != nil {
		t.Fatal(err)
	}
}

// TestReadiness proves that what customers asked in vain in the last 12 months
// comes first, and that every form says the same.
func TestReadiness(t *testing.T) {
	t.Parallel()
	dir, data := sampleRegister(t)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	inStore(t, data, func(ctx context.Context, s *store.Store) error {
		return s.PutAskings(ctx, "default", "Harbour Bank", "a.xlsx", []engine.Asking{
			{Customer: "Harbour Bank", Questionnaire: "a.xlsx", AskedAt: day(2026, 9, 1), Question: "Is deletion proven to customers?", Reason: engine.GapNoEvidence, Criteria: []string{"P4.3"}},
			{Customer: "Harbour Bank", Questionnaire: "a.xlsx", AskedAt: day(2025, 9, 1), Question: "Asked long ago?", Reason: engine.GapNoEvidence, Criteria: []string{"P4.3"}},
		})
	})
	var r assurance.Readiness
	if err := json.Unmarshal([]byte(must(t, "readiness", "--data", data, "--on", onDay, "--format", "json")), &r); err != nil {
		t.Fatal(err)
	}
	if r.Framework != assurance.TrustServices || r.Report.ID != "soc2-2026" || r.Total.Criteria != 61 || len(r.First) == 0 || r.First[0].Criterion != "P4.3" || r.First[0].Asked != 1 {
		t.Errorf("%+v, first %+v", r.Total, r.First[:1])
	}
	if s := r.Categories[0]; s.Category != "security" || s.Missing != 0 || s.ReadyShare < 0.4 || s.ReadyShare > 0.6 {
		t.Errorf("%+v: want a sample with about half of the security criteria ready", s)
	}
	contains(t, must(t, "readiness", "--data", data, "--on", onDay), "SOC 2 Trust Services Criteria, Northwind Freight Cloud GmbH, 2026-11-26", "soc2-2026", "Do first", "AC-05")
	page := filepath.Join(dir, "r.html")
	if out := must(t, "readiness", "--data", data, "--on", onDay, "--format", "html", "-o", page); out != "" {
		t.Errorf("printed %q besides the file", out)
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(html), "<svg", "Is deletion proven to customers?", "soc2-2026")
	if strings.Contains(string(html), "Asked long ago?") {
		t.Error("what was asked more than 12 months ago counts")
	}
	for framework, name := range map[string]string{"iso27001": "ISO/IEC 27001 Annex A", "ccm": "CSA Cloud Controls Matrix"} {
		contains(t, must(t, "readiness", "--framework", framework, "--data", data, "--on", onDay), name)
	}
}

// TestCommitments proves that what customers were told is found by control and
// by customer.
func TestCommitments(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	inStore(t, data, func(ctx context.Context, s *store.Store) error {
		_, err := s.AddCommitments(ctx, "default", []engine.Commitment{
			{Customer: "Harbour Bank", SentAt: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Questionnaire: "a.xlsx", Ref: "1.1", Question: "Is access reviewed?", Verdict: engine.VerdictYes, Controls: []string{"AC-05"}},
			{Customer: "Vela Retail Group", SentAt: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), Questionnaire: "b.xlsx", Question: "How are keys kept?", Text: "In hardware.", Controls: []string{"CR-03"}},
		})
		return err
	})
	for _, c := range []struct {
		args       []string
		has, lacks string
	}{
		{[]string{"commitments", "--control", "ac-05"}, "Is access reviewed?", "keys"},
		{[]string{"commitments", "--customer", "vela retail group"}, "How are keys kept?", "reviewed"},
		{[]string{"commitments", "list"}, "Is access reviewed?", "nothing"},
		{[]string{"controls", "show", "AC-05"}, "Is access reviewed?", "keys are"},
	} {
		if out := must(t, append(c.args, "--data", data)...); !strings.Contains(out, c.has) || strings.Contains(out, c.lacks) {
			t.Errorf("%v:\n%s", c.args, out)
		}
	}
	var list []engine.Commitment
	if err := json.Unmarshal([]byte(must(t, "commitments", "--data", data, "--format", "json")), &list); err != nil || len(list) != 2 || list[0].Customer != "Vela Retail Group" {
		t.Errorf("%v, %+v: want the newest first", err, list)
	}
}
