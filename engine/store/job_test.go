package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

// told is a delivery that writes down what it is told, in the transaction in a
// table that it made and outside of it in a list.
type told struct {
	fail      error
	committed int
}

func (d *told) Prepare(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE told (workspace TEXT, id TEXT, at BIGINT)`)
	return err
}

func (d *told) Queued(ctx context.Context, tx *sql.Tx, workspace, id string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO told VALUES ($1, $2, $3)`, workspace, id, at.UnixMilli())
	return errors.Join(err, d.fail)
}

func (d *told) Committed() { d.committed++ }

// TestDeliveriesAreTold: of every job that is put into the queue, in the
// transaction that does, and of nothing else.
func TestDeliveriesAreTold(t *testing.T) { overBoth(t, newDatabase, deliveriesTold) }

func deliveriesTold(t *testing.T, path string) {
	ctx, s, d := t.Context(), mustOpen(t, path), &told{}
	if err := errors.Join(s.EnsureWorkspace(ctx, "w"), s.DeliverJobs(ctx, d)); err != nil {
		t.Fatal(err)
	}
	var c engine.JobClaim
	add := func(s engine.Tx) error {
		_, err := s.AddJob(ctx, "w", engine.Job{Kind: engine.JobDraft, Object: "a"})
		return err
	}
	claim := func(lease time.Duration) func() error {
		return func() (err error) {
			_, c, err = s.ClaimJob(ctx, []engine.JobKind{engine.JobDraft}, lease)
			return err
		}
	}
	end := func(e engine.JobEnd) func() error {
		return func() error {
			_, err := s.EndJob(ctx, "w", c, e)
			return err
		}
	}
	stop := errors.New("stop")
	steps := []struct {
		name string
		do   func() error
		rows int
		wait time.Duration // from now to the time it was told
	}{
		{"nothing", func() error { return s.InTx(ctx, func(engine.Tx) error { return nil }) }, 0, 0},
		{"undone", func() error {
			err := s.InTx(ctx, func(tx engine.Tx) error { return errors.Join(add(tx), stop) })
			if errors.Is(err, stop) {
				return nil
			}
			return fmt.Errorf("got %w", err)
		}, 0, 0},
		{"added", func() error { return add(s) }, 1, 0},
		{"added twice", func() error { return add(s) }, 0, 0},
		{"claimed", claim(time.Minute), 0, 0},
		{"kept", func() error { return s.KeepJob(ctx, "w", c, 1, 2) }, 0, 0},
		{"failed", end(engine.JobEnd{State: engine.JobFailed, Error: "x", Retry: 100 * time.Millisecond}), 1, 100 * time.Millisecond},
		{"not yet", func() error {
			if err := claim(time.Minute)(); !errors.Is(err, engine.ErrNotFound) {
				return fmt.Errorf("got %w, want ErrNotFound", err)
			}
			time.Sleep(150 * time.Millisecond)
			return nil
		}, 0, 0},
		{"claimed again", claim(time.Minute), 0, 0},
		{"given back", end(engine.JobEnd{State: engine.JobQueued}), 1, 0},
		{"claimed for a moment", claim(time.Millisecond), 0, 0},
		{"rescued", func() error {
			time.Sleep(10 * time.Millisecond)
			_, err := s.RescueJobs(ctx)
			return err
		}, 1, 0},
		{"claimed to be done", claim(time.Minute), 0, 0},
		{"asked for again", func() error { return add(s) }, 0, 0},
		{"done, for now", end(engine.JobEnd{State: engine.JobDone}), 1, 0},
		{"claimed to be done", claim(time.Minute), 0, 0},
		{"done", end(engine.JobEnd{State: engine.JobDone}), 0, 0},
	}
	rows, committed := 0, 0
	for _, step := range steps {
		since := time.Now()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		rows, committed = rows+step.rows, committed+step.rows
		var n int
		var last int64
		if err := s.write.QueryRow("SELECT count(*), coalesce(max(at), 0) FROM told WHERE workspace = 'w' AND length(id) = 36").Scan(&n, &last); err != nil {
			t.Fatal(err)
		}
		if n != rows || d.committed != committed {
			t.Errorf("%s: %d rows and %d times told, want %d and %d", step.name, n, d.committed, rows, committed)
		}
		if wait := time.UnixMilli(last).Sub(since); step.rows == 1 && (wait < step.wait-time.Second || wait > step.wait+5*time.Second) {
			t.Errorf("%s: told to begin in %v, want %v", step.name, wait, step.wait)
		}
	}
	d.fail = errors.New("nobody is there")
	if err := add(s); !errors.Is(err, d.fail) {
		t.Errorf("got %v, want the error of the delivery", err)
	}
	list, err := s.Jobs(ctx, "w", engine.JobFilter{State: engine.JobQueued})
	if err != nil || len(list) != 0 || d.committed != committed {
		t.Errorf("%+v (%v), told %d times: a job was added that could not be delivered", list, err, d.committed)
	}
	if err := s.DeliverJobs(ctx, d); err == nil || !strings.Contains(err.Error(), "prepare the delivery of jobs") {
		t.Errorf("got %v: a table was made twice", err)
	}
}

// TestTamperedJobsShow: who asked for what is held against the audit log, and
// how far a job got is not.
func TestTamperedJobsShow(t *testing.T) { overBoth(t, newDatabase, tamperedJobs) }

func tamperedJobs(t *testing.T, path string) {
	ctx, s := engine.WithActor(t.Context(), engine.Actor{Name: "user:1"}), mustOpen(t, path)
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	j, err := s.AddJob(ctx, "w", engine.Job{Kind: engine.JobDraft, Object: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		stmt  string
		whole bool
	}{
		{`UPDATE jobs SET done = 3, total = 4, attempt = 2, error = 'x'`, true},
		{`UPDATE jobs SET asked_by = 'user:2'`, false}, {`UPDATE jobs SET asked_by = 'user:1'`, true},
		{`UPDATE jobs SET object = 'b'`, false}, {`UPDATE jobs SET object = 'a'`, true},
		{`UPDATE jobs SET cancelling = 1`, false}, {`DELETE FROM jobs`, true},
	} {
		if _, err := s.write.Exec(x.stmt); err != nil {
			t.Fatal(err)
		}
		r, err := engine.VerifyAudit(ctx, s, "w", nil)
		named := slices.ContainsFunc(r.Breaks, func(b engine.AuditBreak) bool { return b.Object == "job:"+j.ID })
		if err != nil || named == x.whole || len(r.Breaks) > 1 {
			t.Errorf("%s: %+v (%v), want whole %v", x.stmt, r, err, x.whole)
		}
	}
}

// TestClaimsUseTheirIndexes: with very many jobs, ended and queued, finding the next
// one reads few of them.
func TestClaimsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), mustOpen(t, t.TempDir())
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	for what, stmt := range map[string]string{
		"the oldest":  `SELECT id FROM jobs j WHERE j.ended_at IS NULL AND j.state = 'queued' AND j.next_at <= 1 AND j.workspace_id = 'w' ORDER BY j.next_at, j.id LIMIT 1`,
		"who is left": `SELECT id FROM jobs WHERE ended_at IS NULL AND state = 'running' AND leased_until < 1`,
		"a turn":      `SELECT max(s.started_at) FROM jobs s WHERE s.workspace_id = 'w'`,
		"one alike":   `SELECT id FROM jobs WHERE workspace_id = 'w' AND kind = 'k' AND object = 'o' AND ended_at IS NULL`,
		"old ones":    `DELETE FROM jobs WHERE ended_at IS NOT NULL AND ended_at < 1`,
	} {
		rows, err := s.write.QueryContext(ctx, "EXPLAIN QUERY PLAN "+stmt)
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		for rows.Next() {
			var a, b, c int
			var detail string
			if err := rows.Scan(&a, &b, &c, &detail); err != nil {
				t.Fatal(err)
			}
			steps = append(steps, detail)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(steps, "; "); !strings.Contains(all, "INDEX jobs_") || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s: %s", what, all)
		}
	}
}
