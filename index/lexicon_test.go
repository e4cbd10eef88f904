package index

import (
	"slices"
	"strings"
	"testing"
)

func TestDefaultLexicon(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	if n := len(l.concepts); n < 320 {
		t.Errorf("%d concepts, want 320 at least", n)
	}
	for _, same := range [][]string{
		{"Do you run penetration tests?", "Is ethical hacking performed?", "Annual pen-testing"},
		{"Access is revoked on termination", "offboarding checklist", "removal of access for leavers", "de-provisioning"},
		{"MFA", "two-step verification", "multi-factor authentication", "2FA"},
		{"sub-processors", "fourth parties", "subcontractor list"},
		{"data protection officer", "DPO"},
		{"encryption at rest", "stored data is encrypted", "full-disk encryption"},
		{"offboarding", "access removed when people leave", "leaver", "termination of employment", "Access rights are withdrawn on the last working day"},
		{"two-step verification", "MFA", "second factor"},
		{"How long is data kept?", "retention period", "How long do you store our data"},
		{"Is data encrypted where it is stored?", "encryption at rest", "Are disks encrypted"},
		{"Is data encrypted over the network?", "encryption in transit", "Is data encrypted on its way to you"},
		{"Who is accountable for security?", "Who is responsible for information security", "CISO"},
		{"proof of restore", "restore test", "Are backups tested"},
		{"right to audit", "May customers audit you?", "audit rights"},
		{"escrow", "Is the source code deposited with an escrow agent"},
		{"responsible disclosure", "vulnerability disclosure policy", "coordinated disclosure"},
		{"secrets management", "Are credentials stored in a vault? secret store", "hardcoded credentials"},
		{"break glass", "emergency access"},
		{"segregation of duties", "four eyes", "dual control"},
		{"least privilege", "need to know", "need-to-know"},
		{"joiner mover leaver", "Is access adjusted on a change of role"},
		{"DPIA", "privacy impact assessment", "PIA"},
		{"standard contractual clauses", "SCCs", "transfer mechanism"},
		{"records of processing", "RoPA", "record of processing activities"},
		{"uptime", "availability target", "What availability do you guarantee"},
		{"tabletop", "incident response exercise", "table-top"},
		{"immutable backup", "air gap", "offline copy", "air-gapped backups"},
		{"privacy by design", "data protection by design"},
		{"data classification", "information classification"},
		{"acceptable use", "AUP"},
		{"clean desk", "clear desk"},
		{"CCTV", "video surveillance", "security cameras"},
		{"UPS", "diesel generators", "power failure", "uninterruptible power supply"},
		{"SBOM", "software bill of materials", "inventory of components"},
		{"SAST", "static analysis", "source code analysis"},
		{"DAST", "dynamic testing", "fuzzing"},
		{"container image", "image scanning"},
		{"IaC", "infrastructure as code", "Terraform"},
		{"EDR", "endpoint protection", "endpoint detection and response"},
		{"antivirus", "anti-malware", "malware protection"},
		{"BYOD", "personal devices", "bring your own device"},
		{"MDM", "mobile device management"},
		{"DLP", "data loss prevention", "data leakage prevention"},
		{"SIEM", "log correlation", "centralised logging", "central logging"},
		{"security operations centre", "24x7 SOC"},
		{"privileged accounts", "administrator access", "root accounts", "PAM"},
		{"service accounts", "non-human identities"},
		{"session timeout", "Are idle sessions ended"},
		{"screen lock", "automatic lock after inactivity"},
		{"training AI on customer data", "Do you use our data to train models"},
		{"accessibility", "WCAG", "VPAT", "screen readers"},
		{"cyber insurance", "cyber liability"},
		{"BYOK", "customer-managed keys", "bring your own key"},
		{"HSM", "hardware security modules"},
		{"key rotation", "Are keys rotated"},
		{"IP allow-list", "IP whitelisting"},
		{"WAF", "web application firewall"},
		{"DDoS", "denial of service", "denial-of-service"},
		{"intrusion detection", "IDS", "IPS"},
		{"zero trust", "ZTNA"},
		{"Wi-Fi", "wireless network", "WLAN"},
		{"network segmentation", "Is the network divided into zones? network zones", "VLAN"},
		{"penetration test", "ethical hacking", "pen-test"},
		{"red team", "purple team"},
		{"remediation times", "timeframe for patching critical vulnerabilities", "How quickly do you patch"},
		{"CVSS", "How are vulnerabilities prioritised"},
		{"rollback", "back out", "revert a change"},
		{"change advisory board", "change management", "CAB"},
		{"threat modelling", "threat modeling"},
		{"code review", "peer review", "pull request"},
		{"production data in test", "live data in test environments"},
		{"lessons learned", "post-mortem", "post-incident review"},
		{"root cause analysis", "RCA"},
		{"business continuity plan", "BCP", "continuity of operations"},
		{"RTO", "recovery time objective"},
		{"RPO", "recovery point objective"},
		{"failover", "fail over", "automatic failover"},
		{"risk register", "register of risks"},
		{"risk appetite", "risk tolerance", "risk acceptance"},
		{"policy exception", "waiver", "deviation from policy"},
		{"steering committee", "management commitment", "top management"},
		{"background check", "vetting", "criminal records"},
		{"NDA", "non-disclosure agreement", "confidentiality agreement"},
		{"code of conduct", "code of ethics"},
		{"phishing simulation", "simulated phishing"},
		{"HIPAA", "business associate agreement"},
		{"PCI", "cardholder data", "card data PCI"},
		{"GDPR", "General Data Protection Regulation"},
		{"CCPA", "California Consumer Privacy Act"},
		{"FERPA", "student records"},
		{"SCIM", "automatic user provisioning"},
		{"data centre certifications", "Is the data center certified"},
		{"multi-tenancy", "Is our data separated from other customers' data? logical separation"},
		{"webhook", "webhooks signed"},
		{"subcontractors", "sub-processors", "fourth parties"},
		{"NTP", "clock synchronisation", "time source"},
		{"end of life", "unsupported software", "EOL"},
		{"DMARC", "SPF", "DKIM"},
		{"status page", "Is there a public status page"},
		{"bug bounty", "reward researchers"},
		{"law enforcement requests", "subpoena", "court order"},
		{"certificate of destruction", "proof of deletion"},
		{"password complexity", "password length"},
		{"salted hash", "How are passwords hashed"},
	} {
		common := l.conceptsIn(l.analyzer.Tokens(same[0]))
		for _, s := range same[1:] {
			other := l.conceptsIn(l.analyzer.Tokens(s))
			common = slices.DeleteFunc(slices.Clone(common), func(c uint16) bool { return !slices.Contains(other, c) })
		}
		if len(common) == 0 {
			t.Errorf("%q have no concept in common", same)
		}
	}
}

// TestLexiconKeepsApart has questions with no concept in common, though their
// words look or stem alike.
func TestLexiconKeepsApart(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	for _, pair := range [][2]string{
		{"Do you have a SOC?", "Do you have a SOC 2 report?"},
		{"Is the product accessible? accessibility", "Is access to the product restricted?"},
		{"Are audit records generated?", "Is there a diesel generator?"},
		{"Have you appointed a Data Protection Officer?", "Is access to the office restricted?"},
		{"What data does the service contain?", "Do you use containers?"},
		{"Are least privilege principles applied?", "Are privileged accounts monitored?"},
		{"Is tokenization used?", "How long are access tokens valid?"},
		{"Do you conduct internal audits?", "Is there a code of conduct?"},
		{"What services do you provide?", "Do you assess service providers?"},
		{"Are environments separated?", "Are environmental conditions monitored?"},
		{"Do you perform penetration tests?", "Do you test performance?"},
		{"Is internal transfer handled?", "Is there an international transfer of data?"},
		{"Do you respond promptly?", "Is prompt injection prevented?"},
		{"Is the integration tested?", "Is the integrity of data checked?"},
	} {
		other := l.conceptsIn(l.analyzer.Tokens(pair[1]))
		for _, c := range l.conceptsIn(l.analyzer.Tokens(pair[0])) {
			if slices.Contains(other, c) {
				t.Errorf("%q have the concept %q in common", pair, l.concepts[c].name)
			}
		}
	}
}

// TestLexiconContrasts has questions that share their words, where a yes to
// one is no yes to the other.
func TestLexiconContrasts(t *testing.T) {
	t.Parallel()
	l := mustLexicon(t)
	for _, pair := range [][2]string{
		{"Do you use our data to train artificial intelligence?", "Does your service use artificial intelligence?"},
		{"Are root cause analyses made available to affected clients?", "Do you analyse the root cause of incidents?"},
		{"Can customers manage their own encryption keys?", "How are encryption keys managed?"},
		{"Is data encrypted at rest?", "Is data encrypted in transit?"},
		{"Is MFA available for customer logins?", "Is MFA enforced for internal applications?"},
	} {
		a, b := l.analyse(fields{head: pair[0]}).doc, l.analyse(fields{head: pair[1]}).doc
		if l.contrasted(&a.facts, &b.facts) == "" {
			t.Errorf("%q are no contrast", pair)
		}
	}
}

func TestLexiconRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"PhraseInTwoConcepts":    {"[concepts]\na: pen test; x\nb: pen-tests", `line 3: "pen-tests" is in concept "a" already`},
		"LooseAnyOrder":          {"[concepts]\na: ~one two\nb: ~two one", "already"},
		"ConceptTwice":           {"[concepts]\na: x\na: y", `line 3: "a" is on line 2 already`},
		"NoName":                 {"[concepts]\nx; y", "want name: phrase; phrase"},
		"OnlyStopWords":          {"[concepts]\na: of the", "no words to find it by"},
		"UnknownSection":         {"[things]\na: b", "no section [things]"},
		"SpellingJoinedTwice":    {"[joins]\nab: a b\ncd: a b", "joined to"},
		"OneSide":                {"[opposites]\na: x", "sides parted by"},
		"PhraseOnBothSides":      {"[opposites]\na: x | x", "is on side"},
		"SideWithoutPhrases":     {"[contrasts]\na: x | ", "a side has no phrases"},
		"ThreeSidesOfAnOpposite": {"[opposites]\na: x | y | z", "two of an opposite"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseLexicon(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
