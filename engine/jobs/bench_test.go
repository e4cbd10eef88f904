package jobs_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"vouch/engine"
	"vouch/engine/jobs"
)

// BenchmarkThousandJobs is a thousand trivial jobs, each asked for in a
// transaction of its own, and done.
func BenchmarkThousandJobs(b *testing.B) {
	b.Run("Local", func(b *testing.B) { thousandJobs(b, b.TempDir()) })
	b.Run("River", func(b *testing.B) { thousandJobs(b, database(b)) })
}

func thousandJobs(b *testing.B, path string) {
	ctx := b.Context()
	var left sync.WaitGroup
	s, r, err := process(ctx, path, jobs.Config{
		Handlers: map[engine.JobKind]jobs.Handler{"quick": func(context.Context, string, engine.Job, func(int, int)) error {
			left.Done()
			return nil
		}},
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		b.Fatal(err)
	}
	if err := r.Start(ctx); err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		left.Add(1000)
		for i := range 1000 {
			if _, err := s.AddJob(ctx, "w", engine.Job{Kind: "quick", Object: fmt.Sprint(n, "-", i)}); err != nil {
				b.Fatal(err)
			}
		}
		left.Wait()
	}
	b.StopTimer()
	if err := r.Stop(ctx); err != nil {
		b.Error(err)
	}
}
