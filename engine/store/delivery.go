package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// JobDelivery tells workers that there is something to do. It is given to a
// store rather than known by it: what carries the message (River's tables, a
// channel in this process) is the business of package jobs.
type JobDelivery interface {
	// Prepare makes what the delivery needs in the database, if it is not
	// there. Nobody else prepares or opens the database meanwhile.
	Prepare(ctx context.Context, db *sql.DB) error

	// Queued is called in the transaction that puts a job into the queue, the
	// first time or again, with the time before which it is not begun. What
	// it does there is undone with the transaction, and its error undoes it.
	Queued(ctx context.Context, tx *sql.Tx, workspace, id string, at time.Time) error

	// Committed is called after such a transaction, once the job can be
	// claimed. It must not wait for anything.
	Committed()
}

// DeliverJobs prepares d, and from then on tells it of every job that this
// store puts into the queue. It is called once, before the store is used.
// Without it jobs are found by workers that look for them.
func (s *Store) DeliverJobs(ctx context.Context, d JobDelivery) error {
	prepare := func() error { return d.Prepare(ctx, s.write) }
	if s.config != nil {
		prepare = func() error {
			return whileOpening(ctx, s.config, func() error { return d.Prepare(ctx, s.write) })
		}
	}
	if err := prepare(); err != nil {
		return fmt.Errorf("prepare the delivery of jobs: %w", explain(ctx, err))
	}
	s.delivery = d
	return nil
}

// queued tells the delivery, if there is one, of a job that this transaction
// put into the queue.
func (w *writes) queued(ctx context.Context, workspace, id string, at time.Time) error {
	if w.delivery == nil {
		return nil
	}
	if err := w.t.flush(ctx); err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	w.t.queued, w.t.marked = true, false // it writes as it likes
	if err := w.delivery.Queued(context.WithoutCancel(ctx), w.t.sql, workspace, id, at); err != nil {
		return fmt.Errorf("deliver: %w", w.t.failed(ctx, err))
	}
	return nil
}
