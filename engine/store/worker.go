package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vouch/engine"
)

// workersSuffix names the file beside a database that every process which works
// on its jobs holds a lock on. Like the one that is held while a database is
// opened it is an empty database, since SQLite's locks work alike on every
// system, and end with the process whatever ends that.
const workersSuffix = ".workers"

// WorkOnJobs says that this process works on jobs from now on, until done is
// called or the process ends; no job may be claimed before. Where it is certain
// that no other process works on any, jobs that run have nobody who does them:
// they go back into the queue at once, as [Store.RescueJobs] would do it at the
// end of their lease, and left says how many there were.
//
// It is certain for a file when nobody else holds the lock on the file beside
// it. For a server it never is: a process that lost its connection may still
// live, so there only the lease tells.
func (s *Store) WorkOnJobs(ctx context.Context) (done func(), left int, err error) {
	if s.config != nil {
		return func() {}, 0, nil
	}
	if err := create(s.file + workersSuffix); err != nil {
		return nil, 0, fmt.Errorf("work on jobs: %w", err)
	}
	if left, err = s.rescueIfAlone(ctx); err == nil {
		done, err = shareWorkers(ctx, s.file+workersSuffix)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("work on jobs: %w", explain(ctx, err))
	}
	return done, left, nil
}

// rescueIfAlone puts back the jobs that run if no process works on any. None
// begins meanwhile: whoever wants to waits for the lock.
func (s *Store) rescueIfAlone(ctx context.Context) (left int, err error) {
	db, err := connect(s.file+workersSuffix, 0, "_txlock=exclusive", 1)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	alone, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if isBusy(err) {
		return 0, nil // others work
	}
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, alone.Rollback()) }()
	return left, s.InTx(ctx, func(t engine.Tx) error {
		w := t.(*writes) //nolint:forcetypeassert // it is our own
		list, err := w.jobsThat(ctx, `state = 'running'`)
		left = len(list)
		for i := range list {
			if err := w.rescueJob(ctx, &list[i]); err != nil {
				return fmt.Errorf("rescue job %s: %w", list[i].ID, err)
			}
		}
		return err
	})
}

// workersWait is how long a process waits for another one that looks whether
// it is alone.
const workersWait = 10 * time.Second

// shareWorkers takes the lock that any number of processes can have.
func shareWorkers(ctx context.Context, file string) (done func(), err error) {
	db, err := connect(file, workersWait, "", 1)
	if err != nil {
		return nil, err
	}
	held, err := db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{})
	if err == nil {
		var n int64 // reading takes the lock, and the transaction keeps it
		err = held.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() {
		_ = held.Rollback() // it holds nothing but the lock
		_ = db.Close()
	}, nil
}
