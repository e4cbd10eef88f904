package store

import (
	"io"
	"strings"
	"testing"

	"vouch/engine"
)

// inReview stores one thing of each kind that belongs to a review, and returns
// the questionnaire.
func inReview(t *testing.T, s *Store) engine.StoredQuestionnaire {
	t.Helper()
	ctx := t.Context()
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	p := engine.Person{ID: "1", Role: engine.RoleAdmin}
	read := &engine.Questionnaire{Name: "a.csv", Format: "csv", Questions: []engine.Question{{Text: "Q?", Parts: []engine.Part{{Kind: engine.PartText}}}, {Text: "R?", Parts: []engine.Part{{Kind: engine.PartText}}}}}
	q, err := engine.Intake(ctx, s, "w", p, engine.IntakeInput{Read: read, File: strings.NewReader("file")})
	if err != nil {
		t.Fatal(err)
	}
	write := func(base int, text string) {
		r := engine.AnswerRevision{Questionnaire: q.ID, N: 1, Number: base, Author: "user:1", Revision: &engine.Revision{
			Text: text, Values: []engine.PartValue{{Part: read.Questions[0].Parts[0], Value: text}}, Citations: []engine.Citation{{Kind: engine.PassageEntry, ID: "e", Version: 1}},
		}}
		if _, err := s.PutRevision(ctx, "w", r, engine.AnswerDrafted); err != nil {
			t.Fatal(err)
		}
	}
	write(0, "one")
	write(1, "two")
	if _, err := engine.ChangeSettings(ctx, s, "w", p, engine.DefaultSettings()); err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Decide(ctx, s, "w", p, engine.DecideInput{Questionnaire: q.ID, N: 1, Revision: 2, Kind: engine.DecisionApprove}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c, err := engine.AddComment(ctx, s, "w", p, engine.Comment{Questionnaire: q.ID, N: 1, Text: "so"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.RemoveComment(ctx, s, "w", p, c.ID); err != nil {
			t.Fatal(err)
		}
	}
	sent := engine.ExportInput{Questionnaire: q.ID, Partial: true, File: strings.Repeat("a", 64), Sent: []engine.AnswerAt{{N: 1, Revision: 2}}}
	if _, err := engine.RecordExport(ctx, s, "w", p, sent); err != nil {
		t.Fatal(err)
	}
	return q
}

// TestReviewsAreOnlyAddedTo: the database itself refuses to change or delete
// what must stay.
func TestReviewsAreOnlyAddedTo(t *testing.T) { overBoth(t, newDatabase, reviewsOnlyAdded) }

func reviewsOnlyAdded(t *testing.T, path string) {
	ctx, s := t.Context(), mustOpen(t, path)
	inReview(t, s)
	for _, table := range []string{"settings_versions", "files", "file_chunks", "answer_revisions", "answer_citations", "decisions", "comments", "comment_removals", "exports"} {
		for _, stmt := range []string{`UPDATE ` + table + ` SET workspace_id = 'x'`, `DELETE FROM ` + table} {
			if _, err := s.write.ExecContext(ctx, stmt); err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: got %v, want it refused", stmt, err)
			}
		}
	}
	if _, err := s.write.ExecContext(ctx, `UPDATE questions SET question = '{}'`); err == nil || !strings.Contains(err.Error(), "never changed") {
		t.Errorf("a question was changed: %v", err)
	}
	for _, table := range []string{"questions", "answers", "questionnaires"} {
		if _, err := s.write.ExecContext(ctx, `DELETE FROM `+table); err == nil {
			t.Errorf("%s were deleted under what belongs to them", table)
		}
	}
	if r, err := engine.VerifyAudit(ctx, s, "w", nil); err != nil || len(r.Breaks) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestTamperingWithReviewsShows changes reviews behind the log's back.
func TestTamperingWithReviewsShows(t *testing.T) {
	t.Parallel()
	for name, stmt := range map[string]string{
		"ACurrentRevision":  `DROP TRIGGER answer_revisions_stay; UPDATE answer_revisions SET revision = replace(revision, 'two', 'ten') WHERE number = 2`,
		"AnEarlierRevision": `DROP TRIGGER answer_revisions_stay; UPDATE answer_revisions SET revision = replace(revision, 'one', 'ten') WHERE number = 1`,
		"AnAuthor":          `DROP TRIGGER answer_revisions_stay; UPDATE answer_revisions SET author = 'user:2' WHERE number = 2`,
		"AState":            `UPDATE answers SET state = 'approved', number = 1, hash = (SELECT hash FROM answer_revisions WHERE number = 1) WHERE place = 2`,
		"AnApproval":        `UPDATE answers SET state = 'drafted' WHERE place = 1`,
		"ADecision":         `DROP TRIGGER decisions_stay; UPDATE decisions SET made_by = 'user:2'`,
		"NoDecision":        `DROP TRIGGER decisions_kept; DELETE FROM decisions`,
		"AComment":          `DROP TRIGGER comments_stay; UPDATE comments SET body = 'not so'`,
		"AnExport":          `DROP TRIGGER exports_stay; UPDATE exports SET partial = 0`,
		"Settings":          `DROP TRIGGER settings_versions_stay; UPDATE settings_versions SET four_eyes = 1`,
		"AQuestion":         `DROP TRIGGER questions_stay; UPDATE questions SET question = replace(question, 'Q?', 'X?')`,
		"ACustomer":         `UPDATE questionnaires SET customer = 'Other'`,
		"AFile":             `DROP TRIGGER files_stay; UPDATE files SET size = 5`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), mustOpen(t, t.TempDir())
			inReview(t, s)
			if r, err := engine.VerifyAudit(ctx, s, "w", nil); err != nil || len(r.Breaks) != 0 {
				t.Fatalf("before: %+v, %v", r, err)
			}
			if _, err := s.write.ExecContext(ctx, `PRAGMA foreign_keys = 0; `+stmt); err != nil {
				t.Fatal(err)
			}
			r, err := engine.VerifyAudit(ctx, s, "w", nil)
			if err != nil || len(r.Breaks) == 0 && r.Before == 0 {
				t.Errorf("%+v, %v; want it to show", r, err)
			}
		})
	}
}

// TestFilesThatAreNotWhatTheyWereShow: whoever reads a file is told that its
// bytes are others, or that some are missing.
func TestFilesThatAreNotWhatTheyWereShow(t *testing.T) {
	t.Parallel()
	for name, stmt := range map[string]string{
		"Others":  `UPDATE file_chunks SET bytes = x'61626364'`,
		"Fewer":   `UPDATE file_chunks SET bytes = x'61'`,
		"More":    `UPDATE file_chunks SET bytes = x'6162636465'`,
		"Missing": `DELETE FROM file_chunks`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), mustOpen(t, t.TempDir())
			q := inReview(t, s)
			if _, err := s.write.ExecContext(ctx, `DROP TRIGGER file_chunks_stay; DROP TRIGGER file_chunks_kept; `+stmt); err != nil {
				t.Fatal(err)
			}
			if err := readFile(t, s, q.File); err == nil || !strings.Contains(err.Error(), engine.ErrFileChanged.Error()) {
				t.Errorf("got %v, want ErrFileChanged", err)
			}
		})
	}
}

// readFile reads a file to its end.
func readFile(t *testing.T, s *Store, name string) error {
	t.Helper()
	r, _, err := s.File(t.Context(), "w", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, r)
	return err
}
