package list

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

// TestControlsAreReadAsWritten holds that both forms of an exported list read
// back to the same controls.
func TestControlsAreReadAsWritten(t *testing.T) {
	t.Parallel()
	want := []engine.Control{
		{Ref: "AC-01", Domain: "Access", Title: "=Access, by ticket", Description: "One line.\nAnother \"line\".", Criteria: []string{"CC6.1", "A.8.24"}, Owner: "Ann", Frequency: "annual", Status: "partial", Planned: "By June."},
		{Ref: "AC-02", Title: "x"},
	}
	same := func(name string, got []engine.Control, problems []Problem, err error) {
		t.Helper()
		for i := range got {
			got[i].Source = engine.Source{}
		}
		if d := cmp.Diff(want, got); d != "" || err != nil || len(problems) > 0 {
			t.Errorf("%s: %v, %v (-want +got):\n%s", name, err, problems, d)
		}
	}
	var c, j bytes.Buffer
	if err := WriteControlsCSV(&c, want); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(c.Bytes(), []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got, problems, err := Controls(Table{Rows: rows}, "a.csv")
	same("CSV", got, problems, err)
	if err := WriteControlsJSON(&j, want); err != nil {
		t.Fatal(err)
	}
	got, problems, err = ControlsJSON(j.Bytes(), "a.json")
	same("JSON", got, problems, err)
}
