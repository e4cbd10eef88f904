package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"vouch/engine"
)

// Handler does the jobs of one kind. It is called again after a crash, a
// failure or a shutdown, so it skips what is done already. It tells progress how
// far it is, as often as it likes. It returns soon after ctx has ended, and stores
// nothing more then: somebody else may have the job. The error is kept as the
// job's, for people to read; no text of a question or an answer may be in it.
type Handler func(ctx context.Context, workspace string, j engine.Job, progress func(done, total int)) error

// Runner works on jobs in this process.
type Runner interface {
	// Start begins to work, until Stop. That ctx ends afterwards stops
	// nothing; its values are passed on to the handlers.
	Start(ctx context.Context) error

	// Stop begins no more jobs and waits for those that run. When ctx ends
	// they are told to stop, and go back into the queue. The error says that
	// one did not stop in time; another worker gets it after its lease.
	Stop(ctx context.Context) error
}

// Config says what a runner works on, and how.
type Config struct {
	Store    engine.Store
	Handlers map[engine.JobKind]Handler // jobs of other kinds are left to others

	Workers int           // at most so many jobs at once; 0 means 4
	Lease   time.Duration // a job is taken from a worker that was not heard of for so long; 0 means 30 s
	Poll    time.Duration // how often the queue is looked at without being told to; 0 means 500 ms
	Grace   time.Duration // how long Stop waits for handlers that were told to stop; 0 means 5 s
	Keep    time.Duration // how long jobs are kept after their end; 0 means 30 days

	Backoff func(attempt int) time.Duration // how long to wait after a failed attempt; nil means [Backoff]
	Log     *slog.Logger                    // nil means nowhere
}

func (c Config) withDefaults() Config {
	c.Workers = cmp.Or(c.Workers, 4)
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	c.Poll = cmp.Or(c.Poll, 500*time.Millisecond)
	c.Grace = cmp.Or(c.Grace, 5*time.Second)
	c.Keep = cmp.Or(c.Keep, 30*24*time.Hour)
	if c.Backoff == nil {
		c.Backoff = Backoff
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// kinds returns the kinds that there are handlers for.
func (c *Config) kinds() []engine.JobKind {
	list := make([]engine.JobKind, 0, len(c.Handlers))
	for k := range c.Handlers {
		list = append(list, k)
	}
	return list
}

const (
	firstWait   = time.Second
	longestWait = 5 * time.Minute
)

// Backoff returns how long to wait after an attempt, from 1, that failed: a
// second, doubled with each attempt up to five minutes, and of that between the
// half and the whole, so that jobs that failed together do not return together.
func Backoff(attempt int) time.Duration {
	wait := longestWait
	if shift := max(attempt-1, 0); shift < 16 {
		wait = min(firstWait<<shift, longestWait)
	}
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // it spreads the retries, and is no secret
}
