// Command vouch answers security questionnaires from a company's library of
// past answers and writes the answers into the customer's own file. It is the
// one place that knows every package; it holds flags, wiring, output and exit
// codes, and no rules of the domain.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"github.com/alecthomas/kong"

	"vouch/engine"
	"vouch/importers/isolate"
)

// Exit codes, documented in the help text.
const (
	exitOK          = 0
	exitFailed      = 1 // something went wrong here: disk, database, a bug
	exitRefused     = 2 // what was given cannot be taken: a file, a flag, an argument
	exitBlocked     = 3 // a check found something that may not go out
	exitInterrupted = 130
)

func main() {
	isolate.Main() // does not return in the child process that reads a customer's file
	ctx, stop := signal.NotifyContext(engine.WithActor(context.Background(), osUser()), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// osUser is who calls the program, for the audit log.
func osUser() engine.Actor {
	a := engine.Actor{From: "command line"}
	if u, err := user.Current(); err == nil {
		a.Name = "os:" + u.Username
	}
	return a
}

// run is the program without the process around it: it returns the exit code.
func run(ctx context.Context, args []string, t *terminal) int {
	c := cli{global: global{notices: t.err}}
	exited := -1
	parser, err := kong.New(&c, kong.Name("vouch"), kong.Description(description), kong.Vars{"version": version(), "min_confidence": decimal(defaultMinConfidence)},
		kong.Writers(t.out, t.err), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(t))
	if err != nil {
		fmt.Fprintln(t.err, "vouch:", err)
		return exitFailed
	}
	kctx, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help and --version have been served
	}
	if err != nil {
		fmt.Fprintf(t.err, "vouch: %s\n", err)
		fmt.Fprintln(t.err, "Run \"vouch --help\" or \"vouch COMMAND --help\" to see how it is used.")
		return exitRefused
	}
	return exitCode(ctx, kctx.Run(&c.global), t.err)
}

// exitCode prints what went wrong as one sentence and returns the exit code.
func exitCode(ctx context.Context, err error, w io.Writer) int {
	var refused *engine.RefusedError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errBlocked):
		return exitBlocked // the findings are printed
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(w, "vouch: interrupted; nothing was written under the output name")
		return exitInterrupted
	case errors.As(err, &refused):
		fmt.Fprintln(w, "vouch:", refused)
		return exitRefused
	case errors.Is(err, errUsage), errors.Is(err, os.ErrNotExist):
		fmt.Fprintln(w, "vouch:", err)
		return exitRefused
	}
	fmt.Fprintln(w, "vouch:", err)
	return exitFailed
}

// errBlocked says that a check has been done and something blocks.
var errBlocked = errors.New("it may not go out as it is")

// errUsage marks errors that are the caller's to mend.
var errUsage = errors.New("cannot be done as asked")

// usageError is an error for whoever called, in words of its own.
type usageError string

func (e usageError) Error() string        { return string(e) }
func (e usageError) Is(target error) bool { return target == errUsage }
