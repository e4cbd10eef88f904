package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vouch/engine/store"
	"vouch/index"
)

// databaseName is the database in the data directory; the index lies beside it.
const databaseName = "vouch.db"

// The environment that names a database, beside the flag. A file keeps a URL,
// which has a password in it, out of the list of processes.
const (
	databaseEnv     = "VOUCH_DATABASE"
	databaseFileEnv = "VOUCH_DATABASE_FILE"
)

// place is where the database of a command is.
type place struct {
	path  string // what is given to [store.Open]: a file, or a URL
	dir   string // that holds the file, "" on a server
	index string // directory of the search index, "" on a server
	shown string // for people, without the password
	from  string // what named it
}

// place returns where the database is: what --database or the environment says,
// else vouch.db in the data directory.
func (g *global) place() (*place, error) {
	path, from, err := g.named()
	switch {
	case err != nil:
		return nil, err
	case path == "":
		return &place{path: filepath.Join(g.Data, databaseName), dir: g.Data, index: filepath.Join(g.Data, "index"), shown: g.Data, from: source(g)}, nil
	case store.IsURL(path):
		return &place{path: path, shown: store.Name(path), from: from}, nil
	case strings.Contains(path, "://"):
		return nil, usageError(fmt.Sprintf("the database that %s names is on no kind of server that vouch knows; give a file, or postgres://USER@HOST:PORT/DATABASE", from))
	}
	file, err := store.File(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return &place{path: file, dir: filepath.Dir(file), index: file + ".index", shown: file, from: from}, nil
}

// named returns what names a database, and where; nothing if nothing does.
func (g *global) named() (path, from string, err error) {
	env, file := os.Getenv(databaseEnv), os.Getenv(databaseFileEnv)
	switch {
	case g.databaseFrom != "":
		return g.Database, g.databaseFrom, nil
	case g.Database != "" && g.Database != env:
		return g.Database, "--database", nil
	case env != "" && file != "":
		return "", "", usageError(fmt.Sprintf("%s and %s both name a database; set one of them", databaseEnv, databaseFileEnv))
	case env != "":
		return env, databaseEnv, nil
	case file == "":
		return "", "", nil
	}
	path, err = databaseIn(file, databaseFileEnv)
	return path, databaseFileEnv, err
}

// databaseIn returns what names a database in a file, which a setting names.
func databaseIn(file, setting string) (path string, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the name of the database from %s: %w", setting, err)
	}
	if path = strings.TrimSpace(string(b)); path == "" || strings.ContainsAny(path, "\r\n") {
		return "", usageError(fmt.Sprintf("%s: %s is to hold one line, a file or a postgres:// URL", setting, file))
	}
	return path, nil
}

func (p *place) onServer() bool { return p.dir == "" }

// missing says that there is no database yet. One on a server is taken to be
// there: whoever opens it learns otherwise.
func (p *place) missing() bool {
	if p.onServer() {
		return false
	}
	_, err := os.Stat(p.path)
	return errors.Is(err, fs.ErrNotExist)
}

// open opens the database, and says so if that changed its tables.
func (p *place) open(ctx context.Context, g *global) (*store.Store, error) {
	s, err := store.Open(ctx, p.path)
	if err != nil {
		return nil, err
	}
	if m := s.Migrated(); m.Pending() && m.From > 0 && !g.Quiet && g.notices != nil {
		fmt.Fprintf(g.notices, "The tables of the database in %s were brought from version %d to %d.\n", p.shown, m.From, m.To)
	}
	return s, nil
}

// openIndex opens the index over the database: in its directory, or in the
// database itself if that is on a server.
func (p *place) openIndex(ctx context.Context, s *store.Store, t *terminal) (*index.Index, error) {
	opts := index.Options{Log: logger(t)}
	if terms := s.Terms(); terms != nil {
		return index.OpenShared(ctx, terms, s, opts)
	}
	return index.Open(ctx, p.index, s, opts)
}

// openExisting opens the database. If there is none, the error is what missing
// says, with where.
func openExisting(ctx context.Context, g *global, missing string) (*store.Store, error) {
	p, err := g.place()
	if err != nil {
		return nil, err
	}
	if p.missing() {
		return nil, noDatabaseError(fmt.Sprintf(missing, p.shown))
	}
	return p.open(ctx, g)
}

// noDatabaseError says that there is no database yet. It is an error of usage.
type noDatabaseError string

func (e noDatabaseError) Error() string        { return string(e) }
func (e noDatabaseError) Is(target error) bool { return target == errUsage || target == errNoDatabase }

// errNoDatabase marks errors that say there is no database yet.
var errNoDatabase = errors.New("there is no database yet")

const noLibrary = "there is no library in %s yet; import past answers with \"vouch library import FILE\", or answer with --library FILE"
