package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/engine/assurance"
)

// RegisterVersion is one version of what a workspace's register holds beside
// its controls: the company's name, its customers' names, the reports and the
// evidence. Version 0 is the empty register that every workspace begins with.
type RegisterVersion struct {
	Version  int                `json:"version"`
	Register assurance.Register `json:"register"` // without controls
}

// RegisterStore keeps the register of each workspace, every version of it.
type RegisterStore interface {
	// RegisterVersion returns the newest version.
	RegisterVersion(ctx context.Context, workspace string) (RegisterVersion, error)

	// PutRegister stores v as the next version; v.Version must be the newest,
	// else the error is [ErrStaleVersion]. Controls in it are not stored: they
	// have a store of their own.
	PutRegister(ctx context.Context, workspace string, v RegisterVersion) (RegisterVersion, error)
}

// Assured returns the control as the rules of package assurance see it. A
// status that is none of theirs counts as not stated.
func (c *Control) Assured() assurance.Control {
	status := assurance.Status(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(c.Status)), " ", "_"))
	if !status.IsValid() {
		status = ""
	}
	return assurance.Control{
		ID: c.Ref, Title: c.Title, Text: c.Description, Criteria: c.Criteria, Owner: c.Owner, Frequency: c.Frequency,
		Status: status, Planned: c.Planned,
	}
}

// controlOf is the other way round; id, version and source stay for the
// importer to fill.
func controlOf(c *assurance.Control) Control {
	return Control{
		Ref: c.ID, Title: c.Title, Description: c.Text, Criteria: c.Criteria, Owner: c.Owner, Frequency: c.Frequency,
		Status: string(c.Status), Planned: c.Planned,
	}
}

// ReadRegister returns the whole register of a workspace, controls and all,
// and the version of its other half.
func ReadRegister(ctx context.Context, store Tx, workspace string) (assurance.Register, int, error) {
	v, err := store.RegisterVersion(ctx, workspace)
	if err != nil {
		return assurance.Register{}, 0, err
	}
	r := v.Register
	r.Controls = nil
	for c, err := range store.AllControls(ctx, workspace, ControlFilter{}) {
		if err != nil {
			return assurance.Register{}, 0, err
		}
		r.Controls = append(r.Controls, c.Assured())
	}
	return r, v.Version, nil
}

// RegisterChange says what an import did to the register.
type RegisterChange struct {
	Version  int          `json:"version"` // of the register after it
	Reports  ChangeCount  `json:"reports"`
	Evidence ChangeCount  `json:"evidence"`
	Controls ImportReport `json:"controls"`
}

// ChangeCount counts what became of things of one kind.
type ChangeCount struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// PutRegister stores next over the register that was read at version, in one
// transaction: all of it or, on any error, nothing. Controls go to their own
// store, from the file named source, as an import of controls would take them;
// those that next does not hold stay. A register with problems is refused
// with the first of them. A version that is not the newest any more is
// [ErrStaleVersion].
func PutRegister(ctx context.Context, store Store, workspace string, version int, next *assurance.Register, source string) (RegisterChange, error) {
	if problems := next.Validate(); len(problems) > 0 {
		return RegisterChange{}, fmt.Errorf("put register: %s", problems[0])
	}
	var change RegisterChange
	err := store.InTx(ctx, func(tx Tx) error {
		change = RegisterChange{}
		old, err := tx.RegisterVersion(ctx, workspace)
		if err != nil {
			return err
		}
		if old.Version != version {
			return ErrStaleVersion
		}
		change.Reports = countChanges(old.Register.Reports, next.Reports, func(r *assurance.Report) string { return r.ID })
		change.Evidence = countChanges(old.Register.Evidence, next.Evidence, func(e *assurance.Evidence) string { return e.ID })
		if change.Controls, err = putControls(ctx, tx, workspace, next.Controls, source); err != nil {
			return err
		}
		v := RegisterVersion{Version: version, Register: withoutControls(next)}
		if sameJSON(v.Register, withoutControls(&old.Register)) {
			change.Version = version
			return nil
		}
		v, err = tx.PutRegister(ctx, workspace, v)
		change.Version = v.Version
		return err
	})
	if err != nil {
		return RegisterChange{}, fmt.Errorf("put register: %w", err)
	}
	return change, nil
}

// withoutControls returns what a version of a register holds. A list that is
// empty is none, as files write it either way.
func withoutControls(r *assurance.Register) assurance.Register {
	out := *r
	out.Controls = nil
	if len(out.Reports) == 0 {
		out.Reports = nil
	}
	if len(out.Evidence) == 0 {
		out.Evidence = nil
	}
	return out
}

// putControls imports the controls that say something else than is stored.
// What a register does not say of a control, its domain and its source, stays.
func putControls(ctx context.Context, tx Tx, workspace string, list []assurance.Control, source string) (report ImportReport, err error) {
	refs := make([]string, len(list))
	for i := range list {
		refs[i] = list[i].ID
	}
	stored, err := tx.ControlsByRef(ctx, workspace, refs)
	if err != nil {
		return report, err
	}
	current := map[string]*Control{}
	for i := range stored {
		current[ControlKey(stored[i].Ref)] = &stored[i]
	}
	for i := range list {
		c := controlOf(&list[i])
		c.Source = Source{File: source}
		old := current[ControlKey(c.Ref)]
		o := ImportOutcome{Result: ImportAdded, Ref: c.Ref}
		if old != nil {
			c.ID, c.Version, c.Ref, c.Domain, c.Source = old.ID, old.Version, old.Ref, old.Domain, old.Source
			was := old.Assured()
			if now := c.Assured(); sameJSON(was, now) {
				report.add(ImportOutcome{Result: ImportUnchanged, ID: old.ID, Version: old.Version, Ref: c.Ref})
				continue
			}
			o.Result = ImportChanged
		}
		if c, err = tx.PutControl(ctx, workspace, c); err != nil {
			return report, err
		}
		o.ID, o.Version = c.ID, c.Version
		report.add(o)
	}
	return report, nil
}

// countChanges compares two lists by the ids of what is in them.
func countChanges[T any](old, next []T, id func(*T) string) (n ChangeCount) {
	was := map[string]*T{}
	for i := range old {
		was[strings.ToLower(id(&old[i]))] = &old[i]
	}
	for i := range next {
		switch o := was[strings.ToLower(id(&next[i]))]; {
		case o == nil:
			n.Added++
		case sameJSON(*o, next[i]):
			n.Unchanged++
		default:
			n.Changed++
		}
	}
	return n
}

// Commitment is what a customer was told: an answer that has gone out. It is
// never changed.
type Commitment struct {
	ID            string    `json:"id"` // UUIDv7, made by the store
	Customer      string    `json:"customer"`
	SentAt        time.Time `json:"sent_at"`       // the day it was sent, UTC midnight
	Questionnaire string    `json:"questionnaire"` // the file's base name
	Ref           string    `json:"ref,omitempty"` // the question's id there
	Question      string    `json:"question"`
	Verdict       Verdict   `json:"verdict,omitempty"`
	Answer        string    `json:"answer,omitempty"` // the answer cell as it was sent
	Text          string    `json:"text,omitempty"`
	Controls      []string  `json:"controls,omitempty"` // refs of the controls the question is about, nearest first
}

// Said returns the commitment as the rules of package assurance see it.
func (c *Commitment) Said() assurance.Said {
	text := c.Text
	if text == "" {
		text = c.Answer
	}
	return assurance.Said{
		Ref: c.Ref, Customer: c.Customer, On: assurance.DayOf(c.SentAt), Question: c.Question, Verdict: string(c.Verdict), Text: text, Controls: c.Controls,
	}
}

// CommitmentFilter chooses commitments. The zero value chooses all.
type CommitmentFilter struct {
	Customer string // exactly, but for case
	Control  string // about this control, by its ref
}

// Asking is a question that a customer asked and that ended as a gap.
type Asking struct {
	Customer      string    `json:"customer,omitempty"`
	Questionnaire string    `json:"questionnaire"` // the file's base name
	AskedAt       time.Time `json:"asked_at"`
	Question      string    `json:"question"`
	Reason        GapReason `json:"reason"`
	Criteria      []string  `json:"criteria,omitempty"` // of the control nearest to it
}

// Asked returns the asking as the rules of package assurance see it.
func (a *Asking) Asked() assurance.Asked {
	return assurance.Asked{Criteria: a.Criteria, Question: a.Question, Customer: a.Customer, On: assurance.DayOf(a.AskedAt), Reason: string(a.Reason)}
}

// LedgerStore keeps what customers were told and what they asked in vain.
type LedgerStore interface {
	// AddCommitments adds commitments, those left out that are there already:
	// the same customer, questionnaire, question, day and answer. It returns
	// how many were added.
	AddCommitments(ctx context.Context, workspace string, list []Commitment) (added int, err error)

	// Commitments returns the commitments that pass f, newest first.
	Commitments(ctx context.Context, workspace string, f CommitmentFilter) ([]Commitment, error)

	// PutAskings replaces what was asked in vain in one questionnaire of one
	// customer.
	PutAskings(ctx context.Context, workspace, customer, questionnaire string, list []Asking) error

	// Askings returns what was asked since a time, oldest first.
	Askings(ctx context.Context, workspace string, since time.Time) ([]Asking, error)
}

// FilterCommitments returns those of list that pass f, and leaves list as it is.
func FilterCommitments(list []Commitment, f CommitmentFilter) []Commitment {
	return slices.DeleteFunc(slices.Clone(list), func(c Commitment) bool {
		return f.Customer != "" && !strings.EqualFold(f.Customer, c.Customer) ||
			f.Control != "" && !slices.ContainsFunc(c.Controls, func(ref string) bool { return ControlKey(ref) == ControlKey(f.Control) })
	})
}

// AskedInVain returns the questions that ended as gaps, with the criteria of
// the control nearest to each.
func AskedInVain(answers []Answer, customer, questionnaire string, at time.Time) (out []Asking) {
	for i := range answers {
		a := &answers[i]
		if a.Gap == nil {
			continue
		}
		asking := Asking{Customer: customer, Questionnaire: questionnaire, AskedAt: at.UTC(), Question: a.Question.Text, Reason: a.Gap.Reason}
		if c := firstControl(a.Evidence); c != nil {
			asking.Criteria = c.Control.Criteria
		}
		out = append(out, asking)
	}
	return out
}
