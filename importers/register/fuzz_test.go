package register

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
	"vouch/fixtures"
	"vouch/importers/list"
)

// FuzzRead reads any bytes in every way: no panic, a refusal or a part, and
// every problem with a place inside the file and a sentence that says what is
// accepted; and a sound register stays as it is under itself.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"register.yaml", "reports.csv", "tests.csv", "findings.csv"} {
		data, err := fixtures.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 3000)])
	}
	for _, s := range []string{
		`{"reports":[{"id":1,"kind":"soc2","tests":[{"control":"x","result":true}],"bridge":{"until":"2026-01-01"}}],"controls":[{"evidence":[{}]}]}`,
		"report,name,service\nr,a,b\n\nid,kind,bridge.until\nr,soc3,1/2/2026\n", "id,title,criteria,soc 2\na,b,c,(d\n",
		`{"catalog":{"metadata":{"title":"t","oscal-version":"1.1.3"},"groups":[{"id":"a","controls":[{"id":"ac-2","title":"x","parts":[{"name":"statement","prose":"{{ insert: param, p }}"}]}]}]}}`,
		`{"component-definition":{"components":[{"title":"t","control-implementations":[{"implemented-requirements":[{"control-id":"ac-2","description":"d","props":[{"name":"owner","value":"o"}]}]}]}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 8<<10 {
			t.Skip("larger than what shows something new")
		}
		var tb list.Table
		for line := range strings.Lines(strings.ToValidUTF8(string(data), "")) {
			tb.Rows = append(tb.Rows, strings.Split(strings.TrimSpace(line), ","))
		}
		for _, read := range []func() (*Part, []Problem, error){
			func() (*Part, []Problem, error) { return ReadJSON(data, "f") },
			func() (*Part, []Problem, error) { return ReadYAML(data, "f") },
			func() (*Part, []Problem, error) { return ReadTables([]list.Table{tb, tb}, "f") },
		} {
			p, problems, err := read()
			if err != nil {
				var refused *engine.RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("not a refusal: %v", err)
				}
				continue
			}
			_, more := Join(p, p)
			for _, x := range append(problems, more...) {
				if x.Place.File != "f" || x.Place.Line > len(data)+1 || !strings.Contains(x.Text, ";") {
					t.Fatalf("%+v", x)
				}
			}
			r, wrong := Join(p)
			again, more := JoinOver(r, p)
			if len(wrong) > 0 {
				continue
			}
			if d := cmp.Diff(r, again, asWritten); d != "" || len(more) > 0 {
				t.Fatalf("laid over itself: %v (-want +got):\n%s", more, d)
			}
		}
	})
}
