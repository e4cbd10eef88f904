package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/engine"
	"vouch/engine/assurance"
)

// sampleRegister holds two of everything.
func sampleRegister() assurance.Register {
	day := assurance.NewDay
	return assurance.Register{
		Company: "Sample Ltd", Customers: []string{"Acme"},
		Reports: []assurance.Report{
			{ID: "soc2", Kind: assurance.SOC2, Type: 2, Criteria: []string{"security"}, From: day(2025, 1, 1), To: day(2025, 12, 31), Issued: day(2026, 2, 1)},
			{ID: "iso", Kind: assurance.ISO27001, Certificate: "C-77", Issued: day(2025, 1, 2), ValidUntil: day(2027, 1, 1)},
		},
		Controls: []assurance.Control{
			{ID: "AC-1", Title: "Access", Criteria: []string{"CC6.1"}, Owner: "Ann", Frequency: "quarterly", Status: assurance.Implemented},
			{ID: "AC-2", Title: "Keys", Text: "Kept in a vault.", Status: assurance.Planned, Planned: "by June 2027"},
		},
		Evidence: []assurance.Evidence{
			{ID: "e1", Control: "AC-1", CollectedAt: day(2026, 3, 1)},
			{ID: "e2", Control: "ac-2", CollectedAt: day(2026, 3, 2), Kind: "ticket"},
		},
	}
}

// sameRegister compares to the unexported fields of days.
func sameRegister(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(assurance.Day{}))
}

func readRegister(t failer, s engine.Store, workspace string) (assurance.Register, int) {
	t.Helper()
	r, version, err := engine.ReadRegister(context.Background(), s, workspace)
	if err != nil {
		t.Fatal(err)
	}
	return r, version
}

// counts writes a change as "reports, evidence, controls", each as
// added/changed/unchanged.
func counts(c engine.RegisterChange) string {
	of := func(n engine.ChangeCount) string { return fmt.Sprintf("%d/%d/%d", n.Added, n.Changed, n.Unchanged) }
	return of(c.Reports) + " " + of(c.Evidence) + " " + of(engine.ChangeCount{Added: c.Controls.Added, Changed: c.Controls.Changed, Unchanged: c.Controls.Unchanged})
}

// TestPutRegisterCounts puts registers over the sample and proves what is
// counted, and that there is a new version only if something but a control
// changed.
func TestPutRegisterCounts(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rule    string
		change  func(r *assurance.Register)
		want    string
		version int
	}{
		{"TheSame", func(*assurance.Register) {}, "0/0/2 0/0/2 0/0/2", 1},
		{"IdsInCapitals", func(r *assurance.Register) { r.Controls[0].ID = "ac-1" }, "0/0/2 0/0/2 0/0/2", 1},
		{"AReportChanged", func(r *assurance.Register) { r.Reports[0].Auditor = "Firm" }, "0/1/1 0/0/2 0/0/2", 2},
		{"ADayChanged", func(r *assurance.Register) { r.Reports[1].ValidUntil = assurance.NewDay(2028, 1, 1) }, "0/1/1 0/0/2 0/0/2", 2},
		{"AReportAdded", func(r *assurance.Register) {
			r.Reports = append(r.Reports, assurance.Report{ID: "pen", Kind: assurance.Pentest, Issued: assurance.NewDay(2026, 1, 1)})
		}, "1/0/2 0/0/2 0/0/2", 2},
		{"AReportGone", func(r *assurance.Register) { r.Reports = r.Reports[1:] }, "0/0/1 0/0/2 0/0/2", 2},
		{"AnotherOrder", func(r *assurance.Register) { r.Evidence[0], r.Evidence[1] = r.Evidence[1], r.Evidence[0] }, "0/0/2 0/0/2 0/0/2", 2},
		{"EvidenceAddedAndChanged", func(r *assurance.Register) {
			r.Evidence[1].Title = "x"
			r.Evidence = append(r.Evidence, assurance.Evidence{ID: "e3", Control: "AC-1", CollectedAt: assurance.NewDay(2026, 3, 3)})
		}, "0/0/2 1/1/1 0/0/2", 2},
		{"AControlChangedAlone", func(r *assurance.Register) { r.Controls[0].Owner = "Bob" }, "0/0/2 0/0/2 0/1/1", 1},
		{"APlanChangedAlone", func(r *assurance.Register) { r.Controls[1].Planned = "by May 2027" }, "0/0/2 0/0/2 0/1/1", 1},
		{"AControlAddedAlone", func(r *assurance.Register) {
			r.Controls = append(r.Controls, assurance.Control{ID: "AC-3", Title: "New"})
		}, "0/0/2 0/0/2 1/0/2", 1},
		{"ACustomerMore", func(r *assurance.Register) { r.Customers = append(r.Customers, "Bond") }, "0/0/2 0/0/2 0/0/2", 2},
		{"AnotherName", func(r *assurance.Register) { r.Company = "Other Ltd" }, "0/0/2 0/0/2 0/0/2", 2},
		{"NothingButControls", func(r *assurance.Register) { *r = assurance.Register{Controls: r.Controls} }, "0/0/0 0/0/0 0/0/2", 2},
		{"NothingAtAll", func(r *assurance.Register) { *r = assurance.Register{} }, "0/0/0 0/0/0 0/0/0", 2},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), openStore(t)
			r := sampleRegister()
			first, err := engine.PutRegister(ctx, s, "w", 0, &r, "register.json")
			if err != nil || counts(first) != "2/0/0 2/0/0 2/0/0" || first.Version != 1 {
				t.Fatalf("first: %s, version %d (%v)", counts(first), first.Version, err)
			}
			next := sampleRegister()
			x.change(&next)
			got, err := engine.PutRegister(ctx, s, "w", 1, &next, "other.json")
			if err != nil || counts(got) != x.want || got.Version != x.version {
				t.Errorf("got %s, version %d (%v); want %s, version %d", counts(got), got.Version, err, x.want, x.version)
			}
			stored, version := readRegister(t, s, "w")
			if version != x.version {
				t.Errorf("stored is version %d, want %d", version, x.version)
			}
			stored.Controls, next.Controls = nil, nil
			if diff := sameRegister(next, stored); diff != "" {
				t.Errorf("stored: -want +got\n%s", diff)
			}
		})
	}
}

// TestReadRegister proves that what was put is read, its controls as well.
func TestReadRegister(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	if r, version := readRegister(t, s, "w"); version != 0 || sameRegister(assurance.Register{}, r) != "" {
		t.Errorf("at first: version %d of %+v, want the empty register", version, r)
	}
	want := sampleRegister()
	if _, err := engine.PutRegister(t.Context(), s, "w", 0, &want, "f"); err != nil {
		t.Fatal(err)
	}
	got, version := readRegister(t, s, "w")
	if diff := sameRegister(sampleRegister(), got); diff != "" || version != 1 {
		t.Errorf("version %d: -want +got\n%s", version, diff)
	}
	if diff := sameRegister(sampleRegister(), want); diff != "" {
		t.Errorf("what was put was changed:\n%s", diff)
	}
}

// TestNoListIsAnEmptyList: a file that says "evidence": [] says as much as one
// that says nothing of evidence.
func TestNoListIsAnEmptyList(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for i, r := range []assurance.Register{
		{Reports: []assurance.Report{}, Evidence: []assurance.Evidence{}},
		{Company: "C"},
		{Company: "C", Reports: []assurance.Report{}, Evidence: []assurance.Evidence{}, Controls: []assurance.Control{}, Customers: []string{}},
		{Company: "C"},
	} {
		_, version := readRegister(t, s, "w")
		got, err := engine.PutRegister(t.Context(), s, "w", version, &r, "f")
		if want := min(i, 1); err != nil || got.Version != want {
			t.Errorf("step %d: version %d (%v), want %d", i, got.Version, err, want)
		}
	}
}

// TestPutRegisterRefused proves that what is refused leaves nothing: no
// register, no control, no change for the index.
func TestPutRegisterRefused(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rule    string
		version int
		change  func(r *assurance.Register)
		want    error
		says    string
	}{
		{"AnOlderVersion", 0, func(*assurance.Register) {}, engine.ErrStaleVersion, ""},
		{"AVersionThatIsNone", 2, func(*assurance.Register) {}, engine.ErrStaleVersion, ""},
		{"StaleThoughTheSame", 0, func(r *assurance.Register) { *r = sampleRegister() }, engine.ErrStaleVersion, ""},
		{"AProblem", 1, func(r *assurance.Register) { r.Reports[0].To = assurance.NewDay(2024, 1, 1) }, nil, "reports[0].to"},
		{"AProblemInTheLastControl", 1, func(r *assurance.Register) { r.Controls[2].Title = "" }, nil, "controls[2].title"},
		{"EvidenceOfNoControl", 1, func(r *assurance.Register) { r.Evidence[0].Control = "AC-9" }, nil, "evidence[0].control"},
		{"OneIdTwice", 1, func(r *assurance.Register) { r.Controls[2].ID = " ac-1" }, nil, "controls[2].id"},
		{"TooLongForALibrary", 1, func(r *assurance.Register) {
			r.Controls[1].Planned = strings.Repeat("x", engine.MaxQuestionChars+1)
		}, engine.ErrTooLong, ""},
	} {
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			ctx, s := t.Context(), openStore(t)
			r := sampleRegister()
			if _, err := engine.PutRegister(ctx, s, "w", 0, &r, "f"); err != nil {
				t.Fatal(err)
			}
			seq, _ := s.LastChange(ctx)
			next := sampleRegister()
			next.Company, next.Controls[0].Owner = "Other", "Bob"
			next.Controls = append(next.Controls, assurance.Control{ID: "AC-3", Title: "New"})
			x.change(&next)
			got, err := engine.PutRegister(ctx, s, "w", x.version, &next, "f")
			if err == nil || x.want != nil && !errors.Is(err, x.want) || !strings.Contains(err.Error(), x.says) {
				t.Errorf("got %v, want %v %s", err, x.want, x.says)
			}
			if got.Version != 0 || counts(got) != "0/0/0 0/0/0 0/0/0" {
				t.Errorf("a change is reported: %+v", got)
			}
			stored, version := readRegister(t, s, "w")
			if diff := sameRegister(sampleRegister(), stored); diff != "" || version != 1 {
				t.Errorf("version %d: -want +got\n%s", version, diff)
			}
			if after, err := s.LastChange(ctx); after != seq || err != nil {
				t.Errorf("%d changes for the index (%v)", after-seq, err)
			}
		})
	}
	r := sampleRegister()
	if _, err := engine.PutRegister(t.Context(), openStore(t), "nowhere", 0, &r, "f"); !errors.Is(err, engine.ErrNoWorkspace) {
		t.Errorf("got %v, want ErrNoWorkspace", err)
	}
}

// TestPutRegisterLeavesWhatItDoesNotSay: a control keeps its domain, its
// source and the writing of its ref, and stays if the register does not hold
// it.
func TestPutRegisterLeavesWhatItDoesNotSay(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), openStore(t)
	first := []engine.Control{
		{Ref: "ac-1", Domain: "IAM", Title: "Old", Status: "live", Source: engine.Source{File: "controls.csv", Ref: "7", Nth: 0, Place: "line 8"}},
		{Ref: "ZZ-9", Domain: "Other", Title: "Elsewhere", Source: engine.Source{File: "controls.csv"}},
	}
	if _, err := engine.ImportControls(ctx, s, "w", first); err != nil {
		t.Fatal(err)
	}
	r := sampleRegister()
	change, err := engine.PutRegister(ctx, s, "w", 0, &r, "register.json")
	if err != nil || results(change.Controls) != "changed added" {
		t.Fatalf("got %s (%v)", results(change.Controls), err)
	}
	checkReport(t, change.Controls)
	list, err := s.ControlsByRef(ctx, "w", []string{"AC-1", "AC-2", "ZZ-9"})
	if err != nil || len(list) != 3 {
		t.Fatalf("%d controls (%v)", len(list), err)
	}
	byRef := map[string]engine.Control{}
	for _, c := range list {
		byRef[engine.ControlKey(c.Ref)] = c
	}
	want := map[string]engine.Control{
		"ac-1": {
			Version: 2, Ref: "ac-1", Domain: "IAM", Title: "Access", Criteria: []string{"CC6.1"}, Owner: "Ann", Frequency: "quarterly", Status: "implemented",
			Source: first[0].Source,
		},
		"ac-2": {Version: 1, Ref: "AC-2", Title: "Keys", Description: "Kept in a vault.", Status: "planned", Planned: "by June 2027", Source: engine.Source{File: "register.json"}},
		"zz-9": {Version: 1, Ref: "ZZ-9", Domain: "Other", Title: "Elsewhere", Source: first[1].Source},
	}
	if diff := cmp.Diff(want, byRef, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(engine.Control{}, "ID")); diff != "" {
		t.Errorf("controls: -want +got\n%s", diff)
	}
	if got, _ := readRegister(t, s, "w"); len(got.Controls) != 3 || got.Controls[1].ID != "ZZ-9" {
		t.Errorf("read: %+v, want all three in the order they were added", got.Controls)
	}
}

// TestAssured proves what the rules see of a control.
func TestControlsAsRulesSeeThem(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]assurance.Status{
		"implemented": assurance.Implemented, " Not Applicable ": assurance.NotApplicable, "PLANNED": assurance.Planned, "retired": assurance.Retired,
		"partial": assurance.Partial, "": "", "live": "", "in place": "",
	} {
		c := engine.Control{
			ID: "i", Version: 3, Ref: "R", Domain: "d", Title: "t", Description: "e", Criteria: []string{"CC6.1"}, Owner: "o", Frequency: "yearly",
			Status: status, Planned: "p",
		}
		full := assurance.Control{ID: "R", Title: "t", Text: "e", Criteria: []string{"CC6.1"}, Owner: "o", Frequency: "yearly", Status: want, Planned: "p"}
		if diff := cmp.Diff(full, c.Assured()); diff != "" {
			t.Errorf("%q: -want +got\n%s", status, diff)
		}
	}
}

// TestFilterCommitments proves what passes, and that the list stays whole.
func TestFilterCommitments(t *testing.T) {
	t.Parallel()
	list := []engine.Commitment{
		{ID: "1", Customer: "Acme", Controls: []string{"AC-1", "AC-2"}}, {ID: "2", Customer: "acme"}, {ID: "3", Customer: "Acme Ltd", Controls: []string{" ac-1 "}},
		{ID: "4", Controls: []string{"AC-10"}},
	}
	for _, x := range []struct {
		f    engine.CommitmentFilter
		want string
	}{
		{engine.CommitmentFilter{}, "1 2 3 4"},
		{engine.CommitmentFilter{Customer: "ACME"}, "1 2"},
		{engine.CommitmentFilter{Customer: "Acme Ltd"}, "3"},
		{engine.CommitmentFilter{Control: "ac-1"}, "1 3"},
		{engine.CommitmentFilter{Control: "AC-2 "}, "1"},
		{engine.CommitmentFilter{Control: "AC"}, ""},
		{engine.CommitmentFilter{Customer: "Acme", Control: "AC-1"}, "1"},
		{engine.CommitmentFilter{Customer: "nobody"}, ""},
	} {
		var got, whole []string
		for _, c := range engine.FilterCommitments(list, x.f) {
			got = append(got, c.ID)
		}
		for _, c := range list {
			whole = append(whole, c.ID)
		}
		if strings.Join(got, " ") != x.want || strings.Join(whole, " ") != "1 2 3 4" {
			t.Errorf("%+v: got %v, want %s; the list is %v", x.f, got, x.want, whole)
		}
	}
}

// TestSaid proves what the rules see of a commitment.
func TestSaid(t *testing.T) {
	t.Parallel()
	c := engine.Commitment{
		Customer: "Acme", SentAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Ref: "1.2", Question: "Q?", Verdict: engine.VerdictYes, Answer: "Yes", Controls: []string{"AC-1"},
	}
	want := assurance.Said{
		Ref: "1.2", Customer: "Acme", On: assurance.NewDay(2026, 3, 1), Question: "Q?", Verdict: "yes", Text: "Yes", Controls: []string{"AC-1"},
	}
	for _, text := range []string{"", "Because."} {
		if c.Text = text; text != "" {
			want.Text = text
		}
		if diff := cmp.Diff(want, c.Said(), cmp.AllowUnexported(assurance.Day{})); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// anyRegister draws registers from so few words that they meet. Some of them
// have problems.
func anyRegister() *rapid.Generator[assurance.Register] {
	word := func(t *rapid.T, name string, words ...string) string { return rapid.SampledFrom(words).Draw(t, name) }
	day := func(t *rapid.T, name string) assurance.Day {
		return assurance.NewDay(2026, time.Month(rapid.IntRange(1, 3).Draw(t, name)), 1)
	}
	list := func(t *rapid.T, name string) []string {
		return rapid.SampledFrom([][]string{nil, {}, {"CC6.1"}, {"CC6.1", "A.8.24"}}).Draw(t, name)
	}
	reports := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) assurance.Report {
		return assurance.Report{
			ID: word(t, "report", "r1", "R2", "r3"), Kind: assurance.Pentest, Issued: day(t, "issued"), Title: word(t, "title", "", "x", "<&>\u2028"),
			Locations: rapid.SampledFrom([][]string{nil, {}, {"here"}}).Draw(t, "locations"),
		}
	}), 0, 3, func(r assurance.Report) string { return strings.ToLower(r.ID) })
	controls := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) assurance.Control {
		c := assurance.Control{
			ID: word(t, "control", "A", "a", " b", "B", "c"), Title: word(t, "title", "x", "x", "y", "y", "z\x00", " "), Text: word(t, "text", "", "t\r\n"), Criteria: list(t, "criteria"),
			Status: assurance.Status(word(t, "status", "", "planned", "implemented")),
		}
		if c.Status == assurance.Planned {
			c.Planned = word(t, "planned", "", "soon")
		}
		return c
	}), 0, 4, func(c assurance.Control) string { return engine.ControlKey(c.ID) })
	evidence := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) assurance.Evidence {
		return assurance.Evidence{ID: word(t, "evidence", "e", "f", "G"), Control: "no such", CollectedAt: day(t, "collected")}
	}), 0, 3, func(e assurance.Evidence) string { return strings.ToLower(e.ID) })
	return rapid.Custom(func(t *rapid.T) assurance.Register {
		r := assurance.Register{
			Company: word(t, "company", "", "C", "D\x00"), Reports: reports.Draw(t, "reports"), Controls: controls.Draw(t, "controls"), Evidence: evidence.Draw(t, "evidence"),
			Customers: rapid.SampledFrom([][]string{nil, {}, {"Acme"}}).Draw(t, "customers"),
		}
		for i := range r.Evidence {
			if len(r.Controls) > 0 {
				r.Evidence[i].Control = strings.ToUpper(rapid.SampledFrom(r.Controls).Draw(t, "of").ID)
			}
		}
		return r
	})
}

// TestImportingARegisterTwiceChangesNothing puts a workspace in any state,
// imports any register, and imports it again.
func TestImportingARegisterTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, n, taken := openStore(t), 0, 0
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		n++
		w := fmt.Sprint("w", n)
		if err := s.EnsureWorkspace(ctx, w); err != nil {
			t.Fatal(err)
		}
		version := 0
		for range rapid.IntRange(0, 2).Draw(t, "imports before") {
			before := anyRegister().Draw(t, "before")
			if change, err := engine.PutRegister(ctx, s, w, version, &before, "before"); err == nil {
				version = change.Version
			}
		}
		r := anyRegister().Draw(t, "register")
		first, err := engine.PutRegister(ctx, s, w, version, &r, "f")
		if problems := r.Validate(); (err != nil) != (len(problems) > 0) {
			t.Fatalf("%v, with the problems %v", err, problems)
		}
		if err != nil {
			if _, now := readRegister(t, s, w); now != version {
				t.Fatalf("refused, and yet version %d came after %d", now, version)
			}
			return
		}
		if len(r.Reports)*len(r.Controls)*len(r.Evidence) > 0 {
			taken++
		}
		after, _ := readRegister(t, s, w)
		seq, _ := s.LastChange(ctx)
		second, err := engine.PutRegister(ctx, s, w, first.Version, &r, "g")
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("0/0/%d 0/0/%d 0/0/%d", len(r.Reports), len(r.Evidence), len(r.Controls))
		if counts(second) != want || second.Version != first.Version {
			t.Fatalf("the second time %s, version %d after %d; want %s", counts(second), second.Version, first.Version, want)
		}
		if now, err := s.LastChange(ctx); now != seq || err != nil {
			t.Fatalf("%d outbox rows for nothing (%v)", now-seq, err)
		}
		again, _ := readRegister(t, s, w)
		if diff := sameRegister(after, again); diff != "" {
			t.Fatalf("the register changed the second time:\n%s", diff)
		}
	})
	if taken == 0 {
		t.Errorf("of %d registers none was taken that holds something of everything", n)
	}
	t.Logf("%d of %d registers were taken that hold something of everything", taken, n)
}
