package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"vouch/engine"
)

// jobPause is how long at least lies between two events of one job that has not
// ended.
const jobPause = 250 * time.Millisecond

// What one look at the jobs of a workspace costs at most: so many of each state
// in a list, and so many that have left the lists one by one.
const (
	maxWatched = 500
	maxReads   = 50
)

// JobEvent is the data of an event `job`: how far a job is. The last one of a
// job has a state that is an end.
type JobEvent struct {
	ID         string          `json:"id"`
	Kind       engine.JobKind  `json:"kind"`
	Object     string          `json:"object"`
	State      engine.JobState `json:"state"`
	Done       int             `json:"done"`
	Total      int             `json:"total,omitempty"`
	Attempt    int             `json:"attempt"`
	Cancelling bool            `json:"cancelling,omitempty"`
}

// PresenceEvent is the data of an event `presence`: who looks at which question
// of a questionnaire now, nobody if looking is empty.
type PresenceEvent struct {
	Questionnaire string         `json:"questionnaire"`
	Looking       []PresenceSeen `json:"looking"`
}

// PresenceSeen is one who looks.
type PresenceSeen struct {
	N    int    `json:"n"`
	User string `json:"user"`
}

// watch is what the followers of a workspace were told of jobs and presence,
// which have no place in the log: the database says how they are, whichever
// process they run in. One goroutine has it.
type watch struct {
	jobs    map[string]*watched // those that may go on
	looking map[string][]PresenceSeen
	begun   bool
	missed  bool // part of the log was passed over, and jobs in it
}

// watched is a job as it was told last.
type watched struct {
	told JobEvent
	at   time.Time
}

func newWatch() *watch {
	return &watch{jobs: map[string]*watched{}, looking: map[string][]PresenceSeen{}}
}

// heard takes note of an event of the log: a job that somebody added is told of
// until it ends, however short it is.
func (w *watch) heard(e *engine.AuditEvent) {
	if id, ok := strings.CutPrefix(e.Object, "job:"); ok && w.jobs[id] == nil && len(w.jobs) < maxWatched {
		w.jobs[id] = &watched{}
	}
}

// aside tells what has come of jobs and presence since the last time. At first
// it only looks.
func (h *hub) aside(ctx context.Context, workspace string, r *room) error {
	w := r.watch
	if err := h.jobs(ctx, workspace, w); err != nil {
		return err
	}
	if err := h.presence(ctx, workspace, w); err != nil {
		return err
	}
	w.begun = true
	return nil
}

// jobs tells how far jobs are. Those that have ended are read one by one, once.
func (h *hub) jobs(ctx context.Context, workspace string, w *watch) error {
	if w.begun && !w.missed && len(w.jobs) == 0 {
		return nil
	}
	w.missed = false
	var list []engine.Job
	for _, state := range []engine.JobState{engine.JobQueued, engine.JobRunning} {
		some, err := h.store.Jobs(ctx, workspace, engine.JobFilter{State: state, Limit: maxWatched})
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	read := 0
	for id := range w.jobs {
		if read == maxReads {
			break // the others the next time
		}
		if slices.ContainsFunc(list, func(j engine.Job) bool { return j.ID == id }) {
			continue
		}
		read++
		j, err := h.store.Job(ctx, workspace, id)
		if errors.Is(err, engine.ErrNotFound) {
			delete(w.jobs, id)
			continue
		}
		if err != nil {
			return err
		}
		list = append(list, j)
	}
	for i := range list {
		if err := h.job(workspace, w, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

// job tells of one job if there is something to tell.
func (h *hub) job(workspace string, w *watch, j *engine.Job) error {
	now := JobEvent{j.ID, j.Kind, j.Object, j.State, j.Done, j.Total, j.Attempt, j.Cancelling}
	x := w.jobs[j.ID]
	if x == nil {
		x = &watched{}
		w.jobs[j.ID] = x
		if !w.begun {
			x.told = now // who begins to follow asks for the list
		}
	}
	if j.State.Ended() {
		delete(w.jobs, j.ID)
	} else if x.told == now || time.Since(x.at) < jobPause {
		return nil
	}
	x.told, x.at = now, time.Now()
	return h.publish(workspace, "job", now)
}

// presence tells who looks at what, of each questionnaire where that is not as
// it was.
func (h *hub) presence(ctx context.Context, workspace string, w *watch) error {
	list, err := h.store.Presences(ctx, workspace, "", engine.PresenceKept)
	if err != nil {
		return err
	}
	now := map[string][]PresenceSeen{}
	for _, p := range list {
		now[p.Questionnaire] = append(now[p.Questionnaire], PresenceSeen{p.N, p.User})
	}
	was := w.looking
	w.looking = now
	if !w.begun {
		return nil
	}
	for id := range was {
		if now[id] == nil {
			if err := h.publish(workspace, "presence", PresenceEvent{id, []PresenceSeen{}}); err != nil {
				return err
			}
		}
	}
	for id, looking := range now {
		if !slices.Equal(looking, was[id]) {
			if err := h.publish(workspace, "presence", PresenceEvent{id, looking}); err != nil {
				return err
			}
		}
	}
	return nil
}
