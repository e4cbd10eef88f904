package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"vouch/engine"
)

var toldOn = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func commitment(question string) engine.Commitment {
	return engine.Commitment{Customer: "Acme", SentAt: toldOn, Questionnaire: "acme.xlsx", Question: question, Verdict: engine.VerdictYes, Answer: "Yes"}
}

func asking(question string) engine.Asking {
	return engine.Asking{Customer: "Acme", Questionnaire: "acme.xlsx", AskedAt: toldOn, Question: question, Reason: engine.GapNoEvidence}
}

func commitmentFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.Commitment{}
	fill(t, reflect.ValueOf(&full).Elem(), "commitment")
	full.ID, full.Verdict = "", engine.VerdictPartial
	bare := engine.Commitment{Customer: "c", SentAt: toldOn.AddDate(-1, 0, 0), Question: "Bare?"}
	if n := must(s.AddCommitments(ctx, here, []engine.Commitment{bare, full}))(t); n != 2 {
		t.Fatalf("added %d, want 2", n)
	}
	got := must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t)
	if len(got) != 2 || got[0].ID == "" || got[1].ID == "" || got[0].ID == got[1].ID {
		t.Fatalf("got %+v, want two with ids of their own", got)
	}
	full.ID, bare.ID = got[0].ID, got[1].ID
	same(t, "Commitments", got, []engine.Commitment{full, bare})
}

// commitmentsOnce: the same is added once, in one list or another, and what
// was told stays as it was told.
func commitmentsOnce(t *testing.T, s engine.Store) {
	ctx := t.Context()
	first := commitment("Is data encrypted?")
	first.Controls = []string{"C-1"}
	for _, x := range []struct {
		name   string
		change func(c *engine.Commitment)
		added  int
	}{
		{"the first", func(*engine.Commitment) {}, 1},
		{"the same", func(*engine.Commitment) {}, 0},
		{"an id of its own", func(c *engine.Commitment) { c.ID = "01890000-0000-7000-8000-000000000000" }, 0},
		{"other controls", func(c *engine.Commitment) { c.Controls = []string{"C-2"} }, 0},
		{"the customer in capitals", func(c *engine.Commitment) { c.Customer = "ACME" }, 0},
		{"the question in capitals", func(c *engine.Commitment) { c.Question = "IS  DATA encrypted ?" }, 0},
		{"later that day", func(c *engine.Commitment) { c.SentAt = toldOn.Add(7 * time.Hour) }, 0},
		{"another day", func(c *engine.Commitment) { c.SentAt = toldOn.AddDate(0, 0, 1) }, 1},
		{"another customer", func(c *engine.Commitment) { c.Customer = "Other" }, 1},
		{"another questionnaire", func(c *engine.Commitment) { c.Questionnaire = "other.xlsx" }, 1},
		{"another question", func(c *engine.Commitment) { c.Question = "Is data shredded?" }, 1},
		{"another place", func(c *engine.Commitment) { c.Ref = "2" }, 1},
		{"another verdict", func(c *engine.Commitment) { c.Verdict = engine.VerdictNo }, 1},
		{"another answer", func(c *engine.Commitment) { c.Answer = "No" }, 1},
		{"another text", func(c *engine.Commitment) { c.Text = "With AES-256." }, 1},
	} {
		before := must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t)
		c := first
		x.change(&c)
		if n := must(s.AddCommitments(ctx, here, []engine.Commitment{c, c}))(t); n != x.added {
			t.Errorf("%s: added %d, want %d", x.name, n, x.added)
		}
		after := must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t)
		kept := map[string]engine.Commitment{}
		for _, c := range after {
			kept[c.ID] = c
		}
		for _, c := range before {
			same(t, x.name+": what was told before", kept[c.ID], c)
		}
		if len(after) != len(before)+x.added {
			t.Errorf("%s: %d after %d, want %d more", x.name, len(after), len(before), x.added)
		}
	}
}

func commitmentOrder(t *testing.T, s engine.Store) {
	ctx := t.Context()
	var list []engine.Commitment
	for i, day := range []int{0, 2, 1, 2} {
		c := commitment(fmt.Sprintf("Question %d?", i))
		c.SentAt, c.Controls = toldOn.AddDate(0, 0, day), []string{"C-1", fmt.Sprintf("D-%d", i)}
		c.Customer = []string{"Acme", "Bond"}[i%2]
		list = append(list, c)
	}
	must(s.AddCommitments(ctx, here, list))(t)
	cases := map[string]struct {
		f    engine.CommitmentFilter
		want string
	}{
		"":         {engine.CommitmentFilter{}, "1 3 2 0"},
		"Customer": {engine.CommitmentFilter{Customer: "aCME"}, "2 0"},
		"Control":  {engine.CommitmentFilter{Control: " d-3"}, "3"},
		"both":     {engine.CommitmentFilter{Customer: "Bond", Control: "C-1"}, "1 3"},
		"neither":  {engine.CommitmentFilter{Customer: "Bond", Control: "D-0"}, ""},
	}
	for name, c := range cases {
		var got []string
		for _, x := range must(s.Commitments(ctx, here, c.f))(t) {
			got = append(got, strings.Trim(x.Question, "Question ?"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("filter %q: got %v, want %s", name, got, c.want)
		}
	}
	for f := range fields(engine.CommitmentFilter{}) {
		if _, ok := cases[f]; !ok {
			t.Errorf("no case for CommitmentFilter.%s", f)
		}
	}
}

func askingFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full := engine.Asking{}
	fill(t, reflect.ValueOf(&full).Elem(), "asking")
	bare := engine.Asking{AskedAt: full.AskedAt.AddDate(0, 0, 1), Question: "Bare?", Reason: engine.GapStale}
	for _, a := range []engine.Asking{bare, full} {
		if err := s.PutAskings(ctx, here, a.Customer, a.Questionnaire, []engine.Asking{a}); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "Askings", must(s.Askings(ctx, here, time.Time{}))(t), []engine.Asking{full, bare})
}

// askingsReplaced: a questionnaire that is answered again takes the place of
// what was asked in vain in it before, and of nothing else.
func askingsReplaced(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for _, x := range []struct{ name, customer, questionnaire, put, want string }{
		{"first", "Acme", "a.xlsx", "a b a", "Acme a.xlsx a, Acme a.xlsx b, Acme a.xlsx a"},
		{"another questionnaire", "Acme", "b.xlsx", "c", "Acme a.xlsx a, Acme a.xlsx b, Acme a.xlsx a, Acme b.xlsx c"},
		{"another customer", "Bond", "a.xlsx", "d", "Acme a.xlsx a, Acme a.xlsx b, Acme a.xlsx a, Acme b.xlsx c, Bond a.xlsx d"},
		{"again, with less", "Acme", "a.xlsx", "e", "Acme a.xlsx e, Acme b.xlsx c, Bond a.xlsx d"},
		{"all answered", "Acme", "a.xlsx", "", "Acme b.xlsx c, Bond a.xlsx d"},
		{"nobody's", "", "a.xlsx", "f", " a.xlsx f, Acme b.xlsx c, Bond a.xlsx d"},
	} {
		var list []engine.Asking
		for q := range strings.FieldsSeq(x.put) {
			list = append(list, asking(q)) // whose it is says the call
		}
		if err := s.PutAskings(ctx, here, x.customer, x.questionnaire, list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range must(s.Askings(ctx, here, toldOn))(t) {
			got = append(got, a.Customer+" "+a.Questionnaire+" "+a.Question)
		}
		if strings.Join(got, ", ") != x.want {
			t.Errorf("%s: got %q, want %q", x.name, strings.Join(got, ", "), x.want)
		}
	}
	later := asking("later")
	later.AskedAt = toldOn.Add(time.Millisecond)
	if err := s.PutAskings(ctx, here, "Acme", "late.xlsx", []engine.Asking{later}); err != nil {
		t.Fatal(err)
	}
	later.Questionnaire = "late.xlsx"
	same(t, "since a moment later", must(s.Askings(ctx, here, later.AskedAt))(t), []engine.Asking{later})
	if all := must(s.Askings(ctx, here, time.Time{}))(t); len(all) != 4 || all[3].Question != "later" {
		t.Errorf("got %+v, want four, oldest first", all)
	}
}

// invalidLedgers: what is no commitment or asking is refused, and what stood
// beside it with it.
func invalidLedgers(t *testing.T, s engine.Store) {
	ctx := t.Context()
	for name, spoil := range map[string]func(*engine.Commitment){
		"no customer":     func(c *engine.Commitment) { c.Customer = "" },
		"no question":     func(c *engine.Commitment) { c.Question = "" },
		"unknown verdict": func(c *engine.Commitment) { c.Verdict = "maybe" },
	} {
		bad := commitment("Bad?")
		spoil(&bad)
		if n, err := s.AddCommitments(ctx, here, []engine.Commitment{commitment("Good?"), bad}); n != 0 || err == nil {
			t.Errorf("commitment with %s: added %d (%v)", name, n, err)
		}
	}
	good := asking("Good?")
	if err := s.PutAskings(ctx, here, good.Customer, good.Questionnaire, []engine.Asking{good}); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*engine.Asking){
		"no question": func(a *engine.Asking) { a.Question = "" },
		"no reason":   func(a *engine.Asking) { a.Reason = "" },
	} {
		bad := asking("Bad?")
		spoil(&bad)
		if err := s.PutAskings(ctx, here, good.Customer, good.Questionnaire, []engine.Asking{asking("Beside?"), bad}); err == nil {
			t.Errorf("asking with %s: was stored", name)
		}
	}
	same(t, "commitments", must(s.Commitments(ctx, here, engine.CommitmentFilter{}))(t), nil)
	same(t, "askings", must(s.Askings(ctx, here, time.Time{}))(t), []engine.Asking{good})
}

func registerFields(t *testing.T, s engine.Store) {
	ctx := t.Context()
	full, bare := engine.RegisterVersion{}, engine.RegisterVersion{Version: 1}
	fill(t, reflect.ValueOf(&full).Elem(), "register")
	full.Version = 0
	same(t, "at first", must(s.RegisterVersion(ctx, here))(t), engine.RegisterVersion{})
	for _, v := range []engine.RegisterVersion{full, bare} {
		stored := must(s.PutRegister(ctx, here, v))(t)
		v.Version++
		v.Register.Controls = nil // they have a store of their own
		same(t, "PutRegister", stored, v)
		same(t, "RegisterVersion", must(s.RegisterVersion(ctx, here))(t), v)
	}
	if got := all(t, s.AllControls(ctx, here, engine.ControlFilter{})); len(got) != 0 {
		t.Errorf("%d controls were stored with it", len(got))
	}
}

// registerVersions: each register is the next version, and whoever did not
// read the newest is told so.
func registerVersions(t *testing.T, s engine.Store) {
	ctx := t.Context()
	v := engine.RegisterVersion{}
	for n := 1; n <= 4; n++ {
		v.Register.Company = fmt.Sprintf("Name %d", n)
		if v = must(s.PutRegister(ctx, here, v))(t); v.Version != n {
			t.Fatalf("got version %d, want %d", v.Version, n)
		}
		for _, stale := range []int{-1, 0, n - 1, n + 1} {
			x := v
			x.Version, x.Register.Company = stale, "Stale"
			if _, err := s.PutRegister(ctx, here, x); !errors.Is(err, engine.ErrStaleVersion) {
				t.Errorf("version %d after %d: got %v, want ErrStaleVersion", stale, n, err)
			}
		}
		same(t, "newest", must(s.RegisterVersion(ctx, here))(t), v)
	}
	if other := must(s.PutRegister(ctx, there, engine.RegisterVersion{}))(t); other.Version != 1 {
		t.Errorf("the other workspace begins with version %d", other.Version)
	}
}

// oneRegisterWins: of many who read one version, one stores the next.
func oneRegisterWins(t *testing.T, s engine.Store) {
	const writers = 6
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() { _, errs[i] = s.PutRegister(t.Context(), here, engine.RegisterVersion{}) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, engine.ErrStaleVersion):
			t.Errorf("got %v, want ErrStaleVersion", err)
		}
	}
	if v := must(s.RegisterVersion(t.Context(), here))(t); won != 1 || v.Version != 1 {
		t.Errorf("%d of %d won and the newest is version %d; want one each", won, writers, v.Version)
	}
}
