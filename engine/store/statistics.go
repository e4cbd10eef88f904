package store

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// statisticsFirst and statisticsRest are how long after the first change,
	// and then at most, the tables are looked at. The time doubles from one to
	// the other.
	statisticsFirst = time.Second
	statisticsRest  = time.Minute

	// statisticsKnown is how long after the last change the tables are looked at
	// again: a session that is idle tells the server what it changed after ten
	// seconds (PGSTAT_IDLE_INTERVAL), or later where there is much to do.
	statisticsKnown = 45 * time.Second

	// statisticsTime is how long one look may take.
	statisticsTime = 30 * time.Second

	// selectChanged finds the tables that changed so much that their statistics
	// tell nothing: by the rule of autovacuum with the settings it comes with
	// (autovacuum_analyze_threshold and _scale_factor).
	selectChanged = `SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema() AND n_mod_since_analyze > 50 + 0.1 * n_live_tup ORDER BY relname`
)

// statistics has a server count its tables soon after they have changed.
// PostgreSQL keeps the plan of a statement until its tables are counted again,
// and makes those of the first minute of a new database, or of the minutes after
// a large import, knowing nothing: it then reads all rows of a workspace where one
// would do. Autovacuum looks once a minute by default.
type statistics struct {
	db *sql.DB // a connection of its own, held only while it counts

	mu     sync.Mutex
	last   time.Time // of the changes
	pause  time.Duration
	timer  *time.Timer // nil while no look is due
	closed bool
	look   sync.WaitGroup

	ctx  context.Context // of the looks
	stop context.CancelFunc
}

func newStatistics(config *pgx.ConnConfig) *statistics {
	db := connectServer(config, 1, nil)
	db.SetMaxIdleConns(0)
	ctx, stop := context.WithCancel(context.Background())
	return &statistics{db: db, pause: statisticsFirst, ctx: ctx, stop: stop}
}

// changed is told of every commit, and has the tables looked at after a while.
func (s *statistics) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if s.timer == nil {
		s.schedule()
	}
}

// schedule has the tables looked at after the pause.
func (s *statistics) schedule() {
	if s.closed {
		return
	}
	s.look.Add(1)
	s.timer = time.AfterFunc(s.pause, s.lookNow)
	s.pause = min(2*s.pause, statisticsRest)
}

func (s *statistics) lookNow() {
	defer s.look.Done()
	ctx, cancel := context.WithTimeout(s.ctx, statisticsTime)
	defer cancel()
	// Without statistics everything works, more slowly, and autovacuum is there
	// as well.
	_ = s.count(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = nil
	if time.Since(s.last) < statisticsKnown {
		s.schedule()
	}
}

// count has the tables counted that changed.
func (s *statistics) count(ctx context.Context) error {
	tables, err := collect(ctx, &pool{db: s.db}, selectChanged, nil, func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	})
	if err != nil {
		return err
	}
	for _, name := range tables {
		// Who counts it already, autovacuum or another process, is enough.
		if _, err := s.db.ExecContext(ctx, "ANALYZE (SKIP_LOCKED) "+pgx.Identifier{name}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

// close ends a look at the tables, and waits for that.
func (s *statistics) close() error {
	s.mu.Lock()
	s.closed = true
	s.stop()
	if s.timer != nil && s.timer.Stop() {
		s.look.Done() // it will not begin
	}
	s.mu.Unlock()
	s.look.Wait()
	return s.db.Close()
}
