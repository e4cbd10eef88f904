package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/engine"
)

// controlsOf lists controls as programs get them, without what an import makes.
func controlsOf(t testing.TB, data string) []engine.Control {
	t.Helper()
	var out []engine.Control
	if err := json.Unmarshal([]byte(must(t, "controls", "list", "--data", data, "--format", "json")), &out); err != nil {
		t.Fatal(err)
	}
	for i := range out {
		out[i].ID, out[i].Version, out[i].Source = "", 0, engine.Source{}
	}
	return out
}

// TestControlsRoundTrip proves that controls are imported as they were
// exported, in every form, and that importing them over themselves changes
// nothing, domains and all.
func TestControlsRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "controls", "import", fixture(t, dir, "controls.csv"), "--data", data)
	must(t, "reports", "import", fixture(t, dir, "register.yaml"), "--data", data) // says what is planned
	want := controlsOf(t, data)
	if len(want) < 80 || want[0].Domain == "" {
		t.Fatalf("%d controls, the first %+v", len(want), want[0])
	}
	for format, name := range map[string]string{"csv": "c.csv", "json": "c.json", "yaml": "c.yaml", "oscal": "c.oscal.json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), name)
			must(t, "controls", "export", "--format", format, "-o", file, "--data", data)
			contains(t, must(t, "controls", "import", file, "--data", data), name+": 0 added, 0 changed,")
			again := filepath.Join(t.TempDir(), "data")
			contains(t, must(t, "controls", "import", file, "--data", again), " 0 changed, 0 unchanged, 0 refused")
			expected := append([]engine.Control(nil), want...)
			if format == "yaml" || format == "oscal" {
				for i := range expected {
					expected[i].Domain = ""
				}
			}
			if d := cmp.Diff(expected, controlsOf(t, again)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if d := cmp.Diff(want, controlsOf(t, data)); d != "" {
		t.Errorf("importing what was exported changed (-want +got):\n%s", d)
	}
}

// TestControlsImportForms proves that lists, OSCAL and register files are told
// apart, in one call too, and that of a register file the controls are taken
// and no more.
func TestControlsImportForms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	const meta = `"metadata":{"title":"t","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3"}`
	catalog := write(t, dir, "catalog.json", `{"catalog":{`+meta+`,"controls":[{"id":"ac-2","title":"Accounts","props":[{"name":"label","value":"AC-2"}]}]}}`)
	component := write(t, dir, "component.yaml", "component-definition:\n  metadata: {title: t, last-modified: '2026-01-01T00:00:00Z', version: '1', oscal-version: 1.1.3}\n  components:\n    - type: service\n      title: App\n      description: d\n      control-implementations:\n        - source: x\n          description: d\n          implemented-requirements:\n            - control-id: cc6.1\n              description: Access by ticket.\n              props: [{name: implementation-status, value: partial, remarks: All by June.}]\n")
	table := write(t, dir, "list.csv", "id,domain,title,status,planned\nXX-1,Things,Thing,Planned,By May.\n")
	out := must(t, "controls", "import", catalog, table, component, fixture(t, dir, "register.yaml"), "--data", data)
	contains(t, out, "catalog.json: 1 added", "component.yaml: 1 added", "list.csv: 1 added", "register.yaml: 102 added")
	got := map[string]engine.Control{}
	for _, c := range controlsOf(t, data) {
		got[c.Ref] = c
	}
	for _, want := range []engine.Control{
		{Ref: "ac-2", Title: "Accounts", Criteria: []string{"AC-2"}, Status: "planned"},
		{Ref: "cc6.1", Description: "Access by ticket.", Criteria: []string{"CC6.1"}, Status: "partial", Planned: "All by June."},
		{Ref: "XX-1", Domain: "Things", Title: "Thing", Status: "planned", Planned: "By May."},
	} {
		if d := cmp.Diff(want, got[want.Ref]); d != "" {
			t.Errorf("%s (-want +got):\n%s", want.Ref, d)
		}
	}
	if code, _, stderr := vouch(t, "reports", "list", "--data", data); code != exitRefused || !strings.Contains(stderr, "no reports yet") {
		t.Errorf("exit %d: %s: want the reports left out", code, stderr)
	}
	bad := write(t, dir, "bad.json", `{"catalog":{`+meta+`,"controls":[{"id":"ac 3","title":"x"}]}}`)
	if code, _, stderr := vouch(t, "controls", "import", bad, "--data", data); code != exitRefused || !strings.Contains(stderr, "bad.json:1:") || !strings.Contains(stderr, "catalog.controls[0].id: it is no token of OSCAL; accepted:") || !strings.Contains(stderr, "bad.json was not taken") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestControlsShow proves that a control comes with its evidence and tests.
func TestControlsShow(t *testing.T) {
	t.Parallel()
	_, data := sampleRegister(t)
	contains(t, must(t, "controls", "show", "ac-05", "--data", data, "--on", onDay), "AC-05: Quarterly access review", "CC6.2, CC6.3", "EV-2026-002", "stale", "soc2-2026", "16 days late")
	contains(t, must(t, "controls", "show", "MV-09", "--data", data), "planned", "30 June 2027")
	var v controlView
	if err := json.Unmarshal([]byte(must(t, "controls", "show", "AC-05", "--data", data, "--format", "json")), &v); err != nil || v.Ref != "AC-05" || len(v.Evidence) != 2 || len(v.Tests) != 2 || v.Told == nil {
		t.Errorf("%v, %+v", err, v)
	}
	if code, _, stderr := vouch(t, "controls", "show", "AC-99", "--data", data); code != exitRefused || !strings.Contains(stderr, "vouch controls list") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
