package api

import (
	"context"
	"errors"

	"vouch/engine"
)

// ListJobs lists jobs, newest first.
func (s *Server) ListJobs(ctx context.Context, r ListJobsRequestObject) (ListJobsResponseObject, error) {
	ctx = requestContext(ctx)
	after, err := callOf(ctx).after(r.Params.After)
	if err != nil {
		return nil, err
	}
	p := r.Params
	list, err := s.Store.Jobs(ctx, r.Workspace, engine.JobFilter{Kind: engine.JobKind(p.Kind), Object: p.Object, State: engine.JobState(p.State), After: after, Limit: p.Limit + 1})
	if err != nil {
		return nil, err
	}
	shown, next, link := page(ctx, list, p.Limit, func(j *engine.Job) string { return j.ID })
	out := JobPage{Jobs: make([]Job, len(shown)), Next: next}
	for i := range shown {
		out.Jobs[i] = jobShown(&shown[i])
	}
	return ListJobs200JSONResponse{Body: out, Headers: ListJobs200ResponseHeaders{Link: optional(link)}}, nil
}

// GetJob reads a job.
func (s *Server) GetJob(ctx context.Context, r GetJobRequestObject) (GetJobResponseObject, error) {
	j, err := s.Store.Job(requestContext(ctx), r.Workspace, r.Job)
	if err != nil {
		return nil, noJob(err)
	}
	return GetJob200JSONResponse(jobShown(&j)), nil
}

// CancelJob cancels a job.
func (s *Server) CancelJob(ctx context.Context, r CancelJobRequestObject) (CancelJobResponseObject, error) {
	j, err := s.Store.CancelJob(requestContext(ctx), r.Workspace, r.Job)
	if err != nil {
		return nil, noJob(err)
	}
	return CancelJob200JSONResponse(jobShown(&j)), nil
}

func noJob(err error) error {
	if errors.Is(err, engine.ErrNotFound) {
		return notFound.because("There is no job with this id, or not any more.")
	}
	return err
}

// jobShown returns a job as the API shows it: what only its handler reads is no
// part of it.
func jobShown(j *engine.Job) Job {
	return Job{
		Id: j.ID, Kind: string(j.Kind), Object: j.Object, State: JobState(j.State), Done: j.Done, Total: j.Total, Attempt: j.Attempt, MaxAttempts: j.MaxAttempts,
		Cancelling: j.Cancelling, Error: j.Error, By: j.By, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, EndedAt: j.EndedAt, NextAt: j.NextAt,
	}
}
