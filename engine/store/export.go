package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vouch/engine"
)

const selectExports = `SELECT id, questionnaire_id, made_by, partial, file_hash, sent, open_places, created_at FROM exports WHERE workspace_id = $1`

// AddExport stores an export, in a transaction of its own.
func (s *Store) AddExport(ctx context.Context, workspace string, e engine.Export) (engine.Export, error) {
	return inOwn(ctx, s, func(t engine.Tx) (engine.Export, error) { return t.AddExport(ctx, workspace, e) })
}

// AddExport stores what went out.
func (w *writes) AddExport(ctx context.Context, workspace string, e engine.Export) (engine.Export, error) {
	stored, err := w.addExport(ctx, workspace, e)
	if err != nil {
		return engine.Export{}, fmt.Errorf("add export: %w", err)
	}
	return stored, nil
}

func (w *writes) addExport(ctx context.Context, workspace string, e engine.Export) (_ engine.Export, err error) {
	if e.ID, err = newID(); err != nil {
		return e, err
	}
	e.At = stamp()
	sent, err := toListJSON(&e.Sent)
	if err != nil {
		return e, err
	}
	left, err := toListJSON(&e.Open)
	if err != nil {
		return e, err
	}
	const stmt = `INSERT INTO exports (workspace_id, id, questionnaire_id, made_by, partial, file_hash, sent, open_places, created_at)
		SELECT q.workspace_id, $2, q.id, $4, CAST($5 AS BIGINT), $6, $7, $8, CAST($9 AS BIGINT) FROM questionnaires q WHERE q.workspace_id = $1 AND q.id = $3`
	n, err := w.t.exec(ctx, stmt, workspace, e.ID, e.Questionnaire, e.By, toBit(e.Partial), e.File, sent, left, e.At.UnixMilli())
	if err == nil && n == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return e, err
	}
	return e, w.audit(ctx, workspace, "export:"+e.ID, "", engine.AuditHash(e))
}

// Exports returns the exports of a questionnaire, oldest first.
func (r reads) Exports(ctx context.Context, workspace, questionnaire string) ([]engine.Export, error) {
	list, err := collect(ctx, r.q, selectExports+` AND questionnaire_id = $2 ORDER BY id`, []any{workspace, questionnaire}, scanExport)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	return list, nil
}

func scanExport(rows *sql.Rows) (e engine.Export, err error) {
	var at int64
	var sent, left string
	if err = rows.Scan(&e.ID, &e.Questionnaire, &e.By, &e.Partial, &e.File, &sent, &left, &at); err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at).UTC()
	var sentErr, leftErr error
	e.Sent, sentErr = fromListJSON[engine.AnswerAt](sent)
	e.Open, leftErr = fromListJSON[int](left)
	return e, errors.Join(sentErr, leftErr)
}
