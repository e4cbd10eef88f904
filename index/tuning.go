package index

import (
	"context"
	"sync"

	"vouch/engine"
)

// tuned is how one workspace's questions and passages are read.
type tuned struct {
	lex         *Lexicon // the shipped one, or that with the workspace's own lines over it
	calibration *engine.Calibration

	overlay string // what lex was made with
	stale   bool   // it has changed since; the lexicon may be the same
}

// tunings keeps the tuning of each workspace that was asked for, until the
// source says that it changed. Workspaces without a lexicon of their own
// share the shipped one.
type tunings struct {
	mu    sync.Mutex
	epoch int64 // rises with every change, so that what was read before one is not kept
	known map[string]*tuned
}

// tuning returns the workspace's tuning. What of its lexicon does not fit the
// shipped one is left out, and the log says on which lines.
func (x *Index) tuning(ctx context.Context, workspace string) (*tuned, error) {
	t := &x.tunings
	t.mu.Lock()
	old, epoch := t.known[workspace], t.epoch
	t.mu.Unlock()
	if old != nil && !old.stale {
		return old, nil
	}
	stored, err := x.source.Tuning(ctx, workspace)
	if err != nil {
		return nil, err
	}
	made := &tuned{lex: x.lex, calibration: stored.Calibration, overlay: stored.Lexicon}
	switch {
	case old != nil && old.overlay == stored.Lexicon:
		made.lex = old.lex
	case stored.Lexicon != "":
		made.lex = x.overlaid(workspace, stored.Lexicon)
	}
	if c := stored.Calibration; c != nil && c.Validate() != nil {
		x.opts.Log.Warn("the calibration is not valid, the shipped one is used", "workspace", workspace)
		made.calibration = nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.epoch == epoch {
		if t.known == nil {
			t.known = map[string]*tuned{}
		}
		t.known[workspace] = made
	}
	return made, nil
}

func (x *Index) overlaid(workspace, text string) *Lexicon {
	l, problems := x.lex.Overlay(text)
	for _, p := range problems {
		x.opts.Log.Warn("a line of the workspace's lexicon does not fit the shipped one and is left out; see vouch lexicon list --own", "workspace", workspace, "line", p.Line)
	}
	return l
}

// changed forgets what was read of a workspace's tuning.
func (t *tunings) changed(workspace string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epoch++
	if old := t.known[workspace]; old != nil {
		stale := *old
		stale.stale = true
		t.known[workspace] = &stale
	}
}

// changedAll forgets what was read of every workspace's tuning.
func (t *tunings) changedAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epoch++
	for workspace, old := range t.known {
		stale := *old
		stale.stale = true
		t.known[workspace] = &stale
	}
}
