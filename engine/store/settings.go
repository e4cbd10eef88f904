package store

import (
	"context"
	"database/sql"
	"fmt"

	"vouch/engine"
)

// Settings returns the newest version of the settings, read once in a
// transaction.
func (w *writes) Settings(ctx context.Context, workspace string) (engine.Settings, error) {
	if s, ok := w.t.settings[workspace]; ok && w.t.usable(ctx) == nil {
		return s, nil
	}
	s, err := w.reads.Settings(ctx, workspace)
	if err == nil {
		w.t.settings[workspace] = s
	}
	return s, err
}

// Settings returns the newest version of the settings.
func (r reads) Settings(ctx context.Context, workspace string) (engine.Settings, error) {
	const stmt = `SELECT version, four_eyes, min_confidence, max_age_days, citations, propose FROM settings_versions
		WHERE workspace_id = $1 ORDER BY version DESC LIMIT 1`
	list, err := collect(ctx, r.q, stmt, []any{workspace}, scanSettings)
	if err != nil {
		return engine.Settings{}, fmt.Errorf("read settings: %w", err)
	}
	if len(list) == 0 {
		return engine.DefaultSettings(), nil
	}
	return list[0], nil
}

func scanSettings(rows *sql.Rows) (s engine.Settings, err error) {
	err = rows.Scan(&s.Version, &s.FourEyes, &s.MinConfidence, &s.MaxAgeDays, (*string)(&s.Citations), &s.Propose)
	return s, err
}

// PutSettings stores the settings, in a transaction of its own.
func (s *Store) PutSettings(ctx context.Context, workspace string, x engine.Settings) (engine.Settings, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.Settings, error) { return t.PutSettings(ctx, workspace, x) })
}

// PutSettings stores the settings as the next version.
func (w *writes) PutSettings(ctx context.Context, workspace string, x engine.Settings) (engine.Settings, error) {
	stored, err := w.putSettings(ctx, workspace, x)
	if err != nil {
		return engine.Settings{}, fmt.Errorf("put settings: %w", err)
	}
	return stored, nil
}

func (w *writes) putSettings(ctx context.Context, workspace string, x engine.Settings) (engine.Settings, error) {
	if err := x.Validate(); err != nil {
		return x, err
	}
	newest, err := w.Settings(ctx, workspace)
	if err != nil {
		return x, err
	}
	if newest.Version != x.Version {
		return x, engine.ErrStaleVersion
	}
	x.Version++
	delete(w.t.settings, workspace)
	const stmt = `INSERT INTO settings_versions (workspace_id, version, four_eyes, min_confidence, max_age_days, citations, propose, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	if _, err := w.t.exec(ctx, stmt, workspace, x.Version, toBit(x.FourEyes), x.MinConfidence, x.MaxAgeDays, string(x.Citations), toBit(x.Propose), now()); err != nil {
		return x, err
	}
	return x, w.audit(ctx, workspace, "settings", newest.AuditHash(), x.AuditHash())
}
