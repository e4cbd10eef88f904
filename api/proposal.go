package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// ListProposals lists proposals, oldest first.
func (s *Server) ListProposals(ctx context.Context, r ListProposalsRequestObject) (ListProposalsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	p := r.Params
	list, err := s.Store.EntryProposals(ctx, r.Workspace, engine.ProposalFilter{
		State: engine.ProposalState(p.State), Kind: engine.ProposalKind(p.Kind), Entry: p.Entry, Questionnaire: p.Questionnaire, After: after, Limit: p.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, p.Limit, func(p *engine.EntryProposal) string { return p.ID })
	out := ProposalPage{Proposals: make([]Proposal, len(shown)), Next: next}
	for i := range shown {
		out.Proposals[i] = proposalShown(&shown[i])
	}
	return ListProposals200JSONResponse{Body: out, Headers: ListProposals200ResponseHeaders{Link: optional(link)}}, nil
}

// GetProposal reads a proposal with the entry that it is against.
func (s *Server) GetProposal(ctx context.Context, r GetProposalRequestObject) (GetProposalResponseObject, error) {
	ctx = requestContext(ctx)
	p, err := s.proposal(ctx, r.Workspace, r.Proposal)
	if err != nil {
		return nil, err
	}
	out := ProposalDetail{Proposal: proposalShown(&p)}
	version := 0
	if p.Kind != engine.ProposalNew {
		versions, err := s.Store.EntryVersions(ctx, r.Workspace, p.Proposed.ID)
		if err != nil {
			return nil, err
		}
		version = len(versions)
		for i := range versions {
			switch versions[i].Version {
			case version:
				out.Entry = entryShown(&versions[i])
			case p.Proposed.Version:
				out.Was = entryShown(&versions[i])
			}
		}
	}
	return GetProposal200JSONResponse{Body: out, Headers: GetProposal200ResponseHeaders{ETag: etag(version)}}, nil
}

func (s *Server) proposal(ctx context.Context, workspace, id string) (engine.EntryProposal, error) {
	p, err := s.Store.EntryProposal(ctx, workspace, id)
	if errors.Is(err, engine.ErrNotFound) {
		return p, notFound.because("There is no proposal with this id.")
	}
	return p, err
}

// AcceptProposal makes of a proposal what the library says.
func (s *Server) AcceptProposal(ctx context.Context, r AcceptProposalRequestObject) (AcceptProposalResponseObject, error) {
	ctx = requestContext(ctx)
	version, err := ifMatch(r.Params.IfMatch, "an entry")
	if err != nil {
		return nil, err
	}
	p, err := s.proposal(ctx, r.Workspace, r.Proposal)
	if err != nil {
		return nil, err
	}
	if version == 0 && p.Kind != engine.ProposalNew && !r.Body.AsNew {
		current, err := s.entry(ctx, r.Workspace, p.Proposed.ID)
		if err != nil {
			return nil, err
		}
		return nil, changedMeanwhile("entry", current.Version, entryShown(&current))
	}
	a := engine.Acceptance{Proposal: p.ID, Version: version, AsNew: r.Body.AsNew, Note: r.Body.Note, ReviewBy: timeOf(r.Body.ReviewBy)}
	type accepted struct {
		proposal engine.EntryProposal
		entry    engine.Entry
	}
	got, err := changing(ctx, s.Store, r.Workspace, func(store engine.Store) (x accepted, c engine.StaleCheck, err error) {
		x.proposal, x.entry, err = engine.AcceptProposal(ctx, store, r.Workspace, callOf(ctx).decider(), a)
		return x, engine.StaleCheck{Entries: []string{x.entry.ID}}, err
	})
	if err != nil {
		return nil, s.undecided(ctx, r.Workspace, r.Proposal, err)
	}
	return AcceptProposal200JSONResponse{Proposal: proposalShown(&got.proposal), Entry: entryShown(&got.entry)}, nil
}

// RejectProposal closes a proposal.
func (s *Server) RejectProposal(ctx context.Context, r RejectProposalRequestObject) (RejectProposalResponseObject, error) {
	ctx = requestContext(ctx)
	p, err := engine.RejectProposal(ctx, s.Store, r.Workspace, callOf(ctx).decider(), r.Proposal, r.Body.Note)
	if err != nil {
		return nil, s.undecided(ctx, r.Workspace, r.Proposal, err)
	}
	return RejectProposal200JSONResponse(proposalShown(&p)), nil
}

// decider returns who decides a proposal. The route lets in whoever may write,
// since an entry's owner decides on it; a token without the scope to decide has
// no more than that, whatever its user's role.
func (x *call) decider() engine.Person {
	who := x.person()
	if !x.who.May(x.workspace, engine.ActionProposalDecide) && engine.May(who.Role, engine.ActionProposalDecide) {
		who.Role = engine.RoleContributor
	}
	return who
}

// undecided is why a proposal was not decided, with what there is now.
func (s *Server) undecided(ctx context.Context, workspace, id string, err error) error {
	var moved *engine.EntryConflictError
	switch {
	case errors.As(err, &moved) && moved.Yours.Version == 0:
		f := conflict.because("The library has an entry for this question by now.")
		f.current = entryShown(&moved.Current)
		return f
	case errors.As(err, &moved):
		f := changedMeanwhile("entry", moved.Current.Version, entryShown(&moved.Current))
		f.yours = entryShown(&moved.Yours)
		return f
	case errors.Is(err, engine.ErrProposalDecided):
		p, readErr := s.proposal(ctx, workspace, id)
		if readErr != nil {
			return readErr
		}
		f := conflict.because("The proposal is %s already.", p.State)
		f.current = proposalShown(&p)
		return f
	case errors.Is(err, engine.ErrNotFound):
		return notFound.because("There is no such proposal, or its entry has no such version.")
	}
	return err
}

// proposalShown returns a proposal as the API shows it.
func proposalShown(p *engine.EntryProposal) Proposal {
	e := &p.Proposed
	out := Proposal{
		Id: p.ID, Kind: ProposalKind(p.Kind), Questionnaire: p.Questionnaire, Question: p.Question, By: p.By, At: p.At, State: ProposalState(p.State),
		DecidedBy: p.DecidedBy, Note: p.Note, ResultId: p.ResultID, ResultVersion: p.ResultVersion,
		Proposed: ProposedEntry{
			Id: e.ID, Version: e.Version, Question: e.Question, Verdict: Verdict(e.Verdict), Answer: e.Answer, Text: e.Text, Ownership: e.Ownership, Section: e.Section,
			Tags: e.Tags, Owner: e.Owner, Visibility: Visibility(e.Visibility), Products: e.Products, Language: e.Language, Source: sourceShown(&e.Source),
		},
	}
	if p.DecidedAt != nil {
		out.DecidedAt = *p.DecidedAt
	}
	return out
}
