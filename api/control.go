package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// ListControls lists controls.
func (s *Server) ListControls(ctx context.Context, r ListControlsRequestObject) (ListControlsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	p := r.Params
	f := engine.ControlFilter{Domain: p.Domain, Owner: p.Owner, Status: p.Status, After: after, Limit: p.Limit + 1}
	var list []engine.Control
	for c, err := range s.Store.AllControls(ctx, r.Workspace, f) {
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	shown, next, link := page(ctx, list, p.Limit, func(c *engine.Control) string { return c.ID })
	out := ControlPage{Controls: make([]Control, len(shown)), Next: next}
	for i := range shown {
		out.Controls[i] = controlShown(&shown[i])
	}
	return ListControls200JSONResponse{Body: out, Headers: ListControls200ResponseHeaders{Link: optional(link)}}, nil
}

// CreateControl adds a control.
func (s *Server) CreateControl(ctx context.Context, r CreateControlRequestObject) (CreateControlResponseObject, error) {
	ctx = requestContext(ctx)
	return once(ctx, s, r.Params.IdempotencyKey, CreateControlResponseObject.VisitCreateControlResponse, func(ctx context.Context, store engine.Store) (CreateControlResponseObject, error) {
		c := controlOf(r.Body)
		c.Source = engine.Source{File: sourceAPI}
		c, err := store.PutControl(ctx, r.Workspace, c)
		if errors.Is(err, engine.ErrExists) {
			return nil, refTaken()
		}
		if err != nil {
			return nil, err
		}
		at := callOf(ctx).request.URL.Path + "/" + c.ID
		return CreateControl201JSONResponse{Body: controlShown(&c), Headers: CreateControl201ResponseHeaders{ETag: etag(c.Version), Location: at}}, nil
	})
}

func refTaken() *ProblemError {
	return exists.because("Another control has this ref.").at("/ref", "is taken; case does not count")
}

// GetControl reads a control.
func (s *Server) GetControl(ctx context.Context, r GetControlRequestObject) (GetControlResponseObject, error) {
	c, err := s.control(requestContext(ctx), r.Workspace, r.Control)
	if err != nil {
		return nil, err
	}
	return GetControl200JSONResponse{Body: controlShown(&c), Headers: GetControl200ResponseHeaders{ETag: etag(c.Version)}}, nil
}

func (s *Server) control(ctx context.Context, workspace, id string) (engine.Control, error) {
	list, err := s.Store.Controls(ctx, workspace, []string{id})
	if err != nil {
		return engine.Control{}, err
	}
	if len(list) == 0 {
		return engine.Control{}, notFound.because("There is no control with this id.")
	}
	return list[0], nil
}

// ChangeControl stores the next version of a control. What says the same is
// none.
func (s *Server) ChangeControl(ctx context.Context, r ChangeControlRequestObject) (ChangeControlResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "a control")
	if err != nil {
		return nil, err
	}
	current, err := s.control(ctx, r.Workspace, r.Control)
	if err != nil {
		return nil, err
	}
	c := controlOf(r.Body)
	c.ID, c.Version, c.Source = current.ID, version, current.Source
	if current.Version == version && c.SaysSame(&current) {
		c = current
	} else if c, err = s.putControl(ctx, r.Workspace, c); errors.Is(err, engine.ErrStaleVersion) {
		if current, err = s.control(ctx, r.Workspace, r.Control); err != nil {
			return nil, err
		}
		return nil, changedMeanwhile("control", current.Version, controlShown(&current))
	}
	if errors.Is(err, engine.ErrExists) {
		return nil, refTaken()
	}
	if err != nil {
		return nil, err
	}
	return ChangeControl200JSONResponse{Body: controlShown(&c), Headers: ChangeControl200ResponseHeaders{ETag: etag(c.Version)}}, nil
}

// putControl stores the next version of a control, and marks what rests on
// another.
func (s *Server) putControl(ctx context.Context, workspace string, c engine.Control) (engine.Control, error) {
	return changing(ctx, s.Store, workspace, func(store engine.Store) (engine.Control, engine.StaleCheck, error) {
		c, err := store.PutControl(ctx, workspace, c)
		return c, engine.StaleCheck{Controls: []string{c.ID}}, err
	})
}

// controlOf returns the control that a body says.
func controlOf(b *ControlContent) engine.Control {
	return engine.Control{
		Ref: b.Ref, Domain: b.Domain, Title: b.Title, Description: b.Description, Criteria: b.Criteria,
		Owner: b.Owner, Frequency: b.Frequency, Status: b.Status, Planned: b.Planned,
	}
}

// controlShown returns a control as the API shows it.
func controlShown(c *engine.Control) Control {
	return Control{
		Id: c.ID, Version: c.Version, Ref: c.Ref, Domain: c.Domain, Title: c.Title, Description: c.Description, Criteria: c.Criteria,
		Owner: c.Owner, Frequency: c.Frequency, Status: c.Status, Planned: c.Planned, Source: sourceShown(&c.Source),
	}
}
