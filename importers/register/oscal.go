package register

import (
	"regexp"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/tree"
)

// The outermost names of the OSCAL models that are read.
const (
	oscalCatalog   = "catalog"
	oscalComponent = "component-definition"
)

// vouchNS is the namespace of the properties that WriteOSCAL writes for what
// OSCAL has no field for.
const vouchNS = "urn:vouch:register"

// oscalFields are the fields of the objects that are looked into, by OSCAL
// 1.1.3. What is in no object of ours (links, parties …) is known and skipped.
var oscalFields = map[string][]string{
	"catalog":                 {"uuid", "metadata", "params", "controls", "groups", "back-matter"},
	"component definition":    {"uuid", "metadata", "import-component-definitions", "components", "capabilities", "back-matter"},
	"metadata":                {"title", "published", "last-modified", "version", "oscal-version", "revisions", "document-ids", "props", "links", "roles", "locations", "parties", "responsible-parties", "actions", "remarks"},
	"role":                    {"id", "title", "short-name", "description", "props", "links", "remarks"},
	"group":                   {"id", "class", "title", "params", "props", "links", "parts", "groups", "controls"},
	"control":                 {"id", "class", "title", "params", "props", "links", "parts", "controls"},
	"part":                    {"id", "name", "ns", "class", "title", "props", "prose", "parts", "links"},
	"parameter":               {"id", "class", "depends-on", "props", "links", "label", "usage", "constraints", "guidelines", "values", "select", "remarks"},
	"property":                {"name", "uuid", "ns", "value", "class", "group", "remarks"},
	"component":               {"uuid", "type", "title", "description", "purpose", "props", "links", "responsible-roles", "protocols", "control-implementations", "remarks"},
	"capability":              {"uuid", "name", "description", "props", "links", "incorporates-components", "control-implementations", "remarks"},
	"control implementation":  {"uuid", "source", "description", "props", "links", "set-parameters", "implemented-requirements"},
	"implemented requirement": {"uuid", "control-id", "description", "props", "links", "set-parameters", "responsible-roles", "statements", "remarks"},
	"statement":               {"statement-id", "uuid", "description", "props", "links", "responsible-roles", "remarks"},
	"set parameter":           {"param-id", "values", "remarks"},
	"selection":               {"how-many", "choice"},
	"responsible role":        {"role-id", "props", "links", "party-uuids", "remarks"},
}

func isOSCAL(root tree.Node) bool {
	_, catalog := root.Member(oscalCatalog)
	_, component := root.Member(oscalComponent)
	return catalog || component
}

// oscalReader reads one OSCAL file into a part.
type oscalReader struct {
	*decoder
	part   *Part
	roles  map[string]string // id → title
	params map[string]string // id → what stands for it in prose

	inserted int // bytes, for parameters

	done  map[string]*implemented // by control, folded
	order []*implemented
}

func readOSCAL(d *decoder) *Part {
	o := &oscalReader{decoder: d, part: &Part{root: d.source}, roles: map[string]string{}, params: map[string]string{}, done: map[string]*implemented{}}
	for _, m := range d.source.node.Members {
		switch m.Name {
		case oscalCatalog:
			f := o.fields(m.Value, m.Name, "catalog")
			o.metadata(f, m.Value, m.Name)
			o.group(f, m.Name)
		case oscalComponent:
			o.componentDefinition(m.Value, m.Name)
		case "$schema": // named by some tools for editors
		default:
			d.unknown(m, joinPath("", m.Name), []string{oscalCatalog, oscalComponent})
		}
	}
	if o.inserted > maxInserted {
		d.report(0, 0, "", "the texts of its parameters come to more than %d MB where they are put in; accepted: shorter ones", maxInserted>>20)
	}
	return o.part
}

// fields returns the fields of an object of OSCAL; none if n is no object.
// Unknown and repeated ones are problems.
func (o *oscalReader) fields(n tree.Node, path, what string) map[string]tree.Node {
	accepted := oscalFields[what]
	if n.Kind != tree.Object {
		o.report(n.Line, n.Column, path, "expected an object, got %s; accepted: %s with %s", n.Kind, what, strings.Join(accepted, ", "))
		return nil
	}
	known := map[string]bool{}
	for _, a := range accepted {
		known[a] = true
	}
	out := map[string]tree.Node{}
	for _, m := range n.Members {
		at := joinPath(path, m.Name)
		_, twice := out[m.Name]
		switch {
		case !known[m.Name]:
			o.unknown(m, at, accepted)
			continue
		case twice:
			o.report(m.Line, m.Column, at, "the field occurs twice; write it once")
			continue
		case m.Name == "uuid" && !uuidForm.MatchString(m.Value.Text):
			o.report(m.Value.Line, m.Value.Column, at, "it is no UUID of version 4 or 5; accepted: 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between")
		}
		out[m.Name] = m.Value
	}
	return out
}

// The forms of values, by the OSCAL schemas.
var (
	uuidForm  = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`)
	tokenForm = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}.\-_]*$`)
	oscalForm = regexp.MustCompile(`^v?1\.[012]\.[0-9]+$`)
)

// str returns the text of a field, "" if it is not there. One that is needed
// and not there is a problem at its object.
func (o *oscalReader) str(f map[string]tree.Node, name, path string, object tree.Node, needed bool) string {
	n, ok := f[name]
	at := joinPath(path, name)
	switch {
	case ok && n.Kind != tree.Text && n.Kind != tree.Null:
		o.report(n.Line, n.Column, at, "expected text, got %s; accepted: text, in quotes if it looks like something else", n.Kind)
	case needed && f != nil && strings.TrimSpace(n.Text) == "":
		o.report(object.Line, object.Column, at, "the field is missing; accepted: text")
	}
	if n.Kind != tree.Text {
		return ""
	}
	return list.CleanProse(n.Text)
}

// token is str for an id, which has a form.
func (o *oscalReader) token(f map[string]tree.Node, name, path string, object tree.Node) string {
	s := o.str(f, name, path, object, true)
	if s != "" && !tokenForm.MatchString(s) {
		n := f[name]
		o.report(n.Line, n.Column, joinPath(path, name), "it is no token of OSCAL; accepted: a letter or underscore, then letters, figures, point, hyphen, underscore")
	}
	return s
}

// items hands the items of a list field to read.
func (o *oscalReader) items(f map[string]tree.Node, name, path string, read func(n tree.Node, path string)) {
	if n, ok := f[name]; ok {
		o.each(n, joinPath(path, name), read)
	}
}

func (o *oscalReader) metadata(outer map[string]tree.Node, object tree.Node, path string) {
	if outer == nil {
		return
	}
	n, ok := outer["metadata"]
	path = joinPath(path, "metadata")
	if !ok {
		o.report(object.Line, object.Column, path, "the field is missing; accepted: an object with %s", strings.Join(oscalFields["metadata"], ", "))
		return
	}
	f := o.fields(n, path, "metadata")
	o.str(f, "title", path, n, true)
	if v := o.str(f, "oscal-version", path, n, true); v != "" && !oscalForm.MatchString(v) {
		at := f["oscal-version"]
		o.report(at.Line, at.Column, joinPath(path, "oscal-version"), "this version of OSCAL is not read; accepted: 1.0.x, 1.1.x, 1.2.x")
	}
	o.items(f, "roles", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "role")
		o.roles[o.token(f, "id", path, n)] = engine.CleanText(o.str(f, "title", path, n, true))
	})
}

// property is a prop of OSCAL.
type property struct {
	name, ns, value, remarks string
	node                     tree.Node // of the value
	path                     string
}

// text returns what a property of ours says: texts of several lines stand in
// its remarks.
func (p property) text() string {
	if p.remarks != "" {
		return p.remarks
	}
	return p.value
}

func (o *oscalReader) props(f map[string]tree.Node, path string) []property {
	var out []property
	o.items(f, "props", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "property")
		out = append(out, property{
			name: o.token(f, "name", path, n), ns: o.str(f, "ns", path, n, false), value: o.str(f, "value", path, n, true), remarks: o.str(f, "remarks", path, n, false),
			node: f["value"], path: joinPath(path, "value"),
		})
	})
	return out
}

// oscalStatuses says what the values of the property implementation-status
// mean. An alternative meets the control in another way than it says.
var oscalStatuses = map[string]assurance.Status{
	"implemented": assurance.Implemented, "partial": assurance.Partial, "planned": assurance.Planned, "alternative": assurance.Partial, "not-applicable": assurance.NotApplicable,
}

// stated puts what properties say of any control into c.
func (o *oscalReader) stated(c *assurance.Control, props []property) {
	for _, p := range props {
		switch p.name {
		case "implementation-status":
			s, ok := oscalStatuses[strings.ToLower(p.value)]
			if !ok {
				o.report(p.node.Line, p.node.Column, p.path, "it is no implementation status; accepted: implemented, partial, planned, alternative, not-applicable")
				continue
			}
			c.Status = s
			if s == assurance.Partial || s == assurance.Planned {
				c.Planned = p.remarks
			}
		case "owner":
			c.Owner = engine.CleanText(p.text())
		case "frequency":
			c.Frequency = engine.CleanText(p.text())
		}
	}
}

// group reads the controls of a catalog or of a group in one.
func (o *oscalReader) group(f map[string]tree.Node, path string) {
	o.parameters(f, path)
	o.items(f, "controls", path, o.control)
	o.items(f, "groups", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "group")
		o.str(f, "title", path, n, true)
		o.group(f, path)
	})
}

// control reads a control of a catalog, and those within it. A catalog says
// what is to be done, not that it is: without a status such a control is
// planned.
func (o *oscalReader) control(n tree.Node, path string) {
	f := o.fields(n, path, "control")
	o.parameters(f, path)
	c := assurance.Control{ID: o.token(f, "id", path, n), Title: engine.CleanText(o.str(f, "title", path, n, true))}
	props := o.props(f, path)
	o.stated(&c, props)
	label := ""
	for _, p := range props {
		switch {
		case p.name == "label" && label == "":
			label = p.value
		case p.name == "status" && p.value == "withdrawn":
			c.Status = assurance.Retired
		}
	}
	if c.Status == "" {
		c.Status = assurance.Planned
	}
	c.Criteria = criterionOf(label, c.ID)
	var text strings.Builder
	o.items(f, "parts", path, func(n tree.Node, path string) { o.prose(&text, n, path) })
	c.Text = list.CleanProse(text.String())
	spellControl(&c)
	o.part.controls = append(o.part.controls, controlPart{c, o.of(n)})
	o.items(f, "controls", path, o.control)
}

// criterionOf returns the id of a control of a framework as a criterion: its
// label if that is one, else the id; nothing if neither looks like one.
func criterionOf(label, id string) []string {
	for _, s := range []string{label, id} {
		if strings.ContainsAny(s, "0123456789") && !strings.ContainsAny(s, " \n\t,;") {
			return []string{s}
		}
	}
	return nil
}

// notText are the parts of a control that do not say what is done.
var notText = map[string]bool{
	"guidance": true, "overview": true, "objective": true, "objectives": true, "assessment": true, "assessment-objective": true, "assessment-method": true, "assessment-objects": true, "example": true,
}

// prose writes the prose of a part and of those within it, one a line, behind
// their labels.
func (o *oscalReader) prose(b *strings.Builder, n tree.Node, path string) {
	f := o.fields(n, path, "part")
	name := o.token(f, "name", path, n)
	text := o.withParameters(o.str(f, "prose", path, n, false))
	props := o.props(f, path)
	if notText[name] {
		return
	}
	if text != "" {
		for _, p := range props {
			if p.name == "label" {
				text = p.value + " " + text
				break
			}
		}
		b.WriteString(text + "\n")
	}
	o.items(f, "parts", path, func(n tree.Node, path string) { o.prose(b, n, path) })
}

// parameters keeps what stands for parameters in prose: their values; while
// they have none, their labels or choices in brackets.
func (o *oscalReader) parameters(f map[string]tree.Node, path string) {
	o.items(f, "params", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "parameter")
		id, label := o.token(f, "id", path, n), o.str(f, "label", path, n, false)
		if s, ok := f["select"]; ok && label == "" {
			s := o.fields(s, joinPath(path, "select"), "selection")
			label = strings.Join(o.texts(s, "choice", joinPath(path, "select")), " / ")
		}
		if label == "" {
			label = toBeSet
		}
		o.params[id] = "[" + engine.CleanText(label) + "]"
		o.setParameter(id, f, path)
	})
}

// setParameters keeps the values that a requirement gives to parameters.
func (o *oscalReader) setParameters(f map[string]tree.Node, path string) {
	o.items(f, "set-parameters", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "set parameter")
		o.setParameter(o.token(f, "param-id", path, n), f, path)
	})
}

func (o *oscalReader) setParameter(id string, f map[string]tree.Node, path string) {
	if values := o.texts(f, "values", path); len(values) > 0 {
		o.params[id] = engine.CleanText(strings.Join(values, ", "))
	}
}

// texts returns the texts of a list field.
func (o *oscalReader) texts(f map[string]tree.Node, name, path string) []string {
	var out []string
	o.items(f, name, path, func(n tree.Node, path string) {
		if n.Kind != tree.Text {
			o.report(n.Line, n.Column, path, "expected text, got %s; accepted: text, in quotes if it looks like something else", n.Kind)
			return
		}
		out = append(out, n.Text)
	})
	return out
}

var insertForm = regexp.MustCompile(`\{\{\s*(?:insert:\s*)?param,\s*([^\s{}]+)\s*\}\}`)

// toBeSet stands for a parameter that nothing is known of.
const toBeSet = "to be set"

// maxInserted bounds what is put in for parameters in one file: a small file
// can name a long one very often. The largest catalogs come to 1 MB.
const maxInserted = 16 << 20

// withParameters puts in what stands for parameters; a choice may name more of
// them.
func (o *oscalReader) withParameters(text string) string {
	for range 2 {
		text = insertForm.ReplaceAllStringFunc(text, func(s string) string {
			value, ok := o.params[insertForm.FindStringSubmatch(s)[1]]
			if o.inserted += len(value); !ok || o.inserted > maxInserted {
				return "[" + toBeSet + "]"
			}
			return value
		})
	}
	return text
}
