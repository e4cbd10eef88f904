package api

import (
	"context"
	"strings"
	"sync"
	"time"

	"vouch/engine"
)

// ListStaleEntries lists the entries that need a review.
func (s *Server) ListStaleEntries(ctx context.Context, r ListStaleEntriesRequestObject) (ListStaleEntriesResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	age := time.Duration(0)
	if r.Params.MaxAgeDays != nil {
		age = time.Duration(*r.Params.MaxAgeDays) * 24 * time.Hour
	} else {
		settings, err := s.Store.Settings(ctx, r.Workspace)
		if err != nil {
			return nil, err
		}
		age = settings.MaxAge()
	}
	var list []engine.StaleEntry
	for e, err := range s.Store.AllEntries(ctx, r.Workspace, engine.EntryFilter{After: after}) {
		if err != nil {
			return nil, err
		}
		if list = append(list, engine.Stale([]engine.Entry{e}, on(r.Params.On).Time(), age)...); len(list) > r.Params.Limit {
			break
		}
	}
	shown, next, link := page(ctx, list, r.Params.Limit, func(x *engine.StaleEntry) string { return x.Entry.ID })
	out := StaleEntryPage{Entries: make([]StaleEntry, len(shown)), Next: next}
	for i := range shown {
		out.Entries[i] = StaleEntry{Entry: entryShown(&shown[i].Entry), Why: shown[i].Why}
	}
	return ListStaleEntries200JSONResponse{Body: out, Headers: ListStaleEntries200ResponseHeaders{Link: optional(link)}}, nil
}

// ListDuplicates lists groups of entries of which one would do.
func (s *Server) ListDuplicates(ctx context.Context, r ListDuplicatesRequestObject) (ListDuplicatesResponseObject, error) {
	ctx = requestContext(ctx)
	list, next, link, err := comparedPage(ctx, s.duplicates, r.Workspace, r.Params.After, r.Params.Limit, func(g *engine.DuplicateGroup) string { return g.Entries[0].ID })
	if err != nil {
		return nil, err
	}
	out := DuplicatePage{Groups: make([]DuplicateGroup, len(list)), Next: next}
	for i := range list {
		out.Groups[i] = DuplicateGroup{Entries: entriesShown(list[i].Entries), Exact: list[i].Exact}
	}
	return ListDuplicates200JSONResponse{Body: out, Headers: ListDuplicates200ResponseHeaders{Link: optional(link)}}, nil
}

// ListConflicts lists pairs of entries that contradict each other.
func (s *Server) ListConflicts(ctx context.Context, r ListConflictsRequestObject) (ListConflictsResponseObject, error) {
	ctx = requestContext(ctx)
	list, next, link, err := comparedPage(ctx, s.conflicts, r.Workspace, r.Params.After, r.Params.Limit, func(c *engine.EntryConflict) string { return c.A.ID + " " + c.B.ID })
	if err != nil {
		return nil, err
	}
	out := EntryConflictPage{Conflicts: make([]EntryConflict, len(list)), Next: next}
	for i := range list {
		c := &list[i]
		out.Conflicts[i] = EntryConflict{A: entryShown(&c.A), B: entryShown(&c.B), Like: c.Like, Why: c.Why}
	}
	return ListConflicts200JSONResponse{Body: out, Headers: ListConflicts200ResponseHeaders{Link: optional(link)}}, nil
}

// comparedPage returns a page of what comparing a library gives. key orders it
// as the entries were added, and is where the next page begins: also when what
// stood there has been tidied up meanwhile.
func comparedPage[T any](ctx context.Context, c *compared[T], workspace, after string, limit int, key func(*T) string) (shown []T, next, link string, err error) {
	if after, err = callOf(ctx).after(after); err != nil {
		return nil, "", "", err
	}
	list, err := c.of(ctx, workspace)
	if err != nil {
		return nil, "", "", err
	}
	for len(list) > 0 && strings.Compare(key(&list[0]), after) <= 0 {
		list = list[1:]
	}
	shown, next, link = page(ctx, list, limit, key)
	return shown, next, link, nil
}

// maxCompared is how many workspaces' lists are kept.
const maxCompared = 8

// compared keeps what comparing all entries of a library with each other gave,
// as long as nothing has changed: it takes most of a second for 10,000 entries,
// and lists come in pages. One is made at a time.
type compared[T any] struct {
	store   engine.Store
	compare func([]engine.Entry) []T

	mu   sync.Mutex
	kept map[string]comparison[T] // by workspace
}

type comparison[T any] struct {
	seq  int64 // of the last change that it has seen
	list []T
}

func newCompared[T any](store engine.Store, compare func([]engine.Entry) []T) *compared[T] {
	return &compared[T]{store: store, compare: compare, kept: map[string]comparison[T]{}}
}

// of returns the list of a workspace, which is not to be changed.
func (c *compared[T]) of(ctx context.Context, workspace string) ([]T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seq, err := c.store.LastChange(ctx)
	if err != nil {
		return nil, err
	}
	if k, ok := c.kept[workspace]; ok && k.seq == seq {
		return k.list, nil
	}
	entries, err := engine.ReadLibrary(ctx, c.store, workspace) // of seq or later, so what is kept is never too old
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= maxCompared {
		clear(c.kept)
	}
	k := comparison[T]{seq, c.compare(entries)}
	c.kept[workspace] = k
	return k.list, nil
}
