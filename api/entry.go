package api

import (
	"context"
	"errors"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine"
)

// sourceAPI is the source of what was sent to the API, not imported.
const sourceAPI = "api"

// ListEntries lists entries.
func (s *Server) ListEntries(ctx context.Context, r ListEntriesRequestObject) (ListEntriesResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	p := r.Params
	f := engine.EntryFilter{
		File: p.File, Section: p.Section, Owner: p.Owner, Tag: p.Tag, Visibility: string(p.Visibility), Product: p.Product, Language: p.Language,
		ReviewedBefore: p.ReviewedBefore.Time, ReviewDueBefore: p.ReviewDueBefore.Time, After: after, Limit: p.Limit + 1,
	}
	var list []engine.Entry
	for e, err := range s.Store.AllEntries(ctx, r.Workspace, f) {
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	shown, next, link := page(ctx, list, p.Limit, func(e *engine.Entry) string { return e.ID })
	return ListEntries200JSONResponse{Body: EntryPage{Entries: entriesShown(shown), Next: next}, Headers: ListEntries200ResponseHeaders{Link: optional(link)}}, nil
}

// CreateEntry adds an entry.
func (s *Server) CreateEntry(ctx context.Context, r CreateEntryRequestObject) (CreateEntryResponseObject, error) {
	ctx = requestContext(ctx)
	return once(ctx, s, r.Params.IdempotencyKey, CreateEntryResponseObject.VisitCreateEntryResponse, func(ctx context.Context, store engine.Store) (CreateEntryResponseObject, error) {
		e := entryOf(r.Body)
		e.Source = engine.Source{File: sourceAPI}
		if err := ownerIsMember(ctx, store, r.Workspace, e.Owner, ""); err != nil {
			return nil, err
		}
		e, err := store.PutEntry(ctx, r.Workspace, e)
		if err != nil {
			return nil, err
		}
		at := callOf(ctx).request.URL.Path + "/" + e.ID
		return CreateEntry201JSONResponse{Body: entryShown(&e), Headers: CreateEntry201ResponseHeaders{ETag: etag(e.Version), Location: at}}, nil
	})
}

// GetEntry reads an entry.
func (s *Server) GetEntry(ctx context.Context, r GetEntryRequestObject) (GetEntryResponseObject, error) {
	e, err := s.entry(requestContext(ctx), r.Workspace, r.Entry)
	if err != nil {
		return nil, err
	}
	return GetEntry200JSONResponse{Body: entryShown(&e), Headers: GetEntry200ResponseHeaders{ETag: etag(e.Version)}}, nil
}

func (s *Server) entry(ctx context.Context, workspace, id string) (engine.Entry, error) {
	list, err := s.Store.Entries(ctx, workspace, []string{id})
	if err != nil {
		return engine.Entry{}, err
	}
	if len(list) == 0 {
		return engine.Entry{}, notFound.because("There is no entry with this id.")
	}
	return list[0], nil
}

// ChangeEntry stores the next version of an entry. What says the same is none.
func (s *Server) ChangeEntry(ctx context.Context, r ChangeEntryRequestObject) (ChangeEntryResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "an entry")
	if err != nil {
		return nil, err
	}
	current, err := s.entry(ctx, r.Workspace, r.Entry)
	if err != nil {
		return nil, err
	}
	e := entryOf(r.Body)
	e.ID, e.Version, e.Source = current.ID, version, current.Source
	if err := ownerIsMember(ctx, s.Store, r.Workspace, e.Owner, current.Owner); err != nil {
		return nil, err
	}
	if current.Version == version && e.SaysSame(&current) {
		e = current
	} else if e, err = s.putEntry(ctx, r.Workspace, e); errors.Is(err, engine.ErrStaleVersion) {
		if current, err = s.entry(ctx, r.Workspace, r.Entry); err != nil {
			return nil, err
		}
		return nil, changedMeanwhile("entry", current.Version, entryShown(&current))
	}
	if err != nil {
		return nil, err
	}
	return ChangeEntry200JSONResponse{Body: entryShown(&e), Headers: ChangeEntry200ResponseHeaders{ETag: etag(e.Version)}}, nil
}

// putEntry stores the next version of an entry, and marks what rests on another.
func (s *Server) putEntry(ctx context.Context, workspace string, e engine.Entry) (engine.Entry, error) {
	return changing(ctx, s.Store, workspace, func(store engine.Store) (engine.Entry, engine.StaleCheck, error) {
		e, err := store.PutEntry(ctx, workspace, e)
		return e, engine.StaleCheck{Entries: []string{e.ID}}, err
	})
}

// ListEntryVersions lists every version of an entry.
func (s *Server) ListEntryVersions(ctx context.Context, r ListEntryVersionsRequestObject) (ListEntryVersionsResponseObject, error) {
	list, err := s.Store.EntryVersions(requestContext(ctx), r.Workspace, r.Entry)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, notFound.because("There is no entry with this id.")
	}
	return ListEntryVersions200JSONResponse{Versions: entriesShown(list)}, nil
}

// entryOf returns the entry that a body says.
func entryOf(b *EntryContent) engine.Entry {
	return engine.Entry{
		Question: b.Question, Verdict: engine.Verdict(b.Verdict), Answer: b.Answer, Text: b.Text, Ownership: b.Ownership, Section: b.Section,
		Tags: b.Tags, Owner: b.Owner, ReviewedAt: timeOf(b.ReviewedAt), ReviewBy: timeOf(b.ReviewBy),
		Visibility: engine.Visibility(b.Visibility), Products: b.Products, Language: b.Language,
	}
}

// entryShown returns an entry as the API shows it.
func entryShown(e *engine.Entry) Entry {
	return Entry{
		Id: e.ID, Version: e.Version, Question: e.Question, Verdict: Verdict(e.Verdict), Answer: e.Answer, Text: e.Text, Ownership: e.Ownership,
		Section: e.Section, Tags: e.Tags, Owner: e.Owner, ReviewedAt: dayOf(e.ReviewedAt), ReviewBy: dayOf(e.ReviewBy),
		Visibility: Visibility(e.Visibility), Products: e.Products, Language: e.Language, Source: sourceShown(&e.Source),
	}
}

func entriesShown(list []engine.Entry) []Entry {
	out := make([]Entry, len(list))
	for i := range list {
		out[i] = entryShown(&list[i])
	}
	return out
}

func sourceShown(s *engine.Source) Source {
	return Source{File: s.File, Ref: s.Ref, Nth: s.Nth, Place: s.Place}
}

// timeOf returns a day as the engine has it, nil for none.
func timeOf(d openapi_types.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	return &d.Time
}

func dayOf(t *time.Time) openapi_types.Date {
	if t == nil {
		return openapi_types.Date{}
	}
	return openapi_types.Date{Time: *t}
}
