package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/importers/isolate"
	"vouch/index"
)

// workspace is an open database, and the index over it.
type workspace struct {
	name  string
	store *store.Store
	index *index.Index

	database string // what was given to [store.Open]
	temp     string // a temporary directory to remove on close
}

// openWorkspace opens the database and its index, and makes them if create is
// set.
func openWorkspace(ctx context.Context, g *global, t *terminal, create bool) (*workspace, error) {
	p, err := g.place()
	if err != nil {
		return nil, err
	}
	if !create && p.missing() {
		return nil, noDatabaseError(fmt.Sprintf(noLibrary, p.shown))
	}
	s, err := p.open(ctx, g)
	if err != nil {
		return nil, err
	}
	w := &workspace{name: g.Workspace, store: s, database: p.path}
	if err := s.EnsureWorkspace(ctx, g.Workspace); err != nil {
		w.close()
		return nil, err
	}
	if w.index, err = p.openIndex(ctx, s, t); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// openStore opens the database alone, for what needs no search.
func openStore(ctx context.Context, g *global) (*store.Store, error) {
	return openExisting(ctx, g, noLibrary)
}

// openTemporary makes a workspace that is gone when it is closed.
func openTemporary(ctx context.Context) (*workspace, error) {
	dir, err := isolate.TempDir()
	if err != nil {
		return nil, err
	}
	w := &workspace{name: "temporary", temp: dir}
	if w.store, err = store.Open(ctx, filepath.Join(dir, databaseName)); err != nil {
		w.close()
		return nil, err
	}
	if err := w.store.EnsureWorkspace(ctx, w.name); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// buildIndex makes the in-memory index of a temporary workspace.
func (w *workspace) buildIndex(ctx context.Context, t *terminal) (err error) {
	w.index, err = index.Open(ctx, "", w.store, index.Options{Log: logger(t)})
	return err
}

func (w *workspace) close() {
	if w.index != nil {
		_ = w.index.Close()
	}
	if w.store != nil {
		_ = w.store.Close()
	}
	if w.temp != "" {
		_ = os.RemoveAll(w.temp)
	}
}

// rememberedLayout returns the layout the database holds for files of this
// shape, nil if there is none or no database.
func rememberedLayout(ctx context.Context, g *global, shape string) (*engine.Layout, error) {
	s, err := openExisting(ctx, g, noLibrary)
	if errors.Is(err, errNoDatabase) {
		return nil, nil // nothing remembered
	}
	if err != nil {
		return nil, err
	}
	defer s.Close()
	l, err := s.Layout(ctx, g.Workspace, shape)
	if errors.Is(err, engine.ErrNotFound) || errors.Is(err, engine.ErrNoWorkspace) {
		return nil, nil //nolint:nilnil // nothing remembered for this shape
	}
	if err != nil {
		return nil, err
	}
	return &l, nil
}

// rememberLayout keeps a corrected layout for files of this shape, if there is
// a database to keep it in.
func rememberLayout(ctx context.Context, g *global, l *engine.Layout) (bool, error) {
	s, err := openExisting(ctx, g, noLibrary)
	if errors.Is(err, errNoDatabase) {
		return false, nil // nothing to keep it in
	}
	if err != nil {
		return false, err
	}
	defer s.Close()
	if err := s.EnsureWorkspace(ctx, g.Workspace); err != nil {
		return false, err
	}
	return true, s.PutLayout(ctx, g.Workspace, *l)
}

// logger writes warnings for people to standard error.
func logger(t *terminal) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
