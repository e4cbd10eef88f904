package engine

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// EntryMarks is what a library's keeper says of entries, beside what they
// answer. A field that is nil stays as it is.
type EntryMarks struct {
	Owner      *string
	Visibility *Visibility
	Products   *[]string // none is all products
	Language   *string
	ReviewedAt *time.Time
	ReviewBy   *time.Time // the zero time takes the day away
}

// MarkEntries marks entries, in one transaction, and returns them as they are
// then, in the order of ids. An entry that is marked so already gets no new
// version. version is the one that was seen of a single entry, 0 is whichever
// there is; if another one is there the error is an [*EntryConflictError]. An id
// that is not there is [ErrNotFound].
func MarkEntries(ctx context.Context, store Store, workspace string, who Person, ids []string, version int, m EntryMarks) (out []Entry, err error) {
	if !May(who.Role, ActionLibraryEdit) {
		return nil, fmt.Errorf("mark entries: %w (%s)", ErrForbidden, ActionLibraryEdit)
	}
	ctx, _ = actingAs(ctx, who)
	err = store.InTx(ctx, func(tx Tx) error {
		out = nil
		list, err := tx.Entries(ctx, workspace, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if i >= len(list) || list[i].ID != id {
				return fmt.Errorf("entry %s: %w", id, ErrNotFound)
			}
			if version != 0 && list[i].Version != version {
				return conflictOf(ctx, tx, workspace, &list[i], version)
			}
			e := m.on(&list[i])
			if !e.SaysSame(&list[i]) {
				if e, err = tx.PutEntry(ctx, workspace, e); err != nil {
					return fmt.Errorf("entry %s: %w", id, err)
				}
			}
			out = append(out, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mark entries: %w", err)
	}
	return out, nil
}

// on returns e with the marks.
func (m *EntryMarks) on(e *Entry) Entry {
	c := *e
	if m.Owner != nil {
		c.Owner = CleanText(cleanBytes(*m.Owner))
	}
	if m.Visibility != nil {
		c.Visibility = *m.Visibility
	}
	if m.Products != nil {
		c.Products = nil
		for _, p := range cleanAll(*m.Products) {
			if p = CleanText(p); !slices.Contains(c.Products, p) {
				c.Products = append(c.Products, p)
			}
		}
	}
	if m.Language != nil {
		c.Language = *m.Language
	}
	if m.ReviewedAt != nil {
		c.ReviewedAt = cleanDay(m.ReviewedAt)
	}
	if m.ReviewBy != nil {
		c.ReviewBy = nil
		if !m.ReviewBy.IsZero() {
			c.ReviewBy = cleanDay(m.ReviewBy)
		}
	}
	return c
}
