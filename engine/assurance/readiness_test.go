package assurance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var readyDay = NewDay(2026, time.March, 31)

// oneCriterion is a register with a control of CC6.1 that lacks nothing.
func oneCriterion() (*Register, []Criterion) {
	return &Register{
		Reports: []Report{
			{ID: "soc2-2025", Kind: SOC2, Type: 2, From: NewDay(2025, time.January, 1), To: NewDay(2025, time.December, 31), Issued: NewDay(2026, time.February, 1)},
		},
		Controls: []Control{{ID: "AC-01", Criteria: []string{"CC6.1"}, Owner: "Ann", Frequency: "quarterly", Status: Implemented}},
		Evidence: []Evidence{{ID: "e1", Control: "AC-01", CollectedAt: NewDay(2026, time.March, 1)}},
	}, []Criterion{{Framework: "soc2", ID: "CC6.1", Category: "CC6"}}
}

// lacks writes the lacks of a criterion as "kind control weight".
func lacks(s CriterionStanding) string {
	var out []string
	for _, l := range s.Lacks {
		out = append(out, strings.ReplaceAll(fmt.Sprint(l.Kind, " ", l.Control, " ", l.Weight), "  ", " "))
	}
	return strings.Join(out, ", ")
}

// TestReadinessLacks proves each lack, its weight, and the level it gives.
func TestReadinessLacks(t *testing.T) {
	t.Parallel()
	second := Control{ID: "AC-02", Criteria: []string{"CC6.1"}, Owner: "Bob", Status: Planned, Planned: "by June."}
	for _, tt := range []struct {
		name   string
		change func(r *Register)
		asked  []Asked
		level  Level
		want   string
	}{
		{"nothing", func(*Register) {}, nil, LevelReady, ""},
		{"no control", func(r *Register) { r.Controls[0].Criteria = []string{"CC6.2"} }, nil, LevelMissing, "no_control 3"},
		{"a status nobody stated holds", func(r *Register) { r.Controls[0].Status = "" }, nil, LevelReady, ""},
		{"planned alone", func(r *Register) { r.Controls[0].Status = Planned; r.Evidence = nil }, nil, LevelMissing, "not_implemented AC-01 3"},
		{"retired alone", func(r *Register) { r.Controls[0].Status = Retired }, nil, LevelMissing, "not_implemented AC-01 3"},
		{"partial alone", func(r *Register) { r.Controls[0].Status = Partial }, nil, LevelAttention, "not_implemented AC-01 2"},
		{"partial without evidence", func(r *Register) { r.Controls[0].Status = Partial; r.Evidence = nil }, nil, LevelAttention, "not_implemented AC-01 2, evidence_missing AC-01 2"},
		{"an unknown status", func(r *Register) { r.Controls[0].Status = "active" }, nil, LevelAttention, "not_implemented AC-01 2"},
		{"planned beside one in place", func(r *Register) { r.Controls = append(r.Controls, second) }, nil, LevelAttention, "not_implemented AC-02 1"},
		{"planned beside one in part", func(r *Register) { r.Controls[0].Status = Partial; r.Controls = append(r.Controls, second) }, nil, LevelAttention, "not_implemented AC-01 2, not_implemented AC-02 2"},
		{"retired beside one in place", func(r *Register) { second := second; second.Status = Retired; r.Controls = append(r.Controls, second) }, nil, LevelReady, ""},
		{"not applicable beside one in place", func(r *Register) {
			second := second
			second.Status = NotApplicable
			r.Controls = append(r.Controls, second)
		}, nil, LevelReady, ""},
		{"not applicable alone", func(r *Register) { r.Controls[0].Status = NotApplicable; r.Controls[0].Owner = "" }, nil, LevelNotApplicable, ""},
		{"not applicable and retired", func(r *Register) {
			second := second
			second.Status = Retired
			r.Controls[0].Status = NotApplicable
			r.Controls = append(r.Controls, second)
		}, nil, LevelNotApplicable, ""},
		{"no owner", func(r *Register) { r.Controls[0].Owner = " " }, nil, LevelAttention, "no_owner AC-01 1"},
		{"no evidence", func(r *Register) { r.Evidence = nil }, nil, LevelAttention, "evidence_missing AC-01 2"},
		{"evidence of another control", func(r *Register) { r.Evidence[0].Control = "AC-11" }, nil, LevelAttention, "evidence_missing AC-01 2"},
		{"evidence without a day", func(r *Register) { r.Evidence[0].CollectedAt = Day{} }, nil, LevelAttention, "evidence_missing AC-01 2"},
		{"evidence to come", func(r *Register) { r.Evidence[0].CollectedAt = NewDay(2026, time.April, 1) }, nil, LevelAttention, "evidence_missing AC-01 2"},
		{"the last day of fresh evidence", func(r *Register) { r.Evidence[0].CollectedAt = NewDay(2025, time.December, 1) }, nil, LevelReady, ""},
		{"stale evidence", func(r *Register) { r.Evidence[0].CollectedAt = NewDay(2025, time.November, 28) }, nil, LevelAttention, "evidence_stale AC-01 1"},
		{"evidence collected lately of a time long ago", func(r *Register) { r.Evidence[0].To = NewDay(2025, time.June, 30) }, nil, LevelAttention, "evidence_stale AC-01 1"},
		{"newer evidence beside a stale one", func(r *Register) {
			r.Evidence = append(r.Evidence, Evidence{ID: "e0", Control: "ac-01 ", CollectedAt: NewDay(2025, time.June, 1)})
		}, nil, LevelReady, ""},
		{"evidence before the period", func(r *Register) {
			r.Controls[0].Frequency = "every two years"
			r.Evidence[0].CollectedAt = NewDay(2024, time.December, 31)
		}, nil, LevelAttention, "evidence_outside_period AC-01 1"},
		{"evidence of the period's first day", func(r *Register) {
			r.Controls[0].Frequency = "every two years"
			r.Evidence[0].CollectedAt = NewDay(2025, time.January, 1)
		}, nil, LevelReady, ""},
		{"the period of the newest report counts", func(r *Register) {
			r.Controls[0].Frequency = "every two years"
			r.Evidence[0].CollectedAt = NewDay(2024, time.December, 31)
			r.Reports = append(r.Reports, Report{ID: "soc2-2024", Kind: SOC2, Type: 2, From: NewDay(2024, time.January, 1), To: NewDay(2024, time.December, 31)})
		}, nil, LevelAttention, "evidence_outside_period AC-01 1"},
		{"the period of a type 1, of a report to come and of another kind does not count", func(r *Register) {
			to := NewDay(2026, time.March, 30)
			from := NewDay(2026, time.March, 15)
			r.Reports = append(r.Reports, Report{ID: "x", Kind: SOC2, Type: 1, From: from, To: to}, Report{ID: "y", Kind: SOC2, Type: 2, From: from, To: NewDay(2026, time.May, 1)},
				Report{ID: "z", Kind: SOC2, Type: 2, From: from, To: to, Issued: NewDay(2026, time.May, 1)}, Report{ID: "w", Kind: SOC1, Type: 2, From: from, To: to})
		}, nil, LevelReady, ""},
		{"stale and before the period", func(r *Register) { r.Evidence[0].CollectedAt = NewDay(2024, time.May, 1) }, nil, LevelAttention, "evidence_stale AC-01 1, evidence_outside_period AC-01 1"},
		{"no report, no period", func(r *Register) {
			r.Reports = nil
			r.Controls[0].Frequency = "every two years"
			r.Evidence[0].CollectedAt = NewDay(2024, time.December, 31)
		}, nil, LevelReady, ""},
		{"an open exception", func(r *Register) { r.Reports[0].Tests = []Test{{Control: "ac-01", Result: WithException}} }, nil, LevelAttention, "exception_open ac-01 2"},
		{"an open exception of the criterion", func(r *Register) {
			r.Reports[0].Tests = []Test{{Control: "AC-77", Criteria: []string{"CC 6.1"}, Result: WithException}}
		}, nil, LevelAttention, "exception_open AC-77 2"},
		{"an exception of another criterion", func(r *Register) {
			r.Controls[0].Criteria = append(r.Controls[0].Criteria, "CC6.2")
			r.Reports[0].Tests = []Test{{Control: "AC-02", Criteria: []string{"CC6.2"}, Result: WithException}}
		}, nil, LevelReady, ""},
		{"an exception that is fixed", func(r *Register) {
			r.Reports[0].Tests = []Test{{Control: "AC-01", Result: WithException, Fixed: readyDay}}
		}, nil, LevelReady, ""},
		{"an exception to be fixed", func(r *Register) {
			r.Reports[0].Tests = []Test{{Control: "AC-01", Result: WithException, Fixed: NewDay(2026, time.April, 1)}}
		}, nil, LevelAttention, "exception_open AC-01 2"},
		{"an exception of an older report", func(r *Register) {
			r.Reports = append(r.Reports, Report{ID: "soc2-2024", Kind: SOC2, Type: 2, To: NewDay(2024, time.December, 31), Tests: []Test{{Control: "AC-01", Result: WithException}}})
		}, nil, LevelReady, ""},
		{"asked and not answered", func(*Register) {}, []Asked{{Criteria: []string{"cc6.1", "CC 6.1"}, On: NewDay(2025, time.March, 31)}}, LevelAttention, "asked_unanswered 1"},
		{"asked more than 12 months ago, or later, or never, or elsewhere", func(*Register) {}, []Asked{
			{Criteria: []string{"CC6.1"}, On: NewDay(2025, time.March, 30)}, {Criteria: []string{"CC6.1"}, On: NewDay(2026, time.April, 1)}, {Criteria: []string{"CC6.1"}}, {Criteria: []string{"CC6.10"}, On: readyDay},
		}, LevelReady, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, criteria := oneCriterion()
			tt.change(r)
			got := r.Readiness("soc2", criteria, tt.asked, readyDay).Criteria[0]
			if lacks(got) != tt.want || got.Level != tt.level {
				t.Errorf("%s with %q, want %s with %q", got.Level, lacks(got), tt.level, tt.want)
			}
			for _, l := range got.Lacks {
				if strings.Contains(l.Text, "%!") || !strings.HasSuffix(l.Text, ".") || strings.HasSuffix(l.Text, "..") {
					t.Errorf("no sentence: %q", l.Text)
				}
			}
		})
	}
}

// TestReadinessSpelling proves that a control's criteria are found however
// they are spelled, and never under another number or another standard.
func TestReadinessSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		framework   Framework
		id, spelled string
		want        bool
	}{
		{"soc2", "CC6.1", "CC 6.1", true},
		{"soc2", "CC6.1", "cc6.1", true},
		{"soc2", "CC6.1", " CC-6.01 ", true},
		{"soc2", "CC6.1", "SOC 2 CC6.1", true},
		{"soc2", "CC6.1", "TSC: CC6.1", true},
		{"soc2", "CC6.1", "CC6.10", false},
		{"soc2", "CC6.1", "CC61", false},
		{"soc2", "CC6.1", "CC6", false},
		{"soc2", "CC6.1", "C6.1", false},
		{"soc2", "CC6.10", "CC6.1", false},
		{"iso27001", "A.8.24", "A 8.24", true},
		{"iso27001", "A.8.24", "a8.24", true},
		{"iso27001", "A.8.24", "ISO/IEC 27001:2022 A.8.24", true},
		{"iso27001", "A.8.24", "Annex A 8.24", true},
		{"iso27001", "A.8.2", "8.2", false},
		{"iso27001", "A.8.2", "ISO 27001:2013 A.8.2", false},
		{"iso27001", "A.8.2", "ISO 27018 A.8.2", false},
		{"ccm", "CEK-03", "cek3", true},
		{"ccm", "CEK-03", "CCM v4 CEK-03", true},
		{"ccm", "A&A-01", "A&A 01", true},
		{"ccm", "CEK-03", "CEK-03.1", true},
		{"ccm", "CEK-03", "CEK-30", false},
		{"ccm", "CEK-03", "CEK-30.3", false},
		{"ccm", "CEK-03", "CEK", false},
		{"ccm", "CEK-03", "", false},
	} {
		r := &Register{Controls: []Control{{ID: "X", Criteria: []string{"Z9", tt.spelled}}}}
		got := len(r.Readiness(tt.framework, []Criterion{{tt.framework, tt.id, "", ""}}, nil, readyDay).Criteria[0].Controls) == 1
		if got != tt.want {
			t.Errorf("%s: %q is taken for %s: %v, want %v", tt.framework, tt.spelled, tt.id, got, tt.want)
		}
	}
}

// TestReadinessReport proves which report a framework's controls are held to.
func TestReadinessReport(t *testing.T) {
	t.Parallel()
	day := func(m time.Month) Day { return NewDay(2025, m, 1) }
	r := &Register{Reports: []Report{
		{ID: "soc2", Kind: SOC2, Type: 2, To: day(5)},
		{ID: "soc2plus", Kind: SOC2Plus, Type: 2, To: day(6), Criteria: []string{"security", "CCM"}},
		{ID: "soc2hitrust", Kind: SOC2Plus, Type: 2, To: day(7), Criteria: []string{"security", "hitrust"}},
		{ID: "iso-old", Kind: ISO27001, ValidUntil: day(2)},
		{ID: "iso", Kind: ISO27001, ValidUntil: NewDay(2028, time.January, 1)},
		{ID: "star", Kind: CSASTAR, Level: "1", Issued: day(1)},
	}}
	for framework, want := range map[Framework]string{"soc2": "soc2hitrust", "tsc": "soc2hitrust", "ccm": "soc2plus", "iso27001": "iso", "else": ""} {
		if got := r.Readiness(framework, nil, nil, readyDay).Report.ID; got != want {
			t.Errorf("%s is held to %q, want %q", framework, got, want)
		}
	}
}

// TestReadinessTally proves the shares: what does not apply is in none.
func TestReadinessTally(t *testing.T) {
	t.Parallel()
	r, _ := oneCriterion()
	r.Controls[0].Criteria = []string{"CC6.1", "A1.1"}
	r.Controls = append(r.Controls, Control{ID: "N", Criteria: []string{"CC6.3", "P1.1"}, Status: NotApplicable})
	criteria := []Criterion{{"soc2", "CC6.1", "CC6", ""}, {"soc2", "A1.1", "A", ""}, {"soc2", "CC6.2", "CC6", ""}, {"", "CC6.3", "CC6", ""}, {"soc2", "P1.1", "P", ""}, {"soc2", "cc 6.1", "CC6", "again"}, {"ccm", "CEK-03", "CEK", ""}}
	got := r.Readiness("soc2", criteria, []Asked{{Criteria: []string{"A.8.24"}, On: readyDay}}, readyDay)
	if want := (Tally{"", 5, 2, 0, 1, 2, 0, 2.0 / 3}); got.Total != want {
		t.Errorf("together %+v, want %+v", got.Total, want)
	}
	if want := []Tally{{"CC6", 3, 1, 0, 1, 1, 0, 0.5}, {"A", 1, 1, 0, 0, 0, 0, 1}, {"P", 1, 0, 0, 0, 1, 0, 0}}; !slices.Equal(got.Categories, want) {
		t.Errorf("by category %+v, want %+v", got.Categories, want)
	}
	if got.AskedElsewhere != 1 {
		t.Errorf("%d questions elsewhere, want 1", got.AskedElsewhere)
	}
}

// TestReadinessOutOfScope: a category that the report does not have is held
// against nobody, until a control or a customer speaks of it.
func TestReadinessOutOfScope(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		criteria []string
		control  string
		asked    []Asked
		want     Level
	}{
		"NotInTheReport":         {[]string{"security"}, "", nil, LevelOutOfScope},
		"InTheReport":            {[]string{"security", "privacy"}, "", nil, LevelMissing},
		"NoCategoryStated":       {nil, "", nil, LevelMissing},
		"AControlIsMapped":       {[]string{"security"}, "P1.1", nil, LevelReady},
		"ACustomerAskedInVain":   {[]string{"security"}, "", []Asked{{Criteria: []string{"P1.1"}, On: readyDay}}, LevelMissing},
		"AskedLongerAgoThanThat": {[]string{"security"}, "", []Asked{{Criteria: []string{"P1.1"}, On: readyDay.AddMonths(-13)}}, LevelOutOfScope},
	} {
		r, _ := oneCriterion()
		r.Reports[0].Criteria = c.criteria
		if c.control != "" {
			r.Controls[0].Criteria = append(r.Controls[0].Criteria, c.control)
		}
		got := r.Readiness("soc2", []Criterion{{TrustServices, "P1.1", "privacy", ""}}, c.asked, readyDay)
		if level := got.Criteria[0].Level; level != c.want {
			t.Errorf("%s: %s, want %s", name, level, c.want)
		}
		out := 0
		if c.want == LevelOutOfScope {
			out = 1
		}
		if got.Total.OutOfScope != out || got.Total.Applicable() != 1-out || len(got.First) != got.Total.Missing {
			t.Errorf("%s: %+v, %d steps", name, got.Total, len(got.First))
		}
	}
}

// TestReadinessFirst proves the order of what to do: askings times weight,
// then weight, then id as people count.
func TestReadinessFirst(t *testing.T) {
	t.Parallel()
	owned := func(id, criterion string, status Status) Control {
		return Control{ID: id, Criteria: []string{criterion}, Owner: "Ann", Status: status}
	}
	r := &Register{
		Controls: []Control{owned("a", "CC1.1", Implemented), owned("b", "CC1.2", Implemented), owned("c", "CC1.3", Partial), owned("d", "CC1.4", Implemented), owned("d2", "CC1.4", Implemented), owned("d10", "CC1.4", Implemented), owned("d3", "CC1.4", Implemented)},
		Evidence: []Evidence{{ID: "1", Control: "a", CollectedAt: readyDay}, {ID: "2", Control: "b", CollectedAt: readyDay}, {ID: "3", Control: "c", CollectedAt: readyDay}},
	}
	var criteria []Criterion
	for _, id := range []string{"CC10.1", "CC9.1", "CC2.1", "CC1.4", "CC1.3", "CC1.2", "CC1.1"} {
		criteria = append(criteria, Criterion{ID: id})
	}
	var asked []Asked
	for id, n := range map[string]int{"CC1.2": 7, "CC1.3": 3, "CC10.1": 2} {
		for range n {
			asked = append(asked, Asked{Criteria: []string{id}, On: readyDay})
		}
	}
	var got []string
	for _, s := range r.Readiness("soc2", criteria, asked, readyDay).First {
		got = append(got, fmt.Sprintf("%s %d×%d=%d %s", s.Criterion, s.Asked, s.Weight, s.Score, s.Do))
	}
	want := []string{
		"CC1.2 7×1=7 approve an answer",
		"CC10.1 2×3=6 put a control in place, or map one that is; approve an answer",
		"CC1.3 3×2=6 finish c; approve an answer",
		"CC2.1 0×3=0 put a control in place, or map one that is",
		"CC9.1 0×3=0 put a control in place, or map one that is",
		"CC1.4 0×2=0 collect evidence of d, d2, d3 and 1 more",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the order is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// many makes a register of n controls over 61 criteria, each with evidence,
// and questions.
func many(n int) (*Register, []Criterion, []Asked) {
	r, _ := oneCriterion()
	r.Controls, r.Evidence = nil, nil
	var criteria []Criterion
	for i := range 61 {
		criteria = append(criteria, Criterion{"soc2", fmt.Sprintf("CC%d.%d", i/8+1, i%8+1), fmt.Sprintf("CC%d", i/8+1), "a title"})
	}
	frequencies := []string{"daily", "quarterly", "annual", "on event", ""}
	for i := range n {
		c := Control{ID: fmt.Sprintf("C-%04d", i), Owner: strings.Repeat("o", i%7), Frequency: frequencies[i%len(frequencies)], Status: append(Statuses(), Implemented, Implemented, "")[i%8]}
		for k := range 1 + i%3 {
			c.Criteria = append(c.Criteria, criteria[(i*7+k*11)%61].ID)
		}
		r.Controls = append(r.Controls, c)
		for k := range i % 4 {
			r.Evidence = append(r.Evidence, Evidence{ID: fmt.Sprintf("E-%d-%d", i, k), Control: c.ID, CollectedAt: NewDay(2026, time.Month(k-i%20), i%28)})
		}
		if i%17 == 0 {
			r.Reports[0].Tests = append(r.Reports[0].Tests, Test{Control: c.ID, Result: WithException, Text: "late"})
		}
	}
	var asked []Asked
	for i := range 300 {
		asked = append(asked, Asked{Criteria: []string{criteria[i*i%61].ID}, Question: fmt.Sprintf("question %d", i%50), Customer: fmt.Sprintf("customer %d", i%9), On: NewDay(2026, time.Month(3-i%15), 1)})
	}
	return r, criteria, asked
}

// TestReadinessDeterministic proves that the order of a register's things
// changes nothing.
func TestReadinessDeterministic(t *testing.T) {
	t.Parallel()
	r, criteria, asked := many(300)
	want, err := json.Marshal(r.Readiness("soc2", criteria, asked, readyDay))
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		rnd.Shuffle(len(r.Controls), func(i, k int) { r.Controls[i], r.Controls[k] = r.Controls[k], r.Controls[i] })
		rnd.Shuffle(len(r.Evidence), func(i, k int) { r.Evidence[i], r.Evidence[k] = r.Evidence[k], r.Evidence[i] })
		rnd.Shuffle(len(r.Reports[0].Tests), func(i, k int) {
			r.Reports[0].Tests[i], r.Reports[0].Tests[k] = r.Reports[0].Tests[k], r.Reports[0].Tests[i]
		})
		rnd.Shuffle(len(asked), func(i, k int) { asked[i], asked[k] = asked[k], asked[i] })
		got, err := json.Marshal(r.Readiness("soc2", criteria, asked, readyDay))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatal("another order of the register gives another readiness")
		}
	}
}

// TestReadinessEmpty proves that nothing is not ready, and divides by nothing.
func TestReadinessEmpty(t *testing.T) {
	t.Parallel()
	got := (&Register{}).Readiness("soc2", []Criterion{{ID: ""}, {ID: "CC1.1"}}, []Asked{{}}, Day{})
	if got.Total.Missing != 2 || got.Total.ReadyShare != 0 || len(got.First) != 2 {
		t.Errorf("of nothing: %+v", got.Total)
	}
	if got := (&Register{}).Readiness("", nil, nil, readyDay); got.Total.ReadyShare != 0 || len(got.First) != 0 {
		t.Errorf("of no criteria: %+v", got.Total)
	}
}

func BenchmarkReadiness(b *testing.B) {
	r, criteria, asked := many(1000)
	b.ReportAllocs()
	for b.Loop() {
		r.Readiness("soc2", criteria, asked, readyDay)
	}
}
