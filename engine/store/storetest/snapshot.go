package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// snapshots: while one lasts, others write without waiting for it, and nothing
// of what they store is seen in it, in whichever order it is read.
func snapshots(t *testing.T, s engine.Store) {
	ctx := t.Context()
	fillLibrary(t, s, 3)
	before := must(engine.VerifyAudit(ctx, s, here, nil))(t)
	err := s.InSnapshot(ctx, func(tx engine.Tx) error {
		for i := range 3 {
			written := make(chan error, 1)
			go func() {
				_, err := s.PutEntry(ctx, here, entry(fmt.Sprintf("Written meanwhile %d?", i)))
				written <- err
			}()
			select {
			case err := <-written:
				if err != nil {
					return err
				}
			case <-time.After(10 * time.Second):
				return errors.New("a writer waits for the snapshot")
			}
			if n := must(s.AuditHead(ctx, here))(t).Count; n != before.Head.Count+int64(i)+1 {
				t.Errorf("outside, the log has %d events after %d more", n, i+1)
			}
			if n := len(all(t, tx.AllEntries(ctx, here, engine.EntryFilter{}))); n != 3 {
				t.Errorf("inside, %d entries, want the 3 from before", n)
			}
			same(t, "head", must(tx.AuditHead(ctx, here))(t), before.Head)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, s.AllEntries(ctx, here, engine.EntryFilter{}))); n != 6 {
		t.Errorf("%d entries in the end, want 6", n)
	}
	after := must(engine.VerifyAudit(ctx, s, here, &before.Head))(t)
	if len(after.Breaks) != 0 || after.Head.Count != before.Head.Count+3 {
		t.Errorf("%+v", after)
	}
	// The log verifies at any moment of a change.
	done := make(chan error, 1)
	go func() {
		var err error
		for i := range 40 {
			_, put := s.PutEntry(ctx, here, entry(fmt.Sprintf("Verified meanwhile %d?", i)))
			err = errors.Join(err, put)
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
			whole(t, s)
		}
	}
}

// snapshotsRead: what would write fails, whatever its function returns, and an
// error of the function is the error of the snapshot.
func snapshotsRead(t *testing.T, s engine.Store) {
	ctx := t.Context()
	err := s.InSnapshot(ctx, func(tx engine.Tx) error {
		if _, err := tx.PutEntry(ctx, here, entry("Written?")); err == nil {
			t.Error("an entry was written in a snapshot")
		}
		return nil
	})
	if err == nil {
		t.Error("a snapshot in which something was written ended well")
	}
	stop := errors.New("stop")
	if err := s.InSnapshot(ctx, func(engine.Tx) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want stop", err)
	}
	untouched(t, s)
	must(s.PutEntry(ctx, here, entry("After?")))(t)
}

// oddObjects: whatever bytes stand in what is stored, it is as the audit log has
// it, also after the next change of it.
func oddObjects(t *testing.T, s engine.Store) {
	ctx := t.Context()
	const odd = "a\xff\x00<&>\u2028\ufffd\xc3("
	list := []string{odd, "", "\xed\xa0\x80", odd}
	e := entry("Is it " + odd + "?")
	e.Answer, e.Text, e.Ownership, e.Section, e.Owner, e.Tags = odd, odd, odd, odd, odd, list
	e.Products = []string{"p\xff", "q"}
	e.Source = engine.Source{File: odd, Ref: odd, Place: odd}
	c := control("C" + odd)
	c.Domain, c.Title, c.Description, c.Criteria, c.Owner, c.Frequency, c.Status, c.Planned, c.Source = odd, odd, odd, list, odd, odd, odd, odd, e.Source
	told := commitment("Told " + odd + "?")
	told.Customer, told.Questionnaire, told.Ref, told.Answer, told.Text, told.Controls = odd, odd, odd, odd, odd, list
	v := engine.RegisterVersion{}
	v.Register.Company, v.Register.Customers = odd, list
	l := engine.Layout{Format: odd, Shape: odd}
	p := proposal("Proposed " + odd + "?")
	p.Proposed.Tags, p.Proposed.Text, p.Questionnaire, p.By = list, odd, odd, odd
	u := someone(t, s, "u")
	must(s.PutMember(ctx, here, u.ID, engine.RoleAdmin))(t)
	steps := []struct {
		name string
		put  func() error
	}{
		{"an entry", func() (err error) { e, err = s.PutEntry(ctx, here, e); return err }},
		{"its next version", func() (err error) { e.Tags = append(e.Tags, odd); e, err = s.PutEntry(ctx, here, e); return err }},
		{"a control", func() (err error) { c, err = s.PutControl(ctx, here, c); return err }},
		{"its next version", func() (err error) {
			c.Criteria = append(c.Criteria, odd)
			c, err = s.PutControl(ctx, here, c)
			return err
		}},
		{"a commitment", func() error { _, err := s.AddCommitments(ctx, here, []engine.Commitment{told}); return err }},
		{"a register", func() (err error) { v, err = s.PutRegister(ctx, here, v); return err }},
		{"its next version", func() (err error) { v.Register.Company += odd; v, err = s.PutRegister(ctx, here, v); return err }},
		{"a layout", func() error { return s.PutLayout(ctx, here, l) }},
		{"its next version", func() error { l.Format = "csv"; return s.PutLayout(ctx, here, l) }},
		{"a proposal", func() (err error) { p, _, err = s.AddEntryProposal(ctx, here, p); return err }},
		{"its decision", func() error {
			d := rejected(p)
			d.Note, d.DecidedBy = odd, odd
			_, err := s.DecideEntryProposal(ctx, here, d)
			return err
		}},
		{"a job", func() error {
			_, err := s.AddJob(ctx, here, engine.Job{Kind: odd, Object: odd, Args: `"\ufffd` + "\xff" + `"`})
			return err
		}},
		{"a user", func() (err error) { u.Name, u.Password = odd, odd; u, err = s.PutUser(ctx, u); return err }},
		{"a token", func() error {
			k := token(u.ID)
			k.Name, k.Scopes = odd, []engine.Scope{odd}
			_, err := s.AddToken(ctx, here, k, secretHash("t"))
			return err
		}},
		{"an invitation", func() error { _, err := s.AddInvitation(ctx, here, invitation(u.ID, odd), secretHash("i")); return err }},
	}
	ctx = engine.WithActor(ctx, engine.Actor{Name: odd, From: odd})
	for _, step := range steps {
		if err := step.put(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if r := must(engine.VerifyAudit(ctx, s, here, nil))(t); len(r.Breaks) != 0 {
			t.Errorf("after %s: %+v", step.name, r.Breaks)
		}
	}
	same(t, "entry", must(s.Entries(ctx, here, []string{e.ID}))(t), []engine.Entry{e})
	same(t, "control", must(s.Controls(ctx, here, []string{c.ID}))(t), []engine.Control{c})
	same(t, "register", must(s.RegisterVersion(ctx, here))(t), v)
	if want := strings.ToValidUTF8(odd, "\ufffd"); len(e.Tags) < 1 || !strings.Contains(e.Tags[0], "\x00<&>") || e.Tags[0] == odd {
		t.Errorf("tag %q, want about %q", e.Tags, want)
	}
}

func presenceFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(3))
	other := takenIn(t, s, questionsOf(3))
	put := func(questionnaire string, n int, user string) {
		t.Helper()
		if err := s.PutPresence(ctx, here, engine.Presence{Questionnaire: questionnaire, N: n, User: user}); err != nil {
			t.Fatal(err)
		}
	}
	put(q.ID, 3, "ann")
	put(q.ID, 1, "cleo")
	put(q.ID, 1, "bob\xff")
	put(q.ID, 2, "ann") // she went on
	put(other.ID, 1, "ann")
	got := must(s.Presences(ctx, here, q.ID, time.Minute))(t)
	for i := range got {
		if d := time.Since(got[i].SeenAt).Abs(); d > time.Minute || got[i].SeenAt.Location() != time.UTC {
			t.Errorf("seen at %v", got[i].SeenAt)
		}
		got[i].SeenAt = time.Time{}
	}
	same(t, "Presences", got, []engine.Presence{
		{Questionnaire: q.ID, N: 1, User: "bob\xff"}, {Questionnaire: q.ID, N: 1, User: "cleo"}, {Questionnaire: q.ID, N: 2, User: "ann"},
	})
	if n := must(count(s.Presences(ctx, here, "", time.Minute)))(t); n != 4 {
		t.Errorf("%d in the workspace, want 4", n)
	}
	put(q.ID, 0, "cleo")
	put(q.ID, 0, "cleo")
	if n := must(count(s.Presences(ctx, here, q.ID, time.Minute)))(t); n != 2 {
		t.Errorf("%d after one left, want 2", n)
	}
	head := must(s.AuditHead(ctx, here))(t)
	put(q.ID, 1, "dora")
	same(t, "the audit log", must(s.AuditHead(ctx, here))(t), head)
	notThere(t, s.PutPresence(ctx, here, engine.Presence{Questionnaire: "01890000-0000-7000-8000-000000000000", N: 1, User: "ann"}))
	for _, bad := range []engine.Presence{{Questionnaire: q.ID, N: -1, User: "ann"}, {Questionnaire: q.ID, N: 1}} {
		if err := s.PutPresence(ctx, here, bad); err == nil {
			t.Errorf("%+v was stored", bad)
		}
	}
}

// presencesEnd: what was said too long ago does not hold, and holds again when
// it is said again.
func presencesEnd(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(1))
	p := engine.Presence{Questionnaire: q.ID, N: 1, User: "ann"}
	for range 2 {
		if err := s.PutPresence(ctx, here, p); err != nil {
			t.Fatal(err)
		}
		if n := must(count(s.Presences(ctx, here, q.ID, time.Minute)))(t); n != 1 {
			t.Fatalf("%d look, want 1", n)
		}
		time.Sleep(20 * time.Millisecond)
		if n := must(count(s.Presences(ctx, here, q.ID, time.Millisecond)))(t); n != 0 {
			t.Errorf("%d said so in the last millisecond, want none", n)
		}
	}
}

// lookAt: who may read looks at questions that there are, and hears who else
// does.
func lookAt(t *testing.T, s engine.Store) {
	ctx := t.Context()
	q := takenIn(t, s, questionsOf(2))
	viewer := engine.Person{ID: "vera", Role: engine.RoleViewer}
	must(engine.LookAt(ctx, s, here, ann, q.ID, 2))(t)
	list := must(engine.LookAt(ctx, s, here, viewer, q.ID, 1))(t)
	if len(list) != 2 || list[0].User != "vera" || list[0].N != 1 || list[1].User != ann.ID || list[1].N != 2 {
		t.Errorf("got %+v", list)
	}
	if list = must(engine.LookAt(ctx, s, here, ann, q.ID, 0))(t); len(list) != 1 {
		t.Errorf("got %+v, want vera alone", list)
	}
	for _, x := range []struct {
		who           engine.Person
		questionnaire string
		n             int
		want          error
	}{
		{ann, q.ID, 3, engine.ErrNoPlace}, {ann, q.ID, -1, engine.ErrNoPlace}, {ann, "none", 1, engine.ErrNotFound},
		{engine.Person{Role: engine.RoleAdmin}, q.ID, 1, engine.ErrForbidden}, {engine.Person{ID: "x"}, q.ID, 1, engine.ErrForbidden},
	} {
		if _, err := engine.LookAt(ctx, s, here, x.who, x.questionnaire, x.n); !errors.Is(err, x.want) {
			t.Errorf("%+v: got %v, want %v", x, err, x.want)
		}
	}
}
