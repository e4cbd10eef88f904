package main

import (
	"context"
	"log/slog"
	"time"

	"vouch/engine"
)

const (
	// progressEvery is how often it is looked how far jobs are.
	progressEvery = 500 * time.Millisecond

	// recentJobs is how many of the newest jobs are looked at, so that one
	// that begins and ends between two looks is told of.
	recentJobs = 20
)

// jobEvent is what streams are told of a job.
type jobEvent struct {
	ID     string          `json:"id"`
	Kind   engine.JobKind  `json:"kind"`
	Object string          `json:"object"`
	State  engine.JobState `json:"state"`
	Done   int             `json:"done"`
	Total  int             `json:"total"`
}

// jobTeller tells those who follow a workspace how far its jobs are, whichever
// process works on them: it is read from the database.
type jobTeller struct {
	store    engine.JobStore
	followed func() []string // the workspaces that somebody follows here
	tell     func(workspace, name string, data any) error
	log      *slog.Logger
	seen     map[string]map[string]jobEvent // by workspace and id
}

// run tells until ctx ends.
func (j *jobTeller) run(ctx context.Context) {
	ticks := time.NewTicker(progressEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		now := map[string]map[string]jobEvent{}
		for _, workspace := range j.followed() {
			list, err := j.look(ctx, workspace)
			if err != nil {
				if ctx.Err() == nil {
					j.log.Warn("event streams cannot see how far jobs are", "error", err)
				}
				list = j.seen[workspace]
			}
			now[workspace] = list
		}
		j.seen = now
	}
}

// look tells what is new of the jobs of a workspace, and returns how they are.
// At the first look only what runs is new.
func (j *jobTeller) look(ctx context.Context, workspace string) (map[string]jobEvent, error) {
	before, again := j.seen[workspace]
	running, err := j.store.Jobs(ctx, workspace, engine.JobFilter{State: engine.JobRunning})
	if err != nil {
		return nil, err
	}
	recent, err := j.store.Jobs(ctx, workspace, engine.JobFilter{Limit: recentJobs})
	if err != nil {
		return nil, err
	}
	now := map[string]jobEvent{}
	for _, x := range append(recent, running...) {
		now[x.ID] = eventOf(&x)
	}
	for id, was := range before {
		if _, ok := now[id]; ok || was.State.Ended() {
			continue
		}
		x, err := j.store.Job(ctx, workspace, id)
		if err != nil {
			return nil, err
		}
		now[id] = eventOf(&x)
	}
	for id, e := range now {
		if e == before[id] || !again && e.State != engine.JobRunning {
			continue
		}
		if err := j.tell(workspace, "job", e); err != nil {
			return nil, err
		}
	}
	return now, nil
}

func eventOf(j *engine.Job) jobEvent {
	return jobEvent{ID: j.ID, Kind: j.Kind, Object: j.Object, State: j.State, Done: j.Done, Total: j.Total}
}
