package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"vouch/engine/store"
)

// backupCmd backs the database up.
type backupCmd struct {
	Output    string `short:"o" help:"File to write; vouch-backup-YYYYMMDD-HHMMSSZ.db in the current directory if not given." type:"path" placeholder:"FILE"`
	Overwrite bool   `help:"Write over the file if it is there."`
	Format    string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is shown by kong below the flags.
func (c *backupCmd) Help() string {
	return `Other vouch processes may go on reading and writing. The backup is the database as it was at one moment: what was stored before is in it, all workspaces, every version. It is read again from end to end before it gets its name, and only you can read it.

The search index is a cache and is not in it: it is made anew from the database. The backup holds what you told customers and your reports; keep it as safe as the data itself, on another disk.

A database of an earlier version of vouch is copied as it is: back up before the first start after an update, and there is a way back.

A database on a server is backed up by the server's own means; the command says which.

  vouch backup
  vouch backup -o /mnt/backup/vouch.db --overwrite
  vouch restore vouch-backup-20261126-101500Z.db --data ./elsewhere   # try it`
}

// Run is called by kong.
func (c *backupCmd) Run(ctx context.Context, g *global, t *terminal) error {
	p, err := g.place()
	switch {
	case err != nil:
		return err
	case p.onServer():
		return usageError(fmt.Sprintf("the database is on a server, which makes backups itself: pg_dump --format=custom %s --file=vouch.dump %q; its tables of terms are made again and need not be in it", withoutTerms, p.shown))
	case p.missing():
		return noDatabaseError(fmt.Sprintf(noLibrary, p.shown))
	}
	file := c.Output
	if file == "" {
		file = "vouch-backup-" + time.Now().UTC().Format("20060102-150405Z") + ".db"
	}
	made, err := store.Backup(ctx, p.path, file, c.Overwrite)
	if err != nil {
		return backupRefusal(file, err)
	}
	if c.Format == "json" {
		return writeJSON(t.out, made)
	}
	if !g.Quiet {
		fmt.Fprintf(t.out, "Backed up to %s (%s, read again and sound).\n", file, bytesText(made.Bytes))
		writeContents(t.out, &made)
	}
	return nil
}

// withoutTerms are the options of pg_dump that leave out what is made again.
const withoutTerms = `--exclude-table-data='term_*' --exclude-table-data=passage_terms`

// backupRefusal words what the caller can mend.
func backupRefusal(file string, err error) error {
	switch {
	case errors.Is(err, store.ErrFileExists):
		return usageError(fmt.Sprintf("%s: there is a file of this name already; name another with -o, or give --overwrite", file))
	case errors.Is(err, store.ErrLive):
		return usageError(file + ": it is a database in use, and a backup over it would destroy it; name another file with -o")
	}
	return err
}

// writeContents prints what a database holds, a line for each workspace.
func writeContents(w io.Writer, c *store.Contents) {
	for _, x := range c.Workspaces {
		fmt.Fprintf(w, "  workspace %s: %s\n", x.Name, contentsText(&x))
	}
	if len(c.Workspaces) == 0 {
		fmt.Fprintln(w, "  it holds no workspace yet")
	}
}

func contentsText(w *store.WorkspaceContents) string {
	text := fmt.Sprintf("%s, %s, %s, %s", count(w.Entries, "entry", "entries"), count(w.Controls, "control", "controls"),
		count(w.Commitments, "commitment", "commitments"), count(w.Layouts, "layout", "layouts"))
	if w.Questionnaires > 0 {
		text += ", " + count(w.Questionnaires, "questionnaire", "questionnaires")
	}
	return text
}

// bytesText words a size.
func bytesText(n int64) string {
	const kilo, mega, giga = 1000, 1000 * 1000, 1000 * 1000 * 1000
	switch {
	case n >= giga:
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	case n >= mega:
		return fmt.Sprintf("%.1f MB", float64(n)/mega)
	case n >= kilo:
		return fmt.Sprintf("%.0f kB", float64(n)/kilo)
	}
	return fmt.Sprintf("%d bytes", n)
}
