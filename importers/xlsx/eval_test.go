package xlsx

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vouch/engine"
)

// truthValues reads the answer cells of a real workbook and makes up a value
// for each.
func truthValues(t testing.TB, file string) []engine.PartValue {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Skipf("no evaluation file: %v", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, h := range rows[0] {
		at[h] = i
	}
	seen := map[string]bool{}
	var values []engine.PartValue
	for _, row := range rows[1:] {
		v := engine.PartValue{Part: engine.Part{
			Kind:    engine.PartKind(row[at["part"]]),
			Locator: engine.Locator{Sheet: row[at["sheet"]], Cells: strings.Split(row[at["cells"]], "|")},
		}, Value: "We do <this> & that.\nSecond line, " + row[at["ref"]]}
		if o := row[at["options"]]; o != "" {
			v.Part.Options = strings.Split(o, "|")
			v.Value = v.Part.Options[0]
		}
		if key := v.Part.Locator.String(); !seen[key] {
			seen[key] = true
			values = append(values, v)
		}
	}
	return values
}

func TestRealWorkbooksAreWrittenWithoutLoss(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	judge := filepath.Join(evalDir, "../check/lossless.py")
	for _, name := range []string{"hecvat-4.1.4", "caiq-3.0.1", "caiq-4.0.3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := filepath.Join(evalDir, "workbooks", name)
			truth, src := base+".truth.tsv", base+".xlsx"
			if _, err := os.Stat(src); err != nil {
				src = base + "-filled.xlsx"
			}
			values := truthValues(t, truth)
			dst := filepath.Join(t.TempDir(), "out.xlsx")
			report, err := WriteFile(context.Background(), src, dst, values, WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d written, %d kept", len(report.Written), len(report.Kept))
			if name == "caiq-4.0.3" { // filled: everything is kept, unless told otherwise
				report, err = WriteFile(context.Background(), src, dst, values, WriteOptions{Overwrite: true})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d written, %d kept, %d cleared", len(report.Written), len(report.Kept), len(report.Cleared))
			}
			out, err := exec.Command(python, judge, src, dst, truth).CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Skip(err)
			}
			t.Logf("%s", out)
			if err != nil {
				t.Errorf("the judge found violations")
			}
		})
	}
}
