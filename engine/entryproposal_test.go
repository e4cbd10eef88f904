package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/engine"
)

var (
	reviewer    = engine.Person{ID: "rita", Name: "Rita", Role: engine.RoleReviewer}
	contributor = engine.Person{ID: "carl", Name: "Carl", Role: engine.RoleContributor}
	today       = time.Date(2026, 6, 1, 15, 4, 5, 0, time.UTC)
)

func calendar(s string) *time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return &d
}

// ready returns a store with entries in workspace "w".
func ready(t *testing.T, entries ...engine.Entry) (engine.Store, []engine.Entry) {
	t.Helper()
	s := openStore(t)
	for i := range entries {
		e, err := s.PutEntry(t.Context(), "w", entries[i])
		if err != nil {
			t.Fatal(err)
		}
		entries[i] = e
	}
	return s, entries
}

func approved(question, answer string, near ...engine.Entry) engine.ApprovedAnswer {
	a := engine.ApprovedAnswer{Entry: entryOf("", question, answer), Questionnaire: "q1", Question: "n1", By: "user:ann"}
	a.Entry.Version, a.Entry.Source = 0, engine.Source{File: "acme.xlsx", Ref: "1"}
	for _, e := range near {
		a.Near = append(a.Near, e.ID)
	}
	return a
}

func propose(t *testing.T, s engine.Store, a engine.ApprovedAnswer) engine.EntryProposal {
	t.Helper()
	p, made, err := engine.ProposeEntry(t.Context(), s, "w", a)
	if err != nil || !made {
		t.Fatalf("made %v (%v)", made, err)
	}
	return p
}

func TestWhatIsProposed(t *testing.T) {
	t.Parallel()
	change := func(a engine.ApprovedAnswer, change func(e *engine.Entry)) engine.ApprovedAnswer {
		change(&a.Entry)
		return a
	}
	old := entryOf("", "Is customer data encrypted at rest?", "yes: With AES-256.")
	old.Version = 0
	german, quay := old, old
	german.Language, german.Question = "de", "Sind Kundendaten verschlüsselt?"
	quay.Products, quay.Question = []string{"Quay"}, "Is the database of Quay encrypted?"
	no := entryOf("", "Are disks shredded?", "no: They are wiped.")
	no.Version = 0
	s, have := ready(t, old, german, quay, no)
	old, german, quay, no = have[0], have[1], have[2], have[3]
	for name, c := range map[string]struct {
		a       engine.ApprovedAnswer
		want    engine.ProposalKind // "" for nothing
		against string
	}{
		"TheSame":              {approved(old.Question, "yes: With AES-256."), "", ""},
		"TheSameButBlanks":     {approved("is customer data encrypted at rest", "yes:  With  AES-256."), "", ""},
		"NearAndTheSame":       {approved("Do you encrypt customer data at rest?", "yes: With AES-256.", old), "", ""},
		"AnotherText":          {approved(old.Question, "yes: With keys in KMS."), "wording", old.ID},
		"NearAnotherText":      {approved("Do you encrypt customer data at rest?", "yes: With keys in an HSM.", old), "wording", old.ID},
		"NearNotGiven":         {approved("Do you encrypt customer data at rest?", "yes: With keys in an HSM."), "new", ""},
		"GivenNotNear":         {approved("Do you encrypt customer data in transit?", "yes: With TLS 1.3.", old), "new", ""},
		"GivenOpposite":        {approved("Is customer data not encrypted at rest?", "no: It is.", old), "new", ""},
		"AnotherVerdict":       {approved(old.Question, "no: Not yet."), "conflict", old.ID},
		"NearAnotherVerdict":   {approved("Do you encrypt customer data at rest?", "partial: Not yet all.", old), "conflict", old.ID},
		"WithoutVerdict":       {approved(old.Question, ": Keys are in KMS."), "wording", old.ID},
		"NothingLikeIt":        {approved("Who is the CISO?", ": Ann."), "new", ""},
		"OtherProduct":         {change(approved(quay.Question, "no: Never."), func(e *engine.Entry) { e.Products = []string{"Harbour"} }), "new", ""},
		"TheProduct":           {change(approved(quay.Question, "no: Never."), func(e *engine.Entry) { e.Products = []string{"quay"} }), "conflict", quay.ID},
		"OtherLanguage":        {change(approved(german.Question, "no: Nein."), func(e *engine.Entry) { e.Language = "nl" }), "new", ""},
		"TheLanguage":          {change(approved(german.Question, "no: Nie."), func(e *engine.Entry) { e.Language = "de" }), "conflict", german.ID},
		"SameBeforeNear":       {approved("Are disks shredded?", "no: By a vendor.", old), "wording", no.ID},
		"UnknownIDsDoNotCount": {approved("Where are you?", ": Here.", engine.Entry{ID: "01890000-0000-7000-8000-000000000000"}), "new", ""},
	} {
		p, made, err := engine.ProposeEntry(t.Context(), s, "w", c.a)
		if err != nil || made != (c.want != "") || p.Kind != c.want || p.Proposed.ID != c.against {
			t.Errorf("%s: %q against %q, made %v (%v); want %q against %q", name, p.Kind, p.Proposed.ID, made, err, c.want, c.against)
			continue
		}
		if made && (p.State != engine.ProposalOpen || p.By != "user:ann" || p.Questionnaire != "q1" || p.Question != "n1" || p.Proposed.Text != c.a.Entry.Text) {
			t.Errorf("%s: %+v", name, p)
		}
		if again, made, err := engine.ProposeEntry(t.Context(), s, "w", c.a); err != nil || made || again.ID != p.ID {
			t.Errorf("%s, again: %+v, made %v (%v)", name, again, made, err)
		}
	}
	for name, a := range map[string]engine.ApprovedAnswer{"no question": approved("?", "yes"), "no answer": approved("Q?", ":"), "no verdict": approved("Q?", "maybe: x")} {
		if _, _, err := engine.ProposeEntry(t.Context(), s, "w", a); err == nil {
			t.Errorf("%s: it was proposed", name)
		}
	}
}

// TestAcceptedProposal: the entry says what was proposed and keeps all else.
func TestAcceptedProposal(t *testing.T) {
	t.Parallel()
	old := engine.Entry{
		Question: "Is data encrypted?", Verdict: engine.VerdictYes, Answer: "AES-128", Text: "old", Ownership: "Vendor", Section: "Crypto", Tags: []string{"t"}, Owner: "olga",
		ReviewedAt: calendar("2026-01-01"), ReviewBy: calendar("2026-07-01"), Source: engine.Source{File: "f", Ref: "r", Place: "p"}, Visibility: engine.VisibilityPublic, Products: []string{"P"},
	}
	s, have := ready(t, old)
	old = have[0]
	a := approved(old.Question, "partial: new")
	a.Entry.Answer, a.Entry.Section, a.Entry.Owner, a.Entry.Visibility, a.Entry.Tags = "AES-256", "Other", "other", engine.VisibilityNDA, []string{"other"}
	p := propose(t, s, a)
	done, e, err := engine.AcceptProposal(t.Context(), s, "w", reviewer, engine.Acceptance{Proposal: p.ID, Note: "good", Today: today})
	if err != nil {
		t.Fatal(err)
	}
	want := old
	want.Version, want.Verdict, want.Answer, want.Text = 2, engine.VerdictPartial, "AES-256", "new"
	want.ReviewedAt, want.ReviewBy, want.Visibility = calendar("2026-06-01"), calendar("2026-11-29"), engine.VisibilityNDA
	if diff := cmp.Diff(want, e, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("entry: -want +got\n%s", diff)
	}
	if done.State != engine.ProposalAccepted || done.DecidedBy != "user:rita" || done.DecidedAt == nil || done.Note != "good" || done.ResultID != e.ID || done.ResultVersion != 2 {
		t.Errorf("proposal: %+v", done)
	}
	stored, err := s.EntryProposal(t.Context(), "w", p.ID)
	if diff := cmp.Diff(done, stored, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("stored: -want +got\n%s (%v)", diff, err)
	}
	if _, made, err := engine.ProposeEntry(t.Context(), s, "w", a); made || err != nil {
		t.Errorf("proposed again though the library says it: %v (%v)", made, err)
	}
}

func TestAcceptedNewEntry(t *testing.T) {
	t.Parallel()
	s, _ := ready(t)
	a := approved("Who is the CISO?", ": Ann.")
	a.Entry.Visibility, a.Entry.Language, a.Entry.Section = engine.VisibilityNDA, "en", "People"
	p := propose(t, s, a)
	_, e, err := engine.AcceptProposal(t.Context(), s, "w", reviewer, engine.Acceptance{Proposal: p.ID, ReviewBy: calendar("2027-01-01"), Today: today})
	if err != nil {
		t.Fatal(err)
	}
	want := a.Entry
	want.ID, want.Version, want.Owner, want.ReviewedAt, want.ReviewBy = e.ID, 1, "rita", calendar("2026-06-01"), calendar("2027-01-01")
	if diff := cmp.Diff(want, e, cmpopts.EquateEmpty()); diff != "" || e.ID == "" {
		t.Errorf("entry: -want +got\n%s", diff)
	}
	// To import the file that it came from changes nothing but what it says otherwise.
	r, err := engine.ImportEntries(t.Context(), s, "w", []engine.Entry{a.Entry})
	if err != nil || r.Added != 0 {
		t.Errorf("import: %+v (%v)", r, err)
	}
}

// TestAcceptingIsCompareAndSet: what somebody else changed in the meantime is
// shown and not overwritten, until the person has seen it.
func TestAcceptingIsCompareAndSet(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, have := ready(t, engine.Entry{Question: "Q?", Verdict: engine.VerdictYes, Text: "one"})
	p := propose(t, s, approved("Q?", "yes: mine"))
	edited := have[0]
	edited.Text = "two"
	edited, err := s.PutEntry(ctx, "w", edited)
	if err != nil {
		t.Fatal(err)
	}
	var conflict *engine.EntryConflictError
	_, _, err = engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: p.ID})
	if !errors.As(err, &conflict) || !errors.Is(err, engine.ErrStaleVersion) || conflict.Yours.Text != "one" || conflict.Current.Text != "two" {
		t.Fatalf("got %v, want a conflict of both versions", err)
	}
	if _, _, err = engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: p.ID, Version: 9}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("a version that is not there: %v", err)
	}
	if got, err := s.EntryProposal(ctx, "w", p.ID); err != nil || got.State != engine.ProposalOpen {
		t.Errorf("after the conflict it is %s (%v)", got.State, err)
	}
	_, e, err := engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: p.ID, Version: edited.Version})
	if err != nil || e.Version != 3 || e.Text != "mine" {
		t.Errorf("got %+v (%v), want version 3", e, err)
	}

	fresh := propose(t, s, approved("New?", "yes: mine"))
	other, err := s.PutEntry(ctx, "w", engine.Entry{Question: "new", Verdict: engine.VerdictNo})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: fresh.ID})
	if !errors.As(err, &conflict) || conflict.Current.ID != other.ID || conflict.Yours.ID != "" {
		t.Fatalf("got %v, want a conflict with the entry that came first", err)
	}
	_, beside, err := engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: fresh.ID, AsNew: true})
	if err != nil || beside.ID == other.ID || beside.Version != 1 {
		t.Errorf("got %+v (%v), want an entry of its own", beside, err)
	}
}

// TestOvertakenProposals: what an accepted proposal overtakes is closed, and
// made anew against the new version where it still says something else.
func TestOvertakenProposals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, have := ready(t, engine.Entry{Question: "Q?", Verdict: engine.VerdictYes, Text: "old"}, engine.Entry{Question: "Other?", Text: "x"})
	first := propose(t, s, approved("Q?", "yes: first"))
	second := propose(t, s, approved("Q?", "no: second"))
	untouched := propose(t, s, approved("Other?", ": y"))
	if _, _, err := engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: first.ID}); err != nil {
		t.Fatal(err)
	}
	got, err := s.EntryProposal(ctx, "w", second.ID)
	if err != nil || got.State != engine.ProposalSuperseded || !strings.Contains(got.Note, first.ID) {
		t.Errorf("%+v (%v), want superseded", got, err)
	}
	open, err := s.EntryProposals(ctx, "w", engine.ProposalFilter{State: engine.ProposalOpen})
	if err != nil || len(open) != 2 || open[0].ID != untouched.ID {
		t.Fatalf("open: %+v (%v), want the other one and the one that was made anew", open, err)
	}
	if p := open[1]; p.Kind != engine.ProposalConflict || p.Proposed.ID != have[0].ID || p.Proposed.Version != 2 || p.Proposed.Text != "second" || p.By != "user:ann" || p.Questionnaire != "q1" {
		t.Errorf("made anew: %+v", p)
	}

	one, two := propose(t, s, approved("New?", "yes: one")), propose(t, s, approved("new ?", "no: two"))
	_, e, err := engine.AcceptProposal(ctx, s, "w", reviewer, engine.Acceptance{Proposal: one.ID})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.EntryProposals(ctx, "w", engine.ProposalFilter{Entry: e.ID})
	if err != nil || len(list) != 1 || list[0].Kind != engine.ProposalConflict || list[0].Proposed.Text != "two" {
		t.Errorf("%+v (%v), want a conflict with the entry that came of the other", list, err)
	}
	if got, err := s.EntryProposal(ctx, "w", two.ID); err != nil || got.State != engine.ProposalSuperseded {
		t.Errorf("%+v (%v), want superseded", got, err)
	}
	if r, err := engine.VerifyAudit(ctx, s, "w", nil); err != nil || len(r.Breaks) != 0 {
		t.Errorf("audit: %+v (%v)", r, err)
	}
}

func TestWhoDecidesProposals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		owner string
		who   engine.Person
		want  bool
	}{
		"Reviewer":         {"", engine.Person{ID: "x", Role: engine.RoleReviewer}, true},
		"Admin":            {"", engine.Person{ID: "x", Role: engine.RoleAdmin}, true},
		"Contributor":      {"", contributor, false},
		"Owner":            {"carl", contributor, true},
		"OwnerAsActor":     {"user:carl", contributor, true},
		"SameName":         {"Carl", contributor, false},
		"OtherOwner":       {"olga", contributor, false},
		"OwnerWhoReads":    {"vera", engine.Person{ID: "vera", Role: engine.RoleViewer}, false},
		"NobodyOwns":       {"", engine.Person{Role: engine.RoleContributor}, false},
		"OwnerWithoutRole": {"carl", engine.Person{ID: "carl"}, false},
		"UnknownRole":      {"carl", engine.Person{ID: "carl", Role: "boss"}, false},
	} {
		ctx := t.Context()
		s, _ := ready(t, engine.Entry{Question: "Q?", Text: "x", Owner: c.owner})
		for i, decide := range []func(id string) error{
			func(id string) error {
				_, err := engine.RejectProposal(ctx, s, "w", c.who, id, "no")
				return err
			},
			func(id string) error {
				_, _, err := engine.AcceptProposal(ctx, s, "w", c.who, engine.Acceptance{Proposal: id})
				return err
			},
		} {
			p := propose(t, s, approved("Q?", []string{": y", ": z"}[i]))
			err := decide(p.ID)
			if c.want != (err == nil) || !c.want && !errors.Is(err, engine.ErrForbidden) {
				t.Errorf("%s, %d: %v, want allowed %v", name, i, err, c.want)
			}
			if got, err := s.EntryProposal(ctx, "w", p.ID); err != nil || (got.State == engine.ProposalOpen) == c.want {
				t.Errorf("%s, %d: then it is %s (%v)", name, i, got.State, err)
			}
		}
	}
}

// failing is a store whose transactions cannot close a proposal.
type failing struct{ engine.Store }

type failingTx struct{ engine.Tx }

func (failingTx) DecideEntryProposal(context.Context, string, engine.EntryProposal) (engine.EntryProposal, error) {
	return engine.EntryProposal{}, errors.New("the disk is full")
}

func (s failing) InTx(ctx context.Context, fn func(engine.Tx) error) error {
	return s.Store.InTx(ctx, func(tx engine.Tx) error { return fn(failingTx{tx}) })
}

// TestAcceptingIsWholeOrNot: without its proposal being closed, no entry is
// changed.
func TestAcceptingIsWholeOrNot(t *testing.T) {
	t.Parallel()
	s, have := ready(t, engine.Entry{Question: "Q?", Text: "x"})
	p := propose(t, s, approved("Q?", ": y"))
	if _, _, err := engine.AcceptProposal(t.Context(), failing{s}, "w", reviewer, engine.Acceptance{Proposal: p.ID}); err == nil {
		t.Fatal("it was accepted")
	}
	got, err := s.Entries(t.Context(), "w", []string{have[0].ID})
	if err != nil || len(got) != 1 || got[0].Version != 1 || got[0].Text != "x" {
		t.Errorf("%+v (%v), want the entry as it was", got, err)
	}
}

func TestReviewDaysAfterAccepting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ at, by, asked, want string }{
		"None":        {"", "", "", ""},
		"AsLongAgain": {"2025-06-01", "2026-06-01", "", "2027-06-01"},
		"Coming":      {"", "2026-09-01", "", "2026-09-01"},
		"Past":        {"", "2026-05-31", "", ""},
		"Asked":       {"2025-06-01", "2026-06-01", "2026-12-24", "2026-12-24"},
	} {
		e := engine.Entry{Question: "Q?", Text: "x"}
		for s, to := range map[*string]**time.Time{&c.at: &e.ReviewedAt, &c.by: &e.ReviewBy} {
			if *s != "" {
				*to = calendar(*s)
			}
		}
		s, _ := ready(t, e)
		a := engine.Acceptance{Proposal: propose(t, s, approved("Q?", ": y")).ID, Today: today}
		if c.asked != "" {
			a.ReviewBy = calendar(c.asked)
		}
		_, e, err := engine.AcceptProposal(t.Context(), s, "w", reviewer, a)
		got := ""
		if e.ReviewBy != nil {
			got = e.ReviewBy.Format(time.DateOnly)
		}
		if err != nil || got != c.want {
			t.Errorf("%s: to be reviewed by %q (%v), want %q", name, got, err, c.want)
		}
	}
}

func TestMarkEntries(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, have := ready(t, engine.Entry{Question: "Q?", Text: "x", ReviewBy: calendar("2026-01-01")}, engine.Entry{Question: "R?", Text: "x", Owner: "ann", Visibility: engine.VisibilityInternal})
	ids := []string{have[1].ID, have[0].ID}
	owner, internal, products, language := " ann ", engine.VisibilityInternal, []string{"P ", "P", "Q"}, "de"
	if _, err := engine.MarkEntries(ctx, s, "w", contributor, ids, 0, engine.EntryMarks{Owner: &owner}); !errors.Is(err, engine.ErrForbidden) {
		t.Errorf("a contributor: %v", err)
	}
	got, err := engine.MarkEntries(ctx, s, "w", reviewer, ids, 0, engine.EntryMarks{Owner: &owner, Visibility: &internal})
	if err != nil || len(got) != 2 || got[0].Version != 1 || got[1].Version != 2 || got[1].Owner != "ann" || got[1].Visibility != internal || got[1].ReviewBy == nil {
		t.Fatalf("%+v (%v)", got, err)
	}
	got, err = engine.MarkEntries(ctx, s, "w", reviewer, ids[1:], 2, engine.EntryMarks{Products: &products, Language: &language, ReviewedAt: &today, ReviewBy: &time.Time{}})
	if err != nil || !slices.Equal(got[0].Products, []string{"P", "Q"}) || got[0].Language != "de" || got[0].ReviewBy != nil || !got[0].ReviewedAt.Equal(*calendar("2026-06-01")) || got[0].Owner != "ann" {
		t.Fatalf("%+v (%v)", got, err)
	}
	var conflict *engine.EntryConflictError
	if _, err := engine.MarkEntries(ctx, s, "w", reviewer, ids[1:], 2, engine.EntryMarks{Owner: &owner}); !errors.As(err, &conflict) || conflict.Current.Version != 3 {
		t.Errorf("against an older version: %v", err)
	}
	bad := engine.Visibility("secret")
	for name, m := range map[string]engine.EntryMarks{"visibility": {Visibility: &bad}, "language": {Language: &owner}, "review day": {ReviewBy: calendar("2026-05-31")}} {
		if _, err := engine.MarkEntries(ctx, s, "w", reviewer, ids[1:], 0, m); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	if _, err := engine.MarkEntries(ctx, s, "w", reviewer, []string{ids[0], "nope"}, 0, engine.EntryMarks{Language: &language}); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("an unknown entry: %v", err)
	}
	if e, err := s.Entries(ctx, "w", ids[:1]); err != nil || e[0].Language != "" {
		t.Errorf("%+v (%v): the one beside the unknown was marked", e, err)
	}
}
