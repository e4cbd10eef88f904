package assurance

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func day(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// sound returns a register without problems, with a report of each form.
func sound() *Register {
	return &Register{
		Company:   "Example GmbH",
		Customers: []string{"Harbour Bank"},
		Reports: []Report{
			{
				ID: "soc2-2026", Kind: SOC2, Type: 2, System: "Platform", Opinion: Unqualified, Criteria: []string{"security", "availability"},
				From: day("2025-10-01"), To: day("2026-09-30"), Issued: day("2026-11-13"), Access: UnderNDA, Replaces: "soc2-2025",
				Bridge:      Bridge{Issued: day("2026-12-31"), Until: day("2026-12-31")},
				Subservices: []Subservice{{Name: "Host", Service: "data centres"}, {Name: "Host", Service: "mail"}},
				Tests: []Test{
					{Control: "AC-01", Criteria: []string{"CC6.1"}, Result: NoExceptions},
					{Control: "AC-02", Result: WithException, Text: "one late review", Response: "a reminder", Fixed: day("2026-03-01")},
				},
			},
			{ID: "soc2-2025", Kind: SOC2, Type: 2, System: "Platform", Criteria: []string{"security"}, From: day("2024-10-01"), To: day("2025-09-30")},
			{ID: "soc1", Kind: SOC1, Type: 1, AsOf: day("2026-06-30"), Objectives: []string{"Orders are billed once."}},
			{ID: "soc3", Kind: SOC3, Criteria: []string{"security"}, From: day("2025-10-01"), To: day("2026-09-30")},
			{ID: "iso", Kind: ISO27001, Certificate: "X 1", Issued: day("2024-06-14"), ValidUntil: day("2027-06-13"), NextAudit: day("2027-04-01")},
			{ID: "pt", Kind: Pentest, From: day("2026-09-07"), To: day("2026-09-18"), Findings: []Weakness{{"high", 2, 1}}},
		},
		Controls: []Control{
			{ID: "AC-01", Title: "Access", Criteria: []string{"CC6.1", "A.5.15", "CEK-03", "AC-2(1)", "PR.AC-1", "8.3.1"}, Frequency: "daily", Status: Implemented},
			{ID: "AC-02", Text: "Reviews", Status: Partial, Planned: "by March"},
		},
		Evidence: []Evidence{{ID: "E-1", Control: "ac-01", Kind: "log", CollectedAt: day("2026-01-10"), From: day("2026-01-01"), To: day("2026-01-31")}},
	}
}

func TestSoundRegisterHasNoProblems(t *testing.T) {
	t.Parallel()
	for _, p := range sound().Validate() {
		t.Error(p)
	}
	if p := (&Register{}).Validate(); p != nil {
		t.Errorf("an empty register has problems: %v", p)
	}
}

// TestValidate breaks a sound register in one place and holds the path of the
// problem and what its sentence says.
func TestValidate(t *testing.T) {
	t.Parallel()
	soc2, before, soc1, soc3, iso, pentest := 0, 1, 2, 3, 4, 5
	long := strings.Repeat("x", MaxText+1)
	for name, c := range map[string]struct {
		change func(*Register)
		path   string
		says   string
	}{
		"NoReportID":             {func(r *Register) { r.Reports[pentest].ID = " " }, "reports[5].id", "has no id"},
		"ReportIDTwice":          {func(r *Register) { r.Reports[pentest].ID = "SOC1" }, "reports[5].id", "reports[2] has the same id"},
		"IDOfTwoLines":           {func(r *Register) { r.Reports[pentest].ID = "a\nb" }, "reports[5].id", "one line"},
		"NoKind":                 {func(r *Register) { r.Reports[pentest].Kind = "" }, "reports[5].kind", "accepted: soc1, isae3402"},
		"UnknownKind":            {func(r *Register) { r.Reports[pentest].Kind = "pentest" }, "reports[5].kind", "penetration_test"},
		"NoType":                 {func(r *Register) { r.Reports[soc2].Type = 0 }, "reports[0].type", "accepted for the kind soc2: 1, 2"},
		"TypeThree":              {func(r *Register) { r.Reports[soc2].Type = 3 }, "reports[0].type", "1, 2"},
		"TypeWhereNone":          {func(r *Register) { r.Reports[soc3].Type = 2 }, "reports[3].type", "have no type"},
		"Type1NoDay":             {func(r *Register) { r.Reports[soc1].AsOf = Day{} }, "reports[2].as_of", "missing"},
		"Type1WithPeriod":        {func(r *Register) { r.Reports[soc1].From, r.Reports[soc1].To = day("2026-01-01"), day("2026-06-30") }, "reports[2].from", "no period"},
		"Type2NoPeriod":          {func(r *Register) { r.Reports[before].From, r.Reports[before].To = Day{}, Day{} }, "reports[1].from", "missing"},
		"Type2NoEnd":             {func(r *Register) { r.Reports[before].To = Day{} }, "reports[1].to", "no last"},
		"Type2NoStart":           {func(r *Register) { r.Reports[before].From = Day{} }, "reports[1].from", "no first"},
		"Type2AsOf":              {func(r *Register) { r.Reports[before].AsOf = day("2025-01-01") }, "reports[1].as_of", "speaks of a period"},
		"EndBeforeStart":         {func(r *Register) { r.Reports[before].To = day("2024-09-30") }, "reports[1].to", "ends before it starts; write a day from 2024-10-01 on"},
		"PeriodTooShort":         {func(r *Register) { r.Reports[before].To = day("2024-11-29") }, "reports[1].to", "shorter than 2 months"},
		"PeriodTooLong":          {func(r *Register) { r.Reports[before].From = day("2024-03-31") }, "reports[1].to", "longer than 18 months"},
		"Overlap":                {func(r *Register) { r.Reports[before].To = day("2025-10-01") }, "reports[0].from", "overlaps that of reports[1]"},
		"UnknownOpinion":         {func(r *Register) { r.Reports[soc2].Opinion = "clean" }, "reports[0].opinion", "unqualified, qualified, adverse, disclaimer"},
		"OpinionOfCertificate":   {func(r *Register) { r.Reports[iso].Opinion = Unqualified }, "reports[4].opinion", "only attestations"},
		"UnknownCategory":        {func(r *Register) { r.Reports[soc2].Criteria[1] = "safety" }, "reports[0].criteria[1]", "security, availability, processing integrity"},
		"CategoryTwice":          {func(r *Register) { r.Reports[soc2].Criteria[1] = "Security" }, "reports[0].criteria[1]", "twice"},
		"CategoryOfCertificate":  {func(r *Register) { r.Reports[iso].Criteria = []string{"security"} }, "reports[4].criteria[0]", "no Trust Services categories"},
		"NoSecurity":             {func(r *Register) { r.Reports[soc2].Criteria = []string{"availability"} }, "reports[0].criteria", "security is in every SOC 2"},
		"NoCategories":           {func(r *Register) { r.Reports[soc3].Criteria = nil }, "reports[3].criteria", "security is in every SOC 3"},
		"HITRUSTInPlainSOC2":     {func(r *Register) { r.Reports[soc2].Criteria[1] = "hitrust" }, "reports[0].criteria[1]", "no Trust Services category"},
		"ObjectivesOfSOC2":       {func(r *Register) { r.Reports[soc2].Objectives = []string{"x"} }, "reports[0].objectives", "soc1"},
		"NoCertificate":          {func(r *Register) { r.Reports[iso].Certificate = "" }, "reports[4].certificate", "missing"},
		"NoLastDay":              {func(r *Register) { r.Reports[iso].ValidUntil = Day{} }, "reports[4].valid_until", "missing"},
		"NoIssue":                {func(r *Register) { r.Reports[iso].Issued = Day{} }, "reports[4].issued", "missing"},
		"ValidUntilIssue":        {func(r *Register) { r.Reports[iso].ValidUntil = day("2024-06-14") }, "reports[4].valid_until", "not after the day of issue"},
		"ValidAttestation":       {func(r *Register) { r.Reports[soc2].ValidUntil = day("2027-06-14") }, "reports[0].valid_until", "valid until no day"},
		"IssuedBeforeEnd":        {func(r *Register) { r.Reports[soc2].Issued = day("2026-09-29") }, "reports[0].issued", "before the end of the period"},
		"NextAuditBeforeIssue":   {func(r *Register) { r.Reports[iso].NextAudit = day("2023-01-01") }, "reports[4].next_audit", "before the day of issue"},
		"BridgeTooEarly":         {func(r *Register) { r.Reports[soc2].Bridge.Until = day("2026-09-30") }, "reports[0].bridge.until", "after 2026-09-30"},
		"BridgeWrittenTooEarly":  {func(r *Register) { r.Reports[soc2].Bridge.Issued = day("2026-09-30") }, "reports[0].bridge.issued", "after 2026-09-30"},
		"BridgeWithoutEnd":       {func(r *Register) { r.Reports[soc2].Bridge.Until = Day{} }, "reports[0].bridge.until", "missing"},
		"BridgeOfCertificate":    {func(r *Register) { r.Reports[iso].Bridge.Until = day("2027-09-30") }, "reports[4].bridge", "only an attestation"},
		"UnknownAccess":          {func(r *Register) { r.Reports[soc2].Access = "secret" }, "reports[0].access", "public, nda, internal"},
		"UnknownLevel":           {func(r *Register) { r.Reports[iso].Kind, r.Reports[iso].Level = HITRUST, "r3" }, "reports[4].level", "e1, i1, r2"},
		"ReplacesNothing":        {func(r *Register) { r.Reports[soc2].Replaces = "soc2-2024" }, "reports[0].replaces", "no report of that id"},
		"ReplacesOtherKind":      {func(r *Register) { r.Reports[soc2].Replaces = "soc1" }, "reports[0].replaces", "another kind"},
		"ReplacesItself":         {func(r *Register) { r.Reports[pentest].Replaces = "pt" }, "reports[5].replaces", "circle"},
		"ReplacesInACircle":      {func(r *Register) { r.Reports[before].Replaces = "soc2-2026" }, "reports[0].replaces", "circle"},
		"TestOfUnknownControl":   {func(r *Register) { r.Reports[soc2].Tests[0].Control = "AC-03" }, "reports[0].tests[0].control", "no control of that id"},
		"TestOfNoControl":        {func(r *Register) { r.Reports[soc2].Tests[0].Control = "" }, "reports[0].tests[0].control", "missing"},
		"TestTwice":              {func(r *Register) { r.Reports[soc2].Tests[1].Control = "ac-01" }, "reports[0].tests[1].control", "reports[0].tests[0] already"},
		"NoResult":               {func(r *Register) { r.Reports[soc2].Tests[0].Result = "" }, "reports[0].tests[0].result", "no_exceptions, exception, not_tested"},
		"UnknownResult":          {func(r *Register) { r.Reports[soc2].Tests[0].Result = "passed" }, "reports[0].tests[0].result", "no_exceptions, exception, not_tested"},
		"ExceptionWithoutText":   {func(r *Register) { r.Reports[soc2].Tests[1].Text = "" }, "reports[0].tests[1].text", "missing"},
		"ResponseToNothing":      {func(r *Register) { r.Reports[soc2].Tests[0].Response = "x" }, "reports[0].tests[0].response", "no exception"},
		"FixedBeforePeriod":      {func(r *Register) { r.Reports[soc2].Tests[1].Fixed = day("2025-09-30") }, "reports[0].tests[1].fixed", "start of the period"},
		"TestInType1":            {func(r *Register) { r.Reports[soc1].Tests = []Test{{Control: "AC-01", Result: NoExceptions}} }, "reports[2].tests[0].result", "not_tested"},
		"TestOfUnknownCriterion": {func(r *Register) { r.Reports[soc2].Tests[0].Criteria[0] = "CC6.9" }, "reports[0].tests[0].criteria[0]", "no such criterion"},
		"NamelessSubservice":     {func(r *Register) { r.Reports[soc2].Subservices[0].Name = "" }, "reports[0].subservices[0].name", "no name"},
		"SubserviceTwice":        {func(r *Register) { r.Reports[soc2].Subservices[1].Service = "data centres" }, "reports[0].subservices[1].name", "twice"},
		"FindingsOfSOC2":         {func(r *Register) { r.Reports[soc2].Findings = []Weakness{{"high", 1, 0}} }, "reports[0].findings", "penetration_test"},
		"UnknownSeverity":        {func(r *Register) { r.Reports[pentest].Findings[0].Severity = "grave" }, "reports[5].findings[0].severity", "critical, high, medium, low"},
		"MoreOpenThanFound":      {func(r *Register) { r.Reports[pentest].Findings[0].Open = 3 }, "reports[5].findings[0].open", "0 to the number found"},
		"NoControlID":            {func(r *Register) { r.Controls = append(r.Controls, Control{Title: "x"}) }, "controls[2].id", "has no id"},
		"ControlIDTwice":         {func(r *Register) { r.Controls = append(r.Controls, Control{ID: "ac-02", Title: "x"}) }, "controls[2].id", "controls[1] has the same id"},
		"ControlWithoutText":     {func(r *Register) { r.Controls[0].Title = "" }, "controls[0].title", "neither title nor text"},
		"UnknownCriterion":       {func(r *Register) { r.Controls[0].Criteria[0] = "CC1.6" }, "controls[0].criteria[0]", "no such criterion"},
		"SlipInCriterion":        {func(r *Register) { r.Controls[0].Criteria[0] = "CC6,1" }, "controls[0].criteria[0]", "no such criterion"},
		"CriterionInWords":       {func(r *Register) { r.Controls[0].Criteria[0] = "all of them" }, "controls[0].criteria[0]", "one at a time"},
		"CriterionTwice":         {func(r *Register) { r.Controls[0].Criteria[1] = "cc6.1" }, "controls[0].criteria[1]", "twice"},
		"UnknownFrequency":       {func(r *Register) { r.Controls[0].Frequency = "often" }, "controls[0].frequency", "continuous, hourly, daily"},
		"UnknownStatus":          {func(r *Register) { r.Controls[0].Status = "done" }, "controls[0].status", "implemented, partial, planned, not_applicable, retired"},
		"PlannedThoughDone":      {func(r *Register) { r.Controls[0].Planned = "x" }, "controls[0].planned", "partial or planned"},
		"NoEvidenceID":           {func(r *Register) { r.Evidence[0].ID = "" }, "evidence[0].id", "has no id"},
		"EvidenceOfUnknown":      {func(r *Register) { r.Evidence[0].Control = "AC-09" }, "evidence[0].control", "no control of that id"},
		"UnknownEvidenceKind":    {func(r *Register) { r.Evidence[0].Kind = "proof" }, "evidence[0].kind", "screenshot, ticket"},
		"EvidenceOfNoDay":        {func(r *Register) { r.Evidence[0].CollectedAt = Day{} }, "evidence[0].collected_at", "missing"},
		"EvidenceToBeforeFrom":   {func(r *Register) { r.Evidence[0].To = day("2025-12-31") }, "evidence[0].to", "ends before it starts"},
		"EvidenceTooEarly":       {func(r *Register) { r.Evidence[0].CollectedAt = day("2025-12-31") }, "evidence[0].collected_at", "before the period"},
		"EmptyCustomer":          {func(r *Register) { r.Customers[0] = "" }, "customers[0]", "empty"},
		"TextTooLong":            {func(r *Register) { r.Controls[0].Text = long }, "controls[0].text", "at most 20000"},
		"NotUTF8":                {func(r *Register) { r.Controls[0].Text = "a\xff" }, "controls[0].text", "UTF-8"},
		"TooManyReports":         {func(r *Register) { r.Reports = make([]Report, MaxReports+1) }, "reports", "at most 10000"},
		"TooManyControls":        {func(r *Register) { r.Controls = make([]Control, MaxControls+1) }, "controls", "at most 100000"},
		"TooManyCriteria":        {func(r *Register) { r.Reports[soc2].UserControls = make([]string, MaxList+1) }, "reports[0].user_controls", "at most 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sound()
			c.change(r)
			problems := r.Validate()
			for _, p := range problems {
				if p.Path == c.path && strings.Contains(p.Text, c.says) {
					return
				}
			}
			t.Errorf("no problem at %s that says %q among %v", c.path, c.says, problems)
		})
	}
}

// TestPeriodLengths holds the borders of what is accepted.
func TestPeriodLengths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		sound    bool
	}{
		{"2025-01-01", "2025-02-28", true}, {"2025-01-01", "2025-02-27", false}, {"2025-10-01", "2026-09-30", true},
		{"2025-01-01", "2026-06-30", true}, {"2025-01-01", "2026-07-01", false}, {"2024-02-29", "2024-04-28", true},
	} {
		r := &Register{Reports: []Report{{ID: "a", Kind: SOC1, Type: 2, From: day(c.from), To: day(c.to)}}}
		if p := r.Validate(); (len(p) == 0) != c.sound {
			t.Errorf("%s to %s: %v", c.from, c.to, p)
		}
	}
}

// TestValidateIsFast holds that neither overlapping periods nor long chains of
// reports take time that grows with the square.
func TestValidateIsFast(t *testing.T) {
	t.Parallel()
	r := &Register{}
	for i := range MaxReports {
		r.Reports = append(r.Reports, Report{
			ID: fmt.Sprint(i), Kind: SOC1, Type: 2, From: day("2025-01-01"), To: day("2025-12-31"), Replaces: fmt.Sprint((i + 1) % MaxReports),
		})
	}
	start := time.Now()
	if n := len(r.Validate()); n != 2*MaxReports-1 {
		t.Errorf("%d problems, want one for each report's circle and for each overlap", n)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestEverySentenceSaysWhatIsAccepted holds the form of all sentences that the
// cases above bring up: one sentence, two halves, no full stop.
func TestEverySentenceSaysWhatIsAccepted(t *testing.T) {
	t.Parallel()
	r := sound()
	for i := range r.Reports {
		r.Reports[i] = Report{ID: "x", Kind: r.Reports[i].Kind, Type: 9, Level: "?", Opinion: "?", Access: "?", Replaces: "?", Tests: []Test{{}}, Findings: []Weakness{{}}, Subservices: []Subservice{{}}, Criteria: []string{"?"}, Objectives: []string{""}, Bridge: Bridge{Until: day("2026-01-01")}}
	}
	r.Controls = []Control{{Criteria: []string{"?"}, Frequency: "?", Status: "?", Planned: "?"}}
	r.Evidence = []Evidence{{Kind: "?"}}
	for _, p := range r.Validate() {
		if !strings.ContainsAny(p.Text, ";") || strings.HasSuffix(p.Text, ".") || strings.Contains(p.Text, "?") {
			t.Errorf("%s", p)
		}
	}
}
