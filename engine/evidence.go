package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/engine/assurance"
)

// ErrNoSuchControl says that evidence is of a control that is not there.
var ErrNoSuchControl = errors.New("there is no control with this ref")

// RegisterError says what keeps something from being part of a register.
type RegisterError struct{ Problems []assurance.Problem }

// Error returns the first problem.
func (e *RegisterError) Error() string {
	if len(e.Problems) == 0 {
		return "the register has problems"
	}
	return e.Problems[0].String()
}

// AddEvidence adds a piece of evidence to the register, in one transaction, and
// returns it as it is stored. Without an id it gets the next free one of the
// year, such as EV-2026-001; an id that is taken is [ErrExists], a control that
// is not there [ErrNoSuchControl]. Without a day it was collected today. What the
// rules do not take is a [*RegisterError], whose paths are fields of evidence.
func AddEvidence(ctx context.Context, store Store, workspace string, e assurance.Evidence, today assurance.Day) (assurance.Evidence, error) {
	err := store.InTx(ctx, func(tx Tx) error {
		r, version, err := ReadRegister(ctx, tx, workspace)
		if err != nil {
			return err
		}
		if e.ID = strings.TrimSpace(e.ID); e.ID == "" {
			e.ID = freeEvidenceID(&r, today.Time())
		} else if hasEvidence(&r, e.ID) {
			return ErrExists
		}
		i := slices.IndexFunc(r.Controls, func(c assurance.Control) bool { return ControlKey(c.ID) == ControlKey(e.Control) })
		if i < 0 {
			return ErrNoSuchControl
		}
		e.Control = r.Controls[i].ID
		if e.CollectedAt.IsZero() {
			e.CollectedAt = today
		}
		for _, s := range []*string{&e.ID, &e.Kind, &e.Title, &e.CollectedBy, &e.Location} {
			*s = cleanBytes(*s)
		}
		r.Evidence = append(slices.Clip(r.Evidence), e)
		if problems := evidenceProblems(&r); len(problems) > 0 {
			return &RegisterError{problems}
		}
		_, err = tx.PutRegister(ctx, workspace, RegisterVersion{Version: version, Register: withoutControls(&r)})
		return err
	})
	if err != nil {
		return assurance.Evidence{}, fmt.Errorf("add evidence: %w", err)
	}
	return e, nil
}

// evidenceProblems returns what is wrong with the last piece of evidence, with
// paths such as "kind". What was wrong with the register before stays so.
func evidenceProblems(r *assurance.Register) (out []assurance.Problem) {
	prefix := fmt.Sprintf("evidence[%d].", len(r.Evidence)-1)
	for _, p := range r.Validate() {
		if field, ok := strings.CutPrefix(p.Path, prefix); ok {
			out = append(out, assurance.Problem{Path: field, Text: p.Text})
		}
	}
	return out
}

func hasEvidence(r *assurance.Register, id string) bool {
	return slices.ContainsFunc(r.Evidence, func(e assurance.Evidence) bool { return strings.EqualFold(e.ID, id) })
}

// freeEvidenceID returns the first id of the year that no evidence has.
func freeEvidenceID(r *assurance.Register, on time.Time) string {
	for n := 1; ; n++ {
		if id := fmt.Sprintf("EV-%d-%03d", on.Year(), n); !hasEvidence(r, id) {
			return id
		}
	}
}
