package index

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	a := mustLexicon(t).analyzer
	for _, c := range []struct{ name, text, want string }{
		{"LowerCase", "Firewall FIREWALL ﬁrewall", "firewal firewal firewal"},
		{"KeepsNegation", "No data is not stored without a key, never", "no data not store without key never"},
		{"ContractionIsNot", "We don't; they don’t; it cannot; it isn't", "not not not not"},
		{"KeepsQuantifiers", "all of the logs, at least once, only", "all log atleast onc only"},
		{"DropsStopWords", "Do you have the policies and procedures in place?", "polici procedur place"},
		{"ProtectsAcronyms", "mTLS IPsec AWS SaaS DNS IDS", "mtls ipsec aws saas dns ids"},
		{"AcronymPlurals", "NDAs VPNs APIs", "nda vpn api"},
		{"ControlIDs", "CC6.1, A.8.24; IAM-14.1 (A&A-02.1) AC-01.", "cc6.1 a.8.24 iam-14.1 a&a-02.1 ac-01"},
		{"SOC2", "SOC2 SOC 2 SOC-2 soc ii", "soc2 soc2 soc2 soc ii"},
		{"ISO", "ISO 27001 ISO27001 ISO/IEC 27001 iso-27001", "iso27001 iso27001 iso27001 iso27001"},
		{"TLS", "TLS 1.2 TLS1.2 TLSv1.2 TLS v1.2+", "tls1.2 tls tls1.2 tls tls1.2 tls tls1.2 tls"},
		{"AES", "AES-256 AES256 AES 256", "aes256 aes aes256 aes aes256 aes"},
		{"Type", "Type II, type 2, TYPE-2", "type2 type2 type2"},
		{"TypeOfWhat", "type of data", "type data"},
		{"Email", "e-mail email E-Mail", "email email email"},
		{"CICD", "CI/CD pipeline", "cicd pipelin"},
		{"Slash", "and/or BCP/DR", "bcp dr"},
		{"Prefixes", "sub-processor sub processor subprocessor", "subprocessor subprocessor subprocessor"},
		{"Joins", "back up, back-ups are backups; third-party, third party; log in", "backup backup backup thirdparti thirdparti login"},
		{"Hyphens", "role-based 90-day", "role base 90 day"},
		{"Numbers", "1,000 users 99.9% 24/7", "1000 user 99.9 24 7"},
		{"Possessive", "the organization's vendor’s", "organ vendor"},
		{"OtherLanguages", "Datensicherung über Größe", "datensicherung über größe"},
		{"Empty", " .,-/ '' ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(strings.Fields(c.want), append([]string{}, a.Tokens(c.text)...)); d != "" && (c.want != "" || len(a.Tokens(c.text)) > 0) {
				t.Errorf("tokens of %q (-want +got):\n%s", c.text, d)
			}
		})
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"Do you support TLS 1.2+?", "A.8.24/CC6.1", "don't", "a-b.c/d&e_f'g", "ISO/IEC 27001:2022", "type ii", "ﬁ½²", "\xff\xfe", strings.Repeat("é", 100)} {
		f.Add(s)
	}
	lex, err := DefaultLexicon()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tokens := lex.analyzer.Tokens(s)
		for _, tok := range tokens {
			if tok == "" || len(tok) > maxTokenBytes+8 || strings.ContainsAny(tok, " \t\n"+separator) {
				t.Errorf("token %q of %q", tok, s)
			}
			if utf8.ValidString(s) && !utf8.ValidString(tok) {
				t.Errorf("token %q of %q is broken", tok, s)
			}
		}
		if d := cmp.Diff(tokens, lex.analyzer.Tokens(s)); d != "" {
			t.Errorf("tokens of %q change:\n%s", s, d)
		}
		lex.analyse(fields{head: s, body: s, section: s})
	})
}
