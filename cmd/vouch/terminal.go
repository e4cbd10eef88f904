package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// terminal is where output goes: results to out, everything about the work in
// progress to err. What is read comes from in, which may be nil.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// width returns the columns of w if it is a terminal, else 0.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil || n < 20 {
		return 80
	}
	return n
}

// colour wraps s in an ANSI colour if w is a terminal and NO_COLOR is unset.
func colour(w io.Writer, code, s string) string {
	if width(w) == 0 || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// The colours in use.
const (
	green  = "32"
	yellow = "33"
	blue   = "34"
	faint  = "2"
	bold   = "1"
)

// progress shows how far a piece of work is: a bar on a terminal, a line every
// few seconds elsewhere, nothing when quiet.
type progress struct {
	mu    sync.Mutex
	w     io.Writer
	what  string
	total int
	bar   *progressbar.ProgressBar
	last  time.Time
	quiet bool
}

// lineEvery is how often progress is reported where there is no terminal.
const lineEvery = 5 * time.Second

func newProgress(w io.Writer, quiet bool, what string, total int) *progress {
	p := &progress{w: w, what: what, total: total, quiet: quiet, last: time.Now()}
	if !quiet && width(w) > 0 {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(80*time.Millisecond), progressbar.OptionSetWidth(30))
	}
	return p
}

// set says that done of the total is done.
func (p *progress) set(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.quiet:
	case p.bar != nil:
		_ = p.bar.Set(done)
	case time.Since(p.last) >= lineEvery:
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s: %d of %d\n", p.what, done, p.total)
	}
}

// done takes the bar away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
