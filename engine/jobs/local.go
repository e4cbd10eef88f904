package jobs

import (
	"context"
	"database/sql"
	"time"
)

// Local works on the jobs of an SQLite file. It is also the store's delivery:
// a job that this process adds begins at once. What other processes add is found
// when it looks, every [Config.Poll].
type Local struct{ *workers }

// NewLocal returns a runner that is not started.
func NewLocal(cfg Config) *Local { return &Local{newWorkers(cfg)} }

// Start begins to work. See [Runner].
func (l *Local) Start(ctx context.Context) error {
	l.start(ctx)
	return nil
}

// Stop ends the work. See [Runner].
func (l *Local) Stop(ctx context.Context) error {
	l.close()
	return l.drain(ctx)
}

// Prepare is for the store: the queue is all there needs to be.
func (l *Local) Prepare(context.Context, *sql.DB) error { return nil }

// Queued is for the store: nobody is told before the job is there.
func (l *Local) Queued(context.Context, *sql.Tx, string, string, time.Time) error { return nil }

// Committed is for the store: there is a job.
func (l *Local) Committed() { l.signal() }
