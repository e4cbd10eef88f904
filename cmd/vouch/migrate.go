package main

import (
	"context"
	"fmt"

	"vouch/engine/store"
)

// migrateCmd brings the tables of the database up to date.
type migrateCmd struct {
	Check  bool   `help:"Change nothing: say what would be done, and exit with 3 if something would."`
	Format string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// Help is shown by kong below the flags.
func (c *migrateCmd) Help() string {
	return `Every command that opens the database does this by itself and says so; the command is for those who update in steps: look, back up, migrate, start. Nothing migrates down: going back is restoring the backup.

Where several vouch processes share a database on a server, stop those of the earlier version first: they refuse tables that are newer than they are.

  vouch migrate --check || vouch backup && vouch migrate`
}

// migrated is what is printed for programs.
type migrated struct {
	Database string `json:"database"`
	store.Migration
	Pending bool `json:"pending"` // it is still to be done
}

// Run is called by kong.
func (c *migrateCmd) Run(ctx context.Context, g *global, t *terminal) error {
	p, err := g.place()
	if err != nil {
		return err
	}
	out := migrated{Database: p.shown}
	if c.Check {
		if out.Migration, err = store.Check(ctx, p.path); err != nil {
			return err
		}
		out.Pending = out.Migration.Pending()
	} else {
		s, err := store.Open(ctx, p.path)
		if err != nil {
			return err
		}
		out.Migration = s.Migrated()
		if err := s.Close(); err != nil {
			return err
		}
	}
	if c.Format == "json" {
		err = writeJSON(t.out, out)
	} else if !g.Quiet {
		fmt.Fprintln(t.out, out.text())
	}
	if err == nil && out.Pending {
		return errBlocked
	}
	return err
}

func (m *migrated) text() string {
	made := m.From == 0
	switch {
	case m.Pending && made:
		return fmt.Sprintf("There are no tables in %s yet; vouch migrate makes them, version %d.", m.Database, m.To)
	case m.Pending:
		return fmt.Sprintf("The tables in %s have version %d; vouch migrate brings them to %d. Back up first.", m.Database, m.From, m.To)
	case m.From == m.To:
		return fmt.Sprintf("The tables in %s have version %d, as this program has; there is nothing to do.", m.Database, m.To)
	case made:
		return fmt.Sprintf("The tables in %s are made, version %d.", m.Database, m.To)
	}
	return fmt.Sprintf("The tables in %s were brought from version %d to %d.", m.Database, m.From, m.To)
}
