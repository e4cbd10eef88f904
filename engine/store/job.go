package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"vouch/engine"
)

const jobColumns = `id, kind, object, args, state, done, total, attempt, max_attempts, cancelling, error, asked_by, created_at, started_at, ended_at, next_at`

// jobRow is a job with what only this file knows of it.
type jobRow struct {
	engine.Job
	workspace, token string
	again            bool
	doneBefore       int
}

const jobRowColumns = jobColumns + `, workspace_id, token, again, done_before`

// Jobs returns the jobs that pass f, newest first.
func (r reads) Jobs(ctx context.Context, workspace string, f engine.JobFilter) ([]engine.Job, error) {
	q := where{stmt: `SELECT ` + jobColumns + ` FROM jobs WHERE workspace_id = $1`, args: []any{workspace}}
	q.and("kind =", string(f.Kind))
	q.and("object =", f.Object)
	q.and("state =", string(f.State))
	q.and("id <", f.After)
	q.page("id DESC", f.Limit)
	list, err := collect(ctx, r.q, q.stmt, q.args, scanJob)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return list, nil
}

// Job returns the job with this id, or [engine.ErrNotFound].
func (r reads) Job(ctx context.Context, workspace, id string) (engine.Job, error) {
	row, err := r.jobRow(ctx, workspace, id)
	if err != nil {
		return engine.Job{}, fmt.Errorf("read job: %w", err)
	}
	return row.Job, nil
}

func (r reads) jobRow(ctx context.Context, workspace, id string) (jobRow, error) {
	const stmt = `SELECT ` + jobRowColumns + ` FROM jobs WHERE workspace_id = $1 AND id = $2`
	list, err := collect(ctx, r.q, stmt, []any{workspace, id}, scanJobRow)
	if err != nil {
		return jobRow{}, err
	}
	if len(list) == 0 {
		return jobRow{}, engine.ErrNotFound
	}
	return list[0], nil
}

// AddJob adds a job, in a transaction of its own.
func (s *Store) AddJob(ctx context.Context, workspace string, j engine.Job) (added engine.Job, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		added, err = t.AddJob(ctx, workspace, j)
		return err
	})
	return added, err
}

// AddJob adds a job, or returns the one there is already.
func (w *writes) AddJob(ctx context.Context, workspace string, j engine.Job) (engine.Job, error) {
	added, err := w.addJob(ctx, workspace, j)
	if err != nil {
		return engine.Job{}, fmt.Errorf("add job: %w", err)
	}
	return added, nil
}

func (w *writes) addJob(ctx context.Context, workspace string, j engine.Job) (engine.Job, error) {
	if err := j.Validate(); err != nil {
		return engine.Job{}, err
	}
	const alike = `SELECT ` + jobRowColumns + ` FROM jobs
		WHERE workspace_id = $1 AND kind = $2 AND object = $3 AND ended_at IS NULL AND cancelling = 0`
	found, err := collect(ctx, w.q, alike, []any{workspace, string(j.Kind), j.Object}, scanJobRow)
	if err != nil {
		return engine.Job{}, err
	}
	if len(found) > 0 {
		const again = `UPDATE jobs SET again = 1 WHERE workspace_id = $1 AND id = $2 AND state = 'running'`
		_, err := w.t.exec(ctx, again, workspace, found[0].ID)
		return found[0].Job, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return engine.Job{}, fmt.Errorf("make id: %w", err)
	}
	at, err := w.clock(ctx)
	if err != nil {
		return engine.Job{}, err
	}
	added := engine.Job{
		ID: id.String(), Kind: j.Kind, Object: j.Object, Args: j.Args, State: engine.JobQueued, MaxAttempts: j.MaxAttempts,
		By: engine.ActorOf(ctx).Name, CreatedAt: at, NextAt: at,
	}
	if added.MaxAttempts == 0 {
		added.MaxAttempts = engine.DefaultAttempts
	}
	const stmt = `INSERT INTO jobs (workspace_id, id, kind, object, args, max_attempts, asked_by, created_at, state, cancelling, again, done, total,
		attempt, error, next_at, token, leased_until, done_before) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, 0, 0, 0, 0, '', $9, '', 0, 0)`
	if _, err := w.t.exec(ctx, stmt, workspace, added.ID, string(added.Kind), added.Object, added.Args, added.MaxAttempts, added.By,
		at.UnixMilli(), at.UnixMilli()); err != nil {
		return engine.Job{}, err
	}
	if err := w.queued(ctx, workspace, added.ID, at); err != nil {
		return engine.Job{}, err
	}
	return added, w.audit(ctx, workspace, "job:"+added.ID, "", added.AuditHash())
}

// CancelJob cancels a job, in a transaction of its own.
func (s *Store) CancelJob(ctx context.Context, workspace, id string) (j engine.Job, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		j, err = t.CancelJob(ctx, workspace, id)
		return err
	})
	return j, err
}

// CancelJob ends a job that is queued, and tells one that runs to end.
func (w *writes) CancelJob(ctx context.Context, workspace, id string) (engine.Job, error) {
	j, err := w.cancelJob(ctx, workspace, id)
	if err != nil {
		return engine.Job{}, fmt.Errorf("cancel job: %w", err)
	}
	return j, nil
}

func (w *writes) cancelJob(ctx context.Context, workspace, id string) (engine.Job, error) {
	row, err := w.jobRow(ctx, workspace, id)
	if err != nil || row.State.Ended() || row.Cancelling {
		return row.Job, err
	}
	before := row.AuditHash()
	row.Cancelling = true
	if row.State == engine.JobQueued {
		row.State = engine.JobCancelled
	}
	if err := w.putJob(ctx, &row); err != nil {
		return engine.Job{}, err
	}
	return row.Job, w.audit(ctx, workspace, "job:"+id, before, row.AuditHash())
}

// putJob stores what changes of a job. An end, and the time of a job that is
// queued anew, are set here.
func (w *writes) putJob(ctx context.Context, row *jobRow) error {
	var ended any
	if row.State.Ended() {
		at, err := w.clock(ctx)
		if err != nil {
			return err
		}
		row.EndedAt, row.NextAt, row.again, ended = at, time.Time{}, false, at.UnixMilli()
	}
	if row.State != engine.JobRunning {
		row.token = ""
	}
	next := int64(0)
	if !row.NextAt.IsZero() {
		next = row.NextAt.UnixMilli()
	}
	const stmt = `UPDATE jobs SET state = $3, cancelling = $4, again = $5, done = $6, total = $7, attempt = $8, error = $9, next_at = $10,
		ended_at = $11, token = $12 WHERE workspace_id = $1 AND id = $2`
	_, err := w.t.exec(ctx, stmt, row.workspace, row.ID, string(row.State), toInt(row.Cancelling), toInt(row.again), row.Done, row.Total, row.Attempt,
		row.Error, next, ended, row.token)
	return err
}

// requeue puts a job back into the queue, to be begun after a while.
func (w *writes) requeue(ctx context.Context, row *jobRow, wait time.Duration) error {
	at, err := w.clock(ctx)
	if err != nil {
		return err
	}
	row.State, row.NextAt = engine.JobQueued, at.Add(wait.Truncate(time.Millisecond))
	if err := w.putJob(ctx, row); err != nil {
		return err
	}
	return w.queued(ctx, row.workspace, row.ID, row.NextAt)
}

// clock returns what time it is for the database.
func (w *writes) clock(ctx context.Context) (time.Time, error) {
	list, err := collect(ctx, w.q, `SELECT `+w.d.clock, nil, func(rows *sql.Rows) (ms int64, err error) {
		err = rows.Scan(&ms)
		return ms, err
	})
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(list[0]).UTC(), nil
}

// ClaimJob gives a worker the next job, in a transaction of its own. Nothing
// is written, and no writer waited for, while there is nothing to do.
func (s *Store) ClaimJob(ctx context.Context, kinds []engine.JobKind, lease time.Duration) (workspace string, c engine.JobClaim, err error) {
	if _, _, err := s.nextJob(ctx, kinds); err != nil {
		return "", engine.JobClaim{}, fmt.Errorf("claim job: %w", err)
	}
	err = s.InTx(ctx, func(t engine.Tx) error {
		workspace, c, err = t.ClaimJob(ctx, kinds, lease)
		return err
	})
	return workspace, c, err
}

// ClaimJob gives a worker the next job.
func (w *writes) ClaimJob(ctx context.Context, kinds []engine.JobKind, lease time.Duration) (string, engine.JobClaim, error) {
	workspace, c, err := w.claimJob(ctx, kinds, lease)
	if err != nil {
		return "", engine.JobClaim{}, fmt.Errorf("claim job: %w", err)
	}
	return workspace, c, nil
}

func (w *writes) claimJob(ctx context.Context, kinds []engine.JobKind, lease time.Duration) (string, engine.JobClaim, error) {
	workspace, id, err := w.nextJob(ctx, kinds)
	if err != nil {
		return "", engine.JobClaim{}, err
	}
	token := uuid.NewString()
	stmt := `UPDATE jobs SET state = 'running', attempt = attempt + 1, token = $3, leased_until = ` + w.d.clock + ` + $4, done_before = done,
		started_at = ` + w.d.clock + ` WHERE workspace_id = $1 AND id = $2 AND state = 'queued'`
	n, err := w.t.exec(ctx, stmt, workspace, id, token, lease.Milliseconds())
	if err != nil {
		return "", engine.JobClaim{}, err
	}
	if n == 0 {
		return "", engine.JobClaim{}, engine.ErrNotFound
	}
	j, err := w.Job(ctx, workspace, id)
	return workspace, engine.JobClaim{Job: j, Token: token, Lease: lease}, err
}

// nextJob finds what to do next. It has two steps, so that a workspace with
// very many jobs costs no more than one with few: whose turn it is, and which
// of its jobs.
func (r reads) nextJob(ctx context.Context, kinds []engine.JobKind) (workspace, id string, err error) {
	if len(kinds) == 0 {
		return "", "", engine.ErrNotFound
	}
	in := make([]string, len(kinds))
	args := make([]any, len(kinds), len(kinds)+1)
	for i, k := range kinds {
		in[i], args[i] = "$"+strconv.Itoa(i+1), string(k)
	}
	due := ` FROM jobs j WHERE j.ended_at IS NULL AND j.state = 'queued' AND j.next_at <= ` + r.d.clock + ` AND j.kind IN (` + strings.Join(in, ", ") + `)
		AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.workspace_id = j.workspace_id AND o.kind = j.kind AND o.object = j.object
			AND o.ended_at IS NULL AND o.state = 'running')`
	turn := `SELECT w.workspace_id FROM (SELECT DISTINCT j.workspace_id` + due + `) w
		ORDER BY coalesce((SELECT max(s.started_at) FROM jobs s WHERE s.workspace_id = w.workspace_id), 0), w.workspace_id LIMIT 1`
	first, err := collect(ctx, r.q, turn, args, scanText)
	if err != nil || len(first) == 0 {
		return "", "", orNotFound(err)
	}
	oldest := `SELECT j.id` + due + ` AND j.workspace_id = $` + strconv.Itoa(len(args)+1) + ` ORDER BY j.next_at, j.id LIMIT 1`
	ids, err := collect(ctx, r.q, oldest, append(args, first[0]), scanText)
	if err != nil || len(ids) == 0 {
		return "", "", orNotFound(err)
	}
	return first[0], ids[0], nil
}

// KeepJob stores how far a job is, in a transaction of its own.
func (s *Store) KeepJob(ctx context.Context, workspace string, c engine.JobClaim, done, total int) error {
	var told error // what the caller hears undoes nothing
	err := s.InTx(ctx, func(t engine.Tx) error {
		told = t.KeepJob(ctx, workspace, c, done, total)
		if errors.Is(told, engine.ErrJobCancelled) {
			return nil
		}
		return told
	})
	return cmp.Or(err, told)
}

// KeepJob stores how far a job is, and lets its claim hold.
func (w *writes) KeepJob(ctx context.Context, workspace string, c engine.JobClaim, done, total int) error {
	told := w.HeldJob(ctx, workspace, c)
	if told != nil && !errors.Is(told, engine.ErrJobCancelled) {
		return told
	}
	stmt := `UPDATE jobs SET done = $4, total = $5, leased_until = ` + w.d.clock + ` + $6 WHERE workspace_id = $1 AND id = $2 AND token = $3`
	if _, err := w.t.exec(ctx, stmt, workspace, c.Job.ID, c.Token, max(done, 0), max(total, 0), c.Lease.Milliseconds()); err != nil {
		return fmt.Errorf("keep job: %w", err)
	}
	return told
}

// HeldJob says whether a claim holds.
func (r reads) HeldJob(ctx context.Context, workspace string, c engine.JobClaim) error {
	row, err := r.held(ctx, workspace, c)
	if err == nil && row.Cancelling {
		err = engine.ErrJobCancelled
	}
	if err != nil {
		return fmt.Errorf("keep job: %w", err)
	}
	return nil
}

// held returns the job of a claim that holds.
func (r reads) held(ctx context.Context, workspace string, c engine.JobClaim) (jobRow, error) {
	row, err := r.jobRow(ctx, workspace, c.Job.ID)
	if errors.Is(err, engine.ErrNotFound) || err == nil && (row.State != engine.JobRunning || row.token != c.Token) {
		return jobRow{}, engine.ErrJobLost
	}
	return row, err
}

// EndJob ends an attempt, in a transaction of its own.
func (s *Store) EndJob(ctx context.Context, workspace string, c engine.JobClaim, e engine.JobEnd) (j engine.Job, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		j, err = t.EndJob(ctx, workspace, c, e)
		return err
	})
	return j, err
}

// EndJob ends an attempt.
func (w *writes) EndJob(ctx context.Context, workspace string, c engine.JobClaim, e engine.JobEnd) (engine.Job, error) {
	row, err := w.held(ctx, workspace, c)
	if err == nil {
		err = w.endJob(ctx, &row, e)
	}
	if err != nil {
		return engine.Job{}, fmt.Errorf("end job: %w", err)
	}
	return row.Job, nil
}

func (w *writes) endJob(ctx context.Context, row *jobRow, e engine.JobEnd) error {
	row.Done, row.Total = max(e.Done, 0), max(e.Total, 0)
	if e.State == engine.JobFailed && !row.Cancelling {
		row.Error = engine.CutJobError(e.Error)
	}
	switch {
	case e.State == engine.JobDone && row.again && !row.Cancelling:
		row.again, row.Attempt, row.Error = false, 0, ""
		return w.requeue(ctx, row, 0)
	case e.State == engine.JobDone:
		row.State, row.Error = engine.JobDone, ""
	case row.Cancelling:
		row.State = engine.JobCancelled
	case e.State == engine.JobQueued:
		row.Attempt--
		return w.requeue(ctx, row, 0)
	case e.State == engine.JobFailed && row.Attempt < row.MaxAttempts:
		return w.requeue(ctx, row, e.Retry)
	case e.State == engine.JobFailed:
		row.State = engine.JobFailed
	default:
		return fmt.Errorf("an attempt ends done, failed or queued, not %q", e.State)
	}
	return w.putJob(ctx, row)
}

// RescueJobs puts jobs back that were left, in a transaction of its own.
// Nothing is written, and no writer waited for, while there are none.
func (s *Store) RescueJobs(ctx context.Context) (n int, err error) {
	if left, err := s.leftJobs(ctx); err != nil || len(left) == 0 {
		return 0, err
	}
	err = s.InTx(ctx, func(t engine.Tx) error {
		n, err = t.RescueJobs(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// RescueJobs puts jobs back whose worker did not keep its claim.
func (w *writes) RescueJobs(ctx context.Context) (int, error) {
	left, err := w.leftJobs(ctx)
	if err != nil {
		return 0, err
	}
	for i := range left {
		if err := w.rescueJob(ctx, &left[i]); err != nil {
			return 0, fmt.Errorf("rescue job %s: %w", left[i].ID, err)
		}
	}
	return len(left), nil
}

func (w *writes) rescueJob(ctx context.Context, row *jobRow) error {
	if row.Done > row.doneBefore {
		row.Attempt--
	}
	switch {
	case row.Cancelling:
		row.State = engine.JobCancelled
	case row.Attempt < row.MaxAttempts:
		return w.requeue(ctx, row, 0)
	default:
		row.State, row.Error = engine.JobFailed, fmt.Sprintf("what worked on it ended in the midst of it, in attempt %d of %d", row.Attempt, row.MaxAttempts)
	}
	return w.putJob(ctx, row)
}

// leftJobs returns the jobs of all workspaces whose claim was not kept.
func (r reads) leftJobs(ctx context.Context) ([]jobRow, error) {
	return r.jobsThat(ctx, `state = 'running' AND leased_until < `+r.d.clock)
}

// jobsThat returns the jobs of all workspaces that have not ended and for which
// a condition holds.
func (r reads) jobsThat(ctx context.Context, condition string) ([]jobRow, error) {
	stmt := `SELECT ` + jobRowColumns + ` FROM jobs WHERE ended_at IS NULL AND ` + condition + ` ORDER BY id`
	list, err := collect(ctx, r.q, stmt, nil, scanJobRow)
	if err != nil {
		return nil, fmt.Errorf("look for jobs that were left: %w", err)
	}
	return list, nil
}

// PruneJobs deletes old jobs, in a transaction of its own.
func (s *Store) PruneJobs(ctx context.Context, age time.Duration) (n int, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		n, err = t.PruneJobs(ctx, age)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// PruneJobs deletes the jobs that ended longer ago than age.
func (w *writes) PruneJobs(ctx context.Context, age time.Duration) (int, error) {
	n, err := w.t.exec(ctx, `DELETE FROM jobs WHERE ended_at IS NOT NULL AND ended_at < `+w.d.clock+` - $1`, age.Milliseconds())
	if err != nil {
		return 0, fmt.Errorf("prune jobs: %w", err)
	}
	return int(n), nil
}

// jobTimes are the times of a job as they are stored.
type jobTimes struct {
	created, next  int64
	started, ended sql.NullInt64
}

func jobFields(j *engine.Job, t *jobTimes) []any {
	return []any{
		&j.ID, (*string)(&j.Kind), &j.Object, &j.Args, (*string)(&j.State), &j.Done, &j.Total, &j.Attempt, &j.MaxAttempts, &j.Cancelling, &j.Error, &j.By,
		&t.created, &t.started, &t.ended, &t.next,
	}
}

func (t *jobTimes) set(j *engine.Job) {
	j.CreatedAt = time.UnixMilli(t.created).UTC()
	if t.started.Valid {
		j.StartedAt = time.UnixMilli(t.started.Int64).UTC()
	}
	if t.ended.Valid {
		j.EndedAt = time.UnixMilli(t.ended.Int64).UTC()
	}
	if j.State == engine.JobQueued {
		j.NextAt = time.UnixMilli(t.next).UTC()
	}
}

func scanJob(rows *sql.Rows) (j engine.Job, err error) {
	var t jobTimes
	err = rows.Scan(jobFields(&j, &t)...)
	t.set(&j)
	return j, err
}

func scanJobRow(rows *sql.Rows) (row jobRow, err error) {
	var t jobTimes
	err = rows.Scan(append(jobFields(&row.Job, &t), &row.workspace, &row.token, &row.again, &row.doneBefore)...)
	t.set(&row.Job)
	return row, err
}

func scanText(rows *sql.Rows) (s string, err error) {
	err = rows.Scan(&s)
	return s, err
}

// orNotFound is err, or that there is nothing.
func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return engine.ErrNotFound
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
