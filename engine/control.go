package engine

import (
	"cmp"
	"errors"
	"strings"
)

// Control is a control description: what the company does, which criteria it
// meets, who answers for it.
type Control struct {
	ID          string   `json:"id"`      // UUIDv7, made by the store
	Version     int      `json:"version"` // from 1
	Ref         string   `json:"ref"`     // the company's own id: "AC-01"
	Domain      string   `json:"domain,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description"`
	Criteria    []string `json:"criteria,omitempty"` // "CC6.1", "A.8.24"
	Owner       string   `json:"owner,omitempty"`
	Frequency   string   `json:"frequency,omitempty"`
	Status      string   `json:"status,omitempty"`
	Planned     string   `json:"planned,omitempty"` // of a planned or partial one: what is to come, and until when
	Source      Source   `json:"source"`
}

// Errors of [Control.Validate].
var (
	ErrNoControlRef  = errors.New("the control has no id")
	ErrNoControlText = errors.New("the control has neither title nor description")
)

// Validate returns why c cannot be a control, or nil.
func (c *Control) Validate() error {
	switch {
	case strings.TrimSpace(c.Ref) == "":
		return ErrNoControlRef
	case strings.TrimSpace(c.Title) == "" && strings.TrimSpace(c.Description) == "":
		return ErrNoControlText
	case runeCount(c.Description) > MaxAnswerChars || runeCount(c.Title) > MaxQuestionChars || runeCount(c.Planned) > MaxQuestionChars:
		return ErrTooLong
	}
	return nil
}

// SaysSame reports whether c and o say the same; id, version and source are
// not compared.
func (c *Control) SaysSame(o *Control) bool {
	return c.Ref == o.Ref && c.Domain == o.Domain && c.Title == o.Title && c.Description == o.Description &&
		strings.Join(c.Criteria, "\x00") == strings.Join(o.Criteria, "\x00") &&
		c.Owner == o.Owner && c.Frequency == o.Frequency && c.Status == o.Status && c.Planned == o.Planned
}

// over returns c laid over what is stored: what c leaves empty stays. No list
// of controls has a column for everything, and an import must not lose what
// another said. What is planned goes with its status only.
func (c Control) over(old *Control) Control {
	if c.Status != "" && !strings.EqualFold(c.Status, old.Status) {
		old = &Control{Domain: old.Domain, Title: old.Title, Description: old.Description, Criteria: old.Criteria, Owner: old.Owner, Frequency: old.Frequency}
	}
	c.Domain, c.Title, c.Description = cmp.Or(c.Domain, old.Domain), cmp.Or(c.Title, old.Title), cmp.Or(c.Description, old.Description)
	if len(c.Criteria) == 0 {
		c.Criteria = old.Criteria
	}
	c.Owner, c.Frequency, c.Status, c.Planned = cmp.Or(c.Owner, old.Owner), cmp.Or(c.Frequency, old.Frequency), cmp.Or(c.Status, old.Status), cmp.Or(c.Planned, old.Planned)
	return c
}
