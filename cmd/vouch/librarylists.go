package main

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vouch/engine"
	"vouch/importers/list"
)

// libraryOutput is how the lists of what is to be tidied up are printed.
type libraryOutput struct {
	Format string `help:"table for people, csv for spreadsheets, json for programs." enum:"table,csv,json" default:"table"`
}

// write prints a list: v as JSON, or the table. The ids of the table are short
// for people.
func (o libraryOutput) write(g *global, t *terminal, v any, tab *table, n int, one, many string) error {
	switch o.Format {
	case "json":
		return writeJSON(t.out, v)
	case "csv":
		b := bufio.NewWriter(t.out)
		_, _ = b.WriteString("\ufeff") // the writer keeps its first error for Flush
		list.WriteRow(b, tab.head)
		for _, row := range tab.rows {
			list.WriteRow(b, row)
		}
		if err := b.Flush(); err != nil {
			return fmt.Errorf("print list: %w", err)
		}
		return nil
	}
	for _, row := range tab.rows {
		for i := range row {
			row[i] = shortID(row[i])
		}
	}
	tab.write(t.out)
	if !g.Quiet {
		fmt.Fprintln(t.err, count(n, one, many))
	}
	return nil
}

// shortDigits is how many digits at the end of an id are shown to people. The
// rest of it is the time, which things that were added together share.
const shortDigits = 12

// shortID returns the end of an id, and any other text as it is.
func shortID(s string) string {
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		return s[len(s)-shortDigits:]
	}
	return s
}

// readLibrary returns all entries of the workspace.
func readLibrary(ctx context.Context, g *global) ([]engine.Entry, error) {
	s, err := openStore(ctx, g)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return engine.ReadLibrary(ctx, s, g.Workspace)
}

// libraryStaleCmd lists what needs a review.
type libraryStaleCmd struct {
	MaxAge int    `help:"Days since its review after which a past answer is stale, as for \"vouch answer\"; 0 looks at the days to review by only." default:"730" placeholder:"DAYS"`
	On     string `help:"As it is on this day, such as 2027-01-01; default today." placeholder:"DATE"`
	libraryOutput

	day time.Time // what --on came to
}

// Validate is called by kong.
func (c *libraryStaleCmd) Validate() (err error) {
	if c.MaxAge < 0 || c.MaxAge > maxAgeDays {
		return usageError(fmt.Sprintf("--max-age %d: give days, from 0 to %d", c.MaxAge, maxAgeDays))
	}
	c.day = time.Now()
	if c.On == "" {
		return nil
	}
	if c.day, err = time.Parse(time.DateOnly, c.On); err != nil {
		return usageError(fmt.Sprintf("--on %s: give a day of the calendar, such as 2027-01-01", c.On))
	}
	return nil
}

// Run is called by kong.
func (c *libraryStaleCmd) Run(ctx context.Context, g *global, t *terminal) error {
	entries, err := readLibrary(ctx, g)
	if err != nil {
		return err
	}
	stale := engine.Stale(entries, c.day, time.Duration(c.MaxAge)*24*time.Hour)
	tab := table{head: []string{"id", "owner", "reviewed", "review by", "why", "question"}}
	for i := range stale {
		e := &stale[i].Entry
		tab.add(e.ID, e.Owner, day(e.ReviewedAt), day(e.ReviewBy), stale[i].Why, e.Question)
	}
	return c.write(g, t, append([]engine.StaleEntry{}, stale...), &tab, len(stale), "entry needs a review", "entries need a review")
}

// libraryDuplicatesCmd lists entries of which one would do.
type libraryDuplicatesCmd struct{ libraryOutput }

// Run is called by kong.
func (c *libraryDuplicatesCmd) Run(ctx context.Context, g *global, t *terminal) error {
	entries, err := readLibrary(ctx, g)
	if err != nil {
		return err
	}
	groups := engine.Duplicates(entries)
	tab := table{head: []string{"group", "id", "asked", "answer", "owner", "from", "question"}}
	for i, group := range groups {
		first := group.Entries[0].Key()
		for j := range group.Entries {
			e := &group.Entries[j]
			asked := "in other words"
			if e.Key() == first {
				asked = "in the same words"
			}
			tab.add(strconv.Itoa(i+1), e.ID, asked, answerWord(e), e.Owner, e.Source.File, e.Question)
		}
	}
	return c.write(g, t, append([]engine.DuplicateGroup{}, groups...), &tab, len(groups), "group of duplicates", "groups of duplicates")
}

// libraryConflictsCmd lists entries that contradict each other.
type libraryConflictsCmd struct{ libraryOutput }

// Run is called by kong.
func (c *libraryConflictsCmd) Run(ctx context.Context, g *global, t *terminal) error {
	entries, err := readLibrary(ctx, g)
	if err != nil {
		return err
	}
	conflicts := engine.Conflicts(entries)
	tab := table{head: []string{"pair", "id", "answer", "products", "owner", "from", "question"}}
	for i := range conflicts {
		for _, e := range []*engine.Entry{&conflicts[i].A, &conflicts[i].B} {
			tab.add(strconv.Itoa(i+1), e.ID, answerWord(e), strings.Join(e.Products, ", "), e.Owner, e.Source.File, e.Question)
		}
	}
	return c.write(g, t, append([]engine.EntryConflict{}, conflicts...), &tab, len(conflicts), "pair of entries in conflict", "pairs of entries in conflict")
}
