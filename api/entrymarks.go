package api

import (
	"context"
	"errors"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"vouch/engine"
)

// MarkEntry says of an entry what its keeper does beside its answer.
func (s *Server) MarkEntry(ctx context.Context, r MarkEntryRequestObject) (MarkEntryResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "an entry")
	if err != nil {
		return nil, err
	}
	current, err := s.entry(ctx, r.Workspace, r.Entry)
	if err != nil {
		return nil, err
	}
	m, err := marksOf(r.Body)
	if err != nil {
		return nil, err
	}
	if m.Owner != nil {
		if err := ownerIsMember(ctx, s.Store, r.Workspace, *m.Owner, current.Owner); err != nil {
			return nil, err
		}
	}
	if current.Version != version { // also a version that never was
		return nil, changedMeanwhile("entry", current.Version, entryShown(&current))
	}
	who := callOf(ctx).person()
	list, err := engine.MarkEntries(ctx, s.Store, r.Workspace, who, []string{r.Entry}, version, m)
	var conflict *engine.EntryConflictError
	if errors.As(err, &conflict) {
		return nil, changedMeanwhile("entry", conflict.Current.Version, entryShown(&conflict.Current))
	}
	if err != nil {
		return nil, err
	}
	return MarkEntry200JSONResponse{Body: entryShown(&list[0]), Headers: MarkEntry200ResponseHeaders{ETag: etag(list[0].Version)}}, nil
}

// marksOf returns the marks that a body says.
func marksOf(b *EntryMarks) (m engine.EntryMarks, err error) {
	m = engine.EntryMarks{Owner: b.Owner, Products: b.Products, Language: b.Language, ReviewedAt: timeOf(b.ReviewedAt)}
	if b.Visibility != "" {
		v := engine.Visibility(b.Visibility)
		if v == engine.Unmarked {
			v = engine.VisibilityUnmarked
		}
		m.Visibility = &v
	}
	if b.ReviewBy != nil {
		day := time.Time{}
		if *b.ReviewBy != "" {
			if day, err = time.Parse(openapi_types.DateFormat, *b.ReviewBy); err != nil {
				return m, invalid.because("The day to review it by is no day.").at("/review_by", "must be a day of the calendar, or empty")
			}
		}
		m.ReviewBy = &day
	}
	return m, nil
}

// ownerIsMember refuses an owner who is nobody here: owners are asked, and
// decide. What an import wrote stays until it is changed.
func ownerIsMember(ctx context.Context, store engine.MemberStore, workspace, owner, before string) error {
	if owner == "" || owner == before {
		return nil
	}
	_, err := store.Member(ctx, workspace, owner)
	if errors.Is(err, engine.ErrNotFound) {
		return invalid.because("The owner of an entry is a member of its workspace.").at("/owner", "must be the id of a member")
	}
	return err
}

// GetEntryHistory says how an entry came to be what it is.
func (s *Server) GetEntryHistory(ctx context.Context, r GetEntryHistoryRequestObject) (GetEntryHistoryResponseObject, error) {
	list, err := engine.EntryHistory(requestContext(ctx), s.Store, r.Workspace, r.Entry)
	if errors.Is(err, engine.ErrNotFound) {
		return nil, notFound.because("There is no entry with this id.")
	}
	if err != nil {
		return nil, err
	}
	out := GetEntryHistory200JSONResponse{Versions: make([]EntryVersion, len(list))}
	for i := range list {
		v := &list[i]
		out.Versions[i] = EntryVersion{Entry: entryShown(&v.Entry), By: v.By, Changes: v.Changes}
		if v.At != nil {
			out.Versions[i].At = *v.At
		}
	}
	return out, nil
}
