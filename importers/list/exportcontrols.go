package list

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"vouch/engine"
)

// controlHeadings are the columns of an exported list, as Controls reads them.
var controlHeadings = []string{"ID", "Domain", "Title", "Description", "Criteria", "Owner", "Frequency", "Status", "Planned"}

// WriteControlsCSV writes controls as a list that [Controls] reads back, in
// the form of [WriteEntriesCSV].
func WriteControlsCSV(w io.Writer, controls []engine.Control) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("\ufeff") // the writer keeps its first error for Flush
	WriteRow(b, controlHeadings)
	for i := range controls {
		c := &controls[i]
		WriteRow(b, []string{c.Ref, c.Domain, c.Title, c.Description, strings.Join(c.Criteria, "; "), c.Owner, c.Frequency, c.Status, c.Planned})
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write list of controls: %w", err)
	}
	return nil
}

// exportedControl is a control as JSON says it; ControlsJSON reads the same
// names.
type exportedControl struct {
	ID          string   `json:"id"`
	Domain      string   `json:"domain,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Criteria    []string `json:"criteria,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Frequency   string   `json:"frequency,omitempty"`
	Status      string   `json:"status,omitempty"`
	Planned     string   `json:"planned,omitempty"`
}

// WriteControlsJSON writes controls as {"controls": […]}, which [ControlsJSON]
// reads back.
func WriteControlsJSON(w io.Writer, controls []engine.Control) error {
	list := make([]exportedControl, len(controls))
	for i := range controls {
		c := &controls[i]
		list[i] = exportedControl{c.Ref, c.Domain, c.Title, c.Description, c.Criteria, c.Owner, c.Frequency, c.Status, c.Planned}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(map[string][]exportedControl{"controls": list}); err != nil {
		return fmt.Errorf("write list of controls: %w", err)
	}
	return nil
}
