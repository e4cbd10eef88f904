package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// JobKind says which handler does a job.
type JobKind string

// The kinds of jobs.
const (
	JobDraft  JobKind = "draft"  // drafts the questions of a questionnaire that have no answer yet
	JobExport JobKind = "export" // writes the answers of a questionnaire into its file
)

// JobState says how far a job is.
type JobState string

// The states of a job. The last three are its end.
const (
	JobQueued    JobState = "queued"  // waits for a worker, the first time or again
	JobRunning   JobState = "running" // a worker has it
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Ended says that nothing more comes after a state.
func (s JobState) Ended() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Limits of a job.
const (
	DefaultAttempts = 5   // of a job that does not say how often it may be tried
	MaxJobError     = 500 // characters that are kept of an error

	maxJobName = 200    // bytes of a kind, and of an object
	maxJobArgs = 10_000 // bytes
)

// Errors about jobs. Compare with [errors.Is].
var (
	ErrJobLost      = errors.New("another worker may have the job by now; leave it alone")
	ErrJobCancelled = errors.New("the job was cancelled")
)

// Job is work that is done in the background: asked for in the transaction of
// the change that makes it necessary, done by any process that has a handler for
// its kind.
type Job struct {
	ID          string    `json:"id"`
	Kind        JobKind   `json:"kind"`
	Object      string    `json:"object"`         // what it is about, "questionnaire:ID"
	Args        string    `json:"args,omitempty"` // JSON that only its handler reads; never texts of questions
	State       JobState  `json:"state"`
	Done        int       `json:"done"`            // steps of Total, as its handler counts them
	Total       int       `json:"total,omitempty"` // 0 if it is not known
	Attempt     int       `json:"attempt"`         // the one that runs or ran last, from 1; 0 before the first
	MaxAttempts int       `json:"max_attempts"`
	Cancelling  bool      `json:"cancelling,omitempty"` // somebody cancelled it; if it runs, it ends as soon as its worker hears of that
	Error       string    `json:"error,omitempty"`      // of the last attempt that failed
	By          string    `json:"by"`                   // the name of the [Actor] who asked
	CreatedAt   time.Time `json:"created_at"`
	StartedAt   time.Time `json:"started_at,omitzero"` // of the last attempt
	EndedAt     time.Time `json:"ended_at,omitzero"`
	NextAt      time.Time `json:"next_at,omitzero"` // a queued job is not begun before
}

// Validate says what is wrong with a job that is to be added.
func (j *Job) Validate() error {
	switch {
	case j.Kind == "" || len(j.Kind) > maxJobName:
		return fmt.Errorf("the job has a kind of %d bytes; want 1 to %d", len(j.Kind), maxJobName)
	case j.Object == "" || len(j.Object) > maxJobName:
		return fmt.Errorf("the job has an object of %d bytes; want 1 to %d", len(j.Object), maxJobName)
	case len(j.Args) > maxJobArgs || j.Args != "" && !json.Valid([]byte(j.Args)):
		return fmt.Errorf("the job has arguments that are no JSON, or more than %d bytes of it", maxJobArgs)
	case j.MaxAttempts < 0:
		return fmt.Errorf("the job may be tried %d times; want a number from 1, or 0 for %d", j.MaxAttempts, DefaultAttempts)
	}
	return nil
}

// AuditHash is the hash of what people decide about a job: that there is one,
// and that it is cancelled. How far it got is not part of the audit log.
func (j *Job) AuditHash() string {
	return AuditHash([]any{j.ID, j.Kind, j.Object, j.Args, j.MaxAttempts, j.By, j.CreatedAt.UnixMilli(), j.Cancelling})
}

// CutJobError returns what is kept of the error of an attempt: its first 500
// characters.
func CutJobError(s string) string {
	if utf8.RuneCountInString(s) <= MaxJobError {
		return s
	}
	return string([]rune(s)[:MaxJobError])
}

// JobStore is the jobs of a workspace, for those who ask for work and look how
// far it is.
type JobStore interface {
	// AddJob adds a job to be done after the transaction. Of j, Kind, Object,
	// Args and MaxAttempts count; who asks is the [Actor] of ctx. While there
	// is a job of that kind and object that has not ended and is not
	// cancelled, that one is returned and no second made. If that one runs
	// already it will run once more when it is done, so that it also sees
	// what this transaction changes.
	AddJob(ctx context.Context, workspace string, j Job) (Job, error)

	// Jobs returns the jobs that pass f, newest first.
	Jobs(ctx context.Context, workspace string, f JobFilter) ([]Job, error)

	// Job returns the job with this id, or [ErrNotFound].
	Job(ctx context.Context, workspace, id string) (Job, error)

	// CancelJob ends a job that is queued. One that runs is told to end, and
	// is cancelled when it has. A job that has ended stays as it is.
	CancelJob(ctx context.Context, workspace, id string) (Job, error)
}

// JobFilter chooses jobs. The zero value chooses all; fields that are set must
// all hold.
type JobFilter struct {
	Kind   JobKind
	Object string // exactly
	State  JobState
	After  string // older than the job with this id: the last one of the page before
	Limit  int    // at most so many; 0 means all
}

// JobClaim is a worker's right to a job. It ends unless it is kept within the
// lease, and nobody else has the job before.
type JobClaim struct {
	Job   Job           // as it was when it was claimed
	Token string        // tells this claim from every other one of the job
	Lease time.Duration // how long the claim holds without being kept
}

// JobEnd is how an attempt ended.
type JobEnd struct {
	State JobState      // done; failed; queued if it was given back and does not count as an attempt
	Error string        // of a failure
	Retry time.Duration // after a failure, how long to wait before the next attempt, if there is one
	Done  int           // steps, as in [Job]
	Total int
}

// JobQueue is the jobs of all workspaces, for the workers that do them: they
// serve all workspaces, and a workspace's users never reach it. Every
// time in it is by the clock of the database, so that workers on several
// machines agree. Methods that take a claim return [ErrJobLost] and change
// nothing once it does not hold.
type JobQueue interface {
	// ClaimJob gives a worker the next job of one of the kinds, of the
	// workspace that waited longest for its turn, the oldest first; or
	// [ErrNotFound] if there is nothing to do now. Two jobs of one kind and
	// object never run at once.
	ClaimJob(ctx context.Context, kinds []JobKind, lease time.Duration) (workspace string, c JobClaim, err error)

	// KeepJob stores how far a job is, and lets its claim hold for another
	// lease. It does so too if somebody cancelled it, and the error then is
	// [ErrJobCancelled]: the worker has the job until it has stopped.
	KeepJob(ctx context.Context, workspace string, c JobClaim, done, total int) error

	// HeldJob says as KeepJob does whether a claim holds, and changes nothing.
	HeldJob(ctx context.Context, workspace string, c JobClaim) error

	// EndJob ends an attempt, and returns what became of the job: ended, or
	// queued again. A job that somebody cancelled and that is not done is
	// cancelled.
	EndJob(ctx context.Context, workspace string, c JobClaim, e JobEnd) (Job, error)

	// RescueJobs puts jobs back into the queue whose worker did not keep its
	// claim, and returns how many it found. The attempt counts, unless it got
	// further than those before; after the last one the job has failed.
	RescueJobs(ctx context.Context) (int, error)

	// PruneJobs deletes the jobs that ended longer ago than age, and returns
	// how many.
	PruneJobs(ctx context.Context, age time.Duration) (int, error)
}
