package storetest

import (
	"errors"
	"iter"
	"reflect"
	"slices"
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
	if err := s.KeepReply(ctx, here, reply("key")); err != nil {
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
		"AuditEvents": func(s engine.Tx, w string) (int, error) {
			return len(slices.DeleteFunc(all(t, s.AuditEvents(ctx, w, 0)), func(e engine.AuditEvent) bool { return e.Object != "entry:"+x.entry.ID })), nil
		},
		"AuditPage": func(s engine.Tx, w string) (int, error) { return count(s.AuditPage(ctx, w, 0, 1)) },
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
	for name := range methods() {
		_, isRead := reads[name]
		_, isWrite := writes[name]
		if !isRead && !isWrite && name != "InTx" {
			t.Errorf("nothing tests that %s stays in its workspace", name)
		}
	}
}

func unknownWorkspace(t *testing.T, s engine.Store) {
	ctx := t.Context()
	_, entryErr := s.PutEntry(ctx, "nowhere", entry("Where?"))
	_, controlErr := s.PutControl(ctx, "nowhere", control("C-1"))
	_, registerErr := s.PutRegister(ctx, "nowhere", engine.RegisterVersion{})
	_, commitmentErr := s.AddCommitments(ctx, "nowhere", []engine.Commitment{commitment("Where?")})
	for name, err := range map[string]error{
		"PutRegister": registerErr, "AddCommitments": commitmentErr, "PutAskings": s.PutAskings(ctx, "nowhere", "c", "q", []engine.Asking{asking("Where?")}),
		"KeepReply": s.KeepReply(ctx, "nowhere", reply("key")),
		"PutEntry":  entryErr, "PutControl": controlErr, "PutLayout": s.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"}),
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
