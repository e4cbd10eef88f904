package storetest

import (
	"errors"
	"iter"
	"maps"
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
	proposal   engine.EntryProposal
	claim      engine.JobClaim
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
	x.proposal = add(t, s, proposal("Proposed here?"))
	must(s.AddJob(ctx, here, job("questionnaire:1")))(t)
	x.claim = claimed(t, s, time.Minute, here, "questionnaire:1")
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
		"AuditEvents": func(s engine.Tx, w string) (int, error) {
			return len(slices.DeleteFunc(all(t, s.AuditEvents(ctx, w, 0)), func(e engine.AuditEvent) bool { return e.Object != "entry:"+x.entry.ID })), nil
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
	_, jobErr := s.AddJob(ctx, "nowhere", job("x"))
	_, commitmentErr := s.AddCommitments(ctx, "nowhere", []engine.Commitment{commitment("Where?")})
	_, _, proposalErr := s.AddEntryProposal(ctx, "nowhere", proposal("Where?"))
	for name, err := range map[string]error{
		"AddJob": jobErr, "AddEntryProposal": proposalErr, "PutRegister": registerErr, "AddCommitments": commitmentErr, "PutAskings": s.PutAskings(ctx, "nowhere", "c", "q", []engine.Asking{asking("Where?")}),
		"PutEntry": entryErr, "PutControl": controlErr, "PutLayout": s.PutLayout(ctx, "nowhere", engine.Layout{Shape: "s"}),
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
