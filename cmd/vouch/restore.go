package main

import (
	"context"
	"errors"
	"fmt"

	"vouch/engine/store"
	"vouch/index"
)

// restoreCmd puts a backup in place.
type restoreCmd struct {
	File    string `arg:"" help:"A backup: what vouch backup wrote, or a database that a restore has kept aside." type:"path"`
	Replace bool   `help:"Replace the database that is there. It is kept beside as vouch.db.before-restore-TIME."`
	Format  string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is shown by kong below the flags.
func (c *restoreCmd) Help() string {
	return `The file is read from end to end first. What is no vouch database, is damaged, or was made by a newer version is refused, and nothing changes. A backup of an earlier version is brought up to date.

Without --replace the data directory must not have a database yet. With it, the one that is there is kept aside whole and never deleted: restore that file to go back, or delete it when you are sure. Stop other vouch processes first; with one of them running nothing is replaced.

A crash at any moment leaves the old database or the new one. The search index is made anew.

  vouch restore vouch-backup-20261126-101500Z.db --data ./elsewhere
  vouch restore vouch-backup-20261126-101500Z.db --replace`
}

// restored is what is printed for programs.
type restored struct {
	store.Restored
	Data    string `json:"data"`
	Indexed uint64 `json:"indexed"` // passages
}

// Run is called by kong.
func (c *restoreCmd) Run(ctx context.Context, g *global, t *terminal) error {
	p, err := g.place()
	if err != nil {
		return err
	}
	if p.onServer() {
		return usageError(fmt.Sprintf("the database is on a server, which restores itself: stop every vouch, make an empty database, and run pg_restore --no-owner --exit-on-error --dbname=%q vouch.dump; nothing was changed", p.shown))
	}
	r, err := store.Restore(ctx, c.File, p.path, store.RestoreOptions{
		Replace: c.Replace, BeforeSwap: func() error { return index.Remove(p.index) },
	})
	if err != nil {
		return restoreRefusal(c.File, p.shown, err)
	}
	out := restored{Restored: r, Data: p.shown}
	if out.Indexed, err = startRestored(ctx, g, t, p); err != nil {
		return fmt.Errorf("%s is restored, but could not be opened or indexed yet; the next start tries again: %w", c.File, err)
	}
	if c.Format == "json" {
		return writeJSON(t.out, out)
	}
	if !g.Quiet {
		writeRestored(t, &out)
	}
	return nil
}

// startRestored brings the restored database up to date, makes its index, and
// returns how many passages that has.
func startRestored(ctx context.Context, g *global, t *terminal, p *place) (uint64, error) {
	s, err := p.open(ctx, g)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	x, err := p.openIndex(ctx, s, t)
	if err != nil {
		return 0, err
	}
	return x.Status().Docs, x.Close()
}

func writeRestored(t *terminal, r *restored) {
	fmt.Fprintf(t.out, "Restored %s into %s; %s indexed.\n", r.File, r.Data, count(int(r.Indexed), "passage", "passages"))
	writeContents(t.out, &r.Contents)
	if r.Kept != "" {
		fmt.Fprintf(t.out, "The database that was there is kept as %s; restore that file to go back.\n", r.Kept)
	}
}

// restoreRefusal words what the caller can mend.
func restoreRefusal(file, data string, err error) error {
	switch {
	case errors.Is(err, store.ErrHasData):
		return usageError(fmt.Sprintf("there is a database in %s already; give --replace to put the backup in its place (it is kept aside), or another directory with --data", data))
	case errors.Is(err, store.ErrLive):
		return usageError(file + ": it is the database in use itself; name a backup")
	case errors.Is(err, store.ErrInUse):
		return usageError(fmt.Sprintf("another process has the database in %s open; stop every vouch that uses it and try again; nothing was changed", data))
	case errors.Is(err, store.ErrNewer):
		return usageError(file + ": it was made by a newer version of vouch; update vouch, then restore it; nothing was changed")
	case errors.Is(err, store.ErrNotDatabase):
		return usageError(file + ": it is not a vouch database; name a file that \"vouch backup\" wrote; nothing was changed")
	case errors.Is(err, store.ErrCorrupt):
		return usageError(file + ": it is damaged and cannot be restored; take an earlier backup; nothing was changed")
	}
	return err
}
