package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

// proposal returns one of a new entry.
func proposal(question string) engine.EntryProposal {
	return engine.EntryProposal{Kind: engine.ProposalNew, Proposed: entry(question), Questionnaire: "q1", Question: "n1", By: "user:ann"}
}

// fullProposal returns one with every field set that whoever proposes can set.
func fullProposal(t *testing.T) engine.EntryProposal {
	t.Helper()
	p := engine.EntryProposal{}
	fill(t, reflect.ValueOf(&p).Elem(), "proposal")
	p.Kind, p.Proposed.ID = engine.ProposalConflict, "01890000-0000-7000-8000-000000000000"
	p.Proposed.Verdict, p.Proposed.Visibility, p.Proposed.Language = engine.VerdictNo, engine.VisibilityNDA, "it"
	p.Proposed.Tags = []string{"a\x00b", "Ümläut 🙂"}
	return p
}

func add(t *testing.T, s engine.Tx, p engine.EntryProposal) engine.EntryProposal {
	t.Helper()
	stored, added, err := s.AddEntryProposal(t.Context(), here, p)
	if err != nil || !added {
		t.Fatalf("added %v (%v)", added, err)
	}
	return stored
}

var decidedOn = time.Date(2026, 3, 2, 10, 0, 0, int(5*time.Millisecond), time.UTC)

// rejected returns p with a decision.
func rejected(p engine.EntryProposal) engine.EntryProposal {
	p.State, p.DecidedBy, p.DecidedAt, p.Note, p.ResultID, p.ResultVersion = engine.ProposalRejected, "user:bob", &decidedOn, "no", "", 0
	return p
}

func accepted(p engine.EntryProposal) engine.EntryProposal {
	p = rejected(p)
	p.State, p.ResultID, p.ResultVersion = engine.ProposalAccepted, "01890000-0000-7000-8000-000000000001", 3
	return p
}

// proposalFields: whoever proposes decides nothing, and whoever decides changes
// nothing that was proposed.
func proposalFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full, bare := fullProposal(t), engine.EntryProposal{Kind: engine.ProposalNew, Proposed: engine.Entry{Question: "Bare?", Answer: "x"}, By: "b"}
	var stored []engine.EntryProposal
	for _, p := range []engine.EntryProposal{full, bare} {
		got := add(t, s, p)
		if got.ID == "" || got.ID == p.ID || time.Since(got.At) > time.Minute {
			t.Errorf("id %q at %v", got.ID, got.At)
		}
		want := engine.EntryProposal{ID: got.ID, Kind: p.Kind, Proposed: p.Proposed, Questionnaire: p.Questionnaire, Question: p.Question, By: p.By, At: got.At, State: engine.ProposalOpen}
		same(t, "AddEntryProposal", got, want)
		same(t, "EntryProposal", must(s.EntryProposal(ctx, here, got.ID))(t), want)
		other := fullProposal(t)
		other.ID = got.ID
		want = accepted(want)
		same(t, "DecideEntryProposal", must(s.DecideEntryProposal(ctx, here, accepted(other)))(t), want)
		same(t, "decided", must(s.EntryProposal(ctx, here, got.ID))(t), want)
		stored = append(stored, want)
	}
	same(t, "EntryProposals", must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t), stored)
}

// proposedOnce: the same is proposed once, whoever does it and wherever from,
// also after it was decided; anything else is another proposal.
func proposedOnce(t *testing.T, s engine.Store) {
	ctx := t.Context()
	first := add(t, s, fullProposal(t))
	n := 1
	for _, x := range []struct {
		name   string
		change func(p *engine.EntryProposal)
		added  bool
	}{
		{"the same", func(*engine.EntryProposal) {}, false},
		{"by another", func(p *engine.EntryProposal) { p.By = "user:eve" }, false},
		{"from elsewhere", func(p *engine.EntryProposal) { p.Questionnaire, p.Question = "other", "other" }, false},
		{"another source", func(p *engine.EntryProposal) { p.Proposed.Source.File = "other" }, false},
		{"another section", func(p *engine.EntryProposal) { p.Proposed.Section = "other" }, false},
		{"the question in capitals", func(p *engine.EntryProposal) { p.Proposed.Question = "PROPOSAL proposed  Question?" }, false},
		{"other blanks", func(p *engine.EntryProposal) { p.Proposed.Text = " " + p.Proposed.Text + "\n" }, false},
		{"another question", func(p *engine.EntryProposal) { p.Proposed.Question = "Other?" }, true},
		{"another verdict", func(p *engine.EntryProposal) { p.Proposed.Verdict = engine.VerdictYes }, true},
		{"another answer", func(p *engine.EntryProposal) { p.Proposed.Answer = "other" }, true},
		{"another text", func(p *engine.EntryProposal) { p.Proposed.Text = "other" }, true},
		{"another product", func(p *engine.EntryProposal) { p.Proposed.Products = []string{"other"} }, true},
		{"another language", func(p *engine.EntryProposal) { p.Proposed.Language = "fr" }, true},
		{"another visibility", func(p *engine.EntryProposal) { p.Proposed.Visibility = "public" }, true},
		{"against another version", func(p *engine.EntryProposal) { p.Proposed.Version++ }, true},
		{"against another entry", func(p *engine.EntryProposal) { p.Proposed.ID = "01890000-0000-7000-8000-000000000009" }, true},
		{"against none", func(p *engine.EntryProposal) { p.Kind, p.Proposed.ID, p.Proposed.Version = "new", "", 0 }, true},
	} {
		p := fullProposal(t)
		x.change(&p)
		got, added, err := s.AddEntryProposal(ctx, here, p)
		if err != nil || added != x.added {
			t.Errorf("%s: added %v (%v), want %v", x.name, added, err, x.added)
		}
		if added {
			n++
		} else {
			same(t, x.name, got, first)
		}
	}
	if got := must(count(s.EntryProposals(ctx, here, engine.ProposalFilter{})))(t); got != n {
		t.Errorf("%d proposals, want %d", got, n)
	}
	first = must(s.DecideEntryProposal(ctx, here, rejected(first)))(t)
	p := first
	got, added, err := s.AddEntryProposal(ctx, here, p)
	if err != nil || added {
		t.Errorf("after it was rejected: added %v (%v)", added, err)
	}
	same(t, "after it was rejected", got, first)
}

func decidedOnce(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for i, decide := range []func(engine.EntryProposal) engine.EntryProposal{accepted, rejected} {
		p := add(t, s, proposal(fmt.Sprintf("Question %d?", i)))
		done := must(s.DecideEntryProposal(ctx, here, decide(p)))(t)
		for _, again := range []func(engine.EntryProposal) engine.EntryProposal{accepted, rejected} {
			if _, err := s.DecideEntryProposal(ctx, here, again(p)); !errors.Is(err, engine.ErrProposalDecided) {
				t.Errorf("got %v, want ErrProposalDecided", err)
			}
		}
		same(t, "decided", must(s.EntryProposal(ctx, here, p.ID))(t), done)
	}
	if _, err := s.DecideEntryProposal(ctx, here, rejected(engine.EntryProposal{ID: "01890000-0000-7000-8000-000000000000"})); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown one: %v, want ErrNotFound", err)
	}
	if _, err := s.EntryProposal(ctx, here, "01890000-0000-7000-8000-000000000000"); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown one: %v, want ErrNotFound", err)
	}
}

func proposalFilters(t *testing.T, s engine.Store) {
	ctx := t.Context()
	one, two := proposal("One?"), fullProposal(t)
	one, two = add(t, s, one), add(t, s, two)
	two = must(s.DecideEntryProposal(ctx, here, rejected(two)))(t)
	cases := map[string]engine.ProposalFilter{
		"State": {State: engine.ProposalRejected}, "Kind": {Kind: engine.ProposalConflict}, "Entry": {Entry: two.Proposed.ID},
		"Questionnaire": {Questionnaire: two.Questionnaire}, "After": {After: one.ID},
	}
	for name, f := range cases {
		same(t, name, must(s.EntryProposals(ctx, here, f))(t), []engine.EntryProposal{two})
	}
	cases["Limit"] = engine.ProposalFilter{Limit: 1}
	same(t, "Limit", must(s.EntryProposals(ctx, here, cases["Limit"]))(t), []engine.EntryProposal{one})
	same(t, "all at once", must(s.EntryProposals(ctx, here, engine.ProposalFilter{State: "open", Kind: "new", Questionnaire: "q1", Limit: 3}))(t), []engine.EntryProposal{one})
	if got := must(s.EntryProposals(ctx, here, engine.ProposalFilter{State: "open", Kind: "conflict"}))(t); len(got) != 0 {
		t.Errorf("fields must all hold, got %v", got)
	}
	for f := range fields(engine.ProposalFilter{}) {
		if _, ok := cases[f]; !ok {
			t.Errorf("no case for ProposalFilter.%s", f)
		}
	}
	for i := range 9 {
		add(t, s, proposal(fmt.Sprintf("Question %d?", i)))
	}
	want := must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t)
	var got []engine.EntryProposal
	for after, more := "", true; more; {
		page := must(s.EntryProposals(ctx, here, engine.ProposalFilter{After: after, Limit: 4}))(t)
		if more = len(page) > 0; more {
			got, after = append(got, page...), page[len(page)-1].ID
		}
	}
	same(t, "pages", got, want)
}

func invalidProposals(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for name, spoil := range map[string]func(*engine.EntryProposal){
		"NoKind":            func(p *engine.EntryProposal) { p.Kind = "" },
		"UnknownKind":       func(p *engine.EntryProposal) { p.Kind = "other" },
		"NewAgainstAnEntry": func(p *engine.EntryProposal) { p.Proposed.ID = "01890000-0000-7000-8000-000000000000" },
		"AgainstNothing":    func(p *engine.EntryProposal) { p.Kind = engine.ProposalWording },
		"NoVersion": func(p *engine.EntryProposal) {
			p.Kind, p.Proposed.ID = engine.ProposalWording, "01890000-0000-7000-8000-000000000000"
		},
		"ByNobody":   func(p *engine.EntryProposal) { p.By = "" },
		"NoQuestion": func(p *engine.EntryProposal) { p.Proposed.Question = "?" },
		"NoAnswer":   func(p *engine.EntryProposal) { p.Proposed = engine.Entry{Question: "Q?"} },
	} {
		p := proposal("Valid?")
		spoil(&p)
		if _, _, err := s.AddEntryProposal(ctx, here, p); err == nil {
			t.Errorf("%s: it was stored", name)
		}
	}
	p := add(t, s, proposal("Valid?"))
	for name, spoil := range map[string]func(*engine.EntryProposal){
		"StillOpen":         func(p *engine.EntryProposal) { p.State = engine.ProposalOpen },
		"UnknownState":      func(p *engine.EntryProposal) { p.State = "other" },
		"ByNobody":          func(p *engine.EntryProposal) { p.DecidedBy = "" },
		"Never":             func(p *engine.EntryProposal) { p.DecidedAt = nil },
		"AcceptedAsNothing": func(p *engine.EntryProposal) { p.State = engine.ProposalAccepted },
		"RejectedWithEntry": func(p *engine.EntryProposal) { p.ResultID, p.ResultVersion = p.ID, 1 },
	} {
		d := rejected(p)
		spoil(&d)
		if _, err := s.DecideEntryProposal(ctx, here, d); err == nil {
			t.Errorf("%s: it was stored", name)
		}
	}
	same(t, "the proposal", must(s.EntryProposals(ctx, here, engine.ProposalFilter{}))(t), []engine.EntryProposal{p})
}

// oneAccepts: of many who decide one proposal at once one is told that they
// did, and the entry has one version more.
func oneAccepts(t *testing.T, s engine.Store) {
	ctx := t.Context()
	e := must(s.PutEntry(ctx, here, entry("Is it so?")))(t)
	answer := e
	answer.Text = "Another text."
	p, made, err := engine.ProposeEntry(ctx, s, here, engine.ApprovedAnswer{Entry: answer, By: "user:ann"})
	if err != nil || !made || p.Kind != engine.ProposalWording || p.Proposed.ID != e.ID {
		t.Fatalf("%+v made %v (%v)", p, made, err)
	}
	who := engine.Person{ID: "bob", Name: "Bob", Role: engine.RoleReviewer}
	const people = 6
	errs := make([]error, people)
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			if i%2 == 0 {
				_, _, errs[i] = engine.AcceptProposal(ctx, s, here, who, engine.Acceptance{Proposal: p.ID})
			} else {
				_, errs[i] = engine.RejectProposal(ctx, s, here, who, p.ID, "")
			}
		})
	}
	wg.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil || !errors.Is(err, engine.ErrProposalDecided):
			t.Errorf("%d: %v after %d, want ErrProposalDecided for all but one", i, err, won)
		}
	}
	got := must(s.EntryVersions(ctx, here, e.ID))(t)
	if want := 2 - won%2; won < 0 || len(got) != want {
		t.Errorf("%d won, and the entry has %d versions", won, len(got))
	}
	report := must(engine.VerifyAudit(ctx, s, here, nil))(t)
	if len(report.Breaks) != 0 || report.Objects != 2 {
		t.Errorf("%+v, want a whole log of an entry and a proposal", report)
	}
}
