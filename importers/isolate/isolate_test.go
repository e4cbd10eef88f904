package isolate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/engine"
)

func TestMain(m *testing.M) {
	Main()
	maxResult = 1 << 20
	os.Exit(m.Run())
}

var sink [][]byte

func init() {
	Register("echo", func(_ context.Context, req json.RawMessage) (any, error) {
		fmt.Println("printing must not spoil the reply")
		return map[string]any{"got": req, "tmp": os.TempDir(), "secret": os.Getenv("VOUCH_SECRET")}, nil
	})
	Register("refuse", func(context.Context, json.RawMessage) (any, error) {
		return nil, fmt.Errorf("wrapped: %w", &engine.RefusedError{File: "a.xlsx", Is: "it is odd", Do: "even it", Err: errors.New("why")})
	})
	Register("fail", func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("open thing: no thing") })
	Register("panic", func(context.Context, json.RawMessage) (any, error) { panic("content of the file") })
	Register("panic elsewhere", func(context.Context, json.RawMessage) (any, error) {
		go func() { panic("content of the file") }()
		select {}
	})
	Register("grow", func(context.Context, json.RawMessage) (any, error) {
		for {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			sink = append(sink, b)
		}
	})
	Register("grow at once", func(context.Context, json.RawMessage) (any, error) {
		b := make([]byte, 8<<30)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		sink = append(sink, b)
		return nil, nil
	})
	Register("sleep", func(context.Context, json.RawMessage) (any, error) { time.Sleep(time.Hour); return nil, nil })
	Register("obey", func(ctx context.Context, _ json.RawMessage) (any, error) { <-ctx.Done(); return nil, ctx.Err() })
	Register("litter", func(context.Context, json.RawMessage) (any, error) {
		_, err := os.CreateTemp("", "litter")
		return os.TempDir(), err
	})
	Register("flood", func(context.Context, json.RawMessage) (any, error) { return strings.Repeat("x", 2<<20), nil })
	Register("twice", nil)
	Register("twice", nil)
}

func TestRunReturnsTheResult(t *testing.T) {
	t.Setenv("VOUCH_SECRET", "not for the child")
	var got struct {
		Got    struct{ N int }
		Tmp    string
		Secret string
	}
	if err := Run(context.Background(), "echo", map[string]int{"N": 7}, &got, Limits{}); err != nil {
		t.Fatal(err)
	}
	if got.Got.N != 7 || got.Secret != "" || !strings.HasPrefix(filepath.Base(got.Tmp), "vouch-") {
		t.Errorf("got %+v", got)
	}
}

func TestRunKeepsRefusals(t *testing.T) {
	t.Parallel()
	err := Run(context.Background(), "refuse", nil, nil, Limits{})
	var refused *engine.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if got, want := err.Error(), "a.xlsx: it is odd; even it"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if refused.Err == nil || refused.Err.Error() != "why" {
		t.Errorf("cause %v", refused.Err)
	}
}

func TestRunTellsFaultsApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		lim  Limits
		want error
	}{
		{"panic", Limits{}, ErrCrashed},
		{"panic elsewhere", Limits{}, ErrCrashed},
		{"grow", Limits{Memory: 128 << 20}, ErrMemory},
		{"grow at once", Limits{Memory: 128 << 20}, ErrMemory},
		{"sleep", Limits{Time: 300 * time.Millisecond}, ErrTime},
		{"obey", Limits{Time: 300 * time.Millisecond}, ErrTime},
		{"flood", Limits{}, ErrTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := Run(context.Background(), tt.name, nil, nil, tt.lim)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if strings.Contains(err.Error(), "content") || strings.Contains(err.Error(), "goroutine") {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
}

func TestRunPassesErrorsAsText(t *testing.T) {
	t.Parallel()
	err := Run(context.Background(), "fail", nil, nil, Limits{})
	if err == nil || !strings.HasSuffix(err.Error(), "open thing: no thing") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"nobody", "twice"} {
		if err := Run(context.Background(), name, nil, nil, Limits{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := Run(ctx, "sleep", nil, nil, Limits{})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrTime) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("took %s", d)
	}
}

func TestRunRemovesTheTemporaryFolder(t *testing.T) {
	t.Parallel()
	var dir string
	if err := Run(context.Background(), "litter", nil, &dir, Limits{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", dir, err)
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		if err := Run(context.Background(), "echo", 1, nil, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
