package register

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"vouch/engine/assurance"
)

// oscalVersion is the version that is written.
const oscalVersion = "1.1.3"

// The objects of a component definition, as far as they are written.
type (
	oscalDocument struct {
		Definition oscalDefinition `json:"component-definition"`
	}
	oscalDefinition struct {
		UUID       string          `json:"uuid"`
		Metadata   oscalMetadata   `json:"metadata"`
		Components []oscalWhole    `json:"components,omitempty"`
		BackMatter oscalBackMatter `json:"back-matter"`
	}
	oscalMetadata struct {
		Title        string `json:"title"`
		LastModified string `json:"last-modified"`
		Version      string `json:"version"`
		OSCALVersion string `json:"oscal-version"`
	}
	oscalWhole struct {
		UUID            string                `json:"uuid"`
		Type            string                `json:"type"`
		Title           string                `json:"title"`
		Description     string                `json:"description"`
		Implementations []oscalImplementation `json:"control-implementations"`
	}
	oscalImplementation struct {
		UUID         string             `json:"uuid"`
		Source       string             `json:"source"`
		Description  string             `json:"description"`
		Requirements []oscalRequirement `json:"implemented-requirements"`
	}
	oscalRequirement struct {
		UUID        string      `json:"uuid"`
		ControlID   string      `json:"control-id"`
		Description string      `json:"description"`
		Props       []oscalProp `json:"props"`
	}
	oscalProp struct {
		Name    string `json:"name"`
		NS      string `json:"ns,omitempty"`
		Value   string `json:"value"`
		Remarks string `json:"remarks,omitempty"`
	}
	oscalBackMatter struct {
		Resources []oscalResource `json:"resources"`
	}
	oscalResource struct {
		UUID        string `json:"uuid"`
		Title       string `json:"title"`
		Description string `json:"description"`
	}
)

// WriteOSCAL writes the controls of a company as an OSCAL component
// definition in JSON, which [ReadJSON] reads back to the same controls. UUIDs
// follow from the company's name and the controls' ids, so that the next
// version of the file has the same ones; modified is when the controls were
// changed last.
func WriteOSCAL(w io.Writer, company string, controls []assurance.Control, modified time.Time) error {
	at := modified.UTC().Format(time.RFC3339)
	owner := strings.TrimSpace(company)
	if owner == "" {
		owner = "the company"
	}
	source := nameUUID("source", company)
	d := oscalDefinition{
		UUID:       nameUUID(oscalComponent, company),
		Metadata:   oscalMetadata{Title: "Controls of " + owner, LastModified: at, Version: at, OSCALVersion: oscalVersion},
		BackMatter: oscalBackMatter{[]oscalResource{{source, "Control ids", "The ids of controls are those of " + owner + "; the property criterion names what a control meets."}}},
	}
	var all []oscalRequirement
	for i := range controls {
		all = append(all, oscalOf(&controls[i]))
	}
	if len(all) > 0 { // OSCAL has no empty lists
		d.Components = []oscalWhole{{
			UUID: nameUUID("component", company), Type: "service", Title: owner, Description: "What " + owner + " runs, with the controls over it.",
			Implementations: []oscalImplementation{{nameUUID("implementation", company), "#" + source, "The controls as the register describes them.", all}},
		}}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(oscalDocument{d}); err != nil {
		return fmt.Errorf("write component definition: %w", err)
	}
	return nil
}

// names is the namespace of the UUIDs.
var names = uuid.NewSHA1(uuid.NameSpaceURL, []byte(vouchNS))

// nameUUID returns the UUID of a thing: the same for the same name.
func nameUUID(what, name string) string {
	return uuid.NewSHA1(names, []byte(what+"\x00"+name)).String()
}

var (
	noToken  = regexp.MustCompile(`[^\p{L}\p{N}.\-_]`)
	oneValue = regexp.MustCompile(`^\S(.*\S)?$`)
)

// oscalOf returns a control as a requirement. What OSCAL has no field for are
// properties of ours.
func oscalOf(c *assurance.Control) oscalRequirement {
	r := oscalRequirement{UUID: nameUUID("control", c.ID), ControlID: noToken.ReplaceAllString(c.ID, "_"), Description: c.Text}
	if !tokenForm.MatchString(r.ControlID) {
		r.ControlID = "_" + r.ControlID
	}
	add := func(name, text string) {
		switch {
		case text == "":
		case oneValue.MatchString(text):
			r.Props = append(r.Props, oscalProp{Name: name, NS: vouchNS, Value: text})
		default: // a value is one line
			r.Props = append(r.Props, oscalProp{Name: name, NS: vouchNS, Value: "see-remarks", Remarks: text})
		}
	}
	add("control", "register")
	if r.ControlID != c.ID {
		add("id", c.ID)
	}
	add("title", c.Title)
	if strings.TrimSpace(c.Text) == "" { // OSCAL wants a description
		r.Description = "See the title."
		add("no-text", "true")
	}
	for _, id := range c.Criteria {
		add("criterion", id)
	}
	add("owner", c.Owner)
	add("frequency", c.Frequency)
	add("status", string(c.Status))
	add("planned", c.Planned)
	for value, s := range oscalStatuses {
		if s == c.Status && value != "alternative" { // for other readers
			r.Props = append(r.Props, oscalProp{Name: "implementation-status", Value: value})
		}
	}
	return r
}
