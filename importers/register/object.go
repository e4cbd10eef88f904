package register

import (
	"path/filepath"
	"reflect"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/tree"
)

// sections are the fields of the file's outermost object.
var sections = fieldNames(reflect.TypeFor[assurance.Register]())

// ReadJSON returns what a JSON file says of a register: an object with any of
// company, customers, reports, controls and evidence, whose fields have the
// names of the types in package assurance. An OSCAL catalog or component
// definition is read as one. The error is an [*engine.RefusedError] if the
// file is not JSON or no object.
func ReadJSON(data []byte, file string) (*Part, []Problem, error) {
	return readObject(tree.ParseJSON, data, file)
}

// ReadYAML is [ReadJSON] for YAML.
func ReadYAML(data []byte, file string) (*Part, []Problem, error) {
	return readObject(tree.ParseYAML, data, file)
}

// IsObject reports whether JSON is an object that says more of a register than
// its controls: an OSCAL file, or one with reports or evidence.
func IsObject(data []byte, file string) bool {
	root, err := tree.ParseJSON(data, file)
	if err != nil || root.Kind != tree.Object {
		return false
	}
	_, reports := root.Member("reports")
	_, evidence := root.Member("evidence")
	return reports || evidence || isOSCAL(root)
}

func readObject(parse func([]byte, string) (tree.Node, error), data []byte, file string) (*Part, []Problem, error) {
	file = filepath.Base(file)
	root, err := parse(data, file)
	if err != nil {
		return nil, nil, err
	}
	if root.Kind != tree.Object || len(root.Members) == 0 {
		return nil, nil, &engine.RefusedError{File: file, Is: "it holds no object", Do: "write an object with " + strings.Join(sections, ", ") + ", or an OSCAL catalog or component definition"}
	}
	d := &decoder{source: source{file: file, node: root}}
	if isOSCAL(root) {
		p := readOSCAL(d)
		return p, d.problems, nil
	}
	return d.register(), d.problems, nil
}

// register reads the outermost object.
func (d *decoder) register() *Part {
	p := &Part{root: d.source}
	var top struct { // the fields that need no source of their own
		Company   string   `json:"company"`
		Customers []string `json:"customers"`
	}
	d.object(d.source.node, reflect.ValueOf(&top).Elem(), "", map[string]func(tree.Node, string){
		"reports":  func(n tree.Node, path string) { d.each(n, path, d.reportIn(p)) },
		"controls": func(n tree.Node, path string) { d.each(n, path, d.controlIn(p)) },
		"evidence": func(n tree.Node, path string) { d.each(n, path, d.evidenceIn(p, "")) },
	})
	p.company, p.customers = top.Company, top.Customers
	return p
}

// each hands the items of a list to read.
func (d *decoder) each(n tree.Node, path string, read func(n tree.Node, path string)) {
	switch n.Kind {
	case tree.Null:
		return
	case tree.List:
	default:
		d.report(n.Line, n.Column, path, "expected a list, got %s; accepted: a list of objects", n.Kind)
		return
	}
	for i, item := range n.Items {
		read(item, joinIndex(path, i))
	}
}

// of returns the source of one entry in the file.
func (d *decoder) of(n tree.Node) source {
	return source{file: d.source.file, at: d.source.at, node: n}
}

func (d *decoder) reportIn(p *Part) func(tree.Node, string) {
	return func(n tree.Node, path string) {
		var r assurance.Report
		d.object(n, reflect.ValueOf(&r).Elem(), path, nil)
		spellReport(&r)
		p.reports = append(p.reports, reportPart{r, d.of(n)})
	}
}

// controlIn reads a control, and the evidence that may stand in it.
func (d *decoder) controlIn(p *Part) func(tree.Node, string) {
	return func(n tree.Node, path string) {
		var c assurance.Control
		var evidence func()
		d.object(n, reflect.ValueOf(&c).Elem(), path, map[string]func(tree.Node, string){
			"evidence": func(n tree.Node, path string) {
				evidence = func() { d.each(n, path, d.evidenceIn(p, c.ID)) } // the id may stand below
			},
		})
		spellControl(&c)
		p.controls = append(p.controls, controlPart{c, d.of(n)})
		if evidence != nil {
			evidence()
		}
	}
}

// evidenceIn reads a piece of evidence, of that control if it says none.
func (d *decoder) evidenceIn(p *Part, control string) func(tree.Node, string) {
	return func(n tree.Node, path string) {
		var e assurance.Evidence
		d.object(n, reflect.ValueOf(&e).Elem(), path, nil)
		spellEvidence(&e)
		if e.Control == "" {
			e.Control = control
		}
		p.evidence = append(p.evidence, evidencePart{e, d.of(n)})
	}
}
