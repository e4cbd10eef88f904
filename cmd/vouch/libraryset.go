package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
)

// librarySetCmd marks entries.
type librarySetCmd struct {
	IDs        []string `arg:"" name:"id" help:"Ids of entries, or their ends, as the lists show them."`
	Owner      *string  `help:"Who answers for them; \"\" for nobody." placeholder:"NAME"`
	Visibility *string  `help:"Who may be given them: public, nda (readers with a non-disclosure agreement), internal (nobody outside), or unmarked." placeholder:"WHO"`
	Product    []string `help:"The product they hold for; may be given several times. \"all\" for all of them." placeholder:"NAME" sep:"none"`
	Language   *string  `help:"The language they are in, as a code such as en; \"\" for unknown." placeholder:"CODE"`
	Reviewed   string   `help:"The day they were last reviewed, or today." placeholder:"DATE"`
	ReviewBy   string   `help:"The day by which they must be reviewed again, or none." placeholder:"DATE"`
	IfVersion  int      `help:"Only if the entry is still at this version." placeholder:"N"`
	Format     string   `help:"table for people or json for programs." enum:"table,json" default:"table"`

	marks engine.EntryMarks
}

// Help is shown by kong below the flags.
func (c *librarySetCmd) Help() string {
	return `Each change is a new version; "vouch library show ID" shows them all.

  vouch library set 3f0a5c1b9d21 --visibility public --owner ann
  vouch library set 3f0a5c1b9d21 77e0c1d2a3b4 --product Harbour --review-by 2027-06-30`
}

// Validate is called by kong.
func (c *librarySetCmd) Validate() (err error) {
	c.marks = engine.EntryMarks{Owner: c.Owner, Language: c.Language}
	if c.Visibility != nil {
		v, err := visibilityOf(*c.Visibility)
		if err != nil {
			return err
		}
		c.marks.Visibility = &v
	}
	if len(c.Product) > 0 {
		products := c.Product
		if len(products) == 1 && (strings.EqualFold(products[0], "all") || products[0] == "") {
			products = nil
		}
		c.marks.Products = &products
	}
	if c.marks.ReviewedAt, err = dayFlag("reviewed", c.Reviewed, "today", time.Now()); err != nil {
		return err
	}
	if c.marks.ReviewBy, err = dayFlag("review-by", c.ReviewBy, "none", time.Time{}); err != nil {
		return err
	}
	switch {
	case c.marks == engine.EntryMarks{}:
		return usageError("there is nothing to set; give --owner, --visibility, --product, --language, --reviewed or --review-by")
	case c.IfVersion != 0 && len(c.IDs) > 1:
		return usageError("--if-version goes with one entry")
	}
	return nil
}

// visibilityOf reads a visibility as flags name it.
func visibilityOf(s string) (engine.Visibility, error) {
	if s == engine.Unmarked {
		return engine.VisibilityUnmarked, nil
	}
	if v := engine.Visibility(s); v != engine.VisibilityUnmarked && v.IsValid() {
		return v, nil
	}
	return "", usageError(fmt.Sprintf("--visibility %s: give public, nda, internal or unmarked", s))
}

// dayFlag reads a day, or the word that stands for one.
func dayFlag(name, value, word string, meaning time.Time) (*time.Time, error) {
	switch value {
	case "":
		return nil, nil //nolint:nilnil // not given
	case word:
		return &meaning, nil
	}
	d, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return nil, usageError(fmt.Sprintf("--%s %s: give a day of the calendar, such as 2027-01-01, or %s", name, value, word))
	}
	return &d, nil
}

// Run is called by kong.
func (c *librarySetCmd) Run(ctx context.Context, g *global, t *terminal) error {
	w, err := openWorkspace(ctx, g, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ids, err := entryIDs(ctx, w.store, g, c.IDs)
	if err != nil {
		return err
	}
	entries, err := engine.MarkEntries(ctx, w.store, g.Workspace, localPerson(ctx), ids, c.IfVersion, c.marks)
	if err != nil {
		return refused(err)
	}
	if err := w.index.Sync(ctx); err != nil {
		return fmt.Errorf("index what was set (it is stored, and indexed at the next start): %w", err)
	}
	if c.Format == "json" {
		return writeJSON(t.out, entries)
	}
	if !g.Quiet {
		writeMarks(t, entries)
	}
	return nil
}

// writeMarks prints entries with their marks.
func writeMarks(t *terminal, entries []engine.Entry) {
	tab := table{head: []string{"id", "version", "visibility", "products", "language", "owner", "reviewed", "review by", "question"}}
	for i := range entries {
		e := &entries[i]
		tab.add(shortID(e.ID), fmt.Sprint(e.Version), e.Visibility.String(), strings.Join(e.Products, ", "), e.Language, e.Owner, day(e.ReviewedAt), day(e.ReviewBy), e.Question)
	}
	tab.write(t.out)
}
