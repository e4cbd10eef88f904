// Package isolate runs a function in a child process of this very binary, with
// a limit on its time and on its memory.
//
// Files from customers go through libraries that were not written for hostile
// input: a small spreadsheet can make its reader allocate gigabytes, and no
// recover catches that. So the reading happens in a process that may die. A
// function is registered by name, takes JSON and returns JSON; [Main], called
// first in main, turns the process into the child if it was started as one.
//
// Memory is bounded three times over: the garbage collector is told a soft
// limit, a watchdog ends the child when the Go runtime holds more than the
// limit, and on Linux the kernel refuses more. Time is bounded by the parent,
// which kills the child, and by the child itself in case the parent is gone.
//
// The child has no network or file restrictions: isolation is against faults
// and exhaustion, not against a takeover.
package isolate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"time"

	"vouch/engine"
)

// Limits bound one run. The zero value means the defaults.
type Limits struct {
	Time   time.Duration // default 20 s
	Memory int64         // bytes; default 512 MB
}

func (l Limits) withDefaults() Limits {
	if l.Time <= 0 {
		l.Time = 20 * time.Second
	}
	if l.Memory <= 0 {
		l.Memory = 512 << 20
	}
	return l
}

// Faults of a child. What [Run] returns wraps one of them if the function did
// not come to its own end.
var (
	ErrTime    = errors.New("it took too long")
	ErrMemory  = errors.New("it needed too much memory")
	ErrCrashed = errors.New("it failed unexpectedly")
	ErrTooBig  = errors.New("its result is too large")
)

// Function is what can run isolated. The context ends when the time is over.
type Function func(ctx context.Context, request json.RawMessage) (any, error)

var (
	mu         sync.Mutex
	functions  = map[string]Function{}
	mainCalled bool
)

// Register makes fn known as name, in the parent and in the child: call it
// from an init function or a package variable. A name can be used once; a
// second registration is ignored and makes [Run] return an error, because
// which of the two would run depends on the order of initialisation.
func Register(name string, fn func(ctx context.Context, request json.RawMessage) (any, error)) {
	mu.Lock()
	defer mu.Unlock()
	if _, twice := functions[name]; twice {
		functions[name] = nil
		return
	}
	functions[name] = fn
}

func lookup(name string) (Function, error) {
	mu.Lock()
	defer mu.Unlock()
	fn, ok := functions[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("no function %q is registered", name)
	case fn == nil:
		return nil, fmt.Errorf("function %q is registered twice", name)
	}
	return fn, nil
}

// command is the first argument that makes the process a child.
const command = "__isolated"

// Exit codes of a child that did not come to its own end. A Go program that
// crashes by itself exits with 2.
const (
	exitMemory = 91
	exitTime   = 92
	exitPanic  = 93
	exitUsage  = 94
)

// maxResult is the most bytes a child may return. Tests lower it.
var maxResult = 256 << 20

// reply is what a child writes to its standard output.
type reply struct {
	Result  json.RawMessage `json:"result,omitempty"`
	Error   string          `json:"error,omitempty"`
	Refused *refusal        `json:"refused,omitempty"`
	Late    bool            `json:"late,omitempty"` // the function gave up because its time was over
}

// refusal carries an [engine.RefusedError] through JSON.
type refusal struct {
	File  string `json:"file"`
	Is    string `json:"is"`
	Do    string `json:"do"`
	Cause string `json:"cause,omitempty"`
}

func replyError(err error) reply {
	r := reply{Error: err.Error(), Late: errors.Is(err, context.DeadlineExceeded)}
	var refused *engine.RefusedError
	if errors.As(err, &refused) {
		r.Refused = &refusal{File: refused.File, Is: refused.Is, Do: refused.Do}
		if refused.Err != nil {
			r.Refused.Cause = refused.Err.Error()
		}
	}
	return r
}

func (r *reply) err() error {
	switch {
	case r.Refused != nil:
		e := &engine.RefusedError{File: r.Refused.File, Is: r.Refused.Is, Do: r.Refused.Do}
		if r.Refused.Cause != "" {
			e.Err = errors.New(r.Refused.Cause)
		}
		return e
	case r.Late:
		return ErrTime
	case r.Error != "":
		return errors.New(r.Error)
	}
	return nil
}

// Run runs the registered function in a child process and decodes what it
// returns into result. An [engine.RefusedError] of the function comes back as
// one, other errors of it as their text; a child that had to be stopped comes
// back as [ErrTime], [ErrMemory], [ErrTooBig] or [ErrCrashed]. When ctx ends,
// the child is killed and the error wraps that of ctx.
func Run(ctx context.Context, name string, request, result any, lim Limits) error {
	if err := run(ctx, name, request, result, lim.withDefaults()); err != nil {
		var refused *engine.RefusedError
		if errors.As(err, &refused) {
			return err
		}
		return fmt.Errorf("run %s isolated: %w", name, err)
	}
	return nil
}

func run(ctx context.Context, name string, request, result any, lim Limits) error {
	mu.Lock()
	ready := mainCalled
	mu.Unlock()
	if !ready {
		return errors.New("isolate.Main was not called first in main or TestMain")
	}
	if _, err := lookup(name); err != nil {
		return err
	}
	in, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	dir, err := TempDir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	timed, cancel := context.WithTimeout(ctx, lim.Time)
	defer cancel()
	out, err := start(timed, name, in, dir, lim)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case timed.Err() != nil:
		return fmt.Errorf("%w (more than %s)", ErrTime, lim.Time)
	case errors.Is(err, ErrMemory):
		return fmt.Errorf("%w (more than %d MB)", ErrMemory, lim.Memory>>20)
	case err != nil:
		return err
	}
	var r reply
	if err := json.Unmarshal(out, &r); err != nil {
		return ErrCrashed
	}
	if err := r.err(); err != nil {
		return err
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(r.Result, result); err != nil {
		return fmt.Errorf("decode result: %w", err)
	}
	return nil
}

// start runs one child to its end and returns what it wrote.
func start(ctx context.Context, name string, in []byte, dir string, lim Limits) ([]byte, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	// The kernel's "die with your parent" is about the thread that started
	// the child, so it must stay ours until the child is gone.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.CommandContext(ctx, exe, command, name, strconv.FormatInt(lim.Memory, 10), lim.Time.String())
	cmd.Env = environment(dir, lim)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(in)
	out := &capped{limit: maxResult}
	diag := &capped{limit: 64 << 10, drop: true}
	cmd.Stdout, cmd.Stderr = out, diag
	cmd.WaitDelay = 2 * time.Second
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Run(); err != nil {
		if out.full {
			return nil, ErrTooBig
		}
		return nil, fault(err, diag.buf.Bytes())
	}
	return out.buf.Bytes(), nil
}

// fault says from the way a child ended what was wrong. What it wrote to its
// standard error is only looked at, never passed on: it may be a stack trace.
func fault(err error, diag []byte) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	switch exit.ExitCode() {
	case exitMemory:
		return ErrMemory
	case exitTime:
		return ErrTime
	case exitUsage:
		return errors.New("the child process does not know the function")
	}
	if bytes.Contains(diag, []byte("out of memory")) || bytes.Contains(diag, []byte("cannot allocate memory")) || wasKilled(exit) {
		return ErrMemory
	}
	return ErrCrashed
}

// environment is all of the parent's environment that a child gets.
func environment(dir string, lim Limits) []string {
	env := []string{
		"TMPDIR=" + dir, "TMP=" + dir, "TEMP=" + dir, "HOME=" + dir,
		"GOMAXPROCS=" + strconv.Itoa(runtime.GOMAXPROCS(0)),
		"GOMEMLIMIT=" + strconv.FormatInt(softLimit(lim.Memory), 10),
		"GOTRACEBACK=none",
	}
	for _, name := range []string{"SYSTEMROOT", "TZ", "ZONEINFO", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// softLimit is where the garbage collector starts to work harder.
func softLimit(limit int64) int64 { return limit / 5 * 4 }

// capped keeps what is written to it up to a limit; what comes after is an
// error, or dropped.
type capped struct {
	buf   bytes.Buffer
	limit int
	drop  bool
	full  bool
}

func (c *capped) Write(b []byte) (int, error) {
	room := c.limit - c.buf.Len()
	if len(b) <= room {
		return c.buf.Write(b)
	}
	c.full = true
	c.buf.Write(b[:room])
	if c.drop {
		return len(b), nil
	}
	return room, io.ErrShortWrite
}
