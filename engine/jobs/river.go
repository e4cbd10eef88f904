package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"vouch/engine"
)

const (
	// riverQueue is the name of our queue in River's tables.
	riverQueue = "vouch"

	// riverCooldown is the least time between two looks of River into its
	// queue.
	riverCooldown = 10 * time.Millisecond

	// riverConns is how many connections River gets beside those of the store.
	riverConns = 4

	// shortSnooze is when a delivery is tried again whose job can still not be
	// claimed here.
	shortSnooze = 250 * time.Millisecond
)

// turn is what River carries: that a job was put into the queue. The workspace
// is escaped, since it may be any bytes and River keeps JSON.
type turn struct {
	Workspace string `json:"workspace"`
	Job       string `json:"job"`
}

// Kind names it in River's tables.
func (turn) Kind() string { return "vouch.turn" }

// RiverDelivery tells workers in any process, by River's tables, of the jobs
// that a store puts into the queue.
type RiverDelivery struct {
	insert *river.Client[*sql.Tx]
	log    *slog.Logger
}

// NewRiverDelivery returns a delivery for a process that adds jobs and works on
// none.
func NewRiverDelivery(log *slog.Logger) (*RiverDelivery, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	client, err := river.NewClient(riverdatabasesql.New(nil), &river.Config{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return &RiverDelivery{insert: client, log: log}, nil
}

// Prepare makes River's tables, and brings them up to date.
func (d *RiverDelivery) Prepare(ctx context.Context, db *sql.DB) error {
	m, err := rivermigrate.New(riverdatabasesql.New(db), &rivermigrate.Config{Logger: d.log})
	if err != nil {
		return fmt.Errorf("read River's migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("run River's migrations: %w", err)
	}
	return nil
}

// Queued gives River the job, in the transaction that puts it into the queue.
func (d *RiverDelivery) Queued(ctx context.Context, tx *sql.Tx, workspace, id string, at time.Time) error {
	opts := &river.InsertOpts{Queue: riverQueue}
	if time.Until(at) > 0 {
		opts.ScheduledAt = at
	}
	_, err := d.insert.InsertTx(ctx, tx, turn{Workspace: url.PathEscape(workspace), Job: id}, opts)
	return err
}

// Committed is for the store: River tells its clients itself.
func (d *RiverDelivery) Committed() {}

// River works on the jobs of a database on a PostgreSQL server. It is also the
// store's delivery.
type River struct {
	*workers
	*RiverDelivery
	config *pgxpool.Config
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
}

// NewRiver returns a runner that is not started, for the database that the
// store was opened with.
func NewRiver(cfg Config, database string) (*River, error) {
	w := newWorkers(cfg)
	d, err := NewRiverDelivery(w.cfg.Log)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(database)
	if err != nil { // what is wrong may be part of the password
		return nil, errors.New("set up River: the URL of the database is not valid; give the one that the store was opened with")
	}
	config.MaxConns = riverConns
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "vouch jobs"
	}
	return &River{workers: w, RiverDelivery: d, config: config}, nil
}

// Start begins to work. See [Runner]. River's tables must be there: give the
// runner to the store first.
func (r *River) Start(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	pool, err := pgxpool.NewWithConfig(ctx, r.config)
	if err != nil {
		return fmt.Errorf("start River: %w", err)
	}
	list := river.NewWorkers()
	river.AddWorker(list, &riverWorker{r: r})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:            map[string]river.QueueConfig{riverQueue: {MaxWorkers: r.cfg.Workers}},
		Workers:           list,
		FetchCooldown:     riverCooldown,
		FetchPollInterval: max(r.cfg.Poll, riverCooldown),
		JobTimeout:        -1, // a claim says how long
		Logger:            r.cfg.Log,
	})
	if err != nil {
		pool.Close()
		return fmt.Errorf("start River: %w", err)
	}
	r.start(ctx)
	if err := client.Start(ctx); err != nil {
		r.close()
		pool.Close()
		return errors.Join(fmt.Errorf("start River: %w", err), r.drain(ctx))
	}
	r.pool, r.client = pool, client
	return nil
}

// Stop ends the work. See [Runner].
func (r *River) Stop(ctx context.Context) error {
	if r.client == nil {
		return nil
	}
	stopped := make(chan error, 1)
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() { stopped <- r.client.Stop(patient) }()
	r.close()
	err := r.drain(ctx)
	select {
	case stopErr := <-stopped:
		err = errors.Join(err, stopErr)
		r.pool.Close()
	case <-time.After(r.cfg.Grace): // a handler that does not end has River's worker too
		err = errors.Join(err, errors.New("stop River: it did not end in time"))
	}
	return err
}

// riverWorker is what River calls.
type riverWorker struct {
	river.WorkerDefaults[turn]
	r *River
}

// Work takes the delivery of one job for the turn of any: which one is next is
// for the queue to say.
func (w *riverWorker) Work(ctx context.Context, t *river.Job[turn]) error {
	if !w.r.enter() {
		return river.JobSnooze(shortSnooze)
	}
	select {
	case w.r.slots <- struct{}{}:
	case <-w.r.closing:
		w.r.turns.Done()
		return river.JobSnooze(shortSnooze)
	}
	defer w.r.leave()
	workspace, c, since, err := w.r.claim()
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return w.r.undelivered(ctx, t.Args)
	case err != nil:
		w.r.report(err)
		return river.JobSnooze(w.r.cfg.Poll)
	}
	w.r.run(workspace, c, since)
	return nil
}

// undelivered decides about a delivery when there is nothing to do: it is over,
// unless its job waits for its time, or for a worker that knows its kind.
func (r *River) undelivered(ctx context.Context, t turn) error {
	workspace, err := url.PathUnescape(t.Workspace)
	if err != nil {
		return river.JobCancel(err)
	}
	j, err := r.cfg.Store.Job(ctx, workspace, t.Job)
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return nil
	case err != nil:
		return river.JobSnooze(r.cfg.Poll)
	case j.State == engine.JobQueued:
		return river.JobSnooze(max(time.Until(j.NextAt), shortSnooze))
	}
	return nil
}
