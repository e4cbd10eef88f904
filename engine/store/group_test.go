package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vouch/engine"
)

// both runs a test over SQLite, and PostgreSQL if there is a server.
func both(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); test(t, prepared(t, t.TempDir())) })
	t.Run("PostgreSQL", func(t *testing.T) { t.Parallel(); test(t, prepared(t, newDatabase(t))) })
}

func prepared(t *testing.T, path string) *Store {
	t.Helper()
	s := mustOpen(t, path)
	if err := s.EnsureWorkspace(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	return s
}

func putOne(ctx context.Context, t engine.Tx, question string) error {
	_, err := t.PutEntry(ctx, "w", engine.Entry{Question: question, Verdict: engine.VerdictYes, Text: "Because."})
	return err
}

// holdTurn keeps others waiting until the returned function is called.
func holdTurn(t *testing.T, s *Store) (release func()) {
	t.Helper()
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = s.InTx(context.Background(), func(engine.Tx) error { close(began); <-end; return nil })
	}()
	<-began
	return func() { close(end); <-done }
}

// waitFor waits until n callers wait for their turn.
func waitFor(t *testing.T, s *Store, n int) {
	t.Helper()
	for range 10_000 {
		s.turns.mu.Lock()
		waiting := len(s.turns.queue)
		s.turns.mu.Unlock()
		if waiting == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d callers never waited", n)
}

// TestMembersOfAGroupFailAlone mixes transactions that end well with such that
// return an error, panic, end their goroutine, or whose caller has gone: what
// was acknowledged is there, nothing else is, and the log is whole.
func TestMembersOfAGroupFailAlone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *Store) {
		const n = 200
		ctx := t.Context()
		failure := errors.New("on purpose")
		var wg sync.WaitGroup
		var stored atomic.Int64
		for i := range n {
			wg.Go(func() {
				defer func() { _ = recover() }()
				mine, cancel := context.WithCancel(ctx)
				defer cancel()
				err := s.InTx(mine, func(t engine.Tx) error {
					if err := putOne(mine, t, fmt.Sprintf("Question %d?", i)); err != nil {
						return err
					}
					switch i % 8 {
					case 1:
						return failure
					case 3:
						panic("on purpose")
					case 5:
						cancel()
					case 7:
						runtime.Goexit()
					}
					return nil
				})
				switch {
				case err == nil && i%2 == 0:
					stored.Add(1)
				case i%8 == 1 && errors.Is(err, failure), i%8 == 5 && errors.Is(err, context.Canceled):
				default:
					t.Errorf("transaction %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		entries := 0
		for _, err := range s.AllEntries(ctx, "w", engine.EntryFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			entries++
		}
		if entries != n/2 || stored.Load() != n/2 {
			t.Errorf("%d entries, %d acknowledged, want %d", entries, stored.Load(), n/2)
		}
		report, err := engine.VerifyAudit(ctx, s, "w", nil)
		if err != nil || len(report.Breaks) > 0 || report.Head.Count != n/2 {
			t.Errorf("audit log: %+v, %v", report, err)
		}
		if last, err := s.LastChange(ctx); err != nil || last != n/2 {
			t.Errorf("the outbox ends at %d, %v", last, err)
		}
	})
}

// TestWhatFailsAfterItsPartFailsAlone mixes transactions whose last statement
// fails, which on a server is sent with the next one's first, with such that
// read, or write without reading, or both: each hears of its own failure, and
// what was acknowledged is there, with a whole log.
func TestWhatFailsAfterItsPartFailsAlone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *Store) {
		const n, kinds = 300, 5
		ctx := t.Context()
		release := holdTurn(t, s)
		var wg sync.WaitGroup
		for i := range n {
			kind := i % kinds
			wg.Go(func() {
				err := s.InTx(ctx, func(x engine.Tx) error {
					w := x.(*writes)
					switch kind {
					case 0: // reads and writes
						return putOne(ctx, x, fmt.Sprintf("Question %d?", i))
					case 1: // fails at the end of its part, or later
						if err := putOne(ctx, x, fmt.Sprintf("Question %d?", i)); err != nil {
							return err
						}
						return w.t.put(ctx, `INSERT INTO workspaces (id, created_at) VALUES (NULL, $1)`, i)
					case 2: // writes without reading
						return w.changed(ctx, "w", engine.PassageEntry, fmt.Sprintf("%036d", i))
					case 3: // asks what cannot even be sent, with what the one before left to be
						_, err := collect(ctx, w.t, `SELECT count(*) FROM workspaces WHERE id = $1`, []any{struct{}{}}, scanInt)
						return err
					default: // reads, and must see nothing of what failed
						list, err := x.AuditPage(ctx, "w", 0, n+1)
						last, headErr := x.AuditHead(ctx, "w")
						if err = errors.Join(err, headErr); err == nil && last.Count != int64(len(list)) {
							err = fmt.Errorf("%d events before the head %d", len(list), last.Count)
						}
						return err
					}
				})
				if (kind == 1) != errors.Is(err, ErrInvalid) || (kind == 1 || kind == 3) != (err != nil) {
					t.Errorf("transaction %d: %v", i, err)
				}
			})
			if i < 2*groupSize {
				waitFor(t, s, i+1)
			}
			if i == 2*groupSize {
				release()
			}
		}
		wg.Wait()
		report, err := engine.VerifyAudit(ctx, s, "w", nil)
		if err != nil || len(report.Breaks) > 0 || report.Head.Count != n/kinds {
			t.Errorf("audit log: %+v, %v", report, err)
		}
		if last, err := s.LastChange(ctx); err != nil || last != 2*n/kinds {
			t.Errorf("the outbox ends at %d, %v", last, err)
		}
	})
}

// TestWhoWaitsSharesACommit shows that there are fewer commits than transactions
// where many wait.
func TestWhoWaitsSharesACommit(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *Store) {
		release := holdTurn(t, s)
		var mu sync.Mutex
		groups := map[*group]bool{}
		var wg sync.WaitGroup
		for i := range groupSize {
			wg.Go(func() {
				err := s.InTx(t.Context(), func(x engine.Tx) error {
					mu.Lock()
					groups[x.(*writes).t.group] = true
					mu.Unlock()
					return putOne(t.Context(), x, fmt.Sprintf("Question %d?", i))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		waitFor(t, s, groupSize)
		release()
		wg.Wait()
		if len(groups) >= groupSize { // how many fewer depends on how busy the machine is
			t.Errorf("%d commits for %d transactions", len(groups), groupSize)
		}
	})
}

// TestALostGroupIsAcknowledgedToNobody undoes a whole group from within.
func TestALostGroupIsAcknowledgedToNobody(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *Store) {
		release := holdTurn(t, s)
		const n = 8
		var wg sync.WaitGroup
		var failed atomic.Int64
		for i := range n {
			wg.Go(func() {
				err := s.InTx(t.Context(), func(x engine.Tx) error {
					if err := putOne(t.Context(), x, fmt.Sprintf("Question %d?", i)); err != nil {
						return err
					}
					if i == n-1 {
						_, err := x.(*writes).t.sql.ExecContext(t.Context(), "ROLLBACK")
						return err
					}
					return nil
				})
				if err != nil {
					failed.Add(1)
				}
			})
			waitFor(t, s, i+1)
		}
		release()
		wg.Wait()
		var stored int64
		for _, err := range s.AllEntries(t.Context(), "w", engine.EntryFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			stored++
		}
		if stored+failed.Load() != n || failed.Load() == 0 {
			t.Errorf("%d stored and %d failed of %d", stored, failed.Load(), n)
		}
		if err := s.InTx(t.Context(), func(x engine.Tx) error { return putOne(t.Context(), x, "After?") }); err != nil {
			t.Errorf("the next transaction: %v", err)
		}
	})
}

// TestWhoGivesUpWaitingLetsTheNextOn cancels one who waits in the middle.
func TestWhoGivesUpWaitingLetsTheNextOn(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *Store) {
		release := holdTurn(t, s)
		gone, cancel := context.WithCancel(t.Context())
		said := make(chan error, 2)
		go func() { said <- s.InTx(gone, func(engine.Tx) error { return errors.New("it ran") }) }()
		waitFor(t, s, 1)
		go func() {
			said <- s.InTx(t.Context(), func(x engine.Tx) error { return putOne(t.Context(), x, "Next?") })
		}()
		waitFor(t, s, 2)
		cancel()
		if err := <-said; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		release()
		if err := <-said; err != nil {
			t.Errorf("the next got %v", err)
		}
	})
}

// BenchmarkWriters is small changes by one at a time and by fifty at once, each
// acknowledged after a flush to the disk.
func BenchmarkWriters(b *testing.B) {
	for _, writers := range []int{1, 50} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) { benchBoth(b, func(b *testing.B, s *Store) { benchWriters(b, s, writers) }) })
	}
}

func benchWriters(b *testing.B, s *Store, writers int) {
	if err := s.EnsureWorkspace(b.Context(), "w"); err != nil {
		b.Fatal(err)
	}
	var left, failed atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range writers {
		wg.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				if err := s.InTx(b.Context(), func(t engine.Tx) error { return putOne(b.Context(), t, fmt.Sprintf("Question %d?", n)) }); err != nil {
					failed.Add(1)
					return
				}
			}
		})
	}
	wg.Wait()
	if failed.Load() > 0 {
		b.Fatalf("%d writers failed", failed.Load())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}
