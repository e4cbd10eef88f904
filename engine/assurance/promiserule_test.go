package assurance

import "testing"

// TestGuaranteesOfAServiceLevelAreOnlyWarnedOf: what a contract holds may be
// said, what nobody can keep may not.
func TestGuaranteesOfAServiceLevelAreOnlyWarnedOf(t *testing.T) {
	t.Parallel()
	c := NewChecker(&Register{Company: "Northwind"}, today)
	for text, want := range map[string]Severity{
		"Our SLA guarantees 99.9 % availability per month.":         Warn,
		"We guarantee the service levels that the contract states.": Warn,
		"We guarantee 100 % uptime under all circumstances.":        Block,
		"We guarantee that no data will ever be lost.":              Block,
		"The platform is 100 % secure.":                             Block,
	} {
		got := c.Check(Statement{Question: "How reliable is the service?", Text: text, Reader: Reader{NDA: true}})
		if len(got) == 0 || got[0].Rule != "absolute-promise" || got[0].Severity != want {
			t.Errorf("%q: %+v, want %s", text, got, want)
		}
	}
}
