package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"vouch/engine"
	"vouch/engine/store"
	"vouch/index"
)

// server looks at a database on a server.
func (d *diagnosis) server(ctx context.Context, g *global, p *place) error {
	const check = "database"
	where := p.shown + ", from " + p.from
	known, err := store.Schema()
	if err != nil {
		return err
	}
	s, err := store.InspectServer(ctx, p.path)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		d.add(check, statusFail, where+": "+err.Error(), "see what the error says; vouch doctor tells when it is mended")
		d.space(os.TempDir())
		return nil
	}
	d.Server, d.Database = &s, &s.Contents
	d.add(check, statusOK, fmt.Sprintf("%s; PostgreSQL %s, %s", where, s.Version, bytesText(s.Bytes)), "")
	d.connections(&s)
	switch {
	case s.Schema == 0:
		d.add("schema", statusWarn, fmt.Sprintf("no tables yet, this program has version %d", known), `"vouch migrate" makes them, and so does the next command`)
	case s.Schema < known:
		d.add("schema", statusWarn, fmt.Sprintf("version %d, this program has %d", s.Schema, known), `"vouch migrate" or the next command brings it up to date; run pg_dump first, and there is a way back`)
	default:
		d.add("schema", statusOK, fmt.Sprintf("version %d, as this program has", s.Schema), "")
	}
	if s.Schema > 0 {
		d.workspaces(g)
		if err := d.terms(&s); err != nil {
			return err
		}
	}
	d.space(os.TempDir())
	return nil
}

// processConnections is how many connections a vouch process takes at most on a
// small machine.
const processConnections = 6

func (d *diagnosis) connections(s *store.Server) {
	text := fmt.Sprintf("%d of %d of the server, %d of vouch to this database", s.Connections, s.MaxConnections, s.Ours)
	if !s.Encrypted {
		text += "; this one is not encrypted"
	}
	if s.MaxConnections-s.Connections < 2*processConnections {
		d.add("connections", statusWarn, text, "raise max_connections on the server: each vouch takes 6, and more on a machine with more than 4 cores")
		return
	}
	d.add("connections", statusOK, text, "")
}

// terms says whether the next search finds the terms up to date.
func (d *diagnosis) terms(s *store.Server) error {
	const check, waits = "search terms", "nothing: the next command that searches makes them from the database"
	schema, err := index.Schema()
	if err != nil {
		return err
	}
	var own *engine.TermSet
	others := ""
	for i := range s.Terms {
		if s.Terms[i].Schema == schema {
			own = &s.Terms[i]
			continue
		}
		others = fmt.Sprintf("; another version of vouch has its own, used last at %s", time.UnixMilli(s.Terms[i].UsedAt).UTC().Format("2006-01-02 15:04 UTC"))
	}
	switch {
	case own == nil && s.LastChange == 0:
		d.add(check, statusOK, "none, since there is nothing to find yet"+others, "")
	case own == nil:
		d.add(check, statusWarn, "there are none of schema "+schema+", which this program needs"+others, waits)
	case own.Seq > s.LastChange:
		d.add(check, statusWarn, fmt.Sprintf("they belong to another database: they are at change %d, the database at %d", own.Seq, s.LastChange), waits)
	case own.Seq < s.LastChange:
		d.add(check, statusOK, fmt.Sprintf("schema %s, %s, %s behind the database, caught up by the next search%s", schema, count(own.Passages, "passage", "passages"), count(int(s.LastChange-own.Seq), "change", "changes"), others), "")
	default:
		d.add(check, statusOK, fmt.Sprintf("schema %s, %s, up to date%s", schema, count(own.Passages, "passage", "passages"), others), "")
	}
	return nil
}
