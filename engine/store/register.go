package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"vouch/engine"
)

// RegisterVersion returns the newest version of the register, version 0 if
// there is none.
func (r reads) RegisterVersion(ctx context.Context, workspace string) (engine.RegisterVersion, error) {
	const stmt = `SELECT version, register FROM register_versions WHERE workspace_id = $1 ORDER BY version DESC LIMIT 1`
	list, err := collect(ctx, r.q, stmt, []any{workspace}, scanRegister)
	if err != nil {
		return engine.RegisterVersion{}, fmt.Errorf("read register: %w", err)
	}
	if len(list) == 0 {
		return engine.RegisterVersion{}, nil
	}
	return list[0], nil
}

// PutRegister stores v as the next version, in a transaction of its own.
func (s *Store) PutRegister(ctx context.Context, workspace string, v engine.RegisterVersion) (stored engine.RegisterVersion, err error) {
	err = s.InTx(ctx, func(t engine.Tx) error {
		stored, err = t.PutRegister(ctx, workspace, v)
		return err
	})
	if err != nil {
		return engine.RegisterVersion{}, err
	}
	return stored, nil
}

// PutRegister stores v as the next version. There is no outbox row for it:
// nothing of it is searched for.
func (w *writes) PutRegister(ctx context.Context, workspace string, v engine.RegisterVersion) (engine.RegisterVersion, error) {
	stored, err := w.putRegister(ctx, workspace, v)
	if err != nil {
		return engine.RegisterVersion{}, fmt.Errorf("put register: %w", err)
	}
	return stored, nil
}

func (w *writes) putRegister(ctx context.Context, workspace string, v engine.RegisterVersion) (engine.RegisterVersion, error) {
	newest, err := w.RegisterVersion(ctx, workspace)
	if err != nil {
		return v, err
	}
	if newest.Version != v.Version {
		return v, engine.ErrStaleVersion
	}
	v.Version++
	v.Register.Controls = nil
	text, err := toTextJSON(&v.Register)
	if err != nil {
		return v, err
	}
	const stmt = `INSERT INTO register_versions (workspace_id, version, register, created_at) VALUES ($1, $2, $3, $4)`
	if _, err = w.t.exec(ctx, stmt, workspace, v.Version, text, now()); err != nil {
		return v, err
	}
	return v, w.audit(ctx, workspace, "register", newest.AuditHash(), v.AuditHash())
}

func scanRegister(rows *sql.Rows) (v engine.RegisterVersion, err error) {
	var text string
	if err = rows.Scan(&v.Version, &text); err != nil {
		return v, err
	}
	err = json.Unmarshal([]byte(text), &v.Register)
	return v, err
}
