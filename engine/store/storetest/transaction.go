package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

func outbox(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("One?")))(t)
	c := must(s.PutControl(ctx, there, control("C-1")))(t)
	e.Text = "more"
	e = must(s.PutEntry(ctx, here, e))(t)
	if err := s.PutLayout(ctx, here, engine.Layout{Shape: "s"}); err != nil {
		t.Fatal(err)
	}
	putLedgers(t, s) // none of which is searched for
	want := []engine.Change{
		{Seq: 1, Workspace: here, Kind: engine.PassageEntry, ID: e.ID},
		{Seq: 2, Workspace: there, Kind: engine.PassageControl, ID: c.ID},
		{Seq: 3, Workspace: here, Kind: engine.PassageEntry, ID: e.ID},
	}
	same(t, "Changes", must(s.Changes(ctx, 0, 10))(t), want)
	same(t, "Changes after 1", must(s.Changes(ctx, 1, 1))(t), want[1:2])
	if got := must(s.Changes(ctx, 3, 10))(t); len(got) != 0 {
		t.Errorf("after the last: got %v", got)
	}
	if got := must(s.LastChange(ctx))(t); got != 3 {
		t.Errorf("LastChange: got %d, want 3", got)
	}
}

// noHoles: a change that was undone takes no seq, so that seqs run 1, 2, 3 …
func noHoles(t *testing.T, s engine.Store) {
	ctx, undone := t.Context(), errors.New("undone")
	for n := range 3 {
		err := s.InTx(ctx, func(tx engine.Tx) error {
			must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatalf("got %v, want what the function returned", err)
		}
		must(s.PutEntry(ctx, here, entry(fmt.Sprintf("Stored %d?", n))))(t)
	}
	for i, c := range must(s.Changes(ctx, 0, 0))(t) {
		if c.Seq != int64(i)+1 {
			t.Errorf("change %d has seq %d", i+1, c.Seq)
		}
	}
}

func unchangedImports(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var entries []engine.Entry
	var controls []engine.Control
	for i := range 5 {
		entries = append(entries, entry(fmt.Sprintf("Question %d?", i)))
		controls = append(controls, control(fmt.Sprintf("C-%d", i)))
	}
	for round, want := range []struct{ added, changed, unchanged int }{{5, 0, 0}, {0, 0, 5}, {0, 1, 4}, {0, 0, 5}} {
		if round == 2 {
			entries[3].Text, controls[3].Description = "other", "other"
		}
		before := must(s.LastChange(ctx))(t)
		re, rc := must(engine.ImportEntries(ctx, s, here, entries))(t), must(engine.ImportControls(ctx, s, here, controls))(t)
		for name, r := range map[string]engine.ImportReport{"entries": re, "controls": rc} {
			if r.Added != want.added || r.Changed != want.changed || r.Unchanged != want.unchanged {
				t.Errorf("round %d, %s: got %d added, %d changed, %d unchanged, want %v", round, name, r.Added, r.Changed, r.Unchanged, want)
			}
		}
		if got := must(s.LastChange(ctx))(t) - before; got != int64(2*(want.added+want.changed)) {
			t.Errorf("round %d: %d outbox rows, want %d", round, got, 2*(want.added+want.changed))
		}
	}
}

func ownWrites(t *testing.T, s engine.Store) {
	ctx := t.Context()
	err := s.InTx(ctx, func(tx engine.Tx) error {
		e := must(tx.PutEntry(ctx, here, entry("Own?")))(t)
		same(t, "inside", must(tx.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
		same(t, "listed", all(t, tx.AllEntries(ctx, here, engine.EntryFilter{})), []engine.Entry{e})
		if got := must(s.Entries(ctx, here, []string{e.ID}))(t); len(got) != 0 {
			t.Error("others see it before it is committed")
		}
		if n := must(tx.LastChange(ctx))(t); n != 1 {
			t.Errorf("LastChange inside: got %d, want 1", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != 1 {
		t.Errorf("after the commit: %d entries", len(got))
	}
}

// putLedgers puts one thing each into what is kept beside the library.
func putLedgers(t *testing.T, s engine.Tx) {
	t.Helper()
	must(s.PutRegister(t.Context(), here, engine.RegisterVersion{}))(t)
	must(s.AddCommitments(t.Context(), here, []engine.Commitment{commitment("Told?")}))(t)
	add(t, s, proposal("Proposed?"))
	if err := s.PutAskings(t.Context(), here, "c", "q", []engine.Asking{asking("Asked?")}); err != nil {
		t.Fatal(err)
	}
	must(s.PutSettings(t.Context(), here, engine.DefaultSettings()))(t)
	putReview(t, s, here)
	putPeople(t, s)
}

// putPeople puts one of each thing that people have.
func putPeople(t *testing.T, s engine.Tx) {
	t.Helper()
	ctx := t.Context()
	u := member(t, s, "undone", engine.RoleAdmin)
	must(s.AddSession(ctx, engine.Session{User: u.ID, CreatedAt: madeAt, SeenAt: madeAt}, secretHash("session")))(t)
	must(s.AddToken(ctx, here, token(u.ID), secretHash("token")))(t)
	must(s.AddInvitation(ctx, here, invitation(u.ID, "x@example.com"), secretHash("invitation")))(t)
	if err := errors.Join(s.AddSetUp(ctx, secretHash("setup"), madeAt), s.PutThrottle(ctx, engine.Throttle{Key: secretHash("key"), Failures: 1, LastAt: madeAt})); err != nil {
		t.Fatal(err)
	}
}

// noPeople fails if anything of a person is there.
func noPeople(t *testing.T, s engine.Store) {
	t.Helper()
	ctx := t.Context()
	_, _, sessionErr := s.SessionOf(ctx, secretHash("session"))
	_, _, tokenErr := s.TokenOf(ctx, secretHash("token"))
	_, invitationErr := s.InvitationOf(ctx, secretHash("invitation"))
	_, setUpErr := s.SetUpEnds(ctx, secretHash("setup"))
	for name, err := range map[string]error{"session": sessionErr, "token": tokenErr, "invitation": invitationErr, "set-up": setUpErr} {
		if !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("a %s was left (%v)", name, err)
		}
	}
	if must(s.AnyUser(ctx))(t) || len(must(s.Members(ctx, here, engine.MemberFilter{}))(t)) != 0 || must(s.Throttle(ctx, secretHash("key")))(t).Failures != 0 {
		t.Error("a user, member or throttle was left")
	}
}

// untouched fails if anything was left by a transaction that was undone, or if
// the store does not work after it.
func untouched(t *testing.T, s engine.Store) {
	t.Helper()
	ctx := t.Context()
	if got := all(t, s.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != 0 {
		t.Errorf("%d entries were left", len(got))
	}
	if got := must(s.LastChange(ctx))(t); got != 0 {
		t.Errorf("%d outbox rows were left", got)
	}
	if got := must(s.RegisterVersion(ctx, here))(t); got.Version != 0 {
		t.Errorf("version %d of the register was left", got.Version)
	}
	if got := must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t); len(got) != 0 {
		t.Errorf("%d commitments were left", len(got))
	}
	if got := must(s.Askings(ctx, here, time.Time{}))(t); len(got) != 0 {
		t.Errorf("%d askings were left", len(got))
	}
	if got := must(s.Settings(ctx, here))(t); got.Version != 0 {
		t.Errorf("version %d of the settings was left", got.Version)
	}
	if got := must(s.Questionnaires(ctx, here, engine.QuestionnaireFilter{}))(t); len(got) != 0 {
		t.Errorf("%d questionnaires were left", len(got))
	}
	if got := all(t, s.AuditedReviews(ctx, here)); len(got) != 1 || got[0].Hash != "" { // the settings, which are not there
		t.Errorf("%v were left", got)
	}
	if got := must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t); len(got) != 0 {
		t.Errorf("%d proposals were left", len(got))
	}
	if got := must(s.Jobs(ctx, here, engine.JobFilter{}))(t); len(got) != 0 {
		t.Errorf("%d jobs were left", len(got))
	}
	noPeople(t, s)
	must(s.PutEntry(ctx, here, entry("After?")))(t)
}

func undoneByError(t *testing.T, s engine.Store) {
	ctx, stop := t.Context(), errors.New("stop")
	err := s.InTx(ctx, func(tx engine.Tx) error {
		must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
		putLedgers(t, tx)
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the function's own error", err)
	}
	untouched(t, s)
}

func undoneByPanic(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for _, inLoop := range []bool{false, true} {
		func() {
			defer func() {
				if r := recover(); r != "stop" {
					t.Errorf("recovered %v, want the function's own panic", r)
				}
			}()
			_ = s.InTx(ctx, func(tx engine.Tx) error {
				must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
				putLedgers(t, tx)
				if inLoop {
					for range tx.AllEntries(ctx, here, engine.EntryFilter{}) {
						panic("stop")
					}
				}
				panic("stop")
			})
		}()
	}
	untouched(t, s)
}

func undoneByStatement(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var first, then error
	err := s.InTx(ctx, func(tx engine.Tx) error {
		must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
		if _, err := tx.PutEntry(ctx, here, engine.Entry{ID: "01890000-0000-7000-8000-000000000000", Version: 1, Question: "x", Answer: "x"}); !errors.Is(err, engine.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if _, err := tx.Entries(ctx, here, []string{"x"}); err != nil {
			t.Errorf("ErrNotFound ended the transaction: %v", err)
		}
		first = tx.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"})
		_, then = tx.PutEntry(ctx, here, entry("Then?"))
		return nil
	})
	if !errors.Is(first, engine.ErrNoWorkspace) || !errors.Is(then, engine.ErrNoWorkspace) || !errors.Is(err, engine.ErrNoWorkspace) {
		t.Errorf("got %v, then %v, at the end %v; want ErrNoWorkspace each time", first, then, err)
	}
	untouched(t, s)
}

func undoneByCancel(t *testing.T, s engine.Store) {
	for _, mid := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.InTx(ctx, func(tx engine.Tx) error {
			must(tx.PutEntry(ctx, here, entry("Undone?")))(t)
			cancel()
			if mid {
				_, err := tx.PutEntry(ctx, here, entry("Too late?"))
				if err == nil {
					t.Error("a statement ran after the context was cancelled")
				}
				// Whoever goes on with another context must not write
				// outside the transaction.
				_, _ = tx.PutEntry(t.Context(), here, entry("Still too late?"))
			}
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
	untouched(t, s)
}

func cancelled(t *testing.T, s engine.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"EnsureWorkspace": func() error { return s.EnsureWorkspace(ctx, "new") },
		"Entries":         func() error { _, err := s.Entries(ctx, here, []string{"x"}); return err },
		"EntriesByKey":    func() error { _, err := s.EntriesByKey(ctx, here, []string{"x"}); return err },
		"EntryVersions":   func() error { _, err := s.EntryVersions(ctx, here, "x"); return err },
		"AllEntries":      func() error { return streamError(s.AllEntries(ctx, here, engine.EntryFilter{})) },
		"PutEntry":        func() error { _, err := s.PutEntry(ctx, here, entry("x")); return err },
		"Controls":        func() error { _, err := s.Controls(ctx, here, []string{"x"}); return err },
		"ControlsByRef":   func() error { _, err := s.ControlsByRef(ctx, here, []string{"x"}); return err },
		"ControlVersions": func() error { _, err := s.ControlVersions(ctx, here, "x"); return err },
		"AllControls":     func() error { return streamError(s.AllControls(ctx, here, engine.ControlFilter{})) },
		"PutControl":      func() error { _, err := s.PutControl(ctx, here, control("x")); return err },
		"Layout":          func() error { _, err := s.Layout(ctx, here, "x"); return err },
		"PutLayout":       func() error { return s.PutLayout(ctx, here, engine.Layout{Shape: "x"}) },
		"Tuning":          func() error { _, err := s.Tuning(ctx, here); return err },
		"PutLexicon":      func() error { return s.PutLexicon(ctx, here, "x") },
		"PutCalibration":  func() error { return s.PutCalibration(ctx, here, calibration()) },
		"RegisterVersion": func() error { _, err := s.RegisterVersion(ctx, here); return err },
		"PutRegister":     func() error { _, err := s.PutRegister(ctx, here, engine.RegisterVersion{}); return err },
		"AddCommitments": func() error {
			_, err := s.AddCommitments(ctx, here, []engine.Commitment{commitment("x")})
			return err
		},
		"Commitments":     func() error { _, err := s.Commitments(ctx, here, engine.CommitmentFilter{}); return err },
		"PutAskings":      func() error { return s.PutAskings(ctx, here, "c", "q", []engine.Asking{asking("x")}) },
		"Askings":         func() error { _, err := s.Askings(ctx, here, time.Time{}); return err },
		"AuditEvents":     func() error { return streamError(s.AuditEvents(ctx, here, 0)) },
		"Changes":         func() error { _, err := s.Changes(ctx, 0, 1); return err },
		"LastChange":      func() error { _, err := s.LastChange(ctx); return err },
		"Jobs":            func() error { _, err := s.Jobs(ctx, here, engine.JobFilter{}); return err },
		"Job":             func() error { _, err := s.Job(ctx, here, "x"); return err },
		"AddJob":          func() error { _, err := s.AddJob(ctx, here, job("x")); return err },
		"CancelJob":       func() error { _, err := s.CancelJob(ctx, here, "x"); return err },
		"ClaimJob":        func() error { _, _, err := s.ClaimJob(ctx, kinds, time.Minute); return err },
		"KeepJob":         func() error { return s.KeepJob(ctx, here, engine.JobClaim{}, 1, 1) },
		"HeldJob":         func() error { return s.HeldJob(ctx, here, engine.JobClaim{}) },
		"EndJob":          func() error { _, err := s.EndJob(ctx, here, engine.JobClaim{}, engine.JobEnd{}); return err },
		"RescueJobs":      func() error { _, err := s.RescueJobs(ctx); return err },
		"PruneJobs":       func() error { _, err := s.PruneJobs(ctx, time.Hour); return err },
		"InTx":            func() error { return s.InTx(ctx, func(engine.Tx) error { return nil }) },
		"InSnapshot":      func() error { return s.InSnapshot(ctx, func(engine.Tx) error { return nil }) },
		"PutPresence":     func() error { return s.PutPresence(ctx, here, engine.Presence{Questionnaire: "x", N: 1, User: "x"}) },
		"Presences":       func() error { _, err := s.Presences(ctx, here, "", time.Minute); return err },
		"User":            func() error { _, err := s.User(ctx, "x"); return err },
		"UserByEmail":     func() error { _, err := s.UserByEmail(ctx, "x"); return err },
		"UserBySubject":   func() error { _, err := s.UserBySubject(ctx, "x"); return err },
		"AnyUser":         func() error { _, err := s.AnyUser(ctx); return err },
		"PutUser":         func() error { _, err := s.PutUser(ctx, engine.User{Email: "x", Name: "x"}); return err },
		"Members":         func() error { _, err := s.Members(ctx, here, engine.MemberFilter{}); return err },
		"Member":          func() error { _, err := s.Member(ctx, here, "x"); return err },
		"PutMember":       func() error { _, err := s.PutMember(ctx, here, "x", engine.RoleViewer); return err },
		"RemoveMember":    func() error { return s.RemoveMember(ctx, here, "x") },
		"Memberships":     func() error { _, err := s.Memberships(ctx, "x"); return err },
		"AddSession":      func() error { _, err := s.AddSession(ctx, engine.Session{}, "x"); return err },
		"SessionOf":       func() error { _, _, err := s.SessionOf(ctx, "x"); return err },
		"Sessions":        func() error { _, err := s.Sessions(ctx, "x"); return err },
		"SeeSession":      func() error { return s.SeeSession(ctx, "x", madeAt) },
		"EndSession":      func() error { return s.EndSession(ctx, "x", "x") },
		"EndSessions":     func() error { _, err := s.EndSessions(ctx, "x", ""); return err },
		"EndOldSessions":  func() error { return s.EndOldSessions(ctx, madeAt, madeAt) },
		"AddToken":        func() error { _, err := s.AddToken(ctx, here, token("x"), "x"); return err },
		"TokenOf":         func() error { _, _, err := s.TokenOf(ctx, "x"); return err },
		"Tokens":          func() error { _, err := s.Tokens(ctx, here, ""); return err },
		"UseToken":        func() error { return s.UseToken(ctx, here, "x", madeAt) },
		"RevokeToken":     func() error { return s.RevokeToken(ctx, here, "x", madeAt) },
		"AddInvitation":   func() error { _, err := s.AddInvitation(ctx, here, invitation("x", "x"), "x"); return err },
		"InvitationOf":    func() error { _, err := s.InvitationOf(ctx, "x"); return err },
		"Invitations":     func() error { _, err := s.Invitations(ctx, here); return err },
		"CloseInvitation": func() error { return s.CloseInvitation(ctx, here, "x", "", madeAt) },
		"AddSetUp":        func() error { return s.AddSetUp(ctx, "x", madeAt) },
		"SetUpEnds":       func() error { _, err := s.SetUpEnds(ctx, "x"); return err },
		"EndSetUps":       func() error { return s.EndSetUps(ctx, madeAt) },
		"Throttle":        func() error { _, err := s.Throttle(ctx, "x"); return err },
		"PutThrottle":     func() error { return s.PutThrottle(ctx, engine.Throttle{Key: "x"}) },
		"ForgetThrottles": func() error { return s.ForgetThrottles(ctx, madeAt) },
		"AuditLockout":    func() error { return s.AuditLockout(ctx, "x", madeAt) },
		"AuditedReviews":  func() error { return streamError(s.AuditedReviews(ctx, here)) },
		"PutFile":         func() error { _, err := s.PutFile(ctx, here, strings.NewReader("x")); return err },
		"File":            func() error { _, _, err := s.File(ctx, here, "x"); return err },
		"Settings":        func() error { _, err := s.Settings(ctx, here); return err },
		"PutSettings":     func() error { _, err := s.PutSettings(ctx, here, engine.DefaultSettings()); return err },
		"AddQuestionnaire": func() error {
			_, err := s.AddQuestionnaire(ctx, here, engine.StoredQuestionnaire{}, nil)
			return err
		},
		"PutQuestionnaire": func() error { _, err := s.PutQuestionnaire(ctx, here, storedQuestionnaire("x")); return err },
		"ReplaceQuestions": func() error { _, err := s.ReplaceQuestions(ctx, here, storedQuestionnaire("x"), nil); return err },
		"Questionnaire":    func() error { _, err := s.Questionnaire(ctx, here, "x"); return err },
		"Questionnaires":   func() error { _, err := s.Questionnaires(ctx, here, engine.QuestionnaireFilter{}); return err },
		"Questions":        func() error { _, err := s.Questions(ctx, here, "x"); return err },
		"Answers":          func() error { _, err := s.Answers(ctx, here, "x", engine.AnswerFilter{}); return err },
		"AnswerHead":       func() error { _, err := s.AnswerHead(ctx, here, "x", 1); return err },
		"AssignedAnswers":  func() error { _, err := s.AssignedAnswers(ctx, here, "x"); return err },
		"Revisions":        func() error { _, err := s.Revisions(ctx, here, "x", 1); return err },
		"PutRevision": func() error {
			_, err := s.PutRevision(ctx, here, engine.AnswerRevision{}, engine.AnswerDrafted)
			return err
		},
		"PutAnswer":        func() error { return s.PutAnswer(ctx, here, engine.AnswerHead{}) },
		"Citing":           func() error { _, err := s.Citing(ctx, here, engine.CitedEntry, nil); return err },
		"AddDecision":      func() error { _, err := s.AddDecision(ctx, here, engine.Decision{}); return err },
		"Decisions":        func() error { _, err := s.Decisions(ctx, here, engine.DecisionFilter{}); return err },
		"AddComment":       func() error { _, err := s.AddComment(ctx, here, engine.Comment{}); return err },
		"RemoveComment":    func() error { _, err := s.RemoveComment(ctx, here, "x", "user:x"); return err },
		"Comment":          func() error { _, err := s.Comment(ctx, here, "x"); return err },
		"Comments":         func() error { _, err := s.Comments(ctx, here, "x", 0); return err },
		"AddExport":        func() error { _, err := s.AddExport(ctx, here, engine.Export{}); return err },
		"Exports":          func() error { _, err := s.Exports(ctx, here, "x"); return err },
		"AddEntryProposal": func() error { _, _, err := s.AddEntryProposal(ctx, here, proposal("x")); return err },
		"EntryProposal":    func() error { _, err := s.EntryProposal(ctx, here, "x"); return err },
		"EntryProposals":   func() error { _, err := s.EntryProposals(ctx, here, engine.ProposalFilter{}); return err },
		"DecideEntryProposal": func() error {
			_, err := s.DecideEntryProposal(ctx, here, rejected(engine.EntryProposal{ID: "x"}))
			return err
		},
		"AuditPage":   func() error { _, err := s.AuditPage(ctx, here, 0, 1); return err },
		"AuditHead":   func() error { _, err := s.AuditHead(ctx, here); return err },
		"KeptReply":   func() error { _, err := s.KeptReply(ctx, here, "user:1", "key"); return err },
		"KeepReply":   func() error { return s.KeepReply(ctx, here, reply("key")) },
		"DropReplies": func() error { _, err := s.DropReplies(ctx, here, time.Now()); return err },
	}
	for name := range methods() {
		call, ok := calls[name]
		if !ok {
			t.Errorf("nothing tests that a cancelled context stops %s", name)
		} else if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", name, err)
		}
	}
	untouched(t, s)
}

// ConcurrentWriters lets writers and readers loose on one database through two
// stores, which may be the same.
func ConcurrentWriters(t *testing.T, a, b engine.Store) {
	const workers, rounds = 4, 15
	ctx := t.Context()
	if err := a.EnsureWorkspace(ctx, here); err != nil {
		t.Fatal(err)
	}
	counter, err := a.PutControl(ctx, here, engine.Control{Ref: "COUNT", Title: "0"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range workers {
		s := []engine.Store{a, b}[i%2]
		wg.Go(func() {
			for n := range rounds {
				if _, err := s.PutEntry(ctx, here, entry(fmt.Sprintf("Question %d of worker %d?", n, i))); err != nil {
					t.Error(err)
				}
				err := s.InTx(ctx, func(tx engine.Tx) error {
					list, err := tx.Controls(ctx, here, []string{counter.ID})
					if err != nil || len(list) != 1 {
						return fmt.Errorf("%d controls: %w", len(list), err)
					}
					_, err = tx.PutControl(ctx, here, list[0])
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			seen := int64(0)
			for seen < 2*workers*rounds+1 && !t.Failed() {
				list, err := s.Changes(ctx, seen, 7)
				if err != nil {
					t.Error(err)
					return
				}
				for _, c := range list {
					if c.Seq != seen+1 {
						t.Errorf("change %d after %d: one was passed over", c.Seq, seen)
						return
					}
					seen = c.Seq
				}
			}
		})
	}
	wg.Wait()
	got := must(b.Controls(ctx, here, []string{counter.ID}))(t)
	if len(got) != 1 || got[0].Version != workers*rounds+1 {
		t.Errorf("counter: got %+v, want version %d", got, workers*rounds+1)
	}
	if got := all(t, b.AllEntries(ctx, here, engine.EntryFilter{})); len(got) != workers*rounds {
		t.Errorf("got %d entries, want %d", len(got), workers*rounds)
	}
}
