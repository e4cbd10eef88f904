package assurance

import (
	"fmt"
	"slices"
	"strings"
)

// Report is an attestation, a certificate or a test report about the company,
// as the register holds it. What does not apply to its kind stays empty.
type Report struct {
	ID     string `json:"id"`              // the company's own id of it: "soc2-2026"
	Kind   Kind   `json:"kind"`            //
	Type   int    `json:"type,omitempty"`  // 1 or 2, of SOC 1, SOC 2 and ISAE 3402
	Level  string `json:"level,omitempty"` // HITRUST e1, i1, r2; CSA STAR 1, 2; PCI DSS AoC level or SAQ; FedRAMP low, moderate, high
	Title  string `json:"title,omitempty"`
	System string `json:"system,omitempty"` // the system the report is about
	Scope  string `json:"scope,omitempty"`  // a certificate's scope statement, or what a test covered

	Auditor string  `json:"auditor,omitempty"` // audit firm, certification body, testing firm
	Opinion Opinion `json:"opinion,omitempty"` // of attestations

	// Criteria are the Trust Services categories in scope ("security",
	// "availability" …), of SOC 2 and SOC 3; of SOC 2+ also "ccm", "hitrust".
	Criteria   []string `json:"criteria,omitempty"`
	Objectives []string `json:"objectives,omitempty"` // the control objectives of a SOC 1 or ISAE 3402
	Locations  []string `json:"locations,omitempty"`  // sites in scope

	AsOf   Day `json:"as_of,omitzero"`  // type 1: the day the design was looked at
	From   Day `json:"from,omitzero"`   // type 2, tests: the first day of the period
	To     Day `json:"to,omitzero"`     // and its last
	Issued Day `json:"issued,omitzero"` // the report's own date

	Certificate  string   `json:"certificate,omitempty"`   // the certificate's number
	ValidUntil   Day      `json:"valid_until,omitzero"`    // a certificate's last day
	NextAudit    Day      `json:"next_audit,omitzero"`     // the next audit, surveillance or test
	NextIssue    Day      `json:"next_issue,omitzero"`     // when the next report is expected
	Bridge       Bridge   `json:"bridge,omitzero"`         // the letter that covers the time since the period's end
	Access       Access   `json:"access,omitempty"`        // who may have it
	HowToGet     string   `json:"how_to_get,omitempty"`    // one sentence for customers
	Replaces     string   `json:"replaces,omitempty"`      // the id of the report before it
	UserControls []string `json:"user_controls,omitempty"` // complementary user entity controls

	Subservices []Subservice `json:"subservices,omitempty"`
	Tests       []Test       `json:"tests,omitempty"`    // what the auditor tested, by control
	Findings    []Weakness   `json:"findings,omitempty"` // of a penetration test
}

// Bridge is a letter of the company that nothing material has changed since
// the end of a report's period. It is the company's word, not the auditor's.
type Bridge struct {
	Issued Day `json:"issued,omitzero"`
	Until  Day `json:"until,omitzero"`
}

// Subservice is an organisation whose service the system rests on.
type Subservice struct {
	Name      string `json:"name"`
	Service   string `json:"service,omitempty"`
	Inclusive bool   `json:"inclusive,omitempty"` // its controls are in the report; else they are carved out
	Report    string `json:"report,omitempty"`    // what there is instead: "its own SOC 2 Type 2"
}

// Test is what an auditor found of one control.
type Test struct {
	Control  string     `json:"control"` // the control's id
	Criteria []string   `json:"criteria,omitempty"`
	Result   TestResult `json:"result"`
	Text     string     `json:"text,omitempty"`     // the exception, in our own words
	Response string     `json:"response,omitempty"` // management's response
	Fixed    Day        `json:"fixed,omitzero"`     // when it was put right
}

// Weakness counts the findings of one severity in a penetration test.
type Weakness struct {
	Severity string `json:"severity"` // critical, high, medium, low
	Found    int    `json:"found"`
	Open     int    `json:"open"`
}

// Register is everything the rules know of one company.
type Register struct {
	Company   string     `json:"company,omitempty"`
	Reports   []Report   `json:"reports"`
	Controls  []Control  `json:"controls"`
	Evidence  []Evidence `json:"evidence"`
	Customers []string   `json:"customers,omitempty"` // names that an answer to another customer must not hold
}

// Kind says what a report is.
type Kind string

// The kinds of reports.
const (
	SOC1            Kind = "soc1"
	ISAE3402        Kind = "isae3402"
	SOC2            Kind = "soc2"
	SOC2Plus        Kind = "soc2plus" // SOC 2 with CCM (STAR attestation) or HITRUST criteria added
	SOC3            Kind = "soc3"
	SOCCyber        Kind = "soc_cybersecurity"
	ISO27001        Kind = "iso27001"
	ISO27017        Kind = "iso27017"
	ISO27018        Kind = "iso27018"
	ISO27701        Kind = "iso27701"
	ISO42001        Kind = "iso42001"
	ISO22301        Kind = "iso22301"
	ISO9001         Kind = "iso9001"
	HITRUST         Kind = "hitrust"
	PCIDSS          Kind = "pci_dss"
	FedRAMP         Kind = "fedramp"
	CSASTAR         Kind = "csa_star"
	Pentest         Kind = "penetration_test"
	SAS70           Kind = "sas70" // superseded by SSAE 16, then SSAE 18, in 2011
	CyberEssentials Kind = "cyber_essentials"
	TISAX           Kind = "tisax"
)

// Family says how a report's word may be used.
type Family string

// The families of reports. An attestation is an auditor's opinion; a
// certification is a body's certificate; an authorization a government's.
const (
	Attestation   Family = "attestation"
	Certification Family = "certification"
	Assessment    Family = "assessment"
	Authorization Family = "authorization"
	Testing       Family = "test"
)

// kinds holds what is fixed for each kind.
var kinds = []struct {
	Kind   Kind
	Name   string
	Family Family
	Typed  bool // there are a type 1 and a type 2
}{
	{SOC1, "SOC 1", Attestation, true},
	{ISAE3402, "ISAE 3402", Attestation, true},
	{SOC2, "SOC 2", Attestation, true},
	{SOC2Plus, "SOC 2+", Attestation, true},
	{SOC3, "SOC 3", Attestation, false},
	{SOCCyber, "SOC for Cybersecurity", Attestation, false},
	{ISO27001, "ISO/IEC 27001", Certification, false},
	{ISO27017, "ISO/IEC 27017", Certification, false},
	{ISO27018, "ISO/IEC 27018", Certification, false},
	{ISO27701, "ISO/IEC 27701", Certification, false},
	{ISO42001, "ISO/IEC 42001", Certification, false},
	{ISO22301, "ISO 22301", Certification, false},
	{ISO9001, "ISO 9001", Certification, false},
	{HITRUST, "HITRUST CSF", Certification, false},
	{PCIDSS, "PCI DSS", Assessment, false},
	{FedRAMP, "FedRAMP", Authorization, false},
	{CSASTAR, "CSA STAR", Assessment, false},
	{Pentest, "penetration test", Testing, false},
	{SAS70, "SAS 70", Attestation, true},
	{CyberEssentials, "Cyber Essentials", Certification, false},
	{TISAX, "TISAX", Assessment, false},
}

// Kinds lists every kind there is.
func Kinds() []Kind {
	out := make([]Kind, len(kinds))
	for i, k := range kinds {
		out[i] = k.Kind
	}
	return out
}

// IsValid reports whether k is one of [Kinds].
func (k Kind) IsValid() bool { return slices.Contains(Kinds(), k) }

// Name returns what customers call the kind: "SOC 2", "ISO/IEC 27001".
func (k Kind) Name() string {
	for _, x := range kinds {
		if x.Kind == k {
			return x.Name
		}
	}
	return string(k)
}

// Family returns the family of the kind.
func (k Kind) Family() Family {
	for _, x := range kinds {
		if x.Kind == k {
			return x.Family
		}
	}
	return ""
}

// IsTyped reports whether reports of the kind are of type 1 or type 2.
func (k Kind) IsTyped() bool {
	for _, x := range kinds {
		if x.Kind == k {
			return x.Typed
		}
	}
	return false
}

// Opinion is the auditor's opinion.
type Opinion string

// The opinions, best first.
const (
	Unqualified Opinion = "unqualified"
	Qualified   Opinion = "qualified"
	Adverse     Opinion = "adverse"
	Disclaimer  Opinion = "disclaimer"
)

// Opinions lists every opinion there is.
func Opinions() []Opinion { return []Opinion{Unqualified, Qualified, Adverse, Disclaimer} }

// Access says who may have a report or read an answer that rests on it.
type Access string

// The levels of access, widest first.
const (
	Public   Access = "public"
	UnderNDA Access = "nda"
	Internal Access = "internal"
)

// Accesses lists every level of access there is.
func Accesses() []Access { return []Access{Public, UnderNDA, Internal} }

// TestResult is what a test of a control came to.
type TestResult string

// The results.
const (
	NoExceptions  TestResult = "no_exceptions"
	WithException TestResult = "exception"
	NotTested     TestResult = "not_tested"
)

// TestResults lists every result there is.
func TestResults() []TestResult { return []TestResult{NoExceptions, WithException, NotTested} }

// Categories are the Trust Services categories in their usual order; security
// is in every SOC 2.
func Categories() []string {
	return []string{"security", "availability", "processing integrity", "confidentiality", "privacy"}
}

// Name returns the report as customers call it: "SOC 2 Type 2", "HITRUST CSF
// r2", "ISO/IEC 27001".
func (r *Report) Name() string {
	name := r.Kind.Name()
	if r.Kind.IsTyped() && r.Type > 0 {
		name += fmt.Sprintf(" Type %d", r.Type)
	}
	switch {
	case r.Level == "":
	case r.Kind == CSASTAR:
		name += " Level " + r.Level
	default:
		name += " " + r.Level
	}
	return name
}

// End returns the last day the report itself speaks of: the end of its period,
// the day of a type 1, a certificate's last day; else the day it was issued.
func (r *Report) End() Day {
	for _, d := range []Day{r.ValidUntil, r.To, r.AsOf, r.Issued} {
		if !d.IsZero() {
			return d
		}
	}
	return Day{}
}

// staleAfter is for how many months after the end of its period an attestation
// or a test is usually taken by customers. Source: the period of a SOC 2 is at
// most 12 months and the next report follows it, so an older one means that
// there is a hole; procurement guides and the AICPA's own material on bridge
// letters assume a yearly report.
const staleAfter = 12

// CurrentUntil returns the last day on which the report may be cited as
// current: a certificate's last day; for others 12 months after their end, and
// for an attestation never longer than that whatever a bridge letter says.
func (r *Report) CurrentUntil() Day {
	if !r.ValidUntil.IsZero() {
		return r.ValidUntil
	}
	if e := r.End(); !e.IsZero() {
		return e.AddMonths(staleAfter)
	}
	return Day{}
}

// Lapsed reports whether the report can no longer be cited as current on the
// day, and no bridge letter covers the day.
func (r *Report) Lapsed(on Day) bool {
	until := r.CurrentUntil()
	if until.IsZero() || !on.After(until) {
		return false
	}
	return !r.Bridged(on)
}

// Bridged reports whether a bridge letter covers the day.
func (r *Report) Bridged(on Day) bool {
	return !r.Bridge.Until.IsZero() && !on.After(r.Bridge.Until)
}

// IsFuture reports whether the report is not issued yet on the day.
func (r *Report) IsFuture(on Day) bool {
	return !r.Issued.IsZero() && r.Issued.After(on)
}

// Standing is what a report is on a day.
type Standing string

// The standings.
const (
	StandingCurrent Standing = "current"
	StandingBridged Standing = "bridged" // its period has ended and a bridge letter covers the day
	StandingLapsed  Standing = "lapsed"  // nothing does any more
	StandingFuture  Standing = "future"  // it is not issued yet
)

// Standing returns what the report is on the day.
func (r *Report) Standing(on Day) Standing {
	switch {
	case r.IsFuture(on):
		return StandingFuture
	case r.Lapsed(on):
		return StandingLapsed
	case r.Bridged(on) && on.After(r.End()):
		return StandingBridged
	}
	return StandingCurrent
}

// HasCategory reports whether a Trust Services category is in scope.
func (r *Report) HasCategory(category string) bool {
	return slices.ContainsFunc(r.Criteria, func(c string) bool { return strings.EqualFold(c, category) })
}

// Exceptions returns the tests that ended with an exception.
func (r *Report) Exceptions() []Test {
	var out []Test
	for _, t := range r.Tests {
		if t.Result == WithException {
			out = append(out, t)
		}
	}
	return out
}

// TestOf returns the test of a control, if the report has one.
func (r *Report) TestOf(control string) (Test, bool) {
	for _, t := range r.Tests {
		if strings.EqualFold(t.Control, control) {
			return t, true
		}
	}
	return Test{}, false
}

// CarvedOut returns the subservice organisations whose controls are not in
// the report.
func (r *Report) CarvedOut() []Subservice {
	var out []Subservice
	for _, s := range r.Subservices {
		if !s.Inclusive {
			out = append(out, s)
		}
	}
	return out
}
