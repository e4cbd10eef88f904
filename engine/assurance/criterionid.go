package assurance

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// criterionPrefixes are what may stand before a criterion's id, as [idRuns] writes it.
// Other editions of a standard number their criteria otherwise, so their
// names are not among them.
var criterionPrefixes = map[Framework][]string{
	TrustServices: {"SOC.2", "TSC", "SOC.2.TSC", "AICPA.TSC", "TSC.2017"},
	AnnexA:        {"ISO.27001", "ISO.IEC.27001", "ISO.27001.2022", "ISO.IEC.27001.2022", "ANNEX", "ISO.27001.ANNEX", "ISO.IEC.27001.ANNEX"},
	CCM:           {"CCM", "CSA.CCM", "CCM.4", "CCM.V.4", "CCM.V.4.0", "CSA.CCM.V.4"},
}

// idRuns writes an id as its runs of letters and of digits, so that "CC 6.1",
// "cc6.1" and "CC-6.01" are one: CC.6.1. "A&A-01" is AA.1.
func idRuns(id string) string {
	const none, letter, digit = 0, 1, 2
	out := make([]byte, 0, len(id)+8)
	last := none
	for _, r := range id {
		kind := none
		switch {
		case r == '&':
			continue
		case unicode.IsLetter(r):
			kind = letter
		case '0' <= r && r <= '9':
			kind = digit
		}
		if kind != none && kind != last && len(out) > 0 {
			out = append(out, '.')
		}
		if n := len(out); kind == digit && kind == last && out[n-1] == '0' && (n == 1 || out[n-2] == '.') {
			out = out[:n-1] // a leading zero
		}
		if kind != none {
			out = utf8.AppendRune(out, unicode.ToUpper(r))
		}
		last = kind
	}
	return string(out)
}

// inOrder returns the list in the order of its ids as people count, CC2.1
// before CC10.1, and of tie where ids are the same.
func inOrder[T any](list []T, id func(T) string, tie func(x, y T) int) []T {
	type keyed struct {
		runs []string
		it   T
	}
	all := make([]keyed, len(list))
	for i, it := range list {
		all[i] = keyed{strings.Split(idRuns(id(it)), "."), it}
	}
	slices.SortStableFunc(all, func(x, y keyed) int {
		c := cmp.Or(slices.CompareFunc(x.runs, y.runs, compareRuns), cmp.Compare(id(x.it), id(y.it)))
		if c == 0 && tie != nil {
			c = tie(x.it, y.it)
		}
		return c
	})
	out := make([]T, len(all))
	for i, k := range all {
		out[i] = k.it
	}
	return out
}

func compareRuns(x, y string) int {
	if startsWithDigit(x) && startsWithDigit(y) {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	}
	return cmp.Compare(x, y)
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }
