package register

import (
	"slices"
	"strings"

	"vouch/engine"
	"vouch/engine/assurance"
	"vouch/importers/list"
	"vouch/importers/tree"
)

// implemented is what the components of a definition say of one control.
type implemented struct {
	id     string
	node   tree.Node // of the first
	pieces []piece
}

// piece is what one of them says.
type piece struct {
	component string
	control   assurance.Control
}

// componentDefinition reads the requirements that components and capabilities
// implement: one control for each control id. One that WriteOSCAL wrote is
// taken as it was; of others the id is the criterion that the control meets.
func (o *oscalReader) componentDefinition(n tree.Node, path string) {
	f := o.fields(n, path, "component definition")
	o.metadata(f, n, path)
	for _, x := range []struct{ list, what, name string }{{"components", "component", "title"}, {"capabilities", "capability", "name"}} {
		o.items(f, x.list, path, func(n tree.Node, path string) {
			f := o.fields(n, path, x.what)
			title := engine.CleanText(o.str(f, x.name, path, n, true))
			o.items(f, "control-implementations", path, func(n tree.Node, path string) {
				f := o.fields(n, path, "control implementation")
				o.setParameters(f, path)
				o.items(f, "implemented-requirements", path, func(n tree.Node, path string) { o.requirement(n, path, title) })
			})
		})
	}
	for _, x := range o.order {
		o.part.controls = append(o.part.controls, controlPart{x.together(), o.of(x.node)})
	}
}

func (o *oscalReader) requirement(n tree.Node, path, component string) {
	f := o.fields(n, path, "implemented requirement")
	id := o.token(f, "control-id", path, n)
	text := o.str(f, "description", path, n, true)
	props := o.props(f, path)
	if slices.ContainsFunc(props, func(p property) bool { return p.ns == vouchNS && p.name == "control" }) {
		o.part.controls = append(o.part.controls, controlPart{ours(id, text, props), o.of(n)})
		return
	}
	o.setParameters(f, path)
	c := assurance.Control{ID: id, Criteria: criterionOf("", id)}
	o.stated(&c, props)
	if roles := o.responsible(f, path); c.Owner == "" {
		c.Owner = roles
	}
	o.items(f, "statements", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "statement")
		o.token(f, "statement-id", path, n)
		text += "\n" + o.str(f, "description", path, n, true)
	})
	c.Text = list.CleanProse(o.withParameters(text))
	spellControl(&c)
	x, ok := o.done[fold(id)]
	if !ok || id == "" {
		x = &implemented{id: id, node: n}
		o.order, o.done[fold(id)] = append(o.order, x), x
	}
	x.pieces = append(x.pieces, piece{component, c})
}

// responsible returns the titles of the roles that answer for a requirement.
func (o *oscalReader) responsible(f map[string]tree.Node, path string) string {
	var out []string
	o.items(f, "responsible-roles", path, func(n tree.Node, path string) {
		f := o.fields(n, path, "responsible role")
		id := o.token(f, "role-id", path, n)
		if title := o.roles[id]; title != "" {
			id = title
		}
		out = append(out, id)
	})
	return strings.Join(out, ", ")
}

// together returns the control that several components implement: their texts
// behind their names. Where they are not equally far, the whole is partial.
func (x *implemented) together() assurance.Control {
	c := x.pieces[0].control
	if len(x.pieces) == 1 {
		return c
	}
	var texts []string
	var owners, plans distinct
	var statuses []assurance.Status
	for _, p := range x.pieces {
		texts = append(texts, p.component+": "+p.control.Text)
		owners.add(p.control.Owner)
		plans.add(p.control.Planned)
		if p.control.Status != assurance.NotApplicable && !slices.Contains(statuses, p.control.Status) {
			statuses = append(statuses, p.control.Status)
		}
	}
	switch len(statuses) {
	case 0:
		c.Status = assurance.NotApplicable
	case 1:
		c.Status = statuses[0]
	default:
		c.Status = assurance.Partial
	}
	c.Text, c.Owner, c.Planned = strings.Join(texts, "\n"), strings.Join(owners.list, ", "), strings.Join(plans.list, "\n")
	return c
}

// distinct holds texts once each, in order.
type distinct struct {
	list []string
	seen map[string]bool
}

func (d *distinct) add(s string) {
	if s == "" || d.seen[s] {
		return
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	d.seen[s] = true
	d.list = append(d.list, s)
}

// ours returns a control as WriteOSCAL wrote it.
func ours(id, text string, props []property) assurance.Control {
	c := assurance.Control{ID: id, Text: text}
	for _, p := range props {
		if p.ns != vouchNS {
			continue
		}
		switch p.name {
		case "id":
			c.ID = engine.CleanText(p.text())
		case "title":
			c.Title = engine.CleanText(p.text())
		case "owner":
			c.Owner = engine.CleanText(p.text())
		case "frequency":
			c.Frequency = engine.CleanText(p.text())
		case "planned":
			c.Planned = p.text()
		case "status":
			c.Status = assurance.Status(p.value)
		case "criterion":
			c.Criteria = append(c.Criteria, p.text())
		case "no-text":
			c.Text = ""
		}
	}
	spellControl(&c)
	return c
}
