package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// EntryVersion is a version of an entry: who made it, and what it changed.
type EntryVersion struct {
	Entry   Entry         `json:"entry"`
	By      string        `json:"by,omitempty"` // the name of the actor, "" of what is older than the audit log
	At      *time.Time    `json:"at,omitempty"`
	Changes []FieldChange `json:"changes,omitempty"` // since the version before, none of the first
}

// FieldChange is a field that two versions of an entry say otherwise.
type FieldChange struct {
	Field  string `json:"field"` // as in JSON
	Before string `json:"before"`
	After  string `json:"after"`
}

// Changes returns the fields in which e is not as old, in the order a person
// reads them. Where it was imported from is no field of it.
func (e *Entry) Changes(old *Entry) (out []FieldChange) {
	for _, f := range []FieldChange{
		{"question", old.Question, e.Question}, {"verdict", string(old.Verdict), string(e.Verdict)}, {"answer", old.Answer, e.Answer},
		{"text", old.Text, e.Text}, {"ownership", old.Ownership, e.Ownership}, {"section", old.Section, e.Section},
		{"tags", strings.Join(old.Tags, ", "), strings.Join(e.Tags, ", ")}, {"owner", old.Owner, e.Owner},
		{"reviewed_at", dateOf(old.ReviewedAt), dateOf(e.ReviewedAt)}, {"review_by", dateOf(old.ReviewBy), dateOf(e.ReviewBy)},
		{"visibility", string(old.Visibility), string(e.Visibility)}, {"products", strings.Join(old.Products, ", "), strings.Join(e.Products, ", ")},
		{"language", old.Language, e.Language},
	} {
		if f.Before != f.After {
			out = append(out, f)
		}
	}
	return out
}

// dateOf is a day for people, "" for none.
func dateOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// EntryHistory returns every version of an entry, oldest first, with who made
// it as the audit log has it. An unknown id is [ErrNotFound].
func EntryHistory(ctx context.Context, store Store, workspace, id string) (out []EntryVersion, err error) {
	err = store.InSnapshot(ctx, func(tx Tx) error {
		out = nil
		versions, err := tx.EntryVersions(ctx, workspace, id)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			return ErrNotFound
		}
		made := map[string]AuditEvent{} // by what the entry was after it
		for e, err := range tx.AuditEvents(ctx, workspace, 0) {
			if err != nil {
				return err
			}
			if e.Object == "entry:"+id {
				made[e.After] = e
			}
		}
		for i := range versions {
			v := EntryVersion{Entry: versions[i]}
			if e, ok := made[AuditHash(&v.Entry)]; ok {
				v.By, v.At = e.Actor, &e.At
			}
			if i > 0 {
				v.Changes = v.Entry.Changes(&versions[i-1])
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read history of entry %s: %w", id, err)
	}
	return out, nil
}
