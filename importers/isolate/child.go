package isolate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"
)

// Main must be the first thing main and TestMain do. In a process that [Run]
// started it runs the function and exits; in any other it returns at once.
func Main() {
	if len(os.Args) < 2 || os.Args[1] != command {
		mu.Lock()
		mainCalled = true
		mu.Unlock()
		return
	}
	os.Exit(child(os.Args[2:], os.Stdin, os.Stdout))
}

// child runs the function that args name and returns the exit code.
func child(args []string, in io.Reader, out io.Writer) int {
	os.Stdout = os.Stderr // a function that prints must not spoil the reply
	if len(args) != 3 {
		return exitUsage
	}
	memory, err1 := strconv.ParseInt(args[1], 10, 64)
	limit, err2 := time.ParseDuration(args[2])
	fn, err3 := lookup(args[0])
	if err1 != nil || err2 != nil || err3 != nil {
		return exitUsage
	}
	signal.Ignore(os.Interrupt) // the parent decides, and kills
	debug.SetMemoryLimit(softLimit(memory))
	hardLimit(memory)
	go watch(memory, time.Now().Add(limit+time.Second))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	request, err := io.ReadAll(in)
	if err != nil {
		return exitUsage
	}
	return answer(ctx, fn, request, out)
}

func answer(ctx context.Context, fn Function, request []byte, out io.Writer) (code int) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintln(os.Stderr, "panic:", v)
			code = exitPanic
		}
	}()
	var r reply
	result, err := fn(ctx, request)
	if err != nil {
		r = replyError(err)
	} else if r.Result, err = json.Marshal(result); err != nil {
		r = replyError(fmt.Errorf("encode result: %w", err))
	}
	if err := json.NewEncoder(out).Encode(r); err != nil {
		return exitPanic
	}
	return 0
}

// watch ends the process when it holds more than limit bytes, when its time is
// over or when its parent is gone.
func watch(limit int64, deadline time.Time) {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	parent := os.Getppid()
	for tick := 0; ; tick++ {
		metrics.Read(samples)
		if int64(samples[0].Value.Uint64()-samples[1].Value.Uint64()) > limit {
			os.Exit(exitMemory)
		}
		if time.Now().After(deadline) {
			os.Exit(exitTime)
		}
		if tick%100 == 0 && os.Getppid() != parent {
			os.Exit(exitTime)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
