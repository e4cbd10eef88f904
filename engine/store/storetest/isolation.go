package storetest

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// things are what isolation looks for.
type things struct {
	entry   engine.Entry
	control engine.Control
	layout  engine.Layout
	tuning  engine.Tuning

	register   engine.RegisterVersion
	commitment engine.Commitment
	asking     engine.Asking
	review     reviewed
	settings   engine.Settings
	proposal   engine.EntryProposal
	claim      engine.JobClaim

	user       engine.User // a member here, with a session
	token      engine.Token
	invitation engine.Invitation
	session    engine.Session
}

// fillPeople puts one person here, with all that people have.
func (x *things) fillPeople(t *testing.T, s engine.Store) {
	t.Helper()
	ctx := t.Context()
	x.user = must(s.PutUser(ctx, engine.User{Email: "here@example.com", Name: "Here", Subject: "issuer here"}))(t)
	must(s.PutMember(ctx, here, x.user.ID, engine.RoleAdmin))(t)
	x.token = must(s.AddToken(ctx, here, token(x.user.ID), secretHash("token")))(t)
	x.invitation = must(s.AddInvitation(ctx, here, invitation(x.user.ID, "guest@example.com"), secretHash("invitation")))(t)
	x.session = must(s.AddSession(ctx, engine.Session{User: x.user.ID, CreatedAt: madeAt, SeenAt: madeAt}, secretHash("session")))(t)
	if err := errors.Join(s.AddSetUp(ctx, secretHash("setup"), madeAt), s.PutThrottle(ctx, engine.Throttle{Key: secretHash("key"), Failures: 1, LastAt: madeAt})); err != nil {
		t.Fatal(err)
	}
}

// found returns 1 for what is there and 0 for what is not.
func found[T any](_ T, err error) (int, error) {
	if errors.Is(err, engine.ErrNotFound) {
		return 0, nil
	}
	return 1, err
}

func isolation(t *testing.T, s engine.Store) {
	ctx := t.Context()
	x := things{layout: engine.Layout{Format: "csv", Shape: "shape", Sheets: []engine.SheetLayout{}}}
	x.entry = must(s.PutEntry(ctx, here, entry("Here?")))(t)
	x.control = must(s.PutControl(ctx, here, control("C-1")))(t)
	if err := s.PutLayout(ctx, here, x.layout); err != nil {
		t.Fatal(err)
	}
	x.tuning = engine.Tuning{Lexicon: "[weak]\nplease\n", Calibration: calibration()}
	if err := errors.Join(s.PutLexicon(ctx, here, x.tuning.Lexicon), s.PutCalibration(ctx, here, x.tuning.Calibration)); err != nil {
		t.Fatal(err)
	}
	v := engine.RegisterVersion{}
	v.Register.Company = "Here Ltd"
	x.register = must(s.PutRegister(ctx, here, v))(t)
	must(s.AddCommitments(ctx, here, []engine.Commitment{commitment("Here?")}))(t)
	x.commitment = must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t)[0]
	x.asking = asking("Here?")
	if err := s.PutAskings(ctx, here, x.asking.Customer, x.asking.Questionnaire, []engine.Asking{x.asking}); err != nil {
		t.Fatal(err)
	}
	x.review = putReview(t, s, here)
	x.settings = must(s.PutSettings(ctx, here, engine.DefaultSettings()))(t)
	id := x.review.questionnaire.ID
	x.proposal = add(t, s, proposal("Proposed here?"))
	must(s.AddJob(ctx, here, job("questionnaire:1")))(t)
	x.claim = claimed(t, s, time.Minute, here, "questionnaire:1")
	x.fillPeople(t, s)
	if err := s.KeepReply(ctx, here, reply("key")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutPresence(ctx, here, engine.Presence{Questionnaire: id, N: 1, User: "ann"}); err != nil {
		t.Fatal(err)
	}
	last := must(s.LastChange(ctx))(t)
	// Each method is called in both workspaces. A read returns how many
	// things it saw: one here, none there. A write must fail there.
	reads := map[string]func(engine.Tx, string) (int, error){
		"Entries": func(s engine.Tx, w string) (int, error) { return count(s.Entries(ctx, w, []string{x.entry.ID})) },
		"EntriesByKey": func(s engine.Tx, w string) (int, error) {
			return count(s.EntriesByKey(ctx, w, []string{x.entry.Key()}))
		},
		"EntryVersions": func(s engine.Tx, w string) (int, error) { return count(s.EntryVersions(ctx, w, x.entry.ID)) },
		"AllEntries": func(s engine.Tx, w string) (int, error) {
			return len(all(t, s.AllEntries(ctx, w, engine.EntryFilter{}))), nil
		},
		"Controls": func(s engine.Tx, w string) (int, error) { return count(s.Controls(ctx, w, []string{x.control.ID})) },
		"ControlsByRef": func(s engine.Tx, w string) (int, error) {
			return count(s.ControlsByRef(ctx, w, []string{x.control.Ref}))
		},
		"ControlVersions": func(s engine.Tx, w string) (int, error) { return count(s.ControlVersions(ctx, w, x.control.ID)) },
		"AllControls": func(s engine.Tx, w string) (int, error) {
			return len(all(t, s.AllControls(ctx, w, engine.ControlFilter{}))), nil
		},
		"Layout": func(s engine.Tx, w string) (int, error) {
			_, err := s.Layout(ctx, w, x.layout.Shape)
			if errors.Is(err, engine.ErrNotFound) {
				return 0, nil
			}
			return 1, err
		},
		"Tuning": func(s engine.Tx, w string) (int, error) {
			got, err := s.Tuning(ctx, w)
			if got.Lexicon == "" && got.Calibration == nil {
				return 0, err
			}
			return 1, err
		},
		"RegisterVersion": func(s engine.Tx, w string) (int, error) {
			got, err := s.RegisterVersion(ctx, w)
			if got.Version == 0 && got.Register.Company == "" {
				return 0, err
			}
			return got.Version, err
		},
		"Commitments": func(s engine.Tx, w string) (int, error) {
			return count(s.Commitments(ctx, w, engine.CommitmentFilter{Customer: x.commitment.Customer}))
		},
		"Askings": func(s engine.Tx, w string) (int, error) { return count(s.Askings(ctx, w, time.Time{})) },
		"EntryProposal": func(s engine.Tx, w string) (int, error) {
			_, err := s.EntryProposal(ctx, w, x.proposal.ID)
			if errors.Is(err, engine.ErrNotFound) {
				return 0, nil
			}
			return 1, err
		},
		"Jobs": func(s engine.Tx, w string) (int, error) { return count(s.Jobs(ctx, w, engine.JobFilter{})) },
		"Job": func(s engine.Tx, w string) (int, error) {
			_, err := s.Job(ctx, w, x.claim.Job.ID)
			if errors.Is(err, engine.ErrNotFound) {
				return 0, nil
			}
			return 1, err
		},
		"EntryProposals": func(s engine.Tx, w string) (int, error) {
			return count(s.EntryProposals(ctx, w, engine.ProposalFilter{}))
		},
		"HeldJob": func(s engine.Tx, w string) (int, error) {
			err := s.HeldJob(ctx, w, x.claim)
			if errors.Is(err, engine.ErrJobLost) {
				return 0, nil
			}
			return 1, err
		},
		"Members": func(s engine.Tx, w string) (int, error) { return count(s.Members(ctx, w, engine.MemberFilter{})) },
		"Member":  func(s engine.Tx, w string) (int, error) { return found(s.Member(ctx, w, x.user.ID)) },
		"Tokens": func(s engine.Tx, w string) (int, error) {
			own, err := s.Tokens(ctx, w, x.user.ID)
			if all := must(s.Tokens(ctx, w, ""))(t); len(all) != len(own) {
				t.Errorf("all tokens in %q are %d, one's own %d", w, len(all), len(own))
			}
			return len(own), err
		},
		"Invitations": func(s engine.Tx, w string) (int, error) { return count(s.Invitations(ctx, w)) },
		"AuditEvents": func(s engine.Tx, w string) (int, error) {
			return len(slices.DeleteFunc(all(t, s.AuditEvents(ctx, w, 0)), func(e engine.AuditEvent) bool { return e.Object != "entry:"+x.entry.ID })), nil
		},
		"AuditedReviews": func(s engine.Tx, w string) (int, error) {
			return len(slices.DeleteFunc(all(t, s.AuditedReviews(ctx, w)), func(o engine.AuditedObject) bool { return o.Object != "questionnaire:"+id })), nil
		},
		"File": func(s engine.Tx, w string) (int, error) { return seen(s.File(ctx, w, x.review.questionnaire.File)) },
		"Settings": func(s engine.Tx, w string) (int, error) {
			got, err := s.Settings(ctx, w)
			return got.Version, err
		},
		"Questionnaire": func(s engine.Tx, w string) (int, error) { return found(s.Questionnaire(ctx, w, id)) },
		"Questionnaires": func(s engine.Tx, w string) (int, error) {
			return count(s.Questionnaires(ctx, w, engine.QuestionnaireFilter{}))
		},
		"Questions":       func(s engine.Tx, w string) (int, error) { return count(s.Questions(ctx, w, id)) },
		"Answers":         func(s engine.Tx, w string) (int, error) { return count(s.Answers(ctx, w, id, engine.AnswerFilter{})) },
		"AnswerHead":      func(s engine.Tx, w string) (int, error) { return found(s.AnswerHead(ctx, w, id, 1)) },
		"AssignedAnswers": func(s engine.Tx, w string) (int, error) { return count(s.AssignedAnswers(ctx, w, "bob")) },
		"Revisions":       func(s engine.Tx, w string) (int, error) { return count(s.Revisions(ctx, w, id, 1)) },
		"Citing":          func(s engine.Tx, w string) (int, error) { return count(s.Citing(ctx, w, engine.CitedEntry, nil)) },
		"Decisions":       func(s engine.Tx, w string) (int, error) { return count(s.Decisions(ctx, w, engine.DecisionFilter{})) },
		"Comment":         func(s engine.Tx, w string) (int, error) { return found(s.Comment(ctx, w, x.review.comment.ID)) },
		"Comments":        func(s engine.Tx, w string) (int, error) { return count(s.Comments(ctx, w, id, 0)) },
		"Exports":         func(s engine.Tx, w string) (int, error) { return count(s.Exports(ctx, w, id)) },
		"AuditPage":       func(s engine.Tx, w string) (int, error) { return count(s.AuditPage(ctx, w, 0, 1)) },
		"Presences":       func(s engine.Tx, w string) (int, error) { return count(s.Presences(ctx, w, "", time.Hour)) },
		"AuditHead": func(s engine.Tx, w string) (int, error) {
			h, err := s.AuditHead(ctx, w)
			return min(int(h.Count), 1), err
		},
		"KeptReply": func(s engine.Tx, w string) (int, error) {
			_, err := s.KeptReply(ctx, w, "user:1", "key")
			if errors.Is(err, engine.ErrNotFound) {
				return 0, nil
			}
			return 1, err
		},
	}
	writes := map[string]func(*testing.T, engine.Tx){
		"PutEntry": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutEntry(ctx, there, x.entry); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			same(t, "entry", must(s.Entries(ctx, here, []string{x.entry.ID}))(t), []engine.Entry{x.entry})
		},
		"PutControl": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutControl(ctx, there, x.control); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			same(t, "control", must(s.Controls(ctx, here, []string{x.control.ID}))(t), []engine.Control{x.control})
		},
		"PutLayout": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			other := engine.Layout{Format: "xlsx", Shape: x.layout.Shape}
			if err := s.PutLayout(ctx, "third", other); err != nil {
				t.Fatal(err)
			}
			same(t, "layout", must(s.Layout(ctx, here, x.layout.Shape))(t), x.layout)
		},
		// There is nothing to take away there, so nothing changes anywhere.
		"PutLexicon": func(t *testing.T, s engine.Tx) {
			if err := s.PutLexicon(ctx, there, ""); err != nil {
				t.Fatal(err)
			}
			same(t, "tuning", must(s.Tuning(ctx, here))(t), x.tuning)
		},
		"PutCalibration": func(t *testing.T, s engine.Tx) {
			if err := s.PutCalibration(ctx, there, nil); err != nil {
				t.Fatal(err)
			}
			same(t, "tuning", must(s.Tuning(ctx, here))(t), x.tuning)
		},
		"PutRegister": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutRegister(ctx, there, x.register); !errors.Is(err, engine.ErrStaleVersion) {
				t.Errorf("got %v, want ErrStaleVersion: there is none yet", err)
			}
			same(t, "register", must(s.RegisterVersion(ctx, here))(t), x.register)
		},
		// What was told here does not count as told elsewhere.
		"AddCommitments": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			must(s.AddCommitments(ctx, "third", []engine.Commitment{x.commitment}))(t)
			if n := must(count(s.Commitments(ctx, "third", engine.CommitmentFilter{})))(t); n != 1 {
				t.Errorf("the third workspace has %d commitments, want its own one", n)
			}
			same(t, "commitments", must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t), []engine.Commitment{x.commitment})
		},
		"PutAskings": func(t *testing.T, s engine.Tx) {
			if err := s.PutAskings(ctx, there, x.asking.Customer, x.asking.Questionnaire, nil); err != nil {
				t.Fatal(err)
			}
			same(t, "askings", must(s.Askings(ctx, here, time.Time{}))(t), []engine.Asking{x.asking})
		},
		"PutFile": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			name := must(s.PutFile(ctx, "third", strings.NewReader(reviewFile)))(t)
			if n := must(seen(s.File(ctx, "third", name)))(t); n != 1 || name != x.review.questionnaire.File {
				t.Errorf("the third workspace has no file of its own")
			}
		},
		"PutSettings": func(t *testing.T, s engine.Tx) {
			if _, err := s.PutSettings(ctx, there, x.settings); !errors.Is(err, engine.ErrStaleVersion) {
				t.Errorf("got %v, want ErrStaleVersion: there are none yet", err)
			}
			same(t, "settings", must(s.Settings(ctx, here))(t), x.settings)
		},
		"AddQuestionnaire": func(t *testing.T, s engine.Tx) {
			_, err := s.AddQuestionnaire(ctx, there, x.review.questionnaire, questionsOf(1))
			notThere(t, err)
		},
		"PutQuestionnaire": func(t *testing.T, s engine.Tx) {
			_, err := s.PutQuestionnaire(ctx, there, x.review.questionnaire)
			notThere(t, err)
		},
		"ReplaceQuestions": func(t *testing.T, s engine.Tx) {
			_, err := s.ReplaceQuestions(ctx, there, x.review.questionnaire, questionsOf(1))
			notThere(t, err)
		},
		"PutRevision": func(t *testing.T, s engine.Tx) {
			_, err := s.PutRevision(ctx, there, x.review.revision, engine.AnswerDrafted)
			notThere(t, err)
		},
		"PutAnswer": func(t *testing.T, s engine.Tx) {
			notThere(t, s.PutAnswer(ctx, there, must(s.AnswerHead(ctx, here, id, 1))(t)))
		},
		"AddDecision": func(t *testing.T, s engine.Tx) {
			_, err := s.AddDecision(ctx, there, x.review.decision)
			notThere(t, err)
		},
		"AddComment": func(t *testing.T, s engine.Tx) {
			_, err := s.AddComment(ctx, there, x.review.comment)
			notThere(t, err)
		},
		"RemoveComment": func(t *testing.T, s engine.Tx) {
			_, err := s.RemoveComment(ctx, there, x.review.comment.ID, "user:ann")
			notThere(t, err)
			same(t, "comment", must(s.Comment(ctx, here, x.review.comment.ID))(t), x.review.comment)
		},
		"AddExport": func(t *testing.T, s engine.Tx) {
			_, err := s.AddExport(ctx, there, x.review.export)
			notThere(t, err)
		},
		// What was proposed here does not count as proposed elsewhere.
		"AddEntryProposal": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.AddEntryProposal(ctx, "third", x.proposal); err != nil {
				t.Fatal(err)
			}
			if n := must(count(s.EntryProposals(ctx, "third", engine.ProposalFilter{})))(t); n != 1 {
				t.Errorf("the third workspace has %d proposals, want its own one", n)
			}
			same(t, "proposals", must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t), []engine.EntryProposal{x.proposal})
		},
		"DecideEntryProposal": func(t *testing.T, s engine.Tx) {
			if _, err := s.DecideEntryProposal(ctx, there, rejected(x.proposal)); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			same(t, "proposal", must(s.EntryProposal(ctx, here, x.proposal.ID))(t), x.proposal)
		},
		"PutPresence": func(t *testing.T, s engine.Tx) {
			notThere(t, s.PutPresence(ctx, there, engine.Presence{Questionnaire: id, N: 1, User: "bob"}))
			if err := s.PutPresence(ctx, there, engine.Presence{Questionnaire: id, User: "ann"}); err != nil {
				t.Error(err)
			}
			if list := must(s.Presences(ctx, here, id, time.Hour))(t); len(list) != 1 || list[0].User != "ann" {
				t.Errorf("here look %+v, want ann", list)
			}
		},
		// A key that is used here is free elsewhere.
		"KeepReply": func(t *testing.T, s engine.Tx) {
			if err := errors.Join(s.EnsureWorkspace(ctx, "fourth"), s.KeepReply(ctx, "fourth", reply("key"))); err != nil {
				t.Fatal(err)
			}
			if n := must(s.DropReplies(ctx, "fourth", time.Now().Add(time.Minute)))(t); n != 1 {
				t.Errorf("dropped %d, want 1", n)
			}
		},
		"DropReplies": func(t *testing.T, s engine.Tx) {
			if n := must(s.DropReplies(ctx, there, time.Now().Add(time.Minute)))(t); n != 0 {
				t.Errorf("dropped %d there", n)
			}
			must(s.KeptReply(ctx, here, "user:1", "key"))(t)
		},
		"EnsureWorkspace": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, here); err != nil {
				t.Error(err)
			}
			for name, read := range reads {
				if n, err := read(s, here); n != 1 || err != nil {
					t.Errorf("%s sees %d (%v) after the workspace was ensured again", name, n, err)
				}
			}
		},
		// The two that span workspaces say of everything whose it is.
		"Changes": func(t *testing.T, s engine.Tx) {
			for _, c := range must(s.Changes(ctx, 0, 0))(t) {
				if c.Workspace != here {
					t.Errorf("change %+v: everything was put in %q", c, here)
				}
			}
		},
		"LastChange": func(t *testing.T, s engine.Tx) {
			if n := must(s.LastChange(ctx))(t); n != last {
				t.Errorf("got %d, want %d", n, last)
			}
		},
	}
	maps.Copy(writes, queueIsolation(ctx, x))
	maps.Copy(writes, x.people(ctx))
	run := func(t *testing.T, s engine.Tx) {
		for name, read := range reads {
			for w, want := range map[string]int{here: 1, there: 0, "nowhere": 0, "": 0} {
				if got, err := read(s, w); got != want || err != nil {
					t.Errorf("%s in %q: saw %d (%v), want %d", name, w, got, err, want)
				}
			}
		}
		for name, write := range writes {
			t.Run(name, func(t *testing.T) { write(t, s) })
		}
	}
	run(t, s)
	err := s.InTx(ctx, func(tx engine.Tx) error { run(t, tx); return nil })
	if err != nil {
		t.Error(err)
	}
	err = s.InSnapshot(ctx, func(tx engine.Tx) error {
		for name, read := range reads {
			for w, want := range map[string]int{here: 1, there: 0} {
				if got, err := read(tx, w); got != want || err != nil {
					t.Errorf("%s in %q, in a snapshot: saw %d (%v), want %d", name, w, got, err, want)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for name := range methods() {
		_, isRead := reads[name]
		_, isWrite := writes[name]
		if !isRead && !isWrite && name != "InTx" && name != "InSnapshot" {
			t.Errorf("nothing tests that %s stays in its workspace", name)
		}
	}
}

// people are the methods on people: what is written there leaves those here as
// they are, and what is found by a secret or a user says whose it is.
func (x *things) people(ctx context.Context) map[string]func(*testing.T, engine.Tx) {
	membership := []engine.Membership{{Workspace: here, Role: engine.RoleAdmin}}
	account := engine.Account{User: x.user, Memberships: membership}
	unchanged := func(t *testing.T, s engine.Tx) {
		t.Helper()
		same(t, "members", must(s.Members(ctx, here, engine.MemberFilter{}))(t)[0].User, x.user)
		same(t, "memberships", must(s.Memberships(ctx, x.user.ID))(t), membership)
		same(t, "tokens", must(s.Tokens(ctx, here, ""))(t), []engine.Token{x.token})
		same(t, "invitations", must(s.Invitations(ctx, here))(t), []engine.Invitation{x.invitation})
	}
	refused := func(write func(engine.Tx) error) func(*testing.T, engine.Tx) {
		return func(t *testing.T, s engine.Tx) {
			if err := write(s); !errors.Is(err, engine.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			unchanged(t, s)
		}
	}
	// What belongs to no workspace has one answer, which the workspaces do not
	// change.
	global := func(read func(engine.Tx) (bool, error)) func(*testing.T, engine.Tx) {
		return func(t *testing.T, s engine.Tx) {
			if ok, err := read(s); !ok || err != nil {
				t.Errorf("%t (%v)", ok, err)
			}
			unchanged(t, s)
		}
	}
	is := func(u engine.User, err error) (bool, error) { return u.ID == x.user.ID, err }
	return map[string]func(*testing.T, engine.Tx){
		"PutMember": func(t *testing.T, s engine.Tx) {
			if err := s.EnsureWorkspace(ctx, "third"); err != nil {
				t.Fatal(err)
			}
			must(s.PutMember(ctx, "third", x.user.ID, engine.RoleViewer))(t)
			if m := must(s.Member(ctx, here, x.user.ID))(t); m.Role != engine.RoleAdmin {
				t.Errorf("here the role is %s", m.Role)
			}
			if n := len(must(s.Members(ctx, "third", engine.MemberFilter{}))(t)); n != 1 {
				t.Errorf("the third has %d members", n)
			}
			if err := s.RemoveMember(ctx, "third", x.user.ID); err != nil {
				t.Fatal(err)
			}
			unchanged(t, s)
		},
		"RemoveMember": refused(func(s engine.Tx) error { return s.RemoveMember(ctx, there, x.user.ID) }),
		"AddToken":     refused(func(s engine.Tx) error { _, err := s.AddToken(ctx, there, x.token, secretHash("there")); return err }),
		"RevokeToken":  refused(func(s engine.Tx) error { return s.RevokeToken(ctx, there, x.token.ID, madeAt) }),
		"AddInvitation": refused(func(s engine.Tx) error {
			_, err := s.AddInvitation(ctx, there, x.invitation, secretHash("there"))
			return err
		}),
		"CloseInvitation": refused(func(s engine.Tx) error { return s.CloseInvitation(ctx, there, x.invitation.ID, "", madeAt) }),
		"UseToken": func(t *testing.T, s engine.Tx) {
			if err := s.UseToken(ctx, there, x.token.ID, madeAt); err != nil {
				t.Error(err)
			}
			unchanged(t, s)
		},
		"TokenOf": func(t *testing.T, s engine.Tx) {
			got, a, err := s.TokenOf(ctx, secretHash("token"))
			same(t, "token", got, x.token)
			same(t, "account", a, account)
			if err != nil {
				t.Error(err)
			}
		},
		"SessionOf": func(t *testing.T, s engine.Tx) {
			got, a, err := s.SessionOf(ctx, secretHash("session"))
			same(t, "session", got, x.session)
			same(t, "account", a, account)
			if err != nil {
				t.Error(err)
			}
		},
		"InvitationOf": func(t *testing.T, s engine.Tx) {
			same(t, "invitation", must(s.InvitationOf(ctx, secretHash("invitation")))(t), x.invitation)
		},
		"Memberships": func(t *testing.T, s engine.Tx) {
			same(t, "memberships", must(s.Memberships(ctx, x.user.ID))(t), membership)
		},
		"User":          global(func(s engine.Tx) (bool, error) { return is(s.User(ctx, x.user.ID)) }),
		"UserByEmail":   global(func(s engine.Tx) (bool, error) { return is(s.UserByEmail(ctx, x.user.Email)) }),
		"UserBySubject": global(func(s engine.Tx) (bool, error) { return is(s.UserBySubject(ctx, x.user.Subject)) }),
		"AnyUser":       global(func(s engine.Tx) (bool, error) { return s.AnyUser(ctx) }),
		"PutUser":       global(func(s engine.Tx) (bool, error) { return is(s.PutUser(ctx, x.user)) }),
		"Sessions": global(func(s engine.Tx) (bool, error) {
			list, err := s.Sessions(ctx, x.user.ID)
			return len(list) == 1 && list[0] == x.session, err
		}),
		"AddSession": global(func(s engine.Tx) (bool, error) { return addedSession(ctx, s, x.user.ID, madeAt.Add(-time.Hour)) }),
		"SeeSession": global(func(s engine.Tx) (bool, error) { return true, s.SeeSession(ctx, x.session.ID, madeAt) }),
		"EndSession": global(func(s engine.Tx) (bool, error) { return addedSession(ctx, s, x.user.ID, madeAt.Add(time.Hour)) }),
		"EndSessions": global(func(s engine.Tx) (bool, error) {
			n, err := s.EndSessions(ctx, x.user.ID, x.session.ID)
			return n == 0, err
		}),
		"SetUpEnds": global(func(s engine.Tx) (bool, error) {
			at, err := s.SetUpEnds(ctx, secretHash("setup"))
			return at.Equal(madeAt), err
		}),
		"Throttle": global(func(s engine.Tx) (bool, error) {
			x, err := s.Throttle(ctx, secretHash("key"))
			return x.Failures == 1, err
		}),
		"AuditLockout": global(func(s engine.Tx) (bool, error) {
			return true, s.AuditLockout(ctx, "01890000-0000-7000-8000-000000000000", madeAt)
		}),
		"EndOldSessions": global(func(s engine.Tx) (bool, error) {
			return true, s.EndOldSessions(ctx, madeAt.Add(-time.Hour), madeAt.Add(-time.Hour))
		}),
		"AddSetUp": global(func(s engine.Tx) (bool, error) {
			err := errors.Join(s.AddSetUp(ctx, secretHash("other"), madeAt.Add(-time.Hour)), s.EndSetUps(ctx, madeAt))
			return err == nil, err
		}),
		"EndSetUps": global(func(s engine.Tx) (bool, error) { return true, s.EndSetUps(ctx, madeAt) }),
		"PutThrottle": global(func(s engine.Tx) (bool, error) {
			return true, s.PutThrottle(ctx, engine.Throttle{Key: secretHash("key"), Failures: 1, LastAt: madeAt})
		}),
		"ForgetThrottles": global(func(s engine.Tx) (bool, error) { return true, s.ForgetThrottles(ctx, madeAt) }),
	}
}

// addedSession makes a session and ends it.
func addedSession(ctx context.Context, s engine.Tx, user string, at time.Time) (bool, error) {
	made, err := s.AddSession(ctx, engine.Session{User: user, CreatedAt: at, SeenAt: at}, secretHash(at.String()))
	if err != nil {
		return false, err
	}
	return made.User == user, s.EndSession(ctx, user, made.ID)
}

func unknownWorkspace(t *testing.T, s engine.Store) {
	ctx := t.Context()
	_, entryErr := s.PutEntry(ctx, "nowhere", entry("Where?"))
	_, controlErr := s.PutControl(ctx, "nowhere", control("C-1"))
	_, registerErr := s.PutRegister(ctx, "nowhere", engine.RegisterVersion{})
	_, jobErr := s.AddJob(ctx, "nowhere", job("x"))
	_, commitmentErr := s.AddCommitments(ctx, "nowhere", []engine.Commitment{commitment("Where?")})
	_, settingsErr := s.PutSettings(ctx, "nowhere", engine.DefaultSettings())
	_, fileErr := s.PutFile(ctx, "nowhere", strings.NewReader("x"))
	_, memberErr := s.PutMember(ctx, "nowhere", someone(t, s, "u").ID, engine.RoleViewer)
	_, _, proposalErr := s.AddEntryProposal(ctx, "nowhere", proposal("Where?"))
	for name, err := range map[string]error{
		"PutSettings": settingsErr, "PutFile": fileErr, "AddJob": jobErr, "PutMember": memberErr, "AddEntryProposal": proposalErr, "PutRegister": registerErr, "AddCommitments": commitmentErr, "PutAskings": s.PutAskings(ctx, "nowhere", "c", "q", []engine.Asking{asking("Where?")}),
		"PutEntry": entryErr, "PutControl": controlErr, "PutLayout": s.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"}),
		"KeepReply":  s.KeepReply(ctx, "nowhere", reply("key")),
		"PutLexicon": s.PutLexicon(ctx, "nowhere", "x"), "PutCalibration": s.PutCalibration(ctx, "nowhere", calibration()),
	} {
		if !errors.Is(err, engine.ErrNoWorkspace) {
			t.Errorf("%s: got %v, want ErrNoWorkspace", name, err)
		}
	}
	for range 2 {
		if err := s.EnsureWorkspace(ctx, "nowhere"); err != nil {
			t.Error(err)
		}
	}
	must(s.PutEntry(ctx, "nowhere", entry("Where?")))(t)
}

// notThere fails if an error does not say that there is no such thing.
func notThere(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// seen counts a file, or none.
func seen(_ io.Reader, _ int64, err error) (int, error) { return found(0, err) }

// methods yields the names of the methods of a store.
func methods() iter.Seq[string] {
	return func(yield func(string) bool) {
		s := reflect.TypeFor[engine.Store]()
		for i := range s.NumMethod() {
			if !yield(s.Method(i).Name) {
				return
			}
		}
	}
}
