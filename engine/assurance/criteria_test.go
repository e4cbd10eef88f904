package assurance

import (
	"strings"
	"testing"
)

// TestCriteriaAreComplete counts what the frameworks have.
func TestCriteriaAreComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		framework Framework
		prefix    string
		want      int
	}{
		{TrustServices, "CC", 33}, {TrustServices, "A", 3}, {TrustServices, "C1", 2}, {TrustServices, "PI", 5}, {TrustServices, "P", 18 + 5},
		{TrustServices, "CC1.", 5}, {TrustServices, "CC2.", 3}, {TrustServices, "CC3.", 4}, {TrustServices, "CC4.", 2}, {TrustServices, "CC5.", 3},
		{TrustServices, "CC6.", 8}, {TrustServices, "CC7.", 5}, {TrustServices, "CC8.", 1}, {TrustServices, "CC9.", 2},
		{TrustServices, "P3.", 2}, {TrustServices, "P4.", 3}, {TrustServices, "P5.", 2}, {TrustServices, "P6.", 7}, {TrustServices, "", 61},
		{AnnexA, "", 93}, {AnnexA, "A.5.", 37}, {AnnexA, "A.6.", 8}, {AnnexA, "A.7.", 14}, {AnnexA, "A.8.", 34},
		{CCM, "", 197}, {CCM, "A&A-", 6}, {CCM, "AIS-", 7}, {CCM, "BCR-", 11}, {CCM, "CCC-", 9}, {CCM, "CEK-", 21}, {CCM, "DCS-", 15},
		{CCM, "DSP-", 19}, {CCM, "GRC-", 8}, {CCM, "HRS-", 13}, {CCM, "IAM-", 16}, {CCM, "IPY-", 4}, {CCM, "IVS-", 9}, {CCM, "LOG-", 13},
		{CCM, "SEF-", 8}, {CCM, "STA-", 14}, {CCM, "TVM-", 10}, {CCM, "UEM-", 14},
	} {
		n := 0
		for _, x := range CriteriaOf(c.framework) {
			if strings.HasPrefix(x.ID, c.prefix) {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s has %d criteria that start with %q, want %d", c.framework, n, c.prefix, c.want)
		}
	}
}

// TestCriteriaAreDistinct holds that no id occurs twice, and no title within a
// framework; and that every id is found under itself.
func TestCriteriaAreDistinct(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	categories := map[string]bool{}
	for _, f := range Frameworks() {
		titles := map[string]bool{}
		for _, c := range CriteriaOf(f) {
			if ids[c.ID] {
				t.Errorf("%s occurs twice", c.ID)
			}
			if folded := strings.ToLower(c.Title); titles[folded] || folded == "" {
				t.Errorf("%s: the title of %s is empty or that of another", f, c.ID)
			} else {
				titles[folded] = true
			}
			ids[c.ID] = true
			if f == TrustServices {
				categories[c.Category] = true
			}
			if found, ok := FindCriterion(c.ID); !ok || found != c {
				t.Errorf("FindCriterion(%q) = %+v, %t", c.ID, found, ok)
			}
		}
	}
	for _, c := range Categories() {
		if !categories[c] {
			t.Errorf("no criterion is of the category %s", c)
		}
	}
	if got := CriteriaOf("nist"); got != nil {
		t.Errorf("an unknown framework has %d criteria", len(got))
	}
}

func TestFindCriterionHoweverSpelled(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"CC6.1": "CC6.1", "CC 6.1": "CC6.1", "cc-6.1": "CC6.1", " cc6.1 ": "CC6.1", "CC.6.1": "CC6.1",
		"A1.2": "A1.2", "A 1.2": "A1.2", "A.1.2": "A1.2", "PI1.4": "PI1.4", "c1.2": "C1.2", "P 6.7": "P6.7",
		"A8.24": "A.8.24", "A.8.24": "A.8.24", "a 5.1": "A.5.1", "A-8.9": "A.8.9",
		"CEK-03": "CEK-03", "cek 3": "CEK-03", "CEK03": "CEK-03", "A&A-06": "A&A-06", "IAM-16.2": "IAM-16",
		"CC6.9": "", "CC0.1": "", "A.9.1": "", "A.5.38": "", "A8.240": "", "CEK-22": "", "CEK-00": "", "A1.4": "", "P9.1": "", "": "", "encryption": "", "AC-2": "", "8.24": "", "CC6.1 and CC6.2": "", "CC06.1": "",
	} {
		c, ok := FindCriterion(in)
		if c.ID != want || ok != (want != "") {
			t.Errorf("FindCriterion(%q) = %q, %t, want %q", in, c.ID, ok, want)
		}
	}
}
