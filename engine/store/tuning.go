package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"vouch/engine"
)

// Tuning returns the workspace's tuning, the zero value if there is none.
func (r reads) Tuning(ctx context.Context, workspace string) (engine.Tuning, error) {
	s, err := r.tuning(ctx, workspace)
	if err != nil {
		return engine.Tuning{}, fmt.Errorf("read tuning: %w", err)
	}
	t := engine.Tuning{Lexicon: s.lexicon}
	if s.calibration.Valid {
		t.Calibration = &engine.Calibration{}
		if err := json.Unmarshal([]byte(s.calibration.String), t.Calibration); err != nil {
			return engine.Tuning{}, fmt.Errorf("read calibration: %w", err)
		}
	}
	return t, nil
}

// storedTuning is a tuning as the table holds it.
type storedTuning struct {
	lexicon     string
	calibration sql.NullString
}

func (r reads) tuning(ctx context.Context, workspace string) (storedTuning, error) {
	const stmt = `SELECT lexicon, calibration FROM tunings WHERE workspace_id = $1`
	list, err := collect(ctx, r.q, stmt, []any{workspace}, func(rows *sql.Rows) (s storedTuning, err error) {
		err = rows.Scan(&s.lexicon, &s.calibration)
		return s, err
	})
	if err != nil || len(list) == 0 {
		return storedTuning{}, err
	}
	return list[0], nil
}

// PutLexicon stores the workspace's own lexicon, in a transaction of its own.
func (s *Store) PutLexicon(ctx context.Context, workspace, text string) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutLexicon(ctx, workspace, text) })
}

// PutLexicon stores the workspace's own lexicon. Its outbox row comes before
// those of the entries and controls, so that whoever follows reads them with
// the new one.
func (w *writes) PutLexicon(ctx context.Context, workspace, text string) error {
	if err := w.putLexicon(ctx, workspace, text); err != nil {
		return fmt.Errorf("put lexicon: %w", err)
	}
	return nil
}

func (w *writes) putLexicon(ctx context.Context, workspace, text string) error {
	if err := (&engine.Tuning{Lexicon: text}).Validate(); err != nil {
		return err
	}
	old, err := w.tuning(ctx, workspace)
	if err != nil || old.lexicon == text {
		return err
	}
	if err := w.putTuning(ctx, workspace, storedTuning{text, old.calibration}); err != nil {
		return err
	}
	if err := w.audit(ctx, workspace, "lexicon", (&engine.Tuning{Lexicon: old.lexicon}).LexiconAuditHash(), (&engine.Tuning{Lexicon: text}).LexiconAuditHash()); err != nil {
		return err
	}
	return errors.Join(
		w.changedAll(ctx, workspace, entryTable, engine.PassageEntry),
		w.changedAll(ctx, workspace, controlTable, engine.PassageControl))
}

// PutCalibration stores the calibration, in a transaction of its own.
func (s *Store) PutCalibration(ctx context.Context, workspace string, c *engine.Calibration) error {
	return s.InTx(ctx, func(t engine.Tx) error { return t.PutCalibration(ctx, workspace, c) })
}

// PutCalibration stores the calibration, nil for the shipped one.
func (w *writes) PutCalibration(ctx context.Context, workspace string, c *engine.Calibration) error {
	if err := w.putCalibration(ctx, workspace, c); err != nil {
		return fmt.Errorf("put calibration: %w", err)
	}
	return nil
}

func (w *writes) putCalibration(ctx context.Context, workspace string, c *engine.Calibration) error {
	var text sql.NullString
	if c != nil {
		if err := c.Validate(); err != nil {
			return err
		}
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		text = sql.NullString{String: string(b), Valid: true}
	}
	old, err := w.tuning(ctx, workspace)
	if err != nil || old.calibration == text {
		return err
	}
	was, err := w.Tuning(ctx, workspace)
	if err != nil {
		return err
	}
	if err := w.audit(ctx, workspace, "calibration", was.CalibrationAuditHash(), (&engine.Tuning{Calibration: c}).CalibrationAuditHash()); err != nil {
		return err
	}
	return w.putTuning(ctx, workspace, storedTuning{old.lexicon, text})
}

// putTuning writes a tuning and its outbox row.
func (w *writes) putTuning(ctx context.Context, workspace string, s storedTuning) error {
	const stmt = `INSERT INTO tunings (workspace_id, lexicon, calibration, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id) DO UPDATE SET lexicon = excluded.lexicon, calibration = excluded.calibration, updated_at = excluded.updated_at`
	if _, err := w.t.exec(ctx, stmt, workspace, s.lexicon, s.calibration, now()); err != nil {
		return err
	}
	return w.changed(ctx, workspace, engine.ChangeTuning, "")
}

// changedAll writes an outbox row for every entry, or every control.
func (w *writes) changedAll(ctx context.Context, workspace string, t currentTable, kind engine.PassageKind) error {
	stmt := `INSERT INTO outbox (workspace_id, kind, passage_id, deleted, created_at)
		SELECT workspace_id, $2, id, 0, $3 FROM ` + t.name + ` WHERE workspace_id = $1 ORDER BY id`
	_, err := w.t.exec(ctx, stmt, workspace, string(kind), now())
	return err
}
