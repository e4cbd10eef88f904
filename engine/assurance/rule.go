package assurance

// Rule is one thing that the claim check looks for.
type Rule struct {
	ID       string
	Severity Severity // unless a finding says another
	Says     string   // what it means, in one sentence
	Source   string   // where the rule comes from

	check func(*Checker, *draft) []Finding
}

// Rules lists every rule of [Checker.Check] in the order they are applied.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var rules []Rule

func init() {
	rules = []Rule{
		{"control-not-implemented", Correct, "a yes rests on a control that is planned, partly in place, retired or not applicable",
			"the register: a control that does not run supports no yes", (*Checker).controlNotImplemented},
		{"exception-not-named", Correct, "a control is cited whose test ended with an exception that the answer does not name",
			"SOC 2 reports list exceptions with management's response; to cite the control without them tells half", (*Checker).exceptionNotNamed},
		{"type1-effectiveness", Block, "a type 1 report is given for controls having operated effectively",
			"AICPA SSAE 18, AT-C 320 and SOC 2 guide: a type 1 speaks of design on a day, a type 2 of operation over a period", (*Checker).type1Effectiveness},
		{"report-lapsed", Block, "a report is presented as current that has lapsed and that no bridge letter covers",
			"customers take a report for 12 months after its period; a certificate until its last day", (*Checker).reportLapsed},
		{"criterion-not-in-scope", Block, "a report is said to cover a category or criterion that is not in its scope",
			"the report's section on scope; of the Trust Services Criteria only security is in every SOC 2", (*Checker).criterionNotInScope},
		{"soc2-for-financial", Block, "a SOC 2, SOC 3 or ISO certificate is given for controls over financial reporting",
			"AICPA: SOC 1 (AT-C 320) is the report on controls relevant to user entities' financial reporting", (*Checker).soc2ForFinancial},
		{"soc1-for-security", Block, "a SOC 1 or ISAE 3402 report is given for security or the Trust Services Criteria",
			"AICPA: SOC 1 has control objectives, not Trust Services Criteria", (*Checker).soc1ForSecurity},
		{"attestation-certified", Correct, "an attestation is called a certification",
			"a SOC report is an auditor's opinion under attestation standards; nobody is certified by it", (*Checker).attestationCertified},
		{"restricted-content", Block, "content that may go out only under NDA is given to a reader without one, or published",
			"SOC 1 and SOC 2 reports are restricted-use reports (AT-C 205.64); the register's access level for others", (*Checker).restrictedContent},
		{"carve-out-covered", Block, "a subservice organisation that is carved out is presented as covered",
			"carve-out method: the subservice organisation's controls are not in the report", (*Checker).carveOutCovered},
		{"no-such-report", Block, "a report or certificate is claimed that the register does not hold",
			"the register is what the company can show", (*Checker).noSuchReport},
		{"register-type", Block, "the type of a report is another in the register", "the register", (*Checker).registerType},
		{"register-period", Block, "the period of a report is another in the register", "the register", (*Checker).registerPeriod},
		{"register-auditor", Block, "the auditor or certification body is another in the register", "the register", (*Checker).registerAuditor},
		{"register-certificate", Block, "the number of a certificate is another in the register", "the register", (*Checker).registerCertificate},
		{"register-opinion", Block, "the opinion, or that there were no exceptions, is otherwise in the register", "the register", (*Checker).registerOpinion},
		{"register-date", Block, "a date of a report is another in the register", "the register", (*Checker).registerDate},
		{"superseded-standard", Warn, "a superseded standard is presented as current",
			"SAS 70 was superseded in June 2011 by SSAE 16, and that by SSAE 18 in May 2017", (*Checker).supersededStandard},
		{"absolute-promise", Block, "something is promised that no control can keep",
			"counsel's usual objection: an absolute statement is a warranty in the making, and is false the first time", (*Checker).absolutePromise},
		{"legal-commitment", Block, "the answer commits the company in law: liability, penalties, indemnity, audit without limits",
			"such commitments belong into the contract and to those who may sign it", (*Checker).legalCommitment},
		{"other-customer", Block, "another customer is named", "confidentiality owed to every customer", (*Checker).otherCustomer},
		{"past-date-as-future", Block, "a date that has passed is presented as in the future", "the calendar", (*Checker).pastDateAsFuture},
	}
}
