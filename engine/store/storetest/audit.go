package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// auditLog: each method that changes something leaves one event, which says
// what it was before and is after; what changes nothing leaves none.
func auditLog(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := engine.Entry{}
	fill(t, reflect.ValueOf(&e).Elem(), "entry")
	e.ID, e.Version, e.Verdict = "", 0, engine.VerdictYes
	c := engine.Control{}
	fill(t, reflect.ValueOf(&c).Elem(), "control")
	c.ID, c.Version = "", 0
	told := engine.Commitment{}
	fill(t, reflect.ValueOf(&told).Elem(), "commitment")
	told.Verdict = engine.VerdictPartial
	v := engine.RegisterVersion{}
	v.Register.Company = "Here Ltd"
	l := engine.Layout{Format: "csv", Shape: "shape"}
	var j engine.Job
	u := someone(t, s, "u")
	var key engine.Token
	var guest engine.Invitation
	steps := []struct {
		name   string
		change func() error
		want   string // action and object up to a colon, "" for no event
	}{
		{"an entry", func() (err error) { e, err = s.PutEntry(ctx, here, e); return err }, "added entry"},
		{"its next version", func() (err error) { e.Text = "more"; e, err = s.PutEntry(ctx, here, e); return err }, "changed entry"},
		{"a control", func() (err error) { c, err = s.PutControl(ctx, here, c); return err }, "added control"},
		{"its next version", func() (err error) { c.Owner = "other"; c, err = s.PutControl(ctx, here, c); return err }, "changed control"},
		{"a layout", func() error { return s.PutLayout(ctx, here, l) }, "added layout"},
		{"the same layout", func() error { return s.PutLayout(ctx, here, l) }, ""},
		{"another layout of the shape", func() error { l.Format = "xlsx"; return s.PutLayout(ctx, here, l) }, "changed layout"},
		{"a lexicon", func() error { return s.PutLexicon(ctx, here, "[weak]\nplease\n") }, "added lexicon"},
		{"the same lexicon", func() error { return s.PutLexicon(ctx, here, "[weak]\nplease\n") }, ""},
		{"a calibration", func() error { return s.PutCalibration(ctx, here, calibration()) }, "added calibration"},
		{"no calibration", func() error { return s.PutCalibration(ctx, here, nil) }, "removed calibration"},
		{"no lexicon", func() error { return s.PutLexicon(ctx, here, "") }, "removed lexicon"},
		{"a register", func() (err error) { v, err = s.PutRegister(ctx, here, v); return err }, "added register"},
		{"its next version", func() (err error) { v.Register.Company = "There"; v, err = s.PutRegister(ctx, here, v); return err }, "changed register"},
		{"a commitment", func() error { _, err := s.AddCommitments(ctx, here, []engine.Commitment{told}); return err }, "added commitment"},
		{"the same commitment", func() error { _, err := s.AddCommitments(ctx, here, []engine.Commitment{told}); return err }, ""},
		{"a job", func() (err error) { j, err = s.AddJob(ctx, here, job("x")); return err }, "added job"},
		{"the same job", func() error { _, err := s.AddJob(ctx, here, job("x")); return err }, ""},
		{"a job begun", func() error { _, _, err := s.ClaimJob(ctx, kinds, time.Minute); return err }, ""},
		{"a job cancelled", func() error { _, err := s.CancelJob(ctx, here, j.ID); return err }, "changed job"},
		{"a job cancelled twice", func() error { _, err := s.CancelJob(ctx, here, j.ID); return err }, ""},
		{"askings", func() error { return s.PutAskings(ctx, here, "c", "q", []engine.Asking{asking("x")}) }, ""},
		{"a user of no workspace", func() (err error) { u.Name = "U"; u, err = s.PutUser(ctx, u); return err }, ""},
		{"a member", func() error { _, err := s.PutMember(ctx, here, u.ID, engine.RoleAdmin); return err }, "added user, added member"},
		{"the same role", func() error { _, err := s.PutMember(ctx, here, u.ID, engine.RoleAdmin); return err }, ""},
		{"another role", func() error { _, err := s.PutMember(ctx, here, u.ID, engine.RoleReviewer); return err }, "changed member"},
		{"a password", func() (err error) { u.Password = "other"; u, err = s.PutUser(ctx, u); return err }, "changed user"},
		{"a disabled user", func() (err error) { u.Disabled = true; u, err = s.PutUser(ctx, u); return err }, "changed user"},
		{"the same user", func() (err error) { u, err = s.PutUser(ctx, u); return err }, ""},
		{"a token", func() (err error) { key, err = s.AddToken(ctx, here, token(u.ID), secretHash("token")); return err }, "added token"},
		{"its use", func() error { return s.UseToken(ctx, here, key.ID, madeAt) }, ""},
		{"its end", func() error { return s.RevokeToken(ctx, here, key.ID, madeAt) }, "changed token"},
		{"its end again", func() error { return s.RevokeToken(ctx, here, key.ID, madeAt) }, ""},
		{"an invitation", func() (err error) {
			guest, err = s.AddInvitation(ctx, here, invitation(u.ID, "x@example.com"), secretHash("invitation"))
			return err
		}, "added invitation"},
		{"accepted", func() error { return s.CloseInvitation(ctx, here, guest.ID, u.ID, madeAt) }, "changed invitation"},
		{"a session", func() error {
			_, err := s.AddSession(ctx, engine.Session{User: u.ID}, secretHash("session"))
			return err
		}, ""},
		{"a lockout", func() error { return s.AuditLockout(ctx, u.ID, madeAt) }, "added lockout"},
		{"no member", func() error { return s.RemoveMember(ctx, here, u.ID) }, "removed member, removed user"},
		{"a member again", func() error { _, err := s.PutMember(ctx, here, u.ID, engine.RoleViewer); return err }, "added user, added member"},
		{"the workspace there is", func() error { return s.EnsureWorkspace(ctx, here) }, ""},
	}
	last := map[string]string{}
	var seq int64
	for _, step := range steps {
		if err := step.change(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		events := all(t, s.AuditEvents(ctx, here, seq))
		got := ""
		for i := range events {
			x := &events[i]
			seq++
			kind, _, _ := strings.Cut(x.Object, ":")
			if got != "" {
				got += ", "
			}
			got += string(x.Action) + " " + kind
			if x.Seq != seq || x.Before != last[x.Object] || x.Hash != x.Sum(here) || time.Since(x.At) > time.Minute || x.At.Location() != time.UTC {
				t.Errorf("%s: %+v after %q", step.name, x, last[x.Object])
			}
			last[x.Object] = x.After
		}
		if got != step.want {
			t.Errorf("%s: events %q, want %q", step.name, got, step.want)
		}
	}
	report := must(engine.VerifyAudit(ctx, s, here, nil))(t)
	if len(report.Breaks) != 0 || report.Objects != 9 || report.Before != 0 || report.Head.Count != seq {
		t.Errorf("%+v, want a whole log of %d events and 9 things as it has them", report, seq)
	}
	if other := must(engine.VerifyAudit(ctx, s, there, nil))(t); !reflect.DeepEqual(other, engine.AuditReport{}) {
		t.Errorf("the other workspace has %+v", other)
	}
}

func auditActors(t *testing.T, s engine.Store) {
	for _, a := range []engine.Actor{{}, {Name: "os:alice"}, {Name: "user:1", From: "192.0.2.7"}} {
		ctx := engine.WithActor(t.Context(), a)
		must(s.PutEntry(ctx, here, entry("Who? "+a.Name)))(t)
	}
	for i, want := range []engine.Actor{{Name: "unknown"}, {Name: "os:alice"}, {Name: "user:1", From: "192.0.2.7"}} {
		if e := all(t, s.AuditEvents(t.Context(), here, 0))[i]; e.Actor != want.Name || e.From != want.From {
			t.Errorf("event %d is by %q from %q, want %+v", i+1, e.Actor, e.From, want)
		}
	}
}

// auditUndone: an event is part of the transaction of its change.
func auditUndone(t *testing.T, s engine.Store) {
	ctx := t.Context()
	stop := errors.New("stop")
	e := must(s.PutEntry(ctx, here, entry("Kept?")))(t)
	err := s.InTx(ctx, func(tx engine.Tx) error {
		for i := range 3 {
			if _, err := tx.PutEntry(ctx, here, entry(fmt.Sprintf("Undone %d?", i))); err != nil {
				return err
			}
		}
		if n := len(all(t, tx.AuditEvents(ctx, here, 0))); n != 4 {
			t.Errorf("inside, %d events, want 4", n)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	e.Version--
	if _, err := s.PutEntry(ctx, here, e); !errors.Is(err, engine.ErrNotFound) && !errors.Is(err, engine.ErrStaleVersion) {
		t.Errorf("got %v, want a stale version", err)
	}
	must(s.PutEntry(ctx, here, entry("After?")))(t)
	if events := all(t, s.AuditEvents(ctx, here, 0)); len(events) != 2 || events[1].Seq != 2 || events[1].Prev != events[0].Hash {
		t.Errorf("events %+v, want two", events)
	}
}

// auditChains: the log goes through every checkpoint that it had, and through
// none of another log.
func auditChains(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var heads []engine.AuditHead
	for i := range 4 {
		must(s.PutControl(ctx, here, control(fmt.Sprintf("C-%d", i))))(t)
		heads = append(heads, must(engine.VerifyAudit(ctx, s, here, nil))(t).Head)
	}
	must(s.PutControl(ctx, there, control("C-0")))(t)
	foreign := must(engine.VerifyAudit(ctx, s, there, nil))(t).Head
	longer := engine.AuditHead{Count: 5, Hash: heads[3].Hash}
	for _, x := range []struct {
		checkpoint engine.AuditHead
		whole      bool
	}{{heads[0], true}, {heads[2], true}, {heads[3], true}, {engine.AuditHead{}, true}, {foreign, false}, {longer, false}, {engine.AuditHead{Count: 1, Hash: heads[1].Hash}, false}} {
		r := must(engine.VerifyAudit(ctx, s, here, &x.checkpoint))(t)
		if got := len(r.Breaks) == 0; got != x.whole {
			t.Errorf("checkpoint %s: whole %v (%+v), want %v", x.checkpoint, got, r.Breaks, x.whole)
		}
	}
}
