package engine_test

import (
	"strings"
	"testing"

	"vouch/engine"
)

// TestHalves proves what is cut, and above all what is not.
func TestHalves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ q, want string }{
		{"Is customer data encrypted at rest and in transit?", "Is customer data encrypted at rest?|Is customer data encrypted in transit?"},
		{"Is data encrypted both in transit and at rest?", "Is data encrypted in transit?|Is data encrypted at rest?"},
		{"Is data protected at rest, in transit and in use by encryption?", "Is data protected at rest by encryption?|Is data protected in transit by encryption?|Is data protected in use by encryption?"},
		{"Do you encrypt data in transit as well as at rest?", "Do you encrypt data in transit?|Do you encrypt data at rest?"},
		{"Is full disk encryption used on laptops and on servers?", "Is full disk encryption used on laptops?|Is full disk encryption used on servers?"},
		{"Is access reviewed for employees and for contractors?", "Is access reviewed for employees?|Is access reviewed for contractors?"},
		{"Is logging on in production and in test?", "Is logging on in production?|Is logging on in test?"},
		{"Do you have a WAF and a SIEM?", "Do you have a WAF?|Do you have a SIEM?"},
		{"Do you have a firewall, an intrusion detection system and a SIEM?", "Do you have a firewall?|Do you have an intrusion detection system?|Do you have a SIEM?"},
		{"Is there a risk register and a risk owner?", "Is there a risk register?|Is there a risk owner?"},
		{"Does your company maintain a bug bounty and a disclosure policy?", "Does your company maintain a bug bounty?|Does your company maintain a disclosure policy?"},
		{"Do you (a) log all access; and (b) review the logs weekly?", "Do you log all access?|Do you review the logs weekly?"},
		{"Are backups: (1) encrypted at source, (2) kept off site?", "Are backups encrypted at source?|Are backups kept off site?"},
		{"Do you run penetration tests every year? Do you scan for vulnerabilities every week?", "Do you run penetration tests every year?|Do you scan for vulnerabilities every week?"},

		{"Are there policies and procedures for access?", ""},
		{"Do you have policies and procedures for incident response?", ""},
		{"Is the confidentiality and integrity of data protected?", ""},
		{"Do you have terms and conditions?", ""},
		{"Is data at rest encrypted?", ""},
		{"Is data encrypted in transit?", ""},
		{"Do you have a security and privacy programme?", ""},
		{"Do you have a governance, risk and compliance team?", ""},
		{"Are roles and responsibilities defined?", ""},
		{"Do you have a plan for backup and recovery?", ""},
		{"Describe how data at rest is encrypted and how keys are managed in transit between sites.", ""},
		{"Do you have a disaster recovery plan? If so, how often is it tested?", ""},
		{"Is there a policy? Is it reviewed?", ""},
		{"Are joiners, movers and leavers handled?", ""},
		{"Is identity and access management centralised?", ""},
		{"Are terms (a) and (b) of the contract accepted?", ""},
		{"Do you hold SOC 2 and ISO 27001?", ""},
		{"What is the name and address of your company?", ""},
		{"Is development and production data separate?", ""},
		{"", ""},
		{"?", ""},
	} {
		if got := strings.Join(engine.Halves(c.q), "|"); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.q, got, c.want)
		}
	}
}

func FuzzHalves(f *testing.F) {
	f.Add("Is data encrypted at rest and in transit?")
	f.Add("Do you (a) x y; (b) z z?")
	f.Add("İs data at rest and in transit?")
	f.Fuzz(func(t *testing.T, q string) {
		for _, h := range engine.Halves(q) {
			if strings.TrimSpace(h) == "" || len(h) > len(q)*2+8 {
				t.Errorf("%q gives %q", q, h)
			}
		}
	})
}
