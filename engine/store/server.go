package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"vouch/engine"
)

// Server says how a database on a server is.
type Server struct {
	Contents

	Name           string           `json:"name"`
	Version        string           `json:"version"`         // of the server
	Connections    int              `json:"connections"`     // of all programs, to all its databases
	MaxConnections int              `json:"max_connections"` // that it takes
	Ours           int              `json:"ours"`            // connections of vouch to this database
	Encrypted      bool             `json:"encrypted"`       // this connection is
	Ahead          time.Duration    `json:"ahead"`           // of its clock before the one of this machine
	Terms          []engine.TermSet `json:"terms"`           // of each version of vouch that has used it lately
}

// InspectServer says what a database on a server holds and how the server is. It
// changes nothing, also where a database was made by an earlier program or has
// no tables yet: then Schema is 0. Pages are not read; the server looks after
// those.
func InspectServer(ctx context.Context, url string) (Server, error) {
	s, err := inspectServer(ctx, url)
	if err != nil {
		return s, fmt.Errorf("inspect %s: %w", serverName(url), explain(ctx, err))
	}
	return s, nil
}

func inspectServer(ctx context.Context, raw string) (Server, error) {
	s := Server{Name: serverName(raw), Contents: Contents{File: serverName(raw), Workspaces: []WorkspaceContents{}}, Terms: []engine.TermSet{}}
	m, err := pending(ctx, raw)
	if err != nil {
		return s, err
	}
	s.Schema = m.From
	config, err := serverConfig(raw)
	if err != nil {
		return s, err
	}
	db := lookAtServer(config)
	defer db.Close()
	const stmt = `SELECT current_setting('server_version'), pg_database_size(current_database()), current_setting('max_connections')::bigint,
		(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
		(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vouch' AND pid <> pg_backend_pid()),
		coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)`
	if err := s.compareClocks(ctx, db); err != nil {
		return s, err
	}
	if err := db.QueryRowContext(ctx, stmt).Scan(&s.Version, &s.Bytes, &s.MaxConnections, &s.Connections, &s.Ours, &s.Encrypted); err != nil {
		return s, err
	}
	if s.Schema == 0 {
		return s, nil
	}
	return s, s.readTables(ctx, db)
}

// compareClocks asks for the time, and counts the asking as half each way. The
// first statement connects, so it does not count.
func (s *Server) compareClocks(ctx context.Context, db *sql.DB) error {
	var ms int64
	for range 2 {
		asked := time.Now()
		if err := db.QueryRowContext(ctx, `SELECT `+postgresDialect.clock).Scan(&ms); err != nil {
			return err
		}
		s.Ahead = time.UnixMilli(ms).Sub(asked.Add(time.Since(asked) / 2)).Round(time.Millisecond)
	}
	return nil
}

func (s *Server) readTables(ctx context.Context, db *sql.DB) error {
	has, err := serverTables(ctx, db)
	if err != nil {
		return err
	}
	if err := s.read(ctx, db, postgresDialect.clock, has); err != nil || !has["term_sets"] {
		return err
	}
	list, err := (&Terms{q: &pool{db: db}}).Sets(ctx)
	s.Terms = append(s.Terms, list...)
	return err
}
