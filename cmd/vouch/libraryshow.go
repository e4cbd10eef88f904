package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vouch/engine"
)

// libraryShowCmd shows an entry and how it came to be.
type libraryShowCmd struct {
	ID     string `arg:"" help:"The entry's id, or the end of it, as the lists show it."`
	Format string `help:"text for people or json for programs." enum:"text,json" default:"text"`
}

// shownEntry is an entry with its history.
type shownEntry struct {
	Versions  []engine.EntryVersion  `json:"versions"`       // oldest first
	Proposals []engine.EntryProposal `json:"open_proposals"` // against it
}

// Run is called by kong.
func (c *libraryShowCmd) Run(ctx context.Context, g *global, t *terminal) error {
	s, err := openStore(ctx, g)
	if err != nil {
		return err
	}
	defer s.Close()
	ids, err := entryIDs(ctx, s, g, []string{c.ID})
	if err != nil {
		return err
	}
	x := shownEntry{Proposals: []engine.EntryProposal{}}
	if x.Versions, err = engine.EntryHistory(ctx, s, g.Workspace, ids[0]); err != nil {
		return err
	}
	open, err := s.EntryProposals(ctx, g.Workspace, engine.ProposalFilter{State: engine.ProposalOpen, Entry: ids[0]})
	if err != nil {
		return err
	}
	x.Proposals = append(x.Proposals, open...)
	if c.Format == "json" {
		return writeJSON(t.out, x)
	}
	x.write(t)
	return nil
}

// write prints the entry as it is, then what each version changed, newest first.
func (x *shownEntry) write(t *terminal) {
	newest := &x.Versions[len(x.Versions)-1].Entry
	fmt.Fprintln(t.out, colour(t.out, bold, newest.Question))
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t.out, "%-12s %s\n", name, strings.ReplaceAll(value, "\n", "\n             "))
		}
	}
	line("id", newest.ID)
	for _, f := range newest.Changes(&engine.Entry{}) {
		if f.Field != "question" && f.Field != "visibility" {
			line(strings.ReplaceAll(f.Field, "_", " "), f.After)
		}
	}
	line("visibility", newest.Visibility.String())
	line("from", strings.TrimSpace(newest.Source.File+" "+newest.Source.Place))
	for i := len(x.Versions) - 1; i >= 0; i-- {
		v := &x.Versions[i]
		made := ""
		if v.At != nil {
			made = fmt.Sprintf(", %s by %s", v.At.Format(time.DateTime), v.By)
		}
		fmt.Fprintf(t.out, "\n%s%s\n", colour(t.out, bold, fmt.Sprintf("Version %d", v.Entry.Version)), made)
		for _, f := range v.Changes {
			fmt.Fprintf(t.out, "  %s\n", strings.ReplaceAll(f.Field, "_", " "))
			for _, side := range []struct{ sign, text string }{{"-", f.Before}, {"+", f.After}} {
				if side.text != "" {
					fmt.Fprintf(t.out, "    %s %s\n", side.sign, strings.ReplaceAll(side.text, "\n", "\n      "))
				}
			}
		}
	}
	if n := len(x.Proposals); n > 0 {
		fmt.Fprintf(t.out, "\n%s against it; see \"vouch library proposals\"\n", count(n, "open proposal", "open proposals"))
	}
}

// minIDEnd is how much of an id it takes to name a thing by its end.
const minIDEnd = 6

// entryIDs returns the whole ids of entries that are named by ids or by their
// ends.
func entryIDs(ctx context.Context, s engine.EntryStore, g *global, names []string) ([]string, error) {
	var all []string
	whole := true
	for _, name := range names {
		whole = whole && len(name) == 36
	}
	if whole {
		return names, nil
	}
	for e, err := range s.AllEntries(ctx, g.Workspace, engine.EntryFilter{}) {
		if err != nil {
			return nil, err
		}
		all = append(all, e.ID)
	}
	var ids []string
	for _, name := range names {
		id, err := idByEnd(name, all, "entry")
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// idByEnd returns the one id that ends as named.
func idByEnd(name string, all []string, what string) (string, error) {
	if len(name) < minIDEnd {
		return "", usageError(fmt.Sprintf("%s %s: give the whole id or at least its last %d digits", what, name, minIDEnd))
	}
	found := ""
	for _, id := range all {
		if !strings.HasSuffix(id, strings.ToLower(name)) {
			continue
		}
		if found != "" {
			return "", usageError(fmt.Sprintf("%s %s: more than one id ends so; give more of it", what, name))
		}
		found = id
	}
	if found == "" {
		return "", usageError(fmt.Sprintf("there is no %s whose id ends in %s; the lists show the ids", what, name))
	}
	return found, nil
}

// refused is an error of the library as whoever called can mend it.
func refused(err error) error {
	for _, known := range []error{
		engine.ErrNotFound, engine.ErrStaleVersion, engine.ErrProposalDecided, engine.ErrProposalNote, engine.ErrVisibility, engine.ErrLanguage, engine.ErrProducts, engine.ErrReviewBy,
	} {
		if errors.Is(err, known) {
			return usageError(err.Error())
		}
	}
	return err
}

// localPerson is who calls the program: whoever can read the data directory may
// do everything with it.
func localPerson(ctx context.Context) engine.Person {
	name := engine.ActorOf(ctx).Name
	return engine.Person{ID: name, Name: name, Role: engine.RoleAdmin}
}
