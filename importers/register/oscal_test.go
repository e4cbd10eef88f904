package register

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/engine/assurance"
)

const metadata = `"metadata":{"title":"t","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3","roles":[{"id":"iso","title":"Head of Security"}]}`

// component wraps requirements as a component definition.
func component(requirements string) string {
	return "{\"component-definition\":{" + metadata + ",\"components\":[{\"type\":\"service\",\"title\":\"Platform\",\"description\":\"d\",\"control-implementations\":[{\"source\":\"#x\",\"description\":\"d\",\"implemented-requirements\":[\n" + requirements + "\n]}]}]}}"
}

// TestOSCALControls holds what becomes of the controls of other tools.
func TestOSCALControls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read readFunc
		in   string
		want []assurance.Control
	}{
		"Component": {ReadJSON, component(`{"control-id":"ac-2","description":"Accounts are granted by ticket.","props":[{"name":"implementation-status","value":"partial","remarks":"Service accounts by March."}],
			"responsible-roles":[{"role-id":"iso"}],"statements":[{"statement-id":"ac-2_smt.a","description":"Kinds of accounts are listed."}]}`), []assurance.Control{
			{ID: "ac-2", Text: "Accounts are granted by ticket.\nKinds of accounts are listed.", Criteria: []string{"AC-2"}, Owner: "Head of Security", Status: assurance.Partial, Planned: "Service accounts by March."},
		}},
		"OwnerByProperty": {ReadJSON, component(`{"control-id":"cc6.1","description":"x","props":[{"name":"owner","value":"Ann"},{"name":"frequency","value":"Yearly"},{"name":"implementation-status","value":"not-applicable"}]}`), []assurance.Control{
			{ID: "cc6.1", Text: "x", Criteria: []string{"CC6.1"}, Owner: "Ann", Frequency: "annual", Status: assurance.NotApplicable},
		}},
		"SetParameters": {ReadJSON, component(`{"control-id":"sc-8","description":"See below.","set-parameters":[{"param-id":"p","values":["secrecy","order"]}],"statements":[{"statement-id":"sc-8_smt","description":"TLS guards {{ insert: param, p }} and {{insert: param, q}}."}]}`), []assurance.Control{
			{ID: "sc-8", Text: "See below.\nTLS guards secrecy, order and [to be set].", Criteria: []string{"SC-8"}},
		}},
		"SeveralComponents": {ReadJSON, `{"component-definition":{` + metadata + `,"components":[
			{"title":"App","description":"d","type":"software","control-implementations":[{"implemented-requirements":[{"control-id":"ac-7","description":"Locks.","props":[{"name":"implementation-status","value":"implemented"}]}]}]},
			{"title":"VPN","description":"d","type":"service","control-implementations":[{"implemented-requirements":[{"control-id":"AC-7","description":"Will lock.","props":[{"name":"implementation-status","value":"planned"}]}]}]}]}}`, []assurance.Control{
			{ID: "ac-7", Text: "App: Locks.\nVPN: Will lock.", Criteria: []string{"AC-7"}, Status: assurance.Partial},
		}},
		"Catalog": {ReadJSON, `{"catalog":{` + metadata + `,"groups":[{"id":"ac","title":"Access","controls":[{"id":"ac-2","title":"Accounts","params":[{"id":"ac-2_prm_1","label":"number of days"},{"id":"odp","select":{"how-many":"one","choice":["weeks","{{ insert: param, ac-2_prm_1 }}"]}}],
			"props":[{"name":"label","value":"AC-2"}],
			"parts":[{"name":"statement","prose":"The organisation:","parts":[{"name":"item","prose":"removes accounts after {{ insert: param, odp }};","props":[{"name":"label","value":"a."}]}]},{"name":"guidance","prose":"Much to read."}],
			"controls":[{"id":"ac-2.1","title":"By machine","props":[{"name":"label","value":"AC-2(1)"},{"name":"status","value":"withdrawn"}]}]}]}]}}`, []assurance.Control{
			{ID: "ac-2", Title: "Accounts", Text: "The organisation:\na. removes accounts after [weeks / [number of days]];", Criteria: []string{"AC-2"}, Status: assurance.Planned},
			{ID: "ac-2.1", Title: "By machine", Criteria: []string{"AC-2(1)"}, Status: assurance.Retired},
		}},
		"YAML": {ReadYAML, "catalog:\n  metadata: {title: t, oscal-version: v1.2.2}\n  controls:\n    - id: own-1\n      title: T\n      props:\n        - name: implementation-status\n          value: implemented\n", []assurance.Control{
			{ID: "own-1", Title: "T", Criteria: []string{"OWN-1"}, Status: assurance.Implemented},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := mustJoin(t, mustRead(t, c.read, []byte(c.in)))
			if d := cmp.Diff(c.want, r.Controls); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestOSCALProblems holds that broken OSCAL is refused with file, line, field
// and what is accepted.
func TestOSCALProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"UnknownField":   {component(`{"control-id":"ac-2","descripton":"x"}`), "a.json, line 2, column 22: component-definition.components[0].control-implementations[0].implemented-requirements[0].descripton: there is no such field, the nearest is description; accepted: uuid, control-id,"},
		"MissingField":   {component(`{"control-id":"ac-2"}`), "a.json, line 2, column 1: component-definition.components[0].control-implementations[0].implemented-requirements[0].description: the field is missing"},
		"NoToken":        {component(`{"control-id":"ac 2","description":"x"}`), "a.json, line 2, column 15: component-definition.components[0].control-implementations[0].implemented-requirements[0].control-id: it is no token of OSCAL; accepted: a letter"},
		"NoUUID":         {component(`{"uuid":"1","control-id":"ac-2","description":"x"}`), "a.json, line 2, column 9: component-definition.components[0].control-implementations[0].implemented-requirements[0].uuid: it is no UUID"},
		"UnknownStatus":  {component(`{"control-id":"ac-2","description":"x","props":[{"name":"implementation-status","value":"done"}]}`), "a.json, line 2, column 89: component-definition.components[0].control-implementations[0].implemented-requirements[0].props[0].value: it is no implementation status; accepted: implemented, partial, planned, alternative, not-applicable"},
		"WrongKind":      {component(`"ac-2"`), "a.json, line 2, column 1: component-definition.components[0].control-implementations[0].implemented-requirements[0]: expected an object, got text; accepted: implemented requirement with uuid"},
		"NumberForText":  {component(`{"control-id":"ac-2","description":5}`), "a.json, line 2, column 36: component-definition.components[0].control-implementations[0].implemented-requirements[0].description: expected text, got number"},
		"NoMetadata":     {`{"catalog":{"controls":[]}}`, "a.json, line 1, column 12: catalog.metadata: the field is missing"},
		"OtherVersion":   {`{"catalog":{"metadata":{"title":"t","oscal-version":"2.0.0"}}}`, "a.json, line 1, column 53: catalog.metadata.oscal-version: this version of OSCAL is not read; accepted: 1.0.x, 1.1.x, 1.2.x"},
		"ListExpected":   {`{"catalog":{` + metadata + `,"controls":{}}}`, "catalog.controls: expected a list, got object"},
		"OtherModel":     {`{"catalog":{` + metadata + `},"profile":{}}`, "profile: there is no such field; accepted: catalog, component-definition"},
		"SameIDInSource": {`{"catalog":{` + metadata + `,"controls":[{"id":"a-1","title":"x"},` + "\n" + `{"id":"A-1","title":"y"}]}}`, "a.json, line 2, column 7: controls[1].id: controls[0] has the same id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems, err := ReadJSON([]byte(c.in), "a.json")
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) == 0 {
				_, problems = Join(p)
			}
			for _, x := range problems {
				if strings.Contains(x.String(), c.want) {
					return
				}
			}
			t.Errorf("no problem says %q:\n%v", c.want, problems)
		})
	}
}

var modified = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// TestOSCALRoundTrip holds that controls survive their way through OSCAL, and
// that what is written keeps to the forms of OSCAL.
func TestOSCALRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := genRegister().Draw(t, "register")
		var b bytes.Buffer
		if err := WriteOSCAL(&b, want.Company, want.Controls, modified); err != nil {
			t.Fatal(err)
		}
		p, problems, err := ReadJSON(b.Bytes(), "a")
		if d := cmp.Diff(want.Controls, joined(t, p, problems, err).Controls, asWritten); d != "" {
			t.Fatalf("(-want +got):\n%s\n%s", d, b.Bytes())
		}
	})
}

// TestOSCALIsStable holds that UUIDs follow from the ids alone, each is another
// one, and nothing but the time differs between two versions.
func TestOSCALIsStable(t *testing.T) {
	t.Parallel()
	r := mustJoin(t, mustRead(t, ReadYAML, fixture(t, "register.yaml")))
	write := func(controls []assurance.Control, at time.Time) string {
		var b bytes.Buffer
		if err := WriteOSCAL(&b, r.Company, controls, at); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	a, b := write(r.Controls, modified), write(r.Controls, modified.Add(time.Hour))
	if strings.ReplaceAll(a, "T12:00:00Z", "T13:00:00Z") != b {
		t.Error("more than the time differs")
	}
	seen := map[string]bool{}
	for line := range strings.Lines(a) {
		id, found := strings.CutPrefix(strings.TrimSpace(line), `"uuid": `)
		if !found {
			continue
		}
		if id = strings.Trim(id, `",`); seen[id] || !uuidForm.MatchString(id) {
			t.Errorf("UUID %s", id)
		}
		seen[id] = true
	}
	if len(seen) < len(r.Controls) {
		t.Errorf("%d UUIDs for %d controls", len(seen), len(r.Controls))
	}
	first := write(r.Controls[:1], modified)
	if id := nameUUID("control", r.Controls[0].ID); !strings.Contains(first, id) || !strings.Contains(a, id) {
		t.Error("the UUID of a control depends on the others")
	}
	if d := cmp.Diff(r.Controls, mustJoin(t, mustRead(t, ReadJSON, []byte(a))).Controls); d != "" {
		t.Errorf("the sample's controls (-want +got):\n%s", d)
	}
	if empty := write(nil, modified); strings.Contains(empty, "[]") || strings.Contains(empty, "null") {
		t.Errorf("a list is empty:\n%s", empty)
	}
	if want := fmt.Sprintf(`"oscal-version": %q`, "1.1.3"); !strings.Contains(a, want) {
		t.Errorf("no %s", want)
	}
}

// TestOSCALParametersAreBounded holds that a file cannot make itself larger
// without end.
func TestOSCALParametersAreBounded(t *testing.T) {
	t.Parallel()
	in := `{"catalog":{` + metadata + `,"params":[{"id":"p","label":"` + strings.Repeat("x", 1<<20) + `"}],"controls":[{"id":"a-1","title":"x","parts":[{"name":"statement","prose":"` +
		strings.Repeat("{{ insert: param, p }}", 1000) + `"}]}]}}`
	p, problems, err := ReadJSON([]byte(in), "a")
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, "more than 16 MB") || len(p.controls[0].Text) > 2*maxInserted {
		t.Errorf("%v, %v", problems, err)
	}
}
