package store

import (
	"fmt"
	"strings"
	"testing"

	"vouch/engine"
)

// TestTamperingShows changes the database behind the log's back, in every way
// that leaves a database.
func TestTamperingShows(t *testing.T) {
	t.Parallel()
	const lift = `DROP TRIGGER audit_events_stay; DROP TRIGGER audit_events_kept; PRAGMA foreign_keys = 0; `
	for name, c := range map[string]struct{ stmt, why string }{
		"Nothing":             {`SELECT 1`, ""},
		"AnActor":             {`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 2`, "its hash is not that of what it says"},
		"ATime":               {`UPDATE audit_events SET at = at + 1 WHERE seq = 1`, "its hash is not that of what it says"},
		"AHash":               {`UPDATE audit_events SET hash = '` + strings.Repeat("0", 64) + `' WHERE seq = 2`, "its hash is not that of what it says"},
		"AnEventInTheMiddle":  {`DELETE FROM audit_events WHERE seq = 2`, "event 3 comes where 2 should"},
		"TheFirst":            {`DELETE FROM audit_events WHERE seq = 1`, "event 2 comes where 1 should"},
		"Renumbered":          {`DELETE FROM audit_events WHERE seq = 2; UPDATE audit_events SET seq = seq - 1 WHERE seq > 2`, "it does not hold the hash of the event before"},
		"TheLast":             {`DELETE FROM audit_events WHERE seq = 5`, "is not in the log, which has 4"},
		"All":                 {`DELETE FROM audit_events`, "is not in the log, which has 0"},
		"AnAnswer":            {`DROP TRIGGER entry_versions_stay; UPDATE entry_versions SET explanation = 'other'`, "it is not as the log has it"},
		"AMark":               {`DROP TRIGGER entry_versions_stay; UPDATE entry_versions SET visibility = 'public'`, "it is not as the log has it"},
		"AProposal":           {`DROP TRIGGER entry_proposals_stay; UPDATE entry_proposals SET kind = 'new', proposed = json_set(proposed, '$.text', 'other')`, "it is not as the log has it"},
		"AProposalTakenAway":  {`DROP TRIGGER entry_proposals_kept; DELETE FROM entry_proposals`, "the log has it, and it is gone"},
		"AnAnswerTakenBack":   {`UPDATE entries SET version = 1`, "it is not as the log has it"},
		"AnAnswerTakenAway":   {`DELETE FROM entries`, "the log has it, and it is gone"},
		"AnAnswerUnderTheLog": {`INSERT INTO entry_versions SELECT workspace_id, id, 3, question, verdict, answer, 'other', ownership, section, tags, owner, reviewed_at, source_file, source_ref, source_nth, source_place, created_at, review_by, visibility, products, language FROM entry_versions WHERE version = 2; UPDATE entries SET version = 3`, "it is not as the log has it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), mustOpen(t, t.TempDir())
			if err := s.EnsureWorkspace(ctx, "w"); err != nil {
				t.Fatal(err)
			}
			e, err := s.PutEntry(ctx, "w", engine.Entry{Question: "Q?", Verdict: engine.VerdictYes, Text: "one"})
			if err != nil {
				t.Fatal(err)
			}
			e.Text = "two"
			if _, err := s.PutEntry(ctx, "w", e); err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				if _, err := s.PutControl(ctx, "w", engine.Control{Ref: fmt.Sprint("C-", i), Title: "T"}); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := s.AddEntryProposal(ctx, "w", engine.EntryProposal{Kind: engine.ProposalNew, Proposed: engine.Entry{Question: "P?", Text: "x"}, By: "b"}); err != nil {
				t.Fatal(err)
			}
			before, err := engine.VerifyAudit(ctx, s, "w", nil)
			if err != nil || len(before.Breaks) != 0 || before.Objects != 4 || before.Head.Count != 5 {
				t.Fatalf("%+v, %v", before, err)
			}
			if _, err := s.write.ExecContext(ctx, lift+c.stmt); err != nil {
				t.Fatal(err)
			}
			after, err := engine.VerifyAudit(ctx, s, "w", &before.Head)
			if err != nil {
				t.Fatal(err)
			}
			found := c.why == "" && len(after.Breaks) == 0
			for _, b := range after.Breaks {
				found = found || c.why != "" && strings.Contains(b.Why, c.why)
			}
			if !found {
				t.Errorf("breaks %+v, want %q", after.Breaks, c.why)
			}
		})
	}
}

// TestAuditLogIsOnlyAddedTo: nothing in the program can change the log, for the
// database itself refuses it.
func TestAuditLogIsOnlyAddedTo(t *testing.T) { overBoth(t, newDatabase, auditOnlyAdded) }

func auditOnlyAdded(t *testing.T, path string) {
	ctx, s := t.Context(), mustOpen(t, path)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if err := s.PutLexicon(ctx, "w", "[weak]\nplease\n"); err != nil {
		t.Fatal(err)
	}
	for stmt, why := range map[string]string{
		`UPDATE audit_events SET actor = 'x'`: "the audit log is never changed",
		`DELETE FROM audit_events`:            "the audit log is never cut",
	} {
		if _, err := s.write.ExecContext(ctx, stmt); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v, want %q", stmt, err, why)
		}
	}
}

// TestThingsBeforeTheLog: what an earlier program stored is not in the log, and
// no break of it; from its next version on it is.
func TestThingsBeforeTheLog(t *testing.T) { overBoth(t, emptyDatabase, thingsBefore) }

func thingsBefore(t *testing.T, path string) {
	ctx := t.Context()
	s := mustOpen(t, migratedTo(t, path, 4,
		`INSERT INTO workspaces (id, created_at) VALUES ('w', 1)`,
		`INSERT INTO entry_versions (workspace_id, id, version, question, verdict, answer, explanation, ownership, section, tags, owner, source_file, source_ref, source_nth, source_place, created_at)
			VALUES ('w', '`+oldID+`', 1, 'Q?', 'yes', '', '', '', '', '[]', '', '', '', 0, '', 1)`,
		`INSERT INTO entries (workspace_id, id, version, key_hash) VALUES ('w', '`+oldID+`', 1, '`+hash("q")+`')`,
	))
	r, err := engine.VerifyAudit(ctx, s, "w", nil)
	if err != nil || r.Before != 1 || r.Objects != 0 || len(r.Breaks) != 0 {
		t.Fatalf("%+v, %v; want one thing before the log", r, err)
	}
	list, err := s.Entries(ctx, "w", []string{oldID})
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	list[0].Text = "now"
	if _, err := s.PutEntry(ctx, "w", list[0]); err != nil {
		t.Fatal(err)
	}
	if r, err = engine.VerifyAudit(ctx, s, "w", nil); err != nil || r.Before != 0 || r.Objects != 1 || len(r.Breaks) != 0 {
		t.Errorf("%+v, %v; want one thing as the log has it", r, err)
	}
}
